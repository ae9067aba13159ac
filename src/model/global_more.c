/* Keywords of the global section that change how files are read or messages are treated: environment, variables,
 * status code classes, spelling of field names, what `stats` means there. */
#include "model.h"
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "weir/base/num.h"
#include "weir/base/pool.h"

/* --- environment --- */

static bool env_char_ok(struct str name)
{
	return name.n && str_chr(name, '=') == (size_t)-1;
}

static bool parse_setenv(struct kw_call *k)
{
	bool keep = k->kw->priv;

	if (k->n - k->at < 2)
		return kw_err(k, k->at, "'%s' expects a name and a value.", k->kw->name);
	if (!env_char_ok(k->w[k->at]))
		return kw_err(k, k->at, "'%s' failed on variable '" STR_FMT "' : Invalid argument.", k->kw->name,
			      STR_ARG(k->w[k->at]));
	if (setenv(k->w[k->at].p, k->w[k->at + 1].p, !keep) != 0)
		return kw_err(k, k->at, "'%s' failed on variable '" STR_FMT "'.", k->kw->name, STR_ARG(k->w[k->at]));
	k->at += 2;
	return true;
}

static bool parse_unsetenv(struct kw_call *k)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "'unsetenv' expects at least one variable name.");
	for (; kw_more(k); k->at++)
		if (!env_char_ok(k->w[k->at]) || unsetenv(k->w[k->at].p) != 0)
			return kw_err(k, k->at, "'unsetenv' failed on variable '" STR_FMT "' : Invalid argument.",
				      STR_ARG(k->w[k->at]));
	return true;
}

static bool is_kept(const struct kw_call *k, const char *var)
{
	size_t n = strcspn(var, "=");

	for (int i = k->at; i < k->n; i++)
		if (str_eq(k->w[i], str_make(var, n)))
			return true;
	return false;
}

/* Everything but the named ones goes. */
static bool parse_resetenv(struct kw_call *k)
{
	char **names = NULL;
	size_t n = 0;

	for (char **e = environ; e && *e; e++) {
		if (is_kept(k, *e))
			continue;
		names = mem_realloc(names, sizeof(*names) * (n + 1));
		names[n] = mem_strdup(*e);
		names[n++][strcspn(*e, "=")] = '\0';
	}
	for (size_t i = 0; i < n; i++) {
		unsetenv(names[i]);
		free(names[i]);
	}
	free(names);
	k->at = k->n;
	return true;
}

/* --- set-var, set-var-fmt --- */

static bool parse_set_var(struct kw_call *k)
{
	bool fmt = k->kw->priv;
	struct load_err e = { .msg = "" };
	struct global_var *v;
	struct xscope sc;

	if (k->n - k->at < 2)
		return kw_err(k, k->at,
			      "'%s' requires a process-wide variable name ('proc.<name>') and a %s.", k->kw->name,
			      fmt ? "format string" : "sample expression");
	if (!str_starts(k->w[k->at], STR("proc.")))
		return kw_err(k, k->at,
			      "'%s': cannot set variable '" STR_FMT "', only scope 'proc' is permitted in the global "
			      "section.",
			      k->kw->name, STR_ARG(k->w[k->at]));
	v = arena_new(k->mem, struct global_var);
	v->name = k->w[k->at++];
	v->file = k->file;
	v->line = k->line;
	proxy_scope_at(kw_conf(k), NULL, k->file, k->line, USE_CONST, k->kw->name, &sc);
	if (fmt)
		v->fmt = logfmt_compile(&sc, k->w[k->at], LF_HTTP | LF_HEADER_VALUE, &e);
	else
		v->expr = expr_compile_words(&sc, k->w, k->n, &k->at, &e);
	if (!v->fmt && !v->expr)
		return put_load_err(k, k->at < k->n ? k->at : 0, &e, "", "");
	k->at += fmt;
	list_push(&((struct global *)k->obj)->vars, &v->link);
	return true;
}

/* --- http-err-codes, http-fail-codes --- */

static bool code_range(struct str text, unsigned *from, unsigned *to)
{
	struct str low = str_cut(&text, '-');
	uint64_t a, b;

	if (!num_u64(low, &a))
		return false;
	b = a;
	if (text.p && !num_u64(text, &b))
		return false;
	*from = (unsigned)a;
	*to = (unsigned)b;
	return a >= 100 && b <= 599 && a <= b;
}

/* One word: ranges with a sign for what follows; without one the set begins anew. */
static bool take_codes(struct str word, uint8_t set[75])
{
	bool remove = false;

	if (word.n && word.p[0] != '-' && word.p[0] != '+')
		memset(set, 0, 75);
	while (word.p) {
		struct str range = str_cut(&word, ',');
		unsigned from, to;

		if (range.n && (range.p[0] == '-' || range.p[0] == '+')) {
			remove = range.p[0] == '-';
			range = str_skip(range, 1);
		}
		if (!code_range(range, &from, &to))
			return false;
		for (unsigned c = from; c <= to; c++) {
			if (remove)
				set[c / 8] &= (uint8_t)~(1u << c % 8);
			else
				set[c / 8] |= (uint8_t)(1u << c % 8);
		}
	}
	return true;
}

static bool parse_codes(struct kw_call *k)
{
	uint8_t *set = (uint8_t *)k->obj + k->kw->offset;

	if (!kw_more(k))
		return kw_err(k, k->at, "'%s' expects a list of status codes or ranges.", k->kw->name);
	for (; kw_more(k); k->at++)
		if (!take_codes(k->w[k->at], set))
			return kw_err(k, k->at,
				      "'%s' : '" STR_FMT "' is no status code or range between 100 and 599.",
				      k->kw->name, STR_ARG(k->w[k->at]));
	((struct global *)k->obj)->codes_set = true;
	return true;
}

