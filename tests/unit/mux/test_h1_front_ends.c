#include "front.h"

/* --- what is no request --- */

START_TEST(nonsense_is_refused_and_ends_the_connection)
{
	struct rig *r = rig_h1();

	say(r, "GET / HTTP/1.1\r\nHost : a\r\n\r\n");
	ck_assert_int_eq(r->n, 1);
	ck_assert_int_eq(r->seen[0].bad_status, 400);
	ck_assert_uint_eq(r->seen[0].bad_text, 28);
	ck_assert_uint_ne(strlen(r->seen[0].bad_reason), 0);
	expect(r, "HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbad");
	ck_assert(r->eof);
	say(r, GET("/ignored"));
	ck_assert_int_eq(r->n, 1);
	rig_free(r);
}
END_TEST

START_TEST(bad_chunks_abort_the_body)
{
	struct rig *r = rig_h1();
	struct seen *s;

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
	s = seen_of(r, 0);
	ck_assert_str_eq(sbuf_z(&s->body), "abc");
	ck_assert_uint_ne(s->g->flags & IN_ABORT, 0);
	ck_assert_uint_eq(s->g->flags & IN_END, 0);
	ck_assert_int_eq(s->g->bad_status, 400);
	answer_release(r, 0, 400, "");
	hear(r);
	ck_assert(r->eof);
	rig_free(r);
}
END_TEST

START_TEST(endless_heads_are_refused)
{
	struct rig *r = rig_h1();
	static char junk[20000];

	memset(junk, 'a', sizeof(junk));
	say(r, "GET / HTTP/1.1\r\nX: ");
	say_n(r, junk, sizeof(junk));
	ck_assert_int_eq(r->n, 1);
	ck_assert_int_ge(r->seen[0].bad_status, 400);
	rig_free(r);
}
END_TEST

START_TEST(silence_before_the_first_request)
{
	struct rig *r = rig_h1();

	pass_time(r, 1000);
	ck_assert_int_eq(r->n, 1);
	ck_assert_uint_eq(r->seen[0].flags & (GATE_BADREQ | GATE_TIMEOUT | GATE_FIRST),
			  GATE_BADREQ | GATE_TIMEOUT | GATE_FIRST);
	ck_assert_uint_eq(r->seen[0].bad_text, 0);
	expect_part(r, "HTTP/1.1 408 ");
	rig_free(r);

	r = rig_new();
	r->lim.ignore_probes = true;
	rig_front(r, "h1");
	pass_time(r, 1000);
	ck_assert_int_eq(r->n, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(silence_in_a_head)
{
	struct rig *r = rig_h1();

	say(r, "GET / HT");
	pass_time(r, 1000);
	expect_part(r, "HTTP/1.1 408 ");
	ck_assert_uint_eq(r->seen[0].bad_text, 8);
	rig_free(r);

	r = rig_h1();
	say(r, GET("/"));
	answer_release(r, 0, 200, "");
	say(r, "GET / HT");
	pass_time(r, 1000);	/* no longer the 2000 of an idle connection */
	ck_assert_int_eq(r->n, 2);
	expect_part(r, "HTTP/1.1 408 ");
	rig_free(r);
}
END_TEST

START_TEST(silence_between_requests)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	answer_release(r, 0, 200, "");
	expect(r, OK_EMPTY);
	pass_time(r, 2000);
	ck_assert_int_eq(r->gone, 1);
	ck_assert_int_eq(r->n, 1);
	hear(r);
	ck_assert(r->eof);
	ck_assert_uint_eq(r->got.n, 0);
	rig_free(r);
}
END_TEST

START_TEST(no_timer_disturbs_a_request_in_progress)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	pass_time(r, 1000);	/* armed since the accept */
	ck_assert_int_eq(r->n, 1);
	answer_release(r, 0, 200, "");
	expect(r, OK_EMPTY);
	rig_free(r);
}
END_TEST

