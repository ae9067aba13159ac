/* Variables: the actions set-var, set-var-fmt, unset-var, the converters set-var and unset-var, and the words of the
 * global section that set variables of the process. */
#include <stdio.h>
#include "act_priv.h"
#include "weir/base/num.h"
#include "weir/expr/vars.h"

/* "name,cond,cond" in brackets. */
static struct var_ref *parse_name(struct xscope *sc, struct str text, unsigned *cond, struct load_err *err)
{
	struct var_ref *ref = arena_new(sc->mem, struct var_ref);
	struct str rest = text, name = str_cut(&rest, ',');

	if (!var_ref_parse(sc->mem, name, ref, err))
		return NULL;
	while (rest.p) {
		struct str word = str_cut(&rest, ',');

		if (!var_cond_parse(word, cond)) {
			load_err_set(err, word.p, "unknown condition \"" STR_FMT "\"", STR_ARG(word));
			return NULL;
		}
	}
	var_declare(ref);
	return ref;
}

/* Which kinds of scopes a ruleset has: a session's rules know no transaction. */
static bool scope_fits(const struct rule *r, const struct var_ref *ref, struct load_err *err)
{
	bool early = r->set & (RS_TCP_CONN | RS_TCP_SESS | RS_QUIC_INIT);

	if (!early || ref->scope == VAR_PROC || ref->scope == VAR_SESS)
		return true;
	load_err_set(err, NULL, "variables of '" STR_FMT "' do not exist yet in '%s' rules, only 'proc' and 'sess' do",
		     STR_ARG(str_head(ref->name, str_chr(ref->name, '.'))), ruleset_name(r->set));
	return false;
}

enum { SET_EXPR, SET_FMT, UNSET };

static bool parse_set(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
		      struct load_err *err)
{
	unsigned cond = 0;
	struct var_ref *ref;

	if (!brackets.p) {
		load_err_set(err, w[0].p, "invalid or incomplete action '" STR_FMT "'. Expects 'set-var(<var-name>)', "
			     "'set-var-fmt(<var-name>)' or 'unset-var(<var-name>)'", STR_ARG(w[0]));
		return false;
	}
	ref = parse_name(sc, brackets, &cond, err);
	if (!ref || !scope_fits(r, ref, err))
		return false;
	r->arg = ref;
	r->num = cond;
	if (r->action->priv == SET_EXPR) {
		r->expr = expr_compile_words(sc, w, n, at, err);
		return r->expr != NULL;
	}
	if (r->action->priv == SET_FMT) {
		r->fmt = logfmt_compile(sc, *at < n ? w[*at] : STR(""), LF_HTTP, err);
		*at += *at < n;
		return r->fmt != NULL;
	}
	return true;
}

static enum act_result exec_set(const struct rule *r, struct xctx *x)
{
	struct sample s;

	if (r->action->priv == SET_FMT) {
		memset(&s, 0, sizeof(s));
		smp_set_str(&s, act_text(r->fmt, x), SMP_F_CONST);
		var_set(r->arg, &s, (unsigned)r->num, x);
	} else if (expr_eval(r->expr, &s, x)) {
		var_set(r->arg, &s, (unsigned)r->num, x);
	}
	return ACT_NEXT;
}

static enum act_result exec_unset(const struct rule *r, struct xctx *x)
{
	var_unset(r->arg, x);
	return ACT_NEXT;
}

#define EVERYWHERE (RS_TCP_CONN | RS_TCP_SESS | RS_TCP_REQ | RS_TCP_RES | RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER | \
		    RS_QUIC_INIT | RS_CHECK)
const struct action_row act_var_rows[ACT_VAR_ROWS] = {
	{ "set-var-fmt(*)", EVERYWHERE, parse_set, exec_set, false, "<fmt>", "sets a variable to a format's text",
	  SET_FMT },
	{ "set-var(*)", EVERYWHERE, parse_set, exec_set, false, "<expr>", "sets a variable to an expression's value",
	  SET_EXPR },
	{ "unset-var(*)", EVERYWHERE, parse_set, exec_unset, false, "", "takes a variable's value away", UNSET },
};

/* --- converters --- */

static bool check_set(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	unsigned cond = 0;

	for (int i = 1; i < n; i++)
		if (a[i].s.n && !var_cond_parse(a[i].s, &cond)) {
			load_err_set(err, NULL, "unknown condition \"" STR_FMT "\"", STR_ARG(a[i].s));
			return false;
		}
	var_declare(a[0].p);
	a[1].i = cond;
	return true;
}

static bool conv_set(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	var_set(args[0].p, smp, (unsigned)args[1].i, x);
	return true;
}

static bool conv_unset(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row)
{
	var_unset(args[0].p, x);
	return true;
}

const struct conv_row conv_var_rows[CONV_VAR_ROWS] = {
	{ "set-var", conv_set, { 1, { ARG_VAR, ARG_STR, ARG_STR, ARG_STR, ARG_STR } }, check_set, SMP_ANY, SMP_SAME,
	  "sets a variable to the input, if the conditions hold, and passes it on", 0 },
	{ "unset-var", conv_unset, { 1, { ARG_VAR } }, NULL, SMP_ANY, SMP_SAME,
	  "takes a variable's value away and passes the input on", 0 },
};
