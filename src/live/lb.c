/* Balancing: a set of servers is built when something changes, published with one store, and picked from without
 * locks. The old set is released after every thread has passed the top of its loop once more. */
#include "weir/live/live.h"
#include "weir/base/pool.h"
#include "live_priv.h"

#include <stdlib.h>

struct lb_grave {
	const struct lb_row *algo;
	struct lb_set *set;
};

static void grave_visit(void *arg)
{
	(void)arg;	/* being run at all says that this thread holds no old set */
}

static void grave_free(void *arg)
{
	struct lb_grave *g = arg;

	g->algo->free_set(g->set);
	free(g);
}

static void lb_bury(const struct lb_row *algo, struct lb_set *set)
{
	struct lb_grave *g;

	if (!set)
		return;
	if (live_get()->nbthread <= 0) {	/* no thread runs yet */
		algo->free_set(set);
		return;
	}
	g = mem_alloc(sizeof(*g));
	g->algo = algo;
	g->set = set;
	mail_broadcast(grave_visit, grave_free, g);
}

static void lb_recount(struct px_live *p)
{
	struct srv *s;

	p->nact = p->nbck = p->total_weight = 0;
	list_each(s, &p->servers, link) {
		if (!srv_willing(s))
			continue;
		if (s->line->flags & SRV_BACKUP)
			p->nbck++;
		else
			p->nact++;
		p->total_weight += (unsigned)s->eff_weight;
	}
}

void lb_rebuild(struct px_live *p)
{
	struct lb_set *old;

	OBJ_CHECK(p, PX_LIVE_MAGIC);
	if (!p->lb_algo)
		return;
	pthread_mutex_lock(&p->lock);
	lb_recount(p);
	old = p->lb;
	atom_release(&p->lb, p->lb_algo->build(p));
	pthread_mutex_unlock(&p->lock);
	lb_bury(p->lb_algo, old);
}

struct srv *lb_pick(struct px_live *p, const struct lb_req *r)
{
	struct lb_set *set = atom_acquire(&p->lb);

	return set ? p->lb_algo->pick(p, set, r) : NULL;
}

const struct lb_row *lb_find(struct str name)
{
	for (const struct lb_row *r = lb_rows; r->name; r++)
		if (str_eqz(name, r->name))
			return r;
	return NULL;
}
