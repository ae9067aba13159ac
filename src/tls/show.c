/* What commands show of certificates, authorities and revocation lists. */
#include "edit_priv.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "weir/base/pool.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* --- lists of names --- */

static const struct hmap *map_of(const struct tls_files *f, enum tls_store_kind kind)
{
	return kind == TLS_STORE_CERT ? &f->slots : &f->pems[tls_pem_kind(kind)];
}

static void put_name(enum tls_store_kind kind, const char *name, const struct tls_pem *p, struct sbuf *out)
{
	sbuf_putz(out, name);
	if (kind == TLS_STORE_CA)
		sbuf_printf(out, " - %d certificate(s)", sk_X509_num(p->certs));
	sbuf_putc(out, '\n');
}

static void list_names(const struct tls_files *f, enum tls_store_kind kind, struct sbuf *out)
{
	const struct hmap *m = map_of(f, kind);
	const char **names = mem_alloc(sizeof(*names) * (m->count + 1));
	const struct hmap_slot *s;
	size_t n = 0;

	for (size_t at = 0; (s = hmap_next(m, &at));)
		names[n++] = kind == TLS_STORE_CERT ? ((struct tls_slot *)s->value)->name
						    : ((struct tls_pem *)s->value)->name;
	qsort(names, n, sizeof(*names), by_text);
	sbuf_putz(out, "# filename\n");
	for (size_t i = 0; i < n; i++)
		put_name(kind, names[i], kind == TLS_STORE_CERT ? NULL : hmap_get(m, str_c(names[i])), out);
	free(names);
}

void tls_store_list(struct tls_files *f, enum tls_store_kind kind, struct sbuf *out)
{
	const struct tls_pending *p;

	pthread_mutex_lock(&f->edit);
	p = tls_pending_of(f);
	if (p->name[kind]) {
		sbuf_putz(out, "# transaction\n*");
		put_name(kind, p->name[kind], p->pem[kind], out);
	}
	list_names(f, kind, out);
	pthread_mutex_unlock(&f->edit);
}

/* --- one certificate in words --- */

static void put_bio(struct sbuf *out, BIO *b)
{
	char *text;
	long n = BIO_get_mem_data(b, &text);

	for (long i = 0; i < n; i++) {
		if (text[i] == '\n' && i + 1 < n && text[i + 1] == '\n')	/* an empty line ends an answer */
			sbuf_putz(out, "\n ");
		else
			sbuf_putc(out, text[i]);
	}
	BIO_free(b);
}

static void put_time(struct sbuf *out, const char *what, const ASN1_TIME *t)
{
	BIO *b = BIO_new(BIO_s_mem());

	sbuf_printf(out, "%s: ", what);
	ASN1_TIME_print(b, t);
	put_bio(out, b);
	sbuf_putc(out, '\n');
}

static void put_hex(struct sbuf *out, const unsigned char *p, size_t n, const char *fmt)
{
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, fmt[0] == 'X' ? "%02X" : "%02x", p[i]);
}

static void put_alt_names(struct sbuf *out, X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_subject_alt_name, -1);
	BIO *b = BIO_new(BIO_s_mem());

	sbuf_putz(out, "Subject Alternative Name: ");
	if (at >= 0)
		X509V3_EXT_print(b, X509_get_ext(x, at), 0, 0);
	put_bio(out, b);
	sbuf_putc(out, '\n');
}

static void put_name_line(struct sbuf *out, const char *what, const X509_NAME *n, struct arena *mem)
{
	struct str text;

	if (x509_name(n, STR_NONE, 0, false, mem, &text))
		sbuf_printf(out, "%s: %.*s\n", what, STR_ARG(text));
}

static void put_x509(struct sbuf *out, X509 *x, struct arena *mem)
{
	struct str v;

	if (x509_part(x, X509_P_SERIAL, mem, &v)) {
		sbuf_putz(out, "Serial: ");
		put_hex(out, (const unsigned char *)v.p, v.n, "X");
		sbuf_putc(out, '\n');
	}
	put_time(out, "notBefore", X509_get0_notBefore(x));
	put_time(out, "notAfter", X509_get0_notAfter(x));
	put_alt_names(out, x);
	sbuf_printf(out, "Algorithm: %.*s\n", STR_ARG(x509_key_words(x, mem)));
	if (x509_part(x, X509_P_SHA1, mem, &v)) {
		sbuf_putz(out, "SHA1 FingerPrint: ");
		put_hex(out, (const unsigned char *)v.p, v.n, "X");
		sbuf_putc(out, '\n');
	}
	put_name_line(out, "Subject", X509_get_subject_name(x), mem);
	put_name_line(out, "Issuer", X509_get_issuer_name(x), mem);
}

