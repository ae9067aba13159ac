#include "tests/unit/unit.h"

#include "weir/base/enc.h"
#include "weir/base/obj.h"
#include "weir/http/client_hello.h"

/* What OpenSSL 3 sends for TLS 1.3 (its padding left out) and for TLS 1.2. */
#define RANDOM13 "7ba9d73a1ae473e57539c15a1c5d90c447af1972a441d2186e8d64b0c0c734fb"
#define ID13 "c09f55929b143edfe12f00bd1979bba4ecffcda05b4dd92328628dc1d5179239"
#define SNI "00000014001200000f7777772e6578616d706c652e6f7267"
#define ALPN "0010000e000c02683208687474702f312e31"
#define SHARE "003300260024001d0020c2d07d52c835a677a60ccfabf343c32404fa740fdeed6820e99bc2cc38651d76"
#define EXTS13 SNI \
	"000b000403000102000a00160014001d0017001e0019001801000101010201030104002300000010000e000c02" \
	"683208687474702f312e310016000000170000000d002a0028040305030603080708080809080a080b08040805" \
	"0806040105010601030303010302040205020602002b00050403040303002d00020101" \
	SHARE
static const char tls12[] =
	"16030100b5010000b10303da57f24cdead41c1dbed8807d4eb1b1d23af2027bf00625ca7641da7f538669c0000"
	"1ec02cc030c02bc02fcca9cca8c024c028c023c027009f009e006b006700ff0100006a00000014001200000f77"
	"77772e6578616d706c652e6f7267000b000403000102000a000c000a001d0017001e0019001800230000001600"
	"0000170000000d002a0028040305030603080708080809080a080b080408050806040105010601030303010302"
	"040205020602";

static void put16(struct sbuf *b, size_t v)
{
	sbuf_putc(b, v >> 8);
	sbuf_putc(b, v);
}

/* A ClientHello message (no record header) with these extensions, in hexadecimal. */
static void message(struct sbuf *out, const char *session, const char *extensions)
{
	char mem[1024];
	struct sbuf body = sbuf_fixed(mem, sizeof(mem));

	put16(&body, 0x0303);
	hex_dec(&body, STR(RANDOM13));
	sbuf_putc(&body, strlen(session) / 2);
	hex_dec(&body, str_c(session));
	hex_dec(&body, STR("0004" "13021301" "0100"));
	put16(&body, strlen(extensions) / 2);
	ck_assert(hex_dec(&body, str_c(extensions)));
	sbuf_putc(out, 1);
	sbuf_putc(out, 0);
	put16(out, body.n);
	sbuf_puts(out, sbuf_str(&body));
}

static void record(struct sbuf *out, struct str part)
{
	hex_dec(out, STR("160301"));
	put16(out, part.n);
	sbuf_puts(out, part);
}

static void hello(struct sbuf *out, const char *extensions)
{
	char mem[1024];
	struct sbuf m = sbuf_fixed(mem, sizeof(mem));

	message(&m, ID13, extensions);
	record(out, sbuf_str(&m));
}

static struct str hex_of(struct str s)
{
	static char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	hex_enc(&b, s, false);
	return sbuf_str(&b);
}

/* From any start of it: more; the last byte makes it complete. */
static void waits(struct str whole, struct sbuf *scratch)
{
	for (size_t n = 0; n < whole.n; n++) {
		char *copy = malloc(n + 1);
		struct client_hello h;

		memcpy(copy, whole.p, n);
		ck_assert_int_eq(client_hello_read(copy, n, scratch, &h), HELLO_MORE);
		free(copy);
	}
}

START_TEST(fields13)
{
	char mem[1024];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct client_hello h;
	struct str rest, v;
	uint16_t u;

	hello(&b, EXTS13);
	waits(sbuf_str(&b), NULL);
	sbuf_putz(&b, "more");
	ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_DONE);
	ck_assert(h.record_version == 0x0301 && h.version == 0x0303);
	ck_assert(str_eqz(hex_of(h.random), RANDOM13) && str_eqz(hex_of(h.session_id), ID13));
	ck_assert(str_eqz(hex_of(h.ciphers), "13021301") && str_eqz(hex_of(h.compressions), "00"));
	ck_assert(str_eqz(h.sni, "www.example.org"));
	ck_assert(str_eqz(hex_of(h.groups), "001d0017001e00190018" "01000101010201030104"));
	ck_assert(str_eqz(hex_of(h.point_formats), "000102") && str_eqz(hex_of(h.versions), "03040303"));
	ck_assert(h.sigalgs.n == 40 && h.ticket.p && h.ticket.n == 0);
	rest = h.alpn;
	ck_assert(client_hello_next_alpn(&rest, &v) && str_eqz(v, "h2"));
	ck_assert(client_hello_next_alpn(&rest, &v) && str_eqz(v, "http/1.1"));
	ck_assert(!client_hello_next_alpn(&rest, &v));
	rest = h.key_shares;
	ck_assert(client_hello_next_share(&rest, &u, &v) && u == 0x1d && v.n == 32);
	ck_assert(!client_hello_next_share(&rest, &u, &v));
	rest = h.ciphers;
	ck_assert(client_hello_next_u16(&rest, &u) && u == 0x1302);
	rest = h.extensions;
	ck_assert(client_hello_next_ext(&rest, &u, &v) && u == 0 && v.n == 20);
}
END_TEST

