/* Accepting: each thread's share of a listener. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "net_priv.h"
#include "weir/base/atomic.h"
#include "weir/sys/fdpass.h"
#include "weir/sys/reserve.h"
#include "weir/sys/sock.h"

#define RETRY_MS 100		/* pause when descriptors or memory ran out */
#define MAX_ACCEPT 64
#define CALM_TURNS 16		/* events to pass before a longer burst is tried again */

static bool polled(const struct li_share *s)
{
	return s->ev.fd >= 0;
}

/* Puts the socket into the poller or takes it out, as things are now. */
static void settle(struct li_share *s)
{
	struct listener *l = s->l;
	bool wanted = s->joined && atom_acquire(&l->state) == LI_READY && !atom_get(&l->blocked) &&
		      !timer_armed(&s->retry);

	if (polled(s) && !wanted)
		fdev_del(&s->ev, false);
	else if (wanted && !polled(s) && !fdev_add_listener(&s->ev, s->fd, s->ev.on_event, s->l->opts.prompt))
		timer_set(&s->retry, RETRY_MS);
}

static void out_of_resources(struct li_share *s)
{
	if (atom_acquire(&s->l->state) == LI_READY)	/* else it was shut under our hands */
		timer_set(&s->retry, RETRY_MS);
	settle(s);
}

static void retry(struct timer *t)
{
	reserve_fill();
	settle(container_of(t, struct li_share, retry));
}

/* A place under the bind's maxconn. Whoever finds none blocks the listener, and looks again after that: a
 * connection that ended meanwhile did not see the block. */
static bool take_place(struct listener *l)
{
	uint32_t max = (uint32_t)l->opts.maxconn;

	if (!max || atom_add_acq_rel(&l->conns, 1) < max)
		return true;
	atom_sub_acq_rel(&l->conns, 1);
	__atomic_fetch_or(&l->blocked, LI_BLOCK_MAXCONN, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->conns, __ATOMIC_SEQ_CST) < max)
		__atomic_fetch_and(&l->blocked, ~(uint32_t)LI_BLOCK_MAXCONN, __ATOMIC_SEQ_CST);
	listener_kick(l);
	return false;
}

static void leave_place(struct listener *l)
{
	if (!l->opts.maxconn)
		return;
	__atomic_fetch_sub(&l->conns, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&l->blocked, __ATOMIC_SEQ_CST) & LI_BLOCK_MAXCONN) {
		__atomic_fetch_and(&l->blocked, ~(uint32_t)LI_BLOCK_MAXCONN, __ATOMIC_SEQ_CST);
		listener_kick(l);
	}
}

/* The same for the limits above the bind. Threads that go on listening find out for themselves. */
static bool enter(struct li_share *s)
{
	struct listener *l = s->l;

	if (!l->door || l->door->enter(l->arg))
		return true;
	__atomic_fetch_or(&l->blocked, LI_BLOCK_HELD, __ATOMIC_SEQ_CST);
	if (!l->door->enter(l->arg)) {
		settle(s);
		return false;
	}
	listener_unhold(l);
	return true;
}

static void give_back(struct listener *l)
{
	leave_place(l);
	if (l->door)
		l->door->leave(l->arg);
}

static void welcome(struct li_share *s, int fd, const struct addr *from)
{
	struct listener *l = s->l;
	uint32_t flags = (addr_family(from) == AF_UNIX ? CONN_UNIX : 0) | (l->opts.prompt ? CONN_PROMPT : 0);
	struct conn *c = conn_wrap(fd, flags);

	if (!c) {
		close(fd);
		give_back(l);
		out_of_resources(s);
		return;
	}
	c->ev.ready = EV_WRITE | (l->opts.defer_accept ? EV_READ : 0);
	if (l->opts.mss < 0 && addr_family(from) != AF_UNIX)
		sock_mss_less(fd, -l->opts.mss);
	conn_set_peer(c, from);
	c->li = s;
	atom_own_add(&s->conns, 1);
	l->accept(c, l->arg);
}

enum accepted { ACCEPTED, NO_MORE, NO_PLACE, TROUBLE };

/* sockpair@: whoever connects sends one end of a socket pair. */
static int receive_fd(struct li_share *s, struct addr *from)
{
	int fd = -1, n;
	char byte;
	ssize_t r = fdpass_recv(s->fd, &fd, 1, &n, &byte, 1, 0);

	memset(from, 0, sizeof(*from));
	from->len = sizeof(from->sa.sa_family);
	from->sa.sa_family = AF_UNIX;
	if (r == 0)		/* the other side of the listener is gone for good */
		listener_stop(s->l);
	if (n && sock_nonblock(fd))
		return fd;
	errno = r < 0 && errno == ETIMEDOUT ? EAGAIN : ECONNABORTED;
	return -1;
}

