/* HTTP/1 towards clients: requests become exchanges, one after the other; the connection stays or
 * ends with the answer. */
#include "h1_priv.h"
#include "trace_priv.h"
#include "h2_priv.h"

#include "weir/http/hop.h"
#include "weir/http/websocket.h"

#define BAD_TEXT_MAX 1024 /* of a bad request, for the log and show errors */

static const char h2_preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static const struct gate_ops front_ops;

static const struct mux_front_user *user_of(const struct h1c *c)
{
	return c->user;
}

/* ms until an idle connection is given up, or a head must be complete; 0: never. */
static unsigned idle_ms(const struct h1c *c)
{
	const struct mux_limits *l = c->lim;

	if (c->served && l->t_keepalive)
		return l->t_keepalive;
	return l->t_request ? l->t_request : l->t_client;
}

static void set_timer(struct h1c *c, unsigned ms)
{
	if (ms)
		timer_set(&c->conn->timer, ms);
	else
		timer_stop(&c->conn->timer);
}

static unsigned fin_ms(const struct h1c *c)
{
	const struct mux_limits *l = c->lim;
	unsigned ms = l->t_client_fin ? l->t_client_fin : l->t_client;

	return ms ? ms : H1_LINGER_MS;
}

/* since: when its first byte came, or when it was waited for in vain. */
static struct h1x *begin(struct h1c *c, uint64_t since)
{
	struct h1x *x = h1x_create(c, &front_ops, c->served ? 0 : GATE_FIRST);
	struct gate *g = &x->g;

	g->t_first_us = since;
	g->t_idle_us = g->t_first_us - c->since_us;
	g->in_msg = arena_new(g->mem, struct msg);
	msg_init(g->in_msg, false, g->mem);
	return x;
}

/* What came is no request: the stream logs and answers, then the connection ends. */
static void refuse(struct h1x *x, const struct fault *f, unsigned why)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;

	g->flags |= GATE_BADREQ | GATE_CLOSE | why;
	g->bad_status = f->status;
	g->bad_reason = f->reason;
	g->bad_pos = f->pos;
	g->t_head_us = loop_us();
	if (trace_on(TRACE_H1))
		mux_tell(c->conn, TRACE_H1, H1E_RX_BAD, TRL_ERROR, "%s at %u, answered %u", f->reason, f->pos,
			 f->status);
	if (h1_pending(c)) {
		g->bad_text = str_make((char *)c->rx->data + c->rx_off,
				       MIN(h1_pending(c), BAD_TEXT_MAX));
		g->wire_in += h1_pending(c);
		x->head = chunk_ref(c->rx);
		c->rx_off = c->rx->fill;
	}
	msg_init(g->in_msg, false, g->mem);
	x->phase = H1_OVER;
	x->close = true;
	x->waits = false;
	x->news |= GATE_ABORT;
}

static bool refuse_head(struct h1x *x, const struct fault *f)
{
	refuse(x, f, 0);
	return false;
}

/* May the bytes so far be the beginning of HTTP/2? Told apart at the first one that differs. */
static bool looks_like_h2(struct h1c *c)
{
	size_t n = MIN(h1_pending(c), sizeof(h2_preface) - 1);

	return memcmp(c->rx->data + c->rx_off, h2_preface, n) == 0;
}

/* Does an HTTP/2 preface decide what becomes of these bytes (for now)? */
static bool taken_for_h2(struct h1x *x)
{
	struct h1c *c = x->c;

	if (!(c->flags & H1C_MAYBE_H2))
		return false;
	if (!looks_like_h2(c)) {
		c->flags &= (uint16_t)~H1C_MAYBE_H2;
		return false;
	}
	if (h1_pending(c) >= sizeof(h2_preface) - 1) {
		c->flags |= H1C_LEFT;
		x->phase = H1_OVER;
	}
	return true;
}

/* The connection goes to the HTTP/2 mux with what was read. */
static void front_leave(struct h1c *c)
{
	struct h1c was = *c;

	if (c->x->h2c) {
		h2c_front(c);
		return;
	}
	c->rx = NULL;
	h1c_free(c);
	timer_stop(&was.conn->timer);
	mux_h2.front(was.conn, was.lim, was.user, was.owner, was.rx);
}

