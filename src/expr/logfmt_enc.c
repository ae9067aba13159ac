/* Values of a log line as JSON (RFC 8259) or CBOR (RFC 8949). CBOR is written in hexadecimal digits unless +bin. */
#include <arpa/inet.h>
#include "logfmt_priv.h"
#include "weir/base/enc.h"

void lf_json_text(struct sbuf *out, struct str s)
{
	sbuf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\') {
			sbuf_putc(out, '\\');
			sbuf_putc(out, (char)c);
		} else if (c < 0x20) {
			sbuf_printf(out, "\\u%04x", c);
		} else {
			sbuf_putc(out, (char)c);
		}
	}
	sbuf_putc(out, '"');
}

/* Addresses and methods have been cast to text before. */
void lf_json_value(struct sbuf *out, const struct sample *smp)
{
	if (!smp)
		sbuf_putz(out, "null");
	else if (smp->type == SMP_BOOL)
		sbuf_putz(out, smp->i ? "true" : "false");
	else if (smp->type == SMP_SINT)
		sbuf_puti(out, smp->i);
	else
		lf_json_text(out, smp->s);
}

void lf_cbor_byte(struct sbuf *out, unsigned char b, bool raw)
{
	if (raw) {
		sbuf_putc(out, (char)b);
		return;
	}
	sbuf_putc(out, enc_hex_up[b >> 4]);
	sbuf_putc(out, enc_hex_up[b & 15]);
}

/* Major type and number in the shortest form. */
static void cbor_head(struct sbuf *out, unsigned major, uint64_t v, bool raw)
{
	int bytes = v < 24 ? 0 : v <= 0xff ? 1 : v <= 0xffff ? 2 : v <= 0xffffffffU ? 4 : 8;
	unsigned char info = bytes == 0 ? (unsigned char)v : bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27;

	lf_cbor_byte(out, (unsigned char)(major << 5 | info), raw);
	for (int i = bytes - 1; i >= 0; i--)
		lf_cbor_byte(out, (unsigned char)(v >> (8 * i)), raw);
}

void lf_cbor_text(struct sbuf *out, struct str s, bool bytes, bool raw)
{
	cbor_head(out, bytes ? 2 : 3, s.n, raw);
	for (size_t i = 0; i < s.n; i++)
		lf_cbor_byte(out, (unsigned char)s.p[i], raw);
}

void lf_cbor_value(struct sbuf *out, const struct sample *smp, bool raw)
{
	if (!smp)
		lf_cbor_byte(out, 0xf6, raw);
	else if (smp->type == SMP_BOOL)
		lf_cbor_byte(out, smp->i ? 0xf5 : 0xf4, raw);
	else if (smp->type == SMP_SINT && smp->i >= 0)
		cbor_head(out, 0, (uint64_t)smp->i, raw);
	else if (smp->type == SMP_SINT)
		cbor_head(out, 1, ~(uint64_t)smp->i, raw);
	else
		lf_cbor_text(out, smp->s, smp->type == SMP_BIN, raw);
}
