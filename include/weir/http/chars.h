/* Byte classes of HTTP (RFC 9110 section 5.6.2, RFC 3986 section 2), one table each. */
#ifndef WEIR_HTTP_CHARS_H
#define WEIR_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "weir/base/str.h"

/* Lower-case form of a token byte, 0 for all other bytes. */
extern const unsigned char http_lower[256];
/* Value of a hexadecimal digit, 0xff for all other bytes. */
extern const unsigned char http_hex[256];

enum {
	CH_TARGET = 1,		/* may stand in a request target: 0x21..0x7e but '#' */
	CH_UNRESERVED = 2,	/* ALPHA DIGIT - . _ ~ */
	CH_SCHEME = 4,		/* ALPHA DIGIT + - . */
	CH_HOST = 8,		/* may stand in a host: unreserved, sub-delims, %, :, [ ] */
	CH_VALUE = 16,		/* may stand in a field value: HTAB, 0x20..0x7e, obs-text */
};
extern const unsigned char http_class[256];

static inline bool http_is(unsigned char c, int class) { return (http_class[c] & class) != 0; }
static inline bool http_is_token(unsigned char c) { return http_lower[c] != 0; }
static inline bool http_is_ows(unsigned char c) { return c == ' ' || c == '\t'; }
static inline bool http_is_digit(unsigned char c) { return (unsigned)c - '0' < 10; }
static inline bool http_is_alpha(unsigned char c) { return (unsigned)(c | 0x20) - 'a' < 26; }

/* Whole string of one class, not empty. */
static inline bool http_all(struct str s, int class)
{
	for (size_t i = 0; i < s.n; i++)
		if (!http_is(s.p[i], class))
			return false;
	return s.n > 0;
}

/* First `a` or `b` at or behind `off` outside of quoted strings (RFC 9110 section 5.6.4), or the end of v. */
size_t http_unquoted(struct str v, size_t off, char a, char b);
/* Nothing in it but what may stand in a field value. */
bool http_value_ok(struct str v);

static inline bool http_all_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!http_is_token(s.p[i]))
			return false;
	return s.n > 0;
}

#endif
