/* Certificates put together from their parts. */
#include "tls_priv.h"

#include <errno.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "weir/base/pool.h"
#include "weir/sys/file.h"

#define FILE_MAX (8 << 20)

struct tls_cert *tls_cert_create(const char *path)
{
	struct tls_cert *c = mem_zalloc(sizeof(*c));

	c->refs = 1;
	c->chain = sk_X509_new_null();
	c->path = mem_strdup(path);
	return c;
}

struct tls_cert *tls_cert_ref(struct tls_cert *c)
{
	if (c)
		atom_add(&c->refs, 1);
	return c;
}

void tls_cert_unref(struct tls_cert *c)
{
	if (!c || atom_sub_acq_rel(&c->refs, 1) > 1)
		return;
	X509_free(c->leaf);
	X509_free(c->issuer);
	EVP_PKEY_free(c->key);
	EVP_PKEY_free(c->dh);
	sk_X509_pop_free(c->chain, X509_free);
	OPENSSL_free(c->ocsp);
	OPENSSL_free(c->ocsp_id);
	OPENSSL_free(c->sctl);
	free(c->path);
	free(c);
}

int tls_cert_kind(const struct tls_cert *c)
{
	if (EVP_PKEY_is_a(c->key, "RSA"))
		return TLS_KIND_RSA;
	return EVP_PKEY_is_a(c->key, "EC") ? TLS_KIND_EC : TLS_KIND_OTHER;
}

/* --- completion --- */

/* The leaf is the one that the key belongs to, wherever it stands. */
static bool choose_leaf(struct tls_cert *c)
{
	for (int i = 0; i < sk_X509_num(c->chain); i++)
		if (X509_check_private_key(sk_X509_value(c->chain, i), c->key) == 1) {
			c->leaf = sk_X509_delete(c->chain, i);
			ERR_clear_error();
			return true;
		}
	ERR_clear_error();
	return false;
}

static X509 *issuer_among(STACK_OF(X509) *all, X509 *x)
{
	for (int i = 0; i < sk_X509_num(all); i++)
		if (X509_check_issued(sk_X509_value(all, i), x) == X509_V_OK)
			return sk_X509_value(all, i);
	return NULL;
}

