/* A table of servers with as many places for each as its weight: `hash-type map-based` looks a key's place up,
 * static-rr walks along. Weights cannot change while running, but for 0; so the table is short: weights are divided
 * by what they have in common when the file is read. */
#include "lb_priv.h"

struct map {
	struct lb_set set;
	uint32_t n;
	struct srv *at[];
};

/* --- the order --- */

/* Each server collects its weight in every round; the one that gets the place pays the total. What decides is how often
 * the total goes into what was collected (0, 1, 2), then the order of declaration. A server's grade changes only
 * in rounds that are known beforehand: hence a list of changes for each round, and a tree of maxima over the
 * grades to find the first of the best. */
struct filler {
	int64_t score;		/* as of round `since` */
	uint32_t since, weight;
	uint32_t due;		/* round of its next change, 0: none to come */
	uint32_t prev, next;	/* 1 + number in the list of that round, 0: end */
};
struct fill {
	struct filler *f;
	uint32_t n, total, size; /* size: a power of two, the leaves of the tree */
	uint8_t *best;		/* maxima, root at 1, leaves from size on; 0: nobody, else grade + 1 */
	uint32_t *due;		/* by round: 1 + number of the first, 0: none */
};

static void set_grade(struct fill *f, uint32_t i, unsigned grade)
{
	uint32_t at = f->size + i;

	f->best[at] = (uint8_t)(grade + 1);
	while (at > 1) {
		at /= 2;
		f->best[at] = MAX(f->best[2 * at], f->best[2 * at + 1]);
	}
}

static void forget_due(struct fill *f, uint32_t i)
{
	struct filler *s = &f->f[i];

	if (!s->due)
		return;
	if (s->prev)
		f->f[s->prev - 1].next = s->next;
	else
		f->due[s->due] = s->next;
	if (s->next)
		f->f[s->next - 1].prev = s->prev;
	s->due = s->prev = s->next = 0;
}

static void set_due(struct fill *f, uint32_t i, uint32_t round)
{
	struct filler *s = &f->f[i];

	s->due = round;
	s->next = f->due[round];
	if (s->next)
		f->f[s->next - 1].prev = i + 1;
	f->due[round] = i + 1;
}

/* Its grade in `round`, and a note for the round in which that changes. */
static void grade(struct fill *f, uint32_t i, uint32_t round)
{
	struct filler *s = &f->f[i];
	int64_t score = s->score + (int64_t)s->weight * (round - s->since), total = f->total;
	unsigned g = (unsigned)((score + total) / total);
	uint64_t more = (uint64_t)(g * total - score);	/* to collect until the next grade */

	WASSERT(score >= -total && g < 8);
	set_grade(f, i, g);
	forget_due(f, i);
	more = round + (more + s->weight - 1) / s->weight;
	if (more <= f->total)
		set_due(f, i, (uint32_t)more);
}

static uint32_t first_of_best(const struct fill *f)
{
	uint32_t at = 1;

	while (at < f->size)
		at = f->best[2 * at] == f->best[at] ? 2 * at : 2 * at + 1;
	return at - f->size;
}

static void fill_init(struct fill *f, const unsigned *weight, unsigned n, uint32_t total)
{
	f->n = n;
	f->total = total;
	for (f->size = 1; f->size < n; f->size *= 2)
		;
	f->f = mem_zalloc(n * sizeof(*f->f));
	f->best = mem_zalloc((size_t)f->size * 2);
	f->due = mem_zalloc(((size_t)total + 2) * sizeof(*f->due));
	for (uint32_t i = 0; i < n; i++) {
		f->f[i].weight = weight[i];
		grade(f, i, 1);
	}
}

void lb_map_order(const unsigned *weight, unsigned n, uint32_t *places, uint32_t total)
{
	struct fill f;

	fill_init(&f, weight, n, total);
	for (uint32_t round = 1; round <= total; round++) {
		uint32_t i;

		while (f.due[round])
			grade(&f, f.due[round] - 1, round);
		i = first_of_best(&f);
		WASSERT(i < n);
		places[round - 1] = i;
		f.f[i].score += (int64_t)f.f[i].weight * (round - f.f[i].since) - total;
		f.f[i].since = round;
		grade(&f, i, round + 1);
	}
	free(f.f);
	free(f.best);
	free(f.due);
}

/* --- building --- */

static unsigned gcd(unsigned a, unsigned b)
{
	while (b) {
		unsigned t = a % b;

		a = b;
		b = t;
	}
	return a;
}

/* Of all servers, whether they are there now or not: a place keeps its meaning when some of them leave. */
static unsigned common_weight(const struct px_live *p)
{
	const struct srv *s;
	unsigned div = 0;

	list_each(s, &p->servers, link)
		div = gcd((unsigned)s->init_weight, div);
	return div ? div : 1;
}

static struct srv *map_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r);

static void map_free(struct lb_set *set)
{
	free(container_of(set, struct map, set));
}

static const struct lb_ops map_ops = { .free = map_free, .pick = map_pick };

struct lb_set *lb_map_build(struct px_live *p)
{
	unsigned n, div = common_weight(p), *weight;
	struct srv **srvs = lb_members(p, &n);
	uint32_t total = 0, *places;
	struct map *m;

	weight = mem_zalloc((n + 1) * sizeof(*weight));
	for (unsigned i = 0; i < n; i++)
		total += weight[i] = ((unsigned)srvs[i]->weight + div - 1) / div;
	places = mem_zalloc(((size_t)total + 1) * sizeof(*places));
	m = mem_zalloc(sizeof(*m) + total * sizeof(m->at[0]));
	m->set.ops = &map_ops;
	m->n = total;
	if (n)
		lb_map_order(weight, n, places, total);
	for (uint32_t i = 0; i < total; i++)
		m->at[i] = srvs[places[i]];
	free(places);
	free(weight);
	free(srvs);
	return &m->set;
}

/* --- picking --- */

static struct srv *map_at(const struct lb_set *set, uint32_t i)
{
	return container_of(set, const struct map, set)->at[i];
}

static struct srv *map_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct map *m = container_of(set, struct map, set);
	uint32_t hash;

	if (!m->n)
		return NULL;
	if (lb_key(p, r, &hash))
		return m->at[hash % m->n];
	return lb_next(p, set, map_at, m->n, r);
}

const struct lb_row lb_static_rr = {
	.name = "static-rr",
	.parse = lb_parse_nothing,
	.build = lb_map_build,
	.help = "each server in turn, in proportion to its weight; weights cannot change while running",
};
