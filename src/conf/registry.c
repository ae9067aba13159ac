#include "weir/conf/load.h"

#include <stdlib.h>

#include "weir/base/assert.h"
#include "weir/base/pool.h"
#include "weir/base/row.h"

/* The index of all keyword rows: name -> chain. Built once by boot, read only afterwards. */
struct entry {
	const struct kw *row;
	uint32_t scopes;
	size_t base;
	struct entry *next;
};

static struct {
	const struct conf_registry *r;
	struct hmap names;		/* -> struct entry * */
	struct hmap sections;		/* -> const struct section_row * */
	struct entry *entries;
	size_t n;
} reg;

static void add(struct entry *e)
{
	struct str name = str_c(e->row->name);
	struct entry *first;

	WASSERT(name.n > 0);
	first = hmap_get(&reg.names, name);

	/* What is built goes before what is only known. */
	if (first && e->row->type == KT_NOT_BUILT) {
		while (first->next)
			first = first->next;
		first->next = e;
		return;
	}
	e->next = first;
	hmap_put(&reg.names, name, e);
}

static void index_keywords(void)
{
	size_t n = 0;
	struct entry *e;

	for (const struct kw_table *t = reg.r->keywords; t->rows; t++)
		n += t->n;
	reg.entries = e = mem_zalloc((n + 1) * sizeof(*e));
	for (const struct kw_table *t = reg.r->keywords; t->rows; t++)
		for (size_t i = 0; i < t->n; i++, e++) {
			e->row = &t->rows[i];
			e->scopes = t->only ? e->row->scopes & t->only : e->row->scopes;
			e->base = t->base;
			add(e);
		}
	reg.n = n;
}

static void index_sections(void)
{
	for (const struct section_table *t = reg.r->sections; t->rows; t++)
		for (size_t i = 0; i < t->n; i++) {
			struct str name = str_c(t->rows[i].name);

			if (t->rows[i].begin || !hmap_has(&reg.sections, name))
				hmap_put(&reg.sections, name, (void *)&t->rows[i]);
		}
}

void conf_unregister(void)
{
	hmap_fini(&reg.names);
	hmap_fini(&reg.sections);
	free(reg.entries);
	memset(&reg, 0, sizeof(reg));
}

void conf_register(const struct conf_registry *r)
{
	conf_unregister();
	reg.r = r;
	index_keywords();
	index_sections();
}

const struct conf_registry *conf_registered(void)
{
	WASSERT(reg.r != NULL);
	return reg.r;
}

const struct section_row *conf_section_find(struct str name)
{
	return hmap_get(&reg.sections, name);
}

#define NAME_WORDS 4
#define NAME_MAX_BYTES 96

/* A word that is built for one kind of proxy section is out of place in the others, not missing. */
static bool is_built_beside(struct str name, uint32_t scope)
{
	if (!(scope & KW_ANYPROXY))
		return false;
	for (const struct entry *e = hmap_get(&reg.names, name); e; e = e->next)
		if (e->scopes & KW_ANYPROXY && e->row->type != KT_NOT_BUILT)
			return true;
	return false;
}

/* Prefers a built row of the scope; then a known one; then, with scope 0, any. */
static const struct entry *pick(struct str name, uint32_t scope)
{
	const struct entry *known = NULL;

	for (const struct entry *e = hmap_get(&reg.names, name); e; e = e->next) {
		if (scope && !(e->scopes & scope))
			continue;
		if (e->row->type != KT_NOT_BUILT)
			return e;
		if (!known)
			known = e;
	}
	return known && is_built_beside(name, scope) ? NULL : known;
}

/* A row whose name ends with a parenthesis stands for all words that begin like it: "set-x(arg)". */
static const struct entry *pick_open(struct str word, uint32_t scope)
{
	size_t paren = str_chr(word, '(');

	return paren == (size_t)-1 ? NULL : pick(str_head(word, paren + 1), scope);
}

const struct kw *kw_find(const struct str *w, int n, int at, uint32_t scope, int *words, size_t *base)
{
	char name[NAME_MAX_BYTES];
	size_t used = 0;
	const struct entry *best = NULL;

	*words = 0;
	for (int i = 0; i < NAME_WORDS && at + i < n; i++) {
		struct str word = w[at + i];
		const struct entry *e;

		if (used + word.n + 1 > sizeof(name))
			break;
		if (i)
			name[used++] = ' ';
		memcpy(name + used, word.p, word.n);
		used += word.n;
		e = pick(str_make(name, used), scope);
		if (!e && !i)
			e = pick_open(str_make(name, used), scope);
		if (e) {
			best = e;
			*words = i + 1;
		}
	}
	if (base)
		*base = best ? best->base : 0;
	return best ? best->row : NULL;
}

const char *conf_section_near(struct str word)
{
	struct row_near near;

	row_near_init(&near, word);
	for (const struct section_table *t = reg.r->sections; t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			row_near_try(&near, t->rows[i].name);
	return row_near_best(&near);
}

const char *kw_near(struct str word, uint32_t scope, const char *prefix)
{
	size_t skip = prefix ? strlen(prefix) : 0;
	struct row_near near;

	row_near_init(&near, word);
	for (const struct entry *e = reg.entries; e < reg.entries + reg.n; e++) {
		if (!(e->scopes & scope) || e->row->type == KT_REFUSED)
			continue;
		if (!skip || strncmp(e->row->name, prefix, skip) == 0)
			row_near_try(&near, e->row->name + skip);
	}
	return row_near_best(&near);
}

void conf_each_kw(void (*fn)(const struct kw *row, uint32_t scopes, void *arg), void *arg)
{
	for (const struct kw_table *t = reg.r->keywords; t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			fn(&t->rows[i], t->only ? t->rows[i].scopes & t->only : t->rows[i].scopes, arg);
}

const char *conf_scope_name(uint32_t scope)
{
	static const struct { uint32_t scope; const char *name;
	} names[] = {
		{ KW_GLOBAL, "global" },
		{ KW_DEFAULTS, "defaults" },
		{ KW_FRONTEND, "frontend" },
		{ KW_BACKEND, "backend" },
		{ KW_LISTEN, "listen" },
		{ KW_BIND, "bind" },
		{ KW_SERVER, "server" },
		{ KW_USERLIST, "userlist" },
		{ KW_HTTP_ERRORS, "http-errors" },
		{ KW_PEERS, "peers" },
		{ KW_RESOLVERS, "resolvers" },
		{ KW_MAILERS, "mailers" },
		{ KW_CACHE, "cache" },
		{ KW_RING, "ring" },
		{ KW_LOG_FORWARD, "log-forward" },
		{ KW_CRT_STORE, "crt-store" },
		{ KW_PROGRAM, "program" },
		{ KW_FCGI, "fcgi-app" },
		{ KW_LOG_PROFILE, "log-profile" },
		{ KW_HEALTHCHECK, "healthcheck" },
		{ KW_TRACES, "traces" },
		{ KW_ACME, "acme" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].scope & scope)
			return names[i].name;
	return "?";
}
