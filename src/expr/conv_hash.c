/* Hashes, the same as those of load balancing. */
#include "conv_priv.h"
#include "weir/base/hash.h"

/* By priv. */
static uint32_t (*const hashes[])(struct str) = { hash_crc32, hash_crc32c, hash_djb2, hash_sdbm,
						  hash_wt6 };
enum hash_kind { HASH_CRC32, HASH_CRC32C, HASH_DJB2, HASH_SDBM, HASH_WT6 };

static bool conv_hash(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	uint32_t h = hashes[row->priv](smp->s);

	if (arg_given(&args[0]) && args[0].i)
		h = hash_avalanche(h);
	smp_set_int(smp, h);
	return true;
}

static bool conv_xxh32(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	smp_set_int(smp, hash_xxh32(smp->s, arg_given(&args[0]) ? args[0].i : 0));
	return true;
}

static bool conv_xxh64(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	smp_set_int(smp, hash_xxh64(smp->s, arg_given(&args[0]) ? args[0].i : 0));
	return true;
}

static bool conv_xxh3(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	smp_set_int(smp, hash_xxh3(smp->s, arg_given(&args[0]) ? args[0].i : 0));
	return true;
}

#define ONE { 0, { ARG_SINT } }

const struct conv_row conv_hash_rows[CONV_HASH_ROWS] = {
	{ "crc32", conv_hash, ONE, NULL, SMP_BIN, SMP_SINT,
	  "CRC-32; argument 1: spread by an avalanche", HASH_CRC32 },
	{ "crc32c", conv_hash, ONE, NULL, SMP_BIN, SMP_SINT,
	  "CRC-32C; argument 1: spread by an avalanche", HASH_CRC32C },
	{ "djb2", conv_hash, ONE, NULL, SMP_BIN, SMP_SINT,
	  "DJB2 hash; argument 1: spread by an avalanche", HASH_DJB2 },
	{ "sdbm", conv_hash, ONE, NULL, SMP_BIN, SMP_SINT,
	  "SDBM hash; argument 1: spread by an avalanche", HASH_SDBM },
	{ "wt6", conv_hash, ONE, NULL, SMP_BIN, SMP_SINT,
	  "WT6 hash; argument 1: spread by an avalanche", HASH_WT6 },
	{ "xxh32", conv_xxh32, ONE, NULL, SMP_BIN, SMP_SINT, "xxHash of 32 bits, with a seed", 0 },
	{ "xxh64", conv_xxh64, ONE, NULL, SMP_BIN, SMP_SINT,
	  "xxHash of 64 bits (signed), with a seed", 0 },
	{ "xxh3", conv_xxh3, ONE, NULL, SMP_BIN, SMP_SINT, "XXH3 of 64 bits (signed), with a seed",
	  0 },
};
