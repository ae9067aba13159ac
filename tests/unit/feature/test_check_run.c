/* Checks on the wire: what is sent, what is made of the answer, however it comes in pieces or ends. */
#include "check_world.h"

#define TCP CHECKED " option tcp-check\n"
#define HTTPCHK CHECKED " option httpchk\n"

START_TEST(connecting_is_all)
{
	world(CHECKED SERVER);
	chk_begin(w.c);
	came_to("L4OK", 0, "");
	over();
}
END_TEST

START_TEST(refused)
{
	world(CHECKED " server s1 127.0.0.1:$P check port $X inter 60s");
	chk_begin(w.c);
	came_to("L4CON", 0, "Connection refused");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPED);	/* a server that was never asked falls at once */
	over();
}
END_TEST

START_TEST(an_answer_in_pieces)
{
	begin(TCP " tcp-check send PING\\r\\n\n tcp-check expect string +PONG\n" SERVER);
	asks("PING\r\n");
	says("x+PO");
	still_runs();
	says("NGx");
	came_to("L7OK", 0, "(tcp-check)");
	over();
}
END_TEST

START_TEST(an_answer_that_ends_without)
{
	begin(TCP " tcp-check send a\n tcp-check expect string +PONG comment why\n" SERVER);
	asks("a");
	says("+PON");
	hangs_up();
	came_to("L7RSP", 0, "TCPCHK did not match content '+PONG' at step 2 comment: why");
	begin_again();
	asks("a");
	hangs_up();
	came_to("L7RSP", 0, "TCPCHK got an empty response at step 2 comment: 'why'");
	over();
}
END_TEST

START_TEST(a_reset)
{
	begin(TCP " tcp-check expect string x\n" SERVER);
	turns(3);
	resets();
	came_to("SOCKERR", 0, "Connection reset by peer at step 1 of tcp-check (expect string 'x')");
	begin_again();
	says("y");		/* what came before it counts */
	turns(3);
	resets();
	came_to("L7RSP", 0, "TCPCHK did not match content 'x' at step 1");
	over();
}
END_TEST

/* A server that never stops talking fills the buffer and no more. */
START_TEST(more_than_a_buffer)
{
	char piece[1000];

	begin(TCP " tcp-check expect string x\n" SERVER);
	memset(piece, '.', sizeof(piece));
	for (int i = 0; i < 16; i++)
		says_bytes(piece, sizeof(piece));
	ck_assert_uint_eq(w.c->cap, 16384);
	ck_assert_uint_eq(w.c->got, 16000);
	still_runs();
	says_bytes(piece, 384);
	came_to("L7RSP", 0, "TCPCHK did not match content 'x' at step 1");
	over();
}
END_TEST

START_TEST(min_recv_waits)
{
	begin(TCP " tcp-check expect min-recv 4 ! string b\n" SERVER);
	says("aaa");
	still_runs();		/* three bytes without it prove nothing */
	says("b");
	came_to("L7RSP", 0, "TCPCHK matched unwanted content 'b' at step 1");
	over();
}
END_TEST

START_TEST(binary)
{
	begin(TCP " tcp-check send-binary 00ff0d\n tcp-check expect binary 0a00\n" SERVER);
	turns(3);
	ck_assert_int_eq(recv(w.peer, (char[8]){ 0 }, 8, MSG_DONTWAIT), 3);
	says_bytes("\n", 1);
	still_runs();
	says_bytes("\0", 1);
	came_to("L7OK", 0, "(tcp-check)");
	over();
}
END_TEST

/* What one send was answered with is gone when the next is sent. */
START_TEST(dialogue)
{
	begin(TCP " tcp-check expect rstring ^220\n tcp-check send A\n tcp-check expect string 1\n"
	      " tcp-check send B\n tcp-check expect string 1\n" SERVER);
	says("220 hello 1\r\n");
	asks("A");
	says("1");
	asks("B");
	still_runs();
	says("1");
	came_to("L7OK", 0, "(tcp-check)");
	over();
}
END_TEST

START_TEST(a_second_connection)
{
	char text[200];

	begin(TCP " tcp-check connect comment one\n tcp-check expect string a\n"
	      " tcp-check connect port $X comment two\n tcp-check expect string b\n" SERVER);
	says("a");
	snprintf(text, sizeof(text), "Connection refused at step 3 of tcp-check (connect port %u) comment: 'two'",
		 w.refused);
	came_to("L4CON", 0, text);
	over();
}
END_TEST

START_TEST(silence)
{
	begin("defaults\n mode tcp\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n timeout check 30ms\n"
	      "backend be\n option tcp-check\n tcp-check expect string a\n" SERVER);
	came_to("L7TOUT", 0, " at step 1 of tcp-check (expect string 'a')");
	over();
}
END_TEST

/* --- HTTP --- */

#define OPTIONS "OPTIONS / HTTP/1.0\r\n\r\n"

START_TEST(statuses)
{
	begin(HTTPCHK SERVER);
	asks(OPTIONS);
	says("HTTP/1.0 200 Fine\r\n\r\n");
	came_to("L7OK", 200, "");
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.0 500 No\tthing\r\n\r\n");
	came_to("L7STS", 500, "No thing");
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\na: b\r\n\r\nHTTP/1.1 302 ");
	still_runs();
	says("There\r\nlocation: /\r\n\r\n");
	came_to("L7OK", 302, "");
	over();
}
END_TEST

