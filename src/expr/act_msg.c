/* Actions on the fields of a message: add, set, delete, replace; status; strict-mode. */
#include "act_priv.h"
#include "weir/base/assert.h"
#include "weir/base/num.h"
#include "weir/base/regex.h"
#include "weir/expr/pattern.h"

bool act_is_cond(struct str w)
{
	return str_eqz(w, "if") || str_eqz(w, "unless");
}

bool act_words(const struct str *w, int n, int at, int want)
{
	for (int i = 0; i < want; i++)
		if (at + i >= n || !w[at + i].n || (act_is_cond(w[at + i]) && i == 0 && want == 1))
			return false;
	return true;
}

struct logfmt *act_format(struct xscope *sc, struct str text, struct load_err *err)
{
	return logfmt_compile(sc, text, LF_HTTP | LF_HEADER_VALUE, err);
}

/* Longest text an action builds. Longer ones fit into no head. */
#define TEXT_MAX 65536

struct str act_text(const struct logfmt *f, struct xctx *x)
{
	struct str fixed;
	struct sbuf b;
	char few[1024];

	if (logfmt_is_const(f, &fixed))
		return fixed;
	b = sbuf_fixed(few, sizeof(few));
	logfmt_build(f, &b, x);
	if (!b.full)
		return arena_str(x->mem, sbuf_str(&b));
	b = sbuf_fixed(arena_bytes(x->mem, TEXT_MAX), TEXT_MAX);
	logfmt_build(f, &b, x);
	return sbuf_str(&b);
}

struct msg *act_msg(const struct rule *r, struct xctx *x)
{
	return r->set & (RS_HTTP_RES | RS_HTTP_AFTER) ? x->res : x->req;
}

bool act_fits(const struct msg *m, size_t more, const struct xctx *x)
{
	return !x->head_max || m->bytes + more <= x->head_max;
}

enum act_result act_too_big(struct xctx *x)
{
	x->failed_rewrites++;
	return x->lax & (1 << x->dir) ? ACT_NEXT : ACT_ERROR;
}

struct str act_lower(struct arena *mem, struct str s)
{
	struct str c = arena_str(mem, s);

	str_lower((char *)(uintptr_t)c.p, c.n);
	return c;
}

/* --- add-header, set-header --- */

enum { HDR_ADD, HDR_SET };

/* What is known of the field when the configuration is read. */
struct header_change {
	struct field_key key;
	bool fixed;			/* the value is always this one */
	struct str value;
};

static bool parse_header(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			 struct load_err *err)
{
	struct header_change *c;

	if (*at + 1 >= n || !w[*at].n) {
		load_err_set(err, NULL, "expects exactly 2 arguments");
		return false;
	}
	c = arena_new(sc->mem, struct header_change);
	*c = (struct header_change){ .key = field_key(act_lower(sc->mem, w[*at])) };
	r->fmt = act_format(sc, w[*at + 1], err);
	if (!r->fmt)
		return false;
	c->fixed = logfmt_is_const(r->fmt, &c->value);
	if (c->fixed)
		c->value = msg_clean_value(sc->mem, c->value);
	r->arg = c;
	*at += 2;
	return true;
}

static struct str header_value(const struct header_change *c, const struct logfmt *fmt, struct arena *mem,
			       struct xctx *x)
{
	struct str value;

	if (c->fixed)
		return c->value;
	value = msg_clean_value(x->mem, act_text(fmt, x));
	return x->mem == mem ? value : arena_str(mem, value);
}

static enum act_result exec_header(const struct rule *r, struct xctx *x)
{
	const struct header_change *c = r->arg;
	struct msg *m = act_msg(r, x);
	struct str value;

	if (!m)
		return ACT_NEXT;
	value = header_value(c, r->fmt, m->mem, x);
	if (!act_fits(m, c->key.name.n + value.n + 4, x))
		return act_too_big(x);
	if (r->action->priv == HDR_SET)
		msg_del_key(m, &c->key);
	msg_add_clean(m, &c->key, value);
	return ACT_NEXT;
}

/* --- del-header --- */

static const struct { const char *name; enum pat_kind kind; } del_kinds[] = {
	{ "str", PAT_STR }, { "beg", PAT_BEG }, { "end", PAT_END }, { "sub", PAT_SUB }, { "reg", PAT_REG },
};

