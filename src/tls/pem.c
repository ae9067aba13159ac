/* Certificates as tools leave them: chain and key in one file in any order, or parts in files beside it. */
#include "tls_priv.h"

#include <errno.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "weir/base/pool.h"
#include "weir/sys/file.h"

#define FILE_MAX (8 << 20)

void tls_fault_set(struct tls_fault *f, const char *fmt, ...)
{
	va_list ap;

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

void tls_cert_free(struct tls_cert *c)
{
	if (!c)
		return;
	X509_free(c->leaf);
	EVP_PKEY_free(c->key);
	EVP_PKEY_free(c->dh);
	sk_X509_pop_free(c->chain, X509_free);
	OPENSSL_free(c->ocsp);
	free(c->path);
	free(c);
}

/* Keys with a pass phrase cannot be used: there is nobody to ask. */
static int no_phrase(char *buf, int size, int rw, void *arg)
{
	*(bool *)arg = true;
	return -1;
}

static BIO *open_file(const char *path, struct str *text)
{
	if (!file_read(str_c(path), FILE_MAX, text))
		return NULL;
	return BIO_new_mem_buf(text->p, (int)text->n);
}

static void close_file(BIO *b, struct str *text)
{
	BIO_free(b);
	OPENSSL_cleanse((void *)text->p, text->n);
	free((void *)text->p);
}

static bool ends_here(void)
{
	unsigned long e = ERR_peek_last_error();

	return ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
}

static bool read_key(BIO *b, struct str text, struct tls_cert *c, const char *path, struct tls_fault *f)
{
	bool asked = false;
	char buf[160];

	if (str_find(text, STR("PRIVATE KEY-----")) == (size_t)-1)
		return true;
	c->key = PEM_read_bio_PrivateKey(b, NULL, no_phrase, &asked);
	if (!c->key && asked) {
		ERR_clear_error();
		tls_fault_set(f, "private key in '%s' is encrypted with a pass phrase.", path);
		return false;
	}
	if (!c->key) {
		tls_fault_set(f, "unable to load private key from file '%s': %s.", path, tls_error(buf, sizeof(buf)));
		return false;
	}
	ERR_clear_error();
	return true;
}

static bool read_certs(BIO *b, struct tls_cert *c, const char *path, struct tls_fault *f)
{
	char buf[160];
	X509 *x;

	while ((x = PEM_read_bio_X509_AUX(b, NULL, NULL, NULL)))
		sk_X509_push(c->chain, x);
	if (!ends_here()) {
		tls_fault_set(f, "unable to load certificate %sfrom file '%s': %s.",
			      sk_X509_num(c->chain) ? "chain " : "", path, tls_error(buf, sizeof(buf)));
		return false;
	}
	ERR_clear_error();
	if (!sk_X509_num(c->chain))
		tls_fault_set(f, "unable to load certificate from file '%s': no certificate in it.", path);
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

/* The leaf is the one that the key belongs to, wherever it stands; without a key the first one. */
static bool choose_leaf(struct tls_cert *c)
{
	for (int i = 0; i < sk_X509_num(c->chain); i++)
		if (!c->key || X509_check_private_key(sk_X509_value(c->chain, i), c->key) == 1) {
			c->leaf = sk_X509_delete(c->chain, i);
			ERR_clear_error();
			return true;
		}
	ERR_clear_error();
	return false;
}

static bool key_beside(const char *path, struct tls_cert *c, struct tls_fault *f)
{
	struct str text;
	BIO *b = open_file(path, &text);
	bool ok;

	if (!b) {
		tls_fault_set(f, "unable to load private key from file '%s': %s.", path, strerror(errno));
		return false;
	}
	ok = read_key(b, text, c, path, f);
	if (ok && !c->key)
		tls_fault_set(f, "No Private Key found in '%s'.", path);
	close_file(b, &text);
	return ok && c->key;
}

/* path + suffix, or with ".crt" replaced by it, whichever is there; "": neither. */
static const char *beside(const char *path, const char *suffix, char *buf, size_t size)
{
	size_t n = strlen(path);

	snprintf(buf, size, "%s%s", path, suffix);
	if (access(buf, F_OK) == 0)
		return buf;
	if (n > 4 && !strcmp(path + n - 4, ".crt")) {
		snprintf(buf, size, "%.*s%s", (int)n - 4, path, suffix);
		if (access(buf, F_OK) == 0)
			return buf;
	}
	return "";
}

static bool find_key(struct tls_cert *c, const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f)
{
	char buf[4096];
	const char *at = p->key;

	if (c->key && !at)
		return true;
	if (!at && g->extra & TLS_EXTRA_KEY)
		at = beside(p->crt, ".key", buf, sizeof(buf));
	if (!at || !*at) {
		tls_fault_set(f, "No Private Key found in '%s'.", p->crt);
		return false;
	}
	EVP_PKEY_free(c->key);
	c->key = NULL;
	return key_beside(at, c, f);
}

/* --- OCSP --- */

static bool ocsp_good(const unsigned char *der, size_t n, const char *path, struct tls_fault *f)
{
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &der, (long)n);
	bool ok = r && OCSP_response_status(r) == OCSP_RESPONSE_STATUS_SUCCESSFUL;

	if (!r)
		tls_fault_set(f, "OCSP response file '%s' cannot be parsed.", path);
	else if (!ok)
		tls_fault_set(f, "OCSP response in '%s' is unsuccessful: %s.", path,
			      OCSP_response_status_str(OCSP_response_status(r)));
	OCSP_RESPONSE_free(r);
	ERR_clear_error();
	return ok;
}

static bool read_ocsp(struct tls_cert *c, const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f)
{
	char buf[4096];
	const char *at = p->ocsp ? p->ocsp : g->extra & TLS_EXTRA_OCSP ? beside(p->crt, ".ocsp", buf, sizeof(buf)) : "";
	struct str text;
	bool ok;

	if (!*at)
		return true;
	if (!file_read(str_c(at), FILE_MAX, &text)) {
		tls_fault_set(f, "unable to load OCSP response from file '%s': %s.", at, strerror(errno));
		return false;
	}
	ok = !text.n || ocsp_good((const unsigned char *)text.p, text.n, at, f);
	if (ok && text.n) {
		c->ocsp = OPENSSL_memdup(text.p, text.n);
		c->ocsp_len = text.n;
	}
	free((void *)text.p);
	return ok;
}

static bool read_all(struct tls_cert *c, const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f)
{
	struct str text;
	BIO *b = open_file(p->crt, &text);
	bool ok;

	if (!b) {
		tls_fault_set(f, "unable to load certificate from file '%s': %s.", p->crt, strerror(errno));
		return false;
	}
	ok = read_key(b, text, c, p->crt, f);
	(void)BIO_reset(b);
	ok = ok && read_certs(b, c, p->crt, f);
	(void)BIO_reset(b);
	if (ok)
		read_dh(b, c);
	close_file(b, &text);
	if (!ok || !find_key(c, p, g, f))
		return false;
	if (!choose_leaf(c)) {
		tls_fault_set(f, "inconsistencies between private key and certificate loaded '%s'.", p->crt);
		return false;
	}
	return read_ocsp(c, p, g, f);
}

struct tls_cert *tls_cert_load(const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f)
{
	struct tls_cert *c = mem_zalloc(sizeof(*c));

	c->chain = sk_X509_new_null();
	c->path = mem_strdup(p->crt);
	ERR_clear_error();
	if (read_all(c, p, g, f))
		return c;
	tls_cert_free(c);
	return NULL;
}

int tls_cert_kind(const struct tls_cert *c)
{
	if (EVP_PKEY_is_a(c->key, "RSA"))
		return TLS_KIND_RSA;
	return EVP_PKEY_is_a(c->key, "EC") ? TLS_KIND_EC : TLS_KIND_OTHER;
}
