#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "weir/base/addr.h"
#include "weir/base/obj.h"

static struct addr ip(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse_ip(&a, str_c(text)), "%s", text);
	return a;
}

static const char *text_of(const struct addr *a)
{
	static __thread char buf[ADDR_TEXT_MAX], z[ADDR_TEXT_MAX];

	return str_z(addr_text(a, buf), z, sizeof(z));
}

START_TEST(literals)
{
	static const char *const bad[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"::g",
		"[::1",
		"[1.2.3.4]",
		"a.b.c.d",
		"1.2.3.4 ",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};
	struct addr a = ip("10.1.2.3");
	char buf[ADDR_TEXT_MAX];

	ck_assert_int_eq(addr_family(&a), AF_INET);
	ck_assert(str_eqz(addr_ip_text(&a, buf), "10.1.2.3"));
	for (unsigned i = 0; i < 256; i++) {
		char want[ADDR_IP4_TEXT], got[ADDR_IP4_TEXT];
		unsigned char bytes[4] = { (unsigned char)i, 0, 99, (unsigned char)(255 - i) };
		size_t n = addr_ip4_text(bytes, got);

		ck_assert_ptr_nonnull(inet_ntop(AF_INET, bytes, want, sizeof(want)));
		ck_assert_uint_eq(n, strlen(want));
		ck_assert_mem_eq(got, want, n);
	}
	a = ip("[2001:db8::1]");
	ck_assert_int_eq(addr_family(&a), AF_INET6);
	addr_set_port(&a, 443);
	ck_assert_str_eq(text_of(&a), "[2001:db8::1]:443");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!addr_parse_ip(&a, str_c(bad[i])), "%s", bad[i]);
	ck_assert(!addr_parse_ip(&a, STR("1.2.3.4\0x")));
}
END_TEST

START_TEST(ports_and_equality)
{
	struct addr a = ip("127.0.0.1"), b = a, none = { 0 };

	addr_set_port(&a, 80);
	ck_assert_uint_eq(addr_port(&a), 80);
	ck_assert_str_eq(text_of(&a), "127.0.0.1:80");
	ck_assert(!addr_eq(&a, &b));
	ck_assert(addr_ip_eq(&a, &b));
	b = ip("::ffff:127.0.0.1");
	ck_assert(!addr_ip_eq(&a, &b));
	ck_assert(!addr_is_any(&a));
	a = ip("0.0.0.0");
	b = ip("::");
	ck_assert(addr_is_any(&a) && addr_is_any(&b) && !addr_is_any(&none));
	ck_assert(!addr_isset(&none));
	ck_assert_str_eq(text_of(&none), "");
}
END_TEST

START_TEST(unix_sockets)
{
	struct addr a, b;
	char longest[109], buf[ADDR_TEXT_MAX];

	ck_assert(addr_set_unix(&a, STR("/run/x.sock"), false, false));
	ck_assert_str_eq(text_of(&a), "/run/x.sock");
	ck_assert(str_eqz(addr_ip_text(&a, buf), "unix"));
	ck_assert_uint_eq(addr_port(&a), 0);
	ck_assert(addr_set_unix(&a, STR("name"), true, false));
	ck_assert_uint_eq(a.len, 2 + 1 + 4);
	ck_assert_str_eq(text_of(&a), "abns@name");
	ck_assert(addr_set_unix(&b, STR("name"), true, true));
	ck_assert_uint_eq(b.len, sizeof(struct sockaddr_un));
	ck_assert_str_eq(text_of(&b), "abns@name");
	ck_assert(addr_set_unix(&b, STR("name"), false, false));
	ck_assert(!addr_eq(&a, &b));
	memset(longest, 'x', sizeof(longest));
	ck_assert(addr_set_unix(&a, str_make(longest, 107), false, false));
	ck_assert(!addr_set_unix(&a, str_make(longest, 108), false, false));
	ck_assert(!addr_set_unix(&a, STR(""), false, false));
}
END_TEST

static bool in(const char *net, const char *address)
{
	struct addr_net n;
	struct addr a = ip(address);

	ck_assert_msg(addr_net_parse(&n, str_c(net)), "%s", net);
	return addr_net_has(&n, &a);
}

START_TEST(networks)
{
	ck_assert(in("10.0.0.0/8", "10.255.0.1"));
	ck_assert(in("10.9.9.9/8", "10.255.0.1"));
	ck_assert(!in("10.0.0.0/8", "11.0.0.1"));
	ck_assert(in("10.0.0.0/255.128.0.0", "10.127.0.1"));
	ck_assert(!in("10.0.0.0/255.128.0.0", "10.128.0.1"));
	ck_assert(in("0.0.0.0/0", "1.2.3.4"));
	ck_assert(in("1.2.3.4", "1.2.3.4") && !in("1.2.3.4", "1.2.3.5"));
	ck_assert(in("2001:db8::/33", "2001:db8:7fff::1"));
	ck_assert(!in("2001:db8::/33", "2001:db8:8000::1"));
	ck_assert(in("10.0.0.0/8", "::ffff:10.1.1.1") && !in("10.0.0.0/8", "::10.1.1.1"));
	ck_assert(in("::ffff:0:0/96", "10.1.1.1") && in("::/0", "10.1.1.1"));
}
END_TEST

START_TEST(bad_networks)
{
	static const char *const bad[] = {
		"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.0.255.0", "::/129",
		"::/ffff::",   "x/8",       "10.0.0.0/-1",
	};
	struct addr_net n;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!addr_net_parse(&n, str_c(bad[i])), "%s", bad[i]);
	ck_assert(addr_net_parse(&n, STR("1.2.3.4/0.0.0.0")) && n.bits == 0);
	ck_assert(addr_net_parse(&n, STR("1.2.3.4/255.255.255.255")) && n.bits == 32);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("addr");

	UNIT_TEST(s, literals);
	UNIT_TEST(s, ports_and_equality);
	UNIT_TEST(s, unix_sockets);
	UNIT_TEST(s, networks);
	UNIT_TEST(s, bad_networks);
	return unit_run(s);
}
