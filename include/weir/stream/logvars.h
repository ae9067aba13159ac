/* The '%' variables that streams and sessions give to log formats. */
#ifndef WEIR_STREAM_LOGVARS_H
#define WEIR_STREAM_LOGVARS_H

#include "weir/expr/compile.h"

extern const struct logvar_row stream_logvars[];
extern const size_t stream_logvars_count;

#endif
