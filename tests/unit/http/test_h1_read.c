#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"

START_TEST(request)
{
	struct head h;

	head_read(&h, false, "\r\n\nGET  /a?b=c\tHTTP/1.1\r\nHost: x.y\r\nACCEPT:*/*  \r\nX-Empty:\r\n\r\nrest");
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.used, 62);
	ck_assert_str_eq(str_z(str_make(h.text + h.used, 4), (char[5]){ 0 }, 5), "rest");
	ck_assert_uint_eq(h.m.method, METHOD_GET);
	ck_str(h.m.method_text, "GET");
	ck_assert_uint_eq(h.m.form, TARGET_ORIGIN);
	ck_str(h.m.path, "/a?b=c");
	ck_str(msg_path_only(&h.m), "/a");
	ck_str(msg_query(&h.m), "b=c");
	ck_assert_uint_eq(h.m.major * 10 + h.m.minor, 11);
	ck_assert_str_eq(head_fields(&h.m), "host: x.y|accept: */*|x-empty: ");
	ck_assert_uint_eq(h.m.f[0].id, FIELD_HOST);
	ck_assert_uint_eq(h.m.live, 3);
	ck_assert_uint_eq(h.m.bytes, strlen("GET /a?b=c HTTP/1.1\r\nhost: x.y\r\naccept: */*\r\nx-empty: \r\n\r\n"));
	head_fini(&h);
}
END_TEST

START_TEST(targets)
{
	struct head h;

	head_read(&h, false, "LINK http://u@h:81/p?q HTTP/1.0\n\n");
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.m.method, METHOD_OTHER);
	ck_str(h.m.method_text, "LINK");
	ck_assert_uint_eq(h.m.form, TARGET_ABSOLUTE);
	ck_str(h.m.scheme, "http");
	ck_str(h.m.authority, "u@h:81");
	ck_str(h.m.path, "/p?q");
	ck_assert_uint_eq(h.m.minor, 0);
	head_fini(&h);
	head_read(&h, false, "CONNECT h:443 HTTP/1.1\r\n\r\n");
	ck_assert_uint_eq(h.m.form, TARGET_AUTHORITY);
	ck_str(h.m.authority, "h:443");
	ck_assert_uint_eq(h.m.path.n, 0);
	head_fini(&h);
	head_read(&h, false, "OPTIONS * HTTP/1.1\r\n\r\n");
	ck_assert_uint_eq(h.m.form, TARGET_ASTERISK);
	ck_str(h.m.path, "*");
	head_fini(&h);
}
END_TEST

START_TEST(response)
{
	struct head h;

	head_read(&h, true, "HTTP/1.1 404 Not  here \xe9\r\nServer: x\r\n\r\n");
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.m.status, 404);
	ck_str(h.m.reason, "Not  here \xe9");
	head_fini(&h);
	head_read(&h, true, "HTTP/1.0 200\r\n\r\n");
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.m.status, 200);
	ck_assert_uint_eq(h.m.minor, 0);
	ck_assert_uint_eq(h.m.reason.n, 0);
	head_fini(&h);
}
END_TEST

/* Values go on over lines as HAProxy joins them: each byte of the gap is a blank. */
START_TEST(folds)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "X: b\r\n  c\r\n\td \r\n", "x: b    c  \td" },
		{ "X:\r\n c\r\n", "x: c" },
		{ "X: b \r\n \r\n", "x: b" },
		{ "X: b\n c\n", "x: b  c" },
		{ "X:\r\n \r\nY: b\r\n", "x: |y: b" },
		{ "X: b\r\n \r\n \r\n c\r\nY: d\r\n", "x: b         c|y: d" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[128];
		struct head h;

		snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n%s\r\n", rows[i].in);
		head_read(&h, false, text);
		ck_assert_int_eq(h.r, H1_DONE);
		ck_assert_str_eq(head_fields(&h.m), rows[i].out);
		head_fini(&h);
	}
}
END_TEST

struct bad {
	const char *text;
	int status;
	const char *reason;
	unsigned pos;
};

