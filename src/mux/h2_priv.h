/* HTTP/2 on one connection (RFC 9113), framing and HPACK by nghttp2: what the h2_*.c files share.
 *
 * Every event ends in h2_run(): all that can be received is given to nghttp2, whose callbacks note what is new for each
 * exchange; then every exchange with news is told; then what all of them had to say leaves in one send. What a stream
 * calls from elsewhere (the other side's event) only queues; the task at the end of the turn sends. So the frames of
 * many exchanges share a system call, and no op ever calls a stream back.
 *
 * Messages are checked and translated here (h2_head.c), not by nghttp2: one place decides what is refused. */
#ifndef WEIR_MUX_H2_PRIV_H
#define WEIR_MUX_H2_PRIV_H

#include <nghttp2/nghttp2.h>

#include "weir/base/list.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"

#define H2_READ 65536		/* bytes asked of one receive while it is filled */
#define H2_READ_FIRST 16384
#define H2_TX_HIGH (256 * 1024)	/* waits for the socket at most */
#define H2_OUT_SHARED (1024 * 1024U)	/* queued for a client by all its exchanges, roughly */
#define H2_OUT_MIN 16384	/* and by each of many */
#define H2_TX_CHUNK 4000	/* frame heads, HEADERS and small DATA gather in chunks of that size */
#define H2_COMPANY 16		/* open exchanges: what one of them says may wait for the others */
#define H2_SMALL 1024		/* bytes of DATA that are copied behind their frame head */
#define H2_ARENA 512		/* blocks of an exchange's arena: a request of few fields takes one */
#define H2_EARLY_MAX 16384	/* body bytes of an answer between 101 and the client's preface */
#define H2_DRAIN_MAX (16 * 1024 * 1024)	/* of a body that nobody wants any more */
#define H2_LINGER_MS 1000	/* a closing connection waits that long for what it still has to send */

enum h2c_flag {
	H2C_BACK = 1 << 0,
	H2C_DEAD = 1 << 1,	/* to be closed as soon as no stream holds an exchange of it */
	H2C_DRAIN = 1 << 2,	/* GOAWAY sent: no new exchange */
	H2C_PEER_AWAY = 1 << 3,	/* GOAWAY received */
	H2C_ANSWERED = 1 << 4,	/* upgraded: an answer has begun while 101 was held */
	H2C_GONE = 1 << 5,	/* the owner was told */
	H2C_SETTLED = 1 << 6,	/* the peer's SETTINGS came */
	H2C_CONNECT_OK = 1 << 7,/* and allow extended CONNECT */
	H2C_EOF = 1 << 8,
	H2C_RUNNING = 1 << 9,
	H2C_AGAIN = 1 << 10,	/* there is more to say or to send since this turn began */
	H2C_UPGRADED = 1 << 11,	/* was HTTP/1 before (h2c.c) */
	H2C_HOLD = 1 << 14,	/* upgraded: 101 waits a little for the body (h2c_switch) */
	H2C_SPEAKS = 1 << 13,	/* front: the preface was right: until then not a byte leaves */
	H2C_CALM = 1 << 15,	/* cut off: too many glitches */
	H2C_PREFACE = 1 << 12,	/* and the client's preface has still to come */
	H2C_MUTE = 1 << 16,	/* nghttp2 failed: it frames no more */
	H2C_SWEPT = 1 << 17,	/* back: an exchange has gone since the owner was last told of room */
};

/* Events of about the last second. */
struct h2_rate { unsigned n; uint64_t since_ms; };

struct h2x;

/* The header block that is being received: blocks of two streams never mix (RFC 9113 section 4.3). */
struct h2_block {
	struct h2x *x;			/* whose it is, NULL: nobody wants it */
	struct msg *m;			/* head or trailers, in x's memory */
	struct str path, method, scheme, authority, status, protocol;	/* pseudo-fields */
	uint32_t bytes;			/* as SETTINGS_MAX_HEADER_LIST_SIZE counts */
	uint32_t frames;		/* CONTINUATION frames of it */
	uint16_t bad_status;		/* answered instead of a reset */
	uint16_t usual;			/* fields that the last one had */
	bool bad;			/* malformed: the stream is reset when it ends */
	bool too_big;
};

