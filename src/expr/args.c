/* Arguments of fetches and converters: "(a,'b c',\"d\")". The quoting is a second level under that of the
 * configuration's words: double quotes protect commas, brackets and blanks, single quotes backslashes too; a backslash
 * stands before a quote, a blank or itself, and makes \n \r \t; before anything else it is a character like others. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include "expr_priv.h"
#include "weir/base/num.h"
#include "weir/expr/vars.h"

static const char *const type_names[] = {
	[ARG_END] = "end of arguments", [ARG_STR] = "string", [ARG_SINT] = "integer", [ARG_TIME] = "delay",
	[ARG_SIZE] = "size", [ARG_IPV4] = "IPv4 address", [ARG_MASK4] = "IPv4 mask", [ARG_IPV6] = "IPv6 address",
	[ARG_MASK6] = "IPv6 mask", [ARG_REG] = "regex", [ARG_MAP] = "map", [ARG_FE] = "frontend",
	[ARG_BE] = "backend", [ARG_TAB] = "table", [ARG_SRV] = "server", [ARG_USERLIST] = "user list",
	[ARG_VAR] = "variable", [ARG_SINT_OR_VAR] = "integer", [ARG_STR_OR_VAR] = "string", [ARG_ID] = "string",
	[ARG_OPT_STR] = "string", [ARG_BWLIM] = "filter", [ARG_CAPTURE] = "capture slot",
};

/* What is being parsed, for messages. */
struct args_ctx {
	struct xscope *sc;
	const char *name;
	bool conv;		/* a converter's, else a fetch's */
	struct load_err *err;
};

static char escaped(char c)
{
	switch (c) {
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case '\\': case '"': case '\'': case ' ': return c;
	}
	return 0;
}

/* One argument from *p up to a comma or bracket outside quotes, or the end. */
static void read_one(struct arena *mem, const char **p, const char *end, struct str *out)
{
	char *buf = arena_bytes(mem, (size_t)(end - *p) + 1);
	size_t n = 0;
	char quote = 0;
	const char *q = *p;

	for (; q < end; q++) {
		char c = *q, e;

		if (quote ? c == quote : (c == '"' || c == '\'')) {
			quote = quote ? 0 : c;
			continue;
		}
		if (!quote && (c == ',' || c == ')'))
			break;
		if (c == '\\' && quote != '\'' && q + 1 < end && (e = escaped(q[1]))) {
			c = e;
			q++;
		}
		buf[n++] = c;
	}
	buf[n] = '\0';
	*out = str_make(buf, n);
	*p = q;
}

static bool mask4(struct str s, struct in_addr *out)
{
	char text[INET_ADDRSTRLEN];
	uint64_t bits;

	if (num_u64(s, &bits)) {
		if (bits > 32)
			return false;
		out->s_addr = bits ? htonl(UINT32_MAX << (32 - bits)) : 0;
		return true;
	}
	return s.n < sizeof(text) && inet_pton(AF_INET, str_z(s, text, sizeof(text)), out) == 1;
}

static bool mask6(struct str s, struct in6_addr *out)
{
	char text[INET6_ADDRSTRLEN];
	uint64_t bits;

	if (!num_u64(s, &bits))
		return s.n < sizeof(text) && inet_pton(AF_INET6, str_z(s, text, sizeof(text)), out) == 1;
	if (bits > 128)
		return false;
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < bits; i++)
		out->s6_addr[i / 8] |= (uint8_t)(0x80 >> (i % 8));
	return true;
}

static bool address(struct str s, int family, void *out)
{
	char text[INET6_ADDRSTRLEN];

	return s.n < sizeof(text) && inet_pton(family, str_z(s, text, sizeof(text)), out) == 1;
}

static bool signed_int(struct str s, int64_t *out)
{
	return num_i64(s.n && s.p[0] == '+' ? str_skip(s, 1) : s, out);
}

