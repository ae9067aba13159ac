/* Which functions the loop's time goes to: calls, time in them, how long they waited for their turn. Counted per thread
 * while switched on; the sums stay until it is switched on anew. */
#ifndef WEIR_LOOP_PROFILE_H
#define WEIR_LOOP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "weir/loop/loop.h"

/* auto: a thread counts while its turns take longer than a millisecond on the average. */
enum prof_mode { PROF_OFF, PROF_AUTO, PROF_ON };
void prof_set(enum prof_mode m);	/* any thread; sums begin anew when it becomes PROF_ON or PROF_AUTO */
enum prof_mode prof_get(void);
static inline bool prof_active(void)	/* does the calling thread count now? */
{
	return thr_self && ((const struct thr_head *)thr_self)->profiled;
}

/* What is called is known by its address. */
struct prof_sum { const void *fn; uint64_t calls, time_ns, wait_ns; };
#define PROF_FUNCTIONS 128
/* All threads together; returns how many, at most PROF_FUNCTIONS. Any thread. */
size_t prof_sums(struct prof_sum out[PROF_FUNCTIONS]);

/* Tasks that wait for their turn on the calling thread, by function; added to what is in v. */
struct task_sum { const void *fn; uint64_t places, wait_ns; };
void tasks_waiting(struct task_sum v[PROF_FUNCTIONS], size_t *n);

#endif
