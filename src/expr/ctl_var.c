/* Runtime commands about variables of the process. */
#include "expr_priv.h"
#include "weir/expr/rows.h"
#include "weir/expr/vars.h"

static enum ctl_result cmd_get(struct ctl_req *r)
{
	struct xctx x = { .mem = r->mem };
	struct sample s = { .type = SMP_ANY };
	struct load_err err;
	struct var_ref ref;
	const char *type;

	if (r->at >= r->n || !r->w[r->at].n)
		return ctl_fail(r, "Missing process-wide variable identifier.");
	if (!var_ref_parse(r->mem, r->w[r->at], &ref, &err) || ref.scope != VAR_PROC || !var_get(&ref, &s, &x))
		return ctl_fail(r, "Variable not found.");
	type = smp_type_name((enum smp_type)s.type);
	if (!smp_cast(&s, SMP_STR, r->mem))
		return ctl_say(r, CTL_INFO, STR_FMT ": type=%s value=<>", STR_ARG(ref.name), type);
	return ctl_say(r, CTL_INFO, STR_FMT ": type=%s value=<" STR_FMT ">", STR_ARG(ref.name), type, STR_ARG(s.s));
}

/* What an expression on the command line may use: nothing that needs a connection. */
static struct xscope cli_scope(struct ctl_req *r)
{
	return (struct xscope){ .mem = r->mem, .file = "CLI", .use = USE_INTRN, .where = "CLI" };
}

static bool format_value(struct xscope *sc, struct str text, struct sample *out, struct xctx *x, struct load_err *err)
{
	struct logfmt *f = logfmt_compile(sc, text, LF_HTTP, err);
	struct sbuf b = sbuf_grow();

	if (!f)
		return false;
	logfmt_build(f, &b, x);
	smp_set_str(out, arena_str(x->mem, sbuf_str(&b)), 0);
	sbuf_fini(&b);
	return true;
}

static enum ctl_result cmd_set(struct ctl_req *r)
{
	struct xctx x = { .mem = r->mem, .final = true };
	struct xscope sc = cli_scope(r);
	struct sample s = { .type = SMP_ANY };
	struct load_err err = { .msg = "" };
	struct var_ref ref;
	struct expr *e;
	int at = r->at + 1;

	if (r->at >= r->n)
		return ctl_fail(r, "Missing process-wide variable identifier.");
	if (at >= r->n)
		return ctl_fail(r, "Missing either 'expr', 'fmt' or expression.");
	if (!var_ref_parse(r->mem, r->w[r->at], &ref, &err))
		return ctl_fail(r, "%s", err.msg);
	if (ref.scope != VAR_PROC)
		return ctl_fail(r, "'set var': cannot set variable '" STR_FMT "', only scope 'proc' is permitted here.",
				STR_ARG(ref.name));
	if (at + 1 < r->n && str_eqz(r->w[at], "fmt")) {
		if (!format_value(&sc, r->w[at + 1], &s, &x, &err))
			return ctl_fail(r, "%s", err.msg);
		var_set(&ref, &s, 0, &x);
		return CTL_DONE;
	}
	if (at + 1 < r->n && str_eqz(r->w[at], "expr"))
		at++;
	e = expr_compile(&sc, r->w[at], NULL, &err);
	if (!e)
		return ctl_fail(r, "%s", err.msg);
	if (expr_eval(e, &s, &x))
		var_set(&ref, &s, 0, &x);
	return CTL_DONE;
}

const struct ctl_row ctl_var_rows[] = {
	{ "get var", CTL_OPERATOR, cmd_get, "<name>", "retrieve contents of a process-wide variable", 0, 0 },
	{ "set var", CTL_OPERATOR, cmd_set, "<name> [fmt|expr] {<fmt>|<expr>}",
	  "set variable from an expression or a format", CTL_F_EXPERIMENTAL, 0 },
	{ 0 },
};
