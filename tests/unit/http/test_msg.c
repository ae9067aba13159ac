#include "http_unit.h"

#include "weir/base/obj.h"
#include "weir/http/chars.h"
#include "weir/http/h1_write.h"

START_TEST(names)
{
	for (enum field_id id = FIELD_HOST; id < FIELD_ID_COUNT; id++)
		ck_assert_msg(field_id(field_name(id)) == id, STR_FMT, STR_ARG(field_name(id)));
	ck_assert_int_eq(field_id(STR("")), FIELD_OTHER);
	ck_assert_int_eq(field_id(STR("hosu")), FIELD_OTHER);
	ck_assert_int_eq(field_id(STR("x")), FIELD_OTHER);
	for (enum method m = METHOD_GET; m <= METHOD_PATCH; m++)
		ck_assert_int_eq(method_find(method_name(m)), m);
	ck_assert_int_eq(method_find(STR("get")), METHOD_OTHER);
	ck_assert_int_eq(method_find(STR("")), METHOD_OTHER);
	ck_str(status_reason(200), "OK");
	ck_str(status_reason(100), "Continue");
	ck_str(status_reason(520), "Web server is returning an unknown error");
	ck_str(status_reason(299), "Success");
	ck_str(status_reason(599), "Server Error");
	ck_str(status_reason(700), "Other");
}
END_TEST

