/* Authorities and revocation lists: files read once, and the stores that verification goes by. */
#include "tls_priv.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "weir/base/pool.h"
#include "weir/sys/file.h"

#define FILE_MAX (64 << 20)

struct tls_pem *tls_pem_create(const char *name)
{
	struct tls_pem *p = mem_zalloc(sizeof(*p));

	p->name = mem_strdup(name);
	p->certs = sk_X509_new_null();
	p->crls = sk_X509_CRL_new_null();
	return p;
}

void tls_pem_free(struct tls_pem *p)
{
	if (!p)
		return;
	sk_X509_pop_free(p->certs, X509_free);
	sk_X509_CRL_pop_free(p->crls, X509_CRL_free);
	free(p->name);
	free(p);
}

/* Revocation lists beside authorities count, certificates in a file of revocation lists do not. */
bool tls_pem_take(struct tls_pem *p, enum tls_pem_kind kind, struct str text)
{
	BIO *b = BIO_new_mem_buf(text.p, (int)text.n);
	STACK_OF(X509_INFO) *all = b ? PEM_X509_INFO_read_bio(b, NULL, NULL, NULL) : NULL;
	int had = sk_X509_num(p->certs) + sk_X509_CRL_num(p->crls);
	bool ok = all;

	for (int i = 0; i < sk_X509_INFO_num(all); i++) {
		X509_INFO *one = sk_X509_INFO_value(all, i);

		if (one->x509 && kind == TLS_PEM_CA && X509_up_ref(one->x509))
			sk_X509_push(p->certs, one->x509);
		if (one->crl && X509_CRL_up_ref(one->crl))
			sk_X509_CRL_push(p->crls, one->crl);
	}
	sk_X509_INFO_pop_free(all, X509_INFO_free);
	BIO_free(b);
	return ok && sk_X509_num(p->certs) + sk_X509_CRL_num(p->crls) > had;
}

/* --- files --- */

static bool take_file(struct tls_pem *p, enum tls_pem_kind kind, const char *path, struct tls_fault *why)
{
	const char *what = kind == TLS_PEM_CA ? "load CA" : "configure CRL";
	struct str text;
	char buf[160];
	bool ok;

	if (!file_read(str_c(path), FILE_MAX, &text)) {
		tls_fault_set(why, "unable to %s file '%s': %s.", what, path, strerror(errno));
		return false;
	}
	ERR_clear_error();
	ok = tls_pem_take(p, kind, text);
	if (!ok)
		tls_fault_set(why, "unable to %s file '%s': %s.", what, path,
			      ERR_peek_error() ? tls_error(buf, sizeof(buf)) : "no certificate or crl found");
	ERR_clear_error();
	free((void *)text.p);
	return ok;
}

static int wanted(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* What cannot be read among the files of a directory is left out. */
static bool take_dir(struct tls_pem *p, enum tls_pem_kind kind, const char *dir, struct tls_fault *why)
{
	struct dirent **names = NULL;
	struct tls_fault ignored;
	int n = scandir(dir, &names, wanted, alphasort);
	char path[4096];

	if (n < 0) {
		tls_fault_set(why, "unable to scan directory '%s' : %s.", dir, strerror(errno));
		return false;
	}
	for (int i = 0; i < n; i++) {
		struct str name = str_c(names[i]->d_name);

		snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		if (str_ends(name, STR(".pem")) || str_ends(name, STR(".crt")) || str_ends(name, STR(".cer")) ||
		    str_ends(name, STR(".crl")))
			take_file(p, kind, path, &ignored);
		free(names[i]);
	}
	free(names);
	return true;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool take_path(struct tls_pem *p, enum tls_pem_kind kind, struct tls_fault *why)
{
	if (!strcmp(p->name, "@system-ca"))
		return take_dir(p, kind, X509_get_default_cert_dir(), why);
	return is_dir(p->name) ? take_dir(p, kind, p->name, why) : take_file(p, kind, p->name, why);
}

static bool find_pem(struct tls_files *f, enum tls_pem_kind kind, struct str text, struct tls_pem **out,
		     struct tls_fault *why)
{
	char *path;

	*out = NULL;
	if (!text.n)
		return true;
	path = tls_path(text, f->g->ca_base);
	*out = hmap_get(&f->pems[kind], str_c(path));
	if (!*out) {
		struct tls_pem *p = tls_pem_create(path);

		if (take_path(p, kind, why)) {
			hmap_put(&f->pems[kind], str_c(p->name), p);
			*out = p;
		} else {
			tls_pem_free(p);
		}
	}
	free(path);
	return *out;
}

STACK_OF(X509) *tls_issuers_load(const char *dir, struct tls_fault *why)
{
	struct tls_pem *p = tls_pem_create(dir);
	STACK_OF(X509) *out = NULL;

	if (take_dir(p, TLS_PEM_CA, dir, why))
		out = X509_chain_up_ref(p->certs);
	tls_pem_free(p);
	return out;
}

/* --- stores --- */

static void add_pem(X509_STORE *s, const struct tls_pem *p)
{
	for (int i = 0; p && i < sk_X509_num(p->certs); i++)
		X509_STORE_add_cert(s, sk_X509_value(p->certs, i));
	for (int i = 0; p && i < sk_X509_CRL_num(p->crls); i++)
		X509_STORE_add_crl(s, sk_X509_CRL_value(p->crls, i));
}

static STACK_OF(X509_NAME) *names_of(const struct tls_pem *p)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	for (int i = 0; p && i < sk_X509_num(p->certs); i++) {
		X509_NAME *n = X509_get_subject_name(sk_X509_value(p->certs, i));
		bool known = false;

		for (int k = 0; k < sk_X509_NAME_num(names) && !known; k++)
			known = X509_NAME_cmp(sk_X509_NAME_value(names, k), n) == 0;
		if (!known)
			sk_X509_NAME_push(names, X509_NAME_dup(n));
	}
	return names;
}

bool tls_trust_build(struct tls_trust *t, struct tls_fault *why)
{
	X509_STORE *s = X509_STORE_new();

	if (!s) {
		tls_fault_set(why, "out of memory.");
		return false;
	}
	add_pem(s, t->ca);
	add_pem(s, t->verify);
	add_pem(s, t->crl);
	if (t->crl)
		X509_STORE_set_flags(s, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_STORE_free(t->store);
	t->store = s;
	sk_X509_NAME_pop_free(t->names, X509_NAME_free);
	t->names = names_of(t->ca);
	ERR_clear_error();
	return true;
}

static void count_user(struct tls_pem *p)
{
	if (p)
		p->users++;
}

struct tls_trust *tls_files_trust(struct tls_files *f, struct str ca, struct str ca_verify, struct str crl,
				  struct tls_fault *why)
{
	struct tls_trust like = { .ca = NULL }, *t;

	if (!find_pem(f, TLS_PEM_CA, ca, &like.ca, why) || !find_pem(f, TLS_PEM_CA, ca_verify, &like.verify, why) ||
	    !find_pem(f, TLS_PEM_CRL, crl, &like.crl, why))
		return NULL;
	for (t = f->trusts; t; t = t->next)
		if (t->ca == like.ca && t->verify == like.verify && t->crl == like.crl)
			return t;
	t = mem_zalloc(sizeof(*t));
	*t = like;
	if (!tls_trust_build(t, why)) {
		free(t);
		return NULL;
	}
	count_user(t->ca);
	count_user(t->verify);
	count_user(t->crl);
	t->next = f->trusts;
	f->trusts = t;
	return t;
}
