#include "http_unit.h"

#include <stdio.h>
#include "weir/base/obj.h"
#include "weir/http/uri.h"

enum what { FRAG_ENC, FRAG_STRIP, SLASHES, DOT, DOTDOT, DOTDOT_FULL, DECODE, DECODE_STRICT, UPPER, UPPER_STRICT, SORT };

static enum uri_result run(enum what w, struct str s, struct sbuf *out)
{
	switch (w) {
	case FRAG_ENC: return uri_fragment_encode(s, out);
	case FRAG_STRIP: return uri_fragment_strip(s, out);
	case SLASHES: return uri_path_merge_slashes(s, out);
	case DOT: return uri_path_strip_dot(s, out);
	case DOTDOT: return uri_path_strip_dotdot(s, false, out);
	case DOTDOT_FULL: return uri_path_strip_dotdot(s, true, out);
	case DECODE: return uri_percent_decode_unreserved(s, false, out);
	case DECODE_STRICT: return uri_percent_decode_unreserved(s, true, out);
	case UPPER: return uri_percent_to_uppercase(s, false, out);
	case UPPER_STRICT: return uri_percent_to_uppercase(s, true, out);
	default: return uri_query_sort_by_name(s, out);
	}
}

/* All as HAProxy 2.6 answers; NULL: 400. */
static const struct { enum what w; const char *in, *out; } rows[] = {
	{ FRAG_ENC, "/#", "/%23" }, { FRAG_ENC, "/#foo", "/%23foo" },
	{ FRAG_ENC, "/?a#b?c#d", "/?a%23b?c%23d" }, { FRAG_ENC, "/a#b#c", "/a%23b%23c" },
	{ FRAG_STRIP, "/#", "/" }, { FRAG_STRIP, "/#foo", "/" },
	{ FRAG_STRIP, "/?a#b?c#d", "/?a" }, { FRAG_STRIP, "/a#b#c", "/a" },
	{ FRAG_STRIP, "/a?b#c", "/a?b" }, { SLASHES, "/", "/" }, { SLASHES, "//", "/" },
	{ SLASHES, "///a//b", "/a/b" }, { SLASHES, "//x//y", "/x/y" },
	{ SLASHES, "/a///", "/a/" }, { SLASHES, "/a//", "/a/" }, { SLASHES, "/a/b", "/a/b" },
	{ DOT, "/", "/" }, { DOT, "/.", "/" }, { DOT, "/..", "/.." }, { DOT, "/./", "/" },
	{ DOT, "/./.", "/" }, { DOT, "/./", "/" }, { DOT, "/./bar/", "/bar/" },
	{ DOT, "/.a", "/.a" }, { DOT, "/.well-known/", "/.well-known/" }, { DOT, "//./", "//" },
	{ DOT, "/a./b", "/a./b" }, { DOT, "/a/.", "/a/" }, { DOT, "/a/././", "/a/" },
	{ DOT, "/a/./a", "/a/a" }, { DOT, "/a/./b/./", "/a/b/" }, { DOT, "/a/.", "/a/" },
	{ DOTDOT_FULL, "/", "/" }, { DOTDOT_FULL, "/.", "/." }, { DOTDOT_FULL, "/..", "/" },
	{ DOTDOT_FULL, "/...", "/..." }, { DOTDOT_FULL, "/../", "/" },
	{ DOTDOT_FULL, "/../..", "/" }, { DOTDOT_FULL, "/../../a/..", "/" },
	{ DOTDOT_FULL, "/../a/../..", "/" }, { DOTDOT_FULL, "/../bar/", "/bar/" },
	{ DOTDOT_FULL, "/..", "/" }, { DOTDOT_FULL, "/..a/", "/..a/" },
	{ DOTDOT_FULL, "//..", "/" }, { DOTDOT_FULL, "/a/../../b", "/b" },
	{ DOTDOT_FULL, "/a//..", "/a/" }, { DOTDOT_FULL, "/a/b/c/../..", "/a/" },
	{ DOTDOT_FULL, "/bar/../../", "/" }, { DOTDOT_FULL, "/foo/..", "/" },
	{ DOTDOT_FULL, "/foo/../", "/" }, { DOTDOT_FULL, "/foo/../..", "/" },
	{ DOTDOT_FULL, "/foo/../bar/", "/bar/" }, { DOTDOT_FULL, "/foo//../", "/foo/" },
	{ DOTDOT_FULL, "/foo/bar/../", "/foo/" }, { DOTDOT, "/", "/" }, { DOTDOT, "/.", "/." },
	{ DOTDOT, "/..", "/../" }, { DOTDOT, "/...", "/..." }, { DOTDOT, "/../", "/../" },
	{ DOTDOT, "/../..", "/../../" }, { DOTDOT, "/../../a/..", "/../../" },
	{ DOTDOT, "/../a/../..", "/../../" }, { DOTDOT, "/../bar/", "/../bar/" },
	{ DOTDOT, "/..a/", "/..a/" }, { DOTDOT, "//..", "/" }, { DOTDOT, "//../", "/" },
	{ DOTDOT, "/a../", "/a../" }, { DOTDOT, "/a/...", "/a/..." },
	{ DOTDOT, "/a/../../b", "/../b" }, { DOTDOT, "/a/./..", "/a/" },
	{ DOTDOT, "/a//..", "/a/" }, { DOTDOT, "/a/b/..", "/a/" },
	{ DOTDOT, "/a/b/../c", "/a/c" }, { DOTDOT, "/a/b/c/../..", "/a/" },
	{ DOTDOT, "/bar/../../", "/../" }, { DOTDOT, "/foo/%2E%2E/", "/foo/%2E%2E/" },
	{ DOTDOT, "/foo/..", "/" }, { DOTDOT, "/foo/../", "/" }, { DOTDOT, "/foo/../..", "/../" },
	{ DOTDOT, "/foo/../bar/", "/bar/" }, { DOTDOT, "/foo/..", "/" },
	{ DOTDOT, "/foo//../", "/foo/" }, { DOTDOT, "/foo/bar/../", "/foo/" },
	{ DECODE_STRICT, "/%", NULL }, { DECODE_STRICT, "/%%36%36", NULL },
	{ DECODE_STRICT, "/%61%", NULL }, { DECODE_STRICT, "/%61dmin", "/admin" },
	{ DECODE_STRICT, "/%7e%2D%5f", "/~-_" }, { DECODE_STRICT, "/%ZZ", NULL },
	{ DECODE_STRICT, "/%c3%A9", "/%c3%A9" }, { DECODE_STRICT, "/?%61=%62&%20", "/?a=b&%20" },
	{ DECODE_STRICT, "/a%4", NULL }, { DECODE_STRICT, "/a%zz%61", NULL },
	{ DECODE_STRICT, "/foo%3Fbar=baz", "/foo%3Fbar=baz" }, { DECODE, "/%", "/%" },
	{ DECODE, "/%%36%36", "/%66" }, { DECODE, "/%61%", "/a%" },
	{ DECODE, "/%61dmin", "/admin" }, { DECODE, "/%7e%2D%5f", "/~-_" },
	{ DECODE, "/%ZZ", "/%ZZ" }, { DECODE, "/%c3%A9", "/%c3%A9" },
	{ DECODE, "/?%61=%62&%20", "/?a=b&%20" }, { DECODE, "/a%4", "/a%4" },
	{ DECODE, "/a%zz%61", "/a%zza" }, { DECODE, "/foo%3Fbar=baz", "/foo%3Fbar=baz" },
	{ UPPER_STRICT, "/%", NULL }, { UPPER_STRICT, "/%%6f", NULL },
	{ UPPER_STRICT, "/%4", NULL }, { UPPER_STRICT, "/%6F", "/%6F" },
	{ UPPER_STRICT, "/%6f%2f", "/%6F%2F" }, { UPPER_STRICT, "/%6f%zz%6f", NULL },
	{ UPPER_STRICT, "/%aA%Bb", "/%AA%BB" }, { UPPER_STRICT, "/%zz", NULL },
	{ UPPER_STRICT, "/?%6f", "/?%6F" }, { UPPER, "/%", "/%" }, { UPPER, "/%%6f", "/%%6F" },
	{ UPPER, "/%4", "/%4" }, { UPPER, "/%6F", "/%6F" }, { UPPER, "/%6f%2f", "/%6F%2F" },
	{ UPPER, "/%6f%zz%6f", "/%6F%zz%6F" }, { UPPER, "/%aA%Bb", "/%AA%BB" },
	{ UPPER, "/%zz", "/%zz" }, { UPPER, "/?%6f", "/?%6F" }, { SORT, "", "" },
	{ SORT, "&&b&a", "&&a&b" }, { SORT, "=1&a&", "=1&a" },
	{ SORT, "a%3db=1&a=2&A=3", "A=3&a=2&a%3db=1" }, { SORT, "a-b=1&a=2", "a=2&a-b=1" },
	{ SORT, "a=1&b=2", "a=1&b=2" }, { SORT, "a=2&a=1", "a=2&a=1" },
	{ SORT, "aaa=3&a=1&aa=2", "a=1&aa=2&aaa=3" }, { SORT, "ab=1&a=2&a", "a=2&a&ab=1" },
	{ SORT, "b&a", "a&b" }, { SORT, "c=3&b=2&a=1", "a=1&b=2&c=3" },
	{ SORT, "z=1&y#f", "y#f&z=1" },
	{ DOT, "*", "*" }, { DOTDOT, "*", "*" }, { SLASHES, "*", "*" }, { DOTDOT, "", "" }, { DOT, "", "" },
	{ SLASHES, "", "" }, { FRAG_STRIP, "", "" }, { UPPER, "", "" },
};

