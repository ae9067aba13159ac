/* From a request's head to the choice of its backend, and answers made here: what is no request, rules, routing, fields
 * that are added, bodies that are waited for, tarpits, services (step_head.c, step_rules.c, step_route.c,
 * step_prepare.c, step_local.c, act_flow.c). */
#include "stream_test.h"

#define BE "backend be\n server s1 $1\n"

/* --- what is no request --- */

static struct side *bad_head(int status, uint32_t flags, size_t heard)
{
	struct side *d = front_new(client_of("fe"), GATE_BADREQ | GATE_CLOSE | flags);
	struct client *cl = d->conn->arg;
	struct msg *m = arena_new(d->g.mem, struct msg);

	msg_init(m, false, d->g.mem);
	d->g.in_msg = m;
	d->g.bad_status = status;
	d->g.bad_reason = "h1-test";
	d->g.bad_text = heard ? STR("GE\001T / HTTP/1.1\r\n") : STR_NONE;
	d->g.bad_pos = 2;
	d->g.wire_in = heard;
	cl->user->exchange(&d->g, cl->sess);
	turn();
	return d;
}

START_TEST(what_cannot_be_read)
{
	struct px_error e;
	struct arena mem;
	struct side *c;

	begin(HTTP FE BE);
	c = bad_head(400, 0, 17);
	expect_head(c, "400 Bad request\n");
	ck_assert(c->g.flags & GATE_CLOSE);
	expect_log("400 PR-- fe/<NOSRV> 0");
	bad_head(414, 0, 17);
	expect_log("414 PR-- fe/<NOSRV> 0");
	ck_assert_uint_eq(cnt_sum(&live_frontend(STR("fe"))->fe, C_FAILED_REQ), 2);
	/* show errors */
	arena_init(&mem, 1024);
	ck_assert(px_error_copy(live_frontend(STR("fe")), false, &e, &mem));
	ck_assert_uint_eq(e.pos, 2);
	ck_assert_uint_eq(e.n, 17);
	ck_assert_int_eq(e.server_id, -1);
	ck_assert_str_eq(e.other, "<NONE>");
	arena_fini(&mem);
	end();
}
END_TEST

START_TEST(heads_that_do_not_come)
{
	struct px_error e;
	struct arena mem;
	struct side *c;

	begin(HTTP FE BE);
	c = bad_head(408, GATE_TIMEOUT, 5);
	expect_head(c, "408 Request Time-out\n");
	expect_log("408 cR-- fe/<NOSRV> 0");
	bad_head(400, IN_ABORT, 5);
	expect_log("400 CR-- fe/<NOSRV> 0");
	c = bad_head(0, GATE_TIMEOUT, 0);	/* nothing was said, so nothing is answered */
	ck_assert_int_eq(c->heads, 0);
	expect_log("408 cR-- fe/<NOSRV> 0");
	arena_init(&mem, 1024);		/* who was only slow, or left, made no mistake */
	ck_assert(!px_error_copy(live_frontend(STR("fe")), false, &e, &mem));
	arena_fini(&mem);
	end();
}
END_TEST

