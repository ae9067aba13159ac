#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/sys/names.h"
#include "weir/sys/netns.h"
#include "weir/sys/sock.h"

static int get(int fd, int level, int option)
{
	int v = -1;
	socklen_t len = sizeof(v);

	ck_assert_int_eq(getsockopt(fd, level, option, &v, &len), 0);
	return v;
}

START_TEST(options)
{
	int fd = sock_open(AF_INET, SOCK_STREAM, STR_NONE), family, type;

	ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert(sock_nodelay(fd) && get(fd, IPPROTO_TCP, TCP_NODELAY));
	ck_assert(sock_keepalive(fd) && get(fd, SOL_SOCKET, SO_KEEPALIVE));
	ck_assert(sock_keepalive_times(fd, 11, 0, 3));
	ck_assert_int_eq(get(fd, IPPROTO_TCP, TCP_KEEPIDLE), 11);
	ck_assert_int_eq(get(fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
	ck_assert(sock_user_timeout(fd, 1234));
	ck_assert_int_eq(get(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 1234);
	ck_assert(sock_tos(fd, AF_INET, 16));
	ck_assert_int_eq(get(fd, IPPROTO_IP, IP_TOS), 16);
	ck_assert(sock_reuse_addr(fd) && sock_reuse_port(fd) && sock_bind_late_port(fd));
	ck_assert(sock_defer_accept(fd, 5));
	ck_assert(sock_buffers(fd, 20000, 0));
	ck_assert(!sock_is_listening(fd));
	ck_assert(sock_type(fd, &family, &type));
	ck_assert(family == AF_INET && type == SOCK_STREAM);
	ck_assert(!sock_interface(fd, STR("an-interface-name-too-long")));
	ck_assert(!sock_interface(fd, STR("nosuch0")));
	ck_assert_int_eq(sock_error(fd), 0);
	close(fd);
	ck_assert(!sock_type(fd, &family, &type));
}
END_TEST

START_TEST(names_of_both_ends)
{
	struct addr a, b;
	int l = sock_open(AF_INET, SOCK_STREAM, STR_NONE), c = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(addr_parse_ip(&a, STR("127.0.0.1")));
	ck_assert_int_eq(bind(l, &a.sa, a.len), 0);
	ck_assert_int_eq(listen(l, 1), 0);
	ck_assert(sock_is_listening(l));
	ck_assert(sock_name(l, &a));
	ck_assert_int_eq(connect(c, &a.sa, a.len), 0);
	ck_assert(sock_peer(c, &b));
	ck_assert(addr_eq(&a, &b));
	ck_assert(sock_original_dst(c, &b));		/* no firewall rule: the socket's own */
	ck_assert(!sock_peer(l, &b));
	ck_assert(!addr_isset(&b));
	close(c);
	close(l);
}
END_TEST

START_TEST(foreign_descriptor)
{
	int p[2];

	ck_assert_int_eq(pipe(p), 0);
	ck_assert(sock_nonblock(p[0]));
	ck_assert(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(p[0], F_GETFD) & FD_CLOEXEC);
	ck_assert(!sock_nonblock(9999));
}
END_TEST

START_TEST(md5_where_the_kernel_has_it)
{
	struct addr any, one;
	char key[81] = { 0 };
	int fd = sock_open(AF_INET, SOCK_STREAM, STR_NONE);

	ck_assert(addr_parse_ip(&any, STR("0.0.0.0")));
	ck_assert(addr_parse_ip(&one, STR("127.0.0.1")));
	ck_assert(!sock_md5sig(fd, &one, str_make(key, sizeof(key))));
	ck_assert_int_eq(errno, EINVAL);
	if (sock_md5sig(fd, &one, STR("secret")))
		ck_assert(sock_md5sig(fd, &any, STR("secret")));
	else
		ck_assert(errno == ENOPROTOOPT || errno == EPERM);
	close(fd);
}
END_TEST

START_TEST(namespaces)
{
	ck_assert(!netns_exists(STR("no-such-namespace")));
	ck_assert(!netns_exists(STR("../../proc")));
	ck_assert(!netns_exists(STR("")));
	ck_assert_int_eq(sock_open(AF_INET, SOCK_STREAM, STR("no-such-namespace")), -1);
}
END_TEST

START_TEST(host_names)
{
	struct addr a;

	ck_assert(names_look_up(STR("localhost"), AF_INET, &a));
	ck_assert_int_eq(addr_family(&a), AF_INET);
	ck_assert(!names_look_up(STR("no-such-host.invalid"), AF_UNSPEC, &a));
	ck_assert(!names_look_up(STR(""), AF_UNSPEC, &a));
	ck_assert(!names_look_up(str_make("local\0host", 10), AF_UNSPEC, &a));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("sock");

	UNIT_TEST(s, options);
	UNIT_TEST(s, names_of_both_ends);
	UNIT_TEST(s, foreign_descriptor);
	UNIT_TEST(s, md5_where_the_kernel_has_it);
	UNIT_TEST(s, namespaces);
	UNIT_TEST(s, host_names);
	return unit_run(s);
}
