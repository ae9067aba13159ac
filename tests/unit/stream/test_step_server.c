/* Choosing a server and reaching it: persistence by rule, balancing, queues, connections, retries and redispatches
 * (step_server.c, step_connect.c, and what step_request.c sends again). */
#include "stream_test.h"

#include <fcntl.h>
#include <netinet/in.h>

#define POST3 "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"
#define UNAVAILABLE "HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n"

/* Requests that follow one another on one connection are no longer its first. */
static void serve(struct client *cl, const char *request)
{
	struct side *c = ask_by(cl, request);

	answer(server(), OK);
	ck_assert(c->released);
	log_line();
}

START_TEST(one_request)
{
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1\n");
	c = ask(GET);
	ck_assert_str_eq(step_of(c), "answer");
	expect_head(server(), "GET /\n");
	answer(server(), OK);
	expect_head(c, "200 OK\n");
	expect_sent(c, "hi");
	ck_assert(c->released && c->ended);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* Manual, "retries": attempts after a failure; one second passes before the same server is tried again. */
START_TEST(refused_each_time)
{
	struct side *c;

	begin(HTTP FE "backend be\n retries 3\n server s1 $X\n");
	c = ask(GET);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(stream_of(c)->retries_done, i + 1);
		pass(990);
		ck_assert_int_eq(stream_of(c)->retries_done, i + 1);
		pass(10);
	}
	expect_head(c, "503 Service Unavailable\n");
	expect_log("503 SC-- be/s1 3");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_RETRIES), 3);
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_FAILED_CONN), 1);
	ck_assert_uint_eq(srv_of("be", "s1")->served, 0);
	end();
}
END_TEST

START_TEST(never_tried_again)
{
	struct side *c;

	begin(HTTP FE "backend be\n retries 0\n server s1 $X\n"
		  FE_NAMED("none") " default_backend none\nbackend none\n retry-on none\n server s1 $X\n");
	c = ask(GET);
	ck_assert(c->released);
	expect_log("503 SC-- be/s1 0");
	ask_by(client_of("none"), GET);
	expect_log("503 SC-- none/s1 0");
	end();
}
END_TEST

/* Another server at once; the log marks it with '+'. */
START_TEST(redispatched)
{
	struct side *c;

	begin(HTTP FE "backend be\n balance roundrobin\n option redispatch\n server s1 $X\n server s2 $1\n");
	c = ask(GET);
	ck_assert_str_eq(step_of(c), "answer");
	answer(server(), OK);
	expect_log("200 ---- be/s2 +1");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_REDISPATCH), 1);
	ck_assert_uint_eq(cnt_sum(&live_backend(STR("be"))->be, C_REDISPATCH), 1);
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_RETRIES), 0);
	end();
}
END_TEST

START_TEST(not_redispatched_where_the_file_says_no)
{
	struct side *c;

	begin(HTTP FE "backend be\n balance roundrobin\n no option redispatch\n retries 1\n"
		  " server s1 $X\n server s2 $1\n");
	c = ask(GET);
	ck_assert(!c->released);
	pass(1000);
	expect_log("503 SC-- be/s1 1");
	end();
}
END_TEST

#define COOKIE_GET "GET / HTTP/1.1\r\nhost: a\r\ncookie: SRV=one\r\n\r\n"
/* A client that belongs to a server leaves it with the last try only; its cookie is then that of a dead server. */
START_TEST(a_cookie_is_given_up_last)
{
	struct side *c;

	begin(HTTP FE "backend be\n option redispatch\n retries 3\n cookie SRV insert\n"
		  " server s1 $X cookie one\n server s2 $1 cookie two\n");
	c = ask(COOKIE_GET);
	ck_assert_int_eq(stream_of(c)->retries_done, 1);
	pass(1000);
	ck_assert_int_eq(stream_of(c)->retries_done, 2);
	pass(1000);
	ck_assert_str_eq(step_of(c), "answer");
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=two; path=/\n");
	expect_log("200 --DI be/s2 +3");
	end();
}
END_TEST

