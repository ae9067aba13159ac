/* Shared by the files of the boot floor. */
#ifndef BOOT_BOOT_H
#define BOOT_BOOT_H

#include <stdio.h>

#include "weir/conf/diag.h"
#include "weir/conf/load.h"
#include "weir/model/conf.h"

enum worker_mode { WORKER_NONE, WORKER_MASTER, WORKER_NOTIFY };

/* What the command line said. */
struct cmdline {
	const char *progname;		/* last part of argv[0] */
	char **argv;
	char **files;			/* -f and what stands behind --; directories opened up (conf_files) */
	int nfiles;
	int check, version, quiet, verbose;
	const char *version_kind;	/* text behind -v: "", "v", "q" ... */
	const char *cond;		/* -cc */
	const char *chdir, *pidfile, *localpeer, *master_cli, *old_socket;
	const char *keywords;		/* -dK */
	const char *dump_config, *traces, *cpu_list;
	int daemon, foreground, debug, zero_warning, diag_mode;
	int worker;			/* enum worker_mode */
	int maxconn, proxy_maxconn, memory_mb;
	int ipv4_only, ignore_resolve, dump_libs, insecure_fork;
	int no_epoll, no_poll, no_splice, no_getaddrinfo, no_reuseport, no_verify, no_fastforward, no_zerocopy;
	int *old_pids;
	int nold_pids;
	int old_signal;			/* SIGUSR1 (-sf) or SIGTERM (-st) */
};

/* True: go on. False: *code is the exit code (usage was printed). */
bool cmdline_parse(struct cmdline *c, int argc, char **argv, int *code);
void cmdline_fini(struct cmdline *c);
void cmdline_usage(const struct cmdline *c, FILE *to);

void version_print(const struct cmdline *c);	/* -v, -vv, -vq ... */
int cond_print(const struct cmdline *c, struct diag *d);	/* -cc: the exit code */
void dump_rows(const struct cmdline *c);	/* -dK */

void dump_files(const struct cmdline *c, const char *const *files, int n);	/* -dC */
void dump_libraries(void);			/* -dL */

/* All tables of all floors; sets them where the floors want them (conf_register, expr_set_tables ...). */
void builtin_register(const struct cmdline *c);
void builtin_forget(void);	/* at the end of the process */
extern const struct conf_feature builtin_features[];	/* ended by name == NULL */

/* HAPROXY_* for the files, and taking back those that are for them only. */
void env_for_files(const struct cmdline *c, const char *const *files, int n);
void env_after_files(void);

struct conf;
/* Becomes the process that the configuration asks for, and runs. Takes no reference. Returns the exit code, or
 * the number of the signal that ended it, negative. */
int start(const struct cmdline *c, struct conf *conf, struct diag *d);

/* Loads, checks, starts and runs. Returns the exit code. */
int run(const struct cmdline *c, struct diag *d);

/* maxconn, pipes and the limit of descriptors, from what the configuration and the system say: fills in global's.
 * False: said why. */
bool limits_settle(const struct cmdline *c, struct conf *conf, struct diag *d);
/* Those that are not connections': sockets that listen, checks, threads, the command socket's clients. */
unsigned descriptors_fixed(const struct conf *c);

/* Adopts the generation and opens its listeners. False: said why; the exit code is 1. */
bool engine_open(struct conf *c, struct diag *d);
/* Runs until stopped. 0: soft stop, else the signal that ended it (the caller dies of it). */
int engine_run(void);
int engine_threads(const struct conf *c);

#endif
