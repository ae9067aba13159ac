#include "back.h"
#include "src/mux/h1_priv.h"
#include "weir/http/websocket.h"
#include "weir/sys/pipes.h"

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct rig *rig_back(void)
{
	struct rig *r = rig_new();

	r->conn->flags |= CONN_BACK;
	mux_h1.back(r->conn, &r->lim, &back_user, r);
	rig_turns(2);
	return r;
}

static struct seen *open_gate(struct rig *r)
{
	struct seen *s = &r->seen[r->n++];

	s->body = sbuf_grow();
	s->g = mux_h1.open(r->conn, &r->mem, &back_fake, s);
	ck_assert_ptr_nonnull(s->g);
	return s;
}

/* Opens a gate and sends a GET. */
static struct seen *get(struct rig *r)
{
	struct seen *s = open_gate(r);

	s->g->ops->send_head(s->g, request(r, "GET", "/x"), true);
	ck_assert_uint_ne(s->g->flags & OUT_DONE, 0);
	expect(r, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
	return s;
}

static void expect_reason(const struct seen *s, const char *reason)
{
	ck_assert_uint_eq(s->g->flags & (IN_ABORT | IN_END), IN_ABORT);
	ck_assert_uint_ne(s->news & GATE_ABORT, 0);
	ck_assert_str_eq(s->g->bad_reason, reason);
}

START_TEST(exchanges_share_a_connection)
{
	struct rig *r = rig_back();
	struct seen *s;

	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(mux_h1.avail(r->conn), 1);
		s = get(r);
		ck_assert_uint_eq(mux_h1.avail(r->conn), 0);
		ck_assert_uint_eq(mux_h1.busy(r->conn), 1);
		ck_assert_int_eq(!!(s->g->flags & GATE_REUSED), i > 0);
		say(r, ANSWER);
		ck_assert_uint_eq(s->news, GATE_HEAD | GATE_DATA | GATE_END);
		ck_assert_int_eq(s->wakes, 1);
		ck_assert_int_eq(s->g->in_msg->status, 200);
		ck_assert_str_eq(sbuf_z(&s->body), "hello");
		ck_assert_int_eq(r->idle, i);
		seen_release(s);
		ck_assert_int_eq(r->idle, i + 1);
		ck_assert_ptr_null(((struct h1c *)r->conn->arg)->rx);
	}
	rig_free(r);
}
END_TEST

static const char split_text[] = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
				 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
				 "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-T: 1\r\n\r\n";

START_TEST(answers_may_be_split_anywhere)
{
	size_t n = sizeof(split_text) - 1;

	for (size_t at = 1; at < n; at++) {
		struct rig *r = rig_back();
		struct seen *s = get(r);

		say_n(r, split_text, at);
		say_n(r, split_text + at, n - at);
		ck_assert_uint_eq(s->news, GATE_INFO | GATE_HEAD | GATE_DATA | GATE_END);
		ck_assert_int_eq(s->bad_status, 103);
		ck_assert_int_eq(s->g->in_msg->status, 200);
		ck_assert_int_eq(s->g->in_msg->ntrailers, 1);
		ck_assert_str_eq(sbuf_z(&s->body), "abcdefg");
		seen_release(s);
		ck_assert_int_eq(r->idle, 1);
		rig_free(r);
	}
}
END_TEST

START_TEST(interim_answers_are_told_one_by_one)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say_n(r, split_text, sizeof(split_text) - 1);
	ck_assert_int_eq(s->wakes, 3);
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(interim_answers_have_a_limit)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	for (int i = 0; i <= H1_INFOS_MAX; i++)
		say(r, "HTTP/1.1 103 Early Hints\r\n\r\n");
	expect_reason(s, "h1-too-many-interim-responses");
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(bodies_of_requests)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "POST", "/p");
	struct field t = { .name = "x-t", .value = "1", .name_len = 3, .value_len = 1 };

	m->body = BODY_CHUNKED;
	s->g->ops->send_head(s->g, m, false);
	spanq_push_copy(&s->g->out, "abc", 3);
	s->g->ops->flush(s->g, false);
	expect(r, "POST /p HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
	s->g->ops->end(s->g, &t, 1);
	expect(r, "0\r\nx-t: 1\r\n\r\n");
	say(r, ANSWER);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);

	s = open_gate(r);
	m = request(r, "POST", "/p");
	m->body = BODY_LENGTH;
	m->body_len = 6;
	m->flags |= MSG_HAS_LENGTH;
	s->g->ops->send_head(s->g, m, false);
	spanq_push_copy(&s->g->out, "abc", 3);
	s->g->ops->flush(s->g, false);
	spanq_push_copy(&s->g->out, "def", 3);
	s->g->ops->end(s->g, NULL, 0);
	expect(r, "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef");
	say(r, ANSWER);
	seen_release(s);
	ck_assert_int_eq(r->idle, 2);
	rig_free(r);
}
END_TEST

