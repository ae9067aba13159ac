/* The master's CLI (-S): its own commands, and the way to those of the workers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "master.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/base/version.h"
#include "weir/ctl/ctl.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"
#include "weir/model/conf.h"
#include "weir/sys/fdpass.h"

#define ORDER_MS 1000

/* ---- workers by name ---- */

static struct child *child_of(pid_t pid)
{
	struct child *ch;

	list_each(ch, master_children(), link)
		if (ch->pid == pid)
			return ch;
	return NULL;
}

static struct child *running(void)
{
	struct child *ch;

	list_each(ch, master_children(), link)
		if (ch->state == CHILD_RUNNING)
			return ch;
	return NULL;
}

static int find(struct str name)
{
	const struct child *ch;
	uint64_t n;

	if (!name.n || str_eq(name, STR("master")) || str_eq(name, STR("0")))
		return 0;
	if (name.p[0] == '!') {
		if (!num_u64(str_skip(name, 1), &n) || n > INT32_MAX)
			return -1;
		return n == (uint64_t)getpid() ? 0 : child_of((pid_t)n) ? (int)n : -1;
	}
	ch = str_eq(name, STR("1")) ? running() : NULL;
	return ch ? ch->pid : -1;
}

/* A socket pair whose other end goes to the worker. */
static int reach(int pid, const struct cli_settings *set)
{
	const struct worker_order o = {
		.word = WORKER_CLI, .level = set->level, .prefix = set->prefix,
		.modes = (uint8_t)((set->expert ? ORDER_EXPERT : 0) | (set->experimental ? ORDER_EXPERIMENTAL : 0)),
	};
	const struct child *ch = child_of(pid);
	int pair[2];
	bool sent;

	if (!ch || ch->state == CHILD_STARTING || ch->channel.fd < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return -1;
	sent = fdpass_send(ch->channel.fd, &pair[1], 1, &o, sizeof(o), ORDER_MS);
	close(pair[1]);
	if (sent)
		return pair[0];
	close(pair[0]);
	return -1;
}

/* ---- show proc ---- */

static void put_process(struct sbuf *out, pid_t pid, const char *type, const char *reloads, uint64_t started_us)
{
	unsigned up = (unsigned)((loop_us_exact() - started_us) / 1000000);
	char age[32];

	snprintf(age, sizeof(age), "%ud%02uh%02um%02us", up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
	sbuf_printf(out, "%-15d %-15s %-15s %-15s %s\n", (int)pid, type, reloads, age, WEIR_COMPAT_VERSION);
}

static void put_children(struct sbuf *out, const char *title, enum child_state state)
{
	const struct child *ch;
	unsigned reloads, failed;
	char count[16];

	master_counts(&reloads, &failed);
	list_each(ch, master_children(), link) {
		if (ch->state != state)
			continue;
		if (title)
			sbuf_printf(out, "%s\n", title);
		title = NULL;
		snprintf(count, sizeof(count), "%u", reloads - ch->born_at_reload);
		put_process(out, ch->pid, "worker", count, ch->started_us);
	}
}

static enum ctl_result cmd_proc(struct ctl_req *r)
{
	unsigned reloads, failed;
	char count[48];

	master_counts(&reloads, &failed);
	snprintf(count, sizeof(count), "%u [failed: %u]", reloads, failed);
	sbuf_printf(r->out, "%-15s %-15s %-15s %-15s %-15s\n", "#<PID>", "<type>", "<reloads>", "<uptime>",
	            "<version>");
	put_process(r->out, getpid(), "master", count, live_get()->start_ms * 1000);
	sbuf_putz(r->out, "# workers\n");
	put_children(r->out, NULL, CHILD_RUNNING);
	put_children(r->out, "# old workers", CHILD_FORMER);
	return CTL_DONE;
}

/* ---- reload ---- */

/* One connection at a time waits for the outcome of its reload. */
static struct waiting {
	struct ctl_req *r;
	const struct child *child;
	bool over, good;
	struct sbuf logs;
} waiting;

static void stop_waiting(struct ctl_req *r)
{
	sbuf_fini(&waiting.logs);
	waiting = (struct waiting){ .r = NULL };
}

void master_cli_news(const struct child *ch, bool ready)
{
	if (!waiting.r || waiting.child != ch)
		return;
	waiting.over = true;
	waiting.good = ready;
	waiting.logs = sbuf_grow();
	sbuf_puts(&waiting.logs, sbuf_str(&ch->logs));
	ctl_wake(waiting.r);
}

static enum ctl_result cmd_reload(struct ctl_req *r, bool hard)
{
	if (waiting.r && waiting.r != r)
		return ctl_fail(r, "A reload is in progress.");
	if (!waiting.r) {
		waiting.child = master_reload(hard);
		if (!waiting.child)
			return ctl_fail(r, "The master cannot start a worker.");
		waiting.r = r;
		r->drop = stop_waiting;
	}
	r->wait_ms = 0;
	if (!waiting.over)
		return CTL_WAIT;
	sbuf_printf(r->out, "Success=%d\n--\n", waiting.good);
	sbuf_puts(r->out, sbuf_str(&waiting.logs));
	r->drop = NULL;
	stop_waiting(r);
	return CTL_QUIT;
}

static enum ctl_result cmd_soft(struct ctl_req *r)
{
	return cmd_reload(r, false);
}

static enum ctl_result cmd_hard(struct ctl_req *r)
{
	return cmd_reload(r, true);
}

static enum ctl_result cmd_logs(struct ctl_req *r)
{
	const struct child *ch = running();

	if (ch)
		sbuf_puts(r->out, sbuf_str(&ch->logs));
	return CTL_DONE;
}

/* What the prefix does is not a command; it is listed like one. */
static enum ctl_result cmd_prefix(struct ctl_req *r)
{
	return CTL_DONE;
}

const struct ctl_row master_rows[] = {
	{ "@<relative pid>", CTL_USER, cmd_prefix, NULL, "send a command to that worker (1: the one that runs)",
	  CTL_F_MASTER },
	{ "@!<pid>", CTL_USER, cmd_prefix, NULL, "send a command to the worker with that process id", CTL_F_MASTER },
	{ "@master", CTL_USER, cmd_prefix, NULL, "send a command to the master", CTL_F_MASTER },
	{ "show proc", CTL_USER, cmd_proc, NULL, "the master and its workers", CTL_F_MASTER },
	{ "reload", CTL_OPERATOR, cmd_soft, NULL,
	  "start a worker with the files as they are now; the running one finishes",
	  CTL_F_MASTER },
	{ "hard-reload", CTL_OPERATOR, cmd_hard, NULL, "the same, but the running worker ends at once", CTL_F_MASTER },
	{ "show startup-logs", CTL_USER, cmd_logs, NULL, "what the running worker said while starting", CTL_F_MASTER },
	{ NULL },
};

/* ---- the socket ---- */

/* "<address>,<word>,<value>..." as the line of a configuration. */
static void put_line(struct sbuf *out, const char *text)
{
	struct str rest = str_c(text), address = str_cut(&rest, ',');

	sbuf_printf(out, "global\n stats socket '" STR_FMT "' level admin", STR_ARG(address));
	while (rest.p) {
		sbuf_putc(out, ' ');
		sbuf_puts(out, str_cut(&rest, ','));
	}
	sbuf_putc(out, '\n');
}

bool master_cli_open(const char *text, struct diag *d)
{
	static const struct cli_master ways = { .find = find, .connect = reach };
	struct sbuf line = sbuf_grow();
	struct conf *c;
	bool ok;

	if (!text)
		return true;
	put_line(&line, text);
	c = conf_load_text("-S", sbuf_str(&line), d);
	sbuf_fini(&line);
	if (!c)
		return false;
	cli_set_master(&ways);
	ok = cli_open(c, true, d);
	conf_unref(c);
	setenv("HAPROXY_MASTER_CLI", text, 1);
	return ok;
}

void master_cli_begin(void)
{
	live_get()->start_ms = loop_ms();
	cli_join(0);
}
