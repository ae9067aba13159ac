/* One descriptor kept back for the moment when there are none left, so that an operator can still come
 * in through a unix socket and look. Any thread. */
#ifndef WEIR_SYS_RESERVE_H
#define WEIR_SYS_RESERVE_H

#include <stdbool.h>

/* Takes it if it is not held (at start, and again when things have calmed down). */
void reserve_fill(void);
/* Gives it up for somebody's use. False: it was not held. */
bool reserve_spend(void);

#endif
