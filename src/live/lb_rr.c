/* roundrobin: servers in turn, in proportion to their weights, in HAProxy's order.
 *
 * Think of a strip of positions, as many as the sum of the weights. Each server that had a turn notes the position of
 * its next one, further by the sum divided by its weight (remainders add up, so shares are exact). Whose
 * position has come is next; where there is a hole, one of those that had no turn yet on this strip, the heaviest
 * first. Whoever's next position is beyond the end waits for the next strip. So there are `fresh` by weight, `now` by
 * position, `later` by weight again, which becomes `fresh` when a strip has ended. Weights that change move a server's
 * next position and nobody else's.
 *
 * A strip is long (weights have a scale of LB_SCALE), so nearly all turns are on `now`, a calendar: a turn costs the
 * same however many servers there are. The others are trees. With one thread each choice draws its turn. With
 * more, turns are drawn in advance, many at once, into a small ring from which they are taken without a lock. */
#include "lb_calendar.h"
#include "lb_priv.h"

#define RING 128U		/* turns drawn in advance: room for, */
#define AHEAD 64U		/* and how many */

/* A server's turn; under the lock of the set. */
struct srv_turn {
	union {
		struct cal_item item;	/* on `now` */
		struct tree64_node node; /* in a tree */
	};
	struct tree *in;		/* which one */
	bool now;
	bool backup;			/* of which group it is a member */
	unsigned weight;		/* its weight there; 0: takes no part */
	unsigned last, next, rest;	/* positions of its last turn and of its next, remainder of the division */
	struct srv *srv, *aside;	/* whose it is; aside: chained while others are looked at */
};

struct strip {
	struct tree by_weight[2];
	struct tree *fresh, *later;	/* each one of by_weight */
	struct cal now;
	unsigned pos;		/* on the strip, which begins at `weight` */
	unsigned weight;	/* of this strip */
	unsigned next_weight;	/* of the next one: all members now */
};
struct rr {
	struct lb_set set;
	pthread_mutex_t lock;	/* all but the ring's ends */
	struct strip active, backup;
	struct srv *lone;	/* a backup server that serves alone */
	bool use_backup, built;
	uint64_t head, drawn;	/* atomic: turns taken, turns put in */
	struct srv *ring[RING];
};

static struct strip *strip_of(struct rr *rr, bool backup)
{
	return backup ? &rr->backup : &rr->active;
}

static struct srv *heaviest(const struct tree *t)
{
	struct tree_node *n = tree_first(t);

	return n ? tree_of(tree_of(n, struct tree64_node, node), struct srv_turn, node)->srv : NULL;
}

static struct srv *next_until(struct strip *g, uint32_t position)
{
	struct cal_item *it = cal_first(&g->now, position);

	return it ? container_of(it, struct srv_turn, item)->srv : NULL;
}

static void unplace(struct strip *g, struct srv_turn *t)
{
	if (t->now)
		cal_take(&g->now, &t->item);
	else if (t->in)
		tree_remove(t->in, &t->node.node);
	t->now = false;
	t->in = NULL;
}

static void place_by_weight(struct srv_turn *t, struct tree *in)
{
	t->node = (struct tree64_node){ .key = LB_WEIGHT_MAX - t->weight };
	tree64_insert(in, &t->node);
	t->in = in;
}

/* Where its next position says. Of those at one position the heavier comes first. */
static void place_by_position(struct strip *g, struct srv_turn *t)
{
	if (t->next >= 2 * g->weight || t->next >= g->weight + g->next_weight) {
		t->next -= g->weight;
		place_by_weight(t, g->later);
		return;
	}
	t->item.key = (uint64_t)CAL_RANKS * t->next + (LB_WEIGHT_MAX + t->rest - t->weight) / LB_SCALE;
	cal_put(&g->now, &t->item);
	t->now = true;
}

static struct srv *strip_first(struct strip *g)
{
	struct srv *s = next_until(g, g->pos), *fresh;

	if (s)
		return s;
	fresh = heaviest(g->fresh);
	if (!fresh)
		return next_until(g, UINT32_MAX);
	fresh->turn->next = g->pos;
	fresh->turn->rest = 0;
	return fresh;
}

