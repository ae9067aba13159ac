#include "weir/base/hash.h"

#include <xxhash.h>

/* Four bits at a time: the remainders of the 16 half bytes by the polynomial (bits reversed). */
static uint32_t crc(struct str s, const uint32_t table[16])
{
	uint32_t c = ~0U;

	for (size_t i = 0; i < s.n; i++) {
		c ^= (unsigned char)s.p[i];
		c = c >> 4 ^ table[c & 15];
		c = c >> 4 ^ table[c & 15];
	}
	return ~c;
}

uint32_t hash_crc32(struct str s)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	return crc(s, table);
}

uint32_t hash_crc32c(struct str s)
{
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
		0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	return crc(s, table);
}

uint32_t hash_djb2(struct str s)
{
	uint32_t h = 5381;

	for (size_t i = 0; i < s.n; i++)
		h = h * 33 + (unsigned char)s.p[i];
	return h;
}

uint32_t hash_sdbm(struct str s)
{
	uint32_t h = 0;

	for (size_t i = 0; i < s.n; i++)
		h = h * 65599 + (unsigned char)s.p[i];
	return h;
}

static inline uint32_t rotate_left(uint32_t v, unsigned n)
{
	return v << (n & 31) | v >> (-n & 31);
}

uint32_t hash_wt6(struct str s)
{
	uint32_t a = 0xa53c965a, b = 0x5ca6953a;
	unsigned turn_a = 6, turn_b = 18;

	for (size_t i = 0; i < s.n; i++) {
		uint32_t byte = (unsigned char)s.p[i], mixed_a = ~(a ^ byte), mixed_b = ~(b + byte),
			 mix;

		a = rotate_left(mixed_b, turn_a);
		b = rotate_left(mixed_a, turn_b);
		mix = (a >> 16 ^ b) & 0xffff;
		turn_a = mix & 31;
		turn_b = mix >> 11;
	}
	return a ^ b;
}

uint32_t hash_avalanche(uint32_t h)
{
	h = (h + 0x7ed55d16) + (h << 12);
	h = (h ^ 0xc761c23c) ^ (h >> 19);
	h = (h + 0x165667b1) + (h << 5);
	h = (h + 0xd3a2646c) ^ (h << 9);
	h = (h + 0xfd7046c5) + (h << 3);
	h = (h ^ 0xb55a4f09) ^ (h >> 16);
	return h * 3221225473U;
}

uint32_t hash_xxh32(struct str s, uint32_t seed)
{
	return XXH32(s.n ? s.p : "", s.n, seed);
}

uint64_t hash_xxh64(struct str s, uint64_t seed)
{
	return XXH64(s.n ? s.p : "", s.n, seed);
}

uint64_t hash_xxh3(struct str s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.n ? s.p : "", s.n, seed);
}
