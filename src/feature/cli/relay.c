/* The master's CLI hands commands on to workers: `@1 show info`, `@!1234 show info`, or `@1` alone for all that follow.
 * Each command has a connection of its own to the worker, made by the master; its answer passes through as it comes. */
#include "cli_priv.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"

#define PIECE (16 * 1024)
#define PAYLOAD_END "%weir-end-of-payload%"

static const struct cli_master *master;

void cli_set_master(const struct cli_master *m)
{
	master = m;
}

/* ---- who is meant ---- */

/* Takes the prefix off the words of the request. */
static struct str take_prefix(struct ctl_req *r)
{
	struct str prefix = STR_NONE;

	if (r->n && r->w[0].n && r->w[0].p[0] == '@') {
		prefix = r->w[0];
		r->w++;
		r->n--;
	}
	return prefix;
}

struct relay {
	int pid;			/* -1: nobody has that name */
	struct str prefix;		/* as it was written */
	struct conn *conn;
	struct sbuf line;		/* what is sent to the worker */
	size_t sent;
	struct ctl_req *r;
};

/* Commands about the connection are the master's, whoever is the target. */
static bool about_connection(const struct ctl_req *r)
{
	static const char *const words[] = { "prompt", "quit", "user", "operator", "expert-mode", "experimental-mode" };

	for (size_t i = 0; r->n && i < ARRAY_LEN(words); i++)
		if (str_eqz(r->w[0], words[i]))
			return true;
	return false;
}

bool cli_relay_wanted(struct cli *c)
{
	struct ctl_req *r = &c->req;
	struct str prefix = take_prefix(r), name = prefix;
	int pid = c->target;
	struct relay *a;

	if (prefix.p) {
		/* @@ gives the whole connection away in HAProxy; here it is the same as @. */
		name = str_skip(prefix, str_starts(prefix, STR("@@")) ? 2 : 1);
		pid = master->find(name);
		if (!r->n && pid >= 0) {
			c->target = pid;
			return false;
		}
	}
	if (pid == 0 || (!prefix.p && about_connection(r)))
		return false;
	r->state = a = arena_new(r->mem, struct relay);
	a->pid = pid;
	a->prefix = prefix;
	a->r = r;
	return true;
}

/* ---- the way there and back ---- */

static void on_news(struct conn *conn)
{
	struct relay *a = conn->arg;

	ctl_wake(a->r);
}

static const struct conn_user relay_user = { .on_open = on_news, .on_io = on_news, .on_fail = on_news };

static void put_word(struct sbuf *line, struct str word)
{
	for (size_t i = 0; i < word.n; i++) {
		if (strchr("\\; \t\r", word.p[i]))
			sbuf_putc(line, '\\');
		sbuf_putc(line, word.p[i]);
	}
	sbuf_putc(line, ' ');
}

static void put_line(struct relay *a)
{
	const struct ctl_req *r = a->r;

	a->line = sbuf_grow();
	for (int i = 0; i < r->n; i++)
		put_word(&a->line, r->w[i]);
	if (r->payload.p) {
		sbuf_putz(&a->line, "<<" PAYLOAD_END "\n");
		sbuf_puts(&a->line, r->payload);
		sbuf_putz(&a->line, PAYLOAD_END);
	}
	sbuf_putc(&a->line, '\n');
}

static void end_relay(struct ctl_req *r)
{
	struct relay *a = r->state;

	if (a->conn)
		conn_close(a->conn, false);
	sbuf_fini(&a->line);
}

static enum ctl_result begin(struct ctl_req *r, struct relay *a)
{
	const struct cli *c = cli_of(r);
	const struct cli_settings set = {
		.level = c->level, .prefix = c->prefix, .expert = c->expert, .experimental = c->experimental,
	};
	int fd;

	cli_of(r)->no_line_feed = true;		/* the answer has its own */
	if (a->pid < 0)
		return ctl_fail(r, "Can't find the target PID matching the prefix '" STR_FMT "'", STR_ARG(a->prefix));
	fd = master->connect(a->pid, &set);
	a->conn = fd < 0 ? NULL : conn_wrap(fd, CONN_UNIX);
	if (!a->conn)
		return ctl_fail(r, "Can't connect to the target CLI!");
	a->conn->user = &relay_user;
	a->conn->arg = a;
	put_line(a);
	r->drop = end_relay;
	r->wait_ms = 0;
	conn_advance(a->conn);
	return CTL_WAIT;
}

/* False: the worker is gone. */
static bool send_line(struct relay *a)
{
	while (a->sent < a->line.n) {
		struct iovec iov = { a->line.p + a->sent, a->line.n - a->sent };
		ssize_t n = conn_sendv(a->conn, &iov, 1, false);

		if (n == IO_AGAIN)
			return true;
		if (n <= 0)
			return false;
		a->sent += (size_t)n;
	}
	if (!(a->conn->flags & CONN_WR_SHUT))
		conn_shut(a->conn);
	return true;
}

static enum ctl_result relay(struct ctl_req *r)
{
	struct relay *a = r->state;
	ssize_t n;

	if (!a->conn)
		return begin(r, a);
	n = send_line(a) ? conn_recv(a->conn, sbuf_room(r->out, PIECE), PIECE) : IO_ERR;
	r->wait_ms = 0;
	if (n > 0) {
		sbuf_commit(r->out, (size_t)n);
		return CTL_MORE;
	}
	if (n == IO_AGAIN)
		return CTL_WAIT;
	r->drop = NULL;
	end_relay(r);
	return CTL_DONE;
}

const struct ctl_row cli_relay_row = { "@", CTL_USER, relay, NULL, "hand a command on to a worker",
				       CTL_F_BOTH | CTL_F_HIDDEN };
