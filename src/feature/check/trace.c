/* Health checks as a source of traces. */
#include "check_priv.h"

#include <stdarg.h>
#include <stdio.h>

static const struct trace_event events[CHE_COUNT] = {
	[CHE_START] = { "chk_start", "health check begins" },
	[CHE_STEP] = { "chk_step", "health check does a step" },
	[CHE_END] = { "chk_end", "health check has a result" },
};

const struct trace_row check_traces[CHECK_TRACES] = {
	{ TRACE_CHECK, "check", "Health-check", events, CHE_COUNT },
};

void chk_tell(const struct check *c, unsigned event, enum trace_level level, const char *fmt, ...)
{
	struct trace_who who = { .conn = c->conn };
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	trace_put(TRACE_CHECK, event, level, who, STR_FMT "/" STR_FMT " : %s", STR_ARG(c->srv->line->proxy->name),
		  STR_ARG(c->srv->name), text);
}
