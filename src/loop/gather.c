/* Waiting for company. What a late task does costs about the same for one and for many: a send, a TLS record, a
 * wake-up of the peer. A thread with little to do would pay that for every other event, so it sleeps a moment
 * (GATHER_US) before it looks for events again, and runs its late tasks behind what came meanwhile. It does so only
 * where it has nothing else to do and where it has paid lately: after a sleep that brought no more than one event it
 * waits for none for a while, twice as long each time. A thread that finds many events without sleeping never waits.
 */
#include <sys/prctl.h>
#include <time.h>

#include "thr.h"

#define GATHER_US 30
#define GATHER_BUSY 16		/* events of a turn: that is company enough */
#define GATHER_PAYS 2		/* events that a sleep has to bring */
#define GATHER_PAUSE_MAX 255	/* turns with late tasks that are not waited with */

/* Otherwise a sleep may last 50 us longer. */
void gather_start(void)
{
	prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
}

bool gather_more(struct thr *th)
{
	if (th->gathering) {
		th->gathering = false;
		return false;
	}
	if (th->nevents >= GATHER_BUSY || loop_shared.busy)
		return false;
	if (th->gather_skip) {
		th->gather_skip--;
		return false;
	}
	th->gathering = true;
	return true;
}

/* Late tasks are all there is to do. */
static bool nothing_else(struct thr *th)
{
	for (int k = 0; k < TASK_CLASSES; k++)
		if (k != TASK_LATE && !list_empty(&th->run[k]))
			return false;
	return !thr_has_mail(th) && !atom_get(&loop_shared.stop);
}

bool gather_sleep(struct thr *th)
{
	if (!th->gathering || !nothing_else(th))
		return false;
	nanosleep(&(struct timespec){ .tv_nsec = GATHER_US * 1000 }, NULL);
	return true;
}

void gather_brought(struct thr *th, int nevents)
{
	th->gather_pause = nevents >= GATHER_PAYS ? 0 : (uint8_t)MIN(2 * th->gather_pause + 1, GATHER_PAUSE_MAX);
	th->gather_skip = th->gather_pause;
}
