/* Statistics: the commands that show and clear them, and the page. */
#ifndef WEIR_FEATURE_STATS_STATS_H
#define WEIR_FEATURE_STATS_STATS_H

#include "weir/conf/kw.h"
#include "weir/ctl/ctl.h"

struct stream_hook;
#define STATS_KWS 14
extern const struct kw stats_kws[STATS_KWS];	/* obj: struct proxy */
extern const struct stream_hook stats_hook;	/* serves the page of a proxy */
/* The counters of the file that `stats-file` names; before there are threads. */
struct conf;
struct diag;
void stats_load_file(const struct conf *c, struct diag *d);
extern const struct ctl_row stats_rows[];	/* show stat, show info, show schema json, clear counters */

#endif
