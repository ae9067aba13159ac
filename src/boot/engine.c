/* The life of the running proxy in this process: adopt the configuration, open listeners, run the loops, stop on
 * signals. Privileges, daemon mode and the master are around it (boot/run.c). */
#include <limits.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "boot.h"
#include "trim.h"
#include "worker.h"
#include "weir/log/ring.h"
#include "weir/base/chunk.h"
#include "weir/base/pool.h"
#include "weir/feature/check/check.h"
#include "weir/feature/ring/ring.h"
#include "weir/feature/cli/cli.h"
#include "weir/feature/servers/servers.h"
#include "weir/feature/stats/stats.h"
#include "weir/live/live.h"
#include "weir/log/log.h"
#include "weir/loop/profile.h"
#include "weir/stream/session.h"
#include "weir/tls/context.h"
#include "weir/stream/stream.h"
#include "weir/sys/proc.h"

#define OWN_RING (1024 * 1024)	/* bytes of buf0, the ring that is always there */
#define BODIES_MAX (64 * 1024 * 1024)	/* bytes of bodies on their way, without tune.buffers.limit */

/* What signal handlers on thread 0 need; one engine per process. */
static struct engine {
	struct diag *diag;
	struct conf *conf;
	struct timer grace;		/* until the soft stop begins */
	struct timer quiet;		/* soft stop: are we done? */
	uint64_t hard_stop_at;		/* loop_ms, 0: never */
	int died_of;			/* signal that ended us, 0: soft stop */
} engine;

int engine_threads(const struct conf *c)
{
	int n = c->global.nbthread ? c->global.nbthread : proc_cpu_count();

	return n < 1 ? 1 : n > THR_MAX ? THR_MAX : n;
}

/* --- stopping --- */

/* What happens to servers, on standard error too. Before there are threads nobody can miss a backend. */
static void say_event(enum log_level level, struct str line)
{
	const char *tag = level == LOGL_EMERG ? "[ALERT]   " : "[WARNING] ";

	if (engine.diag->quiet || (level == LOGL_EMERG && !live_get()->nbthread))
		return;
	fprintf(stderr, "%s (%d) : %s%.*s\n", tag, (int)getpid(), live_get()->nbthread ? "" : "config : ",
		STR_ARG(line));
}

static void say_stopped(void)
{
	struct px_live *p;

	list_each(p, &live_get()->proxies, link)
		diag_say(engine.diag, DIAG_WARNING, "Proxy %.*s stopped (cumulated conns: FE: %llu, BE: %llu).",
			 STR_ARG(p->name), (unsigned long long)cnt_sum(&p->fe, C_CONN),
			 (unsigned long long)cnt_sum(&p->be, C_SESS));
}

static void say_hard_stopped(void)
{
	struct px_live *p;

	diag_say(engine.diag, DIAG_WARNING, "soft-stop running for too long, performing a hard-stop.");
	list_each(p, &live_get()->proxies, link)
		if (atom_get(&p->fe.cur))
			diag_say(engine.diag, DIAG_WARNING,
				 "Proxy %.*s hard-stopped (%u remaining conns will be closed).", STR_ARG(p->name),
				 (unsigned)atom_get(&p->fe.cur));
}

static void are_we_done(struct timer *t)
{
	bool quiet = live_quiet();

	if (quiet || (engine.hard_stop_at && loop_ms() >= engine.hard_stop_at)) {
		if (!quiet)
			say_hard_stopped();
		loop_stop();
		return;
	}
	timer_set(t, 20);
}

/* Every thread has had its mail, so none accepts any more: what is counted now is all there is. A thread that was about
 * to accept when the stop came has done so, and its client is not dropped. */
static void all_have_heard(void *arg)
{
	(void)arg;
	timer_init(&engine.quiet, are_we_done);
	timer_set(&engine.quiet, 1);
}

static void soft_stop(struct timer *t)
{
	unsigned hard = engine.conf->global.hard_stop_after;

	(void)t;
	if (live_get()->stopping)
		return;
	say_stopped();
	live_soft_stop();
	cli_stop();
	engine.hard_stop_at = hard ? loop_ms() + hard : 0;
	sessions_drain(all_have_heard);
}

static void on_soft_stop(int sig)
{
	unsigned grace = engine.conf->global.grace;

	(void)sig;
	if (!grace) {
		soft_stop(NULL);
	} else if (!timer_armed(&engine.grace)) {
		diag_say(engine.diag, DIAG_WARNING, "Scheduling a soft-stop in %u ms.", grace);
		timer_init(&engine.grace, soft_stop);
		timer_set(&engine.grace, grace);
	}
}

static void on_stop_now(int sig)
{
	engine.died_of = sig;
	live_soft_stop();
	cli_stop();
	loop_stop();
}

static void on_pause(int sig)
{
	live_pause(sig == SIGTTOU);
}

static void on_nothing(int sig)
{
	(void)sig;
}

static void on_dump(int sig)
{
	(void)sig;
	diag_say(engine.diag, DIAG_WARNING, "SIGHUP received, dumping servers states.");
	live_log_states();
}

