/* Words of TLS that bind and server lines share: what they leave behind, what defaults add, what is refused. */
#include "src/tls/tls_priv.h"

#include "tests/unit/model/load.h"

/* A server line that speaks TLS, and one that listens (no `ssl`: no files are needed). */
static const char server[] = HTTP "backend b\n\tserver s 1.1.1.1:443 ssl verify none ";
static const char bound[] = HTTP "listen l\n\tbind 127.0.0.1:1 ";

static char *line(const char *before, const char *words)
{
	static char text[1024];

	snprintf(text, sizeof(text), "%s%s\n", before, words);
	return text;
}

static const struct { const char *words, *says; } wrong_servers[] = {
	{ "ssl-min-ver", "'ssl-min-ver' : missing the ssl/tls version" },
	{ "ssl-max-ver TLSv1.4", "'TLSv1.4' : unknown ssl/tls version" },
	{ "ssl-max-ver tlsv1.2", "'tlsv1.2' : unknown ssl/tls version" },
	{ "verify optional", "unknown verify method 'optional', only 'none' and 'required' are supported" },
	{ "verify", "'verify' : missing verify method" },
	{ "ciphers", "'ciphers' : missing cipher suite" },
	{ "ciphers NOPE", "unable to set SSL cipher list to 'NOPE'" },
	{ "ciphersuites NOPE", "unable to set TLS 1.3 cipher suites to 'NOPE'" },
	{ "curves NOPE", "unable to set SSL curves list to 'NOPE'" },
	{ "sigalgs NOPE", "unable to set SSL Signature Algorithm list to 'NOPE'" },
	{ "ca-file", "'ca-file' : missing CAfile path" },
	{ "crl-file", "'crl-file' : missing CRLfile path" },
	{ "ca-file /nonexistent", "'ca-file' : unable to load /nonexistent" },
	{ "verify required", "verify is enabled by default but no CA file specified." },
	/* ranges with nothing in them */
	{ "ssl-min-ver TLSv1.3 ssl-max-ver TLSv1.2", "'server b/s' : all SSL/TLS versions are disabled." },
	{ "ssl-max-ver SSLv3", "all SSL/TLS versions are disabled." },
	{ "no-tlsv12 no-tlsv13", "all SSL/TLS versions are disabled." },
};

START_TEST(wrong_words_of_servers)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong_servers); i++)
		refused(line(server, wrong_servers[i].words), wrong_servers[i].says);
}
END_TEST

START_TEST(wrong_words_of_binds)
{
	refused(line(bound, "verify maybe"), "only 'none', 'optional', and 'required' are supported");
	refused(line(bound, "crt-ignore-err"), "'crt-ignore-err' : missing error IDs list");
	refused(line(bound, "crt-ignore-err 10,foo"), "'crt-ignore-err' : error ID 'foo' unknown");
	refused(line(bound, "ca-ignore-err 10,"), "'ca-ignore-err' : error ID '' unknown");
	refused(line(bound, "ca-ignore-err 128"), "'ca-ignore-err' : error ID '128' unknown");
	refused(line(bound, "ca-ignore-err -1"), "'ca-ignore-err' : error ID '-1' unknown");
	refused(line(bound, "ca-ignore-err 99999999999"), "error ID '99999999999' unknown");
	refused(line(bound, "ca-verify-file"), "'ca-verify-file' : missing CAfile path");
	refused(line(bound, "ecdhe"), "'ecdhe' : missing named curve");
	refused(line(bound, "crt"), "'crt' : missing certificate location");
	refused(line(bound, "ocsp-update maybe"), "'ocsp-update' : expects <on|off>");
	refused(line(bound, "no-ssl-reuse"), "unknown keyword 'no-ssl-reuse'");	/* a server's word */
	refused(line(server, "strict-sni"), "unknown keyword 'strict-sni'");
}
END_TEST

static struct conf *conf;

static const struct tls_common *of_server(const char *before, const char *words)
{
	struct sbuf text = sbuf_grow();

	sbuf_printf(&text, "%s%s", before, line(server, words));
	conf = good(sbuf_z(&text));
	sbuf_fini(&text);
	return &proxy_server(conf_backend(conf, STR("b")), STR("s"))->tls.c;
}

static const struct tls_common *of_bind(const char *before, const char *words)
{
	struct sbuf text = sbuf_grow();

	sbuf_printf(&text, "%s%s", before, line(bound, words));
	conf = good(sbuf_z(&text));
	sbuf_fini(&text);
	return &list_first(&conf_frontend(conf, STR("l"))->binds, struct bind, link)->tls.c;
}

