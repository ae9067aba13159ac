/* Queues: a stream that finds no free slot waits on its server (persistence, maxconn of that one) or on the backend.
 * A slot that is given back is handed, held, to the next one in order, by mail to its thread. */
#include "weir/live/live.h"
#include "weir/base/pool.h"
#include "live_priv.h"

/* Slots of s right now: minconn grows to maxconn with the load of the backend (fullconn). 0: no limit. */
static unsigned srv_slots(const struct srv *s)
{
	const struct proxy *px = s->px->px;
	uint32_t load = atom_get(&s->px->be.cur);
	unsigned n;

	if (!s->maxconn)
		return 0;
	if (!s->minconn || s->minconn >= s->maxconn || !px->fullconn || load >= px->fullconn)
		return s->maxconn;
	n = (unsigned)((uint64_t)s->maxconn * load / px->fullconn);
	return MAX(n, s->minconn);
}

bool srv_slot_take(struct srv *s)
{
	unsigned limit = srv_slots(s);
	uint32_t now = atom_get(&s->served);

	if (!limit) {
		atom_add(&s->served, 1);
		return true;
	}
	/* Those who wait go first: only a queue without anybody lets a newcomer in. */
	while (now < limit)
		if (atom_cas(&s->served, &now, now + 1))
			return true;
	return false;
}

static void pend_unlink(struct pendconn *p)
{
	if (!p->queued)
		return;
	list_del(&p->link);
	p->queued = false;
	if (p->srv)
		atom_sub(&p->srv->queued, 1);
	else
		atom_sub(&p->px->queued, 1);
}

/* On the owner's thread: the place has served its purpose. */
static void pend_deliver(struct mail *m)
{
	struct pendconn *p = container_of(m, struct pendconn, mail);

	if (p->dead && p->granted)
		srv_slot_release(p->granted);
	else if (!p->dead)
		p->ready(p->arg, p->granted);
	pool_put(p, sizeof(*p));
}

static void pend_grant(struct pendconn *p, struct srv *s)
{
	pend_unlink(p);
	p->granted = s;
	p->mailed = true;
	mail_send(p->thread, &p->mail);
}

/* The next one that may use s: the server's own queue and the backend's, by priority. Caller holds px->lock. */
static struct pendconn *queue_next(struct srv *s)
{
	struct pendconn *a = list_empty(&s->queue) ? NULL : list_first(&s->queue, struct pendconn, link);
	struct pendconn *b = list_empty(&s->px->queue) || !srv_willing(s)
				     ? NULL
				     : list_first(&s->px->queue, struct pendconn, link);

	if (!a || !b)
		return a ? a : b;
	return b->prio < a->prio ? b : a;
}

/* Hands as many slots as there are to those who wait. */
unsigned queue_process(struct srv *s)
{
	unsigned n = 0;

	if (!atom_get(&s->queued) && !atom_get(&s->px->queued))
		return 0;
	pthread_mutex_lock(&s->px->lock);
	if (!srv_usable(s)) {
		/* whoever waited for this one chooses again */
		for (; !list_empty(&s->queue); n++)
			pend_grant(list_first(&s->queue, struct pendconn, link), NULL);
	} else {
		struct pendconn *p;

		for (; (p = queue_next(s)) && srv_slot_take(s); n++)
			pend_grant(p, s);
	}
	pthread_mutex_unlock(&s->px->lock);
	return n;
}

void srv_slot_release(struct srv *s)
{
	WASSERT(atom_get(&s->served) > 0);
	atom_sub(&s->served, 1);
	if (atom_get(&s->queued) || atom_get(&s->px->queued))
		queue_process(s);
}

static void pend_insert(struct list *q, struct pendconn *p)
{
	struct list *at = q->prev;

	while (at != q && container_of(at, struct pendconn, link)->prio > p->prio)
		at = at->prev;
	list_add_before(at->next, &p->link);
}

static struct pendconn *pend_create(struct px_live *px, struct srv *s, int64_t prio)
{
	struct pendconn *p = pool_zget(sizeof(*p));

	list_init(&p->link);
	p->px = px;
	p->srv = s;
	p->prio = prio;
	p->thread = thr_id();
	p->mail.deliver = pend_deliver;
	p->queued = true;
	return p;
}

struct pendconn *queue_add(struct px_live *px, struct srv *s, int64_t prio, void (*ready)(void *, struct srv *),
			   void *arg)
{
	uint32_t now, *count = s ? &s->queued : &px->queued, *max = s ? &s->queued_max : &px->queued_max;
	struct pendconn *p;

	if (s && s->line->maxqueue && atom_get(&s->queued) >= s->line->maxqueue)
		return NULL;
	p = pend_create(px, s, prio);
	p->ready = ready;
	p->arg = arg;
	pthread_mutex_lock(&px->lock);
	now = atom_add(count, 1) + 1;
	p->pos = now - 1;
	pend_insert(s ? &s->queue : &px->queue, p);
	if (now > atom_get(max))
		atom_set(max, now);
	pthread_mutex_unlock(&px->lock);
	/* A slot may have come free between the refusal and here. The grant comes by mail, so p is still ours. */
	if (s) {
		queue_process(s);
		return p;
	}
	list_each(s, &px->servers, link)
		if (srv_willing(s))
			queue_process(s);
	return p;
}

void queue_cancel(struct pendconn *p)
{
	bool mailed;

	if (!p)
		return;
	pthread_mutex_lock(&p->px->lock);
	pend_unlink(p);
	mailed = p->mailed;
	p->dead = true;
	pthread_mutex_unlock(&p->px->lock);
	if (!mailed)
		pool_put(p, sizeof(*p));
}
