/* Lines that are rules: tcp-request, http-request and so on, acl, redirect, use_backend, use-server, persistence. */
#include "model.h"
#include "rows.h"

#include <stdio.h>

#include "weir/base/num.h"

static bool anonymous_defaults(const struct kw_call *k)
{
	return k->scope == KW_DEFAULTS && !kw_proxy(k)->name.n;
}

/* HAProxy tells it for the rules over messages only, and not behind a service. */
static void warn_behind_final(struct kw_call *k, struct list *to)
{
	struct rule *last = list_empty(to) ? NULL : list_last(to, struct rule, link);

	if (last && !last->cond && last->action->final && last->set & (RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER) &&
	    strcmp(last->action->name, "use-service") != 0)
		kw_warn(k, 0, "previous '%s' action is final and has no condition attached, further entries are NOOP.",
			k->kw->name);
}

static void add_rule(struct list *to, struct rule *r)
{
	list_push(to, &r->link);
}

/* The action and its condition, from word k->at on, into a list of the proxy. */
static bool take_rule(struct kw_call *k, uint32_t set, struct list *to, const char *where)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct rule *r;

	proxy_scope(k, &sc, set, where);
	r = rule_parse(&sc, set, k->w + k->at, k->n - k->at, &e);
	if (!r)
		return put_rule_err(k, k->at < k->n ? k->at : 0, &e, set, kw_peek(k));
	k->at = k->n;
	warn_behind_final(k, to);
	add_rule(to, r);
	return true;
}

static bool parse_http_rule(struct kw_call *k)
{
	static const struct { uint32_t set; size_t list; const char *where; int rank; } kinds[] = {
		{ RS_HTTP_REQ, offsetof(struct proxy, http_req), "http-request", RANK_HTTP_REQ },
		{ RS_HTTP_RES, offsetof(struct proxy, http_res), "http-response", -1 },
		{ RS_HTTP_AFTER, offsetof(struct proxy, http_after), "http-after-response", -1 },
	};
	struct proxy *p = kw_proxy(k);
	int kind = k->kw->priv;

	if (anonymous_defaults(k))
		return kw_err(k, 0, "'%s' not allowed in anonymous 'defaults' section.", k->kw->name);
	if (kinds[kind].rank >= 0)
		warn_misplaced(k, (enum rule_rank)kinds[kind].rank, k->kw->name);
	return take_rule(k, kinds[kind].set, (struct list *)((char *)p + kinds[kind].list), kinds[kind].where);
}

static bool inspect_delay(struct kw_call *k, unsigned *delay)
{
	const struct proxy *p = kw_proxy(k);
	const char *bad = NULL;
	uint64_t ms;
	char why[64] = "";

	if (anonymous_defaults(k))
		return kw_err(k, 0, "%s inspect-delay is not allowed in anonymous 'defaults' sections", k->kw->name);
	k->at++;
	if (kw_peek(k).n && num_time(kw_peek(k), TIME_MS, TIME_MS, &ms, &bad) == NUM_OK) {
		k->at++;
		*delay = (unsigned)ms;
		return true;
	}
	if (bad && *bad)
		snprintf(why, sizeof(why), " (unexpected character '%c')", *bad);
	return kw_err(k, k->at, "'%s inspect-delay' expects a positive delay in milliseconds, in %s '" STR_FMT "'%s",
		      k->kw->name, proxy_kind(p), STR_ARG(p->name), why);
}

/* tcp-request connection|session|content <action> ..., tcp-request inspect-delay <time> */
static bool parse_tcp_request(struct kw_call *k)
{
	static const struct {
		const char *name;
		uint32_t set;
		size_t list;
		const char *where;
		int rank;
		bool front;
	} kinds[] = {
		{ "connection", RS_TCP_CONN, offsetof(struct proxy, tcp_conn), "tcp-request connection",
		  RANK_TCP_CONN, true },
		{ "session", RS_TCP_SESS, offsetof(struct proxy, tcp_sess), "tcp-request session", RANK_TCP_SESS,
		  true },
		{ "content", RS_TCP_REQ, offsetof(struct proxy, tcp_req), "tcp-request content", RANK_TCP_REQ,
		  false },
	};
	struct proxy *p = kw_proxy(k);
	size_t i = 0;

	if (str_eq(kw_peek(k), STR("inspect-delay")))
		return inspect_delay(k, &p->t_inspect_req);
	while (i < ARRAY_LEN(kinds) && !str_eqz(kw_peek(k), kinds[i].name))
		i++;
	if (i == ARRAY_LEN(kinds)) {
		kw_hint(k, "connection, session, content or inspect-delay");
		if (!kw_more(k))
			return kw_err(k, k->at, "missing argument for 'tcp-request' in %s '" STR_FMT "'", proxy_kind(p),
				      STR_ARG(p->name));
		return kw_err(k, k->at,
			      "'tcp-request' expects 'inspect-delay', 'connection', or 'content' in %s '" STR_FMT
			      "' (got '" STR_FMT "')",
			      proxy_kind(p), STR_ARG(p->name), STR_ARG(kw_peek(k)));
	}
	if (anonymous_defaults(k))
		return kw_err(k, 0, "%s is not allowed in anonymous 'defaults' sections", kinds[i].where);
	if (kinds[i].front && !(p->caps & (PR_FE | PR_DEFAULTS)))
		return kw_err(k, 0, "%s is not allowed because %s " STR_FMT " is not a frontend", kinds[i].where,
			      proxy_kind(p), STR_ARG(p->name));
	k->at++;
	warn_misplaced(k, (enum rule_rank)kinds[i].rank, "tcp-request");
	return take_rule(k, kinds[i].set, (struct list *)((char *)p + kinds[i].list), kinds[i].where);
}

