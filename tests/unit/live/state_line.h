/* Lines of server-state files. */
#ifndef TESTS_UNIT_LIVE_STATE_LINE_H
#define TESTS_UNIT_LIVE_STATE_LINE_H

#include "tests/unit/live/adopt.h"

#include "weir/live/srv_restore.h"

/* A line of a state file as fields, for s. */
static inline bool restore(struct srv *s, const char *line, struct sbuf *said)
{
	struct str f[SRV_STATE_FIELDS], text = str_c(line);

	for (int i = 0; i < SRV_STATE_FIELDS; i++)
		f[i] = str_cut(&text, ' ');
	return srv_restore(s, f, said);
}

#endif
