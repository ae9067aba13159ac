/* Fetches about streams, their connections, and the proxies they pass. */
#ifndef WEIR_STREAM_FETCHES_H
#define WEIR_STREAM_FETCHES_H

#include "weir/expr/sample.h"

extern const struct fetch_row stream_conn_fetches[];
extern const size_t stream_conn_fetches_count;
extern const struct fetch_row stream_proxy_fetches[];
extern const size_t stream_proxy_fetches_count;

#endif
