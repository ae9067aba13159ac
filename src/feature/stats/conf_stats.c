/* The `stats` words of proxies. Any of them switches the page on. */
#include <ctype.h>
#include <unistd.h>

#include "stats_priv.h"
#include "weir/base/num.h"
#include "weir/conf/load.h"
#include "weir/feature/stats/stats.h"
#include "weir/model/sections.h"
#include "weir/model/words.h"

static struct stats_words *words_of(struct kw_call *k)
{
	struct proxy *p = k->obj;
	struct stats_words *w = p->stats;

	if (w && w->owner == p)
		return w;
	p->stats = w = arena_new(k->mem, struct stats_words);
	w->owner = p;
	w->uri = STR("/haproxy?stats");
	w->realm = STR("HAProxy Statistics");
	list_init(&w->rules);
	return w;
}

/* HAProxy takes and ignores what stands behind a whole line. */
static bool rest_ignored(struct kw_call *k)
{
	k->at = k->n;
	return true;
}

static bool parse_enable(struct kw_call *k)
{
	words_of(k);
	return rest_ignored(k);
}

enum { FLAG_HIDE_VERSION, FLAG_LEGENDS, FLAG_MODULES };

static bool parse_flag(struct kw_call *k)
{
	struct stats_words *w = words_of(k);

	if (k->kw->priv == FLAG_HIDE_VERSION)
		w->hide_version = true;
	else if (k->kw->priv == FLAG_LEGENDS)
		w->legends = true;
	return rest_ignored(k);
}

static bool parse_uri(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'uri' needs an URI prefix.");
	words_of(k)->uri = kw_peek(k);
	return rest_ignored(k);
}

static bool check_auth(struct loader *ld, void *arg)
{
	const struct stats_words *w = arg;

	if (list_empty(&w->rules) || (!w->users && !w->realm_said))
		return true;
	return loader_err(ld,
	                  "proxy '" STR_FMT "': stats 'auth'/'realm' and 'http-request' can't be used at the "
	                                    "same time.",
	                  STR_ARG(w->owner->name));
}

static bool parse_realm(struct kw_call *k)
{
	struct stats_words *w = words_of(k);

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'realm' needs an realm name.");
	w->realm = kw_peek(k);
	w->realm_said = true;
	return rest_ignored(k);
}

static bool parse_auth(struct kw_call *k)
{
	struct stats_words *w = words_of(k);
	struct stats_user *u;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'auth' needs a user:password account.");
	u = arena_new(k->mem, struct stats_user);
	u->text = kw_peek(k);
	if (str_chr(u->text, ':') == (size_t)-1)
		u->text = arena_printf(k->mem, STR_FMT ":", STR_ARG(u->text));
	u->next = w->users;
	w->users = u;
	return rest_ignored(k);
}

static bool parse_refresh(struct kw_call *k)
{
	struct str text = kw_peek(k);
	uint64_t s;
	const char *bad = NULL;

	if (!text.n)
		return kw_err(k, k->at, "'refresh' needs a positive interval value (in seconds).");
	switch (num_time(text, TIME_S, TIME_S, &s, &bad)) {
	case NUM_OK:
		break;
	case NUM_BAD:
		return kw_err_at(k, k->at, bad, "unexpected character '%c' in argument to stats refresh interval.",
		                 bad && *bad ? *bad : ' ');
	case NUM_OVER:
		return kw_err(k, k->at, "timer overflow in argument to stats refresh interval : '" STR_FMT "'.",
		              STR_ARG(text));
	}
	words_of(k)->refresh = (unsigned)s;
	return rest_ignored(k);
}

static bool parse_scope(struct kw_call *k)
{
	struct stats_words *w = words_of(k);
	struct stats_scope *s;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'scope' needs a proxy name.");
	s = arena_new(k->mem, struct stats_scope);
	s->name = kw_peek(k);
	s->next = w->scopes;
	w->scopes = s;
	return rest_ignored(k);
}

static bool parse_node(struct kw_call *k)
{
	struct stats_words *w = words_of(k);
	struct str name = kw_peek(k);

	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '-' && name.p[i] != '_')
			return kw_err_at(k, k->at, name.p + i,
			                 "'stats show-node' invalid node name - should be a string"
			                 "with digits(0-9), letters(A-Z, a-z), hyphen(-) or underscode(_).");
	w->show_node = true;
	w->node = name;
	return rest_ignored(k);
}

