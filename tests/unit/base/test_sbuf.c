#include "tests/unit/unit.h"

#include "weir/base/sbuf.h"

START_TEST(fixed_buffer_cuts_and_says_so)
{
	char mem[8];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	ck_assert(sbuf_putz(&b, "hello"));
	ck_assert(!b.full);
	ck_assert(!sbuf_printf(&b, "%d", 123456));
	ck_assert(b.full);
	ck_assert(str_eqz(sbuf_str(&b), "hello123"));
	ck_assert(!sbuf_putc(&b, 'x'));
	ck_assert_str_eq(sbuf_z(&b), "hello12");
	sbuf_clear(&b);
	ck_assert(sbuf_str(&b).n == 0 && !b.full);
	ck_assert_ptr_null(sbuf_room(&b, 9));
	ck_assert_ptr_nonnull(sbuf_room(&b, 8));
}
END_TEST

START_TEST(text_that_just_fits_is_not_cut)
{
	char mem[4];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	ck_assert(sbuf_printf(&b, "%s", "abcd"));
	ck_assert(!b.full);
	ck_assert(str_eqz(sbuf_str(&b), "abcd"));
}
END_TEST

START_TEST(grows)
{
	struct sbuf b = sbuf_grow();

	for (int i = 0; i < 1000; i++)
		ck_assert(sbuf_printf(&b, "%03d,", i));
	ck_assert_uint_eq(b.n, 4000);
	ck_assert(str_ends(sbuf_str(&b), STR("998,999,")));
	ck_assert_uint_eq(strlen(sbuf_z(&b)), 4000);
	memcpy(sbuf_room(&b, 5000), "xyz", 3);
	sbuf_commit(&b, 3);
	ck_assert(str_ends(sbuf_str(&b), STR("999,xyz")));
	sbuf_fini(&b);
	ck_assert_ptr_null(b.p);
	ck_assert_str_eq(sbuf_z(&b), "");
	sbuf_fini(&b);
}
END_TEST

START_TEST(numbers)
{
	struct sbuf b = sbuf_grow();

	sbuf_putu(&b, 0);
	sbuf_putc(&b, ' ');
	sbuf_putu(&b, UINT64_MAX);
	sbuf_putc(&b, ' ');
	sbuf_puti(&b, INT64_MIN);
	sbuf_putc(&b, ' ');
	sbuf_puti(&b, 42);
	ck_assert_str_eq(sbuf_z(&b), "0 18446744073709551615 -9223372036854775808 42");
	sbuf_clear(&b);
	for (uint64_t v = 9; v < 1000000000000; v = v * 10 + 9) {
		sbuf_putu(&b, v);
		sbuf_putc(&b, ' ');
		sbuf_putu(&b, v + 1);
		sbuf_putc(&b, ' ');
	}
	sbuf_putu(&b, (uint64_t)UINT32_MAX + 1);
	ck_assert(str_starts(sbuf_str(&b), STR("9 10 99 100 999 1000 9999 10000 ")));
	ck_assert(str_ends(sbuf_str(&b), STR(" 999999999999 1000000000000 4294967296")));
	sbuf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("sbuf");

	UNIT_TEST(s, fixed_buffer_cuts_and_says_so);
	UNIT_TEST(s, text_that_just_fits_is_not_cut);
	UNIT_TEST(s, grows);
	UNIT_TEST(s, numbers);
	return unit_run(s);
}
