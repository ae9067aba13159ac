/* Counters: every thread adds to its own set; readers sum. Rates keep the events of the current and of the previous
 * second per thread, so that nothing on the request path is shared. */
#include "weir/live/counters.h"
#include "weir/base/pool.h"

#include <stdlib.h>

struct cnts *cnt_grow(struct cntset *cs)
{
	struct cnts *c = mem_zalloc_lines(sizeof(*c));

	atom_release(&cs->thr[thr_id()], c);
	return c;
}

uint64_t cnt_sum(const struct cntset *cs, enum cnt which)
{
	uint64_t sum = 0;

	for (int i = 0; i < THR_MAX; i++) {
		const struct cnts *c = atom_acquire(&cs->thr[i]);

		if (c)
			sum += atom_get(&c->v[which]);
	}
	return sum;
}

uint32_t cnt_longest(const struct cntset *cs, enum cnt_time which)
{
	uint32_t longest = 0;

	for (int i = 0; i < THR_MAX; i++) {
		const struct cnts *c = atom_acquire(&cs->thr[i]);

		if (c && atom_get(&c->longest[which]) > longest)
			longest = atom_get(&c->longest[which]);
	}
	return longest;
}

void cnt_clear(struct cntset *cs, bool all)
{
	for (int i = 0; i < THR_MAX; i++) {
		struct cnts *c = atom_acquire(&cs->thr[i]);

		for (int k = 0; c && all && k < C_COUNT; k++)
			atom_set(&c->v[k], 0);
		for (int k = 0; c && k < CT_COUNT; k++)
			atom_set(&c->longest[k], 0);
	}
	atom_set(&cs->max, atom_get(&cs->cur));
	for (int r = 0; r < RATE_COUNT; r++)
		atom_set(&cs->rate_max[r], 0);
}

/* The set's events in the second that ended last. */
static uint32_t rate_last_second(const struct cntset *cs, enum rate which, uint32_t now_s)
{
	uint32_t sum = 0;

	for (int i = 0, n = thr_count(); i < n; i++) {
		const struct cnts *c = atom_acquire(&cs->thr[i]);
		uint32_t sec;

		if (!c)
			continue;
		sec = atom_get(&c->rate[which].sec);
		if (sec == now_s)
			sum += atom_get(&c->rate[which].prev);
		else if (sec + 1 == now_s)
			sum += atom_get(&c->rate[which].curr);
	}
	return sum;
}

static void rate_max_raise(struct cntset *cs, enum rate which, uint32_t v)
{
	uint32_t old = atom_get(&cs->rate_max[which]);

	while (v > old && !atom_cas(&cs->rate_max[which], &old, v))
		;
}

void cnt_rate_more(struct cntset *cs, enum rate which, uint32_t n)
{
	struct freq *f = &cnt_own(cs)->rate[which];
	uint32_t now_s = (uint32_t)(loop_ms() / 1000);

	if (f->sec != now_s) {
		rate_max_raise(cs, which, rate_last_second(cs, which, f->sec + 1));
		atom_set(&f->prev, f->sec + 1 == now_s ? f->curr : 0);
		atom_set(&f->curr, 0);
		atom_set(&f->sec, now_s);
	}
	atom_own_add(&f->curr, n);
	rate_max_raise(cs, which, f->curr);	/* nobody may come afterwards to sum the threads up */
}

uint32_t cnt_rate_read(const struct cntset *cs, enum rate which)
{
	uint64_t ms = loop_ms();
	uint32_t now_s = (uint32_t)(ms / 1000), sum = 0;

	for (int i = 0; i < THR_MAX; i++) {
		const struct cnts *c = atom_acquire(&cs->thr[i]);

		if (c && atom_get(&c->rate[which].sec) == now_s)
			sum += atom_get(&c->rate[which].curr);
	}
	/* The part of the previous second that a window of one second still sees. */
	sum += (uint32_t)((uint64_t)rate_last_second(cs, which, now_s) * (999 - ms % 1000) / 1000);
	rate_max_raise((struct cntset *)cs, which, sum);
	return sum;
}

static void keep_highest(uint32_t *max, uint32_t now)
{
	uint32_t was = atom_get(max);

	while (now > was && !atom_cas(max, &was, now))
		;
}

void cnt_enter(struct cntset *cs)
{
	keep_highest(&cs->max, atom_add(&cs->cur, 1) + 1);
}

void cnt_peak(struct cntset *cs)
{
	keep_highest(&cs->max, atom_get(&cs->cur));
}

void cnt_fini(struct cntset *cs)
{
	for (int i = 0; i < THR_MAX; i++) {
		free(cs->thr[i]);
		cs->thr[i] = NULL;
	}
}
