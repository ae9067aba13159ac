#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/net/conn.h"
#include "weir/net/listener.h"
#include "weir/sys/sock.h"

static int opened, failed, ios;

static void on_open(struct conn *c)
{
	opened++;
}

static void on_fail(struct conn *c)
{
	failed++;
}

static void on_io(struct conn *c)
{
	ios++;
}

static const struct conn_user user = { on_open, on_io, on_fail };

static struct conn *pair_conn(int *other)
{
	struct conn *c;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], CONN_UNIX);
	ck_assert_ptr_nonnull(c);
	c->user = &user;
	conn_advance(c);
	ck_assert_int_eq(opened, 1);
	*other = fd[1];
	return c;
}

static ssize_t send_text(struct conn *c, const char *z)
{
	struct iovec iov = { (char *)z, strlen(z) };

	return conn_sendv(c, &iov, 1, false);
}

START_TEST(bytes_and_readiness)
{
	char buf[64];
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = pair_conn(&fd);
	loop_turn(0);
	ck_assert(conn_writable(c) && !conn_readable(c));
	ck_assert_int_eq(send_text(c, "hello"), 5);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 5);
	ck_assert_int_eq(write(fd, "answer", 6), 6);
	loop_turn(0);
	ck_assert(conn_readable(c));
	ck_assert_int_eq(conn_recv(c, buf, 3), 3);
	ck_assert(conn_readable(c));			/* it was filled: there may be more */
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 3);
	ck_assert(!conn_readable(c));			/* it was short: drained */
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), IO_AGAIN);
	conn_close(c, false);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 0);
	close(fd);
	loop_leave();
}
END_TEST

START_TEST(pieces_in_one_call)
{
	char a[4], b[64];
	struct iovec out[] = { { (char *)"one", 3 }, { (char *)"two", 3 } }, in[] = { { a, 4 }, { b, 64 } };
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = pair_conn(&fd);
	ck_assert_int_eq(conn_sendv(c, out, 2, true), 6);
	ck_assert_int_eq(read(fd, b, sizeof(b)), 6);
	ck_assert_mem_eq(b, "onetwo", 6);
	ck_assert_int_eq(write(fd, "abcdefg", 7), 7);
	loop_turn(0);
	ck_assert_int_eq(conn_recvv(c, in, 2), 7);
	ck_assert_mem_eq(a, "abcd", 4);
	ck_assert_mem_eq(b, "efg", 3);
	ck_assert(!conn_readable(c));
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

START_TEST(end_is_seen_after_the_data)
{
	char buf[64];
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = pair_conn(&fd);
	loop_turn(0);
	ck_assert_int_eq(write(fd, "last", 4), 4);
	close(fd);
	loop_turn(0);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 4);
	ck_assert(conn_readable(c));		/* the end was announced with the data */
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), IO_EOF);
	ck_assert(c->flags & CONN_RD_EOF);
	ck_assert(!conn_readable(c));
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), IO_EOF);
	ck_assert_int_eq(send_text(c, "x"), IO_ERR);	/* and no SIGPIPE */
	ck_assert_int_eq(c->err, CERR_PIPE);
	ck_assert_uint_eq(c->flags & (CONN_WR_FAILED | CONN_ERROR), CONN_WR_FAILED);
	ck_assert_int_eq(send_text(c, "x"), IO_ERR);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), IO_EOF);
	conn_close(c, false);
	loop_leave();
}
END_TEST

START_TEST(full_socket_pushes_back)
{
	static char block[1 << 20];
	struct iovec iov = { block, sizeof(block) };
	struct conn *c;
	ssize_t r, sent = 0;
	int fd;

	ck_assert(loop_enter());
	c = pair_conn(&fd);
	loop_turn(0);
	while (conn_writable(c)) {
		r = conn_sendv(c, &iov, 1, false);
		sent += r > 0 ? r : 0;
	}
	ck_assert_int_gt(sent, 0);
	ck_assert_int_eq(conn_sendv(c, &iov, 1, false), IO_AGAIN);
	loop_turn(0);
	ck_assert(!conn_writable(c));
	while (sent > 0 && (r = read(fd, block, sizeof(block))) > 0)
		sent -= r;
	ck_assert_int_eq(sent, 0);
	ios = 0;
	loop_turn(100);
	ck_assert_int_gt(ios, 0);
	ck_assert(conn_writable(c));
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

START_TEST(half_close)
{
	char buf[8];
	struct conn *c;
	int fd;

	ck_assert(loop_enter());
	c = pair_conn(&fd);
	conn_shut(c);
	conn_shut(c);
	ck_assert(c->flags & CONN_WR_SHUT);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 0);
	ck_assert_int_eq(write(fd, "still", 5), 5);
	loop_turn(0);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 5);
	conn_close(c, false);
	close(fd);
	loop_leave();
}
END_TEST

/* Urgent data stops a read at its mark: a short read is not the end of what there is. */
START_TEST(urgent_data_does_not_stall)
{
	struct addr a;
	char buf[64];
	struct conn *c;
	int l, out, in;

	ck_assert(loop_enter());
	addr_parse_ip(&a, STR("127.0.0.1"));
	l = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(l, &a.sa, a.len), 0);
	ck_assert_int_eq(listen(l, 4), 0);
	ck_assert(sock_name(l, &a));
	out = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(out, &a.sa, a.len), 0);
	in = accept4(l, NULL, NULL, SOCK_NONBLOCK);
	c = conn_wrap(in, 0);
	c->user = &user;
	conn_advance(c);
	ck_assert_int_eq(send(out, "ab", 2, 0), 2);
	ck_assert_int_eq(send(out, "!", 1, MSG_OOB), 1);
	ck_assert_int_eq(send(out, "cd", 2, 0), 2);
	for (int i = 0; i < 100 && !(c->ev.ready & EV_PRI); i++)
		loop_turn(50);
	ck_assert(c->ev.ready & EV_PRI);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 2);
	ck_assert(conn_readable(c));
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 2);
	ck_assert_mem_eq(buf, "cd", 2);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), IO_AGAIN);
	ck_assert(!conn_readable(c));
	conn_close(c, true);
	close(out);
	close(l);
	loop_leave();
}
END_TEST

