/* Sending: on the wire x->tx (heads, framing, small bodies copied behind them) comes before `out`,
 * and behind `out` the framing that ends a chunk. What can leave together leaves in one call. */
#include "h1_priv.h"
#include "trace_priv.h"

#define IOV_MAX_H1 64
#define HEAD_SPARE 512 /* room behind a head for a small body whose size is not known yet */

/* Its first two bytes end a chunk that is not the last. */
static const char last_chunk[] = "\r\n0\r\n\r\n";

/* One send. */
struct shot {
	struct iovec iov[IOV_MAX_H1];
	int n;
	size_t tx, data, tail; /* bytes of x->tx, of `out`, of last_chunk */
};

void h1_tx_head(struct h1x *x, const struct msg *m, const struct h1_out *o)
{
	size_t max = h1_head_max(m, o), spare = HEAD_SPARE;
	struct chunk *k;
	struct sbuf b;

	if (m->body == BODY_LENGTH && m->body_len <= H1_SMALL)
		spare = m->body_len;
	k = chunk_get((uint32_t)(max + spare));
	b = sbuf_fixed((char *)k->data, max);
	WASSERT(h1_write_head(&b, m, o));
	if (trace_on(TRACE_H1))
		mux_tell_head(x->c->conn, TRACE_H1, H1E_TX_HDRS, 0, m);
	k->fill = (uint32_t)b.n;
	spanq_push(&x->tx, k, 0, k->fill);
	chunk_unref(k);
}

/* Body bytes at the front of `out` that may follow x->tx as they are. */
static size_t plain_bytes(const struct h1x *x)
{
	switch (x->out_kind) {
	case H1_OUT_LENGTH:
	case H1_OUT_CHUNKED:
		return MIN(x->out_left, x->g.out.bytes);
	case H1_OUT_RAW:
		return x->g.out.bytes;
	}
	return 0;
}

static void count_body(struct h1x *x, size_t n)
{
	x->g.out_bytes += n;
	if (x->out_kind == H1_OUT_LENGTH || x->out_kind == H1_OUT_CHUNKED)
		x->out_left -= n;
}

/* A small body goes behind the head into its buffer. */
static void copy_small(struct h1x *x, size_t n)
{
	struct spanq *out = &x->g.out;
	size_t left = n;

	while (left) {
		struct str s = str_head(spanq_peek(out), left);

		spanq_push_copy(&x->tx, s.p, s.n);
		spanq_drop(out, s.n);
		left -= s.n;
	}
	count_body(x, n);
}

static void queue_last_chunk(struct h1x *x)
{
	size_t max = h1_trailers_max(x->trailers, x->ntrailers);
	struct chunk *k;
	struct sbuf b;

	x->ended = true;
	if (!x->ntrailers) {
		spanq_push_copy(&x->tx, last_chunk + 2, sizeof(last_chunk) - 3);
		return;
	}
	k = chunk_get((uint32_t)max);
	b = sbuf_fixed((char *)k->data, max);
	WASSERT(h1_write_trailers(&b, x->trailers, x->ntrailers, x->c->lim->case_adjust));
	k->fill = (uint32_t)b.n;
	spanq_push(&x->tx, k, 0, k->fill);
	chunk_unref(k);
}

/* Announces what is in `out` as the next chunk, ends the one before and the message. */
static void frame_chunks(struct h1x *x)
{
	char line[H1_CHUNK_LINE_MAX];

	if (x->ended)
		return;
	if (!x->out_left && x->crlf) {
		spanq_push_copy(&x->tx, "\r\n", 2);
		x->crlf = false;
	}
	if (!x->out_left && x->g.out.bytes) {
		x->out_left = x->g.out.bytes;
		x->crlf = true;
		spanq_push_copy(&x->tx, line, h1_chunk_line(line, x->out_left));
	}
	if (!x->out_left && (x->g.flags & OUT_END))
		queue_last_chunk(x);
}

/* Brings what can be sent into its order on the wire. */
static void frame(struct h1x *x)
{
	struct spanq *out = &x->g.out;

	if (x->out_kind == H1_OUT_DROP || (x->out_kind == H1_OUT_LENGTH && !x->out_left))
		spanq_drop(out, out->bytes);
	if (x->out_kind == H1_OUT_CHUNKED)
		frame_chunks(x);
	if (x->tx.bytes && x->tx.bytes <= H1_SMALL && plain_bytes(x) <= H1_SMALL) {
		copy_small(x, plain_bytes(x));
		if (x->out_kind == H1_OUT_CHUNKED)
			frame_chunks(x);
	}
}

/* Framing to be sent right behind the data of this shot. */
static size_t tail_bytes(const struct h1x *x, size_t data)
{
	if (x->out_kind != H1_OUT_CHUNKED || !data || data < x->out_left)
		return 0;
	if (x->g.out.bytes > data || !(x->g.flags & OUT_END) || x->ntrailers)
		return 2;
	return sizeof(last_chunk) - 1;
}

static void aim(struct h1x *x, struct shot *s)
{
	size_t data = plain_bytes(x), left;

	s->n = spanq_iov(&x->tx, s->iov, IOV_MAX_H1 - 1);
	s->tx = s->data = s->tail = 0;
	for (int i = 0; i < s->n; i++)
		s->tx += s->iov[i].iov_len;
	if (s->tx < x->tx.bytes || !data)
		return;
	left = data;
	for (int i = s->n, end = s->n + spanq_iov(&x->g.out, s->iov + s->n, IOV_MAX_H1 - 1 - s->n);
	     i < end && left; i++) {
		s->iov[i].iov_len = MIN(s->iov[i].iov_len, left);
		left -= s->iov[i].iov_len;
		s->n++;
	}
	s->data = data - left;
	s->tail = left ? 0 : tail_bytes(x, s->data);
	if (s->tail)
		s->iov[s->n++] = (struct iovec){ (void *)last_chunk, s->tail };
}