static void put_cert(struct sbuf *out, const struct tls_cert *c, struct arena *mem)
{
	X509 *leaf = c->leaf ? c->leaf : sk_X509_value(c->chain, 0);
	int first = c->leaf ? 0 : 1;

	if (leaf)
		put_x509(out, leaf, mem);
	for (int i = first; i < sk_X509_num(c->chain); i++) {
		put_name_line(out, "Chain Subject", X509_get_subject_name(sk_X509_value(c->chain, i)), mem);
		put_name_line(out, "Chain Issuer", X509_get_issuer_name(sk_X509_value(c->chain, i)), mem);
	}
}

static void put_head(struct sbuf *out, const char *star, const char *name, const char *status)
{
	sbuf_printf(out, "Filename: %s%s\nStatus: %s\n", star, name, status);
}

static void put_slot(struct sbuf *out, const struct tls_slot *s, struct arena *mem)
{
	bool used = !list_empty(&s->entries) || s->servers;

	put_head(out, "", s->name, !s->cert ? "Empty" : used ? "Used" : "Unused");
	if (s->cert)
		put_cert(out, s->cert, mem);
	sbuf_putz(out, "OCSP Response Key: ");
	if (s->cert && s->cert->wants_ocsp)
		put_hex(out, s->cert->ocsp_id, s->cert->ocsp_id_len, "x");
	sbuf_putz(out, "\n");
}

/* --- authorities, revocation lists --- */

static void put_certs(struct sbuf *out, const struct tls_pem *p, int index, struct arena *mem)
{
	for (int i = 0; i < sk_X509_num(p->certs); i++) {
		if (index && index != i + 1)
			continue;
		sbuf_printf(out, " \nCertificate #%d:\n", i + 1);
		put_x509(out, sk_X509_value(p->certs, i), mem);
	}
}

static void put_revoked(struct sbuf *out, STACK_OF(X509_REVOKED) *all)
{
	sbuf_putz(out, sk_X509_REVOKED_num(all) > 0 ? "Revoked Certificates:\n" : "No Revoked Certificates.\n");
	for (int i = 0; i < sk_X509_REVOKED_num(all); i++) {
		const X509_REVOKED *r = sk_X509_REVOKED_value(all, i);
		const ASN1_INTEGER *n = X509_REVOKED_get0_serialNumber(r);

		sbuf_putz(out, "    Serial Number: ");
		put_hex(out, ASN1_STRING_get0_data(n), (size_t)ASN1_STRING_length(n), "X");
		sbuf_putc(out, '\n');
		put_time(out, "        Revocation Date", X509_REVOKED_get0_revocationDate(r));
	}
}

static void put_crls(struct sbuf *out, const struct tls_pem *p, int index, struct arena *mem)
{
	for (int i = 0; i < sk_X509_CRL_num(p->crls); i++) {
		X509_CRL *c = sk_X509_CRL_value(p->crls, i);

		if (index && index != i + 1)
			continue;
		sbuf_printf(out, " \nCertificate Revocation List #%d:\nVersion %ld\nSignature Algorithm: %s\n", i + 1,
			    X509_CRL_get_version(c) + 1, OBJ_nid2ln(X509_CRL_get_signature_nid(c)));
		put_name_line(out, "Issuer", X509_CRL_get_issuer(c), mem);
		put_time(out, "Last Update", X509_CRL_get0_lastUpdate(c));
		if (X509_CRL_get0_nextUpdate(c))
			put_time(out, "Next Update", X509_CRL_get0_nextUpdate(c));
		put_revoked(out, X509_CRL_get_REVOKED(c));
	}
}

static void put_pem(struct sbuf *out, enum tls_store_kind kind, const struct tls_pem *p, int index, struct arena *mem)
{
	if (kind == TLS_STORE_CA)
		put_certs(out, p, index, mem);
	else
		put_crls(out, p, index, mem);
}

static bool show_pem(const struct tls_files *f, enum tls_store_kind kind, struct str name, int index,
		     struct arena *mem, struct sbuf *out)
{
	const struct tls_pem *p = hmap_get(map_of(f, kind), name);
	bool empty;

