#include "weir/conf/kw.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "conf_priv.h"
#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"
#include "weir/conf/load.h"

/* --- mistakes --- */

/* A mark under a letter goes on under the whole name or number. */
static int name_length(struct str text, size_t from, size_t to)
{
	size_t n = 0;

	while (from + n < MIN(to, text.n) &&
	       (isalnum((unsigned char)text.p[from + n]) || (text.p[from + n] && strchr("_-.", text.p[from + n]))))
		n++;
	return (int)MAX(n, (size_t)1);
}

static void place(struct kw_call *k, int word, const char *at, struct diag_place *p)
{
	struct loader *ld = k->ld;
	int i = word + ld->shift;
	size_t off = at && word >= 0 && word < k->n && at >= k->w[word].p ? (size_t)(at - k->w[word].p) : 0;
	unsigned col = lex_column(&ld->lex, i, off);

	*p = (struct diag_place){ .file = k->file, .line = k->line, .text = ld->text, .col = (int)col + 1, .len = 1 };
	if (!at && i < ld->lex.n)
		p->len = (int)(ld->lex.to[i] - ld->lex.from[i]);
	else if (at && i < ld->lex.n)
		p->len = name_length(ld->text, col, ld->lex.to[i]);
	if (ld->hint[0])
		p->hint = ld->hint;
}

static void say(struct kw_call *k, enum diag_level level, int word, const char *at, const char *fmt, va_list ap)
{
	struct diag_place p;
	char text[1024];
	size_t n = 0;

	place(k, word, at, &p);
	if (k->within)
		n = (size_t)snprintf(text, sizeof(text), "%s : ", k->within);
	vsnprintf(text + n, sizeof(text) - n, fmt, ap);
	diag_at(k->ld->diag, level, &p, "%s", text);
	k->ld->hint[0] = '\0';
}

bool kw_err(struct kw_call *k, int word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, DIAG_ALERT, word, NULL, fmt, ap);
	va_end(ap);
	k->ld->errors++;
	k->ld->line_failed = true;
	return false;
}

bool kw_err_at(struct kw_call *k, int word, const char *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, DIAG_ALERT, word, at, fmt, ap);
	va_end(ap);
	k->ld->errors++;
	k->ld->line_failed = true;
	return false;
}

bool kw_err_tight(struct kw_call *k, int word, const char *fmt, ...)
{
	struct diag_place p;
	char text[1024];
	va_list ap;

	place(k, word, NULL, &p);
	p.tight = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_at(k->ld->diag, DIAG_ALERT, &p, "%s", text);
	k->ld->hint[0] = '\0';
	k->ld->errors++;
	k->ld->line_failed = true;
	return false;
}

void kw_ignored(struct kw_call *k, int word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, DIAG_ALERT, word, NULL, fmt, ap);
	va_end(ap);
}

void kw_warn(struct kw_call *k, int word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(k, DIAG_WARNING, word, NULL, fmt, ap);
	va_end(ap);
}

void kw_hint(struct kw_call *k, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(k->ld->hint, sizeof(k->ld->hint), fmt, ap);
	va_end(ap);
}

void kw_hint_near(struct kw_call *k, struct str word, const char *const *words)
{
	struct sbuf all = sbuf_fixed(k->ld->hint, sizeof(k->ld->hint));
	struct row_near near;

	row_near_init(&near, word);
	for (int i = 0; words[i]; i++) {
		row_near_try(&near, words[i]);
		sbuf_printf(&all, "%s%s", i ? ", " : "one of ", words[i]);
	}
	sbuf_z(&all);
	if (row_near_best(&near))
		kw_hint(k, "'%s' ?", row_near_best(&near));
}

/* --- arguments --- */

bool kw_next(struct kw_call *k, const char *what, struct str *out)
{
	if (k->at >= k->n || !k->w[k->at].n)
		return kw_err(k, k->at, "'%s' expects %s", k->kw->name, what);
	*out = k->w[k->at++];
	return true;
}

bool kw_take_if(struct kw_call *k, const char *word)
{
	if (k->at >= k->n || !str_eqz(k->w[k->at], word))
		return false;
	k->at++;
	return true;
}

