/* sticky (mode log): the same server as long as it is there. One that comes back goes to the end of the line, so that
 * a server that was away does not take everything over once more. */
#include "lb_priv.h"

struct line_up {
	struct lb_set set;
	unsigned n;
	struct srv *at[];		/* the first one gets everything */
};

static struct srv *sticky_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	const struct line_up *l = container_of(set, struct line_up, set);

	(void)p;
	(void)r;
	return l->n ? l->at[0] : NULL;
}

static void sticky_free(struct lb_set *set)
{
	free(container_of(set, struct line_up, set));
}

static const struct lb_ops sticky_ops = { .free = sticky_free, .pick = sticky_pick };

static bool among(struct srv *const *v, unsigned n, const struct srv *s)
{
	for (unsigned i = 0; i < n; i++)
		if (v[i] == s)
			return true;
	return false;
}

/* Those that were in line before and still are, then the newcomers. */
static struct lb_set *sticky_build(struct px_live *p)
{
	bool begun = p->lb && p->lb->ops == &sticky_ops;
	const struct line_up *old = begun ? container_of(p->lb, struct line_up, set) : NULL;
	unsigned n;
	struct srv **srvs = lb_members(p, &n);
	struct line_up *l = mem_zalloc(sizeof(*l) + n * sizeof(l->at[0]));

	l->set.ops = &sticky_ops;
	for (unsigned i = 0; old && i < old->n; i++)
		if (among(srvs, n, old->at[i]))
			l->at[l->n++] = old->at[i];
	for (unsigned i = 0; i < n; i++)
		if (!among(l->at, l->n, srvs[i]))
			l->at[l->n++] = srvs[i];
	free(srvs);
	return &l->set;
}

const struct lb_row lb_sticky = {
	.name = "sticky",
	.modes = LB_LOGS,
	.dynamic = true,
	.parse = lb_parse_nothing,
	.build = sticky_build,
	.help = "the first server that is there, until it goes (mode log)",
};
