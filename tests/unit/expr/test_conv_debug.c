/* debug() leaves values alone and shows them. */
#include <unistd.h>
#include "tests/unit/expr/conv_test.h"

static char shown[256];

static bool sink_exists(struct str name)
{
	return str_eqz(name, "buf0") || str_eqz(name, "ring");
}

static void sink_write(struct str name, struct str line)
{
	snprintf(shown, sizeof(shown), STR_FMT " " STR_FMT, STR_ARG(name), STR_ARG(line));
}

static const struct debug_sink sink = { sink_exists, sink_write };

START_TEST(shows_on_a_ring)
{
	struct world w;

	conv_set_debug_sink(&sink);
	world_init(&w);
	VALUE(&w, "str(abc),debug(pfx,ring),length", "3");
	ck_assert_str_eq(shown, "ring [debug] pfx: type=str <abc>");
	VALUE(&w, "int(5),debug,add(1)", "6");
	ck_assert_str_eq(shown, "buf0 [debug] : type=sint <5>");
	VALUE(&w, "bin(610062),debug(x),hex", "610062");
	ck_assert_str_eq(shown, "buf0 [debug] x: type=bin <a>");
	VALUE(&w, "ipv4(1.2.3.4),debug(x)", "1.2.3.4");
	ck_assert_str_eq(shown, "buf0 [debug] x: type=ipv4 <1.2.3.4>");
	VALUE(&w, "int(5),debug(x,nope)", "ERR invalid args in converter 'debug' : No such sink 'nope'");
	world_fini(&w);
}
END_TEST

START_TEST(shows_on_stderr)
{
	static char long_text[8000];
	char got[5000];
	struct world w;
	int fds[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	world_init(&w);
	ck_assert_int_eq(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	VALUE(&w, "bool(1),debug(x,stderr)", "1");
	n = read(fds[0], got, sizeof(got));
	dup2(saved, STDERR_FILENO);
	ck_assert_int_eq(n, 25);
	ck_assert_mem_eq(got, "[debug] x: type=bool <1>\n", 25);
	memset(long_text, 'y', sizeof(long_text));
	set_text(&w, "txn.v", str_make(long_text, sizeof(long_text)));
	dup2(fds[1], STDERR_FILENO);
	VALUE(&w, "var(txn.v),debug(x,stderr),length", "8000");
	n = read(fds[0], got, sizeof(got));
	dup2(saved, STDERR_FILENO);
	ck_assert_int_eq(n, 4096);
	ck_assert_int_eq(got[n - 1], '\n');
	world_fini(&w);
}
END_TEST

START_TEST(without_rings)
{
	struct world w;

	conv_set_debug_sink(NULL);
	world_init(&w);
	VALUE(&w, "int(5),debug(x)", "5");
	ck_assert(strncmp(value_of(&w, "int(5),debug(x,ring)"), "ERR ", 4) == 0);
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_debug");

	UNIT_TEST(s, shows_on_a_ring);
	UNIT_TEST(s, shows_on_stderr);
	UNIT_TEST(s, without_rings);
	return unit_run(s);
}
