#include "weir/base/row.h"

#include "weir/base/obj.h"

#define NEAR_MAX 64	/* longer words are no typing mistakes of ours */

const void *row_find(const void *rows, size_t count, size_t size, struct str name)
{
	const char *row = rows;

	for (size_t i = 0; i < count; i++, row += size)
		if (str_eqz(name, *(const char *const *)row))
			return row;
	return NULL;
}

/* Optimal string alignment. */
int row_distance(struct str a, struct str b)
{
	unsigned char rows[3][NEAR_MAX + 1];

	if (a.n > NEAR_MAX || b.n > NEAR_MAX)
		return 255;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned char *cur = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];

		cur[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			int d = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			d = MIN(d, up[j] + 1);
			d = MIN(d, cur[j - 1] + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				d = MIN(d, up2[j - 2] + 1);
			cur[j] = d;
		}
	}
	return rows[a.n % 3][b.n];
}

void row_near_init(struct row_near *n, struct str word)
{
	*n = (struct row_near){ .word = word, .best_distance = MAX(word.n / 3, 1) + 1 };
}

void row_near_try(struct row_near *n, const char *candidate)
{
	struct str c = str_c(candidate);
	int d;

	/* The distance is at least the difference in length. */
	if (n->word.n < 2 || (c.n > n->word.n ? c.n - n->word.n : n->word.n - c.n) >= (size_t)n->best_distance)
		return;
	d = row_distance(n->word, c);
	if (d < n->best_distance) {
		n->best = candidate;
		n->best_distance = d;
	}
}

const char *row_near_best(const struct row_near *n)
{
	return n->best;
}