START_TEST(monitor)
{
	struct side *c;

	begin(HTTP FE "\tmonitor-uri /alive\n\tmonitor fail if { nbsrv(be) lt 1 }\n" BE);
	c = ask("GET /alive HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(c, "200 OK\n");
	srv_set_admin(srv_of("be", "s1"), SRV_ADM_FMAINT, true, NULL);
	c = ask("GET /alive HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(c, "503 Service Unavailable\n");
	expect_log("");		/* monitors are never logged */
	end();
}
END_TEST

/* --- rules --- */

static struct side *ruled(const char *rule)
{
	char text[500];

	snprintf(text, sizeof(text), "\thttp-request %s\n" BE, rule);
	begin_with(HTTP FE, text);
	return ask("GET /a/b?c=d HTTP/1.1\r\nhost: www.a\r\n\r\n");
}

START_TEST(deny)
{
	struct side *c = ruled("deny");

	expect_head(c, "403 Forbidden\n");
	ck_assert_int_eq(w.nbacks, 0);
	expect_log("403 PR-- fe/<NOSRV> 0");
	ck_assert_uint_eq(cnt_sum(&live_frontend(STR("fe"))->fe, C_DENIED_REQ), 1);
	end();
}
END_TEST

START_TEST(deny_with_words)
{
	struct side *c = ruled("deny deny_status 429 hdr retry-after %[int(7)] content-type text/x"
			       " lf-string \"%[path]!\"");

	ck_assert_str_eq(sbuf_z(&c->head),
			 "429 Too Many Requests\ncontent-length: 5\ncontent-type: text/x\nretry-after: 7\n");
	expect_sent(c, "/a/b!");
	expect_log("429 PR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(returned)
{
	struct side *c = ruled("return status 200 content-type text/plain string hello");

	ck_assert_str_eq(sbuf_z(&c->head), "200 OK\ncontent-length: 5\ncontent-type: text/plain\n");
	expect_sent(c, "hello");
	ck_assert(!(c->g.flags & GATE_CLOSE));
	expect_log("200 LR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(returned_without_a_payload)
{
	struct side *c = ruled("return status 503");

	ck_assert_str_eq(sbuf_z(&c->head), "503 Service Unavailable\ncontent-length: 0\n");
	ck_assert(c->end_with_head);
	expect_log("503 LR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(redirects)
{
	struct side *c = ruled("redirect scheme https code 301");

	expect_head(c, "301 Moved Permanently\n");
	expect_head(c, "location: https://www.a/a/b?c=d\n");
	expect_log("301 LR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(redirects_with_a_prefix)
{
	struct side *c = ruled("redirect prefix http://x.y drop-query set-cookie A=1");

	expect_head(c, "location: http://x.y/a/b\n");
	expect_head(c, "set-cookie: A=1; path=/;\n");
	end();
}
END_TEST

START_TEST(rejected)
{
	struct side *c = ruled("reject");

	ck_assert(c->released);
	ck_assert_int_eq(c->heads, 0);
	expect_log("-1 PR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(passwords)
{
	struct side *c;

	begin(HTTP FE "\thttp-request auth realm \"Keep out\"\n" BE);
	c = ask(GET);
	expect_head(c, "401 Unauthorized\n");
	expect_head(c, "www-authenticate: Basic realm=\"Keep out\"\n");
	expect_log("401 LR-- fe/<NOSRV> 0");
	c = ask("GET http://a/ HTTP/1.1\r\nhost: a\r\nproxy-authorization: Basic eDp5\r\n\r\n");
	expect_head(c, "401 Unauthorized\n");
	end();
}
END_TEST

START_TEST(passwords_for_a_proxy)
{
	static const struct { const char *request, *answer; } rows[] = {
		{ "GET http://a/", "407 Unauthorized\n" },
		{ "CONNECT a:80", "407 Unauthorized\n" },
		{ "GET /", "401 Unauthorized\n" },
		{ "OPTIONS *", "401 Unauthorized\n" },
	};
	struct side *c;

	begin("userlist u\n\tuser x insecure-password y\n" HTTP FE "\toption http-use-proxy-header\n"
	      "\thttp-request auth realm r unless { http_auth(u) }\n\thttp-request return status 204\n" BE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[128];

		snprintf(text, sizeof(text), "%s HTTP/1.1\r\nhost: a\r\n\r\n", rows[i].request);
		c = ask(text);
		expect_head(c, rows[i].answer);
		if (rows[i].answer[2] == '7')
			expect_head(c, "proxy-authenticate: Basic realm=\"r\"\n");
	}
	c = ask("GET http://a/ HTTP/1.1\r\nhost: a\r\nproxy-authorization: Basic eDp5\r\n\r\n");
	expect_head(c, "204 No Content\n");
	c = ask("GET / HTTP/1.1\r\nhost: a\r\nauthorization: Basic eDp5\r\n\r\n");
	expect_head(c, "204 No Content\n");
	c = ask("GET http://a/ HTTP/1.1\r\nhost: a\r\nauthorization: Basic eDp5\r\n\r\n");
	expect_head(c, "407 Unauthorized\n");
	end();
}
END_TEST

START_TEST(tarpit)
{
	struct side *c;

	begin(HTTP FE "\ttimeout tarpit 700\n\thttp-request tarpit deny_status 404\n" BE);
	c = ask(GET);
	ck_assert_str_eq(step_of(c), "tarpit");
	pass(699);
	ck_assert_int_eq(c->heads, 0);
	pass(1);
	expect_head(c, "404 Not Found\n");
	expect_log("404 PT-- fe/<NOSRV> 0");
	ck_assert_uint_eq(cnt_sum(&live_frontend(STR("fe"))->fe, C_DENIED_REQ), 1);
	end();
}
END_TEST

START_TEST(first_that_decides)
{
	struct side *c;

	begin(HTTP FE "\thttp-request add-header x 1\n\thttp-request allow if { path /ok }\n"
		  "\thttp-request add-header x 2\n\thttp-request deny\n"
		  "backend be\n http-request add-header x 3\n server s1 $1\n");
	c = ask("GET /ok HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(server(), "x: 1\nx: 3\n");	/* allow ends this section's rules, not the backend's */
	answer(server(), OK);
	c = ask(GET);
	expect_head(c, "403 Forbidden\n");
	end();
}
END_TEST

/* Pages of the section, by status. */
START_TEST(pages)
{
	struct side *c;

	begin(HTTP FE "\thttp-error status 403 content-type text/x string \"go away\"\n\thttp-request deny\n" BE);
	c = ask(GET);
	ck_assert_str_eq(sbuf_z(&c->head), "403 Forbidden\ncontent-length: 7\ncontent-type: text/x\n");
	expect_sent(c, "go away");
	c = ask("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(c, "content-length: 7\n");
	ck_assert(c->end_with_head);
	end();
}
END_TEST

/* --- plain bytes that rules look at --- */

#define INSPECT TCP(TIMES) "\ttcp-request inspect-delay 500\n\ttcp-request content accept if { req.len ge 5 }\n" \
		"\ttcp-request content reject\n" BE
START_TEST(content_that_comes_in_time)
{
	struct side *c;

	begin(INSPECT);
	c = connect_raw(client_of("fe"), "abc");
	ck_assert_str_eq(step_of(c), "tcp_rules");
	pass(499);
	raw(c, "de");
	expect_sent(server(), "abcde");
	news(c, IN_ABORT | OUT_ABORT, GATE_ABORT);
	expect_log("CD be/s1 0");
	end();
}
END_TEST

START_TEST(content_that_does_not)
{
	struct side *c;

	begin(INSPECT);
	c = connect_raw(client_of("fe"), "abc");
	pass(500);
	ck_assert(c->released);
	expect_log("PR fe/<NOSRV> 0");
	c = connect_raw(client_of("fe"), "abc");
	news(c, IN_ABORT | OUT_ABORT, GATE_ABORT);
	expect_log("CR fe/<NOSRV> 0");
	end();
}
END_TEST

/* --- the backend --- */

START_TEST(routes)
{
	begin(HTTP "frontend fe\n\tbind 127.0.0.1:1\n" ENDS
		   "\tuse_backend b1 if { path_beg /one }\n\tuse_backend %[req.hdr(to)] if { req.hdr(to) -m found }\n"
		   "\tuse_backend b2 if { path_beg /on }\n\tdefault_backend be\n"
		   "backend b1\n server s1 $1\nbackend b2\n server s1 $1\n" BE);
	ask("GET /one HTTP/1.1\r\nhost: a\r\nto: b2\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- b1/s1 0");
	ask("GET /on HTTP/1.1\r\nhost: a\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- b2/s1 0");
	ask("GET /x HTTP/1.1\r\nhost: a\r\nto: b1\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- b1/s1 0");
	/* a name that does not exist: default_backend */
	ask("GET /on HTTP/1.1\r\nhost: a\r\nto: nobody\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(counted_where_it_goes)
{
	struct px_live *be;

	begin(HTTP FE BE);
	be = live_backend(STR("be"));
	ask(GET);
	ck_assert_uint_eq(be->be.cur, 1);
	answer(server(), OK);
	ck_assert_uint_eq(be->be.cur, 0);
	ck_assert_uint_eq(cnt_sum(&be->be, C_RSP_2XX), 1);
	ck_assert_uint_eq(cnt_sum(&live_frontend(STR("fe"))->fe, C_RSP_2XX), 1);
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_RSP_2XX), 1);
	ck_assert_uint_eq(cnt_sum(&live_frontend(STR("fe"))->fe, C_REQ), 1);
	end();
}
END_TEST

/* --- what is added --- */

static struct side *from_network(const char *request)
{
	struct client *cl = client_of("fe");

	client_from(cl, "192.0.2.1", "198.51.100.7");
	return ask_by(cl, request);
}

START_TEST(forwarded_for)
{
	begin(HTTP FE "\toption forwardfor except 10.0.0.0/8\n\toption originalto\nbackend be\n"
		  " option forwardfor if-none header X-Client\n server s1 $1\n");
	from_network(GET);
	expect_head(server(), "x-client: 192.0.2.1\n");
	expect_head(server(), "x-original-to: 198.51.100.7\n");
	expect_no_head(server(), "x-forwarded-for");
	answer(server(), OK);
	from_network("GET / HTTP/1.1\r\nhost: a\r\nx-client: forged\r\n\r\n");
	expect_head(server(), "x-client: forged\n");
	expect_no_head(server(), "192.0.2.1");
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(forwarded_for_but_not_them)
{
	begin(HTTP FE "\toption forwardfor except 192.0.2.0/24\n" BE);
	from_network(GET);
	expect_no_head(server(), "x-forwarded-for");
	answer(server(), OK);
	ask(GET);	/* a unix socket has no address to tell */
	expect_no_head(server(), "x-forwarded-for");
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(unique_id)
{
	struct side *c;

	begin(HTTP FE "\tunique-id-format id-%[path]\n\tunique-id-header X-Id\n" BE);
	c = ask("GET /p HTTP/1.1\r\nhost: a\r\nx-id: theirs\r\n\r\n");
	expect_head(server(), "x-id: theirs\nx-id: id-/p\n");
	answer(server(), OK);
	ck_assert(c->released);
	end();
}
END_TEST

#define STRANGE "GET / HTTP/1.1\r\nhost: a\r\nx_y: 1\r\nx-y: 2\r\n\r\n"
START_TEST(restricted_names)
{
	struct side *c;

	begin(HTTP FE "backend be\n option http-restrict-req-hdr-names delete\n server s1 $1\n"
		  FE_NAMED("strict") " default_backend strict\n"
		  "backend strict\n option http-restrict-req-hdr-names reject\n server s1 $1\n");
	ask(STRANGE);
	expect_no_head(server(), "x_y");
	expect_head(server(), "x-y: 2\n");
	answer(server(), OK);
	log_line();
	c = ask_by(client_of("strict"), STRANGE);
	expect_head(c, "403 Forbidden\n");
	expect_log("403 PR-- strict/<NOSRV> 0");
	end();
}
END_TEST

/* --- bodies that are waited for --- */

#define POST(n) "POST /p HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: " #n "\r\n\r\n"
#define WAITS FE "\thttp-request wait-for-body time 300 at-least 3\n" BE
START_TEST(a_body_that_is_waited_for)
{
	struct side *c;

	begin(HTTP WAITS);
	c = ask(POST(6));
	ck_assert_str_eq(step_of(c), "rules");
	ck_assert_str_eq(sbuf_z(&c->infos), "100 ");	/* nobody else would ask for it */
	more(c, "ab");
	ck_assert_int_eq(w.nbacks, 0);
	more(c, "c");
	expect_sent(server(), "abc");
	expect_no_head(server(), "expect");
	answer(server(), "HTTP/1.1 100 Continue\r\n\r\n");
	ck_assert_str_eq(sbuf_z(&c->infos), "100 ");	/* not a second time */
	more(c, "def");
	expect_sent(server(), "def");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(a_body_that_is_late)
{
	begin(HTTP WAITS);
	more(ask(POST(6)), "ab");
	pass(300);
	expect_log("408 cR-- fe/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(a_body_that_ends_too_soon)
{
	struct side *c;

	begin(HTTP WAITS);
	c = ask(POST(6));
	news(c, IN_ABORT, GATE_ABORT);
	ck_assert(c->released);
	ck_assert_ptr_nonnull(strstr(log_line(), " CR-- fe/<NOSRV> 0"));
	ck_assert_int_eq(w.nbacks, 0);
	end();
}
END_TEST

START_TEST(buffered)
{
	struct side *c;

	begin(HTTP "\toption http-buffer-request\n\ttimeout http-request 400\n" FE BE);
	c = ask(POST(4));
	ck_assert_str_eq(step_of(c), "body");
	more(c, "abc");
	ck_assert_int_eq(w.nbacks, 0);
	more(c, "d");
	expect_sent(server(), "abcd");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	ask(POST(4));
	pass(400);
	expect_log("408 cR-- be/<NOSRV> 0");
	end();
}
END_TEST

/* --- a service --- */

START_TEST(service)
{
	struct side *c;

	begin(HTTP FE "\thttp-request use-service prometheus-exporter\n" BE);
	c = ask("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(c, "200 OK\n");
	ck_assert(c->ended && c->released);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&c->sent), "haproxy_process_nbthread"));
	expect_log("200 LR-- fe/<PROMEX> 0");
	end();
}
END_TEST

START_TEST(a_service_whose_client_leaves)
{
	struct side *c;

	begin(HTTP FE "\thttp-request use-service prometheus-exporter\n" BE);
	c = front_new(client_of("fe"), 0);
	c->room = 100;
	side_hear(c, false, GET, NULL);
	((struct client *)c->conn->arg)->user->exchange(&c->g, ((struct client *)c->conn->arg)->sess);
	turn();
	ck_assert(!c->released);
	news(c, OUT_ABORT, GATE_ABORT);
	ck_assert(c->released && !c->ended);
	ck_assert_ptr_nonnull(strstr(log_line(), "200 L"));
	end();
}
END_TEST

START_TEST(tokens)
{
	for (int r = 0; r < TR_COUNT; r++) {
		ck_assert_int_gt((int)strlen(term_token((enum term_reason)r)), 0);
		for (int q = 0; q < r; q++)
			ck_assert_str_ne(term_token((enum term_reason)q), term_token((enum term_reason)r));
	}
	ck_assert_str_eq(term_token(TR_SERVER_CLOSED_BEFORE_HEADERS), "server-closed-before-headers");
}
END_TEST

START_TEST(no_such_token)
{
	term_token(TR_COUNT);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: heads and rules");

	UNIT_TEST(s, what_cannot_be_read);
	UNIT_TEST(s, heads_that_do_not_come);
	UNIT_TEST(s, monitor);
	UNIT_TEST(s, deny);
	UNIT_TEST(s, deny_with_words);
	UNIT_TEST(s, returned);
	UNIT_TEST(s, returned_without_a_payload);
	UNIT_TEST(s, redirects);
	UNIT_TEST(s, redirects_with_a_prefix);
	UNIT_TEST(s, rejected);
	UNIT_TEST(s, passwords);
	UNIT_TEST(s, passwords_for_a_proxy);
	UNIT_TEST(s, tarpit);
	UNIT_TEST(s, first_that_decides);
	UNIT_TEST(s, pages);
	UNIT_TEST(s, content_that_comes_in_time);
	UNIT_TEST(s, content_that_does_not);
	UNIT_TEST(s, routes);
	UNIT_TEST(s, counted_where_it_goes);
	UNIT_TEST(s, forwarded_for);
	UNIT_TEST(s, forwarded_for_but_not_them);
	UNIT_TEST(s, unique_id);
	UNIT_TEST(s, restricted_names);
	UNIT_TEST(s, a_body_that_is_waited_for);
	UNIT_TEST(s, a_body_that_is_late);
	UNIT_TEST(s, a_body_that_ends_too_soon);
	UNIT_TEST(s, buffered);
	UNIT_TEST(s, service);
	UNIT_TEST(s, a_service_whose_client_leaves);
	UNIT_TEST(s, tokens);
	UNIT_TEST_SIGNAL(s, no_such_token, SIGABRT);
	return unit_run(s);
}
