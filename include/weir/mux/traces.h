/* What traces can be told about h1, h2 and plain bytes. */
#ifndef WEIR_MUX_TRACES_H
#define WEIR_MUX_TRACES_H

#include "weir/loop/trace.h"

#define MUX_TRACES 3
extern const struct trace_row mux_traces[MUX_TRACES];

#endif