START_TEST(ends_without_a_request)
{
	struct rig *r = rig_h1();

	peer_shut(r);
	ck_assert_int_eq(r->n, 1);
	ck_assert_uint_eq(r->seen[0].flags & (GATE_BADREQ | IN_ABORT), GATE_BADREQ | IN_ABORT);
	ck_assert_int_eq(r->gone, 1);
	expect_part(r, "HTTP/1.1 400 ");
	rig_free(r);

	r = rig_h1();
	say(r, GET("/"));
	answer_release(r, 0, 200, "");
	peer_shut(r);
	ck_assert_int_eq(r->gone, 1);
	ck_assert_int_eq(r->n, 1);
	rig_free(r);

	r = rig_h1();
	say(r, "GET / HTT");
	peer_shut(r);
	ck_assert_uint_eq(r->seen[0].flags & (GATE_BADREQ | IN_ABORT), GATE_BADREQ | IN_ABORT);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(ends_in_a_body)
{
	struct rig *r = rig_h1();
	struct seen *s;

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
	peer_shut(r);
	s = seen_of(r, 0);
	ck_assert_uint_eq(s->g->flags & (IN_END | IN_ABORT), IN_ABORT);
	ck_assert_uint_ne(s->news & GATE_ABORT, 0);
	ck_assert_int_eq(s->g->bad_status, 0);
	answer_release(r, 0, 400, "");
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(half_closed_clients_are_answered)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	peer_shut(r);
	ck_assert_uint_eq(seen_of(r, 0)->news, GATE_FIN);
	ck_assert_uint_eq(r->seen[0].g->flags & (IN_FIN | IN_ABORT), IN_FIN);
	answer_release(r, 0, 200, "x");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx");
	ck_assert(r->eof);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(lost_clients_are_told)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	peer_lost(r);
	ck_assert_uint_ne(seen_of(r, 0)->news & GATE_ABORT, 0);
	ck_assert_uint_ne(r->seen[0].g->flags & OUT_ABORT, 0);
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* --- what the stream may do --- */

START_TEST(release_without_an_answer_cuts)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	seen_release(seen_of(r, 0));
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	hear(r);
	ck_assert(r->eof);
	ck_assert_uint_eq(r->got.n, 0);
	rig_free(r);
}
END_TEST

START_TEST(reset_cuts)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, GET("/"));
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_CHUNKED;
	g->ops->send_head(g, m, false);
	spanq_push_copy(&g->out, "abc", 3);
	g->ops->flush(g, false);
	g->ops->reset(g, 0);
	seen_release(&r->seen[0]);
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	expect(r, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
	rig_free(r);
}
END_TEST