static bool signs_itself(X509 *x)
{
	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

/* A file with the leaf alone gets the rest of its chain from issuers-chain-path. */
static void extend_chain(struct tls_cert *c, const struct tls_files *files)
{
	X509 *at = c->leaf;

	if (sk_X509_num(c->chain) || !files->issuers)
		return;
	while (!signs_itself(at) && sk_X509_num(c->chain) < 10 && (at = issuer_among(files->issuers, at)) &&
	       X509_up_ref(at))
		sk_X509_push(c->chain, at);
}

static void drop_self_issued(struct tls_cert *c)
{
	for (int i = sk_X509_num(c->chain) - 1; i >= 0; i--)
		if (signs_itself(sk_X509_value(c->chain, i)))
			X509_free(sk_X509_delete(c->chain, i));
}

static void find_issuer(struct tls_cert *c, const struct tls_files *files)
{
	X509 *x = issuer_among(c->chain, c->leaf);

	if (!x && files->issuers)
		x = issuer_among(files->issuers, c->leaf);
	if (!c->issuer && x && X509_up_ref(x))
		c->issuer = x;
}

static void note_ocsp_id(struct tls_cert *c)
{
	OCSP_CERTID *id = c->issuer ? OCSP_cert_to_id(NULL, c->leaf, c->issuer) : NULL;
	int n = id ? i2d_OCSP_CERTID(id, &c->ocsp_id) : 0;

	c->ocsp_id_len = n > 0 ? (size_t)n : 0;
	OCSP_CERTID_free(id);
	ERR_clear_error();
}

bool tls_cert_complete(struct tls_cert *c, struct tls_files *files, struct tls_fault *f)
{
	if (!c->leaf && !choose_leaf(c)) {
		tls_fault_set(f, "inconsistencies between private key and certificate loaded '%s'.", c->path);
		return false;
	}
	extend_chain(c, files);
	find_issuer(c, files);
	if (files->g->skip_self_issued)
		drop_self_issued(c);
	note_ocsp_id(c);
	ERR_clear_error();
	if (!c->ocsp || c->ocsp_id)
		return !c->ocsp || tls_ocsp_good(c, c->ocsp, c->ocsp_len, false, c->path, f);
	tls_fault_set(f, "'%s' has an OCSP response, but its issuer is not known (chain, '.issuer' file).", c->path);
	return false;
}

/* --- a change of some parts --- */

static void inherit_bytes(unsigned char **to, size_t *n, const unsigned char *from, size_t from_n)
{
	if (*to || !from)
		return;
	*to = OPENSSL_memdup(from, from_n);
	*n = from_n;
}

void tls_cert_inherit(struct tls_cert *to, const struct tls_cert *from)
{
	if (!sk_X509_num(to->chain) && !to->leaf) {
		sk_X509_pop_free(to->chain, X509_free);
		to->chain = X509_chain_up_ref(from->chain);
		if (from->leaf && X509_up_ref(from->leaf))
			sk_X509_unshift(to->chain, from->leaf);
		if (!to->key && from->key && EVP_PKEY_up_ref(from->key))
			to->key = from->key;
		if (!to->dh && from->dh && EVP_PKEY_up_ref(from->dh))
			to->dh = from->dh;
	}
	if (!to->issuer && from->issuer && X509_up_ref(from->issuer))
		to->issuer = from->issuer;
	to->wants_ocsp |= from->wants_ocsp;
	inherit_bytes(&to->ocsp, &to->ocsp_len, from->ocsp, from->ocsp_len);
	inherit_bytes(&to->sctl, &to->sctl_len, from->sctl, from->sctl_len);
}

/* --- from files --- */

typedef bool take_f(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f);

static bool from_file(struct tls_cert *c, const char *path, const char *what, take_f *take, struct tls_fault *f)
{
	struct str text;
	bool ok;

	if (!file_read(str_c(path), FILE_MAX, &text)) {
		tls_fault_set(f, "unable to load %s from file '%s': %s.", what, path, strerror(errno));
		return false;
	}
	ok = take(c, text, path, f);
	OPENSSL_cleanse((void *)text.p, text.n);
	free((void *)text.p);
	return ok;
}

/* path + suffix, or with ".crt" replaced by it, whichever is there; ssl-load-extra-del-ext: the second alone. NULL:
 * neither. */
static const char *beside(const char *path, const char *suffix, bool del_ext, char *buf, size_t size)
{
	size_t n = strlen(path);

	snprintf(buf, size, "%s%s", path, suffix);
	if (!del_ext && access(buf, F_OK) == 0)
		return buf;
	if (n > 4 && !strcmp(path + n - 4, ".crt")) {
		snprintf(buf, size, "%.*s%s", (int)n - 4, path, suffix);
		if (access(buf, F_OK) == 0)
			return buf;
	}
	return NULL;
}

static bool key_apart(struct tls_cert *c, const struct tls_paths *p, const struct tls_global *g, struct tls_fault *f)
{
	char buf[4096];
	const char *at = p->key;

	if (c->key && !at)
		return true;
	if (!at && g->extra & TLS_EXTRA_KEY)
		at = beside(p->crt, ".key", g->del_ext, buf, sizeof(buf));
	if (at)
		return from_file(c, at, "private key", tls_cert_take_key, f);
	tls_fault_set(f, "No Private Key found in '%s'.", p->crt);
	return false;
}

static bool extra(struct tls_cert *c, const struct tls_paths *p, const char *said, unsigned bit, const char *suffix,
		  const char *what, take_f *take, struct tls_files *files, struct tls_fault *f)
{
	const struct tls_global *g = files->g;
	char buf[4096];

	if (!said && g->extra & bit)
		said = beside(p->crt, suffix, g->del_ext, buf, sizeof(buf));
	return !said || from_file(c, said, what, take, f);
}

static bool read_all(struct tls_cert *c, const struct tls_paths *p, struct tls_files *files, struct tls_fault *f)
{
	return from_file(c, p->crt, "certificate", tls_cert_take_pem, f) && key_apart(c, p, files->g, f) &&
	       extra(c, p, p->issuer, TLS_EXTRA_ISSUER, ".issuer", "issuer certificate", tls_cert_take_issuer, files,
		     f) &&
	       extra(c, p, p->ocsp, TLS_EXTRA_OCSP, ".ocsp", "OCSP response", tls_cert_take_ocsp, files, f) &&
	       extra(c, p, p->sctl, TLS_EXTRA_SCTL, ".sctl", "SCTL", tls_cert_take_sctl, files, f) &&
	       tls_cert_complete(c, files, f);
}

struct tls_cert *tls_cert_load(const struct tls_paths *p, struct tls_files *files, struct tls_fault *f)
{
	struct tls_cert *c = tls_cert_create(p->crt);

	ERR_clear_error();
	c->wants_ocsp = p->update > 0;
	if (read_all(c, p, files, f))
		return c;
	tls_cert_unref(c);
	return NULL;
}
