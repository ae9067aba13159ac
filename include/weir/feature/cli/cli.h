/* The runtime API on `stats socket` lines. */
#ifndef WEIR_FEATURE_CLI_CLI_H
#define WEIR_FEATURE_CLI_CLI_H

#include <stdbool.h>
#include "weir/ctl/ctl.h"

struct conf;
struct diag;
/* Opens the stats sockets of a generation; those that are open already under the same name stay, others close.
 * False: one could
 * not be opened (reported). Boot thread, or the one that reloads. */
bool cli_open(const struct conf *c, bool master, struct diag *d);
int cli_listeners(void);
void cli_join(int thread);			/* on each thread at its start */
void cli_leave(void);				/* on each thread at its end: its connections are closed */
void cli_stop(void);				/* soft stop: no new connections */
void cli_close(void);	/* forgets the sockets: at the end of the process */

/* ---- a master and the CLIs of its workers ---- */
struct cli_settings {
	uint8_t level, prefix;			/* enum ctl_level, ctl_prefix */
	bool expert, experimental;
};
/* Worker: answers commands on a connected socket, on the calling thread. */
void cli_adopt(int fd, const struct cli_settings *set);
struct cli_master {
	/* Process id behind a prefix without its @: "1", "!1234". 0: the master ("", "0", "master"); -1: there
	 * is none. */
	int (*find)(struct str prefix);
	/* A socket on which that process answers commands, or -1. */
	int (*connect)(int pid, const struct cli_settings *set);
};
void cli_set_master(const struct cli_master *m);

extern const struct ctl_row cli_rows[];		/* commands about the CLI itself */
extern const struct ctl_row cli_process_rows[];	/* and about the process */
extern const struct ctl_row cli_profile_rows[];	/* and where its time goes */
extern const struct ctl_row cli_getsocks_rows[];	/* and for a successor */

#endif
