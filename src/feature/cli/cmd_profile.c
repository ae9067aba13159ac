/* Commands about where time goes: show libs, show profiling, set profiling, show tasks. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/loop/profile.h"
#include "weir/sys/libs.h"

/* ---- show libs ---- */

static void put_lib(const char *path, uintptr_t from, uintptr_t to, void *arg)
{
	sbuf_printf(arg, "0x%012zx-0x%012zx (0x%07zx) %s\n", (size_t)from, (size_t)to - 1, (size_t)(to - from), path);
}

static enum ctl_result cmd_libs(struct ctl_req *r)
{
	libs_each(put_lib, r->out);
	return CTL_DONE;
}

/* ---- figures ---- */

/* Four digits and a unit: 44.61us. */
static const char *short_time(uint64_t ns, char buf[24])
{
	static const struct { double div; const char *unit; } units[] = {
		{ 1, "ns" }, { 1e3, "us" }, { 1e6, "ms" }, { 1e9, "s" },
	};
	size_t i = 0;
	double v;

	if (!ns)
		return "-";
	while (i + 1 < ARRAY_LEN(units) && (double)ns >= 999.95 * units[i].div)
		i++;
	v = (double)ns / units[i].div;
	snprintf(buf, 24, "%.*f%s", v >= 100 ? 1 : v >= 10 ? 2 : 3, v, units[i].unit);
	return buf;
}

static void put_sum(struct sbuf *out, const struct prof_sum *s)
{
	char name[64], t[4][24];

	sbuf_printf(out, "  %-24s %10llu %9s %9s %9s %9s\n", symbol_name(s->fn, name, sizeof(name)),
		    (unsigned long long)s->calls, short_time(s->time_ns, t[0]),
		    short_time(s->calls ? s->time_ns / s->calls : 0, t[1]), short_time(s->wait_ns, t[2]),
		    short_time(s->calls ? s->wait_ns / s->calls : 0, t[3]));
}

static int by_calls(const void *a, const void *b)
{
	const struct prof_sum *x = a, *y = b;

	return x->calls < y->calls ? 1 : x->calls > y->calls ? -1 : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct prof_sum *x = a, *y = b;

	return x->time_ns < y->time_ns ? 1 : x->time_ns > y->time_ns ? -1 : 0;
}

static int by_address(const void *a, const void *b)
{
	const struct prof_sum *x = a, *y = b;

	return x->fn > y->fn ? 1 : x->fn < y->fn ? -1 : 0;
}

/* ---- show profiling ---- */

static void put_status(struct sbuf *out)
{
	static const char *const modes[] = { [PROF_OFF] = "off", [PROF_ON] = "on" };
	enum prof_mode m = prof_get();
	const char *now = m == PROF_AUTO ? prof_active() ? "auto-on" : "auto-off" : modes[m];

	sbuf_printf(out, "Per-task CPU profiling              : %-13s # set profiling tasks {on|auto|off}\n", now);
	sbuf_printf(out, "Memory usage profiling              : %-13s # set profiling memory {on|off}\n", "off");
}

static void put_tasks(struct sbuf *out, int (*order)(const void *, const void *), uint64_t max)
{
	struct prof_sum sums[PROF_FUNCTIONS];
	size_t n = prof_sums(sums);

	sbuf_putz(out, "Tasks activity:\n"
		       "  function                      calls   cpu_tot   cpu_avg   lat_tot   lat_avg\n");
	qsort(sums, n, sizeof(sums[0]), order);
	for (size_t i = 0; i < n && i < max; i++)
		put_sum(out, &sums[i]);
}

static enum ctl_result cmd_show(struct ctl_req *r)
{
	int (*order)(const void *, const void *) = by_calls;
	bool status = true, tasks = true;
	uint64_t max = UINT64_MAX;

