/* Shared by the files of the live floor. */
#ifndef WEIR_LIVE_PRIV_H
#define WEIR_LIVE_PRIV_H

#include "weir/base/sbuf.h"
#include "weir/live/live.h"

/* The limits of frontends and of the process, for listeners whose arg is a struct lstn. */
extern const struct listener_door live_door;
void live_leave_frontend(struct px_live *p);

/* A line about a backend or server, to the `log` lines of its proxy. */
void live_px_log(struct px_live *p, enum log_level level, struct str line);
/* One line about a server. */
struct srv_say {
	struct sbuf text;
	char mem[512];
};
void srv_say_begin(struct srv_say *y, const struct srv *s);
/* What follows: nothing; whom the server follows; what the backend has left and how much was moved; both. */
enum srv_say_more { SRV_SAY_ALONE, SRV_SAY_VIA, SRV_SAY_LEFT, SRV_SAY_BOTH };
void srv_say_end(struct srv_say *y, struct srv *s, const char *why, enum srv_say_more more, unsigned moved,
		 enum log_level level);
void srv_say_none_left(struct px_live *p);
/* Around every change of a server's state. */
static inline void srv_lock(void) { pthread_mutex_lock(&live_get()->state_lock); }
static inline void srv_unlock(void) { pthread_mutex_unlock(&live_get()->state_lock); }
/* fullconn of all backends of c; maxconn: of frontends that have none. */
void live_settle_fullconn(const struct conf *c, uint64_t maxconn);
/* A copy, ended by a zero. */
struct str live_own_str(struct str s);
/* Calls fn(arg) when every thread has passed the top of its loop once more; at once when none runs. */
void live_after_grace(void (*fn)(void *arg), void *arg);
/* Maintenance of s goes on to those who track it. */
void srv_inherit_admin(struct srv *s);
struct srv *srv_create(struct px_live *p, struct server_line *l);
/* The calling thread's part of a server. */
struct srv_thr *srv_own_make(struct srv *s);
static inline struct srv_thr *srv_own(struct srv *s)
{
	struct srv_thr *t = s->thr[thr_id()];

	return t ? t : srv_own_make(s);
}
/* Server slots left the server: offers them to the queues. */
void bconn_join_thread(int thread);
/* Idle connections of a server on the calling thread. */
void bconn_close_idle_here(struct srv *s);
/* The one that was used the longest time ago, if any; its place is free in the next turn. */
bool bconn_close_one_here(struct srv *s);
/* No further exchange begins on it: it was told so, or its server has another address by now. */
static inline bool bconn_leaves(const struct bconn *b)
{
	return b->close_when_idle || b->addr_turn != atom_get(&b->srv->addr_turn);
}

/* How many connections a server needs (srv_need.c), any thread. One more is in use (counts it in cur_used): */
void srv_need_one_more(struct srv *s);
/* May a connection that was in use become an idle one, beside those that this thread has? */
bool srv_need_allows(const struct srv *s, unsigned idle_here);
/* Once in each pool-purge-delay on each thread: how many of its idle connections are to be closed. */
unsigned srv_need_purge(struct srv *s, unsigned idle_here, uint64_t now_ms);

/* What one that is opened for r will speak is HTTP/2, for sure (guests.c): others may wait for it. */
bool bconn_for_many(const struct bconn_req *r);
void guests_init(struct srv_thr *t);
void guests_fini(struct srv_thr *t);
/* What b is has been found out, or it goes: its guests look again, later in this turn. */
void guests_tell_all(struct bconn *b);
static inline void guests_tell(struct bconn *b)
{
	if (!list_empty(&b->guests))
		guests_tell_all(b);
}
/* b is open (guests takes them out of it: they may be told when b has gone), or never will be. */
void guests_take(struct bconn *b, struct list *guests);
void guests_open(struct list *guests);
void guests_fail(struct list *guests, enum conn_err err);
/* Who opens b leaves: one of the guests does it instead. False: there is none. */
bool guests_inherit(struct bconn *b);

void shortage_init(struct srv_thr *t);
void shortage_fini(struct srv_thr *t);
/* A connection of this thread went idle or away: who waits for a descriptor may look again. */
void shortage_eases(struct srv *s);

/* Puts the transports of a server line on a new connection. False: cannot (TLS setup failed). */
bool live_push_back_transports(struct conn *c, const struct bconn_req *r);

#endif
