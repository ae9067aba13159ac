#include "weir/base/str.h"

#include "weir/base/obj.h"

static inline unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static int length_order(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int r = n ? memcmp(a.p, b.p, n) : 0;

	return r ? r : length_order(a.n, b.n);
}

int str_icmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);

	for (size_t i = 0; i < n; i++) {
		int r = fold(a.p[i]) - fold(b.p[i]);

		if (r)
			return r;
	}
	return length_order(a.n, b.n);
}

size_t str_chr(struct str a, char c)
{
	const char *at = a.n ? memchr(a.p, c, a.n) : NULL;

	return at ? (size_t)(at - a.p) : (size_t)-1;
}

size_t str_rchr(struct str a, char c)
{
	const char *at = a.n ? memrchr(a.p, c, a.n) : NULL;

	return at ? (size_t)(at - a.p) : (size_t)-1;
}

size_t str_find(struct str hay, struct str needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	at = hay.n >= needle.n ? memmem(hay.p, hay.n, needle.p, needle.n) : NULL;
	return at ? (size_t)(at - hay.p) : (size_t)-1;
}

size_t str_ifind(struct str hay, struct str needle)
{
	for (size_t i = 0; i + needle.n <= hay.n; i++)
		if (needle.n == 0 || strncasecmp(hay.p + i, needle.p, needle.n) == 0)
			return i;
	return (size_t)-1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str trim_by(struct str a, bool (*drop)(char))
{
	while (a.n && drop(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && drop(a.p[a.n - 1]))
		a.n--;
	return a;
}

struct str str_trim(struct str a)
{
	return trim_by(a, is_blank);
}

struct str str_trim_ws(struct str a)
{
	return trim_by(a, is_white);
}

struct str str_cut(struct str *rest, char sep)
{
	struct str part = *rest;
	size_t at = str_chr(part, sep);

	if (at == (size_t)-1) {
		*rest = STR_NONE;
		return part;
	}
	part.n = at;
	*rest = str_skip(*rest, at + 1);
	return part;
}

void str_lower(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = fold(p[i]);
}

char *str_z(struct str a, char *buf, size_t size)
{
	size_t n = MIN(a.n, size - 1);

	WASSERT(size > 0);
	if (n)
		memcpy(buf, a.p, n);
	buf[n] = 0;
	return buf;
}
