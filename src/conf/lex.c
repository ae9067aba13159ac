#include "weir/conf/lex.h"

#include <ctype.h>
#include <stdlib.h>

#include "weir/base/assert.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

/* One pass over the line. Bytes go to a scratch buffer first (a variable can make a line longer than it is), with the
 * column each came from, and to the arena when the line is complete. */
struct cut {
	struct lex *l;
	const struct lex_opts *o;
	struct str in;
	size_t at;
	char quote;		/* '"' or '\'' while inside, else 0 */
	size_t quote_at;
	bool in_word;
	struct arena *mem;
};

static char look(const struct cut *c, size_t ahead)
{
	return c->at + ahead < c->in.n ? c->in.p[c->at + ahead] : '\0';
}

static void emit(struct cut *c, char ch, size_t column)
{
	struct lex *l = c->l;

	if (l->out_n == l->out_cap) {
		l->out_cap = l->out_cap ? l->out_cap * 2 : 1024;
		l->out = mem_realloc(l->out, l->out_cap);
		l->map = mem_realloc(l->map, l->out_cap * sizeof(l->map[0]));
	}
	l->out[l->out_n] = ch;
	l->map[l->out_n++] = (uint32_t)column;
}

/* Words are offsets into the scratch buffer until the line is complete. */
static void word_begin(struct cut *c, size_t column)
{
	struct lex *l = c->l;

	if (c->in_word)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 32;
		l->w = mem_realloc(l->w, sizeof(l->w[0]) * (size_t)l->cap);
		l->from = mem_realloc(l->from, sizeof(l->from[0]) * (size_t)l->cap);
		l->to = mem_realloc(l->to, sizeof(l->to[0]) * (size_t)l->cap);
	}
	l->w[l->n] = str_make(NULL, l->out_n);
	l->from[l->n] = (unsigned)column;
	c->in_word = true;
}

static void word_end(struct cut *c, size_t column)
{
	struct lex *l = c->l;

	if (!c->in_word)
		return;
	l->to[l->n] = (unsigned)column;
	emit(c, '\0', column);
	l->n++;
	c->in_word = false;
}

static bool fail(struct cut *c, enum lex_err e, size_t column)
{
	c->l->err = e;
	c->l->err_at = column;
	return false;
}

