/* generate-certificates: for names that no certificate has, one is made and signed by an authority of ours. All made
 * certificates share one key; the last ones made are kept, so that a name costs a signature once in a while. */
#include "tls_priv.h"

#include <ctype.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/hash.h"
#include "weir/base/pool.h"

#define DAY 86400L
#define CN_MAX 64			/* ub-common-name, RFC 5280 */

struct kept { X509 *x; char name[256]; };
struct tls_signer {
	X509 *ca;
	EVP_PKEY *ca_key, *key;
	pthread_mutex_t lock;
	unsigned room;			/* how many are kept */
	struct kept kept[];
};

void tls_signer_free(struct tls_signer *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < s->room; i++)
		X509_free(s->kept[i].x);
	X509_free(s->ca);
	EVP_PKEY_free(s->ca_key);
	EVP_PKEY_free(s->key);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static bool load_ca(struct tls_signer *s, const char *path, const char *pass, struct tls_fault *f)
{
	BIO *b = BIO_new_file(path, "r");
	char buf[160];

	s->ca = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
	if (s->ca && BIO_reset(b) == 0)
		s->ca_key = PEM_read_bio_PrivateKey(b, NULL, NULL, (void *)pass);
	BIO_free(b);
	if (!s->ca || !s->ca_key) {
		tls_fault_set(f, "Failed to load CA %s from file '%s': %s.", s->ca ? "private key" : "certificate",
			      path, tls_error(buf, sizeof(buf)));
		return false;
	}
	return true;
}

struct tls_signer *tls_signer_load(const struct tls_bind_words *w, unsigned keep, struct tls_fault *f)
{
	struct tls_signer *s;

	if (!w->ca_sign_file.n) {
		tls_fault_set(f, "cannot enable certificate generation, no CA certificate File configured (use "
				 "'ca-sign-file').");
		return NULL;
	}
	keep = MIN(MAX(keep, 1u), 1u << 20);
	s = mem_zalloc(sizeof(*s) + keep * sizeof(s->kept[0]));
	s->room = keep;
	pthread_mutex_init(&s->lock, NULL);
	s->key = EVP_EC_gen("P-256");
	if (s->key && load_ca(s, w->ca_sign_file.p, w->ca_sign_pass.n ? w->ca_sign_pass.p : "", f))
		return s;
	tls_signer_free(s);
	return NULL;
}

/* --- making one --- */

static bool host_chars(const char *name)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-._", *name))
			return false;
	return true;
}

static bool set_names(X509 *x, const struct tls_signer *s, const char *name)
{
	char alt[300];
	X509_EXTENSION *e;
	bool ok;

	/* A name that is too long for a common name stands among the alternative ones only. */
	X509_set_subject_name(x, X509_get_subject_name(s->ca));
	if (strlen(name) <= CN_MAX) {
		X509_NAME *n = X509_NAME_new();

		X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
		X509_set_subject_name(x, n);
		X509_NAME_free(n);
	}
	snprintf(alt, sizeof(alt), "DNS:%s", name);
	e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool set_serial(X509 *x)
{
	uint64_t serial = 0;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1;
}

static const EVP_MD *digest_for(EVP_PKEY *key)
{
	int nid;

	/* 2: this digest and no other; NID_undef: none. */
	if (EVP_PKEY_get_default_digest_nid(key, &nid) == 2 && nid == NID_undef)
		return NULL;
	return EVP_sha256();
}

static X509 *make(const struct tls_signer *s, const char *name)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, 2) == 1 && set_serial(x) && X509_gmtime_adj(X509_getm_notBefore(x), -DAY) &&
	    X509_gmtime_adj(X509_getm_notAfter(x), 365 * DAY) && X509_set_pubkey(x, s->key) == 1 &&
	    set_names(x, s, name) && X509_set_issuer_name(x, X509_get_subject_name(s->ca)) == 1 &&
	    X509_sign(x, s->ca_key, digest_for(s->ca_key)) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* With a reference for the caller. Signing happens outside the lock. */
static X509 *find_or_make(struct tls_signer *s, const char *name)
{
	struct kept *k = &s->kept[hash_xxh3(str_c(name), 0) % s->room];
	X509 *x = NULL;

	pthread_mutex_lock(&s->lock);
	if (k->x && !strcmp(k->name, name) && X509_up_ref(k->x))
		x = k->x;
	pthread_mutex_unlock(&s->lock);
	if (x)
		return x;
	x = make(s, name);
	if (!x || !X509_up_ref(x))
		return x;
	pthread_mutex_lock(&s->lock);
	X509_free(k->x);
	k->x = x;
	snprintf(k->name, sizeof(k->name), "%s", name);
	pthread_mutex_unlock(&s->lock);
	return x;
}

bool tls_signer_use(struct tls_signer *s, SSL *ssl)
{
	const char *asked = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	char name[256];
	bool ok;
	X509 *x;

	if (!asked || strlen(asked) >= sizeof(name) || !host_chars(asked))
		return true;	/* the default answers */
	strcpy(name, asked);
	str_lower(name, strlen(name));
	x = find_or_make(s, name);
	if (!x)
		return false;
	SSL_certs_clear(ssl);
	ok = SSL_use_cert_and_key(ssl, x, s->key, NULL, 1) == 1;
	X509_free(x);
	return ok;
}