START_TEST(fields12)
{
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct client_hello h;

	ck_assert(hex_dec(&b, str_c(tls12)));
	waits(sbuf_str(&b), NULL);
	ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_DONE);
	ck_assert(str_eqz(h.sni, "www.example.org") && h.session_id.n == 0 && h.session_id.p);
	ck_assert(!h.alpn.p && !h.key_shares.p && !h.versions.p && h.ticket.p);
	ck_assert_uint_eq(h.ciphers.n, 30);
}
END_TEST

START_TEST(without_extensions)
{
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct client_hello h;

	hex_dec(&b, STR("160300002d" "01000029" "0300" RANDOM13 "00" "0002000a" "0100"));
	ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_DONE);
	ck_assert(h.version == 0x0300 && !h.extensions.p && !h.sni.p);
}
END_TEST

START_TEST(several_records)
{
	char mem[1024], msg[1024], all[1024];
	struct sbuf m = sbuf_fixed(msg, sizeof(msg)), scratch = sbuf_fixed(all, sizeof(all)), few = sbuf_fixed(all, 20);

	message(&m, ID13, EXTS13);
	for (size_t cut = 1; cut < m.n; cut += 7) {
		struct sbuf b = sbuf_fixed(mem, sizeof(mem));
		struct client_hello h;

		record(&b, str_head(sbuf_str(&m), cut));
		record(&b, str_skip(sbuf_str(&m), cut));
		ck_assert_int_eq(client_hello_read(b.p, b.n, &scratch, &h), HELLO_DONE);
		ck_assert(str_eqz(h.sni, "www.example.org") && h.sni.p >= all && h.sni.p < all + sizeof(all));
		ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_NOT);
		ck_assert_int_eq(client_hello_read(b.p, b.n, &few, &h), HELLO_NOT);
		waits(sbuf_str(&b), &scratch);
	}
}
END_TEST

START_TEST(broken)
{
	static const char *const rows[] = {
		"17", "1602", "1603010000", "160301ffff", "160301000402", "1603010004" "0200002a",
		"1603010004" "01ffffff", "474554",
		"160301002b" "01000027" "0203" RANDOM13 "00" "0002000a" "0100",	/* version 2.3, cut */
		"160303002c" "01000028" "0303" RANDOM13 "00" "0001000a" "0100",	/* odd ciphers */
		"160303002c" "01000028" "0303" RANDOM13 "00" "00000100",	/* none */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char mem[256] = "";
		struct sbuf b = sbuf_fixed(mem, sizeof(mem));
		struct client_hello h;

		ck_assert(hex_dec(&b, str_c(rows[i])));
		b.n = b.n > 12 ? sizeof(mem) : b.n;	/* zeros behind */
		ck_assert_msg(client_hello_read(b.p, b.n, NULL, &h) == HELLO_NOT, "%s", rows[i]);
	}
}
END_TEST

START_TEST(broken_extensions)
{
	static const char *const rows[] = {
		"0000", "00000001", SNI SNI, "000000020001", "00000004000200ff", "0000000500030000ff",
		"000a00050003001d00", "000a0004000200", "000d00050003040305", "0010000400020268", "00100003000100",
		"002b0004030304ff", "002b000403030403", "003300060004001d0020", "0033000300010000", "000b000205",
		"0010000a000702683205687474",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char mem[512];
		struct sbuf b = sbuf_fixed(mem, sizeof(mem));
		struct client_hello h;

		hello(&b, rows[i]);
		ck_assert_msg(client_hello_read(b.p, b.n, NULL, &h) == HELLO_NOT, "%s", rows[i]);
	}
}
END_TEST

START_TEST(strange_but_legal)
{
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct client_hello h;

	hello(&b, "0a0a0000" "000000090007" "0100000000" "0161" "1a1a000101");
	ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_DONE);
	ck_assert(str_eqz(h.sni, "a"));
	sbuf_clear(&b);
	hello(&b, "0a0a0000" "000000090007" "010001ff" "000000" "1a1a000101" "0023000102");
	ck_assert_int_eq(client_hello_read(b.p, b.n, NULL, &h), HELLO_DONE);
	ck_assert(h.sni.p && h.sni.n == 0 && h.ticket.n == 1);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("ClientHello");

	UNIT_TEST(s, fields13);
	UNIT_TEST(s, fields12);
	UNIT_TEST(s, without_extensions);
	UNIT_TEST(s, several_records);
	UNIT_TEST(s, broken);
	UNIT_TEST(s, broken_extensions);
	UNIT_TEST(s, strange_but_legal);
	return unit_run(s);
}
