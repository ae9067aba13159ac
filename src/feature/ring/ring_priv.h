/* Shared by the files of the room. */
#ifndef FEATURE_RING_PRIV_H
#define FEATURE_RING_PRIV_H

#include "weir/conf/load.h"
#include "weir/log/log.h"
#include "weir/loop/loop.h"
#include "weir/model/conf.h"

struct forward;
/* What a ring section says. */
struct ring_words {
	struct str name, text;
	size_t size;
	unsigned maxlen;
	const struct log_format *format;
	struct forward **servers;	/* one for each server line, NULL behind the last; NULL: none */
};

#define QUEUE_SIZE 65536	/* bytes of lines that wait for a server without a ring section */

/* srv.log_queue: lines for a TCP server of mode log. */
struct log_queue {
	struct ring *ring;
	struct forward *forward;
	struct mail mail;
};

/* Targets backend@name find their backend; backends of mode log are checked. */
bool log_backends_settle(struct loader *ld, struct conf *c);

#endif
