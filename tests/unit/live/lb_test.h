/* A backend made by hand, for tests of balancing. */
#ifndef TESTS_LIVE_LB_TEST_H
#define TESTS_LIVE_LB_TEST_H

#include "../../../src/live/lb_priv.h"
#include "../unit.h"

#include <string.h>

#define SRVS 64
struct bk {
	struct proxy px;
	struct px_live p;
	struct server_line line[SRVS];
	struct srv srv[SRVS];
	char name[SRVS];
	int n;
};

static inline struct srv *bk_add(struct bk *b, int weight, unsigned flags)
{
	struct srv *s = &b->srv[b->n];
	struct server_line *l = &b->line[b->n];

	s->magic = SRV_MAGIC;
	s->px = &b->p;
	s->line = l;
	l->flags = flags;
	s->id = b->n + 1;
	s->name = str_make(&b->name[b->n], 1);
	b->name[b->n] = (char)('a' + b->n);
	s->weight = s->init_weight = weight;
	s->eff_weight = weight * LB_SCALE;
	s->state = SRV_ST_RUNNING;
	list_init(&s->queue);
	list_push(&b->p.servers, &s->link);
	b->n++;
	b->p.nservers++;
	return s;
}

static inline void bk_init(struct bk *b, const struct lb_row *algo)
{
	memset(b, 0, sizeof(*b));
	b->p.magic = PX_LIVE_MAGIC;
	b->p.px = &b->px;
	b->p.lb_algo = algo;
	b->p.fullconn = 1;
	list_init(&b->p.servers);
	list_init(&b->p.queue);
	pthread_mutex_init(&b->p.lock, NULL);
}

static inline struct bk *bk_of(struct bk *b, const struct lb_row *algo, const int *weights, int n)
{
	bk_init(b, algo);
	for (int i = 0; i < n; i++)
		bk_add(b, weights[i], 0);
	lb_rebuild(&b->p);
	return b;
}

static inline struct srv *bk_pick(struct bk *b)
{
	struct lb_req r = { 0 };

	return lb_pick(&b->p, &r);
}

/* The names of the next n servers. */
static inline const char *bk_order(struct bk *b, int n)
{
	static char out[4096];

	for (int i = 0; i < n; i++) {
		struct srv *s = bk_pick(b);

		out[i] = s ? s->name.p[0] : '-';
	}
	out[n] = 0;
	return out;
}

static inline void bk_set(struct bk *b, int i, bool up)
{
	b->srv[i].state = up ? SRV_ST_RUNNING : SRV_ST_STOPPED;
	lb_rebuild(&b->p);
}

static inline void bk_weigh(struct bk *b, int i, int weight)
{
	b->srv[i].weight = weight;
	b->srv[i].eff_weight = weight * LB_SCALE;
	lb_rebuild(&b->p);
}

static inline void bk_fini(struct bk *b)
{
	for (int i = 0; i < b->n; i++)
		free(b->srv[i].turn);
	if (b->p.lb)
		b->p.lb->ops->free(b->p.lb);
	b->p.lb = NULL;
}

#endif
