/* Inside the master: its workers, and the CLI that asks about them. */
#ifndef BOOT_MASTER_H
#define BOOT_MASTER_H

#include "weir/base/list.h"
#include "weir/base/sbuf.h"
#include "weir/ctl/ctl.h"
#include "weir/loop/loop.h"
#include "worker.h"

enum child_state { CHILD_STARTING, CHILD_RUNNING, CHILD_FORMER };
struct child {
	struct list link;
	pid_t pid;
	enum child_state state;
	bool hard;			/* ends its predecessor at once */
	unsigned born_at_reload;	/* reloads that were there before it */
	uint64_t started_us;
	struct fdev channel;
	int *fds, nfds;			/* sockets that it sent so far */
	struct sbuf logs;		/* what it said while starting */
};
struct list *master_children(void);	/* struct child, oldest first */
void master_counts(unsigned *reloads, unsigned *failed);
/* Starts a new worker; the running one ends when that is ready. NULL: not now (reported). */
struct child *master_reload(bool hard);

/* ---- master_cli.c ---- */

/* -S <address>[,<bind words>]; NULL: none. False: reported. */
bool master_cli_open(const char *text, struct diag *d);
void master_cli_begin(void);		/* on the thread */
/* A new worker runs, or ended before it did. */
void master_cli_news(const struct child *ch, bool ready);

extern const struct ctl_row master_rows[];

#endif
