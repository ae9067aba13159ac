/* Actions about streams and sessions; the tables that boot lists. */
#ifndef WEIR_STREAM_ACTIONS_H
#define WEIR_STREAM_ACTIONS_H

#include "weir/expr/rule.h"

#define STREAM_FLOW_ACTIONS 11
extern const struct action_row stream_flow_actions[STREAM_FLOW_ACTIONS];	/* deny, return, redirect ... */
#define STREAM_OPTION_ACTIONS 25
extern const struct action_row
	stream_option_actions[STREAM_OPTION_ACTIONS]; /* set-log-level, set-timeout, capture ... */
#define STREAM_BWLIM_ACTIONS 1
extern const struct action_row stream_bwlim_actions[STREAM_BWLIM_ACTIONS];	/* set-bandwidth-limit */
#define STREAM_AUTH_ACTIONS 1
extern const struct action_row stream_auth_actions[STREAM_AUTH_ACTIONS];	/* auth */

#endif