START_TEST(redispatch_every_second_try)
{
	struct side *c;

	begin(HTTP FE "backend be\n option redispatch 2\n retries 5\n cookie SRV insert\n"
		  " server s1 $X cookie one\n server s2 $1 cookie two\n");
	c = ask(COOKIE_GET);
	pass(1000);
	ck_assert_str_eq(step_of(c), "answer");
	answer(server(), OK);
	expect_log("200 --DI be/s2 +2");
	end();
}
END_TEST

START_TEST(nobody_is_there)
{
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1 disabled\n" FE_NAMED("empty") " default_backend empty\n"
		  "backend empty\n" FE_NAMED("nowhere"));
	c = ask(GET);
	expect_head(c, "503 Service Unavailable\n");
	expect_log("503 SC-- be/<NOSRV> 0");
	ask_by(client_of("empty"), GET);
	expect_log("503 SC-- empty/<NOSRV> 0");
	ask_by(client_of("nowhere"), GET);
	expect_log("503 SC-- nowhere/<NOSRV> 0");
	end();
}
END_TEST

START_TEST(backups_serve_when_nobody_else_does)
{
	begin(HTTP FE "backend be\n server s1 $1 disabled\n server s2 $2 backup\n server s3 $3 backup\n");
	for (int i = 0; i < 2; i++) {
		ask(GET);
		answer(server(), OK);
		expect_log("200 ---- be/s2 0");
	}
	end();
}
END_TEST

/* --- connections that hang --- */

static int hung_port(int fds[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fds[0], 0), 0);
	ck_assert_int_eq(getsockname(fds[0], (struct sockaddr *)&a, &len), 0);
	fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(fds[1], (struct sockaddr *)&a, sizeof(a));
	return ntohs(a.sin_port);
}

static void begin_hung(const char *words, int fds[2])
{
	char text[1000];

	snprintf(text, sizeof(text), "backend be\n%s server s1 127.0.0.1:%d\n", words, hung_port(fds));
	begin_with(HTTP FE, text);
}

/* Each try has timeout connect for itself, without a pause in between. */
START_TEST(connecting_takes_too_long)
{
	struct side *c;
	int fds[2];

	begin_hung(" timeout connect 300\n retries 2\n", fds);
	c = ask(GET);
	for (int i = 0; i < 3; i++) {
		pass(290);
		ck_assert_str_eq(step_of(c), "connect");
		ck_assert_int_eq(stream_of(c)->retries_done, i);
		pass(10);
	}
	expect_log("503 sC-- be/s1 2");
	end();
}
END_TEST

START_TEST(clients_that_leave_while_connecting)
{
	struct side *c;
	int fds[2];

	begin_hung("", fds);
	c = ask(GET);
	news(c, IN_FIN, GATE_FIN);	/* half closed: it waits for its answer */
	ck_assert_str_eq(step_of(c), "connect");
	news(c, OUT_ABORT, GATE_ABORT);
	ck_assert(c->released);
	expect_log("-1 CC-- be/s1 0");
	ck_assert_uint_eq(srv_of("be", "s1")->served, 0);
	end();
}
END_TEST

START_TEST(abortonclose)
{
	struct side *c;
	int fds[2];

	begin_hung(" option abortonclose\n", fds);
	c = ask(GET);
	news(c, IN_FIN, GATE_FIN);
	ck_assert(c->released);
	expect_log("-1 CC-- be/s1 0");
	end();
}
END_TEST

START_TEST(killed_while_connecting)
{
	struct side *c;
	int fds[2];

	begin_hung("", fds);
	c = ask(GET);
	stream_kill(stream_of(c), TERM_DOWN);
	turn();
	expect_head(c, "503 Service Unavailable\n");
	expect_log("503 DC-- be/s1 0");
	end();
}
END_TEST

/* --- queues --- */

#define ONE_PLACE HTTP FE "backend be\n timeout queue 400\n"
START_TEST(a_place_in_the_queue)
{
	struct side *a, *b, *first;

	begin(ONE_PLACE " server s1 $1 maxconn 1\n");
	a = ask(GET);
	first = server();
	b = ask(GET);
	ck_assert_str_eq(step_of(b), "assign");
	ck_assert_int_eq(w.nbacks, 1);
	ck_assert_uint_eq(live_backend(STR("be"))->queued, 1);
	pass(399);
	answer(first, OK);
	ck_assert(a->released);
	expect_log("200 ---- be/s1 0");
	ck_assert_str_eq(step_of(b), "answer");
	ck_assert_uint_eq(live_backend(STR("be"))->queued, 0);
	pass(900);	/* the time in the queue is over, the server has its own */
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	ck_assert_uint_eq(srv_of("be", "s1")->served, 0);
	end();
}
END_TEST

