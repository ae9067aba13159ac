/* Listening sockets of a bind line: opened by the master thread, accepted on every thread that takes part. */
#ifndef WEIR_NET_LISTENER_H
#define WEIR_NET_LISTENER_H

#include "weir/base/addr.h"
#include "weir/base/list.h"
#include "weir/net/connect.h"

enum { SHARDS_BY_THREAD = -1, SHARDS_BY_GROUP = -2 };

/* Words of `bind` that are about sockets; embedded by value in struct bind (model). Parsed by net/conf_net.c. */
struct bind_net {
	struct addr addr;		/* port 0 + fd < 0 never happens after load */
	int fd;				/* inherited (fd@), or -1 */
	bool sockpair;			/* fd is a socket pair through which connections are passed (sockpair@) */
	int backlog, maxconn, mss, nice;
	int shards;			/* sockets to open; 0 or SHARDS_BY_THREAD: one per thread */
	int v6only;			/* 1 v6only, 0 v4v6, -1 default */
	bool accept_proxy, defer_accept, tfo, transparent;
	bool accept_cip;		/* accept-netscaler-cip */
	uint32_t cip_magic;
	struct str interface, ns, tcp_md5sig;
	unsigned mode;			/* unix socket mode or 0 */
	int uid, gid;			/* -1: unchanged */
	struct str cc;			/* congestion control, empty: the system's */
	unsigned tcp_ut;		/* tcp user timeout, ms */
	int save_syn;			/* keep each connection's SYN: 1 from the IP header on, 2 from the link's */
	uint64_t threads[4];		/* bit set of threads, all zero: all */
	struct str text;		/* the address as it was written, for messages */
	/* Not words of the line; the loader copies them from global and the proxy. 0: the system's. */
	bool noreuseport, keepalive;
	bool late_ack;			/* the first bytes are acknowledged together with the answer */
	unsigned ka_idle, ka_intvl, ka_cnt;	/* s, s, probes */
	bool prompt;			/* it and its connections do not wait behind a crowd (fdev_add_prompt) */
	int maxaccept;			/* connections taken in one turn, 0: 64 */
	int rcvbuf, sndbuf;
	unsigned notsent_lowat;
};

enum listener_state { LI_NEW, LI_READY, LI_PAUSED, LI_FULL, LI_STOPPED };

/* Who gets accepted connections: called on the accepting thread with c->ev registered (writable, reading
 * not tried), chain still to be pushed (TLS, PROXY) and advanced by the callee, which sets c->user. */
typedef void (*listener_accept_f)(struct conn *c, void *arg);

struct listener;	/* opaque */
/* Copies opts: they need not outlive the call. */
struct listener *listener_create(const struct bind_net *opts, listener_accept_f accept, void *arg);
/* Asked before each connection is accepted, on the accepting thread, with the listener's arg. */
struct listener_door {
	unsigned (*too_early)(void *arg);	/* ms to leave newcomers in the queue, 0: go on */
	/* Takes a place for one, which belongs to the connection when the accept callback was called. False: there is
	 * none, and the listener holds; whoever gives a place back after that calls listener_unhold. */
	bool (*enter)(void *arg);
	void (*leave)(void *arg);		/* nobody came for whom a place was taken */
};
/* Set before listener_join. */
void listener_set_door(struct listener *l, const struct listener_door *door);
/* Gives it a listening socket that an old process handed over; before listener_open, which then opens only
 * what is missing. False: its address is not ours, the descriptor stays the caller's. */
bool listener_adopt_fd(struct listener *l, int fd);
/* Opens and binds on the calling (boot) thread, for the threads that thr_plan announced. False: `why` has
 * HAProxy's words ("cannot bind socket (Address already in use)"). True with a `why` that is not empty: it
 * listens, but an option was refused. */
bool listener_open(struct listener *l, struct str *why, char buf[256]);
/* A unix socket stands under a temporary name until this puts it in its place: called when everything else
 * could be opened, before privileges are dropped and before threads run. */
bool listener_publish(struct listener *l, struct str *why, char buf[256]);
/* Each thread registers its share with its own poller. */
void listener_join(struct listener *l, int thread);

/* From any thread; they take effect on each thread's next turn. */
void listener_pause(struct listener *l);	/* SIGTTOU: a TCP port can be bound by another process */
bool listener_resume(struct listener *l);	/* false: the port was taken meanwhile (errno) */
void listener_hold(struct listener *l);		/* leaves newcomers in the queue */
void listener_unhold(struct listener *l);
/* Closes for good; what waits in the queue is still accepted. `arg` of the accept callback has to live until
 * listener_destroy was called and the last connection ended. */
void listener_stop(struct listener *l);
/* Stops if need be; the memory goes with the last connection. */
void listener_destroy(struct listener *l);
enum listener_state listener_state(const struct listener *l);
int listener_fd(const struct listener *l, int i);	/* i-th descriptor or -1: for handing over */
const struct addr *listener_addr(const struct listener *l);	/* where it is bound, with the real port */
const struct bind_net *listener_opts(const struct listener *l);
uint32_t listener_conns(const struct listener *l);	/* of this bind right now */

#endif