static int accept_fd(struct li_share *s, struct addr *from)
{
	int fd;

	if (s->l->opts.sockpair)
		return receive_fd(s, from);
	do {
		from->len = sizeof(from->un);
		fd = accept4(s->fd, &from->sa, &from->len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd;
}

static enum accepted accept_one(struct li_share *s)
{
	struct addr from;
	int fd, e;

	if (!take_place(s->l))
		return NO_PLACE;
	if (!enter(s)) {
		leave_place(s->l);
		return NO_PLACE;
	}
	fd = accept_fd(s, &from);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && s->l->bound.sa.sa_family == AF_UNIX &&
	    reserve_spend())
		fd = accept_fd(s, &from);
	if (fd >= 0) {
		welcome(s, fd, &from);
		return ACCEPTED;
	}
	e = errno;
	give_back(s->l);
	return e == EAGAIN ? NO_MORE : TROUBLE;
}

/* The listener is level-triggered, so stopping early costs another event and going on to the end costs an accept
 * that finds nobody. Bursts grow while they are full and shrink to what there was; after having gone too far the next
 * attempt waits. Returns how many to take in this turn. */
static void adapt(struct li_share *s, unsigned taken, bool ran_dry)
{
	unsigned max = s->l->opts.maxaccept > 0 ? (unsigned)s->l->opts.maxaccept : MAX_ACCEPT;

	if (ran_dry) {
		s->burst = (uint16_t)MAX(taken, 1u);
		s->calm = CALM_TURNS;
	} else if (s->calm) {
		s->calm--;
	} else {
		s->burst = (uint16_t)MIN(s->burst * 2u, max);
	}
}

/* Too many came of late: not polled for a while. */
static bool throttled(struct li_share *s)
{
	unsigned ms = s->l->door ? s->l->door->too_early(s->l->arg) : 0;

	if (!ms)
		return false;
	timer_set(&s->retry, ms);
	settle(s);
	return true;
}

static void on_ready(struct fdev *f, uint32_t news)
{
	struct li_share *s = container_of(f, struct li_share, ev);
	enum accepted last = ACCEPTED;
	unsigned taken = 0;

	while (taken < s->burst && polled(s) && !throttled(s) && (last = accept_one(s)) == ACCEPTED)
		taken++;
	if (last == TROUBLE && polled(s))
		out_of_resources(s);
	else
		adapt(s, taken, last == NO_MORE);
}

/* Who waits in the queue of a socket that goes away would be reset: they came in time. */
static void drain(struct li_share *s)
{
	unsigned most = s->l->opts.backlog > 0 ? (unsigned)s->l->opts.backlog : 4096;

	while (most-- && accept_one(s) == ACCEPTED)
		;
}

static void leave(struct li_share *s)
{
	timer_stop(&s->retry);
	if (polled(s))
		fdev_del(&s->ev, false);
	if (s->sole) {
		drain(s);
		listener_close_fd(s->l, s->fd);
	}
	s->joined = false;
	listener_drop_user(s->l);
	if (!s->conns)
		listener_unref(s->l);
}

static void look_again(struct mail *m)
{
	struct li_share *s = container_of(m, struct li_share, mail);

	struct listener *l = s->l;

	atom_swap(&s->posted, 0);
	if (s->joined && atom_acquire(&l->state) == LI_STOPPED)
		leave(s);
	else if (s->joined)
		settle(s);
	listener_unref(l);	/* the mail's */
}

void li_share_init(struct li_share *s, struct listener *l, int thread, int fd)
{
	s->l = l;
	s->thread = thread;
	s->fd = fd;
	s->burst = 1;
	s->ev.fd = -1;
	s->ev.on_event = on_ready;
	s->mail.deliver = look_again;
	timer_init(&s->retry, retry);
}

void li_share_conn_gone(struct li_share *s)
{
	leave_place(s->l);
	atom_own_add(&s->conns, -1);
	if (!s->conns && !s->joined)
		listener_unref(s->l);
}

static void join(struct li_share *s)
{
	atom_add_acq_rel(&s->l->users, 1);
	if (atom_acquire(&s->l->state) == LI_STOPPED) {
		listener_drop_user(s->l);
		return;
	}
	atom_add_acq_rel(&s->l->refs, 1);
	s->joined = true;
	settle(s);
}

void listener_join(struct listener *l, int thread)
{
	OBJ_CHECK(l, LISTENER_MAGIC);
	WASSERT(thread == thr_id());
	for (int i = 0; i < l->nshares; i++) {
		struct li_share *s = &l->shares[i];

		if (s->thread == thread && !s->joined)
			join(s);
	}
}

void listener_kick(struct listener *l)
{
	for (int i = 0; i < l->nshares; i++) {
		struct li_share *s = &l->shares[i];

		if (!thr_running() || atom_swap(&s->posted, 1))
			continue;
		atom_add_acq_rel(&l->refs, 1);
		mail_send(s->thread, &s->mail);
	}
}
