/* Listeners: the sockets of a bind and their state. What threads do with them is in accept.c. */
#include "weir/net/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "net_priv.h"
#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "weir/sys/reserve.h"
#include "weir/sys/sock.h"

static struct str copy(struct str s)
{
	char *p;

	if (!s.n)
		return STR_NONE;
	p = mem_alloc(s.n + 1);
	memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return str_make(p, s.n);
}

struct listener *listener_create(const struct bind_net *opts, listener_accept_f accept, void *arg)
{
	struct listener *l = mem_zalloc(sizeof(*l));

	l->magic = LISTENER_MAGIC;
	l->opts = *opts;
	l->opts.interface = copy(opts->interface);
	l->opts.ns = copy(opts->ns);
	l->opts.tcp_md5sig = copy(opts->tcp_md5sig);
	l->opts.text = copy(opts->text);
	l->accept = accept;
	l->arg = arg;
	l->bound = opts->addr;
	l->un.fd = -1;
	l->refs = l->users = 1;
	l->state = LI_NEW;
	return l;
}

void listener_set_door(struct listener *l, const struct listener_door *door)
{
	l->door = door;
}

void listener_unref(struct listener *l)
{
	if (atom_sub_acq_rel(&l->refs, 1) > 1)
		return;
	free((char *)l->opts.interface.p);
	free((char *)l->opts.ns.p);
	free((char *)l->opts.tcp_md5sig.p);
	free((char *)l->opts.text.p);
	free(l->fds);
	free(l->shares);
	OBJ_WIPE(l);
	free(l);
}

static void add_fd(struct listener *l, int fd)
{
	if (l->nfds == l->fds_cap) {
		l->fds_cap = l->fds_cap ? l->fds_cap * 2 : 4;
		l->fds = mem_realloc(l->fds, (size_t)l->fds_cap * sizeof(*l->fds));
	}
	l->fds[l->nfds++] = fd;
}

void listener_close_fd(struct listener *l, int fd)
{
	for (int i = 0; i < l->nfds; i++) {
		int was = fd;

		if (atom_cas(&l->fds[i], &was, -1))
			close(fd);
	}
}

void listener_drop_user(struct listener *l)
{
	if (atom_sub_acq_rel(&l->users, 1) > 1 || atom_swap(&l->closed, 1))
		return;
	for (int i = 0; i < l->nfds; i++) {
		int fd = atom_get(&l->fds[i]);

		if (fd >= 0)
			listener_close_fd(l, fd);
	}
}

/* --- opening --- */

struct opening {
	struct listener *l;
	struct str *why;
	char *buf;
};

static bool say(struct opening *o, const char *what, int e)
{
	int n = e ? snprintf(o->buf, 256, "%s (%s)", what, strerror(e)) : snprintf(o->buf, 256, "%s", what);

	*o->why = str_make(o->buf, (size_t)MIN(n, 255));
	return false;
}

static int backlog(const struct listener *l)
{
	return l->opts.backlog > 0 ? l->opts.backlog : SOMAXCONN;
}

/* Options that decide where and for whom it listens: refused means not listening. */
static bool set_place(struct opening *o, int fd, bool shared_port)
{
	const struct bind_net *n = &o->l->opts;
	int family = addr_family(&o->l->bound);

	sock_reuse_addr(fd);
	if (shared_port)
		sock_reuse_port(fd);
	if (n->transparent && !sock_transparent(fd, family))
		return say(o, "cannot make receiving socket transparent", 0);
	if (n->interface.n && !sock_interface(fd, n->interface))
		return say(o, "cannot bind receiver to device", errno);
	if (family == AF_INET6)		/* whatever net.ipv6.bindv6only says */
		sock_v6only(fd, n->v6only > 0);
	return true;
}

/* Options that accepted connections inherit, so that none has to be set on each of them. Refused means a
 * remark. */
static void set_tcp(struct opening *o, int fd)
{
	const struct bind_net *n = &o->l->opts;
	char text[64];

	sock_nodelay(fd);
	if (n->keepalive && sock_keepalive(fd))
		sock_keepalive_times(fd, n->ka_idle, n->ka_intvl, n->ka_cnt);
	if (n->late_ack)
		sock_quickack(fd, false);
	if (n->rcvbuf | n->sndbuf)
		sock_buffers(fd, n->rcvbuf, n->sndbuf);
	if (n->notsent_lowat)
		sock_notsent_lowat(fd, n->notsent_lowat);
	if (n->mss > 0 && !sock_mss(fd, n->mss)) {
		snprintf(text, sizeof(text), "cannot set MSS to %d", n->mss);
		say(o, text, 0);
	}
	if (n->tcp_ut && !sock_user_timeout(fd, n->tcp_ut))
		say(o, "cannot set TCP User Timeout", 0);
	if (n->cc.n && !sock_congestion(fd, n->cc))
		say(o, "cannot set TCP congestion control algorithm", errno);
	if (n->save_syn && !sock_save_syn(fd, n->save_syn))
		say(o, "cannot save SYN segments", 0);
	if (n->defer_accept && !sock_defer_accept(fd, 1))	/* then the timeouts see it */
		say(o, "cannot enable DEFER_ACCEPT", 0);
	if (n->tfo && !sock_tfo_listen(fd, backlog(o->l)))
		say(o, "cannot enable TCP_FASTOPEN", 0);
	if (n->tcp_md5sig.n && !sock_md5sig(fd, &o->l->bound, n->tcp_md5sig))
		say(o, "cannot set TCP MD5 signature", errno);
}

