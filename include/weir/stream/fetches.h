/* Fetches about streams, their connections, and the proxies they pass. */
#ifndef WEIR_STREAM_FETCHES_H
#define WEIR_STREAM_FETCHES_H

#include "weir/expr/sample.h"

#define STREAM_CONN_FETCHES 46
extern const struct fetch_row stream_conn_fetches[STREAM_CONN_FETCHES];
#define STREAM_TIME_FETCHES 34
extern const struct fetch_row stream_time_fetches[STREAM_TIME_FETCHES];
#define STREAM_PP_FETCHES 3
extern const struct fetch_row stream_pp_fetches[STREAM_PP_FETCHES];
#define STREAM_PROXY_FETCHES 54
extern const struct fetch_row stream_proxy_fetches[STREAM_PROXY_FETCHES];
#define STREAM_TLS_FETCHES 94
extern const struct fetch_row stream_tls_fetches[STREAM_TLS_FETCHES];

#endif
