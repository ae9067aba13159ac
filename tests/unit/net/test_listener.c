#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/atomic.h"
#include "weir/net/listener.h"
#include "weir/sys/reserve.h"
#include "weir/sys/sock.h"

static struct conn *got[64];
static int ngot, refused_conns;
static int per_thread[THR_MAX];

static void on_open(struct conn *c)
{
}

static void on_fail(struct conn *c)
{
	refused_conns++;
}

static const struct conn_user user = { on_open, on_open, on_fail };

static void accepted(struct conn *c, void *arg)
{
	ck_assert_str_eq(arg, "arg");
	c->user = &user;
	conn_advance(c);
	got[ngot++] = c;
}

static struct bind_net any_port(const char *ip)
{
	struct bind_net n = { .fd = -1, .v6only = -1, .uid = -1, .gid = -1 };

	ck_assert(addr_parse_ip(&n.addr, str_c(ip)));
	n.text = str_c(ip);
	return n;
}

static struct listener *open_one(const struct bind_net *n)
{
	static char arg[] = "arg";
	struct listener *l = listener_create(n, accepted, arg);
	struct str why;
	char buf[256];

	ck_assert_msg(listener_open(l, &why, buf), STR_FMT, STR_ARG(why));
	ck_assert_int_eq(why.n, 0);
	ck_assert(listener_publish(l, &why, buf));
	listener_join(l, 0);
	return l;
}

static int dial(const struct addr *a)
{
	int fd = socket(addr_family(a), SOCK_STREAM | SOCK_NONBLOCK, 0);

	ck_assert(connect(fd, &a->sa, a->len) == 0 || errno == EINPROGRESS);
	return fd;
}

static void turns(int n)
{
	while (n--)
		loop_turn(20);
}

static void close_all(void)
{
	while (ngot)
		conn_close(got[--ngot], false);
}

