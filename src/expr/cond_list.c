/* Many conditions in order, of which the first that holds is wanted (use_backend). A condition that only asks whether
 * an expression equals one of some texts, or begins or ends with one, need not be asked on its own: all such conditions
 * about the same expression go into one map from text to the earliest condition. Prefixes and suffixes are looked up by
 * the lengths that occur. What the map finds bounds the walk over the others. */
#include <stdlib.h>
#include "acl_priv.h"
#include "pat_priv.h"
#include "weir/base/hmap.h"
#include "weir/base/pool.h"

/* Fewer than so many conditions about an expression are asked one by one. */
#define WORTH 6

struct group {
	struct group *next;
	const struct expr *expr;
	uint8_t kind;			/* PAT_STR, PAT_BEG, PAT_END */
	bool icase;
	int n;				/* conditions */
	size_t longest;
	uint32_t *lens;			/* PAT_BEG, PAT_END: the lengths of keys, each once */
	int nlens;
	struct hmap keys;		/* text -> place + 1 */
};
struct cond_list {
	struct cond *const *c;
	int n;
	struct group *groups;
	int *rest, nrest;		/* places of the conditions that are in no group */
	const struct pat_refs *refs;
};

static bool can_map(int kind)
{
	return kind == PAT_STR || kind == PAT_BEG || kind == PAT_END;
}

/* The one test of a condition that is nothing else, or NULL. */
static const struct acl_test *plain_test(const struct cond *c)
{
	const struct acl_test *t;

	if (!c || c->unless || c->n != 1 || c->term[0].neg)
		return NULL;
	if (list_empty(&c->term[0].acl->tests))
		return NULL;
	t = list_first(&c->term[0].acl->tests, struct acl_test, link);
	if (t->link.next != &c->term[0].acl->tests || !can_map(t->kind) || t->expr->constant || t->nix != 1)
		return NULL;
	return t->ix[0]->ref->name.n ? NULL : t;
}

/* The same fetch, converters and arguments give the same value. */
static struct group *group_of(struct cond_list *l, const struct acl_test *t)
{
	struct group *g;

	for (g = l->groups; g; g = g->next)
		if (g->kind == t->kind && g->icase == t->ix[0]->icase && g->expr->fetch == t->expr->fetch &&
		    str_eq(g->expr->text, t->expr->text))
			return g;
	return NULL;
}

/* What grew on the heap goes where the group is. */
static void settle(struct group *g, struct arena *mem)
{
	uint32_t *lens = arena_array(mem, uint32_t, (size_t)g->nlens);

	if (g->nlens)
		memcpy(lens, g->lens, sizeof(*lens) * (size_t)g->nlens);
	free(g->lens);
	g->lens = lens;
	hmap_keep(&g->keys, mem);
}

static void add_len(struct group *g, size_t len)
{
	for (int i = 0; i < g->nlens; i++)
		if (g->lens[i] == len)
			return;
	g->lens = mem_realloc(g->lens, ((size_t)g->nlens + 1) * sizeof(*g->lens));
	g->lens[g->nlens++] = (uint32_t)len;
}

static struct group *new_group(struct cond_list *l, struct arena *mem, const struct acl_test *t)
{
	struct group *g = arena_new(mem, struct group);

	*g = (struct group){ .next = l->groups, .expr = t->expr, .kind = t->kind, .icase = t->ix[0]->icase };
	l->groups = g;
	return g;
}

static void add_keys(struct group *g, struct arena *mem, const struct acl_test *t, int place)
{
	const struct pat_elt *e;

	list_each(e, &t->ix[0]->ref->elts, link) {
		struct str key = arena_str(mem, e->key);

		if (g->icase)
			str_lower((char *)(uintptr_t)key.p, key.n);
		if (!hmap_has(&g->keys, key))
			hmap_put(&g->keys, key, (void *)(uintptr_t)(place + 1));
		g->longest = MAX(g->longest, key.n);
		if (g->kind != PAT_STR)
			add_len(g, key.n);
	}
}

