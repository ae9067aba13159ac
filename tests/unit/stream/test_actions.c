/* Actions that change how an exchange is treated, rules before there is a stream, features that answer, cookies that
 * caches must not keep (act_options.c, session.c, hook.c, check_cache.c, step_finish.c). */
#include "stream_test.h"

#include "weir/stream/hook.h"

#define BE "backend be\n server s1 $1\n"

/* --- options of one exchange --- */

START_TEST(timeouts)
{
	struct side *c;

	begin(HTTP FE "\thttp-request set-timeout server 200 if { path /short }\n"
		  "\thttp-request set-timeout server req.hdr(ms),mul(1) if { req.hdr(ms) -m found }\n"
		  "\thttp-request set-timeout client 5s\n" BE);
	ask("GET /short HTTP/1.1\r\nhost: a\r\n\r\n");
	pass(199);
	expect_log("");
	pass(1);
	expect_log("504 sH-- be/s1 0");
	ask("GET / HTTP/1.1\r\nhost: a\r\nms: 2500\r\n\r\n");
	pass(2499);
	expect_log("");
	pass(1);
	expect_log("504 sH-- be/s1 0");
	c = ask(GET);
	c->room = 0;
	answer(server(), OK);
	pass(4999);
	ck_assert(!c->released);
	pass(1);
	expect_log("200 cD-- be/s1 0");
	end();
}
END_TEST

START_TEST(retries)
{
	begin(HTTP FE "\thttp-request set-retries 1\nbackend be\n retries 5\n server s1 $X\n");
	ask(GET);
	pass(1000);
	expect_log("503 SC-- be/s1 1");
	end();
}
END_TEST

