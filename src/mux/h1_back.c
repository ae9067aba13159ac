/* HTTP/1 towards servers: one exchange at a time; a connection goes back to the pool only when both
 * directions ended cleanly and nothing is left over on it. */
#include "h1_priv.h"
#include "trace_priv.h"

#include "weir/http/hop.h"
#include "weir/http/websocket.h"

#define BAD_TEXT_MAX 1024 /* of a bad response, for show errors */

static const struct mux_back_user *user_of(const struct h1c *c)
{
	return c->user;
}

static void back_gone(struct h1c *c)
{
	user_of(c)->gone(c->conn, c->owner);
}

/* Is there something on a connection where nothing may be? TLS may have eaten what made it
 * readable. */
static bool quiet(struct h1c *c)
{
	char byte;

	if (h1_pending(c) || (c->conn->flags & (CONN_ERROR | CONN_WR_FAILED | CONN_RD_EOF)))
		return false;
	return !conn_readable(c->conn) || conn_recv(c->conn, &byte, 1) == IO_AGAIN;
}

static bool back_idle(struct h1c *c)
{
	if (!quiet(c))
		h1_close(c, false);
	return false;
}

/* --- responses --- */

static void refuse(struct h1x *x, const struct fault *f)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;

	g->flags |= IN_ABORT;
	g->bad_status = f->status;
	g->bad_reason = f->reason;
	g->bad_pos = f->pos;
	if (trace_on(TRACE_H1))
		mux_tell(c->conn, TRACE_H1, H1E_RX_BAD, TRL_ERROR, "%s at %u", f->reason, f->pos);
	if (h1_pending(c)) {
		chunk_unref(x->head);
		x->head = chunk_ref(c->rx);
		g->bad_text = str_make((char *)c->rx->data + c->rx_off,
				       MIN(h1_pending(c), BAD_TEXT_MAX));
		g->wire_in += h1_pending(c);
		c->rx_off = c->rx->fill;
	}
	x->phase = H1_OVER;
	x->close = true;
	x->news |= GATE_ABORT;
}

static bool refuse_for(struct h1x *x, const char *reason)
{
	struct fault f = { .status = 502, .reason = reason };

	refuse(x, &f);
	return false;
}

/* An interim answer: the final one is still to come. */
static bool info(struct h1x *x, size_t used)
{
	x->c->rx_off += (uint32_t)used;
	x->g.wire_in += used;
	if (++x->infos > H1_INFOS_MAX)
		return refuse_for(x, "h1-too-many-interim-responses");
	x->info = true;
	memset(&x->hd, 0, sizeof(x->hd));
	x->news |= GATE_INFO;
	return true;
}

/* The key was made here (HTTP/2 has none): so the answer to it is checked here. */
static bool websocket_fits(const struct h1x *x, const struct msg *m)
{
	int i;

	if (!x->ws_key.n || m->status != 101)
		return true;
	i = msg_find_id(m, FIELD_SEC_WEBSOCKET_ACCEPT, 0);
	return i >= 0 && websocket_accept_ok(x->ws_key, field_value_str(&m->f[i]));
}

static void final(struct h1x *x, size_t used)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;
	struct msg *m = g->in_msg;

	x->head = chunk_ref(c->rx);
	c->rx_off += (uint32_t)used;
	g->wire_in += used;
	g->flags |= IN_HEAD;
	g->t_head_us = loop_us();
	if (!(m->flags & MSG_KEEP_ALIVE) || (m->flags & MSG_CLOSE_AFTER) || m->body == BODY_CLOSE)
		x->close = true;
	/* A challenge that authenticates the connection, not the request. */
	if (m->flags & MSG_NTLM)
		c->conn->flags |= CONN_PRIVATE;
	x->news |= GATE_HEAD;
	if (m->body == BODY_TUNNEL) {
		g->flags &= ~(uint32_t)(OUT_END | OUT_DONE);
		x->out_kind = H1_OUT_RAW;
		h1_rx_tunnel(x);
	} else {
		h1_rx_body(x);
	}
}

/* The answer to a request that asked for HTTP/2: the switch, or the answer itself. */
static bool upgrade_answered(struct h1x *x, size_t used)
{
	struct h1c *c = x->c;
	const struct mux_back_user *user = user_of(c);

	if (x->g.in_msg->status == 101) {
		c->rx_off += (uint32_t)used;
		x->g.wire_in += used;
		x->phase = H1_OVER;
		c->flags |= H1C_LEFT;
		return false;
	}
	x->h2c = false;
	if (user->upgraded)
		user->upgraded(c->conn, c->owner, false);
	final(x, used);
	return true;
}

