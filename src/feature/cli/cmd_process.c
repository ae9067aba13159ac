/* Commands about the process: its threads, descriptors, memory, and the sockets one can ask on. */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"
#include "weir/log/log.h"
#include "weir/sys/sock.h"

/* ---- show activity, show threads ---- */

struct figure {
	const char *name;
	uint64_t (*get)(const struct loop_stat *st);
};
static uint64_t get_turns(const struct loop_stat *st) { return st->turns; }
static uint64_t get_events(const struct loop_stat *st) { return st->events; }
static uint64_t get_tasks(const struct loop_stat *st) { return st->tasks; }
static uint64_t get_timers(const struct loop_stat *st) { return st->timers; }
static uint64_t get_mails(const struct loop_stat *st) { return st->mails; }
static uint64_t get_busy(const struct loop_stat *st) { return st->busy_us / 1000; }
static uint64_t get_loop(const struct loop_stat *st) { return st->turns ? st->busy_us / st->turns : 0; }
static uint64_t get_idle(const struct loop_stat *st) { return st->idle_pct; }
static uint64_t get_fds(const struct loop_stat *st) { return st->fds; }
static uint64_t get_queue(const struct loop_stat *st) { return st->run_queue; }
static const struct figure activity[] = {
	{ "loops", get_turns }, { "poll_io", get_events }, { "tasksw", get_tasks }, { "timers", get_timers },
	{ "mails", get_mails }, { "busy_ms_tot", get_busy }, { "avg_loop_us", get_loop }, { "fds", get_fds },
	{ "run_queue", get_queue },
};

static void put_figure(struct sbuf *out, const struct figure *f)
{
	struct loop_stat st;
	uint64_t sum = 0;

	for (int i = 0; i < thr_count(); i++) {
		loop_stats(i, &st);
		sum += f->get(&st);
	}
	if (f->get == get_loop)
		sum /= (uint64_t)thr_count();
	sbuf_printf(out, "%s: %llu [", f->name, (unsigned long long)sum);
	for (int i = 0; i < thr_count(); i++) {
		loop_stats(i, &st);
		sbuf_printf(out, " %llu", (unsigned long long)f->get(&st));
	}
	sbuf_putz(out, " ]\n");
}

static enum ctl_result cmd_activity(struct ctl_req *r)
{
	struct wall now = loop_wall();

	sbuf_printf(r->out, "thread_id: %d (1..%d)\ndate_now: %lld.%06u\n", thr_id() + 1, thr_count(),
	            (long long)now.s, now.us);
	for (size_t i = 0; i < ARRAY_LEN(activity); i++)
		put_figure(r->out, &activity[i]);
	return CTL_DONE;
}

static enum ctl_result cmd_threads(struct ctl_req *r)
{
	struct loop_stat st;

	for (int i = 0; i < thr_count(); i++) {
		loop_stats(i, &st);
		sbuf_printf(r->out, "%c Thread %d : act=%d rq=%llu fds=%llu idle=%llu%% busy_ms=%llu turns=%llu\n",
		            i == thr_id() ? '*' : ' ', i + 1, i == thr_id() || st.run_queue > 0,
		            (unsigned long long)get_queue(&st),
		            (unsigned long long)get_fds(&st), (unsigned long long)get_idle(&st),
		            (unsigned long long)get_busy(&st), (unsigned long long)get_turns(&st));
	}
	return CTL_DONE;
}

/* ---- show fd ---- */

static void put_socket(struct sbuf *out, int fd)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (sock_is_listening(fd))
		sbuf_putz(out, " listening");
	if (sock_name(fd, &a))
		sbuf_printf(out, " local=" STR_FMT, STR_ARG(addr_text(&a, text)));
	if (!sock_is_listening(fd) && sock_peer(fd, &a))
		sbuf_printf(out, " peer=" STR_FMT, STR_ARG(addr_text(&a, text)));
}

static void put_fd(struct sbuf *out, int fd)
{
	char path[32], what[128];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, what, sizeof(what));
	if (n < 0)
		return;
	sbuf_printf(out, "%7d : %.*s", fd, (int)n, what);
	put_socket(out, fd);
	sbuf_putc(out, '\n');
}

static enum ctl_result cmd_fd(struct ctl_req *r)
{
	uint64_t only;
	DIR *d;

	if (r->at < r->n) {
		if (num_u64(r->w[r->at], &only) && only < INT32_MAX)
			put_fd(r->out, (int)only);
		return CTL_DONE;
	}
	d = opendir("/proc/self/fd");
	if (!d)
		return ctl_fail(r, "The list of descriptors is not readable.");
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (e->d_name[0] != '.' && atoi(e->d_name) != dirfd(d))
			put_fd(r->out, atoi(e->d_name));
	closedir(d);
	return CTL_DONE;
}

/* ---- show pools: each thread knows its own ---- */

#define CLASSES 96
struct pools {
	struct ctl_req *asker;		/* NULL: gone */
	pthread_mutex_t lock;
	struct pool_stat sum[CLASSES];
	int n;
	bool done;
};