static int hex(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

/* At a backslash: what is no escape stays as it is, the backslash included. */
static bool escape(struct cut *c)
{
	static const char from[] = "trn", to[] = "\t\r\n";
	char next = look(c, 1);
	const char *letter = next ? strchr(from, next) : NULL;
	size_t begun = c->at;
	char out = '\\';

	if (next == ' ' || next == '\\' || next == '\'' || next == '"' || (next == '$' && c->quote) ||
	    (next == '#' && c->o->comments)) {
		out = next;
		c->at++;
	} else if (letter) {
		out = to[letter - from];
		c->at++;
	} else if (next == 'x') {
		int high = hex(look(c, 2)), low = hex(look(c, 3));

		if (high < 0 || low < 0)
			return fail(c, LEX_HEX, c->at);
		out = (char)(high << 4 | low);
		c->at += 3;
	}
	c->at++;
	word_begin(c, begun);
	emit(c, out, begun);
	return true;
}

static bool process_env(void *arg, struct str name, struct str *value)
{
	char buf[256];
	const char *z;

	if (name.n >= sizeof(buf))
		return false;
	z = getenv(str_z(name, buf, sizeof(buf)));
	*value = str_c(z);
	return z != NULL;
}

static bool name_char(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_';
}

/* The value goes into the current word; with [*] blanks in it part words. */
static void emit_value(struct cut *c, struct str v, bool words, size_t column)
{
	for (size_t i = 0; i < v.n; i++) {
		if (words && isspace((unsigned char)v.p[i])) {
			word_end(c, c->at);
			while (i + 1 < v.n && isspace((unsigned char)v.p[i + 1]))
				i++;
			word_begin(c, column);
			continue;
		}
		word_begin(c, column);
		emit(c, v.p[i], column);
	}
}

/* What may stand behind a name in braces: "[*]", "-default", then the closing brace. */
static bool braced_end(struct cut *c, size_t brace, bool *words, struct str *dflt, bool *has_dflt)
{
	if (look(c, 0) == '[') {
		if (look(c, 1) != '*' || look(c, 2) != ']')
			return fail(c, LEX_EXPAND, c->at);
		*words = true;
		c->at += 3;
	}
	if (look(c, 0) == '-') {
		size_t from = ++c->at;

		while (c->at < c->in.n && c->in.p[c->at] != '}')
			c->at++;
		*dflt = str_make(c->in.p + from, c->at - from);
		*has_dflt = true;
	}
	if (look(c, 0) != '}')
		return fail(c, LEX_BRACE, brace);
	c->at++;
	return true;
}

/* At a dollar sign inside weak quotes. */
static bool variable(struct cut *c)
{
	size_t begun = c->at++, brace = c->at, name;
	bool braced = look(c, 0) == '{', words = false, has_dflt = false, pseudo;
	struct str value = STR_NONE, dflt = STR_NONE, id;

	if (braced)
		c->at++;
	name = c->at;
	pseudo = look(c, 0) == '.';
	if (!pseudo && (!name_char(look(c, 0)) || isdigit((unsigned char)look(c, 0))))
		return fail(c, LEX_VARNAME, c->at);
	for (c->at += pseudo; name_char(look(c, 0));)
		c->at++;
	id = str_make(c->in.p + name, c->at - name);
	if (braced && !braced_end(c, brace, &words, &dflt, &has_dflt))
		return false;
	if (c->o->env ? c->o->env(c->o->env_arg, id, &value) : process_env(NULL, id, &value))
		emit_value(c, value, words, begun);
	else if (pseudo)
		return fail(c, LEX_VARNAME, name);
	else if (has_dflt)
		emit_value(c, dflt, words, begun);
	return true;
}

/* One character, escape, quote or variable. False: mistake. */
static bool step(struct cut *c)
{
	char ch = c->in.p[c->at];

	if ((ch == '"' && c->quote != '\'') || (ch == '\'' && c->quote != '"')) {
		c->quote = c->quote ? 0 : ch;
		c->quote_at = c->at;
		word_begin(c, c->at++);
		return true;
	}
	if (ch == '\\' && c->quote != '\'')
		return escape(c);
	if (ch == '$' && c->quote == '"')
		return variable(c);
	if (!c->quote && isspace((unsigned char)ch)) {
		word_end(c, c->at);
		while (isspace((unsigned char)look(c, 0)))
			c->at++;
		return true;
	}
	word_begin(c, c->at);
	emit(c, ch, c->at++);
	return true;
}

/* Offsets become slices of a copy that lives on. */
static void settle(struct lex *l, struct arena *mem)
{
	char *text = arena_bytes(mem, l->out_n + 1);

	if (l->out_n)
		memcpy(text, l->out, l->out_n);
	for (int i = 0; i < l->n; i++) {
		size_t from = l->w[i].n, end = i + 1 < l->n ? l->w[i + 1].n : l->out_n;

		WASSERT(end > from && end <= l->out_n);
		/* A \x00 ends a word, as it ends HAProxy's strings. */
		l->w[i] = str_make(text + from, strlen(text + from));
	}
}

bool lex_line(struct lex *l, struct str line, const struct lex_opts *o, struct arena *mem)
{
	struct cut c = { .l = l, .o = o, .in = line, .mem = mem };
	bool ok = true;

	l->n = 0;
	l->out_n = 0;
	l->err = LEX_OK;
	while (isspace((unsigned char)look(&c, 0)))
		c.at++;
	/* Behind a carriage return that has no blank before it nothing counts. */
	while (ok && c.at < line.n && line.p[c.at] != '\r') {
		if (line.p[c.at] == '#' && !c.quote && o->comments)
			break;
		ok = step(&c);
	}
	if (ok && c.quote)
		ok = fail(&c, LEX_QUOTE, c.quote_at);
	word_end(&c, c.at);
	settle(l, mem);
	return ok;
}

unsigned lex_column(const struct lex *l, int i, size_t off)
{
	size_t begin;

	if (i < 0 || i >= l->n)
		return l->n ? l->to[l->n - 1] : 0;
	if (off == 0)
		return l->from[i];
	begin = (size_t)(l->w[i].p - l->w[0].p);
	return off <= l->w[i].n ? l->map[begin + off] : l->to[i];
}

void lex_fini(struct lex *l)
{
	free(l->w);
	free(l->from);
	free(l->to);
	free(l->out);
	free(l->map);
	*l = (struct lex){ 0 };
}

const char *lex_err_text(enum lex_err e)
{
	static const char *const text[] = {
		[LEX_OK] = "", [LEX_QUOTE] = "unmatched quote",
		[LEX_BRACE] = "unmatched brace in environment variable name",
		[LEX_VARNAME] = "forbidden first char in environment variable name",
		[LEX_HEX] = "truncated or invalid hexadecimal sequence",
		[LEX_EXPAND] = "truncated or invalid word expansion sequence",
	};

	return (size_t)e < ARRAY_LEN(text) ? text[e] : "";
}

struct str env_expand(struct arena *mem, struct str text)
{
	static const struct lex_opts weak = { 0 };
	struct lex l = { 0 };
	struct cut c = { .l = &l, .o = &weak, .in = text, .quote = '"', .mem = mem };
	struct str out = text;

	if (str_chr(text, '$') == (size_t)-1)
		return text;
	word_begin(&c, 0);
	while (c.at < text.n) {
		if (text.p[c.at] == '$' && variable(&c))
			continue;
		if (l.err)
			break;
		emit(&c, text.p[c.at], c.at);
		c.at++;
	}
	if (!l.err) {
		word_end(&c, c.at);
		settle(&l, mem);
		out = l.w[0];
	}
	lex_fini(&l);
	return out;
}
