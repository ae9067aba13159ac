/* The master: starts workers, starts a new one for each reload, tells the old one to finish when the new one is ready,
 * passes signals on, keeps the listening sockets. It serves nobody itself and keeps the user it was started by. */
#include "master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/loop/loop.h"
#include "weir/sys/daemon.h"
#include "weir/sys/fdpass.h"
#include "weir/sys/notify.h"
#include "weir/sys/spawn.h"

static struct master {
	const struct cmdline *c;
	struct diag *diag;
	struct list children;
	unsigned reloads, failed;	/* reloads asked for, and those that came to nothing */
	int *fds, nfds;			/* listening sockets of the worker that runs */
	int stop_signal;		/* that we are ending by, 0: none */
	int max_reloads;		/* that an old worker outlives, plus one; 0: any number */
	int code;			/* exit code */
	int parent;			/* pipe to the process that the user started (-D), -1: none */
	bool notify;
	bool served;			/* a worker was ready once */
	bool detach;			/* in the background, still with the terminal */
} master = { .children = LIST_INIT(master.children), .parent = -1 };

/* --- to the outside --- */

/* Tells the process that waits in the foreground: 0 is good. */
static void tell_parent(char code)
{
	if (master.parent < 0)
		return;
	if (write(master.parent, &code, 1) != 1)
		diag_say(master.diag, DIAG_WARNING, "The process that started us is gone.");
	close(master.parent);
	master.parent = -1;
}

static void tell_manager(const char *state)
{
	if (master.notify)
		notify_send(state);
}

static void signal_children(int sig, bool former_too)
{
	struct child *ch;

	list_each(ch, &master.children, link)
		if (former_too || ch->state != CHILD_FORMER)
			kill(ch->pid, sig);
}

/* --- listening sockets --- */

static void close_all(int *fds, int n)
{
	for (int i = 0; i < n; i++)
		close(fds[i]);
	free(fds);
}

static void add_sockets(struct child *ch, const int *fds, int n)
{
	ch->fds = mem_realloc(ch->fds, sizeof(int) * (size_t)(ch->nfds + n + 1));
	memcpy(ch->fds + ch->nfds, fds, sizeof(int) * (size_t)n);
	ch->nfds += n;
}

/* Nobody will be served any more: who comes now shall be refused, not wait in a queue. */
static void drop_sockets(void)
{
	close_all(master.fds, master.nfds);
	master.fds = NULL;
	master.nfds = 0;
}

/* --- workers --- */

/* mworker-max-reloads: how a worker is told to go that has a successor. */
static int farewell(const struct child *ch)
{
	unsigned seen = master.reloads - ch->born_at_reload;

	return master.max_reloads && seen >= (unsigned)master.max_reloads ? SIGTERM : SIGUSR1;
}

static void dismiss(struct child *ch, bool hard)
{
	int sig = hard && ch->state == CHILD_RUNNING ? SIGTERM : farewell(ch);

	if (ch->state == CHILD_RUNNING || (ch->state == CHILD_FORMER && sig == SIGTERM)) {
		ch->state = CHILD_FORMER;
		kill(ch->pid, sig);
	}
}

static void child_ready(struct child *ready)
{
	struct child *ch;

	ready->state = CHILD_RUNNING;
	close_all(master.fds, master.nfds);
	master.fds = ready->fds;
	master.nfds = ready->nfds;
	ready->fds = NULL;
	ready->nfds = 0;
	if (master.stop_signal)
		drop_sockets();
	list_each(ch, &master.children, link)
		if (ch != ready)
			dismiss(ch, ready->hard);
	if (!master.served)
		tell_old_processes(master.c);
	master.served = true;
	diag_say(master.diag, DIAG_NOTICE, "Loading success.");
	tell_manager("READY=1\nSTATUS=Ready.\n");
	tell_parent(0);
	master_cli_news(ready, true);
	if (master.detach)
		daemon_detach(!master.c->verbose);
	master.detach = false;
}

/* What it said while starting: a file in memory. */
static void take_logs(struct child *ch, int fd)
{
	char *room = sbuf_room(&ch->logs, WORKER_LOGS_MAX);
	ssize_t n = pread(fd, room, WORKER_LOGS_MAX, 0);

	if (n > 0)
		sbuf_commit(&ch->logs, (size_t)n);
	close(fd);
}

