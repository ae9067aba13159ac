/* Actions about streams and sessions; the tables that boot lists. */
#ifndef WEIR_STREAM_ACTIONS_H
#define WEIR_STREAM_ACTIONS_H

#include "weir/expr/rule.h"

extern const struct action_row stream_flow_actions[];	/* deny, return, redirect ... */
extern const size_t stream_flow_actions_count;
extern const struct action_row stream_option_actions[];	/* set-log-level, set-timeout, capture ... */
extern const size_t stream_option_actions_count;

extern const struct action_row stream_auth_actions[];	/* auth */
extern const size_t stream_auth_actions_count;

#endif
