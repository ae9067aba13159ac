#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"
#include "weir/http/hop.h"

static const struct framing_opts opts, any = { .any_upgrade = true };

static bool request(struct head *h, const char *line, const char *fields, const struct framing_opts *o)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s\r\nHost: a\r\n%s\r\n", line, fields);
	head_read(h, false, text);
	ck_assert_msg(h->r == H1_DONE, "%s", text);
	return framing_request(&h->m, o, &h->fault);
}

static bool response(struct head *h, const char *line, const char *fields, enum method method, const char *upgrade)
{
	struct framing_asked asked = { .method = method, .upgrade = str_c(upgrade) };
	char text[1024];

	snprintf(text, sizeof(text), "%s\r\n%s\r\n", line, fields);
	head_read(h, true, text);
	ck_assert_msg(h->r == H1_DONE, "%s", text);
	return framing_response(&h->m, &asked, &h->fault);
}

#define POST "POST / HTTP/1.1"
#define POST10 "POST / HTTP/1.0"

START_TEST(request_bodies)
{
	static const struct {
		const char *line, *fields;
		enum body_kind body;
		uint64_t len;
		bool keep;
		const char *left;
	} rows[] = {
		{ POST, "", BODY_NONE, 0, true, "" },
		{ POST10, "", BODY_NONE, 0, false, "" },
		{ POST10, "Connection: Keep-Alive\r\n", BODY_NONE, 0, true, "|connection: Keep-Alive" },
		{ POST, "Connection: foo , CLOSE\r\n", BODY_NONE, 0, false, "|connection: foo , CLOSE" },
		{ POST, "Content-Length: 0\r\n", BODY_NONE, 0, true, "|content-length: 0" },
		{ POST, "Content-Length: 3\r\n", BODY_LENGTH, 3, true, "|content-length: 3" },
		{ "GET / HTTP/1.1", "Content-Length: 3\r\n", BODY_LENGTH, 3, true, "|content-length: 3" },
		{ POST, "Content-Length: 3, 003,3\r\nX: y\r\nContent-Length: 3\r\n", BODY_LENGTH, 3, true,
		  "|content-length: 3|x: y" },
		{ POST, "Content-Length: 0000000000000000000000000002\r\n", BODY_LENGTH, 2, true,
		  "|content-length: 2" },
		{ POST, "Content-Length: 9223372036854775807\r\n", BODY_LENGTH, INT64_MAX, true,
		  "|content-length: 9223372036854775807" },
		{ POST, "Transfer-Encoding: \t Chunked \t\r\n", BODY_CHUNKED, 0, true, "|transfer-encoding: chunked" },
		{ POST, "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", BODY_CHUNKED, 0, false,
		  "|transfer-encoding: chunked" },
		{ POST, "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", BODY_CHUNKED, 0, false,
		  "|transfer-encoding: chunked" },
		{ POST10, "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", BODY_CHUNKED, 0, false,
		  "|transfer-encoding: chunked|connection: keep-alive" },
		{ "CONNECT a:1 HTTP/1.1", "Content-Length: 3\r\n", BODY_NONE, 0, false, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct head h;
		char left[256];

		if (!rows[i].left) {
			head_read(&h, false, "CONNECT a:1 HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
			ck_assert(framing_request(&h.m, &opts, &h.fault));
		} else {
			ck_assert_msg(request(&h, rows[i].line, rows[i].fields, &opts), "%s", rows[i].fields);
			snprintf(left, sizeof(left), "host: a%s", rows[i].left);
			ck_assert_str_eq(head_fields(&h.m), left);
		}
		ck_assert_msg(h.m.body == rows[i].body && h.m.body_len == rows[i].len, "%s: %d", rows[i].fields,
			      h.m.body);
		ck_assert_msg(!(h.m.flags & MSG_KEEP_ALIVE) == !rows[i].keep, "%s", rows[i].fields);
		ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
		head_fini(&h);
	}
}
END_TEST

/* The same defects in a request and in a response, where they are 502. */
static const struct {
	const char *fields;
	int status;
	const char *reason;
} defects[] = {
	{ "Content-Length: 2\r\nContent-Length: 3\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 2, 3\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length:\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: +2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: -2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 2 2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 0x2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 2,\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: ,2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 2\r\n 2\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 9223372036854775808\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: 18446744073709551618\r\n", 400, "h1-bad-content-length" },
	{ "Content-Length: x\r\nTransfer-Encoding: chunked\r\n", 400, "h1-bad-content-length" },
	{ "Transfer-Encoding: chunked, chunked\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chunked, gzip\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chunked,\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: ,chunked\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding:\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: \"chunked\"\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chunked;a=b\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: chu\tnked\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding:\r\n chunked x\r\n", 400, "h1-bad-transfer-encoding" },
	{ "Transfer-Encoding: gzip\r\n", 400, "h1-chunked-not-last" },
	{ "Transfer-Encoding: identity\r\n", 400, "h1-chunked-not-last" },
	{ "Transfer-Encoding: xchunked\r\n", 400, "h1-chunked-not-last" },
	{ "Transfer-Encoding: gzip, chunked\r\n", 422, "h1-unknown-transfer-coding" },
	{ "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 422, "h1-unknown-transfer-coding" },
	{ "Transfer-Encoding: identity, chunked\r\n", 422, "h1-unknown-transfer-coding" },
};

START_TEST(request_defects)
{
	for (size_t i = 0; i < ARRAY_LEN(defects); i++) {
		struct head h;

		ck_assert_msg(!request(&h, POST, defects[i].fields, &opts), "%s", defects[i].fields);
		ck_assert_msg(h.fault.status == defects[i].status, "%s", defects[i].fields);
		ck_assert_str_eq(h.fault.reason, defects[i].reason);
		head_fini(&h);
	}
}
END_TEST

/* The status that a request with these fields is refused with, 0: it is taken. */
static int refused(const char *line, const char *fields, const struct framing_opts *o)
{
	struct head h;
	int status = request(&h, line, fields, o) ? 0 : h.fault.status;

	head_fini(&h);
	return status;
}

START_TEST(bodies_of_old_gets)
{
	static const char *const lines[] = { "GET / HTTP/1.0", "HEAD / HTTP/1.0", "DELETE / HTTP/1.0" };
	const struct framing_opts taken = { .any_body = true };

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		ck_assert_int_eq(refused(lines[i], "Content-Length: 1\r\n", &opts), 413);
		ck_assert_int_ne(refused(lines[i], "Transfer-Encoding: chunked\r\n", &opts), 0);
		ck_assert_int_eq(refused(lines[i], "Content-Length: 0\r\n", &opts), 0);
		ck_assert_int_eq(refused(lines[i], "Content-Length: 1\r\n", &taken), 0);
	}
	ck_assert_int_eq(refused("PUT / HTTP/1.0", "Content-Length: 1\r\n", &opts), 0);
	ck_assert_int_eq(refused("GET / HTTP/1.1", "Content-Length: 1\r\n", &opts), 0);
}
END_TEST

START_TEST(response_defects)
{
	for (size_t i = 0; i < ARRAY_LEN(defects); i++) {
		struct head h;

		ck_assert_msg(!response(&h, "HTTP/1.1 200 OK", defects[i].fields, METHOD_GET, ""), "%s",
			      defects[i].fields);
		ck_assert_int_eq(h.fault.status, 502);
		ck_assert_str_eq(h.fault.reason, defects[i].reason);
		head_fini(&h);
	}
}
END_TEST

#define CL "Content-Length: 7\r\n"
#define TE "Transfer-Encoding: chunked\r\n"

START_TEST(response_bodies)
{
	static const struct {
		const char *line, *fields;
		enum method method;
		enum body_kind body;
		uint64_t len;
		bool keep, known;
	} rows[] = {
		{ "HTTP/1.1 200 OK", CL, METHOD_GET, BODY_LENGTH, 7, true, true },
		{ "HTTP/1.1 200 OK", "", METHOD_GET, BODY_CLOSE, 0, false, false },
		{ "HTTP/1.1 200 OK", "Content-Length: 0\r\n", METHOD_GET, BODY_NONE, 0, true, true },
		{ "HTTP/1.1 200 OK", TE, METHOD_GET, BODY_CHUNKED, 0, true, false },
		{ "HTTP/1.1 200 OK", CL TE, METHOD_GET, BODY_CHUNKED, 0, false, false },
		{ "HTTP/1.0 200 OK", TE, METHOD_GET, BODY_CHUNKED, 0, false, false },
		{ "HTTP/1.0 200 OK", CL, METHOD_GET, BODY_LENGTH, 7, false, true },
		{ "HTTP/1.0 200 OK", CL "Connection: keep-alive\r\n", METHOD_GET, BODY_LENGTH, 7, true, true },
		{ "HTTP/1.1 200 OK", CL "Connection: close\r\n", METHOD_GET, BODY_LENGTH, 7, false, true },
		{ "HTTP/1.1 200 OK", CL, METHOD_HEAD, BODY_NONE, 7, true, true },
		{ "HTTP/1.1 200 OK", TE, METHOD_HEAD, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 200 OK", "", METHOD_HEAD, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 304 No", CL, METHOD_GET, BODY_NONE, 7, true, true },
		{ "HTTP/1.1 204 No", CL, METHOD_GET, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 204 No", TE, METHOD_GET, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 100 Go", CL, METHOD_GET, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 103 Early", "", METHOD_HEAD, BODY_NONE, 0, true, false },
		{ "HTTP/1.1 200 OK", CL TE, METHOD_CONNECT, BODY_TUNNEL, 0, false, false },
		{ "HTTP/1.1 299 OK", "", METHOD_CONNECT, BODY_TUNNEL, 0, false, false },
		{ "HTTP/1.1 407 No", CL, METHOD_CONNECT, BODY_LENGTH, 7, true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct head h;

		ck_assert(response(&h, rows[i].line, rows[i].fields, rows[i].method, ""));
		ck_assert_msg(h.m.body == rows[i].body && h.m.body_len == rows[i].len, "%zu: %d", i, h.m.body);
		ck_assert_msg(!(h.m.flags & MSG_KEEP_ALIVE) == !rows[i].keep, "%zu", i);
		ck_assert_msg(!(h.m.flags & MSG_HAS_LENGTH) == !rows[i].known, "%zu", i);
		head_fini(&h);
	}
}
END_TEST

#define UP "Connection: Upgrade\r\nUpgrade: "

START_TEST(switching_protocols)
{
	static const struct { const char *line, *fields, *asked, *reason; } rows[] = {
		{ "HTTP/1.1 101 S", UP "websocket\r\nSec-WebSocket-Accept: x\r\n", "websocket", NULL },
		{ "HTTP/1.1 101 S", UP "WebSocket\r\nSec-WebSocket-Accept: x\r\n", "websocket", NULL },
		{ "HTTP/1.1 101 S", UP "h2c\r\n", "h2c", NULL },
		{ "HTTP/1.1 101 S", UP "websocket\r\n", "websocket", "h1-websocket-without-accept" },
		{ "HTTP/1.1 101 S", UP "websocket\r\n", "", "h1-unasked-101" },
		{ "HTTP/1.1 101 S", UP "h2c\r\n", "websocket", "h1-101-other-protocol" },
		{ "HTTP/1.1 101 S", "Upgrade: h2c\r\n", "h2c", "h1-101-other-protocol" },
		{ "HTTP/1.1 101 S", "Connection: upgrade\r\n", "h2c", "h1-101-other-protocol" },
		{ "HTTP/1.0 101 S", UP "h2c\r\n", "h2c", "h1-101-other-protocol" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct head h;
		bool ok = response(&h, rows[i].line, rows[i].fields, METHOD_GET, rows[i].asked);

		ck_assert_msg(ok == !rows[i].reason, "%zu", i);
		if (ok) {
			ck_assert_uint_eq(h.m.body, BODY_TUNNEL);
			ck_assert(h.m.flags & MSG_UPGRADE);
			ck_str(h.m.protocol, rows[i].asked);
		} else {
			ck_assert_str_eq(h.fault.reason, rows[i].reason);
			ck_assert_int_eq(h.fault.status, 502);
		}
		head_fini(&h);
	}
}
END_TEST

#define GET "GET / HTTP/1.1"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define H2C "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: "

START_TEST(upgrades)
{
	static const struct {
		const char *line, *fields;
		const struct framing_opts *o;
		uint32_t flags;
		const char *protocol;
	} rows[] = {
		{ GET, UP "websocket\r\n" KEY, &opts, MSG_UPGRADE | MSG_WEBSOCKET, "websocket" },
		{ GET, UP "foo\r\nUpgrade: WebSocket\r\n" KEY, &opts, MSG_UPGRADE | MSG_WEBSOCKET, "WebSocket" },
		{ GET, UP "foo, websocket\r\n" KEY, &any, MSG_UPGRADE, "foo" },
		{ GET, UP "foo\r\n", &opts, 0, "" },
		{ GET, UP "h2c\r\n", &any, 0, "" },
		{ GET, UP "HTTP/2.0, TLS/1.0, h2\r\n", &any, 0, "" },
		{ GET, UP "foo bar, a/b/c, /1, foo/\r\n", &any, 0, "" },
		{ GET, UP "foo bar, foo/1.2\r\n", &any, MSG_UPGRADE, "foo/1.2" },
		{ GET, "Upgrade: websocket\r\n" KEY, &opts, 0, "" },
		{ "GET / HTTP/1.0", UP "websocket\r\n" KEY, &opts, 0, "" },
		{ GET, H2C "h2c\r\n", &opts, MSG_H2C_ASKED, "" },
		{ GET, H2C "h2c, websocket\r\n" KEY, &opts, MSG_H2C_ASKED | MSG_UPGRADE | MSG_WEBSOCKET, "websocket" },
		{ GET, H2C "websocket, h2c\r\n" KEY, &opts, MSG_UPGRADE | MSG_WEBSOCKET, "websocket" },
		{ "GET / HTTP/1.0", H2C "h2c\r\n", &opts, 0, "" },
		{ GET, UP "h2c\r\nHTTP2-Settings: AAMAAABk\r\n", &opts, 0, "" },
		{ GET, "Connection: HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\nUpgrade: h2c\r\n", &opts, 0, "" },
		{ GET, H2C "h2c\r\nHTTP2-Settings: AAMAAABk\r\n", &opts, 0, "" },
		{ GET, "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAAB\r\nUpgrade: h2c\r\n", &opts,
		  0, "" },
		{ GET, "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: \r\nUpgrade: h2c\r\n", &opts,
		  MSG_H2C_ASKED, "" },
		{ GET, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", &opts, 0, "" },
		{ GET, H2C "h2\r\n", &opts, 0, "" },
	};
	const uint32_t all = MSG_UPGRADE | MSG_WEBSOCKET | MSG_H2C_ASKED;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct head h;

		ck_assert(request(&h, rows[i].line, rows[i].fields, rows[i].o));
		ck_assert_msg((h.m.flags & all) == rows[i].flags, "%zu: %x", i, h.m.flags & all);
		ck_str(h.m.protocol, rows[i].protocol);
		head_fini(&h);
	}
}
END_TEST

START_TEST(websocket_without_key)
{
	struct head h;

	ck_assert(!request(&h, GET, UP "websocket\r\n", &opts));
	ck_assert_int_eq(h.fault.status, 400);
	ck_assert_str_eq(h.fault.reason, "h1-websocket-without-key");
	head_fini(&h);
}
END_TEST

START_TEST(expectations_and_challenges)
{
	struct head h;

	ck_assert(request(&h, POST, CL "Expect: 100-Continue\r\n", &opts) && h.m.flags & MSG_EXPECT_100);
	head_fini(&h);
	ck_assert(request(&h, POST10, CL "Expect: 100-continue\r\n", &opts) && !(h.m.flags & MSG_EXPECT_100));
	head_fini(&h);
	ck_assert(response(&h, "HTTP/1.1 401 N", CL "WWW-Authenticate: Basic\r\nWWW-Authenticate: ntlm x\r\n",
			   METHOD_GET, "") && h.m.flags & MSG_NTLM);
	head_fini(&h);
	ck_assert(response(&h, "HTTP/1.1 407 N", CL "Proxy-Authenticate: Negotiate\r\n", METHOD_GET, "") &&
		  h.m.flags & MSG_NTLM);
	head_fini(&h);
	ck_assert(response(&h, "HTTP/1.1 401 N", CL "WWW-Authenticate: Basic\r\n", METHOD_GET, "") &&
		  !(h.m.flags & MSG_NTLM));
	head_fini(&h);
}
END_TEST

START_TEST(reframing)
{
	struct head h;

	ck_assert(response(&h, "HTTP/1.1 200 OK", "A: b\r\n" TE, METHOD_GET, ""));
	framing_set_length(&h.m, 12);
	ck_assert_str_eq(head_fields(&h.m), "a: b|content-length: 12");
	ck_assert(h.m.body == BODY_LENGTH && h.m.body_len == 12);
	framing_set_length(&h.m, 0);
	ck_assert_str_eq(head_fields(&h.m), "a: b|content-length: 0");
	ck_assert(h.m.body == BODY_NONE);
	framing_set_chunked(&h.m);
	ck_assert_str_eq(head_fields(&h.m), "a: b|transfer-encoding: chunked");
	ck_assert(h.m.body == BODY_CHUNKED && !(h.m.flags & MSG_HAS_LENGTH));
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
}
END_TEST

#define LONG_NAME "X-abcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefghabcdefgh"

START_TEST(hops)
{
	static const struct { const char *fields, *left; } rows[] = {
		{ "Connection: close, X-A ,\"x\"\r\nX-A: 1\r\nx-a: 2\r\nX-B: 3\r\n", "x-b: 3" },
		{ "Connection: Host, Content-Length, Cookie, Connection, X-Forwarded-For, TE\r\nCookie: a=b\r\n"
		  "X-Forwarded-For: c\r\n", "cookie: a=b|x-forwarded-for: c" },
		{ "Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nA: b\r\n",
		  "a: b" },
		{ "Connection: " LONG_NAME "\r\n" LONG_NAME ": 1\r\nB: 2\r\n", "b: 2" },
		{ "TE: trailers\r\nConnection: TE\r\n", "te: trailers" },
		{ "TE: gzip, Trailers\r\nTE: deflate\r\n", "te: trailers" },
		{ "TE: gzip\r\nTE: trailers\r\n", "te: trailers" },
		{ "TE: trailers;q=0.5\r\n", "" },
		{ "TE: gzip;q=0.5, deflate\r\n", "" },
		{ "Connection: Sec-WebSocket-Key, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n",
		  "sec-websocket-key: k" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct head h;
		char left[256];

		ck_assert(request(&h, GET, rows[i].fields, &opts));
		hop_request(&h.m);
		snprintf(left, sizeof(left), "host: a%s%s", rows[i].left[0] ? "|" : "", rows[i].left);
		ck_assert_str_eq(head_fields(&h.m), left);
		ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
		head_fini(&h);
	}
}
END_TEST

START_TEST(response_hops)
{
	struct head h;

	ck_assert(response(&h, "HTTP/1.1 200 OK", CL "Connection: X-A\r\nX-A: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\n"
			   "Upgrade: h2c\r\nSet-Cookie: a\r\n", METHOD_GET, ""));
	hop_response(&h.m);
	ck_assert_str_eq(head_fields(&h.m), "content-length: 7|set-cookie: a");
	head_fini(&h);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("framing");

	UNIT_TEST(s, request_bodies);
	UNIT_TEST(s, request_defects);
	UNIT_TEST(s, bodies_of_old_gets);
	UNIT_TEST(s, response_defects);
	UNIT_TEST(s, response_bodies);
	UNIT_TEST(s, switching_protocols);
	UNIT_TEST(s, upgrades);
	UNIT_TEST(s, websocket_without_key);
	UNIT_TEST(s, expectations_and_challenges);
	UNIT_TEST(s, reframing);
	UNIT_TEST(s, hops);
	UNIT_TEST(s, response_hops);
	return unit_run(s);
}
