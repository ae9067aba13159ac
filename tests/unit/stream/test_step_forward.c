/* From the request's way to the server until both messages have ended: what is sent, interim and early answers, who is
 * blamed when somebody leaves or is late, tunnels and plain bytes (step_request.c, step_response.c, step_forward.c).
 * The letters are those of the manual, "session state at disconnection". */
#include "stream_test.h"

#define POST(n) "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: " #n "\r\n\r\n"
#define HALF "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab"
#define PLAIN HTTP FE "backend be\n server s1 $1\n"

static struct side *plain(const char *request)
{
	begin(PLAIN);
	return ask(request);
}

/* --- before the answer --- */

START_TEST(garbage_for_an_answer)
{
	struct side *c = plain(GET);

	server()->g.bad_status = 502;
	server()->g.bad_reason = "h1-bad-status";
	server()->g.wire_in = 5;
	news(server(), IN_ABORT, GATE_ABORT);
	expect_head(c, "502 Bad Gateway\n");
	expect_log("502 PH-- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_FAILED_RES), 1);
	end();
}
END_TEST

START_TEST(clients_that_leave_while_the_server_works)
{
	struct side *c;

	begin(HTTP "\toption abortonclose\n" FE "backend be\n server s1 $1\n");
	c = ask(GET);
	news(c, IN_FIN, GATE_FIN);
	expect_head(c, "400 Bad request\n");
	expect_log("400 CH-- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_CLI_ABORT), 1);
	end();
}
END_TEST

START_TEST(half_closed_clients_get_their_answer)
{
	struct side *c = plain(GET);

	news(c, IN_FIN, GATE_FIN);
	answer(server(), OK);
	expect_sent(c, "hi");
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(a_body_that_stays_away)
{
	struct side *c = plain(POST(4));

	more(c, "ab");
	pass(900);
	more(c, "c");
	pass(900);	/* less than a second since the last piece */
	ck_assert(!c->released);
	pass(100);
	expect_head(c, "408 Request Time-out\n");
	ck_assert(c->g.flags & GATE_CLOSE);
	expect_log("408 cD-- be/s1 0");
	expect_sent(server(), "abc");
	end();
}
END_TEST

START_TEST(a_body_that_is_cut)
{
	struct side *c = plain(POST(4));

	more(c, "ab");
	news(c, IN_ABORT, GATE_ABORT);
	ck_assert(c->released);
	ck_assert_int_eq(c->heads, 0);
	ck_assert(!server()->ended);
	expect_log("-1 CD-- be/s1 0");
	end();
}
END_TEST

START_TEST(a_body_that_is_malformed)
{
	struct side *c = plain("POST /p HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");

	c->g.bad_status = 400;
	c->g.bad_reason = "h1-bad-chunk-size";
	news(c, IN_ABORT, GATE_ABORT);
	expect_head(c, "400 Bad request\n");
	expect_log("400 PH-- be/s1 0");
	end();
}
END_TEST

START_TEST(killed_while_the_server_works)
{
	struct side *c = plain(GET);

	stream_kill(stream_of(c), TERM_DOWN);
	turn();
	expect_head(c, "502 Bad Gateway\n");
	expect_log("502 DH-- be/s1 0");
	end();
}
END_TEST

/* --- interim and early answers --- */

START_TEST(interim_answers)
{
	struct side *c = plain("POST /p HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");

	expect_head(server(), "expect: 100-continue\n");
	answer(server(), "HTTP/1.1 100 Continue\r\n\r\n");
	answer(server(), "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
	ck_assert_str_eq(sbuf_z(&c->infos), "100 103 ");
	ck_assert_int_eq(c->heads, 0);
	more(c, "xy");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_RSP_1XX), 2);
	end();
}
END_TEST

/* RFC 9110 section 15.2: HTTP/1.0 does not know them. */
START_TEST(no_interim_answers_for_http_1_0)
{
	struct side *c = plain("GET / HTTP/1.0\r\n\r\n");

	answer(server(), "HTTP/1.1 103 Early Hints\r\n\r\n");
	ck_assert_str_eq(sbuf_z(&c->infos), "");
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(an_answer_before_the_request_is_complete)
{
	struct side *c = plain(POST(9));

	more(c, "abc");
	answer(server(), OK);
	expect_sent(c, "hi");
	ck_assert(c->released && c->ended);
	ck_assert(c->g.flags & GATE_CLOSE);	/* what is to come belongs to no request */
	ck_assert(!server()->ended);
	ck_assert_ptr_null(w.conns[0].conn);	/* nor can the server's connection be used again */
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* --- while the answer flows --- */

START_TEST(answers_that_are_cut)
{
	struct side *c = plain(GET);

	answer(server(), HALF);
	expect_sent(c, "ab");
	news(server(), IN_ABORT, GATE_ABORT);
	ck_assert(c->released && !c->ended);
	ck_assert_int_ge(c->reset, 0);	/* never a clean end */
	expect_log("200 SD-- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_SRV_ABORT), 1);
	end();
}
END_TEST

START_TEST(answers_that_stop)
{
	struct side *c = plain(GET);

	answer(server(), HALF);
	pass(900);
	more(server(), "c");
	pass(999);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released && !c->ended);
	expect_log("200 sD-- be/s1 0");
	end();
}
END_TEST

START_TEST(clients_that_leave_while_it_flows)
{
	struct side *c = plain(GET);

	answer(server(), HALF);
	news(c, OUT_ABORT, GATE_ABORT);
	expect_log("200 CD-- be/s1 0");
	ck_assert(server()->released);
	ck_assert_ptr_null(w.conns[0].conn);
	end();
}
END_TEST

START_TEST(clients_that_do_not_read)
{
	struct side *c = plain(GET);

	c->room = 0;
	answer(server(), OK);
	ck_assert(server()->released);	/* it has said all, and is free for others */
	pass(999);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released);
	expect_log("200 cD-- be/s1 0");
	end();
}
END_TEST

START_TEST(clients_that_read_slowly)
{
	struct side *c = plain(GET);

	c->room = 0;
	answer(server(), OK);
	for (int i = 0; i < 2; i++) {
		pass(700);
		ck_assert(!c->released);
		takes(c, 1);
	}
	expect_sent(c, "hi");
	ck_assert(c->released);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(killed_while_it_flows)
{
	struct side *c = plain(GET);

	answer(server(), HALF);
	stream_kill(stream_of(c), TERM_KILL);
	turn();
	ck_assert(c->released && !c->ended);
	expect_log("200 KD-- be/s1 0");
	end();
}
END_TEST

START_TEST(answers_without_a_body)
{
	struct side *c = plain("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");

	answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n");
	expect_head(c, "content-length: 5000\n");
	ck_assert(c->end_with_head && c->released);
	expect_sent(c, "");
	expect_log("200 ---- be/s1 0");
	ask(GET);
	answer(server(), "HTTP/1.1 304 x\r\ncontent-length: 5000\r\n\r\n");
	expect_log("304 ---- be/s1 0");
	end();
}
END_TEST

/* --- habits --- */

START_TEST(server_close)
{
	struct side *c;

	begin(HTTP "\toption http-server-close\n" FE "backend be\n server s1 $1\n");
	c = ask(GET);
	ck_assert(server()->g.flags & GATE_CLOSE);
	answer(server(), OK);
	ck_assert(!(c->g.flags & GATE_CLOSE));
	ck_assert_ptr_null(w.conns[0].conn);
	end();
}
END_TEST

START_TEST(http_close)
{
	struct side *c;

	begin(HTTP "\toption httpclose\n" FE "backend be\n server s1 $1\n");
	c = ask(GET);
	ck_assert(server()->g.flags & GATE_CLOSE);
	answer(server(), OK);
	ck_assert(c->g.flags & GATE_CLOSE);
	end();
}
END_TEST

START_TEST(the_servers_name)
{
	begin(HTTP FE "backend be\n http-send-name-header X-Server\n server s1 $1\n");
	ask("GET / HTTP/1.1\r\nhost: a\r\nx-server: forged\r\nX-Server: again\r\n\r\n");
	expect_head(server(), "x-server: s1\n");
	expect_no_head(server(), "forged");
	expect_no_head(server(), "again");
	answer(server(), OK);
	end();
}
END_TEST

/* --- rules about answers --- */

START_TEST(denied_answers)
{
	struct side *c;

	begin(HTTP FE "\thttp-after-response set-header x-after \"%[status]\"\nbackend be\n"
		  " http-response deny if { res.hdr(secret) -m found }\n server s1 $1\n");
	c = ask(GET);
	answer(server(), "HTTP/1.1 200 OK\r\nsecret: 1\r\ncontent-length: 2\r\n\r\nhi");
	expect_head(c, "502 Bad Gateway\n");
	expect_head(c, "x-after: 502\n");
	expect_no_head(c, "secret");
	ck_assert_ptr_null(strstr(sbuf_z(&c->sent), "hi"));
	expect_log("502 PH-- be/s1 0");
	ck_assert_uint_eq(cnt_sum(&srv_of("be", "s1")->cnt, C_DENIED_RES), 1);
	end();
}
END_TEST

/* The backend's rules run before the frontend's; `allow` ends those of its section. */
START_TEST(order_of_response_rules)
{
	struct side *c;

	begin(HTTP FE "\thttp-response add-header x fe\n\thttp-after-response add-header y fe\nbackend be\n"
		  " http-response add-header x be\n http-response allow if TRUE\n http-response add-header x never\n"
		  " http-after-response add-header y be\n server s1 $1\n");
	c = ask(GET);
	answer(server(), OK);
	expect_head(c, "x: be\n");
	expect_no_head(c, "never");
	expect_head(c, "y: be\ny: fe\n");
	end();
}
END_TEST

/* --- tunnels --- */

#define UPGRADE "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n" \
		"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define SWITCHED "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n" \
		 "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
static struct side *tunnel(const char *words)
{
	struct side *c;

	begin_with(HTTP FE "backend be\n server s1 $1\n", words);
	c = ask(UPGRADE);
	answer(server(), SWITCHED);
	expect_head(c, "101 Switching Protocols\n");
	ck_assert_str_eq(step_of(c), "tunnel");
	return c;
}

START_TEST(bytes_both_ways)
{
	struct side *c = tunnel("");

	raw(server(), "one");
	expect_sent(c, "one");
	raw(c, "two");
	expect_sent(server(), "two");
	news(c, IN_END, GATE_END);
	ck_assert(server()->ended);
	raw(server(), "three");
	news(server(), IN_END, GATE_END);
	expect_sent(c, "three");
	ck_assert(c->released);
	expect_log("101 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(silence_in_a_tunnel)
{
	struct side *c = tunnel(" timeout tunnel 5s\n");

	pass(4999);
	ck_assert(!c->released);
	raw(server(), "x");
	pass(4999);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released);
	expect_log("101 cD-- be/s1 0");
	end();
}
END_TEST

/* What is sent to a side is no sign of life of it: the silence of each is counted by itself. */
START_TEST(independent_sides_of_a_tunnel)
{
	struct side *c = tunnel(" timeout tunnel 5s\n option independent-streams\n");

	pass(4000);
	raw(c, "to the server");
	expect_sent(server(), "to the server");
	pass(999);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released);
	expect_log("101 sD-- be/s1 0");
	end();
}
END_TEST

/* --- plain bytes --- */

#define TCP_BE TCP(TIMES) "backend be\n"
static struct side *tcp_client(const char *config)
{
	begin(config);
	return connect_raw(client_of("fe"), "hello");
}

START_TEST(tcp_until_both_end)
{
	struct side *c = tcp_client(TCP_BE " server s1 $1\n");

	ck_assert_str_eq(step_of(c), "tunnel");
	expect_sent(server(), "hello");
	raw(server(), "welcome");
	expect_sent(c, "welcome");
	news(server(), IN_END, GATE_END);
	ck_assert(c->ended && !c->released);
	raw(c, "bye");
	expect_sent(server(), "bye");
	news(c, IN_END, GATE_END);
	ck_assert(c->released && server()->ended);
	expect_log("-- be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_silence)
{
	struct side *c = tcp_client(TCP_BE " timeout server 3s\n server s1 $1\n");

	pass(999);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released);
	expect_log("cD be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_silent_server)
{
	struct side *c = tcp_client(TCP("\ttimeout client 3s\n\ttimeout server 1s\n\ttimeout connect 1s\n")
				    "backend be\n server s1 $1\n");

	pass(1000);
	ck_assert(c->released);
	expect_log("sD be/s1 0");
	end();
}
END_TEST

static void talks_to(struct side *c, struct side *to, const char *times)
{
	for (; *times == 'x'; times++) {
		pass(600);
		ck_assert(!c->released);
		raw(to == c ? server() : c, "x");
	}
}

START_TEST(tcp_without_independent_streams)
{
	struct side *c = tcp_client(TCP_BE " server s1 $1\n");

	talks_to(c, server(), "xxx");
	talks_to(c, c, "xxx");
	news(c, IN_END, GATE_END);
	news(server(), IN_END, GATE_END);
	expect_log("-- be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_independent_server)
{
	struct side *c = tcp_client(TCP_BE " option independent-streams\n server s1 $1\n");

	raw(server(), "x");
	talks_to(c, server(), "x");
	raw(server(), "x");
	talks_to(c, server(), "x");
	pass(400);
	ck_assert(c->released);
	expect_log("sD be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_independent_client)
{
	struct side *c = tcp_client(TCP("\toption independent-streams\n" TIMES)
				    "backend be\n no option independent-streams\n server s1 $1\n");

	talks_to(c, c, "x");
	pass(400);
	ck_assert(c->released);
	expect_log("cD be/s1 0");
	end();
}
END_TEST

/* A client that does not read keeps the server from talking: that is not the server's silence. */
START_TEST(tcp_independent_server_that_may_not_talk)
{
	struct side *c = tcp_client(TCP("\ttimeout client 3s\n\ttimeout server 1s\n\ttimeout connect 1s\n")
				    "backend be\n option independent-streams\n server s1 $1\n");

	c->room = 0;
	raw(server(), "x");
	pass(2500);
	ck_assert(!c->released);
	pass(500);
	ck_assert(c->released);
	expect_log("cD be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_half_closed)
{
	struct side *c = tcp_client(TCP_BE " timeout tunnel 10s\n timeout server-fin 300\n server s1 $1\n");

	news(c, IN_END, GATE_END);
	pass(299);
	ck_assert(!c->released);
	pass(1);
	ck_assert(c->released);
	expect_log("sD be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_resets)
{
	struct side *c = tcp_client(TCP_BE " server s1 $1\n");

	news(server(), IN_ABORT | OUT_ABORT, GATE_ABORT);
	ck_assert(c->released && c->reset >= 0);
	expect_log("SD be/s1 0");
	c = connect_raw(client_of("fe"), "x");
	news(c, IN_ABORT | OUT_ABORT, GATE_ABORT);
	expect_log("CD be/s1 0");
	end();
}
END_TEST

START_TEST(tcp_refused)
{
	struct side *c = tcp_client(TCP_BE " retries 0\n server s1 $X\n");

	ck_assert(c->released);
	expect_log("SC be/s1 0");
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: forwarding");

	UNIT_TEST(s, garbage_for_an_answer);
	UNIT_TEST(s, clients_that_leave_while_the_server_works);
	UNIT_TEST(s, half_closed_clients_get_their_answer);
	UNIT_TEST(s, a_body_that_stays_away);
	UNIT_TEST(s, a_body_that_is_cut);
	UNIT_TEST(s, a_body_that_is_malformed);
	UNIT_TEST(s, killed_while_the_server_works);
	UNIT_TEST(s, interim_answers);
	UNIT_TEST(s, no_interim_answers_for_http_1_0);
	UNIT_TEST(s, an_answer_before_the_request_is_complete);
	UNIT_TEST(s, answers_that_are_cut);
	UNIT_TEST(s, answers_that_stop);
	UNIT_TEST(s, clients_that_leave_while_it_flows);
	UNIT_TEST(s, clients_that_do_not_read);
	UNIT_TEST(s, clients_that_read_slowly);
	UNIT_TEST(s, killed_while_it_flows);
	UNIT_TEST(s, answers_without_a_body);
	UNIT_TEST(s, server_close);
	UNIT_TEST(s, http_close);
	UNIT_TEST(s, the_servers_name);
	UNIT_TEST(s, denied_answers);
	UNIT_TEST(s, order_of_response_rules);
	UNIT_TEST(s, bytes_both_ways);
	UNIT_TEST(s, silence_in_a_tunnel);
	UNIT_TEST(s, independent_sides_of_a_tunnel);
	UNIT_TEST(s, tcp_until_both_end);
	UNIT_TEST(s, tcp_silence);
	UNIT_TEST(s, tcp_silent_server);
	UNIT_TEST(s, tcp_without_independent_streams);
	UNIT_TEST(s, tcp_independent_server);
	UNIT_TEST(s, tcp_independent_client);
	UNIT_TEST(s, tcp_independent_server_that_may_not_talk);
	UNIT_TEST(s, tcp_half_closed);
	UNIT_TEST(s, tcp_resets);
	UNIT_TEST(s, tcp_refused);
	return unit_run(s);
}
