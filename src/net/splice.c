#include "weir/net/splice.h"

#include <errno.h>
#include <fcntl.h>

#define ENDS (EV_READ | EV_PRI | EV_RDHUP | EV_HUP | EV_ERR)

static ssize_t move(int from, int to, size_t n, unsigned flags)
{
	ssize_t r;

	do
		r = splice(from, NULL, to, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK | flags);
	while (r < 0 && errno == EINTR);
	return r;
}

/* A short transfer says nothing here: the pipe counts pieces, not bytes, and may be full early. Neither does EAGAIN
 * while something is in it. */
ssize_t conn_splice_in(struct conn *c, struct pipe *p, size_t max)
{
	ssize_t r;

	WASSERT(conn_is_raw(c) && max > 0);
	if (c->flags & (CONN_RD_EOF | CONN_ERROR))
		return c->flags & CONN_ERROR ? IO_ERR : IO_EOF;
	r = move(c->ev.fd, p->in, max, 0);
	if (r > 0) {
		p->bytes += (uint32_t)r;
		return r;
	}
	if (r < 0 && errno == EINVAL)
		return IO_NO_SPLICE;
	if (r < 0 && errno == EAGAIN && p->bytes)
		return IO_AGAIN;
	c->ev.ready &= ~(uint32_t)ENDS;
	if (r == 0) {
		c->flags |= CONN_RD_EOF;
		return IO_EOF;
	}
	return errno == EAGAIN ? IO_AGAIN : conn_fail(c, conn_err_of_errno(errno), errno);
}

ssize_t conn_splice_out(struct conn *c, struct pipe *p, bool more)
{
	uint32_t had = p->bytes;
	ssize_t r;

	WASSERT(conn_is_raw(c) && had > 0);
	if (c->flags & (CONN_ERROR | CONN_WR_FAILED))
		return IO_ERR;
	r = move(p->out, c->ev.fd, had, more ? SPLICE_F_MORE : 0);
	if (r < 0 && errno == EINVAL)
		return IO_NO_SPLICE;
	if (r > 0)
		p->bytes -= (uint32_t)r;
	if (p->bytes)
		c->ev.ready &= ~(uint32_t)EV_WRITE;
	if (r > 0)
		return r;
	return r < 0 && errno != EAGAIN ? conn_fail_write(c, conn_err_of_errno(errno), errno) : IO_AGAIN;
}
