/* One way of matching against a reference. Cells that can be hashed go to an open hash table as soon as there are more
 * than a few; the others stay in a list in order. Prefixes, suffixes and networks are hashed with their length, and a
 * look-up tries the lengths that occur, so that its cost does not depend on the number of keys.
 *
 * Readers meet cells through `first`, `next`, `hash` and slots, each written by one release store after everything
 * behind it was written. A cell that moves from the list to the hash is in the hash first: readers look at the list
 * and then at the hash. */
#include <xxhash.h>
#include <stdlib.h>
#include "pat_priv.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"

uint64_t pat_hash_of(const struct pat_index *ix, const void *bytes, size_t n, uint32_t len)
{
	uint64_t h = XXH3_64bits_withSeed(bytes, n, ix->seed + len);

	return h ? h : 1;
}

static bool can_hash(const struct pat_index *ix)
{
	switch ((enum pat_kind)ix->kind) {
	case PAT_INT: case PAT_LEN: case PAT_IP: case PAT_BIN:
	case PAT_STR: case PAT_BEG: case PAT_END: case PAT_DIR: case PAT_DOM:
		return true;
	default:
		return false;
	}
}

/* What HAProxy calls a tree: for the answers of the runtime API. */
bool pat_is_tree(const struct pat_index *ix)
{
	return ix->kind == PAT_IP || (!ix->icase && (ix->kind == PAT_STR || ix->kind == PAT_BEG));
}

/* --- the hash, writer's side --- */

static void plain_free(struct pat_dead *d)
{
	free(d);
}

static struct pat_hash *hash_new(size_t slots)
{
	struct pat_hash *h = mem_zalloc(sizeof(*h) + slots * sizeof(struct pat_slot));

	h->dead.release = plain_free;
	h->mask = slots - 1;
	return h;
}

static void hash_put(struct pat_hash *h, struct pat_cell *c)
{
	size_t i = (size_t)c->hash & h->mask;

	while (h->slot[i].cell)
		i = (i + 1) & h->mask;
	atom_set(&h->slot[i].hash, c->hash);
	atom_release(&h->slot[i].cell, c);
	h->used++;
}

/* What is hashed of a cell that is not odd. */
static struct str hashed_bytes(const struct pat_cell *c)
{
	switch (c->ix->kind) {
	case PAT_IP:
		return str_make((const char *)c->ip, c->len >> 8 == AF_INET ? 4 : 16);
	case PAT_INT: case PAT_LEN:
		return str_make((const char *)&c->range.min, sizeof(c->range.min));
	default:
		return c->text;
	}
}

static bool is_twin(const struct pat_cell *a, const struct pat_cell *b)
{
	return a->hash == b->hash && a->gen == b->gen && a->len == b->len && str_eq(hashed_bytes(a), hashed_bytes(b));
}

/* The cell of the hash that has the same bytes and came first, or NULL. */
static struct pat_cell *first_twin(const struct pat_hash *h, const struct pat_cell *c)
{
	for (size_t i = (size_t)c->hash & h->mask; h->slot[i].cell; i = (i + 1) & h->mask)
		if (h->slot[i].cell != PAT_GONE && is_twin(h->slot[i].cell, c))
			return h->slot[i].cell;
	return NULL;
}

static bool lens_has(const struct pat_lens *l, uint32_t len)
{
	for (unsigned i = 0; l && i < l->n; i++)
		if (l->v[i] == len)
			return true;
	return false;
}

static void lens_add(struct pat_index *ix, uint32_t len)
{
	struct pat_lens *old = ix->lens, *l;
	unsigned n = old ? old->n : 0, at = 0;

	if (lens_has(old, len))
		return;
	l = mem_zalloc(sizeof(*l) + (n + 1) * sizeof(l->v[0]));
	l->dead.release = plain_free;
	while (at < n && old->v[at] > len)
		at++;
	if (n) {
		memcpy(l->v, old->v, at * sizeof(l->v[0]));
		memcpy(l->v + at + 1, old->v + at, (n - at) * sizeof(l->v[0]));
	}
	l->v[at] = len;
	l->n = n + 1;
	atom_release(&ix->lens, l);
	if (old)
		pat_retire(ix->ref, &old->dead);
}

