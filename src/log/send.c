/* From a line to its targets. Datagrams: datagram.c. Descriptors (stdout, fd@N) are written without waiting:
 * pipes are opened a second time, in non-blocking mode, so that whoever shares them with us is not disturbed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "log_priv.h"
#include "weir/base/atomic.h"
#include "weir/log/ring.h"

#define SMALL 2048		/* lines up to this are put together in one piece: cheaper than three iovecs */
#define PROFILE_LINE 16384		/* made by a profile's format */
#define PROFILE_SD 2048
#define HEAD_MAX 1024		/* of the header alone; tags and structured data beyond are cut */

static uint64_t dropped;		/* atomic */

uint64_t log_dropped(void)
{
	return atom_get(&dropped);
}

void log_count_dropped(void)
{
	atom_add(&dropped, 1);
}

/* ---- descriptors ---- */

static enum log_how ask_descriptor(const struct log_target *t)
{
	struct stat st;
	char path[32];

	if (fstat(t->fd, &st) < 0)
		return HOW_PLAIN;
	if (S_ISSOCK(st.st_mode))
		return HOW_SOCKET;
	if (!S_ISFIFO(st.st_mode))
		return S_ISREG(st.st_mode) ? HOW_PLAIN : HOW_POLL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->fd);
	t->state->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return t->state->fd < 0 ? HOW_POLL : HOW_OWN;
}

static enum log_how how_to_write(const struct log_target *t)
{
	uint32_t how = atom_acquire(&t->state->how), unknown = HOW_UNKNOWN;

	if (how != HOW_UNKNOWN)
		return how == HOW_ASKING ? HOW_POLL : (enum log_how)how;
	if (!atom_cas(&t->state->how, &unknown, HOW_ASKING))
		return HOW_POLL;
	how = ask_descriptor(t);
	atom_release(&t->state->how, how);
	return (enum log_how)how;
}

static bool send_descriptor(const struct log_target *t, const struct iovec *iov, int n, size_t bytes)
{
	enum log_how how = how_to_write(t);
	struct pollfd p = { .fd = t->fd, .events = POLLOUT };
	ssize_t r;

	if (how == HOW_POLL && (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)))
		return false;
	if (how == HOW_SOCKET)
		r = log_send_now(t->fd, iov, n);
	else
		r = writev(how == HOW_OWN ? t->state->fd : t->fd, iov, n);
	return r == (ssize_t)bytes;
}

/* What header and text may have together: the end of the line counts only where there is no header. */
static size_t room_of(const struct log_target *t, struct str head)
{
	return head.n ? t->maxlen : t->maxlen - 1;
}

/* ---- rings ---- */

static struct ring *ring_of(const struct log_target *t)
{
	struct ring *r = atom_acquire(&t->state->ring);

	if (!r) {
		r = ring_find(t->ring);
		atom_release(&t->state->ring, r);
	}
	return r;
}

/* Without a line feed, and cut to what the ring takes of a line. */
static bool send_ring(const struct log_target *t, struct str head, struct str line)
{
	struct ring *r = ring_of(t);
	size_t room = room_of(t, head);
	struct iovec iov[2];

	if (!r)
		return false;
	if (ring_maxlen(r))
		room = MIN(room, (size_t)ring_maxlen(r));
	iov[0] = (struct iovec){ (void *)head.p, MIN(head.n, room) };
	iov[1] = (struct iovec){ (void *)line.p, MIN(line.n, room - iov[0].iov_len) };
	return ring_put(r, iov, 2);
}

/* ---- one target ---- */

static bool sampled(const struct log_target *t)
{
	unsigned at;

	if (!t->ranges)
		return true;
	at = (unsigned)(atom_add(&t->state->lines, 1) % t->period) + 1;
	for (unsigned i = 0; i < t->nranges; i++)
		if (at >= t->ranges[i].lo && at <= t->ranges[i].hi)
			return true;
	return false;
}

static bool send_pieces(const struct log_target *t, struct str head, struct str line)
{
	size_t room = room_of(t, head);
	char small[SMALL];
	struct iovec iov[3] = {
		{ (void *)head.p, MIN(head.n, room) },
		{ (void *)line.p, MIN(line.n, room - MIN(head.n, room)) },
		{ (void *)"\n", 1 },
	};
	size_t bytes = iov[0].iov_len + iov[1].iov_len + 1;
	int n = 3;

	if (bytes <= sizeof(small)) {
		char *p = mempcpy(mempcpy(small, head.p, iov[0].iov_len), line.p, iov[1].iov_len);

		*p = '\n';
		iov[0] = (struct iovec){ small, bytes };
		n = 1;
		if (t->fd < 0 && log_datagram_later(&t->to, small, bytes))
			return true;
	}
	return t->fd >= 0 ? send_descriptor(t, iov, n, bytes) : log_send_datagram(&t->to, iov, n);
}

