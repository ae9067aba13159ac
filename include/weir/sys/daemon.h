/* Going into the background, and files that tell who runs there. */
#ifndef WEIR_SYS_DAEMON_H
#define WEIR_SYS_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

/* Forks; the child leads a session of its own and goes on (0), the parent gets its pid, -1: errno. Before threads. */
pid_t daemon_fork(void);
/* Standard input, output and error become /dev/null; quiet=false keeps the error output. */
void daemon_detach(bool quiet);
/* Writes the pids, one a line. The file appears whole (a temporary one is renamed); where its directory cannot be
 * written, it is written in place. False: errno. */
bool pidfile_write(const char *path, const pid_t *pids, int n);
/* Could it be written? To know before going into the background; leaves nothing behind. False: errno. */
bool pidfile_possible(const char *path);

#endif
