/* Between a master and its workers. A worker is the same program, started with two variables in its environment: the
 * descriptor of a socket pair to the master, and those of listening sockets that it may take over. When its own
 * sockets are open it sends them to the master ("ready"), which keeps them for the next worker. The end of the socket
 * pair is the end of the other process. */
#ifndef BOOT_WORKER_H
#define BOOT_WORKER_H

#include "boot.h"

#define WORKER_CHANNEL "WEIR_WORKER"
#define WORKER_SOCKETS "WEIR_SOCKETS"
#define WORKER_FIRST "WEIR_FIRST"	/* set: the master has said already what there is to say about the files */
#define WORKER_READY 'R'	/* all descriptors were sent */
#define WORKER_MORE 'M'		/* descriptors, more follow */
#define WORKER_LOGS 'L'		/* a file with what was said while starting */
#define WORKER_LOGS_MAX (256 * 1024)
/* The other way: a socket on which commands will come, see struct cli_settings. */
#define WORKER_CLI 'C'
struct worker_order { char word; uint8_t level, prefix, modes; };
enum { ORDER_EXPERT = 1, ORDER_EXPERIMENTAL = 2 };

/* Worker's side. At start: reads and removes the variables. */
void worker_begin(struct diag *d);
bool worker_is(void);
/* Sockets are open, the engine is about to run. said: so far. */
void worker_ready(struct str said);
/* It will not run. */
void worker_failed(struct str said);
/* On thread 0: ends the process when the master is gone. */
void worker_watch(void);

/* -sf and -st: once, when the new process serves. */
void tell_old_processes(const struct cmdline *c);

/* Master's side: becomes the master and stays in it. Returns the exit code. */
int master_run(const struct cmdline *c, struct conf *conf, struct diag *d);

#endif
