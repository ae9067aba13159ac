/* leastconn: the server with the fewest exchanges, running or waiting for it, for its weight; of equal ones the one
 * whose load has not changed for the longest time, so that idle servers are taken in turn.
 *
 * The servers play a tournament, four to a match: each knot of a tree names the best of the four below it, the root the
 * best of all. What matches look at lies together, by place, not in the servers: a match reads one or two cache lines.
 * A change of a server's load replays its matches towards the root, up to the first that it loses as it lost it before.
 * There are no locks: a knot is replaced by compare-and-swap, with a version in it, and played at most twice: when both
 * swaps fail, somebody else has played it after our load was known, so our load counted. Who picks reads the root. */
#include "lb_priv.h"

#define FOUR 4U
#define LEVELS 16		/* of four each: more than there can be servers */
#define FULL (1ULL << 63)	/* in a key: comes behind all that have room */

struct seat {
	uint64_t key, stamp;	/* load by weight, and when it changed; atomic */
};
struct least {
	struct lb_set set;
	uint32_t n;
	bool moving;		/* how many a server takes depends on more than its own load */
	struct srv **srvs;
	struct seat *seats;	/* as many as fill the matches, and one more: those behind n never win */
	int levels;		/* the last one has one knot, the root */
	uint64_t *row[LEVELS];	/* knots of each level, atomic: version << 32 | winner */
	uint64_t *knots;	/* all */
};

/* Load by weight as HAProxy has it: idle servers are all equal, the others count the newcomer in. */
static uint64_t key_of(const struct srv *s)
{
	uint64_t load = atom_get(&s->served) + atom_get(&s->queued);
	int given = atom_get(&s->eff_weight);
	unsigned weight = given > 0 ? (unsigned)given : 1;

	return (load ? (load + 1) * LB_WEIGHT_MAX / weight : 0) | (srv_has_room(s) ? 0 : FULL);
}

/* The smaller the better. */
static unsigned __int128 rank(const struct least *l, uint32_t i)
{
	const struct seat *seat = &l->seats[i];

	return (unsigned __int128)atom_acquire(&seat->key) << 64 | atom_acquire(&seat->stamp);
}

struct best {
	unsigned __int128 rank;
	uint32_t who;
};

static inline void meet(const struct least *l, struct best *b, uint32_t who)
{
	unsigned __int128 its = rank(l, who);

	b->who = its < b->rank ? who : b->who;
	b->rank = its < b->rank ? its : b->rank;
}

static inline struct best first_comer(const struct least *l, uint32_t who)
{
	return (struct best){ rank(l, who), who };
}

/* The best of four neighbours, and of those that are named by four knots. */
static uint32_t best_seat(const struct least *l, uint32_t first)
{
	struct best b = first_comer(l, first);

	meet(l, &b, first + 1);
	meet(l, &b, first + 2);
	meet(l, &b, first + 3);
	return b.who;
}

static uint32_t best_winner(const struct least *l, const uint64_t *below)
{
	struct best b = first_comer(l, (uint32_t)atom_acquire(&below[0]));

	meet(l, &b, (uint32_t)atom_acquire(&below[1]));
	meet(l, &b, (uint32_t)atom_acquire(&below[2]));
	meet(l, &b, (uint32_t)atom_acquire(&below[3]));
	return b.who;
}

static uint32_t match(const struct least *l, int level, uint32_t at)
{
	return level ? best_winner(l, &l->row[level - 1][at * FOUR]) : best_seat(l, at * FOUR);
}