START_TEST(fields)
{
	struct head h;

	head_read(&h, false, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\nCookie: c\r\n\r\n");
	ck_assert_int_eq(msg_find(&h.m, STR("x"), 0), 1);
	ck_assert_int_eq(msg_find(&h.m, STR("x"), 2), 2);
	ck_assert_int_eq(msg_find(&h.m, STR("x"), 3), -1);
	ck_assert_int_eq(msg_find(&h.m, STR("cookie"), 0), 3);
	ck_assert_int_eq(msg_find_id(&h.m, FIELD_COOKIE, 0), 3);
	ck_assert_int_eq(msg_find(&h.m, STR("nope"), 0), -1);
	ck_assert_int_eq(msg_del(&h.m, STR("x")), 2);
	ck_assert_int_eq(msg_del(&h.m, STR("x")), 0);
	msg_del_at(&h.m, 1);
	ck_assert_uint_eq(h.m.live, 2);
	msg_add(&h.m, STR("y"), STR("3"));
	msg_add_copy(&h.m, STR("x-forwarded-for"), STR("1.2.3.4"));
	msg_set_value(&h.m, 3, STR("longer"));
	ck_assert_str_eq(head_fields(&h.m), "host: a|cookie: longer|y: 3|x-forwarded-for: 1.2.3.4");
	ck_assert_uint_eq(h.m.f[h.m.nf - 1].id, FIELD_X_FORWARDED_FOR);
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
}
END_TEST

/* What a codec has checked is copied, but for names that the product knows. */
START_TEST(fields_of_a_codec)
{
	struct head h;
	char name[] = "x-own", value[] = "v";

	head_read(&h, false, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	msg_add_read(&h.m, FIELD_OTHER, STR(name), STR(value));
	msg_add_read(&h.m, FIELD_ACCEPT, STR("accept"), STR(value));
	memset(name, 'z', sizeof(name) - 1);
	value[0] = 'z';
	ck_assert_str_eq(head_fields(&h.m), "host: a|x-own: v|accept: v");
	ck_assert_ptr_eq(h.m.f[2].name, field_name(FIELD_ACCEPT).p);
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
}
END_TEST

START_TEST(values_by_blocks)
{
	char text[40];

	for (size_t n = 0; n <= sizeof(text); n++) {
		memset(text, 'a', sizeof(text));
		ck_assert(http_value_ok(str_make(text, n)));
		for (size_t i = 0; i < n; i++) {
			text[i] = '\r';
			ck_assert(!http_value_ok(str_make(text, n)));
			text[i] = (char)0x7f;
			ck_assert(!http_value_ok(str_make(text, n)));
			for (int c = 0; c < 256; c++) {
				text[i] = (char)c;
				ck_assert(http_value_ok(str_make(text, n)) == !!http_is((unsigned char)c, CH_VALUE));
			}
			text[i] = i % 2 ? '\t' : (char)0xe4;
			ck_assert(http_value_ok(str_make(text, n)));
		}
	}
}
END_TEST

START_TEST(many_fields)
{
	struct head h;

	head_read(&h, true, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 70000; i++)
		msg_add(&h.m, STR("a"), STR("b"));
	ck_assert_uint_eq(h.m.nf, 65535);
	ck_assert_uint_eq(h.m.live, 65535);
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
}
END_TEST

START_TEST(no_injection)
{
	struct head h;

	head_read(&h, false, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	msg_add(&h.m, STR("x"), str_make("a\r\nEvil: b\0c", 12));
	msg_set_value(&h.m, 0, STR("h\nx"));
	ck_assert_str_eq(head_fields(&h.m), "host: h x|x: a  Evil: b c");
	msg_set_pathq(&h.m, STR("/a b\r\n\x7f\xc3?c d"));
	ck_str(h.m.path, "/a%20b%0D%0A%7F\xc3?c%20d");
	msg_set_pathq(&h.m, STR("no/root"));
	ck_str(h.m.path, "/no/root");
	msg_set_status(&h.m, 200, STR("a\r\nb"));
	ck_str(h.m.reason, "a  b");
	head_fini(&h);
}
END_TEST

START_TEST(by_key)
{
	struct field_key host = field_key(STR("host")), a = field_key(STR("x-part-a")), b = field_key(STR("x-part-b")),
		none = field_key(STR(""));
	struct str plain = STR("plain");
	struct arena mem;
	struct msg m;

	arena_init(&mem, 4096);
	msg_init(&m, false, &mem);
	msg_count_bytes(&m);
	ck_assert_int_eq(msg_find_key(&m, &a, 0), -1);
	msg_add_clean(&m, &host, STR("h"));
	ck_assert_int_eq(msg_find_key(&m, &a, 0), -1);
	msg_add_clean(&m, &a, STR("1"));
	msg_add_clean(&m, &b, STR("2"));
	msg_add_clean(&m, &a, STR("3"));
	ck_assert_uint_eq(m.bytes, msg_measure(&m));
	ck_assert_int_eq(host.id, FIELD_HOST);
	ck_assert_int_eq(m.f[0].id, FIELD_HOST);
	ck_assert_int_eq(msg_find_key(&m, &host, 0), 0);
	ck_assert_int_eq(msg_find_key(&m, &a, 0), 1);
	ck_assert_int_eq(msg_find_key(&m, &a, 2), 3);
	ck_assert_int_eq(msg_find_key(&m, &b, 0), 2);
	ck_assert_int_eq(msg_find_key(&m, &none, 0), -1);
	ck_assert_int_eq(msg_del_key(&m, &a), 2);
	ck_assert_int_eq(msg_find_key(&m, &a, 0), -1);
	ck_assert_int_eq(msg_find_key(&m, &b, 0), 2);
	ck_assert_int_eq(msg_del_key(&m, &none), 0);
	ck_assert_uint_eq(m.live, 2);
	ck_assert_uint_eq(m.bytes, msg_measure(&m));
	ck_assert_ptr_eq(msg_clean_value(&mem, plain).p, plain.p);
	ck_assert(str_eq(msg_clean_value(&mem, STR("a\r\nb")), STR("a  b")));
	arena_fini(&mem);
}
END_TEST

START_TEST(tokens)
{
	struct head h;
	struct field_iter it = { 0 };
	struct str t;

	head_read(&h, false, "GET / HTTP/1.1\r\nConnection: a, ,\"b,c\\\"\" , d\r\nX: y\r\nConnection:\r\n"
			     "Connection: e,\"f,g\r\n\r\n");
	ck_assert(msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_str(t, "a");
	ck_assert(msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_str(t, "\"b,c\\\"\"");
	ck_assert(msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_str(t, "d");
	ck_assert(msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_str(t, "e");
	ck_assert(msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_str(t, "\"f,g");
	ck_assert(!msg_next_token(&h.m, FIELD_CONNECTION, &it, &t));
	ck_assert(msg_has_token(&h.m, FIELD_CONNECTION, STR("D")));
	ck_assert(!msg_has_token(&h.m, FIELD_CONNECTION, STR("b")));
	ck_assert(!msg_has_token(&h.m, FIELD_UPGRADE, STR("b")));
	head_fini(&h);
}
END_TEST

START_TEST(start_lines)
{
	struct head h;

	head_read(&h, false, "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n");
	msg_set_method(&h.m, STR("POST"));
	ck_assert_uint_eq(h.m.method, METHOD_POST);
	msg_set_method(&h.m, STR("LOCK"));
	ck_assert_uint_eq(h.m.method, METHOD_OTHER);
	ck_str(h.m.method_text, "LOCK");
	ck_assert(msg_set_uri(&h.m, STR("http://b:81/x y")));
	ck_assert_uint_eq(h.m.form, TARGET_ABSOLUTE);
	ck_str(msg_target(&h.m), "http://b:81/x%20y");
	ck_assert_str_eq(head_fields(&h.m), "host: b:81");
	msg_set_value(&h.m, 0, STR("c"));
	ck_str(msg_target(&h.m), "http://c/x%20y");
	ck_str(msg_host(&h.m), "c");
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	ck_assert(!msg_set_uri(&h.m, STR("nonsense")) && !msg_set_uri(&h.m, STR("")));
	ck_assert(msg_set_uri(&h.m, STR("/only/path")));
	ck_assert_uint_eq(h.m.form, TARGET_ORIGIN);
	ck_assert_uint_eq(h.m.authority.n, 0);
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
	head_read(&h, true, "HTTP/1.1 200 OK\r\n\r\n");
	msg_set_status(&h.m, 404, STR_NONE);
	ck_str(h.m.reason, "Not Found");
	msg_set_status(&h.m, 299, STR("Fine"));
	ck_str(h.m.reason, "Fine");
	ck_assert_uint_eq(h.m.bytes, msg_measure(&h.m));
	head_fini(&h);
}
END_TEST

static const char *written(const struct msg *m, const struct h1_out *o)
{
	static char out[4096];
	struct sbuf b = sbuf_fixed(out, sizeof(out));

	ck_assert(h1_write_head(&b, m, o));
	ck_assert_uint_le(b.n, h1_head_max(m, o));
	return sbuf_z(&b);
}

START_TEST(writes_requests)
{
	struct head h;

	head_read(&h, false, "POST http://a/b HTTP/1.0\nHost: a\nConnection: x\nContent-Length: 3\nTE: trailers\n"
			     "Upgrade: q\nTransfer-Encoding: chunked\nX: y\nKeep-Alive: z\nHTTP2-Settings: s\n"
			     "Proxy-Connection: p\nContent-Length: 3\n\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1 }),
			 "POST http://a/b HTTP/1.1\r\nhost: a\r\nx: y\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .framing = H1_FRAME_LENGTH, .length = 12 }),
			 "POST http://a/b HTTP/1.1\r\nhost: a\r\ncontent-length: 12\r\nx: y\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .framing = H1_FRAME_CHUNKED, .conn = H1_CONN_CLOSE,
							 .te_trailers = true }),
			 "POST http://a/b HTTP/1.0\r\nhost: a\r\nx: y\r\ntransfer-encoding: chunked\r\n"
			 "te: trailers\r\nconnection: close, TE\r\n\r\n");
	h.m.major = 2;
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .upgrade = STR("websocket") }),
			 "POST /b HTTP/1.1\r\nhost: a\r\nx: y\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
	h.m.flags |= MSG_TARGET_CHANGED;
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .upgrade = STR("h2c"),
							 .http2_settings = STR("AAMAAABk") }),
			 "POST http://a/b HTTP/1.1\r\nhost: a\r\nx: y\r\nconnection: upgrade, HTTP2-Settings\r\n"
			 "upgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n\r\n");
	head_fini(&h);
	head_read(&h, false, "CONNECT a:1 HTTP/1.1\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1 }), "CONNECT a:1 HTTP/1.1\r\n\r\n");
	head_fini(&h);
	head_read(&h, false, "OPTIONS * HTTP/1.1\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1 }), "OPTIONS * HTTP/1.1\r\n\r\n");
	head_fini(&h);
}
END_TEST

static struct str capital(const struct h1_case *self, struct str lower)
{
	return str_eq(lower, STR("content-length")) ? STR("Content-Length") : lower;
}

START_TEST(writes_responses)
{
	static const struct h1_case adjust = { capital };
	struct head h;
	char small[10];
	struct sbuf b = sbuf_fixed(small, sizeof(small));

	head_read(&h, true, "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 5\r\nC: d\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .framing = H1_FRAME_AS_IS,
							 .conn = H1_CONN_KEEP_ALIVE }),
			 "HTTP/1.1 200 Fine\r\na: b\r\ncontent-length: 5\r\nc: d\r\nconnection: keep-alive\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .framing = H1_FRAME_LENGTH, .length = UINT64_MAX,
							 .adjust = &adjust }),
			 "HTTP/1.0 200 Fine\r\na: b\r\nContent-Length: 18446744073709551615\r\nc: d\r\n\r\n");
	ck_assert(!h1_write_head(&b, &h.m, &(struct h1_out){ 0 }) && b.n == 0);
	msg_del_id(&h.m, FIELD_CONTENT_LENGTH);
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .framing = H1_FRAME_LENGTH }),
			 "HTTP/1.1 200 Fine\r\na: b\r\nc: d\r\ncontent-length: 0\r\n\r\n");
	ck_assert_str_eq(written(&h.m, &(struct h1_out){ .minor = 1, .framing = H1_FRAME_AS_IS }),
			 "HTTP/1.1 200 Fine\r\na: b\r\nc: d\r\n\r\n");
	head_fini(&h);
}
END_TEST

