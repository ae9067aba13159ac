#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/net/splice.h"

static void nothing(struct conn *c)
{
}

static const struct conn_user user = { nothing, nothing, nothing };

static struct conn *make(int *other)
{
	struct conn *c;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], 0);
	c->user = &user;
	conn_advance(c);
	*other = fd[1];
	return c;
}

START_TEST(bytes_pass_uncopied)
{
	struct conn *from, *to;
	struct pipe *p;
	char buf[16];
	int a, b;

	ck_assert(loop_enter());
	pipes_configure(1, 0);
	p = pipe_take();
	from = make(&a);
	to = make(&b);
	loop_turn(0);
	ck_assert_int_eq(write(a, "hello", 5), 5);
	loop_turn(0);
	ck_assert_int_eq(conn_splice_in(from, p, 65536), 5);
	ck_assert_int_eq(conn_splice_in(from, p, 65536), IO_AGAIN);
	ck_assert(conn_readable(from));			/* not known: the pipe holds something */
	ck_assert_int_eq(conn_splice_out(to, p, false), 5);
	ck_assert_uint_eq(p->bytes, 0);
	ck_assert_int_eq(conn_splice_in(from, p, 65536), IO_AGAIN);
	ck_assert(!conn_readable(from));
	ck_assert_int_eq(read(b, buf, sizeof(buf)), 5);
	close(a);
	loop_turn(0);
	ck_assert_int_eq(conn_splice_in(from, p, 65536), IO_EOF);
	ck_assert(from->flags & CONN_RD_EOF);
	conn_close(from, false);
	conn_close(to, false);
	close(b);
	pipe_give(p);
	pipes_flush();
	loop_leave();
}
END_TEST

START_TEST(pushes_back_and_fails)
{
	static char block[65536];
	struct conn *from, *to;
	struct pipe *p;
	ssize_t r = 1;
	int a, b;

	signal(SIGPIPE, SIG_IGN);
	ck_assert(loop_enter());
	pipes_configure(1, 0);
	p = pipe_take();
	from = make(&a);
	to = make(&b);
	while (r > 0) {					/* until the receiver is full */
		ck_assert_int_gt(write(a, block, sizeof(block)), 0);
		loop_turn(0);
		while (conn_splice_in(from, p, sizeof(block)) > 0)
			;
		r = conn_splice_out(to, p, true);
		ck_assert(r > 0 || r == IO_AGAIN);
	}
	ck_assert(!conn_writable(to));
	ck_assert_uint_gt(p->bytes, 0);
	close(b);
	r = conn_splice_out(to, p, true);
	ck_assert_int_eq(r, IO_ERR);
	ck_assert_int_eq(to->err, CERR_PIPE);
	ck_assert_int_eq(conn_splice_out(to, p, true), IO_ERR);
	conn_close(from, false);
	conn_close(to, false);
	close(a);
	pipe_give(p);
	ck_assert_uint_eq(pipes_stats().free, 0);	/* what was left in it is gone with it */
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("splice");

	UNIT_TEST(s, bytes_pass_uncopied);
	UNIT_TEST(s, pushes_back_and_fails);
	return unit_run(s);
}
