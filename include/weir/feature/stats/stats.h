/* Statistics: the commands that show and clear them, and the page. */
#ifndef WEIR_FEATURE_STATS_STATS_H
#define WEIR_FEATURE_STATS_STATS_H

#include "weir/ctl/ctl.h"

extern const struct ctl_row stats_rows[];	/* show stat, show info, show schema json, clear counters */

#endif
