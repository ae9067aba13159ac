/* Timers: a 4-ary heap (flatter than a binary one: half the cache lines on the way down). Most timers are timeouts
 * that are pushed later again and again and never fire: moving one later only changes the timer, its heap place is
 * corrected when it comes to the top. */
#include "thr.h"

#include "weir/base/assert.h"
#include "weir/base/pool.h"

#define FIRST_CAP 64

static void place(struct thr *th, uint32_t i, struct heap_node n)
{
	th->heap[i] = n;
	n.t->pos = i + 1;
}

static void sift_up(struct thr *th, uint32_t i, struct heap_node n)
{
	while (i > 0) {
		uint32_t parent = (i - 1) / 4;

		if (th->heap[parent].at <= n.at)
			break;
		place(th, i, th->heap[parent]);
		i = parent;
	}
	place(th, i, n);
}

static uint32_t earliest_child(const struct thr *th, uint32_t i)
{
	uint32_t c = i * 4 + 1, best = c, end = MIN(c + 4, th->nheap);

	while (++c < end)
		if (th->heap[c].at < th->heap[best].at)
			best = c;
	return best;
}

static void sift_down(struct thr *th, uint32_t i, struct heap_node n)
{
	while (i * 4 + 1 < th->nheap) {
		uint32_t c = earliest_child(th, i);

		if (n.at <= th->heap[c].at)
			break;
		place(th, i, th->heap[c]);
		i = c;
	}
	place(th, i, n);
}

static void remove_at(struct thr *th, uint32_t i)
{
	struct heap_node last = th->heap[--th->nheap];

	th->heap[i].t->pos = 0;
	if (i == th->nheap)
		return;
	if (i > 0 && last.at < th->heap[(i - 1) / 4].at)
		sift_up(th, i, last);
	else
		sift_down(th, i, last);
}

static void insert(struct thr *th, struct timer *t)
{
	if (th->nheap == th->heap_cap) {
		th->heap_cap = th->heap_cap ? th->heap_cap * 2 : FIRST_CAP;
		th->heap = mem_realloc(th->heap, th->heap_cap * sizeof(*th->heap));
	}
	sift_up(th, th->nheap++, (struct heap_node){ t->at, t });
}

void timer_set(struct timer *t, uint64_t ms)
{
	struct thr *th = thr_self;

	WASSERT(th && t->fire);
	t->at = th->h.ms + ms;
	if (!t->pos) {
		insert(th, t);
		return;
	}
	WASSERT(t->pos <= th->nheap && th->heap[t->pos - 1].t == t);
	if (t->at < th->heap[t->pos - 1].at)
		sift_up(th, t->pos - 1, (struct heap_node){ t->at, t });
}

void timer_stop(struct timer *t)
{
	struct thr *th = thr_self;

	t->at = 0;
	if (!t->pos)
		return;
	WASSERT(th && t->pos <= th->nheap && th->heap[t->pos - 1].t == t);
	remove_at(th, t->pos - 1);
}

/* Puts those that were moved later where they belong, until the top is a true one. */
static void settle_top(struct thr *th)
{
	while (th->nheap && th->heap[0].t->at > th->heap[0].at) {
		struct heap_node n = { th->heap[0].t->at, th->heap[0].t };

		sift_down(th, 0, n);
	}
}

static void fire(struct thr *th, struct timer *t, uint64_t late_ms)
{
	uint64_t began = prof_begin(th);
	void (*fn)(struct timer *) = t->fire;

	fn(t);
	prof_end(th, (const void *)fn, began, late_ms * 1000000);
}

void thr_fire_timers(struct thr *th)
{
	/* A timer that arms itself again for at once waits for the next turn. */
	for (uint32_t budget = th->nheap; budget; budget--) {
		struct timer *t;
		uint64_t late;

		settle_top(th);
		if (!th->nheap || th->heap[0].at > th->h.ms)
			break;
		t = th->heap[0].t;
		late = th->h.ms - th->heap[0].at;
		remove_at(th, 0);
		t->at = 0;
		atom_own_add(&th->stat.timers, 1);
		fire(th, t, late);
	}
}

int64_t thr_next_timer(struct thr *th)
{
	settle_top(th);
	if (!th->nheap)
		return -1;
	return th->heap[0].at > th->h.ms ? (int64_t)(th->heap[0].at - th->h.ms) : 0;
}
