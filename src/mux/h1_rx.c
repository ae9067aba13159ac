/* Receiving: bytes are read into chunks, heads are parsed where they lie, bodies become spans of
 * the same chunks. When a flow fills what it is offered, several chunks are offered to one receive.
 */
#include "h1_priv.h"
#include "trace_priv.h"

#define ROOM_MIN(size) ((size) / 8) /* a chunk with less room is not read into any more */
#define RUN_TINY 64 /* body runs that short are copied together once there are many */
#define RUNS_MANY 16

/* Chunks of one receive behind c->rx. */
struct batch {
	struct chunk *v[H1_BURST_MAX];
	int n;
};

void h1_rx_trim(struct h1c *c)
{
	if (!c->rx || h1_pending(c))
		return;
	/* While bytes of it are on their way through the stream there may be room for more. */
	if (c->x && c->x->phase != H1_OVER && c->rx->refs > 1)
		return;
	chunk_unref(c->rx);
	c->rx = NULL;
}

/* Moves what is pending to the front of a chunk, so that a head has the whole of one to grow in. */
static void to_front(struct h1c *c)
{
	uint32_t n = h1_pending(c);
	struct chunk *to = c->rx;

	if (to->refs > 1)
		to = chunk_get(c->lim->bufsize);
	memmove(to->data, c->rx->data + c->rx_off, n);
	if (to != c->rx)
		chunk_unref(c->rx);
	c->rx = to;
	c->rx_off = 0;
	to->fill = n;
}

static void make_room(struct h1c *c)
{
	if (c->rx && !h1_pending(c)) {
		if (c->rx->refs == 1) {
			c->rx->fill = c->rx_off = 0;
		} else if (!c->x || c->x->phase == H1_HEAD ||
			   chunk_room(c->rx) < ROOM_MIN(c->rx->size)) {
			chunk_unref(c->rx);
			c->rx = NULL;
		}
	}
	if (!c->rx) {
		c->rx = chunk_get(c->lim->bufsize);
		c->rx_off = 0;
	} else if (h1_pending(c) && c->rx_off && chunk_room(c->rx) < c->rx->size / 2) {
		to_front(c);
	}
	WASSERT(chunk_room(c->rx) > 0);
}

static void adapt_burst(struct h1c *c, size_t got, size_t asked)
{
	if (got == asked)
		c->burst = (uint8_t)MIN(c->burst * 4, H1_BURST_MAX);
	else if (got <= asked / 2 && c->burst > 1)
		c->burst /= 2;
}

static ssize_t receive_one(struct h1c *c)
{
	size_t room = chunk_room(c->rx);
	ssize_t n = conn_recv(c->conn, c->rx->data + c->rx->fill, room);

	if (n > 0) {
		c->rx->fill += (uint32_t)n;
		adapt_burst(c, (size_t)n, room);
	}
	return n;
}

/* Gives every chunk what it got of n bytes; those that got nothing go back. */
static void share_out(struct h1c *c, struct batch *b, size_t n)
{
	uint32_t part = (uint32_t)MIN(n, (size_t)chunk_room(c->rx));
	int used = 0;

	c->rx->fill += part;
	n -= part;
	for (int i = 0; i < b->n; i++) {
		part = (uint32_t)MIN(n, (size_t)b->v[i]->size);
		b->v[i]->fill = part;
		n -= part;
		if (part)
			used++;
		else
			chunk_unref(b->v[i]);
	}
	b->n = used;
}

/* What `in` may hold: in any case the buffer that rules may wait to be full. */
static size_t in_max(const struct h1x *x)
{
	return MAX(gate_in_max(&x->g), (size_t)x->c->lim->bufsize);
}

static ssize_t receive_many(struct h1c *c, struct batch *b)
{
	struct iovec iov[H1_BURST_MAX];
	size_t asked = chunk_room(c->rx), most = in_max(c->x) - MIN(in_max(c->x), c->x->g.in.bytes);
	ssize_t n;

	iov[0] = (struct iovec){ c->rx->data + c->rx->fill, asked };
	while (b->n < c->burst - 1 && asked < most) {
		struct chunk *k = chunk_get(c->lim->bufsize);

		b->v[b->n++] = k;
		iov[b->n] = (struct iovec){ k->data, k->size };
		asked += k->size;
	}
	n = conn_recvv(c->conn, iov, b->n + 1);
	share_out(c, b, n > 0 ? (size_t)n : 0);
	if (n > 0)
		adapt_burst(c, (size_t)n, asked);
	return n;
}

