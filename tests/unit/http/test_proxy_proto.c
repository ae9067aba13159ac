#include "tests/unit/unit.h"

#include "weir/base/obj.h"
#include "weir/http/proxy_proto.h"

#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(lit) (lit), sizeof(lit) - 1

/* Given byte by byte it must wait until the end and then say the same as at once. */
static enum proxy_result take(const char *p, size_t n, struct proxy_hdr *h, size_t *used, const char **reason)
{
	enum proxy_result r = proxy_read(p, n, h, used, reason), part;
	struct proxy_hdr other;

	for (size_t some = 0; some < n; some++) {
		char *copy = malloc(some + 1);
		size_t u = 0;
		const char *why = NULL;

		memcpy(copy, p, some);
		part = proxy_read(copy, some, &other, &u, &why);
		if (r == PROXY_DONE && some < *used)
			ck_assert_int_eq(part, PROXY_MORE);
		else if (part == PROXY_BAD)
			ck_assert(r == PROXY_BAD && strcmp(why, *reason) == 0);
		else if (part == PROXY_DONE)
			ck_assert_uint_eq(u, *used);
		free(copy);
	}
	return r;
}

START_TEST(v1)
{
	static const struct { const char *text; bool local; const char *src, *dst; size_t used; } rows[] = {
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 65535\r\nGET", false, "1.2.3.4:1", "5.6.7.8:65535", 36 },
		{ "PROXY TCP6 ::1 2001:DB8::a 0 443\r\n", false, "[::1]:0", "[2001:db8::a]:443", 34 },
		{ "PROXY UNKNOWN\r\nx", true, "", "", 15 },
		{ "PROXY UNKNOWN any thing 1 2 3\r\nx", true, "", "", 31 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_hdr h;
		const char *reason;
		char text[ADDR_TEXT_MAX];
		size_t used;

		ck_assert_int_eq(take(rows[i].text, strlen(rows[i].text), &h, &used, &reason), PROXY_DONE);
		ck_assert_uint_eq(used, rows[i].used);
		ck_assert(h.version == 1 && h.local == rows[i].local && h.tlvs.n == 0);
		if (h.local) {
			ck_assert(!addr_isset(&h.src) && !addr_isset(&h.dst));
			continue;
		}
		ck_assert(str_eqz(addr_text(&h.src, text), rows[i].src));
		ck_assert(str_eqz(addr_text(&h.dst, text), rows[i].dst));
	}
}
END_TEST

START_TEST(bad_v1)
{
	static const struct { const char *text, *reason; } rows[] = {
		{ "GET / HTTP/1.1\r\n", "proxy-no-header" }, { "PROXX", "proxy-no-header" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", "proxy-v1-bare-lf" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r \n", "proxy-v1-bare-cr" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP4 ::1 ::2 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY TCP6 ::1%lo ::2 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY tcp4 1.2.3.4 5.6.7.8 1 2\r\n", "proxy-v1-bad-line" },
		{ "PROXY \r\n", "proxy-v1-bad-line" },
		{ "PROXY UNKNOWN 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
		  "5678901\r\n", "proxy-v1-too-long" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_hdr h;
		const char *reason = "";
		size_t used;

		ck_assert_msg(take(rows[i].text, strlen(rows[i].text), &h, &used, &reason) == PROXY_BAD, "%s",
			      rows[i].text);
		ck_assert_str_eq(reason, rows[i].reason);
	}
}
END_TEST

START_TEST(v2)
{
	static const char v4[] = V2 "\x21\x11\0\x1c\x7f\0\0\1\x7f\0\0\1\xdd|I\x0e\3\0\4-3\x8d" "0\5\0\6abcdefNEXT";
	static const char v6[] = V2 "\x21\x21\0\x24"
				 "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4\x20\1\0\0\0\0\0\0\0\0\0\0\0\0\0\1"
				 "\x10\0\1\xbb";
	char un[16 + 216] = V2 "\x21\x31\0\xd8/run/a.sock", text[ADDR_TEXT_MAX];
	struct proxy_hdr h;
	const char *reason;
	struct str v;
	size_t used;

	ck_assert_int_eq(take(BYTES(v4), &h, &used, &reason), PROXY_DONE);
	ck_assert(used == sizeof(v4) - 5 && h.version == 2 && !h.local && !h.dgram);
	ck_assert(str_eqz(addr_text(&h.src, text), "127.0.0.1:56700"));
	ck_assert(str_eqz(addr_text(&h.dst, text), "127.0.0.1:18702"));
	ck_assert(proxy_tlv_find(h.tlvs, PROXY_TLV_UNIQUE_ID, &v) && str_eqz(v, "abcdef"));
	ck_assert(!proxy_tlv_find(h.tlvs, PROXY_TLV_ALPN, &v));
	ck_assert_int_eq(take(BYTES(v6), &h, &used, &reason), PROXY_DONE);
	ck_assert(str_eqz(addr_text(&h.src, text), "[::ffff:1.2.3.4]:4096"));
	ck_assert(str_eqz(addr_text(&h.dst, text), "[2001::1]:443"));
	ck_assert_uint_eq(h.tlvs.n, 0);
	memcpy(un + 16 + 108, "/run/b.sock", 11);
	ck_assert_int_eq(take(un, sizeof(un), &h, &used, &reason), PROXY_DONE);
	ck_assert(addr_family(&h.src) == AF_UNIX && str_eqz(addr_text(&h.src, text), "/run/a.sock"));
	ck_assert(str_eqz(addr_text(&h.dst, text), "/run/b.sock"));
	memset(un + 16, 'x', 216);
	ck_assert_int_eq(proxy_read(un, sizeof(un), &h, &used, &reason), PROXY_DONE);
	un[13] = 0x32;
	ck_assert_int_eq(proxy_read(un, sizeof(un), &h, &used, &reason), PROXY_DONE);
	ck_assert(h.dgram);
}
END_TEST

START_TEST(local_v2)
{
	struct proxy_hdr h;
	const char *reason;
	struct str v;
	size_t used;

	ck_assert_int_eq(take(BYTES(V2 "\x20\0\0\0rest"), &h, &used, &reason), PROXY_DONE);
	ck_assert(h.local && used == 16 && !addr_isset(&h.src));
	ck_assert_int_eq(take(BYTES(V2 "\x20\x44\0\3abcx"), &h, &used, &reason), PROXY_DONE);
	ck_assert(h.local && used == 19 && h.tlvs.n == 0);
	ck_assert_int_eq(take(BYTES(V2 "\x21\0\0\4\2\0\1ax"), &h, &used, &reason), PROXY_DONE);
	ck_assert(h.local && proxy_tlv_find(h.tlvs, PROXY_TLV_AUTHORITY, &v) && str_eqz(v, "a"));
}
END_TEST

START_TEST(bad_v2)
{
	static const struct { const char *p; size_t n; const char *reason; } rows[] = {
		{ BYTES("\r\n\r\n\0\r\nQUIX"), "proxy-no-header" },
		{ BYTES("\r\nGET / HTTP/1.1"), "proxy-no-header" },
		{ BYTES(V2 "\x11"), "proxy-v2-bad-command" }, { BYTES(V2 "\x22"), "proxy-v2-bad-command" },
		{ BYTES(V2 "\x31\x11\0\x0c"), "proxy-v2-bad-command" },
		{ BYTES(V2 "\x21\x11\xff\xff"), "proxy-v2-too-long" },
		{ BYTES(V2 "\x21\x11\0\x0b\1\2\3\4\5\6\7\x08\x09\0\1"), "proxy-v2-bad-address" },
		{ BYTES(V2 "\x21\x41\0\0"), "proxy-v2-bad-address" },
		{ BYTES(V2 "\x21\x13\0\0"), "proxy-v2-bad-address" },
		{ BYTES(V2 "\x21\x21\0\0"), "proxy-v2-bad-address" },
		{ BYTES(V2 "\x21\x31\0\0"), "proxy-v2-bad-address" },
		{ BYTES(V2 "\x21\x11\0\x0e" "aaaabbbbccdd" "\2\0"), "proxy-v2-bad-tlv" },
		{ BYTES(V2 "\x21\x11\0\x0f" "aaaabbbbccdd" "\2\0\1"), "proxy-v2-bad-tlv" },
		{ BYTES(V2 "\x21\x11\0\x13" "aaaabbbbccdd" "\x20\0\4\0\0\0\0"), "proxy-v2-bad-tlv" },
		{ BYTES(V2 "\x21\x11\0\x15" "aaaabbbbccdd" "\x20\0\6\1\0\0\0\0\x21"), "proxy-v2-bad-tlv" },
		{ BYTES(V2 "\x21\x11\0\x13" "aaaabbbbccdd" "\3\0\4\0\0\0\0"), "proxy-v2-bad-checksum" },
		{ BYTES(V2 "\x21\x11\0\x11" "aaaabbbbccdd" "\3\0\2\0\0"), "proxy-v2-bad-checksum" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct proxy_hdr h;
		const char *reason = "";
		size_t used;

		ck_assert_msg(take(rows[i].p, rows[i].n, &h, &used, &reason) == PROXY_BAD, "%zu", i);
		ck_assert_msg(strcmp(reason, rows[i].reason) == 0, "%zu: %s", i, reason);
	}
}
END_TEST

static void addresses(struct addr *src, struct addr *dst)
{
	addr_set4(src, "\1\2\3\4", 4096);
	addr_set4(dst, "\5\6\7\x08", 443);
}

START_TEST(writes_v1)
{
	char mem[PROXY_V1_MAX + 1];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct addr src, dst, un = { 0 };

	addresses(&src, &dst);
	ck_assert(proxy_write_v1(&b, &src, &dst) && str_eqz(sbuf_str(&b), "PROXY TCP4 1.2.3.4 5.6.7.8 4096 443\r\n"));
	addr_set6(&dst, "\x20\1\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 443);
	sbuf_clear(&b);
	ck_assert(proxy_write_v1(&b, &src, &dst));
	ck_assert_str_eq(sbuf_z(&b), "PROXY TCP6 ::ffff:1.2.3.4 2001::1 4096 443\r\n");
	addr_set_unix(&un, STR("/x"), false, false);
	sbuf_clear(&b);
	ck_assert(proxy_write_v1(&b, &un, &dst) && str_eqz(sbuf_str(&b), "PROXY UNKNOWN\r\n"));
	sbuf_clear(&b);
	ck_assert(proxy_write_v1(&b, NULL, NULL) && str_eqz(sbuf_str(&b), "PROXY UNKNOWN\r\n"));
}
END_TEST

/* What HAProxy 2.6 sends in the same situations. */
START_TEST(writes_v2)
{
	static const char plain[] = V2 "\x21\x11\0\x0c\1\2\3\4\5\6\7\x08\x10\0\1\xbb";
	static const char local[] = V2 "\x20\0\0\7\3\0\4\xa9\xb8~\x8f";
	static const char sums[] = V2 "\x21\x11\0\x1c\x7f\0\0\1\x7f\0\0\1\xdd|I\x0e\3\0\4-3\x8d" "0\5\0\6abcdef";
	char mem[600];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct addr src, dst;

	addresses(&src, &dst);
	ck_assert(proxy_write_v2(&b, &(struct proxy_say){ .src = &src, .dst = &dst }));
	ck_assert(str_eq(sbuf_str(&b), str_make(BYTES(plain))));
	sbuf_clear(&b);
	ck_assert(proxy_write_v2(&b, &(struct proxy_say){ .crc32c = true }));
	ck_assert(str_eq(sbuf_str(&b), str_make(BYTES(local))));
	addr_set4(&src, "\x7f\0\0\1", 56700);
	addr_set4(&dst, "\x7f\0\0\1", 18702);
	sbuf_clear(&b);
	ck_assert(proxy_write_v2(&b, &(struct proxy_say){ .src = &src, .dst = &dst, .crc32c = true,
							  .unique_id = STR("abcdef") }));
	ck_assert(str_eq(sbuf_str(&b), str_make(BYTES(sums))));
}
END_TEST

START_TEST(all_tlvs)
{
	static const struct proxy_tlv custom[] = { { 0xe1, STR_INIT("one") }, { 0xe2, STR_INIT("") } };
	static const struct proxy_say_ssl tls = {
		.client = PROXY_CLIENT_SSL | PROXY_CLIENT_CERT_CONN, .verify = 0x01020304,
		.version = STR_INIT("TLSv1.3"),
		.cn = STR_INIT("cn"), .cipher = STR_INIT("ci"), .sig_alg = STR_INIT("sig"), .key_alg = STR_INIT("key"),
	};
	char mem[600], text[ADDR_TEXT_MAX];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct addr src, dst;
	struct proxy_say say = { .src = &src, .dst = &dst, .ssl = &tls, .alpn = STR("h2"), .authority = STR("a.b"),
				 .unique_id = STR(""), .custom = custom, .ncustom = 2, .crc32c = true };
	struct proxy_tlv_ssl back;
	struct proxy_hdr h;
	const char *reason;
	struct str v;
	size_t used;

	addresses(&src, &dst);
	ck_assert(proxy_write_v2(&b, &say));
	ck_assert_int_eq(take(b.p, b.n, &h, &used, &reason), PROXY_DONE);
	ck_assert_uint_eq(used, b.n);
	ck_assert(str_eqz(addr_text(&h.src, text), "1.2.3.4:4096"));
	ck_assert(proxy_tlv_find(h.tlvs, PROXY_TLV_ALPN, &v) && str_eqz(v, "h2"));
	ck_assert(proxy_tlv_find(h.tlvs, PROXY_TLV_AUTHORITY, &v) && str_eqz(v, "a.b"));
	ck_assert(proxy_tlv_find(h.tlvs, PROXY_TLV_UNIQUE_ID, &v) && v.n == 0);
	ck_assert(proxy_tlv_find(h.tlvs, 0xe1, &v) && str_eqz(v, "one"));
	ck_assert(proxy_tlv_find(h.tlvs, 0xe2, &v) && v.n == 0);
	ck_assert(!proxy_tlv_find(h.tlvs, 0xe3, &v));
	ck_assert(proxy_tlv_find_ssl(h.tlvs, &back) && back.client == 3 && back.verify == 0x01020304);
	ck_assert(proxy_tlv_find(back.subs, PROXY_SSL_VERSION, &v) && str_eqz(v, "TLSv1.3"));
	ck_assert(proxy_tlv_find(back.subs, PROXY_SSL_CN, &v) && str_eqz(v, "cn"));
	ck_assert(proxy_tlv_find(back.subs, PROXY_SSL_CIPHER, &v) && str_eqz(v, "ci"));
	ck_assert(proxy_tlv_find(back.subs, PROXY_SSL_SIG_ALG, &v) && str_eqz(v, "sig"));
	ck_assert(proxy_tlv_find(back.subs, PROXY_SSL_KEY_ALG, &v) && str_eqz(v, "key"));
	mem[20] ^= 1;
	ck_assert_int_eq(proxy_read(b.p, b.n, &h, &used, &reason), PROXY_BAD);
	for (size_t room = 0; room < used; room++) {
		struct sbuf small = sbuf_fixed(mem, room);

		ck_assert(!proxy_write_v2(&small, &say) && small.n == 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("PROXY protocol");

	UNIT_TEST(s, v1);
	UNIT_TEST(s, bad_v1);
	UNIT_TEST(s, v2);
	UNIT_TEST(s, local_v2);
	UNIT_TEST(s, bad_v2);
	UNIT_TEST(s, writes_v1);
	UNIT_TEST(s, writes_v2);
	UNIT_TEST(s, all_tlvs);
	return unit_run(s);
}
