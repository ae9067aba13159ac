/* Lines of the global section: what they leave behind, and where their numbers end. */
#include <pwd.h>
#include <sched.h>

#include "tests/unit/model/load.h"

static const struct line wrong[] = {
	{ "nbthread 0", "'nbthread' value must be between 1 and 256 (was 0)" },
	{ "nbthread -1", "'nbthread' passed a missing or unparsable integer value in '-1'" },
	{ "nbthread 4294967297", "'nbthread' value must be between 1 and 256 (was 4294967297)" },
	{ "nbthread 99999999999999999999", "unparsable integer value in '99999999999999999999'" },
	{ "thread-groups 65", "'thread-groups' value must be between 1 and 64 (was 65)" },
	{ "thread-group 1 4-257", "'thread-group 1' passed an unparsable or invalid thread number '4-257'" },
	{ "thread-group 1 0", "invalid thread number '0' (valid range is 1 to 256)" },
	{ "cpu-map 1", "cpu-map expects a thread group number" },
	{ "cpu-map 0 1", "cpu-map : '0' is not a valid number/range. It supports numbers from 1 to 256." },
	{ "cpu-map 1/257 1", "cpu-map : '257' is not a valid number/range." },
	{ "cpu-map 1/4-2 1", "cpu-map : '4-2' is not a valid number/range." },
	{ "cpu-map 1/ 1", "cpu-map : '' is not a valid number/range." },
	{ "cpu-map x/1 1", "cpu-map : 'x' is not a valid number/range." },
	{ "cpu-map -3 1", "is not a valid number/range." },
	{ "cpu-map 300- 1", "is not a valid number/range." },
	{ "cpu-map 1 1024", "cpu-map : supports CPU numbers from 0 to 1023." },
	{ "cpu-map 1 5-3", "cpu-map : supports CPU numbers from 0 to 1023." },
	{ "cpu-map 1 1,", "cpu-map : supports CPU numbers from 0 to 1023." },
	{ "cpu-map 1 1-18446744073709551615", "cpu-map : supports CPU numbers from 0 to 1023." },
	{ "cpu-map auto:1/1-2 0-2", "must have the same size" },
	{ "cpu-set drop-cpu", "'cpu-set' : '' is not a CPU range." },
	{ "cpu-set only-cpu 0-1024", "'cpu-set' : '0-1024' is not a CPU range." },
	{ "unix-bind mode", "unix_bind 'mode' expects a value as an argument." },
	{ "unix-bind mode 17777", "missing or invalid mode '17777' (octal integer expected)" },
	{ "unix-bind mode 77777777777", "missing or invalid mode '77777777777'" },
	{ "unix-bind uid x", "unix_bind 'uid' expects a number." },
	{ "unix-bind uid 4294967296", "unix_bind 'uid' expects a number." },
	{ "unix-bind gid -2", "unix_bind 'gid' expects a number." },
	{ "unix-bind user nosuch", "cannot find user id for 'nosuch'" },
	{ "unix-bind prefix", "unix_bind 'prefix' expects a path as an argument." },
	{ "spread-checks", "'spread-checks' expects an integer argument (0..50)." },
	{ "spread-checks -1", "'spread-checks' needs a positive value in range 0..50." },
	{ "spread-checks 51", "'spread-checks' needs a positive value in range 0..50." },
	{ "close-spread-time x", "unexpected character 'x' in" },
	{ "setcap cap_net_raw,", "'setcap' : unsupported capability ''." },
	{ "warn-blocked-traffic-after 0", "expects a time between 1 and 1000 ms." },
	{ "warn-blocked-traffic-after 1001", "expects a time between 1 and 1000 ms." },
	{ "node", "'node' requires valid node name" },
	{ "profiling.tasks maybe", "'profiling.tasks' expects either 'on', 'auto', or 'off' but got 'maybe'." },
	{ "description", "'description' expects a string argument." },
};

