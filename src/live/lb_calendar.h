/* A calendar: who is next, when most are put in not far ahead of where one has come to. Items have a date, and a rank
 * within it; of equal ones the one that was put in first comes first. Dates run up to a known end. They are cut into
 * pages of equal length: the page where one is has a list for each date, the others have one list each, which is laid
 * out when its page comes. So putting in and taking out cost the same however many there are. No locking. */
#ifndef WEIR_LIVE_LB_CALENDAR_H
#define WEIR_LIVE_LB_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#define CAL_RANKS 256U		/* within a date */

struct cal_item {
	struct cal_item *next, **link;
	uint64_t key;		/* CAL_RANKS * date + rank */
};
struct cal {
	uint32_t end;		/* dates are below it */
	unsigned shift;		/* a page has 1 << shift dates */
	uint32_t npages, page;	/* page: the one that is laid out */
	uint32_t n, laid;	/* items in all, and on that page */
	uint32_t at;		/* no day before it has any */
	struct cal_item **days, **pages;
};

/* Room for dates below `end`, about `items` of them at a time. What is in it stays in its order. */
void cal_reserve(struct cal *c, uint32_t end, uint32_t items);
void cal_fini(struct cal *c);
/* it->key is set. */
void cal_put(struct cal *c, struct cal_item *it);
void cal_take(struct cal *c, struct cal_item *it);
/* The first one whose date is not beyond `date`. NULL: none. */
struct cal_item *cal_first(struct cal *c, uint32_t date);
static inline bool cal_empty(const struct cal *c) { return c->n == 0; }

#endif
