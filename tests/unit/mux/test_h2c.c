#include "front.h"
#include "h2peer.h"
#include "src/mux/h2_priv.h"
#include "weir/base/enc.h"
#include "weir/http/h2c.h"

#define ASK "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"

/* The settings of ASK as they stand in a frame. */
static const uint8_t asked[] = { 0, 3, 0, 0, 0, 100, 0, 4, 0, 0, 0xff, 0xff };

static struct rig *rig_h2c(void)
{
	struct rig *r = rig_new();

	r->h2c = true;
	r->lim.h2_streams = 100;
	rig_front(r, NULL);
	return r;
}

/* Reads what must stand before the first frame. */
static void expect_text(struct rig *r, const char *text)
{
	size_t n = strlen(text);

	hear(r);
	ck_assert_uint_ge(r->got.n, n);
	ck_assert_int_eq(memcmp(r->got.p, text, n), 0);
	memmove(r->got.p, r->got.p + n, r->got.n - n);
	r->got.n -= n;
}

static void become_client(struct h2peer *p, struct rig *r, bool head)
{
	h2peer_init(p, r, false);
	ck_assert_int_eq(nghttp2_session_upgrade2(p->ng, asked, sizeof(asked), head, NULL), 0);
}

START_TEST(a_request_becomes_stream_1)
{
	struct rig *r = rig_h2c();
	struct h2peer p;

	r->echo = true;
	say(r, "GET /one HTTP/1.1\r\nHost: a\r\n" ASK "\r\n");
	ck_assert_int_eq(r->n, 1);
	ck_assert_str_eq(r->seen[0].path, "/one");
	ck_assert_uint_eq(r->seen[0].flags, GATE_FIRST | IN_HEAD | IN_END | GATE_PUSH_OK);
	ck_assert(str_eqz(mux_h2_via(r->conn), "upgrade"));
	expect_text(r, SWITCHING);
	become_client(&p, r, false);
	h2peer_talk(&p);
	ck_assert_int_eq(p.status[1], 200);
	ck_assert(p.ended[1]);
	ck_assert_int_eq(h2peer_get(&p, "/two"), 3);
	h2peer_talk(&p);
	ck_assert_int_eq(r->n, 2);
	ck_assert_str_eq(r->seen[1].path, "/two");
	ck_assert_int_eq(p.status[3], 200);
	ck_assert_int_eq(p.goaway, 0);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(a_body_is_read_on_as_http_1)
{
	static const char *const heads[] = {
		"Content-Length: 10\r\n\r\n01234",
		"Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n",
	};
	static const char *const rests[] = { "56789", "5;x=y\r\n56789\r\n0\r\n\r\n" };

	for (int i = 0; i < 2; i++) {
		struct rig *r = rig_h2c();
		struct h2peer p;

		r->echo = true;
		say(r, "POST / HTTP/1.1\r\nHost: a\r\n" ASK);
		say(r, heads[i]);
		expect(r, "");
		pass_time(r, 200);
		expect_text(r, SWITCHING);	/* at the latest, before the body is complete */
		ck_assert_str_eq(sbuf_z(&r->seen[0].body), "01234");
		ck_assert_uint_eq(r->seen[0].flags & IN_END, 0);
		say(r, rests[i]);
		become_client(&p, r, false);
		h2peer_talk(&p);
		ck_assert_int_eq(p.status[1], 200);
		ck_assert_str_eq(sbuf_z(&p.body[1]), "0123456789");
		ck_assert(p.ended[1]);
		h2peer_get(&p, "/next");
		h2peer_talk(&p);
		ck_assert_int_eq(p.status[3], 200);
		h2peer_fini(&p);
		rig_free(r);
	}
}
END_TEST

START_TEST(all_of_it_may_be_split_anywhere)
{
	static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\n" ASK "Transfer-Encoding: chunked\r\n\r\n"
				   "5\r\n01234\r\n5\r\n56789\r\n0\r\nx-t: 1\r\n\r\n";
	char text[1024];
	size_t n = sizeof(head) - 1;
	struct h2peer p;
	const uint8_t *at;
	ssize_t k;

	memcpy(text, head, n);
	h2peer_init(&p, NULL, false);
	ck_assert_int_eq(nghttp2_session_upgrade2(p.ng, asked, sizeof(asked), 0, NULL), 0);
	h2peer_get(&p, "/next");
	while ((k = nghttp2_session_mem_send(p.ng, &at)) > 0) {
		memcpy(text + n, at, (size_t)k);
		n += (size_t)k;
	}
	h2peer_fini(&p);
	for (size_t i = 1; i < n; i++) {
		struct rig *r = rig_h2c();

		r->echo = true;
		say_n(r, text, i);
		say_n(r, text + i, n - i);
		ck_assert_int_eq(r->n, 2);
		ck_assert_str_eq(sbuf_z(&r->seen[0].body), "0123456789");
		ck_assert_str_eq(r->seen[1].path, "/next");
		rig_free(r);
	}
}
END_TEST

START_TEST(an_early_answer_does_not_disturb_the_body)
{
	struct rig *r = rig_h2c();
	struct h2peer p;

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n" ASK "\r\n01234");
	seen_answer(seen_of(r, 0), 403, STR("no"));
	rig_turns(2);
	pass_time(r, 200);	/* 101 and the answer wait a little for the body */
	ck_assert_uint_ne(r->seen[0].g->flags & OUT_DONE, 0);
	seen_release(&r->seen[0]);
	expect_text(r, SWITCHING);
	say(r, "56789");
	become_client(&p, r, false);
	h2peer_get(&p, "/next");
	h2peer_talk(&p);
	ck_assert_int_eq(p.status[1], 403);
	ck_assert_str_eq(sbuf_z(&p.body[1]), "no");
	ck_assert_int_eq(r->n, 2);
	seen_answer(seen_of(r, 1), 200, STR(""));
	h2peer_talk(&p);
	seen_release(&r->seen[1]);
	ck_assert_int_eq(p.status[3], 200);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(expectations_come_first)
{
	struct rig *r = rig_h2c();

	r->echo = true;
	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n" ASK "\r\n");
	expect(r, "HTTP/1.1 100 Continue\r\n\r\n");
	say(r, "hi");
	expect_text(r, SWITCHING);
	ck_assert_str_eq(sbuf_z(&r->seen[0].body), "hi");
	rig_free(r);
}
END_TEST

START_TEST(head_has_no_body)
{
	struct rig *r = rig_h2c();
	struct h2peer p;

	say(r, "HEAD / HTTP/1.1\r\nHost: a\r\n" ASK "\r\n");
	seen_answer(seen_of(r, 0), 200, STR("dropped"));
	rig_turns(2);
	seen_release(&r->seen[0]);
	expect_text(r, SWITCHING);
	become_client(&p, r, true);
	h2peer_talk(&p);
	ck_assert_int_eq(p.status[1], 200);
	ck_assert(p.ended[1]);
	ck_assert_uint_eq(p.body[1].n, 0);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(the_preface_must_come)
{
	struct rig *r = rig_h2c();

	r->echo = true;
	say(r, "GET / HTTP/1.1\r\nHost: a\r\n" ASK "\r\n");
	pass_time(r, 1000);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	/* Something else in its place: never a second HTTP/1 request. */
	r = rig_h2c();
	r->echo = true;
	say(r, "GET / HTTP/1.1\r\nHost: a\r\n" ASK "\r\n" GET("/smuggled"));
	ck_assert_int_eq(r->n, 1);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(a_body_that_breaks_ends_the_connection)
{
	struct rig *r = rig_h2c();

	say(r, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" ASK "\r\n5\r\n01234\r\nzz\r\n");
	ck_assert_uint_eq(seen_of(r, 0)->g->flags & (IN_END | IN_ABORT), IN_ABORT);
	ck_assert_int_eq(r->seen[0].g->bad_status, 400);
	seen_answer(&r->seen[0], 400, STR("bad"));
	rig_turns(2);
	seen_release(&r->seen[0]);
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	r = rig_h2c();
	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n" ASK "\r\n01234");
	peer_shut(r);
	ck_assert_uint_eq(seen_of(r, 0)->g->flags & (IN_END | IN_ABORT), IN_ABORT);
	seen_release(&r->seen[0]);
	rig_turns(3);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(a_large_body_is_held_back)
{
	struct rig *r = rig_h2c();
	size_t size = 2 << 20, took = 0, sent = 0;
	char *big = mem_zalloc(size);
	struct gate *g;

	r->keep_in = true;
	say(r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n" ASK "\r\n");
	g = seen_of(r, 0)->g;
	while (took < size) {
		ssize_t k = send(r->fd, big, size - sent, MSG_NOSIGNAL);
		size_t n;

		sent += k > 0 ? (size_t)k : 0;
		rig_turns(3);
		n = g->in.bytes;
		ck_assert_uint_le(n, GATE_IN_MAX + 16384);
		took += n;
		spanq_drop(&g->in, n);
		g->ops->consumed(g, n);
		rig_turns(2);
	}
	ck_assert_uint_ne(g->flags & IN_END, 0);
	ck_assert_uint_eq(g->in_bytes, size);
	seen_answer(&r->seen[0], 200, STR(""));
	rig_turns(2);
	seen_release(&r->seen[0]);
	free(big);
	rig_free(r);
}
END_TEST

/* Served as HTTP/1.1, without 101. */
static void expect_plain(const char *fields, bool h2c)
{
	struct rig *r = rig_new();
	char text[300];

	r->h2c = h2c;
	rig_front(r, NULL);
	r->echo = true;
	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", fields);
	say(r, text);
	expect(r, OK_EMPTY);
	rig_free(r);
}

START_TEST(what_does_not_upgrade)
{
	expect_plain(ASK, false);
	expect_plain("Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkA\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2\r\nHTTP2-Settings: AAMAAABk\r\n", true);
	expect_plain(ASK "HTTP2-Settings: AAMAAABk\r\n", true);
	/* half a setting, a push of 2, a window of 2^32 - 1, frames of 100 bytes */
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAIAAAAC\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAT_____\r\n", true);
	expect_plain("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAUAAABk\r\n", true);
}
END_TEST

START_TEST(the_second_request_may_upgrade_too)
{
	struct rig *r = rig_h2c();

	r->echo = true;
	say(r, GET("/first"));
	expect(r, OK_EMPTY);
	say(r, "GET /second HTTP/1.1\r\nHost: a\r\n" ASK "\r\n");
	expect_text(r, SWITCHING);
	ck_assert_int_eq(r->n, 2);
	ck_assert_uint_eq(r->seen[1].flags & GATE_FIRST, 0);
	rig_free(r);
}
END_TEST

START_TEST(prior_knowledge)
{
	struct rig *r = rig_new();
	struct h2peer p;

	r->lim.h2_streams = 100;
	r->echo = true;
	rig_front(r, NULL);
	h2peer_init(&p, r, false);
	nghttp2_submit_settings(p.ng, 0, NULL, 0);
	ck_assert_int_eq(h2peer_get(&p, "/"), 1);
	h2peer_talk(&p);
	ck_assert_int_eq(p.status[1], 200);
	ck_assert(str_eqz(mux_h2_via(r->conn), "prior"));
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(prior_knowledge_byte_by_byte)
{
	struct rig *r = rig_new();
	static const char magic[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

	r->lim.h2_streams = 100;
	rig_front(r, NULL);
	for (size_t i = 0; i < sizeof(magic) - 1; i++)
		say_n(r, magic + i, 1);
	ck_assert_ptr_eq(r->conn->mux, &mux_h2);
	rig_free(r);

	/* Nearly, but not quite. */
	r = rig_new();
	rig_front(r, NULL);
	say(r, "PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n");
	ck_assert_int_eq(r->n, 1);
	ck_assert_uint_ne(r->seen[0].flags & GATE_BADREQ, 0);
	rig_free(r);
}
END_TEST

/* --- towards servers --- */

static int upgraded_yes, upgraded_no, rooms;

static void on_upgraded(struct conn *c, void *owner, bool yes)
{
	*(yes ? &upgraded_yes : &upgraded_no) += 1;
}

static void on_room(struct conn *c, void *owner)
{
	rooms++;
}

static void on_idle(struct conn *c, void *owner)
{
	((struct rig *)owner)->idle++;
}
static const struct mux_back_user back_user = {
	.idle = on_idle, .room = on_room, .gone = on_gone, .upgraded = on_upgraded,
};

static struct rig *rig_back(void)
{
	struct rig *r = rig_new();

	upgraded_yes = upgraded_no = rooms = 0;
	r->lim.h2_streams = 100;
	r->conn->flags |= CONN_BACK | CONN_ASK_H2C;
	mux_h1.back(r->conn, &r->lim, &back_user, r);
	rig_turns(2);
	return r;
}

static struct seen *ask_server(struct rig *r, const char *method)
{
	const struct mux *mux = r->conn->mux;
	struct seen *s = &r->seen[r->n++];
	struct msg *m = arena_new(&r->mem, struct msg);

	s->body = sbuf_grow();
	s->g = mux->open(r->conn, &r->mem, &front_fake, r);
	ck_assert_ptr_nonnull(s->g);
	msg_init(m, false, &r->mem);
	m->major = m->minor = 1;
	msg_set_method(m, str_c(method));
	m->path = STR("/x");
	msg_add_copy(m, STR("host"), STR("a"));
	s->g->ops->send_head(s->g, m, true);
	rig_turns(2);
	return s;
}

/* The settings that the request brought, as they stand in a frame. */
static size_t settings_of(struct rig *r, uint8_t *raw)
{
	const char *at = strstr(sbuf_z(&r->got), "\r\nhttp2-settings: ");
	struct sbuf b = sbuf_fixed((char *)raw, 100);

	ck_assert_ptr_nonnull(at);
	at += 18;
	ck_assert(base64_dec(&b, str_make(at, (size_t)(strchr(at, '\r') - at)), BASE64_URL));
	return b.n;
}

START_TEST(a_server_upgrades)
{
	struct rig *r = rig_back();
	struct seen *s = ask_server(r, "GET"), *t;
	uint8_t raw[100];
	struct h2peer p;
	size_t n;

	hear(r);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&r->got), "\r\nupgrade: h2c\r\n"));
	n = settings_of(r, raw);
	sbuf_clear(&r->got);
	ck_assert_uint_eq(mux_h1.avail(r->conn), 0);
	h2peer_init(&p, r, true);
	ck_assert_int_eq(nghttp2_session_upgrade2(p.ng, raw, n, 0, NULL), 0);
	say(r, SWITCHING);
	ck_assert_int_eq(upgraded_yes, 1);
	ck_assert_ptr_eq(r->conn->mux, &mux_h2);
	nghttp2_submit_settings(p.ng, 0, NULL, 0);
	h2peer_answer(&p, 1);
	h2peer_talk(&p);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	ck_assert_int_eq(s->g->in_msg->status, 200);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->idle, 1);
	/* And multiplexes. */
	t = ask_server(r, "GET");
	h2peer_talk(&p);
	ck_assert_int_eq(p.requests, 1);
	h2peer_answer(&p, 3);
	h2peer_talk(&p);
	ck_assert_int_eq(t->g->in_msg->status, 200);
	seen_release(t);
	rig_turns(2);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(a_server_declines)
{
	struct rig *r = rig_back();
	struct seen *s = ask_server(r, "GET");

	hear(r);
	sbuf_clear(&r->got);
	say(r, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ck_assert_int_eq(upgraded_no, 1);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	ck_assert_int_eq(r->idle, 1);
	s = ask_server(r, "GET");
	expect(r, "GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(another_switch_is_refused)
{
	struct rig *r = rig_back();
	struct seen *s = ask_server(r, "GET");

	say(r, "HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
	ck_assert_uint_ne(s->g->flags & IN_ABORT, 0);
	ck_assert_int_eq(s->g->bad_status, 502);
	ck_assert_int_eq(upgraded_yes + upgraded_no, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h2c");

	UNIT_TEST(s, a_request_becomes_stream_1);
	UNIT_TEST(s, a_body_is_read_on_as_http_1);
	UNIT_TEST(s, all_of_it_may_be_split_anywhere);
	UNIT_TEST(s, an_early_answer_does_not_disturb_the_body);
	UNIT_TEST(s, expectations_come_first);
	UNIT_TEST(s, head_has_no_body);
	UNIT_TEST(s, the_preface_must_come);
	UNIT_TEST(s, a_body_that_breaks_ends_the_connection);
	UNIT_TEST(s, a_large_body_is_held_back);
	UNIT_TEST(s, what_does_not_upgrade);
	UNIT_TEST(s, the_second_request_may_upgrade_too);
	UNIT_TEST(s, prior_knowledge);
	UNIT_TEST(s, prior_knowledge_byte_by_byte);
	UNIT_TEST(s, a_server_upgrades);
	UNIT_TEST(s, a_server_declines);
	UNIT_TEST(s, another_switch_is_refused);
	return unit_run(s);
}
