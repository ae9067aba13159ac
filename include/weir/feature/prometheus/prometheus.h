/* `http-request use-service prometheus-exporter`: all counters in the text format 0.0.4 of Prometheus. */
#ifndef WEIR_FEATURE_PROMETHEUS_PROMETHEUS_H
#define WEIR_FEATURE_PROMETHEUS_PROMETHEUS_H

#include "weir/stream/service.h"

#define PROMETHEUS_SERVICES 1
extern const struct service prometheus_services[PROMETHEUS_SERVICES];

#endif