/* Groups with their sizes first: small ones are not worth their map. */
static void count_groups(struct cond_list *l, struct arena *mem)
{
	for (int i = 0; i < l->n; i++) {
		const struct acl_test *t = plain_test(l->c[i]);
		struct group *g = t ? group_of(l, t) : NULL;

		if (t && !g)
			g = new_group(l, mem, t);
		if (t)
			g->n++;
	}
	for (struct group **g = &l->groups; *g; )
		if ((*g)->n < WORTH)
			*g = (*g)->next;
		else
			g = &(*g)->next;
}

struct cond_list *cond_list_make(struct arena *mem, struct cond *const *c, int n)
{
	struct cond_list *l = arena_new(mem, struct cond_list);
	struct cond **kept = arena_array(mem, struct cond *, (size_t)n + 1);

	for (int i = 0; i < n; i++)
		kept[i] = c[i];
	*l = (struct cond_list){ .c = kept, .n = n, .rest = arena_array(mem, int, (size_t)n + 1) };
	count_groups(l, mem);
	for (int i = 0; i < n; i++) {
		const struct acl_test *t = plain_test(c[i]);
		struct group *g = t ? group_of(l, t) : NULL;

		if (g) {
			add_keys(g, mem, t, i);
			l->refs = t->ix[0]->ref->refs;
		} else {
			l->rest[l->nrest++] = i;
		}
	}
	for (struct group *g = l->groups; g; g = g->next)
		settle(g, mem);
	return l;
}

/* --- looking --- */

static int one_by_one(const struct cond_list *l, int from, struct xctx *x, enum cond_result *r)
{
	for (int i = from; i < l->n; i++) {
		*r = cond_eval(l->c[i], x);
		if (*r != COND_FALSE)
			return i;
	}
	return -1;
}

static void look_up(const struct group *g, struct str key, int *place)
{
	uintptr_t found = (uintptr_t)hmap_get(&g->keys, key);

	if (found && (int)found - 1 < *place)
		*place = (int)found - 1;
}

static void look_up_parts(const struct group *g, struct str s, int *place)
{
	for (int i = 0; i < g->nlens; i++)
		if (g->lens[i] <= s.n)
			look_up(g, g->kind == PAT_BEG ? str_head(s, g->lens[i]) : str_skip(s, s.n - g->lens[i]), place);
}

/* What of a text can matter. Nothing: it equals no key. */
static bool part_that_counts(const struct group *g, struct str *s)
{
	if (s->n <= g->longest)
		return true;
	if (g->kind == PAT_BEG)
		*s = str_head(*s, g->longest);
	else if (g->kind == PAT_END)
		*s = str_skip(*s, s->n - g->longest);
	return g->kind != PAT_STR;
}

/* Place of the earliest condition that one of the values equals, or n. False: a value may still come. */
static bool ask_group(const struct group *g, int n, struct xctx *x, int *place)
{
	struct sample smp;
	uint8_t flags;

	memset(&smp, 0, sizeof(smp));
	smp.ctx.iterate = true;
	*place = n;
	do {
		bool got = expr_next(g->expr, &smp, x);

		flags = smp.flags;
		if (!got)
			break;
		if ((smp.type != SMP_STR && !smp_cast(&smp, SMP_STR, x->mem)) || !part_that_counts(g, &smp.s))
			continue;
		if (g->icase) {
			smp.flags |= SMP_F_CONST;
			smp_own(&smp, x->mem);
			str_lower((char *)(uintptr_t)smp.s.p, smp.s.n);
		}
		if (g->kind == PAT_STR)
			look_up(g, smp.s, place);
		else
			look_up_parts(g, smp.s, place);
	} while (flags & SMP_F_MORE);
	return !(flags & SMP_F_MAY_CHANGE) || x->final;
}

int cond_list_next(const struct cond_list *l, int from, struct xctx *x, enum cond_result *r)
{
	int best = l->n, place;

	if (from > 0 || !l->groups || atom_acquire(&l->refs->inline_edited))
		return one_by_one(l, from, x, r);
	for (const struct group *g = l->groups; g; g = g->next) {
		if (!ask_group(g, l->n, x, &place))
			return one_by_one(l, from, x, r);
		best = MIN(best, place);
	}
	for (int i = 0; i < l->nrest && l->rest[i] < best; i++) {
		*r = cond_eval(l->c[l->rest[i]], x);
		if (*r != COND_FALSE)
			return l->rest[i];
	}
	*r = COND_TRUE;
	return best < l->n ? best : -1;
}
