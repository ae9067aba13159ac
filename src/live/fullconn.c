/* How many exchanges make a backend full: `fullconn`, or a tenth of all that its frontends let in. Servers with
 * minconn give all their slots then. */
#include "weir/live/live.h"
#include "live_priv.h"

/* A frontend counts once for each backend that it may lead to. */
static void count_way(const struct proxy *fe, const struct proxy *to, uint64_t maxconn)
{
	struct px_live *be = to ? to->live : NULL;

	if (!be || be->counted_fe == fe)
		return;
	be->counted_fe = fe;
	be->may_come += fe->maxconn ? fe->maxconn : maxconn;
}

static void count_ways(const struct proxy *fe, uint64_t maxconn)
{
	const struct use_backend *u;

	count_way(fe, fe->default_backend, maxconn);
	if (fe->caps & PR_BE)
		count_way(fe, fe, maxconn);
	list_each(u, &fe->switching, link)
		count_way(fe, u->backend, maxconn);
}

static void settle(struct px_live *p)
{
	uint64_t n = p->px->fullconn ? p->px->fullconn : (p->may_come + 9) / 10;

	p->fullconn = n > UINT32_MAX ? UINT32_MAX : n ? (unsigned)n : 1;
	p->counted_fe = NULL;
}

void live_settle_fullconn(const struct conf *c, uint64_t maxconn)
{
	const struct proxy *px;

	list_each(px, &c->proxies, link)
		((struct px_live *)px->live)->may_come = 0;
	list_each(px, &c->proxies, link)
		if (px->caps & PR_FE)
			count_ways(px, maxconn);
	list_each(px, &c->proxies, link)
		settle(px->live);
}
