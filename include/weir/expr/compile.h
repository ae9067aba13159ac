/* Compiling expressions, conditions and log formats at load; evaluating them later takes no memory but x->mem's. */
#ifndef WEIR_EXPR_COMPILE_H
#define WEIR_EXPR_COMPILE_H

#include "weir/base/list.h"
#include "weir/expr/sample.h"

/* Where load-time errors of expressions go: a message, and the place inside the text that was being compiled, so that
 * the caller (conf) can put a caret under it. */
struct load_err {
	char msg[2048];
	const char *at;		/* character inside the source text, or NULL */
	char near[48];		/* what could be meant, or empty */
	bool whole;		/* msg is the complete sentence; else it goes behind "error detected while ... : " */
	bool in_cond;		/* rule_parse: the condition is wrong, not the action */
	struct str stray;	/* rule_parse: this word stands where only if or unless may */
};
void load_err_set(struct load_err *e, const char *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Behind load_err_set: what the wrong word could be meant for (NULL: nothing). */
void load_err_near(struct load_err *e, const char *near);

/* The tables known to the compiler: arrays of arrays, from boot/builtin.c, set once before any load. */
struct fetch_table { const struct fetch_row *rows; size_t n; };
struct conv_table { const struct conv_row *rows; size_t n; };
struct action_table { const struct action_row *rows; size_t n; };
struct expr_tables {
	const struct fetch_table *fetches;	/* ended by rows == NULL */
	const struct conv_table *convs;
	const struct action_table *actions;
};
void expr_set_tables(const struct expr_tables *t);
void expr_forget_tables(void);	/* at the end of the process */
const struct expr_tables *expr_get_tables(void);

struct expr;		/* compiled fetch + converters */
struct cond;		/* compiled condition: or of ands of (named or anonymous) tests */
struct acl;		/* a named ACL: list of tests that are ored */
struct logfmt;		/* compiled log format */

/* What a compilation belongs to. Names (ACLs, backends, tables, userlists, maps) are looked up through it. */
struct xscope {
	struct arena *mem;		/* of the configuration generation */
	const char *file;
	int line;
	uint32_t use;			/* enum fetch_use bits available where the result will run */
	const char *where;		/* "http-request rule", for messages */
	void *proxy;			/* struct proxy * whose section this is, or NULL */
	void *pats;			/* struct pat_refs * (expr/pattern.h): pattern files, maps of the generation */
	struct list *acls;		/* named ACLs of the section (struct acl), declaration order */
	struct list *unresolved;	/* arguments to resolve after the whole file was read (struct arg_todo) */
	void (*warn)(struct xscope *sc, const char *text);	/* what is suspicious but legal, or NULL: not told */
	void *warn_arg;			/* for warn */
	bool experimental;		/* expose-experimental-directives was said */
	bool in_acl;			/* an ACL's criterion is being compiled, for messages */
	const char *args_in;		/* "http-request expression": what has the argument, for messages, or NULL */
	const char *acl_in;		/* "tcp-request connection": whose condition it is, for warnings, or NULL */
};
/* An argument that names something: `pos` counts from 1. `absent`: its type (ARG_BE, ARG_FE) when it was not written
 * and the section itself is meant; then only that is looked at. */
struct arg_todo {
	struct list link;
	struct arg *arg;
	void *proxy;
	const char *file;
	int line, pos;
	const char *kw, *what, *in;	/* name; "ACL keyword"; see args_in */
	uint8_t absent;
};

/* text: a fetch with converters "req.hdr(host),lower,field(1,:)"; *used: characters consumed, the caller
 * looks at what follows (a format wants ']'); NULL: the text must end there. */
struct expr *expr_compile(struct xscope *sc, struct str text, size_t *used, struct load_err *err);
/* Converters ("lower,field(1,:)") over what a fetch gives that has no name in the language. */
struct expr *expr_compile_over(struct xscope *sc, const struct fetch_row *row, struct str convs, struct load_err *err);
/* As expr_compile over several words (HAProxy allows blanks after a comma between words): *at moves on. */
struct expr *expr_compile_words(struct xscope *sc, const struct str *w, int n, int *at, struct load_err *err);
uint32_t expr_uses(const struct expr *e);	/* which data it needs: decides waiting for bodies, captures ... */
enum smp_type expr_type(const struct expr *e);
/* False: no value; out->flags & SMP_F_MAY_CHANGE: wait if you can. */
bool expr_eval(const struct expr *e, struct sample *out, struct xctx *x);
/* Evaluates and casts. */
bool expr_eval_as(const struct expr *e, enum smp_type as, struct sample *out, struct xctx *x);
bool expr_eval_str(const struct expr *e, struct str *out, struct xctx *x);

enum cond_result { COND_FALSE, COND_TRUE, COND_WAIT };
/* Words after if/unless. */
struct cond *cond_compile(struct xscope *sc, const struct str *w, int n, bool unless, struct load_err *err);
enum cond_result cond_eval(const struct cond *c, struct xctx *x);	/* NULL condition: TRUE */
uint32_t cond_uses(const struct cond *c);
/* Conditions in order, of which the first one that holds is wanted. Those that compare one and the same expression with
 * texts are looked up all at once. Made when the whole configuration was read. */
struct cond_list;
struct cond_list *cond_list_make(struct arena *mem, struct cond *const *c, int n);
/* The first one from `from` on that holds or waits (*r says which); -1: none. */
int cond_list_next(const struct cond_list *l, int from, struct xctx *x, enum cond_result *r);
/* By name: the section's, else a predefined one. NULL: err set. */
struct acl *acl_find(struct xscope *sc, struct str name, struct load_err *err);
enum cond_result acl_eval(const struct acl *a, struct xctx *x);
/* "acl NAME ..." : words from the name on. */
bool acl_declare(struct xscope *sc, const struct str *w, int n, struct load_err *err);

enum logfmt_opt {
	LF_HTTP = 1,			/* the section's mode is http: variables about HTTP may be used */
	LF_HEADER_VALUE = 2,		/* for a field or a target: controls from expressions are percent-encoded */
	LF_LOG = 4,			/* a log line: "-" for what is empty; and LF_BLANKS */
	LF_BLANKS = 8,			/* runs of blanks are one, at the beginning there are none */
};
struct logfmt *logfmt_compile(struct xscope *sc, struct str text, unsigned opt, struct load_err *err);
/* Writes to out (cut when full); returns bytes. */
struct sbuf;
size_t logfmt_build(const struct logfmt *f, struct sbuf *out, struct xctx *x);
uint32_t logfmt_uses(const struct logfmt *f);
/* Constant text, or false. */
bool logfmt_is_const(const struct logfmt *f, struct str *text);

/* '%' variables live on the floors that know the data: rows like fetches. */
struct logvar_row {
	const char *name;		/* "ci" for %ci */
	fetch_f *fetch;			/* gives a sample; its text goes through the format's flags */
	uint8_t out;
	uint32_t use;
	const char *help;
	int priv;
	bool http;			/* only in HTTP mode */
	bool quote;			/* obeys +Q */
	bool vanishes;			/* without a value nothing is printed, one blank beside it less */
	bool list;			/* texts with a NUL between; each is quoted by itself */
	uint8_t escape;			/* enum logvar_escape */
	bool hex;			/* a number that obeys +X (ports, %Ts, %rt, %pid); addresses always do */
};
/* Bytes that may not stand in a log line as they are: written as #XX, two hexadecimal digits in capitals. */
enum logvar_escape {
	LV_AS_IT_IS,
	LV_LINE,	/* request lines: controls, bytes from 127 on, double quote, '#' */
	LV_FIELD,	/* captured fields: those and { | } */
};
struct sbuf;
void logvar_escape(struct sbuf *out, struct str s, enum logvar_escape how);
struct logvar_table { const struct logvar_row *rows; size_t n; };
void logfmt_set_vars(const struct logvar_table *t);

#endif