static void add_todo(struct args_ctx *c, struct arg *a, int pos, uint8_t absent)
{
	const struct xscope *sc = c->sc;
	struct arg_todo *t;

	if (!sc->unresolved)
		return;
	t = arena_new(sc->mem, struct arg_todo);
	*t = (struct arg_todo){ .arg = a, .proxy = sc->proxy, .file = sc->file, .line = sc->line, .pos = pos,
				.kw = c->name, .in = sc->in_acl ? NULL : sc->args_in, .absent = absent };
	t->what = c->conv ? "conversion keyword" : sc->in_acl ? "ACL keyword" : "sample fetch keyword";
	list_push(sc->unresolved, &t->link);
}

/* Names that may be declared later: the loader looks them up when everything was read. */
static void postpone(struct args_ctx *c, struct arg *a, int pos)
{
	a->unresolved = true;
	add_todo(c, a, pos, ARG_END);
}

/* A variable's name where a literal could stand too: decided by the scope in front of it. */
static bool maybe_var(struct args_ctx *c, struct arg *a)
{
	struct load_err ignored;
	struct var_ref ref, *kept;

	if (!var_ref_parse(c->sc->mem, a->s, &ref, &ignored))
		return false;
	kept = arena_new(c->sc->mem, struct var_ref);
	*kept = ref;
	a->p = kept;
	a->type = ARG_VAR;
	return true;
}

static bool arg_time(struct str s, int64_t *out)
{
	uint64_t ms;
	const char *bad;

	if (num_time(s, TIME_MS, TIME_MS, &ms, &bad) != NUM_OK)
		return false;
	*out = (int64_t)ms;
	return true;
}

static bool arg_size(struct str s, int64_t *out)
{
	uint64_t n;
	const char *bad;

	if (num_size(s, &n, &bad) != NUM_OK)
		return false;
	*out = (int64_t)n;
	return true;
}

/* Sets the value by type. False: the text does not suit (why is left empty), or why says more. */
static bool convert(struct args_ctx *c, struct arg *a, int pos, struct load_err *why)
{
	switch (a->type) {
	case ARG_SINT:
		return signed_int(a->s, &a->i);
	case ARG_TIME:
		return arg_time(a->s, &a->i);
	case ARG_SIZE:
		return arg_size(a->s, &a->i);
	case ARG_IPV4:
		return address(a->s, AF_INET, &a->ip4);
	case ARG_MASK4:
		return mask4(a->s, &a->ip4);
	case ARG_IPV6:
		return address(a->s, AF_INET6, &a->ip6);
	case ARG_MASK6:
		return mask6(a->s, &a->ip6);
	case ARG_FE: case ARG_BE: case ARG_TAB: case ARG_SRV: case ARG_USERLIST:
		postpone(c, a, pos);
		return true;
	case ARG_VAR:
		a->p = arena_new(c->sc->mem, struct var_ref);
		return var_ref_parse(c->sc->mem, a->s, a->p, why);
	case ARG_SINT_OR_VAR:
		if (maybe_var(c, a))
			return true;
		a->type = ARG_SINT;
		if (!a->s.n || signed_int(a->s, &a->i))
			return true;
		load_err_set(why, NULL, "expects an integer or a variable name");
		return false;
	case ARG_STR_OR_VAR:
		if (!maybe_var(c, a))
			a->type = ARG_STR;
		return true;
	}
	return true;	/* texts; regexes and maps are compiled by the row's check */
}

/* Texts may be empty and count all the same; of other types an empty optional one ends the list. */
static bool is_text(uint8_t type)
{
	switch (type) {
	case ARG_STR: case ARG_STR_OR_VAR: case ARG_SINT_OR_VAR: case ARG_OPT_STR: case ARG_ID: case ARG_REG:
	case ARG_VAR: case ARG_MAP:
		return true;
	}
	return false;
}

static void complain(struct args_ctx *c, int pos, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void complain(struct args_ctx *c, int pos, const char *at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->conv)
		load_err_set(c->err, at, "invalid arg %d in converter '%s' : %s", pos, c->name, text);
	else
		load_err_set(c->err, at, "fetch method '%s' : %s", c->name, text);
}

