#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/net/connect.h"
#include "weir/sys/sock.h"

static int opened, failed;

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
}

static const struct conn_user user = { on_open, on_io, on_fail };
static struct addr to;
static int server;

static struct connect_opts opts(void)
{
	return (struct connect_opts){ .to = &to, .nodelay = true, .mark = -1, .tos = -1 };
}

static void listen_somewhere(void)
{
	ck_assert(addr_parse_ip(&to, STR("127.0.0.1")));
	server = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(server, &to.sa, to.len), 0);
	ck_assert_int_eq(listen(server, 8), 0);
	ck_assert(sock_name(server, &to));
}

static struct conn *begin(const struct connect_opts *o)
{
	enum conn_err err;
	struct conn *c = conn_connect(o, &user, NULL, &err);

	ck_assert_ptr_nonnull(c);
	conn_advance(c);
	for (int i = 0; i < 10 && !opened && !failed; i++)
		loop_turn(50);
	return c;
}

static int lowat_of(int fd)
{
	int v = 0;
	socklen_t n = sizeof(v);

	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &v, &n), 0);
	return v;
}

START_TEST(connects)
{
	struct connect_opts o = opts();
	struct conn *c;
	struct addr own;

	ck_assert(loop_enter());
	listen_somewhere();
	o.keepalive = true;
	o.ka_idle = 30;
	o.tcp_ut = 5000;
	o.notsent_lowat = 7000;
	c = begin(&o);
	ck_assert_int_eq(opened, 1);
	ck_assert(conn_writable(c));
	ck_assert(addr_eq(conn_dst(c), &to));
	ck_assert(sock_name(c->ev.fd, &own));
	ck_assert(addr_eq(conn_src(c), &own));
	ck_assert(c->flags & CONN_BACK);
	ck_assert_int_eq(lowat_of(c->ev.fd), 7000);
	conn_close(c, false);
	loop_leave();
}
END_TEST

START_TEST(refused)
{
	struct connect_opts o = opts();
	struct conn *c;

	ck_assert(loop_enter());
	listen_somewhere();
	close(server);
	c = begin(&o);
	ck_assert_int_eq(failed, 1);
	ck_assert_int_eq(c->err, CERR_REFUSED);
	ck_assert_int_ne(c->os_errno, 0);
	conn_close(c, false);
	loop_leave();
}
END_TEST

START_TEST(source_and_port_range)
{
	struct connect_opts o = opts();
	struct addr from, busy;
	struct conn *c;
	enum conn_err err;
	int blocker = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(loop_enter());
	listen_somewhere();
	ck_assert(addr_parse_ip(&from, STR("127.0.0.2")));
	o.from = &from;
	c = begin(&o);
	ck_assert_int_eq(opened, 1);
	ck_assert(addr_ip_eq(conn_src(c), &from));
	conn_close(c, false);

	ck_assert_int_eq(bind(blocker, &from.sa, from.len), 0);
	ck_assert_int_eq(listen(blocker, 1), 0);	/* nobody else can have that port now */
	ck_assert(sock_name(blocker, &busy));
	o.port_low = o.port_high = addr_port(&busy);
	ck_assert_ptr_null(conn_connect(&o, &user, NULL, &err));
	ck_assert_int_eq(err, CERR_PORT_RANGE);
	o.port_low = o.port_high = 0;
	ck_assert(addr_parse_ip(&from, STR("192.0.2.7")));	/* not ours */
	ck_assert_ptr_null(conn_connect(&o, &user, NULL, &err));
	ck_assert_int_eq(err, CERR_BIND);
	close(blocker);
	loop_leave();
}
END_TEST

START_TEST(unix_server)
{
	struct connect_opts o = opts();
	struct conn *c;
	enum conn_err err;

	ck_assert(loop_enter());
	ck_assert(addr_set_unix(&to, STR("/nowhere/at/all"), false, false));
	ck_assert_ptr_null(conn_connect(&o, &user, NULL, &err));
	ck_assert_int_eq(err, CERR_REFUSED);
	ck_assert(addr_set_unix(&to, STR("weir-test-connect"), true, false));
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(server, &to.sa, to.len), 0);
	ck_assert_int_eq(listen(server, 4), 0);
	c = begin(&o);
	ck_assert_int_eq(opened, 1);
	ck_assert(addr_eq(conn_dst(c), &to));
	conn_close(c, false);
	loop_leave();
}
END_TEST

START_TEST(reset_reaches_the_peer)
{
	struct connect_opts o = opts();
	struct conn *c;
	char b;
	int in;

	ck_assert(loop_enter());
	listen_somewhere();
	c = begin(&o);
	in = accept(server, NULL, NULL);
	conn_close(c, true);
	ck_assert_int_eq(read(in, &b, 1), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("connect");

	UNIT_TEST(s, connects);
	UNIT_TEST(s, refused);
	UNIT_TEST(s, source_and_port_range);
	UNIT_TEST(s, unix_server);
	UNIT_TEST(s, reset_reaches_the_peer);
	return unit_run(s);
}