bool kw_uint(struct kw_call *k, const char *what, int64_t min, int64_t max, int64_t *out)
{
	struct str s;
	int64_t v;

	if (!kw_next(k, what, &s))
		return false;
	if (!num_i64(s, &v))
		return kw_err(k, k->at - 1, "'%s' expects %s, got '" STR_FMT "'", k->kw->name, what, STR_ARG(s));
	if ((min || max) && (v < min || v > max)) {
		kw_hint(k, "%lld to %lld", (long long)min, (long long)max);
		return kw_err(k, k->at - 1, "'%s' expects a value between %lld and %lld, got '" STR_FMT "'",
			      k->kw->name, (long long)min, (long long)max, STR_ARG(s));
	}
	*out = v;
	return true;
}

/* HAProxy words the global section's mistakes in another way. */
static bool bad_time(struct kw_call *k, const char *bad)
{
	char c = bad && *bad ? *bad : ' ';

	kw_hint(k, "a number with us, ms, s, m, h or d behind it");
	if (k->scope == KW_GLOBAL)
		return kw_err_at(k, k->at - 1, bad, "unexpected character '%c' in argument to <%s>.", c, k->kw->name);
	return kw_err_at(k, k->at - 1, bad, "unexpected character '%c' in '%s'", c, k->kw->name);
}

bool kw_time(struct kw_call *k, const char *what, unsigned *ms)
{
	const char *name = k->kw->name, *bad = NULL;
	struct str s;
	uint64_t v;

	if (!kw_peek(k).n && k->scope == KW_GLOBAL)
		return kw_err(k, k->at, "'%s' expects <time> as argument.", name);
	if (!kw_next(k, what, &s))
		return false;
	switch (num_time(s, TIME_MS, TIME_MS, &v, &bad)) {
	case NUM_OK:
		break;
	case NUM_OVER:
		return kw_err(k, k->at - 1,
			      "timer overflow in argument '" STR_FMT "' to '%s' (maximum value is 2147483647 ms or "
			      "~24.8 days)",
			      STR_ARG(s), name);
	case NUM_BAD:
		return bad_time(k, bad);
	}
	*ms = (unsigned)v;
	return true;
}

struct str kw_rest(struct kw_call *k)
{
	struct sbuf b = sbuf_grow();
	struct str out;

	for (; kw_more(k); k->at++) {
		if (b.n)
			sbuf_putc(&b, ' ');
		sbuf_puts(&b, k->w[k->at]);
	}
	out = arena_str(k->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

int kw_choice(struct str word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (str_eqz(word, words[i]))
			return i;
	return -1;
}

void kw_later(struct kw_call *k, bool (*check)(struct loader *ld, void *arg), void *arg)
{
	struct later *l = arena_new(k->mem, struct later);

	l->check = check;
	l->arg = arg;
	list_push(&k->ld->later, &l->link);
}

/* --- rows --- */

static bool typed_uint(struct kw_call *k, void *value)
{
	const struct kw *row = k->kw;
	bool any = !row->min && !row->max, is_int = row->type == KT_INT;
	int64_t min = any ? (is_int ? INT32_MIN : 0) : row->min,
		max = any ? (is_int ? INT32_MAX : UINT32_MAX) : row->max, v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v))
		return kw_err(k, k->at, "'%s' expects an integer argument.", row->name);
	if (v < min || v > max) {
		kw_hint(k, "%lld to %lld", (long long)min, (long long)max);
		if (any)
			return kw_err(k, k->at, "'%s' expects a positive numeric value.", row->name);
		return kw_err(k, k->at, "'%s' expects a numeric value between %lld and %lld.", row->name,
			      (long long)min, (long long)max);
	}
	k->at++;
	if (is_int)
		*(int *)value = (int)v;
	else
		*(unsigned *)value = (unsigned)v;
	return true;
}

static bool typed_time(struct kw_call *k, unsigned *value)
{
	if (!kw_time(k, "an integer value (in milliseconds)", value))
		return false;
	if (kw_more(k))
		return kw_err(k, k->at, "'%s' : unexpected extra argument '" STR_FMT "' after value '" STR_FMT "'.",
			      k->kw->name, STR_ARG(k->w[k->at]), STR_ARG(k->w[k->at - 1]));
	return true;
}

