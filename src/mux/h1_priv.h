/* HTTP/1 and plain bytes on one connection: what h1_front.c, h1_back.c and pass.c share.
 *
 * struct h1c is all that an idle connection holds. An exchange adds a struct h1x: the gate with its codec states, taken
 * at the first byte of a request (front) or by open() (back), and given back when the exchange has ended on the wire
 * and the stream has released it.
 *
 * Every event (readiness, timer, task) ends in h1_run(), which does in turns whatever can be done: send, receive and
 * parse, tell the stream what is new, settle an exchange that has ended. What the stream calls (the gate ops) never
 * calls the stream back: it sends what it can and leaves the rest to the h1_run() below it on the stack, or to the
 * task. So a gate never goes away while the stream is being called. */
#ifndef WEIR_MUX_H1_PRIV_H
#define WEIR_MUX_H1_PRIV_H

#include "weir/http/framing.h"
#include "weir/http/h1_read.h"
#include "weir/http/h1_write.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"

#define H1_BURST_MAX 16		/* chunks that one receive fills at most */
#define H1_SMALL 4096		/* body bytes copied behind a head rather than sent as a piece of their own */
#define H1_DRAIN_MAX (64 * 1024)	/* body bytes read in vain to keep a connection */
#define H1_LINGER_MS 5000	/* a closing connection waits that long for the peer's end at most */
#define H1_LINGER_MAX (1024 * 1024)	/* and reads that much in vain */
#define H1_INFOS_MAX 32		/* interim answers before a final one */

struct h1c;
struct h1x;

/* What differs between the sides; called by the engine. */
struct h1_side {
	/* No exchange runs and bytes are there (c->rx) or may be there. Returns whether anything moved. */
	bool (*idle)(struct h1c *c);
	/* Parses the head in c->rx. False: it needs more bytes, or the exchange failed. */
	bool (*head)(struct h1x *x);
	/* The peer ended its side, or (broken) the connection died, before its message was complete. */
	void (*cut)(struct h1x *x, bool broken);
	/* The stream has released x: ends what can be ended. */
	void (*settle)(struct h1x *x);
	/* The connection is about to be closed. */
	void (*gone)(struct h1c *c);
	/* Gives the connection to another mux (H1C_LEFT) and frees c. */
	void (*leave)(struct h1c *c);
};

enum h1c_flag {
	H1C_BACK = 1 << 0,
	H1C_PASS = 1 << 1,	/* plain bytes */
	H1C_DEAD = 1 << 2,	/* to be closed as soon as no stream holds an exchange of it */
	H1C_RESET = 1 << 3,	/* by RST */
	H1C_LINGER = 1 << 4,	/* our side is shut; reading in vain until the peer's end */
	H1C_DRAIN = 1 << 5,	/* soft stop: close after this exchange */
	H1C_MAYBE_H2 = 1 << 6,	/* the first bytes may be the HTTP/2 preface */
	H1C_GONE = 1 << 8,	/* the owner was told */
	H1C_H2C = 1 << 9,	/* Upgrade: h2c is served (front), asked for (back) */
	H1C_LEFT = 1 << 7,	/* another mux takes the connection when the calls in progress are over */
};

#define H1C_MAGIC OBJ_MAGIC('h', '1', 'c', 'n')
struct h1c {
	uint32_t magic;
	uint16_t flags;		/* enum h1c_flag */
	uint8_t depth;		/* h1_run() is on the stack */
	uint8_t burst;		/* chunks to offer to the next receive: as many as the last ones filled */
	struct conn *conn;
	const struct mux_limits *lim;
	const struct h1_side *side;
	const void *user;	/* struct mux_front_user or mux_back_user */
	void *owner;
	struct h1x *x;
	struct chunk *rx;	/* received and not yet parsed: data[rx_off .. fill]; or NULL */
	uint32_t rx_off;
	uint32_t served;	/* exchanges begun */
	struct h1_opts opts;
	struct task task;
	uint64_t since_us;	/* idle since; while lingering: bytes read in vain */
};

enum h1_phase {
	H1_HEAD,		/* reading a head */
	H1_BODY,		/* reading a body, or bytes without end */
	H1_OVER,		/* nothing more is read for this exchange */
};

enum h1_out_kind {
	H1_OUT_DROP,		/* no body may be sent: bytes are dropped */
	H1_OUT_LENGTH,
	H1_OUT_CHUNKED,
	H1_OUT_RAW,		/* until the connection's end: close-delimited, tunnel, plain bytes */
};

