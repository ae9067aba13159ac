/* Limits of bandwidth: `filter bwlim-in|bwlim-out`, kept in struct proxy.bwlims; started by the action
 * set-bandwidth-limit. */
#ifndef WEIR_MODEL_BWLIM_H
#define WEIR_MODEL_BWLIM_H

#include "weir/base/list.h"
#include "weir/base/str.h"

struct bwlim {
	struct list link;
	struct str name;
	bool in;			/* what comes from the client, else what goes to it */
	uint64_t limit;			/* bytes in `period`, unless the action says otherwise */
	unsigned period;		/* ms */
	uint64_t min_size;		/* bytes that are forwarded at least, to spare small pieces; 0: any */
	const char *file;
	int line;
};

/* NULL: none of that name. */
struct proxy;
const struct bwlim *proxy_bwlim(const struct proxy *p, struct str name);

#endif
