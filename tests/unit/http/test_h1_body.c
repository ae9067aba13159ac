#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"

struct body {
	struct arena mem;
	struct msg m;
	struct h1_body b;
	struct fault fault;
	char data[4096];
	size_t n, used;
	enum h1_body_result r;
};

static void body_init(struct body *t, enum body_kind kind, uint64_t len)
{
	*t = (struct body){ .r = H1_BODY_MORE };
	arena_init(&t->mem, 1024);
	msg_init(&t->m, false, &t->mem);
	t->m.body = kind;
	t->m.body_len = len;
	h1_body_init(&t->b, &t->m, &http_opts);
}

/* Gives the bytes in pieces of `step`; what is not consumed counts as the rest. */
static void feed(struct body *t, const char *p, size_t n, size_t step)
{
	for (size_t off = 0; off < n && t->r != H1_BODY_END && t->r != H1_BODY_ERROR;) {
		size_t have = MIN(step, n - off), used;
		struct h1_run run;

		t->r = h1_read_body(&t->b, p + off, have, &used, &run, &t->fault);
		if (t->r == H1_BODY_ERROR)
			break;
		ck_assert(used <= have && (t->r != H1_BODY_MORE || used == have));
		if (t->r == H1_BODY_DATA) {
			ck_assert(run.len > 0 && run.off + run.len == used);
			memcpy(t->data + t->n, p + off + run.off, run.len);
			t->n += run.len;
		}
		off += used;
		t->used = off;
	}
}

static void body_fini(struct body *t)
{
	arena_fini(&t->mem);
}

START_TEST(lengths)
{
	struct body t;

	body_init(&t, BODY_LENGTH, 5);
	ck_assert_uint_eq(h1_body_plain(&t.b), 5);
	ck_assert(!h1_body_may_end(&t.b));
	feed(&t, "ab", 2, 1);
	ck_assert_int_eq(t.r, H1_BODY_DATA);
	h1_body_skip(&t.b, 1);
	ck_assert_uint_eq(h1_body_plain(&t.b), 2);
	t.r = H1_BODY_MORE;
	feed(&t, "defgh", 5, 5);
	ck_assert_uint_eq(t.n, 4);
	ck_assert(memcmp(t.data, "abde", 4) == 0);
	ck_assert_uint_eq(t.used, 2);
	ck_assert(h1_body_may_end(&t.b));
	body_fini(&t);
	body_init(&t, BODY_NONE, 0);
	feed(&t, "x", 1, 1);
	ck_assert(t.r == H1_BODY_END && t.used == 0 && h1_body_may_end(&t.b));
	body_fini(&t);
	body_init(&t, BODY_CLOSE, 0);
	feed(&t, "abc", 3, 2);
	ck_assert(t.r == H1_BODY_DATA && t.n == 3 && h1_body_may_end(&t.b));
	ck_assert_uint_eq(h1_body_plain(&t.b), UINT64_MAX);
	body_fini(&t);
}
END_TEST

START_TEST(chunks)
{
	static const char *const rows[] = {
		"5\r\nabcde\r\n0\r\n\r\n",
		"2\r\nab\r\n3;a=b\r\ncde\r\n000\r\n\r\n",
		"5 \t\r\nabcde\r\n0;x\r\n\r\n",
		"5 ;a=\"q\\\"\t;\"; b\r\nabcde\r\n0\r\n\r\n",
		"00000000000000000000005\r\nabcde\r\n0\r\n\r\n",
		"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n1\r\ne\r\n0\r\n\n",
	};
	struct body t;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i]);

		for (size_t step = 1; step <= n; step++) {
			char text[128];

			snprintf(text, sizeof(text), "%sNEXT", rows[i]);
			body_init(&t, BODY_CHUNKED, 0);
			feed(&t, text, n + 4, step);
			ck_assert_msg(t.r == H1_BODY_END, "%s by %zu: %d", rows[i], step, t.r);
			ck_assert_uint_eq(t.used, n);
			ck_assert(t.n == 5 && memcmp(t.data, "abcde", 5) == 0);
			ck_assert(t.m.ntrailers == 0 && h1_body_may_end(&t.b));
			body_fini(&t);
		}
	}
}
END_TEST

static void bad_chunks(const char *text, const char *reason, int pos)
{
	for (size_t step = 1; step <= strlen(text); step++) {
		struct body t;

		body_init(&t, BODY_CHUNKED, 0);
		feed(&t, text, strlen(text), step);
		ck_assert_msg(t.r == H1_BODY_ERROR, "%s by %zu: %d", text, step, t.r);
		ck_assert_str_eq(t.fault.reason, reason);
		ck_assert_uint_eq(t.fault.status, 400);
		if (step == strlen(text) && pos >= 0)
			ck_assert_uint_eq(t.fault.pos, pos);
		ck_assert(!h1_body_may_end(&t.b));
		body_fini(&t);
	}
}

