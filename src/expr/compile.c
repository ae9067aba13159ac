/* Compiles "fetch(args),converter(args),..." into a flat array and evaluates it. Types are checked here, once; what is
 * left for run time is a call per element and a cast where the types differ. */
#include <stdio.h>
#include "expr_priv.h"
#include "weir/base/assert.h"
#include "weir/expr/conv.h"

/* Converters are collected here until their number is known. */
#define STEPS_MAX 64
struct chain {
	struct expr_step steps[STEPS_MAX];
	int n;
	uint8_t type;			/* at the end of the chain so far */
};

static bool run_check(struct xscope *sc, arg_check_f *check, struct arg *args, int n, bool conv, const char *name,
		      const char *at, struct load_err *err)
{
	struct load_err why = { .msg = "" };

	if (!check || check(sc, args, n, &why))
		return true;
	load_err_set(err, why.at ? why.at : at, "invalid args in %s '%s' : %s", conv ? "converter" : "fetch method",
		     name, why.msg);
	return false;
}

static bool unknown(const char *what, struct str name, const char *near, bool known, struct load_err *err)
{
	if (known)
		load_err_set(err, name.p, EXPR_KNOWN, what, STR_ARG(name));
	else if (near)
		load_err_set(err, name.p, "unknown %s '" STR_FMT "'; did you mean '%s' maybe ?", what, STR_ARG(name),
			     near);
	else
		load_err_set(err, name.p, "unknown %s '" STR_FMT "'", what, STR_ARG(name));
	load_err_near(err, known ? NULL : near);
	return false;
}

/* One converter, whose name begins at *p. */
static bool add_step(struct xscope *sc, struct chain *c, const char **p, const char *end, struct load_err *err)
{
	struct str name = name_at(*p, end);
	const struct conv_row *row = conv_find(name);
	struct expr_step *s = &c->steps[c->n];
	const char *at = *p;
	struct arg *args;
	int nargs;

	if (!row)
		return unknown("converter", name, conv_near(name), expr_known_conv(name), err);
	if (c->n == STEPS_MAX) {
		load_err_set(err, at, "more than %d converters in a row", STEPS_MAX);
		return false;
	}
	*p += name.n;
	if (!smp_castable(c->type, row->in)) {
		load_err_set(err, at, "converter '" STR_FMT "' cannot be applied", STR_ARG(name));
		return false;
	}
	args = args_parse(sc, p, end, &row->args, true, row->name, &nargs, err);
	if (!args || !run_check(sc, row->check, args, nargs, true, row->name, at, err))
		return false;
	*s = (struct expr_step){ .row = row, .args = args, .in = row->in };
	c->n++;
	if (row->out != SMP_SAME)
		c->type = row->out;
	else if (row->in != SMP_ANY)
		c->type = row->in;
	return true;
}

/* Converters behind a fetch, each after at least one comma, up to the end or something else. */
static bool add_steps(struct xscope *sc, struct chain *c, const char **p, const char *end, struct load_err *err)
{
	while (*p < end && **p == ',') {
		while (*p < end && **p == ',')
			(*p)++;
		if (*p == end || **p == ']')
			break;
		if (!add_step(sc, c, p, end, err))
			return false;
	}
	return true;
}

static bool check_end(const struct chain *c, struct str fetch, const char *p, const char *end, bool partial,
		      struct load_err *err)
{
	if (p == end || partial)
		return true;
	if (c->n)
		load_err_set(err, p, "missing comma after converter '%s'", c->steps[c->n - 1].row->name);
	else
		load_err_set(err, p, "missing comma after fetch keyword '" STR_FMT "'", STR_ARG(fetch));
	return false;
}

/* Converters whose result depends on nothing but their input and arguments. */
static const struct conv_table pure[] = {
	{ conv_int_rows, CONV_INT_ROWS }, { conv_text_rows, CONV_TEXT_ROWS },
	{ conv_field_rows, CONV_FIELD_ROWS }, { conv_bytes_rows, CONV_BYTES_ROWS },
	{ conv_enc_rows, CONV_ENC_ROWS }, { conv_hash_rows, CONV_HASH_ROWS },
	{ conv_crypto_rows, CONV_CRYPTO_ROWS }, { conv_x509_rows, CONV_X509_ROWS },
	{ conv_addr_rows, CONV_ADDR_ROWS },
	{ conv_forwarded_rows, CONV_FORWARDED_ROWS }, { conv_date_rows, CONV_DATE_ROWS },
	{ conv_protobuf_rows, CONV_PROTOBUF_ROWS }, { conv_mqtt_rows, CONV_MQTT_ROWS },
	{ conv_fix_rows, CONV_FIX_ROWS },
	{ conv_packet_rows, CONV_PACKET_ROWS },
};

