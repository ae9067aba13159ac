#include "tests/unit/unit.h"

#include "weir/base/obj.h"
#include "weir/base/regex.h"

static struct regex *re_of(const char *pattern, unsigned flags)
{
	struct regex_err err = { .text = "" };
	struct regex *re = regex_compile(str_c(pattern), flags, &err);

	ck_assert_msg(re != NULL, "%s: %s", pattern, err.text);
	return re;
}

START_TEST(matches_and_captures)
{
	struct regex *re = re_of("^/(a+)(b)?/(.*)$", 0);
	struct str cap[REGEX_CAPS];

	ck_assert(regex_exec(re, STR("/aaa/rest"), 0, cap));
	ck_assert(str_eqz(cap[0], "/aaa/rest") && str_eqz(cap[1], "aaa") &&
		  str_eqz(cap[3], "rest"));
	ck_assert_ptr_null(cap[2].p);
	ck_assert_ptr_null(cap[4].p);
	ck_assert(!regex_match(re, STR("/AAA/")));
	ck_assert(str_eqz(regex_text(re), "^/(a+)(b)?/(.*)$"));
	regex_free(re);
	regex_thread_fini();
	re = re_of("^ab$", REGEX_CASELESS | REGEX_NO_CAPTURE);
	ck_assert(regex_match(re, STR("AB")) && !regex_match(re, STR_NONE));
	regex_free(re);
	regex_free(NULL);
	regex_thread_fini();
}
END_TEST

START_TEST(more_groups_than_room)
{
	struct regex *re = re_of("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", 0);
	struct str cap[REGEX_CAPS];

	ck_assert(regex_exec(re, STR("abcdefghijk"), 0, cap));
	ck_assert(str_eqz(cap[9], "i"));
	regex_free(re);
}
END_TEST

START_TEST(bytes_and_zeros)
{
	struct regex *re = re_of("\\xff.\\x00", 0);

	ck_assert(regex_match(re, STR("a\xff\x80\0b")));
	regex_free(re);
}
END_TEST

START_TEST(bad_patterns)
{
	struct regex_err err;

	ck_assert_ptr_null(regex_compile(STR("a(b"), 0, &err));
	ck_assert_uint_eq(err.offset, 3);
	ck_assert_msg(strstr(err.text, "parenthes") != NULL, "%s", err.text);
	ck_assert_ptr_null(regex_compile(STR("[z-a]"), 0, &err));
}
END_TEST

/* Replaces and compares; want NULL: must fail. */
static void replaces(const char *pattern, const char *subject, const char *repl, bool all,
		     const char *want)
{
	struct regex *re = re_of(pattern, 0);
	char mem[256];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	bool matched, ok = regex_replace(re, str_c(subject), str_c(repl), all, &b, &matched);

	ck_assert_msg(ok == (want != NULL), "%s %s", pattern, repl);
	ck_assert_msg(!want || str_eqz(sbuf_str(&b), want), "%s: " STR_FMT, pattern,
		      STR_ARG(sbuf_str(&b)));
	regex_free(re);
}

/* All results here are what HAProxy's regsub gives. */
START_TEST(replacements)
{
	replaces("b", "abc", "\\t", false, "atc");
	replaces("b", "abc", "\\\\", false, "a\\c");
	replaces("b", "abc", "[\\x41]", false, "a[A]c");
	replaces("b", "abc", "[\\0\\0]", false, "a[bb]c");
	replaces("(b)", "abc", "[\\1\\2]", false, "a[b]c");
	replaces("b", "abcabc", "", false, "acabc");
	replaces("b", "abcabc", "", true, "acac");
	replaces("x*", "abcabc", "-", true, "-a-b-c-a-b-c-");
	replaces("^a", "aaabc", "-", true, "-aabc");
	replaces("^", "", "-", true, "-");
	replaces("\\bfoo", "foofoo foo", "x", true, "xx x");
	replaces("(?<=a)a", "aaaa", "[\\0]", true, "a[a]a[a]");
	replaces("z", "abc", "-", true, "abc");
	replaces("b", "abc", "x\\", false, NULL);
	replaces("b", "abc", "\\xZZ", false, NULL);
}
END_TEST

START_TEST(replacement_texts_are_checked)
{
	const char *text = "a\\1\\x4";
	const char *bad;

	ck_assert(regex_repl_ok(STR("a\\0\\9\\\\\\x41\\q"), &bad));
	ck_assert(regex_repl_ok(STR(""), &bad));
	ck_assert(!regex_repl_ok(str_c(text), &bad));
	ck_assert_ptr_eq(bad, text + 3);
	ck_assert(!regex_repl_ok(STR("\\"), &bad));
}
END_TEST

START_TEST(cut_output)
{
	struct regex *re = re_of("b", 0);
	char mem[4];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	bool matched;

	ck_assert(!regex_replace(re, STR("abc"), STR("long text"), true, &b, &matched));
	b = sbuf_fixed(mem, sizeof(mem));
	ck_assert(!regex_replace(re, STR("xxxxxxxx"), STR(""), true, &b, &matched));
	ck_assert(!matched);
	regex_free(re);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("regex");

	UNIT_TEST(s, matches_and_captures);
	UNIT_TEST(s, more_groups_than_room);
	UNIT_TEST(s, bytes_and_zeros);
	UNIT_TEST(s, bad_patterns);
	UNIT_TEST(s, replacements);
	UNIT_TEST(s, replacement_texts_are_checked);
	UNIT_TEST(s, cut_output);
	return unit_run(s);
}
