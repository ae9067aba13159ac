/* hash <expression>: by whatever an expression gives. rdp-cookie(name) is the expression for that cookie, under a
 * name of its own. log-hash <converters>: by what converters make of a log line (mode log). */
#include "weir/expr/compile.h"
#include "weir/model/words.h"
#include "lb_priv.h"

static bool expr_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	struct sample smp = { 0 };

	if (!expr_eval_as(w->expr, SMP_BIN, &smp, r->x) || (!smp.s.n && w->name.n))
		return false;
	*hash = lb_hash(w, smp.s);
	return true;
}

/* What is there when a server is to be chosen. */
static struct expr *compile(struct kw_call *k, struct str text)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;
	struct expr *expr;
	char before[200];

	proxy_scope(k, &sc, RS_HTTP_REQ, "'balance hash' expression");
	expr = expr_compile(&sc, text, NULL, &e);
	if (!expr) {
		snprintf(before, sizeof(before), "failed to parse 'balance hash' expression '%.*s' in : ",
			 (int)MIN(text.n, (size_t)100), text.p);
		put_load_err(k, k->at, &e, before, ".");
		return NULL;
	}
	if (expr_uses(expr) & ~sc.use & ~(uint32_t)USE_INTRN && !(expr_uses(expr) & sc.use)) {
		kw_err(k, k->at,
		       "error detected while parsing 'balance hash' expression '" STR_FMT
		       "' which requires information that is not available here.",
		       STR_ARG(text));
		return NULL;
	}
	return expr;
}

static bool hash_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	(void)in;
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "balance hash requires a sample expression.");
	if (k->at + 1 < k->n)
		return kw_err(k, k->at + 1, "balance hash takes no other argument (got '" STR_FMT "').",
			      STR_ARG(k->w[k->at + 1]));
	w->expr = compile(k, kw_peek(k));
	k->at++;
	return w->expr != NULL;
}

static bool rdp_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	if (in.p && !in.n)
		return kw_err(k, k->at - 1, "balance rdp-cookie : missing cookie name.");
	w->name = in.n ? in : STR("mstshash");
	w->expr = compile(k, arena_printf(k->mem, "req.rdp_cookie(" STR_FMT ")", STR_ARG(w->name)));
	return w->expr != NULL;
}

const struct lb_row lb_expr = {
	.name = "hash",
	.modes = LB_CONNS | LB_LOGS,
	.args = "<expression>",
	.parse = hash_parse,
	.build = lb_keyed_build,
	.key = expr_key,
	.help = "by the value of an expression",
};

const struct lb_row lb_rdp_cookie = {
	.name = "rdp-cookie",
	.args = "[(<name>)]",
	.parse = rdp_parse,
	.build = lb_keyed_build,
	.key = expr_key,
	.help = "by a cookie (mstshash) of the remote desktop protocol",
};

/* The text of the line, which stands where requests have their bytes. */
static bool line_text(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	(void)args;
	(void)row;
	smp_set_str(out, x->req_buf, SMP_F_CONST);
	return true;
}

static const struct fetch_row line_row = { "log line", line_text, .out = SMP_STR, .use = USE_INTRN };

static bool log_hash_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	struct load_err e = { .msg = "" };
	struct xscope sc;

	(void)in;
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, "balance log-hash requires a converter list.");
	if (k->at + 1 < k->n)
		return kw_err(k, k->at + 1, "balance log-hash takes no other argument (got '" STR_FMT "').",
			      STR_ARG(k->w[k->at + 1]));
	proxy_scope(k, &sc, RS_HTTP_REQ, "'balance log-hash' converters");
	w->expr = expr_compile_over(&sc, &line_row, kw_peek(k), &e);
	if (!w->expr)
		return put_load_err(k, k->at, &e, "balance log-hash : ", ".");
	k->at++;
	return true;
}

const struct lb_row lb_log_hash = {
	.name = "log-hash",
	.args = "<converters>",
	.modes = LB_LOGS,
	.parse = log_hash_parse,
	.build = lb_keyed_build,
	.key = expr_key,
	.help = "by what converters make of a log line (mode log)",
};
