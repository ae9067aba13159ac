/* Converters of the Forwarded header (RFC 7239). */
#include "tests/unit/expr/conv_test.h"

START_TEST(validity)
{
	static const char *const good[] = {
		"for=127.0.0.1;proto=http",
		"proto=https",
		"PROTO=HTTP",
		"for=unknown",
		"for=_hidden",
		"for=\"_hidden:_port\"",
		"for=\"127.0.0.1:9999\"",
		"for=\"[2001:db8::1]\"",
		"for=\"[2001:db8::1]:80\"",
		"by=10.1.1.1;for=10.1.1.2",
		"host=www.example.com",
		"host=\"www.example.com:80\"",
		"host=\"[::1]:80\"",
		"proto=\"http\"",
		"proto=http;host=h;by=1.2.3.4;for=\"[::1]\"",
		"for=\"unknown:80\"",
		"for=\"1.2.3.4:_x\"",
	};
	static const char *const bad[] = {
		"",
		"proto",
		"proto=",
		"proto=custom",
		"proto=http;",
		";proto=http",
		"proto=http;proto=http",
		"foo=bar",
		"for=127.0.0.1:9999",
		"for=[::1]",
		"for=\"::1\"",
		"for=::1",
		"for=\"[::1\"",
		"for=\"[::1]x\"",
		"for=\"127.0.0.1:\"",
		"for=\"127.0.0.1:99999\"",
		"for=\"127.0.0.1:1x\"",
		"for=_",
		"for=name",
		"for=\"_a:_\"",
		"for=\"[1.2.3.4]\"",
		"for=1.2.3",
		"proto=http, proto=https",
		"proto= http",
		"proto=http; for=1.2.3.4",
		"host=\"a:\"",
		"host=\"a b\"",
		"host=a:80",
		"host=\"\"",
		"for=\"1.2.3.4",
		"host=\"[::1\"",
		"host=\"[x]\"",
		"proto=http\x01",
		"for=\"_\xff\"",
	};
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(good) + ARRAY_LEN(bad); i++) {
		bool ok = i < ARRAY_LEN(good);
		const char *text = ok ? good[i] : bad[i - ARRAY_LEN(good)];

		set_text(&w, "txn.v", str_c(text));
		ck_assert_msg(strcmp(value_of(&w, "var(txn.v),rfc7239_is_valid"), ok ? "1" : "0") ==
				      0,
			      "%s", text);
	}
	world_fini(&w);
}
END_TEST

START_TEST(fields)
{
	struct world w;

	world_init(&w);
	set_text(&w, "txn.v", STR("proto=https;host=\"haproxy.org:80\";FOR=\"127.0.0.1:9999\""));
	VALUE(&w, "var(txn.v),rfc7239_field(host)", "haproxy.org:80");
	VALUE(&w, "var(txn.v),rfc7239_field(for)", "127.0.0.1:9999");
	VALUE(&w, "var(txn.v),rfc7239_field(proto)", "https");
	VALUE(&w, "var(txn.v),rfc7239_field(by)", "<none>");
	VALUE(&w, "str(proto=x),rfc7239_field(proto)", "<none>");
	ck_assert(strncmp(value_of(&w, "str(x),rfc7239_field(foo)"), "ERR ", 4) == 0);
	ck_assert(strncmp(value_of(&w, "str(x),rfc7239_field"), "ERR ", 4) == 0);
	world_fini(&w);
}
END_TEST

START_TEST(nodes)
{
	static const struct conv_case cases[] = {
		{ "str(127.0.0.1),rfc7239_n2nn", "127.0.0.1" },
		{ "str(127.0.0.1:9999),rfc7239_n2nn", "127.0.0.1" },
		{ "str([ab:cd::1]:9999),rfc7239_n2nn", "ab:cd::1" },
		{ "str([ab:cd::1]),rfc7239_n2nn,ipmask(8,16)", "ab::" },
		{ "str(unknown),rfc7239_n2nn", "unknown" },
		{ "str(_name:_port),rfc7239_n2nn", "_name" },
		{ "str(name),rfc7239_n2nn", "<none>" },
		{ "str(),rfc7239_n2nn", "<none>" },
		{ "str(127.0.0.1:9999),rfc7239_n2np", "9999" },
		{ "str(127.0.0.1:9999),rfc7239_n2np,add(1)", "10000" },
		{ "str([::1]:80),rfc7239_n2np", "80" },
		{ "str(_name:_port),rfc7239_n2np", "_port" },
		{ "str(unknown:8080),rfc7239_n2np", "8080" },
		{ "str(127.0.0.1),rfc7239_n2np", "<none>" },
		{ "str(127.0.0.1:),rfc7239_n2np", "<none>" },
	};

	RUN_CASES(cases);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_forwarded");

	UNIT_TEST(s, validity);
	UNIT_TEST(s, fields);
	UNIT_TEST(s, nodes);
	return unit_run(s);
}