static bool typed_size(struct kw_call *k, uint64_t *value)
{
	const char *bad = NULL;
	struct str s;

	if (!kw_next(k, "a size argument", &s))
		return false;
	if (num_size(s, value, &bad) != NUM_OK) {
		kw_hint(k, "a number with k, m or g behind it");
		return kw_err_at(k, k->at - 1, bad, "'%s' : unexpected character '%c' in size '" STR_FMT "'",
				 k->kw->name, bad && *bad ? *bad : ' ', STR_ARG(s));
	}
	return true;
}

static bool typed_bits(struct kw_call *k)
{
	unsigned *on = (unsigned *)((char *)k->obj + k->kw->offset), unused = 0;
	unsigned *off = k->kw->max ? (unsigned *)((char *)k->obj + k->kw->max) : &unused;
	unsigned bits = (unsigned)k->kw->min;

	*on &= ~bits;
	*off &= ~bits;
	if (k->no)
		*off |= bits;
	else if (!k->dflt)
		*on |= bits;
	return true;
}

bool kw_said(struct kw_call *k)
{
	kw_ignored(k, k->at - 1, "'%s' already specified. Continuing.", k->kw->name);
	k->at = k->n;
	return true;
}

static bool apply(struct kw_call *k)
{
	void *value = (char *)k->obj + k->kw->offset;

	if (k->kw->flags & KW_F_ONCE && *(unsigned *)value)
		return kw_said(k);

	switch (k->kw->type) {
	case KT_PARSE:
		return k->kw->parse(k);
	case KT_FLAG:
		*(bool *)value = !k->no;
		return true;
	case KT_UINT:
	case KT_INT:
		return typed_uint(k, value);
	case KT_TIME:
		return typed_time(k, value);
	case KT_SIZE:
		return typed_size(k, value);
	case KT_STR:
		return kw_next(k, k->kw->args ? k->kw->args : "an argument", value);
	case KT_BITS:
		return typed_bits(k);
	case KT_REFUSED:
		return kw_err(k, k->at - 1, "%s", k->kw->help);
	case KT_NOT_BUILT:
		if (k->kw->help && strcmp(k->kw->help, KNOWN_WITHOUT_REASON) != 0)
			kw_hint(k, "%s", k->kw->help);
		kw_err(k, k->at - 1, "'%s' is known to HAProxy, not built in weir.", k->kw->name);
		k->at = k->n;
		return false;
	case KT_IGNORED:
		k->at = k->n;
		return true;
	}
	return false;
}

bool kw_apply(struct kw_call *k, const struct kw *row, void *obj)
{
	const struct kw *outer = k->kw;
	void *outer_obj = k->obj;
	bool ok;

	k->kw = row;
	k->obj = obj;
	if (row->flags & KW_F_EXPERIMENTAL && !k->ld->experimental)
		ok = kw_err(k, k->at - 1, "'%s' directive is experimental, must be allowed via a global "
		            "'expose-experimental-directives'", row->name);
	else
		ok = apply(k);
	k->kw = outer;
	k->obj = outer_obj;
	return ok;
}

/* HAProxy has a blank before the colon on server lines only. */
static bool unknown_word(struct kw_call *k, uint32_t scope, const char *what)
{
	const char *near, *colon = !what ? "" : scope == KW_BIND ? ": " : " : ", *within = k->within;
	const char *end = what ? "" : " Hint: no address was expected for this server.";
	struct str word = k->w[k->at++];

	what = what ? what : "";
	k->within = NULL;
	near = kw_near(word, scope, NULL);
	if (near)
		kw_hint(k, "'%s' ?", near);
	if (near)
		kw_err(k, k->at - 1, "%s%sunknown keyword '" STR_FMT "'; did you mean '%s' maybe ?%s", what, colon,
		       STR_ARG(word), near, end);
	else
		kw_err(k, k->at - 1, "%s%sunknown keyword '" STR_FMT "'.%s", what, colon, STR_ARG(word), end);
	k->within = within;
	return false;
}

/* A line goes on behind a wrong word, but its arguments cannot be told from words: they are skipped up to the next
 * word of the scope. */
