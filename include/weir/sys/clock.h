/* The clocks of the kernel. The loop caches what it reads here; everything above asks the loop. */
#ifndef WEIR_SYS_CLOCK_H
#define WEIR_SYS_CLOCK_H

#include <stdint.h>

uint64_t clock_mono_us(void);				/* monotonic, microseconds */
uint64_t clock_mono_ns(void);				/* the same, nanoseconds */
void clock_wall(int64_t *s, uint32_t *us);		/* since the epoch */
uint64_t clock_cpu_us(void);				/* CPU time of the calling thread, microseconds */
uint64_t clock_process_cpu_us(void);			/* of all threads together */

#endif
