/* What brings the lines of a ring to a server, over TCP. It belongs to thread 0; lines may be put by any. */
#ifndef FEATURE_RING_FORWARD_H
#define FEATURE_RING_FORWARD_H

#include "weir/live/live.h"
#include "weir/log/ring.h"

struct forward;

/* line: of a ring section (srv NULL: its address counts) or of a running server (srv's address counts). Before threads,
 * or while no other thread runs. */
struct forward *forward_create(struct ring *r, struct server_line *line, struct srv *srv);
/* On thread 0: connects, and keeps a connection from then on. */
void forward_begin(struct forward *f);
/* On thread 0: sends what can be sent at once, and closes. */
void forward_end(struct forward *f);
void forward_free(struct forward *f);		/* after forward_end */

#endif
