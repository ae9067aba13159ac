/* leastconn: the server with the fewest exchanges, running or waiting for it, for its weight; of equal ones the one
 * whose load has not changed for the longest time, so that idle servers are taken in turn.
 *
 * The servers play a tournament: each knot of a binary tree names the better of the winners below it, the root the best
 * of all. A change of a server's load replays its matches up to the root, without locks: a knot is replaced by
 * compare-and-swap, with a version in it, and played at most twice: when both swaps fail, somebody else has played it
 * after our load was known, so our load counted. Who picks reads the root. */
#include "lb_priv.h"

#define NOBODY UINT32_MAX
#define FULL (1ULL << 63)	/* in lb_key: comes behind all that have room */

struct least {
	struct lb_set set;
	uint32_t n, size;	/* size: a power of two, the places at the foot of the tree */
	struct srv **srvs;
	uint64_t knot[];	/* atomic: version << 32 | winner; root at 1 */
};

/* Load by weight as HAProxy has it: idle servers are all equal, the others count the newcomer in. */
static uint64_t key_of(const struct srv *s)
{
	uint64_t load = atom_get(&s->served) + atom_get(&s->queued);
	int given = atom_get(&s->eff_weight);
	unsigned weight = given > 0 ? (unsigned)given : 1;

	return (load ? (load + 1) * LB_WEIGHT_MAX / weight : 0) | (srv_has_room(s) ? 0 : FULL);
}

static bool better(const struct srv *a, const struct srv *b)
{
	uint64_t ka = atom_acquire(&a->lb_key), kb = atom_acquire(&b->lb_key);

	return ka != kb ? ka < kb : atom_acquire(&a->lb_stamp) < atom_acquire(&b->lb_stamp);
}

/* Who comes out of place i of the tree. */
static uint32_t winner(const struct least *l, uint32_t i)
{
	if (i < l->size)
		return (uint32_t)atom_acquire(&l->knot[i]);
	return i - l->size < l->n ? i - l->size : NOBODY;
}

static uint32_t match(const struct least *l, uint32_t i)
{
	uint32_t a = winner(l, 2 * i), b = winner(l, 2 * i + 1);

	if (a == NOBODY || b == NOBODY)
		return a == NOBODY ? b : a;
	return better(l->srvs[b], l->srvs[a]) ? b : a;
}

static void play(struct least *l, uint32_t i)
{
	for (int tries = 0; tries < 2; tries++) {
		uint64_t old = __atomic_load_n(&l->knot[i], __ATOMIC_SEQ_CST), now;

		now = ((old >> 32) + 1) << 32 | match(l, i);
		if (__atomic_compare_exchange_n(&l->knot[i], &old, now, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return;
	}
}

/* Of several threads the last one that writes looks again, so what stays is true. */
static void note_key(struct srv *s)
{
	uint64_t key = key_of(s);

	if (key != atom_acquire(&s->lb_key))
		__atomic_store_n(&s->lb_stamp, atom_add(&s->px->rr, 1) + 1, __ATOMIC_SEQ_CST);
	do
		__atomic_store_n(&s->lb_key, key, __ATOMIC_SEQ_CST);
	while ((key = key_of(s)) != atom_acquire(&s->lb_key));
}

static void least_load(struct lb_set *set, struct srv *s)
{
	struct least *l = container_of(set, struct least, set);
	uint32_t i = lb_place(s);

	if (i >= l->n || l->srvs[i] != s)
		return;
	note_key(s);
	for (i = (l->size + i) / 2; i; i /= 2)
		play(l, i);
}

/* The root's server failed this exchange already, or is full whatever was noted: all are looked at. */
static struct srv *search(const struct least *l, const struct lb_req *r)
{
	struct srv *best = NULL, *second = NULL;

	for (uint32_t i = 0; i < l->n; i++) {
		struct srv *s = l->srvs[i], **place = lb_avoided(r, s) ? &second : &best;

		if (srv_has_room(s) && (!*place || better(s, *place)))
			*place = s;
	}
	return best ? best : second;
}

static struct srv *least_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct least *l = container_of(set, struct least, set);
	struct srv *s;

	(void)p;
	if (!l->n)
		return NULL;
	s = l->srvs[(uint32_t)atom_acquire(&l->knot[1])];
	return srv_has_room(s) && !lb_avoided(r, s) ? s : search(l, r);
}

static void least_free(struct lb_set *set)
{
	struct least *l = container_of(set, struct least, set);

	free(l->srvs);
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

static struct lb_set *least_build(struct px_live *p)
{
	unsigned n, size = 2;
	struct srv **srvs = lb_members(p, &n);
	struct least *l;

	while (size < n)
		size *= 2;
	l = mem_zalloc(sizeof(*l) + size * sizeof(l->knot[0]));
	l->set.ops = &least_ops;
	l->srvs = srvs;
	l->n = n;
	l->size = size;
	stamp_newcomers(p);
	for (uint32_t i = 0; i < n; i++)
		atom_set(&srvs[i]->lb_key, key_of(srvs[i]));
	for (uint32_t i = size - 1; i; i--)
		l->knot[i] = match(l, i);
	return &l->set;
}

const struct lb_row lb_leastconn = {
	.name = "leastconn",
	.dynamic = true,
	.parse = lb_parse_nothing,
	.build = least_build,
	.help = "the server with the fewest exchanges for its weight; for long ones",
};