/* No variable among the arguments, either. */
static bool is_pure(const struct expr_step *s)
{
	for (int i = 0; s->row->args.t[i] != ARG_END; i++)
		if (s->args[i].type == ARG_VAR)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(pure); i++)
		if (s->row >= pure[i].rows && s->row < pure[i].rows + pure[i].n)
			return true;
	return false;
}

/* A literal, and as many of the converters behind it as can be, are evaluated now. Returns how many. */
static int fold(struct xscope *sc, struct expr *e, const struct chain *c)
{
	struct xctx none = { .mem = sc->mem };
	int n;

	e->folded = fetch_is_literal(e->fetch) && e->fetch->fetch(e->args, &e->value, &none, e->fetch);
	for (n = 0; e->folded && n < c->n && is_pure(&c->steps[n]); n++) {
		const struct expr_step *s = &c->steps[n];
		struct sample v = e->value;

		v.flags |= SMP_F_CONST;
		if (v.type != s->in && s->in != SMP_ANY && !smp_cast(&v, s->in, sc->mem))
			break;
		if (!s->row->conv(s->args, &v, &none, s->row))
			break;
		e->value = v;
	}
	e->value.flags |= SMP_F_CONST;
	e->constant = e->folded && n == c->n;
	return n;
}

static struct expr *finish(struct xscope *sc, const struct fetch_row *row, const struct arg *args,
			   const struct chain *c, struct str text)
{
	struct expr *e = arena_new(sc->mem, struct expr);
	struct expr_step *steps;
	int done;

	e->fetch = row;
	e->args = args;
	done = fold(sc, e, c);
	e->nsteps = (uint16_t)(c->n - done);
	e->written = (uint16_t)c->n;
	steps = e->nsteps ? arena_array(sc->mem, struct expr_step, e->nsteps) : NULL;
	for (int i = done; i < c->n; i++)
		steps[i - done] = c->steps[i];
	e->steps = steps;
	e->out = c->type;
	e->uses = row->use;
	e->text = arena_str(sc->mem, text);
	return e;
}

struct expr *expr_compile_row(struct xscope *sc, const struct fetch_row *row, struct str text, const char *behind,
			      const char **stop, struct load_err *err)
{
	const char *p = behind, *end = text.p + text.n;
	struct str word = str_make(text.p, (size_t)(behind - text.p));
	struct chain c = { .n = 0, .type = row->out };
	struct arg *args;
	int nargs;

	args = args_parse(sc, &p, end, &row->args, false, row->name, &nargs, err);
	if (!args || !run_check(sc, row->check, args, nargs, false, row->name, text.p, err))
		return NULL;
	if (!add_steps(sc, &c, &p, end, err) || !check_end(&c, word, p, end, stop != NULL, err))
		return NULL;
	if (stop)
		*stop = p;
	return finish(sc, row, args, &c, str_make(text.p, (size_t)(p - text.p)));
}

/* What a set of source bits is called in messages. */
static const struct { uint32_t bit; const char *name; } use_names[] = {
	{ USE_INTRN, "internal state" }, { USE_LISTN, "listener" }, { USE_FTEND, "frontend" },
	{ USE_L4CLI, "client address" }, { USE_L5CLI, "client-side connection" }, { USE_TRACK, "track counters" },
	{ USE_L6REQ, "request buffer" }, { USE_HRQHV, "HTTP request headers" }, { USE_HRQHP, "HTTP request" },
	{ USE_HRQBO, "HTTP request body" }, { USE_BKEND, "backend" }, { USE_SERVR, "server" },
	{ USE_L4SRV, "server address" }, { USE_L5SRV, "server-side connection" }, { USE_L6RES, "response buffer" },
	{ USE_HRSHV, "HTTP response headers" }, { USE_HRSHP, "HTTP response" }, { USE_HRSBO, "HTTP response body" },
	{ USE_RQFIN, "request buffer statistics" }, { USE_RSFIN, "response buffer statistics" },
	{ USE_TXFIN, "transaction statistics" }, { USE_SSFIN, "session statistics" }, { USE_CHECK, "health check" },
};

const char *expr_use_names(uint32_t use, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(use_names); i++)
		if ((use & use_names[i].bit) && n < size)
			n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? "," : "", use_names[i].name);
	return buf;
}

bool expr_available(const struct xscope *sc, const struct expr *e, struct str kw, struct load_err *err)
{
	char names[200];

	if (e->uses & sc->use)
		return true;
	load_err_set(err, NULL,
		     "fetch method '" STR_FMT "' extracts information from '%s', none of which is available here",
		     STR_ARG(kw), expr_use_names(e->uses, names, sizeof(names)));
	return false;
}

