/* Bodies on their way: whatever pieces they come in and however slowly they are taken, what leaves is what came; limits
 * of bandwidth (pump.c, bwlim.c). */
#include "stream_test.h"

#define BODY "0123456789abcdef"
#define BE "backend be\n server s1 $1\n"
#define POST_HEAD "POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 16\r\n\r\n"
#define CHUNKED "POST /p HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
#define CHUNKS "5\r\n01234\r\n1;ext=\"x\"\r\n5\r\nA\r\n6789abcdef\r\n0\r\n"
#define TRAILERS "x-sum: 7\r\n\r\n"

/* The first n bytes, then the rest. */
static void in_two(struct side *d, const char *text, size_t n)
{
	char part[200];

	snprintf(part, sizeof(part), "%.*s", (int)n, text);
	more(d, part);
	if (!d->released)
		more(d, text + n);
}

START_TEST(requests_cut_anywhere)
{
	begin(HTTP FE BE);
	for (size_t i = 0; i <= 16; i++) {
		struct side *c = ask(POST_HEAD);

		in_two(c, BODY, i);
		expect_sent(server(), BODY);
		ck_assert(server()->ended);
		ck_assert_uint_eq(c->consumed, 16);
		answer(server(), OK);
		ck_assert(c->released);
	}
	end();
}
END_TEST

static void chunks_cut(size_t from, size_t to)
{
	static const char text[] = CHUNKS TRAILERS;

	begin(HTTP FE BE);
	for (size_t i = from; i < to && i < sizeof(text); i++) {
		struct side *c = ask(CHUNKED);

		in_two(c, text, i);
		expect_sent(server(), BODY);
		ck_assert_str_eq(sbuf_z(&server()->trailers), "x-sum: 7\n");
		answer(server(), OK);
		ck_assert(c->released);
	}
	end();
}

START_TEST(chunks_cut_anywhere) { chunks_cut((size_t)_i * 25, (size_t)_i * 25 + 25); } END_TEST

START_TEST(answers_cut_anywhere)
{
	begin(HTTP FE BE);
	for (size_t i = 0; i <= 16; i++) {
		struct side *c = ask(GET);

		answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n");
		in_two(server(), BODY, i);
		expect_sent(c, BODY);
		ck_assert(c->ended && c->released);
		ck_assert_uint_eq(server()->consumed, 16);
	}
	end();
}
END_TEST

