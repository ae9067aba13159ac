/* The server of commands: reads lines, runs what they say one after the other, sends the answers. A command writes into
 * a buffer and is not called again before most of that was sent, so that no answer needs more memory than a
 * part of it. */
#include <stdio.h>

#include "cli_priv.h"
#include "weir/base/pool.h"
#include "weir/feature/cli/cli.h"
#include "weir/live/live.h"

#define CALLS_A_TURN 16		/* then others have their turn */
#define LINGER_MS 1000

static __thread struct list here;	/* this thread's */

static void work(struct cli *c);

static void release(struct cli *c)
{
	if (c->state == CLI_RUNNING && c->req.drop)
		c->req.drop(&c->req);
	list_del(&c->link);
	atom_sub(&live_get()->cli_conns, 1);
	timer_stop(&c->wait);
	task_cancel(&c->more);
	conn_close(c->conn, false);
	sbuf_fini(&c->in.buf);
	sbuf_fini(&c->out);
	arena_fini(&c->mem);
	OBJ_WIPE(c);
	pool_put(c, sizeof(*c));
}

/* ---- sending ---- */

/* False: the peer is gone. */
static bool send_some(struct cli *c)
{
	while (c->sent < c->out.n && conn_writable(c->conn)) {
		struct iovec iov = { c->out.p + c->sent, c->out.n - c->sent };
		ssize_t n = conn_sendv(c->conn, &iov, 1, false);

		if (n == IO_AGAIN)
			break;
		if (n <= 0)
			return false;
		c->sent += (size_t)n;
	}
	if (c->sent == c->out.n) {
		c->sent = 0;
		sbuf_clear(&c->out);
	}
	return true;
}

static size_t unsent(const struct cli *c)
{
	return c->out.n - c->sent;
}

/* ---- receiving ---- */

static void drop_consumed(struct cli_input *in)
{
	memmove(in->buf.p, in->buf.p + in->at, in->buf.n - in->at);
	in->buf.n -= in->at;
	in->at = 0;
}

/* False: the connection broke. Stops when the buffer holds more than one line and payload may. */
static bool receive(struct cli *c)
{
	struct cli_input *in = &c->in;

	if (in->at && (in->at == in->buf.n || in->at > CLI_LINE_MAX))
		drop_consumed(in);
	while (!in->eof && conn_readable(c->conn) && in->buf.n <= CLI_LINE_MAX + CLI_PAYLOAD_MAX) {
		char *room = sbuf_room(&in->buf, 4096);
		ssize_t n = conn_recv(c->conn, room, 4096);

		if (n == IO_AGAIN)
			break;
		if (n == IO_ERR)
			return false;
		if (n == IO_EOF)
			in->eof = true;
		else
			sbuf_commit(&in->buf, (size_t)n);
	}
	return true;
}

/* ---- commands ---- */

/* "master(xe)> ", "1234(e)> " */
static void put_master_prompt(struct cli *c)
{
	if (c->target)
		sbuf_printf(&c->out, "%d", c->target);
	else
		sbuf_putz(&c->out, "master");
	if (c->expert || c->experimental)
		sbuf_printf(&c->out, "(%s%s)", c->experimental ? "x" : "", c->expert ? "e" : "");
}

static void put_prompt(struct cli *c)
{
	uint64_t up = (loop_us_exact() - c->started_us) / 1000000;

	if (!c->no_line_feed)
		sbuf_putc(&c->out, '\n');
	if (!c->prompt)
		return;
	if (c->timed)
		sbuf_printf(&c->out, "[%u:%02u:%02u:%02u]", (unsigned)(up / 86400), (unsigned)(up / 3600 % 24),
		            (unsigned)(up / 60 % 60), (unsigned)(up % 60));
	if (c->master)
		put_master_prompt(c);
	sbuf_putz(&c->out, "> ");
}

static void command_over(struct cli *c, enum ctl_result how)
{
	c->state = CLI_READING;
	c->line_done = c->words.last;
	if (how == CTL_QUIT)
		c->state = CLI_ENDING;
	else
		put_prompt(c);
	c->no_line_feed = false;
	arena_fini(&c->mem);
}

static void obey(struct cli *c, enum ctl_result how)
{
	switch (how) {
	case CTL_MORE:
		break;
	case CTL_WAIT:
		c->waiting = !c->woken;
		if (c->waiting && c->req.wait_ms)
			timer_set(&c->wait, c->req.wait_ms);
		break;
	case CTL_DONE:
	case CTL_QUIT:
		command_over(c, how);
		break;
	}
}

static void on_wait_over(struct timer *t)
{
	struct cli *c = container_of(t, struct cli, wait);

	c->waiting = false;
	work(c);
}

static void wake(struct ctl_req *r)
{
	struct cli *c = r->conn;

	timer_stop(&c->wait);
	c->waiting = false;
	c->woken = true;
	task_wake(&c->more);
}

/* One prompt for each line that another one of the payload follows. */
static void ask_payload(struct cli *c, struct str text, int lines)
{
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	for (; c->prompt && c->payload_lines < lines; c->payload_lines++)
		sbuf_putz(&c->out, "+ ");
}

