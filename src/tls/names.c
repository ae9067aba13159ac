/* Server names to certificates: two hash maps, one for names as they are, one for what follows the star of a
 * wildcard. A name costs two look-ups at most, however many there are. */
#include "tls_priv.h"

#include <openssl/x509v3.h>
#include <stdlib.h>

#include "weir/base/pool.h"

static void add(struct hmap *m, struct str name, struct tls_entry *e, bool neg)
{
	struct tls_named *n = mem_zalloc(sizeof(*n)), *first = hmap_get(m, name), **at = &first;

	n->entry = e;
	n->neg = neg;
	for (; *at && (*at)->entry->seq <= e->seq; at = &(*at)->next)
		if ((*at)->entry == e && (*at)->neg == neg) {
			free(n);
			return;
		}
	n->next = *at;
	*at = n;
	if (first == n && n->next) {
		hmap_put(m, name, n);
	} else if (first == n) {
		char *key = mem_alloc(name.n + 1);

		memcpy(key, name.p, name.n);
		key[name.n] = 0;
		hmap_put(m, str_make(key, name.n), n);
	}
}

/* Takes e out of the lists; true: a name is gone with it, there may be more. */
static bool drop_one(struct hmap *m, const struct tls_entry *e, size_t *at)
{
	const struct hmap_slot *s;

	while ((s = hmap_next(m, at))) {
		struct tls_named *first = s->value, **link = &first;
		struct str key = s->key;

		while (*link) {
			struct tls_named *n = *link;

			if (n->entry != e) {
				link = &n->next;
				continue;
			}
			*link = n->next;
			free(n);
		}
		if (first && first != s->value) {
			hmap_put(m, key, first);
		} else if (!first) {
			hmap_del(m, key);
			free((void *)key.p);
			return true;	/* the map has moved: begin again */
		}
	}
	return false;
}

void tls_names_remove(struct tls_names *n, const struct tls_entry *e)
{
	for (size_t at = 0; drop_one(&n->exact, e, &at); at = 0)
		;
	for (size_t at = 0; drop_one(&n->wild, e, &at); at = 0)
		;
}

void tls_names_add(struct tls_names *n, struct str name, struct tls_entry *e)
{
	bool neg = name.n && name.p[0] == '!';
	char buf[512];

	name = str_skip(name, neg);
	if (!name.n || name.n > sizeof(buf))
		return;
	memcpy(buf, name.p, name.n);
	str_lower(buf, name.n);
	name.p = buf;
	if (name.p[0] == '*')
		add(&n->wild, str_skip(name, 1), e, neg);
	else
		add(&n->exact, name, e, neg);
}

static void add_text(struct tls_names *n, const ASN1_STRING *s, struct tls_entry *e)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, s);

	if (len > 0 && !memchr(utf8, 0, (size_t)len))
		tls_names_add(n, str_make((char *)utf8, (size_t)len), e);
	OPENSSL_free(utf8);
}

void tls_names_add_cert(struct tls_names *n, const struct tls_cert *c, struct tls_entry *e)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(c->leaf, NID_subject_alt_name, NULL, NULL);
	const X509_NAME *subject = X509_get_subject_name(c->leaf);

	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(all, i);

		if (one->type == GEN_DNS)
			add_text(n, one->d.dNSName, e);
	}
	GENERAL_NAMES_free(all);
	for (int i = -1; (i = X509_NAME_get_index_by_NID((X509_NAME *)subject, NID_commonName, i)) >= 0;)
		add_text(n, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), e);
	ERR_clear_error();
}

static bool denied(const struct tls_named *list, const struct tls_entry *e)
{
	for (; list; list = list->next)
		if (list->neg && list->entry == e)
			return true;
	return false;
}

static bool tell(const struct tls_named *list, const struct tls_named *own, void (*fn)(struct tls_entry *, void *),
		 void *arg)
{
	bool any = false;

	for (; list; list = list->next) {
		if (list->neg || denied(own, list->entry))
			continue;
		fn(list->entry, arg);
		any = true;
	}
	return any;
}

bool tls_names_find(const struct tls_names *n, struct str name, void (*fn)(struct tls_entry *e, void *arg), void *arg)
{
	const struct tls_named *own = n->exact.count ? hmap_get(&n->exact, name) : NULL;
	size_t dot;

	if (tell(own, NULL, fn, arg))
		return true;
	dot = str_chr(name, '.');
	return n->wild.count && dot != (size_t)-1 && tell(hmap_get(&n->wild, str_skip(name, dot)), own, fn, arg);
}

static void map_fini(struct hmap *m)
{
	const struct hmap_slot *s;

	for (size_t at = 0; (s = hmap_next(m, &at));) {
		for (struct tls_named *n = s->value, *next; n; n = next) {
			next = n->next;
			free(n);
		}
		free((void *)s->key.p);
	}
	hmap_fini(m);
}

void tls_names_fini(struct tls_names *n)
{
	map_fini(&n->exact);
	map_fini(&n->wild);
}
