/* One server with a check, and its peer played by the test over a real socket: what the check says on the wire, what it
 * makes of the answers, and what becomes of the server.
 *
 *	begin(CHECKED "option httpchk\n" SERVER);
 *	asks("OPTIONS / HTTP/1.0\r\n\r\n");
 *	says("HTTP/1.0 200 OK\r\n\r\n");
 *	came_to("L7OK", 200, "OK");
 *
 * In a configuration $P is the port of the peer, $X one that refuses. */
#ifndef TESTS_UNIT_FEATURE_CHECK_WORLD_H
#define TESTS_UNIT_FEATURE_CHECK_WORLD_H

#include "tests/unit/live/adopt.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/feature/check/check_priv.h"

#define CHECKED "defaults\n mode tcp\n timeout client 1s\n timeout connect 1s\n timeout server 1s\nbackend be\n"
#define SERVER " server s1 127.0.0.1:$P check inter 60s fall 2 rise 2"

static struct {
	struct srv *s;
	struct check *c;
	int listens, refuses;	/* sockets of $P and $X */
	unsigned refused;	/* the port of $X */
	int peer;		/* the check's connection at the other end, or -1 */
} w;

/* A socket with a port of its own; it refuses until somebody listens. */
static inline int bound(unsigned *port)
{
	struct addr a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	addr_set4(&a, "\x7f\0\0\1", 0);
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	ck_assert_int_eq(getsockname(fd, &a.sa, &a.len), 0);
	*port = addr_port(&a);
	return fd;
}

/* The world without a check that runs; its server is be/s1. */
static inline void world(const char *config)
{
	struct sbuf text = sbuf_grow();
	unsigned port;

	w.listens = bound(&port);
	w.refuses = bound(&w.refused);
	w.peer = -1;
	ck_assert_int_eq(listen(w.listens, 8), 0);
	for (; *config; config++)
		if (*config == '$')
			sbuf_printf(&text, "%u", *++config == 'P' ? port : w.refused);
		else
			sbuf_putc(&text, *config);
	sbuf_putc(&text, '\n');
	ck_assert(loop_enter());
	loop_turn(0);
	adopt_text(sbuf_z(&text));
	sbuf_fini(&text);
	live_join_thread(0);
	check_adopt();
	w.s = live_server(live_backend(STR("be")), STR("s1"));
	w.c = w.s->check;
	ck_assert_ptr_nonnull(w.c);
	w.c->thread = 0;
}

static inline void turns(int n)
{
	while (n--)
		loop_turn(1);
}

/* The next connection of the check. */
static inline void meet(void)
{
	if (w.peer >= 0)
		close(w.peer);
	for (int i = 0; i < 200; i++) {
		w.peer = accept4(w.listens, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (w.peer >= 0)
			return;
		loop_turn(1);
	}
	ck_abort_msg("nobody came");
}

static inline void begin_again(void)
{
	chk_begin(w.c);
	meet();
}

static inline void begin(const char *config)
{
	world(config);
	begin_again();
}

/* All that the check has sent so far, which must be this. */
static inline void asks(const char *text)
{
	static char got[65536];
	size_t n = 0;

	for (int i = 0; i < 200 && n < strlen(text); i++) {
		ssize_t r;

		loop_turn(1);
		r = recv(w.peer, got + n, sizeof(got) - 1 - n, MSG_DONTWAIT);
		n += r > 0 ? (size_t)r : 0;
	}
	got[n] = 0;
	ck_assert_str_eq(got, text);
}

static inline void says_bytes(const char *bytes, size_t n)
{
	ck_assert_int_eq(send(w.peer, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
	turns(2);
}

static inline void says(const char *text)
{
	says_bytes(text, strlen(text));
}

static inline void hangs_up(void)
{
	close(w.peer);
	w.peer = -1;
	turns(2);
}

static inline void resets(void)
{
	struct linger hard = { 1, 0 };

	setsockopt(w.peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	hangs_up();
}

/* The check ends, and that is what is known of it. */
static inline void came_to(const char *status, int code, const char *info)
{
	const struct chk_result *r = &w.c->last;

	for (int i = 0; i < 400 && w.c->running; i++)
		loop_turn(5);
	ck_assert(!w.c->running);
	ck_assert_str_eq(chk_statuses[r->status].token, status);
	ck_assert_int_eq(r->code, code);
	ck_assert_str_eq(r->info, info);
	ck_assert(timer_armed(&w.c->next));
	ck_assert_ptr_null(w.c->conn);
	ck_assert_ptr_null(w.c->buf);
}

static inline void still_runs(void)
{
	turns(3);
	ck_assert(w.c->running);
}

static inline void over(void)
{
	check_leave(0);
	ck_assert(!w.c->running && !timer_armed(&w.c->next));
	loop_leave();
	if (w.peer >= 0)
		close(w.peer);
	close(w.listens);
	close(w.refuses);
}

#endif
