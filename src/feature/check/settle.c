/* Health checks once all files were read: scripts get the steps that nobody wrote, servers their healthcheck section,
 * and what cannot work is refused. */
#include "script.h"

#include <stdarg.h>
#include "weir/feature/check/check.h"

/* --- scripts --- */

static struct chk_step *new_step(struct arena *mem, enum chk_step_kind kind, int number)
{
	struct chk_step *s = arena_new(mem, struct chk_step);

	s->kind = (uint8_t)kind;
	s->number = number;
	return s;
}

static int first_action(const struct chk_script *s)
{
	int i = 0;

	while (i < s->n && (s->v[i]->kind == STEP_RULE || s->v[i]->kind == STEP_COMMENT))
		i++;
	return i;
}

/* What `option httpchk` alone means: a request, and an answer of 2xx or 3xx. */
static void complete_http(struct arena *mem, struct chk_script *s)
{
	int at = first_action(s);
	struct chk_step *step = at < s->n ? s->v[at] : NULL;

	if (step && step->kind == STEP_REQUEST && step->request.from_option && at + 1 < s->n &&
	    s->v[at + 1]->kind == STEP_CONNECT) {
		s->v[at] = s->v[at + 1];
		s->v[at + 1] = step;
		step->number = s->v[at]->number + 1;
	}
	if (!s->n || s->v[s->n - 1]->kind != STEP_REQUEST)
		return;
	step = new_step(mem, STEP_EXPECT, s->v[s->n - 1]->number + 1);
	step->expect.want = WANT_STATUS;
	step->expect.min_recv = -1;
	step->expect.ncodes = 1;
	step->expect.codes = arena_new(mem, struct chk_range);
	*step->expect.codes = (struct chk_range){ 200, 399 };
	chk_script_insert(mem, s, s->n, step);
}

static void complete_connect(struct arena *mem, struct chk_script *s)
{
	int at = first_action(s);
	struct chk_step *step;

	if (at < s->n && s->v[at]->kind == STEP_CONNECT)
		return;
	step = new_step(mem, STEP_CONNECT, 0);
	step->connect.flags = CN_DEFAULT | CN_IMPLICIT;
	chk_script_insert(mem, s, 0, step);
}

/* A comment belongs to the step behind it: to a connect alone, to all of a run of send or expect steps. */
static void give_comments(struct chk_script *s)
{
	struct str comment = STR_NONE;
	int before = -1;

	for (int i = 0; i < s->n; i++) {
		struct chk_step *step = s->v[i];

		if (step->kind != before && before != STEP_COMMENT)
			comment = STR_NONE;
		before = step->kind;
		if (step->kind == STEP_COMMENT) {
			comment = step->comment;
			chk_script_remove(s, i--);
			continue;
		}
		if (!step->comment.n && step->kind != STEP_RULE)
			step->comment = comment;
		if (step->kind == STEP_CONNECT || step->kind == STEP_RULE)
			comment = STR_NONE;
	}
}

/* Of a run of expect steps what must not come has to be looked for again each time something comes. */
static void tie_expects(struct chk_script *s)
{
	for (int i = 0; i < s->n; i++) {
		int back = i;

		if (s->v[i]->kind != STEP_EXPECT)
			continue;
		for (int j = i - 1; j >= 0 && (s->v[j]->kind == STEP_EXPECT || s->v[j]->kind == STEP_RULE); j--)
			if (s->v[j]->kind == STEP_EXPECT && s->v[j]->expect.inverse)
				back = j;
		s->v[i]->expect.back = back;
	}
}

void chk_settle_script(struct arena *mem, struct chk_script *s)
{
	if (!s || s->settled)
		return;
	s->settled = true;
	if (s->http)
		complete_http(mem, s);
	complete_connect(mem, s);
	give_comments(s);
	tie_expects(s);
}

const struct chk_script *chk_script_for(const struct chk_words *w)
{
	switch (w ? (enum chk_kind)w->kind : CHK_PLAIN) {
	case CHK_TCP:
		return w->tcp;
	case CHK_HTTP:
		return w->http;
	case CHK_CANNED:
		return w->canned;
	default:
		return NULL;
	}
}

