/* What names the servers of a backend in its persistence cookie: words of their lines, or (`dynamic`) numbers made of a
 * key and their address. A map of all is made when something changes, published with one store, and looked up in
 * without locks. */
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "live_priv.h"

struct entry {
	struct srv *srv;
	uint32_t next;			/* 1 + number of the next one with this cookie, 0: there is none */
	uint32_t last;			/* the same of the last one, in the first one */
	char dyn[SRV_COOKIE_DYN];	/* the text of a dynamic one */
};
struct srv_cookies {
	struct hmap by_value;		/* the first entry of each */
	struct entry e[];
};

struct str srv_cookie(const struct srv *s, char buf[SRV_COOKIE_DYN])
{
	uint64_t v = atom_get(&s->dyn_cookie);

	if (s->line->cookie.n || !v)
		return s->line->cookie;
	snprintf(buf, SRV_COOKIE_DYN, "%016llx", (unsigned long long)v);
	return str_make(buf, SRV_COOKIE_DYN - 1);
}

struct srv *srv_by_cookie(const struct px_live *p, struct str value, struct srv_by_cookie *it)
{
	const struct entry *e = NULL;

	if (!it->set) {
		it->set = atom_acquire(&p->cookies);
		e = it->set && value.n ? hmap_get(&it->set->by_value, value) : NULL;
	} else if (it->next) {
		e = &it->set->e[it->next - 1];
	}
	it->next = e ? e->next : 0;
	return e ? e->srv : NULL;
}

static void cookies_free(void *arg)
{
	struct srv_cookies *c = arg;

	if (c)
		hmap_fini(&c->by_value);
	free(c);
}

static void add(struct srv_cookies *c, uint32_t number, struct str value)
{
	struct entry *e = &c->e[number], *first = hmap_get(&c->by_value, value);

	if (first) {
		c->e[first->last - 1].next = number + 1;
		first->last = number + 1;
		return;
	}
	e->last = number + 1;
	hmap_put(&c->by_value, value, e);
}

static struct srv_cookies *cookies_build(struct px_live *p)
{
	struct srv_cookies *c;
	uint32_t n = 0;
	struct srv *s;

	if (!p->px->cookie.name.n)
		return NULL;
	c = mem_zalloc(sizeof(*c) + (size_t)p->nservers * sizeof(c->e[0]));
	list_each(s, &p->servers, link) {
		struct str value = srv_cookie(s, c->e[n].dyn);

		if (!value.n)
			continue;
		c->e[n].srv = s;
		add(c, n++, value);
	}
	return c;
}

void px_cookies_rebuild(struct px_live *p)
{
	struct srv_cookies *old;
	struct srv *s;

	pthread_mutex_lock(&p->lock);
	list_each(s, &p->servers, link)
		atom_set(&s->dyn_cookie, p->dyn_cookies ? cookie_dynamic_value(p->cookie_key, &s->addr) : 0);
	old = atom_swap(&p->cookies, cookies_build(p));
	pthread_mutex_unlock(&p->lock);
	live_after_grace(cookies_free, old);
}

void px_cookies_fini(struct px_live *p)
{
	cookies_free(p->cookies);
	free((char *)p->cookie_key.p);
}

void px_set_cookie_key(struct px_live *p, struct str key)
{
	free((char *)p->cookie_key.p);
	p->cookie_key = live_own_str(key);
	px_cookies_rebuild(p);
}

void px_set_dyn_cookies(struct px_live *p, bool on)
{
	p->dyn_cookies = on;
	px_cookies_rebuild(p);
}
