/* What a server is told about the client, and where its connection comes from: the Forwarded field, PROXY headers,
 * source addresses (forwarded.c, outgoing_pp.c, outgoing_source.c). */
#include "stream_test.h"

#include "weir/stream/outgoing.h"

/* --- Forwarded, RFC 7239 --- */

static void forwarded_is(const char *words, const char *src, const char *want)
{
	struct client *cl;
	char text[600];

	snprintf(text, sizeof(text), "backend be\n option forwarded%s\n server s1 $1\n", words);
	begin_with(HTTP FE, text);
	cl = client_of("fe");
	if (src)
		client_from(cl, src, strchr(src, ':') ? "2001:db8::2" : "198.51.100.7");
	ask_by(cl, "GET / HTTP/1.1\r\nhost: www.a:81\r\nname: ab.c\r\nbad: a\"b\r\nempty:\r\n\r\n");
	snprintf(text, sizeof(text), "forwarded: %s\n", want);
	expect_head(server(), text);
	answer(server(), OK);
	end();
}

#define FORWARDED(test, words, src, want) START_TEST(test) { forwarded_is(words, src, want); } END_TEST
FORWARDED(by_default, "", "192.0.2.1", "proto=http;for=192.0.2.1")
FORWARDED(ipv6_in_brackets, "", "2001:db8::1", "proto=http;for=\"[2001:db8::1]\"")
FORWARDED(unknown_client, "", NULL, "proto=http;for=unknown")
FORWARDED(one_word_is_all, " for", "192.0.2.1", "for=192.0.2.1")
FORWARDED(order_is_fixed, " for by host proto", "192.0.2.1",
	  "proto=http;host=\"www.a:81\";by=198.51.100.7;for=192.0.2.1")
FORWARDED(ports, " for for_port by by_port", "192.0.2.1", "by=\"198.51.100.7:80\";for=\"192.0.2.1:1234\"")
FORWARDED(ipv6_port, " for for_port", "2001:db8::1", "for=\"[2001:db8::1]:1234\"")
FORWARDED(expressions, " for-expr req.hdr(name) for_port-expr str(x)", "192.0.2.1", "for=\"_ab.c:_x\"")
FORWARDED(hostile_name, " for-expr req.hdr(bad)", "192.0.2.1", "for=\"unknown\"")
FORWARDED(hostile_host, " host-expr req.hdr(bad)", "192.0.2.1", "host=\"a\\\"b\"")
FORWARDED(nothing_to_tell, " for-expr req.hdr(nobody)", "192.0.2.1", "for=\"unknown\"")
FORWARDED(port_out_of_range, " for for_port-expr int(65536)", "192.0.2.1", "for=\"192.0.2.1\"")

/* --- a request that has not got to its server yet --- */

static struct stream *parked(const char *line, const char *fields)
{
	struct client *cl;
	char text[8000];
	struct stream *s;

	snprintf(text, sizeof(text), "backend be\n server s1 $1 %s\n", line);
	begin_with(HTTP FE "\thttp-request wait-for-body time 1h\n", text);
	cl = client_of("fe");
	client_from(cl, "192.0.2.1", "198.51.100.7");
	snprintf(text, sizeof(text), "POST /p HTTP/1.1\r\nhost: a\r\n%scontent-length: 5\r\n\r\n", fields);
	s = stream_of(ask_by(cl, text));
	s->be = live_backend(STR("be"))->px;
	s->bel = s->be->live;
	s->srv = srv_of("be", "s1");
	s->line = s->srv->line;
	return s;
}

static void unpark(struct stream *s)
{
	s->be = NULL;
	s->bel = NULL;
	s->srv = NULL;
	stream_kill(s, TERM_KILL);
	news(side_of(s->front), IN_ABORT | OUT_ABORT, GATE_ABORT);
	end();
}

START_TEST(proxy_v1)
{
	struct stream *s = parked("send-proxy", "");
	struct str out;

	ck_assert(outgoing_proxy_header(s, &out));
	ck_assert(str_eqz(out, "PROXY TCP4 192.0.2.1 198.51.100.7 1234 80\r\n"));
	unpark(s);
}
END_TEST

