#include "weir/base/utf8.h"

#include "weir/base/assert.h"

/* Length of a sequence by its first byte, 0: begins none. */
static int length_of(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc0 || c > 0xfd)
		return 0;
	return __builtin_clz(~((uint32_t)c << 24));
}

static enum utf8_fault judge(uint32_t cp, size_t len)
{
	/* one more than the greatest code point that needs so many bytes */
	static const uint32_t limit[] = { 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000 };

	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return UTF8_RANGE;
	return len > 1 && cp < limit[len - 1] ? UTF8_OVERLONG : UTF8_OK;
}

size_t utf8_step(struct str s, uint32_t *cp, enum utf8_fault *fault)
{
	size_t len, i;
	unsigned char c;

	WASSERT(s.n > 0);
	c = s.p[0];
	len = length_of(c);
	*fault = UTF8_BAD;
	if (len == 0)
		return 1;
	*cp = len == 1 ? c : c & (0x7f >> len);
	for (i = 1; i < len; i++) {
		if (i == s.n || (s.p[i] & 0xc0) != 0x80)
			return i;
		*cp = *cp << 6 | (s.p[i] & 0x3f);
	}
	*fault = judge(*cp, len);
	return len;
}

bool utf8_valid(struct str s)
{
	enum utf8_fault fault;
	uint32_t cp;

	while (s.n) {
		s = str_skip(s, utf8_step(s, &cp, &fault));
		if (fault != UTF8_OK)
			return false;
	}
	return true;
}

int utf8_put(uint32_t cp, char out[4])
{
	int n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	WASSERT(cp <= 0x10ffff);
	if (n == 1) {
		out[0] = cp;
		return 1;
	}
	for (int i = n - 1; i > 0; i--, cp >>= 6)
		out[i] = 0x80 | (cp & 0x3f);
	out[0] = (0xf00 >> n & 0xff) | cp;
	return n;
}
