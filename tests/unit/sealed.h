/* Is memory sealed? A child tries to write there. */
#ifndef TESTS_UNIT_SEALED_H
#define TESTS_UNIT_SEALED_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef WEIR_DEBUG
#define SEALS 1		/* this build makes pages read only */
#else
#define SEALS 0
#endif

static inline int refuses_a_write(const void *p)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)(uintptr_t)p = *(const volatile char *)p;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

#endif
