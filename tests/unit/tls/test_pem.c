/* Parts of certificates from text, and OCSP answers: what is taken, what is refused and why. */
#include <openssl/ocsp.h>

#include "tests/unit/tls/certs.h"
#include "weir/base/sbuf.h"

static struct pair ca, a, b;
static struct tls_fault why;

/* PEM of certificates and keys, one behind the other. */
static struct sbuf out;

static void begin(void)
{
	ca = make_pair("ca", NULL, NULL, 10);
	a = make_pair("a.test", "DNS:a.test", &ca, 10);
	b = make_pair("b.test", "DNS:b.test", &ca, 10);
	out = sbuf_grow();
	why.text[0] = 0;
}

static void end(void)
{
	pair_free(&ca);
	pair_free(&a);
	pair_free(&b);
	sbuf_fini(&out);
}

static void put(BIO *m)
{
	char *text;
	long n = BIO_get_mem_data(m, &text);

	sbuf_put(&out, text, (size_t)n);
	BIO_free(m);
}

static void put_cert(const struct pair *p)
{
	BIO *m = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(m, p->x);
	put(m);
}

static void put_key(const struct pair *p, const char *phrase)
{
	BIO *m = BIO_new(BIO_s_mem());

	PEM_write_bio_PKCS8PrivateKey(m, p->key, phrase ? EVP_aes_128_cbc() : NULL, NULL, 0, NULL, (void *)phrase);
	put(m);
}

/* Reads what was put. */
static struct tls_cert *take(bool *ok)
{
	struct tls_cert *c = tls_cert_create("f.pem");

	*ok = tls_cert_take_pem(c, sbuf_str(&out), "f.pem", &why);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	sbuf_clear(&out);
	return c;
}

static void refused(const char *text)
{
	struct tls_cert *c;
	bool ok;

	c = take(&ok);
	ck_assert(!ok);
	ck_assert_msg(strstr(why.text, text) && strstr(why.text, "'f.pem'"), "%s", why.text);
	tls_cert_unref(c);
}

START_TEST(any_order)
{
	struct tls_global g = { 0 };
	struct tls_files *files = tls_files_create(&g);
	struct tls_cert *c;
	bool ok;

	begin();
	sbuf_putz(&out, "Bag Attributes\n  friendlyName: x\n");
	put_cert(&ca);		/* the authority in front */
	put_key(&a, NULL);
	put_cert(&a);
	c = take(&ok);
	ck_assert_msg(ok, "%s", why.text);
	ck_assert(tls_cert_complete(c, files, &why));
	ck_assert(X509_cmp(c->leaf, a.x) == 0);
	ck_assert_int_eq(sk_X509_num(c->chain), 1);
	ck_assert(X509_cmp(c->issuer, ca.x) == 0);
	ck_assert_int_eq(tls_cert_kind(c), TLS_KIND_EC);
	ck_assert(c->ocsp_id_len > 0);
	tls_cert_unref(c);
	put_cert(&a);		/* a key that belongs to none of them */
	put_cert(&ca);
	put_key(&b, NULL);
	c = take(&ok);
	ck_assert(ok && !tls_cert_complete(c, files, &why));
	ck_assert_str_eq(why.text, "inconsistencies between private key and certificate loaded 'f.pem'.");
	tls_cert_unref(c);
	tls_files_destroy(files);
	end();
}
END_TEST

START_TEST(what_is_no_certificate)
{
	struct tls_cert *c;
	bool ok;

	begin();
	refused("no certificate in it");
	put_key(&a, NULL);
	refused("no certificate in it");
	sbuf_putz(&out, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
	refused("unable to load certificate from file");
	put_cert(&a);
	sbuf_putz(&out, "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n");
	refused("unable to load certificate chain from file");
	put_cert(&a);
	put_key(&a, "secret");
	refused("is encrypted with a pass phrase");
	put_cert(&a);
	sbuf_putz(&out, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
	refused("unable to load private key from file");
	put_cert(&a);		/* the key may come by itself later */
	c = take(&ok);
	ck_assert(ok && !c->key);
	ck_assert(!tls_cert_take_key(c, STR("nothing"), "f.key", &why));
	ck_assert_str_eq(why.text, "No Private Key found in 'f.key'.");
	ck_assert(!tls_cert_take_issuer(c, STR("nothing"), "f.issuer", &why));
	ck_assert(strstr(why.text, "unable to load issuer certificate from file 'f.issuer'"));
	tls_cert_unref(c);
	end();
}
END_TEST

/* Tools write the curve's parameters in front of the key: they are not DH parameters. */
START_TEST(parameters_of_curves)
{
	struct tls_cert *c;
	bool ok;

	begin();
	sbuf_putz(&out, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
	put_key(&a, NULL);
	put_cert(&a);
	c = take(&ok);
	ck_assert(ok && c->key && !c->dh);
	tls_cert_unref(c);
	end();
}
END_TEST

START_TEST(timestamps)
{
	static const struct { struct str bytes; bool good; } cases[] = {
		{ STR("\0\5\0\3abc"), true }, { STR("\0\6\0\1a\0\1b"), true }, { STR("\0\2\0\0"), true },
		{ STR(""), false }, { STR("\0\0"), false }, { STR("\0\1\0"), false }, { STR("\0\6\0\3abc"), false },
		{ STR("\0\5\0\4abc"), false }, { STR("\0\5\0\2abc"), false }, { STR("\0\4\0\3abc"), false },
		{ STR("\0\5\xff\xff""abc"), false },
	};
	struct tls_cert *c = tls_cert_create("x");

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		why.text[0] = 0;
		ck_assert_msg(tls_cert_take_sctl(c, cases[i].bytes, "x.sctl", &why) == cases[i].good, "%zu", i);
		ck_assert_msg(cases[i].good || !strcmp(why.text, "invalid SCTL in file 'x.sctl'."), "%zu", i);
	}
	ck_assert_uint_eq(c->sctl_len, 4);	/* the last good one stays */
	tls_cert_unref(c);
}
END_TEST

/* --- OCSP --- */

struct told { int status, count; long until; const struct pair *about; };

/* An answer, signed by the authority; released by OPENSSL_free. */
static unsigned char *answer(const struct told *t, int *n)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -3600), *until = t->until ? X509_gmtime_adj(NULL, t->until) : NULL;
	unsigned char *der = NULL;
	OCSP_RESPONSE *r;

	for (int i = 0; i < t->count; i++) {
		OCSP_CERTID *id = OCSP_cert_to_id(NULL, t->about->x, ca.x);

		OCSP_basic_add1_status(basic, id, t->status, 0, NULL, from, until);
		OCSP_CERTID_free(id);
	}
	OCSP_basic_sign(basic, ca.x, ca.key, EVP_sha256(), NULL, 0);
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	*n = i2d_OCSP_RESPONSE(r, &der);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	return der;
}