/* At the end of a strip, when nobody is left on it. */
static void strip_turn(struct strip *g)
{
	struct tree *empty = g->fresh;

	WASSERT(cal_empty(&g->now) && tree_empty(g->fresh));
	g->fresh = g->later;
	g->later = empty;
	g->weight = g->next_weight;
	g->pos = g->weight;
}

static void advance(const struct strip *g, struct srv_turn *t)
{
	t->last = t->next;
	t->next += g->next_weight / t->weight;
	t->rest += g->next_weight % t->weight;
	if (t->rest >= t->weight) {
		t->rest -= t->weight;
		t->next++;
	}
}

/* Those who were passed over get back where they belong; but for the one that was taken after all. */
static void put_back(struct strip *g, struct srv *aside, const struct srv *but, bool turned)
{
	for (struct srv *s = aside, *next; s; s = next) {
		next = s->turn->aside;
		if (s == but)
			continue;
		if (turned)
			place_by_weight(s->turn, g->fresh);
		else
			place_by_position(g, s->turn);
	}
}

/* The next turn of a server that has room and, if r is given, did not fail this request already. */
static struct srv *draw(struct strip *g, const struct lb_req *r)
{
	struct srv *aside = NULL, *avoided = NULL, *s;
	bool turned = false;

	for (;;) {
		if (!g->weight)
			g->pos = g->weight = g->next_weight;
		s = strip_first(g);
		if (!s && !turned) {
			turned = true;
			strip_turn(g);
			s = strip_first(g);
		}
		if (!s)
			break;
		advance(g, s->turn);
		unplace(g, s->turn);
		g->pos++;
		if (srv_has_room(s)) {
			if (!r || !lb_avoided(r, s))
				break;
			if (!avoided)
				avoided = s;
		}
		s->turn->aside = aside;
		aside = s;
	}
	if (!s)
		s = avoided;
	if (s)
		place_by_position(g, s->turn);
	put_back(g, aside, s, turned);
	return s;
}

/* --- members --- */

static void leave(struct rr *rr, struct srv *s)
{
	struct strip *g = strip_of(rr, s->turn->backup);

	g->next_weight -= s->turn->weight;
	unplace(g, s->turn);
	s->turn->weight = 0;
}

/* Brings its position up to the strip that runs now. */
static void catch_up(const struct strip *g, struct srv_turn *t)
{
	if (t->in == g->later)
		t->next += g->weight;
}

static void join(struct rr *rr, struct srv *s, unsigned weight)
{
	struct srv_turn *t = s->turn;
	struct strip *g;

	t->backup = s->line->flags & SRV_BACKUP;
	t->weight = weight;
	g = strip_of(rr, t->backup);
	g->next_weight += weight;
	if (!rr->built) {
		t->last = t->next = t->rest = 0;
		place_by_weight(t, g->fresh);
		return;
	}
	t->next = g->pos + (g->next_weight + g->weight - g->pos) / weight;
	place_by_position(g, t);
}

static void reweigh(struct rr *rr, struct srv *s, unsigned weight)
{
	struct srv_turn *t = s->turn;
	struct strip *g = strip_of(rr, t->backup);
	unsigned was, step;

	g->next_weight += weight - t->weight;
	t->weight = weight;
	if (t->in == g->fresh) {
		unplace(g, t);
		place_by_weight(t, g->fresh);
		return;
	}
	catch_up(g, t);
	was = t->next;
	step = g->next_weight / weight;
	t->rest = 0;
	t->next = MIN(t->last + step, was);
	if (t->next < g->pos + 2)
		t->next = g->pos + step;
	unplace(g, t);
	place_by_position(g, t);
}

static void update(struct rr *rr, struct srv *s)
{
	unsigned weight = srv_willing(s) ? (unsigned)s->eff_weight : 0;

	if (!s->turn) {
		s->turn = mem_zalloc(sizeof(*s->turn));
		s->turn->srv = s;
	}
	if (s->turn->weight && (!weight || s->turn->backup != !!(s->line->flags & SRV_BACKUP)))
		leave(rr, s);
	if (weight && !s->turn->weight)
		join(rr, s, weight);
	else if (weight && weight != s->turn->weight)
		reweigh(rr, s, weight);
}

/* --- the set --- */

