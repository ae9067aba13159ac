/* Exchanges that wait for a connection which another one is opening. Only where it is known beforehand that it will
 * carry many: `proto h2`, or TLS that offers nothing but h2. */
#include "weir/mux/mux.h"
#include "live_priv.h"

#define GUESTS_MAX 100	/* what most servers allow on a connection; nobody has told yet */

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

	if (r->want_new || policy == REUSE_NEVER || !bconn_for_many(r))
		return false;
	if (!r->first_req)
		return true;
	return policy != REUSE_AGGRESSIVE && (policy != REUSE_SAFE || (!r->be->reuse_said && r->replayable));
}

static bool suits(const struct bconn *b, const struct bconn_req *r)
{
	unsigned max = MIN(r->line->lim.h2_streams, (unsigned)GUESTS_MAX);

	if (b->key != r->key || b->conf != r->conf || b->line != r->line || b->close_when_idle || b->ws != r->ws)
		return false;
	return b->nguests + 1 < max && (r->line->max_reuse < 0 || b->nguests < (unsigned)r->line->max_reuse);
}

bool bconn_join(const struct bconn_req *r, struct bconn_guest *g)
{
	struct srv_thr *t = srv_own(r->srv);
	struct bconn *b;

	if (list_empty(&t->opening) || !may_share(r))
		return false;
	list_each(b, &t->opening, link)
		if (suits(b, r)) {
			b->nguests++;
			list_push(&b->guests, &g->link);
			return true;
		}
	return false;
}

void guests_take(struct bconn *b, struct list *guests)
{
	list_init(guests);
	while (!list_empty(&b->guests)) {
		struct bconn_guest *g = list_first(&b->guests, struct bconn_guest, link);

		list_del(&g->link);
		list_push(guests, &g->link);
	}
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
