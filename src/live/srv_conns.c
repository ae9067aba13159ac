/* strict-maxconn: a server never has more connections than its maxconn, those that nobody uses included. Who needs a
 * new one when there are so many has an unused one closed, on whatever thread it is, and waits until its place is
 * free. Places are handed over, held, in the order of asking. */
#include "weir/base/pool.h"
#include "live_priv.h"

static bool grab(struct srv *s)
{
	uint32_t now = atom_get(&s->conns);

	do
		if (s->maxconn && now >= s->maxconn)
			return false;
	while (!atom_cas(&s->conns, &now, now + 1));
	return true;
}

bool srv_conn_take(struct srv *s)
{
	return !atom_get(&s->conns_wanted) && grab(s);
}

/* On the thread of the one that waited. */
static void wait_deliver(struct mail *m)
{
	struct conn_wait *w = container_of(m, struct conn_wait, mail);

	if (w->dead)
		srv_conn_put(w->srv);
	else
		w->ready(w->arg);
	pool_put(w, sizeof(*w));
}

/* Caller holds s->lock. */
static void wait_unlink(struct conn_wait *w)
{
	list_del(&w->link);
	w->queued = false;
	atom_sub(&w->srv->conns_wanted, 1);
}

void srv_conns_hand_out(struct srv *s)
{
	if (!__atomic_load_n(&s->conns_wanted, __ATOMIC_SEQ_CST))
		return;
	pthread_mutex_lock(&s->lock);
	while (!list_empty(&s->conns_wait) && grab(s)) {
		struct conn_wait *w = list_first(&s->conns_wait, struct conn_wait, link);

		wait_unlink(w);
		w->mailed = true;
		mail_send(w->thread, &w->mail);
	}
	pthread_mutex_unlock(&s->lock);
}

void srv_conn_put(struct srv *s)
{
	WASSERT(atom_get(&s->conns) > 0);
	__atomic_fetch_sub(&s->conns, 1, __ATOMIC_SEQ_CST);
	srv_conns_hand_out(s);
}

static void close_one_visit(void *arg)
{
	struct srv *s = arg;

	if (atom_get(&s->conns_wanted))
		bconn_close_one_here(s);
}

static void visited(void *arg)
{
	struct srv *s = arg;

	atom_sub(&s->conns_visits, 1);
}

struct conn_wait *conn_wait_add(struct srv *s, void (*ready)(void *arg), void *arg)
{
	struct conn_wait *w = pool_zget(sizeof(*w));

	list_init(&w->link);
	w->srv = s;
	w->thread = thr_id();
	w->mail.deliver = wait_deliver;
	w->ready = ready;
	w->arg = arg;
	w->queued = true;
	pthread_mutex_lock(&s->lock);
	list_push(&s->conns_wait, &w->link);
	__atomic_fetch_add(&s->conns_wanted, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&s->lock);
	/* A place may have come free between the refusal and the entry. It comes by mail, so w is still ours. */
	srv_conns_hand_out(s);
	if (!bconn_close_one_here(s)) {
		atom_add(&s->conns_visits, 1);
		mail_broadcast(close_one_visit, visited, s);
	}
	return w;
}

void conn_wait_cancel(struct conn_wait *w)
{
	bool mailed;

	pthread_mutex_lock(&w->srv->lock);
	mailed = w->mailed;
	if (w->queued)
		wait_unlink(w);
	w->dead = true;
	pthread_mutex_unlock(&w->srv->lock);
	if (!mailed)
		pool_put(w, sizeof(*w));
}
