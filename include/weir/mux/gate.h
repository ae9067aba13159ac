/* A gate: where one exchange passes between a mux and the pipeline. The same struct for an H1 exchange, an H2 stream
 * and plain bytes, on both sides. "in" is what comes from the peer through the mux to the stream, "out" what the
 * stream sends. The stream never asks which protocol is behind it; the mux never asks who answers.
 *
 * Rules of the door:
 *  - The mux appends to `in`, sets in-flags and calls user->wake once per batch of news. The stream takes from `in`
 *    (spanq_move/drop) and then calls ops->consumed so that the mux reads on (or opens the H2 window).
 *  - The stream appends to `out` and calls ops->flush. The mux sends what it can, drops it from `out`, and calls
 *    user->wake(GATE_ROOM) when `out` falls below half of what it may hold and OUT_FULL says that there is more.
 *  - user->wake may be called from inside an op (flush) only as a queued task: the mux never re-enters the stream
 *    synchronously from an op that the stream called. From I/O events it calls synchronously.
 *  - send_head and send_info only queue; flush or end puts what is queued on the wire, so that a head and the body
 *    behind it leave in one system call. send_head(end = true) is complete by itself and is sent at once. end()
 *    flushes. OUT_DONE is set, synchronously where possible, when all of an ended message is in the kernel; if it
 *    was not possible at once, wake(GATE_ROOM) tells.
 *  - After ops->release the gate must not be touched by the stream; the mux frees it when its peer side is done. */
#ifndef WEIR_MUX_GATE_H
#define WEIR_MUX_GATE_H

#include "weir/base/arena.h"
#include "weir/base/chunk.h"
#include "weir/http/msg.h"
#include "weir/net/conn.h"

struct gate;
struct pipe;		/* sys/pipes.h */

#define GATE_OUT_MAX (272 * 1024)	/* the stream puts no more into `out` beyond this; what one receive of 16 chunks
					 * brings has room, else its last bytes would leave alone */
#define GATE_IN_MAX (256 * 1024)	/* the mux reads no further when `in` holds this much */
#define GATE_MIN (16 * 1024)	/* both shrink, down to this, when all queues of the thread hold much together */

enum gate_news {
	GATE_HEAD = 1 << 0,	/* g->in_msg holds a new final head (request or response) */
	GATE_INFO = 1 << 1,	/* back: a 1xx (not 101) is in g->in_msg; the final head comes later */
	GATE_DATA = 1 << 2,	/* `in` grew */
	GATE_END = 1 << 3,	/* IN_END was set (trailers, if any, are in in_msg) */
	GATE_ROOM = 1 << 4,	/* `out` has room again / everything was flushed */
	GATE_ABORT = 1 << 5,	/* IN_ABORT or OUT_ABORT was set */
	GATE_FIN = 1 << 6,	/* IN_FIN was set */
	GATE_PUSH = 1 << 7,	/* back, H2: the server promised another answer: g->pushed is its gate, to be given to
				 * ops->push of the client's gate, or reset and released, before wake returns */
};

enum gate_flag {
	IN_HEAD = 1 << 0,	/* head received */
	IN_END = 1 << 1,	/* peer's message ended properly (tunnel: half-closed) */
	IN_ABORT = 1 << 2,	/* peer's message was cut: error, reset, early close */
	OUT_HEAD = 1 << 3,	/* our head was given */
	OUT_END = 1 << 4,	/* our message's end was given */
	OUT_DONE = 1 << 5,	/* and all of it is in the kernel */
	OUT_ABORT = 1 << 6,	/* the peer will not take more (reset, write error) */
	GATE_BACK = 1 << 7,
	GATE_RAW = 1 << 8,	/* plain bytes: no head on either side (TCP mode) */
	GATE_TUNNEL = 1 << 9,	/* turned into bytes after 101 / CONNECT */
	GATE_REUSED = 1 << 10,	/* back: on a connection that served others before: failing before the first answer
				 * byte is worth a silent retry */
	GATE_CLOSE = 1 << 11,	/* connection shall not be kept after this exchange */
	GATE_SRV_SAW = 1 << 12,	/* back: at least one byte of the request left */
	GATE_REFUSED = 1 << 13,	/* back: peer said it did not process it (REFUSED_STREAM, GOAWAY below id) */
	GATE_FIRST = 1 << 14,	/* front: first exchange of its connection */
	GATE_BADREQ = 1 << 15,	/* front: in_msg could not be parsed; status in bad_status, raw text in bad_text. With
				 * GATE_TIMEOUT: the head was not complete in time; with IN_ABORT: the peer ended
				 * before; wire_in == 0: it never said anything. Answering and releasing are as ever */
	GATE_TIMEOUT = 1 << 16,	/* the peer was too slow (head) */
	IN_FIN = 1 << 17,	/* front: after its request the peer ended its sending side (option abortonclose may
				 * take that for a farewell) */
	GATE_SPLICE = 1 << 18,	/* set and cleared by the stream: it moves the body by splice_in. Where splice_want says
				 * that bytes may be moved, the mux does not read them itself; it wakes GATE_DATA with
				 * an empty `in`, and not again before splice_in was called */
	GATE_PUSHED = 1 << 19,	/* H2: an exchange that a server promised. Front: until ops->promise was called the
				 * client knows nothing of it. Back: its request is complete from the beginning */
	GATE_CAN_REFUSE = 1 << 21,	/* back: the peer is able to say GATE_REFUSED, whatever it has received */
	OUT_FULL = 1 << 22,	/* set by the stream: there is more than `out` may hold; until it takes that back or is
				 * woken by GATE_ROOM */
	GATE_PUSH_OK = 1 << 20,	/* front, H2: the client takes pushes */
	GATE_KILL = 1 << 23,	/* front: a reset ends the connection, whatever else runs on it */
};

