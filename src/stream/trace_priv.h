/* What sessions and streams tell to traces. */
#ifndef SRC_STREAM_TRACE_PRIV_H
#define SRC_STREAM_TRACE_PRIV_H

#include "stream_priv.h"
#include "weir/loop/trace.h"

enum { SEE_NEW, SEE_END, SEE_ERR, SEE_COUNT };
enum { STE_NEW, STE_STEP, STE_TERM, STE_END, STE_COUNT };

/* Behind trace_on(). */
void session_tell(const struct session *se, unsigned event, enum trace_level level, const char *fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));
void stream_tell(const struct stream *s, unsigned event, enum trace_level level, const char *fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));

#endif
