#include "tests/unit/unit.h"

#include "weir/base/enc.h"
#include "weir/base/obj.h"

static char mem[64];

static struct sbuf fresh(void)
{
	return sbuf_fixed(mem, sizeof(mem));
}

START_TEST(base64_vectors)
{
	/* RFC 4648 10 */
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct sbuf b = fresh();

		ck_assert(base64_enc(&b, str_c(pairs[i][0]), BASE64_STD));
		ck_assert(str_eqz(sbuf_str(&b), pairs[i][1]));
		ck_assert_uint_eq(b.n, base64_len(strlen(pairs[i][0])));
		b = fresh();
		ck_assert(base64_dec(&b, str_c(pairs[i][1]), BASE64_STD));
		ck_assert(str_eqz(sbuf_str(&b), pairs[i][0]));
	}
}
END_TEST

START_TEST(base64_url)
{
	struct sbuf b = fresh();

	ck_assert(base64_enc(&b, STR("\xfb\xff\xbf!"), BASE64_URL));
	ck_assert(str_eqz(sbuf_str(&b), "-_-_IQ"));
	b = fresh();
	ck_assert(base64_dec(&b, STR("-_-_IQ"), BASE64_URL));
	ck_assert(str_eqz(sbuf_str(&b), "\xfb\xff\xbf!"));
	ck_assert(!base64_dec(&b, STR("-_-_IQ=="), BASE64_URL));
	ck_assert(!base64_dec(&b, STR("+/+/"), BASE64_URL));
}
END_TEST

START_TEST(stray_bits)
{
	struct sbuf b = fresh();

	ck_assert(base64_dec(&b, STR("Zh=="), BASE64_STD) && str_eqz(sbuf_str(&b), "f"));
}
END_TEST

START_TEST(bad_base64)
{
	static const char *const bad[] = {
		"Z",    "Zg",    "Zg=",    "Zg===", "=Zg=", "Zm9v=",    "Zm9v====",
		"Z===", "Zm 9v", "Zm9v\n", "-_-_",  "====", "Zm9vZ===",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct sbuf b = fresh();

		ck_assert_msg(!base64_dec(&b, str_c(bad[i]), BASE64_STD), "%s", bad[i]);
	}
}
END_TEST

START_TEST(hexadecimal)
{
	struct sbuf b = fresh();

	ck_assert(hex_enc(&b, STR("\0a\xff"), false) && str_eqz(sbuf_str(&b), "0061ff"));
	b = fresh();
	ck_assert(hex_enc(&b, STR("\0a\xff"), true) && str_eqz(sbuf_str(&b), "0061FF"));
	b = fresh();
	ck_assert(hex_dec(&b, STR("0061fF")) && str_eq(sbuf_str(&b), STR("\0a\xff")));
	ck_assert(!hex_dec(&b, STR("123")) && !hex_dec(&b, STR("1g")) && !hex_dec(&b, STR("-1")));
	ck_assert_int_eq(enc_hex_byte(STR("4")), -1);
	ck_assert_int_eq(enc_hex_digit('@'), -1);
}
END_TEST

START_TEST(percent_encoding)
{
	struct sbuf b = fresh();

	ck_assert(pct_enc(&b, STR("aZ09-._~ /?\xff"), &byte_map_unreserved, '%'));
	ck_assert(str_eqz(sbuf_str(&b), "aZ09-._~%20%2F%3F%FF"));
	for (int c = 0; c < 256; c++) {
		bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			     (c >= 'a' && c <= 'z');

		ck_assert_int_eq(byte_map_has(&byte_map_unreserved, c),
				 alnum || (c && strchr("-._~", c)));
	}
}
END_TEST

static bool decodes(const char *in, enum pct_plus plus, const char *want)
{
	struct sbuf b = fresh();

	return pct_dec(&b, str_c(in), plus) && str_eqz(sbuf_str(&b), want);
}

START_TEST(percent_decoding)
{
	struct sbuf b = fresh();
	char text[] = "%41%42";

	ck_assert(decodes("a%20b%2fc+d", PCT_PLUS_KEEP, "a b/c+d"));
	ck_assert(decodes("a+b?c+d", PCT_PLUS_QUERY, "a+b?c d"));
	ck_assert(decodes("a+b%3Fc+d", PCT_PLUS_QUERY, "a+b?c+d"));
	ck_assert(decodes("a+b", PCT_PLUS_SPACE, "a b"));
	ck_assert(!decodes("a%", PCT_PLUS_KEEP, "a"));
	ck_assert(!decodes("a%4", PCT_PLUS_KEEP, "a"));
	ck_assert(!decodes("a%4x", PCT_PLUS_KEEP, "a"));
	ck_assert(pct_dec(&b, STR("%00"), PCT_PLUS_KEEP) && b.n == 1 && b.p[0] == 0);
	b = sbuf_fixed(text, sizeof(text));
	ck_assert(pct_dec(&b, str_c(text), PCT_PLUS_KEEP) && str_eqz(sbuf_str(&b), "AB"));
}
END_TEST

START_TEST(output_that_does_not_fit)
{
	char small[3];
	struct sbuf b = sbuf_fixed(small, sizeof(small));

	ck_assert(!base64_enc(&b, STR("abc"), BASE64_STD));
	b = sbuf_fixed(small, sizeof(small));
	ck_assert(!hex_enc(&b, STR("ab"), false));
	b = sbuf_fixed(small, sizeof(small));
	ck_assert(!pct_enc(&b, STR("a/"), &byte_map_unreserved, '%'));
	b = sbuf_fixed(small, sizeof(small));
	ck_assert(!pct_dec(&b, STR("abcd"), PCT_PLUS_KEEP));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("enc");

	UNIT_TEST(s, base64_vectors);
	UNIT_TEST(s, base64_url);
	UNIT_TEST(s, stray_bits);
	UNIT_TEST(s, bad_base64);
	UNIT_TEST(s, hexadecimal);
	UNIT_TEST(s, percent_encoding);
	UNIT_TEST(s, percent_decoding);
	UNIT_TEST(s, output_that_does_not_fit);
	return unit_run(s);
}
