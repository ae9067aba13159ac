/* Becoming the running process: limits, sockets, background, privileges; then the engine, then the way it ends. */
#include "boot.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weir/feature/trace/trace.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/expr/pattern.h"
#include "weir/expr/vars.h"
#include "weir/live/live.h"
#include "weir/loop/loop.h"
#include "weir/sys/libs.h"
#include "weir/sys/daemon.h"
#include "weir/sys/fault.h"
#include "weir/sys/handover.h"
#include "weir/sys/privileges.h"
#include "weir/sys/proc.h"
#include "worker.h"

/* --- before sockets are opened --- */

static bool fail(struct diag *d, const char *what)
{
	diag_say(d, DIAG_ALERT, "[haproxy.main()] %s", what);
	return false;
}

/* What edits of maps and ACLs take out is released when every thread has ended its turn. */
struct later { void (*fn)(void *arg); void *arg; };

static void turn_ended(void *arg)
{
	(void)arg;
}

static void all_ended(void *arg)
{
	struct later *l = arg;

	l->fn(l->arg);
	free(l);
}

static void release_later(void (*fn)(void *arg), void *arg)
{
	struct later *l = mem_alloc(sizeof(*l));

	*l = (struct later){ fn, arg };
	mail_broadcast(turn_ended, all_ended, l);
}

/* Maps, ACLs and the limits of variables that this generation has. */
static void adopt_language(const struct conf *conf)
{
	const unsigned *max = conf->global.tune.vars_max;

	pat_refs_publish(conf->pats);
	expr_set_grace(release_later);
	*vars_limits() = (struct var_limits){ .global = max[0], .scope = {
		[VAR_PROC] = max[1], [VAR_SESS] = max[2], [VAR_TXN] = max[3], [VAR_REQ] = max[4], [VAR_RES] = max[4],
		[VAR_CHECK] = max[5],
	} };
}

/* set-var and set-var-fmt of the global section. */
static bool set_vars(struct conf *conf, struct diag *d)
{
	struct arena mem;
	struct xctx x = { .mem = &mem };
	struct global_var *v;
	bool ok = true;

	adopt_language(conf);
	arena_init(&mem, 4096);
	list_each(v, &conf->global.vars, link) {
		char text[4096];
		struct sbuf b = sbuf_fixed(text, sizeof(text));
		struct load_err e = { .msg = "" };
		struct var_ref ref;
		struct sample s;

		if (!var_ref_parse(&mem, v->name, &ref, &e)) {
			diag_say(d, DIAG_ALERT, "parsing [%s:%d] : %s", v->file, v->line, e.msg);
			ok = false;
			continue;
		}
		var_declare(&ref);
		if (v->fmt) {
			logfmt_build(v->fmt, &b, &x);
			smp_set_str(&s, sbuf_str(&b), SMP_F_CONST);
			var_set(&ref, &s, 0, &x);
		} else if (expr_eval(v->expr, &s, &x)) {
			var_set(&ref, &s, 0, &x);
		}
	}
	arena_fini(&mem);
	return ok;
}

/* -x: what an old process still listens on. */
static bool take_old_sockets(const struct cmdline *c, struct diag *d)
{
	struct handed_sock *socks;
	int n, *fds;

	if (!c->old_socket || live_get()->nheirs)	/* a master has them already */
		return true;
	n = handover_fetch(str_c(c->old_socket), &socks);
	if (n < 0)
		return fail(d, "Failed to get the sockets from the old process!");
	fds = mem_alloc(sizeof(*fds) * (size_t)(n + 1));
	for (int i = 0; i < n; i++)
		fds[i] = socks[i].fd;
	live_inherit(fds, n);
	free(fds);
	free(socks);
	return true;
}

/* --- after sockets are open --- */

/* For `show startup-logs`; what is said from now on is no part of them. */
static void keep_startup_logs(struct diag *d)
{
	if (d->keep)
		live_get()->startup_logs = sbuf_str(d->keep);
	d->keep = NULL;
	d->repeated = false;
}

void tell_old_processes(const struct cmdline *c)
{
	for (int i = 0; i < c->nold_pids; i++)
		kill(c->old_pids[i], c->old_signal);
}

/* pid 0: only whether that can be done; who waits for the process in the background has to hear of it. */
static bool write_pidfile(const char *path, pid_t pid, struct diag *d)
{
	if (!path || !path[0] || (pid ? pidfile_write(path, &pid, 1) : pidfile_possible(path)))
		return true;
	diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot create pidfile %s : %s", path, strerror(errno));
	return false;
}

