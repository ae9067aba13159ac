/* Changes of certificates, authorities and revocation lists while they are in use. What handshakes read is exchanged
 * under the lock in one go; what they have taken already is counted and stays theirs. */
#include "edit_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "weir/base/enc.h"
#include "weir/base/pool.h"

struct tls_pending *tls_pending_of(struct tls_files *f)
{
	if (!f->pending)
		f->pending = mem_zalloc(sizeof(*f->pending));
	return f->pending;
}

void tls_pending_drop(struct tls_pending *p, enum tls_store_kind kind)
{
	free(p->name[kind]);
	p->name[kind] = NULL;
	tls_pem_free(p->pem[kind]);
	p->pem[kind] = NULL;
	if (kind == TLS_STORE_CERT) {
		tls_cert_unref(p->cert);
		p->cert = NULL;
	}
}

void tls_pending_free(struct tls_pending *p)
{
	if (!p)
		return;
	for (int k = 0; k < TLS_STORE_KINDS; k++)
		tls_pending_drop(p, (enum tls_store_kind)k);
	free(p);
}

/* --- new, del --- */

static struct tls_pem *pem_of(struct tls_files *f, enum tls_store_kind kind, struct str name)
{
	return hmap_get(&f->pems[tls_pem_kind(kind)], name);
}

static char *text_of(struct str s)
{
	char *z = mem_alloc(s.n + 1);

	str_z(s, z, s.n + 1);
	return z;
}

bool tls_store_new(struct tls_files *f, enum tls_store_kind kind, struct str name)
{
	char *z = text_of(name);
	bool fresh;

	pthread_mutex_lock(&f->edit);
	if (kind == TLS_STORE_CERT) {
		fresh = !hmap_get(&f->slots, name);
		if (fresh)
			tls_slot_create_empty(f, z);
	} else {
		fresh = !pem_of(f, kind, name);
		if (fresh) {
			struct tls_pem *p = tls_pem_create(z);

			hmap_put(&f->pems[tls_pem_kind(kind)], str_c(p->name), p);
		}
	}
	pthread_mutex_unlock(&f->edit);
	free(z);
	return fresh;
}

static const char *const nouns[] = { "certificate", "CA file", "CRL file" };

static bool del_cert(struct tls_files *f, struct tls_slot *s)
{
	if (!list_empty(&s->entries) || s->servers)
		return false;
	tls_slot_destroy(f, s);
	return true;
}

static bool del_pem(struct tls_files *f, enum tls_store_kind kind, struct tls_pem *p)
{
	if (p->users)
		return false;
	hmap_del(&f->pems[tls_pem_kind(kind)], str_c(p->name));
	tls_pem_free(p);
	return true;
}

bool tls_store_del(struct tls_files *f, enum tls_store_kind kind, struct str name, struct tls_fault *why)
{
	void *what;
	bool ok;

	pthread_mutex_lock(&f->edit);
	what = kind == TLS_STORE_CERT ? hmap_get(&f->slots, name) : (void *)pem_of(f, kind, name);
	ok = what && (kind == TLS_STORE_CERT ? del_cert(f, what) : del_pem(f, kind, what));
	pthread_mutex_unlock(&f->edit);
	if (!ok)
		tls_fault_set(why, "%s '%.*s' %s!", nouns[kind], STR_ARG(name),
			      what ? "in use, can't be deleted" : "doesn't exist");
	return ok;
}

/* --- set --- */

typedef bool take_f(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f);

/* DER and the like come in base64, in lines of any length. */
static bool take_coded(struct tls_cert *c, struct str text, const char *from, take_f *take, struct tls_fault *f)
{
	struct sbuf packed = sbuf_grow(), plain = sbuf_grow();
	bool ok;

	for (size_t i = 0; i < text.n; i++)
		if (!strchr(" \t\r\n", text.p[i]))
			sbuf_putc(&packed, text.p[i]);
	ok = base64_dec(&plain, sbuf_str(&packed), BASE64_STD);
	if (ok)
		ok = take(c, sbuf_str(&plain), from, f);
	else
		tls_fault_set(f, "invalid base64 in the payload for '%s'.", from);
	sbuf_fini(&packed);
	sbuf_fini(&plain);
	return ok;
}

static bool take_ocsp(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f)
{
	return take_coded(c, text, from, tls_cert_take_ocsp, f);
}

static bool take_sctl(struct tls_cert *c, struct str text, const char *from, struct tls_fault *f)
{
	return take_coded(c, text, from, tls_cert_take_sctl, f);
}

