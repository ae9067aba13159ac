/* References: keys and values in order, by version, and the indexes made from them. Writers hold the lock; what they
 * take out is collected and released behind a grace period, a batch at a time. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <xxhash.h>
#include <stdlib.h>
#include "pat_priv.h"
#include "weir/base/assert.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"

static void (*grace)(void (*fn)(void *arg), void *arg);
static struct pat_refs *published;

void expr_set_grace(void (*later)(void (*fn)(void *arg), void *arg))
{
	grace = later;
}

void pat_refs_publish(struct pat_refs *r)
{
	atom_release(&published, r);
}

struct pat_refs *pat_refs_current(void)
{
	return atom_acquire(&published);
}

/* --- what was taken out --- */

static void release_all(void *arg)
{
	for (struct pat_dead *d = arg, *next; d; d = next) {
		next = d->next;
		d->release(d);
	}
}

void pat_retire(struct pat_ref *ref, struct pat_dead *d)
{
	d->next = ref->dead;
	ref->dead = d;
}

void pat_reclaim(struct pat_ref *ref)
{
	struct pat_dead *d = ref->dead;

	if (!d)
		return;
	ref->dead = NULL;
	if (grace)
		grace(release_all, d);
	else
		release_all(d);
}

void pat_ref_lock(struct pat_ref *ref)
{
	pthread_mutex_lock(&ref->lock);
	ref->version = ref->next_seq + ref->removals + ref->cur_gen;
}

/* What was made of patterns when the configuration was read (cond_list) is good until one of them is edited. */
static void note_edit(struct pat_ref *ref)
{
	if (!ref->name.n && ref->refs->finished && ref->version != ref->next_seq + ref->removals + ref->cur_gen)
		atom_release(&ref->refs->inline_edited, true);
}

void pat_ref_unlock(struct pat_ref *ref)
{
	note_edit(ref);
	pat_reclaim(ref);
	pthread_mutex_unlock(&ref->lock);
}

/* --- values --- */

static void held_release(struct pat_dead *d)
{
	free(d);
}

static struct pat_held *value_new(struct str text)
{
	struct pat_held *h = mem_zalloc(sizeof(*h) + text.n + 1);
	char z[INET6_ADDRSTRLEN];

	h->dead.release = held_release;
	if (text.n)
		memcpy(h->bytes, text.p, text.n);
	h->v.text = str_make(h->bytes, text.n);
	h->v.is_int = num_i64(text, &h->v.i);
	h->v.family = AF_UNSPEC;
	if (!text.n || text.n >= sizeof(z))
		return h;
	str_z(text, z, sizeof(z));
	if (inet_pton(AF_INET, z, &h->v.ip4) == 1)
		h->v.family = AF_INET;
	else if (inet_pton(AF_INET6, z, &h->v.ip6) == 1)
		h->v.family = AF_INET6;
	return h;
}

bool pat_value_sample(const struct pat_value *v, enum smp_type out, struct sample *smp)
{
	smp->flags = SMP_F_CONST;
	switch (out) {
	case SMP_SINT:
		smp->type = SMP_SINT;
		smp->i = v->i;
		return v->is_int;
	case SMP_ADDR:
		smp->type = v->family == AF_INET ? SMP_IPV4 : SMP_IPV6;
		smp->ip6 = v->ip6;
		return v->family != AF_UNSPEC;
	default:
		smp->type = SMP_STR;
		smp->s = v->text;
		return true;
	}
}

/* Every map converter that returns a number or an address must be able to. */
static bool value_suits(const struct pat_ref *ref, const struct pat_value *v, struct load_err *err)
{
	struct pat_use *u;

	list_each(u, &ref->uses, link)
		if ((u->out == SMP_SINT && !v->is_int) || (u->out == SMP_ADDR && v->family == AF_UNSPEC)) {
			load_err_set(err, v->text.p, "unable to parse '" STR_FMT "'", STR_ARG(v->text));
			return false;
		}
	return true;
}

/* --- elements by key --- */

static uint32_t key_hash(const struct pat_ref *ref, struct str key)
{
	return (uint32_t)XXH3_64bits_withSeed(key.p, key.n, ref->seed);
}

static void bucket_push(struct pat_ref *ref, struct pat_elt *e)
{
	struct pat_elt **b = &ref->buckets[e->hash & (ref->nbuckets - 1)];

	e->same_bucket = *b;
	e->hangs = b;
	if (*b)
		(*b)->hangs = &e->same_bucket;
	*b = e;
}

