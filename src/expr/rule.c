/* Rules: "<action> [arguments] [if|unless condition]", and running a list of them. */
#include <stdio.h>
#include "expr_priv.h"

static const struct { uint32_t set; const char *name; } sets[] = {
	{ RS_TCP_CONN, "tcp-request connection" }, { RS_TCP_SESS, "tcp-request session" },
	{ RS_TCP_REQ, "tcp-request content" }, { RS_TCP_RES, "tcp-response content" }, { RS_HTTP_REQ, "http-request" },
	{ RS_HTTP_RES, "http-response" }, { RS_HTTP_AFTER, "http-after-response" }, { RS_QUIC_INIT, "quic-initial" },
	{ RS_CHECK, "tcp-check" },
};

const char *ruleset_name(uint32_t set)
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (sets[i].set == set)
			return sets[i].name;
	return "";
}

/* --- actions by name --- */

static bool digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* "name(*)" fits "name", "name(text" with or without its end, and "name5". */
static bool fits(const char *row, struct str word)
{
	size_t n = strlen(row);
	struct str rest;

	if (n < 3 || strcmp(row + n - 3, "(*)") != 0)
		return str_eqz(word, row);
	if (!str_starts(word, str_make(row, n - 3)))
		return false;
	rest = str_skip(word, n - 3);
	return !rest.n || rest.p[0] == '(' || digits(rest);
}

static const struct action_row *action_find(uint32_t set, struct str word)
{
	const struct expr_tables *all = expr_get_tables();

	for (const struct action_table *t = all ? all->actions : NULL; t && t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			if ((t->rows[i].sets & set) && fits(t->rows[i].name, word))
				return &t->rows[i];
	return NULL;
}

static void unknown_action(uint32_t set, struct str word, struct load_err *err)
{
	const struct expr_tables *all = expr_get_tables();
	size_t size = sizeof(err->msg), n = 0;
	struct row_near near;
	const char *best;

	err->at = word.p;
	err->near[0] = '\0';
	if (expr_known_action(word)) {
		load_err_set(err, word.p, EXPR_KNOWN, "action", STR_ARG(word));
		return;
	}
	row_near_init(&near, str_head(word, str_chr(word, '(')));
	n += (size_t)snprintf(err->msg, size, "'%s' expects", ruleset_name(set));
	for (const struct action_table *t = all ? all->actions : NULL; t && t->rows; t++)
		for (size_t i = 0; i < t->n; i++) {
			if (!(t->rows[i].sets & set))
				continue;
			row_near_try(&near, t->rows[i].name);
			if (n < size - 300)
				n += (size_t)snprintf(err->msg + n, size - n, " '%s',", t->rows[i].name);
		}
	best = row_near_best(&near);
	snprintf(err->msg + n, size - n, " but got '" STR_FMT "'.%s%s%s", STR_ARG(str_head(word, 100)),
		 best ? " Did you mean '" : "", best ? best : "", best ? "' maybe ?" : "");
	load_err_near(err, best);
	err->whole = true;
}

/* The text in the brackets of "name(text)", the digits of "name5", or nothing. */
static bool brackets_of(const struct action_row *row, struct str word, struct str *out, struct load_err *err)
{
	size_t n = strlen(row->name);
	struct str rest;

	*out = STR_NONE;
	if (n < 3 || strcmp(row->name + n - 3, "(*)") != 0)
		return true;
	rest = str_skip(word, n - 3);
	if (!rest.n)
		return true;
	if (rest.p[0] != '(') {
		*out = rest;
		return true;
	}
	if (rest.p[rest.n - 1] != ')') {
		load_err_set(err, rest.p, "incomplete argument after action '" STR_FMT "'. Expects '%s'", STR_ARG(word),
			     row->name);
		return false;
	}
	*out = str_make(rest.p + 1, rest.n - 2);
	return true;
}

static bool parse_cond(struct rule *r, struct xscope *sc, const struct str *w, int n, int at, struct load_err *err)
{
	bool unless;

	if (at >= n || !w[at].n)
		return true;
	unless = str_eqz(w[at], "unless");
	if (!unless && !str_eqz(w[at], "if")) {
		load_err_set(err, w[at].p,
			     "'%s " STR_FMT "' expects either 'if' or 'unless' followed by a condition but "
			     "found '" STR_FMT "'.",
			     ruleset_name(r->set), STR_ARG(w[0]), STR_ARG(w[at]));
		err->whole = true;
		err->stray = w[at];
		return false;
	}
	r->cond = cond_compile(sc, w + at + 1, n - at - 1, unless, err);
	if (!r->cond)
		err->in_cond = true;
	return r->cond != NULL;
}

struct rule *rule_parse(struct xscope *sc, uint32_t set, const struct str *w, int n, struct load_err *err)
{
	const struct action_row *row;
	struct str brackets;
	struct rule *r;
	int at = 1;

	err->whole = err->in_cond = false;
	err->at = NULL;
	err->stray = STR_NONE;
	row = n ? action_find(set, w[0]) : NULL;
	if (!row) {
		unknown_action(set, n ? w[0] : STR(""), err);
		return NULL;
	}
	if (row->experimental && !sc->experimental) {
		load_err_set(err, w[0].p,
			     "'%s' action is experimental, must be allowed via a global "
			     "'expose-experimental-directives'",
			     row->name);
		err->whole = true;
		return NULL;
	}
	r = arena_new(sc->mem, struct rule);
	*r = (struct rule){ .action = row, .file = sc->file, .line = sc->line, .set = set };
	list_init(&r->link);
	if (!brackets_of(row, w[0], &brackets, err))
		return NULL;
	if (row->parse && !row->parse(r, sc, w, n, &at, brackets, err))
		return NULL;
	return parse_cond(r, sc, w, n, at, err) ? r : NULL;
}

/* --- running --- */

enum act_result rules_run(const struct list *rules, const struct rule **at, struct xctx *x)
{
	const struct rule *r = *at ? *at : list_first(rules, struct rule, link);
	bool resumed = x->in_action && *at;

	x->in_action = false;
	for (; &r->link != rules; r = container_of(r->link.next, const struct rule, link)) {
		enum cond_result c = resumed || !r->cond ? COND_TRUE : cond_eval(r->cond, x);
		enum act_result a = c == COND_WAIT ? ACT_WAIT : ACT_NEXT;

		resumed = false;
		if (c == COND_TRUE) {
			a = r->action->exec(r, x);
			x->in_action = a == ACT_WAIT;
		}
		if (a != ACT_NEXT) {
			*at = r;
			return a;
		}
	}
	*at = NULL;
	return ACT_NEXT;
}
