/* HTTP/2 in front: what is an exchange, what is refused and how (RFC 9113 section 8), flow control, the end. Frames are
 * made by hand where a decent client would not send them. */
#include "front.h"
#include "h2frames.h"
#include "h2peer.h"

static struct rig *rig_h2(void)
{
	struct rig *r = rig_new();

	r->lim.h2_streams = 4;
	r->lim.h2_window = 65535;
	r->lim.h2_frame = 16384;
	r->lim.h2_header_table = 4096;
	rig_front(r, "h2");
	return r;
}

static void greet(struct rig *r)
{
	say_n(r, PREFACE, sizeof(PREFACE) - 1);
	frame(r, SETTINGS, 0, 0, "", 0);
}

#define GOOD ":method=GET|:scheme=http|:authority=a|:path=/x"

START_TEST(by_hand)
{
	struct rig *r = rig_h2();

	r->echo = true;
	greet(r);
	headers(r, 1, END_STREAM, GOOD "|cookie=a=1|cookie=b=2|te=trailers");
	ck_assert_int_eq(r->n, 1);
	ck_assert_str_eq(r->seen[0].path, "/x");
	ck_assert_uint_eq(code_of(r, RST_STREAM, 1), 0);
	ck_assert_uint_eq(code_of(r, HEADERS, 1), 1);
	rig_free(r);
}
END_TEST

/* --- heads that are none --- */

static const char *const bad_heads[] = {
	":scheme=http|:authority=a|:path=/x",				/* no method */
	":method=GET|:scheme=http|:authority=a",			/* no path */
	":method=GET|:authority=a|:path=/x",				/* no scheme */
	":method=GET|:scheme=http|:authority=a|:path=",
	":method=GET|:scheme=http|:authority=a|:path=x",		/* no slash */
	":method=GET|:scheme=http|:authority=a|:path=/a b",
	":method=GET|:scheme=http|:authority=a|:path=/a~b",
	":method=G T|:scheme=http|:authority=a|:path=/x",
	":method=|:scheme=http|:authority=a|:path=/x",
	":method=GET|:scheme=h p|:authority=a|:path=/x",
	":method=GET|:method=GET|:scheme=http|:authority=a|:path=/x",	/* twice */
	":method=GET|:scheme=http|:authority=a|:path=/x|:path=/y",
	":method=GET|:scheme=http|x=1|:authority=a|:path=/x",		/* behind a field */
	GOOD "|:unknown=1",
	GOOD "|:status=200",
	GOOD "|X-Upper=1",
	GOOD "|=1",
	GOOD "|a b=1",
	GOOD "|a:=1",
	GOOD "|x=a~b",
	GOOD "|x=^a",
	GOOD "|x=a^",
	GOOD "|connection=close",
	GOOD "|keep-alive=1",
	GOOD "|proxy-connection=keep-alive",
	GOOD "|transfer-encoding=chunked",
	GOOD "|upgrade=websocket",
	GOOD "|te=gzip",
	GOOD "|content-length=x",
	GOOD "|content-length=1|content-length=2",
	GOOD "|content-length=5",					/* the stream has ended */
	":method=CONNECT|:scheme=http|:authority=a|:path=/x",
	":method=CONNECT",
	":method=CONNECT|:protocol=h2c|:scheme=http|:authority=a|:path=/x",
};

/* Refused, by a reset or by a status of 400: nothing of it is an exchange. The connection goes on. */
START_TEST(malformed)
{
	struct rig *r = rig_h2();

	r->echo = true;
	greet(r);
	headers(r, 1, END_STREAM, bad_heads[_i]);
	for (int i = 0; i < r->n; i++)
		ck_assert_msg(r->seen[i].flags & GATE_BADREQ && r->seen[i].bad_status == 400, "accepted: %s",
			      bad_heads[_i]);
	ck_assert_msg(r->n ? code_of(r, HEADERS, 1) : code_of(r, RST_STREAM, 1) == PROTOCOL_ERROR + 1, "%s",
		      bad_heads[_i]);
	ck_assert_uint_eq(code_of(r, GOAWAY, 0), 0);
	headers(r, 3, END_STREAM, GOOD);
	ck_assert_str_eq(r->seen[r->n - 1].path, "/x");
	ck_assert_uint_eq(code_of(r, HEADERS, 3), 1);
	rig_free(r);
}
END_TEST

/* --- what ends the connection --- */