START_TEST(limits)
{
	all_refused("global\n", wrong, ARRAY_LEN(wrong));
}
END_TEST

static bool runs_on(const struct conf *c, int thread, int cpu)
{
	return c->global.cpu_map[thread - 1][cpu / 64] >> cpu % 64 & 1;
}

static int cpus_of(const struct conf *c, int thread)
{
	int n = 0;

	for (int i = 0; i < CPU_WORDS; i++)
		n += __builtin_popcountll(c->global.cpu_map[thread - 1][i]);
	return n;
}

/* Lines add up thread by thread; one about a thread again takes the place of the one before. */
START_TEST(threads_and_cpus)
{
	struct conf *c = good_global("\tcpu-map 1/odd 0-1023\n\tcpu-map 1/2 1,64-66 127\n\tcpu-map auto:1/5,3 9 70\n"
				     "\tcpu-map 256- 1023\n\tcpu-map 1/254-255 3\n\tcpu-map even/254 4");

	ck_assert_int_eq(cpus_of(c, 1), 1024);
	ck_assert_int_eq(cpus_of(c, 2), 5);
	ck_assert(runs_on(c, 2, 1) && runs_on(c, 2, 64) && runs_on(c, 2, 66) && runs_on(c, 2, 127));
	/* in the order of numbers, not of words */
	ck_assert(cpus_of(c, 3) == 1 && runs_on(c, 3, 9));
	ck_assert(cpus_of(c, 5) == 1 && runs_on(c, 5, 70));
	ck_assert_int_eq(cpus_of(c, 4), 0);
	ck_assert(cpus_of(c, 256) == 1 && runs_on(c, 256, 1023));
	ck_assert(cpus_of(c, 255) == 1 && runs_on(c, 255, 3));
	ck_assert(cpus_of(c, 254) == 1 && runs_on(c, 254, 4));
	conf_unref(c);
	c = good_global("\tcpu-map all 0\n\tcpu-map auto:1/all 0-255");
	for (int t = 1; t <= 256; t++)
		ck_assert(cpus_of(c, t) == 1 && runs_on(c, t, t - 1));
	conf_unref(c);
}
END_TEST

START_TEST(choice_of_cpus)
{
	struct conf *c = good_global("\tcpu-set reset\n\tcpu-set only-cpu 0-3\n\tcpu-set drop-cpu 1\n"
				     "\tcpu-set only-cpu 1023");
	const struct cpu_choice *cpus = &c->global.cpus;

	ck_assert(cpus->reset && cpus->some);
	ck_assert_uint_eq(cpus->only[0], 0xf);
	ck_assert_uint_eq(cpus->only[CPU_WORDS - 1], 1ULL << 63);
	ck_assert_uint_eq(cpus->drop[0], 2);
	conf_unref(c);
	c = good_global("\tcpu-set drop-cpu 5");
	ck_assert(!c->global.cpus.some && !c->global.cpus.reset);
	conf_unref(c);
}
END_TEST

START_TEST(rights_of_unix_sockets)
{
	struct conf *c = good_global("\tunix-bind prefix /p/ mode 7777 uid 2147483647 gid 0\n\tunix-bind mode 600");

	ck_assert(str_eqz(c->global.unix_prefix, "/p/"));
	ck_assert_uint_eq(c->global.unix_mode, 0600);
	ck_assert_int_eq(c->global.unix_uid, INT32_MAX);
	ck_assert_int_eq(c->global.unix_gid, 0);
	conf_unref(c);
	c = good_global("\tunix-bind mode 7777 user root");
	ck_assert_uint_eq(c->global.unix_mode, 07777);
	ck_assert_int_eq(c->global.unix_uid, 0);
	conf_unref(c);
}
END_TEST

