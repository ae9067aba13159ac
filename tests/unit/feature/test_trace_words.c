/* The language of traces: what it sets, what it lists, what it refuses. */
#include "tests/unit/unit.h"

#include "src/boot/boot.h"
#include "src/feature/trace/trace_priv.h"
#include "weir/loop/trace.h"

static struct sbuf out;
static struct trace_switch *h1, *h2;

static enum trace_said say(const char *line, bool dry)
{
	struct str w[16], text = str_c(line);
	int n = 0;

	sbuf_clear(&out);
	while (text.p && text.n && n < 16)
		w[n++] = str_cut(&text, ' ');
	return trace_words(w, n, dry, NULL, &out);
}

static void wrong(const char *line, const char *why)
{
	ck_assert_int_eq(say(line, false), TSAID_WRONG);
	ck_assert_msg(!strcmp(sbuf_z(&out), why), "%s: %s", line, sbuf_z(&out));
}

static bool lists(const char *line, const char *text)
{
	return say(line, false) == TSAID_LIST && strstr(sbuf_z(&out), text);
}

static void begin(void)
{
	struct cmdline c = { .progname = "weir" };

	builtin_register(&c);
	out = sbuf_grow();
	h1 = trace_find(STR("h1"));
	h2 = trace_find(STR("h2"));
	ck_assert(h1 && h2);
}

START_TEST(sets)
{
	begin();
	ck_assert_int_eq(h1->state, TRS_STOPPED);
	ck_assert_int_eq(h1->level, TRL_USER);
	ck_assert_int_eq(say("h1 level developer verbosity complete lock connection start now", false), TSAID_DONE);
	ck_assert(h1->level == TRL_DEVELOPER && h1->verbosity == TRV_ADVANCED && h1->lock == TRK_CONNECTION);
	ck_assert(h1->state == TRS_RUNNING && trace_on(TRACE_H1) && !trace_on(TRACE_H2));
	ck_assert_int_eq(say("h1 pause now", false), TSAID_DONE);
	ck_assert_int_eq(h1->state, TRS_WAITING);
	ck_assert_int_eq(say("h1 stop now", false), TSAID_DONE);
	ck_assert(h1->state == TRS_STOPPED && !trace_on(TRACE_H1));
	ck_assert_int_eq(say("all level error", false), TSAID_DONE);
	ck_assert(h1->level == TRL_ERROR && h2->level == TRL_ERROR);
	ck_assert_int_eq(say("h1 verbosity minimal", false), TSAID_DONE);
	ck_assert_int_eq(h1->verbosity, TRV_SIMPLE);
}
END_TEST

START_TEST(events)
{
	begin();
	ck_assert_uint_eq(h1->report, UINT64_MAX);
	say("h1 event none", false);
	ck_assert_uint_eq(h1->report, 0);
	say("h1 event rx_hdrs event +tx_hdrs", false);
	ck_assert_int_eq(__builtin_popcountll(h1->report), 2);
	say("h1 event !rx_hdrs", false);
	ck_assert_int_eq(__builtin_popcountll(h1->report), 1);
	say("h1 event any event -tx_hdrs", false);
	ck_assert_int_eq(__builtin_popcountll(h1->report), 63);
	ck_assert_int_eq(say("h1 start rx_hdrs", false), TSAID_DONE);
	ck_assert_int_eq(h1->state, TRS_WAITING);	/* until there is such an event */
	ck_assert_int_eq(say("all event rx_frame", false), TSAID_DONE);	/* those that have it */
	wrong("h1 event rx_frame", "No such trace event");
	wrong("h1 event now", "No such trace event");	/* reports begin at no time */
}
END_TEST

START_TEST(dry_runs_change_nothing)
{
	begin();
	ck_assert_int_eq(say("h1 level developer event none start now sink nosuch", true), TSAID_DONE);
	ck_assert(h1->level == TRL_USER && h1->report == UINT64_MAX && h1->state == TRS_STOPPED);
	ck_assert_int_eq(say("0", true), TSAID_DONE);
	ck_assert_int_eq(say("h1 level foo", true), TSAID_WRONG);
}
END_TEST

START_TEST(stops_all)
{
	begin();
	say("all start now", false);
	ck_assert(trace_on(TRACE_H1) && trace_on(TRACE_STREAM));
	ck_assert_int_eq(say("0", false), TSAID_DONE);
	ck_assert_str_eq(sbuf_z(&out), "All traces now stopped");
	for (int i = 0; i < TRACE_IDS; i++)
		ck_assert(!trace_on((enum trace_id)i));
}
END_TEST

START_TEST(lists_what_there_is)
{
	begin();
	ck_assert(lists("", " [.] h1 "));
	ck_assert(lists("h1", "  verbosity : "));
	ck_assert(lists("h1 level", "  * user"));
	ck_assert(lists("h1 level developer level", "  * developer"));
	ck_assert(lists("h1 lock", "  * nothing"));
	ck_assert(lists("h1 sink", "Supported sinks for source h1 (*=current):\n"));
	ck_assert(lists("h1 event", "  + rx_hdrs"));
	ck_assert(!strstr(sbuf_z(&out), " now "));
	ck_assert(lists("h1 start", "  - now"));
	say("h1 start now", false);
	ck_assert(lists("", " [R] h1 "));
	say("h2 start h2c_new", false);
	ck_assert(lists("", " [w] h2 "));
}
END_TEST

START_TEST(mistakes)
{
	begin();
	wrong("nosuch", "No such trace source");
	wrong("h1 foo", "Unknown trace keyword");
	wrong("h1 level foo", "No such trace level");
	wrong("h1 verbosity foo", "No such verbosity level");
	wrong("h1 lock foo", "Unsupported lock-on criterion");
	wrong("h1 sink nosuch", "No such sink");
	wrong("h1 start foo", "No such trace event");
	wrong("h1 level error level foo", "No such trace level");
	ck_assert_int_eq(h1->level, TRL_ERROR);		/* what stood in front was done */
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("trace_words");

	UNIT_TEST(s, sets);
	UNIT_TEST(s, events);
	UNIT_TEST(s, dry_runs_change_nothing);
	UNIT_TEST(s, stops_all);
	UNIT_TEST(s, lists_what_there_is);
	UNIT_TEST(s, mistakes);
	return unit_run(s);
}
