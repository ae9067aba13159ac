/* Certificates made for a test, and a directory for them. */
#ifndef TESTS_UNIT_TLS_CERTS_H
#define TESTS_UNIT_TLS_CERTS_H

#include <dirent.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/tls/tls_priv.h"
#include "tests/unit/unit.h"

static char dir[] = "/tmp/weir-tls-XXXXXX";

struct pair { X509 *x; EVP_PKEY *key; };

static inline void extend(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	WASSERT(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* Signed by ca, or by itself; days < 0: expired. */
static inline struct pair make_pair_of(EVP_PKEY *key, const char *cn, const char *names, const struct pair *ca,
				       int days)
{
	struct pair p = { X509_new(), key };
	X509_NAME *n = X509_NAME_new();

	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	X509_set_version(p.x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.x), rand());
	X509_gmtime_adj(X509_getm_notBefore(p.x), -86400 * 3);
	X509_gmtime_adj(X509_getm_notAfter(p.x), 86400L * days);
	X509_set_subject_name(p.x, n);
	X509_set_issuer_name(p.x, ca ? X509_get_subject_name(ca->x) : n);
	X509_set_pubkey(p.x, p.key);
	extend(p.x, NID_basic_constraints, ca ? "CA:FALSE" : "CA:TRUE");
	if (names)
		extend(p.x, NID_subject_alt_name, names);
	X509_sign(p.x, ca ? ca->key : p.key, EVP_sha256());
	X509_NAME_free(n);
	return p;
}

static inline struct pair make_pair(const char *cn, const char *names, const struct pair *ca, int days)
{
	return make_pair_of(EVP_EC_gen("P-256"), cn, names, ca, days);
}

static inline const char *path_of(const char *name)
{
	static char buf[4][300];	/* a directory and the longest name in one */
	static int at;

	snprintf(buf[at = (at + 1) % 4], sizeof(buf[0]), "%s/%s", dir, name);
	return buf[at];
}

static inline void save(const char *name, const struct pair *p, const struct pair *key)
{
	FILE *f = fopen(path_of(name), "w");

	WASSERT(f);
	if (key)
		PEM_write_PrivateKey(f, key->key, NULL, NULL, 0, NULL, NULL);
	if (p)
		PEM_write_X509(f, p->x);
	fclose(f);
}

static inline void save_text(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	WASSERT(f);
	fputs(text, f);
	fclose(f);
}

static inline void pair_free(struct pair *p)
{
	X509_free(p->x);
	EVP_PKEY_free(p->key);
}

/* The directory goes, with what is in it. */
static inline void dir_remove(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlink(path_of(e->d_name));
	if (d)
		closedir(d);
	rmdir(dir);
}

#endif