static const struct part { const char *ext; take_f *take; } parts[] = {
	{ ".key", tls_cert_take_key }, { ".issuer", tls_cert_take_issuer }, { ".ocsp", take_ocsp },
	{ ".sctl", take_sctl },
};

/* The certificate of that name, or that of which name is a part. */
static struct tls_slot *slot_to_set(struct tls_files *f, struct str name, const struct part **part)
{
	struct tls_slot *s = hmap_get(&f->slots, name);

	*part = NULL;
	for (size_t i = 0; !s && i < ARRAY_LEN(parts); i++) {
		struct str ext = str_c(parts[i].ext);

		if (!str_ends(name, ext))
			continue;
		s = hmap_get(&f->slots, str_head(name, name.n - ext.n));
		*part = &parts[i];
	}
	return s;
}

static bool take_part(struct tls_pending *p, const struct tls_slot *s, const struct part *part, struct str payload,
		      struct tls_fault *why)
{
	struct tls_cert *c = tls_cert_create(s->name);
	bool ok = part ? part->take(c, payload, s->name, why) : tls_cert_take_pem(c, payload, s->name, why);

	ERR_clear_error();
	if (!ok) {
		size_t n = strlen(why->text);

		snprintf(why->text + n, sizeof(why->text) - n, "\nCan't load the payload");
		tls_cert_unref(c);
		return false;
	}
	if (p->cert)
		tls_cert_inherit(c, p->cert);
	tls_cert_unref(p->cert);
	p->cert = c;
	return true;
}

/* One change at a time: another name is refused. */
static bool same_change(const struct tls_pending *p, enum tls_store_kind kind, const char *name, struct tls_fault *why)
{
	if (!p->name[kind] || !strcmp(p->name[kind], name))
		return true;
	tls_fault_set(why, "The ongoing transaction is about '%s' but you are trying to set '%s'", p->name[kind],
		      name);
	return false;
}

static bool set_cert(struct tls_files *f, struct str name, struct str payload, const char **what,
		     struct tls_fault *why)
{
	struct tls_pending *p = tls_pending_of(f);
	const struct part *part;
	struct tls_slot *s = slot_to_set(f, name, &part);

	if (!s) {
		tls_fault_set(why, "Can't replace a certificate which is not referenced by the configuration!");
		return false;
	}
	*what = s->name;
	return same_change(p, TLS_STORE_CERT, s->name, why) && take_part(p, s, part, payload, why);
}

static bool set_pem(struct tls_files *f, enum tls_store_kind kind, struct str name, struct str payload, bool add,
		    const char **what, struct tls_fault *why)
{
	struct tls_pending *p = tls_pending_of(f);
	struct tls_pem *old = pem_of(f, kind, name), *next;
	const struct tls_pem *base = p->pem[kind] ? p->pem[kind] : old;

	if (!old) {
		tls_fault_set(why, "Can't replace a %s which is not referenced by the configuration!", nouns[kind]);
		return false;
	}
	*what = old->name;
	if (!same_change(p, kind, old->name, why))
		return false;
	next = tls_pem_create(old->name);
	for (int i = 0; add && i < sk_X509_num(base->certs); i++)
		if (X509_up_ref(sk_X509_value(base->certs, i)))
			sk_X509_push(next->certs, sk_X509_value(base->certs, i));
	if (!tls_pem_take(next, tls_pem_kind(kind), payload)) {
		ERR_clear_error();
		tls_pem_free(next);
		tls_fault_set(why, "Invalid payload");
		return false;
	}
	tls_pem_free(p->pem[kind]);
	p->pem[kind] = next;
	return true;
}

bool tls_store_set(struct tls_files *f, enum tls_store_kind kind, struct str name, struct str payload, bool add,
		   struct arena *mem, struct str *changed, bool *created, struct tls_fault *why)
{
	struct tls_pending *p;
	const char *what = NULL;
	bool ok;

	pthread_mutex_lock(&f->edit);
	p = tls_pending_of(f);
	ok = kind == TLS_STORE_CERT ? set_cert(f, name, payload, &what, why)
				    : set_pem(f, kind, name, payload, add, &what, why);
	*created = ok && !p->name[kind];
	if (*created)
		p->name[kind] = mem_strdup(what);
	if (ok)
		*changed = arena_str(mem, str_c(what));
	pthread_mutex_unlock(&f->edit);
	return ok;
}

/* --- commit --- */

