/* What the process and the machine look like. */
#ifndef WEIR_SYS_PROC_H
#define WEIR_SYS_PROC_H

#include <stdbool.h>
#include <stdint.h>

int proc_cpus(int *cpus, int max);	/* numbers of the CPUs we may run on; returns how many (at least 1) */
int proc_cpu_count(void);		/* how many there are of them */
uint64_t proc_rss(void);		/* resident memory, bytes; 0: unknown */
int proc_open_fds(void);		/* open descriptors, -1: unknown */
void proc_cpu_us(uint64_t *user, uint64_t *system);
bool proc_alive(int pid);

#endif
