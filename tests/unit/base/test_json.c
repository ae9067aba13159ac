#include "tests/unit/unit.h"

#include <stdio.h>
#include "weir/base/json.h"
#include "weir/base/obj.h"

static char mem[256];

/* Escapes in a mode; want NULL: must fail. What is expected here is what HAProxy's json() gives. */
static void escapes(struct str in, enum json_mode mode, const char *want)
{
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	bool ok = json_escape(&b, in, mode);

	ck_assert_msg(ok == (want != NULL), STR_FMT " %d", STR_ARG(in), mode);
	ck_assert_msg(!want || str_eqz(sbuf_str(&b), want), STR_FMT, STR_ARG(sbuf_str(&b)));
}

START_TEST(escapes_by_mode)
{
	struct str long_a = STR("A\xc0\x80"
				"B"),
		   bad = STR("A\xe2\x82"
			     "B"),
		   high = STR("A\xf0\x9f\x98\x80"
			      "B");

	escapes(STR("a/b\"c\\"), JSON_ASCII, "a\\/b\\\"c\\\\");
	escapes(STR("\n\r\t\b\f\v\x7f\0~ "), JSON_ASCII, "\\n\\r\\t\\b\\f\\u000b\\u007f\\u0000~ ");
	escapes(STR("\xc3\xa9"), JSON_ASCII, "\\u00c3\\u00a9");
	escapes(STR("\xc3\xa9"), JSON_UTF8, "\\u00e9");
	escapes(long_a, JSON_UTF8, NULL);
	escapes(long_a, JSON_UTF8S, "AB");
	escapes(long_a, JSON_UTF8P, "A\\u0000B");
	escapes(long_a, JSON_UTF8PS, "A\\u0000B");
	escapes(bad, JSON_UTF8, NULL);
	escapes(bad, JSON_UTF8S, "AB");
	escapes(bad, JSON_UTF8P, NULL);
	escapes(bad, JSON_UTF8PS, "AB");
	escapes(high, JSON_UTF8, NULL);
	escapes(high, JSON_UTF8PS, "AB");
	escapes(STR("\xef\xbf\xbe"), JSON_UTF8, NULL);
	escapes(STR("\xef\xbf\xbd"), JSON_UTF8, "\\ufffd");
	escapes(STR_NONE, JSON_UTF8, "");
}
END_TEST

START_TEST(mode_names)
{
	enum json_mode m;

	ck_assert(json_mode_parse(STR("utf8ps"), &m) && m == JSON_UTF8PS);
	ck_assert(json_mode_parse(STR("ascii"), &m) && m == JSON_ASCII);
	ck_assert(!json_mode_parse(STR("utf"), &m) && !json_mode_parse(STR(""), &m));
}
END_TEST

START_TEST(quotes)
{
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	ck_assert(json_quote(&b, STR("a/\"\n\x01\xc3\xa9\xff\xf0\x9f\x98\x80")));
	ck_assert(
		str_eqz(sbuf_str(&b), "\"a/\\\"\\n\\u0001\xc3\xa9\xef\xbf\xbd\xf0\x9f\x98\x80\""));
	b = sbuf_fixed(mem, 3);
	ck_assert(!json_quote(&b, STR("ab")));
}
END_TEST

static const char doc[] =
	" {\"a\":{\"b\":[1, -2.5e+3,\"x\\\"y\" , [], {}]},\"t\":true,\"n\":null,\"e\":{},"
	"\"my.key\":\"v\",\"d\":1,\"d\":2,\"open\":[1,";

static void finds(const char *path, enum json_type type, const char *want)
{
	struct str v = STR_NONE;
	enum json_type got = json_find(str_c(doc), str_c(path), &v);

	ck_assert_msg(got == type, "%s: %d", path, got);
	ck_assert_msg(!want || str_eqz(v, want), "%s: " STR_FMT, path, STR_ARG(v));
}

