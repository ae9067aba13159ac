#include "weir/sys/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "weir/base/assert.h"

static int open_named(struct str name)
{
	char path[PATH_MAX];

	if (name.n == 0 || name.n > NAME_MAX || memchr(name.p, '/', name.n)) {
		errno = ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "/var/run/netns/" STR_FMT, STR_ARG(name));
	return open(path, O_RDONLY | O_CLOEXEC);
}

bool netns_exists(struct str name)
{
	int fd = open_named(name);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int socket_there(int there, int home, int family, int type)
{
	int fd, saved;

	if (setns(there, CLONE_NEWNET) < 0)
		return -1;
	fd = socket(family, type, 0);
	saved = errno;
	/* A thread that cannot come home would serve everything else from the wrong network. */
	WASSERT(setns(home, CLONE_NEWNET) == 0);
	errno = saved;
	return fd;
}

int netns_socket(struct str name, int family, int type)
{
	int there = open_named(name), home, fd = -1, saved;

	if (there < 0)
		return -1;
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home >= 0)
		fd = socket_there(there, home, family, type);
	saved = errno;
	if (home >= 0)
		close(home);
	close(there);
	errno = saved;
	return fd;
}
