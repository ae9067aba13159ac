/* Shared by the files of the expression compiler; nobody else includes it. */
#ifndef WEIR_EXPR_PRIV_H
#define WEIR_EXPR_PRIV_H

#include "weir/base/row.h"
#include "weir/expr/compile.h"
#include "weir/expr/rule.h"

/* One converter of a compiled expression. */
struct expr_step {
	const struct conv_row *row;
	const struct arg *args;
	uint8_t in;			/* type it wants; the value is cast when it has another one */
};

/* A fetch and its converters, flat. Immutable after load, shared by all threads. */
struct expr {
	const struct fetch_row *fetch;
	const struct arg *args;
	const struct expr_step *steps;
	uint16_t nsteps;
	uint16_t written;		/* converters as the text has them: those folded at load included */
	uint8_t out;			/* declared type at the end */
	bool constant;			/* `value` is the result: evaluated at load */
	bool folded;			/* `value` is what the steps begin with: what is in front was evaluated */
	struct sample value;
	uint32_t uses;
	struct str text;
};

/* Fetch, converter and action rows by name. tables.c */
const struct fetch_row *fetch_find(struct str name);
const struct conv_row *conv_find(struct str name);
const char *fetch_near(struct str name);
const char *conv_near(struct str name);

/* known.c: names of HAProxy's that no row has. */
bool expr_known_fetch(struct str name);
bool expr_known_conv(struct str name);
bool expr_known_action(struct str name);
#define EXPR_KNOWN "%s '" STR_FMT "' is known to HAProxy, not built in weir"

/* args.c: parses "(a,b,c)" at *p when there is a bracket (text ends at end), typed by spec. conv: a converter's (else a
 * fetch's) and name are for messages. Returns an array ended by ARG_END with room for all of the spec's, or NULL with
 * err set; *n: how many were given. */
struct arg *args_parse(struct xscope *sc, const char **p, const char *end, const struct arg_spec *spec,
		       bool conv, const char *name, int *n, struct load_err *err);

/* compile.c: a fetch row the caller has found itself (an ACL keyword's), with the rest of the word behind its name. */
struct expr *expr_compile_row(struct xscope *sc, const struct fetch_row *row, struct str text, const char *behind,
			      const char **stop, struct load_err *err);

/* Evaluation in turn: *out zeroed before the first call; while SMP_F_MORE is set call again. False with SMP_F_MORE:
 * this value was lost on the way, the next one may not be. */
bool expr_next(const struct expr *e, struct sample *out, struct xctx *x);
/* False: none of the data it needs is there where sc says it will run; kw is how the message calls it. */
bool expr_available(const struct xscope *sc, const struct expr *e, struct str kw, struct load_err *err);
const char *expr_use_names(uint32_t use, char *buf, size_t size);
/* The word at *at and the words of converters behind it as one text; need_comma: only behind a comma. */
struct str expr_join_words(struct xscope *sc, const struct str *w, int n, int *at, bool need_comma);
/* Is it str(), int() ...: does it always give its argument? */
bool fetch_is_literal(const struct fetch_row *row);

/* True for the characters of names of fetches, converters, ACLs, variables. */
bool name_char(char c);
struct str name_at(const char *p, const char *end);

#endif
