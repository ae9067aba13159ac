#include "weir/sys/limits.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "weir/base/obj.h"

#define LEAST_CONNS 100		/* what is planned even where little is left: the rest is refused when it comes */

static unsigned pipes_for(const struct limits_ask *ask, unsigned maxconn)
{
	if (ask->maxpipes >= 0)
		return (unsigned)ask->maxpipes;
	return ask->splice ? maxconn / 4 : 0;
}

/* As many as fit, with their pipes: 2 descriptors each, or 2.5 with a pipe for every fourth one. */
static unsigned conns_in(const struct limits_ask *ask, uint64_t room)
{
	uint64_t pipes = ask->maxpipes > 0 ? (uint64_t)ask->maxpipes * 2 : 0;
	uint64_t n;

	room = room > ask->fixed ? room - ask->fixed : 0;
	if (pipes < room)		/* else they can only be had instead of connections: they are optional */
		room -= pipes;
	n = ask->maxpipes < 0 && ask->splice ? room * 2 / 5 : room / 2;
	return (unsigned)MIN(MAX(n, LEAST_CONNS), UINT32_MAX / 4);
}

void limits_plan(const struct limits_ask *ask, uint64_t hard, struct limits_plan *out)
{
	uint64_t room = ask->ulimit_n ? ask->ulimit_n : hard;

	if (!ask->ulimit_n && ask->fd_hard_limit)
		room = MIN(room, ask->fd_hard_limit);
	out->maxconn = ask->maxconn ? ask->maxconn : conns_in(ask, room);
	out->maxpipes = pipes_for(ask, out->maxconn);
	out->maxsock = out->maxconn * 2 + out->maxpipes * 2 + ask->fixed;
}

void limits_nofile(uint64_t *soft, uint64_t *hard)
{
	struct rlimit lim = { 0, 0 };

	getrlimit(RLIMIT_NOFILE, &lim);
	*soft = lim.rlim_cur;
	*hard = lim.rlim_max;
}

bool limits_raise_nofile(uint64_t n, uint64_t *got)
{
	struct rlimit lim;
	uint64_t hard;

	limits_nofile(got, &hard);
	if (*got >= n)
		return true;
	lim.rlim_cur = n;
	lim.rlim_max = MAX(n, hard);
	if (setrlimit(RLIMIT_NOFILE, &lim) < 0) {
		lim.rlim_cur = lim.rlim_max = hard;	/* at least all that we may have */
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	limits_nofile(got, &hard);
	return *got >= n;
}

void limits_lower_nofile(uint64_t n)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0 && lim.rlim_cur > n) {
		lim.rlim_cur = n;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

bool limits_memory(uint64_t mbytes)
{
	struct rlimit lim = { mbytes << 20, mbytes << 20 };

	return setrlimit(RLIMIT_AS, &lim) == 0;
}

uint64_t limits_memory_now(void)
{
	struct rlimit lim;

	return getrlimit(RLIMIT_AS, &lim) == 0 && lim.rlim_cur != RLIM_INFINITY ? lim.rlim_cur : 0;
}

bool limits_core(void)
{
	struct rlimit lim = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_CORE, &lim) == 0;
}

void limits_prealloc(unsigned n)
{
	int fd = n ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)n - 1) : -1;

	if (fd >= 0)
		close(fd);
}