static struct tls_cert *complete(struct tls_files *files)
{
	struct tls_cert *c;
	bool ok;

	put_cert(&a);
	put_cert(&ca);
	put_key(&a, NULL);
	c = take(&ok);
	ck_assert(ok && tls_cert_complete(c, files, &why));
	return c;
}

START_TEST(answers)
{
	static const struct { struct told t; bool any_age; const char *wrong; } cases[] = {
		{ { V_OCSP_CERTSTATUS_GOOD, 1, 3600, &a }, false, NULL },
		{ { V_OCSP_CERTSTATUS_UNKNOWN, 1, 3600, &a }, false, "the responder does not know the certificate" },
		{ { V_OCSP_CERTSTATUS_GOOD, 1, -1800, &a }, false, "no longer valid" },
		{ { V_OCSP_CERTSTATUS_GOOD, 1, -1800, &a }, true, NULL },
		{ { V_OCSP_CERTSTATUS_GOOD, 1, 0, &a }, false, "it does not say how long it is good" },
		{ { V_OCSP_CERTSTATUS_GOOD, 2, 3600, &a }, false, "it is not about one certificate alone" },
		{ { V_OCSP_CERTSTATUS_GOOD, 0, 3600, &a }, false, "it is not about one certificate alone" },
		{ { V_OCSP_CERTSTATUS_GOOD, 1, 3600, &b }, false, "ID does not match certificate and issuer" },
	};
	struct tls_global g = { 0 };
	struct tls_files *files = tls_files_create(&g);
	struct tls_cert *c;

	begin();
	c = complete(files);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int n;
		unsigned char *der = answer(&cases[i].t, &n);
		bool good = tls_ocsp_good(c, der, (size_t)n, cases[i].any_age, "f.ocsp", &why);

		ck_assert_msg(good == !cases[i].wrong, "%zu: %s", i, why.text);
		ck_assert_msg(good || strstr(why.text, cases[i].wrong), "%zu: %s", i, why.text);
		for (int k = 0; k < n; k += 7)		/* cut anywhere it is none */
			ck_assert(!tls_ocsp_good(c, der, (size_t)k, true, "f.ocsp", &why));
		OPENSSL_free(der);
	}
	tls_cert_unref(c);
	tls_files_destroy(files);
	end();
}
END_TEST

START_TEST(answers_that_say_no)
{
	OCSP_RESPONSE *r = OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, NULL);
	struct tls_cert *c = tls_cert_create("x");
	unsigned char *der = NULL;
	int n = i2d_OCSP_RESPONSE(r, &der);

	ck_assert(!tls_ocsp_good(c, der, (size_t)n, true, "f.ocsp", &why));
	ck_assert_str_eq(why.text, "OCSP response in 'f.ocsp': trylater.");
	ck_assert(!tls_ocsp_good(c, (const unsigned char *)"junk", 4, true, "f.ocsp", &why));
	ck_assert_str_eq(why.text, "OCSP response in 'f.ocsp': it cannot be parsed.");
	ck_assert(tls_cert_take_ocsp(c, STR(""), "f.ocsp", &why));	/* an empty file keeps a place for one */
	ck_assert(c->wants_ocsp && !c->ocsp);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(r);
	tls_cert_unref(c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("pem");

	UNIT_TEST(s, any_order);
	UNIT_TEST(s, what_is_no_certificate);
	UNIT_TEST(s, parameters_of_curves);
	UNIT_TEST(s, timestamps);
	UNIT_TEST(s, answers);
	UNIT_TEST(s, answers_that_say_no);
	return unit_run(s);
}