#define H2C_MAGIC OBJ_MAGIC('h', '2', 'c', 'n')
struct h2c {
	uint32_t magic;
	uint32_t flags;			/* enum h2c_flag */
	struct conn *conn;
	const struct mux_limits *lim;
	const void *user;		/* struct mux_front_user or mux_back_user */
	void *owner;
	nghttp2_session *ng;
	struct chunk *rx;		/* the bytes nghttp2 is looking at, or NULL */
	struct chunk *spare;		/* between two receives of one turn */
	struct spanq tx;		/* framed, not yet in the kernel */
	size_t consumed;		/* body bytes to be given back as window */
	struct list streams;		/* struct h2x */
	struct list news;		/* those with something to tell, to give back, or to be freed */
	uint32_t tx_high;		/* no DATA is framed while so much waits for the socket: H2_TX_HIGH or less */
	unsigned npush;			/* those of `streams` that were pushed */
	struct h2x *last;		/* the exchange that nghttp2 spoke of last, or NULL: saves looking it up */
	struct h2x *telling;		/* whose stream is running because of its news, or NULL */
	struct h2x *framing;		/* who had its frames made at once (h2_frame), while that goes on */
	struct h2_block block;
	unsigned nstreams;		/* in `streams`, reset ones whose exchange still runs included */
	uint64_t fed;			/* bytes received and understood */
	unsigned served;
	unsigned glitches;		/* since the beginning (fc_glitches, bc_glitches) */
	struct h2_rate flood;		/* suspicious frames */
	struct h2_rate chatter;		/* those that do nothing */
	unsigned window_credit;		/* WINDOW_UPDATE frames that DATA of ours is worth */
	unsigned rsts;			/* RST_STREAM of the peer since this turn began */
	struct chunk *held;		/* received, to be looked at in the next turn, from held_off on; or NULL */
	uint32_t held_off;
	struct task task;
	uint64_t since_us;		/* idle since */
	const char *close_reason;
	struct h2c_body *body;		/* the request that upgraded is still being read as HTTP/1 */
};

enum { H2_HEAD_WAIT, H2_HEAD_DONE, H2_TRAILERS };
struct h2x {
	struct gate g;			/* first */
	struct h2c *c;
	struct list link;		/* c->streams */
	struct list news_link;
	uint16_t news;			/* enum gate_news not yet told */
	uint16_t size;			/* of this object's memory */
	uint8_t phase;			/* H2_* */
	uint8_t infos;			/* interim answers so far */
	bool told, released;
	bool closed;			/* nghttp2 has forgotten the stream */
	bool submitted;			/* our HEADERS were given to nghttp2 */
	bool has_data;			/* DATA was announced to nghttp2 */
	bool deferred;			/* and waits for nghttp2_session_resume_data */
	bool connect;			/* extended CONNECT on the wire */
	bool tunnel_asked;		/* back: CONNECT */
	bool head_request;		/* answers have no body */
	bool drop;			/* no body may be sent: bytes are dropped */
	bool info_queued;
	bool promising;			/* back: a promise whose head is not complete */
	uint16_t heads;			/* HEADERS given to nghttp2 that are not in c->tx yet (trailers aside) */
	bool upgraded;			/* front: stream 1, whose request came by HTTP/1 */
	int ntrailers;
	const struct field *trailers;
	const struct msg *waiting;	/* back: request that waits for the server's SETTINGS */
	struct chunk *head;		/* holds the bytes of in_msg when that came by HTTP/1 */
	uint64_t want;			/* content-length, UINT64_MAX: none */
	uint64_t drained;		/* discarded after the release */
	size_t unacked;			/* consumed by the stream, not yet given back as window */
	nghttp2_nv *promise;		/* pushed: what is promised */
	uint32_t npromise;
	int32_t parent_id;		/* and the stream that the promise belongs to */
};

static inline struct h2x *h2x_of(struct gate *g)
{
	OBJ_CHECK(g, GATE_MAGIC);
	return container_of(g, struct h2x, g);
}

/* Front: is its head not complete yet? */
static inline bool h2x_begins(const struct h2x *x)
{
	return x->phase == H2_HEAD_WAIT && !x->released && !x->upgraded && !(x->g.flags & (GATE_BACK | GATE_PUSHED));
}

/* --- h2.c: connections, exchanges, turns --- */
/* With H2C_UPGRADED no SETTINGS are submitted yet. */
struct h2c *h2c_create(struct conn *conn, const struct mux_limits *lim, unsigned flags);
#define H2_SETTINGS_MAX 8
/* What our SETTINGS say. */
size_t h2_settings(const struct mux_limits *lim, unsigned conn_flags, nghttp2_settings_entry s[H2_SETTINGS_MAX]);
void h2_send_settings(struct h2c *c);
/* The connection's window: what several streams may hold together. Sent behind the exchange of SETTINGS. */
void h2_open_window(struct h2c *c);
/* Counts x in; h2x_create does it. */
void h2x_join(struct h2c *c, struct h2x *x, uint32_t id);
/* The connection's timer while no exchange runs. */
void h2_idle_timeout(struct timer *t);
void h2_run(struct h2c *c);
/* Something is to be sent or told: at the end of h2_run() if it is on the stack, else by the task. */
void h2_later(struct h2c *c);
/* The same for what is worth a send of its own: waits for nobody. */
void h2_soon(struct h2c *c);
/* Its message is complete: the stream hears of it while all that belongs to it is in the cache, not when the other
 * frames of the read have been looked at. From a callback of nghttp2; x stays. */
