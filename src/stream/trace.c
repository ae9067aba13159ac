/* Sessions and streams as sources of traces. */
#include "trace_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include "weir/stream/traces.h"

static const struct trace_event session_events[SEE_COUNT] = {
	[SEE_NEW] = { "sess_new", "new session" },
	[SEE_END] = { "sess_end", "session terminated" },
	[SEE_ERR] = { "sess_err", "connection could not be opened" },
};

static const struct trace_event stream_events[STE_COUNT] = {
	[STE_NEW] = { "strm_new", "new stream" },
	[STE_STEP] = { "strm_step", "stream enters a step" },
	[STE_TERM] = { "strm_term", "how the stream ends is decided" },
	[STE_END] = { "strm_end", "stream terminated" },
};

const struct trace_row stream_traces[STREAM_TRACES] = {
	{ TRACE_SESSION, "session", "Client session", session_events, SEE_COUNT },
	{ TRACE_STREAM, "stream", "Applicative stream", stream_events, STE_COUNT },
};

void session_tell(const struct session *se, unsigned event, enum trace_level level, const char *fmt, ...)
{
	struct trace_who who = { .conn = se->conn };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_put(TRACE_SESSION, event, level, who, "%p fd=%d fe=" STR_FMT " : %s", (const void *)se, se->conn->ev.fd,
		  STR_ARG(se->fe->name), text);
}

void stream_tell(const struct stream *s, unsigned event, enum trace_level level, const char *fmt, ...)
{
	struct trace_who who = { .conn = s->sess->conn, .strm = s };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_put(TRACE_STREAM, event, level, who, "%p [%u] fe=" STR_FMT " be=" STR_FMT " : %s", (const void *)s,
		  s->uniq, STR_ARG(s->fe->name), STR_ARG(s->be ? s->be->name : STR("<NONE>")), text);
}
