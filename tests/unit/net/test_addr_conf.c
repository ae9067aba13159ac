#include <stdio.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/obj.h"
#include "weir/net/addr_conf.h"

static struct addr_conf c;
static struct addr_fault fault;

static bool parse(const char *text, unsigned flags)
{
	return addr_conf_parse(&c, str_c(text), flags, STR_NONE, &fault);
}

struct good { const char *text; unsigned flags; const char *addr; int low, high; };
static const struct good good[] = {
	{ ":80", AC_BIND, "0.0.0.0:80", 80, 80 },
	{ "*:80", AC_BIND, "0.0.0.0:80", 80, 80 },
	{ "127.0.0.1:80", AC_BIND, "127.0.0.1:80", 80, 80 },
	{ ":80-90", AC_BIND, "0.0.0.0:80", 80, 90 },
	{ ":::80", AC_BIND, "[::]:80", 80, 80 },
	{ "::1:80", AC_BIND, "[::1]:80", 80, 80 },
	{ "[::1]:80", AC_BIND, "[::1]:80", 80, 80 },
	{ "ipv6@:80", AC_BIND, "[::]:80", 80, 80 },
	{ "ipv4@127.0.0.1:80", AC_BIND, "127.0.0.1:80", 80, 80 },
	{ "tcp@1.2.3.4:80", AC_BIND, "1.2.3.4:80", 80, 80 },
	{ "tcp6@::1:443", AC_BIND, "[::1]:443", 443, 443 },
	{ "stream+ipv4@:80", AC_BIND, "0.0.0.0:80", 80, 80 },
	{ "localhost:81", AC_BIND | AC_V4_ONLY, "127.0.0.1:81", 81, 81 },
	{ "/tmp/x", AC_BIND, "/tmp/x", 0, 0 },
	{ "unix@/tmp/x", AC_BIND, "/tmp/x", 0, 0 },
	{ "uxst@x", AC_BIND, "x", 0, 0 },
	{ "stream+unix@/x", AC_BIND, "/x", 0, 0 },
	{ "abns@foo", AC_BIND, "abns@foo", 0, 0 },
	{ "abnsz@foo", AC_SERVER, "abns@foo", 0, 0 },
	{ "127.0.0.1", AC_SERVER, "127.0.0.1:0", 0, 0 },
	{ "127.0.0.1:", AC_SERVER, "127.0.0.1:0", 0, 0 },
	{ ":", AC_SERVER, "0.0.0.0:0", 0, 0 },
	{ "[::1]", AC_SERVER, "[::1]:0", 0, 0 },
	{ "127.0.0.1:0", AC_SERVER, "127.0.0.1:0", 0, 0 },
	{ "1.2.3.4:1024-2048", AC_SOURCE, "1.2.3.4:1024", 1024, 2048 },
	{ "udp@1.2.3.4:53", AC_PORT | AC_DGRAM, "1.2.3.4:53", 53, 53 },
	{ "1.2.3.4:53", AC_PORT | AC_DGRAM | AC_DGRAM_DEFAULT, "1.2.3.4:53", 53, 53 },
};

START_TEST(forms)
{
	const struct good *g = &good[_i];
	char buf[ADDR_TEXT_MAX];

	ck_assert_msg(parse(g->text, g->flags), "%s: %s", g->text, fault.text);
	ck_assert_msg(str_eqz(addr_text(&c.addr, buf), g->addr), "%s: %s", g->text, buf);
	ck_assert_int_eq(c.port_low, g->low);
	ck_assert_int_eq(c.port_high, g->high);
	ck_assert_int_eq(c.fd, -1);
}
END_TEST

