/* The master's CLI: who a command is for, what the worker is sent, and how its answer comes back. The test is the
 * worker. */
#include "cli_peer.h"

#include <stdio.h>

#include "weir/feature/cli/cli.h"

#define WORKER 77
#define UNREACHABLE 78

static int worker = -1;			/* the worker's end */
static struct cli_settings asked;	/* with what the worker was reached */

static int find_process(struct str name)
{
	static const struct { const char *name; int pid; } names[] = {
		{ "", 0 }, { "master", 0 }, { "1", WORKER }, { "!77", WORKER }, { "!78", UNREACHABLE },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqz(name, names[i].name))
			return names[i].pid;
	return -1;
}

static int reach_process(int pid, const struct cli_settings *set)
{
	int fd[2];

	if (pid != WORKER)
		return -1;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	worker = fd[1];
	asked = *set;
	return fd[0];
}

static enum ctl_result run_own(struct ctl_req *r)
{
	sbuf_putz(r->out, "the master's own\n");
	return CTL_DONE;
}

static const struct ctl_row own_rows[] = { { "own", CTL_USER, run_own, NULL, "", CTL_F_BOTH }, { NULL } };
static const struct ctl_row *const tables[] = { cli_rows, own_rows, NULL };
static const struct cli_master ways = { .find = find_process, .connect = reach_process };
static struct cli *cli;
static int fd;

static void begin(void)
{
	ck_assert(loop_enter());
	ctl_set_tables(tables);
	cli_set_master(&ways);
	fd = cli_begin(CTL_ADMIN, &cli);
	cli->master = true;
}

static void end(void)
{
	hang_up(fd);
	loop_leave();
}

static void turns(void)
{
	for (int i = 0; i < 5; i++)
		loop_turn(0);
}

/* The whole of what the worker got, which ends with it. */
static void worker_got(const char *text)
{
	char buf[70000];
	size_t n = 0;
	ssize_t r;

	for (int i = 0; i < 200; i++) {
		turns();
		ck_assert_int_ge(worker, 0);
		r = read(worker, buf + n, sizeof(buf) - 1 - n);
		if (r == 0)
			break;
		n += r > 0 ? (size_t)r : 0;
	}
	buf[n] = 0;
	ck_assert_str_eq(buf, text);
}

static void worker_says(const char *text)
{
	put(worker, text);
	turns();
}

static void worker_ends(void)
{
	close(worker);
	worker = -1;
	turns();
}

static void comes_back(const char *text)
{
	collect(fd, 5);
	ck_assert_str_eq(got, text);
	ngot = 0;
}

START_TEST(there_and_back)
{
	begin();
	put(fd, "prompt i;@1 show  info\ttyped\n");
	worker_got("show info typed \n");
	ck_assert_int_eq(asked.level, CTL_ADMIN);
	ngot = 0;
	worker_says("a\n");
	worker_says("b\n\n");
	worker_ends();
	collect(fd, 5);
	ck_assert_ptr_nonnull(strstr(got, "a\nb\n\n"));
	ck_assert_ptr_null(strstr(got, "a\nb\n\n\n"));	/* the line feed of the answer is the worker's */
	end();
}
END_TEST

/* What was quoted stays one word. */
START_TEST(words_are_quoted_again)
{
	begin();
	put(fd, "@1 a\\ b \\;c \\\\ d\n");
	worker_got("a\\ b \\;c \\\\ d \n");
	worker_ends();
	end();
}
END_TEST

START_TEST(payloads)
{
	begin();
	put(fd, "prompt i\n@1 x y <<\nl;1\n@2\n\n");
	worker_got("x y <<%weir-end-of-payload%\nl;1\n@2\n%weir-end-of-payload%\n");
	worker_ends();
	put(fd, "@1 x <<\n\n");
	worker_got("x <<%weir-end-of-payload%\n%weir-end-of-payload%\n");
	worker_ends();
	end();
}
END_TEST

