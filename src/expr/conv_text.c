/* Texts: case, trimming, joining, choosing, comparing, replacing. */
#include "conv_priv.h"
#include "weir/base/regex.h"

static bool conv_lower(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	smp_own(smp, x->mem);
	str_lower((char *)smp->s.p, smp->s.n);
	return true;
}

static bool conv_upper(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	char *p;

	smp_own(smp, x->mem);
	p = (char *)smp->s.p;
	for (size_t i = 0; i < smp->s.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] &= ~0x20;
	return true;
}

static bool conv_length(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	smp_set_int(smp, smp->s.n);
	return true;
}

static bool conv_reverse(const struct arg *args, struct sample *smp, struct xctx *x,
			 const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n);

	for (size_t i = smp->s.n; i > 0; i--)
		sbuf_putc(&b, smp->s.p[i - 1]);
	return conv_set_str(smp, &b);
}

static bool conv_ltrim(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	while (smp->s.n && str_chr(args[0].s, smp->s.p[0]) != (size_t)-1)
		smp->s = str_skip(smp->s, 1);
	return true;
}

static bool conv_rtrim(const struct arg *args, struct sample *smp, struct xctx *x,
		       const struct conv_row *row)
{
	while (smp->s.n && str_chr(args[0].s, smp->s.p[smp->s.n - 1]) != (size_t)-1)
		smp->s.n--;
	return true;
}

static bool conv_cut_crlf(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	size_t cr = str_chr(smp->s, '\r'), lf = str_chr(smp->s, '\n');

	smp->s = str_head(smp->s, MIN(cr, lf));
	return true;
}

static bool conv_iif(const struct arg *args, struct sample *smp, struct xctx *x,
		     const struct conv_row *row)
{
	smp_set_str(smp, args[smp->i ? 0 : 1].s, SMP_F_CONST);
	return true;
}

/* A variable's text, or nothing when it is not given, not set or has none. */
static struct str var_text(const struct arg *a, struct xctx *x)
{
	struct str s;

	return arg_given(a) && arg_str(a, x, &s) ? s : STR_NONE;
}

static struct str arg_text(const struct arg *a)
{
	return arg_given(a) ? a->s : STR_NONE;
}

static bool join(struct sample *smp, struct xctx *x, const struct str *parts, int n)
{
	struct sbuf b;
	size_t total = smp->s.n;

	for (int i = 0; i < n; i++)
		total += parts[i].n;
	if (total > CONV_TEXT_MAX)
		return false;
	b = conv_buf(x, total);
	sbuf_puts(&b, smp->s);
	for (int i = 0; i < n; i++)
		sbuf_puts(&b, parts[i]);
	return conv_set_str(smp, &b);
}

static bool conv_concat(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct str parts[3] = { arg_text(&args[0]), var_text(&args[1], x), arg_text(&args[2]) };

	return join(smp, x, parts, 3);
}

/* The delimiter only goes between things that are there. */
static bool conv_add_item(const struct arg *args, struct sample *smp, struct xctx *x,
			  const struct conv_row *row)
{
	struct str parts[3] = { STR_NONE, var_text(&args[1], x), arg_text(&args[2]) };

	if (smp->s.n && (parts[1].n || parts[2].n))
		parts[0] = args[0].s;
	return join(smp, x, parts, 3);
}

static bool check_add_item(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	bool var = nargs > 1 && args[1].s.n, suffix = nargs > 2 && args[2].s.n;

	return var || suffix ||
	       conv_refuse(err, "expects a variable or a suffix behind the delimiter");
}

static bool conv_strcmp(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct str other;
	int order;

	if (!arg_str(&args[0], x, &other))
		return false;
	order = str_cmp(smp->s, other);
	smp_set_int(smp, order);
	return true;
}

/* --- regsub --- */

struct regsub {
	struct regex *re;
	struct str subst;
	bool all;
};