static bool del_kind(struct rule *r, struct str name, struct load_err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(del_kinds); i++)
		if (str_eqz(name, del_kinds[i].name)) {
			r->num = del_kinds[i].kind;
			return true;
		}
	load_err_set(err, name.p, "-m with unsupported matching method '" STR_FMT "'", STR_ARG(name));
	return false;
}

bool act_del_kind(struct rule *r, const struct str *w, int n, int *at, struct load_err *err)
{
	r->num = PAT_STR;
	if (*at >= n || !str_eqz(w[*at], "-m"))
		return true;
	if (*at + 1 >= n) {
		load_err_set(err, w[*at].p, "-m flag expects exactly 1 argument");
		return false;
	}
	if (!del_kind(r, w[*at + 1], err))
		return false;
	*at += 2;
	return true;
}

static void release_regex(void *re)
{
	regex_free(re);
}

static struct regex *compile_regex(struct xscope *sc, struct str text, struct load_err *err)
{
	struct regex_err why;
	struct regex *re = regex_compile(text, 0, &why);

	if (re)
		arena_defer(sc->mem, release_regex, re);
	else
		load_err_set(err, text.p, "regex '" STR_FMT "' is invalid (error=%s, erroffset=%zu)", STR_ARG(text),
			     why.text, why.offset);
	return re;
}

static bool parse_del_header(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at,
			     struct str brackets, struct load_err *err)
{
	if (*at >= n || !w[*at].n) {
		load_err_set(err, NULL, "expects at least 1 argument");
		return false;
	}
	r->text = w[(*at)++];
	if (!act_del_kind(r, w, n, at, err))
		return false;
	if (r->num == PAT_REG) {
		r->arg = compile_regex(sc, r->text, err);
		return r->arg != NULL;
	}
	r->text = act_lower(sc->mem, r->text);
	if (r->num == PAT_STR) {
		r->arg = arena_new(sc->mem, struct field_key);
		*(struct field_key *)r->arg = field_key(r->text);
	}
	return true;
}

static bool name_matches(enum pat_kind kind, struct str name, struct str want, const struct regex *re)
{
	switch (kind) {
	case PAT_BEG: return str_starts(name, want);
	case PAT_END: return str_ends(name, want);
	case PAT_SUB: return str_find(name, want) != (size_t)-1;
	case PAT_REG: return regex_match(re, name);
	default: return str_eq(name, want);
	}
}

void act_del_fields(struct msg *m, enum pat_kind kind, struct str want, const struct regex *re)
{
	if (kind == PAT_STR)
		msg_del(m, want);
	else
		for (int i = 0; i < m->nf; i++)
			if (!(m->f[i].flags & FIELD_F_DELETED) &&
			    name_matches(kind, field_name_str(&m->f[i]), want, re))
				msg_del_at(m, i);
}

static enum act_result exec_del_header(const struct rule *r, struct xctx *x)
{
	struct msg *m = act_msg(r, x);

	if (m && r->num == PAT_STR)
		msg_del_key(m, r->arg);
	else if (m)
		act_del_fields(m, (enum pat_kind)r->num, r->text, r->arg);
	return ACT_NEXT;
}

/* --- replace-header, replace-value --- */

enum { REPLACE_LINE, REPLACE_VALUE };

static bool parse_replace(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			  struct load_err *err)
{
	if (*at + 2 >= n || !w[*at].n || !w[*at + 1].n) {
		load_err_set(err, NULL, "expects exactly 3 arguments");
		return false;
	}
	r->text = act_lower(sc->mem, w[*at]);
	r->arg = compile_regex(sc, w[*at + 1], err);
	if (!r->arg)
		return false;
	r->fmt = act_format(sc, w[*at + 2], err);
	*at += 3;
	return r->fmt != NULL;
}

/* One text that matches becomes the expanded template. False: did not fit. */
static bool replace_one(const struct rule *r, struct sbuf *out, struct str s, struct str template, bool *changed)
{
	struct str cap[REGEX_CAPS];

	if (!regex_exec(r->arg, s, 0, cap))
		return sbuf_puts(out, s);
	*changed = true;
	return regex_expand(out, template, cap);
}

/* Every element of a comma list on its own. Blanks around one that is replaced go with it. */
static bool replace_list(const struct rule *r, struct sbuf *out, struct str v, struct str template, bool *changed)
{
	struct str rest = v, cap[REGEX_CAPS];

	while (rest.p) {
		struct str piece = str_cut(&rest, ','), word = str_trim(piece);
		bool ok, matched = regex_exec(r->arg, word, 0, cap);

		*changed |= matched;
		ok = matched ? regex_expand(out, template, cap) : sbuf_puts(out, piece);
		if (!ok || (rest.p && !sbuf_putc(out, ',')))
			return false;
	}
	return true;
}

