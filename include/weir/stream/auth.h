/* Answering 401 (407 to a client that uses us as a proxy) with a request for Basic credentials (RFC 7617). */
#ifndef WEIR_STREAM_AUTH_H
#define WEIR_STREAM_AUTH_H

#include "weir/stream/stream.h"

enum step_result stream_ask_password(struct stream *s, struct str realm);

#endif
