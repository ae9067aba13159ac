/* Gives memory back to the system when a rush is over. Both on thread 0, at its start and at its end. */
#ifndef BOOT_TRIM_H
#define BOOT_TRIM_H

void trim_begin(void);
void trim_end(void);

#endif
