/* What the lines of a generation refer to by file names: each is read once, however many lines name it. Kept with the
 * generation; commands may replace what is behind a name (edit.c). */
#include "tls_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "weir/base/pool.h"

struct tls_files *tls_files_create(const struct tls_global *g)
{
	struct tls_files *f = mem_zalloc(sizeof(*f));

	f->g = g;
	pthread_mutex_init(&f->edit, NULL);
	pthread_rwlock_init(&f->lock, NULL);
	return f;
}

static void slot_free(struct tls_slot *s)
{
	tls_cert_unref(s->cert);
	free((char *)s->p.crt);
	free((char *)s->p.key);
	free((char *)s->p.ocsp);
	free((char *)s->p.issuer);
	free((char *)s->p.sctl);
	free(s->name);
	free(s);
}

static void list_free(struct tls_list *l)
{
	struct tls_list_line *at, *next;

	list_each_safe(at, next, &l->lines, link) {
		free(at->crt);
		free(at->options);
		free(at->names);
		free(at);
	}
	free(l->name);
	free(l);
}

static void trusts_free(struct tls_trust *t)
{
	for (struct tls_trust *next; t; t = next) {
		next = t->next;
		X509_STORE_free(t->store);
		sk_X509_NAME_pop_free(t->names, X509_NAME_free);
		free(t);
	}
}

void tls_files_destroy(struct tls_files *f)
{
	const struct hmap_slot *s;

	if (!f)
		return;
	tls_ocsp_end(f);
	if (f->updater)
		return;
	tls_pending_free(f->pending);
	for (size_t at = 0; (s = hmap_next(&f->slots, &at));)
		slot_free(s->value);
	for (int k = 0; k < TLS_PEM_KINDS; k++) {
		for (size_t at = 0; (s = hmap_next(&f->pems[k], &at));)
			tls_pem_free(s->value);
		hmap_fini(&f->pems[k]);
	}
	for (size_t at = 0; (s = hmap_next(&f->lists, &at));)
		list_free(s->value);
	for (size_t at = 0; (s = hmap_next(&f->tickets, &at));)
		tls_tickets_free(s->value);
	trusts_free(f->trusts);
	sk_X509_pop_free(f->issuers, X509_free);
	hmap_fini(&f->slots);
	hmap_fini(&f->lists);
	hmap_fini(&f->tickets);
	pthread_mutex_destroy(&f->edit);
	pthread_rwlock_destroy(&f->lock);
	free(f);
}

