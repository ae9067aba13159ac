/* What the files of converters share. */
#ifndef WEIR_SRC_EXPR_CONV_PRIV_H
#define WEIR_SRC_EXPR_CONV_PRIV_H

#include "weir/base/list.h"
#include "weir/base/sbuf.h"
#include "weir/expr/compile.h"
#include "weir/expr/conv.h"
#include "weir/expr/vars.h"

/* Results whose length is not known beforehand are written here, on the stack, and copied; longer
 * ones give no value. */
#define CONV_TEXT_MAX 16384

/* A buffer for a result of at most n bytes, from the evaluation's memory: it becomes the sample's
 * own bytes. */
static inline struct sbuf conv_buf(struct xctx *x, size_t n)
{
	return sbuf_fixed(arena_bytes(x->mem, n + 1), n);
}

/* The buffer's text becomes the value. Always true. */
static inline bool conv_set_str(struct sample *smp, const struct sbuf *b)
{
	smp_set_str(smp, sbuf_str(b), 0);
	return true;
}

static inline bool conv_set_bin(struct sample *smp, const struct sbuf *b)
{
	smp_set_bin(smp, sbuf_str(b), 0);
	return true;
}

/* The same for a buffer on the stack. */
static inline bool conv_copy_str(struct sample *smp, const struct sbuf *b, struct xctx *x)
{
	smp_set_str(smp, arena_str(x->mem, sbuf_str(b)), 0);
	return true;
}

static inline bool arg_given(const struct arg *a)
{
	return a->type != ARG_END;
}

static inline bool conv_refuse(struct load_err *err, const char *why)
{
	load_err_set(err, NULL, "%s", why);
	return false;
}

#endif
