/* When lines are made, and log-profile sections: what a target wants instead of the proxy's own formats, step by step.
 * Sealed after load. */
#ifndef WEIR_LOG_PROFILE_H
#define WEIR_LOG_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "weir/base/str.h"

enum log_step {
	LOG_STEP_NONE,			/* no exchange: a server's state, a warning */
	LOG_STEP_ACCEPT, LOG_STEP_REQUEST, LOG_STEP_CONNECT, LOG_STEP_RESPONSE, LOG_STEP_CLOSE,
	LOG_STEP_ERROR,			/* a request that could not be read */
	LOG_STEP_KILLED,		/* a connection that did not open */
	/* do-log, by ruleset */
	LOG_STEP_TCP_CONN, LOG_STEP_TCP_SESS, LOG_STEP_TCP_REQ, LOG_STEP_TCP_RES, LOG_STEP_HTTP_REQ, LOG_STEP_HTTP_RES,
	LOG_STEP_HTTP_AFTER, LOG_STEP_QUIC_INIT,
	LOG_STEP_ANY,			/* in profiles: where no other says anything */
	LOG_STEPS,
};
struct log_step_row {
	const char *name;		/* in `on <name>`; NULL: only `error` or `any` speak for it */
	const char *origin;		/* %OG */
	bool regular;			/* may stand in log-steps */
};
extern const struct log_step_row log_step_rows[LOG_STEPS];

struct logfmt;
struct log_profile_step {
	bool said, drop;
	struct str text, sd_text;	/* formats as written */
	struct logfmt *format, *sd;	/* compiled, or NULL: the proxy's */
	const char *file;
	int line;
};
struct log_profile {
	struct str name, tag;		/* tag: log-tag, or empty */
	const char *file;
	int line;
	struct log_profile_step steps[LOG_STEPS];
};
/* What the profile says about a line of that step; error: the exchange failed. NULL: nothing. */
const struct log_profile_step *log_profile_at(const struct log_profile *p, enum log_step step, bool error);

#endif
