#include "weir/sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
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

/* The file behind a name without a slash. */
static bool look_up(const char *name, struct str path, char *out, size_t size)
{
	while (path.p) {
		struct str dir = str_cut(&path, ':');
		int n = snprintf(out, size, STR_FMT "%s%s", STR_ARG(dir), dir.n ? "/" : "", name);

		if (n > 0 && (size_t)n < size && access(out, X_OK) == 0)
			return true;
	}
	errno = ENOENT;
	return false;
}

pid_t spawn_program(char *const *argv, char *const *env, struct str path)
{
	char found[4096];
	const char *file = argv[0];
	posix_spawnattr_t attr;
	pid_t pid = -1;
	int err;

	if (!strchr(file, '/')) {
		if (!look_up(file, path, found, sizeof(found)))
			return -1;
		file = found;
	}
	posix_spawnattr_init(&attr);
	default_signals(&attr);
	err = posix_spawn(&pid, file, NULL, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
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