static bool back_head(struct h1x *x)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;
	struct framing_asked asked = { .method = x->method, .upgrade = x->upgrade };
	struct fault f = { 0 };
	size_t used = 0;

	if (!(g->flags & OUT_HEAD))
		return refuse_for(x, "h1-response-before-request");
	if (x->info) {
		msg_init(g->in_msg, true, g->mem);
		x->info = false;
	}
	switch (h1_read_head(&x->hd, (char *)c->rx->data + c->rx_off, h1_pending(c), &c->opts,
			     g->in_msg, &used, &f)) {
	case H1_MORE:
		return false;
	case H1_ERROR:
		refuse(x, &f);
		return false;
	case H1_DONE:
		break;
	}
	if (!framing_response(g->in_msg, &asked, &f)) {
		refuse(x, &f);
		return false;
	}
	if (trace_on(TRACE_H1))
		mux_tell_head(c->conn, TRACE_H1, H1E_RX_HDRS, 0, g->in_msg);
	if (g->in_msg->status < 200 && g->in_msg->status != 101)
		return info(x, used);
	if (x->h2c)
		return upgrade_answered(x, used);
	if (g->in_msg->status == 101 && !(g->flags & OUT_DONE))
		return refuse_for(x, "h1-upgraded-before-request-end");
	if (!websocket_fits(x, g->in_msg))
		return refuse_for(x, "websocket-bad-accept");
	final(x, used);
	return true;
}

static void back_cut(struct h1x *x, bool broken)
{
	struct gate *g = &x->g;

	g->flags |= IN_ABORT;
	if (x->phase == H1_BODY)
		g->bad_reason = broken ? "server-reset-in-body" : "server-closed-in-body";
	else if (h1_pending(x->c))
		g->bad_reason = broken ? "server-reset-in-headers" : "server-closed-in-headers";
	else
		g->bad_reason = broken ? "server-reset-before-headers"
				       : "server-closed-before-headers";
	if (broken && !(g->flags & OUT_DONE))
		g->flags |= OUT_ABORT;
	x->news |= GATE_ABORT;
}

/* --- exchanges --- */

static bool clean(const struct h1x *x)
{
	const struct gate *g = &x->g;
	unsigned ended = IN_END | OUT_DONE;

	return (g->flags & (ended | IN_ABORT | OUT_ABORT | GATE_TUNNEL)) == ended && !x->close &&
	       !x->cut;
}

static void back_settle(struct h1x *x)
{
	struct h1c *c = x->c;
	bool keep = clean(x) && !(c->flags & (H1C_DEAD | H1C_DRAIN)) && !(x->g.flags & GATE_CLOSE);

	h1x_destroy(x);
	if (!keep || !quiet(c)) {
		h1_close(c, false);
		return;
	}
	h1_rx_trim(c);
	c->since_us = loop_us();
	c->conn->flags |= CONN_REUSED;
	conn_rest(c->conn);
	user_of(c)->idle(c->conn, c->owner);
}

static uint8_t frame_request(struct h1x *x, const struct msg *m, bool end, struct h1_out *o)
{
	if (m->body == BODY_CHUNKED) {
		o->framing = H1_FRAME_CHUNKED;
		return H1_OUT_CHUNKED;
	}
	if (m->body == BODY_LENGTH || (m->flags & MSG_HAS_LENGTH)) {
		o->framing = H1_FRAME_LENGTH;
		o->length = m->body == BODY_LENGTH && !(end && m->body_len) ? m->body_len : 0;
		x->out_left = o->length;
		return H1_OUT_LENGTH;
	}
	o->framing = H1_FRAME_NONE;
	return H1_OUT_DROP;
}

/* A websocket that a client asked for by HTTP/2 brings no key. */
static void make_websocket_key(struct h1x *x, struct msg *m)
{
	char buf[WEBSOCKET_KEY_LEN];

	msg_del_id(m, FIELD_SEC_WEBSOCKET_KEY);
	x->ws_key = arena_str(x->g.mem, websocket_new_key(buf));
	msg_add_id(m, FIELD_SEC_WEBSOCKET_KEY, x->ws_key);
	if (!msg_has(m, FIELD_SEC_WEBSOCKET_VERSION))
		msg_add_id(m, FIELD_SEC_WEBSOCKET_VERSION, STR("13"));
}

/* The version goes on as it came, but chunks are not for HTTP/1.0. */
static bool is_old(const struct msg *m)
{
	return m->major == 1 && m->minor == 0 && m->body != BODY_CHUNKED;
}

