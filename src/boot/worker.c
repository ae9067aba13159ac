/* The worker's side of a master and its workers. */
#include "worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"
#include "weir/loop/loop.h"
#include "weir/sys/fdpass.h"

static struct worker {
	int channel;			/* to the master, -1: we are none */
	bool ready;			/* it was told that we run */
	struct fdev watch;
} worker = { .channel = -1 };

static int env_fd(struct str text)
{
	uint64_t v;

	if (!num_u64(text, &v) || v > INT32_MAX || fcntl((int)v, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return (int)v;
}

/* "5,6,7" */
static void take_sockets(const char *text)
{
	struct str rest = str_c(text);
	int *fds = mem_alloc(sizeof(int) * (rest.n + 1)), n = 0, fd;

	while (rest.p)
		if ((fd = env_fd(str_cut(&rest, ','))) >= 0)
			fds[n++] = fd;
	live_inherit(fds, n);
	free(fds);
}

void worker_begin(struct diag *d)
{
	const char *channel = getenv(WORKER_CHANNEL), *sockets = getenv(WORKER_SOCKETS);

	if (channel)
		worker.channel = env_fd(str_c(channel));
	if (worker.channel >= 0 && sockets)
		take_sockets(sockets);
	d->repeated = worker.channel >= 0 && getenv(WORKER_FIRST);
	unsetenv(WORKER_CHANNEL);
	unsetenv(WORKER_SOCKETS);
	unsetenv(WORKER_FIRST);
}

bool worker_is(void)
{
	return worker.channel >= 0;
}

#define SEND_MS 5000

static void send_logs(struct str said)
{
	int fd = said.n ? memfd_create("startup-logs", MFD_CLOEXEC) : -1;
	char word = WORKER_LOGS;

	if (fd < 0)
		return;
	if (write(fd, said.p, said.n) == (ssize_t)said.n)
		fdpass_send(worker.channel, &fd, 1, &word, 1, SEND_MS);
	close(fd);
}

void worker_failed(struct str said)
{
	if (worker_is() && !worker.ready)
		send_logs(said);
}

void worker_ready(struct str said)
{
	int n, *fds;
	char word = WORKER_MORE;

	if (!worker_is())
		return;
	worker.ready = true;
	send_logs(said);
	n = live_listener_fds(NULL, 0);
	fds = mem_alloc(sizeof(int) * (size_t)(n + 1));
	n = MIN(n, live_listener_fds(fds, n));
	for (int i = 0; i < n; i += FDPASS_MAX)
		fdpass_send(worker.channel, fds + i, MIN(n - i, FDPASS_MAX), &word, 1, SEND_MS);
	word = WORKER_READY;
	fdpass_send(worker.channel, NULL, 0, &word, 1, SEND_MS);
	free(fds);
}

/* Sockets with commands on them; or the master's end, which is ours. */
static void on_channel(struct fdev *f, uint32_t events)
{
	struct worker_order o;
	int fd, n;

	for (;;) {
		ssize_t got = fdpass_recv(f->fd, &fd, 1, &n, &o, sizeof(o), 0);

		if (got <= 0) {
			if (got == 0)
				kill(getpid(), SIGTERM);
			f->ready = 0;
			return;
		}
		if (n == 1 && got == sizeof(o) && o.word == WORKER_CLI)
			cli_adopt(fd, &(struct cli_settings){ o.level, o.prefix, o.modes & ORDER_EXPERT,
							      o.modes & ORDER_EXPERIMENTAL });
		else if (n == 1)
			close(fd);
	}
}

void worker_watch(void)
{
	if (worker_is())
		fdev_add(&worker.watch, worker.channel, on_channel);
}
