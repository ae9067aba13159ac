/* Starting programs: this one once more, or another. */
#ifndef WEIR_SYS_SPAWN_H
#define WEIR_SYS_SPAWN_H

#include <sys/types.h>
#include "weir/base/str.h"

/* Starts argv[0] (looked up in PATH when it has no slash; where it is gone, the running binary) with the environment as
 * it is now. The descriptors in keep[] stay open in it, whatever their close-on-exec flag says. No signal is blocked or
 * ignored there but what was ignored when we were started. -1: errno. */
pid_t spawn_self(char *const *argv, const int *keep, int n);

/* Starts another program: argv[0] itself when it has a slash, else looked for in `path` (directories with ':' between
 * them). It has the environment env and no other descriptors than those without close-on-exec; no signal is blocked or
 * ignored in it. -1: errno. */
pid_t spawn_program(char *const *argv, char *const *env, struct str path);

/* How a process ended, as the master says it: "Exit", "Terminated", ... */
const char *spawn_end_text(int status);
/* Exit code, or 128 + signal. */
int spawn_end_code(int status);

#endif
