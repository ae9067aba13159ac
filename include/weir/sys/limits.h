/* Descriptors: how many connections fit into the limit, which limit a number of connections needs. */
#ifndef WEIR_SYS_LIMITS_H
#define WEIR_SYS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

struct limits_ask {
	unsigned maxconn;		/* as configured (-n, maxconn); 0: as many as fit */
	unsigned ulimit_n;		/* descriptors to ask for; 0: computed */
	unsigned fd_hard_limit;		/* never more than that when computing; 0: none */
	int maxpipes;			/* -1: a quarter of maxconn when spliced */
	bool splice;
	unsigned fixed;			/* descriptors not tied to connections: listeners, checks, logs, threads */
};

struct limits_plan {
	unsigned maxconn;		/* connections of the process at most */
	unsigned maxpipes;
	unsigned maxsock;		/* descriptors needed for all that */
};

/* hard: what the process may have (limits_nofile). Two descriptors a connection (both sides), two a pipe. */
void limits_plan(const struct limits_ask *ask, uint64_t hard, struct limits_plan *out);

/* Current soft and hard limit of descriptors. */
void limits_nofile(uint64_t *soft, uint64_t *hard);
/* Makes n descriptors possible (raises the hard limit too where that is allowed). False: not so many; *got is the limit
 * now. */
bool limits_raise_nofile(uint64_t n, uint64_t *got);
/* At most n of them, where more are allowed (ulimit-n). */
void limits_lower_nofile(uint64_t n);
/* The kernel makes its table of descriptors for n of them now, not while there is traffic. */
void limits_prealloc(unsigned n);
uint64_t limits_memory_now(void);	/* bytes, 0: no limit */
bool limits_memory(uint64_t mbytes);	/* address space (-m) */
bool limits_core(void);			/* core dumps of any size */

#endif
