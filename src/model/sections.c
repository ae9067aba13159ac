/* Section lines: global, defaults, frontend, backend, listen. */
#include "model.h"
#include "weir/tls/conf_tls.h"
#include "weir/model/sections.h"

#include <ctype.h>
#include <stdio.h>

static size_t bad_name_char(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && !memchr("._:-", name.p[i], 4))
			return i;
	return (size_t)-1;
}

static bool name_ok(struct kw_call *k, struct str name)
{
	size_t bad = bad_name_char(name);

	if (bad == (size_t)-1)
		return true;
	return kw_err_at(k, 1, name.p + bad, "character '%c' is not permitted in '%s' name '" STR_FMT "'.", name.p[bad],
	                 k->kw->name, STR_ARG(name));
}

/* --- global --- */

static bool begin_global(struct kw_call *k)
{
	k->ld->obj = &kw_conf(k)->global;
	return true;
}

/* --- which defaults a section takes --- */

static struct proxy *defaults_named(struct kw_call *k, struct str name, unsigned caps, struct str of)
{
	struct conf *c = kw_conf(k);
	struct proxy *d, *found = NULL, *former = NULL;

	list_each(d, &c->defaults, link)
		if (str_eq(d->name, name)) {
			former = found;
			found = d;
		}
	if (!found) {
		struct row_near near;

		row_near_init(&near, name);
		list_each(d, &c->defaults, link)
			if (d->name.n)
				row_near_try(&near, d->name.p);
		if (row_near_best(&near))
			kw_hint(k, "'%s' ?", row_near_best(&near));
		kw_err(k, k->at - 1, "defaults section '" STR_FMT "' not found for %s '" STR_FMT "'.", STR_ARG(name),
		       caps_kind(caps), STR_ARG(of));
		return NULL;
	}
	if (former)
		kw_err(k, k->at - 1,
		       "ambiguous defaults section name '" STR_FMT "' referenced by %s '" STR_FMT "' exists at least "
												  "at %s:%d and "
												  "%s:%d.",
		       STR_ARG(name), caps_kind(caps), STR_ARG(of), former->file, former->line, found->file,
		       found->line);
	return found;
}

static void mixed_use(struct kw_call *k, const struct proxy *d)
{
	int errors = k->ld->errors;

	if (d->used_by_name && d->used_implicitly)
		kw_err(k, 0,
		       "defaults section '" STR_FMT "' (declared at %s:%d) is explicitly referenced by another proxy "
						    "and "
		       "implicitly used here. To avoid any ambiguity don't mix both usage. Add a last defaults "
		       "section not "
		       "explicitly used or always use explicit references.",
		       STR_ARG(d->name), d->file, d->line);
	k->ld->errors = errors;	/* HAProxy calls it an alert, and goes on */
}

/* "from <name>" or what came last; defaults sections take the built-in values unless told. */
static struct proxy *take_defaults(struct kw_call *k, unsigned caps, struct str of)
{
	struct conf *c = kw_conf(k);
	struct proxy *d = caps & PR_DEFAULTS ? NULL : c->last_defaults;
	struct str name;

	if (kw_take_if(k, "from")) {
		if (!kw_next(k, "the name of a defaults section behind 'from'", &name))
			return d;
		d = defaults_named(k, name, caps, of);
		if (d)
			d->used_by_name = true;
	} else if (d) {
		d->used_implicitly = true;
	}
	if (d && d->name.n)
		mixed_use(k, d);
	return d;
}

static void refuse_rules(struct kw_call *k, const struct proxy *d, const char *what)
{
	struct loader *ld = k->ld;
	struct diag_place at = { .file = k->file, .line = k->line, .tight = true };

	diag_at(ld->diag, DIAG_ALERT, &at, "%s (defaults section at %s:%d).", what, d->file, d->line);
	ld->errors++;
}

/* What rules a defaults section may hold for whom it feeds. */
static void check_rules(struct kw_call *k, unsigned caps, struct proxy *d)
{
	if (!d || !proxy_has_rules(d))
		return;
	if (caps & PR_DEFAULTS)
		refuse_rules(k, d, "a defaults section cannot inherit from a defaults section defining TCP/HTTP rules");
	else if ((caps & (PR_FE | PR_BE)) == (PR_FE | PR_BE))
		refuse_rules(k, d, "a listen section cannot inherit from a defaults section defining TCP/HTTP rules");
	else if (d->fed && d->fed != caps)
		refuse_rules(k, d,
			     "frontends and backends cannot inherit from the same defaults section if it defines "
			     "TCP/HTTP "
			     "rules");
	else if (caps == PR_BE && (!list_empty(&d->tcp_conn) || !list_empty(&d->tcp_sess)))
		refuse_rules(k, d,
			     "a backend section cannot inherit from a defaults section defining 'tcp-request "
			     "connection' "
			     "or 'tcp-request session' rules");
	else if (caps == PR_FE && !list_empty(&d->tcp_res))
		refuse_rules(k, d,
			     "a frontend section cannot inherit from a defaults section defining 'tcp-response "
			     "content' "
			     "rules");
	d->fed |= caps;
}

