/* OCSP answers of a running generation: shown and replaced by commands, or by what ocsp-update fetched. */
#include "edit_priv.h"

#include <openssl/ocsp.h>
#include <stdlib.h>

#include "weir/base/enc.h"
#include "weir/base/pool.h"

/* --- showing --- */

static void put_hex(struct sbuf *out, const unsigned char *p, size_t n, bool upper)
{
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, upper ? "%02X" : "%02x", p[i]);
}

static void put_text(struct sbuf *out, const char *what, const ASN1_STRING *s)
{
	sbuf_printf(out, "   %s: ", what);
	put_hex(out, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s), true);
	sbuf_putc(out, '\n');
}

static void put_id(struct sbuf *out, const struct tls_slot *slot)
{
	const struct tls_cert *c = slot->cert;
	const unsigned char *p = c->ocsp_id;
	OCSP_CERTID *id = d2i_OCSP_CERTID(NULL, &p, (long)c->ocsp_id_len);
	ASN1_OCTET_STRING *name = NULL, *key = NULL;
	ASN1_INTEGER *serial = NULL;

	sbuf_putz(out, "Certificate ID key : ");
	put_hex(out, c->ocsp_id, c->ocsp_id_len, false);
	sbuf_printf(out, "\nCertificate path : %s\n Certificate ID:\n", slot->name);
	if (id && OCSP_id_get0_info(&name, NULL, &key, &serial, id) == 1) {
		put_text(out, "Issuer Name Hash", name);
		put_text(out, "Issuer Key Hash", key);
		put_text(out, "Serial Number", serial);
	}
	OCSP_CERTID_free(id);
}

static bool same_id(const struct tls_cert *a, const struct tls_cert *b)
{
	return a->ocsp_id_len == b->ocsp_id_len && !memcmp(a->ocsp_id, b->ocsp_id, a->ocsp_id_len);
}

/* One identifier may belong to several files: it is told once. */
static bool told(const struct tls_slot **all, size_t n, const struct tls_slot *s)
{
	for (size_t i = 0; i < n; i++)
		if (same_id(all[i]->cert, s->cert))
			return true;
	return false;
}

static void list_ids(const struct tls_files *f, struct sbuf *out)
{
	const struct tls_slot **seen = mem_alloc(sizeof(*seen) * (f->slots.count + 1));
	const struct hmap_slot *h;
	size_t n = 0;

	for (size_t at = 0; (h = hmap_next(&f->slots, &at));) {
		const struct tls_slot *s = h->value;

		if (!s->cert || !s->cert->wants_ocsp || !s->cert->ocsp_id || told(seen, n, s))
			continue;
		if (!n)
			sbuf_putz(out, "# Certificate IDs\n");
		seen[n++] = s;
		put_id(out, s);
	}
	free(seen);
}

static bool is_key(const struct tls_cert *c, struct str hex)
{
	struct sbuf b = sbuf_grow();
	bool same;

	put_hex(&b, c->ocsp_id, c->ocsp_id_len, false);
	same = str_ieq(sbuf_str(&b), hex);
	sbuf_fini(&b);
	return same;
}

static const struct tls_slot *find(const struct tls_files *f, struct str id_or_path)
{
	const struct tls_slot *s = hmap_get(&f->slots, id_or_path);
	const struct hmap_slot *h;

	if (s)
		return s->cert && s->cert->ocsp_id ? s : NULL;
	for (size_t at = 0; (h = hmap_next(&f->slots, &at));) {
		s = h->value;
		if (s->cert && s->cert->wants_ocsp && s->cert->ocsp_id && is_key(s->cert, id_or_path))
			return s;
	}
	return NULL;
}

static void put_answer(const struct tls_cert *c, struct sbuf *out)
{
	const unsigned char *der = c->ocsp;
	OCSP_RESPONSE *r = c->ocsp ? d2i_OCSP_RESPONSE(NULL, &der, (long)c->ocsp_len) : NULL;
	BIO *b = BIO_new(BIO_s_mem());
	char *text;
	long n = 0;

	if (r && OCSP_RESPONSE_print(b, r, 0) == 1)
		n = BIO_get_mem_data(b, &text);
	for (long i = 0; i < n; i++) {
		sbuf_putc(out, text[i]);
		if (text[i] == '\n' && i + 1 < n && text[i + 1] == '\n')	/* an empty line ends an answer */
			sbuf_putc(out, ' ');
	}
	BIO_free(b);
	OCSP_RESPONSE_free(r);
}

