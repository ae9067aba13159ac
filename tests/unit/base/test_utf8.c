#include "tests/unit/unit.h"

#include "weir/base/obj.h"
#include "weir/base/utf8.h"

struct row {
	const char *text;
	size_t take;
	enum utf8_fault fault;
	uint32_t cp;
};

static const struct row rows[] = {
	{ "a", 1, UTF8_OK, 'a' },
	{ "\x7f", 1, UTF8_OK, 0x7f },
	{ "\xc2\x80", 2, UTF8_OK, 0x80 },
	{ "\xdf\xbf", 2, UTF8_OK, 0x7ff },
	{ "\xe0\xa0\x80", 3, UTF8_OK, 0x800 },
	{ "\xef\xbf\xbf", 3, UTF8_OK, 0xffff },
	{ "\xf0\x9f\x98\x80", 4, UTF8_OK, 0x1f600 },
	{ "\xf4\x8f\xbf\xbf", 4, UTF8_OK, 0x10ffff },
	{ "\xf4\x90\x80\x80", 4, UTF8_RANGE, 0x110000 },
	{ "\xed\xa0\x80", 3, UTF8_RANGE, 0xd800 },
	{ "\xc0\x80", 2, UTF8_OVERLONG, 0 },
	{ "\xe0\x80\x81", 3, UTF8_OVERLONG, 1 },
	{ "\xf0\x80\x80\x81", 4, UTF8_OVERLONG, 1 },
	{ "\xf8\x80\x80\x80\x81", 5, UTF8_OVERLONG, 1 },
	{ "\xfc\x80\x80\x80\x80\x81", 6, UTF8_OVERLONG, 1 },
	{ "\xfd\xbf\xbf\xbf\xbf\xbf", 6, UTF8_RANGE, 0x7fffffff },
	{ "\x80", 1, UTF8_BAD, 0 },
	{ "\xfe\x80", 1, UTF8_BAD, 0 },
	{ "\xff", 1, UTF8_BAD, 0 },
	{ "\xc3", 1, UTF8_BAD, 0 },
	{ "\xc3" "A", 1, UTF8_BAD, 0 },
	{ "\xe2\x80" "A", 2, UTF8_BAD, 0 },
	{ "\xf0\x9f\x98", 3, UTF8_BAD, 0 },
};

START_TEST(steps)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum utf8_fault fault;
		uint32_t cp;

		ck_assert_uint_eq(utf8_step(str_c(rows[i].text), &cp, &fault), rows[i].take);
		ck_assert_int_eq(fault, rows[i].fault);
		ck_assert(fault == UTF8_BAD || cp == rows[i].cp);
		ck_assert(utf8_valid(str_c(rows[i].text)) == (fault == UTF8_OK));
	}
	ck_assert(utf8_valid(STR_NONE) && utf8_valid(STR("a\0\xc3\xa9")) &&
		  !utf8_valid(STR("ab\xc3")));
}
END_TEST

START_TEST(round_trip)
{
	char out[4];

	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp < 0x900 ? 1 : 97) {
		enum utf8_fault fault;
		uint32_t back;
		size_t n = utf8_put(cp, out);

		ck_assert_uint_eq(utf8_step(str_make(out, n), &back, &fault), n);
		ck_assert_uint_eq(back, cp);
		ck_assert(fault == UTF8_OK || (cp >= 0xd800 && cp < 0xe000));
	}
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("utf8");

	UNIT_TEST(s, steps);
	UNIT_TEST(s, round_trip);
	return unit_run(s);
}
