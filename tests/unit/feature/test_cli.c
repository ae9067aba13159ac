#include "cli_peer.h"

#include <errno.h>
#include <stdio.h>

#include "weir/base/version.h"
#include "weir/feature/cli/cli.h"

/* ---- commands for the tests ---- */

static int dropped, calls;

static enum ctl_result run_big(struct ctl_req *r)
{
	uintptr_t n = (uintptr_t)r->state;

	calls++;
	for (int i = 0; i < 1000; i++)
		sbuf_printf(r->out, "line %06d\n", (int)n * 1000 + i);
	r->state = (void *)(n + 1);
	return n == 99 ? CTL_DONE : CTL_MORE;
}

static enum ctl_result run_slow(struct ctl_req *r)
{
	r->wait_ms = 10;
	if (!r->state) {
		r->state = r;
		return CTL_WAIT;
	}
	return ctl_say(r, CTL_NOTICE, "slow");
}

static void on_drop(struct ctl_req *r)
{
	dropped++;
}

static enum ctl_result run_stuck(struct ctl_req *r)
{
	r->drop = on_drop;
	return CTL_WAIT;
}

static enum ctl_result run_echo(struct ctl_req *r)
{
	for (int i = r->at; i < r->n; i++)
		sbuf_printf(r->out, "[" STR_FMT "]", STR_ARG(r->w[i]));
	if (r->payload.p)
		sbuf_printf(r->out, "{" STR_FMT "}", STR_ARG(r->payload));
	sbuf_putc(r->out, '\n');
	return CTL_DONE;
}

static enum ctl_result run_nothing(struct ctl_req *r)
{
	return CTL_DONE;
}

static const struct ctl_row own_rows[] = {
	{ "big", CTL_USER, run_big }, { "slow", CTL_USER, run_slow }, { "stuck", CTL_USER, run_stuck },
	{ "echo", CTL_USER, run_echo }, { "nothing", CTL_ADMIN, run_nothing }, { NULL },
};
static const struct ctl_row *const tables[] = { cli_rows, own_rows, NULL };

static int begin(enum ctl_level level)
{
	struct cli *c;

	ctl_set_tables(tables);
	return cli_begin(level, &c);
}

static const char *ask(const char *text)
{
	int fd = begin(CTL_ADMIN);

	put(fd, text);
	shutdown(fd, SHUT_WR);
	ck_assert(collect(fd, 50));
	hang_up(fd);
	return got;
}

START_TEST(one_line)
{
	ck_assert(loop_enter());
	ck_assert_str_eq(ask("show version\n"), WEIR_COMPAT_VERSION "\n\n");
	ck_assert_str_eq(ask("nothing\n"), "\n");
	ck_assert_str_eq(ask("nothing;nothing\n"), "\n\n");
	ck_assert_str_eq(ask("show cli level"), "admin\n\n");		/* no line end, but the end of input */
	ck_assert_str_eq(ask("quit\n"), "");
	ck_assert_str_eq(ask("echo a;quit;echo b\n"), "[a]\n\n");
	ck_assert_str_eq(ask(""), "");
	loop_leave();
}
END_TEST

START_TEST(closes_without_half_close)
{
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	put(fd, "echo a\n");
	ck_assert(collect(fd, 50));
	ck_assert_str_eq(got, "[a]\n\n");
	hang_up(fd);
	loop_leave();
}
END_TEST

START_TEST(words)
{
	ck_assert(loop_enter());
	ck_assert_str_eq(ask("  echo   a\tb  \r\n"), "[a][b]\n\n");
	ck_assert_str_eq(ask("echo a\\ b\\;c\\\\d e\\f\n"), "[a b;c\\d][ef]\n\n");
	ck_assert_str_eq(ask("echo \"a b\"\n"), "[\"a][b\"]\n\n");
	ck_assert_str_eq(ask("echo a ; echo b\n"), "[a]\n\n[b]\n\n");
	ck_assert_str_eq(ask("echo a\necho b\n"), "[a]\n\n[b]\n\n");
	loop_leave();
}
END_TEST

START_TEST(payload)
{
	ck_assert(loop_enter());
	ck_assert_str_eq(ask("echo a <<\nx y\nz;\n\n"), "[a]{x y\nz;\n}\n\n");
	ck_assert_str_eq(ask("echo a <<EOF\nx\n\ny\nEOF\n"), "[a]{x\n\ny\n}\n\n");
	ck_assert_str_eq(ask("echo <<\r\nx\r\n\r\n"), "{x\r\n}\n\n");
	ck_assert_str_eq(ask("echo b;echo a <<\n\n"), "[b]\n\n[a]{}\n\n");
	ck_assert_str_eq(ask("echo a <<\nx\n"), "");		/* cut short: not run */
	ck_assert_str_eq(ask("echo a << b\n"), "[a][<<][b]\n\n");
	loop_leave();
}
END_TEST

START_TEST(byte_by_byte)
{
	const char *text = "echo a\\ b <<\npay\nload\n\n";
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	for (; *text; text++) {
		ck_assert_int_eq(write(fd, text, 1), 1);
		loop_turn(0);
	}
	ck_assert(collect(fd, 50));
	ck_assert_str_eq(got, "[a b]{pay\nload\n}\n\n");
	hang_up(fd);
	loop_leave();
}
END_TEST

