/* Keywords of the log floor; k->obj is the struct log_list of global or of the proxy. */
#ifndef WEIR_LOG_CONF_LOG_H
#define WEIR_LOG_CONF_LOG_H

#include "weir/conf/kw.h"

#define LOG_KWS 3
extern const struct kw log_kws[LOG_KWS];

#endif