START_TEST(normalisers)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char mem[128] = "x", small[2];
		struct sbuf out = sbuf_fixed(mem, sizeof(mem)), tiny = sbuf_fixed(small, 1);
		struct str in = str_c(rows[i].in);
		enum uri_result r;

		out.n = 1;
		r = run(rows[i].w, in, &out);
		if (!rows[i].out) {
			ck_assert_msg(r == URI_INVALID, "%s", rows[i].in);
		} else if (strcmp(rows[i].in, rows[i].out) == 0) {
			ck_assert_msg(r == URI_SAME && out.n == 1, "%s: %d %s", rows[i].in, r, sbuf_z(&out));
		} else {
			ck_assert_msg(r == URI_CHANGED, "%s: %d", rows[i].in, r);
			ck_assert_str_eq(sbuf_z(&out) + 1, rows[i].out);
			r = run(rows[i].w, in, &tiny);
			ck_assert(r == URI_NO_ROOM || (r == URI_CHANGED && strlen(rows[i].out) <= 1));
		}
	}
}
END_TEST

START_TEST(many_parameters)
{
	char text[4000] = "", want[4000] = "", mem[4000];
	struct sbuf out = sbuf_fixed(mem, sizeof(mem));
	int n = 0, m = 0;

	for (int i = 0; i < 500; i++) {
		n += snprintf(text + n, sizeof(text) - n, "%s%03d=%d", i ? "&" : "", 499 - i, i % 10);
		m += snprintf(want + m, sizeof(want) - m, "%s%03d=%d", i ? "&" : "", i, (499 - i) % 10);
	}
	ck_assert_int_eq(uri_query_sort_by_name(str_c(text), &out), URI_CHANGED);
	ck_str(sbuf_str(&out), want);
}
END_TEST