void tls_files_run(struct tls_files *f)
{
	f->running = true;
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

/* --- where a certificate is --- */

static const struct tls_store_crt *in_store(const struct tls_global *g, struct str path)
{
	const struct tls_store_crt *s = g->store;

	for (; s; s = s->next) {
		char name[1024];
		struct str crt = s->alias.n ? s->alias : s->crt;

		snprintf(name, sizeof(name), "@%.*s/%.*s", STR_ARG(s->store), STR_ARG(crt));
		if (str_eqz(path, name) || (!s->store.n && str_eq(path, s->crt)))
			return s;
	}
	return NULL;
}

static char *place(const char *said, struct str stored, struct str base)
{
	struct str text = said ? str_c(said) : stored;

	return text.n ? tls_path(text, base) : NULL;
}

void tls_where_init(struct tls_where *w, const struct tls_files *f, struct str path, const struct tls_paths *said)
{
	static const struct tls_store_crt nothing;
	const struct tls_global *g = f->g;
	const struct tls_store_crt *s = in_store(g, path);
	struct str crt_base = s ? s->crt_base : g->crt_base, key_base = s ? s->key_base : g->key_base;

	w->crt = tls_path(s ? s->crt : path, crt_base);
	if (!s)
		s = &nothing;
	w->name = s->alias.n ? tls_path(path, STR_NONE) : NULL;
	w->key = place(said->key, s->key, key_base);
	w->ocsp = place(said->ocsp, s->ocsp, crt_base);
	w->issuer = place(said->issuer, s->issuer, crt_base);
	w->sctl = place(said->sctl, s->sctl, crt_base);
	w->p = (struct tls_paths){ .name = w->name, .crt = w->crt, .key = w->key, .ocsp = w->ocsp,
				   .issuer = w->issuer, .sctl = w->sctl, .update = said->update };
	if (!w->p.update && s->update.n)
		w->p.update = str_eqz(s->update, "on") ? 1 : -1;
}

void tls_where_fini(struct tls_where *w)
{
	free(w->name);
	free(w->crt);
	free(w->key);
	free(w->ocsp);
	free(w->issuer);
	free(w->sctl);
}

/* --- certificates --- */

static char *copy(const char *z)
{
	return z ? mem_strdup(z) : NULL;
}

static struct tls_slot *slot_create(struct tls_files *f, const char *name, const struct tls_paths *p)
{
	struct tls_slot *s = mem_zalloc(sizeof(*s));

	s->name = mem_strdup(name);
	list_init(&s->entries);
	s->p = (struct tls_paths){ .crt = copy(p->crt), .key = copy(p->key), .ocsp = copy(p->ocsp),
				   .issuer = copy(p->issuer), .sctl = copy(p->sctl), .update = p->update };
	hmap_put(&f->slots, str_c(s->name), s);
	return s;
}

struct tls_slot *tls_slot_create_empty(struct tls_files *f, const char *name)
{
	return slot_create(f, name, &(struct tls_paths){ .crt = name });
}

void tls_slot_destroy(struct tls_files *f, struct tls_slot *s)
{
	hmap_del(&f->slots, str_c(s->name));
	slot_free(s);
}

static bool differ(const char *name, const char *word, const char *was, const char *is, struct tls_fault *why)
{
	if (!was && !is)
		return false;
	if (was && is && !strcmp(was, is))
		return false;
	tls_fault_set(why, "'%s' is already defined with incompatible parameters: different parameter '%s' : "
		      "previously '%s' vs '%s'.", name, word, was ? was : "", is ? is : "");
	return true;
}

static const char *update_word(const struct tls_files *f, int8_t update)
{
	return update > 0 || (!update && f->g->ocsp_update) ? "on" : "off";
}

/* One certificate cannot be loaded in two ways. */
static bool same_parts(struct tls_files *f, const struct tls_slot *s, const struct tls_paths *p,
		       struct tls_fault *why)
{
	return !differ(s->name, "ocsp-update", update_word(f, s->p.update), update_word(f, p->update), why) &&
	       (!p->key || !differ(s->name, "key", s->p.key, p->key, why)) &&
	       (!p->ocsp || !differ(s->name, "ocsp", s->p.ocsp, p->ocsp, why)) &&
	       (!p->issuer || !differ(s->name, "issuer", s->p.issuer, p->issuer, why)) &&
	       (!p->sctl || !differ(s->name, "sctl", s->p.sctl, p->sctl, why));
}

struct tls_slot *tls_files_slot(struct tls_files *f, const struct tls_paths *p, struct tls_fault *why)
{
	const char *name = p->name ? p->name : p->crt;
	struct tls_slot *s = hmap_get(&f->slots, str_c(name));
	struct tls_cert *c;

	if (s && !s->cert) {
		tls_fault_set(why, "certificate '%s' is empty!", name);
		return NULL;
	}
	if (s)
		return same_parts(f, s, p, why) ? s : NULL;
	if (f->g->issuers_path.n && !f->issuers && !(f->issuers = tls_issuers_load(f->g->issuers_path.p, why)))
		return NULL;
	c = tls_cert_load(p, f, why);
	if (!c)
		return NULL;
	s = slot_create(f, name, p);
	s->cert = c;
	c->wants_ocsp |= !strcmp(update_word(f, p->update), "on");
	return s;
}
