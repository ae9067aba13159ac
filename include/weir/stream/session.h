/* A session: what belongs to one client connection. Small: an idle keep-alive connection keeps one. */
#ifndef WEIR_STREAM_SESSION_H
#define WEIR_STREAM_SESSION_H

#include "weir/expr/vars.h"
#include "weir/live/live.h"

#define SESSION_MAGIC OBJ_MAGIC('s', 'e', 's', 's')
/* What few sessions have: idle ones come by the hundred thousand. */
struct session_more {
	struct addr src, dst;		/* set by rules before the stream (set-src ...), or unset */
	const struct rule *last_rule;	/* final one of connection and session rulesets; of conf's memory; or NULL */
	struct vars *carried;		/* or NULL: txn variables from plain bytes for the first HTTP exchange */
};

struct session {
	uint32_t magic;
	uint32_t flags;			/* SESS_* */
	struct conn *conn;
	struct bind *bind;		/* of the generation `conf` */
	struct lstn *lstn;
	struct proxy *fe;
	struct px_live *fel;
	struct conf *conf;		/* reference */
	struct vars vars;		/* sess scope */
	struct list priv_conns;		/* struct bconn private to it */
	struct list link;		/* all sessions of the thread */
	uint64_t accept_us;		/* monotonic */
	uint64_t accept_wall_us;	/* since 1970; session_wall() */
	uint32_t nstreams;		/* exchanges begun */
	uint32_t handshake_us;		/* from accept to open (%Th) */
	uint32_t running;		/* streams that have not ended */
	struct session_more *more;	/* or NULL: nothing of it */
	struct srv *last_srv;		/* of the previous exchange, for prefer-last-server */
};
enum {
	SESS_COUNTED_H2 = 1, SESS_LOGGED = 2,
	SESS_KEEP_SRV = 4,	/* last_srv asked it to authenticate its connection (NTLM): later requests go there */
	SESS_IGNORE_PROBE = 8, SESS_TLS = 16,
	SESS_EXPECT_PROXY = 32,	/* a rule wants a PROXY header in front */
	SESS_EXPECT_CIP = 64,	/* a rule wants a NetScaler Client IP header in front */
	SESS_DROPPED = 128	/* silent-drop: its socket says nothing any more */
};

static inline struct wall session_wall(const struct session *se)
{
	return (struct wall){ (int64_t)(se->accept_wall_us / 1000000), (uint32_t)(se->accept_wall_us % 1000000) };
}

/* Made when it is asked for. */
struct session_more *session_more(struct session *se);
/* The client's address and the one it came to, as rules before the stream may have set them. NULL: not known. */
const struct addr *session_src(const struct session *se);
const struct addr *session_dst(const struct session *se);
static inline const struct rule *session_last_rule(const struct session *se)
{
	return se->more ? se->more->last_rule : NULL;
}

/* listener_accept_f of every bind: counts, connection rules, transports, then the mux. arg: struct lstn *. */
void session_accept(struct conn *c, void *arg);
/* What happens on its connection waits for others as `nice` says. */
void session_set_nice(struct session *se, int nice);
/* Soft stop, on every thread: connections end when what runs on them ends; done runs here when all have heard of it,
 * and of what was mailed to them before. At the end of a thread: at once. */
void sessions_drain(void (*done)(void *arg));
void sessions_kill(void);
/* The connection is gone: releases what the session held. */
void session_end(struct session *se);
/* Sessions of the calling thread: walks (show sess, shutdown sessions). */
struct list *session_list(void);

#endif
