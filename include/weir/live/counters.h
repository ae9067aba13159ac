/* Counters of running objects: per thread, written by their own thread without locked instructions, summed by
 * readers. */
#ifndef WEIR_LIVE_COUNTERS_H
#define WEIR_LIVE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>
#include "weir/base/assert.h"
#include "weir/base/atomic.h"
#include "weir/loop/loop.h"

/* One set serves frontends, backends, servers and listeners; each uses what concerns it. What every exchange counts
 * stands first: with many servers each one's lines are cold. */
enum cnt {
	C_SESS,			/* sessions (fe, li), streams given to it (be, srv) */
	C_LBTOT,
	C_REUSE,		/* exchanges on reused connections */
	C_QTIME_SUM, C_CTIME_SUM, C_DTIME_SUM, C_TTIME_SUM, C_TIME_N,	/* ms, for averages */
	C_BYTES_IN, C_BYTES_OUT,
	C_RSP_1XX, C_RSP_2XX, C_RSP_3XX, C_RSP_4XX, C_RSP_5XX, C_RSP_OTHER,
	C_REQ,			/* requests (fe), intercepted not counted apart */
	C_CONN,			/* fe, li: accepted; srv: connections attempted */
	C_CONNECT,		/* connections opened */
	C_DENIED_REQ, C_DENIED_RES, C_DENIED_CONN, C_DENIED_SESS,
	C_FAILED_REQ,		/* ereq: bad requests, client errors before the request was complete */
	C_FAILED_CONN,		/* econ */
	C_FAILED_RES,		/* eresp */
	C_CLI_ABORT, C_SRV_ABORT,
	C_RETRIES, C_REDISPATCH,
	C_FAILED_REWRITE, C_INTERNAL_ERR,
	C_REQ_H1, C_REQ_H2, C_SESS_H1, C_SESS_H2,
	C_CACHE_LOOKUPS, C_CACHE_HITS, C_COMP_IN, C_COMP_OUT, C_COMP_BYP, C_COMP_RSP,
	C_INTERCEPTED,
	C_SPLICED_IN, C_SPLICED_OUT,
	C_SRV_UNSAFE_REUSE,
	C_FAILED_CHECKS, C_FAILED_HANA, C_DOWN_TRANS,
	C_TLS_CONN,		/* clients' handshakes done (process) */
	C_H2C_UPGRADE, C_H2C_REFUSED, C_GLITCHES,
	C_COUNT,
};
/* Times of exchanges: sums in C_QTIME_SUM ... C_TTIME_SUM, and the longest. */
enum cnt_time { CT_QUEUE, CT_CONNECT, CT_DATA, CT_TOTAL, CT_COUNT };
/* RATE_TLS: handshakes with clients, RATE_TLS_KEY: full ones among them, RATE_TLS_BACK_KEY: full ones with servers (of
 * the process). RATE_OUT: bytes sent, in units of 32 (of the process, whose requests nobody wants a rate of). */
enum rate { RATE_CONN, RATE_REQ, RATE_TLS, RATE_TLS_KEY, RATE_TLS_BACK_KEY, RATE_SESS, RATE_COUNT,
	    RATE_OUT = RATE_REQ };

/* Events in the last second, smoothed over the current and the previous one. */
struct freq { uint32_t sec; uint32_t curr, prev; };

/* Two cache lines hold what a server's exchanges count: from rate[RATE_SESS] to v[C_RSP_2XX]. */
struct cnts {
	uint32_t unused;
	struct freq rate[RATE_COUNT];
	uint32_t longest[CT_COUNT];	/* ms */
	uint64_t v[C_COUNT];
} __attribute__((aligned(64)));
WSTATIC(offsetof(struct cnts, rate[RATE_SESS]) % 64 == 0 && RATE_SESS == RATE_COUNT - 1);
WSTATIC(offsetof(struct cnts, v[C_RSP_3XX]) - offsetof(struct cnts, rate[RATE_SESS]) <= 128);

struct cntset {
	uint32_t rate_max[RATE_COUNT];
	uint32_t cur, max;			/* sessions now / at most */
	struct cnts *thr[THR_MAX];		/* allocated at a thread's first use */
};

struct cnts *cnt_grow(struct cntset *cs);
static inline struct cnts *cnt_own(struct cntset *cs)
{
	struct cnts *c = cs->thr[thr_id()];
	return c ? c : cnt_grow(cs);
}
/* To one's own set, for several additions in a row. */
static inline void cnts_add(struct cnts *c, enum cnt which, uint64_t n) { atom_own_add(&c->v[which], n); }
static inline void cnt_add(struct cntset *cs, enum cnt which, uint64_t n) { cnts_add(cnt_own(cs), which, n); }
/* Adds to the sum and keeps the longest. */
static inline void cnts_took(struct cnts *c, enum cnt_time which, uint64_t ms)
{
	atom_own_add(&c->v[C_QTIME_SUM + which], ms);
	if (ms > atom_get(&c->longest[which]))
		atom_set(&c->longest[which], (uint32_t)ms);
}
uint32_t cnt_longest(const struct cntset *cs, enum cnt_time which);
uint64_t cnt_sum(const struct cntset *cs, enum cnt which);
void cnt_clear(struct cntset *cs, bool all);		/* clear counters [all] */
void cnt_rate_more(struct cntset *cs, enum rate which, uint32_t n);
static inline void cnt_rate(struct cntset *cs, enum rate which) { cnt_rate_more(cs, which, 1); }	/* one event */
uint32_t cnt_rate_read(const struct cntset *cs, enum rate which);
/* Sessions in progress. */
void cnt_enter(struct cntset *cs);
void cnt_peak(struct cntset *cs);	/* `cur` was raised elsewhere: keeps the highest */
static inline void cnt_leave(struct cntset *cs) { atom_sub(&cs->cur, 1); }
void cnt_fini(struct cntset *cs);

#endif