START_TEST(fields_of_the_connection_do_not_cross)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "GET", "/");

	msg_add_copy(m, STR("connection"), STR("close, x-hop"));
	msg_add_copy(m, STR("x-hop"), STR("1"));
	msg_add_copy(m, STR("keep-alive"), STR("3"));
	msg_add_copy(m, STR("te"), STR("trailers, deflate"));
	msg_add_copy(m, STR("upgrade"), STR("h2c"));
	msg_add_copy(m, STR("http2-settings"), STR("AAMAAABk"));
	msg_add_copy(m, STR("proxy-connection"), STR("close"));
	s->g->ops->send_head(s->g, m, true);
	expect(r, "GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: TE\r\n\r\n");
	say(r, ANSWER);
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(old_requests_stay_old)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "GET", "/");

	m->minor = 0;
	s->g->ops->send_head(s->g, m, true);
	expect(r, "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n");
	say(r, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	rig_free(r);
}
END_TEST

START_TEST(asked_to_close)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);

	s->g->flags |= GATE_CLOSE;
	s->g->ops->send_head(s->g, request(r, "GET", "/"), true);
	expect(r, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
	say(r, ANSWER);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* After this answer the connection is not kept. */
static void expect_not_kept(const char *text, const char *body)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, text);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	ck_assert_str_eq(sbuf_z(&s->body), body);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}

START_TEST(connections_that_are_not_kept)
{
	expect_not_kept("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", "hi");
	expect_not_kept("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi");
	expect_not_kept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more", "hi");
	expect_not_kept("HTTP/1.1 204 No\r\n\r\nbody", "");
	expect_not_kept("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
			"2\r\nhi\r\n0\r\n\r\n", "hi");
}
END_TEST

START_TEST(an_answer_until_close)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, "HTTP/1.1 200 OK\r\n\r\nhel");
	ck_assert_int_eq(s->g->in_msg->body, BODY_CLOSE);
	ck_assert_uint_eq(s->g->flags & IN_END, 0);
	say(r, "lo");
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	ck_assert_uint_eq(s->g->flags & (IN_END | IN_ABORT), IN_END);
	ck_assert_str_eq(sbuf_z(&s->body), "hello");
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(an_end_with_the_answer_is_seen)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	send(r->fd, ANSWER, strlen(ANSWER), 0);
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	ck_assert_uint_eq(s->g->flags & (IN_END | IN_ABORT), IN_END);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* The server says this and leaves. */
static void expect_cut(const char *text, const char *reason)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, text);
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	expect_reason(s, reason);
	ck_assert_int_eq(s->g->bad_status, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}

START_TEST(servers_that_leave_early)
{
	expect_cut("", "server-closed-before-headers");
	expect_cut("HTTP/1.1 200 O", "server-closed-in-headers");
	expect_cut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", "server-closed-in-body");
	expect_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "server-closed-in-body");
	expect_cut("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
		   "server-closed-in-body");
}
END_TEST

static void expect_refused(const char *text)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, text);
	ck_assert_uint_eq(s->g->flags & (IN_ABORT | IN_END), IN_ABORT);
	ck_assert_int_eq(s->g->bad_status, 502);
	ck_assert_ptr_nonnull(s->g->bad_reason);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}

