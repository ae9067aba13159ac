/* Converters that look at streams, backends and servers. */
#ifndef WEIR_STREAM_CONVERTERS_H
#define WEIR_STREAM_CONVERTERS_H

#include "weir/expr/sample.h"

#define STREAM_CONVS 5
extern const struct conv_row stream_convs[STREAM_CONVS];

#endif
