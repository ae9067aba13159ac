/* Dates as texts. */
#include <stdio.h>
#include <time.h>
#include "conv_priv.h"
#include "weir/base/date.h"

/* Steps of a second in the units that dates come in, and the digits of their fractions. */
struct unit {
	int64_t per_second;
	int digits;
};

enum date_unit { UNIT_S, UNIT_MS, UNIT_US };
static const struct unit units[] = {
	[UNIT_S] = { 1, 0 }, [UNIT_MS] = { 1000, 3 }, [UNIT_US] = { 1000000, 6 }
};

/* Splits a date in some unit into seconds and the rest. */
static int64_t split(int64_t v, enum date_unit unit, int64_t *rest)
{
	int64_t per = units[unit].per_second, sec = v / per;

	*rest = v % per;
	if (*rest < 0) {
		*rest += per;
		sec--;
	}
	return sec;
}

static bool with_offset(int64_t v, const struct arg *offset, int64_t *out)
{
	return !__builtin_add_overflow(v, arg_given(offset) ? offset->i : 0, out);
}

/* --- http_date --- */

/* Years that four digits write. */
#define HTTP_SECONDS_MIN (-62167219200LL)
#define HTTP_SECONDS_MAX 253402300799LL

static bool conv_http_date(const struct arg *args, struct sample *smp, struct xctx *x,
			   const struct conv_row *row)
{
	enum date_unit unit = args[1].i;
	struct sbuf b = conv_buf(x, DATE_HTTP_LEN + 8);
	char text[DATE_HTTP_LEN];
	int64_t v, sec, rest;

	if (!with_offset(smp->i, &args[0], &v))
		return false;
	sec = split(v, unit, &rest);
	if (sec < HTTP_SECONDS_MIN || sec > HTTP_SECONDS_MAX)
		return false;
	date_http(sec, text);
	sbuf_put(&b, text, DATE_HTTP_LEN - 4);
	if (units[unit].digits)
		sbuf_printf(&b, ".%0*lld", units[unit].digits, (long long)rest);
	sbuf_putz(&b, " GMT");
	return conv_set_str(smp, &b);
}

static bool check_http_date(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	args[1].i = UNIT_S;
	if (nargs < 2 || str_eqz(args[1].s, "s"))
		return true;
	args[1].i = str_eqz(args[1].s, "ms") ? UNIT_MS : UNIT_US;
	return args[1].i == UNIT_MS || str_eqz(args[1].s, "us") ||
	       conv_refuse(err, "expects the unit 's', 'ms' or 'us'");
}

/* --- strftime --- */

#define FORMAT_MAX 512

/* The place of a "%N", "%3N" ... in fmt (its length in *n, the digits wanted in *digits), or -1. */
static size_t find_fraction(struct str fmt, size_t from, size_t *n, int *digits)
{
	for (size_t i = from; i + 1 < fmt.n; i++) {
		bool counted;

		if (fmt.p[i] != '%')
			continue;
		counted = fmt.p[i + 1] >= '1' && fmt.p[i + 1] <= '9';
		*digits = counted ? fmt.p[i + 1] - '0' : 9;
		*n = counted ? 3 : 2;
		if (i + *n <= fmt.n && fmt.p[i + *n - 1] == 'N')
			return i;
		i++;	/* "%%N" is none */
	}
	return (size_t)-1;
}

/* Copies a format with its fractions of a second filled in, which strftime does not know. nano:
 * below 10^9. */
static bool fill_fractions(struct sbuf *b, struct str fmt, int64_t nano)
{
	char nine[16];
	size_t at, from = 0, n = 0;
	int digits = 0;

	snprintf(nine, sizeof(nine), "%09lld", (long long)nano);
	while ((at = find_fraction(fmt, from, &n, &digits)) != (size_t)-1) {
		sbuf_put(b, fmt.p + from, at - from);
		sbuf_put(b, nine, digits);
		from = at + n;
	}
	return sbuf_puts(b, str_skip(fmt, from));
}

static bool format_time(struct sample *smp, struct xctx *x, struct str fmt, int64_t sec, bool local)
{
	char z[FORMAT_MAX], text[CONV_TEXT_MAX];
	time_t t = sec;
	struct tm tm;
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	if (!(local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)))
		return false;
	sbuf_commit(&b, strftime(text, sizeof(text), str_z(fmt, z, sizeof(z)), &tm));
	return conv_copy_str(smp, &b, x);
}

#define LOCAL 0x100	/* beside the unit in priv */

static bool conv_time(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	enum date_unit unit = row->priv & ~LOCAL;
	char mem[FORMAT_MAX];
	struct sbuf fmt = sbuf_fixed(mem, sizeof(mem));
	int64_t v, sec, rest;

	if (!with_offset(smp->i, &args[1], &v))
		return false;
	sec = split(v, unit, &rest);
	if (unit == UNIT_S)
		return format_time(smp, x, args[0].s, sec, row->priv & LOCAL);
	if (!fill_fractions(&fmt, args[0].s, rest * (1000000000 / units[unit].per_second)))
		return false;
	return format_time(smp, x, sbuf_str(&fmt), sec, row->priv & LOCAL);
}

static bool check_format(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	return args[0].s.n < FORMAT_MAX || conv_refuse(err, "the format is too long");
}

#define FORMAT { 1, { ARG_STR, ARG_SINT } }

const struct conv_row conv_date_rows[CONV_DATE_ROWS] = {
	{ "http_date", conv_http_date, { 0, { ARG_SINT, ARG_STR } }, check_http_date, SMP_SINT,
	  SMP_STR, "a date for HTTP fields, with an offset", 0 },
	{ "ltime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "local time by a strftime format, from seconds", UNIT_S | LOCAL },
	{ "utime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "UTC by a strftime format, from seconds", UNIT_S },
	{ "ms_ltime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "local time by a strftime format (and %N), from milliseconds", UNIT_MS | LOCAL },
	{ "ms_utime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "UTC by a strftime format (and %N), from milliseconds", UNIT_MS },
	{ "us_ltime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "local time by a strftime format (and %N), from microseconds", UNIT_US | LOCAL },
	{ "us_utime", conv_time, FORMAT, check_format, SMP_SINT, SMP_STR,
	  "UTC by a strftime format (and %N), from microseconds", UNIT_US },
};