static ssize_t tell_received(const struct h1c *c, ssize_t n)
{
	if (mux_traced(c->conn) && n != IO_AGAIN)
		mux_tell(c->conn, mux_trace_id(c->conn), H1E_RX_DATA, TRL_DATA, n > 0 ? "%zd bytes" : "end (%zd)", n);
	return n;
}

static ssize_t receive(struct h1c *c, struct batch *b)
{
	make_room(c);
	b->n = 0;
	/* A head that is incomplete is continued alone: it must not lie in two pieces. */
	if (c->burst == 1 || h1_pending(c))
		return tell_received(c, receive_one(c));
	return tell_received(c, receive_many(c, b));
}

ssize_t h1_rx_first(struct h1c *c)
{
	make_room(c);
	return tell_received(c, receive_one(c));
}

/* The exchange stopped before the end of what was received: one piece again, for whoever parses it
 * next. */
static void gather(struct h1c *c, struct batch *b, int from)
{
	uint32_t n = h1_pending(c);
	struct chunk *to;

	for (int i = from; i < b->n; i++)
		n += b->v[i]->fill;
	to = chunk_get(MAX(n, c->lim->bufsize));
	memcpy(to->data, c->rx->data + c->rx_off, h1_pending(c));
	to->fill = h1_pending(c);
	for (int i = from; i < b->n; i++) {
		memcpy(to->data + to->fill, b->v[i]->data, b->v[i]->fill);
		to->fill += b->v[i]->fill;
		chunk_unref(b->v[i]);
	}
	chunk_unref(c->rx);
	c->rx = to;
	c->rx_off = 0;
}

void h1_push_run(struct spanq *in, struct chunk *k, uint32_t off, size_t len)
{
	if (len < RUN_TINY && in->count >= RUNS_MANY)
		spanq_push_copy(in, k->data + off, len);
	else
		spanq_push(in, k, off, (uint32_t)len);
}

/* len bytes of the body lie at p in c->rx. */
static void take_run(struct h1x *x, const char *p, size_t len)
{
	struct gate *g = &x->g;
	struct chunk *rx = x->c->rx;

	g->in_bytes += len;
	if (x->released) {
		x->drained += len;
		return;
	}
	h1_push_run(&g->in, rx, (uint32_t)((const unsigned char *)p - rx->data), len);
	x->news |= GATE_DATA;
}

static void body_over(struct h1x *x)
{
	x->g.flags |= IN_END;
	x->phase = H1_OVER;
	x->news |= GATE_END;
}

static void body_fault(struct h1x *x, const struct fault *f)
{
	x->g.flags |= IN_ABORT;
	x->g.bad_status = f->status;
	x->g.bad_reason = f->reason;
	x->phase = H1_OVER;
	x->close = true;
	x->news |= GATE_ABORT;
}

static void read_body(struct h1x *x)
{
	struct h1c *c = x->c;
	struct fault f = { 0 };
	struct h1_run run;
	size_t used;

	while (x->phase == H1_BODY) {
		const char *p = c->rx ? (const char *)c->rx->data + c->rx_off : "";

		switch (h1_read_body(&x->body, p, h1_pending(c), &used, &run, &f)) {
		case H1_BODY_DATA:
			take_run(x, p + run.off, run.len);
			break;
		case H1_BODY_END:
			body_over(x);
			break;
		case H1_BODY_ERROR:
			body_fault(x, &f);
			break;
		case H1_BODY_MORE:
			c->rx_off += (uint32_t)used;
			x->g.wire_in += used;
			return;
		}
		c->rx_off += (uint32_t)used;
		x->g.wire_in += used;
	}
}

void h1_rx_body(struct h1x *x)
{
	x->phase = H1_BODY;
	h1_body_init(&x->body, x->g.in_msg, &x->c->opts);
	read_body(x);
}

void h1_rx_tunnel(struct h1x *x)
{
	x->g.flags &= ~(uint32_t)IN_END;
	x->g.flags |= GATE_TUNNEL;
	x->g.in_msg->body = BODY_TUNNEL;
	x->close = true;
	x->phase = H1_BODY;
	h1_body_init(&x->body, x->g.in_msg, &x->c->opts);
	if (h1_pending(x->c) || conn_readable(x->c->conn))
		h1_later(x->c);
}

void h1_rx_spliced(struct h1x *x, size_t n)
{
	h1_body_skip(&x->body, n);
	x->g.in_bytes += n;
	x->g.wire_in += n;
	read_body(x);
}