void codes_init(struct global *g)
{
	take_codes(STR("400-499"), g->err_codes);
	take_codes(STR("500-599"), g->fail_codes);
	take_codes(STR("-501,505"), g->fail_codes);
}

/* --- h1-case-adjust --- */

static struct str spelled(const struct h1_case *self, struct str lower)
{
	const struct case_map *m = container_of(self, struct case_map, h1);
	const struct str *as = hmap_get(&m->names, lower);

	return as ? *as : lower;
}

static const char *add_case(struct global *g, struct arena *mem, struct str from, struct str as)
{
	struct str lower = arena_str(mem, from), *value;

	if (!str_ieq(from, as))
		return "<from> and <to> must not differ execpt the case";
	str_lower((char *)lower.p, lower.n);
	if (hmap_has(&g->cases.names, lower))
		return "duplicate entry";
	value = arena_new(mem, struct str);
	*value = arena_str(mem, as);
	hmap_put(&g->cases.names, lower, value);
	g->cases.h1.name = spelled;
	return NULL;
}

static bool parse_case(struct kw_call *k)
{
	const char *why;

	if (k->n - k->at < 2)
		return kw_err(k, k->at, "'h1-case-adjust' expects <from> and <to> as argument.");
	why = add_case(k->obj, k->mem, k->w[k->at], k->w[k->at + 1]);
	if (why)
		return kw_err(k, k->at, "%s%s" STR_FMT "%s", why, why[0] == 'd' ? " '" : "",
		              STR_ARG(why[0] == 'd' ? k->w[k->at] : STR_NONE), why[0] == 'd' ? "'" : "");
	k->at += 2;
	return true;
}

/* "<from> <to>", blanks between and around them. */
static const char *case_line(struct kw_call *k, struct str line)
{
	struct str from = str_head(line, strcspn(line.p, " \t\r\n")), as = str_trim_ws(str_skip(line, from.n));

	return as.n ? add_case(k->obj, k->mem, from, as) : "two names a line are expected";
}

static bool case_lines(struct kw_call *k, FILE *f)
{
	const char *why = NULL;
	char *line = NULL;
	size_t room = 0;
	int n = 0;

	while (!why && getline(&line, &room, f) >= 0) {
		struct str rest = str_trim_ws(str_c(line));

		n++;
		if (rest.n && rest.p[0] != '#')
			why = case_line(k, rest);
	}
	free(line);
	return !why || kw_err(k, k->at, "'h1-case-adjust-file' : %s at line %d.", why, n);
}

static bool parse_case_file(struct kw_call *k)
{
	bool ok;
	FILE *f;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'h1-case-adjust-file' expects <file> as argument.");
	f = fopen(kw_peek(k).p, "re");
	if (!f)
		return kw_err(k, k->at, "'h1-case-adjust-file' : failed to open map file '" STR_FMT "'.",
			      STR_ARG(kw_peek(k)));
	ok = case_lines(k, f);
	fclose(f);
	k->at++;
	return ok;
}

/* --- stats --- */

static bool parse_stats(struct kw_call *k)
{
	return kw_err(k, k->at,
		      "'stats' only supports 'socket', 'maxconn', 'bind-process' and 'timeout' (got '" STR_FMT "')",
		      STR_ARG(kw_peek(k)));
}

static bool parse_stats_maxconn(struct kw_call *k)
{
	uint64_t v;

	if (!num_u64(kw_peek(k), &v) || v == 0 || v > INT32_MAX)
		return kw_err(k, k->at, "'stats maxconn' expects a positive value");
	k->at++;
	((struct global *)k->obj)->stats_maxconn = (int)v;
	return true;
}

#define AT(field) offsetof(struct global, field)
#define KW(word, fn, ...) { word, KW_GLOBAL, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw model_global_more[MODEL_GLOBAL_MORE] = {
	KW("setenv", parse_setenv, .args = "<name> <value>", .help = "sets a variable of the environment"),
	KW("presetenv", parse_setenv, .args = "<name> <value>", .priv = 1, .help = "the same unless it is set"),
	KW("unsetenv", parse_unsetenv, .args = "<name>...", .help = "removes variables of the environment"),
	KW("resetenv", parse_resetenv, .args = "[<name>...]", .help = "removes all variables but these"),
	KW("set-var", parse_set_var, .args = "proc.<name> <expression>",
	   .help = "sets a variable of the process at start"),
	KW("set-var-fmt", parse_set_var, .args = "proc.<name> <format>", .priv = 1,
	   .help = "sets a variable of the process at start"),
	{ "http-err-codes", KW_GLOBAL, .type = KT_NOT_BUILT,
	  .help = "they are what stick tables count as errors, and there are none yet" },
	KW("http-fail-codes", parse_codes, .offset = AT(fail_codes), .args = "[+|-]<range>[,...]...",
	   .help = "statuses that count as failures of servers"),
	KW("h1-case-adjust", parse_case, .args = "<from> <to>", .help = "spelling of a field name for old software"),
	KW("h1-case-adjust-file", parse_case_file, .args = "<file>", .help = "such spellings, one pair a line"),
	KW("stats", parse_stats, .flags = KW_F_HIDDEN, .help = "one of the words behind stats"),
	{ "stats bind-process", KW_GLOBAL, .type = KT_REFUSED,
	  .help = "'stats bind-process' is not supported anymore: there is one process." },
	{ "stats timeout", KW_GLOBAL, .type = KT_TIME, .offset = AT(t_stats), .args = "<time>",
	  .help = "how long a command connection may be silent" },
	KW("stats maxconn", parse_stats_maxconn, .args = "<n>", .help = "command connections at a time"),
};