/* Draws until so many turns are there. Under the lock. */
static void refill(struct rr *rr)
{
	uint64_t drawn = atom_get(&rr->drawn), head = atom_acquire(&rr->head);

	while ((int64_t)(drawn - head) < AHEAD) {
		struct srv *s = draw(strip_of(rr, rr->use_backup), NULL);

		if (!s)
			break;
		atom_set(&rr->ring[drawn % RING], s);
		atom_release(&rr->drawn, ++drawn);
	}
}

/* The next of the turns that were drawn; NULL: none is left. */
static struct srv *take(struct rr *rr)
{
	uint64_t head = atom_acquire(&rr->head);

	while ((int64_t)(atom_acquire(&rr->drawn) - head) > 0) {
		struct srv *s = atom_get(&rr->ring[head % RING]);

		if (atom_cas(&rr->head, &head, head + 1))
			return s;
	}
	return NULL;
}

static void refill_early(struct rr *rr)
{
	if ((int64_t)(atom_get(&rr->drawn) - atom_get(&rr->head)) > (int64_t)AHEAD / 2 ||
	    pthread_mutex_trylock(&rr->lock) != 0)
		return;
	refill(rr);
	pthread_mutex_unlock(&rr->lock);
}

static struct srv *rr_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	struct rr *rr = container_of(set, struct rr, set);
	bool ahead = thr_count() > 1;
	struct srv *s = atom_acquire(&rr->lone);

	(void)p;
	if (s)
		return s;
	while (ahead && (s = take(rr)))
		if (srv_has_room(s) && !lb_avoided(r, s)) {
			refill_early(rr);
			return s;
		}
	pthread_mutex_lock(&rr->lock);
	s = draw(strip_of(rr, rr->use_backup), r);
	if (s && ahead)
		refill(rr);
	pthread_mutex_unlock(&rr->lock);
	return s;
}

static void rr_free(struct lb_set *set)
{
	struct rr *rr = container_of(set, struct rr, set);

	pthread_mutex_destroy(&rr->lock);
	cal_fini(&rr->active.now);
	cal_fini(&rr->backup.now);
	free(rr);
}

static const struct lb_ops rr_ops = { .free = rr_free, .pick = rr_pick };

static void strip_init(struct strip *g)
{
	g->fresh = &g->by_weight[0];
	g->later = &g->by_weight[1];
}

static struct rr *rr_create(struct px_live *p)
{
	struct rr *rr = mem_zalloc(sizeof(*rr));
	struct srv *s;

	rr->set.ops = &rr_ops;
	strip_init(&rr->active);
	strip_init(&rr->backup);
	pthread_mutex_init(&rr->lock, NULL);
	list_each(s, &p->servers, link) {
		free(s->turn);
		s->turn = NULL;
	}
	return rr;
}

/* For this strip and the next one. */
static void make_room(struct strip *g, uint32_t members)
{
	if (members)
		cal_reserve(&g->now, 2 * MAX(g->weight, g->next_weight), members);
}

/* One set for good: what it knows of turns outlives changes. */
static struct lb_set *rr_build(struct px_live *p)
{
	struct rr *rr = p->lb && p->lb->ops == &rr_ops ? container_of(p->lb, struct rr, set) : rr_create(p);
	struct srv *s;

	pthread_mutex_lock(&rr->lock);
	list_each(s, &p->servers, link)
		update(rr, s);
	if (!rr->built) {
		rr->active.pos = rr->active.weight = rr->active.next_weight;
		rr->backup.pos = rr->backup.weight = rr->backup.next_weight;
		rr->built = true;
	}
	make_room(&rr->active, p->nact);
	make_room(&rr->backup, p->nbck);
	rr->use_backup = p->nact == 0;
	atom_release(&rr->lone, rr->use_backup && !(p->px->options & PO_ALLBACKUPS) ? p->first_backup : NULL);
	/* What was drawn in advance no longer holds. */
	atom_release(&rr->drawn, atom_acquire(&rr->head));
	pthread_mutex_unlock(&rr->lock);
	return &rr->set;
}

const struct lb_row lb_roundrobin = {
	.name = "roundrobin",
	.modes = LB_CONNS | LB_LOGS,
	.dynamic = true,
	.parse = lb_parse_nothing,
	.build = rr_build,
	.help = "each server in turn, in proportion to its weight; weights may change while running",
};
