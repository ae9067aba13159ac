/* From HTTP/1.1 to HTTP/2 by `Upgrade: h2c` (RFC 7540 section 3.2): a connection changes its mux, and the exchange that
 * asked becomes stream 1. Its gate stays where it is in memory, so whoever holds it need not know: the HTTP/1 exchange
 * around it is made into an HTTP/2 one in place.
 *
 * Front: 101 goes out at once, or a little later while a body is coming. That body is read as HTTP/1, even when frames
 * already leave; the client's preface has to stand behind its last byte. Back: the first request of a connection asks;
 * 101 makes it stream 1. */
#include "h1_priv.h"
#include "h2_priv.h"

#include "weir/base/pool.h"
#include "weir/http/h2c.h"
#include "weir/http/hop.h"

#define HOLD_MS 200
#define DROP_MAX (1024 * 1024)	/* body bytes read in vain until the preface */

WSTATIC(sizeof(struct h2x) <= sizeof(struct h1x));

/* The rest of the request that upgraded. */
struct h2c_body {
	struct h2x *x;
	struct h1_body body;
	struct h1_opts opts;
	uint64_t dropped;
};

static const char switching[] = "HTTP/1.1 101 Switching Protocols\r\n"
				"connection: upgrade\r\nupgrade: h2c\r\n\r\n";
static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

/* --- the exchange --- */

/* The exchange of c1 becomes stream 1 of c. What it had to send and receive as HTTP/1 is done. */
static struct h2x *adopt(struct h2c *c, struct h1c *c1, const struct gate_ops *ops)
{
	struct h1x *old = c1->x;
	struct h2x *x = (struct h2x *)old;
	struct chunk *head = old->head;
	bool told = old->told;

	WASSERT(!old->released && spanq_empty(&old->tx));
	spanq_fini(&old->tx);
	c1->x = NULL;
	memset((char *)x + sizeof(struct gate), 0, sizeof(*x) - sizeof(struct gate));
	x->size = sizeof(*old);
	x->g.ops = ops;
	x->head = head;
	x->told = told;
	x->head_request = x->g.in_msg->method == METHOD_HEAD;
	h2x_join(c, x, 1);
	return x;
}

static struct h2c *take_over(struct h1c *c1, unsigned flags)
{
	struct h2c *c = h2c_create(c1->conn, c1->lim, H2C_UPGRADED | flags);

	c->user = c1->user;
	c->owner = c1->owner;
	c->since_us = c1->since_us;
	return c;
}

/* Settings as they stand in frames. */
static size_t pack(const struct h2_setting *s, int n, uint8_t *to)
{
	uint8_t *p = to;

	for (int i = 0; i < n; i++) {
		*p++ = (uint8_t)(s[i].id >> 8);
		*p++ = (uint8_t)s[i].id;
		for (int shift = 24; shift >= 0; shift -= 8)
			*p++ = (uint8_t)(s[i].value >> shift);
	}
	return (size_t)(p - to);
}

/* --- front: the body that is still HTTP/1 --- */

/* Clients that get 101 in the middle of sending have been seen to forget the rest of their body (curl 7.88). So while a
 * body is coming without a pause they hear of the switch when it has ended. Who waits for 101 before sending on waits
 * HOLD_MS, and so does an answer that begins before the body is over: neither side can hold the other up for ever. */
void h2c_switch(struct h2c *c)
{
	if (!(c->flags & H2C_HOLD))
		return;
	c->flags &= ~(uint32_t)H2C_HOLD;
	timer_stop(&c->conn->timer);
	c->conn->timer.fire = h2_idle_timeout;
	spanq_push_static(&c->tx, switching, sizeof(switching) - 1);
	h2_later(c);
}

static void hold_over(struct timer *t)
{
	struct conn *conn = container_of(t, struct conn, timer);
	struct h2c *c = conn->arg;

	if (c->body && !(c->flags & H2C_ANSWERED) && h2c_body_full(c)) {
		timer_set(&c->conn->timer, HOLD_MS);	/* the pause is the server's, not the client's */
		return;
	}
	h2c_switch(c);
	h2_run(c);
}

void h2c_answered(struct h2c *c)
{
	if (!(c->flags & H2C_HOLD) || c->flags & H2C_ANSWERED)
		return;
	c->flags |= H2C_ANSWERED;
	timer_set(&c->conn->timer, HOLD_MS);
}