struct h1x {
	struct gate g;		/* first */
	struct h1c *c;
	struct chunk *head;	/* holds the bytes of g.in_msg */
	unsigned news;		/* enum gate_news not yet told */
	uint8_t phase;		/* enum h1_phase */
	uint8_t out_kind;	/* enum h1_out_kind */
	uint8_t infos;		/* back: interim answers so far */
	uint8_t method;		/* back: as it was sent */
	bool told;		/* the stream knows of the exchange */
	bool released;
	bool close;		/* no further exchange on this connection */
	bool cut;		/* the stream called reset() */
	bool need;		/* what is pending of the head is not enough */
	bool info;		/* back: in_msg holds an interim answer */
	bool full;		/* reading waits for ops->consumed */
	bool no_splice;		/* the kernel refused */
	bool blocked;		/* sending waits for the socket */
	bool crlf;		/* owed behind the chunk in progress */
	bool ended;		/* the last piece of framing is queued or sent */
	bool owes_shut;		/* our side of the connection is over: unless it is closed at once, it is shut */
	bool continued;		/* front: 100 was sent */
	bool waits;		/* released, and the timer guards what is left to do */
	bool h2c;		/* the request upgrades (front), asks for it (back) */
	struct str upgrade;	/* back: token that was sent */
	struct str ws_key;	/* back: Sec-WebSocket-Key that was made here */
	const struct mux *to;	/* PASS: who takes the connection (H1C_LEFT), NULL: HTTP by the first bytes */
	struct spanq tx;	/* heads and framing: before `out` on the wire */
	uint64_t out_left;	/* LENGTH: body bytes owed; CHUNKED: bytes left of the chunk announced */
	uint64_t drained;	/* body bytes dropped after the release */
	const struct field *trailers;
	int ntrailers;
	union {
		struct h1_head hd;
		struct h1_body body;
	};
};

static inline struct h1x *h1x_of(struct gate *g)
{
	OBJ_CHECK(g, GATE_MAGIC);
	return container_of(g, struct h1x, g);
}

static inline uint32_t h1_pending(const struct h1c *c)
{
	return c->rx ? c->rx->fill - c->rx_off : 0;
}

/* --- h1.c: connections, exchanges, turns --- */
/* Takes the connection: conn->user and conn->arg. */
struct h1c *h1c_create(struct conn *conn, const struct mux *mux, const struct mux_limits *lim,
		       const struct h1_side *side, unsigned flags);
void h1_run(struct h1c *c);
/* Everything but the connection. */
void h1c_free(struct h1c *c);
/* What an op leaves to be done later: by the h1_run() on the stack, else by the task. */
void h1_later(struct h1c *c);
/* Closes as soon as the calls in progress are over and no stream holds an exchange. */
void h1_close(struct h1c *c, bool reset);
/* Shuts our side and waits for the peer's end, so that what was sent is not lost to a reset. */
void h1_linger(struct h1c *c, unsigned ms);
struct h1x *h1x_create(struct h1c *c, const struct gate_ops *ops, unsigned gate_flags);
void h1x_destroy(struct h1x *x);
void h1_say(struct h1x *x, unsigned news);
/* The connection died under the exchange, or somebody killed it. */
void h1_break(struct h1x *x, const char *reason);
/* mux ops */
unsigned h1_busy(const struct conn *conn);
void h1_drain(struct conn *conn);
void h1_kill(struct conn *conn);

/* --- h1_rx.c: receiving and parsing --- */
/* Parses what is there, else receives, as far as the exchange wants it. Returns whether anything moved. */
bool h1_rx(struct h1c *c);
/* One receive into c->rx while no exchange runs; as conn_recv. */
ssize_t h1_rx_first(struct h1c *c);
/* Gives back c->rx when nothing in it is needed. */
void h1_rx_trim(struct h1c *c);
/* Behind a head: how the body that follows is to be read (in_msg->body). Reads what is there of it. */
void h1_rx_body(struct h1x *x);
/* The peer's bytes are plain from here on. */
void h1_rx_tunnel(struct h1x *x);
/* n bytes of the body went another way. */
void h1_rx_spliced(struct h1x *x, size_t n);
/* The peer ended its side; broken: the connection died. */
void h1_rx_end(struct h1x *x, bool broken);
/* Appends a piece of a body: by reference, unless there are many and it is so short that the span costs more. */
void h1_push_run(struct spanq *in, struct chunk *k, uint32_t off, size_t len);
void h1_op_consumed(struct gate *g, size_t n);

/* --- h1_tx.c: sending --- */
void h1_tx_head(struct h1x *x, const struct msg *m, const struct h1_out *o);
/* Sends until all is gone or the socket is full. */
void h1_tx(struct h1x *x, bool more);
/* n bytes of the body went another way. */
void h1_tx_spliced(struct h1x *x, size_t n);
void h1_tx_failed(struct h1x *x);
/* The socket has room again. Returns whether anything moved. */
bool h1_tx_resume(struct h1x *x);
void h1_op_flush(struct gate *g, bool more);
void h1_op_end(struct gate *g, const struct field *trailers, int n);
void h1_op_reset(struct gate *g, uint32_t code);
void h1_op_release(struct gate *g);

/* --- h1_splice.c --- */
ssize_t h1_op_splice_in(struct gate *g, struct pipe *p, size_t max);
ssize_t h1_op_splice_out(struct gate *g, struct pipe *p, bool more);
uint64_t h1_op_splice_want(struct gate *g);
bool h1_op_splice_ok(struct gate *g);

/* --- h1_front.c, h1_back.c --- */
/* As mux->front; flags: H1C_MAYBE_H2, H1C_H2C. */
void h1_front_start(struct conn *conn, const struct mux_limits *lim, const struct mux_front_user *user, void *sess,
		    struct chunk *pre, unsigned flags);

/* --- h2c.c --- */
/* The connection becomes HTTP/2, its exchange stream 1; c is freed. */
void h2c_front(struct h1c *c);
void h2c_back(struct h1c *c);
/* Value of HTTP2-Settings that asks for it. */
struct str h2c_ask(const struct mux_limits *lim, const struct conn *conn, struct arena *mem);

extern const struct mux mux_h1, mux_pass;

#endif