START_TEST(finds_values)
{
	finds("$.a.b[0]", JSON_NUMBER, "1");
	finds("$.a.b[1]", JSON_NUMBER, "-2.5e+3");
	finds("$.a.b[2]", JSON_STRING, "x\\\"y");
	finds("$.a.b[3]", JSON_ARRAY, "[]");
	finds("$.a.b[4]", JSON_OBJECT, "{}");
	finds("$.a.b", JSON_ARRAY, "[1, -2.5e+3,\"x\\\"y\" , [], {}]");
	finds("$.t", JSON_BOOL, "true");
	finds("$.n", JSON_NULL, "null");
	finds("$.my\\.key", JSON_STRING, "v");
	finds("$.d", JSON_NUMBER, "1");
}
END_TEST

START_TEST(finds_nothing)
{
	static const char *const paths[] = {
		"",         "a",      "$",           "$.",      "$.a.",
		"$.a.b[5]", "$.a.b[", "$.a.b[x]",    "$.a.b[0", "$.a.b[9999999999]",
		"$.my.key", "$.zz",   "$.open",      "$[0]",    "$.a.b.c",
		"$.e.x",    "$..a",   "$.a.b[3][0]", "$a",
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		finds(paths[i], JSON_NONE, NULL);
}
END_TEST

START_TEST(bad_documents)
{
	static const char *const docs[] = {
		"",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":}",
		"{\"a\":1 \"b\":2}",
		"{\"x\":tru,\"b\":1}",
		"{x:1}",
		"{\"x\":1.}",
		"{\"x\":1e}",
		"{\"x\":-}",
		"{\"x\":\"\n\",\"b\":2}",
		"{\"x\":\"\\",
		"[1",
		"{\"x\":[1,],\"b\":2}",
	};
	struct str v;

	for (size_t i = 0; i < ARRAY_LEN(docs); i++) {
		ck_assert_msg(json_find(str_c(docs[i]), STR("$.b"), &v) == JSON_NONE, "%s",
			      docs[i]);
		ck_assert_msg(json_find(str_c(docs[i]), STR("$"), &v) == JSON_NONE, "%s", docs[i]);
	}
}
END_TEST

START_TEST(depth_is_bounded)
{
	static char deep[100000];
	struct str v;

	memset(deep, '[', sizeof(deep));
	ck_assert_int_eq(json_find(str_make(deep, sizeof(deep)), STR("$"), &v), JSON_NONE);
	memset(deep, '[', 32);
	memset(deep + 32, ']', 32);
	ck_assert_int_eq(json_find(str_make(deep, 64), STR("$"), &v), JSON_ARRAY);
	ck_assert_uint_eq(v.n, 64);
}
END_TEST

static bool unescapes(const char *in, const char *want)
{
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	return json_unescape(&b, str_c(in)) && str_eqz(sbuf_str(&b), want);
}

START_TEST(unescape)
{
	ck_assert(unescapes("plain", "plain"));
	ck_assert(unescapes("a\\n\\\"\\\\\\/\\t\\b\\f\\r", "a\n\"\\/\t\b\f\r"));
	ck_assert(unescapes("\\u0041\\u00e9\\u20ac\\ud83d\\ude00",
			    "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
	ck_assert(!unescapes("\\", "") && !unescapes("\\x", "") && !unescapes("\\u12", "") &&
		  !unescapes("\\uzzzz", ""));
	ck_assert(!unescapes("\\ud83d", "") && !unescapes("\\ude00", "") &&
		  !unescapes("\\ud83d\\u0041", ""));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("json");

	UNIT_TEST(s, escapes_by_mode);
	UNIT_TEST(s, mode_names);
	UNIT_TEST(s, quotes);
	UNIT_TEST(s, finds_values);
	UNIT_TEST(s, finds_nothing);
	UNIT_TEST(s, bad_documents);
	UNIT_TEST(s, depth_is_bounded);
	UNIT_TEST(s, unescape);
	return unit_run(s);
}
