#include "tests/unit/unit.h"

#include "weir/conf/cond.h"

static const struct conf_feature features[] = { { "EPOLL", true }, { "KQUEUE", false }, { NULL, false } };
static const struct conf_feature enabled[] = { { "SPLICE", true }, { NULL, false } };
static const struct conf_facts facts = {
	.version = "3.5-dev5", .ssl_version = "3.0.11", .ssl_name = "OpenSSL 3.0.11 19 Sep 2023", .features = features,
	.enabled = enabled,
};

static char why[256];
static const char *at;

static int cond(const char *text)
{
	return conf_cond(str_c(text), &facts, why, &at);
}

START_TEST(numbers)
{
	ck_assert_int_eq(cond(""), CC_FALSE);
	ck_assert_int_eq(cond("0"), CC_FALSE);
	ck_assert_int_eq(cond("1"), CC_TRUE);
	ck_assert_int_eq(cond("-1"), CC_TRUE);
	ck_assert_int_eq(cond("+1"), CC_TRUE);
	ck_assert_int_eq(cond("00"), CC_FALSE);
	ck_assert_int_eq(cond("1 "), CC_TRUE);
	ck_assert_int_eq(cond("99999999999999999999999"), CC_TRUE);
}
END_TEST

START_TEST(operators)
{
	ck_assert_int_eq(cond("1||0&&0"), CC_TRUE);
	ck_assert_int_eq(cond("0&&1||1"), CC_TRUE);
	ck_assert_int_eq(cond("(1||0)&&0"), CC_FALSE);
	ck_assert_int_eq(cond("!(1||0)"), CC_FALSE);
	ck_assert_int_eq(cond("!(0)"), CC_TRUE);
	ck_assert_int_eq(cond("!!1"), CC_TRUE);
	ck_assert_int_eq(cond("! !0"), CC_FALSE);
	ck_assert_int_eq(cond("((1)&&(0))||1"), CC_TRUE);
	ck_assert_int_eq(cond(" 1 && 1 "), CC_TRUE);
}
END_TEST

START_TEST(predicates)
{
	setenv("COND_SET", "x", 1);
	ck_assert_int_eq(cond("defined(COND_SET)"), CC_TRUE);
	ck_assert_int_eq(cond("defined(COND_UNSET)"), CC_FALSE);
	ck_assert_int_eq(cond("defined()"), CC_FALSE);
	ck_assert_int_eq(cond("streq(a,a)"), CC_TRUE);
	ck_assert_int_eq(cond("streq(\"a,b\",\"a,b\")"), CC_TRUE);
	ck_assert_int_eq(cond("streq(,)"), CC_TRUE);
	/* A backslash escapes quotes, blanks and itself, neither commas nor parentheses. */
	ck_assert_int_eq(cond("streq(a\\,\"a\\\\\")"), CC_TRUE);
	ck_assert_int_eq(cond("0x0 || 0x10 && 010"), CC_TRUE);
	ck_assert_int_eq(cond("0x0 || 00"), CC_FALSE);
	ck_assert_int_eq(cond("strneq(a,a)"), CC_FALSE);
	ck_assert_int_eq(cond("strstr(abc,bc)"), CC_TRUE);
	ck_assert_int_eq(cond("strstr(abc,cb)"), CC_FALSE);
	ck_assert_int_eq(cond("feature(EPOLL)"), CC_TRUE);
	ck_assert_int_eq(cond("feature(KQUEUE)"), CC_FALSE);
	ck_assert_int_eq(cond("feature(NONSENSE)"), CC_FALSE);
	ck_assert_int_eq(cond("enabled(SPLICE)"), CC_TRUE);
	ck_assert_int_eq(cond("openssl_version_atleast(1.1.1)"), CC_TRUE);
	ck_assert_int_eq(cond("openssl_version_before(3.0.11a)"), CC_TRUE);
	ck_assert_int_eq(cond("ssllib_name_startswith(OpenSSL)"), CC_TRUE);
	ck_assert_int_eq(cond("ssllib_name_startswith(wolf)"), CC_FALSE);
	ck_assert_int_eq(cond("fips_mode()"), CC_FALSE);
	ck_assert_int_eq(cond("awslc_api_atleast(1)"), CC_FALSE);
}
END_TEST

