#include "front.h"

START_TEST(keep_alive)
{
	struct rig *r = rig_h1();

	expect_idle(r);
	say(r, GET("/one"));
	ck_assert_int_eq(r->n, 1);
	ck_assert_str_eq(r->seen[0].path, "/one");
	ck_assert_uint_eq(r->seen[0].flags, GATE_FIRST | IN_HEAD | IN_END);
	answer_release(r, 0, 200, "hello");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
	expect_idle(r);
	say(r, GET("/two"));
	ck_assert_int_eq(r->n, 2);
	ck_assert_uint_eq(r->seen[1].flags, IN_HEAD | IN_END);
	answer_release(r, 1, 404, "");
	expect(r, "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
	expect_idle(r);
	ck_assert_int_eq(r->gone, 0);
	rig_free(r);
}
END_TEST

START_TEST(pipelined_requests_wait_for_their_turn)
{
	struct rig *r = rig_h1();

	say(r, GET("/1") GET("/2") GET("/3") "GET /4 HT");
	ck_assert_int_eq(r->n, 1);
	answer_release(r, 0, 200, "");
	ck_assert_int_eq(r->n, 2);
	ck_assert_str_eq(r->seen[1].path, "/2");
	answer_release(r, 1, 200, "");
	answer_release(r, 2, 200, "");
	ck_assert_int_eq(r->n, 3);
	say(r, "TP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(r->n, 4);
	answer_release(r, 3, 200, "");
	expect(r, OK_EMPTY OK_EMPTY OK_EMPTY OK_EMPTY);
	expect_idle(r);
	rig_free(r);
}
END_TEST

START_TEST(many_pipelined_requests_cross_the_end_of_a_chunk)
{
	struct rig *r = rig_h1();
	struct sbuf b = sbuf_grow();

	r->echo = true;
	r->lim.bufsize = 2048;
	r->lim.maxrewrite = 128;
	for (int i = 0; i < 60; i++)
		sbuf_printf(&b, "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%.*s", i, i * 3, i * 3,
			    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
			    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
			    "abcdefghijklmnopqrstuvwxyz");
	say_n(r, b.p, b.n);
	rig_turns(30);
	ck_assert_int_eq(r->n, 60);
	for (int i = 0; i < 60; i++) {
		char path[8];

		snprintf(path, sizeof(path), "/%d", i);
		ck_assert_str_eq(r->seen[i].path, path);
		ck_assert_uint_eq(r->seen[i].body.n, i * 3);
	}
	expect_idle(r);
	sbuf_fini(&b);
	rig_free(r);
}
END_TEST

static const char split_text[] = "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
				 "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n" GET("/next");

START_TEST(requests_may_be_split_anywhere)
{
	size_t n = sizeof(split_text) - 1;

	for (size_t at = 1; at < n; at++) {
		struct rig *r = rig_h1();

		r->echo = true;
		say_n(r, split_text, at);
		say_n(r, split_text + at, n - at);
		ck_assert_int_eq(r->n, 2);
		ck_assert_str_eq(sbuf_z(&r->seen[0].body), "abcdefg");
		ck_assert_str_eq(r->seen[1].path, "/next");
		expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nabcdefg" OK_EMPTY);
		expect_idle(r);
		rig_free(r);
	}
}
END_TEST

START_TEST(requests_may_come_byte_by_byte)
{
	struct rig *r = rig_h1();

	r->echo = true;
	for (size_t i = 0; i < sizeof(split_text) - 1; i++)
		say_n(r, split_text + i, 1);
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nabcdefg" OK_EMPTY);
	rig_free(r);
}
END_TEST

START_TEST(trailers_of_a_request_are_seen)
{
	struct rig *r = rig_h1();
	struct msg *m;

	say_n(r, split_text, sizeof(split_text) - 1);
	ck_assert_int_eq(r->n, 1);
	m = r->seen[0].g->in_msg;
	ck_assert_int_eq(m->ntrailers, 1);
	ck_assert(str_eqz(field_name_str(&m->trailers[0]), "x-t"));
	ck_assert(str_eqz(field_value_str(&m->trailers[0]), "1"));
	answer_release(r, 0, 200, "");
	answer_release(r, 1, 200, "");
	rig_free(r);
}
END_TEST

/* An answer of unknown length in two pieces. */
static void stream_answer(struct rig *r, const struct field *trailers, int n)
{
	struct gate *g = seen_of(r, 0)->g;
	struct msg *m = answer_msg(g, 200);

	m->body = BODY_CHUNKED;
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "hello", 5);
	g->ops->flush(g, false);
	spanq_push_copy(&g->out, "world!", 6);
	g->ops->end(g, trailers, n);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	ck_assert_uint_eq(g->out_bytes, 11);
	seen_release(seen_of(r, 0));
}

START_TEST(unknown_length_goes_in_chunks)
{
	struct field t = { .name = "x-sum", .value = "7", .name_len = 5, .value_len = 1 };
	struct rig *r = rig_h1();

	say(r, GET("/"));
	stream_answer(r, &t, 1);
	expect(r, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
		  "5\r\nhello\r\n6\r\nworld!\r\n0\r\nx-sum: 7\r\n\r\n");
	expect_idle(r);
	rig_free(r);
}
END_TEST

START_TEST(unknown_length_to_an_old_client_ends_with_the_connection)
{
	struct rig *r = rig_h1();

	say(r, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	stream_answer(r, NULL, 0);
	expect(r, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhelloworld!");
	ck_assert(r->eof);
	rig_free(r);
}
END_TEST

START_TEST(old_clients_are_kept_when_they_ask)
{
	struct rig *r = rig_h1();

	say(r, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	answer_release(r, 0, 200, "x");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\nx");
	say(r, "GET / HTTP/1.0\r\n\r\n");
	answer_release(r, 1, 200, "x");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
	ck_assert(r->eof);
	rig_free(r);
}
END_TEST

START_TEST(answers_without_a_body_never_carry_one)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_CHUNKED;
	msg_add_id(m, FIELD_CONTENT_LENGTH, STR("12"));
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "hello", 5);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	seen_release(&r->seen[0]);
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n");
	say(r, GET("/"));
	answer_release(r, 1, 204, "dropped");
	expect(r, "HTTP/1.1 204 No Content\r\n\r\n");
	say(r, GET("/"));
	answer_release(r, 2, 304, "dropped");
	expect(r, "HTTP/1.1 304 Not Modified\r\n\r\n");
	expect_idle(r);
	rig_free(r);
}
END_TEST

START_TEST(more_than_promised_is_cut_off)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, GET("/"));
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_LENGTH;
	m->body_len = 3;
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "hello", 5);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	seen_release(&r->seen[0]);
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhel");
	rig_free(r);
}
END_TEST

