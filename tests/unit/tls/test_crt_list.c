/* Lines of crt-lists: what they say, and what is refused. Refusals were compared with HAProxy's. */
#include <sys/stat.h>

#include "tests/unit/tls/ends.h"
#include "weir/base/sbuf.h"

#include "src/tls/crt_list.c"

static void make_files(void)
{
	struct pair ca = make_pair("ca", NULL, NULL, 10), a = make_pair("a.test", "DNS:a.test", &ca, 10),
		    b = make_pair("b.test", "DNS:b.test", &ca, 10);

	WASSERT(mkdtemp(dir));
	save("ca.pem", &ca, NULL);
	save("a.pem", &a, &a);
	save("b.pem", &b, &b);
	save("bare.pem", &b, NULL);
	save("b.key", NULL, &b);
	pair_free(&ca);
	pair_free(&a);
	pair_free(&b);
}

/* A list with this text: each % is the directory. */
static bool load(struct test *t, const char *text)
{
	struct sbuf b = sbuf_grow();

	for (; *text; text++)
		if (*text == '%')
			sbuf_putz(&b, dir);
		else
			sbuf_putc(&b, *text);
	test_init(t);
	save_text("l.list", sbuf_z(&b));
	sbuf_fini(&b);
	use_crt(t, 0, "l.list");
	t->crts[0].list = true;
	return tls_bind_prepare(&t->bw, t->files, STR("\2h2"), &t->why);
}

static void refused(const char *text, const char *why)
{
	struct test t;

	ck_assert_msg(!load(&t, text), "accepted: %s", text);
	ck_assert_msg(strstr(t.why.text, why) != NULL, "%s: %s", text, t.why.text);
	test_fini(&t);
}

/* How many lines and contexts. */
static void accepted(const char *text, int lines, int sites)
{
	struct test t;

	ck_assert_msg(load(&t, text), "%s: %s", text, t.why.text);
	for (const struct tls_entry *e = t.bw.ctx->entries; e; e = e->next)
		lines--;
	for (const struct tls_site *s = t.bw.ctx->sites; s; s = s->next)
		sites--;
	ck_assert_msg(!lines && !sites, "%s: %d, %d", text, lines, sites);
	test_fini(&t);
}

START_TEST(lines)
{
	accepted("%/a.pem\n", 1, 1);
	accepted("\n  # only\n\t%/a.pem\r\n%/b.pem x.test y.test # c [\n", 2, 1);
	accepted("%/a.pem []\n%/a.pem [ ] x\n", 2, 1);
	accepted("%/a.pem [alpn h2]\n%/b.pem [alpn   h2 ]\n%/b.pem [alpn http/1.1]\n", 3, 3);
	accepted("%/a.pem[alpn h2]x.test\n", 1, 2);
	accepted("%/bare.pem [key %/b.key]\n", 1, 1);	/* of the certificate: no context of its own */
	accepted("%/a.pem [no-alpn verify none allow-0rtt ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3]\n", 1, 2);
}
END_TEST

START_TEST(refusals)
{
	refused("%/a.pem [alpn h2\n", "l.list:1]: no closing bracket");
	refused("%/a.pem [alpn h2\n]\n", "l.list:1]: no closing bracket");
	refused("%/b.pem\n%/a.pem x ] y\n", "l.list:2]: brackets in the wrong place");
	refused("%/a.pem x.test [alpn h2]\n", "brackets in the wrong place");
	refused("%/a.pem [alpn h2] [verify none]\n", "brackets in the wrong place");
	refused("%/a.pem [[alpn h2]\n", "brackets in the wrong place");
	refused("%/a.pem [foo bar]\n", "unknown ssl keyword 'foo'");
	refused("%/a.pem [alpn]\n", "missing argument 'alpn'");
	refused("%/a.pem [key]\n", "missing argument 'key'");
	refused("%/a.pem [verify foo]\n", "bad value 'foo'");
	refused("%/a.pem [ssl-min-ver TLSv1.9]\n", "bad value 'TLSv1.9'");
	refused("%/a.pem [ocsp-update maybe]\n", "'ocsp-update' expects <on|off>, not 'maybe'");
	refused("%/a.pem [verify required]\n", "verify is enabled but no CA file specified");
	refused("%/a.pem [ciphers NONSENSE]\n", "NONSENSE");
	refused("%/nosuch.pem\n", "unable to stat SSL certificate from file");
	refused("%/bare.pem\n", "No Private Key found");
	refused("%/a.pem\n%/b.pem", "l.list:2]: Missing LF on last line");
	refused("[alpn h2] x\n", "unable to ");
	refused("", "no SSL certificate specified");
}
END_TEST