/* A request that asks for an upgrade and may have it: the rest of it is the business of h2c.c. */
static bool upgrades(struct h1x *x)
{
	struct h1c *c = x->c;

	if (!(c->flags & H1C_H2C) || !(x->g.in_msg->flags & MSG_H2C_ASKED) || (c->flags & H1C_DRAIN))
		return false;
	if (c->conn->flags & CONN_TLS)
		return false;
	x->h2c = true;
	x->phase = H1_OVER;
	c->flags |= H1C_LEFT;
	return true;
}

static bool keeps(const struct h1c *c, const struct msg *m)
{
	if ((c->flags & H1C_DRAIN) || c->lim->close_front || !(m->flags & MSG_KEEP_ALIVE) ||
	    (m->flags & MSG_CLOSE_AFTER))
		return false;
	return !c->lim->max_requests || c->served < c->lim->max_requests;
}

/* The head is not complete: from the first byte on it has `timeout http-request`, else it may not
 * pause for long. On a new connection the time runs since it was accepted. */
static void guard_head(struct h1x *x)
{
	struct h1c *c = x->c;
	bool first = c->served == 1;

	if (!c->lim->t_request)
		set_timer(c, c->lim->t_client);
	else if (!first && !x->waits)
		set_timer(c, c->lim->t_request);
	x->waits = true;
}

static bool front_head(struct h1x *x)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;
	struct framing_opts fo = { .accept_unsafe = c->lim->accept_unsafe,
				   .any_body = c->lim->any_body,
				   .any_upgrade = c->lim->any_upgrade };
	struct fault f = { 0 };
	size_t used = 0;

	if (taken_for_h2(x))
		return false;
	switch (h1_read_head(&x->hd, (char *)c->rx->data + c->rx_off, h1_pending(c), &c->opts,
			     g->in_msg, &used, &f)) {
	case H1_MORE:
		guard_head(x);
		return false;
	case H1_ERROR:
		return refuse_head(x, &f);
	case H1_DONE:
		break;
	}
	if (!framing_request(g->in_msg, &fo, &f))
		return refuse_head(x, &f);
	x->head = chunk_ref(c->rx);
	c->rx_off += (uint32_t)used;
	g->wire_in += used;
	g->flags |= IN_HEAD;
	g->t_head_us = loop_us();
	x->waits = false;
	if (trace_on(TRACE_H1))
		mux_tell_head(c->conn, TRACE_H1, H1E_RX_HDRS, 0, g->in_msg);
	if (upgrades(x)) {
		if (trace_on(TRACE_H1))
			mux_tell(c->conn, TRACE_H1, H1E_UPGRADE, TRL_USER, "goes on in HTTP/2");
		return false;
	}
	x->close = !keeps(c, g->in_msg);
	x->news |= GATE_HEAD;
	h1_rx_body(x);
	return true;
}

/* Nothing came, or not all of a head. */
static void front_cut(struct h1x *x, bool broken)
{
	struct fault f = { .status = 400,
			   .reason = broken ? "client-reset-in-head" : "client-closed-in-head" };

	if (x->phase == H1_HEAD) {
		x->g.flags |= IN_ABORT | (broken ? OUT_ABORT : 0);
		refuse(x, &f, 0);
		return;
	}
	if (broken)
		x->g.flags |= OUT_ABORT;
	x->g.flags |= IN_ABORT;
	x->g.bad_reason = broken ? "client-reset-in-body" : "client-closed-in-body";
	h1_say(x, GATE_ABORT);
}

/* The client ended without a request: worth a word only when it had none before. */
static void ended_idle(struct h1c *c, bool broken)
{
	if (c->served || c->lim->ignore_probes || (c->flags & H1C_DRAIN)) {
		h1_close(c, false);
		return;
	}
	front_cut(begin(c, c->since_us), broken);
}

static bool front_idle(struct h1c *c)
{
	ssize_t n = 1;

	if (!h1_pending(c))
		n = h1_rx_first(c);
	if (n == IO_AGAIN)
		return false;
	if (n <= 0)
		ended_idle(c, n == IO_ERR);
	else
		begin(c, loop_us());
	return true;
}

static void front_gone(struct h1c *c)
{
	user_of(c)->gone(c->conn, c->owner);
}

/* --- the end of an exchange --- */

static void next(struct h1x *x)
{
	struct h1c *c = x->c;

	h1x_destroy(x);
	h1_rx_trim(c);
	c->since_us = loop_us();
	conn_rest(c->conn);
	if (h1_pending(c) || conn_readable(c->conn))
		h1_later(c);
	set_timer(c, idle_ms(c));
}

/* The answer is out. Bytes that the client still sends would turn the close into a reset, which may
 * overtake it. */
