/* Shared by the actions of this floor. */
#ifndef WEIR_ACT_PRIV_H
#define WEIR_ACT_PRIV_H

#include "expr_priv.h"
#include "weir/base/sbuf.h"
#include "weir/base/regex.h"
#include "weir/expr/pattern.h"
#include "weir/expr/rows.h"

/* Are w[*at]... exactly `want` words before if, unless or the end? */
bool act_words(const struct str *w, int n, int at, int want);
bool act_is_cond(struct str w);
/* Compiles a format for a field or a target. */
struct logfmt *act_format(struct xscope *sc, struct str text, struct load_err *err);
/* Builds a format into x->mem. The text is cut at the longest head there may be. */
struct str act_text(const struct logfmt *f, struct xctx *x);
/* The message that a rule is about. */
struct msg *act_msg(const struct rule *r, struct xctx *x);
/* A lower-case copy. */
struct str act_lower(struct arena *mem, struct str s);
/* "-m <kind>" of actions that remove fields, if it stands there: into r->num (PAT_STR without it). */
bool act_del_kind(struct rule *r, const struct str *w, int n, int *at, struct load_err *err);
/* Removes the fields whose names match; re: of PAT_REG. */
void act_del_fields(struct msg *m, enum pat_kind kind, struct str want, const struct regex *re);
/* May the head grow by so many bytes? If not: what the action returns, counted. */
bool act_fits(const struct msg *m, size_t more, const struct xctx *x);
enum act_result act_too_big(struct xctx *x);

#endif
