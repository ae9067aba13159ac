/* Adding the Forwarded field to a request. */
#ifndef WEIR_STREAM_FORWARDED_H
#define WEIR_STREAM_FORWARDED_H

#include "weir/model/forwarded.h"
#include "weir/stream/stream.h"

/* As `option forwarded` of the backend asks. */
void forwarded_add(struct stream *s, const struct forwarded_opt *o);

#endif
