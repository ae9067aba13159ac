/* Between the loader's lines and the compilers of the expr floor. */
#include "model.h"

#include <stdio.h>

/* Data that is there when a ruleset runs, from the client's side to the server's. */
#define USE_CLIENT (USE_INTRN | USE_LISTN | USE_FTEND | USE_L4CLI | USE_TRACK)
#define USE_REQUEST (USE_L6REQ | USE_HRQHV | USE_HRQHP | USE_HRQBO)
#define USE_SERVER (USE_BKEND | USE_SERVR | USE_L4SRV | USE_L5SRV)
#define USE_RESPONSE (USE_L6RES | USE_HRSHV | USE_HRSHP | USE_HRSBO)
#define USE_ENDS (USE_RQFIN | USE_RSFIN | USE_TXFIN | USE_SSFIN)

uint32_t ruleset_use(uint32_t set, bool backend)
{
	switch (set) {
	case RS_TCP_CONN:
		return USE_CLIENT;
	case RS_TCP_SESS:
		return USE_CLIENT | USE_L5CLI;
	case RS_TCP_REQ:
	case RS_HTTP_REQ:
		return USE_CLIENT | USE_L5CLI | USE_REQUEST | (backend ? USE_BKEND : 0);
	case RS_TCP_RES:
	case RS_HTTP_RES:
	case RS_HTTP_AFTER:
		return USE_CLIENT | USE_L5CLI | USE_HRQHP | USE_SERVER | USE_RESPONSE;
	}
	return USE_CLIENT;
}

uint32_t log_use(void)
{
	return USE_CLIENT | USE_L5CLI | USE_HRQHP | USE_SERVER | USE_HRSHP | USE_ENDS;
}

void proxy_scope_at(struct conf *c, struct proxy *p, const char *file, int line, uint32_t use, const char *where,
					struct xscope *sc)
{
	*sc = (struct xscope){
		.mem = &c->mem, .file = file, .line = line, .use = use, .where = where, .proxy = p, .pats = c->pats,
		.acls = p ? &p->acls : NULL, .unresolved = &c->unresolved,
	};
}

/* Where a ruleset's conditions run, as warnings call it. */
static const char *place_of(uint32_t set, bool backend)
{
	static const struct { uint32_t set; const char *fe, *be; } places[] = {
		{ RS_TCP_CONN, "frontend tcp-request connection rule", "frontend tcp-request connection rule" },
		{ RS_TCP_SESS, "frontend tcp-request session rule", "frontend tcp-request session rule" },
		{ RS_TCP_REQ, "frontend tcp-request content rule", "backend tcp-request content rule" },
		{ RS_TCP_RES, "frontend tcp-response content rule", "backend tcp-response content rule" },
		{ RS_HTTP_REQ, "frontend http-request header rule", "backend http-request header rule" },
		{ RS_HTTP_RES, "frontend http-response header rule", "backend http-response header rule" },
		{ RS_HTTP_AFTER, "frontend http-response header rule", "backend http-response header rule" },
	};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (places[i].set == set)
			return backend ? places[i].be : places[i].fe;
	return NULL;
}

static void warn_line(struct xscope *sc, const char *text)
{
	kw_warn(sc->warn_arg, 0, "%s", text);
}

void proxy_scope(struct kw_call *k, struct xscope *sc, uint32_t set, const char *where)
{
	struct proxy *p = k->proxy;
	bool backend = p && p->caps & (PR_BE | PR_DEFAULTS);
	const char *place = place_of(set, p && !(p->caps & (PR_FE | PR_DEFAULTS)));

	proxy_scope_at(kw_conf(k), p, k->file, k->line, set ? ruleset_use(set, backend) : log_use(),
		       place ? place : where, sc);
	sc->warn = warn_line;
	sc->warn_arg = k;
	sc->experimental = k->ld->experimental;
	if (set & (RS_TCP_CONN | RS_TCP_SESS | RS_TCP_REQ | RS_TCP_RES))
		sc->acl_in = ruleset_name(set);
	if (set == RS_HTTP_REQ)
		sc->args_in = "http-request expression";
	else if (set == RS_HTTP_RES)
		sc->args_in = "http-response expression";
}

