/* Queues: a stream that finds no free slot waits on its server (persistence, maxconn of that one) or on the backend.
 * A slot that is given back is handed, held, to the next one in order, by mail to its thread. */
#include "weir/live/live.h"
#include "weir/base/pool.h"
#include "live_priv.h"

#define CLASS_SHIFT 44		/* of a priority; below are the date in ms and the offset */

unsigned srv_slots(const struct srv *s)
{
	uint32_t load;
	unsigned n = s->maxconn;

	if (!n)
		return 0;
	if (s->minconn && s->minconn < n) {
		load = atom_get(&s->px->be.cur);
		if (load < s->px->fullconn)
			n = MAX((unsigned)((uint64_t)n * load / s->px->fullconn), s->minconn);
	}
	return s->state == SRV_ST_STARTING ? srv_warm_limit(s, n) : n;
}

bool srv_has_room(const struct srv *s)
{
	return !s->maxconn || (!atom_get(&s->queued) && atom_get(&s->served) < srv_slots(s));
}

/* Whoever picks servers by their load is told; the order (count first, then look who balances) is what
 * lb_rebuild() relies on. */
static void load_changed(struct srv *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	lb_load(s);
}

static void slot_counted(struct srv *s)
{
	if (s->px->px->lb.factor)
		atom_add(&s->px->served, 1);
	load_changed(s);
}

/* A slot, by whoever has the right to it. */
static bool slot_grab(struct srv *s)
{
	unsigned limit = srv_slots(s);
	uint32_t now = atom_get(&s->served);

	if (!limit)
		atom_add(&s->served, 1);
	else
		do
			if (now >= limit)
				return false;
		while (!atom_cas(&s->served, &now, now + 1));
	slot_counted(s);
	return true;
}

bool srv_slot_take(struct srv *s)
{
	return !(s->maxconn && atom_get(&s->queued)) && slot_grab(s);
}

static void pend_unlink(struct pendconn *p)
{
	if (!p->queued)
		return;
	list_del(&p->link);
	p->queued = false;
	if (p->srv) {
		atom_sub(&p->srv->queued, 1);
		p->pos = p->srv->queue_left - p->pos + 1;
		load_changed(p->srv);
	} else {
		atom_sub(&p->px->queued, 1);
		p->pos = p->px->queue_left - p->pos + 1;
	}
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

/* s: the server whose slot it got, or NULL: it shall choose again. */
static void pend_grant(struct pendconn *p, struct srv *s)
{
	pend_unlink(p);
	if (s)
		*(p->srv ? &p->srv->queue_left : &p->px->queue_left) += 1;
	p->granted = s;
	p->mailed = true;
	mail_send(p->thread, &p->mail);
}

/* The next one that may use s: of the server's own queue and the backend's, by priority. Caller holds px->lock. */
static struct pendconn *queue_next(struct srv *s)
{
	struct pendconn *a = list_empty(&s->queue) ? NULL : list_first(&s->queue, struct pendconn, link);
	struct pendconn *b = list_empty(&s->px->queue) || !lb_in_use(s->px, s)
				     ? NULL
				     : list_first(&s->px->queue, struct pendconn, link);

	if (!a || !b)
		return a ? a : b;
	return b->prio <= a->prio ? b : a;
}

/* The server is gone: who may choose again does, the others wait for it to return. */
static unsigned choose_again(struct srv *s)
{
	const struct proxy *px = s->px->px;
	struct pendconn *p, *next;
	unsigned n = 0;

	if (!(px->options & PO_REDISPATCH) || px->options & PO_PERSIST)
		return 0;
	list_each_safe(p, next, &s->queue, link) {
		if (p->bound)
			continue;
		pend_grant(p, NULL);
		n++;
	}
	return n;
}

unsigned queue_process(struct srv *s)
{
	struct pendconn *p;
	unsigned n = 0;

	if (!atom_get(&s->queued) && !atom_get(&s->px->queued))
		return 0;
	pthread_mutex_lock(&s->px->lock);
	if (!srv_usable(s))
		n = choose_again(s);
	for (; (p = queue_next(s)) && slot_grab(s); n++)
		pend_grant(p, s);
	pthread_mutex_unlock(&s->px->lock);
	return n;
}

void queue_offer(struct px_live *px)
{
	struct srv *s;

	if (atom_get(&px->queued))
		list_each(s, &px->servers, link)
			if (srv_has_room(s) && lb_in_use(px, s))
				queue_process(s);
}

void srv_slot_release(struct srv *s)
{
	WASSERT(atom_get(&s->served) > 0);
	atom_sub(&s->served, 1);
	if (s->px->px->lb.factor)
		atom_sub(&s->px->served, 1);
	load_changed(s);
	if (atom_get(&s->queued) || atom_get(&s->px->queued))
		queue_process(s);
}

int64_t queue_prio(int64_t klass, int64_t offset)
{
	return klass * ((int64_t)1 << CLASS_SHIFT) + (int64_t)loop_ms() + offset;
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

/* A slot may have come free between the refusal and the entry. Only the first one in a queue has to look: as long as
 * somebody waits, whoever gives a slot back sees it. */
static void look_again(struct px_live *px, struct srv *s)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (s)
		queue_process(s);
	else
		queue_offer(px);
}

struct pendconn *queue_add(struct px_live *px, struct srv *s, int64_t prio, bool bound,
			   void (*ready)(void *, struct srv *), void *arg)
{
	uint32_t before, *count = s ? &s->queued : &px->queued, *max = s ? &s->queued_max : &px->queued_max;
	struct pendconn *p;

	if (s && s->line->maxqueue && atom_get(&s->queued) >= s->line->maxqueue)
		return NULL;
	p = pend_create(px, s, prio);
	p->bound = bound;
	p->ready = ready;
	p->arg = arg;
	pthread_mutex_lock(&px->lock);
	before = atom_add(count, 1);
	p->pos = s ? s->queue_left : px->queue_left;
	pend_insert(s ? &s->queue : &px->queue, p);
	if (before + 1 > atom_get(max))
		atom_set(max, before + 1);
	if (s)
		load_changed(s);
	pthread_mutex_unlock(&px->lock);
	/* The grant comes by mail, so p is still ours. */
	if (!before)
		look_again(px, s);
	return p;
}

uint32_t queue_cancel(struct pendconn *p)
{
	uint32_t pos;
	bool mailed;

	pthread_mutex_lock(&p->px->lock);
	pend_unlink(p);
	mailed = p->mailed;
	p->dead = true;
	pos = p->pos;
	pthread_mutex_unlock(&p->px->lock);
	if (!mailed)
		pool_put(p, sizeof(*p));
	return pos;
}
