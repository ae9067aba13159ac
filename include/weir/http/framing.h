/* The one place that decides how long an HTTP/1 body is, whether the connection may persist, and what is refused as
 * ambiguous (RFC 9112 sections 6 and 9.3, RFC 9110 sections 7.2 and 7.8). Called once for each head that a reader has
 * completed; afterwards the message is normalised: one Content-Length or none, no Transfer-Encoding, one Host. */
#ifndef WEIR_HTTP_FRAMING_H
#define WEIR_HTTP_FRAMING_H

#include "weir/http/fault.h"
#include "weir/http/msg.h"

struct framing_opts {
	bool accept_unsafe;	/* option accept-unsafe-violations-in-http-* */
	bool any_body;		/* GET, HEAD and DELETE of HTTP/1.0 may have one; else 413 */
	bool any_upgrade;	/* relay Upgrade tokens besides websocket too (never h2c, HTTP/2.0) */
};

/* Request: sets body, body_len, flags (KEEP_ALIVE, HAS_LENGTH, UPGRADE, WEBSOCKET, H2C_ASKED, EXPECT_100,
 * CLOSE_AFTER), protocol (first Upgrade token that may be relayed); checks and normalises Host and authority
 * (http/host.h). False: *f (400, 413, 422); answer and close. Connection, Upgrade, HTTP2-Settings stay in the message
 * until hop_request() (http/hop.h). */
bool framing_request(struct msg *m, const struct framing_opts *o, struct fault *f);

/* What was asked for, as far as the framing of its answer needs it. */
struct framing_asked {
	uint8_t method;		/* enum method as it was sent to the server */
	struct str upgrade;	/* token that was sent in Upgrade (websocket, h2c), empty: none */
};
/* Response: sets body, body_len, flags. A 101 that was not asked for, or for something else, is a fault; the one
 * that was asked for and 2xx to CONNECT give BODY_TUNNEL. Other 1xx give BODY_NONE: the final answer follows.
 * False: *f with status 502. */
bool framing_response(struct msg *m, const struct framing_asked *asked, struct fault *f);

/* A Content-Length value, or a list of equal ones (leading zeros are legal): 1*DIGIT up to 2^63 - 1. */
bool framing_length(struct str value, uint64_t *len);

/* Makes the fields say what body and body_len say, for a message whose body was replaced or re-framed: one
 * Content-Length for BODY_LENGTH, none otherwise. */
void framing_set_length(struct msg *m, uint64_t len);
void framing_set_chunked(struct msg *m);
/* May this field stand in trailers (RFC 9110 section 6.5.1)? Framing, routing, authentication, connection: no. */
bool framing_trailer_ok(const struct field *f);

#endif
