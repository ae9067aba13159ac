/* Steps by name, and which part of a profile speaks for a line. */
#include "weir/log/profile.h"

const struct log_step_row log_step_rows[LOG_STEPS] = {
	[LOG_STEP_NONE] = { NULL, "unspec", false },
	[LOG_STEP_ACCEPT] = { "accept", "txn_accept", true },
	[LOG_STEP_REQUEST] = { "request", "txn_request", true },
	[LOG_STEP_CONNECT] = { "connect", "txn_connect", true },
	[LOG_STEP_RESPONSE] = { "response", "txn_response", true },
	[LOG_STEP_CLOSE] = { "close", "txn_close", true },
	[LOG_STEP_ERROR] = { "error", "sess_error", false },
	[LOG_STEP_KILLED] = { NULL, "sess_killed", false },
	[LOG_STEP_TCP_CONN] = { "tcp-req-conn", "tcp-req-conn", false },
	[LOG_STEP_TCP_SESS] = { "tcp-req-sess", "tcp-req-sess", false },
	[LOG_STEP_TCP_REQ] = { "tcp-req-cont", "tcp-req-cont", false },
	[LOG_STEP_TCP_RES] = { "tcp-res-cont", "tcp-res-cont", false },
	[LOG_STEP_HTTP_REQ] = { "http-req", "http-req", false },
	[LOG_STEP_HTTP_RES] = { "http-res", "http-res", false },
	[LOG_STEP_HTTP_AFTER] = { "http-after-res", "http-after-res", false },
	[LOG_STEP_QUIC_INIT] = { "quic-init", "quic-init", false },
	[LOG_STEP_ANY] = { "any", "unspec", false },
};

const struct log_profile_step *log_profile_at(const struct log_profile *p, enum log_step step, bool error)
{
	if (step == LOG_STEP_NONE)
		return NULL;
	if ((error || step == LOG_STEP_KILLED) && p->steps[LOG_STEP_ERROR].said)
		return &p->steps[LOG_STEP_ERROR];
	if (p->steps[step].said)
		return &p->steps[step];
	return p->steps[LOG_STEP_ANY].said ? &p->steps[LOG_STEP_ANY] : NULL;
}
