#include "weir/base/num.h"

#include "weir/base/obj.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads decimal digits from s->p + *at; false on overflow. */
static bool digits(struct str s, size_t *at, uint64_t *out)
{
	uint64_t v = 0;

	for (; *at < s.n && is_digit(s.p[*at]); ++*at)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[*at] - '0'), &v))
			return false;
	*out = v;
	return true;
}

bool num_u64(struct str s, uint64_t *out)
{
	size_t at = 0;

	return s.n && digits(s, &at, out) && at == s.n;
}

bool num_i64(struct str s, int64_t *out)
{
	bool minus = s.n && s.p[0] == '-';
	bool sign = minus || (s.n && s.p[0] == '+');
	uint64_t v, limit = (uint64_t)INT64_MAX + minus;

	if (!num_u64(str_skip(s, sign), &v) || v > limit)
		return false;
	*out = (int64_t)(minus ? -v : v);
	return true;
}

/* The length of a unit in microseconds. */
static const uint64_t unit_us[] = {
	[TIME_US] = 1,
	[TIME_MS] = 1000,
	[TIME_S] = 1000000,
	[TIME_M] = 60 * 1000000ULL,
	[TIME_H] = 3600 * 1000000ULL,
	[TIME_D] = 86400 * 1000000ULL,
};

/* Reads the unit at the end of s. Returns the first wrong character, or NULL when it is right. */
static const char *time_suffix(struct str s, enum time_unit *unit)
{
	static const struct {
		struct str text;
		enum time_unit unit;
	} suffixes[] = {
		{ STR_INIT("us"), TIME_US }, { STR_INIT("ms"), TIME_MS }, { STR_INIT("s"), TIME_S },
		{ STR_INIT("m"), TIME_M }, { STR_INIT("h"), TIME_H }, { STR_INIT("d"), TIME_D },
	};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		if (!str_starts(s, suffixes[i].text))
			continue;
		*unit = suffixes[i].unit;
		return s.n == suffixes[i].text.n ? NULL : s.p + suffixes[i].text.n;
	}
	return s.p;
}

enum num_result num_time(struct str s, enum time_unit dflt, enum time_unit unit, uint64_t *out,
			 const char **bad)
{
	uint64_t v;
	size_t at = 0;

	*bad = s.p;
	if (s.n == 0 || !is_digit(s.p[0]))
		return NUM_BAD;
	if (!digits(s, &at, &v))
		return NUM_OVER;
	if (at < s.n && (*bad = time_suffix(str_skip(s, at), &dflt)))
		return NUM_BAD;
	if (__builtin_mul_overflow(v, unit_us[dflt], &v))
		return NUM_OVER;
	v = v / unit_us[unit] + (v % unit_us[unit] != 0);
	*out = v;
	return v > INT32_MAX ? NUM_OVER : NUM_OK;
}

static int size_shift(char c)
{
	switch (c | 0x20) {
	case 'k':
		return 10;
	case 'm':
		return 20;
	case 'g':
		return 30;
	}
	return 0;
}

enum num_result num_size(struct str s, uint64_t *out, const char **bad)
{
	uint64_t v;
	size_t at = 0;
	int shift = 0;

	*bad = s.p;
	if (s.n == 0 || !is_digit(s.p[0]))
		return NUM_BAD;
	if (!digits(s, &at, &v))
		return NUM_OVER;
	if (at < s.n && (shift = size_shift(s.p[at])))
		at++;
	*bad = s.p + at;
	if (at < s.n)
		return NUM_BAD;
	if (v > UINT64_MAX >> shift)
		return NUM_OVER;
	*out = v << shift;
	return NUM_OK;
}