/* The first exchange of a connection asks for HTTP/2 when nothing speaks against it. */
static bool may_ask_h2c(const struct h1x *x, const struct msg *m, bool end)
{
	if (!(x->c->flags & H1C_H2C) || x->c->served != 1 || x->close || !end || m->body != BODY_NONE)
		return false;
	return !is_old(m) && !(m->flags & MSG_UPGRADE) && m->method != METHOD_CONNECT;
}

static void back_send_head(struct gate *g, struct msg *m, bool end)
{
	struct h1x *x = h1x_of(g);
	bool old = is_old(m);
	struct h1_out o = { .minor = old ? 0 : 1, .adjust = x->c->lim->case_adjust };

	WASSERT(!(g->flags & OUT_HEAD) && !m->is_response);
	hop_request(m);
	o.te_trailers = msg_has(m, FIELD_TE);
	if (m->flags & MSG_UPGRADE)
		o.upgrade = x->upgrade = m->protocol;
	if ((m->flags & MSG_WEBSOCKET) && m->major == 2)
		make_websocket_key(x, m);
	if (may_ask_h2c(x, m, end)) {
		x->h2c = true;
		o.upgrade = x->upgrade = STR("h2c");
		o.http2_settings = h2c_ask(x->c->lim, g->conn, g->mem);
		g->host = msg_host(m);
	}
	if ((g->flags & GATE_CLOSE) || (x->c->flags & H1C_DRAIN))
		x->close = true;
	o.conn = x->close ? (old ? H1_CONN_NONE : H1_CONN_CLOSE) : old ? H1_CONN_KEEP_ALIVE : H1_CONN_NONE;
	x->method = m->method;
	x->out_kind = frame_request(x, m, end, &o);
	h1_tx_head(x, m, &o);
	g->flags |= OUT_HEAD | (end ? OUT_END : 0);
	if (end && !x->blocked)
		h1_tx(x, false);
}

/* There are no interim requests. */
static void back_send_info(struct gate *g, struct msg *m)
{
	WASSERT(!"send_info on a server's gate");
}

static const struct gate_ops back_ops = {
	.name = "H1",
	.send_head = back_send_head,
	.send_info = back_send_info,
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

static const struct h1_side back_side = {
	.idle = back_idle,
	.head = back_head,
	.cut = back_cut,
	.settle = back_settle,
	.gone = back_gone,
	.leave = h2c_back,
};

static void h1_back(struct conn *conn, const struct mux_limits *lim,
		    const struct mux_back_user *user, void *owner)
{
	struct h1c *c = h1c_create(conn, &mux_h1, lim, &back_side,
				   H1C_BACK | (conn->flags & CONN_ASK_H2C ? H1C_H2C : 0));

	c->user = user;
	c->owner = owner;
}

static unsigned h1_avail(const struct conn *conn)
{
	const struct h1c *c = conn->arg;

	if (c->x || (c->flags & (H1C_DEAD | H1C_DRAIN)) ||
	    (conn->flags & (CONN_ERROR | CONN_WR_FAILED | CONN_RD_EOF)))
		return 0;
	if (c->lim->max_requests && c->served >= c->lim->max_requests)
		return 0;
	/* Whatever it is that came between two exchanges, it is no good: h1_run() will see. */
	return c->served && conn_readable(conn) ? 0 : 1;
}

static struct gate *h1_open(struct conn *conn, struct arena *mem, const struct gate_user *user,
			    void *arg)
{
	struct h1c *c = conn->arg;
	struct h1x *x;

	OBJ_CHECK(c, H1C_MAGIC);
	if (!h1_avail(conn))
		return NULL;
	x = h1x_create(c, &back_ops, GATE_BACK | (c->served ? GATE_REUSED : 0));
	x->g.mem = mem;
	x->g.user = user;
	x->g.arg = arg;
	x->g.in_msg = arena_new(mem, struct msg);
	msg_init(x->g.in_msg, true, mem);
	x->told = true;
	if (conn_readable(conn))	/* it may be the end already, and no other event comes */
		h1_later(c);
	if (c->lim->max_requests && c->served >= c->lim->max_requests)
		x->close = true;
	return &x->g;
}

static void h1_front(struct conn *conn, const struct mux_limits *lim,
		     const struct mux_front_user *user, void *sess, struct chunk *pre)
{
	h1_front_start(conn, lim, user, sess, pre, 0);
}

const struct mux mux_h1 = {
	.name = "H1",
	.proto = "h1",
	.sides = MUX_FRONT | MUX_BACK,
	.http = true,
	.flags = "HTX",
	.help = "HTTP/1.0 and HTTP/1.1, one exchange at a time",
	.front = h1_front,
	.back = h1_back,
	.open = h1_open,
	.avail = h1_avail,
	.busy = h1_busy,
	.drain = h1_drain,
	.kill = h1_kill,
};
