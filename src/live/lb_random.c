/* random(n): n servers are drawn, each with a chance in proportion to its weight; the least loaded of them is taken.
 * Many proxies in front of the same servers so do not all rush to the same one, as they would with leastconn.
 *
 * To draw costs the same however many servers there are (Walker's alias method): each has one place; one whose share is
 * less than a place's leaves the rest of it to another one with more. */
#include "weir/base/num.h"
#include "lb_priv.h"

#include <unistd.h>

#define DRAWS 2

struct lottery {
	struct lb_set set;
	uint64_t seed;
	uint32_t n;
	struct place {
		struct srv *own, *other;
		uint64_t share;		/* of 2^32: the own one's */
	} at[];
};

/* Numbers that nobody has to keep secret: a counter, scrambled (splitmix64). */
static uint64_t chance(struct px_live *p, const struct lottery *l)
{
	uint64_t v = l->seed + (atom_add(&p->rr, 1) + 1) * 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	return v ^ v >> 31;
}

static struct srv *draw(struct px_live *p, const struct lottery *l)
{
	uint64_t v = chance(p, l);
	const struct place *at = &l->at[(v >> 32) * l->n >> 32];

	return (uint32_t)v < at->share ? at->own : at->other;
}

/* Less load for its weight. */
static bool better(const struct srv *a, const struct srv *b)
{
	return (uint64_t)atom_get(&a->served) * (uint64_t)atom_get(&b->eff_weight) <
	       (uint64_t)atom_get(&b->served) * (uint64_t)atom_get(&a->eff_weight);
}

/* Another one than those that failed, if chance allows. */
static struct srv *draw_other(struct px_live *p, const struct lottery *l, const struct lb_req *r)
{
	struct srv *s = draw(p, l);

	for (int i = 0; i < 8 && lb_avoided(r, s); i++)
		s = draw(p, l);
	return s;
}

static struct srv *random_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct lottery *l = container_of(set, struct lottery, set);
	struct srv *best, *s;

	if (!l->n)
		return NULL;
	best = draw_other(p, l, r);
	for (int i = 1; i < p->px->lb.arg1; i++) {
		s = draw_other(p, l, r);
		if (better(s, best))
			best = s;
	}
	return srv_has_room(best) ? best : NULL;
}

static void random_free(struct lb_set *set)
{
	free(container_of(set, struct lottery, set));
}

static const struct lb_ops random_ops = { .free = random_free, .pick = random_pick };

/* want: n times the weight of each: what is `total` fills a place. Those with less are filled up by those with more,
 * which have the less for their own places. Both lie in one array, from its two ends. */
static void fill_places(struct lottery *l, uint64_t *want, uint64_t total)
{
	uint32_t *who = mem_alloc(l->n * sizeof(*who)), poor = 0, rich = l->n;

	for (uint32_t i = 0; i < l->n; i++)
		who[want[i] < total ? poor++ : --rich] = i;
	while (poor && rich < l->n) {
		uint32_t i = who[--poor], from = who[rich];

		l->at[i].share = (want[i] << 32) / total;
		l->at[i].other = l->at[from].own;
		want[from] -= total - want[i];
		if (want[from] < total) {
			rich++;
			who[poor++] = from;
		}
	}
	free(who);
}

static struct lb_set *random_build(struct px_live *p)
{
	unsigned n;
	struct srv **srvs = lb_members(p, &n);
	struct lottery *l = mem_zalloc(sizeof(*l) + n * sizeof(l->at[0]));
	uint64_t total = 0, *want = mem_alloc((n + 1) * sizeof(*want));

	l->set.ops = &random_ops;
	l->seed = loop_us_exact() ^ (uint64_t)getpid() << 32;
	l->n = n;
	for (unsigned i = 0; i < n; i++) {
		total += (uint64_t)srvs[i]->eff_weight;
		want[i] = (uint64_t)srvs[i]->eff_weight * n;
		l->at[i] = (struct place){ srvs[i], srvs[i], 1ULL << 32 };
	}
	fill_places(l, want, total);
	free(want);
	free(srvs);
	return &l->set;
}

static bool random_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	size_t digits = 0;
	int64_t v = DRAWS;

	while (digits < in.n && in.p[digits] >= '0' && in.p[digits] <= '9')
		digits++;
	if (digits < in.n)
		return kw_err_at(k, k->at - 1, in.p + digits,
				 "balance random : unexpected character '%c' after argument.", in.p[digits]);
	if (digits && (!num_i64(in, &v) || v < 1 || v > INT32_MAX))
		return kw_err(k, k->at - 1, "balance random : number of draws must be at least 1.");
	w->arg1 = (int)v;
	return true;
}

const struct lb_row lb_random = {
	.name = "random",
	.modes = LB_CONNS | LB_LOGS,
	.args = "[(<draws>)]",
	.dynamic = true,
	.parse = random_parse,
	.build = random_build,
	.help = "the least loaded of a few (2) servers drawn by chance",
};