	if (!p)
		return false;
	empty = !sk_X509_num(p->certs) && !sk_X509_CRL_num(p->crls);
	put_head(out, "", p->name, empty ? "Empty" : p->users ? "Used" : "Unused");
	put_pem(out, kind, p, index, mem);
	return true;
}

static bool show_pending(const struct tls_pending *p, enum tls_store_kind kind, struct str name, int index,
			 struct arena *mem, struct sbuf *out)
{
	if (!p->name[kind] || !str_eqz(name, p->name[kind]))
		return false;
	put_head(out, "*", p->name[kind], "Unused");
	if (kind == TLS_STORE_CERT) {
		put_cert(out, p->cert, mem);
		sbuf_putz(out, "OCSP Response Key: \n");
	} else {
		put_pem(out, kind, p->pem[kind], index, mem);
	}
	return true;
}

bool tls_store_show(struct tls_files *f, enum tls_store_kind kind, struct str name, int index, struct arena *mem,
		    struct sbuf *out)
{
	const struct tls_slot *s = NULL;
	bool ok;

	pthread_mutex_lock(&f->edit);
	if (name.n && name.p[0] == '*') {
		ok = show_pending(tls_pending_of(f), kind, str_skip(name, 1), index, mem, out);
	} else if (kind != TLS_STORE_CERT) {
		ok = show_pem(f, kind, name, index, mem, out);
	} else {
		s = hmap_get(&f->slots, name);
		ok = s;
		if (s)
			put_slot(out, s, mem);
	}
	pthread_mutex_unlock(&f->edit);
	ERR_clear_error();
	return ok;
}

/* --- names --- */

static void put_date(struct sbuf *out, const ASN1_TIME *t, char end)
{
	BIO *b = BIO_new(BIO_s_mem());

	ASN1_TIME_print(b, t);
	put_bio(out, b);
	sbuf_putc(out, end);
}

/* The names that an entry does not answer to, though a wildcard of its has them. */
static void put_filter(struct sbuf *out, const struct tls_front *t, const struct tls_entry *e)
{
	const struct hmap *maps[2] = { &t->names.exact, &t->names.wild };
	const struct hmap_slot *s;
	bool any = false;

	for (int i = 0; i < 2 && e->names && strchr(e->names, '!'); i++)
		for (size_t at = 0; (s = hmap_next(maps[i], &at));)
			for (const struct tls_named *n = s->value; n; n = n->next) {
				if (!n->neg || n->entry != e)
					continue;
				sbuf_printf(out, "%s!%s%.*s", any ? " " : "", i ? "*" : "", STR_ARG(s->key));
				any = true;
			}
	if (!any)
		sbuf_putc(out, '-');
}

static void put_sni(struct sbuf *out, const struct tls_front *t, const char *star, struct str name,
		    const struct tls_entry *e)
{
	static const char *const kinds[TLS_KINDS] = { "rsa", "ecdsa", "dsa" };

	for (int i = 0; i < e->nuses; i++) {
		const struct tls_slot *s = e->uses[i].slot;

		sbuf_printf(out, "%s/%s:%d\t%s%.*s\t", t->words->owner ? t->words->owner : "",
			    t->words->file ? t->words->file : "", t->words->line, star, STR_ARG(name));
		if (*star)
			put_filter(out, t, e);
		else
			sbuf_putc(out, '-');
		sbuf_printf(out, "\t%s\t%s\t", kinds[tls_cert_kind(s->cert)], s->name);
		put_date(out, X509_get0_notAfter(s->cert->leaf), '\t');
		put_date(out, X509_get0_notBefore(s->cert->leaf), '\n');
	}
}

static void put_map(struct sbuf *out, const struct tls_front *t, const struct hmap *m, const char *star)
{
	const struct hmap_slot *s;

	for (size_t at = 0; (s = hmap_next(m, &at));)
		for (const struct tls_named *n = s->value; n; n = n->next)
			if (!n->neg)
				put_sni(out, t, star, s->key, n->entry);
}

void tls_store_show_sni(struct tls_files *f, struct str front, bool by_front, struct sbuf *out)
{
	sbuf_putz(out, "# Frontend/Bind\tSNI\tNegative Filter\tType\tFilename\tNotAfter\tNotBefore\n");
	pthread_mutex_lock(&f->edit);
	for (struct tls_front *t = f->fronts; t; t = t->next) {
		if (by_front && !(t->words->owner && str_eqz(front, t->words->owner)))
			continue;
		put_map(out, t, &t->names.exact, "");
		put_map(out, t, &t->names.wild, "*");
	}
	pthread_mutex_unlock(&f->edit);
}