bool tls_store_show_ocsp(struct tls_files *f, struct str id_or_path, struct arena *mem, struct sbuf *out)
{
	const struct tls_slot *s = NULL;

	pthread_mutex_lock(&f->edit);
	if (!id_or_path.n)
		list_ids(f, out);
	else if ((s = find(f, id_or_path)))
		put_answer(s->cert, out);
	pthread_mutex_unlock(&f->edit);
	ERR_clear_error();
	return !id_or_path.n || s;
}

bool tls_store_ocsp_der(struct tls_files *f, struct str id_or_path, struct arena *mem, struct str *der)
{
	const struct tls_slot *s;
	bool has;

	pthread_mutex_lock(&f->edit);
	s = find(f, id_or_path);
	has = s && s->cert->ocsp;
	if (has)
		*der = arena_str(mem, str_make((char *)s->cert->ocsp, s->cert->ocsp_len));
	pthread_mutex_unlock(&f->edit);
	return has;
}

/* --- replacing --- */

/* DER of the CertID that an answer is about; 0: it is not one that can be used. */
static int id_of(struct str der, unsigned char **id, struct tls_fault *why)
{
	const unsigned char *p = (const unsigned char *)der.p;
	OCSP_RESPONSE *r = d2i_OCSP_RESPONSE(NULL, &p, (long)der.n);
	OCSP_BASICRESP *basic = r && OCSP_response_status(r) == OCSP_RESPONSE_STATUS_SUCCESSFUL
				? OCSP_response_get1_basic(r) : NULL;
	int n = 0;

	if (!r)
		tls_fault_set(why, "Unable to parse OCSP response.");
	else if (!basic)
		tls_fault_set(why, "OCSP response status not successful.");
	else if (OCSP_resp_count(basic) != 1)
		tls_fault_set(why, "OCSP response ignored because contains multiple single responses (%d).",
			      OCSP_resp_count(basic));
	else
		n = i2d_OCSP_CERTID((OCSP_CERTID *)OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic, 0)), id);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(r);
	ERR_clear_error();
	return MAX(n, 0);
}

static void replace(struct tls_files *f, struct tls_cert *c, struct str der)
{
	unsigned char *copy = OPENSSL_memdup(der.p, der.n), *old;

	pthread_rwlock_wrlock(&f->lock);
	old = c->ocsp;
	c->ocsp = copy;
	c->ocsp_len = copy ? der.n : 0;
	pthread_rwlock_unlock(&f->lock);
	OPENSSL_free(old);
}

static bool set_all(struct tls_files *f, struct str der, const unsigned char *id, size_t n, struct tls_fault *why)
{
	const struct hmap_slot *h;
	bool any = false;

	for (size_t at = 0; (h = hmap_next(&f->slots, &at));) {
		struct tls_cert *c = ((struct tls_slot *)h->value)->cert;

		if (!c || !c->wants_ocsp || c->ocsp_id_len != n || memcmp(c->ocsp_id, id, n))
			continue;
		if (!tls_ocsp_good(c, (const unsigned char *)der.p, der.n, false, c->path, why))
			return false;
		replace(f, c, der);
		any = true;
	}
	if (!any)
		tls_fault_set(why, "OCSP single response: Certificate ID does not match any certificate or issuer.");
	return any;
}

bool tls_store_set_ocsp(struct tls_files *f, struct str der, struct tls_fault *why)
{
	unsigned char *id = NULL;
	int n = id_of(der, &id, why);
	bool ok;

	if (!n)
		return false;
	pthread_mutex_lock(&f->edit);
	ok = set_all(f, der, id, (size_t)n, why);
	pthread_mutex_unlock(&f->edit);
	OPENSSL_free(id);
	return ok;
}