/* The first line about the user counts, whichever word it used; a text for a number is told and means nothing. */
START_TEST(who_we_run_as)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct conf *c = load_text("global\n\tuid 7\n\tuser nosuch\n\tgid 8\n\tgid 9\n\tgroup nosuch\n");

	ck_assert_ptr_nonnull(c);
	ck_assert(c->global.uid == 7 && c->global.gid == 8 && !c->global.user.n);
	ck_assert(has_said("user/uid already specified. Continuing."));
	ck_assert(has_said("group/gid already specified. Continuing."));
	ck_assert(has_said("gid/group was already specified. Continuing."));
	conf_unref(c);
	warned("global\n\tuid nobody\n", "You might want to use the 'user' parameter to use a system user name.");
	warned("global\n\tgid 4294967297\n", "string '4294967297' is not a number.");
	c = load_text("global\n\tuid -5\n");
	ck_assert(c && c->global.uid != -5);
	conf_unref(c);
	if (nobody) {
		c = good_global("\tuser nobody");
		ck_assert_int_eq(c->global.uid, (int)nobody->pw_uid);
		ck_assert(str_eqz(c->global.user, "nobody"));
		conf_unref(c);
	}
}
END_TEST

START_TEST(small_ones)
{
	struct conf *c = good_global("\tclose-spread-time infinite\n\tmworker-max-reloads 0\n\tnode a-b_c.D9\n"
				     "\tdescription two  words\n\tprofiling.tasks auto\n"
				     "\tsetcap cap_net_raw,cap_net_admin\n\tsetcap cap_net_bind_service\n"
				     "\twarn-blocked-traffic-after 1s\n\tdns-accept-family ipv4\n\tspread-checks 50");

	ck_assert_uint_eq(c->global.close_spread, UINT32_MAX);
	ck_assert_int_eq(c->global.max_reloads, 1);
	ck_assert(str_eqz(c->global.node, "a-b_c.D9") && str_eqz(c->global.description, "two words"));
	ck_assert_int_eq(__builtin_popcountll(c->global.caps), 3);
	ck_assert_uint_eq(c->global.blocked_ms, 1000);
	ck_assert_uint_eq(c->global.profiling_tasks, 1);
	ck_assert(c->ipv4_only);
	conf_unref(c);
	c = good_global("\tclose-spread-time 24d\n\tdns-accept-family auto");
	ck_assert_uint_eq(c->global.close_spread, 24U * 86400 * 1000);
	ck_assert(!c->ipv4_only && !c->global.max_reloads && !c->global.caps);
	conf_unref(c);
	warned("global\n\tmworker-max-reloads -1\n", "invalid value -1, must be >= 0");
	warned("global\n\tmworker-max-reloads 2147483647\n", "invalid value 2147483647, must be >= 0");
	warned("global\n\tmworker-max-reloads x\n", "'mworker-max-reloads' expects an integer argument.");
}
END_TEST

/* Names of which the first line counts, and those of which the last one does. */
START_TEST(paths)
{
	struct conf *c = load_text("global\n\tpidfile /a\n\tpidfile /b\n\tchroot /c\n\tchroot /d\n\tlocalpeer e\n"
				   "\tlocalpeer f\n\tserver-state-file g\n\tserver-state-file h\n\tstats-file i\n");
	const struct global *g = &c->global;

	ck_assert(str_eqz(g->pidfile, "/a") && str_eqz(g->chroot, "/c") && str_eqz(g->localpeer, "f"));
	ck_assert(str_eqz(g->server_state_file, "g") && str_eqz(g->stats_file, "i"));
	ck_assert(has_said("'pidfile' already specified. Continuing."));
	conf_unref(c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("global");
	int failed;

	tables_up();
	UNIT_TEST(s, limits);
	UNIT_TEST(s, threads_and_cpus);
	UNIT_TEST(s, choice_of_cpus);
	UNIT_TEST(s, rights_of_unix_sockets);
	UNIT_TEST(s, who_we_run_as);
	UNIT_TEST(s, small_ones);
	UNIT_TEST(s, paths);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