static const struct {
	int type, flags;
	uint32_t id;
	const char *p;
	size_t n;
	unsigned code;
} fatal[] = {
	{ DATA, 0, 0, "x", 1, PROTOCOL_ERROR },				/* of no stream */
	{ HEADERS, END_HEADERS, 0, "\x82", 1, PROTOCOL_ERROR },
	{ HEADERS, END_HEADERS | END_STREAM, 2, "\x82", 1, PROTOCOL_ERROR },	/* a number of ours */
	{ HEADERS, END_HEADERS | END_STREAM, 1, "\xff\xff\xff\xff\xff\xff", 6, COMPRESSION_ERROR },
	{ DATA, 0, 5, "x", 1, PROTOCOL_ERROR },				/* never begun */
	{ SETTINGS, 0, 1, "", 0, PROTOCOL_ERROR },
	{ SETTINGS, ACK, 0, "123456", 6, FRAME_SIZE_ERROR },
	{ SETTINGS, 0, 0, "12345", 5, FRAME_SIZE_ERROR },
	{ SETTINGS, 0, 0, "\0\4\xff\xff\xff\xff", 6, FLOW_CONTROL_ERROR },	/* a window above 2^31 - 1 */
	{ SETTINGS, 0, 0, "\0\5\0\0\0\1", 6, PROTOCOL_ERROR },		/* frames below 16384 */
	{ SETTINGS, 0, 0, "\0\2\0\0\0\2", 6, PROTOCOL_ERROR },		/* ENABLE_PUSH is 0 or 1 */
	{ PING, 0, 0, "1234567", 7, FRAME_SIZE_ERROR },
	{ PING, 0, 1, "12345678", 8, PROTOCOL_ERROR },
	{ WINDOW_UPDATE, 0, 0, "\0\0\0\0", 4, PROTOCOL_ERROR },
	{ WINDOW_UPDATE, 0, 0, "\x7f\xff\xff\xff", 4, FLOW_CONTROL_ERROR },
	{ CONTINUATION, END_HEADERS, 1, "\x82", 1, PROTOCOL_ERROR },	/* continues nothing */
	{ PUSH_PROMISE, END_HEADERS, 1, "\0\0\0\2\x82", 5, PROTOCOL_ERROR },
	{ RST_STREAM, 0, 7, "\0\0\0\1", 4, PROTOCOL_ERROR },		/* never begun */
	{ RST_STREAM, 0, 0, "\0\0\0\1", 4, PROTOCOL_ERROR },
	{ GOAWAY, 0, 1, "\0\0\0\0\0\0\0\0", 8, PROTOCOL_ERROR },
};

START_TEST(errors_of_the_connection)
{
	struct rig *r = rig_h2();

	greet(r);
	frame(r, fatal[_i].type, fatal[_i].flags, fatal[_i].id, fatal[_i].p, fatal[_i].n);
	ck_assert_int_eq(r->n, 0);
	ck_assert_uint_eq(code_of(r, GOAWAY, 0), fatal[_i].code + 1);
	ck_assert(r->eof || r->reset);
	rig_free(r);
}
END_TEST

START_TEST(no_preface)
{
	struct rig *r = rig_h2();

	say(r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	hear(r);
	ck_assert_int_eq(r->n, 0);
	ck_assert(r->eof || r->reset);
	rig_free(r);
}
END_TEST

/* timeout http-request (1 s in the rig) is for heads, wherever they stop; what was served before is kept for 2 s. */
START_TEST(half_a_head)
{
	struct rig *r = rig_h2();

	r->echo = true;
	greet(r);
	headers(r, 1, END_STREAM, GOOD);
	say_n(r, "\0\0\x20\1\5\0\0\0\3\x82", 10);
	pass_time(r, 1000);
	hear(r);
	ck_assert_int_eq(r->n, 1);
	ck_assert_uint_eq(code_of(r, GOAWAY, 0), 1);
	ck_assert(r->eof || r->reset);
	rig_free(r);
}
END_TEST

/* A block that never ends is not kept for ever. */
START_TEST(continuation_without_end)
{
	struct rig *r = rig_h2();
	struct sbuf b = block_of("x=0123456789012345678901234567890123456789012345678901234567890123456789");

	greet(r);
	frame(r, HEADERS, END_STREAM, 1, "\x82", 1);
	for (int i = 0; i < 3000 && r->conn; i++)
		frame(r, CONTINUATION, 0, 1, b.p, b.n);
	ck_assert_ptr_null(r->conn);
	ck_assert_int_eq(r->n, 0);
	ck_assert_uint_gt(code_of(r, GOAWAY, 0), 0);
	sbuf_fini(&b);
	rig_free(r);
}
END_TEST

/* --- bodies --- */

#define POST ":method=POST|:scheme=http|:authority=a|:path=/p"

/* A request whose body follows. */
static struct rig *posted(void)
{
	struct rig *r = rig_h2();

	greet(r);
	headers(r, 1, 0, POST);
	return r;
}

static void over(struct rig *r)
{
	seen_release(&r->seen[0]);
	rig_free(r);
}

START_TEST(lengths_that_lie)
{
	static const struct { const char *length; int n; } lies[] = { { "2", 3 }, { "4", 3 }, { "0", 1 } };

	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct rig *r = rig_h2();
		char text[100];

		snprintf(text, sizeof(text), POST "|content-length=%s", lies[i].length);
		greet(r);
		headers(r, 1, 0, text);
		frame(r, DATA, END_STREAM, 1, "abc", (size_t)lies[i].n);
		ck_assert_uint_eq(code_of(r, RST_STREAM, 1), PROTOCOL_ERROR + 1);
		ck_assert_uint_ne(r->seen[0].news & GATE_ABORT, 0);	/* never a clean end */
		ck_assert_uint_eq(r->seen[0].g->flags & IN_END, 0);
		over(r);
	}
}
END_TEST