static bool send_outlet(const struct log_target *t, struct str head, struct str line)
{
	size_t room = room_of(t, head);

	head = str_head(head, MIN(head.n, room));
	line = str_head(line, MIN(line.n, room - head.n));
	return t->outlet && t->outlet->put(t->outlet->arg, head, line);
}

static void send_line(const struct log_target *t, struct log_head *h, enum log_level level, struct str line)
{
	char mem[HEAD_MAX];
	struct sbuf head = sbuf_fixed(mem, sizeof(mem));
	bool sent;

	if (!sampled(t))
		return;
	h->t = t;
	h->level = MAX((unsigned)level, t->minlevel);
	log_put_head(&head, h);
	if (t->ring.n)
		sent = send_ring(t, sbuf_str(&head), line);
	else if (t->backend.n)
		sent = send_outlet(t, sbuf_str(&head), line);
	else
		sent = send_pieces(t, sbuf_str(&head), line);
	if (!sent)
		atom_add(&dropped, 1);
}

/* As the profile wants it. */
static void send_profiled(const struct log_target *t, const struct log_profile *p, struct log_head *h,
			  enum log_level level, const struct log_source *src, struct str line)
{
	const struct log_profile_step *step = src ? log_profile_at(p, src->step, src->error) : NULL;
	char text[PROFILE_LINE], sd[PROFILE_SD];
	struct log_head own = *h;

	if (step && step->drop)
		return;
	if (p->tag.n)
		own.tag = p->tag;
	if (step && step->format)
		line = str_make(text, src->build(src->arg, step->format, text, sizeof(text)));
	if (step && step->sd)
		own.sd = str_make(sd, src->build(src->arg, step->sd, sd, sizeof(sd)));
	if (line.n)
		send_line(t, &own, level, line);
}

static void send_target(const struct log_target *t, struct log_head *h, enum log_level level,
			const struct log_source *src, struct str line)
{
	const struct log_profile *p = src && src->profile ? src->profile : t->profile;

	if ((unsigned)level > t->level)
		return;
	if (p)
		send_profiled(t, p, h, level, src, line);
	else if (line.n)
		send_line(t, h, level, line);
}

/* ---- lists ---- */

static void send_own(const struct log_list *l, struct log_head *h, enum log_level level, const struct log_source *src,
		     struct str line)
{
	const struct log_target *t;

	if (l->inherited)
		send_own(l->inherited, h, level, src, line);
	list_each(t, &l->targets, link)
		send_target(t, h, level, src, line);
}

static bool takes_global(const struct log_list *l)
{
	for (; l; l = l->inherited)
		if (l->global)
			return true;
	return false;
}

static struct str tag_of(const struct log_list *l, const struct log_list *global)
{
	for (; l; l = l->inherited)
		if (l->tag.n)
			return l->tag;
	return global ? global->tag : STR_NONE;
}

void log_send_from(const struct log_list *l, const struct log_list *global, enum log_level level,
		   const struct log_source *src, struct str sd, struct str line)
{
	struct log_head h = { .global = global, .sd = sd, .tag = tag_of(l, global) };

	if (global && global != l && takes_global(l))
		send_own(global, &h, level, src, line);
	send_own(l, &h, level, src, line);
}

void log_send(const struct log_list *l, const struct log_list *global, enum log_level level, struct str sd,
	      struct str line)
{
	log_send_from(l, global, level, NULL, sd, line);
}

bool log_wants(const struct log_list *l, const struct log_list *global)
{
	if (global && global != l && takes_global(l) && !list_empty(&global->targets))
		return true;
	for (; l; l = l->inherited)
		if (!list_empty(&l->targets))
			return true;
	return false;
}

void log_event(const struct log_list *l, const struct log_list *global, enum log_level level, const char *fmt, ...)
{
	char raw[1024], mem[2048];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));
	va_list ap;
	int n;

	if (!log_wants(l, global))
		return;
	va_start(ap, fmt);
	n = vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	log_escape(&line, str_make(raw, MIN((size_t)n, sizeof(raw) - 1)));
	log_send(l, global, level, STR_NONE, sbuf_str(&line));
}

void log_list_init(struct log_list *l)
{
	*l = (struct log_list){ 0 };
	list_init(&l->targets);
}

void log_list_inherit(struct log_list *to, const struct log_list *from)
{
	to->inherited = from;
}

void log_list_fini(struct log_list *l)
{
	struct log_target *t;

	list_each(t, &l->targets, link) {
		if (t->state->fd >= 0)
			close(t->state->fd);
		free(t->state);
	}
}
