/* Certificates in words: dates of any century, entries of names counted from both ends, what is missing. */
#include "tests/unit/tls/certs.h"
#include "weir/tls/info.h"

static struct arena mem;

static struct str part(X509 *x, enum x509_part which)
{
	struct str s = STR_NONE;

	ck_assert(x509_part(x, which, &mem, &s));
	return s;
}

static void is(struct str s, const char *wanted)
{
	ck_assert_msg(str_eqz(s, wanted), "'" STR_FMT "', expected '%s'", STR_ARG(s), wanted);
}

/* The end of x as this date; NULL: it has no short form. */
static void ends(X509 *x, const char *asn1, const char *wanted)
{
	struct str s = STR_NONE;

	ck_assert_int_eq(ASN1_TIME_set_string(X509_getm_notAfter(x), asn1), 1);
	ck_assert_int_eq(x509_part(x, X509_P_NOTAFTER, &mem, &s), wanted != NULL);
	if (wanted)
		is(s, wanted);
}

START_TEST(dates)
{
	struct pair p = make_pair("a", NULL, NULL, 1);

	ends(p.x, "491231235959Z", "491231235959Z");
	ends(p.x, "700101000000Z", "700101000000Z");	/* 1970 */
	ends(p.x, "20491231235959Z", "491231235959Z");
	ends(p.x, "20500101000000Z", "500101000000Z");
	ends(p.x, "20991231235959Z", "991231235959Z");
	ends(p.x, "21000101000000Z", NULL);		/* would be taken for 2000 */
	ends(p.x, "99991231235959Z", NULL);
	pair_free(&p);
}
END_TEST

static void entry(X509_NAME *n, const char *type, const char *value, int len)
{
	const unsigned char *bytes = (const unsigned char *)value;

	ck_assert_int_eq(X509_NAME_add_entry_by_txt(n, type, MBSTRING_UTF8, bytes, len, -1, 0), 1);
}

static const char *name(const X509_NAME *n, const char *type, int occ, bool rfc2253)
{
	static char buf[256];
	struct str s = STR_NONE;

	if (!x509_name(n, str_c(type), occ, rfc2253, &mem, &s))
		return NULL;
	return str_z(s, buf, sizeof(buf));
}

START_TEST(names)
{
	X509_NAME *n = X509_NAME_new(), *none = X509_NAME_new();

	entry(n, "C", "FR", -1);
	entry(n, "OU", "one", -1);
	entry(n, "OU", "two, too", -1);
	entry(n, "1.2.3.4", "own", -1);
	entry(n, "OU", "three", -1);
	entry(n, "CN", "a/b=c", -1);
	ck_assert_str_eq(name(n, "", 0, false), "/C=FR/OU=one/OU=two, too/1.2.3.4=own/OU=three/CN=a/b=c");
	ck_assert_str_eq(name(n, "", 0, true), "CN=a/b=c,OU=three,1.2.3.4=#0C036F776E,OU=two\\, too,OU=one,C=FR");
	ck_assert_str_eq(name(n, "OU", 0, false), "one");
	ck_assert_str_eq(name(n, "OU", 1, false), "one");
	ck_assert_str_eq(name(n, "ou", 3, true), "three");
	ck_assert_str_eq(name(n, "OU", -1, false), "three");
	ck_assert_str_eq(name(n, "OU", -3, false), "one");
	ck_assert_str_eq(name(n, "1.2.3.4", 1, false), "own");
	ck_assert_ptr_null(name(n, "OU", 4, false));
	ck_assert_ptr_null(name(n, "OU", -4, false));
	ck_assert_ptr_null(name(n, "O", 1, false));
	ck_assert_ptr_null(name(n, "OU", INT32_MAX, false));
	ck_assert_ptr_null(name(n, "OU", -INT32_MAX, false));
	ck_assert_ptr_null(name(none, "", 0, false));
	ck_assert_ptr_null(name(none, "", 0, true));
	ck_assert_ptr_null(name(none, "CN", -1, false));
	X509_NAME_free(n);
	X509_NAME_free(none);
}
END_TEST

/* A value may hold any byte: its length counts. */
START_TEST(a_nul_in_a_name)
{
	X509_NAME *n = X509_NAME_new();
	struct str s;

	entry(n, "CN", "good\0.evil", 10);
	ck_assert(x509_name(n, STR("CN"), 1, false, &mem, &s));
	ck_assert(str_eq(s, str_make("good\0.evil", 10)));
	ck_assert(x509_name(n, STR_NONE, 0, false, &mem, &s));
	ck_assert_uint_eq(s.n, 14);
	X509_NAME_free(n);
}
END_TEST

static void keys(EVP_PKEY *key, const char *words, const char *alg, const char *sig)
{
	struct pair p = make_pair_of(key, "a", NULL, NULL, 1);

	is(x509_key_words(p.x, &mem), words);
	is(part(p.x, X509_P_KEY_ALG), alg);
	is(part(p.x, X509_P_SIG_ALG), sig);
	pair_free(&p);
}

START_TEST(keys_in_words)
{
	keys(EVP_EC_gen("P-256"), "EC256", "id-ecPublicKey", "ecdsa-with-SHA256");
	keys(EVP_EC_gen("P-384"), "EC384", "id-ecPublicKey", "ecdsa-with-SHA256");
	keys(EVP_RSA_gen(1024), "RSA1024", "rsaEncryption", "RSA-SHA256");
}
END_TEST

START_TEST(parts)
{
	struct pair p = make_pair("a", NULL, NULL, 1);
	unsigned char *der = NULL, md[EVP_MAX_MD_SIZE];
	int n = i2d_X509(p.x, &der);
	X509_EXTENSION *policies;
	X509V3_CTX ctx = { 0 };
	CONF *conf = NCONF_new(NULL);
	struct str s;
	unsigned len;

	ck_assert(str_eq(part(p.x, X509_P_DER), str_make((char *)der, (size_t)n)));
	ck_assert_int_eq(X509_digest(p.x, EVP_sha1(), md, &len), 1);
	ck_assert(str_eq(part(p.x, X509_P_SHA1), str_make((char *)md, len)));
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(p.x), 0xfffefdULL);
	ck_assert(str_eq(part(p.x, X509_P_SERIAL), STR("\xff\xfe\xfd")));
	ck_assert(!x509_part(p.x, X509_P_POLICIES, &mem, &s));
	X509V3_set_ctx_test(&ctx);
	X509V3_set_nconf(&ctx, conf);
	policies = X509V3_EXT_nconf_nid(conf, &ctx, NID_certificate_policies, "1.2.3.4, 2.23.140.1.2.1");
	ck_assert_int_eq(X509_add_ext(p.x, policies, -1), 1);
	X509_EXTENSION_free(policies);
	NCONF_free(conf);
	is(part(p.x, X509_P_POLICIES), "1.2.3.4, 2.23.140.1.2.1");
	OPENSSL_free(der);
	pair_free(&p);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("x509_info");
	int r;

	arena_init(&mem, 4096);
	UNIT_TEST(s, dates);
	UNIT_TEST(s, names);
	UNIT_TEST(s, a_nul_in_a_name);
	UNIT_TEST(s, keys_in_words);
	UNIT_TEST(s, parts);
	r = unit_run(s);
	arena_fini(&mem);
	return r;
}
