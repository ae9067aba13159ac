/* Keywords about balancing. k->obj is the struct lb_words of the proxy. */
#ifndef WEIR_LIVE_CONF_LB_H
#define WEIR_LIVE_CONF_LB_H

#include "weir/conf/kw.h"

#define LB_KWS 4
extern const struct kw lb_kws[LB_KWS];

#endif
