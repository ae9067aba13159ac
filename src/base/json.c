#include "weir/base/json.h"

#include "weir/base/enc.h"
#include "weir/base/obj.h"
#include "weir/base/utf8.h"

/* --- writing --- */

bool json_mode_parse(struct str name, enum json_mode *mode)
{
	static const char *const names[] = {
		[JSON_ASCII] = "ascii", [JSON_UTF8] = "utf8",     [JSON_UTF8S] = "utf8s",
		[JSON_UTF8P] = "utf8p", [JSON_UTF8PS] = "utf8ps",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_eqz(name, names[i])) {
			*mode = i;
			return true;
		}
	}
	return false;
}

/* The letter behind the backslash in the short form of an escape, or 0. */
static char short_escape(uint32_t c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	}
	return 0;
}

static bool put_u(struct sbuf *out, uint32_t cp)
{
	char six[6] = {
		'\\',
		'u',
		enc_hex_low[cp >> 12 & 15],
		enc_hex_low[cp >> 8 & 15],
		enc_hex_low[cp >> 4 & 15],
		enc_hex_low[cp & 15],
	};

	return sbuf_put(out, six, sizeof(six));
}

static bool put_escaped(struct sbuf *out, uint32_t cp)
{
	char two[2] = { '\\', short_escape(cp) };

	if (two[1])
		return sbuf_put(out, two, 2);
	if (cp >= 0x20 && cp < 0x7f)
		return sbuf_putc(out, cp);
	return put_u(out, cp);
}

enum verdict { TAKE, DROP, FAIL };

static enum verdict judge(uint32_t cp, enum utf8_fault fault, enum json_mode mode)
{
	bool permissive = mode == JSON_UTF8P || mode == JSON_UTF8PS;
	bool silent = mode == JSON_UTF8S || mode == JSON_UTF8PS;

	if (fault == UTF8_OVERLONG && permissive)
		fault = UTF8_OK;
	if (fault == UTF8_OK && cp < 0xfffe)
		return TAKE;
	return silent ? DROP : FAIL;
}

bool json_escape(struct sbuf *out, struct str in, enum json_mode mode)
{
	while (in.n) {
		uint32_t cp = (unsigned char)in.p[0];
		enum utf8_fault fault = UTF8_OK;
		enum verdict v;

		in = str_skip(in, mode == JSON_ASCII ? 1 : utf8_step(in, &cp, &fault));
		v = judge(cp, fault, mode);
		if (v == FAIL || (v == TAKE && !put_escaped(out, cp)))
			return false;
	}
	return true;
}

/* One character of a string of ours: what must be escaped is, good UTF-8 is copied. */
static bool put_ours(struct sbuf *out, struct str c, uint32_t cp, enum utf8_fault fault)
{
	if (fault != UTF8_OK)
		return sbuf_puts(out, STR("\xef\xbf\xbd"));
	if (cp == '/' || cp >= 0x80)
		return sbuf_puts(out, c);
	return put_escaped(out, cp);
}

bool json_quote(struct sbuf *out, struct str in)
{
	bool fits = sbuf_putc(out, '"');

	while (in.n && fits) {
		enum utf8_fault fault;
		uint32_t cp;
		size_t n = utf8_step(in, &cp, &fault);

		fits = put_ours(out, str_head(in, n), cp, fault);
		in = str_skip(in, n);
	}
	return fits && sbuf_putc(out, '"');
}

/* Four hexadecimal digits at in->p, which moves on. */
static bool take_u(struct str *in, uint32_t *v)
{
	int high = enc_hex_byte(*in), low = enc_hex_byte(str_skip(*in, 2));

	*in = str_skip(*in, 4);
	*v = (uint32_t)high << 8 | (unsigned)low;
	return high >= 0 && low >= 0;
}

/* Behind "\u": one unit, or the two of a surrogate pair. */
static bool take_code_point(struct str *in, uint32_t *cp)
{
	uint32_t low;

	if (!take_u(in, cp))
		return false;
	if (*cp < 0xd800 || *cp >= 0xe000)
		return true;
	if (*cp >= 0xdc00 || !str_starts(*in, STR("\\u")))
		return false;
	*in = str_skip(*in, 2);
	if (!take_u(in, &low) || low < 0xdc00 || low >= 0xe000)
		return false;
	*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

/* Behind a backslash: writes what the escape stands for. */
static bool put_unescaped(struct sbuf *out, struct str *in)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	char c = in->n ? in->p[0] : 0, utf8[4];
	const char *at = c ? strchr(letters, c) : NULL;
	uint32_t cp;

	*in = str_skip(*in, 1);
	if (at)
		return sbuf_putc(out, bytes[at - letters]);
	if (c != 'u' || !take_code_point(in, &cp))
		return false;
	return sbuf_put(out, utf8, utf8_put(cp, utf8));
}

bool json_unescape(struct sbuf *out, struct str in)
{
	while (in.n) {
		size_t plain = str_chr(in, '\\');

		if (plain == (size_t)-1)
			return sbuf_puts(out, in);
		if (!sbuf_puts(out, str_head(in, plain)))
			return false;
		in = str_skip(in, plain + 1);
		if (!put_unescaped(out, &in))
			return false;
	}
	return true;
}