/* What the stream gives: called by the mux. */
struct gate_user {
	void (*wake)(struct gate *g, void *arg, unsigned news);
};

struct gate_ops {
	const char *name;
	/* Gives the head: request (back) or final response (front). m stays valid until OUT_DONE. end: no body follows.
	 * Sets OUT_HEAD (and OUT_END). The mux normalises hop-by-hop fields for its own version on writing. */
	void (*send_head)(struct gate *g, struct msg *m, bool end);
	/* Front: an interim 1xx (100, 103). */
	void (*send_info)(struct gate *g, struct msg *m);
	/* Sends from `out`; more: further bytes will follow at once (do not wait for them, but do not push). */
	void (*flush)(struct gate *g, bool more);
	/* No more bytes: ends the message after `out` is drained; trailers may be NULL. Tunnel: half-close. */
	void (*end)(struct gate *g, const struct field *trailers, int n);
	/* The stream took bytes from `in`; reading may go on. 0: it gave GATE_SPLICE up, and what is there must be read
	 * whether somebody said so or not. */
	void (*consumed)(struct gate *g, size_t n);
	/* Cuts the exchange now. code: HTTP/2 error code for muxes that have one (RFC 9113 section 7); HTTP/1: the
	 * connection closes without a clean end. */
	void (*reset)(struct gate *g, uint32_t code);
	/* The stream is done with the gate; see rules above. A front gate whose answer was not ended is reset. A back
	 * gate whose exchange is incomplete closes its connection (H1) or resets its stream (H2). */
	void (*release)(struct gate *g);
	/* Front, H2 (NULL where there is no push): makes an exchange of the client's connection out of what a server
	 * promised while it answers g: g->pushed of the new front gate is `promised`, whose memory is the new
	 * exchange's from then on; it is handed to the pipeline like a request, from inside the call. False: the client
	 * takes none (now). */
	bool (*push)(struct gate *g, struct gate *promised);
	/* Front, GATE_PUSHED: the client is told. Called once, before send_head. False: too late, give up. */
	bool (*promise)(struct gate *g);
	/* Kernel-side forwarding of up to max bytes of the peer's body into a pipe, and of all that is in one to
	 * the peer: NULL when the mux never can. Return bytes, IO_AGAIN, IO_EOF or IO_ERR, and set in- and
	 * out-flags as they find them (IN_END after the last byte). Only while `in` (resp. `out`) is empty.
	 * IO_AGAIN from splice_in with an empty pipe means that GATE_DATA will come (perhaps with bytes in `in`:
	 * ask splice_want again), from splice_out that GATE_ROOM will. */
	ssize_t (*splice_in)(struct gate *g, struct pipe *p, size_t max);
	ssize_t (*splice_out)(struct gate *g, struct pipe *p, bool more);
	uint64_t (*splice_want)(struct gate *g);	/* in: body bytes that may be spliced now (0: none, framing) */
	bool (*splice_ok)(struct gate *g);		/* out: would splice_out do for this body and connection? */
};

#define GATE_MAGIC OBJ_MAGIC('g', 'a', 't', 'e')
struct gate {
	uint32_t magic;
	uint32_t flags;			/* enum gate_flag */
	const struct gate_ops *ops;	/* the mux's */
	const struct gate_user *user;	/* the stream's */
	void *arg;
	struct conn *conn;
	struct arena *mem;		/* of the exchange: front gates bring it (own_mem), back gates borrow it */
	struct msg *in_msg;		/* in mem */
	struct spanq in, out;
	uint64_t in_bytes, out_bytes;	/* body bytes so far, for counters (%B counts head + body: see wire_*) */
	uint64_t wire_in, wire_out;	/* bytes of this exchange on the wire, heads and framing included */
	uint64_t t_first_us;		/* front: when the first byte of the request came */
	uint64_t t_head_us;		/* when the head was complete */
	uint64_t t_idle_us;		/* front: idle time before the first byte (%Ti) */
	uint32_t reset_code;		/* code the peer reset with (H2) */
	uint32_t stream_id;		/* H2, else 0 */
	int bad_status;			/* the peer's message was malformed: what to answer the client with (400, 408,
				 * 414, 431, 501 ...; 502 when it was a response). 0: it was not */
	const char *bad_reason;		/* why it ended badly, malformed or cut: a stable token, "h1-bad-chunk-size",
				 * "server-closed-before-headers" ... */
	struct str bad_text;		/* start of what could not be parsed (for the log and show errors) */
	uint32_t bad_pos;		/* offset of the offending byte in bad_text */
	struct gate *pushed;		/* GATE_PUSH; front, GATE_PUSHED: the server's gate until the stream takes it */
	uint32_t out_max, in_max;	/* smaller limits of `out` (set by the mux) and `in` (by the stream when it
					 * opens the gate), 0: GATE_OUT_MAX, GATE_IN_MAX */
	struct str host;		/* H2: whom the request is for, as it passed this gate */
	struct arena own_mem;		/* storage behind mem for front gates */
};

/* What a queue that has a limit of its own may hold now. It may hold more already. */
static inline size_t gate_share(size_t max)
{
	size_t left = chunk_left();

	return left >= max ? max : left > GATE_MIN ? left : max < GATE_MIN ? max : GATE_MIN;
}

static inline size_t gate_out_max(const struct gate *g) { return gate_share(g->out_max ? g->out_max : GATE_OUT_MAX); }
static inline size_t gate_in_max(const struct gate *g) { return gate_share(g->in_max ? g->in_max : GATE_IN_MAX); }

#endif