START_TEST(bad_answers)
{
	expect_refused("nonsense\r\n\r\n");
	expect_refused("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n");
	expect_refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
	expect_refused("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
	expect_refused("HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n");
}
END_TEST

START_TEST(answers_before_the_request)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);

	say(r, ANSWER);
	expect_reason(s, "h1-response-before-request");
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(idle_connections_that_end_or_speak)
{
	struct rig *r = rig_back();

	close(r->fd);
	r->fd = -1;
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	r = rig_back();
	say(r, "HTTP/1.1 408 Request Timeout\r\n\r\n");
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(an_end_not_yet_looked_at_makes_it_unavailable)
{
	struct rig *r = rig_back();

	r->conn->ev.ready |= EV_RDHUP;
	((struct h1c *)r->conn->arg)->served = 1;
	ck_assert_uint_eq(mux_h1.avail(r->conn), 0);
	ck_assert_ptr_null(mux_h1.open(r->conn, &r->mem, &back_fake, r));
	mux_h1.kill(r->conn);
	rig_free(r);
}
END_TEST

START_TEST(early_answer)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "POST", "/p");

	m->body = BODY_LENGTH;
	m->body_len = 100;
	s->g->ops->send_head(s->g, m, false);
	spanq_push_copy(&s->g->out, "abc", 3);
	s->g->ops->flush(s->g, false);
	say(r, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(answer_left_behind_by_a_server_that_stopped_reading)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "POST", "/p");

	m->body = BODY_CHUNKED;
	s->g->ops->send_head(s->g, m, false);
	s->g->ops->flush(s->g, false);
	hear(r);
	send(r->fd, "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", 40, 0);
	close(r->fd);
	r->fd = -1;
	for (int i = 0; i < 3 && !(s->g->flags & OUT_ABORT); i++) {	/* until EPIPE */
		spanq_push_copy(&s->g->out, "abc", 3);
		s->g->ops->flush(s->g, false);
	}
	ck_assert_uint_ne(s->g->flags & OUT_ABORT, 0);
	ck_assert_int_eq(s->wakes, 0);
	rig_turns(3);
	ck_assert_int_eq(s->g->in_msg->status, 413);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(release_in_the_middle_closes)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(challenges_bind_the_connection)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	say(r, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
	ck_assert_uint_eq(r->conn->flags & CONN_PRIVATE, 0);
	seen_release(s);
	s = get(r);
	say(r, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n");
	ck_assert_uint_ne(r->conn->flags & CONN_PRIVATE, 0);
	ck_assert_uint_ne(s->g->in_msg->flags & MSG_NTLM, 0);
	seen_release(s);
	ck_assert_int_eq(r->idle, 2);
	rig_free(r);
}
END_TEST

START_TEST(answers_to_head)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);

	s->g->ops->send_head(s->g, request(r, "HEAD", "/"), true);
	hear(r);
	say(r, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	rig_free(r);
}
END_TEST

static struct seen *ask_websocket(struct rig *r)
{
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "GET", "/ws");

	m->flags |= MSG_UPGRADE | MSG_WEBSOCKET;
	m->protocol = STR("websocket");
	s->g->ops->send_head(s->g, m, true);
	expect(r, "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
	return s;
}

START_TEST(websocket)
{
	struct rig *r = rig_back();
	struct seen *s = ask_websocket(r);
	struct gate *g = s->g;

	say(r, "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nhi");
	ck_assert_uint_eq(g->flags & (GATE_TUNNEL | IN_END | OUT_END | OUT_DONE), GATE_TUNNEL);
	ck_assert_str_eq(sbuf_z(&s->body), "hi");
	spanq_push_copy(&g->out, "yo", 2);
	g->ops->flush(g, false);
	expect(r, "yo");
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	ck_assert_uint_ne(g->flags & IN_END, 0);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	hear(r);
	ck_assert(r->eof);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	/* Refused: what follows is no tunnel. */
	r = rig_back();
	s = ask_websocket(r);
	say(r, "HTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno");
	ck_assert_uint_eq(s->g->flags & (GATE_TUNNEL | IN_END), IN_END);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	rig_free(r);
}
END_TEST

/* A websocket asked for by HTTP/2: the key is made and its answer checked here. */
static void websocket_from_h2(bool honest)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "GET", "/ws");
	char buf[WEBSOCKET_ACCEPT_LEN], text[300];
	const char *at;
	struct str accept;

	m->major = 2;
	m->minor = 0;
	m->flags |= MSG_UPGRADE | MSG_WEBSOCKET;
	m->protocol = STR("websocket");
	s->g->ops->send_head(s->g, m, true);
	hear(r);
	at = strstr(sbuf_z(&r->got), "\r\nsec-websocket-key: ");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&r->got), "\r\nsec-websocket-version: 13\r\n"));
	accept = websocket_accept(str_make(at + 21, WEBSOCKET_KEY_LEN), buf);
	snprintf(text, sizeof(text),
		 "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
		 "Sec-WebSocket-Accept: %s" STR_FMT "\r\n\r\n", honest ? "" : "x", STR_ARG(accept));
	say(r, text);
	if (honest)
		ck_assert_uint_ne(s->g->flags & GATE_TUNNEL, 0);
	else
		expect_reason(s, "websocket-bad-accept");
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}