static void publish_cert(struct tls_slot *s, struct tls_cert *c)
{
	struct tls_cert *old = s->cert;
	struct tls_use *u;

	s->cert = c;
	s->version++;
	list_each(u, &s->entries, link) {
		tls_entry_hide(u->entry);
		tls_entry_show(u->entry);
		u->entry->front->changed |= u->entry == u->entry->front->entries;
	}
	tls_cert_unref(old);
}

static bool usable(const struct tls_cert *c, struct tls_fault *why)
{
	if (c->key && sk_X509_num(c->chain))
		return true;
	tls_fault_set(why, "The transaction must contain at least a certificate and a private key!");
	return false;
}

static unsigned count_uses(const struct tls_slot *s)
{
	const struct tls_use *u;
	unsigned n = s->servers;

	list_each(u, &s->entries, link)
		n++;
	return n;
}

static bool commit_cert(struct tls_files *f, struct str name, unsigned *count, struct tls_fault *why)
{
	struct tls_pending *p = tls_pending_of(f);
	struct tls_slot *s = hmap_get(&f->slots, name);
	struct tls_cert *next = p->cert;

	if (!s) {
		tls_fault_set(why, "certificate '%.*s' doesn't exist!", STR_ARG(name));
		return false;
	}
	/* Parts alone go into what is there; a new certificate brings its key, the rest is about the old one. */
	if (s->cert && !sk_X509_num(next->chain))
		tls_cert_inherit(next, s->cert);
	next->wants_ocsp |= s->cert && s->cert->wants_ocsp;
	if (!usable(next, why) || !tls_cert_complete(next, f, why))
		return false;
	p->cert = NULL;
	pthread_rwlock_wrlock(&f->lock);
	publish_cert(s, next);
	pthread_rwlock_unlock(&f->lock);
	*count = count_uses(s);
	return true;
}

static bool uses(const struct tls_trust *t, const struct tls_pem *p)
{
	return t->ca == p || t->verify == p || t->crl == p;
}

/* The file stays what lines refer to; its content is exchanged. */
static bool commit_pem(struct tls_files *f, enum tls_store_kind kind, struct str name, unsigned *count,
		       struct tls_fault *why)
{
	struct tls_pending *p = tls_pending_of(f);
	struct tls_pem *old = pem_of(f, kind, name), *next = p->pem[kind], was;
	bool ok = true;

	if (!old) {
		tls_fault_set(why, "%s '%.*s' doesn't exist!", nouns[kind], STR_ARG(name));
		return false;
	}
	was = *old;
	*count = old->users;
	pthread_rwlock_wrlock(&f->lock);
	old->certs = next->certs;
	old->crls = next->crls;
	next->certs = was.certs;
	next->crls = was.crls;
	for (struct tls_trust *t = f->trusts; t && ok; t = t->next)
		if (uses(t, old)) {
			ok = tls_trust_build(t, why);
			t->version++;
		}
	pthread_rwlock_unlock(&f->lock);
	return ok;
}

static bool pending_is(const struct tls_pending *p, enum tls_store_kind kind, struct str name, const char *verb,
		       struct tls_fault *why)
{
	if (!p->name[kind])
		tls_fault_set(why, "No ongoing transaction!");
	else if (!str_eqz(name, p->name[kind]))
		tls_fault_set(why, "The ongoing transaction is about '%s' but you are trying to %s '%.*s'",
			      p->name[kind], verb, STR_ARG(name));
	else
		return true;
	return false;
}

bool tls_store_commit(struct tls_files *f, enum tls_store_kind kind, struct str name, unsigned *count,
		      struct tls_fault *why)
{
	struct tls_pending *p;
	bool ok;

	pthread_mutex_lock(&f->edit);
	p = tls_pending_of(f);
	ok = pending_is(p, kind, name, "set", why) &&
	     (kind == TLS_STORE_CERT ? commit_cert(f, name, count, why) : commit_pem(f, kind, name, count, why));
	if (ok)
		tls_pending_drop(p, kind);
	pthread_mutex_unlock(&f->edit);
	return ok;
}

bool tls_store_abort(struct tls_files *f, enum tls_store_kind kind, struct str name, struct tls_fault *why)
{
	struct tls_pending *p;
	bool ok;

	pthread_mutex_lock(&f->edit);
	p = tls_pending_of(f);
	ok = pending_is(p, kind, name, "abort a transaction for", why);
	if (ok)
		tls_pending_drop(p, kind);
	pthread_mutex_unlock(&f->edit);
	return ok;
}