START_TEST(less_than_promised_is_no_clean_end)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, GET("/"));
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_LENGTH;
	m->body_len = 10;
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "hello", 5);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_eq(g->flags & (OUT_DONE | OUT_ABORT), OUT_ABORT);
	seen_release(&r->seen[0]);
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(closing_requests_end_the_connection)
{
	struct rig *r = rig_h1();

	say(r, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/dropped"));
	answer_release(r, 0, 200, "x");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx");
	ck_assert(r->eof);
	ck_assert_int_eq(r->n, 1);
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

static void expect_closing_answer(struct rig *r)
{
	say(r, GET("/"));
	answer_release(r, 0, 200, "");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	ck_assert(r->eof);
	rig_free(r);
}

START_TEST(other_reasons_to_close)
{
	struct rig *r = rig_new();

	r->lim.close_front = true;
	rig_front(r, "h1");
	expect_closing_answer(r);

	r = rig_new();
	r->lim.max_requests = 1;
	rig_front(r, "h1");
	expect_closing_answer(r);

	r = rig_h1();
	mux_h1.drain(r->conn);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 0);	/* its first request is still served */
	expect_closing_answer(r);

	r = rig_h1();
	say(r, GET("/"));
	seen_of(r, 0)->g->flags |= GATE_CLOSE;
	answer_release(r, 0, 200, "");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	rig_free(r);
}
END_TEST

START_TEST(drain_ends_what_is_idle)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	answer_release(r, 0, 200, "");
	mux_h1.drain(r->conn);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(early_answers_survive_the_rest_of_the_body)
{
	struct rig *r = rig_h1();
	static char junk[100000];

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nfirst");
	answer_release(r, 0, 403, "no");
	say_n(r, junk, sizeof(junk));
	expect(r, "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
	ck_assert(r->eof);
	ck_assert_int_eq(r->gone, 0);	/* it waits for the client's end */
	pass_time(r, 5000);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* The head of the answer went out before the request was complete; the answer ends first. */
static struct rig *half_answered(const char *length)
{
	struct rig *r = rig_h1();
	char text[200];
	struct gate *g;
	struct msg *m;

	r->keep_in = true;
	snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n12345", length);
	say(r, text);
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_LENGTH;
	m->body_len = 2;
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "ok", 2);
	g->ops->end(g, NULL, 0);
	seen_release(&r->seen[0]);
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
	return r;
}

START_TEST(a_short_rest_is_read_in_vain_to_keep_the_connection)
{
	struct rig *r = half_answered("10");

	say(r, "67890" GET("/next"));
	ck_assert_int_eq(r->n, 2);
	answer_release(r, 1, 200, "");
	expect(r, OK_EMPTY);
	expect_idle(r);
	rig_free(r);
}
END_TEST

START_TEST(a_long_rest_is_not)
{
	struct rig *r = half_answered("1000000");
	static char junk[300000];

	say_n(r, junk, sizeof(junk));
	hear(r);
	ck_assert(r->eof);
	ck_assert_int_eq(r->n, 1);
	rig_free(r);
}
END_TEST

START_TEST(expectations)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 100);
	g->ops->send_info(g, m);
	g->ops->flush(g, false);
	expect(r, "HTTP/1.1 100 Continue\r\n\r\n");
	say(r, "hi");
	ck_assert_uint_ne(g->flags & IN_END, 0);
	answer_release(r, 0, 200, "");
	expect(r, OK_EMPTY);
	/* A final answer instead: nobody knows whether the body comes. */
	say(r, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	answer_release(r, 1, 417, "");
	expect(r, "HTTP/1.1 417 Expectation failed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	ck_assert(r->eof);
	rig_free(r);
}
END_TEST

START_TEST(interim_answers_are_not_for_old_clients)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, "GET / HTTP/1.0\r\n\r\n");
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 103);
	g->ops->send_info(g, m);
	g->ops->flush(g, false);
	answer_release(r, 0, 200, "");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h1_front");

	UNIT_TEST(s, keep_alive);
	UNIT_TEST(s, pipelined_requests_wait_for_their_turn);
	UNIT_TEST(s, many_pipelined_requests_cross_the_end_of_a_chunk);
	UNIT_TEST(s, requests_may_be_split_anywhere);
	UNIT_TEST(s, requests_may_come_byte_by_byte);
	UNIT_TEST(s, trailers_of_a_request_are_seen);
	UNIT_TEST(s, unknown_length_goes_in_chunks);
	UNIT_TEST(s, unknown_length_to_an_old_client_ends_with_the_connection);
	UNIT_TEST(s, old_clients_are_kept_when_they_ask);
	UNIT_TEST(s, answers_without_a_body_never_carry_one);
	UNIT_TEST(s, more_than_promised_is_cut_off);
	UNIT_TEST(s, less_than_promised_is_no_clean_end);
	UNIT_TEST(s, closing_requests_end_the_connection);
	UNIT_TEST(s, other_reasons_to_close);
	UNIT_TEST(s, drain_ends_what_is_idle);
	UNIT_TEST(s, early_answers_survive_the_rest_of_the_body);
	UNIT_TEST(s, a_short_rest_is_read_in_vain_to_keep_the_connection);
	UNIT_TEST(s, a_long_rest_is_not);
	UNIT_TEST(s, expectations);
	UNIT_TEST(s, interim_answers_are_not_for_old_clients);
	return unit_run(s);
}