START_TEST(prompts)
{
	int fd;

	ck_assert(loop_enter());
	ck_assert_str_eq(ask("prompt\necho a\nquit\n"), "\n> [a]\n\n> ");
	ck_assert_str_eq(ask("prompt;echo a;prompt\n"), "\n> [a]\n\n> \n");
	ck_assert_str_eq(ask("prompt i\necho a\n"), "\n[a]\n\n");
	ck_assert_str_eq(ask("prompt p;prompt n;echo a\n"), "\n> \n[a]\n\n");
	ck_assert(strncmp(ask("prompt timed\n"), "\n[0:00:00:", 10) == 0);
	ck_assert(strncmp(ask("prompt foo\n"), "Usage: prompt", 13) == 0);
	fd = begin(CTL_ADMIN);
	put(fd, "prompt\n");
	ck_assert(!collect(fd, 5));
	put(fd, "echo a\n");
	ck_assert(!collect(fd, 5));
	ck_assert_str_eq(got, "\n> [a]\n\n> ");
	hang_up(fd);
	loop_leave();
}
END_TEST

START_TEST(line_too_long)
{
	static char text[17 * 1024];

	ck_assert(loop_enter());
	memset(text, 'x', sizeof(text) - 2);
	text[sizeof(text) - 2] = '\n';
	ck_assert_str_eq(ask(text), "");
	memcpy(text, "show cli level ", 15);
	text[16 * 1024] = '\n';
	text[16 * 1024 + 1] = '\0';
	ck_assert_str_eq(ask(text), "admin\n\n");
}
END_TEST

START_TEST(settings)
{
	ck_assert(loop_enter());
	ck_assert_str_eq(ask("user;show cli level;operator;nothing\n"),
	                 "\nuser\n\nPermission denied\n\nPermission denied\n\n");
	ck_assert_str_eq(ask("operator;show cli level\n"), "\noperator\n\n");
	ck_assert_str_eq(ask("expert-mode;expert-mode on;expert-mode;expert-mode off\n"),
	                 "expert-mode is OFF\n\n\nexpert-mode is ON\n\n\n");
	ck_assert_str_eq(ask("experimental-mode\n"), "experimental-mode is OFF\n\n");
	ck_assert_str_eq(ask("set severity-output number;slow\n"), "\n[5]: slow\n\n");
	ck_assert_str_eq(ask("set severity-output string;slow\n"), "\n[notice]: slow\n\n");
	ck_assert_str_eq(ask("set severity-output x\n"),
	                 "one of 'none', 'number', 'string' is a required argument\n\n");
	ck_assert_str_eq(ask("set timeout cli 10\n"), "\n");
	ck_assert_str_eq(ask("set timeout cli x\n"), "Invalid timeout value.\n\n");
	ck_assert_str_eq(ask("set timeout cli\n"), "Expects an integer value.\n\n");
	ck_assert_str_eq(ask("set timeout x\n"), "'set timeout' only supports 'cli'.\n\n");
	setenv("WEIR_TEST_VAR", "x=y", 1);
	ck_assert_str_eq(ask("show env WEIR_TEST_VAR\n"), "WEIR_TEST_VAR=x=y\n\n");
	ck_assert_str_eq(ask("show env WEIR_TEST\n"), "Variable not found\n\n");
	ck_assert_ptr_nonnull(strstr(ask("show env\n"), "\nWEIR_TEST_VAR=x=y\n"));
	ck_assert_ptr_nonnull(strstr(ask("help\n"), "  show env [<name>]  "));
	ck_assert_ptr_nonnull(strstr(ask("bogus\n"), "Unknown command: 'bogus', but maybe one"));
	loop_leave();
}
END_TEST

START_TEST(idle_connections_end)
{
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	put(fd, "prompt i;set timeout cli 30ms\n");
	ck_assert(collect(fd, 100));
	hang_up(fd);
	loop_leave();
}
END_TEST

/* A reader that does not read stops the command, not the process's memory. */
START_TEST(big_answers_are_bounded)
{
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	put(fd, "big\n");
	for (int i = 0; i < 50; i++)
		loop_turn(0);
	ck_assert_int_lt(calls, 60);
	ck_assert(collect(fd, 50));
	ck_assert_uint_eq(ngot, 100000 * 12 + 1);
	ck_assert(memcmp(got + ngot - 13, "line 099999\n\n", 13) == 0);
	hang_up(fd);
	loop_leave();
}
END_TEST

START_TEST(vanished_reader)
{
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	put(fd, "big\n");
	loop_turn(0);
	hang_up(fd);
	for (int i = 0; i < 10; i++)
		loop_turn(0);
	fd = begin(CTL_ADMIN);
	put(fd, "prompt i;set timeout cli 20ms;stuck\n");
	for (int i = 0; i < 20; i++)
		loop_turn(5);
	ck_assert_int_eq(dropped, 0);		/* a command that waits is not idle */
	hang_up(fd);
	for (int i = 0; i < 20; i++)
		loop_turn(5);
	ck_assert_int_eq(dropped, 1);
	loop_leave();
}
END_TEST

START_TEST(endless_line)
{
	static char text[20000];
	int fd;

	ck_assert(loop_enter());
	fd = begin(CTL_ADMIN);
	memset(text, 'x', sizeof(text) - 1);
	put(fd, text);
	ck_assert(collect(fd, 50));
	ck_assert_uint_eq(ngot, 0);
	hang_up(fd);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cli");

	UNIT_TEST(s, one_line);
	UNIT_TEST(s, closes_without_half_close);
	UNIT_TEST(s, words);
	UNIT_TEST(s, payload);
	UNIT_TEST(s, byte_by_byte);
	UNIT_TEST(s, prompts);
	UNIT_TEST(s, line_too_long);
	UNIT_TEST(s, settings);
	UNIT_TEST(s, idle_connections_end);
	UNIT_TEST(s, big_answers_are_bounded);
	UNIT_TEST(s, vanished_reader);
	UNIT_TEST(s, endless_line);
	return unit_run(s);
}
