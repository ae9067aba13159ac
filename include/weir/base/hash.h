/* Hash functions that others must be able to compute too: load balancing by hash, hash converters,
 * PROXY protocol checksums. None is fit for secrets. */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include <stdint.h>
#include "weir/base/str.h"

/* CRC-32 of Ethernet, gzip, PNG; CRC-32C of RFC 9260 appendix A. */
uint32_t hash_crc32(struct str s);
uint32_t hash_crc32c(struct str s);
/* h = h * 33 + byte, from 5381. */
uint32_t hash_djb2(struct str s);
/* h = h * 65599 + byte, from 0. */
uint32_t hash_sdbm(struct str s);
/* HAProxy's wt6: two words that rotate by amounts taken from themselves. */
uint32_t hash_wt6(struct str s);
/* Spreads a change of any bit over all bits (Bob Jenkins' integer hash, then a multiplication by 3
 * * 2^30 + 1 as HAProxy does). */
uint32_t hash_avalanche(uint32_t h);

/* xxHash, the three that the language offers. */
uint32_t hash_xxh32(struct str s, uint32_t seed);
uint64_t hash_xxh64(struct str s, uint64_t seed);
uint64_t hash_xxh3(struct str s, uint64_t seed);

#endif
