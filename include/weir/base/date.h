/* Calendar: seconds since 1970 (UTC, no leap seconds) to dates and back, and the texts that
 * protocols and logs want. */
#ifndef WEIR_BASE_DATE_H
#define WEIR_BASE_DATE_H

#include <stdint.h>
#include "weir/base/str.h"

struct date {
	int32_t year;
	uint8_t mon;		/* 1 to 12 */
	uint8_t day;		/* 1 to 31 */
	uint8_t hour, min, sec;
	uint8_t wday;		/* 0 is Sunday */
	uint16_t yday;		/* 0 is the 1st of January */
};

/* Days since 1970-01-01 of a date of the Gregorian calendar (mon 1 to 12). */
int64_t date_days(int64_t year, unsigned mon, unsigned day);
/* Seconds since 1970 as a date in UTC. */
struct date date_utc(int64_t sec);
/* Back again; wday and yday are not looked at. */
int64_t date_seconds(const struct date *d);

extern const char date_month_names[12][4];	/* "Jan" ... */
extern const char date_day_names[7][4];		/* "Sun" ... */

/* --- HTTP, RFC 9110 5.6.7 --- */
#define DATE_HTTP_LEN 29
/* Any of the three forms: IMF-fixdate, RFC 850 (a year more than 50 years after now_sec is one of
 * the last century), asctime. Impossible dates are refused. */
bool date_parse_http(struct str text, int64_t now_sec, int64_t *sec);
/* IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT"; no NUL. */
struct str date_http(int64_t sec, char buf[DATE_HTTP_LEN]);

/* --- logs --- */
/* The texts of one second, made new only when the second changes, and then most often only two
 * digits of them. Keep one for each thread and zone; zeroed at first. */
struct date_second {
	int64_t sec;
	bool made;		/* the rest is valid */
	bool utc;
	int32_t offset;		/* of the zone east of UTC, seconds */
	struct date d;		/* in this zone */
	char clf[20];		/* "23/Nov/2026:01:29:12", no NUL */
	char zone[5];		/* "+0100", no NUL */
};
/* Local time (of the environment's TZ), or UTC. */
void date_second_set(struct date_second *s, int64_t sec, bool utc);
/* "23/Nov/2026:01:29:12.210" */
#define DATE_LOG_LEN 24
struct str date_log(const struct date_second *s, unsigned ms, char buf[DATE_LOG_LEN]);
/* RFC 3164: "Nov  3 01:29:12" */
#define DATE_SYSLOG_LEN 15
struct str date_syslog(const struct date_second *s, char buf[DATE_SYSLOG_LEN]);
/* ISO 8601 as RFC 5424 wants it: "2026-11-23T01:29:12.210123+01:00" with 0, 3 or 6 digits of the
 * microseconds. */
#define DATE_ISO_MAX 40
struct str date_iso(const struct date_second *s, unsigned us, int digits, char buf[DATE_ISO_MAX]);

#endif
