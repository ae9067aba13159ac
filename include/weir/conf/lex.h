/* Lines to words, exactly as HAProxy cuts them: backslash escapes, 'strong' and "weak" quotes, comments, environment
 * variables inside weak quotes. */
#ifndef WEIR_CONF_LEX_H
#define WEIR_CONF_LEX_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/str.h"

enum lex_err {
	LEX_OK,
	LEX_QUOTE /* unmatched */,
	LEX_BRACE /* unmatched, in a variable */,
	LEX_VARNAME /* forbidden first character */,
	LEX_HEX /* truncated or invalid \xNN */,
	LEX_EXPAND /* bad [*] */,
};

/* Looks a variable up; name may begin with '.' (pseudo-variables). False: not set. */
typedef bool lex_env_f(void *arg, struct str name, struct str *value);

struct lex_opts {
	bool comments;			/* '#' ends the line */
	lex_env_f *env;			/* NULL: the process environment */
	void *env_arg;
};

/* The words of one line, in memory of `mem` that lives on; each has a NUL behind it. The arrays are reused from line
 * to line. A zeroed struct is ready for use. */
struct lex {
	struct str *w;
	unsigned *from, *to; /* where each word lies in the line: first column, one behind the last (from 0) */
	int n, cap;
	enum lex_err err;
	size_t err_at;			/* column (from 0) of the mistake */
	char *out;			/* scratch */
	size_t out_n, out_cap;
	uint32_t *map;			/* scratch byte -> column */
};

/* False: l->err and l->err_at say why. Words found before the mistake are there. */
bool lex_line(struct lex *l, struct str line, const struct lex_opts *o, struct arena *mem);
/* Column of character `off` inside word i of the line lexed last. */
unsigned lex_column(const struct lex *l, int i, size_t off);
void lex_fini(struct lex *l);
/* HAProxy's words: "unmatched quote" ... */
const char *lex_err_text(enum lex_err e);

/* Expands $VAR, ${VAR} and ${VAR-default} in an unquoted word, as HAProxy does for addresses; unset variables vanish.
 * Text without a dollar is returned as it is. */
struct str env_expand(struct arena *mem, struct str text);

#endif
