/* A connection: one descriptor, a chain of transports (raw at the bottom; PROXY protocol, TLS above) and one user
 * on top (a mux, a check, the CLI). Lives and dies on the thread that accepted or made it. */
#ifndef WEIR_NET_CONN_H
#define WEIR_NET_CONN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include "weir/base/addr.h"
#include "weir/base/obj.h"
#include "weir/loop/loop.h"

struct conn;
struct transport;

/* What a transfer came to: > 0 bytes, or one of these. */
enum { IO_EOF = 0, IO_AGAIN = -1, IO_ERR = -2 };

/* Why a connection failed; fc_err / bc_err and log reasons come from the table in net/conn_err.c. */
enum conn_err {
	CERR_NONE, CERR_SOCK, CERR_REFUSED, CERR_TIMEOUT, CERR_UNREACH, CERR_RESET, CERR_NO_FD, CERR_NO_PORT, CERR_BIND,
	CERR_PROXY_EMPTY, CERR_PROXY_ABORT, CERR_PROXY_TIMEOUT, CERR_PROXY_BAD, CERR_PROXY_LOCAL_BAD,
	CERR_SOCKS4, CERR_TLS_EMPTY, CERR_TLS_ABORT, CERR_TLS_TIMEOUT, CERR_TLS_HANDSHAKE, CERR_TLS_VERIFY, CERR_TLS_EARLY,
	CERR_COUNT,
};

struct transport_ops {
	const char *name;
	/* Progress towards "open" (handshake). IO_AGAIN: wait for events; > 0: open; IO_ERR: failed, conn->err set. */
	int (*open)(struct conn *c, struct transport *t);
	/* As recv/send: bytes, IO_EOF, IO_AGAIN, IO_ERR. A short transfer means drained/full for raw sockets; they clear
	 * c->ev.ready accordingly. */
	ssize_t (*recv)(struct conn *c, struct transport *t, void *buf, size_t n);
	ssize_t (*send)(struct conn *c, struct transport *t, const struct iovec *iov, int niov, bool more);
	/* Clean end of the writing side (FIN, close_notify). */
	void (*shut)(struct conn *c, struct transport *t);
	/* Releases t. silent: without a word to the peer (RST path, fork). */
	void (*fini)(struct conn *c, struct transport *t, bool silent);
	/* Answers questions: which = enum conn_ask; false: ask the one below. */
	bool (*ask)(struct conn *c, struct transport *t, int which, void *out);
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
	CONN_SRC_KNOWN = 1 << 6, CONN_DST_KNOWN = 1 << 7,
	CONN_TLS = 1 << 8,
	CONN_PRIVATE = 1 << 9,		/* never shared: NTLM, own source address ... */
	CONN_EARLY = 1 << 10,		/* carries TLS early data not yet confirmed */
	CONN_REUSED = 1 << 11,		/* server connection that already served an exchange */
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
	void *line;			/* struct bind (front) or struct server (back) of the model: the option structs */
	struct addr *src, *dst;		/* allocated when known (conn_src/conn_dst look them up lazily); net-level, PROXY-in applied */
	uint8_t err;			/* enum conn_err */
	int os_errno;			/* errno behind err, or 0 */
	struct timer timer;		/* for the phase the user is in (handshake, idle, ...) */
	uint64_t born_us;
};

/* Bytes through the chain. conn_recv/conn_send update flags (EOF, ERROR) and c->ev.ready. */
ssize_t conn_recv(struct conn *c, void *buf, size_t n);
ssize_t conn_sendv(struct conn *c, const struct iovec *iov, int niov, bool more);
static inline bool conn_readable(const struct conn *c) { return c->ev.ready & (EV_READ | EV_RDHUP | EV_HUP | EV_ERR); }
static inline bool conn_writable(const struct conn *c) { return c->ev.ready & EV_WRITE; }
void conn_shut(struct conn *c);
/* Ends and releases the connection: transports, descriptor, struct. reset: RST instead of FIN (SO_LINGER 0). */
void conn_close(struct conn *c, bool reset);
bool conn_ask(struct conn *c, enum conn_ask which, void *out);
/* Puts t on top of the chain. */
void conn_push(struct conn *c, struct transport *t);
/* Drives the chain towards open, then calls user->on_open or on_fail. Called by listener and connect; again by
 * events until open. */
void conn_advance(struct conn *c);
/* Peer / local address (original destination). Valid while the connection lives; NULL: unknown. */
const struct addr *conn_src(struct conn *c);
const struct addr *conn_dst(struct conn *c);
const char *conn_err_text(enum conn_err e);	/* as fc_err_str prints it */

#endif