/* A table of twice the live cells or more, without the removed ones. */
static void hash_renew(struct pat_index *ix, size_t want)
{
	struct pat_hash *old = ix->hash, *h;
	size_t slots = 16;

	while (slots < want * 2)
		slots *= 2;
	h = hash_new(slots);
	for (size_t i = 0; old && i <= old->mask; i++)
		if (old->slot[i].cell && old->slot[i].cell != PAT_GONE)
			hash_put(h, old->slot[i].cell);
	atom_release(&ix->hash, h);
	if (old)
		pat_retire(ix->ref, &old->dead);
}

/* Of equal cells only the first is in the table, the others hang behind it: they come in the order of the file, and
 * readers want the earliest. */
static void hash_add(struct pat_index *ix, struct pat_cell *c)
{
	struct pat_cell *first = ix->hash ? first_twin(ix->hash, c) : NULL;

	c->elder = c;
	if (first) {
		c->elder = first->elder;
		first->elder->twin = c;
		first->elder = c;
		return;
	}
	lens_add(ix, c->len);
	if (!ix->hash || (ix->hash->used + 1) * 4 > (ix->hash->mask + 1) * 3)
		hash_renew(ix, ix->live + ix->live / 2 + 8);
	hash_put(ix->hash, c);
	ix->live++;
}

static void hash_del(struct pat_index *ix, struct pat_cell *c)
{
	struct pat_hash *h = ix->hash;
	size_t i = (size_t)c->hash & h->mask;

	if (c->elder->twin) {	/* not the first */
		c->elder->twin = c->twin;
		if (c->twin)
			c->twin->elder = c->elder;
		else
			first_twin(h, c)->elder = c->elder;
		return;
	}
	for (; h->slot[i].cell != c; i = (i + 1) & h->mask)
		WASSERT(h->slot[i].cell);
	if (c->twin) {
		c->twin->elder = c->elder;
		atom_release(&h->slot[i].cell, c->twin);
		return;
	}
	atom_release(&h->slot[i].cell, PAT_GONE);
	ix->live--;
}

/* --- the list, writer's side --- */

static void list_append(struct pat_index *ix, struct pat_cell *c)
{
	c->listed = true;
	c->prev = ix->last;
	atom_release(ix->last ? &ix->last->next : &ix->first, c);
	ix->last = c;
	ix->nlist++;
}

/* c->next stays as it is: a reader may stand on c. */
static void list_remove(struct pat_index *ix, struct pat_cell *c)
{
	atom_release(c->prev ? &c->prev->next : &ix->first, c->next);
	if (c->next)
		c->next->prev = c->prev;
	else
		ix->last = c->prev;
	ix->nlist--;
}

/* Too many for a list: the hashable ones move. */
static void move_to_hash(struct pat_index *ix)
{
	for (struct pat_cell *c = ix->first; c; c = c->next)
		if (!c->odd)
			hash_add(ix, c);
	for (struct pat_cell *c = ix->first, *next; c; c = next) {
		next = c->next;
		if (!c->odd) {
			list_remove(ix, c);
			c->listed = false;
		}
	}
}

void pat_index_add(struct pat_index *ix, struct pat_cell *c)
{
	if (can_hash(ix) && !c->odd) {
		if (!ix->hash && ix->nlist >= PAT_FEW)
			move_to_hash(ix);
		if (ix->hash) {
			hash_add(ix, c);
			return;
		}
	}
	list_append(ix, c);
}

void pat_index_del(struct pat_index *ix, struct pat_cell *c)
{
	if (c->listed)
		list_remove(ix, c);
	else
		hash_del(ix, c);
}

/* With the generation: cells are released by their elements. */
void pat_index_free(struct pat_index *ix)
{
	free(ix->hash);
	free(ix->lens);
	free(ix);
}

/* --- readers --- */

/* The earliest cell with these bytes in the wanted version. */
static const struct pat_cell *probe(const struct pat_hash *h, uint64_t hash, const void *bytes, size_t n,
				    uint32_t len, uint32_t gen)
{
	for (size_t i = (size_t)hash & h->mask;; i = (i + 1) & h->mask) {
		const struct pat_cell *c = atom_acquire(&h->slot[i].cell);

		if (!c)
			return NULL;
		if (c == PAT_GONE || atom_get(&h->slot[i].hash) != hash || c->gen != gen || c->len != len)
			continue;
		if (str_eq(hashed_bytes(c), str_make(bytes, n)))
			return c;
	}
}

