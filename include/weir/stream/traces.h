/* What traces can be told about sessions and streams. */
#ifndef WEIR_STREAM_TRACES_H
#define WEIR_STREAM_TRACES_H

#include "weir/loop/trace.h"

#define STREAM_TRACES 2
extern const struct trace_row stream_traces[STREAM_TRACES];

#endif