START_TEST(accepts_with_addresses)
{
	struct bind_net n = any_port("127.0.0.1");
	struct listener *l;
	struct addr mine;
	int fd, lowat = 0;
	socklen_t len = sizeof(lowat);

	ck_assert(loop_enter());
	n.notsent_lowat = 7000;
	l = open_one(&n);
	ck_assert_int_ne(addr_port(listener_addr(l)), 0);
	ck_assert_int_eq(listener_state(l), LI_READY);
	fd = dial(listener_addr(l));
	turns(2);
	ck_assert_int_eq(ngot, 1);
	ck_assert(got[0]->flags & CONN_OPEN);
	ck_assert_int_eq(getsockopt(got[0]->ev.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, &len), 0);
	ck_assert_int_eq(lowat, 7000);	/* accepted connections have it of the listener */
	ck_assert(sock_name(fd, &mine));
	ck_assert(addr_eq(conn_src(got[0]), &mine));
	ck_assert(addr_eq(conn_dst(got[0]), listener_addr(l)));
	conn_rest(got[0]);
	ck_assert(addr_eq(conn_src(got[0]), &mine));
	ck_assert_uint_eq(listener_conns(l), 1);
	close_all();
	ck_assert_uint_eq(listener_conns(l), 0);
	close(fd);
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

START_TEST(wildcard_and_v6)
{
	struct bind_net n = any_port("::");
	struct addr to;
	struct listener *l;
	int fd;

	ck_assert(loop_enter());
	l = open_one(&n);
	addr_parse_ip(&to, STR("::1"));
	addr_set_port(&to, addr_port(listener_addr(l)));
	fd = dial(&to);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	ck_assert(addr_eq(conn_dst(got[0]), &to));	/* asked of the kernel */
	ck_assert_int_eq(addr_family(conn_src(got[0])), AF_INET6);
	close_all();
	close(fd);
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

START_TEST(port_in_use_has_the_words)
{
	struct bind_net n = any_port("127.0.0.1");
	struct listener *l;
	struct str why;
	char buf[256];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, &n.addr.sa, n.addr.len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert(sock_name(fd, &n.addr));
	l = listener_create(&n, accepted, NULL);
	ck_assert(!listener_open(l, &why, buf));
	ck_assert_msg(str_eqz(why, "cannot bind socket (Address already in use)"), STR_FMT, STR_ARG(why));
	listener_destroy(l);
	close(fd);
}
END_TEST

START_TEST(maxconn_of_the_bind)
{
	struct bind_net n = any_port("127.0.0.1");
	struct listener *l;
	int fd[5];

	ck_assert(loop_enter());
	n.maxconn = 2;
	l = open_one(&n);
	for (int i = 0; i < 5; i++)
		fd[i] = dial(listener_addr(l));
	turns(6);
	ck_assert_int_eq(ngot, 2);
	ck_assert_int_eq(listener_state(l), LI_FULL);
	conn_close(got[--ngot], false);
	turns(3);
	ck_assert_int_eq(ngot, 2);
	close_all();
	turns(4);
	ck_assert_int_eq(ngot, 2);
	close_all();
	ck_assert_int_eq(listener_state(l), LI_READY);
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

START_TEST(hold_pause_resume_stop)
{
	struct bind_net n = any_port("127.0.0.1");
	struct addr a;
	struct listener *l;
	int fd[3], other;

	ck_assert(loop_enter());
	l = open_one(&n);		/* a port of its own choice would be lost with the pause */
	n.addr = *listener_addr(l);
	listener_destroy(l);
	turns(1);
	l = open_one(&n);
	listener_hold(l);
	turns(1);
	ck_assert_int_eq(listener_state(l), LI_FULL);
	fd[0] = dial(listener_addr(l));
	turns(2);
	ck_assert_int_eq(ngot, 0);
	listener_unhold(l);
	turns(3);
	ck_assert_int_eq(ngot, 1);
	listener_pause(l);
	turns(1);
	ck_assert_int_eq(listener_state(l), LI_PAUSED);
	a = *listener_addr(l);
	other = socket(AF_INET, SOCK_STREAM, 0);	/* refused: nobody listens */
	ck_assert_int_lt(connect(other, &a.sa, a.len), 0);
	close(other);
	ck_assert(listener_resume(l));
	turns(1);
	fd[1] = dial(&a);
	turns(3);
	ck_assert_int_eq(ngot, 2);
	fd[2] = dial(&a);
	usleep(10000);
	listener_stop(l);		/* who waits already is still served */
	turns(2);
	ck_assert_int_eq(ngot, 3);
	ck_assert_int_eq(listener_state(l), LI_STOPPED);
	ck_assert_int_eq(listener_fd(l, 0), -1);
	listener_destroy(l);
	turns(1);
	close_all();			/* the last one releases the listener */
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	loop_leave();
}
END_TEST

static rlim_t open_files(void)
{
	int fd = dup(0);

	close(fd);
	return (rlim_t)fd;
}

START_TEST(out_of_descriptors)
{
	struct bind_net n = any_port("127.0.0.1");
	struct loop_stat before, after;
	struct rlimit lim, old;
	struct listener *l;
	int fd[4], hole;

	ck_assert(loop_enter());
	l = open_one(&n);
	reserve_fill();
	for (int i = 0; i < 4; i++)
		fd[i] = dial(listener_addr(l));
	getrlimit(RLIMIT_NOFILE, &old);
	lim = old;
	lim.rlim_cur = open_files() + 2;	/* room for two of four */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	turns(6);
	ck_assert_int_eq(ngot, 2);
	loop_stats(0, &before);
	for (int i = 0; i < 20; i++)
		loop_turn(5);
	loop_stats(0, &after);
	ck_assert_uint_le(after.events, before.events + 4);	/* it waits, it does not spin */
	ck_assert_int_eq(ngot, 2);
	hole = got[0]->ev.fd;
	conn_close(got[0], false);
	ck_assert_int_eq(fcntl(hole, F_GETFD), -1);
	for (int i = 0; i < 10 && ngot < 3; i++)
		loop_turn(50);
	ck_assert_int_eq(ngot, 3);
	setrlimit(RLIMIT_NOFILE, &old);
	for (int i = 0; i < 10 && ngot < 4; i++)
		loop_turn(50);
	ck_assert_int_eq(ngot, 4);
	for (int i = 1; i < 4; i++)
		conn_close(got[i], false);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

static struct bind_net unix_at(const char *path, bool abstract)
{
	struct bind_net n = { .fd = -1, .uid = -1, .gid = -1, .mode = 0600 };

	ck_assert(addr_set_unix(&n.addr, str_c(path), abstract, false));
	return n;
}

START_TEST(unix_socket_with_mode)
{
	struct bind_net n;
	struct listener *l, *l2;
	struct str why;
	char buf[256], dir[] = "/tmp/weir-li-XXXXXX", path[64], cmd[96];
	struct stat st;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	n = unix_at(path, false);
	ck_assert(loop_enter());
	l = listener_create(&n, accepted, (char *)"arg");
	ck_assert(listener_open(l, &why, buf));
	ck_assert_int_ne(stat(path, &st), 0);		/* not in its place yet */
	ck_assert(listener_publish(l, &why, buf));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	listener_join(l, 0);
	fd = dial(&n.addr);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	ck_assert(got[0]->flags & CONN_UNIX);
	ck_assert_int_eq(addr_family(conn_src(got[0])), AF_UNIX);
	ck_assert(addr_eq(conn_dst(got[0]), &n.addr));
	close_all();
	close(fd);
	l2 = open_one(&n);				/* takes the path over */
	listener_destroy(l);
	turns(2);
	fd = dial(&n.addr);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	close_all();
	close(fd);
	l = listener_create(&n, accepted, (char *)"arg");	/* a successor that was handed the socket */
	fd = dup(listener_fd(l2, 0));
	ck_assert(listener_adopt_fd(l, fd));
	ck_assert(listener_open(l, &why, buf));
	listener_destroy(l2);
	turns(2);
	listener_join(l, 0);
	fd = dial(&n.addr);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	close_all();
	close(fd);
	listener_destroy(l);
	turns(2);
	snprintf(cmd, sizeof(cmd), "ls -A %s | grep -v '^s$'; rm -r %s", dir, dir);
	ck_assert_int_eq(system(cmd), 0);
	loop_leave();
}
END_TEST

START_TEST(reserve_lets_an_operator_in)
{
	struct bind_net n = unix_at("weir-test-reserve", true);
	struct rlimit lim, old;
	struct listener *l;
	int fd;

	ck_assert(loop_enter());
	l = open_one(&n);
	fd = dial(&n.addr);
	reserve_fill();
	getrlimit(RLIMIT_NOFILE, &old);
	lim = old;
	lim.rlim_cur = open_files();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	setrlimit(RLIMIT_NOFILE, &old);
	close_all();
	close(fd);
	reserve_fill();
	ck_assert(reserve_spend());
	ck_assert(!reserve_spend());
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

START_TEST(inherited_and_adopted)
{
	struct bind_net n = any_port("127.0.0.1");
	struct listener *l;
	struct str why;
	char buf[256];
	int fd, c1, c2;

	ck_assert(loop_enter());
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, &n.addr.sa, n.addr.len), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	n.fd = fd;
	n.addr.len = 0;
	l = open_one(&n);
	ck_assert_int_ne(addr_port(listener_addr(l)), 0);
	c1 = dial(listener_addr(l));
	turns(2);
	ck_assert_int_eq(ngot, 1);
	close_all();
	n.addr = *listener_addr(l);
	fd = dup(fd);
	listener_destroy(l);
	turns(2);

	n.fd = -1;				/* what an old process handed over */
	l = listener_create(&n, accepted, (char *)"arg");
	ck_assert(!listener_adopt_fd(l, 0));
	ck_assert(listener_adopt_fd(l, fd));
	ck_assert_msg(listener_open(l, &why, buf), STR_FMT, STR_ARG(why));
	ck_assert_int_eq(listener_fd(l, 0), fd);
	listener_join(l, 0);
	c2 = dial(&n.addr);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	close_all();
	close(c1);
	close(c2);
	listener_destroy(l);
	turns(2);
	loop_leave();
}
END_TEST

static int connected;

static void back_open(struct conn *c)
{
	connected++;
}

static const struct conn_user back_user = { back_open, back_open, back_open };

START_TEST(connections_through_a_socket_pair)
{
	struct bind_net n = any_port("127.0.0.1");
	struct connect_opts o = { .sockpair = true, .mark = -1, .tos = -1 };
	struct listener *l;
	enum conn_err err;
	struct conn *c;
	struct iovec iov = { (char *)"hi", 2 };
	char buf[8];
	int s[2];

	ck_assert(loop_enter());
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	n.fd = s[0];
	n.sockpair = true;
	o.pair_fd = s[1];
	l = open_one(&n);
	c = conn_connect(&o, &back_user, NULL, &err);
	ck_assert_ptr_nonnull(c);
	conn_advance(c);
	ck_assert_int_eq(connected, 1);
	ck_assert_int_eq(conn_sendv(c, &iov, 1, false), 2);
	turns(2);
	ck_assert_int_eq(ngot, 1);
	turns(1);
	ck_assert_int_eq(conn_recv(got[0], buf, sizeof(buf)), 2);
	conn_close(c, false);
	close_all();
	close(s[1]);
	turns(2);
	ck_assert_int_eq(listener_state(l), LI_STOPPED);
	listener_destroy(l);
	turns(1);
	loop_leave();
}
END_TEST

START_TEST(not_a_socket)
{
	struct bind_net n = any_port("127.0.0.1");
	struct listener *l;
	struct str why;
	char buf[256];

	n.fd = open("/dev/null", O_RDONLY);
	l = listener_create(&n, accepted, NULL);
	ck_assert(!listener_open(l, &why, buf));
	ck_assert_int_gt(why.n, 0);
	listener_destroy(l);
	close(n.fd);
}
END_TEST

/* --- several threads --- */

#define THREADS 4
#define CLIENTS 200
static struct listener *shared;
static int total;

static void count_one(struct conn *c, void *arg)
{
	atom_add(&per_thread[thr_id()], 1);
	c->user = &user;
	conn_advance(c);
	conn_close(c, true);
	if (atom_add(&total, 1) == CLIENTS - 1) {
		listener_destroy(shared);
		loop_stop();
	}
}

static void *clients(void *arg)
{
	for (int i = 0; i < CLIENTS; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		char b;

		/* The other side resets at once, perhaps before connect() has returned. */
		if (connect(fd, &((struct addr *)arg)->sa, ((struct addr *)arg)->len) < 0)
			ck_assert_int_eq(errno, ECONNRESET);
		else
			ck_assert_int_le(read(fd, &b, 1), 0);
		close(fd);
	}
	return NULL;
}

static void join_shared(int thread)
{
	listener_join(shared, thread);
}

static void with_threads(struct bind_net *n)
{
	static const struct loop_thread_ops ops = { .start = join_shared };
	struct addr to;
	struct str why;
	char buf[256];
	pthread_t client;
	int sum = 0;

	thr_plan(THREADS);
	shared = listener_create(n, count_one, NULL);
	ck_assert(listener_open(shared, &why, buf));
	to = *listener_addr(shared);
	pthread_create(&client, NULL, clients, &to);
	ck_assert_int_eq(loop_run(THREADS, NULL, &ops), 0);
	pthread_join(client, NULL);
	for (int i = 0; i < THREADS; i++)
		sum += per_thread[i];
	ck_assert_int_eq(sum, CLIENTS);
}

START_TEST(a_socket_per_thread)
{
	struct bind_net n = any_port("127.0.0.1");

	with_threads(&n);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_gt(per_thread[i], 0);	/* the kernel spreads by hash */
}
END_TEST

START_TEST(one_socket_for_all_threads)
{
	struct bind_net n = any_port("127.0.0.1");

	n.shards = 1;
	n.maxconn = 1;			/* every connection fills the listener and frees it again */
	with_threads(&n);
}
END_TEST

START_TEST(chosen_threads_only)
{
	struct bind_net n = any_port("127.0.0.1");

	n.threads[0] = 1 << 2 | 1 << 3;
	with_threads(&n);
	ck_assert_int_eq(per_thread[0] + per_thread[1], 0);
	ck_assert_int_gt(per_thread[2], 0);
	ck_assert_int_gt(per_thread[3], 0);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("listener");

	UNIT_TEST(s, accepts_with_addresses);
	UNIT_TEST(s, wildcard_and_v6);
	UNIT_TEST(s, port_in_use_has_the_words);
	UNIT_TEST(s, maxconn_of_the_bind);
	UNIT_TEST(s, hold_pause_resume_stop);
	UNIT_TEST(s, out_of_descriptors);
	UNIT_TEST(s, unix_socket_with_mode);
	UNIT_TEST(s, reserve_lets_an_operator_in);
	UNIT_TEST(s, inherited_and_adopted);
	UNIT_TEST(s, connections_through_a_socket_pair);
	UNIT_TEST(s, not_a_socket);
	UNIT_TEST(s, a_socket_per_thread);
	UNIT_TEST(s, one_socket_for_all_threads);
	UNIT_TEST(s, chosen_threads_only);
	return unit_run(s);
}
