/* Log formats: text with %variables, %[expressions], flags in braces and names in brackets. Compiled to a list of
 * pieces; neighbouring texts are one piece. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "logfmt_priv.h"
#include "weir/base/pool.h"

static const struct logvar_table *var_tables;

void logfmt_set_vars(const struct logvar_table *t)
{
	var_tables = t;
}

static const struct logvar_row *var_find(struct str name)
{
	for (const struct logvar_table *t = var_tables; t && t->rows; t++) {
		const struct logvar_row *r = row_find(t->rows, t->n, sizeof(*t->rows), name);

		if (r)
			return r;
	}
	return NULL;
}

static const char *var_near(struct str name)
{
	struct row_near near;

	row_near_init(&near, name);
	for (const struct logvar_table *t = var_tables; t && t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			row_near_try(&near, t->rows[i].name);
	return row_near_best(&near);
}

struct lf_parse {
	struct xscope *sc;
	struct load_err *err;
	unsigned opt;
	struct str all;			/* the format */
	const char *p, *end;
	struct sbuf text;		/* constant text not yet in a node */
	struct lf_node *node;
	int n, cap;
	uint16_t flags;			/* of %o, for all that follow */
	uint16_t global;
	uint32_t uses;
	bool after_blank;		/* the next one is one too many */
};

/* What stands between % and the variable or expression. */
struct item {
	struct str name, flags;
	uint8_t type;
	bool has_flags;
};

static bool fail(struct lf_parse *p, const char *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool fail(struct lf_parse *p, const char *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->err->msg, sizeof(p->err->msg), fmt, ap);
	va_end(ap);
	p->err->at = at;
	return false;
}

static struct lf_node *add_node(struct lf_parse *p)
{
	if (p->n == p->cap) {
		int cap = p->cap ? p->cap * 2 : 8;
		struct lf_node *more = mem_zalloc((size_t)cap * sizeof(*more));

		if (p->n)
			memcpy(more, p->node, (size_t)p->n * sizeof(*more));
		free(p->node);
		p->node = more;
		p->cap = cap;
	}
	return &p->node[p->n++];
}

static void flush_text(struct lf_parse *p)
{
	struct lf_node *n;

	if (!p->text.n)
		return;
	n = add_node(p);
	n->kind = LFK_TEXT;
	n->text = arena_str(p->sc->mem, sbuf_str(&p->text));
	sbuf_clear(&p->text);
}

/* --- flags --- */

static const struct { const char *name; uint16_t flag; } flag_names[] = {
	{ "Q", LFF_QUOTE }, { "X", LFF_HEX }, { "E", LFF_ESC }, { "M", LFF_MANDATORY }, { "bin", LFF_BIN },
	{ "json", LFF_JSON }, { "cbor", LFF_CBOR },
};

/* "+Q,-E": names without a sign and unknown ones are ignored, as they always were. */
static uint16_t apply_flags(uint16_t flags, struct str text)
{
	while (text.p) {
		struct str w = str_trim(str_cut(&text, ','));
		bool on = w.n && w.p[0] == '+';

		if (!on && !(w.n && w.p[0] == '-'))
			continue;
		w = str_skip(w, 1);
		for (size_t i = 0; i < ARRAY_LEN(flag_names); i++)
			if (str_eqz(w, flag_names[i].name)) {
				uint16_t f = flag_names[i].flag;

				/* one encoding at a time */
				if (on && (f & LFF_ENCODE))
					flags &= (uint16_t)~LFF_ENCODE;
				flags = (uint16_t)(on ? flags | f : flags & ~f);
			}
	}
	return flags;
}

/* "(name:type)" */
static bool read_name(struct lf_parse *p, struct item *it)
{
	const char *close = memchr(p->p, ')', (size_t)(p->end - p->p));
	struct str type, name;

	if (!close)
		return fail(p, p->p, "truncated line after '" STR_FMT "'", (int)(p->end - p->p - 1), p->p + 1);
	type = str_make(p->p + 1, (size_t)(close - p->p - 1));
	name = str_cut(&type, ':');
	it->name = arena_str(p->sc->mem, name);
	if (type.p) {
		if (str_eqz(type, "str"))
			it->type = SMP_STR;
		else if (str_eqz(type, "sint") || str_eqz(type, "int"))
			it->type = SMP_SINT;
		else if (str_eqz(type, "bool"))
			it->type = SMP_BOOL;
		else
			return fail(p, type.p, "unexpected output type '" STR_FMT "' at position %d line : '" STR_FMT
				    "'. Supported types are: str, sint, bool.", STR_ARG(type),
				    (int)(type.p - p->all.p), STR_ARG(p->all));
	}
	p->p = close + 1;
	return true;
}

