/* See lb_calendar.h. */
#include "lb_calendar.h"

#include <stdlib.h>

#include "weir/base/assert.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

static uint32_t date_of(const struct cal_item *it)
{
	return (uint32_t)(it->key / CAL_RANKS);
}

static uint32_t page_of(const struct cal *c, const struct cal_item *it)
{
	return date_of(it) >> c->shift;
}

static void push(struct cal_item **link, struct cal_item *it)
{
	it->next = *link;
	it->link = link;
	if (it->next)
		it->next->link = &it->next;
	*link = it;
}

/* On its day. last: behind those of its rank. */
static void enter(struct cal *c, struct cal_item *it, bool last)
{
	uint32_t day = date_of(it) & ((1U << c->shift) - 1);
	struct cal_item **link = &c->days[day];

	while (*link && ((*link)->key < it->key || (last && (*link)->key == it->key)))
		link = &(*link)->next;
	push(link, it);
	c->laid++;
	if (day < c->at)
		c->at = day;
}

/* A page's list has the newest in front. */
static void lay_out(struct cal *c, uint32_t page)
{
	struct cal_item *it = c->pages[page], *next;

	WASSERT(!c->laid);
	c->pages[page] = NULL;
	c->page = page;
	c->at = 1U << c->shift;
	for (; it; it = next) {
		next = it->next;
		enter(c, it, false);
	}
}

/* Back from the days to the page's list. */
static void put_away(struct cal *c)
{
	struct cal_item *it;

	for (; c->laid; c->at++)
		while ((it = c->days[c->at])) {
			cal_take(c, it);
			c->n++;
			push(&c->pages[c->page], it);
		}
}

void cal_put(struct cal *c, struct cal_item *it)
{
	uint32_t page = page_of(c, it);

	WASSERT(page < c->npages);
	if (!c->n) {
		lay_out(c, page);
	} else if (page < c->page) {	/* one had looked further ahead */
		put_away(c);
		lay_out(c, page);
	}
	c->n++;
	if (page == c->page)
		enter(c, it, true);
	else
		push(&c->pages[page], it);
}

void cal_take(struct cal *c, struct cal_item *it)
{
	WASSERT(c->n);
	*it->link = it->next;
	if (it->next)
		it->next->link = it->link;
	c->n--;
	if (page_of(c, it) == c->page)
		c->laid--;
}

struct cal_item *cal_first(struct cal *c, uint32_t date)
{
	while (!c->laid) {
		uint32_t page = c->page + 1, end = date >> c->shift;

		if (!c->n)
			return NULL;
		while (page < c->npages && page <= end && !c->pages[page])
			page++;
		if (page >= c->npages || page > end)
			return NULL;
		lay_out(c, page);
	}
	while (!c->days[c->at])
		c->at++;
	return date_of(c->days[c->at]) <= date ? c->days[c->at] : NULL;
}

/* About as many days as items, and not many more pages than days. */
static unsigned page_length(uint32_t end, uint32_t items)
{
	unsigned shift = 4;

	while (shift < 30 && (1U << shift < items || end >> shift > 1U << shift))
		shift++;
	return shift;
}

/* All of a page's list, the oldest first. */
static void put_over(struct cal *c, struct cal_item *newest)
{
	struct cal_item *it = NULL, *next;

	for (; newest; newest = next) {
		next = newest->next;
		newest->next = it;
		it = newest;
	}
	for (; it; it = next) {
		next = it->next;
		cal_put(c, it);
	}
}

void cal_reserve(struct cal *c, uint32_t end, uint32_t items)
{
	struct cal old = *c;
	unsigned shift;

	end = MAX(end, old.end);
	shift = MAX(page_length(end, items), old.shift);
	if (c->days && shift == old.shift && end == old.end)
		return;
	if (old.laid)
		put_away(&old);
	*c = (struct cal){ .shift = shift, .end = end, .npages = (end >> shift) + 1 };
	c->days = mem_zalloc(sizeof(struct cal_item *) << shift);
	c->pages = mem_zalloc(c->npages * sizeof(struct cal_item *));
	for (uint32_t page = 0; page < old.npages; page++)
		put_over(c, old.pages[page]);
	cal_fini(&old);
}

void cal_fini(struct cal *c)
{
	free(c->days);
	free(c->pages);
	*c = (struct cal){ 0 };
}
