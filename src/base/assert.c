#include "weir/base/assert.h"

#include <execinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_MAX 48

_Noreturn void assert_failed(const char *expr, const char *file, int line)
{
	void *frames[FRAMES_MAX];
	char text[512];
	int n = snprintf(text, sizeof(text), "FATAL: assertion '%s' failed at %s:%d\n", expr, file,
			 line);

	/* write() and not stdio: the heap may be what is broken */
	if (n > (int)sizeof(text) - 1)
		n = sizeof(text) - 1;
	if (write(STDERR_FILENO, text, n) == n)
		backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
	abort();
}
