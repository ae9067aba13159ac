/* Signals: the handler, on whatever thread it hits, only notes the number and wakes thread 0. Handlers rather than a
 * blocked mask and signalfd: children that are started later then inherit nothing. */
#include <signal.h>
#include "thr.h"
#include "weir/base/assert.h"

static void note(int signo)
{
	struct thr *th = loop_shared.thr[0];

	__atomic_fetch_or(&loop_shared.sig_pending, UINT64_C(1) << signo, __ATOMIC_SEQ_CST);
	if (th)
		thr_wake(th);
}

void loop_on_signal(int signo, void (*fn)(int signo))
{
	struct sigaction sa = { .sa_handler = fn ? note : SIG_IGN, .sa_flags = SA_RESTART };

	WASSERT(signo > 0 && signo < 64);
	loop_shared.sig_fn[signo] = fn;
	sigfillset(&sa.sa_mask);
	sigaction(signo, &sa, NULL);
}

void thr_deliver_signals(void)
{
	uint64_t pending;

	if (!atom_get(&loop_shared.sig_pending))
		return;
	pending = atom_swap(&loop_shared.sig_pending, 0);
	while (pending) {
		int signo = __builtin_ctzll(pending);

		pending &= pending - 1;
		if (loop_shared.sig_fn[signo])
			loop_shared.sig_fn[signo](signo);
	}
}
