/* Certificates in words. */
#include "weir/tls/info.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "weir/base/sbuf.h"

static bool whole(X509 *x, struct arena *mem, struct str *out)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	if (n <= 0)
		return false;
	*out = arena_str(mem, str_make((char *)der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

/* The century is dropped: YYMMDDHHMMSSZ. */
static bool date(const ASN1_TIME *t, struct arena *mem, struct str *out)
{
	struct str s = str_make((const char *)ASN1_STRING_get0_data(t), (size_t)ASN1_STRING_length(t));

	if (ASN1_STRING_type(t) == V_ASN1_GENERALIZEDTIME) {
		if (s.n < 12 || s.p[0] != '2' || s.p[1] != '0')
			return false;
		s = str_skip(s, 2);
	} else if (ASN1_STRING_type(t) != V_ASN1_UTCTIME || s.n < 10) {
		return false;
	}
	*out = arena_str(mem, s);
	return true;
}

static bool fingerprint(X509 *x, struct arena *mem, struct str *out)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n;

	if (X509_digest(x, EVP_sha1(), md, &n) != 1)
		return false;
	*out = arena_str(mem, str_make((char *)md, n));
	return true;
}

static bool short_name(const ASN1_OBJECT *o, struct str *out)
{
	int nid = OBJ_obj2nid(o);

	*out = str_c(nid == NID_undef ? NULL : OBJ_nid2sn(nid));
	return out->n;
}

static bool key_alg(X509 *x, struct str *out)
{
	ASN1_OBJECT *o = NULL;

	X509_PUBKEY_get0_param(&o, NULL, NULL, NULL, X509_get_X509_PUBKEY(x));
	return o && short_name(o, out);
}

static bool sig_alg(X509 *x, struct str *out)
{
	const ASN1_OBJECT *o;

	X509_ALGOR_get0(&o, NULL, NULL, X509_get0_tbs_sigalg(x));
	return o && short_name(o, out);
}

static bool policies(X509 *x, struct arena *mem, struct str *out)
{
	CERTIFICATEPOLICIES *all = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
	struct sbuf b = sbuf_grow();
	char oid[128];

	for (int i = 0; i < sk_POLICYINFO_num(all); i++) {
		if (OBJ_obj2txt(oid, sizeof(oid), sk_POLICYINFO_value(all, i)->policyid, 1) <= 0)
			continue;
		sbuf_printf(&b, "%s%s", b.n ? ", " : "", oid);
	}
	CERTIFICATEPOLICIES_free(all);
	ERR_clear_error();
	*out = arena_str(mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out->n;
}

bool x509_part(X509 *x, enum x509_part which, struct arena *mem, struct str *out)
{
	const ASN1_INTEGER *serial;

	switch (which) {
	case X509_P_DER:
		return whole(x, mem, out);
	case X509_P_SERIAL:
		serial = X509_get0_serialNumber(x);
		*out = str_make((const char *)ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));
		return out->n;
	case X509_P_SHA1:
		return fingerprint(x, mem, out);
	case X509_P_KEY_ALG:
		return key_alg(x, out);
	case X509_P_SIG_ALG:
		return sig_alg(x, out);
	case X509_P_NOTBEFORE:
		return date(X509_get0_notBefore(x), mem, out);
	case X509_P_NOTAFTER:
		return date(X509_get0_notAfter(x), mem, out);
	case X509_P_POLICIES:
		return policies(x, mem, out);
	}
	return false;
}

/* "RSA2048", "EC256", "DSA1024": as HAProxy names them. */
struct str x509_key_words(X509 *cert, struct arena *mem)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	const char *kind = "?";

	if (!key)
		return STR_NONE;
	switch (EVP_PKEY_base_id(key)) {
	case EVP_PKEY_RSA:
		kind = "RSA";
		break;
	case EVP_PKEY_EC:
		kind = "EC";
		break;
	case EVP_PKEY_DSA:
		kind = "DSA";
		break;
	}
	return arena_printf(mem, "%s%d", kind, EVP_PKEY_bits(key));
}

/* --- names --- */

static struct str entry_name(const X509_NAME_ENTRY *e, char *buf, size_t size)
{
	const ASN1_OBJECT *o = X509_NAME_ENTRY_get_object(e);
	int nid = OBJ_obj2nid(o);

	if (nid != NID_undef)
		return str_c(OBJ_nid2sn(nid));
	return str_make(buf, (size_t)OBJ_obj2txt(buf, (int)size, o, 1));
}

static struct str entry_value(const X509_NAME_ENTRY *e)
{
	const ASN1_STRING *s = X509_NAME_ENTRY_get_data(e);

	return str_make((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static bool one_entry(const X509_NAME *n, struct str entry, int occ, struct arena *mem, struct str *out)
{
	int count = X509_NAME_entry_count(n), left = occ < 0 ? -occ : occ ? occ : 1;
	char buf[128];

	for (int i = 0; i < count; i++) {
		const X509_NAME_ENTRY *e = X509_NAME_get_entry(n, occ < 0 ? count - 1 - i : i);

		if (!str_ieq(entry_name(e, buf, sizeof(buf)), entry) || --left)
			continue;
		*out = arena_str(mem, entry_value(e));
		return true;
	}
	return false;
}

static bool slashes(const X509_NAME *n, struct arena *mem, struct str *out)
{
	struct sbuf b = sbuf_grow();
	char buf[128];

	for (int i = 0; i < X509_NAME_entry_count(n); i++) {
		const X509_NAME_ENTRY *e = X509_NAME_get_entry(n, i);

		sbuf_putc(&b, '/');
		sbuf_puts(&b, entry_name(e, buf, sizeof(buf)));
		sbuf_putc(&b, '=');
		sbuf_puts(&b, entry_value(e));
	}
	*out = arena_str(mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out->n;
}

static bool ldap(const X509_NAME *n, struct arena *mem, struct str *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long len;

	if (!b || X509_NAME_print_ex(b, n, 0, XN_FLAG_RFC2253) < 0) {
		BIO_free(b);
		return false;
	}
	len = BIO_get_mem_data(b, &p);
	*out = arena_str(mem, str_make(p, (size_t)len));
	BIO_free(b);
	return out->n;
}

bool x509_name(const X509_NAME *n, struct str entry, int occ, bool rfc2253, struct arena *mem, struct str *out)
{
	if (entry.n)
		return one_entry(n, entry, occ, mem, out);
	return rfc2253 ? ldap(n, mem, out) : slashes(n, mem, out);
}
