/* How many connections a server needs: as many as were in use at once in the last period, and of what it needed before
 * a part that halves with each period. What is idle beyond that is not kept; what was kept for more than that goes,
 * half of it in each period. Periods are those of pool-purge-delay; the thread whose timer comes first ends one. */
#include "weir/live/live.h"
#include "live_priv.h"

static void raise_to(uint32_t *p, uint32_t n)
{
	if (atom_get(p) < n)	/* between two threads the higher one may get lost: an estimate it is anyway */
		atom_set(p, n);
}

void srv_need_one_more(struct srv *s)
{
	uint32_t n = atom_add(&s->cur_used, 1) + 1;

	raise_to(&s->used_max, n);
	raise_to(&s->need, n);
}

bool srv_need_allows(const struct srv *s, unsigned idle_here)
{
	uint32_t used = atom_get(&s->cur_used), need = MAX(used, atom_get(&s->need));
	uint32_t more = (uint32_t)MAX(s->line->pool_low_conn, 0);

	return !idle_here || (uint64_t)used + atom_get(&s->cur_idle) <= (uint64_t)need + more;
}

uint32_t srv_unsafe_idle(const struct srv *s)
{
	uint32_t n = 0;

	for (int i = 0; i < thr_count(); i++) {
		const struct srv_thr *t = atom_acquire(&s->thr[i]);

		n += t ? atom_get(&t->nunsafe) : 0;
	}
	return MIN(n, atom_get(&s->cur_idle));
}

/* False: another thread has done it. */
static bool begin_period(struct srv *s, uint64_t now_ms)
{
	uint64_t last = atom_get(&s->need_ms);

	return (int64_t)(now_ms - last) >= (int64_t)s->line->pool_purge_delay && atom_cas(&s->need_ms, &last, now_ms);
}

unsigned srv_need_purge(struct srv *s, unsigned idle_here, uint64_t now_ms)
{
	uint32_t used = atom_get(&s->cur_used), idle = atom_get(&s->cur_idle), max = atom_get(&s->used_max), need;
	uint64_t surplus;

	if (begin_period(s, now_ms)) {
		atom_set(&s->need, MAX(max, (uint32_t)(((uint64_t)atom_get(&s->need) + max) / 2)));
		atom_set(&s->used_max, used);
	}
	need = atom_get(&s->need);
	if (!idle || (uint64_t)used + idle <= need)
		return 0;
	surplus = (uint64_t)used + idle - need;
	surplus = surplus / 2 + surplus % 2;
	/* This thread's share, rounded up. */
	return (unsigned)MIN((surplus * idle_here + idle - 1) / idle, (uint64_t)idle_here);
}
