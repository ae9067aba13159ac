/* Listening sockets of a bind line: opened by the master thread, accepted on every thread that takes part. */
#ifndef WEIR_NET_LISTENER_H
#define WEIR_NET_LISTENER_H

#include "weir/base/addr.h"
#include "weir/base/list.h"
#include "weir/net/conn.h"

/* Words of `bind` that are about sockets; embedded by value in struct bind (model). Parsed by net/conf_net.c. */
struct bind_net {
	struct addr addr;		/* port 0 + fd < 0 never happens after load */
	int fd;				/* inherited (fd@), or -1 */
	int backlog, maxconn, nice, shards, mss;
	int v6only;			/* 1 v6only, 0 v4v6, -1 default */
	bool accept_proxy, defer_accept, tfo, transparent;
	struct str interface, ns, tcp_md5sig;
	unsigned mode;			/* unix socket mode or 0 */
	int uid, gid;			/* -1: unchanged */
	unsigned tcp_ut;		/* tcp user timeout, ms */
	uint64_t threads[4];		/* bit set of threads, all zero: all */
	struct str text;		/* the address as it was written, for messages */
};

enum listener_state { LI_NEW, LI_READY, LI_PAUSED, LI_FULL, LI_STOPPED };

/* Who gets accepted connections: called on the accepting thread with c->ev registered, chain still to be pushed
 * (TLS, PROXY) and advanced by the callee. */
typedef void (*listener_accept_f)(struct conn *c, void *arg);

struct listener;	/* opaque */
struct listener *listener_create(const struct bind_net *opts, listener_accept_f accept, void *arg);
/* Opens and binds on the calling (boot) thread. False: `why` has HAProxy's words ("cannot bind socket (Address already
 * in use)"). Descriptors passed by an old process are taken when their address matches (listener_adopt_fd). */
bool listener_open(struct listener *l, struct str *why, char buf[256]);
/* Each thread registers its share with its own poller. */
void listener_join(struct listener *l, int thread);
void listener_pause(struct listener *l);	/* any thread; SIGTTOU, maxconn; takes effect on each thread's next turn */
void listener_resume(struct listener *l);
void listener_stop(struct listener *l);		/* closes for good */
enum listener_state listener_state(const struct listener *l);
int listener_fd(const struct listener *l, int i);	/* i-th descriptor or -1: for handing over */

/* Outgoing connections. */
struct connect_opts {
	const struct addr *to;
	const struct addr *from;	/* source address or NULL; port 0: any */
	struct str interface;
	bool tfo, transparent, nodelay, keepalive;
	unsigned tcp_ut;
	struct str md5sig;
	int mark, tos;			/* -1: leave */
};
/* A new connection towards a server, connecting; user callbacks tell the rest. NULL: failed at once, *err set. The
 * caller pushes transports (PROXY out, TLS) before returning to the loop, then calls conn_advance. */
struct conn *conn_connect(const struct connect_opts *o, const struct conn_user *user, void *arg, enum conn_err *err);

#endif
