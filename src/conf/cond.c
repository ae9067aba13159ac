#include "weir/conf/cond.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "weir/base/obj.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"

/* expr := and [ '||' expr ] ; and := term [ '&&' and ] ; term := '!' term | '(' expr ')' | integer | predicate [ args
 * ]. Everything is parsed (mistakes count on either side of an operator); predicates only look, so they are evaluated
 * on the way. */
#define NESTED_MAX 64
#define ARGS 2
#define ARG_SIZE 1024

struct parse {
	struct str text;
	size_t at, op;			/* op: last operator, what a missing term is blamed on */
	size_t begun;			/* the term that is being read, from its first '!' on */
	int depth;
	const struct conf_facts *facts;
	char *why;
	const char *bad;
};

struct predicate {
	const char *name;
	int nargs;
	bool (*holds)(const struct conf_facts *f, const struct str *a, int priv);
	int priv;
};

#define VERSION_PARTS 5

static unsigned digits(struct str *v)
{
	unsigned n = 0;

	for (; v->n && isdigit((unsigned char)v->p[0]); *v = str_skip(*v, 1))
		n = n * 10 + (unsigned)(v->p[0] - '0');
	return n;
}

static bool take(struct str *v, char c)
{
	if (!v->n || v->p[0] != c)
		return false;
	*v = str_skip(*v, 1);
	return true;
}

/* major, minor, 1 for a release and 0 for -dev and the like, patch or dev number, commits behind it. */
static void split_version(struct str v, unsigned out[VERSION_PARTS])
{
	memset(out, 0, sizeof(out[0]) * VERSION_PARTS);
	out[0] = digits(&v);
	if (take(&v, '.'))
		out[1] = digits(&v);
	out[2] = 1;
	if (take(&v, '.')) {
		out[3] = digits(&v);
	} else if (v.n > 1 && v.p[0] == '-' && isalpha((unsigned char)v.p[1])) {
		out[2] = 0;
		while (v.n && !isdigit((unsigned char)v.p[0]))
			v = str_skip(v, 1);
		out[3] = digits(&v);
	}
	if (take(&v, '-'))
		out[4] = digits(&v);
}

