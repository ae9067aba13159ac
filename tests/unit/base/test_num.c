#include "tests/unit/unit.h"

#include "weir/base/num.h"
#include "weir/base/obj.h"

START_TEST(whole_numbers)
{
	uint64_t u;
	int64_t i;

	ck_assert(num_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
	ck_assert(!num_u64(STR("18446744073709551616"), &u));
	ck_assert(!num_u64(STR(""), &u) && !num_u64(STR("1x"), &u) && !num_u64(STR("-1"), &u));
	ck_assert(num_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
	ck_assert(num_i64(STR("+5"), &i) && i == 5);
	ck_assert(!num_i64(STR("9223372036854775808"), &i) && !num_i64(STR("-"), &i));
	ck_assert(!num_i64(STR("--5"), &i));
}
END_TEST

static uint64_t time_in(const char *text, enum time_unit unit)
{
	const char *bad;
	uint64_t v;

	ck_assert_msg(num_time(str_c(text), TIME_MS, unit, &v, &bad) == NUM_OK, "%s", text);
	return v;
}

START_TEST(times)
{
	ck_assert_uint_eq(time_in("10", TIME_MS), 10);
	ck_assert_uint_eq(time_in("10s", TIME_MS), 10000);
	ck_assert_uint_eq(time_in("1us", TIME_MS), 1);
	ck_assert_uint_eq(time_in("1500us", TIME_MS), 2);
	ck_assert_uint_eq(time_in("24d", TIME_MS), 2073600000);
	ck_assert_uint_eq(time_in("2h", TIME_S), 7200);
	ck_assert_uint_eq(time_in("3m", TIME_S), 180);
	ck_assert_uint_eq(time_in("1ms", TIME_S), 1);
	ck_assert_uint_eq(time_in("1ms", TIME_US), 1000);
	ck_assert_uint_eq(time_in("0", TIME_S), 0);
}
END_TEST

START_TEST(bad_times)
{
	static const struct {
		const char *text;
		int at;
	} rows[] = {
		{ "s", 0 },   { "", 0 },     { "-1", 0 },  { "+1", 0 },   { "1.5s", 1 },
		{ "10S", 2 }, { "10xs", 2 }, { "10u", 2 }, { "10sx", 3 }, { "10msx", 4 },
	};
	const char *bad;
	uint64_t v;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(num_time(str_c(rows[i].text), TIME_MS, TIME_MS, &v, &bad),
				 NUM_BAD);
		ck_assert_ptr_eq(bad, rows[i].text + rows[i].at);
	}
	ck_assert_int_eq(num_time(STR("2147483648"), TIME_MS, TIME_MS, &v, &bad), NUM_OVER);
	ck_assert_int_eq(num_time(STR("2147483647"), TIME_MS, TIME_MS, &v, &bad), NUM_OK);
	ck_assert_int_eq(num_time(STR("99999999999999999999"), TIME_MS, TIME_MS, &v, &bad),
			 NUM_OVER);
	ck_assert_int_eq(num_time(STR("9999999999999999d"), TIME_MS, TIME_MS, &v, &bad), NUM_OVER);
}
END_TEST

START_TEST(sizes)
{
	const char *bad, *text = "10kb";
	uint64_t v;

	ck_assert(num_size(STR("100"), &v, &bad) == NUM_OK && v == 100);
	ck_assert(num_size(STR("16k"), &v, &bad) == NUM_OK && v == 16384);
	ck_assert(num_size(STR("1M"), &v, &bad) == NUM_OK && v == 1 << 20);
	ck_assert(num_size(STR("5g"), &v, &bad) == NUM_OK && v == 5ULL << 30);
	ck_assert(num_size(STR("99999999999g"), &v, &bad) == NUM_OVER);
	ck_assert(num_size(str_c(text), &v, &bad) == NUM_BAD && bad == text + 3);
	ck_assert(num_size(STR("k"), &v, &bad) == NUM_BAD);
	ck_assert(num_size(STR("1t"), &v, &bad) == NUM_BAD);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("num");

	UNIT_TEST(s, whole_numbers);
	UNIT_TEST(s, times);
	UNIT_TEST(s, bad_times);
	UNIT_TEST(s, sizes);
	return unit_run(s);
}