static bool drop_privileges(const struct conf *conf, struct diag *d)
{
	const struct global *g = &conf->global;
	struct priv_want want = { .chroot = g->chroot.n ? g->chroot.p : NULL, .uid = g->uid, .gid = g->gid,
				  .caps = g->caps };

	if (want.chroot)
		symbols_keep();
	switch (priv_drop(&want)) {
	case PRIV_OK:
		break;
	case PRIV_CHROOT:
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot chroot1(%s) : %s.", g->chroot.p, strerror(errno));
		return false;
	case PRIV_GROUPS:
	case PRIV_GID:
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot set gid %d : %s.", g->gid, strerror(errno));
		return false;
	case PRIV_CAPS:
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot keep the capabilities of 'setcap' : %s.",
			 strerror(errno));
		return false;
	default:
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot set uid %d : %s.", g->uid, strerror(errno));
		return false;
	}
	if (!g->insecure_setuid)
		priv_no_setuid();
	if (g->dumpable)
		priv_dumpable(true);
	return true;
}

/* True: in the process that goes on. The parent ends at once: the sockets are open, so whatever waited for it may use
 * them. */
static bool into_background(struct diag *d)
{
	pid_t pid = daemon_fork();

	if (pid < 0)
		return fail(d, "Cannot fork.");
	if (pid > 0)
		_exit(0);
	return true;
}

/* Who stays root. One line, and no warning: with -dW such a start has to succeed. */
static void mention_root(const struct global *g, struct diag *d)
{
	const char *missing = g->uid > 0 ? "'chroot'" : g->chroot.n ? "'user'" : "'user' or 'chroot'";

	if (getuid() == 0 && (g->uid <= 0 || !g->chroot.n))
		diag_say(d, DIAG_NOTICE,
			 "[root] started as root without %s in the global section: whoever breaks in has all rights.",
			 missing);
}

static bool begin_traces(const struct cmdline *c, const struct conf *conf, struct diag *d)
{
	struct sbuf why = sbuf_grow();
	bool ok = trace_begin(conf, c->traces, &why);

	if (!ok)
		diag_say(d, DIAG_ALERT, "-dt: %s", sbuf_z(&why));
	sbuf_fini(&why);
	return ok;
}

/* tune.renice: what files were read with ends, what runs begins. A master's workers see to it themselves. */
static void settle_priority(const struct tune *t, bool running, struct diag *d)
{
	int want = running && t->renice_runtime ? t->renice_runtime : t->nice_before;

	if (want && !proc_nice(want - NICE_BASE))
		diag_say(d, DIAG_WARNING, "[haproxy.main()] The system refuses the priority %d (tune.renice) : %s.",
			 want - NICE_BASE, strerror(errno));
}

static bool choose_cpus(const struct global *g, struct diag *d)
{
	return proc_choose_cpus(&g->cpus) || fail(d, "'cpu-set' leaves no CPU to run on.");
}

int start(const struct cmdline *c, struct conf *conf, struct diag *d)
{
	const struct global *g = &conf->global;
	bool detach = (c->daemon || g->daemon) && !c->foreground && !c->debug, background = detach && !worker_is();
	const char *pidfile = c->pidfile ? c->pidfile : g->pidfile.p;

	env_after_files();
	settle_priority(&g->tune, worker_is() || (c->worker == WORKER_NONE && !g->master_worker), d);
	if (!worker_is() && (c->worker != WORKER_NONE || g->master_worker))
		return master_run(c, conf, d);
	if (!choose_cpus(g, d) || !limits_settle(c, conf, d) || !set_vars(conf, d) ||
	    (!worker_is() && !take_old_sockets(c, d)) || !engine_open(conf, d) || !begin_traces(c, conf, d))
		return 1;
	if (background && (!write_pidfile(pidfile, 0, d) || !into_background(d) ||
			   !write_pidfile(pidfile, getpid(), d)))
		return 1;
	if (!worker_is())
		tell_old_processes(c);
	if (!drop_privileges(conf, d))
		return 1;
	keep_startup_logs(d);
	mention_root(g, d);
	fault_explain();
	conf_seal(conf);
	worker_ready(live_get()->startup_logs);
	if (detach)
		daemon_detach(!c->verbose);
	return -engine_run();
}