/* --- a transport that needs two bytes before it is open --- */

struct gatekeeper {
	struct transport t;
	int got, released;
	bool leave, refuse;
};

static int keeper_open(struct conn *c, struct transport *t)
{
	struct gatekeeper *k = container_of(t, struct gatekeeper, t);
	char b;

	if (k->refuse)
		return conn_fail(c, CERR_PROXY_BAD, 0);
	while (k->got < 2) {
		ssize_t r = conn_recv_below(c, t, &b, 1);

		if (r <= 0)
			return (int)r;
		k->got++;
	}
	if (k->leave)
		conn_pull(c, t);
	return 1;
}

static void keeper_fini(struct conn *c, struct transport *t, bool silent)
{
	container_of(t, struct gatekeeper, t)->released++;
}

static bool keeper_ask(struct conn *c, struct transport *t, int which, void *out)
{
	if (which != ASK_ALPN)
		return false;
	*(struct str *)out = STR("kept");
	return true;
}

static const struct transport_ops keeper_ops = {
	.name = "keeper", .open = keeper_open, .fini = keeper_fini, .ask = keeper_ask,
};

static void chain(bool leave)
{
	struct gatekeeper low = { .t.ops = &keeper_ops, .leave = leave }, high = low;
	struct str alpn = STR_NONE;
	struct conn *c;
	char buf[8];
	int fd[2];

	ck_assert(loop_enter());
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], 0);
	conn_push(c, &low.t);
	conn_push(c, &high.t);
	ck_assert(conn_is_raw(c));		/* neither touches the bytes */
	c->user = &user;
	conn_advance(c);
	ck_assert_int_eq(opened, 0);
	ck_assert_int_eq(write(fd[1], "abc", 3), 3);
	loop_turn(0);
	ck_assert_int_eq(low.got, 2);
	ck_assert_int_eq(high.got, 1);
	ck_assert_int_eq(write(fd[1], "dxy", 3), 3);
	loop_turn(0);
	ck_assert_int_eq(opened, 1);
	ck_assert(c->flags & CONN_OPEN);
	ck_assert_int_eq(conn_recv(c, buf, sizeof(buf)), 2);
	ck_assert_mem_eq(buf, "xy", 2);
	ck_assert_int_eq(conn_ask(c, ASK_ALPN, &alpn), !leave);
	ck_assert(!conn_ask(c, ASK_TLS, &alpn));
	conn_close(c, false);
	ck_assert_int_eq(low.released, 1);
	ck_assert_int_eq(high.released, 1);
	close(fd[1]);
	loop_leave();
}

START_TEST(chain_opens_from_the_bottom)
{
	chain(false);
}
END_TEST

START_TEST(finished_transport_leaves)
{
	chain(true);
}
END_TEST

START_TEST(refusal_and_early_end_fail)
{
	struct gatekeeper k = { .t.ops = &keeper_ops, .refuse = true }, e = { .t.ops = &keeper_ops };
	struct conn *c;
	int fd[2], fd2[2];

	ck_assert(loop_enter());
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	c = conn_wrap(fd[0], 0);
	conn_push(c, &k.t);
	c->user = &user;
	conn_advance(c);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(c->err, CERR_PROXY_BAD);
	conn_close(c, true);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd2), 0);
	c = conn_wrap(fd2[0], 0);
	conn_push(c, &e.t);
	c->user = &user;
	close(fd2[1]);
	loop_turn(0);
	ck_assert_int_eq(failed, 2);
	ck_assert_int_eq(c->err, CERR_SOCK);
	conn_close(c, false);
	loop_leave();
}
END_TEST

START_TEST(table_of_errors_is_whole)
{
	for (int e = 0; e < CERR_COUNT; e++) {
		ck_assert_ptr_nonnull(conn_err_text(e));
		ck_assert_ptr_nonnull(conn_err_token(e));
	}
	ck_assert_int_eq(conn_err_code(CERR_TLS_HANDSHAKE), 34);
	ck_assert_str_eq(conn_err_text(CERR_NONE), "Success");
	ck_assert_int_eq(conn_err_of_errno(ECONNREFUSED), CERR_REFUSED);
	ck_assert_int_eq(conn_err_of_errno(12345), CERR_SOCK);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conn");

	UNIT_TEST(s, bytes_and_readiness);
	UNIT_TEST(s, pieces_in_one_call);
	UNIT_TEST(s, end_is_seen_after_the_data);
	UNIT_TEST(s, full_socket_pushes_back);
	UNIT_TEST(s, half_close);
	UNIT_TEST(s, urgent_data_does_not_stall);
	UNIT_TEST(s, chain_opens_from_the_bottom);
	UNIT_TEST(s, finished_transport_leaves);
	UNIT_TEST(s, refusal_and_early_end_fail);
	UNIT_TEST(s, table_of_errors_is_whole);
	return unit_run(s);
}