	for (int i = r->at; i < r->n; i++) {
		struct str w = r->w[i];

		if (str_eqz(w, "all"))
			status = tasks = true;
		else if (str_eqz(w, "status"))
			tasks = !(status = true);
		else if (str_eqz(w, "tasks"))
			status = !(tasks = true);
		else if (str_eqz(w, "memory"))
			status = tasks = false;
		else if (str_eqz(w, "byaddr"))
			order = by_address;
		else if (str_eqz(w, "bytime"))
			order = by_time;
		else if (!str_eqz(w, "aggr") && !num_u64(w, &max))
			return ctl_fail(r, "Expects either 'all', 'status', 'tasks', 'memory', 'byaddr', 'bytime', "
					   "'aggr' or a max number of output lines.");
	}
	if (status)
		put_status(r->out);
	if (tasks)
		put_tasks(r->out, order, max);
	return CTL_DONE;
}

static enum ctl_result cmd_set(struct ctl_req *r)
{
	static const char *const modes[] = { "off", "auto", "on" };
	struct str what = r->at < r->n ? r->w[r->at] : STR_NONE, mode = r->at + 1 < r->n ? r->w[r->at + 1] : STR_NONE;

	if (str_eqz(what, "memory"))
		return ctl_fail(r, "Memory profiling not compiled in.");
	if (!str_eqz(what, "tasks"))
		return ctl_fail(r, "Expects either 'tasks' or 'memory'.");
	for (int i = 0; i < 3; i++)
		if (str_eqz(mode, modes[i])) {
			prof_set((enum prof_mode)i);
			return CTL_DONE;
		}
	return ctl_fail(r, "Expects 'on', 'auto', or 'off'.");
}

/* ---- show tasks: each thread knows its own ---- */

struct tasks {
	struct ctl_req *asker;		/* NULL: gone */
	pthread_mutex_t lock;
	struct task_sum sum[PROF_FUNCTIONS];
	size_t n;
	bool done;
};

static void ask_thread(void *arg)
{
	struct tasks *t = arg;

	pthread_mutex_lock(&t->lock);
	tasks_waiting(t->sum, &t->n);
	pthread_mutex_unlock(&t->lock);
}

static void all_asked(void *arg)
{
	struct tasks *t = arg;

	t->done = true;
	if (t->asker)
		ctl_wake(t->asker);
	else
		free(t);
}

static void forget(struct ctl_req *r)
{
	struct tasks *t = r->state;

	t->asker = NULL;
	if (t->done)
		free(t);
}

static enum ctl_result put_waiting(struct ctl_req *r, struct tasks *t)
{
	uint64_t places = 0;
	char name[64], a[24], b[24];

	for (size_t i = 0; i < t->n; i++)
		places += t->sum[i].places;
	sbuf_printf(r->out, "Running tasks: %llu (%d threads)\n", (unsigned long long)places, thr_count());
	sbuf_putz(r->out, "  function                     places     %    lat_tot   lat_avg\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct task_sum *s = &t->sum[i];

		sbuf_printf(r->out, "  %-24s %10llu %5.1f  %9s %9s\n", symbol_name(s->fn, name, sizeof(name)),
			    (unsigned long long)s->places, 100.0 * (double)s->places / (double)places,
			    short_time(s->wait_ns, a), short_time(s->wait_ns / s->places, b));
	}
	free(t);
	return CTL_DONE;
}

static enum ctl_result cmd_tasks(struct ctl_req *r)
{
	struct tasks *t = r->state;

	if (t && t->done) {
		r->drop = NULL;
		return put_waiting(r, t);
	}
	if (!t) {
		r->state = t = mem_zalloc(sizeof(*t));
		r->drop = forget;
		t->asker = r;
		pthread_mutex_init(&t->lock, NULL);
		mail_broadcast(ask_thread, all_asked, t);
	}
	r->wait_ms = 0;
	return CTL_WAIT;
}

const struct ctl_row cli_profile_rows[] = {
	{ "show libs", CTL_OPERATOR, cmd_libs, NULL, "the program and the libraries that are loaded" },
	{ "show profiling", CTL_ADMIN, cmd_show, "[all|status|tasks|memory|byaddr|bytime|<lines>]*",
	  "which functions time goes to" },
	{ "set profiling", CTL_ADMIN, cmd_set, "tasks {on|auto|off}", "count the time of functions" },
	{ "show tasks", CTL_USER, cmd_tasks, NULL, "what waits for its turn" },
	{ NULL },
};