START_TEST(websocket_keys)
{
	websocket_from_h2(true);
	websocket_from_h2(false);
}
END_TEST

START_TEST(drain_and_kill)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);

	mux_h1.drain(r->conn);
	say(r, ANSWER);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	r = rig_back();
	s = get(r);
	mux_h1.kill(r->conn);
	rig_turns(2);
	expect_reason(s, "killed");
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* The pool may refuse what became idle. */
static void refuse_idle(struct conn *c, void *owner)
{
	on_idle(c, owner);
	mux_h1.kill(c);
}

START_TEST(the_pool_may_refuse)
{
	static const struct mux_back_user refuses = { .idle = refuse_idle, .gone = on_back_gone };
	struct rig *r = rig_new();
	struct seen *s;

	r->conn->flags |= CONN_BACK;
	mux_h1.back(r->conn, &r->lim, &refuses, r);
	rig_turns(2);
	s = get(r);
	say(r, ANSWER);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(large_answers_come_in_large_pieces)
{
	struct rig *r = rig_back();
	size_t size = 8 << 20;
	char *big = mem_zalloc(size), head[80];
	struct seen *s = get(r);

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
	for (size_t i = 0; i < size; i++)
		big[i] = (char)(i * 31 >> 7);
	say(r, head);
	say_n(r, big, size);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	ck_assert_uint_eq(s->body.n, size);
	ck_assert_int_eq(memcmp(s->body.p, big, size), 0);
	ck_assert_int_gt(((struct h1c *)r->conn->arg)->burst, 1);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	free(big);
	rig_free(r);
}
END_TEST

START_TEST(chunks_and_what_follows_them_in_a_burst)
{
	struct rig *r = rig_back();
	struct h1c *c = r->conn->arg;
	struct sbuf b = sbuf_grow();
	struct seen *s = get(r);

	/* The end of the body lies in an early chunk of one large receive. */
	c->burst = H1_BURST_MAX;
	sbuf_putz(&b, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n");
	for (int i = 0; i < 0x5000; i++)
		sbuf_putc(&b, (char)('a' + i % 26));
	sbuf_putz(&b, "\r\n0\r\n\r\n");
	for (int i = 0; i < 60000; i++)
		sbuf_putc(&b, 'z');
	ck_assert_int_eq(send(r->fd, b.p, b.n, 0), (ssize_t)b.n);
	rig_turns(3);
	ck_assert_uint_eq(s->body.n, 0x5000);
	ck_assert_int_eq(s->body.p[0x4fff], 'a' + 0x4fff % 26);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 0);
	ck_assert_int_eq(r->gone, 1);
	sbuf_fini(&b);
	rig_free(r);
}
END_TEST

static struct pipe *a_pipe(void)
{
	struct pipe *p;

	pipes_configure(4, 0);
	p = pipe_take();
	ck_assert_ptr_nonnull(p);
	return p;
}

START_TEST(splice_in)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);
	struct gate *g = s->g;
	struct pipe *p = a_pipe();
	char buf[64];

	say(r, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
	ck_assert_str_eq(sbuf_z(&s->body), "hello");
	ck_assert_uint_eq(g->ops->splice_want(g), 5);
	g->flags |= GATE_SPLICE;
	s->wakes = 0;
	say(r, "world");
	ck_assert_int_eq(s->wakes, 1);
	ck_assert(spanq_empty(&g->in));
	ck_assert_int_eq(g->ops->splice_in(g, p, 1000), 5);
	ck_assert_uint_ne(g->flags & IN_END, 0);
	ck_assert_int_eq(read(p->out, buf, sizeof(buf)), 5);
	ck_assert_int_eq(memcmp(buf, "world", 5), 0);
	ck_assert_uint_eq(g->in_bytes, 10);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 1);
	pipe_give(p);
	pipes_flush();
	rig_free(r);
}
END_TEST