static bool read_flags(struct lf_parse *p, struct item *it)
{
	const char *close = memchr(p->p, '}', (size_t)(p->end - p->p));

	if (!close)
		return fail(p, p->p, "truncated line after '" STR_FMT "'", (int)(p->end - p->p - 1), p->p + 1);
	it->flags = str_make(p->p + 1, (size_t)(close - p->p - 1));
	it->has_flags = true;
	p->p = close + 1;
	return true;
}

/* --- items --- */

static uint16_t item_flags(const struct lf_parse *p, const struct item *it)
{
	uint16_t flags = apply_flags(p->flags, it->flags);

	/* binary output is a matter of the whole line */
	return (uint16_t)((flags & ~LFF_BIN) | (p->flags & LFF_BIN));
}

/* Bytes in buffers mean nothing where messages pass. */
static void warn_l6(const struct lf_parse *p, struct str text)
{
	char line[200];

	if (!p->sc->warn)
		return;
	snprintf(line, sizeof(line), "L6 sample fetch <" STR_FMT "> ignored in HTTP log-format string.",
		 STR_ARG(str_head(text, 100)));
	p->sc->warn(p->sc, line);
}

static bool add_expr(struct lf_parse *p, const struct item *it)
{
	struct str text = str_make(p->p + 1, (size_t)(p->end - p->p - 1));
	struct load_err why = { .msg = "" };
	uint32_t all_uses = p->sc->use;
	char names[200];
	struct expr *e;
	struct lf_node *n;
	size_t used = 0;

	p->sc->use = ~0U;
	e = expr_compile(p->sc, text, &used, &why);
	p->sc->use = all_uses;
	if (!e)
		return fail(p, why.at ? why.at : text.p, "failed to parse sample expression <" STR_FMT "> : %s",
			    STR_ARG(text), why.msg);
	if (used == text.n)
		return fail(p, text.p, "missing ']' after '" STR_FMT "'", STR_ARG(text));
	if (text.p[used] != ']')
		return fail(p, text.p + used, "expected ']' after '" STR_FMT "', but found '%c'", (int)used, text.p,
			    text.p[used]);
	if (!(e->uses & all_uses))
		return fail(p, text.p,
			    "sample fetch <" STR_FMT "> may not be reliably used here because it needs '%s' "
			    "which is not available here",
			    STR_ARG(text), expr_use_names(e->uses, names, sizeof(names)));
	if (p->opt & LF_HTTP && e->uses & (USE_L6REQ | USE_L6RES))
		warn_l6(p, text);
	flush_text(p);
	p->after_blank = false;
	n = add_node(p);
	*n = (struct lf_node){ .kind = LFK_EXPR, .type = it->type, .flags = item_flags(p, it), .name = it->name,
			       .expr = e, .quotable = true };
	p->uses |= e->uses;
	p->p = text.p + used + 1;
	return true;
}

static struct str alias_at(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && ((*q >= 'a' && *q <= 'z') || (*q >= 'A' && *q <= 'Z') || (*q >= '0' && *q <= '9')))
		q++;
	return str_make(p, (size_t)(q - p));
}

static void set_global(struct lf_parse *p, const struct item *it)
{
	p->flags = apply_flags(p->flags, it->flags);
	p->global = p->flags & (LFF_ENCODE | LFF_BIN);
}

static bool add_var(struct lf_parse *p, const struct item *it)
{
	struct str name = alias_at(p->p, p->end);
	const struct logvar_row *row = var_find(name);
	struct fetch_row *as_fetch;
	struct lf_node *n;
	const char *near;

	if (str_eqz(name, "o")) {
		set_global(p, it);
		p->p += name.n;
		return true;
	}
	if (!row) {
		near = var_near(name);
		return fail(p, name.p,
			    "no such format variable '" STR_FMT "'. If you wanted to emit the '%%' character "
			    "verbatim, you need to use '%%%%'%s%s%s",
			    STR_ARG(name), near ? "; did you mean '" : "", near ? near : "", near ? "' maybe ?" : "");
	}
	if (row->http && !(p->opt & LF_HTTP))
		return fail(p, name.p, "format variable '" STR_FMT "' is reserved for HTTP mode", STR_ARG(name));
	flush_text(p);
	p->after_blank = false;
	as_fetch = arena_new(p->sc->mem, struct fetch_row);
	*as_fetch = (struct fetch_row){ .name = row->name, .fetch = row->fetch, .out = row->out, .use = row->use,
					.help = row->help, .priv = row->priv };
	n = add_node(p);
	*n = (struct lf_node){ .kind = LFK_VAR,
			       .type = it->type,
			       .flags = item_flags(p, it),
			       .name = it->name,
			       .var = as_fetch,
			       .quotable = row->quote,
			       .hexable = row->hex,
			       .vanishes = row->vanishes,
			       .escape = p->opt & LF_LOG ? row->escape : LV_AS_IT_IS,
			       .list = row->list };
	p->uses |= row->use;
	p->p += name.n;
	return true;
}

