/* What http-check expect compares: statuses, fields and their values. */
#include "tests/unit/unit.h"

#undef fail		/* a macro of Check */
#include "src/feature/check/expect_http.c"

static bool text(enum chk_match how, const char *want, const char *value, bool fold)
{
	struct chk_pattern p = { .how = how };

	return text_matches(&p, str_c(want), str_c(value), fold);
}

START_TEST(ways_to_compare)
{
	ck_assert(text(MATCH_ANY, "", "anything", false));
	ck_assert(text(MATCH_STR, "abc", "abc", false) && !text(MATCH_STR, "abc", "abcd", false));
	ck_assert(!text(MATCH_STR, "abc", "ABC", false) && text(MATCH_STR, "abc", "ABC", true));
	ck_assert(text(MATCH_BEG, "abc", "abcd", false) && !text(MATCH_BEG, "abc", "ab", false));
	ck_assert(text(MATCH_END, "bcd", "abcd", false) && !text(MATCH_END, "abcd", "bcd", false));
	ck_assert(text(MATCH_END, "BCD", "abcd", true) && !text(MATCH_END, "abc", "abcd", false));
	ck_assert(text(MATCH_SUB, "bc", "abcd", false) && !text(MATCH_SUB, "bd", "abcd", false));
	ck_assert(text(MATCH_SUB, "BC", "abcd", true) && !text(MATCH_SUB, "BC", "abcd", false));
	ck_assert(text(MATCH_STR, "", "", false) && !text(MATCH_STR, "", "x", false));
	ck_assert(text(MATCH_BEG, "", "x", false) && text(MATCH_END, "", "x", false));
}
END_TEST

static bool value(enum chk_match how, bool whole, const char *want, const char *in)
{
	struct chk_expect e = { .value.how = how, .whole_field = whole };

	return value_matches(&e, str_c(want), str_c(in));
}

START_TEST(elements_of_lists)
{
	ck_assert(value(MATCH_STR, false, "b", "a, b ,c"));
	ck_assert(!value(MATCH_STR, true, "b", "a, b ,c"));
	ck_assert(value(MATCH_STR, true, "a, b", "a, b"));
	ck_assert(!value(MATCH_STR, false, "a, b", "a, b"));
	ck_assert(value(MATCH_BEG, false, "max", "no-store,max-age=1"));
	ck_assert(!value(MATCH_BEG, true, "max", "no-store,max-age=1"));
	ck_assert(value(MATCH_STR, false, "", "a,,b") && !value(MATCH_STR, false, "", "a,b"));
	ck_assert(value(MATCH_ANY, false, "", ""));
}
END_TEST

START_TEST(statuses)
{
	struct chk_range codes[] = { { 200, 299 }, { 304, 304 } };
	struct chk_expect e = { .codes = codes, .ncodes = 2 };

	ck_assert(status_in(&e, 200) && status_in(&e, 299) && status_in(&e, 304));
	ck_assert(!status_in(&e, 199) && !status_in(&e, 300) && !status_in(&e, 303) && !status_in(&e, 305));
	e.ncodes = 0;
	ck_assert(!status_in(&e, 200));
}
END_TEST

START_TEST(status_as_text)
{
	struct regex_err why;
	struct chk_expect e = { .regex = regex_compile(STR("^[23]0"), 0, &why) };

	ck_assert_ptr_nonnull(e.regex);
	ck_assert(status_matches(&e, 200) && status_matches(&e, 304) && !status_matches(&e, 404));
	ck_assert(!status_matches(&e, 20) && !status_matches(&e, 2000));
	regex_free(e.regex);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check_expect");

	UNIT_TEST(s, ways_to_compare);
	UNIT_TEST(s, elements_of_lists);
	UNIT_TEST(s, statuses);
	UNIT_TEST(s, status_as_text);
	return unit_run(s);
}