static const struct pat_cell *earlier(const struct pat_cell *a, const struct pat_cell *b)
{
	return !a || (b && b->elt->seq < a->elt->seq) ? b : a;
}

/* A lower-case copy when the index ignores case; what is longer than any key needs no copy. */
static struct str folded(const struct pat_index *ix, struct str s, char *buf, size_t size, struct arena *mem)
{
	char *p = buf;

	if (!ix->icase)
		return s;
	if (s.n > size)
		p = arena_bytes(mem, s.n);
	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return str_make(p, s.n);
}

/* Texts by the lengths that occur, greatest first. Prefixes: the longest wins (as in a tree), unless case is ignored or
 * suffixes are looked for: there the earliest in the file does. */
static const struct pat_cell *find_text(const struct pat_index *ix, const struct pat_hash *h, struct str s,
					uint32_t gen, struct arena *mem)
{
	const struct pat_lens *l = atom_acquire(&ix->lens);
	const struct pat_cell *best = NULL;
	uint32_t max = l->v[0];
	bool exact = ix->kind != PAT_BEG && ix->kind != PAT_END;
	char buf[256];

	if (exact && (s.n > max || !lens_has(l, (uint32_t)s.n)))
		return NULL;
	if (ix->kind == PAT_BEG)
		s = str_head(s, max);
	if (ix->kind == PAT_END && s.n > max)
		s = str_skip(s, s.n - max);
	s = folded(ix, s, buf, sizeof(buf), mem);
	if (exact)
		return probe(h, pat_hash_of(ix, s.p, s.n, (uint32_t)s.n), s.p, s.n, (uint32_t)s.n, gen);
	for (unsigned i = 0; i < l->n; i++) {
		uint32_t len = l->v[i];
		const char *p = ix->kind == PAT_END ? s.p + s.n - len : s.p;

		if (len > s.n)
			continue;
		best = earlier(best, probe(h, pat_hash_of(ix, p, len, len), p, len, len, gen));
		if (best && pat_is_tree(ix))
			break;
	}
	return best;
}

/* Place of the delimiter that ends the words-th word from `at` on, or the end; n + 1: there are not so many words. */
static size_t words_end(struct str s, size_t at, uint32_t words, const char *delim)
{
	for (;; at++) {
		bool ends = at == s.n || pat_is_delim(s.p[at], delim);

		if (ends && --words == 0)
			return at;
		if (at == s.n)
			return s.n + 1;
	}
}

/* Runs of whole words, by the numbers of words that keys have; the earliest key in the file wins. */
static const struct pat_cell *find_words(const struct pat_index *ix, const struct pat_hash *h, struct str s,
					 uint32_t gen, struct arena *mem)
{
	const struct pat_lens *l = atom_acquire(&ix->lens);
	const char *delim = pat_delims(ix);
	const struct pat_cell *best = NULL;
	bool fresh = true;
	char buf[256];

	s = folded(ix, s, buf, sizeof(buf), mem);
	for (size_t i = 0; i < s.n; i++) {
		if (pat_is_delim(s.p[i], delim)) {
			fresh = true;
			continue;
		}
		for (unsigned k = 0; fresh && k < l->n; k++) {
			size_t end = words_end(s, i, l->v[k], delim);

			if (end <= s.n)
				best = earlier(best, probe(h, pat_hash_of(ix, s.p + i, end - i, l->v[k]), s.p + i,
							   end - i, l->v[k], gen));
		}
		fresh = false;
	}
	return best;
}

static const struct pat_cell *find_net(const struct pat_index *ix, const struct pat_hash *h, const struct sample *smp,
				       uint32_t gen)
{
	const struct pat_lens *l = atom_acquire(&ix->lens);
	uint32_t family = smp->type == SMP_IPV4 ? AF_INET : AF_INET6;
	size_t bytes = smp->type == SMP_IPV4 ? 4 : 16;
	unsigned char ip[16] = { 0 };

	memcpy(ip, smp->ip6.s6_addr, bytes);
	for (unsigned i = 0; i < l->n; i++) {
		unsigned bits = l->v[i] & 0xff;
		const struct pat_cell *c;

		if (l->v[i] >> 8 != family)
			continue;
		/* lengths come greatest first: what was cut off stays cut off */
		if (bits < bytes * 8) {
			ip[bits / 8] &= (unsigned char)~(0xff >> (bits % 8));
			memset(ip + bits / 8 + 1, 0, bytes - bits / 8 - 1);
		}
		c = probe(h, pat_hash_of(ix, ip, bytes, l->v[i]), ip, bytes, l->v[i], gen);
		if (c)
			return c;
	}
	return NULL;
}