/* --- proxies --- */

static void same_name(struct kw_call *k, const struct proxy *p, const struct proxy *other)
{
	loader_err(k->ld,
		   "Parsing [%s:%d]: %s '" STR_FMT "' has the same name as %s '" STR_FMT "' declared at %s:%d.",
		   p->file, p->line, proxy_kind(p), STR_ARG(p->name), proxy_kind(other), STR_ARG(other->name),
		   other->file, other->line);
}

static void enter_proxy(struct kw_call *k, struct proxy *p)
{
	struct conf *c = kw_conf(k);
	struct proxy *other = NULL;

	if (p->caps & PR_FE)
		other = hmap_get(&c->frontends, p->name);
	if (!other && p->caps & PR_BE)
		other = hmap_get(&c->backends, p->name);
	if (other)
		same_name(k, p, other);
	if (p->caps & PR_FE && !hmap_has(&c->frontends, p->name))
		hmap_put(&c->frontends, p->name, p);
	if (p->caps & PR_BE && !hmap_has(&c->backends, p->name))
		hmap_put(&c->backends, p->name, p);
	list_push(&c->proxies, &p->link);
}

static bool begin_proxy(struct kw_call *k, unsigned caps)
{
	struct conf *c = kw_conf(k);
	struct str name = kw_peek(k);
	struct proxy *p, *d;

	if (!name.n) {
		kw_hint(k, "%s <name> [from <defaults>]", k->kw->name);
		kw_err(k, 1, "'%s' expects an <id> argument", k->kw->name);
		name = STR("");
	} else {
		k->at++;
		name_ok(k, name);
	}
	p = proxy_create(c, name, caps, k->file, k->line);
	d = take_defaults(k, caps, name);
	check_rules(k, caps, d);
	proxy_inherit(p, d);
	k->ld->obj = k->ld->proxy = p;
	if (name.n)
		enter_proxy(k, p);
	else
		list_push(&c->nameless, &p->link);
	if (kw_more(k)) {
		kw_err(k, k->at, "please use the 'bind' keyword for listening addresses.");
		k->at = k->n;
	}
	return true;
}

static bool begin_frontend(struct kw_call *k)
{
	return begin_proxy(k, PR_FE);
}

static bool begin_backend(struct kw_call *k)
{
	return begin_proxy(k, PR_BE);
}

static bool begin_listen(struct kw_call *k)
{
	return begin_proxy(k, PR_FE | PR_BE);
}

static bool begin_defaults(struct kw_call *k)
{
	struct conf *c = kw_conf(k);
	struct str name = str_eq(kw_peek(k), STR("from")) ? STR_NONE : kw_peek(k);
	struct proxy *p, *d;

	if (name.n) {
		k->at++;
		name_ok(k, name);
	}
	p = proxy_create(c, name, PR_DEFAULTS, k->file, k->line);
	d = take_defaults(k, PR_DEFAULTS, name);
	check_rules(k, PR_DEFAULTS, d);
	proxy_inherit(p, d);
	p->defaults = NULL;
	list_push(&c->defaults, &p->link);
	c->last_defaults = p;
	k->ld->obj = k->ld->proxy = p;
	return true;
}

static bool begin_crt_store(struct kw_call *k)
{
	return tls_store_begin(k, &kw_conf(k)->global.tls);
}

const struct section_row model_sections[MODEL_SECTIONS] = {
	{ "global", KW_GLOBAL, begin_global, NULL, NULL, "", "settings of the whole process; may stand several times" },
	{ "defaults", KW_DEFAULTS, begin_defaults, NULL, NULL, "[<name>] [from <defaults>]",
	  "settings that the proxies behind it take over" },
	{ "frontend", KW_FRONTEND, begin_frontend, NULL, NULL, "<name> [from <defaults>]", "where clients come in" },
	{ "backend", KW_BACKEND, begin_backend, NULL, NULL, "<name> [from <defaults>]", "a set of servers" },
	{ "listen", KW_LISTEN, begin_listen, NULL, NULL, "<name> [from <defaults>]", "frontend and backend in one" },
	{ "userlist", KW_USERLIST, begin_userlist, NULL, NULL, "<name>", "users and groups for http_auth()" },
	{ "crt-store", KW_CRT_STORE, begin_crt_store, NULL, NULL, "[<name>]", "certificates by name" },
	{ "log-profile", KW_LOG_PROFILE, begin_log_profile, NULL, NULL, "<name>",
	  "what log targets want instead of the proxies' formats" },
	{ "http-errors", KW_HTTP_ERRORS, begin_http_errors, NULL, NULL, "<name>", "a set of error pages" },
};
