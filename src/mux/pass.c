/* Plain bytes: TCP mode. One gate for the whole connection, which is the HTTP/1 engine in its
 * tunnel state from the first byte on. */
#include "h1_priv.h"

/* A server may speak before anybody opened the gate: that waits in the kernel. */
static bool pass_idle(struct h1c *c)
{
	WASSERT(c->flags & H1C_BACK);
	return false;
}

static bool pass_head(struct h1x *x)
{
	WASSERT(!"plain bytes have no head");
	return false;
}

static void pass_cut(struct h1x *x, bool broken)
{
	struct gate *g = &x->g;

	g->flags |= IN_ABORT | (broken && !(g->flags & OUT_DONE) ? OUT_ABORT : 0);
	g->bad_reason = x->c->flags & H1C_BACK ? "server-reset" : "client-reset";
	x->news |= GATE_ABORT;
}

static void pass_timeout(struct timer *t)
{
	struct conn *conn = container_of(t, struct conn, timer);
	struct h1c *c = conn->arg;

	if (!c->x || !c->x->released)
		return;
	h1_close(c, false);
	h1_run(c);
}

static unsigned fin_ms(const struct h1c *c)
{
	unsigned ms = c->flags & H1C_BACK ? c->lim->t_server_fin : c->lim->t_client_fin;

	return ms ? ms : H1_LINGER_MS;
}

static void pass_settle(struct h1x *x)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;

	if (c->flags & (H1C_DEAD | H1C_LEFT)) {
		h1_later(c);
		return;
	}
	if (!x->cut && (g->flags & (OUT_END | OUT_DONE | OUT_ABORT)) == OUT_END) {
		/* The last bytes are still on their way. */
		if (!x->waits) {
			c->conn->timer.fire = pass_timeout;
			timer_set(&c->conn->timer, fin_ms(c));
		}
		x->waits = true;
		return;
	}
	/* What it sent and nobody read would make a reset of this end. */
	if (!x->cut && !(c->conn->flags & CONN_RD_EOF))
		conn_shut(c->conn);
	h1_close(c, x->cut);
}

static void pass_gone(struct h1c *c)
{
	if (c->flags & H1C_BACK)
		((const struct mux_back_user *)c->user)->gone(c->conn, c->owner);
	else
		((const struct mux_front_user *)c->user)->gone(c->conn, c->owner);
}

/* All that the stream left in `in`, in one piece. */
static struct chunk *left_over(struct h1x *x)
{
	size_t n = x->g.in.bytes;
	struct chunk *k;

	if (!n)
		return NULL;
	k = chunk_get((uint32_t)MAX(n, x->c->lim->bufsize));
	k->fill = (uint32_t)spanq_copy(&x->g.in, 0, k->data, n);
	return k;
}

static void pass_leave(struct h1c *c)
{
	struct chunk *pre = left_over(c->x);
	const struct mux *to = c->x->to;
	struct h1c was = *c;

	h1c_free(c);
	/* An end that was seen here has to be seen there. */
	if (was.conn->flags & (CONN_RD_EOF | CONN_ERROR))
		was.conn->ev.ready |= EV_RDHUP;
	if (to)
		to->front(was.conn, was.lim, was.user, was.owner, pre);
	else
		h1_front_start(was.conn, was.lim, was.user, was.owner, pre,
			       was.lim->no_h2_upgrade ? 0 : H1C_MAYBE_H2);
}

void mux_switch(struct gate *g, const struct mux *to)
{
	struct h1x *x = h1x_of(g);
	struct h1c *c = x->c;

	WASSERT((c->flags & (H1C_PASS | H1C_BACK)) == H1C_PASS && !x->released);
	WASSERT(!h1_pending(c) && spanq_empty(&x->tx) && spanq_empty(&g->out));
	x->released = true;
	g->user = NULL;
	g->arg = NULL;
	x->to = to;
	x->phase = H1_OVER;
	c->flags |= H1C_LEFT;
	h1_later(c);
}

static const struct gate_ops pass_ops;
static const struct h1_side pass_side = {
	.idle = pass_idle,
	.head = pass_head,
	.cut = pass_cut,
	.settle = pass_settle,
	.gone = pass_gone,
	.leave = pass_leave,
};

static struct h1x *begin(struct h1c *c, unsigned flags)
{
	struct h1x *x = h1x_create(c, &pass_ops, flags | GATE_RAW | IN_HEAD | OUT_HEAD);
	struct msg m = { .body = BODY_TUNNEL };

	x->g.t_first_us = x->g.t_head_us = loop_us();
	x->out_kind = H1_OUT_RAW;
	x->phase = H1_BODY;
	x->close = true;
	h1_body_init(&x->body, &m, &c->opts);
	x->body.m = NULL;
	return x;
}

static void pass_front(struct conn *conn, const struct mux_limits *lim,
		       const struct mux_front_user *user, void *sess, struct chunk *pre)
{
	struct h1c *c = h1c_create(conn, &mux_pass, lim, &pass_side, H1C_PASS);

	c->user = user;
	c->owner = sess;
	c->rx = pre;
	timer_stop(&conn->timer);
	begin(c, GATE_FIRST)->news = pre ? GATE_DATA : GATE_HEAD;
	h1_run(c);
}

static void pass_back(struct conn *conn, const struct mux_limits *lim,
		      const struct mux_back_user *user, void *owner)
{
	struct h1c *c = h1c_create(conn, &mux_pass, lim, &pass_side, H1C_PASS | H1C_BACK);

	c->user = user;
	c->owner = owner;
}

static unsigned pass_avail(const struct conn *conn)
{
	const struct h1c *c = conn->arg;

	return !c->served && !(c->flags & (H1C_DEAD | H1C_DRAIN));
}

static struct gate *pass_open(struct conn *conn, struct arena *mem, const struct gate_user *user,
			      void *arg)
{
	struct h1c *c = conn->arg;
	struct h1x *x;

	OBJ_CHECK(c, H1C_MAGIC);
	if (!pass_avail(conn))
		return NULL;
	x = begin(c, GATE_BACK);
	x->g.mem = mem;
	x->g.user = user;
	x->g.arg = arg;
	x->told = true;
	if (conn_readable(conn))
		h1_later(c);
	return &x->g;
}

static void pass_send_head(struct gate *g, struct msg *m, bool end)
{
	WASSERT(!"plain bytes have no head");
}

static void pass_send_info(struct gate *g, struct msg *m)
{
	WASSERT(!"plain bytes have no head");
}

static const struct gate_ops pass_ops = {
	.name = "PASS",
	.send_head = pass_send_head,
	.send_info = pass_send_info,
	.flush = h1_op_flush,
	.end = h1_op_end,
	.consumed = h1_op_consumed,
	.reset = h1_op_reset,
	.release = h1_op_release,
	.splice_in = h1_op_splice_in,
	.splice_out = h1_op_splice_out,
	.splice_want = h1_op_splice_want,
	.splice_ok = h1_op_splice_ok,
};

const struct mux mux_pass = {
	.name = "PASS",
	.proto = "none",
	.sides = MUX_FRONT | MUX_BACK,
	.flags = "",
	.help = "plain bytes",
	.front = pass_front,
	.back = pass_back,
	.open = pass_open,
	.avail = pass_avail,
	.busy = h1_busy,
	.drain = h1_drain,
	.kill = h1_kill,
};