static bool open_inet(struct opening *o, bool shared_port)
{
	struct listener *l = o->l;
	int fd = sock_open(addr_family(&l->bound), SOCK_STREAM, l->opts.ns);
	bool ok;

	if (fd < 0)
		return say(o, "cannot create receiving socket", errno);
	ok = set_place(o, fd, shared_port);
	if (ok) {
		set_tcp(o, fd);
		ok = bind(fd, &l->bound.sa, l->bound.len) == 0 || say(o, "cannot bind socket", errno);
	}
	if (ok)
		ok = listen(fd, backlog(l)) == 0 || say(o, "cannot listen to socket", errno);
	if (!ok) {
		close(fd);
		return false;
	}
	add_fd(l, fd);
	if (!addr_port(&l->bound))	/* the others of this bind take the port that the first one got */
		sock_name(fd, &l->bound);
	return true;
}

static bool open_unix(struct opening *o)
{
	struct listener *l = o->l;
	const char *what;

	if (!unix_sock_bind(&l->un, &l->bound, l->opts.mode, l->opts.uid, l->opts.gid, &what))
		return say(o, what, errno);
	if (listen(l->un.fd, backlog(l)) < 0) {
		say(o, "cannot listen to UNIX socket", errno);
		unix_sock_cancel(&l->un);
		return false;
	}
	add_fd(l, l->un.fd);
	l->un.fd = -1;		/* ours now */
	return true;
}

static bool open_inherited(struct opening *o)
{
	struct listener *l = o->l;
	int fd = l->opts.fd, family, type;

	if (!sock_type(fd, &family, &type) || type != SOCK_STREAM)
		return say(o, "cannot use inherited socket", errno ? errno : ENOTSOCK);
	if (!sock_nonblock(fd))
		return say(o, "cannot make socket non-blocking", 0);
	sock_name(fd, &l->bound);
	if (family != AF_UNIX)
		set_tcp(o, fd);
	if (!l->opts.sockpair && !sock_is_listening(fd) && listen(fd, backlog(l)) < 0)
		return say(o, "cannot listen to socket", errno);
	add_fd(l, fd);
	return true;
}

/* Is the socket for the network that the bind asks for? */
static bool same_network(const struct bind_net *n, int fd)
{
	char name[64] = "";
	socklen_t len = sizeof(name);

	/* which namespace it is in cannot be asked: one of our own is opened instead */
	if (n->ns.n || getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len) < 0)
		return !n->ns.n && !n->interface.n;
	return str_eq(n->interface, str_make(name, strnlen(name, len)));
}

bool listener_adopt_fd(struct listener *l, int fd)
{
	struct addr a;
	int family, type;

	OBJ_CHECK(l, LISTENER_MAGIC);
	if (l->opts.fd >= 0 || !sock_type(fd, &family, &type) || type != SOCK_STREAM || !sock_is_listening(fd) ||
	    !sock_name(fd, &a) || !unix_sock_made_for(&a, &l->opts.addr) ||
	    !same_network(&l->opts, fd) || !sock_nonblock(fd))
		return false;
	add_fd(l, fd);
	return true;
}

static int threads_of(const struct bind_net *n, int ids[THR_MAX])
{
	bool all = !(n->threads[0] | n->threads[1] | n->threads[2] | n->threads[3]);
	int count = 0;

	for (int i = 0; i < thr_count(); i++)
		if (all || n->threads[i / 64] >> (i % 64) & 1)
			ids[count++] = i;
	if (!count)		/* none of them runs: somebody has to */
		ids[count++] = 0;
	return count;
}

static int sockets_wanted(const struct listener *l, int nthreads)
{
	if (l->opts.noreuseport || l->opts.shards == SHARDS_BY_GROUP)
		return 1;
	return l->opts.shards > 0 ? MIN(l->opts.shards, nthreads) : nthreads;
}

/* When some sockets came from an old process the missing ones may be refused (it did not share the port): the
 * threads share those that there are. */
static bool open_tcp(struct opening *o, int wanted)
{
	struct listener *l = o->l;

	while (l->nfds < wanted)
		if (!open_inet(o, wanted > 1 || !l->opts.noreuseport)) {
			if (!l->nfds)
				return false;
			*o->why = STR_NONE;
			break;
		}
	return true;
}

