#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>
#include "weir/base/date.h"
#include "weir/base/obj.h"

START_TEST(agrees_with_libc)
{
	for (int64_t t = -3000000000LL; t < 5000000000LL; t += 12345679) {
		time_t sec = t;
		struct date d = date_utc(t);
		struct tm tm;

		gmtime_r(&sec, &tm);
		ck_assert_int_eq(d.year, tm.tm_year + 1900);
		ck_assert_int_eq(d.mon, tm.tm_mon + 1);
		ck_assert_int_eq(d.day, tm.tm_mday);
		ck_assert_int_eq(d.hour, tm.tm_hour);
		ck_assert_int_eq(d.min, tm.tm_min);
		ck_assert_int_eq(d.sec, tm.tm_sec);
		ck_assert_int_eq(d.wday, tm.tm_wday);
		ck_assert_int_eq(d.yday, tm.tm_yday);
		ck_assert_int_eq(date_seconds(&d), t);
	}
}
END_TEST

#define EXAMPLE 784111777	/* of RFC 9110 */

START_TEST(http_dates)
{
	static const char *const same[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};
	char buf[DATE_HTTP_LEN];
	int64_t sec;

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		ck_assert_msg(date_parse_http(str_c(same[i]), 1700000000, &sec), "%s", same[i]);
		ck_assert_int_eq(sec, EXAMPLE);
	}
	ck_assert(str_eqz(date_http(EXAMPLE, buf), same[0]));
	ck_assert(date_parse_http(STR("Sat Nov 26 08:49:37 1994"), 0, &sec));
	/* two digits: near now, either side */
	ck_assert(date_parse_http(STR("Wednesday, 01-Jan-69 00:00:00 GMT"), 1700000000, &sec));
	ck_assert_int_eq(date_utc(sec).year, 2069);
	ck_assert(date_parse_http(STR("Wednesday, 01-Jan-75 00:00:00 GMT"), 1700000000, &sec));
	ck_assert_int_eq(date_utc(sec).year, 1975);
}
END_TEST

START_TEST(bad_http_dates)
{
	static const char *const bad[] = {
		"",
		"Sun",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
		"Sun, 29 Feb 1900 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT",
		"Sun, 06 Nov 1994 08:60:00 GMT",
		"Sun, 06 Foo 1994 08:00:00 GMT",
		"Sun, 00 Nov 1994 08:00:00 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun, 06 Nov 1994 -1:49:37 GMT",
		"0",
		"-1",
	};
	int64_t sec;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!date_parse_http(str_c(bad[i]), 0, &sec), "%s", bad[i]);
	ck_assert(date_parse_http(STR("Tue, 29 Feb 2000 23:59:60 GMT"), 0, &sec));
}
END_TEST

START_TEST(log_dates)
{
	struct date_second s = { 0 };
	char buf[DATE_ISO_MAX];

	date_second_set(&s, EXAMPLE, true);
	ck_assert(str_eqz(date_log(&s, 5, buf), "06/Nov/1994:08:49:37.005"));
	ck_assert(str_eqz(date_syslog(&s, buf), "Nov  6 08:49:37"));
	ck_assert(str_eqz(date_iso(&s, 123456, 6, buf), "1994-11-06T08:49:37.123456+00:00"));
	ck_assert(str_eqz(date_iso(&s, 123456, 3, buf), "1994-11-06T08:49:37.123+00:00"));
	ck_assert(str_eqz(date_iso(&s, 123456, 0, buf), "1994-11-06T08:49:37+00:00"));
}
END_TEST

START_TEST(seconds_go_on_incrementally)
{
	struct date_second inc = { 0 }, fresh;
	static const int steps[] = { 0, 1, 1, 20, 1, 1, 59, 60, 3600, -5, 1, 86400 };
	int64_t t = EXAMPLE;

	setenv("TZ", "Europe/Paris", 1);
	tzset();
	for (int round = 0; round < 200; round++) {
		t += steps[round % ARRAY_LEN(steps)];
		date_second_set(&inc, t, round % 29 == 0);
		fresh = (struct date_second){ 0 };
		date_second_set(&fresh, t, round % 29 == 0);
		ck_assert_mem_eq(inc.clf, fresh.clf, sizeof(inc.clf));
		ck_assert_int_eq(inc.d.sec, fresh.d.sec);
		ck_assert_mem_eq(inc.zone, fresh.zone, sizeof(inc.zone));
	}
}
END_TEST

START_TEST(zones)
{
	struct date_second s = { 0 };
	char buf[DATE_ISO_MAX];

	setenv("TZ", "XXX3:30", 1);	/* west of Greenwich */
	tzset();
	date_second_set(&s, EXAMPLE, false);
	ck_assert_mem_eq(s.zone, "-0330", 5);
	ck_assert(str_eqz(date_log(&s, 0, buf), "06/Nov/1994:05:19:37.000"));
	ck_assert(str_eqz(date_iso(&s, 0, 0, buf), "1994-11-06T05:19:37-03:30"));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("date");

	UNIT_TEST(s, agrees_with_libc);
	UNIT_TEST(s, http_dates);
	UNIT_TEST(s, bad_http_dates);
	UNIT_TEST(s, log_dates);
	UNIT_TEST(s, seconds_go_on_incrementally);
	UNIT_TEST(s, zones);
	return unit_run(s);
}
