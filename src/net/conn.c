#include "weir/net/conn.h"

#include <errno.h>
#include "net_priv.h"
#include "weir/base/pool.h"
#include "weir/sys/sock.h"

WSTATIC(sizeof(struct conn) <= 152);	/* idle connections come by the hundred thousand */

void conn_happened(struct conn *c)
{
	OBJ_CHECK(c, CONN_MAGIC);
	if (!(c->flags & CONN_OPEN))
		conn_advance(c);
	else
		c->user->on_io(c);
}

static void on_event(struct fdev *f, uint32_t news)
{
	struct conn *c = container_of(f, struct conn, ev);

	(void)news;
	if (!(c->flags & CONN_NICE) || !nice_later(c))
		conn_happened(c);
}

struct conn *conn_wrap(int fd, uint32_t flags)
{
	struct conn *c = pool_zget(sizeof(*c));

	c->magic = CONN_MAGIC;
	c->flags = flags;
	c->top = (struct transport *)&transport_raw;
	if (flags & CONN_PROMPT ? fdev_add_prompt(&c->ev, fd, on_event) : fdev_add(&c->ev, fd, on_event))
		return c;
	OBJ_WIPE(c);
	pool_put(c, sizeof(*c));
	return NULL;
}

static void drop_addr(struct addr **a)
{
	pool_put(*a, sizeof(**a));
	*a = NULL;
}

void conn_close(struct conn *c, bool reset)
{
	OBJ_CHECK(c, CONN_MAGIC);
	timer_stop(&c->timer);
	for (struct transport *t = c->top, *below; t; t = below) {
		below = t->below;
		if (t->ops->fini)
			t->ops->fini(c, t, reset || (c->flags & (CONN_ERROR | CONN_WR_FAILED)));
	}
	if ((reset || c->flags & CONN_NOLINGER) && !(c->flags & CONN_ERROR))
		sock_reset_on_close(c->ev.fd);
	fdev_del(&c->ev, true);
	if (c->li)
		li_share_conn_gone(c->li);
	drop_addr(&c->src);
	drop_addr(&c->dst);
	OBJ_WIPE(c);
	pool_put(c, sizeof(*c));
}

int conn_fail(struct conn *c, enum conn_err e, int os_errno)
{
	if (!(c->flags & CONN_ERROR)) {
		c->flags |= CONN_ERROR;
		c->err = (uint8_t)e;
		c->os_errno = (uint16_t)os_errno;
	}
	return IO_ERR;
}

int conn_fail_write(struct conn *c, enum conn_err e, int os_errno)
{
	if (!(c->flags & (CONN_ERROR | CONN_WR_FAILED))) {
		c->flags |= CONN_WR_FAILED;
		c->err = (uint8_t)e;
		c->os_errno = (uint16_t)os_errno;
	}
	return IO_ERR;
}

int conn_blame(struct conn *c, enum conn_err e)
{
	conn_fail(c, e, 0);
	c->err = (uint8_t)e;
	return IO_ERR;
}

void conn_push(struct conn *c, struct transport *t)
{
	t->below = c->top;
	c->top = t;
}

void conn_pull(struct conn *c, struct transport *t)
{
	struct transport **at = &c->top;

	while (*at != t) {
		WASSERT((*at)->below);
		at = &(*at)->below;
	}
	*at = t->below;
	if (t->ops->fini)
		t->ops->fini(c, t, false);
}

/* From the bottom up: each begins when what carries it is open. t may have left the chain afterwards. */
static int open_chain(struct conn *c, struct transport *t)
{
	int r = t->below ? open_chain(c, t->below) : 1;

	return r > 0 && t->ops->open ? t->ops->open(c, t) : r;
}

void conn_advance(struct conn *c)
{
	int r;

	OBJ_CHECK(c, CONN_MAGIC);
	if (!c->user)		/* an event before its user was named */
		return;
	r = c->flags & CONN_ERROR ? IO_ERR : open_chain(c, c->top);
	if (r == IO_AGAIN)
		return;
	if (r <= 0) {
		conn_fail(c, CERR_SOCK, 0);
		c->user->on_fail(c);
		return;
	}
	c->flags |= CONN_OPEN;
	c->user->on_open(c);
}

/* The lowest one that is not open: nothing above it has begun. */
static const struct transport *first_closed(struct conn *c, struct transport *t)
{
	const struct transport *below = t->below ? first_closed(c, t->below) : NULL;

	if (below)
		return below;
	return t->ops->open && t->ops->open(c, t) <= 0 ? t : NULL;
}

void conn_expire(struct conn *c)
{
	const struct transport *t;

	OBJ_CHECK(c, CONN_MAGIC);
	WASSERT(!(c->flags & CONN_OPEN));
	t = c->flags & CONN_ERROR ? NULL : first_closed(c, c->top);
	conn_fail(c, t && t->ops->timeout ? t->ops->timeout : CERR_TIMEOUT, ETIMEDOUT);
	c->user->on_fail(c);
}

bool conn_is_raw(const struct conn *c)
{
	const struct transport *t = c->top;

	while (!t->ops->recv && !t->ops->send)
		t = t->below;
	return !t->below;
}

ssize_t conn_recv_below(struct conn *c, struct transport *t, void *buf, size_t n)
{
	do
		t = t->below;
	while (!t->ops->recv);
	return t->ops->recv(c, t, buf, n);
}

ssize_t conn_send_below(struct conn *c, struct transport *t, const struct iovec *iov, int niov,
			bool more)
{
	do
		t = t->below;
	while (!t->ops->send);
	return t->ops->send(c, t, iov, niov, more);
}

static ssize_t note_end(struct conn *c, ssize_t r)
{
	if (r == IO_EOF)
		c->flags |= CONN_RD_EOF;
	return r;
}

ssize_t conn_recv(struct conn *c, void *buf, size_t n)
{
	struct transport *t = c->top;

	WASSERT(n > 0);
	if (c->flags & (CONN_RD_EOF | CONN_ERROR))
		return c->flags & CONN_ERROR ? IO_ERR : IO_EOF;
	while (!t->ops->recv)
		t = t->below;
	return note_end(c, t->ops->recv(c, t, buf, n));
}

ssize_t conn_recvv(struct conn *c, const struct iovec *iov, int niov)
{
	struct transport *t = c->top;

	WASSERT(niov > 0 && iov->iov_len > 0);
	while (!t->ops->recv)
		t = t->below;
	if (!t->ops->recvv || (c->flags & (CONN_RD_EOF | CONN_ERROR)))
		return conn_recv(c, iov->iov_base, iov->iov_len);
	return note_end(c, t->ops->recvv(c, t, iov, niov));
}

ssize_t conn_sendv(struct conn *c, const struct iovec *iov, int niov, bool more)
{
	struct transport *t = c->top;

	if (c->flags & (CONN_ERROR | CONN_WR_FAILED))
		return IO_ERR;
	while (!t->ops->send)
		t = t->below;
	return t->ops->send(c, t, iov, niov, more);
}

void conn_shut(struct conn *c)
{
	struct transport *t = c->top;

	if (c->flags & (CONN_WR_SHUT | CONN_WR_FAILED | CONN_ERROR))
		return;
	c->flags |= CONN_WR_SHUT;
	while (!t->ops->shut)
		t = t->below;
	t->ops->shut(c, t);
}

bool conn_ask(struct conn *c, enum conn_ask which, void *out)
{
	for (struct transport *t = c->top; t; t = t->below)
		if (t->ops->ask && t->ops->ask(c, t, which, out))
			return true;
	return false;
}