START_TEST(not_http)
{
	static const char *const answers[] = {
		"SSH-2.0-x\r\n", "HTTP/1.1 20 x\r\n\r\n",
		"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
		"HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
	};

	world(HTTPCHK SERVER);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		begin_again();
		asks(OPTIONS);
		says(answers[i]);
		came_to("L7RSP", 0, "");
	}
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.1 200");
	hangs_up();
	came_to("L7RSP", 0, "");
	over();
}
END_TEST

START_TEST(a_head_without_end)
{
	char piece[1024];

	begin(HTTPCHK SERVER);
	asks(OPTIONS);
	says("HTTP/1.1 200 OK\r\nx: ");
	memset(piece, 'x', sizeof(piece));
	for (int i = 0; i < 17 && w.c->running; i++)
		says_bytes(piece, sizeof(piece));
	came_to("L7RSP", 0, "");
	over();
}
END_TEST

/* The framing is no part of what is looked at. */
START_TEST(chunks)
{
	begin(HTTPCHK " http-check expect string abcdef\n" SERVER);
	asks(OPTIONS);
	says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nb");
	still_runs();
	says("c\r\n3\r\ndef\r\n");
	still_runs();		/* only the whole body can be judged */
	says("0\r\n\r\n");
	came_to("L7OK", 200, "");
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
	came_to("L7RSP", 200, "");
	over();
}
END_TEST

START_TEST(bodies)
{
	begin(HTTPCHK " http-check expect ! string bad\n" SERVER);
	asks(OPTIONS);
	says("HTTP/1.0 200 OK\r\n\r\nno length, ");
	still_runs();
	says("and it is ba");
	hangs_up();
	came_to("L7OK", 200, "");
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.0 200 OK\r\n\r\nbad");
	hangs_up();
	came_to("L7RSP", 200, "HTTP check matched unwanted content");
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.0 204 OK\r\n\r\n");
	came_to("L7RSP", 204, "HTTP content check could not find a response body");
	over();
}
END_TEST

/* Of a body larger than the buffer the beginning is looked at. */
START_TEST(a_large_body)
{
	char piece[1024];

	begin(HTTPCHK " http-check expect string x\n" SERVER);
	asks(OPTIONS);
	says("HTTP/1.0 200 OK\r\ncontent-length: 1000000\r\n\r\n");
	memset(piece, '.', sizeof(piece));
	for (int i = 0; i < 17 && w.c->running; i++)
		says_bytes(piece, sizeof(piece));
	came_to("L7RSP", 200, "HTTP content check did not match");
	over();
}
END_TEST

START_TEST(requests)
{
	begin(HTTPCHK " http-check send meth PUT uri /a?b ver HTTP/1.1 hdr host h hdr x %[srv_name,upper] "
	      "hdr connection up hdr empty %[str()] body-lf %[str(abc)]\n" SERVER);
	asks("PUT /a?b HTTP/1.1\r\nhost: h\r\nx: S1\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc");
	says("HTTP/1.1 200 OK\r\n\r\n");
	came_to("L7OK", 200, "");
	over();
}
END_TEST

/* A format can come to anything: nothing of it may end the line. */
START_TEST(a_uri_that_cannot_be)
{
	world(HTTPCHK " http-check connect\n http-check send uri-lf /%[str(\"a b\")]\n" SERVER);
	chk_begin(w.c);
	came_to("L7RSP", 0, "tcp-check send : failed to build HTTP request at step 2");
	over();
}
END_TEST

START_TEST(leaving_by_404)
{
	begin(HTTPCHK " http-check disable-on-404\n" SERVER);
	asks(OPTIONS);
	says("HTTP/1.0 404 Gone\r\n\r\n");
	came_to("L7OKC", 404, "");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPING);
	begin_again();
	asks(OPTIONS);
	says("HTTP/1.0 200 Back\r\n\r\n");
	came_to("L7OK", 200, "");
	ck_assert_int_eq(w.s->state, SRV_ST_RUNNING);
	over();
}
END_TEST

/* Everything of a check that is stopped halfway goes with it. */
START_TEST(stopped_halfway)
{
	begin(HTTPCHK " http-check expect string x\n" SERVER);
	asks(OPTIONS);
	says("HTTP/1.0 200 OK\r\n\r\n...");
	still_runs();
	chk_abort(w.c);
	ck_assert_ptr_null(w.c->buf);
	ck_assert_ptr_null(w.c->conn);
	ck_assert_ptr_null(w.c->http);
	chk_abort(w.c);
	ck_assert_int_eq(w.c->last.status, CHK_INI);
	over();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check_run");

	UNIT_TEST(s, connecting_is_all);
	UNIT_TEST(s, refused);
	UNIT_TEST(s, an_answer_in_pieces);
	UNIT_TEST(s, an_answer_that_ends_without);
	UNIT_TEST(s, a_reset);
	UNIT_TEST(s, more_than_a_buffer);
	UNIT_TEST(s, min_recv_waits);
	UNIT_TEST(s, binary);
	UNIT_TEST(s, dialogue);
	UNIT_TEST(s, a_second_connection);
	UNIT_TEST(s, silence);
	UNIT_TEST(s, statuses);
	UNIT_TEST(s, not_http);
	UNIT_TEST(s, a_head_without_end);
	UNIT_TEST(s, chunks);
	UNIT_TEST(s, bodies);
	UNIT_TEST(s, a_large_body);
	UNIT_TEST(s, requests);
	UNIT_TEST(s, a_uri_that_cannot_be);
	UNIT_TEST(s, leaving_by_404);
	UNIT_TEST(s, stopped_halfway);
	return unit_run(s);
}