static void on_child(struct fdev *f, uint32_t events)
{
	struct child *ch = container_of(f, struct child, channel);
	int fds[FDPASS_MAX], n;
	char word;

	for (;;) {
		ssize_t got = fdpass_recv(f->fd, fds, FDPASS_MAX, &n, &word, 1, 0);

		if (got <= 0) {
			if (got == 0)
				fdev_del(f, true);	/* its end comes as SIGCHLD */
			f->ready = 0;
			return;
		}
		if (word == WORKER_LOGS && n == 1) {
			take_logs(ch, fds[0]);
			continue;
		}
		add_sockets(ch, fds, n);
		if (word == WORKER_READY && ch->state == CHILD_STARTING)
			child_ready(ch);
	}
}

static void set_environment(int channel)
{
	struct sbuf b = sbuf_grow();

	sbuf_printf(&b, "%d", channel);
	setenv(WORKER_CHANNEL, sbuf_z(&b), 1);
	sbuf_clear(&b);
	for (int i = 0; i < master.nfds; i++)
		sbuf_printf(&b, "%s%d", i ? "," : "", master.fds[i]);
	setenv(WORKER_SOCKETS, sbuf_z(&b), 1);
	if (!master.served)
		setenv(WORKER_FIRST, "1", 1);
	sbuf_fini(&b);
}

static pid_t spawn_worker(int channel)
{
	int *keep = mem_alloc(sizeof(int) * (size_t)(master.nfds + 1));
	pid_t pid;

	if (master.nfds)
		memcpy(keep, master.fds, sizeof(int) * (size_t)master.nfds);
	keep[master.nfds] = channel;
	set_environment(channel);
	pid = spawn_self(master.c->argv, keep, master.nfds + 1);
	unsetenv(WORKER_CHANNEL);
	unsetenv(WORKER_SOCKETS);
	unsetenv(WORKER_FIRST);
	free(keep);
	return pid;
}

static struct child *start_worker(void)
{
	struct child *ch;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		diag_say(master.diag, DIAG_ALERT, "Cannot make a socket pair for a worker : %s", strerror(errno));
		return NULL;
	}
	pid = spawn_worker(pair[1]);
	close(pair[1]);
	if (pid < 0) {
		diag_say(master.diag, DIAG_ALERT, "Cannot start a worker : %s", strerror(errno));
		close(pair[0]);
		return NULL;
	}
	ch = mem_zalloc(sizeof(*ch));
	ch->pid = pid;
	ch->started_us = loop_us_exact();
	ch->born_at_reload = master.reloads;
	ch->logs = sbuf_grow();
	ch->state = CHILD_STARTING;
	list_push(&master.children, &ch->link);
	fdev_add(&ch->channel, pair[0], on_child);
	diag_say(master.diag, DIAG_NOTICE, "Initializing new worker (%d)", (int)pid);
	return ch;
}

static void end_master(int code)
{
	if (master.code < 0)
		master.code = code;
	loop_stop();
}

/* --- ends of workers --- */

static void child_free(struct child *ch)
{
	list_del(&ch->link);
	if (ch->channel.fd >= 0)
		fdev_del(&ch->channel, true);
	close_all(ch->fds, ch->nfds);
	sbuf_fini(&ch->logs);
	free(ch);
}

static void say_end(const struct child *ch, int status)
{
	diag_say(master.diag, spawn_end_code(status) < 128 ? DIAG_WARNING : DIAG_ALERT,
		 "%s worker (%d) exited with code %d (%s)", ch->state == CHILD_FORMER ? "Former" : "Current",
		 (int)ch->pid, spawn_end_code(status), spawn_end_text(status));
}

static bool any_running(void)
{
	struct child *ch;

	list_each(ch, &master.children, link)
		if (ch->state == CHILD_RUNNING)
			return true;
	return false;
}

/* A worker that never got ready leaves things as they are; the loss of the one that runs ends everything. */
static void child_ended(struct child *ch, int status)
{
	bool was_starting = ch->state == CHILD_STARTING, was_running = ch->state == CHILD_RUNNING;
	int code = spawn_end_code(status);

	say_end(ch, status);
	on_child(&ch->channel, 0);	/* its last words */
	if (was_starting) {
		master.failed++;
		master_cli_news(ch, false);
	}
	child_free(ch);
	if (master.stop_signal)
		return;
	if (was_starting && any_running()) {
		diag_say(master.diag, DIAG_ALERT, "Loading failure!");
		tell_manager("READY=1\nSTATUS=Reload failed!\n");
	} else if (was_starting || was_running) {
		diag_say(master.diag, DIAG_ALERT, "exit-on-failure: killing every processes with SIGTERM");
		master.stop_signal = SIGTERM;
		master.code = code ? code : 1;
		signal_children(SIGTERM, true);
		tell_parent((char)master.code);
	}
}

