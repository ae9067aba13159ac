/* What log formats, fetches and converters say about a stream (logvars.c, fetch_*.c, conv_stream.c). Time is that of
 * the tests, so every timer is known; the manual, "Timing events" and "Custom log format", tells what they mean. */
#include "stream_test.h"

#define ADDRESSES(cl) client_from(cl, "192.0.2.1", "198.51.100.7")

static const char *logged(const char *format, const char *more_lines, const char *request, const char *reply)
{
	char text[3000];
	struct client *cl;

	setenv("TZ", "UTC", 1);
	snprintf(text, sizeof(text), "frontend fe\n\tbind 127.0.0.1:1\n\t$LOG\n\tlog-format \"%s\"\n%s"
		 "\tdefault_backend be\nbackend be\n server s1 $1\n", format, more_lines);
	begin_with(HTTP, text);
	cl = client_of("fe");
	ADDRESSES(cl);
	pass(20);	/* of silence */
	ask_by(cl, request);
	pass(30);
	answer(server(), reply);
	if (!w.fronts[0].released) {
		pass(50);
		more(server(), "hi");
	}
	end();
	return log_line();
}

#define SLOW "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"
#define LOGGED(test, format, lines, request, want) \
	START_TEST(test) { ck_assert_str_eq(logged(format, lines, request, SLOW), want); } END_TEST

LOGGED(timers, "%Th %Ti %TR %Tw %Tc %Tr %Td %Ta %Tu %Tt", "", GET, "0 20 0 0 0 30 50 80 80 100")
LOGGED(dates, "[%tr] %T %trg %Ts %ms", "", GET,
	"[14/Nov/2023:22:13:20.020] 14/Nov/2023:22:13:20 +0000 14/Nov/2023:22:13:20 +0000 1700000000 000")
LOGGED(addresses, "%ci:%cp %fi:%fp", "", GET, "192.0.2.1:1234 198.51.100.7:80")
LOGGED(hexadecimal, "%{+X}o%ci:%cp", "", GET, "C0000201:04D2")
LOGGED(names, "%f %ft %b %s %{+Q}s", "", GET, "fe fe be s1 \"s1\"")
LOGGED(counts, "%ac/%fc/%bc/%sc/%rc %sq/%bq %ST %ts", "", GET, "1/1/0/0/0 0/0 200 --")
LOGGED(request_line, "%{+Q}r %HM %HU %HP %HQ %HV", "", "GET /a?b=c HTTP/1.1\r\nhost: a\r\n\r\n",
	"\"GET /a?b=c HTTP/1.1\" GET /a?b=c /a ?b=c HTTP/1.1")
/* Nobody forges a line or its fields: quotes, bars and braces of others are escaped. */
LOGGED(hostile_fields, "%hr|%{+Q}r", "\tcapture request header x len 20\n\tcapture request header y len 4\n",
	"GET /\"a HTTP/1.1\r\nhost: a\r\nx: a|b{c}d\"\r\ny: longer\r\n\r\n",
	"{a#7Cb#7Bc#7Dd#22|long}|\"GET /#22a HTTP/1.1\"")
LOGGED(captures_that_are_not_there, "%hr %hs %CC %CS", "\tcapture request header x len 20\n"
	"\tcapture response header y len 4\n\tcapture cookie C len 10\n", GET, "{} {} - -")
LOGGED(captured_cookie, "%CC", "\tcapture cookie SES len 8\n",
	"GET / HTTP/1.1\r\nhost: a\r\ncookie: a=b; SESSION=12345678; SES=1\r\n\r\n", "SESSION=")
LOGGED(unique_id, "%ID", "\tunique-id-format %{+X}o%ci-%Ts\n", GET, "C0000201-6553F100")
LOGGED(uploaded, "%HM %U", "", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc", "POST 50")

/* --- fetches --- */

/* The value of an expression as a rule of the request sees it. */
static const char *value(const char *expr, const char *cl_words)
{
	static char out[500];
	char text[1000];
	struct client *cl;
	const char *at;

	snprintf(text, sizeof(text), "\t%s\n\tbind 127.0.0.1:2 name second id 7\n"
		 "backend be\n timeout server 3s\n http-request set-header value \"%%[%s]\"\n"
		 " server s1 $1 weight 20\n server s2 $2 disabled\n server s3 $3 weight 10 maxconn 9\n",
		 cl_words, expr);
	begin_with(HTTP FE, text);
	cl = client_of("fe");
	ADDRESSES(cl);
	ask_by(cl, "GET /a HTTP/1.1\r\nhost: www.a\r\n\r\n");
	at = strstr(sbuf_z(&server()->head), "value: ");
	snprintf(out, sizeof(out), "%.*s", at ? (int)strcspn(at + 7, "\n") : 0, at ? at + 7 : "");
	answer(server(), OK);
	end();
	return out;
}

static const char *const values[][2] = {
	{ "src", "192.0.2.1" }, { "src_port", "1234" }, { "dst", "198.51.100.7" }, { "dst_port", "80" },
	{ "dst_conn", "1" }, { "src_is_local", "0" }, { "fe_name", "fe" }, { "be_name", "be" }, { "fe_conn(fe)", "1" },
	{ "be_conn", "1" }, { "nbsrv", "2" }, { "nbsrv(be)", "2" }, { "srv_is_up(be/s1)", "1" },
	{ "srv_is_up(be/s2)", "0" }, { "srv_conn(be/s1)", "0" }, { "srv_weight(be/s3)", "10" },
	{ "be_conn_free(be)", "-1" }, { "connslots(be)", "-1" },
	{ "queue(be)", "0" }, { "avg_queue(be)", "0" }, { "srv_queue(be/s3)", "0" }, { "http_first_req", "1" },
	{ "cur_client_timeout", "1000" }, { "cur_server_timeout", "3000" }, { "be_server_timeout", "3000" },
	{ "cur_tunnel_timeout", "0" }, { "fc_http_major", "1" }, { "ssl_fc", "0" }, { "so_id", "1" },
	{ "thread", "0" }, { "nbproc", "1" }, { "str(be),nbsrv", "2" }, { "str(nobody),nbsrv", "" },
	{ "str(be/s3),srv_queue", "0" }, { "fc_src", "192.0.2.1" }, { "method", "GET" },
};

START_TEST(fetches)
{
	const char *got = value(values[_i][0], "option forwardfor");

	ck_assert_msg(!strcmp(got, values[_i][1]), "%s: %s", values[_i][0], got);
}
END_TEST

START_TEST(after_set_timeout)
{
	ck_assert_str_eq(value("cur_client_timeout", "http-request set-timeout client 7s"), "7000");
}
END_TEST

START_TEST(after_set_src)
{
	ck_assert_str_eq(value("src", "http-request set-src str(203.0.113.5)"), "203.0.113.5");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: what is told");
	TCase *table = tcase_create("fetches");

	UNIT_TEST(s, timers);
	UNIT_TEST(s, dates);
	UNIT_TEST(s, addresses);
	UNIT_TEST(s, hexadecimal);
	UNIT_TEST(s, names);
	UNIT_TEST(s, counts);
	UNIT_TEST(s, request_line);
	UNIT_TEST(s, hostile_fields);
	UNIT_TEST(s, captures_that_are_not_there);
	UNIT_TEST(s, captured_cookie);
	UNIT_TEST(s, unique_id);
	UNIT_TEST(s, uploaded);
	tcase_add_loop_test(table, fetches, 0, (int)ARRAY_LEN(values));
	suite_add_tcase(s, table);
	UNIT_TEST(s, after_set_timeout);
	UNIT_TEST(s, after_set_src);
	return unit_run(s);
}