void h2_tell_now(struct h2x *x);
void h2_close(struct h2c *c, const char *reason);
struct h2x *h2x_create(struct h2c *c, int32_t id, const struct gate_ops *ops, unsigned gate_flags);
void h2x_destroy(struct h2x *x);
/* Puts x on the list of those that h2_run() looks at: it has news, window to give back, or is over. */
void h2_say(struct h2x *x, unsigned news);
void h2_break(struct h2x *x, uint32_t code);
/* A frame that no honest peer sends, or too often: counts, and ends the connection past the limit. */
void h2_glitch(struct h2c *c, unsigned weight);
/* A frame that is legal and does nothing: suspicious when there are many of them in a second. */
void h2_chatter(struct h2c *c, unsigned weight);
unsigned h2_busy(const struct conn *conn);
void h2_drain(struct conn *conn);
void h2_kill(struct conn *conn);

/* --- h2_rx.c --- */
nghttp2_session_callbacks *h2_callbacks(void);
/* Feeds all that can be received. */
void h2_rx(struct h2c *c);
/* May something be read that was not, because too much was queued? */
bool h2_more(const struct h2c *c);
void h2_feed(struct h2c *c, struct chunk *chunk, uint32_t off, uint32_t len);
void h2_peer_end(struct h2c *c, bool broken);

/* Back: SETTINGS came: websocket handshakes that waited for them go on. */
void h2_back_settled(struct h2c *c);

/* --- h2_push.c --- */
/* Back: a promise begins (NULL: it was refused), its head is complete. */
struct h2x *h2_promise_begin(struct h2c *c, struct h2x *parent, int32_t id);
void h2_promise_done(struct h2x *x);
/* Front: does the client take pushes? */
bool h2_push_allowed(const struct h2c *c);
bool h2_op_push(struct gate *parent, struct gate *promised);
bool h2_op_promise(struct gate *g);

/* --- h2_tx.c --- */

/* Frames what is queued and sends it. */
void h2_tx(struct h2c *c);
void h2_op_flush(struct gate *g, bool more);
void h2_op_end(struct gate *g, const struct field *trailers, int n);
void h2_op_consumed(struct gate *g, size_t n);
void h2_op_reset(struct gate *g, uint32_t code);
void h2_op_release(struct gate *g);
nghttp2_data_provider h2_provider(struct h2x *x);
/* May frames be made at once (h2_frame)? Else when the turn ends. */
bool h2_may_frame(const struct h2c *c);
/* Makes frames of what x has given to nghttp2 (and of what others have), to be sent at the end of the turn: while it is
 * in the cache, and before bytes that were lent to nghttp2 go. */
void h2_frame(struct h2x *x);
void h2_give_window(struct h2x *x);
void h2_give_windows(struct h2c *c);
ssize_t h2_send_data(struct h2x *x, const uint8_t *framehd, size_t length);

/* --- h2_head.c: fields in both directions --- */
/* One field of c->block. Notes there what is wrong. */
void h2_field(struct h2x *x, struct str name, struct str value);
/* The block is complete: false: malformed, reset the stream. */
bool h2_request_done(struct h2x *x, bool end);
bool h2_response_done(struct h2x *x, bool end);
bool h2_trailers_done(struct h2x *x);
#define H2_PSEUDO_MAX 5
/* A head as nghttp2 wants it. */
struct h2_nvs {
	nghttp2_nv *v;
	size_t n, cap;
	nghttp2_nv few[32];		/* as long as they suffice */
};
/* Room for the fields of m behind n pseudo-fields, which are to be filled in. h2_nvs_put: gives back memory. */
void h2_nvs_get(struct h2_nvs *nvs, const struct msg *m, size_t n);
void h2_nvs_put(struct h2_nvs *nvs);
/* Adds the fields of m, without what belongs to an HTTP/1 connection. flags: NGHTTP2_NV_FLAG_*. */
void h2_fields(struct h2_nvs *nvs, const struct msg *m, uint8_t flags);
#define H2_NV_LENT (NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE)	/* to be framed at once */
nghttp2_nv h2_nv(struct str name, struct str value, uint8_t flags);

/* --- h2c.c: connections that were HTTP/1 before --- */
/* Reads what is left of the request that upgraded. False: nothing else may be read yet. */
bool h2c_read_body(struct h2c *c);
/* So much of it is queued that its reading waits. */
bool h2c_body_full(const struct h2c *c);
/* Its stream took bytes. */
void h2c_body_consumed(struct h2c *c);
/* An answer begins: 101 is not held for long any more. */
void h2c_answered(struct h2c *c);
/* 101 goes out now. */
void h2c_switch(struct h2c *c);
/* Is x the exchange of that request? */
bool h2c_body_of(const struct h2c *c, const struct h2x *x);
void h2c_body_drop(struct h2c *c);

extern const struct mux mux_h2;
extern const struct gate_ops h2_front_ops, h2_back_ops;

/* trace_h2.c, behind trace_on(): a frame came (H2E_RX_FRAME) or went (H2E_TX_FRAME). */
void h2_tell_frame(const struct h2c *c, unsigned event, const nghttp2_frame *f);

#endif