START_TEST(errors_to_pass_over)
{
	const struct tls_common *c = of_bind("", "crt-ignore-err 10,127 ca-ignore-err all crt-ignore-err 64");

	ck_assert_uint_eq(c->crt_ignore.bits[0], 1U << 10);
	ck_assert_uint_eq(c->crt_ignore.bits[1], 1 | UINT64_C(1) << 63);	/* lines of one kind add up */
	for (size_t i = 0; i < ARRAY_LEN(c->ca_ignore.bits); i++)
		ck_assert_uint_eq(c->ca_ignore.bits[i], UINT64_MAX);
	conf_unref(conf);
	c = of_bind("", "crt-ignore-err X509_V_ERR_CERT_HAS_EXPIRED");
	ck_assert_uint_eq(c->crt_ignore.bits[0], 1U << X509_V_ERR_CERT_HAS_EXPIRED);
	conf_unref(conf);
}
END_TEST

/* The line's own words win, whatever a default says; the last of a pair counts. */
START_TEST(defaults)
{
	static const char global[] =
		"global\n\tssl-default-server-options ssl-min-ver TLSv1.1 no-tls-tickets allow-0rtt\n"
		"\tssl-default-server-ciphers AES128-SHA\n\tssl-default-server-curves P-256\n"
		"\tssl-default-bind-options ssl-max-ver TLSv1.2 strict-sni prefer-client-ciphers no-tls-tickets\n"
		"\tssl-default-bind-curves P-384\n\tssl-default-bind-options ssl-min-ver TLSv1.0\n";
	const struct tls_common *c = of_server(global, "tls-tickets ciphers AES256-SHA ssl-max-ver TLSv1.2");

	ck_assert(c->min == TLS_11 && c->max == TLS_12);
	ck_assert(str_eqz(c->ciphers, "AES256-SHA") && str_eqz(c->curves, "P-256"));
	ck_assert_uint_eq(c->options, TLS_EARLY_DATA);
	conf_unref(conf);
	c = of_server(global, "ssl-min-ver TLSv1.3 no-tls-tickets tls-tickets no-tls-tickets");
	ck_assert(c->min == TLS_13 && !c->max);
	ck_assert_uint_eq(c->options, TLS_EARLY_DATA | TLS_NO_TICKETS);
	conf_unref(conf);
	c = of_bind(global, "no-strict-sni tls-tickets");
	ck_assert(c->min == TLS_10 && c->max == TLS_12 && str_eqz(c->curves, "P-384"));
	ck_assert_uint_eq(c->options, TLS_PREFER_CLIENT);
	conf_unref(conf);
	c = of_bind(global, "force-tlsv13");
	ck_assert(c->min == TLS_13 && c->max == TLS_13);
	conf_unref(conf);
}
END_TEST

/* What of a server line comes to its context. */
static void speaks(const char *words, int min, int max, uint64_t without)
{
	const uint64_t all = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
	SSL_CTX *ctx;

	of_server("", words);
	ctx = proxy_server(conf_backend(conf, STR("b")), STR("s"))->tls.ctx->ctx;
	ck_assert_int_eq(SSL_CTX_get_min_proto_version(ctx), min);
	ck_assert_int_eq(SSL_CTX_get_max_proto_version(ctx), max);
	ck_assert_uint_eq(SSL_CTX_get_options(ctx) & all, without);
	conf_unref(conf);
}

START_TEST(versions)
{
	speaks("", TLS1_2_VERSION, 0, 0);
	speaks("ssl-min-ver TLSv1.0", TLS1_VERSION, 0, 0);
	speaks("ssl-max-ver TLSv1.1", TLS1_1_VERSION, TLS1_1_VERSION, 0);
	speaks("force-tlsv13", TLS1_3_VERSION, TLS1_3_VERSION, 0);
	speaks("no-tlsv13 no-sslv3", TLS1_2_VERSION, 0, SSL_OP_NO_TLSv1_3);
	warned(line(server, "no-tlsv12 ssl-max-ver TLSv1.2"), "'server b/s' : no-sslv3/no-tlsv1x are ignored for this "
	       "server. Use only 'ssl-min-ver' and 'ssl-max-ver' to fix.");
	refused("global\n\tssl-default-server-options ssl-min-ver TLSv1.3\n" HTTP "backend b\n"
		"\tserver s 1.1.1.1:443 ssl verify none ssl-max-ver TLSv1.2\n", "all SSL/TLS versions are disabled.");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conf_common");
	int failed;

	tables_up();
	UNIT_TEST(s, wrong_words_of_servers);
	UNIT_TEST(s, wrong_words_of_binds);
	UNIT_TEST(s, errors_to_pass_over);
	UNIT_TEST(s, defaults);
	UNIT_TEST(s, versions);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
