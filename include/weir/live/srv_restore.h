/* States of servers that an earlier process wrote down (server-state files). */
#ifndef WEIR_LIVE_SRV_RESTORE_H
#define WEIR_LIVE_SRV_RESTORE_H

#include "weir/base/sbuf.h"
#include "weir/live/live.h"
#include "weir/live/srv_field.h"

#define SRV_STATE_FIELDS 25		/* of format 1, from be_id to srv_agent_port */

/* One server's line, split. Applies what is still of use: the state, the port; weight and maintenance unless the
 * configuration says something else than then. False: nothing was applied. Either way `said` gets what was wrong, each
 * with ", " in front. Before there are threads. */
bool srv_restore(struct srv *s, const struct str f[SRV_STATE_FIELDS], struct sbuf *said);

#endif
