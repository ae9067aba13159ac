/* Converters of dates. */
#include "tests/unit/expr/conv_test.h"

#include <time.h>

static const struct conv_case dates[] = {
	{ "int(784111777),http_date", "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ "int(784111777),http_date(60)", "Sun, 06 Nov 1994 08:50:37 GMT" },
	{ "int(784111777),http_date(-60)", "Sun, 06 Nov 1994 08:48:37 GMT" },
	{ "int(784111777123),http_date(0,ms)", "Sun, 06 Nov 1994 08:49:37.123 GMT" },
	{ "int(784111777123),http_date(1000,ms)", "Sun, 06 Nov 1994 08:49:38.123 GMT" },
	{ "int(784111777123456),http_date(0,us)", "Sun, 06 Nov 1994 08:49:37.123456 GMT" },
	{ "int(784111777),http_date(0,s)", "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ "int(784111777),http_date(0,m)", "ERR" }, { "int(784111777),http_date(,ms)", "ERR" },
	{ "int(784111777),http_date(x)", "ERR" },
	{ "int(784111777),utime(%Y%m%d%H%M%S)", "19941106084937" },
	{ "int(784111777),utime(%Y%m%d%H%M%S,60)", "19941106085037" },
	{ "int(784111777),utime(%Y%m%d%H%M%S,-60)", "19941106084837" },
	{ "int(784111777),utime()", "" }, { "int(784111777),utime", "" },
	{ "int(784111777),utime('%a, %e %b'),length", "11" },
	{ "int(784111777),utime(%q)", "%q" }, { "int(9999999999999999),utime(%Y)", "316889355" },
};

START_TEST(gives_dates)
{
	RUN_CASES(dates);
}
END_TEST

/* Dates that HTTP cannot write give nothing; milliseconds and microseconds are younger than
 * HAProxy 2.6. */
static const struct conv_case dates_ours[] = {
	{ "int(-1),http_date", "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ "int(784111777123),ms_utime(%Y%m%d%H%M%S%N)", "19941106084937123000000" },
	{ "int(784111777123),ms_utime(%3N)", "123" },
	{ "int(784111777123456),us_utime(%Y%m%d%H%M%S.%N)", "19941106084937.123456000" },
	{ "int(99999999999999999),utime(%Y)", "<none>" },
	{ "int(784111777123),ms_utime(%%N)", "%N" }, { "int(784111777123),ms_utime(%)", "%" },
	{ "int(-1),ms_utime(%s.%3N)", "-1.999" },
	{ "int(784111777999),ms_utime(%H:%M:%S.%1N)", "08:49:37.9" },
	{ "int(784111777000),ms_utime(%S,500)", "37" },
};

START_TEST(gives_dates_ours)
{
	RUN_CASES(dates_ours);
}
END_TEST

START_TEST(local_times)
{
	static const struct conv_case cases[] = {
		{ "int(784111777),ltime(%Y%m%d%H%M%S%z)", "19941106094937+0100" },
		{ "int(784111777123),ms_ltime('%H:%M:%S.%3N %z')", "09:49:37.123 +0100" },
		{ "int(784111777123456),us_ltime(%H%M%S%6N)", "094937123456" },
	};

	setenv("TZ", "CET-1", 1);
	tzset();
	RUN_CASES(cases);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_date");

	UNIT_TEST(s, gives_dates);
	UNIT_TEST(s, gives_dates_ours);
	UNIT_TEST(s, local_times);
	return unit_run(s);
}