/* As the specification draws it: signature, version and command, family, length, addresses, ports. */
START_TEST(proxy_v2)
{
	static const unsigned char want[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\7\x04\xd2\0\x50";
	struct stream *s = parked("send-proxy-v2", "");
	struct str out;

	ck_assert(outgoing_proxy_header(s, &out));
	ck_assert_uint_eq(out.n, sizeof(want) - 1);
	ck_assert_mem_eq(out.p, want, sizeof(want) - 1);
	unpark(s);
}
END_TEST

START_TEST(proxy_v2_fields)
{
	struct stream *s = parked("send-proxy-v2 set-proxy-v2-tlv-fmt(0xE1) %[path]", "");
	struct str out;

	ck_assert(outgoing_proxy_header(s, &out));
	ck_assert_uint_eq(out.n, 16 + 12 + 3 + 2);
	ck_assert_mem_eq(out.p + 28, "\xe1\0\2/p", 5);
	unpark(s);
}
END_TEST

START_TEST(no_proxy_header)
{
	struct stream *s = parked("", "");
	struct str out;

	ck_assert(outgoing_proxy_header(s, &out));
	ck_assert_uint_eq(out.n, 0);
	unpark(s);
}
END_TEST

/* --- source --- */

static bool source_of(struct stream *s, const char *want)
{
	struct bconn_req r = { 0 };
	char text[ADDR_TEXT_MAX];

	if (!outgoing_source(s, &r))
		return !want;
	ck_assert_ptr_nonnull(want);
	ck_assert_ptr_nonnull(r.src);
	ck_assert_msg(str_eqz(addr_text(r.src, text), want), STR_FMT, STR_ARG(addr_text(r.src, text)));
	return true;
}

START_TEST(source_address)
{
	struct stream *s = parked("source 127.0.0.9:55", "");

	ck_assert(source_of(s, "127.0.0.9:55"));
	unpark(s);
}
END_TEST

START_TEST(source_is_the_client)
{
	struct stream *s = parked("source 0.0.0.0 usesrc client", "");

	ck_assert(source_of(s, "192.0.2.1:1234"));
	unpark(s);
}
END_TEST

START_TEST(source_is_the_clients_address)
{
	struct stream *s = parked("source 0.0.0.0 usesrc clientip", "");

	ck_assert(source_of(s, "192.0.2.1:0"));
	unpark(s);
}
END_TEST

#define FIELDS "x-client: 203.0.113.1, 203.0.113.2\r\nx-client: 203.0.113.3\r\n"
START_TEST(source_in_a_field)
{
	struct stream *s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client)", FIELDS);

	ck_assert(source_of(s, "203.0.113.3:0"));
	unpark(s);
}
END_TEST

START_TEST(source_in_the_first_field)
{
	struct stream *s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client,1)", FIELDS);

	ck_assert(source_of(s, "203.0.113.1:0"));
	unpark(s);
}
END_TEST

START_TEST(source_in_the_last_but_one)
{
	struct stream *s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client,-2)", FIELDS);

	ck_assert(source_of(s, "203.0.113.2:0"));
	unpark(s);
}
END_TEST

START_TEST(source_that_is_not_there)
{
	struct stream *s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client,4)", FIELDS);

	ck_assert(source_of(s, NULL));
	unpark(s);
}
END_TEST

START_TEST(source_that_is_no_address)
{
	struct stream *s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client)", "x-client: 203.0.113.1, localhost\r\n");

	ck_assert(source_of(s, NULL));
	unpark(s);
}
END_TEST

/* The last value was put by whoever is trusted; a client that puts many in front of it gains nothing. */
START_TEST(many_values_in_front)
{
	char many[4000] = "x-client: ";
	struct stream *s;

	for (int i = 0; i < 200; i++)
		strcat(many, "10.6.6.6,");
	strcat(many, "203.0.113.9\r\n");
	s = parked("source 0.0.0.0 usesrc hdr_ip(X-Client,-1)", many);
	ck_assert(source_of(s, "203.0.113.9:0"));
	unpark(s);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: outgoing");

	UNIT_TEST(s, by_default);
	UNIT_TEST(s, ipv6_in_brackets);
	UNIT_TEST(s, unknown_client);
	UNIT_TEST(s, one_word_is_all);
	UNIT_TEST(s, order_is_fixed);
	UNIT_TEST(s, ports);
	UNIT_TEST(s, ipv6_port);
	UNIT_TEST(s, expressions);
	UNIT_TEST(s, hostile_name);
	UNIT_TEST(s, hostile_host);
	UNIT_TEST(s, nothing_to_tell);
	UNIT_TEST(s, port_out_of_range);
	UNIT_TEST(s, proxy_v1);
	UNIT_TEST(s, proxy_v2);
	UNIT_TEST(s, proxy_v2_fields);
	UNIT_TEST(s, no_proxy_header);
	UNIT_TEST(s, source_address);
	UNIT_TEST(s, source_is_the_client);
	UNIT_TEST(s, source_is_the_clients_address);
	UNIT_TEST(s, source_in_a_field);
	UNIT_TEST(s, source_in_the_first_field);
	UNIT_TEST(s, source_in_the_last_but_one);
	UNIT_TEST(s, source_that_is_not_there);
	UNIT_TEST(s, source_that_is_no_address);
	UNIT_TEST(s, many_values_in_front);
	return unit_run(s);
}