/* The sample's own family first, then what it is in the other one. */
static const struct pat_cell *find_ip(const struct pat_index *ix, const struct pat_hash *h, const struct sample *smp,
				      uint32_t gen)
{
	const struct pat_cell *c = find_net(ix, h, smp, gen);
	struct sample other = *smp;

	if (c || !smp_cast(&other, smp->type == SMP_IPV4 ? SMP_IPV6 : SMP_IPV4, NULL))
		return c;
	return find_net(ix, h, &other, gen);
}

static const struct pat_cell *find_int(const struct pat_index *ix, const struct pat_hash *h, int64_t v, uint32_t gen)
{
	return probe(h, pat_hash_of(ix, &v, sizeof(v), sizeof(v)), &v, sizeof(v), sizeof(v), gen);
}

static const struct pat_cell *find_hashed(const struct pat_index *ix, const struct sample *smp, uint32_t gen,
					  struct arena *mem)
{
	const struct pat_hash *h = atom_acquire(&ix->hash);

	if (!h)
		return NULL;
	if (ix->kind == PAT_IP)
		return find_ip(ix, h, smp, gen);
	if (ix->kind == PAT_INT)
		return find_int(ix, h, smp->i, gen);
	if (ix->kind == PAT_LEN)
		return find_int(ix, h, (int64_t)smp->s.n, gen);
	if (ix->kind == PAT_DIR || ix->kind == PAT_DOM)
		return find_words(ix, h, smp->s, gen, mem);
	return find_text(ix, h, smp->s, gen, mem);
}

/* While there are few cells they are all in the list, and the rule "the finest wins" is followed here. */
static bool finer(const struct pat_index *ix, const struct pat_cell *a, const struct pat_cell *b)
{
	if (ix->kind == PAT_IP)
		return !a->odd && !b->odd && a->family == b->family && a->bits > b->bits;
	return a->len > b->len;
}

static const struct pat_cell *find_listed(const struct pat_index *ix, const struct sample *smp, uint32_t gen)
{
	bool finest = ix->kind == PAT_IP || (ix->kind == PAT_BEG && !ix->icase);
	const struct pat_cell *best = NULL;

	for (const struct pat_cell *c = atom_acquire(&ix->first); c; c = atom_acquire(&c->next)) {
		if (c->gen != gen || (best && !finer(ix, c, best)) || !pat_cell_match(ix, c, smp))
			continue;
		if (!finest)
			return c;
		best = c;
	}
	return best;
}

static const struct pat_cell *find_cell(const struct pat_index *ix, const struct sample *smp, struct arena *mem)
{
	uint32_t gen = atom_acquire(&ix->ref->cur_gen);
	const struct pat_cell *listed = find_listed(ix, smp, gen), *hashed = find_hashed(ix, smp, gen, mem);

	/* only what cannot be hashed is in the list then: HAProxy asks its trees first */
	if (hashed && (ix->kind == PAT_IP || !listed))
		return hashed;
	return earlier(listed, hashed);
}

bool pat_matches(const struct pat_index *ix, const struct sample *smp, struct arena *mem)
{
	if (ix->kind == PAT_FOUND || ix->kind == PAT_BOOL)
		return pat_cell_match(ix, NULL, smp);
	return find_cell(ix, smp, mem) != NULL;
}

bool pat_find(const struct pat_index *ix, const struct sample *smp, struct arena *mem, struct pat_hit *hit,
	      bool want_caps)
{
	const struct pat_cell *c = find_cell(ix, smp, mem);
	const struct pat_held *v;

	if (!c)
		return false;
	v = atom_acquire(&c->elt->value);
	*hit = (struct pat_hit){ .elt = c->elt, .key = c->elt->key, .value = v ? &v->v : NULL };
	if (want_caps && ix->kind == PAT_REG)
		regex_exec(c->re, smp->s, 0, hit->cap);
	return true;
}
