/* Exchanges that wait for a connection which another one is opening. Where it is known beforehand that it will
 * carry many (`proto h2`, or TLS that offers nothing but h2), from the second one on. Where it may (an upgrade
 * that was not refused yet, TLS that offers h2 as well), only when several are on their way already, and not for
 * long. */
#include "weir/mux/mux.h"
#include "live_priv.h"

#define GUESTS_MAX 100	/* what most servers allow on a connection; nobody has told yet */
#define HOPEFUL_MIN 8	/* so many are opened before others wait for what they turn out to be */

bool bconn_for_many(const struct bconn_req *r)
{
	const struct mux_words *w = &r->line->mux;

	if (!r->http || r->upgrade || r->ws != WS_AS_IS)
		return false;
	if (w->proto)
		return str_eqz(STR("h2"), w->proto->proto);
	return srv_speaks_tls(r->srv, r->line) && str_eq(w->alpn, STR("\2h2"));
}

/* As bconn_reuse, for one that has carried nothing yet. */
static bool may_share(const struct bconn_req *r)
{
	uint8_t policy = r->be->reuse;

	if (r->want_new || policy == REUSE_NEVER || !(r->hopeful || bconn_for_many(r)))
		return false;
	if (!r->first_req)
		return true;
	return policy != REUSE_AGGRESSIVE && (policy != REUSE_SAFE || (!r->be->reuse_said && r->replayable));
}

static bool is_like(const struct bconn *b, const struct bconn_req *r)
{
	return b->key == r->key && b->conf == r->conf && b->line == r->line && !bconn_leaves(b) && b->ws == r->ws;
}

static bool has_room(const struct bconn *b, const struct bconn_req *r)
{
	unsigned max = MIN(r->line->lim.h2_streams, (unsigned)GUESTS_MAX);

	return b->nguests + 1 < max && (r->line->max_reuse < 0 || b->nguests < (unsigned)r->line->max_reuse);
}

static void move_all(struct list *to, struct list *from)
{
	while (!list_empty(from)) {
		struct list *first = from->next;

		list_del(first);
		list_push(to, first);
	}
}

bool bconn_join(const struct bconn_req *r, struct bconn_guest *g)
{
	struct srv_thr *t = srv_own(r->srv);
	int others = 0;
	struct bconn *b;

	if (list_empty(&t->opening) || !may_share(r))
		return false;
	g->briefly = !bconn_for_many(r);
	list_each(b, &t->opening, link) {
		if (!is_like(b, r) || (++others < HOPEFUL_MIN && g->briefly) || !has_room(b, r))
			continue;
		b->nguests++;
		list_push(&b->guests, &g->link);
		return true;
	}
	return false;
}

static void tell(struct task *task)
{
	struct srv_thr *t = container_of(task, struct srv_thr, tell_task);

	guests_open(&t->told);
}

void guests_init(struct srv_thr *t)
{
	list_init(&t->told);
	task_init(&t->tell_task, tell, TASK_NORMAL);
}

void guests_fini(struct srv_thr *t)
{
	WASSERT(list_empty(&t->told));
	task_cancel(&t->tell_task);
}

void guests_tell_all(struct bconn *b)
{
	struct srv_thr *t = srv_own(b->srv);

	move_all(&t->told, &b->guests);
	task_wake(&t->tell_task);
}

void guests_take(struct bconn *b, struct list *guests)
{
	list_init(guests);
	move_all(guests, &b->guests);
}

void guests_open(struct list *guests)
{
	while (!list_empty(guests)) {
		struct bconn_guest *g = list_first(guests, struct bconn_guest, link);

		list_del(&g->link);
		g->user->open(g->arg);
	}
}

void guests_fail(struct list *guests, enum conn_err err)
{
	while (!list_empty(guests)) {
		struct bconn_guest *g = list_first(guests, struct bconn_guest, link);

		list_del(&g->link);
		g->user->fail(g->arg, err);
	}
}

bool guests_inherit(struct bconn *b)
{
	struct bconn_guest *g;

	if (list_empty(&b->guests))
		return false;
	g = list_first(&b->guests, struct bconn_guest, link);
	list_del(&g->link);
	b->opener_arg = g->arg;
	b->opener = g->user->take(b, g->arg);
	return true;
}
