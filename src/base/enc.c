#include "weir/base/enc.h"

const char enc_hex_low[17] = "0123456789abcdef";
const char enc_hex_up[17] = "0123456789ABCDEF";

static const char alphabet[2][65] = {
	[BASE64_STD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	[BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* Writes the characters of n (1 to 3) bytes. */
static bool enc_group(struct sbuf *out, const unsigned char *p, size_t n, enum base64_kind kind)
{
	uint32_t v = p[0] << 16 | (n > 1 ? p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
	char c[4];

	for (int i = 0; i < 4; i++)
		c[i] = alphabet[kind][v >> (18 - 6 * i) & 63];
	for (size_t i = n + 1; i < 4; i++)
		c[i] = '=';
	return sbuf_put(out, c, kind == BASE64_STD ? 4 : n + 1);
}

bool base64_enc(struct sbuf *out, struct str in, enum base64_kind kind)
{
	const unsigned char *p = (const unsigned char *)in.p;

	for (size_t i = 0; i < in.n; i += 3)
		if (!enc_group(out, p + i, in.n - i < 3 ? in.n - i : 3, kind))
			return false;
	return true;
}

static int sextet(char c, enum base64_kind kind)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[kind][62])
		return 62;
	return c == alphabet[kind][63] ? 63 : -1;
}

/* Writes the bytes of n (2 to 4) characters. */
static bool dec_group(struct sbuf *out, const char *p, size_t n, enum base64_kind kind)
{
	uint32_t v = 0;
	unsigned char byte[3];

	for (size_t i = 0; i < 4; i++) {
		int s = i < n ? sextet(p[i], kind) : 0;

		if (s < 0)
			return false;
		v = v << 6 | s;
	}
	byte[0] = v >> 16;
	byte[1] = v >> 8;
	byte[2] = v;
	return sbuf_put(out, byte, n - 1);
}

bool base64_dec(struct sbuf *out, struct str in, enum base64_kind kind)
{
	if (kind == BASE64_STD) {
		if (in.n % 4)
			return false;
		for (int i = 0; i < 2 && in.n && in.p[in.n - 1] == '='; i++)
			in.n--;
	}
	if (in.n % 4 == 1)
		return false;
	for (size_t i = 0; i < in.n; i += 4)
		if (!dec_group(out, in.p + i, in.n - i < 4 ? in.n - i : 4, kind))
			return false;
	return true;
}

bool hex_enc(struct sbuf *out, struct str in, bool upper)
{
	const char *digit = upper ? enc_hex_up : enc_hex_low;

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = in.p[i];
		char two[2] = { digit[c >> 4], digit[c & 15] };

		if (!sbuf_put(out, two, 2))
			return false;
	}
	return true;
}

int enc_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int enc_hex_byte(struct str s)
{
	int high, low;

	if (s.n < 2)
		return -1;
	high = enc_hex_digit(s.p[0]);
	low = enc_hex_digit(s.p[1]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool hex_dec(struct sbuf *out, struct str in)
{
	if (in.n % 2)
		return false;
	for (size_t i = 0; i < in.n; i += 2) {
		int byte = enc_hex_byte(str_skip(in, i));

		if (byte < 0 || !sbuf_putc(out, byte))
			return false;
	}
	return true;
}

const struct byte_map byte_map_unreserved = {
	/* 0 to 9, - and . | A to Z, a to z, _ and ~ */
	.bits = { [1] = 0x03ff6000, [2] = 0x87fffffe, [3] = 0x47fffffe },
};

bool pct_enc(struct sbuf *out, struct str in, const struct byte_map *keep, char mark)
{
	size_t from = 0;	/* what is kept goes in runs */

	for (size_t i = 0; i < in.n; i++) {
		unsigned char c = (unsigned char)in.p[i];
		char three[3] = { mark, enc_hex_up[c >> 4], enc_hex_up[c & 15] };

		if (byte_map_has(keep, c))
			continue;
		if (!sbuf_put(out, in.p + from, i - from) || !sbuf_put(out, three, 3))
			return false;
		from = i + 1;
	}
	return from == in.n || sbuf_put(out, in.p + from, in.n - from);
}

bool pct_dec(struct sbuf *out, struct str in, enum pct_plus plus)
{
	for (size_t i = 0; i < in.n; i++) {
		int c = (unsigned char)in.p[i];

		if (c == '%') {
			c = enc_hex_byte(str_skip(in, i + 1));
			i += 2;
		} else if (c == '+' && plus == PCT_PLUS_SPACE) {
			c = ' ';
		} else if (c == '?' && plus == PCT_PLUS_QUERY) {
			plus = PCT_PLUS_SPACE;
		}
		if (c < 0 || !sbuf_putc(out, c))
			return false;
	}
	return true;
}
