/* HTTP checks by way of a mux and a gate for each request: HTTP/2, the upgrade to it, and connections of the server's
 * pool. Plain HTTP/1 needs none (send.c, answer.c). */
#include "check_priv.h"

#include <errno.h>
#include <stdlib.h>
#include "weir/base/pool.h"
#include "weir/live/live.h"
#include "weir/mux/mux.h"

/* A connection of the check's own: lives until both the check and the mux have done with it. One of the pool: until the
 * check has; `conn` is NULL then, and the gate holds the connection. */
struct chk_exchange {
	struct check *check;		/* NULL: nobody waits any more */
	struct conn *conn;		/* NULL: the mux has closed it, or it is the pool's */
	struct bconn *opening;		/* the pool's, not open yet */
	struct gate *gate;
	struct task task;		/* goes on with the check, outside of the mux's calls */
	bool shared;			/* the pool's */
	bool stale;			/* it had been idle and was closed meanwhile: once more on a new one */
};

/* Is the next request one that may ask for HTTP/2, on a connection like those of the traffic? */
static bool may_upgrade(const struct check *c, const struct chk_connect *n)
{
	const struct server_line *l = c->srv->line;
	int at = c->at + 1;

	if (!(n->flags & CN_DEFAULT) || n->flags & CN_SSL || n->port || n->port_expr || addr_isset(&n->addr))
		return false;
	if (c->port || addr_isset(&c->to) || !srv_asks_h2c(c->srv, l))
		return false;
	while (at < c->script->n && c->script->v[at]->kind == STEP_RULE)
		at++;
	if (at == c->script->n || c->script->v[at]->kind != STEP_REQUEST)
		return false;
	return chk_request_minor(&c->script->v[at]->request) && !c->script->v[at]->request.body.s.n;
}

/* What stands on the connect step, else on the server line for default connections, else what ALPN says. */
const struct mux *chk_exchange_wanted(const struct check *c, const struct chk_connect *n)
{
	const struct mux *m = n->proto ? n->proto : n->flags & CN_DEFAULT ? c->srv->line->check.proto : NULL;
	struct str alpn = STR_NONE;

	if (c->exchange)
		return NULL;
	if (m)
		return str_eqz(STR("h2"), m->proto) ? m : NULL;
	if (conn_ask(c->conn, ASK_ALPN, &alpn) && str_eqz(alpn, "h2"))
		return mux_find(alpn, MUX_BACK);
	if (!may_upgrade(c, n))
		return NULL;
	c->conn->flags |= CONN_ASK_H2C;
	return mux_find(STR("h1"), MUX_BACK);
}

static void on_idle(struct conn *conn, void *owner)
{
	(void)conn;
	(void)owner;
}

static void on_gone(struct conn *conn, void *owner)
{
	struct chk_exchange *x = owner;

	(void)conn;
	x->conn = NULL;
	if (!x->check) {
		free(x);
		return;
	}
	x->check->conn = NULL;
	x->check->eof = true;
	task_wake(&x->task);
}

static void on_upgraded(struct conn *conn, void *owner, bool yes)
{
	struct chk_exchange *x = owner;

	(void)conn;
	if (x->check)
		srv_answered_h2c(x->check->srv, yes);
}

static const struct mux_back_user back_user = {
	.idle = on_idle, .room = on_idle, .gone = on_gone, .upgraded = on_upgraded,
};

static void on_task(struct task *t)
{
	struct chk_exchange *x = container_of(t, struct chk_exchange, task);
	struct check *c = x->check;

	if (x->stale) {
		c->fresh = true;
		c->at = c->conn_at;
		chk_disconnect(c);
	}
	chk_run(c);
}

static struct chk_exchange *create(struct check *c)
{
	struct chk_exchange *x = mem_zalloc(sizeof(*x));

	x->check = c;
	task_init(&x->task, on_task, TASK_URGENT);
	c->exchange = x;
	return x;
}

void chk_exchange_open(struct check *c, const struct mux *m)
{
	struct chk_exchange *x = create(c);

	x->conn = c->conn;
	m->back(c->conn, &c->srv->line->lim, &back_user, x);
}

/* --- the answer --- */

static void take_body(struct check *c, struct gate *g)
{
	struct chk_http *h = c->http;
	size_t n = spanq_copy(&g->in, 0, c->buf + c->got, c->cap - c->got), all = g->in.bytes;

	c->got += n;
	h->body_len = c->got;
	spanq_drop(&g->in, all);
	if (all)
		g->ops->consumed(g, all);
}

