#include "weir/net/connect.h"

#include <errno.h>
#include <unistd.h>
#include "net_priv.h"
#include "weir/base/atomic.h"
#include "weir/sys/fdpass.h"
#include "weir/sys/sock.h"

/* Options that a server line asked for are worth failing for; comfort is not. */
static bool set_options(int fd, const struct connect_opts *o)
{
	int family = addr_family(o->to);

	if (o->interface.n && !sock_interface(fd, o->interface))
		return false;
	if (o->rcvbuf | o->sndbuf)
		sock_buffers(fd, o->rcvbuf, o->sndbuf);
	if (o->mark >= 0)
		sock_mark(fd, (unsigned)o->mark);
	if (family == AF_UNIX)
		return true;
	if (o->md5sig.n && !sock_md5sig(fd, o->to, o->md5sig))
		return false;
	if (o->nodelay)
		sock_nodelay(fd);
	if (o->notsent_lowat)
		sock_notsent_lowat(fd, o->notsent_lowat);
	if (o->delay_ack)
		sock_quickack(fd, false);
	if (o->keepalive && sock_keepalive(fd))
		sock_keepalive_times(fd, o->ka_idle, o->ka_intvl, o->ka_cnt);
	if (o->tcp_ut)
		sock_user_timeout(fd, o->tcp_ut);
	if (o->cc.n)	/* refused: the system's own */
		sock_congestion(fd, o->cc);
	if (o->tos >= 0)
		sock_tos(fd, family, o->tos);
	if (o->tfo)
		sock_tfo_connect(fd);
	return true;
}

/* A port of the range that is free for this address, tried from one that moves on with every call. */
static bool bind_in_range(int fd, const struct addr *from, unsigned low, unsigned high)
{
	unsigned n = high - low + 1, first = (unsigned)(loop_us_exact() % n);
	struct addr a = *from;

	sock_reuse_addr(fd);
	for (unsigned i = 0; i < n; i++) {
		addr_set_port(&a, (uint16_t)(low + (first + i) % n));
		if (bind(fd, &a.sa, a.len) == 0)
			return true;
		if (errno != EADDRINUSE)
			return false;
	}
	return false;
}

static enum conn_err bind_source(int fd, const struct connect_opts *o)
{
	if (o->transparent && !sock_transparent(fd, addr_family(o->from)))
		return CERR_BIND;
	if (o->port_low) {
		if (bind_in_range(fd, o->from, o->port_low, o->port_high))
			return CERR_NONE;
		return errno == EADDRINUSE ? CERR_PORT_RANGE : CERR_BIND;
	}
	if (addr_port(o->from))
		sock_reuse_addr(fd);
	else
		sock_bind_late_port(fd);
	return bind(fd, &o->from->sa, o->from->len) == 0 ? CERR_NONE : CERR_BIND;
}

/* CERR_NONE: begun, or done when *done. */
static enum conn_err begin(int fd, const struct connect_opts *o, bool *done)
{
	enum conn_err e;

	if (!set_options(fd, o))
		return CERR_SOCK;
	if (o->from && addr_isset(o->from)) {
		e = bind_source(fd, o);
		if (e)
			return e;
	}
	*done = connect(fd, &o->to->sa, o->to->len) == 0;
	return *done || errno == EINPROGRESS ? CERR_NONE : conn_err_of_errno(errno);
}

static struct conn *wrap(int fd, const struct connect_opts *o, bool done)
{
	bool is_unix = o->sockpair || addr_family(o->to) == AF_UNIX;
	uint32_t flags = CONN_BACK | (is_unix ? CONN_UNIX : 0) | (o->prompt ? CONN_PROMPT : 0);
	struct conn *c = conn_wrap(fd, flags | (done ? 0 : CONN_CONNECTING));

	if (!c)
		return NULL;
	if (done)
		c->ev.ready = EV_WRITE;
	if (!o->sockpair)
		conn_set_peer(c, o->to);
	return c;
}

/* The other end goes to whoever listens on the pair; ours is connected at once. */
static int open_pair(int through, enum conn_err *err)
{
	int fd[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) < 0) {
		*err = conn_err_of_errno(errno);
		return -1;
	}
	ok = fdpass_send(through, &fd[1], 1, "", 1, 0);
	close(fd[1]);
	if (ok)
		return fd[0];
	*err = errno == ETIMEDOUT ? CERR_NO_PORT : conn_err_of_errno(errno);
	close(fd[0]);
	return -1;
}

static int open_socket(const struct connect_opts *o, bool *done, enum conn_err *err)
{
	int fd;

	*done = o->sockpair;
	if (o->sockpair)
		return open_pair(o->pair_fd, err);
	fd = sock_open(addr_family(o->to), SOCK_STREAM, o->ns);
	*err = fd < 0 ? conn_err_of_errno(errno) : begin(fd, o, done);
	if (fd >= 0 && *err) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct conn *conn_connect(const struct connect_opts *o, const struct conn_user *user, void *arg,
			  enum conn_err *err)
{
	struct conn *c;
	bool done;
	int fd;

	*err = CERR_NONE;
	fd = open_socket(o, &done, err);
	if (fd < 0)
		return NULL;
	c = wrap(fd, o, done);
	if (!c) {
		*err = conn_err_of_errno(errno);
		close(fd);
		return NULL;
	}
	c->user = user;
	c->arg = arg;
	return c;
}
