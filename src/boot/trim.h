/* Gives memory back to the system when a rush is over or the process has become quiet. All on thread 0. */
#ifndef BOOT_TRIM_H
#define BOOT_TRIM_H

#include <stdbool.h>

void trim_begin(bool give);	/* at its start; give: memory goes back to the system at all */
void trim_end(void);		/* at its end */
/* Empties the caches of all threads, then gives back what libc has free. */
void trim_now(void);

#endif
