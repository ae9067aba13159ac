#include "weir/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void default_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* A descriptor duplicated onto itself loses its close-on-exec flag in the child. */
static void keep_open(posix_spawn_file_actions_t *actions, const int *keep, int n)
{
	for (int i = 0; i < n; i++)
		posix_spawn_file_actions_adddup2(actions, keep[i], keep[i]);
}

pid_t spawn_self(char *const *argv, const int *keep, int n)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int err;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	keep_open(&actions, keep, n);
	err = posix_spawnp(&pid, argv[0], &actions, &attr, argv, environ);
	if (err == ENOENT)
		err = posix_spawn(&pid, "/proc/self/exe", &actions, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	if (!err)
		return pid;
	errno = err;
	return -1;
}

const char *spawn_end_text(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status) < 128 ? "Exit" : strsignal(WEXITSTATUS(status) - 128);
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "Exit";
}

int spawn_end_code(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : 255;
}