START_TEST(too_long_in_the_queue)
{
	struct side *b;

	begin(ONE_PLACE " server s1 $1 maxconn 1\n");
	ask(GET);
	b = ask(GET);
	pass(399);
	ck_assert(!b->released);
	pass(1);
	expect_head(b, "503 Service Unavailable\n");
	expect_log("503 sQ-- be/<NOSRV> 0");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	ck_assert_uint_eq(srv_of("be", "s1")->served, 0);
	end();
}
END_TEST

START_TEST(clients_that_leave_the_queue)
{
	struct side *b;

	begin(ONE_PLACE " option abortonclose\n server s1 $1 maxconn 1\n");
	ask(GET);
	b = ask(GET);
	news(b, IN_FIN, GATE_FIN);
	ck_assert(b->released);
	expect_log("-1 CQ-- be/<NOSRV> 0");
	b = ask(GET);
	stream_kill(stream_of(b), TERM_KILL);
	turn();
	expect_log("503 KQ-- be/<NOSRV> 0");
	ck_assert_uint_eq(live_backend(STR("be"))->queued, 0);
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(a_full_queue)
{
	struct side *b;

	begin(ONE_PLACE " cookie SRV insert\n server s1 $1 maxconn 1 maxqueue 1 cookie one\n");
	ask(COOKIE_GET);
	b = ask(COOKIE_GET);
	ck_assert_str_eq(step_of(b), "assign");
	ask(COOKIE_GET);
	expect_log("503 SQVN be/s1 0");
	answer(server(), OK);
	answer(server(), OK);
	end();
}
END_TEST

/* "option redispatch": whose queue is full goes elsewhere. */
START_TEST(a_full_queue_and_others)
{
	begin(ONE_PLACE " option redispatch\n cookie SRV insert\n server s1 $1 maxconn 1 maxqueue 1 cookie one\n"
			" server s2 $2 cookie two\n");
	ask(COOKIE_GET);
	ask(COOKIE_GET);
	ask(COOKIE_GET);
	answer(server(), OK);
	expect_log("200 --DI be/s2 +0");
	answer(&w.backs[0], OK);
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(priorities)
{
	struct side *low, *high;

	begin(HTTP FE "\thttp-request set-priority-class int(5) if { path /low }\n"
		  "backend be\n server s1 $1 maxconn 1\n");
	ask(GET);
	low = ask("GET /low HTTP/1.1\r\nhost: a\r\n\r\n");
	pass(10);
	high = ask(GET);
	answer(server(), OK);
	ck_assert_str_eq(step_of(high), "answer");
	ck_assert_str_eq(step_of(low), "assign");
	answer(server(), OK);
	ck_assert_str_eq(step_of(low), "answer");
	answer(server(), OK);
	end();
}
END_TEST

/* --- sending again --- */

START_TEST(empty_answers)
{
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1\n"
		  FE_NAMED("again") " default_backend again\nbackend again\n retries 2\n retry-on empty-response\n"
		  " server s1 $1\n");
	c = ask(GET);
	news(server(), IN_ABORT, GATE_ABORT);
	expect_head(c, "502 Bad Gateway\n");
	expect_log("502 SH-- be/s1 0");
	c = ask_by(client_of("again"), POST3);
	for (int i = 0; i < 2; i++) {
		expect_sent(server(), "abc");
		news(server(), IN_ABORT, GATE_ABORT);
		ck_assert_str_eq(step_of(c), "answer");
	}
	expect_head(server(), "POST /p\n");
	expect_sent(server(), "abc");
	answer(server(), OK);
	expect_sent(c, "hi");
	ck_assert_uint_eq(c->consumed, 3);	/* what came once is told once */
	expect_log("200 ---- again/s1 2");
	end();
}
END_TEST

START_TEST(statuses_worth_another_try)
{
	struct side *c;

	begin(HTTP FE "backend be\n retries 1\n retry-on 503 429\n server s1 $1\n");
	c = ask(GET);
	answer(server(), UNAVAILABLE);
	ck_assert_str_eq(step_of(c), "answer");
	answer(server(), UNAVAILABLE);	/* the last one is what the client gets */
	expect_head(c, "503 x\n");
	expect_log("503 ---- be/s1 1");
	ask(GET);
	answer(server(), "HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n");
	expect_log("500 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(late_answers)
{
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1\n"
		  FE_NAMED("again") " default_backend again\nbackend again\n retry-on response-timeout\n"
		  " server s1 $1\n");
	c = ask(GET);
	pass(999);
	ck_assert(!c->released);
	pass(1);
	expect_head(c, "504 Gateway Time-out\n");
	expect_log("504 sH-- be/s1 0");
	c = ask_by(client_of("again"), GET);
	pass(1000);
	ck_assert_int_eq(w.nbacks, 3);
	answer(server(), OK);
	expect_log("200 ---- again/s1 1");
	ck_assert(c->released);
	end();
}
END_TEST

/* A body that does not fit a buffer is not kept, so it cannot be sent again. */
START_TEST(what_cannot_be_kept)
{
	char big[20001], head[200];
	struct side *c;

	memset(big, 'x', 20000);
	big[20000] = 0;
	snprintf(head, sizeof(head), "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 20000\r\n\r\n");
	begin(HTTP FE "backend be\n retry-on 503 empty-response\n server s1 $1\n");
	c = ask(head);
	more(c, big);
	expect_sent(server(), big);
	answer(server(), UNAVAILABLE);
	expect_log("503 ---- be/s1 0");
	ck_assert(c->released);
	end();
}
END_TEST

START_TEST(l7_retries_switched_off)
{
	begin(HTTP FE "\thttp-request disable-l7-retry if METH_POST\nbackend be\n retry-on 503\n server s1 $1\n");
	ask(POST3);
	answer(server(), UNAVAILABLE);
	expect_log("503 ---- be/s1 0");
	ask(GET);
	answer(server(), UNAVAILABLE);
	answer(server(), OK);
	expect_log("200 ---- be/s1 1");
	end();
}
END_TEST

/* --- connections used again --- */

START_TEST(a_dead_connection_is_nobodys_fault)
{
	struct client *cl;
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1\n");
	cl = client_of("fe");
	serve(cl, GET);
	c = ask_by(cl, GET);
	ck_assert_int_eq(w.nconns, 1);
	ck_assert(server()->g.flags & GATE_REUSED);
	news(server(), IN_ABORT, GATE_ABORT);
	ck_assert_int_eq(w.nconns, 2);
	ck_assert(!(server()->g.flags & GATE_REUSED));
	answer(server(), OK);
	expect_sent(c, "hi");
	expect_log("200 ---- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_REUSE), 1);
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_RETRIES), 0);
	end();
}
END_TEST

/* RFC 9110 section 9.2.2: what was perhaps done is not done twice on our own account, unless doing it twice is the
 * same. */
START_TEST(what_may_have_been_done)
{
	struct client *cl;

	begin(HTTP FE "backend be\n server s1 $1\n");
	cl = client_of("fe");
	serve(cl, GET);
	ask_by(cl, POST3);
	ck_assert(server()->g.flags & GATE_REUSED);
	news(server(), IN_ABORT, GATE_ABORT);
	expect_log("502 SH-- be/s1 0");
	serve(cl, GET);
	ask_by(cl, "PUT /p HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
	news(server(), IN_ABORT, GATE_ABORT);
	expect_sent(server(), "abc");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* Who says itself that it has not begun (REFUSED_STREAM) may be asked again in any case. */
START_TEST(refused_streams)
{
	begin(HTTP FE "backend be\n server s1 $1\n");
	ask(GET);
	server()->g.reset_code = 7;
	news(server(), IN_ABORT | GATE_REFUSED, GATE_ABORT);
	ck_assert_int_eq(w.nbacks, 2);
	answer(server(), OK);
	expect_log("200 ---- be/s1 1");
	end();
}
END_TEST

static int opened_with(const char *policy)
{
	char text[500];
	struct client *cl;

	snprintf(text, sizeof(text), "backend be\n %s\n server s1 $1\n", policy);
	begin_with(HTTP FE, text);
	serve(client_of("fe"), GET);
	cl = client_of("fe");
	serve(cl, GET);		/* its first */
	serve(cl, GET);
	end();
	return w.nconns;
}

START_TEST(http_reuse_safe)	{ ck_assert_int_eq(opened_with("http-reuse safe"), 2); } END_TEST
START_TEST(http_reuse_aggressive) { ck_assert_int_eq(opened_with("http-reuse aggressive"), 2); } END_TEST
START_TEST(http_reuse_always)	{ ck_assert_int_eq(opened_with("http-reuse always"), 1); } END_TEST
/* Private to the client, but kept for its next request. */
START_TEST(http_reuse_never)	{ ck_assert_int_eq(opened_with("http-reuse never"), 2); } END_TEST

START_TEST(where_others_send_clients_to)
{
	struct side *c;

	begin(HTTP FE "backend be\n server s1 $1 redir http://img.example\n");
	c = ask("GET /a?b HTTP/1.1\r\nhost: a\r\n\r\n");
	expect_head(c, "302 Found\n");
	expect_head(c, "location: http://img.example/a?b\n");
	expect_log("302 LC-- be/s1 0");
	ask(POST3);
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(use_server)
{
	begin(HTTP FE "backend be\n use-server s2 if { path / }\n"
		  " use-server %[req.hdr(to)] if { req.hdr(to) -m found }\n"
		  " server s1 $1\n server s2 $2\n server s3 $3\n");
	for (int i = 0; i < 2; i++) {
		ask(GET);
		answer(server(), OK);
		expect_log("200 ---- be/s2 0");
	}
	ask("GET /x HTTP/1.1\r\nhost: a\r\nto: s3\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- be/s3 0");
	ask("GET /x HTTP/1.1\r\nhost: a\r\nto: nobody\r\n\r\n");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");	/* balanced, from the first one on */
	srv_set_admin(srv_of("be", "s2"), SRV_ADM_FMAINT, true, NULL);
	ask(GET);
	answer(server(), OK);
	expect_log("200 ---- be/s3 0");	/* the second in turn is not there */
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: servers");

	UNIT_TEST(s, one_request);
	UNIT_TEST(s, refused_each_time);
	UNIT_TEST(s, never_tried_again);
	UNIT_TEST(s, redispatched);
	UNIT_TEST(s, not_redispatched_where_the_file_says_no);
	UNIT_TEST(s, a_cookie_is_given_up_last);
	UNIT_TEST(s, redispatch_every_second_try);
	UNIT_TEST(s, nobody_is_there);
	UNIT_TEST(s, backups_serve_when_nobody_else_does);
	UNIT_TEST(s, connecting_takes_too_long);
	UNIT_TEST(s, clients_that_leave_while_connecting);
	UNIT_TEST(s, abortonclose);
	UNIT_TEST(s, killed_while_connecting);
	UNIT_TEST(s, a_place_in_the_queue);
	UNIT_TEST(s, too_long_in_the_queue);
	UNIT_TEST(s, clients_that_leave_the_queue);
	UNIT_TEST(s, a_full_queue);
	UNIT_TEST(s, a_full_queue_and_others);
	UNIT_TEST(s, priorities);
	UNIT_TEST(s, empty_answers);
	UNIT_TEST(s, statuses_worth_another_try);
	UNIT_TEST(s, late_answers);
	UNIT_TEST(s, what_cannot_be_kept);
	UNIT_TEST(s, l7_retries_switched_off);
	UNIT_TEST(s, a_dead_connection_is_nobodys_fault);
	UNIT_TEST(s, what_may_have_been_done);
	UNIT_TEST(s, refused_streams);
	UNIT_TEST(s, http_reuse_safe);
	UNIT_TEST(s, http_reuse_aggressive);
	UNIT_TEST(s, http_reuse_always);
	UNIT_TEST(s, http_reuse_never);
	UNIT_TEST(s, where_others_send_clients_to);
	UNIT_TEST(s, use_server);
	return unit_run(s);
}
