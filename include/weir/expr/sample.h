/* Samples: the values of expressions. Made by a fetch, changed by converters, used by conditions, rules, logs. */
#ifndef WEIR_EXPR_SAMPLE_H
#define WEIR_EXPR_SAMPLE_H

#include <netinet/in.h>
#include <stdint.h>
#include "weir/base/addr.h"
#include "weir/base/arena.h"
#include "weir/base/str.h"
#include "weir/http/msg.h"

enum smp_type {
	SMP_ANY, SMP_SAME, SMP_BOOL, SMP_SINT, SMP_ADDR, SMP_IPV4, SMP_IPV6, SMP_STR, SMP_BIN, SMP_METH, SMP_TYPES,
};

enum smp_flag {
	SMP_F_CONST = 1 << 0,		/* bytes must not be written (a message's or the configuration's) */
	SMP_F_VOLATILE = 1 << 1,	/* may change between two evaluations */
	SMP_F_MORE = 1 << 2,		/* the fetch has further values (hdr(): fields): call again, ctx kept */
	SMP_F_MAY_CHANGE = 1 << 3,	/* not there yet, more input may bring it (rules wait) */
};

struct sample {
	uint8_t type;			/* enum smp_type, a real one */
	uint8_t flags;
	uint8_t method;			/* SMP_METH: enum method; text in s when METHOD_OTHER */
	union {
		int64_t i;		/* SINT, BOOL (0/1) */
		struct str s;		/* STR, BIN, METH */
		struct in_addr ip4;
		struct in6_addr ip6;
	};
	/* The fetch's own, for SMP_F_MORE; zeroed on the first call but for `iterate`: the caller wants all values in
	 * turn, the first one now (a condition); else the one value that stands for the fetch (the last field). */
	struct { int index; bool iterate; size_t off; void *p; } ctx;
};

/* What an evaluation may see. Filled by whoever evaluates (stream steps, checks, log). Floors above put their objects
 * behind the opaque pointers; a fetch on that floor knows what they are. */
enum xdir { X_REQ = 0, X_RES = 1 };
struct xctx {
	void *sess;			/* struct session *, or NULL */
	void *strm;			/* struct stream *, or NULL */
	void *check;			/* struct check *, or NULL */
	void *srv, *back;		/* of a check: struct srv * it is about, struct conn * to it; or NULL */
	const void *proxy;		/* const struct proxy *: whose rules run now */
	struct msg *req, *res;		/* NULL when not there */
	struct str req_buf, res_buf;	/* layer 4..6 payload available now (tcp-request content, req.payload) */
	bool req_full, res_full;	/* no more payload will come / buffer is full */
	uint8_t dir;			/* enum xdir */
	bool messages;			/* what is in req_buf, res_buf are bodies of req, res: no bytes below them */
	uint8_t log_step;		/* enum log_step (log/profile.h) of the line that is made now */
	bool final;			/* a waiting rule must decide now (delay over, connection closed) */
	struct arena *mem;		/* temporary values; lives at least until the evaluation's result was used */
	struct vars *vars[6];		/* by enum var_scope (expr/vars.h) */
	/* for actions on messages (expr/act_*.c) */
	uint32_t head_max;		/* bytes a head may have after rewriting (tune.bufsize), 0: no limit */
	uint32_t failed_rewrites;	/* counted here: changes that did not fit */
	uint8_t lax; /* 1 << enum xdir: strict-mode off, such a change is left out instead of a 500 */
	bool in_action;			/* rules_run's own: the rule to come back to waits in its action */
};

/* --- arguments of fetches, converters --- */
enum arg_type {
	ARG_END, ARG_STR, ARG_SINT, ARG_TIME /* ms */, ARG_SIZE, ARG_IPV4, ARG_MASK4, ARG_IPV6, ARG_MASK6, ARG_REG,
	ARG_MAP, ARG_FE, ARG_BE, ARG_TAB, ARG_SRV, ARG_USERLIST, ARG_VAR, ARG_SINT_OR_VAR, ARG_STR_OR_VAR, ARG_ID,
	ARG_OPT_STR, ARG_BWLIM, ARG_CAPTURE /* of rules only */,
};
#define ARGS_MAX 12
struct arg_spec {
	uint8_t min;			/* arguments required */
	uint8_t t[ARGS_MAX];		/* enum arg_type, ARG_END terminated */
};
struct arg {
	uint8_t type;			/* ARG_END: not given */
	bool unresolved;		/* ARG_FE, BE, TAB, SRV, USERLIST, BWLIM: text in s until p is set */
	struct str s;			/* the text as given (after unquoting), always set */
	union {
		int64_t i;
		void *p;		/* regex, map, proxy, table, server, userlist, var ref */
		struct in_addr ip4;
		struct in6_addr ip6;
	};
};