struct bad { const char *text; unsigned flags; const char *why; int at; };
static const struct bad bad[] = {
	{ ":x", AC_BIND, "invalid character 'x' in port number 'x' in ':x'", 1 },
	{ "1.2.3.4:80x", AC_BIND, "invalid character 'x' in port number '80x' in '1.2.3.4:80x'", 10 },
	{ "127.0.0.1:8o", AC_SERVER, "invalid character 'o' in port number '8o' in '127.0.0.1:8o'", 11 },
	{ "127.0.0.1:+x", AC_SERVER, "invalid character 'x' in port number '+x' in '127.0.0.1:+x'", 11 },
	{ ":80-9y", AC_BIND, "invalid character 'y' in port number '80-9y' in ':80-9y'", 5 },
	{ ":70000", AC_BIND, "invalid port '70000'", 1 },
	{ ":99999999999999999999999", AC_BIND, "invalid port '99999999999999999999999'", 1 },
	{ ":0", AC_BIND, "invalid port '0'", 1 },
	{ ":80-70000", AC_BIND, "invalid port '70000'", 4 },
	{ ":80-", AC_BIND, "invalid port ''", 4 },
	{ ":90-80", AC_BIND, "invalid port range '90-80'", 1 },
	{ ":0-80", AC_BIND, "invalid port '0'", 1 },
	{ ":+80", AC_BIND, "port offset not permitted here in ':+80'", 1 },
	{ ":-80", AC_BIND, "port offset not permitted here in ':-80'", 1 },
	{ "80", AC_BIND, "missing port specification in '80'", 2 },
	{ ":", AC_BIND, "missing port specification in ':'", 1 },
	{ "[::1]", AC_BIND, "missing port specification in '[::1]'", 5 },
	{ "127.0.0.1:80-90", AC_SERVER, "port range not permitted here in '127.0.0.1:80-90'", 12 },
	{ "127.0.0.1:80", AC_STREAM, "port not permitted here in '127.0.0.1:80'", 10 },
	{ "", AC_BIND, "'' resolves to an empty address (environment variable missing?)", 0 },
	{ "ipv4@::1:80", AC_BIND, "invalid address: '::1' in 'ipv4@::1:80'", 5 },
	{ "ipv6@127.0.0.1:80", AC_SERVER, "invalid address: '127.0.0.1' in 'ipv6@127.0.0.1:80'", 5 },
	{ "foo@1.2.3.4:80", AC_BIND, "invalid address: 'foo@1.2.3.4' in 'foo@1.2.3.4:80'", 0 },
	{ "udp@:80", AC_BIND, "dgram-type address not acceptable in 'udp@:80'", 0 },
	{ "dgram+ipv4@:80", AC_BIND, "dgram-type address not acceptable in 'dgram+ipv4@:80'", 0 },
	{ "tcp@:80", AC_PORT | AC_DGRAM, "stream-type address not acceptable in 'tcp@:80'", 0 },
	{ "quic4@:80", AC_BIND, "unsupported stream protocol for datagram family 2 address 'quic4@:80'; "
		"QUIC is not compiled in if this is what you were looking for.", 0 },
	{ "fd@x", AC_BIND, "file descriptor 'x' is not a valid integer in 'fd@x'", 3 },
	{ "fd@", AC_BIND, "file descriptor '' is not a valid integer in 'fd@'", 3 },
	{ "fd@-1", AC_BIND, "file descriptor '-1' is not a valid integer in 'fd@-1'", 3 },
	{ "fd@999", AC_BIND, "cannot use file descriptor '999' : Bad file descriptor.", 3 },
	{ "sockpair@999", AC_SERVER, "cannot use file descriptor '999' : Bad file descriptor.", 9 },
	{ "fd@3", AC_SERVER, "a file descriptor is not acceptable here in 'fd@3'", 0 },
	{ "rhttp@x", AC_BIND, "a reverse HTTP address is not acceptable here in 'rhttp@x'", 0 },
	{ "unix@", AC_BIND, "missing path in 'unix@'", 5 },
};

START_TEST(mistakes)
{
	const struct bad *b = &bad[_i];

	ck_assert_msg(!parse(b->text, b->flags), "%s was taken", b->text);
	ck_assert_str_eq(fault.text, b->why);
	ck_assert_int_eq(fault.at - b->text >= 0 && *b->text ? (int)(fault.at - b->text) : 0, b->at);
}
END_TEST

START_TEST(names_wait_for_servers)
{
	ck_assert(parse("some.host.example:8080", AC_SERVER));
	ck_assert(!addr_isset(&c.addr));
	ck_assert(str_eqz(c.host, "some.host.example"));
	ck_assert_int_eq(c.port_low, 8080);
	ck_assert_int_eq(c.family, AF_UNSPEC);
	ck_assert(parse("ipv6@some.host:80", AC_SERVER));
	ck_assert_int_eq(c.family, AF_INET6);
	ck_assert(!parse("no-such-host.invalid:80", AC_BIND));
}
END_TEST

START_TEST(port_offsets)
{
	ck_assert(parse("1.2.3.4:+80", AC_SERVER));
	ck_assert(c.port_offset);
	ck_assert_int_eq(c.port_delta, 80);
	ck_assert(parse("1.2.3.4:-80", AC_SERVER));
	ck_assert_int_eq(c.port_delta, -80);
	ck_assert_int_eq(c.port_low, 0);
}
END_TEST

START_TEST(descriptors)
{
	struct addr a;
	char text[32];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(addr_parse_ip(&a, STR("127.0.0.1")));
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	snprintf(text, sizeof(text), "stream+fd@%d", fd);
	ck_assert_msg(parse(text, AC_BIND), "%s", fault.text);
	ck_assert_int_eq(c.fd, fd);
	ck_assert(addr_ip_eq(&c.addr, &a));
	ck_assert_int_ne(c.port_low, 0);
	close(fd);
}
END_TEST

START_TEST(paths)
{
	char path[200];
	char buf[ADDR_TEXT_MAX];

	ck_assert(addr_conf_parse(&c, STR("/sock"), AC_BIND, STR("/run/x"), &fault));
	ck_assert(str_eqz(addr_text(&c.addr, buf), "/run/x/sock"));
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[150] = 0;
	ck_assert(!parse(path, AC_BIND));
	ck_assert_ptr_nonnull(strstr(fault.text, "too long (max 107)"));
}
END_TEST

START_TEST(lists)
{
	struct str list = STR("a,,b,"), one;
	const char *want[] = { "a", "", "b" };

	for (int i = 0; i < 3; i++) {
		ck_assert(addr_conf_next(&list, &one));
		ck_assert(str_eqz(one, want[i]));
	}
	ck_assert(!addr_conf_next(&list, &one));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("addr_conf");
	TCase *tc = tcase_create("tables");

	tcase_add_loop_test(tc, forms, 0, (int)ARRAY_LEN(good));
	tcase_add_loop_test(tc, mistakes, 0, (int)ARRAY_LEN(bad));
	suite_add_tcase(s, tc);
	UNIT_TEST(s, names_wait_for_servers);
	UNIT_TEST(s, port_offsets);
	UNIT_TEST(s, descriptors);
	UNIT_TEST(s, paths);
	UNIT_TEST(s, lists);
	return unit_run(s);
}
