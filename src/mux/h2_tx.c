/* What streams say, framed by nghttp2 and sent once a turn. DATA is not copied: frame heads go between the spans. */
#include "h2_priv.h"

#define IOV_MAX_N 64
#define WINDOW_CREDIT_MAX 10000
#define H2_SHORT 4096	/* bytes of DATA that leave at once, in the order of the streams' answers */

/* --- framing --- */

/* A tunnel was asked for, and the server has not agreed yet: its end is not the end of the request. */
static bool opening(const struct h2x *x)
{
	return x->g.flags & GATE_BACK && (x->connect || x->tunnel_asked) && !(x->g.flags & GATE_TUNNEL);
}

/* How much of `out` may be framed now. On a connection that is over exchanges go before nghttp2 has forgotten them: src
 * must not be looked at then. */
static ssize_t read_out(nghttp2_session *ng, int32_t id, uint8_t *buf, size_t room, uint32_t *flags,
			nghttp2_data_source *src, void *arg)
{
	const struct h2c *c = arg;
	struct h2x *x = src->ptr;
	struct gate *g = &x->g;
	size_t n;

	if (c->flags & H2C_DEAD)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	n = MIN(room, g->out.bytes);
	*flags = NGHTTP2_DATA_FLAG_NO_COPY;
	if (n < g->out.bytes)
		return (ssize_t)n;
	if (!(g->flags & OUT_END) || opening(x)) {
		if (n)
			return (ssize_t)n;
		x->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	*flags |= NGHTTP2_DATA_FLAG_EOF;
	if (x->ntrailers) {
		nghttp2_nv *nv = arena_array(g->mem, nghttp2_nv, (size_t)x->ntrailers);

		for (int i = 0; i < x->ntrailers; i++)
			nv[i] = h2_nv(field_name_str(&x->trailers[i]), field_value_str(&x->trailers[i]), 0);
		*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
		nghttp2_submit_trailer(ng, id, nv, (size_t)x->ntrailers);
	}
	return (ssize_t)n;
}

nghttp2_data_provider h2_provider(struct h2x *x)
{
	return (nghttp2_data_provider){ .source.ptr = x, .read_callback = read_out };
}

/* A client that was told of the upgrade owes its preface, and may keep what arrives before it in a small buffer (curl
 * gives up above 32 kB). Its body is over: it waits for nothing from us but 101. */
static bool before_preface(const struct h2c *c)
{
	return (c->flags & (H2C_UPGRADED | H2C_PREFACE)) == (H2C_UPGRADED | H2C_PREFACE) && !c->body;
}

/* Frames of many exchanges gather in few pieces. */
static void queue(struct h2c *c, const void *p, size_t n)
{
	spanq_push_copy_room(&c->tx, p, n, H2_TX_CHUNK);
}

/* Few bytes are cheaper copied than sent as a piece of their own. */
static void queue_small(struct h2c *c, struct spanq *from, size_t n)
{
	while (n) {
		struct str s = str_head(spanq_peek(from), n);

		queue(c, s.p, s.n);
		spanq_drop(from, s.n);
		n -= s.n;
	}
}

ssize_t h2_send_data(struct h2x *x, const uint8_t *framehd, size_t length)
{
	struct gate *g = &x->g;

	if (x->c->tx.bytes >= x->c->tx_high)
		return NGHTTP2_ERR_WOULDBLOCK;
	if (g->out_bytes + length > H2_EARLY_MAX && before_preface(x->c))
		return NGHTTP2_ERR_WOULDBLOCK;
	queue(x->c, framehd, 9);
	if (length <= H2_SMALL)
		queue_small(x->c, &g->out, length);
	else
		spanq_move(&x->c->tx, &g->out, length);
	g->out_bytes += length;
	g->wire_out += length + 9;
	x->c->window_credit = MIN(x->c->window_credit + 2, (unsigned)WINDOW_CREDIT_MAX);
	if (g->flags & OUT_FULL && g->out.bytes < gate_out_max(g) / 2) {
		g->flags &= ~(uint32_t)OUT_FULL;
		h2_say(x, GATE_ROOM);
	}
	return 0;
}

/* One frame, but DATA without copy, which is framed inside the call (h2_send_data). False: nothing more to say. */
static bool frame_one(struct h2c *c)
{
	const uint8_t *p;
	ssize_t n = c->flags & H2C_MUTE ? 0 : nghttp2_session_mem_send(c->ng, &p);

	if (n > 0)
		queue(c, p, (size_t)n);
	if (n < 0) {
		c->flags |= H2C_MUTE;
		h2_close(c, "h2-internal");
	}
	return n > 0;
}

static void frame_all(struct h2c *c)
{
	while (c->tx.bytes < c->tx_high && frame_one(c))
		;
}

bool h2_may_frame(const struct h2c *c)
{
	return !(c->flags & (H2C_RUNNING | H2C_HOLD | H2C_DEAD | H2C_MUTE | H2C_PREFACE)) &&
	       c->flags & (H2C_BACK | H2C_SPEAKS | H2C_UPGRADED) && c->tx.bytes < c->tx_high / 2;
}

void h2_frame(struct h2x *x)
{
	struct h2c *c = x->c;

	c->last = c->framing = x;
	if (x->heads) {
		while (x->heads && !x->closed && frame_one(c))
			;
		WASSERT(!x->heads || x->closed || c->flags & H2C_MUTE);	/* its bytes may go now */
	} else {
		frame_all(c);
	}
	c->framing = NULL;
	h2_later(c);
}

static void send_all(struct h2c *c)
{
	while (c->tx.bytes && conn_writable(c->conn)) {
		struct iovec iov[IOV_MAX_N];
		int k = spanq_iov(&c->tx, iov, IOV_MAX_N);
		ssize_t n = conn_sendv(c->conn, iov, k, false);

		if (n == IO_AGAIN)
			break;
		if (n <= 0) {
			spanq_drop(&c->tx, c->tx.bytes);
			h2_close(c, "h2-write-failed");
			return;
		}
		spanq_drop(&c->tx, (size_t)n);
	}
}

void h2_tx(struct h2c *c)
{
	bool full;

	if (!(c->flags & (H2C_BACK | H2C_SPEAKS | H2C_UPGRADED)))
		return;
	if (c->flags & H2C_HOLD && !(c->flags & (H2C_DEAD | H2C_EOF))) {
		send_all(c);
		return;
	}
	do {
		c->tx_high = (uint32_t)gate_share(H2_TX_HIGH);
		frame_all(c);
		full = c->tx.bytes >= c->tx_high;
		send_all(c);
	} while (full && !c->tx.bytes && !(c->conn->flags & CONN_ERROR));
}

/* --- windows --- */

/* What the streams consumed is given back to the peer, stream first, then the connection. */
void h2_give_window(struct h2x *x)
{
	/* Clients get it behind the end of a body as well: some wait for it. */
	if (x->unacked && !x->closed && !(x->g.flags & (x->g.flags & GATE_BACK ? IN_END | IN_ABORT : IN_ABORT)))
		nghttp2_submit_window_update(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)x->g.stream_id, (int32_t)x->unacked);
	x->unacked = 0;
}