static void on_wake(struct gate *g, void *arg, unsigned news)
{
	struct chk_exchange *x = arg;
	struct check *c = x->check;

	if (!c->http)		/* nothing was asked yet: the peer has closed */
		chk_answer_begin(c, METHOD_OTHER, STR_NONE);
	if (news & GATE_HEAD) {
		c->http->msg = g->in_msg;
		c->http->has_head = true;
	}
	take_body(c, g);
	if (g->flags & IN_END)
		c->http->complete = true;
	if (g->flags & IN_ABORT)
		c->eof = true;
	if (g->bad_status)
		c->http->bad = true;
	x->stale = c->eof && g->flags & GATE_REUSED && !c->http->has_head && !g->wire_in && !c->fresh;
	task_wake(&x->task);
}

static const struct gate_user gate_user = { .wake = on_wake };

/* --- the request --- */

static void make_buffer(struct check *c)
{
	c->cap = c->srv->line->proxy->conf->global.tune.bufsize;
	if (!c->buf)
		c->buf = mem_alloc(c->cap);
}

static enum step_result refused(struct check *c)
{
	chk_end(c, CHK_SOCKERR, STR("the connection takes no request"));
	return STEP_OVER;
}

static void end_gate(struct chk_exchange *x)
{
	struct gate *g = x->gate;

	x->gate = NULL;
	if (g)
		g->ops->release(g);
}

enum step_result chk_exchange_send(struct check *c, struct msg *m, struct str body)
{
	struct chk_exchange *x = c->exchange;
	const struct mux *mux = x->conn ? x->conn->mux : NULL;
	struct msg *kept = arena_new(&c->mem, struct msg);

	if (!x->shared)
		end_gate(x);
	*kept = *m;
	make_buffer(c);
	chk_answer_begin(c, m->method, STR_NONE);
	if (!x->shared)
		x->gate = mux ? mux->open(x->conn, &c->mem, &gate_user, x) : NULL;
	if (!x->gate || x->gate->flags & (OUT_HEAD | IN_ABORT))
		return refused(c);
	x->gate->ops->send_head(x->gate, kept, !body.n);
	if (body.n) {
		spanq_push_copy(&x->gate->out, body.p, body.n);
		x->gate->ops->end(x->gate, NULL, 0);
	}
	return STEP_NEXT;
}

/* --- on a connection of the pool --- */

static void on_pool_open(struct bconn *b, void *arg)
{
	struct chk_exchange *x = arg;
	struct check *c = x->check;

	x->opening = NULL;
	x->gate = bconn_open_gate(b, &c->mem, &gate_user, x);
	if (!x->gate)
		bconn_discard(b);
	chk_opened(c);
}

static void on_pool_fail(struct bconn *b, void *arg)
{
	struct chk_exchange *x = arg;

	(void)b;
	x->opening = NULL;
	chk_end_conn(x->check, false, CERR_NONE, 0);
}

static const struct bconn_user pool_user = { .open = on_pool_open, .fail = on_pool_fail };

enum step_result chk_exchange_share(struct check *c, struct bconn *b)
{
	struct chk_exchange *x = create(c);

	x->shared = true;
	c->conn = b->conn;
	make_buffer(c);
	x->gate = bconn_open_gate(b, &c->mem, &gate_user, x);
	if (x->gate)
		return STEP_NEXT;
	bconn_discard(b);
	chk_disconnect(c);
	c->fresh = true;
	return chk_step_connect(c, c->script->v[c->at]);
}

enum step_result chk_exchange_share_new(struct check *c, const struct bconn_req *r)
{
	enum conn_err err = CERR_NONE;
	struct chk_exchange *x = create(c);

	x->shared = true;
	make_buffer(c);
	x->opening = bconn_connect(r, &pool_user, x, &err);
	if (!x->opening) {
		chk_end_conn(c, false, err, errno);
		return STEP_OVER;
	}
	c->conn = x->opening->conn;
	bconn_start(x->opening);
	return c->running ? STEP_WAIT : STEP_OVER;
}

bool chk_exchange_shared(const struct check *c)
{
	return c->exchange && c->exchange->shared;
}

void chk_exchange_close(struct check *c)
{
	struct chk_exchange *x = c->exchange;

	c->exchange = NULL;
	c->conn = NULL;
	end_gate(x);
	task_cancel(&x->task);
	x->check = NULL;
	if (x->opening)
		bconn_abandon(x->opening);
	if (x->conn)
		((const struct mux *)x->conn->mux)->kill(x->conn);
	else
		free(x);
}