/* After a change of seat `who`: can that matter above? */
static bool play(struct least *l, int level, uint32_t at, uint32_t who)
{
	uint64_t *knot = &l->row[level][at];

	for (int tries = 0; tries < 2; tries++) {
		uint64_t old = __atomic_load_n(knot, __ATOMIC_SEQ_CST);
		uint32_t best = match(l, level, at);

		if (__atomic_compare_exchange_n(knot, &old, ((old >> 32) + 1) << 32 | best, 0, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return best == who || best != (uint32_t)old;
	}
	return true;
}

/* Of several threads the last one that writes looks again, so what stays is true. */
static void note_key(struct seat *seat, struct srv *s)
{
	uint64_t key = key_of(s);

	if (key != atom_acquire(&seat->key)) {
		uint64_t stamp = atom_add(&s->px->rr, 1) + 1;

		atom_set(&s->lb_stamp, stamp);
		__atomic_store_n(&seat->stamp, stamp, __ATOMIC_SEQ_CST);
	}
	do
		__atomic_store_n(&seat->key, key, __ATOMIC_SEQ_CST);
	while ((key = key_of(s)) != atom_acquire(&seat->key));
}

static void least_load(struct lb_set *set, struct srv *s)
{
	struct least *l = container_of(set, struct least, set);
	uint32_t i = lb_place(s), at = i;

	if (i >= l->n || l->srvs[i] != s)
		return;
	note_key(&l->seats[i], s);
	for (int level = 0; level < l->levels; level++) {
		at /= FOUR;
		if (!play(l, level, at, i))
			return;
	}
}

/* All are looked at. */
static struct srv *search(const struct least *l, const struct lb_req *r)
{
	uint32_t best = l->n, second = l->n;	/* a seat that never wins */

	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t *place = lb_avoided(r, l->srvs[i]) ? &second : &best;

		if (srv_has_room(l->srvs[i]) && (*place == l->n || rank(l, i) < rank(l, *place)))
			*place = i;
	}
	best = best == l->n ? second : best;
	return best == l->n ? NULL : l->srvs[best];
}

/* The root is the one; but it may have failed this exchange already. When it is full, so are all others, unless what
 * was noted of them can have changed by itself. */
static struct srv *least_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct least *l = container_of(set, struct least, set);
	uint32_t root;

	(void)p;
	if (!l->n)
		return NULL;
	root = (uint32_t)atom_acquire(&l->row[l->levels - 1][0]);
	if (srv_has_room(l->srvs[root]))
		return lb_avoided(r, l->srvs[root]) ? search(l, r) : l->srvs[root];
	if (atom_acquire(&l->seats[root].key) & FULL && !l->moving)
		return NULL;
	return search(l, r);
}

static void least_free(struct lb_set *set)
{
	struct least *l = container_of(set, struct least, set);

	free(l->srvs);
	free(l->seats);
	free(l->knots);
	free(l);
}

static const struct lb_ops least_ops = { .free = least_free, .pick = least_pick, .load = least_load };

/* Who joins comes behind the others, and so does who got another weight. */
static void stamp_newcomers(struct px_live *p)
{
	struct srv *s;

	list_each(s, &p->servers, link) {
		int weight = lb_in_use(p, s) ? s->eff_weight : 0;

		if (weight && weight != s->lb_weight)
			atom_set(&s->lb_stamp, atom_add(&p->rr, 1) + 1);
		s->lb_weight = weight;
	}
}

static void take_seats(struct least *l, uint32_t seats)
{
	l->seats = mem_alloc((size_t)seats * sizeof(*l->seats));
	for (uint32_t i = 0; i < seats; i++) {
		struct srv *s = i < l->n ? l->srvs[i] : NULL;

		l->seats[i] = s ? (struct seat){ key_of(s), atom_get(&s->lb_stamp) } : (struct seat){ ~0ULL, ~0ULL };
		l->moving = l->moving || (s && (s->line->slowstart || (s->minconn && s->minconn < s->maxconn)));
	}
}

static uint32_t fours(uint32_t n)
{
	return (n + FOUR - 1) / FOUR;
}

static void play_all(struct least *l, uint32_t nobody)
{
	uint32_t first[LEVELS], knots = 0, n = MAX(l->n, 1U), k = n;

	do {
		k = fours(k);
		WASSERT(l->levels < LEVELS);
		first[l->levels++] = knots;
		knots += fours(k) * FOUR;
	} while (k > 1);
	l->knots = mem_alloc(knots * sizeof(l->knots[0]));
	for (uint32_t i = 0; i < knots; i++)
		l->knots[i] = nobody;
	for (int level = 0; level < l->levels; level++) {
		l->row[level] = &l->knots[first[level]];
		n = fours(n);
		for (uint32_t i = 0; i < n; i++)
			l->row[level][i] = match(l, level, i);
	}
}

static struct lb_set *least_build(struct px_live *p)
{
	struct least *l = mem_zalloc(sizeof(*l));
	uint32_t seats;

	l->set.ops = &least_ops;
	l->srvs = lb_members(p, &l->n);
	seats = fours(MAX(l->n, 1U)) * FOUR + 1;
	stamp_newcomers(p);
	take_seats(l, seats);
	play_all(l, seats - 1);
	return &l->set;
}

const struct lb_row lb_leastconn = {
	.name = "leastconn",
	.dynamic = true,
	.parse = lb_parse_nothing,
	.build = least_build,
	.help = "the server with the fewest exchanges for its weight; for long ones",
};
