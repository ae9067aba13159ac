/* The runtime API on `stats socket` lines. */
#ifndef WEIR_FEATURE_CLI_CLI_H
#define WEIR_FEATURE_CLI_CLI_H

#include "weir/conf/kw.h"
#include "weir/ctl/ctl.h"
#include "weir/net/conn.h"

/* listener_accept_f of the stats sockets; arg: their struct bind. */
void cli_accept(struct conn *c, void *arg);

extern const struct ctl_row cli_rows[];		/* commands about the CLI itself */
extern const struct ctl_row cli_process_rows[];	/* and about the process */

#endif
