#include "tests/unit/unit.h"

#include "weir/base/hash.h"
#include "weir/base/obj.h"

/* The figures are what HAProxy's converters of these names give for the bytes 0 to 255, nothing,
 * and "a". */
static struct str input(int i)
{
	static char all[256];

	for (int c = 0; c < 256; c++)
		all[c] = c;
	return i == 0 ? str_make(all, 256) : i == 1 ? STR_NONE : STR("a");
}

struct row {
	uint32_t (*hash)(struct str s);
	uint32_t plain[3], spread[3];
};

static const struct row rows[] = {
	{ hash_crc32, { 688229491, 0, 3904355907 }, { 4230317029, 2874071335, 1288200982 } },
	{ hash_crc32c, { 2621708363, 0, 3251651376 }, { 2242979626, 2874071335, 626010576 } },
	{ hash_djb2, { 2589693061, 5381, 177670 }, { 600622701, 3719394183, 3548763807 } },
	{ hash_sdbm, { 905707648, 0, 97 }, { 3103804144, 2874071335, 1830748055 } },
	{ hash_wt6,
	  { 4090277559, 4187620192, 1900802597 },
	  { 1192658767, 2385687481, 1986649387 } },
};

START_TEST(words_of_32_bits)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int k = 0; k < 3; k++) {
			uint32_t h = rows[i].hash(input(k));

			ck_assert_uint_eq(h, rows[i].plain[k]);
			ck_assert_uint_eq(hash_avalanche(h), rows[i].spread[k]);
		}
	}
}
END_TEST

START_TEST(xxhash)
{
	ck_assert_uint_eq(hash_xxh32(input(0), 0), 1497633363);
	ck_assert_uint_eq(hash_xxh32(input(1), 1), 187479954);
	ck_assert_int_eq((int64_t)hash_xxh64(input(0), 0), 2282408585429094475);
	ck_assert_int_eq((int64_t)hash_xxh64(input(2), 1), -2395144786285869370);
	ck_assert_int_eq((int64_t)hash_xxh3(input(0), 0), -7779787747613135503);
	ck_assert_int_eq((int64_t)hash_xxh3(input(1), 9999999999), 7297837782820189523);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("hash");

	UNIT_TEST(s, words_of_32_bits);
	UNIT_TEST(s, xxhash);
	return unit_run(s);
}