/* More of the body came. */
static void hold_on(struct h2c *c)
{
	if ((c->flags & (H2C_HOLD | H2C_ANSWERED)) == H2C_HOLD)
		timer_set(&c->conn->timer, HOLD_MS);
}

bool h2c_body_of(const struct h2c *c, const struct h2x *x)
{
	return c->body && c->body->x == x;
}

bool h2c_body_full(const struct h2c *c)
{
	return c->body->x->g.in.bytes >= GATE_IN_MAX;
}

void h2c_body_drop(struct h2c *c)
{
	h2c_switch(c);
	pool_put(c->body, sizeof(*c->body));
	c->body = NULL;
}

void h2c_body_consumed(struct h2c *c)
{
	if (c->body && conn_readable(c->conn))
		h2_later(c);
}

static void body_over(struct h2c *c)
{
	unsigned ms = c->lim->t_request ? c->lim->t_request : c->lim->t_client;
	struct h2x *x = c->body->x;

	h2c_body_drop(c);
	x->g.flags |= IN_END;
	h2_say(x, GATE_END);
	if (ms)
		timer_set(&c->conn->timer, ms);
}

/* Nobody knows where the preface would begin: the exchange may be answered, then it is over. */
static void body_fault(struct h2c *c, const struct fault *f)
{
	struct h2x *x = c->body->x;

	x->g.flags |= IN_ABORT;
	x->g.bad_status = f->status;
	x->g.bad_reason = f->reason;
	c->flags |= H2C_EOF;
	h2c_body_drop(c);
	h2_say(x, GATE_ABORT);
}

static void take_run(struct h2c *c, struct chunk *k, uint32_t off, size_t n)
{
	struct h2c_body *b = c->body;
	struct gate *g = &b->x->g;

	g->in_bytes += n;
	if (!b->x->released) {
		h1_push_run(&g->in, k, off, n);
		h2_say(b->x, GATE_DATA);
		return;
	}
	b->dropped += n;
	if (b->dropped > DROP_MAX)
		h2_close(c, "h2c-long-body");
}

/* [off, end) of k was received. What lies behind the body is HTTP/2. */
static void feed(struct h2c *c, struct chunk *k, uint32_t off, uint32_t end)
{
	struct fault f = { 0 };
	struct h1_run run;
	size_t used = 0;

	while (c->body && !(c->flags & H2C_DEAD)) {
		const char *p = (const char *)k->data + off;
		enum h1_body_result r = h1_read_body(&c->body->body, p, end - off, &used, &run, &f);

		if (r == H1_BODY_ERROR) {
			body_fault(c, &f);
			return;
		}
		c->body->x->g.wire_in += used;
		if (r == H1_BODY_DATA)
			take_run(c, k, off + (uint32_t)run.off, run.len);
		off += (uint32_t)used;
		if (r == H1_BODY_END)
			body_over(c);
		if (r == H1_BODY_MORE)
			return;
	}
	if (off < end && !(c->flags & (H2C_DEAD | H2C_EOF)))
		h2_feed(c, k, off, end - off);
}

bool h2c_read_body(struct h2c *c)
{
	while (c->body && !(c->flags & (H2C_DEAD | H2C_EOF))) {
		struct chunk *k;
		ssize_t n;

		if (!conn_readable(c->conn) || h2c_body_full(c))
			return false;
		k = chunk_get(c->lim->bufsize);
		n = conn_recv(c->conn, k->data, k->size);
		if (n > 0) {
			hold_on(c);
			feed(c, k, 0, (uint32_t)n);
		}
		chunk_unref(k);
		if (n == IO_AGAIN)
			return false;
		if (n <= 0)
			h2_peer_end(c, n == IO_ERR);
	}
	return !(c->flags & (H2C_DEAD | H2C_EOF));
}

/* --- front --- */

static void begin_body(struct h2c *c, struct h2x *x, const struct h1_opts *opts)
{
	c->body = pool_zget(sizeof(*c->body));
	c->body->x = x;
	c->body->opts = *opts;
	h1_body_init(&c->body->body, x->g.in_msg, &c->body->opts);
}