START_TEST(versions)
{
	ck_assert_int_eq(cond("version_atleast(3.5-dev0)"), CC_TRUE);
	ck_assert_int_eq(cond("version_atleast(3.5-dev5)"), CC_TRUE);
	ck_assert_int_eq(cond("version_atleast(3.5-dev6)"), CC_FALSE);
	ck_assert_int_eq(cond("version_atleast(3.5)"), CC_FALSE);
	ck_assert_int_eq(cond("version_before(3.5)"), CC_TRUE);
	ck_assert_int_eq(cond("version_atleast(3.4.12)"), CC_TRUE);
	ck_assert_int_eq(cond("version_atleast(4)"), CC_FALSE);
	ck_assert_int_eq(cond("version_atleast(v9)"), CC_TRUE);
	ck_assert_int_eq(conf_version_cmp("2.6.12", STR("2.6.12-1")), -1);
	ck_assert_int_eq(conf_version_cmp("2.6.12", STR("2.6")), 1);
	ck_assert_int_eq(conf_version_cmp("2.6.0", STR("2.6")), 0);
}
END_TEST

static void bad(const char *text, const char *says, int where)
{
	ck_assert_int_eq(cond(text), CC_BAD);
	ck_assert_str_eq(why, says);
	if (where >= 0) {
		const char *begin = at;

		ck_assert_int_eq(conf_cond(str_c(text), &facts, why, &at), CC_BAD);
		ck_assert_ptr_eq(at, begin);
		ck_assert_int_eq(at - text, where);
	}
}

START_TEST(mistakes)
{
	bad("foo", "unparsable conditional expression 'foo'", 0);
	bad("1||foo", "unparsable conditional expression 'foo'", 3);
	bad("0&&foo", "unparsable conditional expression 'foo'", 3);
	bad("1&&", "unparsable conditional expression '&&'", 1);
	bad("!", "unparsable conditional expression '!'", 0);
	bad("()", "unparsable conditional expression ')'", 1);
	bad("1 x", "unexpected character 'x' at the end of conditional expression '1 x'", 2);
	bad("(1", "expected ')' after conditional expression '(1'", -1);
	bad("streq(a", "missing arguments (got 1/2), type 'string' expected in argument 1 of predicate 'streq' used in "
	    "conditional expression", -1);
	bad("streq(a,", "expected ')' in argument 1 of predicate 'streq' used in conditional expression", -1);
	bad("streq &&1",
	    "missing arguments (got 1/2), type 'string' expected in argument 1 of predicate 'streq' used in "
	    "conditional expression", -1);
	bad("1 && !! x", "unparsable conditional expression '!! x'", -1);
	bad("08", "unexpected character '8' at the end of conditional expression '08'", -1);
	bad("streq(a,b,c)",
	    "expected ')' before ',c)' in argument 1 of predicate 'streq' used in conditional expression", -1);
	bad("defined(a", "expected ')' in argument 1 of predicate 'defined' used in conditional expression", -1);
}
END_TEST

START_TEST(deep_nesting_ends)
{
	char text[2001];

	memset(text, '(', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(cond(text), CC_BAD);
	memset(text, '!', sizeof(text) - 1);
	ck_assert_int_eq(cond(text), CC_BAD);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cond");

	UNIT_TEST(s, numbers);
	UNIT_TEST(s, operators);
	UNIT_TEST(s, predicates);
	UNIT_TEST(s, versions);
	UNIT_TEST(s, mistakes);
	UNIT_TEST(s, deep_nesting_ends);
	return unit_run(s);
}
