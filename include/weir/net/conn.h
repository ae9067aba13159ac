/* A connection: one descriptor, a chain of transports (raw at the bottom; PROXY protocol, TLS above)
 * and one user on top (a mux, a check, the CLI). Lives and dies on the thread that accepted or made it. */
#ifndef WEIR_NET_CONN_H
#define WEIR_NET_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include "weir/base/addr.h"
#include "weir/base/obj.h"
#include "weir/loop/loop.h"
#include "weir/net/conn_err.h"

struct conn;
struct li_share;
struct transport;

/* What a transfer came to: > 0 bytes, or one of these. */
enum { IO_EOF = 0, IO_AGAIN = -1, IO_ERR = -2 };

struct transport_ops {
	const char *name;
	/* Progress towards "open" (handshake); called again after each event until the whole chain is open, so it must
	 * bear being called when it is done. IO_AGAIN: wait for events; > 0: open; IO_ERR: failed, conn->err set.
	 * NULL: always open. A transport whose work is done may conn_pull itself out from here. */
	int (*open)(struct conn *c, struct transport *t);
	/* As recv/send: bytes, IO_EOF, IO_AGAIN, IO_ERR (conn_fail was called). A short transfer means drained/full for
	 * raw sockets; they clear c->ev.ready accordingly. NULL: passes through to the one below. */
	ssize_t (*recv)(struct conn *c, struct transport *t, void *buf, size_t n);
	ssize_t (*send)(struct conn *c, struct transport *t, const struct iovec *iov, int niov, bool more);
	/* Several pieces in one call; NULL: the first piece by recv. */
	ssize_t (*recvv)(struct conn *c, struct transport *t, const struct iovec *iov, int niov);
	/* Clean end of the writing side (FIN, close_notify). NULL: passes through. */
	void (*shut)(struct conn *c, struct transport *t);
	/* Releases t. silent: without a word to the peer (RST path, fork). NULL: nothing to release. */
	void (*fini)(struct conn *c, struct transport *t, bool silent);
	/* Answers questions: which = enum conn_ask; false: ask the one below. NULL: no answers. */
	bool (*ask)(struct conn *c, struct transport *t, int which, void *out);
	enum conn_err timeout;		/* what conn_expire says when this one did not open; 0: CERR_TIMEOUT */
};

struct transport {
	const struct transport_ops *ops;
	struct transport *below;	/* NULL for raw */
};

/* Questions that walk the chain from the top. */
enum conn_ask {
	ASK_TLS,	/* struct str *: "" unless encrypted ("TLSv1.3") */
	ASK_ALPN,	/* struct str * */
	ASK_SNI,	/* struct str * */
	ASK_PENDING,	/* size_t *: bytes decrypted and waiting above the socket */
	ASK_CIPHER,	/* struct str *: name of the negotiated cipher */
	ASK_SSL,	/* SSL ** of the TLS transport */
	ASK_PP_HDR,	/* struct proxy_hdr ** received PROXY header (http/proxy_proto.h) */
};

struct conn_user {
	/* Chain is open (accepted and handshakes done, or connected): the first call. */
	void (*on_open)(struct conn *c);
	/* Something became readable or writable (c->ev.ready), or the peer hung up. After on_open only. */
	void (*on_io)(struct conn *c);
	/* Could not be opened, c->err says why. The user must release the connection (conn_close). */
	void (*on_fail)(struct conn *c);
};

enum conn_flag {
	CONN_BACK = 1 << 0,		/* towards a server */
	CONN_OPEN = 1 << 1,		/* chain open */
	CONN_RD_EOF = 1 << 2,		/* peer ended its side */
	CONN_WR_SHUT = 1 << 3,		/* we ended ours */
	CONN_ERROR = 1 << 4,		/* dead: err set */
	CONN_UNIX = 1 << 5,
	CONN_SRC_KNOWN = 1 << 6, CONN_DST_KNOWN = 1 << 7,	/* set by conn_set_src/_dst: not the socket's */
	CONN_TLS = 1 << 8,
	CONN_PRIVATE = 1 << 9,		/* never shared: NTLM, own source address ... */
	CONN_EARLY = 1 << 10,		/* carries TLS early data not yet confirmed */
	CONN_REUSED = 1 << 11,		/* server connection that already served an exchange */
	CONN_CONNECTING = 1 << 12,	/* raw transport waits for the kernel's connect */
	CONN_PROXIED = 1 << 13,		/* a PROXY header was received */
	CONN_WR_FAILED = 1 << 14,	/* nothing can be sent any more, err set; what came can still be read */
	CONN_PUSH = 1 << 16,		/* back: its clients take pushes, it may send them (set before mux->back) */
	CONN_NOLINGER = 1 << 17,	/* every end is a reset: nothing of it stays in the kernel (option nolinger) */
	CONN_NICE = 1 << 18,		/* conn_set_nice was called */
	CONN_PROMPT = 1 << 19,		/* does not wait behind a crowd (fdev_add_prompt) */
	CONN_ASK_H2C = 1 << 15,		/* back: its first request may ask for HTTP/2 (set before mux->back) */
};

