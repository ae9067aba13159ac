/* The table of reasons: one token each. */
#include "weir/stream/stream.h"
#include "trace_priv.h"

static const char *const tokens[TR_COUNT] = {
	[TR_NONE] = "-",
	[TR_CLIENT_ABORT] = "client-abort",
	[TR_CLIENT_TIMEOUT] = "client-timeout",
	[TR_BAD_REQUEST] = "bad-request",
	[TR_REQUEST_TIMEOUT] = "request-timeout",
	[TR_RULE] = "rule",
	[TR_TARPIT] = "tarpit",
	[TR_RETURN] = "return",
	[TR_REDIRECT] = "redirect",
	[TR_NO_SERVER] = "no-server",
	[TR_QUEUE_FULL] = "queue-full",
	[TR_QUEUE_TIMEOUT] = "queue-timeout",
	[TR_CONNECT_REFUSED] = "connect-refused",
	[TR_CONNECT_TIMEOUT] = "connect-timeout",
	[TR_CONNECT_ERROR] = "connect-error",
	[TR_SERVER_TIMEOUT] = "server-timeout",
	[TR_SERVER_CLOSED_BEFORE_HEADERS] = "server-closed-before-headers",
	[TR_SERVER_RESET] = "server-reset",
	[TR_BAD_RESPONSE] = "bad-response",
	[TR_SERVER_CLOSED_IN_BODY] = "server-closed-in-body",
	[TR_UNASKED_101] = "unasked-101",
	[TR_REWRITE_FULL] = "rewrite-full",
	[TR_INTERNAL] = "internal",
	[TR_KILLED] = "killed",
	[TR_SERVER_DOWN] = "server-down",
	[TR_RESOURCE] = "resource",
	[TR_TUNNEL_TIMEOUT] = "tunnel-timeout",
	[TR_UPGRADE_FAILED] = "upgrade-failed",
};

const char *term_token(enum term_reason r)
{
	WASSERT(r < TR_COUNT && tokens[r]);
	return tokens[r];
}

void stream_term(struct stream *s, enum term_who who, enum term_when when, enum term_reason r)
{
	if (s->term1 != TERM_NONE)
		return;
	s->term1 = (uint8_t)who;
	s->term2 = (uint8_t)when;
	s->reason = (uint8_t)r;
	if (trace_on(TRACE_STREAM))
		stream_tell(s, STE_TERM, who == TERM_NONE ? TRL_USER : TRL_PROTO, "%c%c %s", s->term1, s->term2,
			    term_token(r));
}
