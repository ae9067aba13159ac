/* Weighted round robin: the smooth order of one full cycle is computed when the set is built; picking is one atomic
 * increment. Servers that just failed this stream are stepped over. */
#include "weir/live/live.h"
#include "weir/base/pool.h"
#include "live_priv.h"
#include "weir/conf/kw.h"

#include <stdlib.h>

struct lb_set {
	uint32_t n;
	struct srv *order[];
};

static unsigned gcd(unsigned a, unsigned b)
{
	while (b) {
		unsigned t = a % b;

		a = b;
		b = t;
	}
	return a;
}

/* Backup servers serve only when no active one can; the first of them alone unless `option allbackups`. */
static bool candidate(const struct px_live *p, const struct srv *s, bool backups)
{
	if (!srv_willing(s))
		return false;
	return backups == !!(s->line->flags & SRV_BACKUP) || (backups && p->nact > 0);
}

/* Earliest ideal position first; ties go to the server declared first. */
static void fill_cycle(struct lb_set *set, struct srv **srvs, const unsigned *w, unsigned n, unsigned total)
{
	unsigned *given = mem_zalloc(n * sizeof(*given));

	for (unsigned pos = 0; pos < total; pos++) {
		unsigned best = n;

		for (unsigned i = 0; i < n; i++) {
			if (given[i] >= w[i])
				continue;
			/* next place of i: given * total / w */
			if (best == n || (uint64_t)given[i] * w[best] < (uint64_t)given[best] * w[i])
				best = i;
		}
		WASSERT(best < n);
		set->order[pos] = srvs[best];
		given[best]++;
	}
	set->n = total;
	free(given);
}

static struct lb_set *rr_build(struct px_live *p)
{
	struct srv **srvs = mem_zalloc(sizeof(*srvs) * (size_t)(p->nservers + 1));
	unsigned *w = mem_zalloc(sizeof(*w) * (size_t)(p->nservers + 1));
	unsigned n = 0, total = 0, div = 0;
	bool backups = p->nact == 0;
	struct lb_set *set;
	struct srv *s;

	list_each(s, &p->servers, link) {
		if (!candidate(p, s, backups))
			continue;
		srvs[n] = s;
		w[n] = (unsigned)s->eff_weight;
		div = gcd(w[n], div);
		n++;
		if (backups && !(p->px->options & PO_ALLBACKUPS))
			break;
	}
	for (unsigned i = 0; i < n; i++)
		total += w[i] /= div ? div : 1;
	set = mem_alloc(sizeof(*set) + total * sizeof(set->order[0]));
	fill_cycle(set, srvs, w, n, total);
	free(srvs);
	free(w);
	return set;
}

static void rr_free(struct lb_set *set)
{
	free(set);
}

static struct srv *rr_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	struct srv *s = NULL;

	for (uint32_t i = 0; i < set->n; i++) {
		s = set->order[atom_add(&p->rr, 1) % set->n];
		if (!lb_avoided(r, s))
			return s;
	}
	return s;
}

static bool rr_parse(struct kw_call *k, struct lb_words *w)
{
	(void)k;
	(void)w;
	return true;
}

const struct lb_row lb_rows[] = {
	{ .name = "roundrobin",
	  .dynamic = true,
	  .parse = rr_parse,
	  .build = rr_build,
	  .free_set = rr_free,
	  .pick = rr_pick,
	  .help = "each server in turn, in proportion to its weight; weights may change while running" },
	{ 0 },
};
