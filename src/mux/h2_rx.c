/* What nghttp2 found in the bytes received: blocks of fields, data, ends, resets; and what is counted against a peer.
 */
#include "h2_priv.h"
#include "trace_priv.h"

#define BLOCK_FRAMES_MAX 32	/* CONTINUATION frames of one header block */
#define REFUSED_GLITCH 1
#define INFOS_MAX 32
#define TINY_WINDOW 128
#define USUAL_MAX 32	/* fields for which room is made before they come */
#define FIELDS_SPARE 4	/* for fields that rules add */
#define FEED_STEP 512	/* bytes looked at at once where resets are counted */

static struct h2x *stream_of(struct h2c *c, int32_t id)
{
	if (!c->last || c->last->g.stream_id != (uint32_t)id || c->last->closed)
		c->last = nghttp2_session_get_stream_user_data(c->ng, id);
	return c->last;
}

/* --- frames as such --- */

static bool does_nothing(const struct h2c *c, const nghttp2_frame_hd *hd)
{
	switch (hd->type) {
	case NGHTTP2_PRIORITY:
		return true;
	case NGHTTP2_PING:
		return !(hd->flags & NGHTTP2_FLAG_ACK);
	case NGHTTP2_SETTINGS:
		return !(hd->flags & NGHTTP2_FLAG_ACK) && c->flags & H2C_SETTLED;
	case NGHTTP2_DATA:
		return hd->length == 0 && !(hd->flags & NGHTTP2_FLAG_END_STREAM);
	}
	return false;
}

/* Who reads with a window of a few bytes makes us send as many frames as bytes; who opens windows that nothing was sent
 * into makes us do nothing at all. */
static void window_update(struct h2c *c, const nghttp2_frame *f)
{
	if (f->window_update.window_size_increment < TINY_WINDOW)
		h2_chatter(c, 1);
	else if (c->window_credit)
		c->window_credit--;
	else
		h2_chatter(c, 1);
}

static int on_begin_frame(nghttp2_session *ng, const nghttp2_frame_hd *hd, void *arg)
{
	struct h2c *c = arg;

	if (c->flags & H2C_PREFACE) {
		c->flags &= ~H2C_PREFACE;
		timer_stop(&c->conn->timer);
	}
	if (hd->type == NGHTTP2_CONTINUATION) {
		if (++c->block.frames > BLOCK_FRAMES_MAX) {
			c->close_reason = "h2-continuation-flood";
			return NGHTTP2_ERR_CALLBACK_FAILURE;
		}
		if (hd->length == 0)
			h2_glitch(c, 1);
		return 0;
	}
	c->block.frames = 0;
	if (does_nothing(c, hd))
		h2_chatter(c, 1);
	return 0;
}

/* --- header blocks --- */

static void new_block(struct h2c *c, struct h2x *x, bool is_response)
{
	struct msg *m = arena_alloc(x->g.mem, sizeof(*m));

	msg_init(m, is_response, x->g.mem);
	m->major = 2;
	m->minor = 0;
	msg_reserve(m, c->block.usual + FIELDS_SPARE);
	c->block = (struct h2_block){ .x = x, .m = m, .usual = c->block.usual };
}

/* A request begins. */
static struct h2x *new_exchange(struct h2c *c, int32_t id)
{
	struct h2x *x;