/* Every thread gets a socket and every socket a thread. */
static void deal_out(struct listener *l, const int *threads, int nthreads)
{
	l->nshares = MAX(nthreads, l->nfds);
	l->shares = mem_zalloc((size_t)l->nshares * sizeof(*l->shares));
	for (int i = 0; i < l->nshares; i++) {
		li_share_init(&l->shares[i], l, threads[i % nthreads], l->fds[i % l->nfds]);
		l->shares[i].sole = l->own && l->nfds == l->nshares;
	}
}

static void learn_address(struct listener *l)
{
	int family = addr_family(&l->bound);

	l->only_addr = !l->opts.transparent && addr_isset(&l->bound) && !addr_is_any(&l->bound);
	if (family == AF_INET || family == AF_INET6)
		l->nat = sock_has_nat(l->fds[0]);
}

bool listener_open(struct listener *l, struct str *why, char buf[256])
{
	struct opening o = { l, why, buf };
	int threads[THR_MAX], nthreads = threads_of(&l->opts, threads);
	bool ok = true, is_unix = addr_family(&l->bound) == AF_UNIX;

	OBJ_CHECK(l, LISTENER_MAGIC);
	WASSERT(l->state == LI_NEW);
	*why = STR_NONE;
	l->own = l->opts.fd < 0 && !is_unix;
	if (l->opts.fd >= 0)
		ok = open_inherited(&o);
	else if (!is_unix)
		ok = open_tcp(&o, sockets_wanted(l, nthreads));
	else if (!l->nfds)
		ok = open_unix(&o);
	if (!ok)
		return false;
	deal_out(l, threads, nthreads);
	learn_address(l);
	reserve_fill();
	atom_release(&l->state, LI_READY);
	return true;
}

bool listener_publish(struct listener *l, struct str *why, char buf[256])
{
	struct opening o = { l, why, buf };
	const char *what;

	*why = STR_NONE;
	return unix_sock_publish(&l->un, &what) || say(&o, what, errno);
}

/* --- state --- */

static bool change_state(struct listener *l, int from, int to)
{
	return atom_cas(&l->state, &from, to);
}

/* A TCP socket that is shut accepts nobody and gives up its port; listen() brings it back. One that others may
 * use too is only not looked at. */
void listener_pause(struct listener *l)
{
	OBJ_CHECK(l, LISTENER_MAGIC);
	if (!change_state(l, LI_READY, LI_PAUSED))
		return;
	for (int i = 0; l->own && i < l->nfds; i++)
		shutdown(l->fds[i], SHUT_RD);
	listener_kick(l);
}

bool listener_resume(struct listener *l)
{
	bool ok = true;

	OBJ_CHECK(l, LISTENER_MAGIC);
	if (atom_acquire(&l->state) != LI_PAUSED)
		return true;
	for (int i = 0; l->own && i < l->nfds; i++)
		ok = listen(l->fds[i], backlog(l)) == 0 && ok;
	if (ok && change_state(l, LI_PAUSED, LI_READY))
		listener_kick(l);
	return ok;
}

void listener_hold(struct listener *l)
{
	if (!(__atomic_fetch_or(&l->blocked, LI_BLOCK_HELD, __ATOMIC_SEQ_CST) & LI_BLOCK_HELD))
		listener_kick(l);
}

void listener_unhold(struct listener *l)
{
	if (__atomic_fetch_and(&l->blocked, ~(uint32_t)LI_BLOCK_HELD, __ATOMIC_SEQ_CST) & LI_BLOCK_HELD)
		listener_kick(l);
}

void listener_stop(struct listener *l)
{
	OBJ_CHECK(l, LISTENER_MAGIC);
	if (atom_swap(&l->state, LI_STOPPED) == LI_STOPPED)
		return;
	unix_sock_cancel(&l->un);
	listener_kick(l);
	listener_drop_user(l);
}

void listener_destroy(struct listener *l)
{
	listener_stop(l);
	listener_unref(l);
}

enum listener_state listener_state(const struct listener *l)
{
	enum listener_state s = (enum listener_state)atom_acquire(&l->state);

	return s == LI_READY && atom_get(&l->blocked) ? LI_FULL : s;
}

int listener_fd(const struct listener *l, int i)
{
	return i >= 0 && i < l->nfds ? atom_get(&l->fds[i]) : -1;
}

const struct addr *listener_addr(const struct listener *l)
{
	return &l->bound;
}

const struct bind_net *listener_opts(const struct listener *l)
{
	return &l->opts;
}

uint32_t listener_conns(const struct listener *l)
{
	uint32_t n = 0;

	for (int i = 0; i < l->nshares; i++)
		n += atom_get(&l->shares[i].conns);
	return n;
}
