#include "weir/base/date.h"

#include <time.h>

const char date_month_names[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};
const char date_day_names[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

#define DAY 86400
#define ERA_DAYS 146097		/* of 400 years */

/* Years are counted from March here, so that the leap day comes last: the day of the year of month
 * m (0 is March) is (153 m + 2) / 5. */
int64_t date_days(int64_t year, unsigned mon, unsigned day)
{
	int64_t y = year - (mon <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = y - era * 400;
	unsigned doy = (153 * ((mon + 9) % 12) + 2) / 5 + day - 1;

	return era * ERA_DAYS + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void split_days(int64_t days, struct date *d)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - (ERA_DAYS - 1)) / ERA_DAYS;
	unsigned doe = z - era * ERA_DAYS;
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned m = (5 * doy + 2) / 153;

	d->day = doy - (153 * m + 2) / 5 + 1;
	d->mon = m < 10 ? m + 3 : m - 9;
	d->year = era * 400 + yoe + (d->mon <= 2);
	d->wday = ((days + 4) % 7 + 7) % 7;
	d->yday = days - date_days(d->year, 1, 1);
}

struct date date_utc(int64_t sec)
{
	int64_t days = sec / DAY, rest = sec % DAY;
	struct date d;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	split_days(days, &d);
	d.hour = rest / 3600;
	d.min = rest / 60 % 60;
	d.sec = rest % 60;
	return d;
}

int64_t date_seconds(const struct date *d)
{
	return date_days(d->year, d->mon, d->day) * DAY + d->hour * 3600 + d->min * 60 + d->sec;
}

static void put2(char *p, unsigned v)
{
	p[0] = '0' + v / 10 % 10;
	p[1] = '0' + v % 10;
}

static void put_digits(char *p, unsigned v, int n)
{
	while (n--) {
		p[n] = '0' + v % 10;
		v /= 10;
	}
}

static void put_clock(char *p, const struct date *d)
{
	memcpy(p, "00:00:00", 8);
	put2(p, d->hour);
	put2(p + 3, d->min);
	put2(p + 6, d->sec);
}

/* --- HTTP dates --- */

struct str date_http(int64_t sec, char buf[DATE_HTTP_LEN])
{
	struct date d = date_utc(sec);

	memcpy(buf, "Sun, 06 Nov 1994 08:49:37 GMT", DATE_HTTP_LEN);
	memcpy(buf, date_day_names[d.wday], 3);
	put2(buf + 5, d.day);
	memcpy(buf + 8, date_month_names[d.mon - 1], 3);
	put_digits(buf + 12, d.year, 4);
	put_clock(buf + 17, &d);
	return str_make(buf, DATE_HTTP_LEN);
}

/* The parsers below take pieces from the front of *s and say whether they were right. */

static bool take(struct str *s, const char *z)
{
	struct str want = str_c(z);

	if (!str_starts(*s, want))
		return false;
	*s = str_skip(*s, want.n);
	return true;
}

static bool take_number(struct str *s, size_t n, unsigned *v)
{
	*v = 0;
	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*v = *v * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, n);
	return true;
}

/* asctime writes the day with a blank before a single digit. */
static bool take_padded_day(struct str *s, unsigned *v)
{
	return take(s, " ") ? take_number(s, 1, v) : take_number(s, 2, v);
}

static bool take_month(struct str *s, unsigned *mon)
{
	for (*mon = 1; *mon <= 12; ++*mon)
		if (take(s, date_month_names[*mon - 1]))
			return true;
	return false;
}

static bool take_clock(struct str *s, unsigned v[3])
{
	return take_number(s, 2, &v[0]) && take(s, ":") && take_number(s, 2, &v[1]) &&
	       take(s, ":") && take_number(s, 2, &v[2]);
}

struct parsed {
	unsigned year, mon, day, clock[3];
};

static bool parse_imf(struct str s, struct parsed *p)
{
	return take(&s, ", ") && take_number(&s, 2, &p->day) && take(&s, " ") &&
	       take_month(&s, &p->mon) && take(&s, " ") && take_number(&s, 4, &p->year) &&
	       take(&s, " ") && take_clock(&s, p->clock) && take(&s, " GMT") && s.n == 0;
}

static bool parse_asctime(struct str s, struct parsed *p)
{
	return take(&s, " ") && take_month(&s, &p->mon) && take(&s, " ") &&
	       take_padded_day(&s, &p->day) && take(&s, " ") && take_clock(&s, p->clock) &&
	       take(&s, " ") && take_number(&s, 4, &p->year) && s.n == 0;
}