START_TEST(kill_tells_the_stream)
{
	struct rig *r = rig_h1();

	say(r, GET("/"));
	mux_h1.kill(r->conn);
	ck_assert_int_eq(seen_of(r, 0)->wakes, 0);	/* never from inside the call */
	rig_turns(2);
	ck_assert_uint_eq(r->seen[0].news, GATE_ABORT);
	ck_assert_int_eq(r->gone, 0);
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	r = rig_h1();
	mux_h1.kill(r->conn);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* `in` holds max bytes, and what one receive brings on top of it. */
static void fill_input(size_t max, size_t over)
{
	struct rig *r = rig_h1();
	static char block[1 << 20];
	struct gate *g;
	size_t sent = 0, took = 0;

	r->keep_in = true;
	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n");
	g = seen_of(r, 0)->g;
	while (took < 4194304) {
		ssize_t k = send(r->fd, block, MIN(sizeof(block), 4194304 - sent), MSG_NOSIGNAL);

		sent += k > 0 ? (size_t)k : 0;
		rig_turns(4);
		ck_assert_uint_le(g->in.bytes, max + over);
		if (k < 0) {
			size_t n = g->in.bytes;

			ck_assert_uint_ge(n, max);
			took += n;
			spanq_drop(&g->in, n);
			g->ops->consumed(g, n);
			rig_turns(2);
		} else if (sent == 4194304) {
			took += g->in.bytes;
			spanq_drop(&g->in, g->in.bytes);
			g->ops->consumed(g, 1);
		}
	}
	rig_turns(3);
	ck_assert_uint_ne(g->flags & IN_END, 0);
	ck_assert_uint_eq(g->in_bytes, 4194304);
	answer_release(r, 0, 200, "");
	expect(r, OK_EMPTY);
	rig_free(r);
}

START_TEST(a_full_input_stops_reading)
{
	fill_input(GATE_IN_MAX, 2 * 16384);
}
END_TEST

START_TEST(less_is_read_where_memory_is_short)
{
	chunk_set_budget(100 * 1024);
	fill_input(32 * 1024, 68 * 1024);	/* somewhere between, never more than the budget */
	chunk_set_budget(0);
	fill_input(16384, 2 * 16384);
}
END_TEST

START_TEST(a_slow_reader_blocks_and_gets_all)
{
	struct rig *r = rig_h1();
	struct chunk *k = chunk_get(16384);
	size_t total = 64 << 20, given = 0;
	struct seen *s;
	struct gate *g;
	struct msg *m;

	say(r, GET("/"));
	s = seen_of(r, 0);
	g = s->g;
	m = answer_msg(g, 200);
	m->body = BODY_CHUNKED;
	g->ops->send_head(g, m, false);
	memset(k->data, 'x', 16384);
	k->fill = 16384;
	total = 0;
	/* Until nothing more is taken. */
	while (g->out.bytes < GATE_OUT_MAX) {
		spanq_push(&g->out, k, 0, 16384);
		given += 16384;
		g->ops->flush(g, false);
	}
	ck_assert_int_eq(s->wakes, 0);
	hear(r);
	ck_assert_uint_ne(s->news & GATE_ROOM, 0);
	ck_assert(spanq_empty(&g->out));
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	ck_assert_uint_eq(g->out_bytes, given);
	hear(r);
	for (size_t i = 0; i < r->got.n; i++)
		total += r->got.p[i] == 'x';
	ck_assert_uint_eq(total, given);
	ck_assert_uint_eq(r->got.n, g->wire_out);
	seen_release(s);
	chunk_unref(k);
	expect_idle(r);
	rig_free(r);
}
END_TEST

START_TEST(release_before_all_is_sent)
{
	struct rig *r = rig_h1();
	size_t size = 4 << 20;
	char *big = mem_zalloc(size);
	struct seen *s;

	say(r, GET("/"));
	s = seen_of(r, 0);
	seen_answer(s, 200, str_make(big, size));
	ck_assert_uint_eq(s->g->flags & OUT_DONE, 0);
	seen_release(s);
	hear(r);
	ck_assert_uint_eq(r->got.n, size + strlen("HTTP/1.1 200 OK\r\ncontent-length: 4194304\r\n\r\n"));
	rig_turns(3);
	expect_idle(r);
	free(big);
	rig_free(r);
}
END_TEST

/* --- tunnels --- */

START_TEST(websocket_becomes_bytes)
{
	struct rig *r = rig_h1();
	struct seen *s;
	struct gate *g;
	struct msg *m;

	say(r, "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\nearly");
	s = seen_of(r, 0);
	g = s->g;
	ck_assert_uint_eq(s->body.n, 0);
	m = answer_msg(g, 101);
	m->body = BODY_TUNNEL;
	g->ops->send_head(g, m, false);
	g->ops->flush(g, false);
	ck_assert_uint_eq(g->flags & (GATE_TUNNEL | IN_END), GATE_TUNNEL);
	rig_turns(2);
	ck_assert_str_eq(sbuf_z(&s->body), "early");
	/* The accept value was made here: the answer brought none (it came by HTTP/2). */
	expect(r, "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
		  "connection: upgrade\r\nupgrade: websocket\r\n\r\n");
	say(r, " and late");
	ck_assert_str_eq(sbuf_z(&s->body), "early and late");
	spanq_push_copy(&g->out, "back", 4);
	g->ops->flush(g, false);
	expect(r, "back");
	peer_shut(r);
	ck_assert_uint_ne(g->flags & IN_END, 0);
	spanq_push_copy(&g->out, "more", 4);
	g->ops->end(g, NULL, 0);
	expect(r, "more");
	ck_assert(r->eof);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(connect_opens_a_tunnel_or_closes)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_TUNNEL;
	g->ops->send_head(g, m, false);
	g->ops->flush(g, false);
	expect(r, "HTTP/1.1 200 OK\r\n\r\n");
	say(r, "bytes");
	ck_assert_str_eq(sbuf_z(&r->seen[0].body), "bytes");
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	seen_release(&r->seen[0]);
	rig_free(r);

	r = rig_h1();
	say(r, "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" GET("/smuggled"));
	answer_release(r, 0, 403, "");
	expect(r, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	ck_assert_int_eq(r->n, 1);
	rig_free(r);
}
END_TEST

START_TEST(fields_of_the_connection_do_not_cross)
{
	struct rig *r = rig_h1();
	struct gate *g;
	struct msg *m;

	say(r, GET("/"));
	g = seen_of(r, 0)->g;
	m = answer_msg(g, 200);
	m->body = BODY_NONE;
	msg_add_copy(m, STR("connection"), STR("x-hop"));
	msg_add_copy(m, STR("x-hop"), STR("1"));
	msg_add_copy(m, STR("keep-alive"), STR("timeout=5"));
	msg_add_copy(m, STR("x-end"), STR("2"));
	g->ops->send_head(g, m, true);
	seen_release(&r->seen[0]);
	expect(r, "HTTP/1.1 200 OK\r\nx-end: 2\r\ncontent-length: 0\r\n\r\n");
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h1_front_ends");

	UNIT_TEST(s, nonsense_is_refused_and_ends_the_connection);
	UNIT_TEST(s, bad_chunks_abort_the_body);
	UNIT_TEST(s, endless_heads_are_refused);
	UNIT_TEST(s, silence_before_the_first_request);
	UNIT_TEST(s, silence_in_a_head);
	UNIT_TEST(s, silence_between_requests);
	UNIT_TEST(s, no_timer_disturbs_a_request_in_progress);
	UNIT_TEST(s, ends_without_a_request);
	UNIT_TEST(s, ends_in_a_body);
	UNIT_TEST(s, half_closed_clients_are_answered);
	UNIT_TEST(s, lost_clients_are_told);
	UNIT_TEST(s, release_without_an_answer_cuts);
	UNIT_TEST(s, reset_cuts);
	UNIT_TEST(s, kill_tells_the_stream);
	UNIT_TEST(s, a_full_input_stops_reading);
	UNIT_TEST(s, less_is_read_where_memory_is_short);
	UNIT_TEST(s, a_slow_reader_blocks_and_gets_all);
	UNIT_TEST(s, release_before_all_is_sent);
	UNIT_TEST(s, websocket_becomes_bytes);
	UNIT_TEST(s, connect_opens_a_tunnel_or_closes);
	UNIT_TEST(s, fields_of_the_connection_do_not_cross);
	return unit_run(s);
}