START_TEST(names)
{
	begin();
	put(fd, "prompt i\n");
	collect(fd, 5);
	ngot = 0;
	put(fd, "@9 x\n");
	comes_back("Can't find the target PID matching the prefix '@9'\n");
	put(fd, "@!78 x\n");
	comes_back("Can't connect to the target CLI!\n");
	put(fd, "@master own\n");
	comes_back("the master's own\n\n");
	put(fd, "@ own\n");
	comes_back("the master's own\n\n");
	put(fd, "own\n");
	comes_back("the master's own\n\n");
	put(fd, "@@1 own\n");
	worker_got("own \n");
	worker_ends();
	end();
}
END_TEST

/* @1 alone is for all that follow, but for what is about the connection itself. */
START_TEST(a_target_that_stays)
{
	begin();
	put(fd, "prompt i\n@!77\n");
	collect(fd, 5);
	ck_assert_int_eq(cli->target, WORKER);
	put(fd, "own\n");
	worker_got("own \n");
	worker_ends();
	collect(fd, 5);
	ngot = 0;
	put(fd, "expert-mode on;user\n");
	turns();
	ck_assert(cli->expert);
	ck_assert_int_eq(cli->level, CTL_USER);
	put(fd, "own\n");
	worker_got("own \n");
	ck_assert_int_eq(asked.level, CTL_USER);
	ck_assert(asked.expert);
	worker_ends();
	collect(fd, 5);
	ngot = 0;
	put(fd, "@9\n");		/* nobody: the target stays */
	collect(fd, 5);
	ck_assert_ptr_nonnull(strstr(got, "Can't find the target PID"));
	ck_assert_int_eq(cli->target, WORKER);
	ngot = 0;
	put(fd, "@master\nown\n");
	collect(fd, 5);
	ck_assert_int_eq(cli->target, 0);
	ck_assert_ptr_nonnull(strstr(got, "the master's own\n"));
	end();
}
END_TEST

/* A worker that dies in the middle ends the answer, not the connection. */
START_TEST(a_worker_that_dies)
{
	begin();
	put(fd, "prompt i\n@1 x\n");
	turns();
	ck_assert_int_ge(worker, 0);
	worker_says("half");
	worker_ends();
	collect(fd, 5);
	ck_assert_ptr_nonnull(strstr(got, "half"));
	ngot = 0;
	put(fd, "own\n");
	comes_back("the master's own\n\n");
	end();
}
END_TEST

/* An asker who goes takes the way to the worker along. */
START_TEST(an_asker_who_goes)
{
	char c;

	begin();
	put(fd, "prompt i\n@1 x\n");
	worker_got("x \n");
	hang_up(fd);
	turns();
	ck_assert_int_le(write(worker, "x", 1), 0);
	ck_assert_int_le(read(worker, &c, 1), 0);
	close(worker);
	loop_leave();
}
END_TEST

/* An answer that nobody reads stays with the worker. */
START_TEST(push_back)
{
	static char piece[65536];
	size_t sent = 0;
	ssize_t n;

	begin();
	put(fd, "prompt i\n@1 x\n");
	worker_got("x \n");
	memset(piece, 'x', sizeof(piece));
	for (int i = 0; i < 100; i++) {
		n = write(worker, piece, sizeof(piece));
		sent += n > 0 ? (size_t)n : 0;
		turns();
	}
	ck_assert_uint_lt(sent, 2 * 1024 * 1024);
	ck_assert_uint_le(cli->out.n - cli->sent, CLI_OUT_HIGH + 16 * 1024);
	close(worker);
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cli_relay");

	signal(SIGPIPE, SIG_IGN);
	UNIT_TEST(s, there_and_back);
	UNIT_TEST(s, words_are_quoted_again);
	UNIT_TEST(s, payloads);
	UNIT_TEST(s, names);
	UNIT_TEST(s, a_target_that_stays);
	UNIT_TEST(s, a_worker_that_dies);
	UNIT_TEST(s, an_asker_who_goes);
	UNIT_TEST(s, push_back);
	return unit_run(s);
}