/* --- servers --- */

const struct chk_words *chk_words_for(const struct server_line *l)
{
	return l->check.section ? l->check.section : l->proxy->check;
}

static const char *kind_of(const struct proxy *p)
{
	return p->caps & PR_FE ? "proxy" : "backend";
}

static bool fault(struct loader *ld, const struct server_line *l, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static bool fault(struct loader *ld, const struct server_line *l, const char *fmt, ...)
{
	const struct proxy *p = l->proxy;
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return loader_err(ld, "config: %s '" STR_FMT "': server '" STR_FMT "' %s", kind_of(p), STR_ARG(p->name),
			  STR_ARG(l->name), text);
}

static bool find_section(struct loader *ld, struct conf *c, struct server_line *l)
{
	struct conf_section *s;

	if (!l->check.healthcheck.n)
		return true;
	list_each(s, &c->sections, link)
		if (!strcmp(s->kind, "healthcheck") && str_eq(s->name, l->check.healthcheck)) {
			l->check.section = s->obj;
			return true;
		}
	return loader_err_line(ld, l->file, l->line,
			       "'server " STR_FMT "/" STR_FMT "' : unable to find healthcheck section '" STR_FMT "'.",
			       STR_ARG(l->proxy->name), STR_ARG(l->name), STR_ARG(l->check.healthcheck));
}

static bool is_inet(const struct addr *a)
{
	return addr_family(a) == AF_INET || addr_family(a) == AF_INET6;
}

static bool has_port(const struct chk_step *s)
{
	return s->connect.port || s->connect.port_expr;
}

/* Some port must be known for each connection that a check opens. */
static bool check_port(struct loader *ld, const struct server_line *l)
{
	const struct chk_script *s = chk_script_for(chk_words_for(l));
	int at;

	if (l->check.port || l->check.addr_port || (!l->map_port && l->port))
		return true;
	if (addr_isset(&l->check.addr) ? !is_inet(&l->check.addr) : addr_isset(&l->addr) && !is_inet(&l->addr))
		return true;
	if (l->rhttp || l->sockpair >= 0)
		return true;
	if (!s)
		return fault(ld, l, "has neither service port nor check port.");
	at = first_action(s);
	if (s->v[at]->kind != STEP_CONNECT || !has_port(s->v[at]))
		return fault(ld, l, "has neither service port nor check port nor tcp_check rule 'connect' with port "
				    "information.");
	for (; at < s->n; at++)
		if (s->v[at]->kind == STEP_CONNECT && !has_port(s->v[at]))
			return fault(ld, l, "has neither service port nor check port, and a tcp_check rule 'connect' "
					    "with no port information.");
	return true;
}

static bool wants_tls(const struct chk_script *s)
{
	for (int i = 0; s && i < s->n; i++)
		if (s->v[i]->kind == STEP_CONNECT && s->v[i]->connect.flags & CN_SSL)
			return true;
	return false;
}

static bool check_proto(struct loader *ld, struct server_line *l)
{
	const struct chk_words *w = chk_words_for(l);
	bool http = w && w->kind == CHK_HTTP;

	if (!l->check.proto && l->mux.proto && l->mux.proto->http == http)
		l->check.proto = l->mux.proto;
	if (l->check.proto && l->check.proto->http != http)
		return fault(ld, l, "uses an incompatible MUX protocol for the selected check type");
	return true;
}

/* Words without effect are told of. */
static void warn_pool(struct loader *ld, const struct server_line *l)
{
	struct diag_place at = { .file = l->file, .line = l->line };
	const char *why = l->check.reuse_pool ? chk_pool_hindered(l, chk_script_for(chk_words_for(l))) : NULL;

	if (why)
		diag_at(ld->diag, DIAG_WARNING, &at,
			"'server " STR_FMT "/" STR_FMT "' : 'check-reuse-pool' is ignored: its checks cannot share "
			"connections with the traffic: %s.", STR_ARG(l->proxy->name), STR_ARG(l->name), why);
	else if (l->check.pool_conn_name.n && !l->check.reuse_pool)
		diag_at(ld->diag, DIAG_WARNING, &at,
			"'server " STR_FMT "/" STR_FMT "' : 'check-pool-conn-name' is ignored without "
			"'check-reuse-pool'.", STR_ARG(l->proxy->name), STR_ARG(l->name));
}

static bool settle_server(struct loader *ld, struct conf *c, struct server_line *l)
{
	bool ok;

	if (!find_section(ld, c, l))
		return false;
	if (!(l->flags & SRV_CHECK))
		return true;
	ok = check_port(ld, l);
	ok &= check_proto(ld, l);
	l->check.tls = wants_tls(chk_script_for(chk_words_for(l)));
	/* The header is for whoever the server normally hears from. */
	if (l->net.proxy_version && !l->check.port && !addr_isset(&l->check.addr) && !(l->flags & SRV_DYNAMIC))
		l->check.send_proxy = true;
	warn_pool(ld, l);
	return ok;
}

bool check_settle_server(struct loader *ld, void *line)
{
	struct server_line *l = line;

	return settle_server(ld, l->proxy->conf, l);
}

/* --- proxies --- */

static void warn_unused(struct loader *ld, const struct proxy *p, const struct chk_words *w)
{
	const char *kind = kind_of(p);

	if (w->tcp && w->tcp->owner == p && w->tcp->n && !w->tcp->used)
		diag_say(ld->diag, DIAG_WARNING, "%s '" STR_FMT "' uses tcp-check rules without 'option tcp-check', so "
						 "the rules are ignored.", kind, STR_ARG(p->name));
	if (w->http && w->http->owner == p && w->http->n && !w->http->used)
		diag_say(ld->diag, DIAG_WARNING, "%s '" STR_FMT "' uses http-check rules without 'option httpchk', so "
						 "the rules are ignored.", kind, STR_ARG(p->name));
}

static bool external_ok(struct loader *ld, const struct conf *c, const struct proxy *p)
{
	static const char option[] = "option external-check";
	bool ok = true;

	if (!c->global.external_check)
		ok = loader_err(ld, "Proxy '" STR_FMT "' : '%s' unable to find required 'global.external-check'.",
				STR_ARG(p->name), option);
	if (!p->ext_check_command.n)
		ok = loader_err(ld, "Proxy '" STR_FMT "' : '%s' unable to find required 'external-check command'.",
				STR_ARG(p->name), option);
	else if (p->ext_check_command.p[0] != '/' && !p->ext_check_path.n)
		ok = loader_err(ld, "Proxy '" STR_FMT "': 'external-check command' does not have a leading '/' and "
				    "'external-check path' is not set.", STR_ARG(p->name));
	if (!c->global.insecure_fork)
		diag_say(ld->diag, DIAG_WARNING,
			 "Proxy '" STR_FMT "' : 'insecure-fork-wanted' not enabled in the global section, '%s' will "
			 "likely fail.", STR_ARG(p->name), option);
	return ok;
}

static bool settle_proxy(struct loader *ld, struct conf *c, struct proxy *p)
{
	struct chk_words *w = p->check;
	struct server_line *l;
	bool ok = true;

	if (w) {
		warn_unused(ld, p, w);
		chk_settle_script(&c->mem, (struct chk_script *)chk_script_for(w));
		if (w->kind == CHK_EXTERNAL)
			ok = external_ok(ld, c, p);
	}
	list_each(l, &p->servers, link)
		ok &= settle_server(ld, c, l);
	return ok;
}

bool check_settle(struct loader *ld, void *conf)
{
	struct conf *c = conf;
	struct conf_section *s;
	struct proxy *p;
	bool ok = true;

	list_each(s, &c->sections, link)
		if (!strcmp(s->kind, "healthcheck"))
			chk_settle_script(&c->mem, (struct chk_script *)chk_script_for(s->obj));
	list_each(p, &c->proxies, link)
		if (p->caps & PR_BE)
			ok &= settle_proxy(ld, c, p);
	return ok;
}