/* n bytes of the shot left. */
static void account(struct h1x *x, const struct shot *s, size_t n)
{
	size_t part = MIN(n, s->tx);

	x->g.wire_out += n;
	if (mux_traced(x->c->conn))
		mux_tell(x->c->conn, mux_trace_id(x->c->conn), H1E_TX_DATA, TRL_DATA, "%zu bytes", n);
	spanq_drop(&x->tx, part);
	n -= part;
	part = MIN(n, s->data);
	spanq_drop(&x->g.out, part);
	count_body(x, part);
	n -= part;
	if (!n)
		return;
	x->crlf = false;
	x->ended = s->tail > 2;
	if (n < s->tail)
		spanq_push_copy(&x->tx, last_chunk + n, s->tail - n);
}

void h1_tx_failed(struct h1x *x)
{
	struct gate *g = &x->g;

	g->flags |= OUT_ABORT;
	if (!g->bad_reason)
		g->bad_reason = x->c->flags & H1C_BACK ? "server-write-error"
						       : "client-write-error";
	if (mux_traced(x->c->conn))
		mux_tell(x->c->conn, mux_trace_id(x->c->conn), H1E_X_ERR, TRL_ERROR, "%s", g->bad_reason);
	x->close = true;
	x->blocked = false;
	spanq_drop(&g->out, g->out.bytes);
	spanq_drop(&x->tx, x->tx.bytes);
	h1_say(x, GATE_ABORT);
}

/* The end of the connection is the end of the message. Where the peer has ended as well the stream is about to let go,
 * and closing says the same: h1_run() looks once more. Over TLS closing says nothing. */
static void end_bytes(struct h1x *x)
{
	struct conn *conn = x->c->conn;

	if ((conn->flags & (CONN_RD_EOF | CONN_TLS)) == CONN_RD_EOF) {
		x->owes_shut = true;
		h1_later(x->c);
	} else {
		conn_shut(conn);
	}
}

/* Is everything said? Then the end itself. */
static void finish(struct h1x *x)
{
	struct gate *g = &x->g;

	if (!(g->flags & OUT_END) || (g->flags & (OUT_DONE | OUT_ABORT)) || x->tx.bytes ||
	    g->out.bytes)
		return;
	if (x->out_kind == H1_OUT_CHUNKED && !x->ended)
		return;
	/* Less than was promised is never a clean end. */
	if (x->out_kind == H1_OUT_LENGTH && x->out_left) {
		g->flags |= OUT_ABORT;
		x->close = x->cut = true;
		h1_say(x, GATE_ABORT);
		return;
	}
	if (x->out_kind == H1_OUT_RAW)
		end_bytes(x);
	g->flags |= OUT_DONE;
}

void h1_tx(struct h1x *x, bool more)
{
	struct conn *conn = x->c->conn;
	struct shot s;
	ssize_t r;

	while (!(x->g.flags & OUT_ABORT)) {
		frame(x);
		aim(x, &s);
		if (!s.n) {
			x->blocked = false;
			finish(x);
			return;
		}
		/* Nothing follows the last byte of a body of known length: it must not wait. */
		if (x->out_kind == H1_OUT_LENGTH && s.data == x->out_left)
			more = false;
		r = conn_writable(conn) ? conn_sendv(conn, s.iov, s.n, more) : IO_AGAIN;
		if (r == IO_ERR) {
			h1_tx_failed(x);
			return;
		}
		if (r <= 0) {
			x->blocked = true;
			return;
		}
		x->g.flags |= x->g.flags & GATE_BACK ? GATE_SRV_SAW : 0;
		account(x, &s, (size_t)r);
	}
}

void h1_tx_spliced(struct h1x *x, size_t n)
{
	x->g.wire_out += n;
	count_body(x, n);
	x->g.flags |= x->g.flags & GATE_BACK ? GATE_SRV_SAW : 0;
}

bool h1_tx_resume(struct h1x *x)
{
	struct gate *g = &x->g;
	uint64_t before = g->wire_out;

	h1_tx(x, false);
	if (!x->blocked || (g->flags & OUT_FULL && g->out.bytes < gate_out_max(g) / 2)) {
		g->flags &= ~(uint32_t)OUT_FULL;
		x->news |= GATE_ROOM;
	}
	return g->wire_out != before || !x->blocked;
}

void h1_op_flush(struct gate *g, bool more)
{
	struct h1x *x = h1x_of(g);

	if (!x->blocked)
		h1_tx(x, more);
}

void h1_op_end(struct gate *g, const struct field *trailers, int n)
{
	struct h1x *x = h1x_of(g);

	WASSERT(!(g->flags & OUT_END));
	g->flags |= OUT_END;
	x->trailers = trailers;
	x->ntrailers = n;
	if (!x->blocked)
		h1_tx(x, false);
}

void h1_op_reset(struct gate *g, uint32_t code)
{
	struct h1x *x = h1x_of(g);

	x->cut = x->close = true;
	h1_break(x, NULL);
	x->news = 0; /* the stream knows */
}

void h1_op_release(struct gate *g)
{
	struct h1x *x = h1x_of(g);

	WASSERT(!x->released);
	x->released = true;
	g->user = NULL;
	g->arg = NULL;
	spanq_drop(&g->in, g->in.bytes);
	if (!x->c->depth)
		x->c->side->settle(x);
}