static void begin(struct cli *c)
{
	if (c->words.payload.p)
		ask_payload(c, c->words.payload, 1);	/* the command's own line */
	c->req = (struct ctl_req){
		.w = c->words.w, .n = c->words.n, .payload = c->words.payload, .level = c->level, .expert = c->expert,
		.experimental = c->experimental, .master = c->master, .prefix = c->prefix, .out = &c->out,
		.mem = &c->mem, .conn = c, .wake = wake,
	};
	c->payload_lines = 0;
	c->state = CLI_RUNNING;
	if (c->master && cli_relay_wanted(c)) {
		c->row = &cli_relay_row;
		obey(c, c->row->run(&c->req));
	} else if (c->master && !c->req.n && c->words.n) {
		c->no_line_feed = true;		/* a prefix alone: only the target changed */
		obey(c, CTL_DONE);
	} else {
		obey(c, ctl_run(&c->req, &c->row));
	}
}

/* Takes the next command, or ends the connection when there is none and none will come. False: wait. */
static bool next_command(struct cli *c)
{
	if (c->line_done && !c->interactive && !cli_input_pending(&c->in)) {
		c->state = CLI_ENDING;
		return true;
	}
	switch (cli_input_next(&c->in, &c->words, &c->mem)) {
	case CLI_NEXT_COMMAND:
		begin(c);
		return true;
	case CLI_NEXT_TOO_LONG:
		c->state = CLI_ENDING;
		return true;
	case CLI_NEXT_PAYLOAD:
		ask_payload(c, str_make(c->in.buf.p + c->in.at, c->in.buf.n - c->in.at), 0);
		break;
	case CLI_NEXT_NONE:
		break;
	}
	arena_fini(&c->mem);
	if (c->in.eof)
		c->state = CLI_ENDING;
	return c->in.eof;
}

/* ---- the end ---- */

/* Everything is sent: half-close, and wait a little for the peer's end so that no reset overtakes the answer.
 * False: the
 * connection is gone. */
static bool say_goodbye(struct cli *c)
{
	if (c->in.eof) {
		release(c);
		return false;
	}
	conn_shut(c->conn);
	c->state = CLI_LINGERING;
	timer_set(&c->conn->timer, LINGER_MS);
	return true;
}

static void linger(struct cli *c)
{
	char waste[4096];
	ssize_t n = IO_AGAIN;

	while (conn_readable(c->conn) && (n = conn_recv(c->conn, waste, sizeof(waste))) > 0)
		;
	if (n == IO_EOF || n == IO_ERR)
		release(c);
}

/* ---- the driver ---- */

static void work(struct cli *c)
{
	for (int calls = 0; c->state <= CLI_RUNNING; calls++) {
		if (unsent(c) >= CLI_OUT_HIGH && !send_some(c)) {
			release(c);
			return;
		}
		if (unsent(c) >= CLI_OUT_HIGH || c->waiting)
			break;
		if (calls == CALLS_A_TURN) {
			task_wake(&c->more);
			break;
		}
		c->woken = false;
		if (c->state == CLI_RUNNING)
			obey(c, c->row->run(&c->req));
		else if (!receive(c) || !next_command(c))
			break;
	}
	if (c->conn->flags & CONN_ERROR || !send_some(c))
		release(c);
	else if (c->state == CLI_ENDING && !unsent(c))
		say_goodbye(c);
}

static void on_more(struct task *t)
{
	work(container_of(t, struct cli, more));
}

static void on_io(struct conn *conn)
{
	struct cli *c = conn->arg;

	OBJ_CHECK(c, CLI_MAGIC);
	if (c->state == CLI_LINGERING) {
		linger(c);
		return;
	}
	if (c->waiting && conn->ev.ready & (EV_HUP | EV_ERR)) {
		release(c);	/* nobody will read what we are waiting for */
		return;
	}
	timer_set(&conn->timer, c->timeout_ms);
	work(c);
}

static void on_fail(struct conn *conn)
{
	release(conn->arg);
}

static void on_timeout(struct timer *t)
{
	struct cli *c = container_of(t, struct conn, timer)->arg;

	OBJ_CHECK(c, CLI_MAGIC);
	if (c->state == CLI_RUNNING && c->waiting && !unsent(c))
		timer_set(t, c->timeout_ms);	/* it is us who are slow */
	else
		release(c);
}

static const struct conn_user cli_user = { .on_open = on_io, .on_io = on_io, .on_fail = on_fail };

static struct list *connections(void)
{
	if (!here.next)
		list_init(&here);
	return &here;
}

void cli_leave(void)
{
	struct cli *c, *next;

	list_each_safe(c, next, connections(), link)
		release(c);
}

struct cli *cli_create(struct conn *conn, enum ctl_level level, enum ctl_prefix prefix)
{
	struct cli *c = pool_zget(sizeof(*c));

	c->magic = CLI_MAGIC;
	c->conn = conn;
	list_push(connections(), &c->link);
	atom_add(&live_get()->cli_conns, 1);
	c->level = level;
	c->prefix = prefix;
	c->timeout_ms = CLI_TIMEOUT_MS;
	c->started_us = loop_us_exact();
	c->in.buf = sbuf_grow();
	c->out = sbuf_grow();
	arena_init(&c->mem, 2048);
	timer_init(&c->wait, on_wait_over);
	task_init(&c->more, on_more, TASK_URGENT);
	conn->user = &cli_user;
	conn->arg = c;
	timer_init(&conn->timer, on_timeout);
	timer_set(&conn->timer, c->timeout_ms);
	return c;
}
