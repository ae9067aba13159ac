/* The bottom of every chain: the socket itself. Readiness follows what the calls say: a short transfer means drained
 * (or full), so that no call is made only to hear EAGAIN. Every end and error is looked at when it is met. */
#include <errno.h>
#include <sys/socket.h>
#include "net_priv.h"
#include "weir/sys/sock.h"

/* Ends (RDHUP, HUP, ERR) stay: they ask for one more read that tells what they are. */
static void short_read(struct conn *c)
{
	if (!(c->ev.ready & EV_PRI))
		c->ev.ready &= ~(uint32_t)EV_READ;
}

static ssize_t read_result(struct conn *c, ssize_t r, size_t asked)
{
	if (r > 0) {
		if ((size_t)r < asked)
			short_read(c);
		return r;
	}
	c->ev.ready &= ~(uint32_t)(EV_READ | EV_PRI | EV_RDHUP | EV_HUP | EV_ERR);
	if (r == 0)
		return IO_EOF;
	if (errno == EAGAIN)
		return IO_AGAIN;
	return conn_fail(c, conn_err_of_errno(errno), errno);
}

static ssize_t raw_recv(struct conn *c, struct transport *t, void *buf, size_t n)
{
	ssize_t r;

	do
		r = recv(c->ev.fd, buf, n, 0);
	while (r < 0 && errno == EINTR);
	return read_result(c, r, n);
}

static size_t iov_bytes(const struct iovec *iov, int niov)
{
	size_t n = 0;

	for (int i = 0; i < niov; i++)
		n += iov[i].iov_len;
	return n;
}

static ssize_t raw_recvv(struct conn *c, struct transport *t, const struct iovec *iov, int niov)
{
	ssize_t r;

	do
		r = readv(c->ev.fd, iov, niov);
	while (r < 0 && errno == EINTR);
	return read_result(c, r, iov_bytes(iov, niov));
}

static ssize_t send_some(int fd, const struct iovec *iov, int niov, int flags)
{
	struct msghdr m = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)niov };

	return niov == 1 ? send(fd, iov->iov_base, iov->iov_len, flags) : sendmsg(fd, &m, flags);
}

static ssize_t raw_send(struct conn *c, struct transport *t, const struct iovec *iov, int niov, bool more)
{
	int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
	ssize_t r;

	do
		r = send_some(c->ev.fd, iov, niov, flags);
	while (r < 0 && errno == EINTR);
	if (r < 0 && errno != EAGAIN) {
		c->ev.ready &= ~(uint32_t)EV_WRITE;
		return conn_fail_write(c, conn_err_of_errno(errno), errno);
	}
	if (r < 0 || (size_t)r < iov_bytes(iov, niov))
		c->ev.ready &= ~(uint32_t)EV_WRITE;
	return r < 0 ? IO_AGAIN : r;
}

static void raw_shut(struct conn *c, struct transport *t)
{
	shutdown(c->ev.fd, SHUT_WR);
}

/* Connected when the kernel says writable; an error is fetched only when there is news of one. */
static int raw_open(struct conn *c, struct transport *t)
{
	int e;

	if (!(c->flags & CONN_CONNECTING))
		return 1;
	if (c->ev.ready & (EV_ERR | EV_HUP)) {
		e = sock_error(c->ev.fd);
		return conn_fail(c, e ? conn_err_of_errno(e) : CERR_RESET, e);
	}
	if (!(c->ev.ready & EV_WRITE))
		return IO_AGAIN;
	c->flags &= ~(uint32_t)CONN_CONNECTING;
	return 1;
}

static const struct transport_ops raw_ops = {
	.name = "raw",
	.open = raw_open,
	.recv = raw_recv,
	.recvv = raw_recvv,
	.send = raw_send,
	.shut = raw_shut,
};

const struct transport transport_raw = { &raw_ops, NULL };