START_TEST(data_behind_the_end)
{
	struct rig *r = posted();

	frame(r, DATA, END_STREAM, 1, "abc", 3);
	ck_assert_uint_ne(r->seen[0].g->flags & IN_END, 0);
	frame(r, DATA, 0, 1, "def", 3);
	ck_assert_str_eq(sbuf_z(&r->seen[0].body), "abc");
	ck_assert_uint_eq(code_of(r, RST_STREAM, 1) + code_of(r, GOAWAY, 0), STREAM_CLOSED + 1);
	if (r->seen[0].g)
		over(r);
}
END_TEST

START_TEST(pseudo_fields_in_trailers)
{
	struct rig *r = posted();

	frame(r, DATA, 0, 1, "abc", 3);
	headers(r, 1, END_STREAM, ":path=/other");
	ck_assert_uint_eq(code_of(r, RST_STREAM, 1), PROTOCOL_ERROR + 1);
	ck_assert_uint_eq(r->seen[0].g->flags & IN_END, 0);
	over(r);
}
END_TEST

START_TEST(trailers)
{
	struct rig *r = posted();

	frame(r, DATA, 0, 1, "abc", 3);
	headers(r, 1, END_STREAM, "x-sum=7");
	ck_assert_uint_ne(r->seen[0].g->flags & IN_END, 0);
	ck_assert_uint_eq(r->seen[0].g->in_msg->ntrailers, 1);
	ck_assert(str_eqz(field_name_str(&r->seen[0].g->in_msg->trailers[0]), "x-sum"));
	over(r);
}
END_TEST

/* More than the window: what is not taken by the stream is not asked for, and taking it is not tolerated. */
START_TEST(more_than_the_window)
{
	struct rig *r = rig_h2();
	static char kb[16384];

	r->keep_in = true;
	greet(r);
	headers(r, 1, 0, POST);
	for (int i = 0; i < 5 && r->conn; i++)
		frame(r, DATA, 0, 1, kb, sizeof(kb));
	ck_assert_uint_eq(code_of(r, RST_STREAM, 1) + code_of(r, GOAWAY, 0), FLOW_CONTROL_ERROR + 1);
	ck_assert_uint_eq(r->seen[0].g->flags & IN_END, 0);
	ck_assert_uint_ne(r->seen[0].news & GATE_ABORT, 0);
	ck_assert_uint_lt(r->seen[0].g->in_bytes, 5 * sizeof(kb));
	over(r);
}
END_TEST

/* RFC 9113 section 5.4.1: the connection closes, and whatever runs on it ends now and not by a timeout. */
START_TEST(errors_end_what_runs)
{
	struct rig *r = rig_h2();

	greet(r);
	headers(r, 1, END_STREAM, GOOD);
	headers(r, 3, 0, POST);
	ck_assert_int_eq(r->n, 2);
	frame(r, HEADERS, END_HEADERS | END_STREAM, 5, "\xff\xff\xff\xff\xff\xff", 6);
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_ne(r->seen[i].news & GATE_ABORT, 0);
		ck_assert_uint_ne(r->seen[i].g->flags & OUT_ABORT, 0);
		seen_release(&r->seen[i]);
	}
	ck_assert_uint_ne(r->seen[0].flags & IN_END, 0);
	ck_assert_uint_eq(code_of(r, GOAWAY, 0), COMPRESSION_ERROR + 1);
	ck_assert_ptr_null(r->conn);
	rig_free(r);
}
END_TEST

/* :authority is whom the request is for, whatever Host says. */
START_TEST(authority_before_host)
{
	struct rig *r = rig_h2();
	struct msg *m;

	greet(r);
	headers(r, 1, END_STREAM, GOOD "|host=b");
	m = r->seen[0].g->in_msg;
	ck_assert(str_eqz(msg_host(m), "a"));
	ck_assert_int_lt(msg_find_id(m, FIELD_HOST, msg_find_id(m, FIELD_HOST, 0) + 1), 0);
	over(r);
}
END_TEST

