/* What a ClientHello decides: the name in it, which kind of certificate, and under which options. */
#include "tests/unit/tls/ends.h"
#include "weir/base/sbuf.h"

#include "src/tls/hello.c"

/* --- a ClientHello made by hand --- */

static char asked[300];
static int ecdsa, called;

static int look(SSL *ssl, int *alert, void *arg)
{
	struct str name = asked_name(ssl);

	called++;
	snprintf(asked, sizeof(asked), STR_FMT, STR_ARG(name));
	ecdsa = knows_ecdsa(ssl);
	return SSL_CLIENT_HELLO_ERROR;
}

static void put16(struct sbuf *b, size_t n)
{
	sbuf_putc(b, (char)(n >> 8));
	sbuf_putc(b, (char)n);
}

static void put_ext(struct sbuf *b, unsigned type, struct str bytes)
{
	put16(b, type);
	put16(b, bytes.n);
	sbuf_puts(b, bytes);
}

/* sni, algorithms: contents of the extensions; p NULL: without. */
static void hello(struct str sni, struct str algorithms)
{
	struct sbuf ext = sbuf_grow(), body = sbuf_grow(), all = sbuf_grow();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	if (sni.p)
		put_ext(&ext, TLSEXT_TYPE_server_name, sni);
	if (algorithms.p)
		put_ext(&ext, TLSEXT_TYPE_signature_algorithms, algorithms);
	sbuf_puts(&body, STR("\3\3" "0123456789abcdef0123456789abcdef" "\0" "\0\2\xc0\x2f" "\1\0"));
	put16(&body, ext.n);
	sbuf_puts(&body, sbuf_str(&ext));
	sbuf_puts(&all, STR("\x16\3\1"));
	put16(&all, body.n + 4);
	sbuf_puts(&all, STR("\1\0"));
	put16(&all, body.n);
	sbuf_puts(&all, sbuf_str(&body));
	SSL_CTX_set_client_hello_cb(ctx, look, NULL);
	ssl = SSL_new(ctx);
	SSL_set_bio(ssl, BIO_new_mem_buf(all.p, (int)all.n), BIO_new(BIO_s_mem()));
	called = 0;
	ck_assert_int_lt(SSL_accept(ssl), 1);
	ck_assert_int_eq(called, 1);
	ERR_clear_error();
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	sbuf_fini(&ext);
	sbuf_fini(&body);
	sbuf_fini(&all);
}

START_TEST(names)
{
	static const struct { struct str sni; const char *name; } cases[] = {
		{ STR("\0\4\0\0\1a"), "a" }, { STR("\0\11\0\0\6A.test"), "A.test" },
		{ STR_NONE, "" }, { STR(""), "" }, { STR("\0"), "" }, { STR("\0\0"), "" }, { STR("\0\3\0\0\0"), "" },
		{ STR("\0\4\1\0\1a"), "" },		/* another kind of name */
		{ STR("\0\5\0\0\1a"), "" },		/* a list longer than its extension */
		{ STR("\0\3\0\0\1a"), "" },		/* a shorter one */
		{ STR("\0\4\0\0\2a"), "" },		/* a name longer than the list */
		{ STR("\0\4\0\xff\xff" "a"), "" },
		{ STR("\0\6\0\0\3a\0b"), "" },		/* a NUL in it */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		hello(cases[i].sni, STR_NONE);
		ck_assert_msg(!strcmp(asked, cases[i].name), "%zu: %s", i, asked);
		ck_assert_int_eq(ecdsa, 0);
	}
}
END_TEST

