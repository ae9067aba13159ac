/* Arguments of expressions that name things declared anywhere: proxies, servers, tables, userlists. */
#include "model.h"

#include <stdio.h>

#include "weir/model/bwlim.h"

/* "arg 1 of ACL keyword 'nbsrv' in http-request expression in proxy 'x'" */
static const char *of_what(const struct arg_todo *t, char buf[300])
{
	const struct proxy *p = t->proxy;

	snprintf(buf, 300, "arg %d of %s '%s'%s%s in proxy '%.128s'", t->pos, t->what, t->kw, t->in ? " in " : "",
		 t->in ? t->in : "", p ? p->name.p : "global");
	return buf;
}

static bool not_found(struct loader *ld, const struct arg_todo *t, const char *what)
{
	char of[300];

	return loader_err_line(ld, t->file, t->line, "unable to find %s '" STR_FMT "' referenced in %s.", what,
			       STR_ARG(t->arg->s), of_what(t, of));
}

static bool find_server(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
	const struct proxy *p = t->proxy;
	struct str rest = t->arg->s, first = str_cut(&rest, '/');
	struct str server = rest.p ? rest : first;
	struct server_line *line;
	char of[300];

	if (rest.p)
		p = conf_backend(c, first);
	if (!p)
		return loader_err_line(ld, t->file, t->line, "unable to find proxy '" STR_FMT "' referenced in %s.",
				       STR_ARG(first), of_what(t, of));
	if (p->caps & PR_DEFAULTS)
		return loader_err_line(ld, t->file, t->line, "backend name must be set in %s.", of_what(t, of));
	line = proxy_server(p, server);
	t->arg->p = line;
	if (line) {
		line->flags |= SRV_NAMED;
		return true;
	}
	return loader_err_line(ld, t->file, t->line,
			       "unable to find server '" STR_FMT "' in proxy '" STR_FMT "', referenced in %s.",
			       STR_ARG(server), STR_ARG(p->name), of_what(t, of));
}

/* An empty name is the proxy itself. */
static struct proxy *own_or(const struct arg_todo *t, struct proxy *named)
{
	return t->arg->s.n ? named : t->proxy;
}

static bool find_table(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
	struct proxy *p;
	char of[300];

	if (!t->arg->s.n && t->proxy && ((struct proxy *)t->proxy)->caps & PR_DEFAULTS)
		return loader_err_line(ld, t->file, t->line, "table name must be set in %s.", of_what(t, of));
	p = own_or(t, conf_backend(c, t->arg->s));
	if (!p)
		p = conf_frontend(c, t->arg->s);
	if (!p)
		return not_found(ld, t, "table");
	if (!p->table)
		return loader_err_line(ld, t->file, t->line, "no table in proxy '" STR_FMT "' referenced in %s.",
				       STR_ARG(p->name), of_what(t, of));
	t->arg->p = p;
	return true;
}

/* Nothing was written where the section itself may be meant: it has to have that side. Rules of a defaults section
 * are looked at there as they stand. */
static bool own_side(struct loader *ld, const struct arg_todo *t)
{
	const struct proxy *p = t->proxy;
	unsigned side = t->absent == ARG_BE ? PR_BE : PR_FE;
	char of[300];

	if (!p || p->caps & (side | PR_DEFAULTS))
		return true;
	return loader_err_line(ld, t->file, t->line,
			       "proxy '" STR_FMT "', referenced in %s, has not %s capability.", STR_ARG(p->name),
			       of_what(t, of), side == PR_BE ? "backend" : "frontend");
}

/* Backends may be reached from frontends that have the slot. */
static bool find_slot(struct loader *ld, const struct arg_todo *t)
{
	const struct proxy *p = t->proxy;
	bool res = strstr(t->kw, "response") != NULL;

	if (!(p->caps & PR_FE) || t->arg->i < (res ? p->n_res_caps : p->n_req_caps))
		return true;
	return loader_err(ld, "Proxy '" STR_FMT "': unable to find capture id '%lld' referenced by %s capture rule.",
			  STR_ARG(p->name), (long long)t->arg->i, t->kw);
}

static bool find_arg(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
	if (t->absent != ARG_END)
		return own_side(ld, t);
	switch (t->arg->type) {
	case ARG_FE:
		t->arg->p = own_or(t, conf_frontend(c, t->arg->s));
		return t->arg->p || not_found(ld, t, "frontend");
	case ARG_BE:
		t->arg->p = own_or(t, conf_backend(c, t->arg->s));
		return t->arg->p || not_found(ld, t, "backend");
	case ARG_SRV:
		return find_server(ld, t, c);
	case ARG_TAB:
		return find_table(ld, t, c);
	case ARG_BWLIM:
		t->arg->p = (void *)proxy_bwlim(t->proxy, t->arg->s);
		return t->arg->p || not_found(ld, t, "bandwidth limitation filter");
	case ARG_CAPTURE:
		return find_slot(ld, t);
	case ARG_USERLIST:
		t->arg->p = conf_userlist(c, t->arg->s);
		return t->arg->p || not_found(ld, t, "userlist");
	}
	return true;
}

bool conf_resolve_args(struct loader *ld, struct conf *c)
{
	struct arg_todo *t;
	bool ok = true;

	list_each(t, &c->unresolved, link) {
		if (find_arg(ld, t, c))
			t->arg->unresolved = false;
		else
			ok = false;
	}
	return ok;
}
