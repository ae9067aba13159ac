/* Encodings of bytes as text: base64 (RFC 4648), hexadecimal, percent signs (RFC 3986). Output goes
 * to a struct sbuf; false: it did not fit (fixed buffers), or the input was wrong (decoders: what
 * was written is then of no use). */
#ifndef WEIR_BASE_ENC_H
#define WEIR_BASE_ENC_H

#include <stdint.h>
#include "weir/base/sbuf.h"
#include "weir/base/str.h"

enum base64_kind {
	BASE64_STD,	/* + and /, padded */
	BASE64_URL,	/* - and _, not padded */
};
/* Text length of n bytes. */
static inline size_t base64_len(size_t n) { return (n + 2) / 3 * 4; }
bool base64_enc(struct sbuf *out, struct str in, enum base64_kind kind);
/* Strict: whole text, right padding (STD: required; URL: none), no other character. Bits at the end
 * that make up no byte are not looked at (RFC 4648 3.5 leaves that open; HAProxy takes them). */
bool base64_dec(struct sbuf *out, struct str in, enum base64_kind kind);

extern const char enc_hex_low[17], enc_hex_up[17];
bool hex_enc(struct sbuf *out, struct str in, bool upper);
/* An even number of digits of either case. */
bool hex_dec(struct sbuf *out, struct str in);
/* Value of a hexadecimal digit, or -1; of the first two characters, or -1. */
int enc_hex_digit(char c);
int enc_hex_byte(struct str s);

/* A set of bytes. */
struct byte_map {
	uint32_t bits[8];
};
static inline bool byte_map_has(const struct byte_map *m, unsigned char c)
{
	return m->bits[c >> 5] >> (c & 31) & 1;
}
static inline void byte_map_add(struct byte_map *m, unsigned char c)
{
	m->bits[c >> 5] |= 1U << (c & 31);
}
/* The unreserved characters of RFC 3986 2.3: letters, digits, "-", ".", "_", "~". */
extern const struct byte_map byte_map_unreserved;

/* Bytes that are not in `keep` become `mark` and two hexadecimal digits (capitals). */
bool pct_enc(struct sbuf *out, struct str in, const struct byte_map *keep, char mark);
enum pct_plus {
	PCT_PLUS_KEEP,		/* + is itself */
	PCT_PLUS_QUERY,		/* + is a blank behind the first question mark */
	PCT_PLUS_SPACE,		/* + is a blank everywhere */
};
/* Writes at most in.n bytes; out may be in's own memory (a fixed sbuf over it). False: a percent
 * sign without two digits. */
bool pct_dec(struct sbuf *out, struct str in, enum pct_plus plus);

#endif