/* What follows a percent sign. */
static bool add_item(struct lf_parse *p)
{
	const char *percent = p->p++;
	struct item it = { .type = SMP_ANY };
	char c;

	if (p->p < p->end && *p->p == '(' && !read_name(p, &it))
		return false;
	if (p->p < p->end && *p->p == '{' && !read_flags(p, &it))
		return false;
	if (p->p == p->end && !it.has_flags)
		return fail(p, percent, "truncated line after '" STR_FMT "'", (int)(p->end - percent), percent);
	c = p->p < p->end ? *p->p : 0;
	if (c == '[')
		return add_expr(p, &it);
	if (alias_at(p->p, p->end).n && !(c >= '0' && c <= '9'))
		return add_var(p, &it);
	if (it.has_flags || it.name.p)
		return fail(p, percent, "parse argument modifier without variable name near '%%" STR_FMT "'",
			    (int)(p->p - percent - 1), percent + 1);
	if (c == ' ' || c == '\t' || (c >= '0' && c <= '9'))
		return fail(p, percent, "unexpected variable name near '%c' at position %d line : '" STR_FMT "'. Maybe "
			    "you want to write a single '%%', use the syntax '%%%%'", c, (int)(p->p - p->all.p),
			    STR_ARG(p->all));
	/* "%%" is a percent sign; one before any other character that begins nothing is not there */
	sbuf_putc(&p->text, *p->p++);
	p->after_blank = false;
	return true;
}

static bool parse(struct lf_parse *p)
{
	while (p->p < p->end) {
		bool blank = *p->p == ' ' || *p->p == '\t';

		if (*p->p == '%') {
			if (!add_item(p))
				return false;
			continue;
		}
		blank = blank && p->opt & LF_BLANKS;
		if (!blank || !p->after_blank)
			sbuf_putc(&p->text, blank ? ' ' : *p->p);
		p->after_blank = blank;
		p->p++;
	}
	flush_text(p);
	return true;
}

/* Nothing is done to what it says: the short way. */
static bool is_bare(const struct lf_node *n, unsigned opt)
{
	bool marked = n->kind == LFK_EXPR && opt & (LF_LOG | LF_HEADER_VALUE);

	return !marked && !n->escape && n->type == SMP_ANY && !n->list &&
	       !(n->flags & (LFF_BIN | LFF_ESC | LFF_HEX | LFF_ENCODE)) &&
	       !(n->flags & LFF_QUOTE && n->quotable);
}

struct logfmt *logfmt_compile(struct xscope *sc, struct str text, unsigned opt, struct load_err *err)
{
	struct lf_parse p = { .sc = sc, .err = err, .opt = opt & LF_LOG ? opt | LF_BLANKS : opt, .all = text,
			      .p = text.p, .end = text.p + text.n, .text = sbuf_grow(),
			      .flags = opt & LF_LOG ? LFF_MANDATORY : 0, .after_blank = opt & (LF_LOG | LF_BLANKS) };
	struct logfmt *f = NULL;

	if (parse(&p)) {
		struct lf_node *kept = arena_array(sc->mem, struct lf_node, (size_t)p.n + 1);

		if (p.n)
			memcpy(kept, p.node, (size_t)p.n * sizeof(*kept));
		for (int i = 0; i < p.n; i++)
			kept[i].bare = is_bare(&kept[i], opt);
		f = arena_new(sc->mem, struct logfmt);
		*f = (struct logfmt){ .node = kept, .n = p.n, .global = p.global, .opt = opt, .uses = p.uses };
	}
	free(p.node);
	sbuf_fini(&p.text);
	return f;
}

uint32_t logfmt_uses(const struct logfmt *f)
{
	return f->uses;
}

bool logfmt_is_const(const struct logfmt *f, struct str *text)
{
	if (f->n > 1 || (f->global & LFF_ENCODE) || (f->n == 1 && f->node[0].kind != LFK_TEXT))
		return false;
	*text = f->n ? f->node[0].text : STR("");
	return true;
}