static bool parse_flags(struct str flags, bool *all, unsigned *re_flags, struct load_err *err)
{
	for (size_t i = 0; i < flags.n; i++) {
		if (flags.p[i] == 'g') {
			*all = true;
		} else if (flags.p[i] == 'i') {
			*re_flags |= REGEX_CASELESS;
		} else {
			load_err_set(err, NULL, "invalid regsub flag '%c', expects 'i' or 'g'",
				     flags.p[i]);
			return false;
		}
	}
	return true;
}

static void release_regex(void *re)
{
	regex_free(re);
}

static bool check_regsub(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	struct regsub *r = arena_new(sc->mem, struct regsub);
	struct regex_err re_err = { .text = "" };
	unsigned flags = 0;
	const char *bad;

	if (nargs > 2 && !parse_flags(args[2].s, &r->all, &flags, err))
		return false;
	if (!regex_repl_ok(args[1].s, &bad)) {
		load_err_set(err, NULL, "bad backslash in the replacement at '" STR_FMT "'",
			     STR_ARG(str_skip(args[1].s, bad - args[1].s.p)));
		return false;
	}
	r->re = regex_compile(args[0].s, flags, &re_err);
	if (!r->re) {
		load_err_set(err, NULL, "regex '" STR_FMT "' is invalid (%s, at %zu)",
			     STR_ARG(args[0].s), re_err.text, re_err.offset);
		return false;
	}
	arena_defer(sc->mem, release_regex, r->re);
	r->subst = args[1].s;
	args[0].p = r;
	return true;
}

static bool conv_regsub(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	const struct regsub *r = args[0].p;
	char mem[CONV_TEXT_MAX];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	bool matched;

	if (!regex_replace(r->re, smp->s, r->subst, r->all, &b, &matched))
		return false;
	return !matched || conv_copy_str(smp, &b, x);
}

const struct conv_row conv_text_rows[CONV_TEXT_ROWS] = {
	{ "lower", conv_lower, { 0 }, NULL, SMP_STR, SMP_STR, "lower case (ASCII)", 0 },
	{ "upper", conv_upper, { 0 }, NULL, SMP_STR, SMP_STR, "upper case (ASCII)", 0 },
	{ "length", conv_length, { 0 }, NULL, SMP_STR, SMP_SINT, "number of bytes", 0 },
	{ "reverse", conv_reverse, { 0 }, NULL, SMP_STR, SMP_STR,
	  "the bytes from the last to the first", 0 },
	{ "ltrim", conv_ltrim, { 1, { ARG_STR } }, NULL, SMP_STR, SMP_STR,
	  "without these characters at the beginning", 0 },
	{ "rtrim", conv_rtrim, { 1, { ARG_STR } }, NULL, SMP_STR, SMP_STR,
	  "without these characters at the end", 0 },
	{ "cut_crlf", conv_cut_crlf, { 0 }, NULL, SMP_STR, SMP_STR, "up to the first CR or LF", 0 },
	{ "iif", conv_iif, { 2, { ARG_STR, ARG_STR } }, NULL, SMP_BOOL, SMP_STR,
	  "one text when true, another when false", 0 },
	{ "concat", conv_concat, { 0, { ARG_STR, ARG_VAR, ARG_STR } }, NULL, SMP_STR, SMP_STR,
	  "appends a text, a variable, a text", 0 },
	{ "add_item", conv_add_item, { 1, { ARG_STR, ARG_VAR, ARG_STR } }, check_add_item, SMP_STR,
	  SMP_STR, "appends a variable and a suffix to a list, behind a delimiter", 0 },
	{ "strcmp", conv_strcmp, { 1, { ARG_VAR } }, NULL, SMP_STR, SMP_SINT,
	  "order against a variable: negative, 0, positive", 0 },
	{ "regsub", conv_regsub, { 2, { ARG_REG, ARG_STR, ARG_STR } }, check_regsub, SMP_STR,
	  SMP_STR, "replaces what a regular expression matches (flags g, i)", 0 },
};