/* The peer's address as the kernel gave it with accept or as we connected to it: compact, always there. */
union conn_peer {
	sa_family_t family;		/* AF_UNSPEC: not known, AF_UNIX: no more than that */
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

#define CONN_MAGIC OBJ_MAGIC('c', 'o', 'n', 'n')
struct conn {
	uint32_t magic;
	uint32_t flags;
	struct fdev ev;			/* descriptor and readiness */
	struct transport *top;		/* chain; the raw transport at the bottom is static */
	const struct conn_user *user;
	void *arg;			/* the user's (mux connection) */
	const void *mux;		/* const struct mux *, set by mux/pick */
	void *owner;			/* session (front) or server pool entry (back) */
	void *line;			/* struct bind (front) or struct server (back) of the model */
	struct addr *src, *dst;		/* private: made when asked for, see conn_src/conn_dst */
	struct timer timer;		/* for the phase the user is in (handshake, idle, ...); stopped by conn_close */
	struct li_share *li;		/* of the listener that accepted it, or NULL */
	union conn_peer peer;
	uint16_t os_errno;		/* errno behind err, or 0 */
	uint8_t err;			/* enum conn_err */
};

/* A connection around an open, non-blocking descriptor, registered with this thread's poller; its
 * chain is the raw transport alone. flags: CONN_BACK, CONN_UNIX, CONN_CONNECTING,
 * CONN_PROMPT. NULL: the kernel
 * refused to poll it (errno); the descriptor is then still the caller's. Called by listener and
 * connect; directly for socket pairs and tests. */
struct conn *conn_wrap(int fd, uint32_t flags);

/* Bytes through the chain. conn_recv/conn_send update flags (EOF, ERROR) and c->ev.ready. After EOF or an error
 * they answer the same again without a system call. */
ssize_t conn_recv(struct conn *c, void *buf, size_t n);
ssize_t conn_recvv(struct conn *c, const struct iovec *iov, int niov);
ssize_t conn_sendv(struct conn *c, const struct iovec *iov, int niov, bool more);
static inline bool conn_readable(const struct conn *c) { return c->ev.ready & (EV_SOURCE | EV_ABOVE); }
static inline bool conn_writable(const struct conn *c) { return c->ev.ready & EV_WRITE; }
/* Nothing between the user and the socket touches the bytes: the descriptor may be spliced. */
bool conn_is_raw(const struct conn *c);
void conn_shut(struct conn *c);
/* Ends and releases the connection: transports, descriptor, struct. reset: RST instead of FIN (SO_LINGER 0). */
void conn_close(struct conn *c, bool reset);
bool conn_ask(struct conn *c, enum conn_ask which, void *out);
/* Puts t on top of the chain. */
void conn_push(struct conn *c, struct transport *t);
/* Takes t out of the chain (it is finished, not undone) and releases it by its fini. */
void conn_pull(struct conn *c, struct transport *t);
/* Drives the chain towards open, then calls user->on_open or on_fail. Called by listener and connect; again by
 * events until open. The connection may be gone when it returns. */
void conn_advance(struct conn *c);
/* The caller's timer for opening ran out: fails with the reason of the transport that is not open yet and calls
 * user->on_fail. */
void conn_expire(struct conn *c);
/* For transports: notes why the connection is dead; returns IO_ERR. The first reason stays. os_errno 0: none. */
int conn_fail(struct conn *c, enum conn_err e, int os_errno);
/* The same, but replaces the reason that a transport below gave (the errno stays). */
int conn_blame(struct conn *c, enum conn_err e);
/* The same for the sending side only: a server may have answered before it cut a request short. */
int conn_fail_write(struct conn *c, enum conn_err e, int os_errno);
/* For transports: what the one below t does. */
ssize_t conn_recv_below(struct conn *c, struct transport *t, void *buf, size_t n);
ssize_t conn_send_below(struct conn *c, struct transport *t, const struct iovec *iov, int niov, bool more);
/* Source and destination of the connection, never NULL before conn_close but perhaps unset
 * (unknown; a unix peer has the family only). Front: the client / our address (the original
 * destination behind NAT); back: ours / the server's. What a PROXY header said counts. Valid until
 * conn_close or conn_rest. */
const struct addr *conn_src(struct conn *c);
const struct addr *conn_dst(struct conn *c);
/* Overrides (PROXY header received, set-src on connection level). */
void conn_set_src(struct conn *c, const struct addr *a);
void conn_set_dst(struct conn *c, const struct addr *a);
/* Others go first: by how much `nice` is above that of the nicest to themselves; 0 or less: nobody does (the default).
 * In each turn those with more are looked at behind all others, and not all of them: few, from 512 on even fewer. */
void conn_set_nice(struct conn *c, int more);
/* The connection goes idle: gives back what can be had again for nothing (addresses). */
void conn_rest(struct conn *c);

#endif