static bool parse_desc(struct kw_call *k)
{
	const struct conf *c = k->ld->conf;
	struct stats_words *w = words_of(k);

	if (kw_more(k)) {
		w->desc = kw_rest(k);
	} else if (c->global.description.n) {
		w->desc = c->global.description;
	} else {
		kw_warn(k, 0, "'show-desc' requires a parameter or 'desc' to be set in the global section.");
		return true;
	}
	w->show_desc = true;
	return true;
}

static bool parse_admin(struct kw_call *k)
{
	struct stats_words *w = words_of(k);
	struct stats_admin *a;
	struct cond *cond;

	if (!str_eq(kw_peek(k), STR("if")) && !str_eq(kw_peek(k), STR("unless")))
		return kw_err(k, k->at, "'stats admin' requires either 'if' or 'unless' followed by a condition.");
	if (!take_cond(k, RS_HTTP_REQ, "a 'stats admin' rule", &cond))
		return false;
	a = arena_new(k->mem, struct stats_admin);
	a->cond = cond;
	a->next = w->admin;
	w->admin = a;
	return true;
}

static bool parse_rule(struct kw_call *k)
{
	static const char *const actions[] = { "allow", "deny", "auth", NULL };
	struct stats_words *w = words_of(k);
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct rule *r;

	if (kw_choice(kw_peek(k), actions) < 0)
		return kw_err(k, k->at, "'http-request' expects 'allow', 'deny', 'auth', but got '" STR_FMT "'%s.",
		              STR_ARG(kw_peek(k)), kw_more(k) ? "" : " (missing argument)");
	proxy_scope(k, &sc, RS_HTTP_REQ, "stats http-request");
	r = rule_parse(&sc, RS_HTTP_REQ, k->w + k->at, k->n - k->at, &e);
	if (!r)
		return put_rule_err(k, k->at, &e, RS_HTTP_REQ, kw_peek(k));
	if (str_eq(kw_peek(k), STR("auth")) && !r->text.n)
		r->text = w->realm;
	k->at = k->n;
	list_push(&w->rules, &r->link);
	kw_later(k, check_auth, w);
	return true;
}

#define WANTED "expects 'admin', 'uri', 'realm', 'auth', 'scope', 'enable', 'hide-version', 'show-node', " \
	"'show-desc' or 'show-legends'."
static bool parse_unknown(struct kw_call *k)
{
	if (!kw_more(k))
		return kw_err(k, 0, "missing keyword in 'stats', " WANTED);
	if (model_misplaced(k))
		return true;
	return kw_err(k, k->at, "unknown stats parameter '" STR_FMT "', " WANTED, STR_ARG(kw_peek(k)));
}

#define ROW(word, scope, fn, ...) { "stats " word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw stats_kws[STATS_KWS] = {
	ROW("enable", KW_ANYPROXY, parse_enable, .help = "serves the statistics page"),
	ROW("uri", KW_ANYPROXY, parse_uri, .args = "<prefix>", .help = "where the page is served (/haproxy?stats)"),
	ROW("realm", KW_ANYPROXY, parse_realm, .args = "<realm>",
	    .help = "what browsers show when they ask for the password"),
	ROW("auth", KW_ANYPROXY, parse_auth, .args = "<user>:<password>",
	    .help = "who may see the page; may be repeated"),
	ROW("refresh", KW_ANYPROXY, parse_refresh, .args = "<time>", .help = "browsers load the page again so often"),
	ROW("scope", KW_ANYPROXY, parse_scope, .args = "<name>|.", .help = "shows only these proxies; may be repeated"),
	ROW("hide-version", KW_ANYPROXY, parse_flag, .priv = FLAG_HIDE_VERSION, .help = "does not show the version"),
	ROW("show-legends", KW_ANYPROXY, parse_flag, .priv = FLAG_LEGENDS,
	    .help = "shows addresses, cookies, algorithms"),
	ROW("show-modules", KW_ANYPROXY, parse_flag, .priv = FLAG_MODULES,
	    .help = "accepted; all figures are shown always"),
	ROW("show-node", KW_ANYPROXY, parse_node, .args = "[<name>]", .help = "shows the name of the node"),
	ROW("show-desc", KW_ANYPROXY, parse_desc, .args = "[<text>]", .help = "shows a description"),
	ROW("admin", KW_PROXY, parse_admin, .args = "if|unless <condition>",
	    .help = "who may change servers on the page"),
	ROW("http-request", KW_PROXY, parse_rule, .args = "allow | deny | auth [realm <realm>] [if|unless <condition>]",
	    .help = "rules about who may see the page"),
	{ "stats", KW_ANYPROXY, .type = KT_PARSE, .parse = parse_unknown, .flags = KW_F_HIDDEN,
	  .help = "one of the words behind stats" },
};
