/* Sixteen bytes at a time: with SSE2, or byte by byte where there is none. The caller has made sure that sixteen bytes
 * may be read (and, for names, written). */
#ifndef SRC_HTTP_BLOCKS_H
#define SRC_HTTP_BLOCKS_H

#include "weir/http/chars.h"

#define BLOCK 16

#ifdef __SSE2__

#include <emmintrin.h>

/* 0xff for each byte of v in [from, to]. */
static inline __m128i block_range(__m128i v, char from, char to)
{
	__m128i off = _mm_sub_epi8(v, _mm_set1_epi8(from));

	return _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8(to - from)), off);
}

/* How many bytes come before the first of those whose bytes in `stop` are 0xff. */
static inline unsigned block_until(__m128i stop)
{
	unsigned bits = _mm_movemask_epi8(stop);

	return bits ? __builtin_ctz(bits) : BLOCK;
}

/* Bytes before the first control other than HTAB. */
static inline unsigned block_text(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p), tab = _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'));
	__m128i control = _mm_or_si128(block_range(v, 0, 0x1f), _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));

	return block_until(_mm_andnot_si128(tab, control));
}

/* Bytes before the first that may not stand in a target. */
static inline unsigned block_target(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p), hash = _mm_cmpeq_epi8(v, _mm_set1_epi8('#'));
	__m128i good = _mm_andnot_si128(hash, block_range(v, 0x21, 0x7e));

	return block_until(_mm_cmpeq_epi8(good, _mm_setzero_si128()));
}

/* Lower-cases the bytes before the first that is no letter, digit or '-', and says how many they are. */
static inline unsigned block_name(char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)p), upper = block_range(v, 'A', 'Z');
	__m128i lower = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
	__m128i plain = _mm_or_si128(_mm_or_si128(block_range(lower, 'a', 'z'), block_range(v, '0', '9')),
				     _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
	unsigned n = block_until(_mm_cmpeq_epi8(plain, _mm_setzero_si128()));
	__m128i place = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
	__m128i ours = _mm_cmpgt_epi8(_mm_set1_epi8(n), place);

	_mm_storeu_si128((__m128i *)p, _mm_or_si128(_mm_and_si128(ours, lower), _mm_andnot_si128(ours, v)));
	return n;
}

#else

static inline unsigned block_of(const char *p, int class)
{
	unsigned n = 0;

	while (n < BLOCK && http_is(p[n], class))
		n++;
	return n;
}

static inline unsigned block_text(const char *p) { return block_of(p, CH_VALUE); }
static inline unsigned block_target(const char *p) { return block_of(p, CH_TARGET); }

static inline unsigned block_name(char *p)
{
	unsigned n = 0;

	for (; n < BLOCK && http_is_token(p[n]); n++)
		p[n] = http_lower[(unsigned char)p[n]];
	return n;
}

#endif
#endif
