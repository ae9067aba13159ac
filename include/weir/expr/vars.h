/* Variables: values by name, in scopes that live as long as the process, a session, a transaction (request and
 * response), a request, a response or a health check. Names are hashed when the configuration is read. */
#ifndef WEIR_EXPR_VARS_H
#define WEIR_EXPR_VARS_H

#include "weir/expr/compile.h"
#include "weir/expr/sample.h"

enum var_scope { VAR_SESS, VAR_TXN, VAR_REQ, VAR_RES, VAR_PROC, VAR_CHECK, VAR_SCOPES };

/* What "txn.name" compiles to (struct arg of type ARG_VAR points to one). */
struct var_ref {
	uint64_t hash;			/* of the name without its scope; never 0 */
	uint8_t scope;			/* enum var_scope */
	struct str name;		/* with its scope, as written */
};

struct var;
/* The variables of one scope. Zeroed memory with `scope` and `parent` set is an empty one and holds no memory.
 * One thread, but for the process's (vars_proc), which locks by itself. */
struct vars {
	struct var *v;			/* open hash table of `cap` entries, or NULL */
	struct vars *parent;		/* accounts with us: req and res in txn, txn in sess; NULL: none */
	unsigned cap, count;
	uint32_t size;			/* bytes accounted here, those of the scopes below included */
	uint8_t scope;			/* enum var_scope */
};

void vars_init(struct vars *v, enum var_scope scope, struct vars *parent);
/* All of from becomes to, which is empty; both account with the same parent. */
void vars_move(struct vars *to, struct vars *from);
void vars_fini(struct vars *v);		/* releases all of them; may be used again */
/* The variables of the process, shared by all threads. Put it into xctx.vars[VAR_PROC], or leave NULL there: it is
 * used anyway. */
struct vars *vars_proc(void);

/* Limits in bytes by scope; 0: none. REQ also stands for RES. `global` bounds everything together. */
struct var_limits { size_t global, scope[VAR_SCOPES]; };
struct var_limits *vars_limits(void);

/* Parses "txn.name". False: err says why (HAProxy's words). */
bool var_ref_parse(struct arena *mem, struct str text, struct var_ref *out, struct load_err *err);
/* At load, for names that something sets: a variable of the process exists from then on, without a value. */
void var_declare(const struct var_ref *r);
/* Copies the value into x->mem. False: not set. */
bool var_get(const struct var_ref *r, struct sample *out, struct xctx *x);

/* Conditions of set-var, all of which must hold. */
enum var_cond {
	VC_EXISTS = 1, VC_NOT_EXISTS = 2, VC_EMPTY = 4, VC_NOT_EMPTY = 8, VC_SET = 16, VC_NOT_SET = 32, VC_GT = 64,
	VC_LT = 128,
};
bool var_cond_parse(struct str word, unsigned *cond);
/* Copies the value. False: no such scope here, a limit was reached or a condition did not hold. */
bool var_set(const struct var_ref *r, const struct sample *value, unsigned cond, struct xctx *x);
bool var_unset(const struct var_ref *r, struct xctx *x);

/* Arguments that may be a literal or a variable (ARG_SINT_OR_VAR, ARG_STR_OR_VAR), cast as asked for. False: the
 * variable is not set or cannot be cast. */
bool arg_int(const struct arg *a, struct xctx *x, int64_t *out);
bool arg_str(const struct arg *a, struct xctx *x, struct str *out);

#endif
