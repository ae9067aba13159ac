/* Bodies that the kernel moves: between the socket and a pipe of the stream's, where no framing
 * lies in between and no transport stands above the socket. The process ignores SIGPIPE: splice()
 * has no flag against it. */
#include "h1_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

uint64_t h1_op_splice_want(struct gate *g)
{
	struct h1x *x = h1x_of(g);

	if (x->phase != H1_BODY || h1_pending(x->c) || !conn_is_raw(x->c->conn))
		return 0;
	return h1_body_plain(&x->body);
}

bool h1_op_splice_ok(struct gate *g)
{
	struct h1x *x = h1x_of(g);

	return (x->out_kind == H1_OUT_LENGTH || x->out_kind == H1_OUT_RAW) &&
	       conn_is_raw(x->c->conn);
}

/* Nothing was moved: is it the socket that is empty, or the pipe that is full? */
static void look_again(struct conn *conn)
{
	int n = 0;

	if (ioctl(conn->ev.fd, FIONREAD, &n) == 0 && n == 0)
		conn->ev.ready &= ~(uint32_t)EV_READ;
}

static ssize_t ended(struct h1x *x, ssize_t how)
{
	struct conn *conn = x->c->conn;

	if (how == IO_EOF)
		conn->flags |= CONN_RD_EOF;
	else
		conn_fail(conn, conn_err_of_errno(errno), errno);
	conn->ev.ready &= ~(uint32_t)(EV_READ | EV_RDHUP | EV_HUP | EV_ERR);
	h1_rx_end(x, how == IO_ERR || (conn->flags & CONN_WR_FAILED));
	return how;
}

ssize_t h1_op_splice_in(struct gate *g, int pipe_w, size_t max)
{
	struct h1x *x = h1x_of(g);
	struct conn *conn = x->c->conn;
	uint64_t want = h1_op_splice_want(g);
	ssize_t r;

	WASSERT(spanq_empty(&g->in));
	x->full = false;
	if (!want || !max)
		return IO_AGAIN;
	if (conn->flags & (CONN_RD_EOF | CONN_ERROR))
		return ended(x, conn->flags & CONN_ERROR ? IO_ERR : IO_EOF);
	r = splice(conn->ev.fd, NULL, pipe_w, NULL, MIN(max, want),
		   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (r > 0) {
		h1_rx_spliced(x, (size_t)r);
		return r;
	}
	if (r < 0 && (errno == EAGAIN || errno == EINTR)) {
		look_again(conn);
		return IO_AGAIN;
	}
	return ended(x, r ? IO_ERR : IO_EOF);
}

ssize_t h1_op_splice_out(struct gate *g, int pipe_r, size_t n)
{
	struct h1x *x = h1x_of(g);
	struct conn *conn = x->c->conn;
	ssize_t r;

	WASSERT(h1_op_splice_ok(g) && spanq_empty(&g->out));
	if (x->out_kind == H1_OUT_LENGTH)
		n = MIN(n, x->out_left);
	if (x->tx.bytes && !x->blocked)
		h1_tx(x, true);
	if (g->flags & OUT_ABORT || !n)
		return IO_ERR;
	if (x->blocked || !conn_writable(conn)) {
		x->blocked = true;
		return IO_AGAIN;
	}
	r = splice(pipe_r, NULL, conn->ev.fd, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (r > 0) {
		h1_tx_spliced(x, (size_t)r);
		return r;
	}
	if (r < 0 && (errno == EAGAIN || errno == EINTR)) {
		conn->ev.ready &= ~(uint32_t)EV_WRITE;
		x->blocked = true;
		return IO_AGAIN;
	}
	conn_fail_write(conn, conn_err_of_errno(errno), errno);
	h1_tx_failed(x);
	return IO_ERR;
}