/* What lies behind a chunk that was moved outside of the mux's own turn has nobody else to announce it. */
START_TEST(splice_in_stops_at_framing)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);
	struct gate *g = s->g;
	struct pipe *p = a_pipe();

	say(r, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
	g->flags |= GATE_SPLICE;
	say(r, "lo\r\n3\r\nabc\r\n0\r\n\r\n");
	ck_assert_int_eq(g->ops->splice_in(g, p, 1000), 2);
	ck_assert_uint_eq(g->ops->splice_want(g), 0);
	g->flags &= ~(uint32_t)GATE_SPLICE;
	g->ops->consumed(g, 0);
	rig_turns(2);
	ck_assert_str_eq(sbuf_z(&s->body), "helabc");
	ck_assert_uint_ne(g->flags & IN_END, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 1);
	pipe_give(p);
	pipes_flush();
	rig_free(r);
}
END_TEST

START_TEST(splice_in_meets_the_end)
{
	struct rig *r = rig_back();
	struct seen *s = get(r);
	struct gate *g = s->g;
	struct pipe *p = a_pipe();

	say(r, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
	g->flags |= GATE_SPLICE;
	ck_assert_int_eq(g->ops->splice_in(g, p, 1000), IO_AGAIN);
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	ck_assert_int_eq(g->ops->splice_in(g, p, 1000), IO_EOF);
	ck_assert_uint_eq(g->flags & (IN_END | IN_ABORT), IN_ABORT);
	seen_release(s);
	rig_turns(2);
	pipe_give(p);
	pipes_flush();
	rig_free(r);
}
END_TEST

START_TEST(splice_out)
{
	struct rig *r = rig_back();
	struct seen *s = open_gate(r);
	struct msg *m = request(r, "POST", "/p");
	struct gate *g = s->g;
	struct pipe *p = a_pipe();

	m->body = BODY_LENGTH;
	m->body_len = 8;
	g->ops->send_head(g, m, false);
	ck_assert(g->ops->splice_ok(g));
	ck_assert_int_eq(write(p->in, "12345678", 8), 8);
	p->bytes = 8;
	ck_assert_int_eq(g->ops->splice_out(g, p, true), 8);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	ck_assert_uint_eq(g->out_bytes, 8);
	expect(r, "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 8\r\n\r\n12345678");
	say(r, ANSWER);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	pipe_give(p);
	pipes_flush();
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h1_back");

	UNIT_TEST(s, exchanges_share_a_connection);
	UNIT_TEST(s, answers_may_be_split_anywhere);
	UNIT_TEST(s, interim_answers_are_told_one_by_one);
	UNIT_TEST(s, interim_answers_have_a_limit);
	UNIT_TEST(s, bodies_of_requests);
	UNIT_TEST(s, fields_of_the_connection_do_not_cross);
	UNIT_TEST(s, old_requests_stay_old);
	UNIT_TEST(s, asked_to_close);
	UNIT_TEST(s, connections_that_are_not_kept);
	UNIT_TEST(s, an_answer_until_close);
	UNIT_TEST(s, an_end_with_the_answer_is_seen);
	UNIT_TEST(s, servers_that_leave_early);
	UNIT_TEST(s, bad_answers);
	UNIT_TEST(s, answers_before_the_request);
	UNIT_TEST(s, idle_connections_that_end_or_speak);
	UNIT_TEST(s, an_end_not_yet_looked_at_makes_it_unavailable);
	UNIT_TEST(s, early_answer);
	UNIT_TEST(s, answer_left_behind_by_a_server_that_stopped_reading);
	UNIT_TEST(s, release_in_the_middle_closes);
	UNIT_TEST(s, challenges_bind_the_connection);
	UNIT_TEST(s, answers_to_head);
	UNIT_TEST(s, websocket);
	UNIT_TEST(s, websocket_keys);
	UNIT_TEST(s, drain_and_kill);
	UNIT_TEST(s, the_pool_may_refuse);
	UNIT_TEST(s, large_answers_come_in_large_pieces);
	UNIT_TEST(s, chunks_and_what_follows_them_in_a_burst);
	UNIT_TEST(s, splice_in);
	UNIT_TEST(s, splice_in_stops_at_framing);
	UNIT_TEST(s, splice_in_meets_the_end);
	UNIT_TEST(s, splice_out);
	return unit_run(s);
}
