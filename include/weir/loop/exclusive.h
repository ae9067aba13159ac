/* Changes that every thread reads without a lock (a server's address, lists of servers): made while nobody else
 * runs. */
#ifndef WEIR_LOOP_EXCLUSIVE_H
#define WEIR_LOOP_EXCLUSIVE_H

/* Soon, thread 0 runs fn(arg) while all other threads stand still at the top of their turn; then done(arg) is
 * called on the calling thread. For rare things: everybody waits as long as the longest turn takes. Not run
 * (done is still called) when the loops end meanwhile. From a thread of the loop. */
void loop_exclusive(void (*fn)(void *arg), void (*done)(void *arg), void *arg);

#endif
