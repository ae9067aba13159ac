/* HTTP checks over HTTP/2: a connection with the mux on it, one gate for each request. */
#include "check_priv.h"

#include <stdlib.h>
#include "weir/base/pool.h"
#include "weir/mux/mux.h"

/* Lives until both the check and the mux have done with it. */
struct chk_exchange {
	struct check *check;		/* NULL: nobody waits any more */
	struct conn *conn;		/* NULL: the mux has closed it */
	struct gate *gate;
	struct task task;		/* goes on with the check, outside of the mux's calls */
};

/* What stands on the connect step, else on the server line for default connections, else what ALPN says. */
bool chk_exchange_wanted(const struct check *c, const struct chk_connect *n)
{
	const struct mux *m = n->proto ? n->proto : n->flags & CN_DEFAULT ? c->srv->line->check.proto : NULL;
	struct str alpn = STR_NONE;

	if (c->h2)
		return false;
	if (m)
		return str_eqz(STR("h2"), m->proto);
	return conn_ask(c->conn, ASK_ALPN, &alpn) && str_eqz(alpn, "h2");
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

static const struct mux_back_user back_user = { .idle = on_idle, .room = on_idle, .gone = on_gone };

static void on_task(struct task *t)
{
	chk_run(container_of(t, struct chk_exchange, task)->check);
}

void chk_exchange_open(struct check *c)
{
	struct chk_exchange *x = mem_zalloc(sizeof(*x));

	x->check = c;
	x->conn = c->conn;
	task_init(&x->task, on_task, TASK_NORMAL);
	c->h2 = x;
	mux_find(STR("h2"), MUX_BACK)->back(c->conn, &c->srv->line->lim, &back_user, x);
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

	if (news & GATE_HEAD) {
		c->http->msg = g->in_msg;
		c->http->has_head = true;
	}
	take_body(c, g);
	if (g->flags & IN_END)
		c->http->complete = true;
	if (g->flags & IN_ABORT)
		c->eof = true;
	task_wake(&x->task);
}

static const struct gate_user gate_user = { .wake = on_wake };

/* --- the request --- */

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
	struct chk_exchange *x = c->h2;
	const struct mux *mux = x->conn ? x->conn->mux : NULL;
	struct msg *kept = arena_new(&c->mem, struct msg);

	end_gate(x);
	*kept = *m;
	c->cap = c->srv->line->proxy->conf->global.tune.bufsize;
	if (!c->buf)
		c->buf = mem_alloc(c->cap);
	chk_answer_begin(c, m->method, STR_NONE);
	x->gate = mux ? mux->open(x->conn, &c->mem, &gate_user, x) : NULL;
	if (!x->gate)
		return refused(c);
	x->gate->ops->send_head(x->gate, kept, !body.n);
	if (body.n) {
		spanq_push_copy(&x->gate->out, body.p, body.n);
		x->gate->ops->end(x->gate, NULL, 0);
	}
	return STEP_NEXT;
}

void chk_exchange_close(struct check *c)
{
	struct chk_exchange *x = c->h2;

	c->h2 = NULL;
	c->conn = NULL;
	end_gate(x);
	task_cancel(&x->task);
	x->check = NULL;
	if (x->conn)
		((const struct mux *)x->conn->mux)->kill(x->conn);
	else
		free(x);
}
