/* Tables of named rows. Every table's row type begins with `const char *name`. */
#ifndef WEIR_BASE_ROW_H
#define WEIR_BASE_ROW_H

#include <stddef.h>
#include "weir/base/str.h"

/* The nearest of the given names to `word` for "did you mean", or NULL if none is near enough (edit distance
 * with transpositions, at most a third of the word). Feed candidates one by one. */
struct row_near {
	struct str word;
	const char *best;
	int best_distance;
};
void row_near_init(struct row_near *n, struct str word);
void row_near_try(struct row_near *n, const char *candidate);
const char *row_near_best(const struct row_near *n);

/* Edit distance (insertions, deletions, replacements, swaps of neighbours); 255 when a word is longer than 64. */
int row_distance(struct str a, struct str b);

/* Linear look-up in an array of `count` rows of `size` bytes, each beginning with const char *name. */
const void *row_find(const void *rows, size_t count, size_t size, struct str name);

#endif
