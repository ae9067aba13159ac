/* HTTP/1 reader without I/O (RFC 9112): heads are parsed where they lie, bodies come out as runs of the caller's
 * buffer. Nothing here decides what a message means: after a head ask framing_request()/framing_response()
 * (http/framing.h) how long its body is, then give that to h1_body_init(). One thread; no allocation but from msg->mem.
 *
 *	struct h1_head h = { 0 };
 *	switch (h1_read_head(&h, p, n, &opts, m, &used, &fault)) { ... }
 */
#ifndef WEIR_HTTP_H1_READ_H
#define WEIR_HTTP_H1_READ_H

#include "weir/http/fault.h"
#include "weir/http/msg.h"

struct h1_opts {
	uint32_t max_head;	/* bytes of a head, leading empty lines included; more: 414 (no line end yet), 431 */
	uint16_t max_fields;	/* more: 431 */
	bool accept_unsafe;	/* option accept-unsafe-violations-in-http-*: '#' and bytes above 0x7e in the target,
				 * bytes that are no token in names (never controls, space, colon), controls in
				 * values (never NUL, CR, LF) */
};

enum h1_result {
	H1_MORE,	/* call again with the same bytes and more behind them */
	H1_DONE,	/* *used bytes were the head; m is complete */
	H1_ERROR,	/* *fault says why; m must not be used, the connection cannot go on */
};

/* Progress inside a head; zeroed for each new message. */
struct h1_head {
	const char *base;	/* where the bytes lay at the last call */
	uint32_t line;		/* start of the line being read */
	uint32_t seen;		/* it was looked at up to here */
	uint32_t colon;		/* of the field being read */
	uint8_t part;		/* private to h1_read.c */
	uint8_t state;		/* H1_HEAD_FIELDS: the start line is done (or there is none: trailers) */
};
enum { H1_HEAD_START, H1_HEAD_FIELDS };

/* Reads a head from the writable bytes [p, p+n). m was msg_init()ed for a request or a response; its slices point
 * into p..p+*used (names are lower-cased, folded lines joined with spaces in place) and at m->mem (array of fields).
 * Each call is given all bytes of the head so far; they may lie elsewhere than the time before (moved whole). Complete
 * lines are never looked at twice. Errors are found as soon as their line is complete, mostly sooner.
 *
 * Sets of a request: major, minor, method, method_text, form, scheme, authority, path, fields, bytes; of a response:
 * major, minor, status, reason, fields, bytes. A response fault always has status 502. */
enum h1_result h1_read_head(struct h1_head *h, char *p, size_t n, const struct h1_opts *o, struct msg *m,
			    size_t *used, struct fault *fault);
/* Has anything but empty lines arrived? (An idle connection that closes now was not in the middle of a head.) */
static inline bool h1_head_started(const struct h1_head *h) { return h->state != H1_HEAD_START || h->seen > h->line; }

enum h1_body_result {
	H1_BODY_MORE,	/* all complete bytes are consumed; more must come */
	H1_BODY_DATA,	/* *run is a piece of the body, call again with what lies behind *used */
	H1_BODY_END,	/* the body ended with the last of *used; trailers, if any, are in msg */
	H1_BODY_ERROR,	/* *fault; cut the message, never end it cleanly */
};

struct h1_run { size_t off, len; };

/* A body being read. Trailers are collected in arena memory, so nothing of them must be kept by the caller. */
struct h1_body {
	uint8_t kind;		/* enum body_kind */
	uint8_t state;		/* private to h1_body.c */
	uint16_t line;		/* bytes of the chunk-size line so far */
	uint64_t left;		/* bytes left of the body, or of the current chunk */
	struct msg *m;		/* gets trailers */
	const struct h1_opts *opts;
	char *text;		/* trailers so far, in m->mem */
	uint32_t text_n, text_cap;
	struct h1_head head;	/* of the trailer section */
	struct msg *tm;		/* fields of the trailer section while it is read */
};

/* m->body and m->body_len as framing set them. opts must live as long as b. */
void h1_body_init(struct h1_body *b, struct msg *m, const struct h1_opts *opts);
/* Consumes from [p, p+n): *used bytes, at most one piece of data per call (bytes are never changed or copied).
 * n = 0 is allowed: it tells an ended body. Also after H1_BODY_END: END again, nothing used. BODY_NONE ends at once;
 * BODY_CLOSE and BODY_TUNNEL are all DATA and never end by themselves (the caller sees the end of the connection).
 * Faults have status 400, 431 (trailers too large); 502 when m is a response. */
enum h1_body_result h1_read_body(struct h1_body *b, const char *p, size_t n, size_t *used, struct h1_run *run,
			         struct fault *fault);
/* Body bytes that must come as plain data now, without framing in between (0: none or framing comes next;
 * UINT64_MAX: until close). h1_body_skip() says that n of them were moved by other means (splice). */
uint64_t h1_body_plain(const struct h1_body *b);
void h1_body_skip(struct h1_body *b, uint64_t n);
/* May the connection's end be taken as the end of this body? (BODY_CLOSE, BODY_TUNNEL, or already ended.) */
bool h1_body_may_end(const struct h1_body *b);

#endif
