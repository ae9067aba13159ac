/* What the process and the machine look like. */
#ifndef WEIR_SYS_PROC_H
#define WEIR_SYS_PROC_H

#include <stdbool.h>
#include <stdint.h>

#define CPU_WORDS 16			/* of 64 bits: as many CPUs as the kernel's sets have */
/* cpu-set: what of the CPUs given to the process it wants. All zero: all of them. */
struct cpu_choice {
	bool reset, some;		/* not those given but all of the machine; `only` counts */
	uint64_t only[CPU_WORDS], drop[CPU_WORDS];
};

int proc_cpus(int *cpus, int max);	/* numbers of the CPUs we may run on; returns how many (at least 1) */
int proc_cpu_count(void);		/* how many there are of them */
uint64_t proc_rss(void);		/* resident memory, bytes; 0: unknown */
int proc_open_fds(void);		/* open descriptors, -1: unknown */
void proc_cpu_us(uint64_t *user, uint64_t *system);
bool proc_alive(int pid);
/* From here on this thread, and those that it starts, run on these CPUs. False: none is left, or refused (errno). */
bool proc_choose_cpus(const struct cpu_choice *c);
bool proc_nice(int nice);		/* of this thread and those that it starts; false: errno */
int proc_nice_get(void);

#endif