static void end_connection(struct h1x *x)
{
	struct h1c *c = x->c;
	bool more = !(x->g.flags & IN_END) || h1_pending(c) || conn_readable(c->conn);

	if (!more || (c->conn->flags & (CONN_ERROR | CONN_WR_FAILED | CONN_RD_EOF))) {
		h1_close(c, false);
		return;
	}
	h1x_destroy(x);
	h1_linger(c, MIN(fin_ms(c), H1_LINGER_MS));
}

/* Something is left to do on the wire, guarded by a timer. */
static void stay(struct h1x *x, unsigned ms)
{
	if (x->waits)
		return;
	x->waits = true;
	set_timer(x->c, ms);
	if (conn_readable(x->c->conn))
		h1_later(x->c);
}

static void front_settle(struct h1x *x)
{
	struct h1c *c = x->c;
	struct gate *g = &x->g;

	if (c->flags & H1C_DEAD) {
		h1_later(c);
		return;
	}
	if (x->cut || !(g->flags & OUT_END) || (g->flags & OUT_ABORT)) {
		/* Where the end of the connection is the end of the body, a cut one must look like
		 * one. */
		h1_close(c, (g->flags & OUT_HEAD) && x->out_kind == H1_OUT_RAW &&
				    !(g->flags & GATE_TUNNEL));
		return;
	}
	if (!(g->flags & OUT_DONE)) {
		stay(x, fin_ms(c));
		return;
	}
	if (g->flags & GATE_TUNNEL) {
		h1_close(c, false);
		return;
	}
	if (x->close || (g->flags & (IN_ABORT | GATE_CLOSE))) {
		end_connection(x);
		return;
	}
	if (g->flags & IN_END)
		next(x);
	else if (x->drained > H1_DRAIN_MAX || x->phase == H1_OVER)
		end_connection(x);
	else
		stay(x, fin_ms(c));
}

static void front_timeout(struct timer *t)
{
	struct conn *conn = container_of(t, struct conn, timer);
	struct h1c *c = conn->arg;
	struct h1x *x = c->x;
	struct fault f = { .status = 408, .reason = "h1-request-timeout" };

	if (c->flags & H1C_LINGER || (x && x->released) ||
	    (!x && (c->served || c->lim->ignore_probes)))
		h1_close(c, false);
	else if (!x)
		refuse(begin(c, c->since_us), &f, GATE_TIMEOUT);
	else if (!x->told)
		refuse(x, &f, GATE_TIMEOUT);
	else
		return; /* a request is being answered: the stream has timers of its own */
	h1_run(c);
}

/* --- answers --- */

static bool bodyless(const struct gate *g, const struct msg *m)
{
	return g->in_msg->method == METHOD_HEAD || m->status == 204 || m->status == 304 ||
	       m->status < 200;
}

static bool opens_tunnel(const struct gate *g, const struct msg *m)
{
	if (g->flags & GATE_BADREQ)
		return false;
	if (m->status == 101)
		return g->in_msg->flags & MSG_UPGRADE;
	return g->in_msg->method == METHOD_CONNECT && m->body == BODY_TUNNEL;
}

/* Must the connection end with this answer, apart from what the request said? */
static bool answer_closes(const struct h1x *x, const struct msg *m, bool end)
{
	const struct gate *g = &x->g;

	if ((g->flags & GATE_CLOSE) || (x->c->flags & H1C_DRAIN) || (m->flags & MSG_CLOSE_AFTER))
		return true;
	/* What follows a refused CONNECT was meant for the tunnel. */
	if (g->in_msg->method == METHOD_CONNECT)
		return true;
	if (g->flags & IN_END)
		return false;
	/* It may or may not send the body that it asked about. */
	if ((g->in_msg->flags & MSG_EXPECT_100) && !x->continued && !g->in_bytes)
		return true;
	return end || (m->flags & MSG_LOCAL);
}

static uint8_t frame_answer(struct h1x *x, const struct msg *m, bool end, struct h1_out *o)
{
	const struct msg *req = x->g.in_msg;

	if (bodyless(&x->g, m)) {
		o->framing = m->status == 204 || m->status < 200 ? H1_FRAME_NONE : H1_FRAME_AS_IS;
		return H1_OUT_DROP;
	}
	if (m->body == BODY_CLOSE || m->body == BODY_TUNNEL ||
	    (m->body == BODY_CHUNKED && req->minor == 0 && req->major == 1)) {
		o->framing = H1_FRAME_NONE;
		x->close = true;
		return H1_OUT_RAW;
	}
	if (m->body == BODY_CHUNKED) {
		o->framing = H1_FRAME_CHUNKED;
		return H1_OUT_CHUNKED;
	}
	o->framing = H1_FRAME_LENGTH;
	o->length = m->body == BODY_LENGTH && !(end && m->body_len) ? m->body_len : 0;
	x->out_left = o->length;
	return H1_OUT_LENGTH;
}