START_TEST(trailers_of_answers)
{
	struct side *c;

	begin(HTTP FE BE FE_NAMED("drop") " option http-drop-response-trailers\n default_backend drop\n"
	      "backend drop\n option http-drop-request-trailers\n server s1 $1\n");
	c = ask(GET);
	answer(server(), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" CHUNKS TRAILERS);
	expect_sent(c, BODY);
	ck_assert_str_eq(sbuf_z(&c->trailers), "x-sum: 7\n");
	c = ask_by(client_of("drop"), CHUNKED CHUNKS TRAILERS);
	expect_sent(server(), BODY);
	ck_assert_str_eq(sbuf_z(&server()->trailers), "");
	answer(server(), "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" CHUNKS TRAILERS);
	expect_sent(c, BODY);
	ck_assert_str_eq(sbuf_z(&c->trailers), "");
	end();
}
END_TEST

/* A server that never says how long its answer is: its end is the answer's. */
START_TEST(until_the_connection_closes)
{
	struct side *c;

	begin(HTTP FE BE);
	c = ask(GET);
	answer(server(), "HTTP/1.1 200 OK\r\n\r\n");
	more(server(), BODY);
	expect_sent(c, BODY);
	ck_assert(!c->ended);
	news(server(), IN_END, GATE_END);
	ck_assert(c->ended && c->released);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* --- slow readers --- */

#define MUCH 1000000
static char much[MUCH + 1];

static void make_much(void)
{
	for (size_t i = 0; i < MUCH; i++)
		much[i] = (char)('a' + i % 23 + i / 5000 % 3);
}

START_TEST(no_more_than_there_is_room_for)
{
	struct side *c;
	size_t taken = 0;

	make_much();
	begin(HTTP FE BE);
	c = ask(GET);
	c->room = 0;
	answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
	more(server(), much);
	ck_assert_uint_eq(c->g.out.bytes, GATE_OUT_MAX);
	ck_assert_uint_eq(server()->consumed, GATE_OUT_MAX);	/* the server is not asked for more */
	while (!c->released) {
		takes(c, 77777);
		ck_assert_uint_gt(c->sent.n, taken);
		taken = c->sent.n;
	}
	expect_sent(c, much);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(uploads_to_a_slow_server)
{
	struct side *c;

	make_much();
	begin(HTTP FE BE);
	c = ask("POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n");
	server()->room = 0;
	more(c, much);
	ck_assert_uint_eq(server()->g.out.bytes, GATE_OUT_MAX);
	ck_assert_uint_eq(c->consumed, GATE_OUT_MAX);
	while (!(server()->g.flags & OUT_DONE))
		takes(server(), 99999);
	expect_sent(server(), much);
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

/* --- limits of bandwidth --- */

#define LIMITED " filter bwlim-out down default-limit 1000 default-period 1s\n"
START_TEST(a_limit_for_answers)
{
	struct side *c;

	begin(HTTP FE "backend be\n" LIMITED " http-response set-bandwidth-limit down\n server s1 $1\n");
	c = ask(GET);
	answer(server(), "HTTP/1.1 200 OK\r\ncontent-length: 3500\r\n\r\n");
	make_much();
	much[3500] = 0;
	more(server(), much);
	ck_assert_uint_le(c->sent.n, 1000);
	for (unsigned ms = 100; ms <= 3000 && !c->released; ms += 100) {
		pass(100);
		ck_assert_uint_le(c->sent.n, 1000 + ms);	/* never faster than the limit, */
		ck_assert_uint_ge(c->sent.n + 100, MIN(ms, 3500U));	/* nor much slower */
	}
	pass(1000);
	expect_sent(c, much);
	ck_assert(c->released);		/* whoever is held back by us is not late: no timeout */
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

START_TEST(a_limit_by_rule)
{
	struct side *c;

	begin(HTTP FE "backend be\n" LIMITED
		      " http-response set-bandwidth-limit down limit 100k period 1s if { res.hdr(fast) -m found }\n"
		      " server s1 $1\n");
	make_much();
	much[3500] = 0;
	for (int fast = 0; fast < 2; fast++) {
		c = ask(GET);
		answer(server(), fast ? "HTTP/1.1 200 OK\r\nfast: 1\r\ncontent-length: 3500\r\n\r\n"
				      : "HTTP/1.1 200 OK\r\ncontent-length: 3500\r\n\r\n");
		more(server(), much);
		expect_sent(c, much);	/* no rule, no limit; or one that is not reached */
		ck_assert(c->released);
	}
	end();
}
END_TEST

START_TEST(a_limit_for_requests)
{
	struct side *c;

	begin(HTTP FE "\tfilter bwlim-in up default-limit 500 default-period 1s\n"
		      "\thttp-request set-bandwidth-limit up\n" BE);
	c = ask("POST /p HTTP/1.1\r\nhost: a\r\ncontent-length: 1200\r\n\r\n");
	make_much();
	much[1200] = 0;
	more(c, much);
	ck_assert_uint_le(server()->sent.n, 500);
	pass(1000);
	ck_assert_uint_le(server()->sent.n, 1000);
	pass(1000);
	expect_sent(server(), much);
	ck_assert(server()->ended);
	answer(server(), OK);
	expect_log("200 ---- be/s1 0");
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: bodies");
	TCase *chunks = tcase_create("chunks");

	UNIT_TEST(s, requests_cut_anywhere);
	tcase_add_loop_test(chunks, chunks_cut_anywhere, 0, 3);
	suite_add_tcase(s, chunks);
	UNIT_TEST(s, answers_cut_anywhere);
	UNIT_TEST(s, trailers_of_answers);
	UNIT_TEST(s, until_the_connection_closes);
	UNIT_TEST(s, no_more_than_there_is_room_for);
	UNIT_TEST(s, uploads_to_a_slow_server);
	UNIT_TEST(s, a_limit_for_answers);
	UNIT_TEST(s, a_limit_by_rule);
	UNIT_TEST(s, a_limit_for_requests);
	return unit_run(s);
}