static void buckets_grow(struct pat_ref *ref)
{
	struct pat_elt *e;

	free(ref->buckets);
	ref->nbuckets = ref->nbuckets ? ref->nbuckets * 4 : 16;
	ref->buckets = mem_zalloc(ref->nbuckets * sizeof(struct pat_elt *));
	list_each(e, &ref->elts, link)
		bucket_push(ref, e);
}

static void bucket_add(struct pat_ref *ref, struct pat_elt *e)
{
	if (ref->count >= ref->nbuckets * 2)
		buckets_grow(ref);	/* e is in the list already */
	else
		bucket_push(ref, e);
}

static void bucket_del(struct pat_elt *e)
{
	*e->hangs = e->same_bucket;
	if (e->same_bucket)
		e->same_bucket->hangs = e->hangs;
}

/* Entries of the visible version with that key; start with at == NULL. */
static struct pat_elt *next_by_key(const struct pat_ref *ref, struct str key, struct pat_elt *at)
{
	uint32_t h = key_hash(ref, key);

	if (!ref->nbuckets)
		return NULL;
	for (at = at ? at->same_bucket : ref->buckets[h & (ref->nbuckets - 1)]; at; at = at->same_bucket)
		if (at->hash == h && at->gen == ref->cur_gen && str_eq(at->key, key))
			return at;
	return NULL;
}

/* --- adding and removing --- */

static void elt_release(struct pat_dead *d)
{
	free(d);
}

/* Cells of the element in every index, none of them published yet. NULL list is legal (no index). */
static bool make_cells(struct pat_ref *ref, struct pat_elt *e, struct load_err *err)
{
	struct pat_index *ix;

	list_each(ix, &ref->indexes, link) {
		struct pat_cell *c = pat_cell_make(ix, e, err);

		if (!c)
			return false;
		c->of_elt = e->cells;
		e->cells = c;
	}
	return true;
}

static void drop_unpublished(struct pat_elt *e)
{
	for (struct pat_cell *c = e->cells, *next; c; c = next) {
		next = c->of_elt;
		c->dead.release(&c->dead);
	}
	free(e->value);
	free(e);
}

bool pat_ref_add_locked(struct pat_ref *ref, struct str key, struct str value, uint32_t gen, int line,
			struct load_err *err)
{
	struct pat_elt *e = mem_zalloc(sizeof(*e) + key.n + 1);

	e->dead.release = elt_release;
	memcpy(e->bytes, key.p ? key.p : "", key.n);
	e->key = str_make(e->bytes, key.n);
	e->hash = key_hash(ref, key);
	e->gen = gen;
	e->line = line;
	e->seq = ref->next_seq;
	if (value.p)
		e->value = value_new(value);
	if ((e->value && !value_suits(ref, &e->value->v, err)) || !make_cells(ref, e, err)) {
		drop_unpublished(e);
		return false;
	}
	ref->next_seq++;
	ref->count++;
	list_push(&ref->elts, &e->link);
	bucket_add(ref, e);
	for (struct pat_cell *c = e->cells; c; c = c->of_elt)
		pat_index_add(c->ix, c);
	return true;
}

static void remove_elt(struct pat_ref *ref, struct pat_elt *e)
{
	for (struct pat_cell *c = e->cells, *next; c; c = next) {
		next = c->of_elt;
		pat_index_del(c->ix, c);
		pat_retire(ref, &c->dead);
	}
	bucket_del(e);
	list_del(&e->link);
	ref->count--;
	ref->removals++;
	if (e->value)
		pat_retire(ref, &e->value->dead);
	pat_retire(ref, &e->dead);
}

bool pat_ref_add(struct pat_ref *ref, struct str key, struct str value, int64_t gen, int at, struct load_err *err)
{
	bool done;

	pat_ref_lock(ref);
	done = pat_ref_add_locked(ref, key, value, gen == PAT_GEN_CURRENT ? ref->cur_gen : (uint32_t)gen, at, err);
	pat_ref_unlock(ref);
	return done;
}

bool pat_ref_has(struct pat_ref *ref, struct str key)
{
	bool has;

	pat_ref_lock(ref);
	has = next_by_key(ref, key, NULL) != NULL;
	pat_ref_unlock(ref);
	return has;
}

