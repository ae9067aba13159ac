/* UTF-8 (RFC 3629), step by step. */
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include <stdint.h>
#include "weir/base/str.h"

enum utf8_fault {
	UTF8_OK,
	UTF8_BAD,	/* a lone continuation byte, too few of them, a byte that begins nothing */
	UTF8_RANGE,	/* decodes to a surrogate or beyond U+10FFFF */
	UTF8_OVERLONG,	/* decodes to a good code point that has a shorter form */
};

/* Decodes the first character of s (not empty). Returns the bytes taken, at least 1; *cp is what
 * they decode to (not when BAD). Sequences of 5 and 6 bytes are decoded too, as overlong or out of
 * range. */
size_t utf8_step(struct str s, uint32_t *cp, enum utf8_fault *fault);
bool utf8_valid(struct str s);
/* Writes cp (up to U+10FFFF); returns 1 to 4. */
int utf8_put(uint32_t cp, char out[4]);

#endif