static bool parse_rfc850(struct str s, int64_t now_sec, struct parsed *p)
{
	int now = date_utc(now_sec).year;

	if (!(take(&s, ", ") && take_number(&s, 2, &p->day) && take(&s, "-") &&
	      take_month(&s, &p->mon) && take(&s, "-") && take_number(&s, 2, &p->year) &&
	      take(&s, " ") && take_clock(&s, p->clock) && take(&s, " GMT") && s.n == 0))
		return false;
	p->year += now - now % 100;
	if ((int)p->year > now + 50)
		p->year -= 100;
	return true;
}

static bool possible(const struct parsed *p)
{
	static const unsigned char days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = p->year % 4 == 0 && (p->year % 100 != 0 || p->year % 400 == 0);

	if (p->day < 1 || p->day > days[p->mon - 1] || (p->mon == 2 && p->day == 29 && !leap))
		return false;
	/* 60 is a leap second */
	return p->clock[0] < 24 && p->clock[1] < 60 && p->clock[2] <= 60;
}

/* The rest of a long day name ("Sun" was taken). */
static bool take_long_day(struct str *s, int wday)
{
	static const char *const rests[7] = { "day",   "day", "sday", "nesday",
					      "rsday", "day", "urday" };

	return take(s, rests[wday]);
}

bool date_parse_http(struct str text, int64_t now_sec, int64_t *sec)
{
	struct parsed p = { 0 };
	int wday = 0;
	bool ok;

	while (wday < 7 && !take(&text, date_day_names[wday]))
		wday++;
	if (wday == 7)
		return false;
	if (take_long_day(&text, wday))
		ok = parse_rfc850(text, now_sec, &p);
	else
		ok = parse_imf(text, &p) || parse_asctime(text, &p);
	if (!ok || !possible(&p))
		return false;
	*sec = date_days(p.year, p.mon, p.day) * DAY + p.clock[0] * 3600 + p.clock[1] * 60 +
	       p.clock[2];
	return true;
}

/* --- logs --- */

static int32_t zone_offset(int64_t sec)
{
	time_t t = sec;
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

static void make_zone(struct date_second *s)
{
	unsigned min = (s->offset < 0 ? -s->offset : s->offset) / 60;

	s->zone[0] = s->offset < 0 ? '-' : '+';
	put2(s->zone + 1, min / 60);
	put2(s->zone + 3, min % 60);
}

static void make_second(struct date_second *s)
{
	s->offset = s->utc ? 0 : zone_offset(s->sec);
	s->d = date_utc(s->sec + s->offset);
	make_zone(s);
	memcpy(s->clf, "00/Jan/0000:", 12);
	put2(s->clf, s->d.day);
	memcpy(s->clf + 3, date_month_names[s->d.mon - 1], 3);
	put_digits(s->clf + 7, s->d.year, 4);
	put_clock(s->clf + 12, &s->d);
	s->made = true;
}

void date_second_set(struct date_second *s, int64_t sec, bool utc)
{
	int64_t later = sec - s->sec;
	bool same = s->made && s->utc == utc;

	if (same && later == 0)
		return;
	s->sec = sec;
	s->utc = utc;
	/* zones change at full minutes only */
	if (same && later > 0 && later + s->d.sec < 60) {
		s->d.sec += later;
		put2(s->clf + 18, s->d.sec);
		return;
	}
	make_second(s);
}

struct str date_log(const struct date_second *s, unsigned ms, char buf[DATE_LOG_LEN])
{
	memcpy(buf, s->clf, 20);
	buf[20] = '.';
	put_digits(buf + 21, ms, 3);
	return str_make(buf, DATE_LOG_LEN);
}

struct str date_syslog(const struct date_second *s, char buf[DATE_SYSLOG_LEN])
{
	memcpy(buf, date_month_names[s->d.mon - 1], 3);
	buf[3] = ' ';
	put2(buf + 4, s->d.day);
	if (buf[4] == '0')
		buf[4] = ' ';
	buf[6] = ' ';
	put_clock(buf + 7, &s->d);
	return str_make(buf, DATE_SYSLOG_LEN);
}

struct str date_iso(const struct date_second *s, unsigned us, int digits, char buf[DATE_ISO_MAX])
{
	char *p = buf + 19;

	memcpy(buf, "0000-00-00T", 11);
	put_digits(buf, s->d.year, 4);
	put2(buf + 5, s->d.mon);
	put2(buf + 8, s->d.day);
	put_clock(buf + 11, &s->d);
	if (digits > 0) {
		*p++ = '.';
		put_digits(p, digits >= 6 ? us : us / 1000, digits >= 6 ? 6 : 3);
		p += digits >= 6 ? 6 : 3;
	}
	memcpy(p, s->zone, 3);
	p[3] = ':';
	memcpy(p + 4, s->zone + 3, 2);
	return str_make(buf, p + 6 - buf);
}