/* Parses what is pending. An interim answer stops it, until the stream has seen it. */
static void parse(struct h1x *x)
{
	struct h1c *c = x->c;

	while (h1_pending(c) && x->phase == H1_HEAD && !(x->news & GATE_INFO)) {
		if (!c->side->head(x)) {
			x->need = x->phase == H1_HEAD;
			return;
		}
	}
	if (x->phase == H1_BODY)
		read_body(x);
}

void h1_rx_end(struct h1x *x, bool broken)
{
	if (x->phase == H1_BODY && !broken && h1_body_may_end(&x->body)) {
		body_over(x);
		return;
	}
	x->close = true;
	x->c->side->cut(x, broken);
	x->phase = H1_OVER;
}

static bool receive_and_parse(struct h1x *x)
{
	struct h1c *c = x->c;
	struct batch b;
	ssize_t n = receive(c, &b);
	int i;

	if (n == IO_AGAIN)
		return false;
	if (n <= 0) {
		/* The error may have been told to a send already: then this is no orderly end. */
		h1_rx_end(x, n == IO_ERR || (c->conn->flags & CONN_WR_FAILED));
		return true;
	}
	x->need = false;
	parse(x);
	for (i = 0; i < b.n && !h1_pending(c); i++) {
		chunk_unref(c->rx);
		c->rx = b.v[i];
		c->rx_off = 0;
		parse(x);
	}
	if (i < b.n)
		gather(c, &b, i);
	return true;
}

/* The exchange reads nothing now: only an end of the connection is of interest. */
static void watch_end(struct h1x *x)
{
	uint32_t ready = x->c->conn->ev.ready;
	struct gate *g = &x->g;

	if ((x->c->flags & H1C_BACK) || x->released || !(g->flags & IN_END))
		return;
	if ((ready & (EV_HUP | EV_ERR)) && !(g->flags & (OUT_ABORT | OUT_DONE))) {
		g->flags |= IN_FIN;
		h1_break(x, "client-reset");
	} else if ((ready & EV_RDHUP) && !(g->flags & IN_FIN)) {
		g->flags |= IN_FIN;
		x->news |= GATE_FIN;
	}
}

static bool wants_bytes(struct h1x *x)
{
	if (x->phase == H1_OVER || x->full)
		return false;
	if (x->released)
		return x->waits && x->drained <= H1_DRAIN_MAX && !x->close;
	if (x->g.in.bytes < in_max(x))
		return true;
	x->full = true;
	return false;
}

/* The stream moves the body itself: it only has to know that bytes may be there. */
static bool splicing(struct h1x *x)
{
	if (!(x->g.flags & GATE_SPLICE) || x->phase != H1_BODY || h1_pending(x->c) ||
	    !h1_op_splice_want(&x->g))
		return false;
	if (conn_readable(x->c->conn) && spanq_empty(&x->g.in)) {
		x->news |= GATE_DATA;
		x->full = true; /* said once, until it calls splice_in */
	}
	return true;
}

static bool linger(struct h1c *c)
{
	ssize_t n;

	if (!conn_readable(c->conn))
		return false;
	n = h1_rx_first(c);
	c->rx_off = c->rx->fill;
	if (n == IO_AGAIN)
		return false;
	if (n > 0)
		c->since_us += (uint64_t)n;
	if (n <= 0 || c->since_us > H1_LINGER_MAX)
		h1_close(c, false);
	return n > 0;
}

bool h1_rx(struct h1c *c)
{
	struct h1x *x = c->x;

	if (c->flags & H1C_DEAD)
		return false;
	if (c->flags & H1C_LINGER)
		return linger(c);
	if (!x) {
		if (!h1_pending(c) && !conn_readable(c->conn))
			return false;
		return c->side->idle(c);
	}
	if (!wants_bytes(x)) {
		watch_end(x);
		return false;
	}
	if (splicing(x))
		return false;
	if (h1_pending(c) && !x->need) {
		parse(x);
		return true;
	}
	return conn_readable(c->conn) && receive_and_parse(x);
}

void h1_op_consumed(struct gate *g, size_t n)
{
	struct h1x *x = h1x_of(g);

	if ((n && !x->full) || g->in.bytes > in_max(x) / 2)
		return;
	x->full = false;
	if (h1_pending(x->c) || conn_readable(x->c->conn))
		h1_later(x->c);
}
