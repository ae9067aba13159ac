#include "weir/sys/fault.h"

#ifdef WEIR_DEBUG

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define FRAMES_MAX 48

/* Who had the signal before; written once, before there are threads. */
static struct sigaction before;

/* Once told, the instruction is tried again, with the former handler in place. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	void *frames[FRAMES_MAX];
	char text[160];
	int n;

	(void)context;
	sigaction(sig, &before, NULL);
	if (info->si_code != SEGV_ACCERR)
		return;
	n = snprintf(text, sizeof(text), "FATAL: write to read-only memory at %p: a configuration is changed after it "
		     "was sealed\n", info->si_addr);
	if (write(STDERR_FILENO, text, (size_t)n) == n)
		backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
}

void fault_explain(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	void *here[1];

	backtrace(here, 1);	/* its library is loaded now: within a signal nothing may be allocated */
	sigemptyset(&act.sa_mask);
	sigaction(SIGSEGV, &act, &before);
}

#endif