/* --- a decent client --- */

static void asked(struct rig *r, struct h2peer *p)
{
	h2peer_init(p, r, false);
	nghttp2_submit_settings(p->ng, 0, NULL, 0);
	h2peer_get(p, "/");
	h2peer_talk(p);
}

START_TEST(many_at_a_time)
{
	struct rig *r = rig_h2();
	struct h2peer p;

	h2peer_init(&p, r, false);
	nghttp2_submit_settings(p.ng, 0, NULL, 0);
	for (int i = 0; i < 3; i++)
		h2peer_get(&p, "/");
	h2peer_talk(&p);
	ck_assert_int_eq(r->n, 3);
	for (int i = 2; i >= 0; i--) {	/* answered in any order */
		seen_answer(&r->seen[i], 200 + i, STR("body"));
		seen_release(&r->seen[i]);
		h2peer_talk(&p);
	}
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(p.status[1 + 2 * i], 200 + i);
		ck_assert_str_eq(sbuf_z(&p.body[1 + 2 * i]), "body");
		ck_assert(p.ended[1 + 2 * i]);
	}
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(answers_without_an_end_are_reset)
{
	struct rig *r = rig_h2();
	struct h2peer p;
	struct msg *m;

	h2peer_init(&p, r, false);
	nghttp2_submit_settings(p.ng, 0, NULL, 0);
	h2peer_get(&p, "/");
	h2peer_talk(&p);
	m = answer_msg(r->seen[0].g, 200);
	m->body = BODY_CHUNKED;
	r->seen[0].g->ops->send_head(r->seen[0].g, m, false);
	spanq_push_copy(&r->seen[0].g->out, "half", 4);
	r->seen[0].g->ops->flush(r->seen[0].g, false);
	seen_release(&r->seen[0]);
	h2peer_talk(&p);
	ck_assert(!p.ended[1]);
	ck_assert_uint_ne(p.reset[1], 0);
	ck_assert_int_eq(p.goaway, 0);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

START_TEST(clients_that_reset)
{
	struct rig *r = rig_h2();
	struct h2peer p;

	asked(r, &p);
	nghttp2_submit_rst_stream(p.ng, 0, 1, NGHTTP2_CANCEL);
	h2peer_talk(&p);
	ck_assert_uint_ne(r->seen[0].g->flags & OUT_ABORT, 0);
	ck_assert_uint_eq(r->seen[0].g->reset_code, NGHTTP2_CANCEL);
	seen_release(&r->seen[0]);
	r->echo = true;
	h2peer_get(&p, "/two");
	h2peer_talk(&p);
	ck_assert_int_eq(p.status[3], 200);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

/* Soft stop: what runs is finished, nothing new begins. */
START_TEST(drained)
{
	struct rig *r = rig_h2();
	struct h2peer p;

	asked(r, &p);
	((const struct mux *)r->conn->mux)->drain(r->conn);
	h2peer_talk(&p);
	ck_assert_int_eq(p.goaway, 1);
	seen_answer(&r->seen[0], 200, STR("last"));
	seen_release(&r->seen[0]);
	h2peer_talk(&p);
	ck_assert_str_eq(sbuf_z(&p.body[1]), "last");
	ck_assert_ptr_null(r->conn);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h2");
	TCase *heads = tcase_create("heads"), *conns = tcase_create("connection errors");

	UNIT_TEST(s, by_hand);
	tcase_add_loop_test(heads, malformed, 0, (int)ARRAY_LEN(bad_heads));
	suite_add_tcase(s, heads);
	tcase_add_loop_test(conns, errors_of_the_connection, 0, (int)ARRAY_LEN(fatal));
	suite_add_tcase(s, conns);
	UNIT_TEST(s, no_preface);
	UNIT_TEST(s, half_a_head);
	UNIT_TEST(s, continuation_without_end);
	UNIT_TEST(s, lengths_that_lie);
	UNIT_TEST(s, data_behind_the_end);
	UNIT_TEST(s, pseudo_fields_in_trailers);
	UNIT_TEST(s, trailers);
	UNIT_TEST(s, more_than_the_window);
	UNIT_TEST(s, errors_end_what_runs);
	UNIT_TEST(s, authority_before_host);
	UNIT_TEST(s, many_at_a_time);
	UNIT_TEST(s, answers_without_an_end_are_reset);
	UNIT_TEST(s, clients_that_reset);
	UNIT_TEST(s, drained);
	return unit_run(s);
}
