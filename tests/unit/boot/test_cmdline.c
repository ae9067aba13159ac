/* The command line: HAProxy's flags, what belongs to them, and what is wrong. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "src/boot/boot.h"

static struct cmdline c;

/* Words cut at blanks. */
static bool parse(const char *line)
{
	static char text[4000];
	char *argv[100], *rest = text;
	int n = 0, code;

	snprintf(text, sizeof(text), "/usr/sbin/weir %s", line);
	for (char *w; (w = strsep(&rest, " ")) && n < 99;)
		if (*w)
			argv[n++] = w;
	argv[n] = NULL;
	cmdline_fini(&c);
	return cmdline_parse(&c, n, argv, &code);
}

/* The usage goes to standard output and error. */
static bool refused(const char *line)
{
	int null = open("/dev/null", O_WRONLY);
	bool ok;

	fflush(NULL);
	dup2(null, 1);
	dup2(null, 2);
	close(null);
	ok = parse(line);
	fflush(NULL);
	return !ok;
}

START_TEST(files)
{
	ck_assert(parse("-f a -f b -- c -d"));
	ck_assert_str_eq(c.progname, "weir");
	ck_assert_int_eq(c.nfiles, 4);
	ck_assert_str_eq(c.files[0], "a");
	ck_assert_str_eq(c.files[3], "-d");	/* behind -- everything is a file */
	ck_assert(!c.debug);
	cmdline_fini(&c);
}
END_TEST

START_TEST(long_and_short)
{
	ck_assert(parse("-f a -d"));
	ck_assert(c.debug && !c.foreground && !c.diag_mode);
	ck_assert(parse("-f a -db -dD -D -q -V -c -4 -dr -dW -dV -dS -dR -de -dp"));
	ck_assert(c.foreground && !c.debug && c.diag_mode && c.daemon && c.quiet && c.verbose && c.check);
	ck_assert(c.ipv4_only && c.ignore_resolve && c.zero_warning && c.no_verify && c.no_splice && c.no_reuseport);
	ck_assert(parse("-Ws -f a -S /tmp/x,level,admin"));
	ck_assert_int_eq(c.worker, WORKER_NOTIFY);
	ck_assert_str_eq(c.master_cli, "/tmp/x,level,admin");
	ck_assert(parse("-W -f a"));
	ck_assert_int_eq(c.worker, WORKER_MASTER);
	ck_assert(parse("-vv"));
	ck_assert(c.version);
	ck_assert_str_eq(c.version_kind, "v");
	ck_assert(parse("-v"));
	ck_assert_str_eq(c.version_kind, "");
	ck_assert(parse("-cc streq(a,a)"));
	ck_assert_str_eq(c.cond, "streq(a,a)");
	ck_assert(parse("-f a -dKcfg,smp -dCkey"));
	ck_assert_str_eq(c.keywords, "cfg,smp");
	ck_assert_str_eq(c.dump_config, "key");
	cmdline_fini(&c);
}
END_TEST

START_TEST(numbers)
{
	ck_assert(parse("-n 100 -N 50 -m 2000 -f a -p pid -L me -C /tmp -x sock"));
	ck_assert(c.maxconn == 100 && c.proxy_maxconn == 50 && c.memory_mb == 2000);
	ck_assert_str_eq(c.pidfile, "pid");
	ck_assert_str_eq(c.localpeer, "me");
	ck_assert_str_eq(c.chdir, "/tmp");
	ck_assert_str_eq(c.old_socket, "sock");
	cmdline_fini(&c);
}
END_TEST

START_TEST(old_processes)
{
	ck_assert(parse("-f a -sf 12 13 14"));
	ck_assert_int_eq(c.nold_pids, 3);
	ck_assert(c.old_pids[0] == 12 && c.old_pids[2] == 14);
	ck_assert_int_eq(c.old_signal, SIGUSR1);
	ck_assert(parse("-st 7 -f a"));
	ck_assert_int_eq(c.old_signal, SIGTERM);
	ck_assert(c.nold_pids == 1 && c.nfiles == 1);
	ck_assert(parse("-f a -sf"));	/* scripts pass the result of pidof, which may be nothing */
	ck_assert_int_eq(c.nold_pids, 0);
	cmdline_fini(&c);
}
END_TEST

/* -dt takes what is glued behind it or the next word, unless that is a flag. */
START_TEST(traces)
{
	ck_assert(parse("-f a -dth1:developer"));
	ck_assert_str_eq(c.traces, "h1:developer");
	ck_assert(parse("-dt h1 -f a"));
	ck_assert_str_eq(c.traces, "h1");
	ck_assert(parse("-dt -f a"));
	ck_assert_str_eq(c.traces, "");
	ck_assert(parse("-f a -dt"));
	ck_assert_str_eq(c.traces, "");
	ck_assert(parse("-f a -dMno-merge,help -dT -dA"));	/* without effect */
	cmdline_fini(&c);
}
END_TEST

/* As HAProxy reads them: digits in front. */
START_TEST(words_for_numbers)
{
	static const struct { const char *line; int n; } rows[] = {
		{ "-f a -n x", 0 }, { "-f a -n 12x", 12 }, { "-f a -n -5", 0 }, { "-f a -n 99999999999", INT32_MAX },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(parse(rows[i].line));
		ck_assert_int_eq(c.maxconn, rows[i].n);
	}
	ck_assert(parse("-m x -N y -f a"));
	ck_assert(!c.memory_mb && !c.proxy_maxconn);
	cmdline_fini(&c);
}
END_TEST

START_TEST(mistakes)
{
	static const char *const lines[] = {
		"", "-f", "-n", "-foo", "-f a stray", "-dX -f a", "-",
		"-f a -p", "-sf x -f a", "--", "-d", "-f a -q1",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(refused(lines[i]), "accepted: %s", lines[i]);
	cmdline_fini(&c);
}
END_TEST

/* --- variables for the files --- */

START_TEST(variables)
{
	const char *const files[] = { "a.cfg", "b.cfg" };

	ck_assert(parse("-W -L me -f a"));
	unsetenv("HAPROXY_STARTUP_VERSION");
	env_for_files(&c, files, 2);
	ck_assert_str_eq(getenv("HAPROXY_CFGFILES"), "a.cfg;b.cfg");
	ck_assert_str_eq(getenv("HAPROXY_LOCALPEER"), "me");
	ck_assert_str_eq(getenv("HAPROXY_MWORKER"), "1");
	ck_assert(strchr(getenv("HAPROXY_BRANCH"), '.') && !strchr(getenv("HAPROXY_BRANCH"), '-'));
	ck_assert_str_eq(getenv("HAPROXY_TCP_LOG_FMT"),
			 "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq");
	setenv("HAPROXY_STARTUP_VERSION", "first", 1);
	env_for_files(&c, files, 1);
	ck_assert_str_eq(getenv("HAPROXY_STARTUP_VERSION"), "first");	/* of the first process of all */
	env_after_files();
	ck_assert_ptr_null(getenv("HAPROXY_TCP_LOG_FMT"));
	ck_assert_ptr_null(getenv("HAPROXY_BRANCH"));
	ck_assert_ptr_nonnull(getenv("HAPROXY_CFGFILES"));
	cmdline_fini(&c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cmdline");

	UNIT_TEST(s, files);
	UNIT_TEST(s, long_and_short);
	UNIT_TEST(s, numbers);
	UNIT_TEST(s, old_processes);
	UNIT_TEST(s, traces);
	UNIT_TEST(s, words_for_numbers);
	UNIT_TEST(s, mistakes);
	UNIT_TEST(s, variables);
	return unit_run(s);
}