/* --- where fetches get their data: bits; rulesets and formats say which are there --- */
enum fetch_use {
	USE_INTRN = 1 << 0,	/* always, once there are threads */
	USE_LISTN = 1 << 1, USE_FTEND = 1 << 2,
	USE_L4CLI = 1 << 3, USE_L5CLI = 1 << 4,
	USE_TRACK = 1 << 5,
	USE_L6REQ = 1 << 6, USE_HRQHV = 1 << 7 /* request head, volatile */, USE_HRQHP = 1 << 8 /* persists */,
	USE_HRQBO = 1 << 9,
	USE_BKEND = 1 << 10, USE_SERVR = 1 << 11, USE_L4SRV = 1 << 12, USE_L5SRV = 1 << 13, USE_L6RES = 1 << 14,
	USE_HRSHV = 1 << 15, USE_HRSHP = 1 << 16, USE_HRSBO = 1 << 17, USE_RQFIN = 1 << 18, USE_RSFIN = 1 << 19,
	USE_TXFIN = 1 << 20, USE_SSFIN = 1 << 21, USE_CHECK = 1 << 22,
	USE_CONST = 1 << 23,	/* besides USE_INTRN: while the configuration is read, too */
};

struct xscope;		/* expr/compile.h: what a compilation belongs to */
struct load_err;	/* expr/compile.h: where load-time errors go */
struct fetch_row;
struct conv_row;

/* Sets *out and returns true; false: no value (out->flags SMP_F_MAY_CHANGE when one may come). Values point into
 * messages (SMP_F_CONST) or x->mem. */
typedef bool fetch_f(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row);
/* Changes *smp in place (bytes: new ones from x->mem, or in place when not CONST). False: no value. */
typedef bool conv_f(const struct arg *args, struct sample *smp, struct xctx *x, const struct conv_row *row);
/* At load, after the generic typing: refuse or prepare arguments; sc is what the expression belongs to, what lives as
 * long as the configuration comes from sc->mem (arena_defer for what needs more than that to be released).
 * False: message written to err (why). */
typedef bool arg_check_f(struct xscope *sc, struct arg *args, int nargs, struct load_err *err);

struct fetch_row {
	const char *name;
	fetch_f *fetch;
	struct arg_spec args;
	arg_check_f *check;
	uint8_t out;			/* enum smp_type */
	uint32_t use;			/* enum fetch_use: any of these suffices for being available */
	const char *help;		/* one line */
	int priv;			/* the row's own: lets several rows share one function */
};
struct conv_row {
	const char *name;
	conv_f *conv;
	struct arg_spec args;
	arg_check_f *check;
	uint8_t in, out;		/* enum smp_type; out SMP_SAME: as it came in */
	const char *help;
	int priv;
};

/* Casts smp to `to` as HAProxy's cast matrix has it; new bytes from mem. False: impossible for this value. */
bool smp_cast(struct sample *smp, enum smp_type to, struct arena *mem);
/* Can the cast ever work? For the loader. */
bool smp_castable(enum smp_type from, enum smp_type to);
const char *smp_type_name(enum smp_type t);
/* Makes bytes writable: copies into mem when CONST. */
void smp_own(struct sample *smp, struct arena *mem);
static inline void smp_set_str(struct sample *s, struct str v, uint8_t flags)
{
	s->type = SMP_STR;
	s->s = v;
	s->flags = flags;
}
static inline void smp_set_bin(struct sample *s, struct str v, uint8_t flags)
{
	s->type = SMP_BIN;
	s->s = v;
	s->flags = flags;
}
static inline void smp_set_int(struct sample *s, int64_t v) { s->type = SMP_SINT; s->i = v; s->flags = 0; }
static inline void smp_set_bool(struct sample *s, bool v) { s->type = SMP_BOOL; s->i = v; s->flags = 0; }
/* ADDR family by the address; false for unix sockets. */
bool smp_set_addr(struct sample *s, const struct addr *a);

#endif