static void apply_settings(struct h2c *c, struct h2x *x)
{
	const struct msg *m = x->g.in_msg;
	struct h2_setting s[H2C_SETTINGS_MAX];
	uint8_t raw[H2C_SETTINGS_MAX * 6];
	int i = msg_find_id(m, FIELD_HTTP2_SETTINGS, 0), n;

	WASSERT(i >= 0);
	n = h2c_decode(field_value_str(&m->f[i]), s);
	WASSERT(n >= 0);
	if (nghttp2_session_upgrade2(c->ng, raw, pack(s, n, raw), x->head_request, x) != 0)
		h2_close(c, "h2c-bad-settings");
	nghttp2_session_set_stream_user_data(c->ng, 1, x);	/* a server's session does not take it above */
	c->flags &= ~H2C_SETTLED;	/* the SETTINGS frame is still to come */
}

void h2c_front(struct h1c *c1)
{
	struct h2c *c = take_over(c1, H2C_PREFACE);
	const struct mux_front_user *user = c->user;
	struct h2x *x = adopt(c, c1, &h2_front_ops);
	struct h1_opts opts = c1->opts;
	struct chunk *rx = c1->rx;
	uint32_t off = c1->rx_off;
	struct msg *m = x->g.in_msg;

	c1->rx = NULL;
	h1c_free(c1);
	c->conn->timer.fire = h2_idle_timeout;
	timer_stop(&c->conn->timer);
	x->upgraded = true;
	x->phase = H2_HEAD_DONE;
	m->flags &= ~(uint32_t)(MSG_UPGRADE | MSG_WEBSOCKET);
	m->protocol = STR_NONE;
	c->flags |= H2C_HOLD;
	c->conn->timer.fire = hold_over;
	timer_set(&c->conn->timer, HOLD_MS);
	if (m->flags & MSG_EXPECT_100)
		spanq_push_static(&c->tx, go_on, sizeof(go_on) - 1);
	apply_settings(c, x);
	hop_upgraded(m);
	h2_send_settings(c);
	if (user->upgraded)
		user->upgraded(c->conn, c->owner);
	x->g.host = msg_host(m);
	if (h2_push_allowed(c))
		x->g.flags |= GATE_PUSH_OK;
	h2_say(x, GATE_HEAD);
	begin_body(c, x, &opts);
	feed(c, rx, off, rx->fill);
	chunk_unref(rx);
	h2_run(c);
}

/* --- back --- */

/* What a server may expect from us, for HTTP2-Settings. */
static int our_settings(const struct mux_limits *lim, const struct conn *conn, struct h2_setting s[H2_SETTINGS_MAX])
{
	nghttp2_settings_entry e[H2_SETTINGS_MAX];
	int n = (int)h2_settings(lim, conn->flags, e);

	for (int i = 0; i < n; i++)
		s[i] = (struct h2_setting){ .id = (uint16_t)e[i].settings_id, .value = e[i].value };
	return n;
}

struct str h2c_ask(const struct mux_limits *lim, const struct conn *conn, struct arena *mem)
{
	struct h2_setting s[H2_SETTINGS_MAX];
	int n = our_settings(lim, conn, s);
	char text[H2C_TEXT_MAX];

	return arena_str(mem, h2c_encode(s, n, text));
}

void h2c_back(struct h1c *c1)
{
	struct h2c *c = take_over(c1, H2C_BACK);
	const struct mux_back_user *user = c->user;
	bool head = c1->x->method == METHOD_HEAD;
	struct h2x *x = adopt(c, c1, &h2_back_ops);
	struct h2_setting s[H2_SETTINGS_MAX];
	uint8_t raw[H2_SETTINGS_MAX * 6];
	struct chunk *rx = c1->rx;
	uint32_t off = c1->rx_off;
	int n = our_settings(c1->lim, c1->conn, s);

	c1->rx = NULL;
	h1c_free(c1);
	x->submitted = true;
	x->head_request = head;
	/* Our SETTINGS frame says the same once more. */
	if (nghttp2_session_upgrade2(c->ng, raw, pack(s, n, raw), head, x) != 0)
		h2_close(c, "h2c-upgrade-failed");
	if (user->upgraded)
		user->upgraded(c->conn, c->owner, true);
	if (rx && off < rx->fill) {
		c->flags |= H2C_RUNNING;
		h2_feed(c, rx, off, rx->fill - off);
		c->flags &= ~H2C_RUNNING;
	}
	chunk_unref(rx);
	if (mux_h2.avail(c->conn) && user->room)
		user->room(c->conn, c->owner);
	h2_run(c);
}
