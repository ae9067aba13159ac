/* `hash-type consistent`: each server has points all over a circle of 32-bit numbers, LB_SCALE for each unit of its
 * weight in force, at places that depend on that server alone. A key belongs to the point next to its hash, on either
 * side; so a server that leaves or joins moves its own keys only. Where the server may not be taken (it failed already;
 * hash-balance-factor, hash-preserve-affinity), the next point up the circle decides. */
#include "weir/base/hash.h"
#include "lb_priv.h"

struct point { uint32_t key, srv; };
struct ring {
	struct lb_set set;
	struct srv **srvs;
	uint32_t *before;	/* by server: sum of the weights of those declared before it */
	uint32_t total;		/* weight */
	uint32_t n;
	struct point *points;	/* by key */
	unsigned shift;		/* key >> shift: a part of the circle, with about one point in it */
	uint32_t *part;		/* first point that is not below that part's begin */
};

/* --- building --- */

/* Where a server's points begin to be computed from. */
static uint32_t base_of(const struct srv *s)
{
	const struct addr *a = &s->addr;
	bool with_port = s->line->hash_key == HASH_KEY_ADDR_PORT;
	uint32_t key = with_port ? hash_avalanche(addr_port(a)) : 0;

	if (s->line->hash_key == HASH_KEY_GUID && s->line->guid.n)
		return (uint32_t)hash_xxh64(s->line->guid, 0);
	if (s->line->hash_key == HASH_KEY_ADDR || with_port) {
		if (addr_family(a) == AF_INET)
			return hash_avalanche(key + a->in4.sin_addr.s_addr);
		if (addr_family(a) == AF_INET6)
			return hash_xxh32(str_make((const char *)&a->in6.sin6_addr, 16), key);
	}
	return (uint32_t)s->id * LB_WEIGHT_MAX;
}

/* By key; points of the same key stay in order. Byte by byte from the last one. */
static void sort_points(struct point *points, uint32_t n)
{
	struct point *from = points, *to = mem_alloc(((size_t)n + 1) * sizeof(*to)), *spare = to;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		uint32_t at[257] = { 0 };
		struct point *t = from;

		for (uint32_t i = 0; i < n; i++)
			at[(from[i].key >> shift & 255) + 1]++;
		for (unsigned b = 1; b < 256; b++)
			at[b] += at[b - 1];
		for (uint32_t i = 0; i < n; i++)
			to[at[from[i].key >> shift & 255]++] = from[i];
		from = to;
		to = t;
	}
	WASSERT(from == points);	/* an even number of rounds */
	free(spare);
}

static void index_points(struct ring *g)
{
	uint32_t parts, i = 0;

	for (g->shift = 31; g->shift > 4 && (1ULL << (32 - g->shift)) < g->n; g->shift--)
		;
	parts = (uint32_t)(1ULL << (32 - g->shift));
	g->part = mem_alloc(parts * sizeof(*g->part));
	for (uint32_t b = 0; b < parts; b++) {
		while (i < g->n && g->points[i].key >> g->shift < b)
			i++;
		g->part[b] = i;
	}
}

static void add_points(struct ring *g, const struct srv *s, uint32_t number)
{
	uint32_t base = base_of(s);

	for (uint32_t k = 0; k < (uint32_t)s->eff_weight; k++)
		g->points[g->n++] = (struct point){ hash_avalanche(base + k), number };
}

/* Index of the first point that is not below key; n: none. */
static uint32_t not_below(const struct ring *g, uint32_t key)
{
	uint32_t i = g->part[key >> g->shift];

	while (i < g->n && g->points[i].key < key)
		i++;
	return i;
}

static struct srv *ring_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r);

static void ring_free(struct lb_set *set)
{
	struct ring *g = container_of(set, struct ring, set);

	free(g->srvs);
	free(g->before);
	free(g->points);
	free(g->part);
	free(g);
}

static const struct lb_ops ring_ops = { .free = ring_free, .pick = ring_pick };

/* Those without a key go from point to point; from where they had come to on the old ring. */
static void keep_turn(struct px_live *p, const struct ring *g)
{
	const struct ring *old;
	uint64_t at = atom_get(&p->rr);

	if (!p->lb || p->lb->ops != &ring_ops)
		return;
	old = container_of(p->lb, struct ring, set);
	if (!at || at > old->n)
		return;
	at = not_below(g, old->points[at - 1].key);
	atom_set(&p->rr, at < g->n ? at + 1 : 0);
}

struct lb_set *lb_ring_build(struct px_live *p)
{
	struct ring *g = mem_zalloc(sizeof(*g));
	unsigned n;

	g->set.ops = &ring_ops;
	g->srvs = lb_members(p, &n);
	g->before = mem_zalloc((n + 1) * sizeof(*g->before));
	for (unsigned i = 0; i < n; i++) {
		g->before[i] = g->total;
		g->total += (uint32_t)g->srvs[i]->eff_weight;
	}
	g->points = mem_alloc(((size_t)g->total + 1) * sizeof(*g->points));
	for (unsigned i = 0; i < n; i++)
		add_points(g, g->srvs[i], i);
	sort_points(g->points, g->n);
	index_points(g);
	keep_turn(p, g);
	return &g->set;
}

/* --- picking --- */

/* hash-balance-factor: a server has its share of so many per cent of all exchanges that run, this one included; at
 * least one. What cannot be divided evenly goes to those whose weight comes first. */
static bool within_factor(const struct px_live *p, const struct ring *g, uint32_t number)
{
	const struct srv *s = g->srvs[number];
	uint64_t weight = (uint64_t)s->eff_weight, before = g->before[number], all, rest, own;

	all = ((uint64_t)(atom_get(&p->served) + 1) * p->px->lb.factor + 99) / 100;
	rest = all % g->total;
	own = weight * (all / g->total) + (before + weight) * rest / g->total - before * rest / g->total;
	return atom_get(&s->served) < MAX(own, 1U);
}

static bool may_take(const struct px_live *p, const struct ring *g, uint32_t number, const struct lb_req *r)
{
	const struct lb_words *w = &p->px->lb;
	const struct srv *s = g->srvs[number];

	if (lb_avoided(r, s) || (w->factor && !within_factor(p, g, number)))
		return false;
	if (w->preserve == PRESERVE_MAXCONN)
		return srv_has_room(s);
	if (w->preserve == PRESERVE_MAXQUEUE)
		return srv_has_room(s) || !s->line->maxqueue || atom_get(&s->queued) < s->line->maxqueue;
	return true;
}

static struct srv *ring_find(const struct px_live *p, const struct ring *g, uint32_t hash, const struct lb_req *r)
{
	uint32_t next = not_below(g, hash), prev, at;

	next = next == g->n ? 0 : next;
	prev = next ? next - 1 : g->n - 1;
	at = hash - g->points[prev].key <= g->points[next].key - hash ? prev : next;
	for (uint32_t i = 0, k = at; i < g->n; i++) {
		if (may_take(p, g, g->points[k].srv, r))
			return g->srvs[g->points[k].srv];
		k = k + 1 == g->n ? 0 : k + 1;
	}
	return g->srvs[g->points[at].srv];	/* none is better than the others */
}

static struct srv *ring_at(const struct lb_set *set, uint32_t i)
{
	const struct ring *g = container_of(set, const struct ring, set);

	return g->srvs[g->points[i].srv];
}

static struct srv *ring_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct ring *g = container_of(set, struct ring, set);
	uint32_t hash;

	if (!g->n)
		return NULL;
	if (lb_key(p, r, &hash))
		return ring_find(p, g, hash, r);
	return lb_next(p, set, ring_at, g->n, r);
}
