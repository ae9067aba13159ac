/* The '%' variables that streams and sessions give to log formats. */
#ifndef WEIR_STREAM_LOGVARS_H
#define WEIR_STREAM_LOGVARS_H

#include "weir/expr/compile.h"

#define STREAM_LOGVARS 64
extern const struct logvar_row stream_logvars[STREAM_LOGVARS];

#endif