START_TEST(authorities)
{
	static const struct { const char *text; bool ok; const char *user, *host, *port; } list[] = {
		{ "a", true, "", "a", "" }, { "a:80", true, "", "a", "80" }, { "a:", true, "", "a", "" },
		{ "u:p@a:80", true, "u:p", "a", "80" }, { "u@v@a", true, "u@v", "a", "" },
		{ "[::1]:80", true, "", "[::1]", "80" }, { "[::1]", true, "", "[::1]", "" },
		{ "[v1.x]", true, "", "[v1.x]", "" },
		{ "", false, "", "", "" }, { ":80", false, "", "", "" }, { "@a:x", false, "", "", "" },
		{ "[", false, "", "", "" }, { "[]", false, "", "", "" }, { "[::1", false, "", "", "" },
		{ "[::1]a", false, "", "", "" }, { "a]", false, "", "", "" }, { "[[]", false, "", "", "" },
		{ "a:65535", true, "", "a", "65535" }, { "a:65536", false, "", "", "" },
		{ "a:000080", false, "", "", "" }, { "a:1:2", false, "", "", "" }, { "a b", false, "", "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		struct authority a;

		ck_assert_msg(authority_split(str_c(list[i].text), &a) == list[i].ok, "%s", list[i].text);
		if (!list[i].ok)
			continue;
		ck_str(a.userinfo, list[i].user);
		ck_str(a.host, list[i].host);
		ck_str(a.port, list[i].port);
	}
}
END_TEST

START_TEST(ports_and_parts)
{
	struct authority a;

	ck_assert(authority_split(STR("a"), &a));
	ck_assert_uint_eq(authority_port(&a, STR("https")), 443);
	ck_assert_uint_eq(authority_port(&a, STR("HTTP")), 80);
	ck_assert_uint_eq(authority_port(&a, STR("ws")), 0);
	ck_assert(authority_split(STR("a:81"), &a));
	ck_assert_uint_eq(authority_port(&a, STR("https")), 81);
	ck_str(uri_path(STR("/a?b#c")), "/a");
	ck_str(uri_path(STR("/a#b?c")), "/a");
	ck_str(uri_query(STR("/a?b?c#d")), "b?c");
	ck_str(uri_query(STR("/a?")), "");
	ck_assert_ptr_nonnull(uri_query(STR("/a?")).p);
	ck_assert_ptr_null(uri_query(STR("/a#?b")).p);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("uri");

	UNIT_TEST(s, normalisers);
	UNIT_TEST(s, many_parameters);
	UNIT_TEST(s, authorities);
	UNIT_TEST(s, ports_and_parts);
	return unit_run(s);
}