int conf_version_cmp(const char *version, struct str other)
{
	unsigned a[VERSION_PARTS], b[VERSION_PARTS];

	split_version(str_c(version), a);
	split_version(other, b);
	if (b[0] == 0 && b[1] == 0)
		return 1;
	for (int i = 0; i < VERSION_PARTS; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static bool atleast(const struct conf_facts *f, const struct str *a, int priv)
{
	return (conf_version_cmp(f->version, a[0]) >= 0) == (priv != 0);
}

/* "1.1.1f": a letter is the fourth part. */
static unsigned long ssl_number(struct str v)
{
	unsigned long part[4] = { 0 };
	size_t i = 0;

	for (int p = 0; p < 3 && i < v.n; p++) {
		for (; i < v.n && isdigit((unsigned char)v.p[i]); i++)
			part[p] = part[p] * 10 + (unsigned long)(v.p[i] - '0');
		if (i < v.n && v.p[i] == '.')
			i++;
	}
	if (i < v.n && isalpha((unsigned char)v.p[i]))
		part[3] = (unsigned long)(v.p[i] | 0x20) - 'a' + 1;
	return part[0] << 28 | part[1] << 20 | part[2] << 12 | part[3] << 4;
}

static bool ssl_atleast(const struct conf_facts *f, const struct str *a, int priv)
{
	if (!f->ssl_version)
		return false;
	return (ssl_number(str_c(f->ssl_version)) >= ssl_number(a[0])) == (priv != 0);
}

static bool ssl_named(const struct conf_facts *f, const struct str *a, int priv)
{
	return f->ssl_name && str_starts(str_c(f->ssl_name), a[0]);
}

static bool never(const struct conf_facts *f, const struct str *a, int priv)
{
	return false;
}

static bool is_listed(const struct conf_feature *list, struct str name)
{
	for (; list && list->name; list++)
		if (str_eqz(name, list->name))
			return list->present;
	return false;
}

static bool has_feature(const struct conf_facts *f, const struct str *a, int priv)
{
	return is_listed(priv ? f->enabled : f->features, a[0]);
}

static bool is_defined(const struct conf_facts *f, const struct str *a, int priv)
{
	char name[ARG_SIZE];

	return a[0].n && a[0].n < sizeof(name) && getenv(str_z(a[0], name, sizeof(name)));
}

static bool same_text(const struct conf_facts *f, const struct str *a, int priv)
{
	return str_eq(a[0], a[1]) == (priv != 0);
}

static bool contains(const struct conf_facts *f, const struct str *a, int priv)
{
	return str_find(a[0], a[1]) != (size_t)-1;
}

static const struct predicate predicates[] = {
	{ "awslc_api_atleast", 1, never, 0 },
	{ "awslc_api_before", 1, never, 0 },
	{ "defined", 1, is_defined, 0 },
	{ "enabled", 1, has_feature, 1 },
	{ "feature", 1, has_feature, 0 },
	{ "fips_mode", 0, never, 0 },
	{ "openssl_version_atleast", 1, ssl_atleast, 1 },
	{ "openssl_version_before", 1, ssl_atleast, 0 },
	{ "ssllib_name_startswith", 1, ssl_named, 0 },
	{ "streq", 2, same_text, 1 },
	{ "strneq", 2, same_text, 0 },
	{ "strstr", 2, contains, 0 },
	{ "version_atleast", 1, atleast, 1 },
	{ "version_before", 1, atleast, 0 },
};

static enum conf_cond_result or_expr(struct parse *p);

static char look(const struct parse *p, size_t ahead)
{
	return p->at + ahead < p->text.n ? p->text.p[p->at + ahead] : '\0';
}

static void blanks(struct parse *p)
{
	while (look(p, 0) == ' ' || look(p, 0) == '\t')
		p->at++;
}

static enum conf_cond_result unparsable(struct parse *p, size_t at)
{
	struct str rest = str_skip(p->text, at);

	snprintf(p->why, 256, "unparsable conditional expression '" STR_FMT "'", (int)MIN(rest.n, 180), rest.p);
	p->bad = p->text.p + at;
	return CC_BAD;
}

/* One argument up to an unquoted ',' or ')', quotes and escapes resolved into buf. */
static struct str argument(struct parse *p, char *buf)
{
	char quote = 0, c;
	size_t n = 0;

	for (; (c = look(p, 0)) && (quote || (c != ',' && c != ')')); p->at++) {
		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? 0 : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && look(p, 1) && strchr("\\\"' ", look(p, 1)))
			c = p->text.p[++p->at];
		if (n < ARG_SIZE)
			buf[n++] = c;
	}
	return str_make(buf, n);
}

static enum conf_cond_result bad_args(struct parse *p, const struct predicate *row, int got)
{
	struct str rest = str_skip(p->text, p->at);

	p->bad = p->text.p + p->at;
	if (got < row->nargs && (look(p, 0) != '\0' || got < row->nargs - 1 || p->text.p[p->at - 1] != ','))
		snprintf(p->why, 256,
			 "missing arguments (got %d/%d), type 'string' expected in argument %d of predicate '%s' "
			 "used in conditional expression",
			 got, row->nargs, got, row->name);
	else if (rest.n)
		snprintf(p->why, 256,
			 "expected ')' before '" STR_FMT "' in argument %d of predicate '%s' used in conditional "
			 "expression",
			 (int)MIN(rest.n, 80), rest.p, MAX(got - 1, 1), row->name);
	else
		snprintf(p->why, 256, "expected ')' in argument %d of predicate '%s' used in conditional expression",
		         MAX(got - 1, 1), row->name);
	return CC_BAD;
}

static enum conf_cond_result call(struct parse *p, const struct predicate *row)
{
	char buf[ARGS][ARG_SIZE];
	struct str a[ARGS] = { STR_NONE, STR_NONE };
	int got = 0;

	if (look(p, 0) != '(' && row->nargs > 1)
		return bad_args(p, row, 1);
	if (look(p, 0) != '(')
		return row->holds(p->facts, a, row->priv) ? CC_TRUE : CC_FALSE;
	p->at++;
	while (got < MAX(row->nargs, 1)) {
		a[got] = argument(p, buf[got]);
		got++;
		if (look(p, 0) != ',' || got == MAX(row->nargs, 1))
			break;
		p->at++;
	}
	if (look(p, 0) != ')' || got < row->nargs)
		return bad_args(p, row, got);
	p->at++;
	return row->holds(p->facts, a, row->priv) ? CC_TRUE : CC_FALSE;
}

static enum conf_cond_result group(struct parse *p)
{
	size_t from = p->at++;
	struct str rest = str_skip(p->text, from);
	enum conf_cond_result r = or_expr(p);

	if (r == CC_BAD)
		return r;
	blanks(p);
	if (look(p, 0) != ')') {
		snprintf(p->why, 256, "expected ')' after conditional expression '" STR_FMT "'",
			 (int)MIN(rest.n, 180), rest.p);
		p->bad = p->text.p + p->at;
		return CC_BAD;
	}
	p->at++;
	return r;
}

/* As C writes them: 10, 0xa and 012. */
static enum conf_cond_result number(struct parse *p)
{
	bool nonzero = false, hex;
	char last;

	if (look(p, 0) == '-' || look(p, 0) == '+')
		p->at++;
	last = look(p, 0) == '0' ? '7' : '9';
	hex = last == '7' && (look(p, 1) | 0x20) == 'x' && isxdigit((unsigned char)look(p, 2));
	p->at += hex ? 2 : 0;
	for (; hex ? isxdigit((unsigned char)look(p, 0)) : look(p, 0) >= '0' && look(p, 0) <= last; p->at++)
		nonzero |= look(p, 0) != '0';
	return nonzero ? CC_TRUE : CC_FALSE;
}

static enum conf_cond_result named(struct parse *p)
{
	size_t from = p->at, end = from;
	const struct predicate *row;

	while (end < p->text.n && (isalnum((unsigned char)p->text.p[end]) || p->text.p[end] == '_'))
		end++;
	row = row_find(predicates, ARRAY_LEN(predicates), sizeof(predicates[0]),
		       str_make(p->text.p + from, end - from));
	if (!row)
		return unparsable(p, p->begun < p->text.n ? p->begun : p->op);
	p->at = end;
	return call(p, row);
}

static enum conf_cond_result any_term(struct parse *p)
{
	enum conf_cond_result r;
	char c;

	blanks(p);
	c = look(p, 0);
	if (++p->depth > NESTED_MAX)
		return unparsable(p, p->at);
	if (c == '!') {
		p->op = p->at++;
		r = any_term(p);
		r = r == CC_BAD ? r : r == CC_TRUE ? CC_FALSE : CC_TRUE;
	} else if (c == '(') {
		p->op = p->at;
		r = group(p);
	} else if (isdigit((unsigned char)c) || ((c == '-' || c == '+') && isdigit((unsigned char)look(p, 1)))) {
		r = number(p);
	} else {
		r = named(p);
	}
	p->depth--;
	return r;
}

static enum conf_cond_result term(struct parse *p)
{
	blanks(p);
	p->begun = p->at;
	return any_term(p);
}

static bool operator(struct parse *p, char c)
{
	blanks(p);
	if (look(p, 0) != c || look(p, 1) != c)
		return false;
	p->op = p->at;
	p->at += 2;
	return true;
}

static enum conf_cond_result and_expr(struct parse *p)
{
	enum conf_cond_result r = term(p);

	while (r != CC_BAD && operator(p, '&')) {
		enum conf_cond_result right = term(p);

		r = right == CC_BAD ? CC_BAD : r == CC_TRUE && right == CC_TRUE ? CC_TRUE : CC_FALSE;
	}
	return r;
}

static enum conf_cond_result or_expr(struct parse *p)
{
	enum conf_cond_result r = and_expr(p);

	while (r != CC_BAD && operator(p, '|')) {
		enum conf_cond_result right = and_expr(p);

		r = right == CC_BAD ? CC_BAD : r == CC_TRUE || right == CC_TRUE ? CC_TRUE : CC_FALSE;
	}
	return r;
}

struct str conf_cond_text(struct arena *mem, const struct str *w, int n)
{
	struct sbuf b = sbuf_grow();
	struct str out;

	for (int i = 0; i < n; i++) {
		sbuf_puts(&b, i ? STR(" ") : STR_NONE);
		sbuf_puts(&b, w[i]);
	}
	out = arena_str(mem, sbuf_str(&b));
	sbuf_fini(&b);
	return out;
}

enum conf_cond_result conf_cond(struct str text, const struct conf_facts *f, char why[256], const char **at)
{
	struct parse p = { .text = text, .facts = f, .why = why };
	enum conf_cond_result r;

	why[0] = '\0';
	*at = text.p;
	if (!text.n)
		return CC_FALSE;
	r = or_expr(&p);
	if (r != CC_BAD) {
		blanks(&p);
		if (p.at < text.n) {
			snprintf(why, 256,
				 "unexpected character '%c' at the end of conditional expression '" STR_FMT "'",
				 text.p[p.at], (int)MIN(text.n, 160), text.p);
			p.bad = text.p + p.at;
			r = CC_BAD;
		}
	}
	if (r == CC_BAD)
		*at = p.bad;
	return r;
}
