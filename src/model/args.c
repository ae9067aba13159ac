/* Arguments of expressions that name things declared anywhere: proxies, servers, tables, userlists. */
#include "model.h"

#include "weir/model/bwlim.h"

static bool not_found(struct loader *ld, const struct arg_todo *t, const char *what)
{
	const struct proxy *p = t->proxy;

	return loader_err_line(ld, t->file, t->line,
			       "unable to find %s '" STR_FMT "' referenced in an argument of '%s' in "
			       "proxy '" STR_FMT "'.",
			       what, STR_ARG(t->arg->s), t->kw, STR_ARG(p ? p->name : STR("global")));
}

static bool find_server(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
	const struct proxy *p = t->proxy;
	struct str rest = t->arg->s, first = str_cut(&rest, '/');
	struct str server = rest.p ? rest : first;
	struct server_line *line;

	if (rest.p)
		p = conf_backend(c, first);
	if (!p)
		return loader_err_line(ld, t->file, t->line,
				       "unable to find proxy '" STR_FMT "' referenced in an argument of "
				       "'%s'.",
				       STR_ARG(first), t->kw);
	if (p->caps & PR_DEFAULTS)
		return loader_err_line(ld, t->file, t->line,
				       "backend name must be set in an argument of '%s' in defaults "
				       "section '" STR_FMT "'.",
				       t->kw, STR_ARG(p->name));
	line = proxy_server(p, server);
	t->arg->p = line;
	if (line) {
		line->flags |= SRV_NAMED;
		return true;
	}
	return loader_err_line(ld, t->file, t->line,
			       "unable to find server '" STR_FMT "' in proxy '" STR_FMT "', referenced "
			       "in an argument of '%s'.",
			       STR_ARG(server), STR_ARG(p->name), t->kw);
}

/* An empty name is the proxy itself. */
static struct proxy *own_or(const struct arg_todo *t, struct proxy *named)
{
	return t->arg->s.n ? named : t->proxy;
}

static bool find_table(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
	struct proxy *p;

	if (!t->arg->s.n && t->proxy && ((struct proxy *)t->proxy)->caps & PR_DEFAULTS)
		return loader_err_line(ld, t->file, t->line,
				       "table name must be set in an argument of '%s' in defaults section '" STR_FMT
				       "'.",
				       t->kw, STR_ARG(((struct proxy *)t->proxy)->name));
	p = own_or(t, conf_backend(c, t->arg->s));
	if (!p)
		p = conf_frontend(c, t->arg->s);
	if (!p)
		return not_found(ld, t, "table");
	if (!p->table)
		return loader_err_line(ld, t->file, t->line,
				       "no table in proxy '" STR_FMT "' referenced in an argument of '%s'.",
				       STR_ARG(p->name), t->kw);
	t->arg->p = p;
	return true;
}

static bool find_arg(struct loader *ld, const struct arg_todo *t, struct conf *c)
{
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
