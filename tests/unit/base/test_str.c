#include "tests/unit/unit.h"

#include "weir/base/str.h"

START_TEST(short_names_are_compared_to_their_last_byte)
{
	const char a[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char b[sizeof(a)];

	for (size_t n = 0; n < sizeof(a) - 1; n++) {
		memcpy(b, a, sizeof(a));
		b[n] = '#';	/* behind the end: does not count */
		ck_assert(str_same_short(a, b, n));
		for (size_t i = 0; i < n; i++) {
			memcpy(b, a, sizeof(a));
			b[i] = '#';
			ck_assert(!str_same_short(a, b, n));
		}
	}
}
END_TEST

START_TEST(compares_bytes_then_length)
{
	ck_assert_int_lt(str_cmp(STR("a"), STR("b")), 0);
	ck_assert_int_lt(str_cmp(STR("a"), STR("ab")), 0);
	ck_assert_int_eq(str_cmp(STR("ab"), STR("ab")), 0);
	ck_assert_int_gt(str_cmp(STR("\xff"), STR("a")), 0);
	ck_assert_int_eq(str_cmp(STR_NONE, STR("")), 0);
	ck_assert_int_eq(str_icmp(STR("AbC"), STR("aBc")), 0);
	ck_assert_int_lt(str_icmp(STR("AbC"), STR("abcd")), 0);
	ck_assert(str_icmp(STR("["), STR("{")) != 0);
}
END_TEST

START_TEST(finds)
{
	ck_assert_uint_eq(str_chr(STR("a,b,c"), ','), 1);
	ck_assert_uint_eq(str_rchr(STR("a,b,c"), ','), 3);
	ck_assert_uint_eq(str_chr(STR_NONE, ','), (size_t)-1);
	ck_assert_uint_eq(str_rchr(STR_NONE, ','), (size_t)-1);
	ck_assert_uint_eq(str_find(STR("hello"), STR("ll")), 2);
	ck_assert_uint_eq(str_find(STR("hello"), STR("")), 0);
	ck_assert_uint_eq(str_find(STR("he"), STR("hello")), (size_t)-1);
	ck_assert_uint_eq(str_ifind(STR("heLLo"), STR("lL")), 2);
	ck_assert_uint_eq(str_ifind(STR_NONE, STR("x")), (size_t)-1);
	ck_assert_uint_eq(str_ifind(STR_NONE, STR("")), 0);
}
END_TEST

START_TEST(trims)
{
	ck_assert(str_eqz(str_trim(STR(" \ta b\n ")), "a b\n"));
	ck_assert(str_eqz(str_trim_ws(STR(" \ta b\r\n ")), "a b"));
	ck_assert_uint_eq(str_trim(STR("  ")).n, 0);
	ck_assert_uint_eq(str_trim(STR_NONE).n, 0);
}
END_TEST

START_TEST(cuts_at_separators)
{
	struct str rest = STR("a,,b");
	const char *want[] = { "a", "", "b" };
	int n = 0;

	while (rest.p)
		ck_assert(str_eqz(str_cut(&rest, ','), want[n++]));
	ck_assert_int_eq(n, 3);
	rest = STR("a,");
	ck_assert(str_eqz(str_cut(&rest, ','), "a"));
	ck_assert_ptr_nonnull(rest.p);
	ck_assert_uint_eq(str_cut(&rest, ',').n, 0);
	ck_assert_ptr_null(rest.p);
}
END_TEST

START_TEST(slices)
{
	char text[] = "ABCxyz[@";

	ck_assert(str_eqz(str_skip(STR("abc"), 1), "bc"));
	ck_assert_uint_eq(str_skip(STR("abc"), 9).n, 0);
	ck_assert(str_eqz(str_head(STR("abc"), 2), "ab"));
	ck_assert(str_starts(STR("abc"), STR("ab")) && str_ends(STR("abc"), STR("bc")));
	str_lower(text, sizeof(text) - 1);
	ck_assert_str_eq(text, "abcxyz[@");
}
END_TEST

START_TEST(makes_c_strings)
{
	char buf[4];

	ck_assert_str_eq(str_z(STR("abcdef"), buf, sizeof(buf)), "abc");
	ck_assert_str_eq(str_z(STR_NONE, buf, sizeof(buf)), "");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("str");

	UNIT_TEST(s, short_names_are_compared_to_their_last_byte);
	UNIT_TEST(s, compares_bytes_then_length);
	UNIT_TEST(s, finds);
	UNIT_TEST(s, trims);
	UNIT_TEST(s, cuts_at_separators);
	UNIT_TEST(s, slices);
	UNIT_TEST(s, makes_c_strings);
	return unit_run(s);
}
