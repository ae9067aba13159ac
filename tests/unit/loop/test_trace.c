#include "src/loop/trace.c"
#include "tests/unit/unit.h"

static const struct trace_event events[] = { { "one", "the first" }, { "two", "the second" },
					    { "three", "the third" } };
static const struct trace_row row = { TRACE_H1, "h1", "a source", events, 3 };
static char got[4096];

static bool keep(void *sink, struct str line)
{
	size_t n = strlen(got);

	snprintf(got + n, sizeof(got) - n, STR_FMT "\n", STR_ARG(line));
	return sink != NULL;
}

static bool refuse(void *sink, struct str line)
{
	return false;
}

static const void *conn_of(enum trace_lock lock, const struct trace_who *who)
{
	return lock == TRK_CONNECTION ? who->conn : NULL;
}

static struct trace_ops ops = { .write = keep, .lock_of = conn_of };

static struct trace_switch *fresh(void)
{
	struct trace_switch *sw = &trace_shared.sw[TRACE_H1];

	memset(got, 0, sizeof(got));
	ops.write = keep;
	trace_shared.ops = &ops;
	*sw = (struct trace_switch){ .row = &row, .level = TRL_USER, .verbosity = TRV_SIMPLE, .report = UINT64_MAX,
				     .sink = got };
	trace_set_state(sw, TRS_RUNNING);
	return sw;
}

static void say(unsigned event, enum trace_level level, const void *conn)
{
	trace_put(TRACE_H1, event, level, (struct trace_who){ .conn = conn }, "number %u", event);
}

START_TEST(a_line_says_who_and_what)
{
	fresh();
	ck_assert(trace_on(TRACE_H1));
	say(1, TRL_USER, NULL);
	ck_assert_str_eq(got, "[01|h1|1|two] number 1\n");
	trace_put(TRACE_H1, 0, TRL_ERROR, (struct trace_who){ 0 }, "a\nb\033[1m");
	ck_assert_str_eq(got, "[01|h1|1|two] number 1\n[01|h1|0|one] a.b.[1m\n");
}
END_TEST

START_TEST(level_report_and_verbosity_choose)
{
	struct trace_switch *sw = fresh();

	say(0, TRL_PROTO, NULL);
	ck_assert_str_eq(got, "");
	sw->level = TRL_DEVELOPER;
	sw->report = 4;
	say(0, TRL_PROTO, NULL);
	ck_assert_str_eq(got, "");
	sw->verbosity = TRV_QUIET;
	say(2, TRL_DATA, NULL);
	ck_assert_str_eq(got, "[01|h1|4|three] the third\n");
	sw->sink = NULL;
	say(2, TRL_DATA, NULL);
	ck_assert_str_eq(got, "[01|h1|4|three] the third\n");
	sw->sink = got;
	ops.write = refuse;
	say(2, TRL_DATA, NULL);
	ck_assert_uint_eq(sw->lost, 1);
}
END_TEST

START_TEST(events_start_pause_and_stop)
{
	struct trace_switch *sw = fresh();

	trace_set_state(sw, TRS_WAITING);
	sw->start = 2;
	sw->pause = 4;
	say(0, TRL_USER, NULL);
	ck_assert_str_eq(got, "");
	say(1, TRL_USER, NULL);
	say(0, TRL_USER, NULL);
	say(2, TRL_USER, NULL);
	say(0, TRL_USER, NULL);
	ck_assert_str_eq(got, "[01|h1|1|two] number 1\n[01|h1|1|one] number 0\n[01|h1|1|three] number 2\n");
	ck_assert_int_eq(sw->state, TRS_WAITING);
	sw->pause = 0;
	sw->stop = 1;
	say(1, TRL_USER, NULL);
	say(0, TRL_USER, NULL);
	ck_assert_int_eq(sw->state, TRS_STOPPED);
	ck_assert(!trace_on(TRACE_H1));
}
END_TEST

START_TEST(a_lock_keeps_to_the_first)
{
	struct trace_switch *sw = fresh();
	int a, b;

	sw->lock = TRK_CONNECTION;
	say(0, TRL_USER, NULL);
	say(0, TRL_USER, &a);
	say(1, TRL_USER, &b);
	say(2, TRL_USER, &a);
	ck_assert_str_eq(got, "[01|h1|1|one] number 0\n[01|h1|1|three] number 2\n");
	trace_set_state(sw, TRS_STOPPED);
	trace_set_state(sw, TRS_RUNNING);
	say(1, TRL_USER, &b);
	ck_assert(strstr(got, "two") != NULL);
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char text[3000];

	fresh();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	trace_put(TRACE_H1, 0, TRL_USER, (struct trace_who){ 0 }, "%s", text);
	ck_assert_uint_eq(strlen(got), LINE_MAX_BYTES);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("trace");

	UNIT_TEST(s, a_line_says_who_and_what);
	UNIT_TEST(s, level_report_and_verbosity_choose);
	UNIT_TEST(s, events_start_pause_and_stop);
	UNIT_TEST(s, a_lock_keeps_to_the_first);
	UNIT_TEST(s, long_lines_are_cut);
	return unit_run(s);
}
