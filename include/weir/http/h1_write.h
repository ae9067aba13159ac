/* HTTP/1 writer without I/O: a message head as text, chunk lines, trailers. Everything is written from the parts of
 * struct msg, never from what a peer wrote; line ends are CRLF, names are as they stand in the message (lower case)
 * unless a table adjusts them. The caller (a mux) has decided about the connection and the body. */
#ifndef WEIR_HTTP_H1_WRITE_H
#define WEIR_HTTP_H1_WRITE_H

#include "weir/base/sbuf.h"
#include "weir/http/msg.h"

enum h1_conn { H1_CONN_NONE, H1_CONN_CLOSE, H1_CONN_KEEP_ALIVE };
enum h1_framing {
	H1_FRAME_NONE,		/* neither field: no body, or until close */
	H1_FRAME_LENGTH,	/* content-length: length */
	H1_FRAME_CHUNKED,	/* transfer-encoding: chunked */
};

/* Name to write instead of a lower-case one (h1-case-adjust): of the same length. Returns `lower` itself when there is
 * none. */
struct h1_case {
	struct str (*name)(const struct h1_case *self, struct str lower);
};

struct h1_out {
	uint8_t minor;			/* HTTP/1.<minor> */
	uint8_t conn;			/* enum h1_conn: "connection: close" or "keep-alive" */
	uint8_t framing;		/* enum h1_framing */
	bool te_trailers;		/* te: trailers and its connection option (request) */
	uint64_t length;		/* H1_FRAME_LENGTH */
	struct str upgrade;		/* "connection: upgrade" and "upgrade: <this>"; empty: none */
	struct str http2_settings;	/* with upgrade "h2c": "http2-settings: <this>" and its connection option */
	const struct h1_case *adjust;	/* or NULL */
};

/* Bytes that the head needs at most. */
size_t h1_head_max(const struct msg *m, const struct h1_out *o);
/* Writes the head with its empty line. Of the message's own fields Connection, Keep-Alive, Proxy-Connection, TE,
 * Transfer-Encoding, Upgrade, HTTP2-Settings and Content-Length are never copied (what Connection nominates is the
 * business of http/hop.h): those that *o asks for are written, content-length where it stood if it stood there, the
 * others behind all fields. All other fields keep their order. The target of a request is written in the form it has;
 * an absolute one that came by HTTP/2 as path only. False: did not fit, nothing counted. */
bool h1_write_head(struct sbuf *b, const struct msg *m, const struct h1_out *o);
/* The same for a response to HEAD or 304: content-length is copied as it stands, no framing is added. */
#define H1_FRAME_AS_IS 3

/* "HTTP/1.1 100 Continue" and other short interim answers without fields. */
bool h1_write_status(struct sbuf *b, int minor, int status, struct str reason);

/* Chunk framing: "<hex>CRLF" into to[] (returns its length); then the data, then CRLF. */
#define H1_CHUNK_LINE_MAX 18
size_t h1_chunk_line(char to[H1_CHUNK_LINE_MAX], uint64_t len);
#define H1_LAST_CHUNK "0\r\n"
/* Last chunk, trailers (names that may not stand there are left out), empty line. */
bool h1_write_trailers(struct sbuf *b, const struct field *f, int n, const struct h1_case *adjust);
size_t h1_trailers_max(const struct field *f, int n);

#endif
