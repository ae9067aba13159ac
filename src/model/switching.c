/* Names of backends and servers that lines referred to before they were declared. */
#include "model.h"

static const char *mode_name(const struct proxy *p)
{
	static const char *const names[] = {
		[MODE_TCP] = "tcp", [MODE_HTTP] = "http", [MODE_LOG] = "log", [MODE_SPOP] = "spop"
	};

	return names[p->mode];
}

/* A TCP frontend may feed an HTTP backend (the connection is upgraded), not the other way round. */
static bool mode_fits(struct loader *ld, const struct proxy *p, const struct proxy *b, const char *where)
{
	if (b->mode == p->mode || (p->mode == MODE_TCP && b->mode == MODE_HTTP))
		return true;
	return loader_err(ld,
			  "%s %s '" STR_FMT "' (%s:%d) tries to use incompatible %s %s '" STR_FMT "' (%s:%d) %s (see "
			  "'mode').",
			  mode_name(p), proxy_kind(p), STR_ARG(p->name), p->file, p->line, mode_name(b),
			  proxy_kind(b), STR_ARG(b->name), b->file, b->line, where);
}

static const char *near_backend(const struct conf *c, struct str name)
{
	struct row_near near;
	struct proxy *p;

	row_near_init(&near, name);
	list_each(p, &c->proxies, link)
		if (p->caps & PR_BE)
			row_near_try(&near, p->name.p);
	return row_near_best(&near);
}

static bool no_backend(struct loader *ld, const struct proxy *p, const char *what, struct str name,
		       const struct use_backend *u)
{
	const char *near = near_backend(p->conf, name);
	char more[300] = "";

	if (ld->diag->carets)
		snprintf(more, sizeof(more), "\n   | %s '%.200s' at %s:%d%s%.48s%s", u ? "rule of" : "frontend",
			 p->name.p, u ? u->file : p->file, u ? u->line : p->line, near ? ", '" : "", near ? near : "",
			 near ? "' ?" : "");
	return loader_err(ld, "Proxy '" STR_FMT "': unable to find required %s: '" STR_FMT "'.%s", STR_ARG(p->name),
			  what, STR_ARG(name), more);
}

static bool resolve_default(struct loader *ld, struct proxy *p)
{
	struct proxy *b;

	if (!(p->caps & PR_FE) || !p->default_backend_name.n)
		return true;
	b = conf_backend(p->conf, p->default_backend_name);
	if (!b)
		return no_backend(ld, p, "default_backend", p->default_backend_name, NULL);
	if (b == p)
		return loader_err(ld, "Proxy '" STR_FMT "': loop detected for default_backend: '" STR_FMT "'.",
		                  STR_ARG(p->name), STR_ARG(p->default_backend_name));
	if (!mode_fits(ld, p, b, "as its default backend"))
		return false;
	p->default_backend = b;
	if (p->caps & PR_BE && !list_empty(&p->servers))
		diag_say(ld->diag, DIAG_WARNING,
			 "In proxy '" STR_FMT "', the 'default_backend' rule always has precedence over "
			 "the servers, which will never be used.",
			 STR_ARG(p->name));
	return true;
}

static bool resolve_rule(struct loader *ld, struct proxy *p, struct use_backend *u)
{
	struct proxy *b;

	if (u->dyn)
		return true;
	b = conf_backend(p->conf, u->name);
	if (!b)
		return no_backend(ld, p, "use_backend", u->name, u);
	if (b == p)
		return loader_err(ld, "Proxy '" STR_FMT "': loop detected for use_backend: '" STR_FMT "'.",
				  STR_ARG(p->name), STR_ARG(u->name));
	u->backend = b;
	return mode_fits(ld, p, b, "in a 'use_backend' rule");
}

static bool resolve_server(struct loader *ld, struct proxy *p, struct use_server *u)
{
	if (u->dyn)
		return true;
	u->server = proxy_server(p, u->name);
	if (u->server) {
		u->server->flags |= SRV_NAMED;
		return true;
	}
	return loader_err(ld,
			  "%s '" STR_FMT "' : unable to find server '" STR_FMT "' referenced in a 'use-server' rule.",
			  proxy_kind(p), STR_ARG(p->name), STR_ARG(u->name));
}

/* For finding the first rule that holds without asking each. */
static void list_rules(struct proxy *p)
{
	struct arena *mem = &p->conf->mem;
	struct use_backend *u;
	struct cond **conds;
	int n = 0;

	list_each(u, &p->switching, link)
		n++;
	if (!n)
		return;
	conds = arena_array(mem, struct cond *, n);
	p->switch_rules = arena_array(mem, struct use_backend *, n);
	n = 0;
	list_each(u, &p->switching, link) {
		p->switch_rules[n] = u;
		conds[n++] = u->cond;
	}
	p->switch_conds = cond_list_make(mem, conds, n);
}

bool proxy_resolve_names(struct loader *ld, struct proxy *p)
{
	struct use_backend *u;
	struct use_server *s;
	bool ok = resolve_default(ld, p);

	list_each(u, &p->switching, link)
		ok &= resolve_rule(ld, p, u);
	list_each(s, &p->server_rules, link)
		ok &= resolve_server(ld, p, s);
	list_rules(p);
	return ok;
}