static void add_class(struct pools *p, const struct pool_stat *one)
{
	int i = 0;

	while (i < p->n && p->sum[i].size != one->size)
		i++;
	if (i == CLASSES)
		return;
	if (i == p->n)
		p->sum[p->n++] = (struct pool_stat){ .size = one->size };
	p->sum[i].used += one->used;	/* may wrap: what one thread took another may have put back */
	p->sum[i].cached += one->cached;
}

static void ask_thread(void *arg)
{
	struct pools *p = arg;
	struct pool_stat own[CLASSES];
	int n = pool_stats(own, CLASSES);

	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < n; i++)
		add_class(p, &own[i]);
	pthread_mutex_unlock(&p->lock);
}

static void all_asked(void *arg)
{
	struct pools *p = arg;

	p->done = true;
	if (p->asker)
		ctl_wake(p->asker);
	else
		free(p);
}

static void forget_pools(struct ctl_req *r)
{
	struct pools *p = r->state;

	p->asker = NULL;
	if (p->done)
		free(p);
}

static enum ctl_result put_pools(struct ctl_req *r, struct pools *p)
{
	uint64_t total = 0, used = 0;

	sbuf_putz(r->out, "Dumping pools usage. Use SIGQUIT to flush them.\n");
	for (int i = 0; i < p->n; i++) {
		const struct pool_stat *s = &p->sum[i];
		uint64_t all = s->used + s->cached;

		sbuf_printf(r->out,
		            "  - Pool class %zu (%zu bytes) : %llu allocated (%llu bytes), %llu used, %llu "
		            "cached by threads\n",
		            s->size, s->size, (unsigned long long)all, (unsigned long long)(all * s->size),
		            (unsigned long long)s->used, (unsigned long long)s->cached);
		total += all * s->size;
		used += s->used * s->size;
	}
	sbuf_printf(r->out, "Total: %d pools, %llu bytes allocated, %llu used.\n", p->n, (unsigned long long)total,
	            (unsigned long long)used);
	free(p);
	return CTL_DONE;
}

static enum ctl_result cmd_pools(struct ctl_req *r)
{
	struct pools *p = r->state;

	if (p && p->done) {
		r->drop = NULL;
		return put_pools(r, p);
	}
	if (!p) {
		r->state = p = mem_zalloc(sizeof(*p));
		r->drop = forget_pools;
		p->asker = r;
		pthread_mutex_init(&p->lock, NULL);
		mail_broadcast(ask_thread, all_asked, p);
	}
	r->wait_ms = 0;
	return CTL_WAIT;
}

/* ---- sockets, start-up ---- */

static void put_cli_socket(struct sbuf *out, const struct bind *b)
{
	const struct addr *a = &b->net.addr;
	char text[ADDR_TEXT_MAX];
	struct str where = addr_isset(a) ? addr_text(a, text) : b->net.text;
	const char *kind = "";

	if (addr_family(a) == AF_INET)
		kind = "ipv4@";
	else if (addr_family(a) == AF_INET6)
		kind = "ipv6@";
	else if (addr_family(a) == AF_UNIX && where.n && where.p[0] == '/')
		kind = "unix@";
	sbuf_printf(out, "%s" STR_FMT " %s all\n", kind, STR_ARG(where),
	            ctl_level_name(b->level ? b->level : CTL_OPERATOR));
}

static enum ctl_result cmd_cli_sockets(struct ctl_req *r)
{
	const struct conf *c = live_get()->conf;
	const struct bind *b;

	sbuf_putz(r->out, "# socket lvl processes\n");
	if (c)
		list_each(b, &c->global.stats_binds, link)
			put_cli_socket(r->out, b);
	return CTL_DONE;
}

static enum ctl_result cmd_startup_logs(struct ctl_req *r)
{
	sbuf_puts(r->out, live_get()->startup_logs);
	return CTL_DONE;
}

static enum ctl_result cmd_debug_log(struct ctl_req *r)
{
	const struct conf *c = live_get()->conf;
	struct sbuf line = sbuf_grow();

	for (int i = r->at; i < r->n; i++)
		sbuf_printf(&line, "%s" STR_FMT, i > r->at ? " " : "", STR_ARG(r->w[i]));
	if (c)
		log_event(&c->global.logs, &c->global.logs, LOGL_INFO, "%s", sbuf_z(&line));
	sbuf_fini(&line);
	return CTL_DONE;
}

const struct ctl_row cli_process_rows[] = {
	{ "show activity", CTL_USER, cmd_activity, NULL, "what threads have done" },
	{ "show threads", CTL_USER, cmd_threads, NULL, "what threads are doing" },
	{ "show fd", CTL_OPERATOR, cmd_fd, "[<number>]", "open descriptors" },
	{ "show pools", CTL_USER, cmd_pools, NULL, "memory pools" },
	{ "show cli sockets", CTL_USER, cmd_cli_sockets, NULL, "sockets of this interface" },
	{ "show startup-logs", CTL_OPERATOR, cmd_startup_logs, NULL, "what was said while starting" },
	{ "debug dev log", CTL_ADMIN, cmd_debug_log, "[<text>]*", "send a line to the global log targets",
	  CTL_F_EXPERT },
	{ NULL },
};
