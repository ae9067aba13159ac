/* When all files were read: numbers, names, checks over whole sections, HAProxy's warnings. */
#include "model.h"
#include "rows.h"

#define BUFSIZE 16384
#define MAXREWRITE 1024
#define MAXHDR 101

static void tune_defaults(struct global *g)
{
	struct tune *t = &g->tune;

	if (!t->bufsize)
		t->bufsize = BUFSIZE;
	if (!t->maxrewrite)
		t->maxrewrite = MAXREWRITE;
	if (t->maxrewrite >= t->bufsize / 2)
		t->maxrewrite = t->bufsize / 2;
	if (!t->maxhdr)
		t->maxhdr = MAXHDR;
}

/* An option switched off explicitly wins over what came from elsewhere; later floors only look at `options`. */
static void settle_options(struct proxy *p)
{
	p->options &= ~p->no_options;
	p->options2 &= ~p->no_options2;
}

static void warn_no_bind(struct loader *ld, const struct proxy *p)
{
	if (p->caps & PR_FE && list_empty(&p->binds))
		diag_say(ld->diag, DIAG_WARNING,
			 "%s '" STR_FMT "' has no 'bind' directive. Please declare it as a backend if this "
			 "was intended.",
			 proxy_kind(p), STR_ARG(p->name));
}

/* As HAProxy 3.5 has it: the section is called proxy whatever it is. */
static void warn_timeouts(struct loader *ld, const struct proxy *p)
{
	bool front = p->caps & PR_FE && !p->t_client;
	bool back = p->caps & PR_BE && !list_empty(&p->servers) &&
	            (!p->t_connect || (!p->t_server && (p->mode == MODE_HTTP || !p->t_tunnel)));

	if ((p->mode != MODE_HTTP && p->mode != MODE_TCP) || (!front && !back))
		return;
	diag_say(ld->diag, DIAG_WARNING, "missing timeouts for proxy '" STR_FMT "'.\n"
	         "   | While not properly invalid, you will certainly encounter various problems\n"
	         "   | with such a configuration. To fix this, please ensure that all following\n"
	         "   | timeouts are set to a non-zero value: 'client', 'connect', 'server'.", STR_ARG(p->name));
}

static void ignored(struct loader *ld, const struct proxy *p, const char *what, const char *verb)
{
	diag_say(ld->diag, DIAG_WARNING, "%s ignored for %s '" STR_FMT "' as %s HTTP mode.", what, proxy_kind(p),
	         STR_ARG(p->name), verb);
}

static void needs_http(struct loader *ld, const struct proxy *p, const char *what)
{
	diag_say(ld->diag, DIAG_WARNING, "%s will be ignored for %s '" STR_FMT "' (needs 'mode http').", what,
		 proxy_kind(p), STR_ARG(p->name));
}

/* Rules about HTTP mean something where connections may become HTTP. */
static bool switches_mode(const struct proxy *p)
{
	struct rule *r;

	list_each(r, &p->tcp_req, link)
		if (strcmp(r->action->name, "switch-mode") == 0)
			return true;
	return false;
}

/* Settings that mean nothing without mode http. */
static void warn_tcp(struct loader *ld, struct proxy *p)
{
	bool switches = switches_mode(p);

	if (p->mode == MODE_HTTP)
		return;
	if (p->caps & PR_BE && p->cookie.name.n)
		needs_http(ld, p, "cookie");
	if (p->caps & PR_FE && p->monitor_uri.n)
		needs_http(ld, p, "monitor-uri");
	if (p->caps & PR_FE && (p->n_req_caps || p->n_res_caps || p->capture_cookie.n) &&
	    (!p->defaults || p->req_caps != p->defaults->req_caps || p->res_caps != p->defaults->res_caps))
		ignored(ld, p, "'capture' statement", "it requires");
	if (!switches && !list_empty(&p->http_req))
		ignored(ld, p, "'http-request' rules", "they require");
	if (!switches && !list_empty(&p->http_res))
		ignored(ld, p, "'http-response' rules", "they require");
	if (!switches && !list_empty(&p->http_after))
		ignored(ld, p, "'http-after-response' rules", "they require");
	if (!switches && !list_empty(&p->redirects))
		ignored(ld, p, "'redirect' rules", "they require");
	if (p->options & PO_FORWARDFOR)
		ignored(ld, p, "'option forwardfor'", "it requires");
	if (p->options & PO_ORIGINALTO)
		ignored(ld, p, "'option originalto'", "it requires");
	warn_http_options(p, ld->diag);
}

/* Conditions about bytes in buffers where messages pass. */
static void warn_l6(struct loader *ld, const struct proxy *p)
{
	const struct list *lists[] = { &p->tcp_req, &p->http_req, &p->redirects, &p->tcp_res, &p->http_res,
				       &p->http_after };
	const struct rule *r;

	if (p->mode != MODE_HTTP)
		return;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		list_each(r, lists[i], link)
			if (r->cond && cond_uses(r->cond) & (USE_L6REQ | USE_L6RES))
				diag_say(ld->diag, DIAG_WARNING,
					 "Proxy '" STR_FMT "': L6 sample fetches ignored on HTTP proxies (declared at "
					 "%s:%d).",
					 STR_ARG(p->name), r->file, r->line);
}

static bool check_proxy(struct loader *ld, struct proxy *p)
{
	bool ok = true;

	settle_options(p);
	if (!p->maxconn)
		p->maxconn = p->conf->proxy_maxconn;
	warn_no_bind(ld, p);
	ok &= proxy_resolve_names(ld, p);
	ok &= binds_check(ld, p);
	warn_l6(ld, p);
	ok &= proxy_compile_formats(ld, p);
	ok &= proxy_apply_errors(ld, p);
	warn_timeouts(ld, p);
	warn_tcp(ld, p);
	ok &= proxy_check_servers(ld, p);
	proxy_collect_needs(p);
	proxy_limits(p);
	cookies_check(ld, p);
	return ok;
}

/* Replies of rules that name an http-errors section. */
static bool check_defaults(struct loader *ld, struct proxy *d)
{
	bool ok = proxy_apply_errors(ld, d);

	settle_options(d);
	proxy_collect_needs(d);
	return ok;
}

static bool settle_modules(struct loader *ld, struct conf *c)
{
	const struct conf_registry *r = conf_registered();
	bool ok = true;

	for (int i = 0; r && r->settle && r->settle[i]; i++)
		ok &= r->settle[i](ld, c);
	return ok;
}

bool conf_post(struct loader *ld, struct conf *c)
{
	struct proxy *p;
	bool ok = true;

	tune_defaults(&c->global);
	conf_number(c);
	ok &= replies_resolve(ld, c);
	ok &= log_profiles_check(ld, c);
	list_each(p, &c->defaults, link)
		ok &= check_defaults(ld, p);
	list_each(p, &c->proxies, link)
		ok &= check_proxy(ld, p);
	ok &= balance_settle(ld, c);
	list_each(p, &c->hidden, link)
		ok &= proxy_check_servers(ld, p);
	proxy_apply_errors(ld, c->cli_proxy);
	binds_settle(&c->global.stats_binds, c->cli_proxy);
	ok &= userlists_check(ld, c);
	ok &= settle_modules(ld, c);
	ok &= conf_tls_prepare(ld, c);
	ok &= conf_resolve_args(ld, c);
	loader_finish(ld);
	return ok;
}