static void parse(char *text, struct tls_common *c, struct str *alpn, bool *plain, struct tls_paths *said)
{
	struct tls_fault why = { .text = "" };
	struct front_load l = { .why = &why };
	struct list_at at = { .l = &l, .file = "f", .line = 1 };

	ck_assert_msg(read_options(&at, text, c, alpn, plain), "%s", why.text);
	*said = at.said;
}

START_TEST(options)
{
	struct tls_common c = { .options = TLS_NO_TICKETS | TLS_STRICT_SNI };
	char text[] = "ca-file ca ciphers A:B verify optional tls-tickets allow-0rtt ssl-max-ver TLSv1.0 no-alpn "
		      "sigalgs S client-sigalgs T curves C ecdhe D";
	char parts_only[] = "key k ocsp o issuer i sctl s ocsp-update on";
	struct str alpn = STR("\2h2");
	struct tls_paths said;
	bool plain;

	parse(text, &c, &alpn, &plain, &said);
	ck_assert(!plain && alpn.p && !alpn.n);
	ck_assert_uint_eq(c.options, TLS_STRICT_SNI | TLS_EARLY_DATA);
	ck_assert_uint_eq(c.verify, TLS_VERIFY_OPTIONAL);
	ck_assert_uint_eq(c.max, TLS_10);
	ck_assert_uint_eq(c.min, TLS_ANY);
	ck_assert(str_eqz(c.ca_file, "ca") && str_eqz(c.ciphers, "A:B") && str_eqz(c.sigalgs, "S"));
	ck_assert(str_eqz(c.client_sigalgs, "T") && str_eqz(c.curves, "C") && str_eqz(c.ecdhe, "D"));
	parse(parts_only, &c, &alpn, &plain, &said);
	ck_assert(plain);
	ck_assert_int_eq(said.update, 1);
	ck_assert_str_eq(said.key, "k");
	ck_assert_str_eq(said.ocsp, "o");
	ck_assert_str_eq(said.issuer, "i");
	ck_assert_str_eq(said.sctl, "s");
}
END_TEST

START_TEST(protocols_on_the_wire)
{
	char buf[512], text[300];

	ck_assert(str_eq(to_wire(STR("h2,http/1.1"), buf, sizeof(buf)), STR("\2h2\10http/1.1")));
	ck_assert(str_eq(to_wire(STR(",h2,,"), buf, sizeof(buf)), STR("\2h2")));
	ck_assert_uint_eq(to_wire(STR(","), buf, sizeof(buf)).n, 0);
	ck_assert(str_eq(to_wire(STR("abc,de"), buf, 4), STR("\3abc")));	/* what does not fit is left out */
	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq(to_wire(str_make(text, 256), buf, sizeof(buf)).n, 0);
	ck_assert_uint_eq(to_wire(str_make(text, 255), buf, sizeof(buf)).n, 256);
}
END_TEST

/* Names of a line take the place of the certificate's; a line of exceptions alone keeps them. */
START_TEST(names_of_a_line)
{
	struct test t;
	const struct tls_names *n;

	ck_assert(load(&t, "%/a.pem x.test *.y.test\n%/b.pem [alpn h2] !no.b.test\n"));
	n = &t.bw.ctx->names;
	ck_assert(hmap_has(&n->exact, STR("x.test")) && hmap_has(&n->wild, STR(".y.test")));
	ck_assert(!hmap_has(&n->exact, STR("a.test")));
	ck_assert(hmap_has(&n->exact, STR("b.test")) && hmap_has(&n->exact, STR("no.b.test")));
	test_fini(&t);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("crt_list");
	int r;

	make_files();
	UNIT_TEST(s, lines);
	UNIT_TEST(s, refusals);
	UNIT_TEST(s, options);
	UNIT_TEST(s, protocols_on_the_wire);
	UNIT_TEST(s, names_of_a_line);
	r = unit_run(s);
	dir_remove();
	return r;
}