static bool parse_tcp_response(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);

	if (str_eq(kw_peek(k), STR("inspect-delay")))
		return inspect_delay(k, &p->t_inspect_res);
	if (!str_eq(kw_peek(k), STR("content"))) {
		kw_hint(k, "content or inspect-delay");
		if (!kw_more(k))
			return kw_err(k, k->at, "missing argument for 'tcp-response' in %s '" STR_FMT "'",
				      proxy_kind(p), STR_ARG(p->name));
		return kw_err(k, k->at,
			      "'tcp-response' expects 'inspect-delay' or 'content' in %s '" STR_FMT "' (got '" STR_FMT
			      "')",
			      proxy_kind(p), STR_ARG(p->name), STR_ARG(kw_peek(k)));
	}
	if (anonymous_defaults(k))
		return kw_err(k, 0, "tcp-response content is not allowed in anonymous 'defaults' sections");
	k->at++;
	return take_rule(k, RS_TCP_RES, &p->tcp_res, "tcp-response content");
}

/* An old form of http-request redirect, run behind all http-request rules. */
static bool parse_redirect(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct rule *r;
	char before[256];

	proxy_scope(k, &sc, RS_HTTP_REQ, "redirect");
	r = rule_parse(&sc, RS_HTTP_REQ, k->w, k->n, &e);
	if (!r) {
		snprintf(before, sizeof(before), "error detected in %s '%.100s' while parsing redirect rule : %s",
			 proxy_kind(p), p->name.p, e.in_cond ? "error in condition: " : "");
		return put_load_err(k, k->at < k->n ? k->at : 0, &e, before, ".");
	}
	k->at = k->n;
	warn_misplaced(k, RANK_REDIRECT, "redirect");
	add_rule(&p->redirects, r);
	return true;
}

static bool parse_acl(struct kw_call *k)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct str name = kw_peek(k);
	char before[256];

	if (anonymous_defaults(k))
		return kw_err(k, 0, "'acl' not allowed in anonymous 'defaults' section.");
	proxy_scope(k, &sc, 0, "acl");
	sc.use = UINT32_MAX;
	if (acl_declare(&sc, k->w + k->at, k->n - k->at, &e)) {
		k->at = k->n;
		return true;
	}
	snprintf(before, sizeof(before), "error detected while parsing ACL '%.100s' : ", name.n ? name.p : "");
	return put_load_err(k, k->at < k->n ? k->at : 0, &e, before, ".");
}

/* --- use_backend --- */

static bool is_dynamic(struct str name)
{
	return str_find(name, STR("%[")) != (size_t)-1;
}

static bool take_format(struct kw_call *k, struct str text, uint32_t set, struct logfmt **out)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	char before[160];

	proxy_scope(k, &sc, set, k->kw->name);
	*out = logfmt_compile(&sc, text, LF_HTTP | LF_HEADER_VALUE, &e);
	snprintf(before, sizeof(before), "failed to parse %s rule '%.100s' : ", k->kw->name, text.p);
	return *out || put_load_err(k, 1, &e, before, ".");
}