struct expr *expr_compile(struct xscope *sc, struct str text, size_t *used, struct load_err *err)
{
	struct str name = name_at(text.p, text.p + text.n);
	const struct fetch_row *row = fetch_find(name);
	const char *stop = NULL;
	struct expr *e;

	if (!name.n) {
		load_err_set(err, text.p, "missing fetch method");
		return NULL;
	}
	if (!row) {
		unknown("fetch method", name, fetch_near(name), expr_known_fetch(name), err);
		return NULL;
	}
	e = expr_compile_row(sc, row, text, text.p + name.n, used ? &stop : NULL, err);
	if (!e)
		return NULL;
	if (used)
		*used = (size_t)(stop - text.p);
	if (!expr_available(sc, e, e->text, err)) {
		err->at = text.p;
		return NULL;
	}
	return e;
}

struct expr *expr_compile_over(struct xscope *sc, const struct fetch_row *row, struct str convs, struct load_err *err)
{
	struct str text = arena_printf(sc->mem, "," STR_FMT, STR_ARG(convs));
	struct expr *e = expr_compile_row(sc, row, text, text.p, NULL, err);

	if (!e && err->at >= text.p && err->at <= text.p + text.n)	/* in the caller's words */
		err->at = convs.p + (err->at > text.p ? err->at - text.p - 1 : 0);
	return e;
}

/* "src, lower" and "src lower": converters may stand in words of their own. */
static bool is_conv_word(struct str w)
{
	const char *end = w.p + w.n;
	struct str name = name_at(w.p, end);

	return name.n && conv_find(name) && (name.p + name.n == end || name.p[name.n] == '(' || name.p[name.n] == ',');
}

struct str expr_join_words(struct xscope *sc, const struct str *w, int n, int *at, bool need_comma)
{
	struct str text = w[*at];

	for ((*at)++; *at < n && is_conv_word(w[*at]); (*at)++) {
		bool comma = text.n && text.p[text.n - 1] == ',';

		if (!comma && need_comma)
			break;
		text = arena_printf(sc->mem, STR_FMT "%s" STR_FMT, STR_ARG(text), comma ? "" : ",", STR_ARG(w[*at]));
	}
	return text;
}

struct expr *expr_compile_words(struct xscope *sc, const struct str *w, int n, int *at, struct load_err *err)
{
	struct str first, text;
	struct expr *e;

	if (*at >= n) {
		load_err_set(err, NULL, "missing fetch method");
		return NULL;
	}
	first = w[*at];
	text = expr_join_words(sc, w, n, at, false);
	e = expr_compile(sc, text, NULL, err);
	/* the place must lie inside the words that the caller knows */
	if (!e && text.p != first.p)
		err->at = first.p;
	return e;
}

uint32_t expr_uses(const struct expr *e)
{
	return e->uses;
}

enum smp_type expr_type(const struct expr *e)
{
	return e->out;
}

/* The converters over what the fetch gave. Flags and context of the fetch outlive them: they are asked for after. */
static bool convert(const struct expr *e, struct sample *out, struct xctx *x)
{
	uint8_t keep = out->flags & (SMP_F_MORE | SMP_F_MAY_CHANGE);
	bool ok = true;

	for (unsigned i = 0; ok && i < e->nsteps; i++) {
		const struct expr_step *s = &e->steps[i];

		ok = out->type == s->in || s->in == SMP_ANY || smp_cast(out, s->in, x->mem);
		ok = ok && s->row->conv(s->args, out, x, s->row);
	}
	out->flags |= keep;
	return ok;
}

bool expr_next(const struct expr *e, struct sample *out, struct xctx *x)
{
	if (e->folded) {
		*out = e->value;
		return convert(e, out, x);
	}
	out->flags = 0;
	return e->fetch->fetch(e->args, out, x, e->fetch) && (!e->nsteps || convert(e, out, x));
}

bool expr_eval(const struct expr *e, struct sample *out, struct xctx *x)
{
	if (e->constant) {
		*out = e->value;
		return true;
	}
	memset(out, 0, sizeof(*out));
	return expr_next(e, out, x);
}

bool expr_eval_as(const struct expr *e, enum smp_type as, struct sample *out, struct xctx *x)
{
	return expr_eval(e, out, x) && (out->type == as || smp_cast(out, as, x->mem));
}

bool expr_eval_str(const struct expr *e, struct str *out, struct xctx *x)
{
	struct sample s;

	if (!expr_eval_as(e, SMP_STR, &s, x))
		return false;
	*out = s.s;
	return true;
}