static bool set_value(struct pat_ref *ref, struct pat_elt *e, struct str value, struct load_err *err)
{
	struct pat_held *h = value_new(value), *old = e->value;

	if (!value_suits(ref, &h->v, err)) {
		free(h);
		return false;
	}
	atom_release(&e->value, h);
	if (old)
		pat_retire(ref, &old->dead);
	return true;
}

static int set_by_key(struct pat_ref *ref, struct str key, struct str value, struct load_err *err)
{
	int n = 0;

	for (struct pat_elt *e = next_by_key(ref, key, NULL); e && n >= 0; e = next_by_key(ref, key, e))
		n = !value.p || set_value(ref, e, value, err) ? n + 1 : -1;
	return n;
}

int pat_ref_set(struct pat_ref *ref, struct str key, struct str value, struct load_err *err)
{
	int n;

	pat_ref_lock(ref);
	n = set_by_key(ref, key, value, err);
	pat_ref_unlock(ref);
	return n;
}

bool pat_ref_put(struct pat_ref *ref, struct str key, struct str value, struct load_err *err)
{
	int n;
	bool done;

	pat_ref_lock(ref);
	n = set_by_key(ref, key, value, err);
	done = n > 0 || (n == 0 && pat_ref_add_locked(ref, key, value, ref->cur_gen, 0, err));
	pat_ref_unlock(ref);
	return done;
}

int pat_ref_del(struct pat_ref *ref, struct str key)
{
	int n = 0;

	pat_ref_lock(ref);
	for (struct pat_elt *e; (e = next_by_key(ref, key, NULL)); n++)
		remove_elt(ref, e);
	pat_ref_unlock(ref);
	return n;
}

static struct pat_elt *by_pointer(const struct pat_ref *ref, const void *p)
{
	struct pat_elt *e;

	list_each(e, &ref->elts, link)
		if (e == p)
			return e;
	return NULL;
}

int pat_ref_set_elt(struct pat_ref *ref, const void *elt, struct str value, struct load_err *err)
{
	struct pat_elt *e;
	int n = 0;

	pat_ref_lock(ref);
	e = by_pointer(ref, elt);
	if (e)
		n = set_value(ref, e, value, err) ? 1 : -1;
	pat_ref_unlock(ref);
	return n;
}

int pat_ref_del_elt(struct pat_ref *ref, const void *elt)
{
	struct pat_elt *e;

	pat_ref_lock(ref);
	e = by_pointer(ref, elt);
	if (e)
		remove_elt(ref, e);
	pat_ref_unlock(ref);
	return e ? 1 : 0;
}

/* --- versions --- */

/* Is a an older version than b? They wrap. */
static bool older(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

bool pat_ref_clear(struct pat_ref *ref, int64_t gen, unsigned max)
{
	struct pat_elt *e, *tmp;
	uint32_t which;
	bool done = true;

	pat_ref_lock(ref);
	which = gen == PAT_GEN_CURRENT ? ref->cur_gen : (uint32_t)gen;
	list_each_safe(e, tmp, &ref->elts, link) {
		if (e->gen != which)
			continue;
		if (!max--) {
			done = false;
			break;
		}
		remove_elt(ref, e);
	}
	pat_ref_unlock(ref);
	return done;
}

uint32_t pat_ref_prepare(struct pat_ref *ref)
{
	uint32_t gen;

	pat_ref_lock(ref);
	gen = ++ref->next_gen;
	pat_ref_unlock(ref);
	return gen;
}

bool pat_ref_commit(struct pat_ref *ref, uint32_t gen)
{
	bool ok;

	pat_ref_lock(ref);
	ok = older(ref->cur_gen, gen) && !older(ref->next_gen, gen);
	if (ok)
		atom_release(&ref->cur_gen, gen);
	pat_ref_unlock(ref);
	return ok;
}

bool pat_ref_purge(struct pat_ref *ref, unsigned max)
{
	struct pat_elt *e, *tmp;
	bool done = true;

	pat_ref_lock(ref);
	list_each_safe(e, tmp, &ref->elts, link) {
		if (!older(e->gen, ref->cur_gen))
			continue;
		if (!max--) {
			done = false;
			break;
		}
		remove_elt(ref, e);
	}
	pat_ref_unlock(ref);
	return done;
}