/* A server that was spoken to in HTTP/2 knows nothing of keys. */
static void accept_websocket(const struct msg *req, struct msg *m)
{
	int i = msg_find_id(req, FIELD_SEC_WEBSOCKET_KEY, 0);
	char buf[WEBSOCKET_ACCEPT_LEN];

	if (i >= 0 && !msg_has(m, FIELD_SEC_WEBSOCKET_ACCEPT))
		msg_add_copy(m, STR("sec-websocket-accept"),
			     websocket_accept(field_value_str(&req->f[i]), buf));
}

static void start_tunnel(struct h1x *x, struct msg *m, struct h1_out *o)
{
	struct gate *g = &x->g;

	o->framing = H1_FRAME_NONE;
	if (m->status == 101)
		o->upgrade = g->in_msg->protocol;
	if (m->status == 101 && (g->in_msg->flags & MSG_WEBSOCKET))
		accept_websocket(g->in_msg, m);
	x->out_kind = H1_OUT_RAW;
	h1_tx_head(x, m, o);
	h1_rx_tunnel(x);
}

/* An answer keeps the version that its server gave it (RFC 9110 section 6.2 would have ours), as users of HAProxy
 * know it. */
static uint8_t answer_minor(const struct msg *m, const struct h1_out *o)
{
	return m->major == 1 && m->minor == 0 && o->framing != H1_FRAME_CHUNKED ? 0 : 1;
}

/* What the other version would do by itself has to be said. */
static uint8_t conn_field(const struct h1x *x, const struct h1_out *o)
{
	if (x->close)
		return o->minor ? H1_CONN_CLOSE : H1_CONN_NONE;
	return x->g.in_msg->minor == 0 || !o->minor ? H1_CONN_KEEP_ALIVE : H1_CONN_NONE;
}

static void front_send_head(struct gate *g, struct msg *m, bool end)
{
	struct h1x *x = h1x_of(g);
	struct h1_out o = { .minor = 1, .adjust = x->c->lim->case_adjust };

	WASSERT(!(g->flags & OUT_HEAD) && m->is_response && m->status >= 101);
	hop_response(m);
	g->flags |= OUT_HEAD;
	if (opens_tunnel(g, m)) {
		start_tunnel(x, m, &o);
	} else {
		x->close |= answer_closes(x, m, end);
		x->out_kind = frame_answer(x, m, end, &o);
		o.minor = answer_minor(m, &o);
		o.conn = conn_field(x, &o);
		h1_tx_head(x, m, &o);
	}
	if (end)
		g->flags |= OUT_END;
	if ((end || (g->flags & GATE_TUNNEL)) && !x->blocked)
		h1_tx(x, false);
}

static void front_send_info(struct gate *g, struct msg *m)
{
	struct h1x *x = h1x_of(g);
	struct h1_out o = { .minor = 1,
			    .framing = H1_FRAME_NONE,
			    .adjust = x->c->lim->case_adjust };

	WASSERT(!(g->flags & OUT_HEAD) && m->status / 100 == 1 && m->status != 101);
	if (g->in_msg->minor == 0 && g->in_msg->major == 1)
		return; /* RFC 9110 section 15.2 */
	hop_response(m);
	h1_tx_head(x, m, &o);
	x->continued |= m->status == 100;
}

static const struct gate_ops front_ops = {
	.name = "H1",
	.send_head = front_send_head,
	.send_info = front_send_info,
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

static const struct h1_side front_side = {
	.idle = front_idle,
	.head = front_head,
	.cut = front_cut,
	.settle = front_settle,
	.gone = front_gone,
	.leave = front_leave,
};

void h1_front_start(struct conn *conn, const struct mux_limits *lim,
		    const struct mux_front_user *user, void *sess, struct chunk *pre, unsigned flags)
{
	struct h1c *c = h1c_create(conn, &mux_h1, lim, &front_side, flags);

	c->user = user;
	c->owner = sess;
	c->rx = pre;
	conn->timer.fire = front_timeout;
	set_timer(c, idle_ms(c));
	if (pre || conn_readable(conn))
		h1_run(c);
}
