/* Shared by the fetches about messages. */
#ifndef WEIR_FETCH_PRIV_H
#define WEIR_FETCH_PRIV_H

#include "weir/base/obj.h"
#include "weir/expr/compile.h"
#include "weir/expr/rows.h"
#include "weir/expr/sample.h"

/* The head of a message. Where a connection is not taken for HTTP (TCP mode) the payload is parsed as HTTP/1 when a
 * rule asks: then *out says whether more input may help. NULL: there is none. */
struct msg *fetch_msg_parsed(struct xctx *x, struct sample *out, enum xdir dir);
static inline struct msg *fetch_msg(struct xctx *x, struct sample *out, enum xdir dir)
{
	struct msg *m = dir == X_REQ ? x->req : x->res;

	return m ? m : fetch_msg_parsed(x, out, dir);
}

/* Rows that exist for requests, responses and "as the rule's direction has it" keep that in their priv. */
enum { FOR_REQ = 0, FOR_RES = 1, FOR_DIR = 2, FOR_MASK = 3 };
#define USE_OF_REQ USE_HRQHV
#define USE_OF_RES USE_HRSHV
#define USE_OF_DIR (USE_HRQHV | USE_HRSHV)
static inline enum xdir fetch_dir(int priv, const struct xctx *x)
{
	int d = priv & FOR_MASK;

	return d == FOR_DIR ? (enum xdir)x->dir : (enum xdir)d;
}

/* Bytes below any protocol; a message has none. */
static inline struct str fetch_raw(const struct xctx *x, enum xdir dir)
{
	return x->messages ? STR_NONE : dir == X_REQ ? x->req_buf : x->res_buf;
}
static inline bool fetch_raw_full(const struct xctx *x, enum xdir dir)
{
	return x->messages || (dir == X_REQ ? x->req_full : x->res_full);
}

/* Digits up to the first other character, saturated, as "-12abc" gives -12 (sample.c). */
int64_t text_int(struct str s);

#endif