START_TEST(algorithms)
{
	static const struct { struct str list; int ecdsa; } cases[] = {
		{ STR("\0\2\4\3"), 1 },			/* ecdsa_secp256r1_sha256 */
		{ STR("\0\2\2\3"), 1 }, { STR("\0\2\6\3"), 1 }, { STR("\0\4\10\4\5\3"), 1 },
		{ STR("\0\2\10\4"), 0 },		/* rsa_pss_rsae_sha256 */
		{ STR("\0\2\4\1"), 0 },			/* rsa_pkcs1_sha256 */
		{ STR("\0\2\10\7"), 0 },		/* ed25519 */
		{ STR("\0\2\1\3"), 0 },			/* md5 */
		{ STR(""), 0 }, { STR("\0"), 0 }, { STR("\0\1\4"), 0 }, { STR("\0\0"), 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		hello(STR_NONE, cases[i].list);
		ck_assert_msg(ecdsa == cases[i].ecdsa, "%zu", i);
	}
}
END_TEST

/* --- whole handshakes --- */

static void make_files(void)
{
	struct pair ca = make_pair("ca", NULL, NULL, 10), a = make_pair("a.test", "DNS:a.test", &ca, 10),
		    b = make_pair("b.test", "DNS:b.test", &ca, 10),
		    both_rsa = make_pair_of(EVP_RSA_gen(2048), "both-rsa", "DNS:both.test", &ca, 10),
		    both_ec = make_pair("both-ec", "DNS:both.test", &ca, 10);

	WASSERT(mkdtemp(dir));
	save("ca.pem", &ca, NULL);
	save("a.pem", &a, &a);
	save("b.pem", &b, &b);
	save("rsa.pem", &both_rsa, &both_rsa);
	save("ec.pem", &both_ec, &both_ec);
	pair_free(&ca);
	pair_free(&a);
	pair_free(&b);
	pair_free(&both_rsa);
	pair_free(&both_ec);
}

/* The certificate that a client with these algorithms sees. */
static const char *kind_for(const char *sigalgs, const char *first, const char *second)
{
	static char cn[64];
	struct test t;

	test_init(&t);
	use_crt(&t, 0, first);
	use_crt(&t, 1, second);
	t.sw.c.sigalgs = str_c(sigalgs);
	prepare(&t, "");
	shake(&t, "both.test");
	ck_assert_int_eq(t.b.opened, 1);
	snprintf(cn, sizeof(cn), "%s", shown(&t));
	part(&t);
	test_fini(&t);
	return cn;
}

START_TEST(kinds_of_certificates)
{
	ck_assert(loop_enter());
	ck_assert_str_eq(kind_for("", "rsa.pem", "ec.pem"), "both-ec");
	ck_assert_str_eq(kind_for("", "ec.pem", "rsa.pem"), "both-ec");
	ck_assert_str_eq(kind_for("RSA-PSS+SHA256:RSA+SHA256", "ec.pem", "rsa.pem"), "both-rsa");
	ck_assert_str_eq(kind_for("ECDSA+SHA256", "rsa.pem", "ec.pem"), "both-ec");
	loop_leave();
}
END_TEST

START_TEST(who_asks_for_nothing_known)
{
	struct test t;

	ck_assert(loop_enter());
	for (int strict = 0; strict < 2; strict++) {
		test_init(&t);
		use_crt(&t, 0, "a.pem");
		use_crt(&t, 1, "b.pem");
		t.bw.c.options = strict ? TLS_STRICT_SNI : 0;
		t.sw.c.verify = TLS_VERIFY_NONE;
		prepare(&t, "");
		shake(&t, "nobody.test");
		ck_assert_int_eq(t.b.opened, !strict);
		ck_assert_int_eq(t.f.failed, strict);
		if (!strict)
			ck_assert_str_eq(shown(&t), "a.test");
		part(&t);
		shake(&t, "B.TEST");
		ck_assert_int_eq(t.b.opened, 1);
		ck_assert_str_eq(shown(&t), "b.test");
		part(&t);
		shake(&t, "");		/* no name at all */
		ck_assert_int_eq(t.b.opened, !strict);
		part(&t);
		test_fini(&t);
	}
	loop_leave();
}
END_TEST

/* Options of a crt-list line hold for its names only. */
START_TEST(options_of_a_name)
{
	struct str alpn;
	struct sbuf list = sbuf_grow();
	struct test t;

	ck_assert(loop_enter());
	sbuf_printf(&list, "%s/a.pem [alpn http/1.1 ssl-max-ver TLSv1.2]\n%s/b.pem\n", dir, dir);
	save_text("l.list", sbuf_z(&list));
	test_init(&t);
	use_crt(&t, 0, "l.list");
	t.crts[0].list = true;
	prepare(&t, "\2h2\10http/1.1");
	shake(&t, "a.test");
	ck_assert_int_eq(t.b.opened, 1);
	ck_assert(conn_ask(t.front, ASK_ALPN, &alpn) && str_eqz(alpn, "http/1.1"));
	part(&t);
	shake(&t, "b.test");
	ck_assert(conn_ask(t.front, ASK_ALPN, &alpn) && str_eqz(alpn, "h2"));
	part(&t);
	test_fini(&t);
	test_init(&t);
	use_crt(&t, 0, "l.list");
	t.crts[0].list = true;
	t.sw.c.min = TLS_13;
	prepare(&t, "");
	shake(&t, "a.test");
	ck_assert_int_eq(t.b.failed, 1);
	part(&t);
	shake(&t, "b.test");
	ck_assert_int_eq(t.b.opened, 1);
	part(&t);
	test_fini(&t);
	sbuf_fini(&list);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("hello");
	int r;

	make_files();
	UNIT_TEST(s, names);
	UNIT_TEST(s, algorithms);
	UNIT_TEST(s, kinds_of_certificates);
	UNIT_TEST(s, who_asks_for_nothing_known);
	UNIT_TEST(s, options_of_a_name);
	r = unit_run(s);
	dir_remove();
	return r;
}