static enum act_result exec_replace(const struct rule *r, struct xctx *x)
{
	struct msg *m = act_msg(r, x);
	struct str template;
	size_t room;

	if (!m || msg_find(m, r->text, 0) < 0)
		return ACT_NEXT;
	template = act_text(r->fmt, x);
	room = x->head_max ? x->head_max : TEXT_MAX;
	for (int i = msg_find(m, r->text, 0); i >= 0; i = msg_find(m, r->text, i + 1)) {
		struct str v = field_value_str(&m->f[i]);
		struct sbuf b = sbuf_grow();
		bool changed = false, ok;

		ok = r->action->priv == REPLACE_VALUE ? replace_list(r, &b, v, template, &changed) :
		     replace_one(r, &b, v, template, &changed);
		ok = ok && b.n <= room && (b.n <= v.n || act_fits(m, b.n - v.n, x));
		if (ok && changed)
			msg_set_value(m, i, arena_str(m->mem, sbuf_str(&b)));
		sbuf_fini(&b);
		if (!ok)
			return act_too_big(x);
	}
	return ACT_NEXT;
}

/* --- set-status, strict-mode --- */

static bool parse_set_status(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at,
			     struct str brackets, struct load_err *err)
{
	if (*at >= n || !w[*at].n) {
		load_err_set(err, NULL, "expects 1 argument: <status>; or 3 arguments: <status> reason <fmt>");
		return false;
	}
	if (!num_i64(w[*at], &r->num) || r->num < 100 || r->num > 999) {
		load_err_set(err, w[*at].p, "expects an integer status code between 100 and 999");
		return false;
	}
	(*at)++;
	if (*at + 1 < n && str_eqz(w[*at], "reason")) {
		r->text = arena_str(sc->mem, w[*at + 1]);
		*at += 2;
	}
	return true;
}

static enum act_result exec_set_status(const struct rule *r, struct xctx *x)
{
	if (x->res)
		msg_set_status(x->res, (int)r->num, r->text);
	return ACT_NEXT;
}

static bool parse_strict(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			 struct load_err *err)
{
	if (*at >= n) {
		load_err_set(err, NULL, "expects exactly 1 arguments");
		return false;
	}
	r->num = str_ieq(w[*at], STR("on"));
	if (!r->num && !str_ieq(w[*at], STR("off"))) {
		load_err_set(err, w[*at].p, "Unexpected value '" STR_FMT "'. Only 'on' and 'off' are supported",
			     STR_ARG(w[*at]));
		return false;
	}
	(*at)++;
	return true;
}

static enum act_result exec_strict(const struct rule *r, struct xctx *x)
{
	if (r->num)
		x->lax &= (uint8_t)~(1 << x->dir);
	else
		x->lax |= (uint8_t)(1 << x->dir);
	return ACT_NEXT;
}

#define HTTP_ALL (RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER)
const struct action_row act_msg_rows[ACT_MSG_ROWS] = {
	{ "add-header", HTTP_ALL, parse_header, exec_header, false, "<name> <fmt>", "adds a field at the end",
	  HDR_ADD },
	{ "del-header", HTTP_ALL, parse_del_header, exec_del_header, false, "<name> [-m <method>]",
	  "removes the fields whose name matches", 0 },
	{ "replace-header", HTTP_ALL, parse_replace, exec_replace, false, "<name> <regex> <fmt>",
	  "replaces the values of a field that match, each line as a whole", REPLACE_LINE },
	{ "replace-value", HTTP_ALL, parse_replace, exec_replace, false, "<name> <regex> <fmt>",
	  "replaces the elements of a field's comma list that match", REPLACE_VALUE },
	{ "set-header", HTTP_ALL, parse_header, exec_header, false, "<name> <fmt>",
	  "adds a field after removing all of that name", HDR_SET },
	{ "set-status", RS_HTTP_RES | RS_HTTP_AFTER, parse_set_status, exec_set_status, false,
	  "<status> [reason <text>]", "replaces the status and its reason phrase", 0 },
	{ "strict-mode", HTTP_ALL, parse_strict, exec_strict, false, "on|off",
	  "whether a rewrite that does not fit ends in an error", 0 },
};