/* What each class of objects takes on this thread, then everything that is free goes back to the system. */
static void on_quit(int sig)
{
	struct pool_stat st[128];
	int n = pool_stats(st, ARRAY_LEN(st));

	(void)sig;
	fprintf(stderr, "Dumping pools usage (thread 0), then flushing them.\n");
	for (int i = 0; i < n; i++)
		fprintf(stderr, "  - objects of %zu bytes: %llu used, %llu free\n", st[i].size,
			(unsigned long long)st[i].used, (unsigned long long)st[i].cached);
	trim_now();
}

static void catch_signals(void)
{
	loop_on_signal(SIGQUIT, on_quit);
	loop_on_signal(SIGUSR1, on_soft_stop);
	loop_on_signal(SIGTERM, on_stop_now);
	loop_on_signal(SIGINT, on_stop_now);
	loop_on_signal(SIGTTOU, on_pause);
	loop_on_signal(SIGTTIN, on_pause);
	loop_on_signal(SIGHUP, on_dump);
	loop_on_signal(SIGUSR2, on_nothing);
	signal(SIGPIPE, SIG_IGN);
}

/* --- running --- */

/* cpu-map: the system places the thread among the CPUs of its set. */
static void pin(int thread)
{
	const uint64_t *set = engine.conf->global.cpu_map[thread];
	cpu_set_t cpus;
	int n = 0;

	CPU_ZERO(&cpus);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (set[i / 64] >> i % 64 & 1) {
			CPU_SET(i, &cpus);
			n++;
		}
	if (n)
		sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* warn-blocked-traffic-after */
static void say_blocked(int thread, uint64_t us)
{
	fprintf(stderr, "[WARNING]  (%d) : Thread %d was busy for %llu ms without looking at its connections.\n",
		(int)getpid(), thread + 1, (unsigned long long)us / 1000);
}

/* What chunks of bodies should fill together, each thread its part. */
static void share_memory(const struct tune *t)
{
	size_t all = t->buffers_limit ? (size_t)t->buffers_limit * t->bufsize : BODIES_MAX;

	chunk_set_budget(all / (size_t)thr_count());
}

static void thread_start(int thread)
{
	pin(thread);
	log_thread_start();
	share_memory(&engine.conf->global.tune);
	live_join_thread(thread);
	cli_join(thread);
	check_join(thread, thr_count());
	if (thread == 0) {
		worker_watch();
		ring_join(engine.conf);
		trim_begin(!engine.conf->global.no_trimming);
		tls_ocsp_begin(engine.conf->tls_files);
	}
}

static void thread_stop(int thread)
{
	if (thread == 0) {
		ring_leave(engine.conf);
		tls_ocsp_end(engine.conf->tls_files);
		trim_end();
	}
	check_leave(thread);
	sessions_kill();
	cli_leave();
	loop_run_tasks();	/* server connections that were in use close */
	live_close_idle_here();
	log_thread_fini();
}

static const struct loop_thread_ops thread_ops = { .start = thread_start, .stop = thread_stop };

/* Who must hear of servers that come and go. */
static const struct srv_user *const server_users[] = { &streams_srv_user, &check_srv_user, &ring_srv_user, NULL };

bool engine_open(struct conf *c, struct diag *d)
{
	engine.diag = d;
	engine.conf = c;
	if (!live_adopt(c, d))
		return false;
	check_adopt();
	ring_adopt(c);
	live_get()->end_streams = streams_end_on;
	live_get()->users = server_users;
	live_get()->too_many_errors = check_too_many_errors;
	live_get()->say = say_event;
	servers_load_states(c, d);
	stats_load_file(c, d);
	thr_plan(engine_threads(c));	/* listeners open a socket for each */
	loop_tune(c->global.tune.maxpollevents, c->global.tune.runqueue_depth, c->global.busy_polling);
	log_send_buffer(c->global.tune.sndbuf_backend);
	loop_watch((uint64_t)c->global.blocked_ms * 1000, say_blocked);
	prof_set((enum prof_mode)c->global.profiling_tasks);
	ring_describe(ring_declare(STR(RING_OWN), OWN_RING, NULL), STR("in-memory ring buffer"));
	if (!live_open_listeners(d, session_accept) || !cli_open(c, false, d)) {
		diag_say(d, DIAG_ALERT, "[%s.main()] Some protocols failed to start their listeners! Exiting.",
			 "haproxy");
		return false;
	}
	if (!live_listeners() && !cli_listeners()) {
		diag_say(d, DIAG_ALERT,
			 "[%s.main()] No enabled listener found (check for 'bind' directives) ! Exiting.", "haproxy");
		return false;
	}
	return true;
}

int engine_run(void)
{
	int n = engine_threads(engine.conf), cpus[THR_MAX];

	for (int i = 0; i < n; i++)
		cpus[i] = -1;
	live_get()->nbthread = n;
	catch_signals();
	loop_run(n, cpus, &thread_ops);
	live_get()->nbthread = 0;
	cli_close();
	live_end();
	rings_free();
	return engine.died_of;
}
