/* Balancing that does not fit the mode. */
#include "model.h"
#include "rows.h"

static void check_mode(struct loader *ld, struct proxy *be)
{
	if (!be->lb.http || be->mode == MODE_HTTP)
		return;
	diag_say(ld->diag, DIAG_WARNING,
		 "Layer 7 hash not possible for %s '" STR_FMT "' (needs 'mode http'). Falling back to round robin.",
		 proxy_kind(be), STR_ARG(be->name));
	be->lb.algo = NULL;
	be->lb.check_post = false;
}

void balance_settle(struct loader *ld, struct conf *c)
{
	struct proxy *p;

	list_each(p, &c->proxies, link)
		if (p->caps & PR_BE)
			check_mode(ld, p);
}