bool put_load_err(struct kw_call *k, int word, const struct load_err *e, const char *before, const char *after)
{
	char text[sizeof(e->msg) + 300];
	int at = word;

	for (int i = 0; e->at && i < k->n; i++)
		if (e->at >= k->w[i].p && e->at <= k->w[i].p + k->w[i].n)
			at = i;
	if (e->near[0])
		kw_hint(k, "'%s' ?", e->near);
	snprintf(text, sizeof(text), "%s%s%s", e->whole ? "" : before, e->msg, e->whole ? "" : after);
	if (e->at && at < k->n && e->at >= k->w[at].p && e->at <= k->w[at].p + k->w[at].n)
		return kw_err_at(k, at, e->at, "%s", text);
	return kw_err(k, at, "%s", text);
}

static int word_of(const struct kw_call *k, struct str w)
{
	for (int i = 0; i < k->n; i++)
		if (k->w[i].p == w.p)
			return i;
	return 0;
}

static bool is_unless(const struct kw_call *k)
{
	for (int i = k->at; i < k->n; i++)
		if (str_eqz(k->w[i], "if"))
			return false;
	return true;
}

bool put_rule_err(struct kw_call *k, int word, const struct load_err *e, uint32_t set, struct str w)
{
	const struct proxy *p = k->proxy;
	bool tcp = p && set & (RS_TCP_CONN | RS_TCP_SESS | RS_TCP_REQ | RS_TCP_RES);
	char before[300];

	w = str_head(w, 100);
	/* Rules over connections have another wording, without a full stop. */
	if (e->stray.p && tcp) {
		return kw_err_at(k, word_of(k, e->stray), e->stray.p,
				 "'%s " STR_FMT "' only accepts 'if' or 'unless', in %s '" STR_FMT "' (got '" STR_FMT
				 "')", ruleset_name(set), STR_ARG(w), proxy_kind(p), STR_ARG(p->name),
				 STR_ARG(e->stray));
	}
	if (tcp && !e->in_cond)
		return put_load_err(k, word, e, "", "");
	if (tcp) {
		snprintf(before, sizeof(before), "'%s " STR_FMT "' : error detected in %s '%.100s' while parsing '%s' "
			 "condition : ", ruleset_name(set), STR_ARG(w), proxy_kind(p), p->name.n ? p->name.p : "",
			 is_unless(k) ? "unless" : "if");
		return put_load_err(k, word, e, before, "");
	}
	if (e->in_cond)
		snprintf(before, sizeof(before), "error detected while parsing an '%s " STR_FMT "' condition : ",
		         ruleset_name(set), STR_ARG(w));
	else
		snprintf(before, sizeof(before), "error detected in %s '%.100s' while parsing '%s " STR_FMT "' rule : ",
		         p ? proxy_kind(p) : "section", p && p->name.p ? p->name.p : "", ruleset_name(set), STR_ARG(w));
	return put_load_err(k, word, e, before, ".");
}

bool take_cond(struct kw_call *k, uint32_t set, const char *what, struct cond **cond)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	char before[160];
	bool unless = str_eq(kw_peek(k), STR("unless"));

	*cond = NULL;
	if (!unless && !str_eq(kw_peek(k), STR("if")))
		return true;
	k->at++;
	proxy_scope(k, &sc, set, what);
	*cond = cond_compile(&sc, k->w + k->at, k->n - k->at, unless, &e);
	if (*cond) {
		k->at = k->n;
		return true;
	}
	snprintf(before, sizeof(before), "error detected while parsing %s : ", what);
	return put_load_err(k, k->at, &e, before, ".");
}
