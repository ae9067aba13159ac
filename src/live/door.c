/* Who may come in: the limits that listeners ask about before they accept. A connection holds a place under the
 * frontend's maxconn and one under the process's. Whoever finds none says so (`full`) and looks once more: a place that
 * was given back meanwhile went to somebody who had not seen that it is wanted. */
#include "live_priv.h"

#define SEQ __ATOMIC_SEQ_CST

static unsigned over(const struct cntset *cs, enum rate which, unsigned limit)
{
	return limit && cnt_rate_read(cs, which) >= limit ? MAX(1000 / limit, 1u) : 0;
}

/* maxconnrate, maxsessrate, maxsslrate, rate-limit sessions: who comes too early waits in the kernel's queue. */
static unsigned too_early(void *arg)
{
	const struct lstn *l = arg;
	struct live *lv = live_get();
	const struct cntset *all = &lv->total;
	unsigned ms = over(all, RATE_CONN, atom_get(&lv->max_conn_rate));

	ms = MAX(ms, over(all, RATE_SESS, atom_get(&lv->max_sess_rate)));
	ms = MAX(ms, over(&l->px->fe, RATE_CONN, l->bind->proxy->rate_limit));
	return l->bind->tls.on ? MAX(ms, over(all, RATE_TLS, atom_get(&lv->max_tls_rate))) : ms;
}

/* One more of *n, unless there are as many as may be (max 0: any number). */
static bool one_more(uint32_t *n, uint64_t max)
{
	uint32_t now = __atomic_load_n(n, SEQ);

	do
		if (max && now >= max)
			return false;
	while (!__atomic_compare_exchange_n(n, &now, now + 1, false, SEQ, SEQ));
	return true;
}

static bool one_more_or_wait(uint32_t *n, uint64_t max, bool *full)
{
	if (one_more(n, max))
		return true;
	__atomic_store_n(full, true, SEQ);
	return one_more(n, max);
}

static bool enter(void *arg)
{
	const struct lstn *l = arg;
	struct live *lv = live_get();

	if (!one_more_or_wait(&l->px->fe.cur, atom_get(&l->px->maxconn), &l->px->full))
		return false;
	if (one_more_or_wait(&lv->cur_conns, atom_get(&lv->maxconn), &lv->full))
		return true;
	live_leave_frontend(l->px);
	return false;
}

static void unhold_all(struct px_live *p)
{
	struct lstn *l;

	list_each(l, &p->listeners, link)
		if (l->li)
			listener_unhold(l->li);
}

static bool was_full(bool *full)
{
	return __atomic_load_n(full, SEQ) && __atomic_exchange_n(full, false, SEQ);
}

void live_reopen_frontend(struct px_live *p)
{
	if (was_full(&p->full))
		unhold_all(p);
}

void live_reopen(void)
{
	struct live *lv = live_get();
	struct px_live *p;

	if (was_full(&lv->full))
		list_each(p, &lv->proxies, link)
			unhold_all(p);
}

void live_leave_frontend(struct px_live *p)
{
	__atomic_fetch_sub(&p->fe.cur, 1, SEQ);
	live_reopen_frontend(p);
}

void live_leave(struct px_live *p)
{
	live_leave_frontend(p);
	__atomic_fetch_sub(&live_get()->cur_conns, 1, SEQ);
	live_reopen();
}

static void leave(void *arg)
{
	live_leave(((struct lstn *)arg)->px);
}

const struct listener_door live_door = { .too_early = too_early, .enter = enter, .leave = leave };
