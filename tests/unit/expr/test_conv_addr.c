/* Converters of addresses and hosts. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case ipmask[] = {
	{ "ipv4(1.2.3.4),ipmask(24)", "1.2.3.0" },
	{ "ipv4(1.2.3.4),ipmask(255.255.0.0)", "1.2.0.0" },
	{ "ipv4(1.2.3.4),ipmask(0)", "0.0.0.0" }, { "ipv4(1.2.3.4),ipmask(33)", "ERR" },
	{ "ipv4(1.2.3.4),ipmask(24,64)", "1.2.3.0" },
	{ "ipv6(2001:db8::1:2:3),ipmask(24,64)", "2001:db8::" },
	{ "ipv6(2001:db8::1:2:3),ipmask(24,ffff:ffff::)", "2001:db8::" },
	{ "ipv6(2001:db8::1:2:3),ipmask(24)", "<none>" },
	{ "ipv6(2001:db8::1:2:3),ipmask(24,129)", "ERR" },
	{ "ipv6(::ffff:1.2.3.4),ipmask(24)", "1.2.3.0" },
	{ "ipv6(::ffff:1.2.3.4),ipmask(24,64)", "1.2.3.0" },
	{ "str(1.2.3.4),ipmask(24)", "1.2.3.0" }, { "str(x),ipmask(24)", "<none>" },
};

START_TEST(gives_ipmask)
{
	RUN_CASES(ipmask);
}
END_TEST

static const struct conv_case hosts[] = {
	{ "str(hostname),host_only", "hostname" }, { "str(HostName:80),host_only", "hostname" },
	{ "str(127.0.0.1:80),host_only", "127.0.0.1" }, { "str([::1]:80),host_only", "[::1]" },
	{ "str([::1]),host_only", "[::1]" }, { "str(::1),host_only", ":" },
	{ "str(:80),host_only", "" }, { "str(a:b:80),host_only", "a:b" },
	{ "str(a:),host_only", "a" }, { "str(),host_only", "" }, { "str(a:80x),host_only", "a" },
	{ "str([::1]x),host_only", "[::1]x" }, { "str([::1),host_only", "[:" },
	{ "str(hostname),port_only", "0" }, { "str(HostName:80),port_only", "80" },
	{ "str(127.0.0.1:80),port_only", "80" }, { "str([::1]:80),port_only", "80" },
	{ "str([::1]),port_only", "0" }, { "str(::1),port_only", "1" },
	{ "str(:80),port_only", "80" }, { "str(a:b:80),port_only", "80" },
	{ "str(a:),port_only", "0" }, { "str(),port_only", "0" },
	{ "str(a:99999),port_only", "99999" }, { "str(a:65535),port_only", "65535" },
};

START_TEST(gives_hosts)
{
	RUN_CASES(hosts);
}
END_TEST

/* A port that is no number counts as none. */
static const struct conv_case hosts_ours[] = {
	{ "str(a:80x),port_only", "0" }, { "str(a:-1),port_only", "0" },
};

START_TEST(gives_hosts_ours)
{
	RUN_CASES(hosts_ours);
}
END_TEST

START_TEST(reverse_dom)
{
	static const struct conv_case cases[] = {
		{ "str(www.Example.com),reverse_dom", "com.Example.www" },
		{ "str(www.example.com.),reverse_dom", "com.example.www" },
		{ "str(localhost),reverse_dom", "localhost" },
		{ "str(),reverse_dom", "<none>" },
		{ "str(.),reverse_dom", "<none>" },
		{ "str(a..b),reverse_dom", "<none>" },
		{ "str(.a),reverse_dom", "<none>" },
		{ "str(a.b..),reverse_dom", "<none>" },
	};

	RUN_CASES(cases);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_addr");

	UNIT_TEST(s, gives_ipmask);
	UNIT_TEST(s, gives_hosts);
	UNIT_TEST(s, gives_hosts_ours);
	UNIT_TEST(s, reverse_dom);
	return unit_run(s);
}