START_TEST(writes_pieces)
{
	char line[H1_CHUNK_LINE_MAX], out[256];
	struct sbuf b = sbuf_fixed(out, sizeof(out));
	struct head h;

	ck_str(str_make(line, h1_chunk_line(line, 0)), "0\r\n");
	ck_str(str_make(line, h1_chunk_line(line, 0x1a2b)), "1a2b\r\n");
	ck_str(str_make(line, h1_chunk_line(line, UINT64_MAX)), "ffffffffffffffff\r\n");
	ck_assert(h1_write_status(&b, 1, 100, STR("Continue")));
	ck_str(sbuf_str(&b), "HTTP/1.1 100 Continue\r\n\r\n");
	head_read(&h, false, "GET / HTTP/1.1\r\nX-Sum: 1\r\nContent-Length: 3\r\nETag: x\r\n\r\n");
	sbuf_clear(&b);
	ck_assert(h1_write_trailers(&b, h.m.f, h.m.nf, NULL));
	ck_str(sbuf_str(&b), "0\r\nx-sum: 1\r\netag: x\r\n\r\n");
	sbuf_clear(&b);
	ck_assert(h1_write_trailers(&b, NULL, 0, NULL));
	ck_str(sbuf_str(&b), "0\r\n\r\n");
	head_fini(&h);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("messages");

	UNIT_TEST(s, names);
	UNIT_TEST(s, fields);
	UNIT_TEST(s, fields_of_a_codec);
	UNIT_TEST(s, values_by_blocks);
	UNIT_TEST(s, many_fields);
	UNIT_TEST(s, no_injection);
	UNIT_TEST(s, by_key);
	UNIT_TEST(s, tokens);
	UNIT_TEST(s, start_lines);
	UNIT_TEST(s, writes_requests);
	UNIT_TEST(s, writes_responses);
	UNIT_TEST(s, writes_pieces);
	return unit_run(s);
}