static bool parse_use_backend(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct use_backend *u;
	struct str name = kw_peek(k);

	if (!name.n)
		return kw_err(k, k->at, "'use_backend' expects a backend name.");
	k->at++;
	if (kw_more(k) && !str_eq(kw_peek(k), STR("if")) && !str_eq(kw_peek(k), STR("unless")))
		return kw_err(k, k->at,
			      "unexpected keyword '" STR_FMT "' after switching rule, only 'if' and 'unless' are "
			      "allowed.",
			      STR_ARG(kw_peek(k)));
	u = arena_new(k->mem, struct use_backend);
	u->file = k->file;
	u->line = k->line;
	u->name = name;
	if (!take_cond(k, RS_HTTP_REQ, "switching rule", &u->cond))
		return false;
	if (is_dynamic(name) && !take_format(k, name, RS_HTTP_REQ, &u->dyn))
		return false;
	warn_misplaced(k, RANK_USE_BACKEND, "use_backend");
	list_push(&p->switching, &u->link);
	return true;
}

static bool parse_use_server(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct use_server *u;
	struct str name = kw_peek(k);

	if (!name.n)
		return kw_err(k, k->at, "'use-server' expects a server name.");
	k->at++;
	if (!str_eq(kw_peek(k), STR("if")) && !str_eq(kw_peek(k), STR("unless")))
		return kw_err(k, k->at, "'use-server' requires either 'if' or 'unless' followed by a condition.");
	u = arena_new(k->mem, struct use_server);
	u->file = k->file;
	u->line = k->line;
	u->name = name;
	if (!take_cond(k, RS_HTTP_REQ, "switching rule", &u->cond))
		return false;
	if (is_dynamic(name) && !take_format(k, name, RS_HTTP_REQ, &u->dyn))
		return false;
	list_push(&p->server_rules, &u->link);
	return true;
}

/* force-persist, ignore-persist, force-be-switch */
static bool parse_persist_rule(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct persist_rule *r;
	struct cond *cond;
	char what[64];

	if (!str_eq(kw_peek(k), STR("if")) && !str_eq(kw_peek(k), STR("unless")))
		return kw_err(k, k->at, "'%s' requires either 'if' or 'unless' followed by a condition.", k->kw->name);
	snprintf(what, sizeof(what), "a '%s' rule", k->kw->name);
	if (!take_cond(k, RS_HTTP_REQ, what, &cond))
		return false;
	r = arena_new(k->mem, struct persist_rule);
	r->cond = cond;
	r->force = k->kw->priv == 1;
	list_push(k->kw->priv == 2 ? &p->force_be_switch : &p->persist_rules, &r->link);
	return true;
}

#define KW(word, scope, fn, ...) { word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
#define RULE "<action> [if|unless <condition>]"
const struct kw model_rules[MODEL_RULES] = {
	KW("http-request", KW_ANYPROXY, parse_http_rule, .args = RULE, .flags = KW_F_RULE, .priv = 0,
	   .help = "rules over each request"),
	KW("http-response", KW_ANYPROXY, parse_http_rule, .args = RULE, .flags = KW_F_RULE, .priv = 1,
	   .help = "rules over each answer of a server"),
	KW("http-after-response", KW_ANYPROXY, parse_http_rule, .args = RULE, .flags = KW_F_RULE, .priv = 2,
	   .help = "rules over every answer, those made here too"),
	KW("tcp-request", KW_ANYPROXY, parse_tcp_request,
	   .args = "connection|session|content " RULE " | inspect-delay <time>", .flags = KW_F_RULE,
	   .help = "rules over connections, sessions and their first bytes"),
	KW("tcp-response", KW_BE, parse_tcp_response, .args = "content " RULE " | inspect-delay <time>",
	   .flags = KW_F_RULE, .help = "rules over the first bytes of a server"),
	KW("acl", KW_ANYPROXY, parse_acl, .args = "<name> <test> [flags] [operator] [<value>...]",
	   .help = "a named test for conditions"),
	KW("redirect", KW_PROXY, parse_redirect,
	   .args = "location|prefix|scheme <to> [code <code>] [<option>...] [if|unless "
		   "<condition>]",
	   .help = "answers with a redirection, behind all http-request rules"),
	KW("use_backend", KW_FRONTEND | KW_LISTEN, parse_use_backend, .args = "<backend> [if|unless <condition>]",
	   .help = "where requests go"),
	KW("use-server", KW_BACKEND | KW_LISTEN, parse_use_server, .args = "<server> if|unless <condition>",
	   .help = "which server takes a request"),
	KW("force-persist", KW_BACKEND | KW_LISTEN, parse_persist_rule, .args = "if|unless <condition>", .priv = 1,
	   .help = "follow a cookie even to a server that is down"),
	KW("ignore-persist", KW_BACKEND | KW_LISTEN, parse_persist_rule, .args = "if|unless <condition>",
	   .help = "do not follow cookies"),
	KW("force-be-switch", KW_FRONTEND | KW_LISTEN, parse_persist_rule, .args = "if|unless <condition>", .priv = 2,
	   .help = "let requests reach backends that are not published"),
};
