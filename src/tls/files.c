/* What a load has read from files so far: certificates, authorities, revocation lists. Kept with the generation. */
#include "tls_priv.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "weir/base/pool.h"

struct tls_files *tls_files_create(const struct tls_global *g)
{
	struct tls_files *f = mem_zalloc(sizeof(*f));

	f->g = g;
	return f;
}

void tls_files_destroy(struct tls_files *f)
{
	const struct hmap_slot *s;

	if (!f)
		return;
	for (size_t at = 0; (s = hmap_next(&f->certs, &at));) {
		tls_cert_free(s->value);
		free((void *)s->key.p);
	}
	for (size_t at = 0; (s = hmap_next(&f->stores, &at));) {
		X509_STORE_free(s->value);
		free((void *)s->key.p);
	}
	hmap_fini(&f->certs);
	hmap_fini(&f->stores);
	free(f);
}

char *tls_path(struct str path, struct str base)
{
	size_t n = path.n + base.n + 2;
	char *out = mem_alloc(n);

	if (base.n && path.n && path.p[0] != '/' && path.p[0] != '@')
		snprintf(out, n, "%.*s/%.*s", STR_ARG(base), STR_ARG(path));
	else
		snprintf(out, n, "%.*s", STR_ARG(path));
	return out;
}

struct tls_cert *tls_files_cert(struct tls_files *f, const struct tls_paths *p, struct tls_fault *why)
{
	size_t n = strlen(p->crt) + (p->key ? strlen(p->key) : 0) + 2;
	char *key = mem_alloc(n);
	struct tls_cert *c;

	snprintf(key, n, "%s%s%s", p->crt, p->key ? "\n" : "", p->key ? p->key : "");
	c = hmap_get(&f->certs, str_c(key));
	if (!c) {
		c = tls_cert_load(p, f->g, why);
		if (c) {
			hmap_put(&f->certs, str_c(key), c);
			return c;
		}
	}
	free(key);
	return c;
}

/* --- authorities --- */

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool load_ca(X509_STORE *s, const char *path, struct tls_fault *why)
{
	char buf[160];
	int ok;

	if (!strcmp(path, "@system-ca"))
		ok = X509_STORE_set_default_paths(s);
	else if (is_dir(path))
		ok = X509_STORE_load_path(s, path);
	else
		ok = X509_STORE_load_file(s, path);
	if (ok != 1)
		tls_fault_set(why, "unable to load CA file '%s': %s.", path, tls_error(buf, sizeof(buf)));
	ERR_clear_error();
	return ok == 1;
}

static bool load_crl(X509_STORE *s, const char *path, struct tls_fault *why)
{
	X509_LOOKUP *l = X509_STORE_add_lookup(s, X509_LOOKUP_file());
	char buf[160];

	if (!l || X509_load_crl_file(l, path, X509_FILETYPE_PEM) <= 0) {
		tls_fault_set(why, "unable to configure CRL file '%s': %s.", path, tls_error(buf, sizeof(buf)));
		return false;
	}
	X509_STORE_set_flags(s, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	return true;
}

static bool fill_store(X509_STORE *s, char *const paths[3], struct tls_fault *why)
{
	ERR_clear_error();
	if (*paths[0] && !load_ca(s, paths[0], why))
		return false;
	if (*paths[1] && !load_ca(s, paths[1], why))
		return false;
	return !*paths[2] || load_crl(s, paths[2], why);
}

X509_STORE *tls_files_store(struct tls_files *f, struct str ca, struct str ca_verify, struct str crl,
			    struct tls_fault *why)
{
	char *paths[3] = { tls_path(ca, f->g->ca_base), tls_path(ca_verify, f->g->ca_base),
			   tls_path(crl, f->g->ca_base) };
	size_t n = strlen(paths[0]) + strlen(paths[1]) + strlen(paths[2]) + 3;
	char *key = mem_alloc(n);
	X509_STORE *s;

	snprintf(key, n, "%s\n%s\n%s", paths[0], paths[1], paths[2]);
	s = hmap_get(&f->stores, str_c(key));
	if (!s) {
		s = X509_STORE_new();
		if (s && fill_store(s, paths, why)) {
			hmap_put(&f->stores, str_c(key), s);
			key = NULL;
		} else {
			X509_STORE_free(s);
			s = NULL;
		}
	}
	free(key);
	for (int i = 0; i < 3; i++)
		free(paths[i]);
	return s;
}

STACK_OF(X509_NAME) *tls_ca_names(const char *path)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();

	if (path[0] == '@')
		return names;
	if (is_dir(path))
		SSL_add_dir_cert_subjects_to_stack(names, path);
	else
		SSL_add_file_cert_subjects_to_stack(names, path);
	ERR_clear_error();
	return names;
}
