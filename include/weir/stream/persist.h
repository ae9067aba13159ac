/* Persistence: the server a request names by cookie, and what the answer tells the client. */
#ifndef WEIR_STREAM_PERSIST_H
#define WEIR_STREAM_PERSIST_H

#include "weir/stream/stream.h"

/* The server named by the request's cookie, usable or forced; NULL: none, or one is assigned already. Sets s->cookie_in
 * and edits the Cookie field as the cookie's mode says (indirect, prefix). */
struct srv *persist_server(struct stream *s);
/* The one that `persist rdp-cookie` means, or NULL. */
struct srv *persist_rdp_server(struct stream *s);
/* Edits the answer: rewrite, insert, prefix; sets s->cookie_out. */
void persist_answer(struct stream *s);

#endif