START_TEST(silence)
{
	begin(HTTP FE "\thttp-request set-log-level silent if { path /quiet }\n" BE);
	ask("GET /quiet HTTP/1.1\r\nhost: a\r\n\r\n");
	answer(server(), OK);
	expect_log("");
	ask(GET);
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* option dontlog-normal: what had no error, no timeout, no retry, no redispatch, and no 5xx. */
START_TEST(normal_ones_are_not_logged)
{
	begin(HTTP FE "\toption dontlog-normal\n" BE);
	ask(GET);
	answer(server(), OK);
	ask(GET);
	answer(server(), "HTTP/1.1 404 x\r\ncontent-length: 0\r\n\r\n");
	expect_log("");
	ask(GET);
	answer(server(), "HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n");
	expect_log("503 ---- be/s1 0");
	ask(GET);
	pass(1000);
	expect_log("504 sH-- be/s1 0");
	end();
}
END_TEST

START_TEST(as_soon_as_possible)
{
	begin(HTTP FE "\toption logasap\n" BE);
	ask(GET);
	expect_log("");
	answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
	expect_log("200 ---- be/s1 0");
	more(server(), "abcd");
	expect_log("");		/* once */
	end();
}
END_TEST

START_TEST(do_log)
{
	begin(HTTP "frontend fe\n\tbind 127.0.0.1:1\n\t$LOG\n\tlog-format \"%OG %ST\"\n\thttp-request do-log\n"
	      "\thttp-response do-log\n\tdefault_backend be\n" BE);
	ask(GET);
	expect_log("http-req -1");
	answer(server(), OK);
	expect_log("http-res 200");
	expect_log("txn_close 200");
	expect_log("");
	end();
}
END_TEST

START_TEST(captured)
{
	begin(HTTP "frontend fe\n\tbind 127.0.0.1:1\n\t$LOG\n\tlog-format \"%hr %hs\"\n"
	      "\tdeclare capture response len 3\n\thttp-request capture req.hdr(x) len 4\n"
	      "\thttp-response capture res.hdr(y) id 0\n\tdefault_backend be\n" BE);
	ask("GET / HTTP/1.1\r\nhost: a\r\nx: abcdef\r\n\r\n");
	answer(server(), "HTTP/1.1 200 OK\r\ny: 123456\r\ncontent-length: 0\r\n\r\n");
	expect_log("{abcd} {123}");
	end();
}
END_TEST

START_TEST(pause_before_it_goes_on)
{
	struct side *c;

	begin(HTTP FE "\thttp-request pause 200\n\thttp-request add-header x 1\n" BE);
	c = ask(GET);
	ck_assert_str_eq(step_of(c), "rules");
	pass(199);
	ck_assert_str_eq(step_of(c), "rules");
	pass(1);
	expect_head(server(), "x: 1\n");	/* the rules behind it run once */
	expect_no_head(server(), "x: 1\nx: 1\n");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	c = ask(GET);
	news(c, IN_ABORT | OUT_ABORT, GATE_ABORT);
	ck_assert(c->released);
	ck_assert_ptr_nonnull(strstr(log_line(), " CR-- fe/<NOSRV> 0"));
	end();
}
END_TEST

START_TEST(early_hints)
{
	struct side *c;

	begin(HTTP FE "\thttp-request early-hint Link \"<%[path]>\"\n\thttp-request early-hint Link b\n" BE);
	c = ask(GET);
	ck_assert_str_eq(sbuf_z(&c->infos), "103 ");	/* neighbours make one answer */
	answer(server(), OK);
	c = ask("GET / HTTP/1.0\r\n\r\n");
	ck_assert_str_eq(sbuf_z(&c->infos), "");
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(addresses)
{
	struct client *cl;

	begin(HTTP FE "\toption forwardfor\n\thttp-request set-src req.hdr(from) if { req.hdr(from) -m found }\n"
		  "\thttp-request set-dst-port int(8080)\n\thttp-request set-header to %[dst]:%[dst_port]\n" BE);
	cl = client_of("fe");
	client_from(cl, "192.0.2.1", "198.51.100.7");
	ask_by(cl, "GET / HTTP/1.1\r\nhost: a\r\nfrom: 203.0.113.5\r\n\r\n");
	expect_head(server(), "x-forwarded-for: 203.0.113.5\n");
	expect_head(server(), "to: 198.51.100.7:8080\n");
	answer(server(), OK);
	ask_by(cl, GET);	/* it lasted for one request */
	expect_head(server(), "x-forwarded-for: 192.0.2.1\n");
	answer(server(), OK);
	ask_by(cl, "GET / HTTP/1.1\r\nhost: a\r\nfrom: nonsense\r\n\r\n");
	expect_head(server(), "x-forwarded-for: 192.0.2.1\n");
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(scopes_of_variables)
{
	struct client *cl;
	struct side *c;

	begin(HTTP FE "\thttp-request set-var(sess.n) int(0) unless { var(sess.n) -m found }\n"
		  "\thttp-request set-var(sess.n) var(sess.n),add(1)\n\thttp-request set-var(txn.p) path\n"
		  "\thttp-request set-var(req.p) path\n"
		  "\thttp-response set-header seen \"%[var(sess.n)],%[var(txn.p)],%[var(req.p)]\"\n" BE);
	cl = client_of("fe");
	c = ask_by(cl, "GET /a HTTP/1.1\r\nhost: a\r\n\r\n");
	answer(server(), OK);
	expect_head(c, "seen: 1,/a,\n");
	c = ask_by(cl, "GET /b HTTP/1.1\r\nhost: a\r\n\r\n");
	answer(server(), OK);
	expect_head(c, "seen: 2,/b,\n");
	end();
}
END_TEST

/* --- before the stream --- */

START_TEST(connections_refused_by_rule)
{
	struct px_live *fe;
	struct client *cl;

	begin(HTTP FE "\ttcp-request connection reject\n" BE);
	fe = live_frontend(STR("fe"));
	cl = client_of("fe");
	ck_assert_ptr_null(cl->conn);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_DENIED_CONN), 1);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_CONN), 1);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_SESS), 0);
	ck_assert_uint_eq(fe->fe.cur, 0);	/* its place is free again */
	ck_assert_uint_eq(live_get()->cur_conns, 0);
	end();
}
END_TEST

START_TEST(sessions_refused_by_rule)
{
	struct px_live *fe;

	begin(HTTP FE "\ttcp-request connection accept\n\ttcp-request connection reject\n"
		  "\ttcp-request session reject\n" BE);
	fe = live_frontend(STR("fe"));
	ck_assert_ptr_null(client_of("fe")->conn);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_DENIED_CONN), 0);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_DENIED_SESS), 1);
	ck_assert_uint_eq(fe->fe.cur, 0);
	end();
}
END_TEST

START_TEST(sessions_are_counted)
{
	struct px_live *fe;
	struct client *cl;

	begin(HTTP FE "\ttcp-request session set-var(sess.a) int(7)\n\thttp-request set-header a %[var(sess.a)]\n" BE);
	fe = live_frontend(STR("fe"));
	cl = client_of("fe");
	for (int i = 0; i < 3; i++) {
		ask_by(cl, GET);
		expect_head(server(), "a: 7\n");
		answer(server(), OK);
	}
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_CONN), 1);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_SESS), 1);
	ck_assert_uint_eq(cnt_sum(&fe->fe, C_REQ), 3);
	ck_assert_uint_eq(fe->fe.cur, 1);
	front_kill(cl->conn);
	ck_assert_uint_eq(fe->fe.cur, 0);
	ck_assert(list_empty(session_list()));
	end();
}
END_TEST