void h2_give_windows(struct h2c *c)
{
	if (c->consumed)
		nghttp2_session_consume_connection(c->ng, c->consumed);
	c->consumed = 0;
}

void h2_op_consumed(struct gate *g, size_t n)
{
	struct h2x *x = h2x_of(g);
	struct h2c *c = x->c;

	if (x->upgraded) {	/* no window: HTTP/1 */
		h2c_body_consumed(c);
		return;
	}
	x->unacked += n;
	c->consumed += n;
	if (c->telling != x)
		h2_say(x, 0);
}

/* --- ops --- */

/* There is something to be framed as DATA, or its end. */
static void resume(struct h2x *x)
{
	struct h2c *c = x->c;

	if (x->closed || !x->submitted) {
		h2_later(c);
		return;
	}
	if (!x->has_data) {
		nghttp2_data_provider prov = h2_provider(x);

		x->has_data = true;
		nghttp2_submit_data(c->ng, NGHTTP2_FLAG_END_STREAM, (int32_t)x->g.stream_id, &prov);
	} else if (x->deferred) {
		x->deferred = false;
		nghttp2_session_resume_data(c->ng, (int32_t)x->g.stream_id);
	}
	/* A short message that is complete. Others wait for their turn, which nghttp2 gives. */
	if (x->g.flags & OUT_END && x->g.out.bytes <= H2_SHORT && h2_may_frame(c))
		h2_frame(x);
	else if (x->g.out.bytes > H2_SHORT)
		h2_soon(c);
	else
		h2_later(c);
}

void h2_op_flush(struct gate *g, bool more)
{
	struct h2x *x = h2x_of(g);

	if (x->drop || g->flags & OUT_ABORT) {
		spanq_drop(&g->out, g->out.bytes);
		return;
	}
	if (!spanq_empty(&g->out) || x->info_queued)
		resume(x);
	x->info_queued = false;
}

void h2_op_end(struct gate *g, const struct field *trailers, int n)
{
	struct h2x *x = h2x_of(g);

	if (g->flags & (OUT_END | OUT_ABORT))
		return;
	g->flags |= OUT_END;
	if (x->drop) {
		spanq_drop(&g->out, g->out.bytes);
		return;
	}
	x->trailers = trailers;
	x->ntrailers = n;
	resume(x);
}

void h2_op_reset(struct gate *g, uint32_t code)
{
	struct h2x *x = h2x_of(g);

	if (x->closed || !g->stream_id)
		return;
	nghttp2_submit_rst_stream(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)g->stream_id, code);
	if (g->flags & GATE_KILL) {
		nghttp2_session_terminate_session(x->c->ng, code);
		x->c->close_reason = "rule";
	}
	g->flags |= OUT_ABORT;
	h2_later(x->c);
}

static void reset_if_open(struct h2x *x, bool answered)
{
	struct gate *g = &x->g;

	if (x->closed)
		return;
	if (!answered)
		nghttp2_submit_rst_stream(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)g->stream_id,
					  g->flags & GATE_BACK ? NGHTTP2_CANCEL : NGHTTP2_INTERNAL_ERROR);
	else if (!(g->flags & IN_END) && g->flags & (GATE_BACK | GATE_TUNNEL))
		nghttp2_submit_rst_stream(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)g->stream_id, NGHTTP2_CANCEL);
}

void h2_op_release(struct gate *g)
{
	struct h2x *x = h2x_of(g);
	struct h2c *c = x->c;
	bool answered = g->flags & OUT_DONE || (g->flags & OUT_END && !(g->flags & OUT_ABORT));

	x->released = true;
	if (!x->upgraded) {
		c->consumed += g->in.bytes;
		x->unacked += g->in.bytes;
	}
	spanq_drop(&g->in, g->in.bytes);
	if (!g->stream_id)
		x->closed = true;
	reset_if_open(x, answered);
	if (!x->closed && !x->unacked && !(c->flags & H2C_DEAD)) {
		list_del(&x->news_link);	/* what it would be told */
		h2_later(c);
	} else if (x->closed && !(c->flags & H2C_RUNNING) && !h2c_body_of(c, x)) {
		h2x_destroy(x);
		h2_later(c);
	} else {
		h2_say(x, 0);
	}
}
