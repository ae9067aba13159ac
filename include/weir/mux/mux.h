/* Muxes: which protocol a connection speaks. One row per mux in mux/table.c; mux/pick decides, once. */
#ifndef WEIR_MUX_MUX_H
#define WEIR_MUX_MUX_H

#include "weir/http/h1_write.h"
#include "weir/mux/gate.h"

/* Words of bind and server lines about protocols; embedded by value in struct bind and struct server_line.
 * Parsed by mux/conf_mux.c. */
struct mux_words {
	const struct mux *proto;	/* proto h1|h2|none..., or NULL: free */
	bool upgrade_h2c;
	unsigned upgrade_retry;		/* server: ms, default 300000 */
	struct str alpn;		/* wire format list (tls floor writes it), n = 0: none; used with TLS only */
	bool alpn_set, no_alpn;
	uint8_t ws;			/* server: 0 auto, 1 h1, 2 h2 */
};

/* Limits and habits a mux needs, resolved at load from global, proxy and line. Lives as long as the generation. */
struct mux_limits {
	unsigned bufsize, maxrewrite, maxhdr;
	unsigned t_request, t_keepalive, t_client;	/* ms, 0: none (front) */
	unsigned t_client_fin, t_server_fin;
	unsigned h2_streams, h2_window, h2_frame, h2_header_table, h2_glitches, h2_rst_limit, h2_total_streams;
	unsigned h2_glitch_cpu;		/* per cent of the thread's time: less busy, it bears with glitches */
	unsigned h2_rxbuf;		/* bytes that the streams of a connection may send ahead, 0: by h2_window */
	bool http_mode;
	bool accept_unsafe;		/* option accept-unsafe-violations-in-http-request/-response */
	bool ignore_probes;		/* option http-ignore-probes */
	bool close_front;		/* option httpclose on this side */
	bool no_h2_upgrade;		/* option disable-h2-upgrade: the preface is no request like others */
	bool idle_close;		/* option idle-close-on-response: soft stop waits for one more request */
	bool any_body;			/* h1-accept-payload-with-any-method */
	bool no_websocket;		/* h2-workaround-bogus-websocket-clients */
	bool any_upgrade;		/* relay Upgrade tokens other than websocket too */
	const struct h1_case *case_adjust;	/* names to write instead (option h1-case-adjust-*), or NULL */
	uint32_t max_requests;		/* exchanges a connection may carry, 0: any number */
};

/* Front: how a mux hands a new exchange to the pipeline. Left by the stream floor in the session. */
struct mux_front_user {
	/* g->in_msg is complete (or GATE_BADREQ / GATE_RAW). Sets g->user and g->arg. Called once per exchange. */
	void (*exchange)(struct gate *g, void *sess);
	/* The mux has finished with the connection and is about to conn_close it. */
	void (*gone)(struct conn *c, void *sess);
	/* The connection was HTTP/1 and is HTTP/2 now (Upgrade: h2c). May be NULL. */
	void (*upgraded)(struct conn *c, void *sess);
};
/* Back: how a mux tells the pool. */
struct mux_back_user {
	void (*idle)(struct conn *c, void *owner);	/* can take a new exchange again, has no exchange now */
	void (*room)(struct conn *c, void *owner);	/* H2: may take more exchanges while others run */
	void (*gone)(struct conn *c, void *owner);	/* about to be closed: forget it */
	/* CONN_ASK_H2C: the server answered to the request that asked for an upgrade. yes: the connection is HTTP/2
	 * now; else it goes on as HTTP/1. May be NULL. */
	void (*upgraded)(struct conn *c, void *owner, bool yes);
};

enum { MUX_FRONT = 1, MUX_BACK = 2 };
struct mux {
	const char *name;		/* "H1", "H2", "PASS": as -vv shows */
	const char *proto;		/* "h1", "h2", "none": word of `proto` */
	uint8_t sides;			/* MUX_FRONT | MUX_BACK */
	bool http;			/* mode HTTP (else TCP) */
	const char *flags;		/* for -vv: "HOL_RISK" or "" */
	const char *help;
	/* Takes an open front connection. pre: bytes already read (preface detection) or NULL, ownership of the
	 * reference passes. The first exchange may be handed over, and the connection end, before it returns. */
	void (*front)(struct conn *c, const struct mux_limits *lim, const struct mux_front_user *user,
		      void *sess, struct chunk *pre);
	/* Takes a back connection that is open (conn->user becomes the mux's). */
	void (*back)(struct conn *c, const struct mux_limits *lim, const struct mux_back_user *user,
		     void *owner);
	/* Back: a gate for one more exchange, or NULL when avail() is 0. mem: the stream's arena. */
	struct gate *(*open)(struct conn *c, struct arena *mem, const struct gate_user *user, void *arg);
	unsigned (*avail)(const struct conn *c);	/* back: exchanges it could take now */
	unsigned (*busy)(const struct conn *c);		/* exchanges in progress */
	/* Soft stop: finish what runs, then close (H1: connection: close; H2: GOAWAY). */
	void (*drain)(struct conn *c);
	/* Close now; running gates see IN_ABORT. */
	void (*kill)(struct conn *c);
};
extern const struct mux *const mux_table[];	/* NULL-terminated */
const struct mux *mux_find(struct str proto, unsigned side);
/* The table as -vv shows it. */
void mux_print_table(struct sbuf *out);

/* Front, once the chain is open: explicit proto, else ALPN, else first bytes, else the mode's default. Takes over
 * the connection. */
void mux_pick_front(struct conn *c, const struct mux_words *w, const struct mux_limits *lim,
		    const struct mux_front_user *user, void *sess);
/* Front, plain bytes: the connection goes to another mux (NULL: HTTP, its version by the first bytes) with all that was
 * received and is still in `in`. Does what release does: g must not be touched any more. The exchanges of the other mux
 * come through the same mux_front_user. */
void mux_switch(struct gate *g, const struct mux *to);
/* Back, once the connection is open: explicit proto, else the ALPN result, else the mode's default. */
/* How a front connection came to HTTP/2: "alpn", "prior" (knowledge), "upgrade", or empty: it speaks something else. */
struct str mux_h2_via(const struct conn *c);
/* Back: may an exchange on it be a websocket (RFC 8441)? HTTP/2 needs the server's permission. */
bool mux_takes_websocket(const struct conn *c);
/* Suspicious frames of the peer so far; 0 unless HTTP/2 is spoken. */
unsigned mux_glitches(const struct conn *c);
/* Exchanges that the connection may carry at a time, as its SETTINGS say: ours in front, the server's behind; 1 unless
 * HTTP/2 is spoken. */
unsigned mux_streams_limit(const struct conn *c);
const struct mux *mux_pick_back(const struct mux_words *w, bool http_mode, struct str alpn);

#endif