START_TEST(bad_chunk_lines)
{
	static const struct { const char *text, *reason; int pos; } rows[] = {
		{ "\r\n", "h1-bad-chunk-size", 0 }, { " 5\r\n", "h1-bad-chunk-size", 0 },
		{ "x\r\n", "h1-bad-chunk-size", 0 }, { "0x5\r\n", "h1-bad-chunk-size", 1 },
		{ "+5\r\n", "h1-bad-chunk-size", 0 }, { "-5\r\n", "h1-bad-chunk-size", 0 },
		{ "5 5\r\n", "h1-bad-chunk-size", 2 }, { "5\nabcde", "h1-bad-chunk-size", 1 },
		{ "5\rabcde", "h1-bad-chunk-size", 2 }, { "8000000000000000\r\n", "h1-bad-chunk-size", 15 },
		{ "ffffffffffffffffffff\r\n", "h1-bad-chunk-size", 15 }, { ";a\r\n", "h1-bad-chunk-size", 0 },
		{ "5;a\nb\r\n", "h1-bad-chunk-extension", 3 }, { "5;a\rb\r\n", "h1-bad-chunk-size", 4 },
		{ "5;a=\"\r\n", "h1-bad-chunk-extension", 5 }, { "5;a=\"\\\r\n", "h1-bad-chunk-extension", 6 },
		{ "5;a\x01\r\n", "h1-bad-chunk-extension", 3 },
		{ "1\r\naX\r\n", "h1-chunk-without-crlf", 1 }, { "1\r\na\n0\r\n", "h1-chunk-without-crlf", 1 },
		{ "1\r\na\r0\r\n", "h1-chunk-without-crlf", 2 },
		{ "0\r\nA b: c\r\n\r\n", "h1-space-in-header-name", -1 },
		{ "0\r\n A: b\r\n\r\n", "h1-leading-space", -1 },
		{ "0\r\nA: \rb\r\n\r\n", "h1-bare-cr", -1 }, { "0\r\n\r\r\n", "h1-bare-cr", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool in_second = strncmp(rows[i].text, "1\r\na", 4) == 0;

		bad_chunks(rows[i].text, rows[i].reason, in_second ? rows[i].pos - 1 : rows[i].pos);
	}
}
END_TEST

START_TEST(long_lines)
{
	char text[12000] = "5;";
	struct body t;

	memset(text + 2, 'a', 1000);
	strcpy(text + 1002, "\r\nabcde\r\n0\r\n\r\n");
	body_init(&t, BODY_CHUNKED, 0);
	feed(&t, text, strlen(text), 7);
	ck_assert_int_eq(t.r, H1_BODY_END);
	body_fini(&t);
	memset(text + 2, 'a', 1100);
	strcpy(text + 1102, "\r\n");
	bad_chunks(text, "h1-chunk-line-too-long", 1025);
	strcpy(text, "0\r\nX: ");
	memset(text + 6, 'a', 9000);
	text[9006] = 0;
	body_init(&t, BODY_CHUNKED, 0);
	feed(&t, text, strlen(text), 100);
	ck_assert_int_eq(t.r, H1_BODY_ERROR);
	ck_assert_uint_eq(t.fault.status, 431);
	body_fini(&t);
}
END_TEST

START_TEST(largest)
{
	struct body t;

	body_init(&t, BODY_CHUNKED, 0);
	feed(&t, "7fffffffffffffff\r\nab", 20, 20);
	ck_assert_int_eq(t.r, H1_BODY_DATA);
	ck_assert_uint_eq(h1_body_plain(&t.b), INT64_MAX - 2);
	body_fini(&t);
}
END_TEST

START_TEST(trailers)
{
	const char *text = "0\r\nX-Sum: 12\r\n 3\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: h\r\n"
			   "Connection: close\r\nETag: \"e\"\nAuthorization: x\r\nX-Forwarded-For: y\r\n\r\nGET";
	size_t n = strlen(text);
	struct body t;

	for (size_t step = 1; step <= n; step++) {
		body_init(&t, BODY_CHUNKED, 0);
		feed(&t, text, n, step);
		ck_assert_int_eq(t.r, H1_BODY_END);
		ck_assert_uint_eq(t.used, n - 3);
		ck_assert_uint_eq(t.m.ntrailers, 2);
		ck_str(field_name_str(&t.m.trailers[0]), "x-sum");
		ck_str(field_value_str(&t.m.trailers[0]), "12   3");
		ck_str(field_name_str(&t.m.trailers[1]), "etag");
		body_fini(&t);
	}
}
END_TEST

START_TEST(broken_stays_broken)
{
	struct body t;
	struct h1_run run;
	size_t used;

	body_init(&t, BODY_CHUNKED, 0);
	t.m.is_response = true;
	feed(&t, "x", 1, 1);
	ck_assert_int_eq(t.r, H1_BODY_ERROR);
	ck_assert_uint_eq(t.fault.status, 502);
	ck_assert_int_eq(h1_read_body(&t.b, "0\r\n\r\n", 5, &used, &run, &t.fault), H1_BODY_ERROR);
	body_fini(&t);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h1 bodies");

	UNIT_TEST(s, lengths);
	UNIT_TEST(s, chunks);
	UNIT_TEST(s, bad_chunk_lines);
	UNIT_TEST(s, long_lines);
	UNIT_TEST(s, largest);
	UNIT_TEST(s, trailers);
	UNIT_TEST(s, broken_stays_broken);
	return unit_run(s);
}
