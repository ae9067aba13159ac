/* A slice: pointer and length. It owns nothing; whoever made the bytes says how long they live. */
#ifndef WEIR_BASE_STR_H
#define WEIR_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_INIT(lit) { (lit), sizeof(lit) - 1 }
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p
#define STR_NONE ((struct str){ NULL, 0 })

static inline struct str str_make(const char *p, size_t n) { return (struct str){ p, n }; }
static inline struct str str_c(const char *z) { return (struct str){ z, z ? strlen(z) : 0 }; }
static inline bool str_eq(struct str a, struct str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
/* The same for n equal bytes that are short, like names: without a call. */
static inline bool str_same_short(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	uint32_t v, w;

	if (n < 4) {
		for (size_t i = 0; i < n; i++)
			if (a[i] != b[i])
				return false;
		return true;
	}
	if (n < 8) {
		memcpy(&v, a, 4), memcpy(&w, b, 4);
		if (v != w)
			return false;
		memcpy(&v, a + n - 4, 4), memcpy(&w, b + n - 4, 4);
		return v == w;
	}
	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&x, a + i, 8), memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a + n - 8, 8), memcpy(&y, b + n - 8, 8);
	return x == y;
}
static inline bool str_ieq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}
/* How many words of a line stand before its first empty one: HAProxy's lists of words end there. */
static inline int str_words(const struct str *w, int n)
{
	int used = 0;

	while (used < n && w[used].n)
		used++;
	return used;
}
static inline bool str_eqz(struct str a, const char *z) { return str_eq(a, str_c(z)); }
static inline bool str_starts(struct str a, struct str pre) { return a.n >= pre.n && memcmp(a.p, pre.p, pre.n) == 0; }
static inline bool str_ends(struct str a, struct str suf)
{
	return a.n >= suf.n && memcmp(a.p + a.n - suf.n, suf.p, suf.n) == 0;
}
/* The rest of `a` from offset n (n is cut to the length). */
static inline struct str str_skip(struct str a, size_t n)
{
	if (n > a.n)
		n = a.n;
	return str_make(n ? a.p + n : a.p, a.n - n);	/* NULL + 0 is not defined */
}
static inline struct str str_head(struct str a, size_t n) { return str_make(a.p, n < a.n ? n : a.n); }

/* Byte order, then length; as strcmp. Case-folding variant for ASCII only. */
int str_cmp(struct str a, struct str b);
int str_icmp(struct str a, struct str b);
/* Position of a byte / of a needle, or (size_t)-1. */
size_t str_chr(struct str a, char c);
size_t str_rchr(struct str a, char c);
size_t str_find(struct str hay, struct str needle);
size_t str_ifind(struct str hay, struct str needle);
/* Without SP and HTAB (trim), or all ASCII white space (trim_ws), at both ends. */
struct str str_trim(struct str a);
struct str str_trim_ws(struct str a);
/* Cuts *rest at the next `sep`: returns the part before it and moves *rest behind it. When there is no
 * separator the whole rest is returned and rest->p becomes NULL (which ends a loop). */
struct str str_cut(struct str *rest, char sep);
/* Lower case, ASCII, in place. */
void str_lower(char *p, size_t n);
/* Copies into buf (always NUL-terminated, cut to size) and returns buf: for libc calls that want a C string. */
char *str_z(struct str a, char *buf, size_t size);

#endif
