/* Parts of certificates as tools leave them: chain and key in one text in any order, or each by itself. */
#include "tls_priv.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/pool.h"

void tls_fault_set(struct tls_fault *f, const char *fmt, ...)
{
	va_list ap;

	f->no_cert = false;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

const char *tls_error(char *buf, size_t size)
{
	unsigned long e = ERR_peek_error();
	const char *why = ERR_reason_error_string(e);

	if (!e)
		snprintf(buf, size, "no reason given");
	else if (ERR_SYSTEM_ERROR(e))
		snprintf(buf, size, "%s", strerror(ERR_GET_REASON(e)));
	else if (why)
		snprintf(buf, size, "%s", why);
	else
		ERR_error_string_n(e, buf, size);
	ERR_clear_error();
	return buf;
}

static BIO *open_text(struct str text)
{
	return BIO_new_mem_buf(text.n ? text.p : "", (int)text.n);
}

/* Keys with a pass phrase cannot be used: there is nobody to ask. */
static int no_phrase(char *buf, int size, int rw, void *arg)
{
	*(bool *)arg = true;
	return -1;
}

static bool ends_here(void)
{
	unsigned long e = ERR_peek_last_error();

	return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

/* No key in it is fine here. */
static bool read_key(BIO *b, struct str text, struct tls_cert *c, const char *from, struct tls_fault *f)
{
	bool asked = false;
	char buf[160];

	if (str_find(text, STR("PRIVATE KEY-----")) == (size_t)-1)
		return true;
	c->key = PEM_read_bio_PrivateKey(b, NULL, no_phrase, &asked);
	if (!c->key && asked) {
		ERR_clear_error();
		tls_fault_set(f, "private key in '%s' is encrypted with a pass phrase.", from);
		return false;
	}
	if (!c->key) {
		tls_fault_set(f, "unable to load private key from file '%s': %s.", from, tls_error(buf, sizeof(buf)));
		return false;
	}
	ERR_clear_error();
	return true;
}

static bool read_certs(BIO *b, struct tls_cert *c, const char *from, struct tls_fault *f)
{
	char buf[160];
	X509 *x;

	while ((x = PEM_read_bio_X509_AUX(b, NULL, NULL, NULL)))
		sk_X509_push(c->chain, x);
	if (!ends_here()) {
		tls_fault_set(f, "unable to load certificate %sfrom file '%s': %s.",
			      sk_X509_num(c->chain) ? "chain " : "", from, tls_error(buf, sizeof(buf)));
		return false;
	}
	ERR_clear_error();
	if (!sk_X509_num(c->chain))
		tls_fault_set(f, "unable to load certificate from file '%s': no certificate in it.", from);
	return sk_X509_num(c->chain) > 0;
}

static void read_dh(BIO *b, struct tls_cert *c)
{
	c->dh = PEM_read_bio_Parameters(b, NULL);
	if (c->dh && !EVP_PKEY_is_a(c->dh, "DH") && !EVP_PKEY_is_a(c->dh, "DHX")) {
		EVP_PKEY_free(c->dh);	/* EC parameters, as some tools write them in front of a key */
		c->dh = NULL;
	}
	ERR_clear_error();
}

bool tls_cert_take_pem(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f)
{
	BIO *b = open_text(text);
	bool ok;

	ok = b && read_key(b, text, c, from, f);
	(void)BIO_reset(b);
	ok = ok && read_certs(b, c, from, f);
	(void)BIO_reset(b);
	if (ok && str_find(text, STR(" PARAMETERS-----")) != (size_t)-1)
		read_dh(b, c);
	BIO_free(b);
	return ok;
}

bool tls_cert_take_key(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f)
{
	BIO *b = open_text(text);
	bool ok;

	EVP_PKEY_free(c->key);
	c->key = NULL;
	ok = b && read_key(b, text, c, from, f);
	if (ok && !c->key)
		tls_fault_set(f, "No Private Key found in '%s'.", from);
	BIO_free(b);
	return ok && c->key;
}

bool tls_cert_take_issuer(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f)
{
	BIO *b = open_text(text);
	char buf[160];

	X509_free(c->issuer);
	c->issuer = b ? PEM_read_bio_X509_AUX(b, NULL, NULL, NULL) : NULL;
	BIO_free(b);
	if (!c->issuer)
		tls_fault_set(f, "unable to load issuer certificate from file '%s': %s.", from,
			      tls_error(buf, sizeof(buf)));
	ERR_clear_error();
	return c->issuer;
}

/* Two bytes of length, then entries with two bytes of length each. */
bool tls_cert_take_sctl(struct tls_cert *c, struct str bytes, const char *from, struct tls_fault *f)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t at = 2;

	while (at + 2 <= bytes.n && bytes.n >= 4)
		at += 2 + ((size_t)p[at] << 8 | p[at + 1]);
	if (at != bytes.n || bytes.n < 4 || bytes.n > 65535 || ((size_t)p[0] << 8 | p[1]) + 2 != bytes.n) {
		tls_fault_set(f, "invalid SCTL in file '%s'.", from);
		return false;
	}
	OPENSSL_free(c->sctl);
	c->sctl = OPENSSL_memdup(bytes.p, bytes.n);
	c->sctl_len = bytes.n;
	return c->sctl;
}

/* --- OCSP --- */

static bool wrong(struct tls_fault *f, const char *from, const char *what)
{
	tls_fault_set(f, "OCSP response in '%s': %s.", from, what);
	return false;
}

static bool same_id(const struct tls_cert *c, OCSP_SINGLERESP *s)
{
	const unsigned char *p = c->ocsp_id;
	OCSP_CERTID *own = d2i_OCSP_CERTID(NULL, &p, (long)c->ocsp_id_len);
	bool same = own && OCSP_id_cmp(own, OCSP_SINGLERESP_get0_id(s)) == 0;

	OCSP_CERTID_free(own);
	return same;
}

static bool single_good(const struct tls_cert *c, OCSP_BASICRESP *basic, bool any_age, const char *from,
			struct tls_fault *f)
{
	OCSP_SINGLERESP *s = OCSP_resp_count(basic) == 1 ? OCSP_resp_get0(basic, 0) : NULL;
	ASN1_GENERALIZEDTIME *revoked, *from_time, *until;
	int reason, status = s ? OCSP_single_get0_status(s, &reason, &revoked, &from_time, &until) : -1;

	if (!s)
		return wrong(f, from, "it is not about one certificate alone");
	if (status == V_OCSP_CERTSTATUS_UNKNOWN)
		return wrong(f, from, "the responder does not know the certificate");
	if (!until)
		return wrong(f, from, "it does not say how long it is good");
	if (!any_age && OCSP_check_validity(from_time, until, 300, -1) != 1)
		return wrong(f, from, "no longer valid");
	if (c->ocsp_id && !same_id(c, s))
		return wrong(f, from, "Certificate ID does not match certificate and issuer");
	return true;
}

bool tls_ocsp_good(const struct tls_cert *c, const unsigned char *der, size_t n, bool any_age, const char *from,
		   struct tls_fault *f)
{
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &der, (long)n);
	OCSP_BASICRESP *basic = NULL;
	bool ok = false;

	if (!r)
		wrong(f, from, "it cannot be parsed");
	else if (OCSP_response_status(r) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		wrong(f, from, OCSP_response_status_str(OCSP_response_status(r)));
	else if (!(basic = OCSP_response_get1_basic(r)))
		wrong(f, from, "it holds no basic response");
	else
		ok = single_good(c, basic, any_age, from, f);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	ERR_clear_error();
	return ok;
}

bool tls_cert_take_ocsp(struct tls_cert *c, struct str der, const char *from, struct tls_fault *f)
{
	c->wants_ocsp = true;
	OPENSSL_free(c->ocsp);
	c->ocsp = der.n ? OPENSSL_memdup(der.p, der.n) : NULL;
	c->ocsp_len = der.n;
	return true;	/* looked at by tls_cert_complete, when all parts are there */
}
