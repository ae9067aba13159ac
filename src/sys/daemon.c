#include "weir/sys/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

pid_t daemon_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		setsid();
	return pid;
}

void daemon_detach(bool quiet)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (quiet)
		dup2(null, STDERR_FILENO);
	if (null > STDERR_FILENO)
		close(null);
}

static bool write_pids(int fd, const pid_t *pids, int n)
{
	char line[16];

	for (int i = 0; i < n; i++) {
		int len = snprintf(line, sizeof(line), "%d\n", (int)pids[i]);

		if (write(fd, line, (size_t)len) != len)
			return false;
	}
	return true;
}

static bool write_file(const char *path, int flags, const pid_t *pids, int n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0644), saved;
	bool ok;

	if (fd < 0)
		return false;
	ok = write_pids(fd, pids, n) && fchmod(fd, 0644) == 0;
	saved = errno;
	ok = close(fd) == 0 && ok;
	errno = saved;
	return ok;
}

bool pidfile_write(const char *path, const pid_t *pids, int n)
{
	char temp[PATH_MAX];
	int len = snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int)getpid());

	if (len < 0 || (size_t)len >= sizeof(temp)) {
		errno = ENAMETOOLONG;
		return false;
	}
	unlink(temp);
	if (!write_file(temp, O_EXCL, pids, n))
		return write_file(path, O_TRUNC, pids, n);
	if (rename(temp, path) == 0)
		return true;
	unlink(temp);
	return false;
}

bool pidfile_possible(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool made = fd < 0 && errno == ENOENT;

	if (made)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	close(fd);
	if (made)
		unlink(path);
	return true;
}
