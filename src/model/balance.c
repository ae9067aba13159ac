/* Balancing that does not fit the mode or an option. */
#include "model.h"
#include "rows.h"

/* Algorithms that spread lines do not spread connections, and few do both. */
static bool check_kind(struct loader *ld, struct proxy *be)
{
	bool log = be->mode == MODE_LOG;
	const char *what = NULL;

	if (be->lb.algo && !(be->lb.modes & (log ? LB_LOGS : LB_CONNS)))
		what = log ? "cannot be used in 'mode log', which takes 'roundrobin', 'sticky', 'random', 'hash' and "
			     "'log-hash'"
			   : "is for 'mode log' only";
	else if (log && be->lb.expr && !(expr_uses(be->lb.expr) & USE_INTRN))
		what = "needs a connection, which lines of 'mode log' do not have";
	return !what || loader_err_line(ld, be->file, be->line, "%s '" STR_FMT "' : balance algorithm '%s' %s.",
					proxy_kind(be), STR_ARG(be->name), be->lb.name_of_algo, what);
}

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

/* A line that no file has: whoever is sent there goes where the client wanted to go. */
static struct server_line *direct_line(struct proxy *p)
{
	struct server_line *s = arena_new(&p->conf->mem, struct server_line);
	struct in_addr any = { 0 };

	server_defaults(s);
	s->proxy = p;
	s->name = STR("<NOSRV>");
	s->sockpair = -1;
	s->file = p->file;
	s->line = p->line;
	addr_set4(&s->addr, &any, 0);
	return s;
}

/* Without a `balance` line requests that no cookie binds go where they were meant to go. */
static bool check_transparent(struct loader *ld, struct proxy *be)
{
	if (!(be->options & PO_TRANSPARENT))
		return true;
	if (be->lb.algo)
		return loader_err_line(ld, be->file, be->line,
				       "%s '" STR_FMT "' cannot use both transparent and balance mode.", proxy_kind(be),
				       STR_ARG(be->name));
	be->direct = direct_line(be);
	server_limits(be->direct, be);
	return true;
}

bool balance_settle(struct loader *ld, struct conf *c)
{
	struct proxy *p;
	bool ok = true;

	list_each(p, &c->proxies, link) {
		if (!(p->caps & PR_BE))
			continue;
		ok &= check_transparent(ld, p);
		ok &= check_kind(ld, p);
		check_mode(ld, p);
		proxy_limits(p);
	}
	return ok;
}
