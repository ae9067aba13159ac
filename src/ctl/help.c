/* The list of commands: all of them, those that match some words, or the nearest ones when a command is not known. */
#include <stdlib.h>

#include "weir/base/obj.h"
#include "weir/base/row.h"
#include "weir/ctl/ctl.h"

#define NEAR_SHOWN 8

struct match {
	const struct ctl_row *row;
	int score;
};

/* 4: the same word; 3: one begins with the other; 2, 1: near. */
static int word_score(struct str typed, struct str word)
{
	int d, limit = (int)MAX(word.n / 3, 1);

	if (str_eq(typed, word))
		return 4;
	if (typed.n > 1 && (str_starts(word, typed) || str_starts(typed, word)))
		return 3;
	d = row_distance(typed, word);
	return d == 1 && limit >= 1 ? 2 : d <= limit ? 1 : 0;
}

/* How well the words match a name: word by word, a first word that is wrong counts for less. */
static int name_score(const struct str *w, int n, const char *name, bool *all)
{
	struct str rest = str_c(name);
	int sum = 0, i = 0;

	*all = true;
	for (; i < n && rest.p; i++) {
		int s = word_score(w[i], str_cut(&rest, ' '));

		*all = *all && s == 4;
		sum += s;
	}
	*all = *all && i == n;
	return sum;
}

static int by_name(const void *a, const void *b)
{
	const struct match *ma = a, *mb = b;

	return strcmp(ma->row->name, mb->row->name);
}

static int by_score(const void *a, const void *b)
{
	const struct match *ma = a, *mb = b;

	return ma->score != mb->score ? mb->score - ma->score : by_name(a, b);
}

static bool listed(const struct ctl_row *row, const struct ctl_req *r)
{
	bool here = row->flags & CTL_F_BOTH || r->master == !!(row->flags & CTL_F_MASTER);

	return here && !(row->flags & CTL_F_HIDDEN) && row->level <= r->level &&
	       (r->expert || !(row->flags & CTL_F_EXPERT)) && (r->experimental || !(row->flags & CTL_F_EXPERIMENTAL));
}

static size_t count_rows(void)
{
	size_t n = 0;

	for (const struct ctl_row *const *t = ctl_get_tables(); *t; t++)
		for (const struct ctl_row *row = *t; row->name; row++)
			n++;
	return n;
}

/* Rows that match, those that fit exactly or the best few; all when there are no words. */
static size_t collect(const struct ctl_req *r, const struct str *w, int n, struct match *m)
{
	size_t found = 0, exact = 0;

	for (const struct ctl_row *const *t = ctl_get_tables(); *t; t++) {
		for (const struct ctl_row *row = *t; row->name; row++) {
			bool all = true;
			int score = n ? name_score(w, n, row->name, &all) : 1;

			if (!score || !listed(row, r))
				continue;
			m[found++] = (struct match){ row, all ? 1000 : score };
			exact += all;
		}
	}
	qsort(m, found, sizeof(*m), by_score);
	if (exact)
		return exact;
	while (found > 1 && m[found - 1].score < m[0].score)
		found--;
	return MIN(found, NEAR_SHOWN);
}

static void put_row(struct sbuf *out, const char *name, const char *args, const char *help)
{
	size_t from = out->n;

	sbuf_printf(out, "  %s%s%s", name, args && *args ? " " : "", args ? args : "");
	while (out->n < from + 42)
		sbuf_putc(out, ' ');
	sbuf_printf(out, ": %s\n", help);
}

void ctl_help(struct ctl_req *r, struct str title, const struct str *w, int n)
{
	static const char *const always[] = { "help", "prompt", "quit" };
	struct match *m = arena_array(r->mem, struct match, count_rows());
	size_t found = collect(r, w, n, m);

	if (title.p)
		sbuf_puts(r->out, title);
	else
		sbuf_printf(r->out,
		            "Unknown command: '" STR_FMT "', but maybe one of the following ones is a better match:\n",
		            STR_ARG(w[0]));
	qsort(m, found, sizeof(*m), by_name);
	for (size_t i = 0; i < found; i++) {
		bool later = false;

		for (size_t j = 0; j < ARRAY_LEN(always); j++)
			later = later || !strcmp(m[i].row->name, always[j]);
		if (!later)
			put_row(r->out, m[i].row->name, m[i].row->args, m[i].row->help);
	}
	for (size_t j = 0; j < ARRAY_LEN(always); j++) {
		const struct str name = str_c(always[j]);
		int words;
		const struct ctl_row *row = ctl_find(&name, 1, r->master, &words);

		if (row)
			put_row(r->out, row->name, row->args, row->help);
	}
}
