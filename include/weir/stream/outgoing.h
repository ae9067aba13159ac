/* What a connection to the server of a stream looks like: destination, source, names, PROXY header, and with them the
 * key under which it may be reused. */
#ifndef WEIR_STREAM_OUTGOING_H
#define WEIR_STREAM_OUTGOING_H

#include "weir/stream/stream.h"

/* Fills r for s->srv; memory from s->mem. False: cannot be (PROXY header too large, no source address in the field). */
bool outgoing_fill(struct stream *s, struct bconn_req *r);
/* May a new connection for r turn out to carry many exchanges? */
bool outgoing_hopeful(const struct stream *s, const struct bconn_req *r);
/* Parts of it: source address (with `usesrc`), and the PROXY header of the server line (empty: none). */
bool outgoing_source(struct stream *s, struct bconn_req *r);
bool outgoing_proxy_header(struct stream *s, struct str *out);

#endif