static void on_sigchld(int sig)
{
	struct child *ch, *next;
	int status;

	list_each_safe(ch, next, &master.children, link)
		if (waitpid(ch->pid, &status, WNOHANG) == ch->pid)
			child_ended(ch, status);
	if (!list_empty(&master.children) || !master.stop_signal)
		return;
	diag_say(master.diag, DIAG_WARNING, "All workers exited. Exiting... (%d)", master.code < 0 ? 0 : master.code);
	end_master(0);
}

/* --- signals --- */

static void on_stop(int sig)
{
	diag_say(master.diag, DIAG_WARNING, "Exiting Master process...");
	tell_manager("STOPPING=1\n");
	master.stop_signal = sig;
	if (sig == SIGINT)
		master.code = 128 + SIGINT;
	drop_sockets();
	signal_children(sig, true);
	if (list_empty(&master.children))
		end_master(0);
}

struct child *master_reload(bool hard)
{
	struct child *ch;

	if (master.stop_signal)
		return NULL;
	diag_say(master.diag, DIAG_NOTICE, "Reloading HAProxy");
	tell_manager("RELOADING=1\nSTATUS=Reloading Configuration.\n");
	master.reloads++;
	ch = start_worker();
	if (ch)
		ch->hard = hard;
	return ch;
}

static void on_reload(int sig)
{
	master_reload(false);
}

struct list *master_children(void)
{
	return &master.children;
}

void master_counts(unsigned *reloads, unsigned *failed)
{
	*reloads = master.reloads;
	*failed = master.failed;
}

static void on_broadcast(int sig)
{
	signal_children(sig, true);
}

static void on_nothing(int sig)
{
	(void)sig;
}

static void catch_signals(void)
{
	loop_on_signal(SIGCHLD, on_sigchld);
	loop_on_signal(SIGUSR1, on_stop);
	loop_on_signal(SIGTERM, on_stop);
	loop_on_signal(SIGINT, on_stop);
	loop_on_signal(SIGUSR2, on_reload);
	loop_on_signal(SIGHUP, on_reload);
	loop_on_signal(SIGTTOU, on_broadcast);
	loop_on_signal(SIGTTIN, on_broadcast);
	loop_on_signal(SIGQUIT, on_nothing);
	signal(SIGPIPE, SIG_IGN);
}

/* --- life --- */

static void begin(int thread)
{
	master_cli_begin();
	if (!start_worker())
		end_master(1);
}

static void end(int thread)
{
	struct child *ch, *next;

	list_each_safe(ch, next, &master.children, link)
		child_free(ch);
}

static const struct loop_thread_ops ops = { .start = begin, .stop = end };

/* The process that the user started waits until the first worker runs, and ends with what it came to. */
static bool into_background(void)
{
	char code = 1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = daemon_fork()) < 0) {
		diag_say(master.diag, DIAG_ALERT, "[haproxy.main()] Cannot fork.");
		return false;
	}
	if (pid > 0) {
		close(ends[1]);
		if (read(ends[0], &code, 1) != 1)
			code = 1;
		_exit((unsigned char)code);
	}
	close(ends[0]);
	master.parent = ends[1];
	return true;
}

int master_run(const struct cmdline *c, struct conf *conf, struct diag *d)
{
	const char *pidfile = c->pidfile ? c->pidfile : conf->global.pidfile.p;
	bool background = (c->daemon || conf->global.daemon) && !c->foreground && !c->debug;
	pid_t self;
	int cpu = -1;

	master.c = c;
	master.diag = d;
	master.max_reloads = conf->global.max_reloads;
	master.code = -1;
	master.notify = c->worker == WORKER_NOTIFY;
	master.detach = background;
	if (background && !into_background())
		return 1;
	self = getpid();
	if (pidfile && pidfile[0] && !pidfile_write(pidfile, &self, 1)) {
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot create pidfile %s : %s", pidfile, strerror(errno));
		return 1;
	}
	setenv("HAPROXY_MWORKER", "1", 1);
	thr_plan(1);
	if (!master_cli_open(c->master_cli, d))
		return 1;
	catch_signals();
	loop_run(1, &cpu, &ops);
	close_all(master.fds, master.nfds);
	return master.code < 0 ? 0 : master.code;
}
