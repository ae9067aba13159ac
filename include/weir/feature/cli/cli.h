/* The runtime API on `stats socket` lines. */
#ifndef WEIR_FEATURE_CLI_CLI_H
#define WEIR_FEATURE_CLI_CLI_H

#include <stdbool.h>
#include "weir/ctl/ctl.h"

struct conf;
struct diag;
/* Opens the stats sockets of a generation; those that are open already under the same name stay, others close. False: one could
 * not be opened (reported). Boot thread, or the one that reloads. */
bool cli_open(const struct conf *c, struct diag *d);
int cli_listeners(void);
void cli_join(int thread);			/* on each thread at its start */
void cli_stop(void);				/* soft stop: no new connections */

extern const struct ctl_row cli_rows[];		/* commands about the CLI itself */
extern const struct ctl_row cli_process_rows[];	/* and about the process */
extern const struct ctl_row cli_getsocks_rows[];	/* and for a successor */

#endif