static bool take_one(struct args_ctx *c, struct arg *a, uint8_t type, int pos, const char *at)
{
	struct load_err why = { .msg = "" };

	a->type = type;
	if (convert(c, a, pos, &why))
		return true;
	if (why.msg[0])
		load_err_set(c->err, at, "invalid args in %s '%s' : %s", c->conv ? "converter" : "fetch method",
			     c->name, why.msg);
	else
		complain(c, pos, at, "failed to parse '" STR_FMT "' as type '%s' at position %d", STR_ARG(a->s),
			 type_names[type], pos);
	return false;
}

static int spec_count(const struct arg_spec *spec)
{
	int n = 0;

	while (n < ARGS_MAX && spec->t[n] != ARG_END)
		n++;
	return n;
}

/* An empty argument of a type that is no text. True: an optional one, the list ends here. Behind another one it stands
 * for zero, as in HAProxy: "field(2,:,)" is everything from the second field on. */
static bool empty_ends(struct args_ctx *c, const struct arg_spec *spec, int n, struct arg *a, const char *at)
{
	if (n >= spec->min) {
		if (n && (spec->t[n] == ARG_SINT || spec->t[n] == ARG_TIME || spec->t[n] == ARG_SIZE))
			a->type = spec->t[n];
		return true;
	}
	complain(c, n + 1, at, "expected type '%s' at position %d, but got nothing", type_names[spec->t[n]], n + 1);
	return false;
}

/* The arguments behind the opening bracket (or none at all: *p == end). Leaves *p where they end. */
static bool take_list(struct args_ctx *c, struct arg *args, const char **p, const char *end,
		      const struct arg_spec *spec, int *n)
{
	int max = spec_count(spec);

	for (*n = 0; *n < max; (*p)++) {
		const char *at = *p;
		struct arg *a = &args[*n];

		read_one(c->sc->mem, p, end, &a->s);
		if (!a->s.n && !is_text(spec->t[*n]))
			return empty_ends(c, spec, *n, a, at);
		if (!a->s.n && spec->t[*n] == ARG_VAR && *n >= spec->min)
			a->type = ARG_END;
		else if (!take_one(c, a, spec->t[*n], *n + 1, at))
			return false;
		if (++*n == max || *p >= end || **p != ',')
			return true;
	}
	return true;
}

/* A frontend or backend that was not written is the section's own. */
static void add_absent(struct args_ctx *c, struct arg *args, const struct arg_spec *spec, int n)
{
	if (n < spec_count(spec) && (spec->t[n] == ARG_BE || spec->t[n] == ARG_FE))
		add_todo(c, &args[n], n + 1, spec->t[n]);
}

struct arg *args_parse(struct xscope *sc, const char **p, const char *end, const struct arg_spec *spec,
		       bool conv, const char *name, int *n, struct load_err *err)
{
	struct args_ctx c = { .sc = sc, .conv = conv, .name = name, .err = err };
	struct arg *args = arena_array(sc->mem, struct arg, (size_t)spec_count(spec) + 1);
	bool brackets = *p < end && **p == '(';
	const char *list_end = brackets ? end : *p;

	*n = 0;
	if (!brackets && !spec->min) {	/* "()" holds one empty argument, no brackets hold none */
		add_absent(&c, args, spec, 0);
		return args;
	}
	if (brackets)
		(*p)++;
	if (!take_list(&c, args, p, list_end, spec, n))
		return NULL;
	if (brackets && (*p >= end || **p != ')')) {
		if (*p < end)
			complain(&c, *n ? *n : 1, *p, "expected ')' before '" STR_FMT "'", (int)(end - *p), *p);
		else
			complain(&c, *n ? *n : 1, *p, "expected ')'");
		return NULL;
	}
	if (*n < spec->min) {
		complain(&c, *n + 1, *p, "missing arguments (got %d/%d), type '%s' expected", *n, spec->min,
			 type_names[spec->t[*n]]);
		return NULL;
	}
	if (brackets)
		(*p)++;
	add_absent(&c, args, spec, *n);
	return args;
}
