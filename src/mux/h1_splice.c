/* Bodies that the kernel moves: between the socket and a pipe of the stream's, where no framing
 * lies in between and nothing stands between the mux and the socket. */
#include "h1_priv.h"
#include "weir/net/splice.h"

uint64_t h1_op_splice_want(struct gate *g)
{
	struct h1x *x = h1x_of(g);

	if (x->phase != H1_BODY || x->no_splice || h1_pending(x->c) || !conn_is_raw(x->c->conn))
		return 0;
	return h1_body_plain(&x->body);
}

bool h1_op_splice_ok(struct gate *g)
{
	struct h1x *x = h1x_of(g);

	if (x->out_kind != H1_OUT_LENGTH && x->out_kind != H1_OUT_RAW)
		return false;
	return !x->no_splice && conn_is_raw(x->c->conn);
}

ssize_t h1_op_splice_in(struct gate *g, struct pipe *p, size_t max)
{
	struct h1x *x = h1x_of(g);
	struct conn *conn = x->c->conn;
	uint64_t want = h1_op_splice_want(g);
	ssize_t r;

	WASSERT(spanq_empty(&g->in));
	x->full = false;
	if (!want || !max)
		return IO_AGAIN;
	r = conn_splice_in(conn, p, MIN(max, want));
	if (r > 0) {
		h1_rx_spliced(x, (size_t)r);
	} else if (r == IO_NO_SPLICE) {
		x->no_splice = true;
		h1_later(x->c);
		return IO_AGAIN;
	} else if (r != IO_AGAIN) {
		h1_rx_end(x, r == IO_ERR || (conn->flags & CONN_WR_FAILED));
	}
	return r;
}

ssize_t h1_op_splice_out(struct gate *g, struct pipe *p, bool more)
{
	struct h1x *x = h1x_of(g);
	struct conn *conn = x->c->conn;
	ssize_t r;

	WASSERT(spanq_empty(&g->out) && p->bytes);
	WASSERT(x->out_kind == H1_OUT_RAW || x->out_left >= p->bytes);
	if (x->tx.bytes && !x->blocked)
		h1_tx(x, true);
	if (g->flags & OUT_ABORT)
		return IO_ERR;
	if (x->blocked || !conn_writable(conn)) {
		x->blocked = true;
		return IO_AGAIN;
	}
	if (x->out_kind != H1_OUT_RAW && x->out_left == p->bytes)
		more = false;		/* the last of the body: nothing would push it out */
	r = conn_splice_out(conn, p, more);
	if (r > 0)
		h1_tx_spliced(x, (size_t)r);
	else if (r == IO_AGAIN)
		x->blocked = true;
	else
		h1_tx_failed(x);
	return r > 0 || r == IO_AGAIN ? r : IO_ERR;
}