/* --- at the end of a thread --- */

START_TEST(all_end_at_once)
{
	struct side *a, *b;

	begin(HTTP FE BE);
	a = ask(GET);
	b = ask("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n");
	sessions_kill();
	ck_assert(a->released && b->released);
	ck_assert(list_empty(session_list()));
	ck_assert_ptr_nonnull(strstr(log_line(), " KD-- be/s1 0"));
	end();
}
END_TEST

/* --- features that answer --- */

static int asked;

static bool hook_wants(struct stream *s, const struct proxy *px)
{
	return px == s->fe && s->req->path.n == 5;
}

static enum step_result hook_answer(struct stream *s, const struct proxy *px)
{
	(void)px;
	if (!asked++) {
		stream_deadline(&s->rule_deadline, 100);
		return WAIT;
	}
	return str_eqz(s->req->path, "/stop") ? stream_reply(s, 410, NULL) : DONE;
}

START_TEST(hooks)
{
	static const struct stream_hook hook = { "test", "answers", hook_wants, hook_answer };
	static const struct stream_hook *const list[] = { &hook, NULL };
	struct side *c;

	begin(HTTP FE "\thttp-request set-header x 1\n" BE);
	stream_set_hooks(list);
	c = ask("GET /stop HTTP/1.1\r\nhost: a\r\n\r\n");
	ck_assert_str_eq(step_of(c), "rules");
	pass(100);
	expect_head(c, "410 Gone\n");
	ck_assert_int_eq(asked, 2);
	c = ask("GET /pass HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(server(), "x: 1\n");
	answer(server(), OK);
	ask(GET);		/* not its own */
	ck_assert_int_eq(asked, 3);
	answer(server(), OK);
	end();
}
END_TEST

/* --- option checkcache --- */

static const struct {
	const char *method, *fields;
	int status;
	bool blocked;
} cookies[] = {
	{ "GET", "etag: 1\r\nset-cookie: a=1", 200, true },
	{ "HEAD", "expires: 0\r\nset-cookie: a=1", 301, true },
	{ "GET", "etag: 1", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1", 302, false },
	{ "POST", "etag: 1\r\nset-cookie: a=1", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1\r\ncache-control: private", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1\r\ncache-control: max-age=10, No-Store", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1\r\ncache-control: no-cache=\"set-cookie\"", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1\r\npragma: no-cache", 200, false },
	{ "GET", "etag: 1\r\nset-cookie: a=1\r\ncache-control: max-age=10", 200, true },
	{ "POST", "etag: 1\r\nset-cookie: a=1\r\ncache-control: public", 200, true },
};

START_TEST(cookies_for_everybody)
{
	char text[300];
	struct side *c;

	begin(HTTP FE "backend be\n option checkcache\n server s1 $1\n");
	snprintf(text, sizeof(text), "%s / HTTP/1.1\r\nhost: a\r\n%s\r\n", cookies[_i].method,
		 strcmp(cookies[_i].method, "POST") ? "" : "content-length: 0\r\n");
	c = ask(text);
	snprintf(text, sizeof(text), "HTTP/1.1 %d x\r\n%s\r\ncontent-length: 0\r\n\r\n", cookies[_i].status,
		 cookies[_i].fields);
	answer(server(), text);
	ck_assert_int_eq(head_has(c, "502 Bad Gateway"), cookies[_i].blocked);
	ck_assert(!cookies[_i].blocked || !head_has(c, "set-cookie"));
	ck_assert_ptr_nonnull(strstr(log_line(), cookies[_i].blocked ? "502 PH-- be/s1" : " ---- be/s1"));
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: actions");
	TCase *cache = tcase_create("checkcache");

	UNIT_TEST(s, timeouts);
	UNIT_TEST(s, retries);
	UNIT_TEST(s, silence);
	UNIT_TEST(s, normal_ones_are_not_logged);
	UNIT_TEST(s, as_soon_as_possible);
	UNIT_TEST(s, do_log);
	UNIT_TEST(s, captured);
	UNIT_TEST(s, pause_before_it_goes_on);
	UNIT_TEST(s, early_hints);
	UNIT_TEST(s, addresses);
	UNIT_TEST(s, scopes_of_variables);
	UNIT_TEST(s, connections_refused_by_rule);
	UNIT_TEST(s, sessions_refused_by_rule);
	UNIT_TEST(s, sessions_are_counted);
	UNIT_TEST(s, all_end_at_once);
	UNIT_TEST(s, hooks);
	tcase_add_loop_test(cache, cookies_for_everybody, 0, (int)ARRAY_LEN(cookies));
	suite_add_tcase(s, cache);
	return unit_run(s);
}