static void skip_to_word(struct kw_call *k, uint32_t scope)
{
	int words;

	while (kw_more(k) && !kw_find(k->w, k->n, k->at, scope, &words, NULL))
		k->at++;
}

bool kw_words(struct kw_call *k, uint32_t scope, void *obj, const char *what)
{
	uint32_t outer = k->scope;
	void *outer_whole = k->whole;
	const char *within = k->within;
	bool ok = true;

	k->scope = scope;
	k->whole = obj;
	k->within = what;
	while (kw_more(k)) {
		size_t base;
		int words;
		const struct kw *row = kw_find(k->w, k->n, k->at, scope, &words, &base);
		bool good;

		if (row) {
			k->at += words;
			good = kw_apply(k, row, (char *)obj + base);
		} else {
			good = unknown_word(k, scope, what);
		}
		if (!good) {
			ok = false;
			skip_to_word(k, scope);
		}
	}
	k->scope = outer;
	k->whole = outer_whole;
	k->within = within;
	return ok;
}

/* --- lines --- */

/* A word that is right elsewhere. */
static void hint_scope(struct kw_call *k, struct str word)
{
	static const uint32_t scopes[] = { KW_GLOBAL, KW_DEFAULTS, KW_FRONTEND, KW_BACKEND, KW_BIND, KW_SERVER };
	int words;

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (kw_find(&word, 1, 0, scopes[i], &words, NULL)) {
			kw_hint(k, "belongs to %s '%s' %s", scopes[i] & (KW_BIND | KW_SERVER) ? "a" : "the",
				conf_scope_name(scopes[i]),
				scopes[i] & (KW_BIND | KW_SERVER) ? "line" : "section");
			return;
		}
}

static bool unknown_keyword(struct kw_call *k)
{
	const char *section = conf_scope_name(k->scope);
	struct str word = k->w[0];
	const char *near = kw_near(word, k->scope, NULL), *start = conf_section_near(word);

	if (start && (!near || row_distance(word, str_c(start)) < row_distance(word, str_c(near))))
		near = start;
	if (!near)
		hint_scope(k, word);
	if (near) {
		kw_hint(k, "'%s' ?", near);
		return kw_err(k, 0, "unknown keyword '" STR_FMT "' in '%s' section; did you mean '%s' maybe ?",
			      STR_ARG(word), section, near);
	}
	return kw_err(k, 0, "unknown keyword '" STR_FMT "' in '%s' section", STR_ARG(word), section);
}

bool kw_modifier(struct kw_call *k, const struct kw *row)
{
	if (!(k->no || k->dflt) || row->type == KT_REFUSED || row->flags & KW_F_NO ||
	    (k->dflt && row->flags & KW_F_DEFAULT))
		return true;
	if (str_eqz(k->w[0], "option"))
		kw_err_tight(k, -k->ld->shift, "negation/default is not supported for option '" STR_FMT "'.",
			     STR_ARG(k->n > 1 ? k->w[1] : STR_NONE));
	else
		kw_err_tight(k, -k->ld->shift,
			     "negation/default currently supported only for options, log, busy-polling, "
			     "set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping.");
	k->no = k->dflt = false;
	return false;
}

bool kw_dispatch(struct kw_call *k)
{
	const struct conf_registry *r = conf_registered();
	size_t base;
	int words;
	const struct kw *row = kw_find(k->w, k->n, 0, k->scope, &words, &base);
	bool ok;

	if (!row) {
		if (r->misplaced && r->misplaced(k))
			return false;
		return unknown_keyword(k);
	}
	k->at = words;
	ok = kw_modifier(k, row);
	/* "no maxconn" is one mistake. */
	if (!ok && (!kw_more(k) || str_eqz(k->w[0], "option")))
		return false;
	k->kw = row;
	k->whole = k->ld->obj;
	if (!kw_apply(k, row, (char *)k->ld->obj + base))
		return false;
	if (kw_more(k)) {
		k->kw = row;
		return kw_err(k, k->at, "'%s' cannot handle unexpected argument '" STR_FMT "'.", row->name,
			      STR_ARG(k->w[k->at]));
	}
	return ok;
}