static void refused(const struct bad *b, bool response, const struct h1_opts *o)
{
	struct head h;

	head_read_n(&h, response, b->text, strlen(b->text), o);
	ck_assert_msg(h.r == H1_ERROR, "%s: result %d", b->text, h.r);
	ck_assert_msg(h.fault.status == b->status, "%s: status %d", b->text, h.fault.status);
	ck_assert_msg(strcmp(h.fault.reason, b->reason) == 0, "%s: %s", b->text, h.fault.reason);
	ck_assert_msg(h.fault.pos == b->pos, "%s: at %u", b->text, h.fault.pos);
	head_fini(&h);
}

START_TEST(bad_requests)
{
	static const struct bad rows[] = {
		{ "\x16\x03\x01", 400, "h1-bad-method", 0 },
		{ "GE(T", 400, "h1-bad-method", 2 },
		{ " GET / HTTP/1.1\r\n\r\n", 400, "h1-bad-method", 0 },
		{ "\rGET / HTTP/1.1\r\n\r\n", 400, "h1-bad-method", 0 },
		{ "GET\r\n\r\n", 400, "h1-bad-method", 3 },
		{ "GET /\r\n\r\n", 400, "h1-no-version", 5 },
		{ "GET / \r\n\r\n", 400, "h1-no-version", 6 },
		{ "GET / HTTP/1.1 \r\n\r\n", 400, "h1-bad-version", 6 },
		{ "GET / HTTP/1.10\r\n\r\n", 400, "h1-bad-version", 6 },
		{ "GET / http/1.1\r\n\r\n", 400, "h1-bad-version", 6 },
		{ "GET / HTTP/1.\r\n\r\n", 400, "h1-bad-version", 6 },
		{ "GET / HTTP/2.0\r\n\r\n", 505, "h1-unknown-version", 6 },
		{ "GET / HTTP/0.9\r\n\r\n", 505, "h1-unknown-version", 6 },
		{ "GET /a b HTTP/1.1\r\n\r\n", 400, "h1-bad-version", 7 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 405, "h1-pri-method", 0 },
		{ "PRI / HTTP/1.1\r\n\r\n", 405, "h1-pri-method", 0 },
		{ "GET /a\x01 HTTP/1.1\r\n\r\n", 400, "h1-control-in-text", 6 },
		{ "GET /a\rb HTTP/1.1\r\n\r\n", 400, "h1-bare-cr", 6 },
		{ "GET /\x80 HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 5 },
		{ "GET /#a HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 5 },
		{ "GET * HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "GET h:80 HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "GET a HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "GET ?a HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "GET http:///x HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "GET 1http://h/ HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 4 },
		{ "CONNECT / HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 8 },
		{ "CONNECT h HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 8 },
		{ "CONNECT h: HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 8 },
		{ "CONNECT http://h:80 HTTP/1.1\r\n\r\n", 400, "h1-bad-target", 8 },
		{ "GET / HTTP/1.1\r\n A: b\r\n\r\n", 400, "h1-leading-space", 16 },
		{ "GET / HTTP/1.1\r\nA : b\r\n\r\n", 400, "h1-space-in-header-name", 17 },
		{ "GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400, "h1-space-in-header-name", 17 },
		{ "GET / HTTP/1.1\r\n: b\r\n\r\n", 400, "h1-empty-header-name", 16 },
		{ "GET / HTTP/1.1\r\nA(b: c\r\n\r\n", 400, "h1-bad-header-name", 17 },
		{ "GET / HTTP/1.1\r\nA\x80: c\r\n\r\n", 400, "h1-bad-header-name", 17 },
		{ "GET / HTTP/1.1\r\nAb\r\n\r\n", 400, "h1-header-without-colon", 18 },
		{ "GET / HTTP/1.1\r\nAb\n\r\n", 400, "h1-header-without-colon", 18 },
		{ "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400, "h1-bare-cr", 20 },
		{ "GET / HTTP/1.1\r\nA: b\r\r\n\r\n", 400, "h1-bare-cr", 20 },
		{ "GET / HTTP/1.1\r\nA: b\x01\r\n\r\n", 400, "h1-control-in-text", 20 },
		{ "GET / HTTP/1.1\r\nA: b\x7f\r\n\r\n", 400, "h1-control-in-text", 20 },
		{ "GET / HTTP/1.1\r\nA: b\r\n\r\r\n", 400, "h1-bare-cr", 22 },
		{ "GET / HTTP/1.1\r\nA: 0123456789abcdef0123456789\x0b\r\n\r\n", 400, "h1-control-in-text", 45 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refused(&rows[i], false, &http_opts);
}
END_TEST

START_TEST(nul_in_head)
{
	static const char in_name[] = "GET / HTTP/1.1\r\nA\0: b\r\n\r\n";
	static const char in_value[] = "GET / HTTP/1.1\r\nA: \0b\r\n\r\n";
	struct head h;

	head_read_n(&h, false, in_name, sizeof(in_name) - 1, &http_opts);
	ck_assert_int_eq(h.r, H1_ERROR);
	ck_assert_str_eq(h.fault.reason, "h1-bad-header-name");
	head_fini(&h);
	head_read_n(&h, false, in_value, sizeof(in_value) - 1, &http_opts);
	ck_assert_int_eq(h.r, H1_ERROR);
	ck_assert_str_eq(h.fault.reason, "h1-control-in-text");
	ck_assert_uint_eq(h.fault.pos, 19);
	head_fini(&h);
}
END_TEST

START_TEST(bad_responses)
{
	static const struct bad rows[] = {
		{ "HTTX", 502, "h1-bad-version", 0 },
		{ "HTTP/1.1 20 OK\r\n\r\n", 502, "h1-bad-status", 9 },
		{ "HTTP/1.1 2000 OK\r\n\r\n", 502, "h1-bad-status", 9 },
		{ "HTTP/1.1 099 OK\r\n\r\n", 502, "h1-bad-status", 9 },
		{ "HTTP/1.1 2x0 OK\r\n\r\n", 502, "h1-bad-status", 9 },
		{ "HTTP/1.1\r\n\r\n", 502, "h1-bad-status", 8 },
		{ "HTTP/2.0 200 OK\r\n\r\n", 502, "h1-unknown-version", 0 },
		{ "HTTP/1.1 200 a\rb\r\n\r\n", 502, "h1-bare-cr", 14 },
		{ "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", 502, "h1-space-in-header-name", 18 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refused(&rows[i], true, &http_opts);
}
END_TEST

START_TEST(empty_lines_before_an_answer)
{
	struct head h;

	head_read_n(&h, true, "\r\n\nHTTP/1.1 200 OK\r\n\r\n", 22, &http_opts);
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.used, 22);
	head_fini(&h);
}
END_TEST

START_TEST(limits)
{
	static const struct h1_opts small = { .max_head = 40, .max_fields = 2 };
	static const struct bad rows[] = {
		{ "GET /0123456789012345678901234567890123456 HTTP/1.1\r\n\r\n", 414, "h1-request-line-too-long", 40 },
		{ "GET / HTTP/1.1\r\nA: 0123456789012345678901234567890\r\n\r\n", 431, "h1-head-too-large", 40 },
		{ "GET / HTTP/1.1\r\nA:b\r\nB:c\r\nC:d\r\n\r\n", 431, "h1-too-many-headers", 26 },
		{ "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 414,
		  "h1-request-line-too-long", 40 },
	};
	struct head h;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refused(&rows[i], false, &small);
	head_read_n(&h, true, "HTTP/1.1 200 OK\r\nA:b\r\nB:c\r\nC:d\r\n\r\n", 34, &small);
	ck_assert_int_eq(h.r, H1_ERROR);
	ck_assert_uint_eq(h.fault.status, 502);
	head_fini(&h);
	head_read_n(&h, false, "GET / HTTP/1.1\r\nA:bbbbbb\r\nB:ccccccc\r\n\r\n", 39, &small);
	ck_assert_int_eq(h.r, H1_DONE);
	ck_assert_uint_eq(h.used, 39);
	head_fini(&h);
}
END_TEST

START_TEST(unsafe_accepts)
{
	static const struct h1_opts unsafe = { .max_head = 8192, .max_fields = 20, .accept_unsafe = true };
	struct head h;
	const char *text = "GET /a#b\x80 HTTP/1.1\r\nX(y)\x80: a\x01z\r\n\r\n";

	head_read_n(&h, false, text, strlen(text), &unsafe);
	ck_assert_int_eq(h.r, H1_DONE);
	ck_str(h.m.path, "/a#b\x80");
	ck_assert_str_eq(head_fields(&h.m), "x(y)\x80: a\x01z");
	head_fini(&h);
	refused(&(struct bad){ "GET / HTTP/1.1\r\nX y: a\r\n\r\n", 400, "h1-space-in-header-name", 17 }, false,
		&unsafe);
	refused(&(struct bad){ "GET / HTTP/1.1\r\nX: a\ry\r\n\r\n", 400, "h1-bare-cr", 20 }, false, &unsafe);
}
END_TEST

static void same_in_pieces(const char *text, size_t n, size_t step, bool moving)
{
	struct head whole, h = { 0 };
	struct h1_head progress = { 0 };
	char *now = malloc(n + 1), *next;

	head_read_n(&whole, false, text, n, &http_opts);
	arena_init(&h.mem, 4096);
	msg_init(&h.m, false, &h.mem);
	h.r = H1_MORE;
	for (size_t have = 0; h.r == H1_MORE && have < n;) {
		size_t add = step < n - have ? step : n - have;

		memcpy(now + have, text + have, add);
		have += add;
		if (moving) {
			next = malloc(n + 1);
			memcpy(next, now, have);
			free(now);
			now = next;
		}
		h.r = h1_read_head(&progress, now, have, &http_opts, &h.m, &h.used, &h.fault);
	}
	ck_assert_int_eq(h.r, whole.r);
	if (h.r == H1_DONE) {
		char *copy = strdup(head_fields(&whole.m));

		ck_assert_str_eq(head_fields(&h.m), copy);
		ck_assert(str_eq(h.m.path, whole.m.path) && str_eq(h.m.authority, whole.m.authority));
		ck_assert(str_eq(h.m.method_text, whole.m.method_text));
		ck_assert_uint_eq(h.used, whole.used);
		ck_assert_uint_eq(h.m.bytes, whole.m.bytes);
		free(copy);
	}
	free(now);
	arena_fini(&h.mem);
	head_fini(&whole);
}

START_TEST(pieces)
{
	static const char *const rows[] = {
		"\r\nLINK http://u@h:81/p?q HTTP/1.1\r\nHost: h:81\r\nA:\r\n b\r\n\tc\r\nCookie: a=b; c=d\r\n\r\n",
		"GET / HTTP/1.1\nHost: h\nX: 0123456789012345678901234567890123456789\n\n",
		"GET / HTTP/1.1\r\nHost: h\r\nX: bare\rcr\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t step = 1; step < strlen(rows[i]); step++) {
			same_in_pieces(rows[i], strlen(rows[i]), step, false);
			same_in_pieces(rows[i], strlen(rows[i]), step, true);
		}
	}
}
END_TEST

START_TEST(started)
{
	struct h1_head progress = { 0 };
	struct head h;
	char text[] = "\r\n\r\nG";

	head_read(&h, false, "");
	ck_assert_int_eq(h1_read_head(&progress, text, 0, &http_opts, &h.m, &h.used, &h.fault), H1_MORE);
	ck_assert(!h1_head_started(&progress));
	ck_assert_int_eq(h1_read_head(&progress, text, 4, &http_opts, &h.m, &h.used, &h.fault), H1_MORE);
	ck_assert(!h1_head_started(&progress));
	ck_assert_int_eq(h1_read_head(&progress, text, 5, &http_opts, &h.m, &h.used, &h.fault), H1_MORE);
	ck_assert(h1_head_started(&progress));
	head_fini(&h);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h1 reader");

	UNIT_TEST(s, request);
	UNIT_TEST(s, targets);
	UNIT_TEST(s, response);
	UNIT_TEST(s, folds);
	UNIT_TEST(s, bad_requests);
	UNIT_TEST(s, nul_in_head);
	UNIT_TEST(s, bad_responses);
	UNIT_TEST(s, empty_lines_before_an_answer);
	UNIT_TEST(s, limits);
	UNIT_TEST(s, unsafe_accepts);
	UNIT_TEST(s, pieces);
	UNIT_TEST(s, started);
	return unit_run(s);
}