	/* Exchanges that still run count, whatever their stream's state: resets do not buy new ones. */
	if (c->nstreams - c->npush >= c->lim->h2_streams || c->flags & (H2C_DRAIN | H2C_DEAD)) {
		nghttp2_submit_rst_stream(c->ng, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
		h2_glitch(c, REFUSED_GLITCH);
		return NULL;
	}
	x = h2x_create(c, id, &h2_front_ops, c->served ? 0 : GATE_FIRST);
	x->g.t_first_us = loop_us();
	x->g.t_idle_us = list_empty(&c->streams) ? x->g.t_first_us - c->since_us : 0;
	nghttp2_session_set_stream_user_data(c->ng, id, x);
	c->last = x;
	return x;
}

static int on_begin_headers(nghttp2_session *ng, const nghttp2_frame *f, void *arg)
{
	struct h2c *c = arg;
	struct h2x *x;

	c->block.x = NULL;
	if (f->hd.type != NGHTTP2_PUSH_PROMISE && f->hd.type != NGHTTP2_HEADERS)
		return 0;
	/* A request is of nobody yet. */
	x = f->hd.type == NGHTTP2_HEADERS && f->headers.cat == NGHTTP2_HCAT_REQUEST ? NULL
										     : stream_of(c, f->hd.stream_id);
	if (f->hd.type == NGHTTP2_PUSH_PROMISE) {
		x = h2_promise_begin(c, x, f->push_promise.promised_stream_id);
		if (x)
			new_block(c, x, false);
		return 0;
	}
	if (x) {
		if (x->released)
			return 0;
		if (x->phase == H2_HEAD_DONE)
			x->phase = H2_TRAILERS;
		new_block(c, x, c->flags & H2C_BACK);
		return 0;
	}
	if (c->flags & H2C_BACK || f->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	x = new_exchange(c, f->hd.stream_id);
	if (!x)
		return 0;
	new_block(c, x, false);
	if (c->lim->h2_total_streams && c->served >= c->lim->h2_total_streams)
		h2_drain(c->conn);
	return 0;
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *f, const uint8_t *name, size_t nn,
		     const uint8_t *value, size_t nv, uint8_t flags, void *arg)
{
	struct h2c *c = arg;
	struct h2_block *b = &c->block;
	uint32_t limit = c->lim->bufsize - c->lim->maxrewrite;

	if (!b->x || b->x->released)
		return 0;
	b->bytes += (uint32_t)(nn + nv + 32);
	if (b->bytes > limit || b->m->nf >= c->lim->maxhdr) {
		b->too_big = true;
		if (b->bytes < 16 * limit)
			return 0;
		c->close_reason = "h2-header-list-too-large";
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	}
	h2_field(b->x, str_make((const char *)name, nn), str_make((const char *)value, nv));
	return 0;
}

static void reset(struct h2x *x, uint32_t code)
{
	nghttp2_submit_rst_stream(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)x->g.stream_id, code);
	h2_glitch(x->c, 1);
	if (x->told)
		h2_break(x, code);
}

/* The head could be read but asks for nonsense: an answer says so. */
static void refuse(struct h2x *x, int status, const char *reason)
{
	struct gate *g = &x->g;

	g->flags |= GATE_BADREQ;
	g->bad_status = status;
	g->bad_reason = reason;
	g->in_msg = x->c->block.m;
	g->t_head_us = loop_us();
	x->phase = H2_HEAD_DONE;
	h2_say(x, GATE_HEAD);
}

static void request_done(struct h2x *x, bool end)
{
	struct gate *g = &x->g;

	if (x->c->block.too_big) {
		refuse(x, 431, "h2-header-list-too-large");
		return;
	}
	if (!h2_request_done(x, end)) {
		if (x->c->block.bad_status)
			refuse(x, x->c->block.bad_status, g->bad_reason);
		else
			reset(x, NGHTTP2_PROTOCOL_ERROR);
		return;
	}
	g->in_msg = x->c->block.m;
	if (trace_on(TRACE_H2))
		mux_tell_head(x->c->conn, TRACE_H2, H2E_RX_HDR, g->stream_id, g->in_msg);
	g->flags |= IN_HEAD;
	g->wire_in += x->c->block.bytes;
	g->t_head_us = loop_us();
	g->host = msg_host(g->in_msg);
	if (h2_push_allowed(x->c))
		g->flags |= GATE_PUSH_OK;
	x->head_request = g->in_msg->method == METHOD_HEAD;
	x->phase = H2_HEAD_DONE;
	h2_say(x, GATE_HEAD);
}

static void response_done(struct h2x *x, bool end)
{
	struct gate *g = &x->g;

	if (x->c->block.too_big || !h2_response_done(x, end)) {
		g->bad_status = 502;
		g->bad_reason = x->c->block.too_big ? "h2-response-header-list-too-large" : g->bad_reason;
		reset(x, NGHTTP2_PROTOCOL_ERROR);
		return;
	}
	g->in_msg = x->c->block.m;
	if (trace_on(TRACE_H2))
		mux_tell_head(x->c->conn, TRACE_H2, H2E_RX_HDR, g->stream_id, g->in_msg);
	g->wire_in += x->c->block.bytes;
	if (x->c->block.m->status < 200 && x->c->block.m->status != 101) {
		if (end || ++x->infos > INFOS_MAX) {
			reset(x, NGHTTP2_PROTOCOL_ERROR);
			return;
		}
		/* Told at once: the next block may follow in the same read. */
		g->user->wake(g, g->arg, GATE_INFO);
		return;
	}
	g->flags |= IN_HEAD;
	g->t_head_us = loop_us();
	x->phase = H2_HEAD_DONE;
	h2_say(x, GATE_HEAD);
}

static void end_of_message(struct h2x *x)
{
	struct gate *g = &x->g;

	if (g->flags & (IN_END | IN_ABORT))
		return;
	if (x->want != UINT64_MAX && g->in_bytes != x->want && !(x->head_request && g->flags & GATE_BACK)) {
		g->bad_reason = "h2-content-length-mismatch";
		reset(x, NGHTTP2_PROTOCOL_ERROR);
		if (!x->told)
			x->released = true;
		return;
	}
	g->flags |= IN_END;
	h2_say(x, GATE_END);
}

static void headers_done(struct h2x *x, bool end)
{
	x->c->block.usual = MIN(x->c->block.m->nf, (uint16_t)USUAL_MAX);
	if (h2x_begins(x) && !(x->c->flags & H2C_PREFACE))
		timer_stop(&x->c->conn->timer);		/* it did come in time */
	if (x->phase == H2_TRAILERS) {
		if (!end || x->c->block.too_big || !h2_trailers_done(x)) {
			reset(x, NGHTTP2_PROTOCOL_ERROR);
			return;
		}
	} else if (x->g.flags & GATE_BACK) {
		response_done(x, end);
	} else {
		request_done(x, end);
	}
	if (end && (x->g.flags & IN_HEAD || x->phase == H2_TRAILERS))
		end_of_message(x);
}

/* --- whole frames --- */

static void peer_settings(struct h2c *c)
{
	if (c->rx && !(c->flags & H2C_SETTLED))	/* a frame, not HTTP2-Settings */
		h2_open_window(c);
	c->flags |= H2C_SETTLED;
	if (nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1)
		c->flags |= H2C_CONNECT_OK;
	if (c->flags & H2C_BACK)
		h2_back_settled(c);
}

static int on_frame(nghttp2_session *ng, const nghttp2_frame *f, void *arg)
{
	struct h2c *c = arg;
	struct h2x *x = f->hd.stream_id ? stream_of(c, f->hd.stream_id) : NULL;
	bool end = f->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (trace_on(TRACE_H2))
		h2_tell_frame(c, H2E_RX_FRAME, f);
	switch (f->hd.type) {
	case NGHTTP2_SETTINGS:
		if (!(f->hd.flags & NGHTTP2_FLAG_ACK))
			peer_settings(c);
		break;
	case NGHTTP2_HEADERS:
		if (!x || x->released || c->block.x != x)
			break;
		headers_done(x, end);
		if (end)
			h2_tell_now(x);
		break;
	case NGHTTP2_DATA:
		if (!x || !end)
			break;
		if (x->released) {
			x->g.flags |= IN_END;
		} else {
			end_of_message(x);
			h2_tell_now(x);
		}
		break;
	case NGHTTP2_PUSH_PROMISE:
		x = stream_of(c, f->push_promise.promised_stream_id);
		if (x && !x->released)
			h2_promise_done(x);
		break;
	case NGHTTP2_GOAWAY:
		c->flags |= H2C_PEER_AWAY;
		break;
	case NGHTTP2_WINDOW_UPDATE:
		window_update(c, f);
		break;
	case NGHTTP2_RST_STREAM:
		c->rsts++;
		if (!(c->flags & H2C_BACK))
			h2_glitch(c, x && !x->released && !(x->g.flags & OUT_HEAD) ? 1 : 0);
		break;
	}
	return 0;
}

static int on_invalid_frame(nghttp2_session *ng, const nghttp2_frame *f, int err, void *arg)
{
	h2_glitch(arg, 1);
	return 0;
}

/* --- data --- */

/* The answer is out and the stream gone, but the client still sends its body: reading on costs less than what many
 * clients make of a reset. */
static void h2_discard(struct h2x *x, size_t n)
{
	struct h2c *c = x->c;

	c->consumed += n;
	x->unacked += n;
	x->drained += n;
	if (!(c->flags & (H2C_BACK | H2C_DRAIN)))
		timer_stop(&c->conn->timer);	/* not idle: h2_run() begins to wait anew */
	if (x->drained > H2_DRAIN_MAX)
		nghttp2_submit_rst_stream(c->ng, NGHTTP2_FLAG_NONE, (int32_t)x->g.stream_id, NGHTTP2_NO_ERROR);
	h2_say(x, 0);
}

static int on_data(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *data, size_t n, void *arg)
{
	struct h2c *c = arg;
	struct h2x *x = stream_of(c, id);
	struct gate *g;

	if (x && x->released && !x->closed) {
		h2_discard(x, n);
		return 0;
	}
	if (!x || x->phase != H2_HEAD_DONE || x->g.flags & IN_ABORT) {
		nghttp2_session_consume_connection(ng, n);	/* nobody will */
		return 0;
	}
	g = &x->g;
	WASSERT(data >= c->rx->data && data + n <= c->rx->data + c->rx->size);
	spanq_push(&g->in, c->rx, (uint32_t)(data - c->rx->data), (uint32_t)n);
	g->in_bytes += n;
	g->wire_in += n + 9;
	if (x->want != UINT64_MAX && g->in_bytes > x->want) {
		g->bad_reason = "h2-content-length-mismatch";
		reset(x, NGHTTP2_PROTOCOL_ERROR);
		return 0;
	}
	h2_say(x, GATE_DATA);
	return 0;
}

static int on_close(nghttp2_session *ng, int32_t id, uint32_t code, void *arg)
{
	struct h2x *x = stream_of(arg, id);
	struct gate *g;

	if (!x)
		return 0;
	g = &x->g;
	x->closed = true;
	if (code == NGHTTP2_REFUSED_STREAM)
		g->flags |= GATE_REFUSED;
	/* Where the request came by HTTP/1 the stream says nothing about its end. */
	if (code != NGHTTP2_NO_ERROR || !(g->flags & IN_END || x->upgraded) || !(g->flags & OUT_END))
		h2_break(x, code);
	else if (x->released || !x->told)	/* else it goes when it is released */
		h2_say(x, 0);
	return 0;
}

static int on_data_framed(nghttp2_session *ng, nghttp2_frame *f, const uint8_t *framehd, size_t n,
			  nghttp2_data_source *src, void *arg)
{
	const struct h2c *c = arg;

	if (c->flags & H2C_DEAD)	/* the exchange may have gone */
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	return (int)h2_send_data(src->ptr, framehd, n);
}

/* A frame of ours is on its way; with END_STREAM it is the last one. */
static int on_sent(nghttp2_session *ng, const nghttp2_frame *f, void *arg)
{
	struct h2c *c = arg;
	struct h2x *x;

	if (trace_on(TRACE_H2))
		h2_tell_frame(c, H2E_TX_FRAME, f);
	if (f->hd.type != NGHTTP2_DATA && f->hd.type != NGHTTP2_HEADERS)
		return 0;
	x = stream_of(c, f->hd.stream_id);
	if (!x)
		return 0;
	if (f->hd.type == NGHTTP2_HEADERS && x->heads)
		x->heads--;
	x->g.flags |= GATE_SRV_SAW;
	if (f->hd.flags & NGHTTP2_FLAG_END_STREAM && !(x->g.flags & OUT_DONE)) {
		x->g.flags |= OUT_DONE;
		if (c->framing != x)	/* else its stream is looking */
			h2_say(x, GATE_ROOM);
	}
	return 0;
}

/* Too late: the peer went away, its stream is closed. */
static int on_not_sent(nghttp2_session *ng, const nghttp2_frame *f, int err, void *arg)
{
	struct h2c *c = arg;
	bool promise = f->hd.type == NGHTTP2_PUSH_PROMISE;
	uint32_t id = (uint32_t)(promise ? f->push_promise.promised_stream_id : f->hd.stream_id);
	struct h2x *x;

	if (f->hd.type != NGHTTP2_HEADERS && !promise)
		return 0;
	x = promise ? NULL : stream_of(c, (int32_t)id);
	if (x && x->heads)
		x->heads--;
	list_each(x, &c->streams, link)
		if (x->g.stream_id == id && !x->closed && !nghttp2_session_find_stream(ng, (int32_t)id)) {
			x->closed = true;
			x->g.flags |= GATE_REFUSED;
			h2_break(x, NGHTTP2_REFUSED_STREAM);
		}
	return 0;
}

nghttp2_session_callbacks *h2_callbacks(void)
{
	nghttp2_session_callbacks *cb;

	nghttp2_session_callbacks_new(&cb);
	nghttp2_session_callbacks_set_on_begin_frame_callback(cb, on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(cb, on_invalid_frame);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_session_callbacks_set_send_data_callback(cb, on_data_framed);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(cb, on_not_sent);
	return cb;
}

/* --- bytes --- */

void h2_feed(struct h2c *c, struct chunk *chunk, uint32_t off, uint32_t len)
{
	struct chunk *was = c->rx;
	ssize_t n;

	c->rx = chunk;
	n = nghttp2_session_mem_recv(c->ng, chunk->data + off, len);
	c->rx = was;
	c->fed += n == NGHTTP2_ERR_BAD_CLIENT_MAGIC ? 0 : len;
	if (c->fed >= NGHTTP2_CLIENT_MAGIC_LEN)
		c->flags |= H2C_SPEAKS;
	if (n >= 0)
		return;
	if (n == NGHTTP2_ERR_BAD_CLIENT_MAGIC) {
		h2_close(c, "h2-bad-preface");
		return;
	}
	/* Whatever the reason, the peer is told once, then it is over. */
	nghttp2_session_terminate_session(c->ng, n == NGHTTP2_ERR_FLOODED || n == NGHTTP2_ERR_CALLBACK_FAILURE
							 ? NGHTTP2_ENHANCE_YOUR_CALM
							 : NGHTTP2_PROTOCOL_ERROR);
	h2_glitch(c, 1);
	c->flags |= H2C_EOF;
	h2_tx(c);
	h2_close(c, "h2-protocol-error");
}

/* The peer's end: exchanges without a complete message are cut; the others may finish. */
void h2_peer_end(struct h2c *c, bool broken)
{
	struct h2x *x, *tmp;

	c->flags |= H2C_EOF;
	h2c_switch(c);
	if (broken || c->flags & H2C_BACK) {
		h2_close(c, broken ? "h2-reset" : "h2-closed");
		return;
	}
	list_each_safe(x, tmp, &c->streams, link)
		if (!(x->g.flags & IN_END))
			h2_break(x, NGHTTP2_NO_ERROR);
	if (list_empty(&c->streams))
		h2_close(c, "h2-closed");
}

bool h2_more(const struct h2c *c)
{
	if (c->flags & (H2C_DEAD | H2C_EOF))
		return false;
	if (c->held)
		return true;
	if (!conn_readable(c->conn))
		return false;
	return c->body ? !h2c_body_full(c) : c->tx.bytes < H2_TX_HIGH;
}

static bool enough_resets(const struct h2c *c)
{
	return c->lim->h2_rst_limit && c->rsts >= c->lim->h2_rst_limit;
}

/* What was received, up to the resets that one turn may have; the rest is held. */
static void feed(struct h2c *c, struct chunk *k, uint32_t off)
{
	while (off < k->fill && !(c->flags & (H2C_DEAD | H2C_EOF)) && !enough_resets(c)) {
		uint32_t n = k->fill - off;

		if (c->lim->h2_rst_limit)
			n = MIN(n, (uint32_t)FEED_STEP);
		h2_feed(c, k, off, n);
		off += n;
	}
	if (off < k->fill && !(c->flags & (H2C_DEAD | H2C_EOF))) {
		c->held = chunk_ref(k);
		c->held_off = off;
	}
}

static void feed_held(struct h2c *c)
{
	struct chunk *k = c->held;

	c->held = NULL;
	if (k)
		feed(c, k, c->held_off);
	chunk_unref(k);
}

void h2_rx(struct h2c *c)
{
	uint32_t size = H2_READ_FIRST;

	if (c->body && !h2c_read_body(c))
		return;
	c->rsts = 0;
	feed_held(c);
	while (conn_readable(c->conn) && !(c->flags & (H2C_DEAD | H2C_EOF)) && !c->held && !enough_resets(c) &&
	       c->tx.bytes < H2_TX_HIGH) {
		struct chunk *k = c->spare ? c->spare : chunk_get(size);
		ssize_t n;

		c->spare = NULL;
		n = conn_recv(c->conn, k->data, k->size);
		if (n > 0) {
			k->fill = (uint32_t)n;
			feed(c, k, 0);
		}
		if (n == (ssize_t)k->size)
			size = H2_READ;
		if (k->refs == 1 && n > 0 && k->size >= size)
			c->spare = k;
		else
			chunk_unref(k);
		if (n == IO_AGAIN)
			break;
		if (n <= 0) {
			h2_peer_end(c, n == IO_ERR);
			break;
		}
	}
	chunk_unref(c->spare);
	c->spare = NULL;
}
