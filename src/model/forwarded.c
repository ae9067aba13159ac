/* `option forwarded` and its parameters. */
#include "model.h"
#include "rows.h"

#include "weir/model/forwarded.h"

static bool take_expr(struct kw_call *k, uint8_t *how, struct expr **to)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s': missing expr.", k->kw->name);
	proxy_scope_at(kw_conf(k), kw_proxy(k), k->file, k->line, ruleset_use(RS_HTTP_REQ, true), k->kw->name, &sc);
	*how = FORWARDED_EXPR;
	*to = expr_compile_words(&sc, k->w, k->n, &k->at, &e);
	return *to || kw_err(k, k->at, "'%s': %s.", k->kw->name, e.msg);
}

/* "for", "for-expr <e>", "for_port", "for_port-expr <e>", and the same with "by". False: none of them, or reported. */
static bool take_node(struct kw_call *k, const char *name, struct forwarded_node *n, bool *fault)
{
	struct str w = kw_peek(k), rest = str_skip(w, strlen(name));

	if (!str_starts(w, str_c(name)))
		return false;
	if (rest.n == 0)
		n->how = FORWARDED_OWN;
	else if (str_eqz(rest, "_port"))
		n->port_how = FORWARDED_OWN;
	else if (!str_eqz(rest, "-expr") && !str_eqz(rest, "_port-expr"))
		return false;
	k->at++;
	if (str_eqz(rest, "-expr"))
		*fault = !take_expr(k, &n->how, &n->expr);
	else if (str_eqz(rest, "_port-expr"))
		*fault = !take_expr(k, &n->port_how, &n->port_expr);
	return true;
}

static bool take_parameter(struct kw_call *k, struct forwarded_opt *o)
{
	bool fault = false;

	if (kw_take_if(k, "proto"))
		return o->proto = true;
	if (kw_take_if(k, "host")) {
		o->host_how = FORWARDED_OWN;
		return true;
	}
	if (kw_take_if(k, "host-expr"))
		return take_expr(k, &o->host_how, &o->host_expr);
	if (take_node(k, "by", &o->by, &fault) || take_node(k, "for", &o->forr, &fault))
		return !fault;
	return kw_err(k, k->at, "unknown parameter '" STR_FMT "' for '%s'.", STR_ARG(kw_peek(k)), k->kw->name);
}

static bool check_node(struct kw_call *k, const char *name, const struct forwarded_node *n)
{
	return !n->port_how || n->how ||
	       kw_err(k, k->at, "'%s': '%s_port' needs '%s' as well.", k->kw->name, name, name);
}

static bool parse_forwarded(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct forwarded_opt *o;

	if (k->no || k->dflt) {
		p->forwarded = NULL;
		return true;
	}
	o = arena_new(k->mem, struct forwarded_opt);
	if (!kw_more(k)) {
		o->proto = true;
		o->forr.how = FORWARDED_OWN;
	}
	while (kw_more(k))
		if (!take_parameter(k, o))
			return false;
	if (!check_node(k, "by", &o->by) || !check_node(k, "for", &o->forr))
		return false;
	p->forwarded = o;
	return true;
}

const struct kw model_forwarded[MODEL_FORWARDED] = {
	{ "option forwarded", KW_BE, .type = KT_PARSE, .parse = parse_forwarded, .flags = KW_F_NO | KW_F_DEFAULT,
	  .args = "[proto] [host | host-expr <expr>] [by[_port] | by[_port]-expr <expr>] [for[_port] | "
		  "for[_port]-expr <expr>]",
	  .help = "tell servers where a request came from in the standard field (RFC 7239)" },
};
