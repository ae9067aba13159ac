/* A front HTTP/1 or PASS mux over a socket pair, with a stream that the test plays itself or that
 * echoes. */
#ifndef TESTS_UNIT_MUX_FAKE_H
#define TESTS_UNIT_MUX_FAKE_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"

#define SEEN_MAX 64

/* One exchange as the stream sees it. */
struct seen {
	struct gate *g; /* NULL once released */
	char path[64];
	unsigned flags; /* of the gate at the exchange */
	unsigned news; /* all so far */
	int wakes;
	struct sbuf body;
	int bad_status;
	char bad_reason[64];
	size_t bad_text;
};

struct rig {
	struct mux_limits lim;
	struct conn *conn; /* NULL once gone */
	int fd; /* the peer's end */
	int gone, idle;
	struct seen seen[SEEN_MAX];
	int n; /* exchanges so far */
	bool echo; /* answer each request with its body when it is complete */
	bool keep_in; /* leave the body in `in` */
	bool h2c; /* the bind line says: upgrade h2c */
	struct sbuf got; /* what the peer read */
	bool eof, reset; /* what the peer's end saw */
	struct arena mem; /* of back exchanges */
};

#ifdef RIG_TCP
static inline void pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(l, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(l, 1), 0);
	ck_assert_int_eq(getsockname(l, (struct sockaddr *)&a, &len), 0);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd[0], (struct sockaddr *)&a, sizeof(a)), 0);
	fd[1] = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	for (int i = 0, on = 1; i < 2; i++)
		setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	close(l);
}
#else
static inline void pair(int fd[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
}
#endif

static inline struct rig *rig_new(void)
{
	struct rig *r = mem_zalloc(sizeof(*r));
	int fd[2];

	ck_assert(loop_enter());
	r->lim = (struct mux_limits){ .bufsize = 16384, .maxrewrite = 1024, .maxhdr = 101,
				      .t_request = 1000, .t_keepalive = 2000, .t_client = 5000,
				      .http_mode = true };
	pair(fd);
	r->fd = fd[0];
	r->conn = conn_wrap(fd[1], CONN_OPEN);
	ck_assert_ptr_nonnull(r->conn);
	r->got = sbuf_grow();
	arena_init(&r->mem, 4096);
	return r;
}

static inline void rig_turns(int n)
{
	while (n--)
		loop_turn(0);
}

static inline void rig_free(struct rig *r)
{
	if (r->fd >= 0)
		close(r->fd);
	rig_turns(4);
	if (r->conn) {
		((const struct mux *)r->conn->mux)->kill(r->conn);
		rig_turns(4);
	}
	ck_assert_ptr_null(r->conn);
	ck_assert_int_eq(r->gone, 1);
	for (int i = 0; i < r->n; i++) {
		ck_assert_ptr_null(r->seen[i].g);
		sbuf_fini(&r->seen[i].body);
	}
	sbuf_fini(&r->got);
	arena_fini(&r->mem);
	loop_leave();
	pool_flush();
	chunk_flush();
	free(r);
}

/* --- the stream --- */

static inline struct seen *seen_of(struct rig *r, int i)
{
	ck_assert_int_lt(i, r->n);
	return &r->seen[i];
}

static inline void seen_release(struct seen *s)
{
	struct gate *g = s->g;

	s->g = NULL;
	g->ops->release(g);
}

static inline void seen_take(struct rig *r, struct seen *s)
{
	struct gate *g = s->g;
	size_t n = g->in.bytes;

	if (r->keep_in || !n)
		return;
	spanq_copy(&g->in, 0, sbuf_room(&s->body, n), n);
	sbuf_commit(&s->body, n);
	spanq_drop(&g->in, n);
	g->ops->consumed(g, n);
}

static inline struct msg *answer_msg(struct gate *g, int status)
{
	struct msg *m = arena_new(g->mem, struct msg);

	msg_init(m, true, g->mem);
	m->major = m->minor = 1;
	msg_set_status(m, status, STR_NONE);
	return m;
}

/* Status with a body of known length, whole. */
static inline void seen_answer(struct seen *s, int status, struct str body)
{
	struct gate *g = s->g;
	struct msg *m = answer_msg(g, status);

	m->body = body.n ? BODY_LENGTH : BODY_NONE;
	m->body_len = body.n;
	m->flags |= MSG_HAS_LENGTH | MSG_LOCAL;
	g->ops->send_head(g, m, body.n == 0);
	if (body.n) {
		spanq_push_copy(&g->out, body.p, body.n);
		g->ops->end(g, NULL, 0);
	}
}

static inline void seen_echo(struct seen *s)
{
	struct gate *g = s->g;

	if (g->flags & (IN_ABORT | OUT_ABORT)) {
		seen_release(s);
		return;
	}
	if ((g->flags & IN_END) && !(g->flags & OUT_HEAD))
		seen_answer(s, 200, sbuf_str(&s->body));
	if (g->flags & OUT_DONE)
		seen_release(s);
}

static inline void front_woken(struct gate *g, void *arg, unsigned news)
{
	struct rig *r = arg;
	struct seen *s = &r->seen[0];

	while (s->g != g)
		s++;
	s->news |= news;
	s->wakes++;
	seen_take(r, s);
	if (r->echo)
		seen_echo(s);
}
static const struct gate_user front_fake = { .wake = front_woken };

static inline void note_bad(struct seen *s)
{
	struct gate *g = s->g;

	s->bad_status = g->bad_status;
	s->bad_text = g->bad_text.n;
	snprintf(s->bad_reason, sizeof(s->bad_reason), "%s", g->bad_reason);
}

/* As a stream does: a bad request is answered at once. */
static inline void answer_bad(struct seen *s)
{
	note_bad(s);
	if (!(s->g->flags & OUT_ABORT))
		seen_answer(s, s->bad_status, STR("bad"));
	seen_release(s);
}

static inline void on_exchange(struct gate *g, void *sess)
{
	struct rig *r = sess;
	struct seen *s = &r->seen[r->n];

	ck_assert_int_lt(r->n, SEEN_MAX);
	r->n++;
	s->g = g;
	s->body = sbuf_grow();
	s->flags = g->flags;
	g->user = &front_fake;
	g->arg = r;
	if (g->flags & GATE_BADREQ) {
		answer_bad(s);
		return;
	}
	if (!(g->flags & GATE_RAW))
		snprintf(s->path, sizeof(s->path), STR_FMT, STR_ARG(str_head(g->in_msg->path, 60)));
	seen_take(r, s);
	if (r->echo)
		seen_echo(s);
}

static inline void on_gone(struct conn *c, void *sess)
{
	struct rig *r = sess;

	ck_assert_ptr_eq(c, r->conn);
	r->conn = NULL;
	r->gone++;
}
static const struct mux_front_user front_user = { .exchange = on_exchange, .gone = on_gone };

static inline void rig_front(struct rig *r, const char *proto)
{
	struct mux_words w = { .proto = proto ? mux_find(str_c(proto), MUX_FRONT) : NULL,
			       .upgrade_h2c = r->h2c };

	mux_pick_front(r->conn, &w, &r->lim, &front_user, r);
	rig_turns(2);
}

static inline struct rig *rig_h1(void)
{
	struct rig *r = rig_new();

	rig_front(r, "h1");
	return r;
}

/* --- the peer --- */

static inline void say_n(struct rig *r, const char *p, size_t n)
{
	while (n) {
		ssize_t k = send(r->fd, p, n, MSG_NOSIGNAL);

		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
		rig_turns(2);
		if (k < 0)
			break;
	}
	rig_turns(3);
}

static inline void say(struct rig *r, const char *text)
{
	say_n(r, text, strlen(text));
}

/* Reads all that is there. */
static inline void hear(struct rig *r)
{
	ssize_t k;

	do {
		rig_turns(2);
		k = recv(r->fd, sbuf_room(&r->got, 65536), 65536, 0);
		if (k > 0)
			sbuf_commit(&r->got, (size_t)k);
	} while (k > 0);
	r->eof |= k == 0;
	r->reset |= k < 0 && errno == ECONNRESET;
}

/* What came since the last time is exactly this. */
static inline void expect(struct rig *r, const char *text)
{
	hear(r);
	ck_assert_str_eq(sbuf_z(&r->got), text);
	sbuf_clear(&r->got);
}

/* What came contains this. */
static inline void expect_part(struct rig *r, const char *text)
{
	hear(r);
	ck_assert_msg(strstr(sbuf_z(&r->got), text), "%s\nis not in\n%s", text, sbuf_z(&r->got));
}

/* Time passes: the connection's timer fires; it must be due within that time. */
static inline void pass_time(struct rig *r, unsigned ms)
{
	struct timer *t = &r->conn->timer;

	ck_assert(timer_armed(t));
	ck_assert_uint_le(t->at, loop_ms() + ms);
	timer_stop(t);
	t->fire(t);
	rig_turns(3);
}

#endif
