#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/addr.h"
#include "weir/sys/clock.h"
#include "weir/sys/daemon.h"
#include "weir/sys/limits.h"
#include "weir/sys/notify.h"
#include "weir/sys/privileges.h"
#include "weir/sys/proc.h"

START_TEST(plan_from_the_limit)
{
	struct limits_ask ask = { .maxpipes = -1, .fixed = 24 };
	struct limits_plan p;

	limits_plan(&ask, 1024, &p);
	ck_assert_uint_eq(p.maxconn, 500);
	ck_assert_uint_eq(p.maxpipes, 0);
	ck_assert_uint_eq(p.maxsock, 1024);
	ask.splice = true;
	limits_plan(&ask, 1024, &p);
	ck_assert_uint_eq(p.maxconn, 400);
	ck_assert_uint_eq(p.maxpipes, 100);
	ck_assert_uint_le(p.maxsock, 1024);
	ask.maxpipes = 50;
	limits_plan(&ask, 1024, &p);
	ck_assert_uint_eq(p.maxconn, 450);
	ck_assert_uint_eq(p.maxsock, 1024);
	ask.fd_hard_limit = 524;
	limits_plan(&ask, UINT64_MAX, &p);
	ck_assert_uint_eq(p.maxconn, 200);
	limits_plan(&ask, 10, &p);
	ck_assert_uint_eq(p.maxconn, 100);	/* never none */
}
END_TEST

START_TEST(plan_from_maxconn)
{
	struct limits_ask ask = { .maxconn = 1000, .maxpipes = -1, .splice = true, .fixed = 10 };
	struct limits_plan p;

	limits_plan(&ask, 100, &p);
	ck_assert_uint_eq(p.maxconn, 1000);
	ck_assert_uint_eq(p.maxpipes, 250);
	ck_assert_uint_eq(p.maxsock, 2510);
	ask.ulimit_n = 100000;
	ask.maxconn = 0;
	ask.maxpipes = 0;
	limits_plan(&ask, 100, &p);
	ck_assert_uint_eq(p.maxconn, (100000 - 10) / 2);
}
END_TEST

START_TEST(descriptors_raised)
{
	struct rlimit lim = { 100, 200 };
	uint64_t got, hard;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	ck_assert(limits_raise_nofile(150, &got));
	ck_assert_uint_eq(got, 150);
	ck_assert(limits_raise_nofile(50, &got));	/* never lowered */
	ck_assert_uint_eq(got, 150);
	if (geteuid() == 0 && setuid(65534) == 0) {
		ck_assert(!limits_raise_nofile(5000, &got));
		ck_assert_uint_eq(got, 200);		/* all that there is */
		limits_nofile(&got, &hard);
		ck_assert_uint_eq(hard, 200);
	}
	ck_assert(limits_core() || errno == EPERM);
}
END_TEST

static bool all_gone(const char *dir)
{
	struct priv_want w = { .chroot = dir,
			       .uid = 65534,
			       .gid = 65534,
			       .caps = priv_cap(STR("cap_net_bind_service")) };
	gid_t groups[4];

	return priv_drop(&w) == PRIV_OK && geteuid() == 65534 && getegid() == 65534 && getgroups(4, groups) == 0 &&
	       open("/etc/passwd", O_RDONLY) < 0 && setuid(0) < 0 && priv_no_setuid() && priv_dumpable(false) &&
	       priv_drop(&(struct priv_want){ .chroot = "/", .uid = -1, .gid = -1 }) == PRIV_CHROOT;
}

START_TEST(privileges_are_gone)
{
	struct priv_want w = { .uid = 65534, .gid = 65534 };
	char dir[] = "/tmp/weir-priv-XXXXXX";
	int status;
	pid_t pid;

	ck_assert_uint_ne(priv_cap(STR("cap_net_bind_service")), 0);
	ck_assert_uint_eq(priv_cap(STR("cap_everything")), 0);
	if (geteuid() != 0) {
		ck_assert_int_ne(priv_drop(&w), PRIV_OK);
		return;
	}
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chmod(dir, 0755), 0);
	pid = fork();
	if (pid == 0)
		_exit(all_gone(dir) ? 0 : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	rmdir(dir);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(pidfile_is_whole)
{
	char path[] = "/tmp/weir-pid-XXXXXX", text[64];
	pid_t pids[] = { 123, 45678 };
	struct stat st;
	FILE *f;
	size_t n;
	int fd = mkstemp(path);

	close(fd);
	ck_assert(pidfile_write(path, pids, 2));
	f = fopen(path, "r");
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = 0;
	fclose(f);
	ck_assert_str_eq(text, "123\n45678\n");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	unlink(path);
	ck_assert(!pidfile_write("/nowhere/at/all", pids, 1));
}
END_TEST

START_TEST(pidfile_is_tried)
{
	char path[] = "/tmp/weir-pid-XXXXXX", text[8] = "";
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "77\n", 3), 3);
	ck_assert(pidfile_possible(path));		/* what is there stays */
	ck_assert_int_eq(pread(fd, text, sizeof(text), 0), 3);
	ck_assert_str_eq(text, "77\n");
	close(fd);
	unlink(path);
	ck_assert(pidfile_possible(path));		/* what is not there is not left */
	ck_assert_int_lt(access(path, F_OK), 0);
	ck_assert(!pidfile_possible("/nowhere/at/all") && errno == ENOENT);
	ck_assert(!pidfile_possible("/tmp") && errno == EISDIR);
}
END_TEST

START_TEST(into_the_background)
{
	int p[2], status;
	char b[4];
	pid_t pid;

	ck_assert_int_eq(pipe(p), 0);
	pid = daemon_fork();
	if (pid == 0) {
		bool leader = getsid(0) == getpid();

		daemon_detach(true);
		if (leader && isatty(0) == 0 && write(p[1], "ok", 2) == 2)
			_exit(0);
		_exit(1);
	}
	close(p[1]);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read(p[0], b, sizeof(b)), 2);
}
END_TEST

START_TEST(manager_is_told)
{
	struct addr a;
	char name[64], buf[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	unsetenv("NOTIFY_SOCKET");
	ck_assert(!notify_send("READY=1"));
	snprintf(name, sizeof(name), "@weir-notify-%d", (int)getpid());
	ck_assert(addr_set_unix(&a, str_c(name + 1), true, false));
	ck_assert_int_eq(bind(fd, &a.sa, a.len), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	ck_assert(notify_send("READY=1\n"));
	ck_assert_int_eq(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), 8);
	ck_assert_mem_eq(buf, "READY=1\n", 8);
	setenv("NOTIFY_SOCKET", "nonsense", 1);
	ck_assert(!notify_send("READY=1\n"));
}
END_TEST

START_TEST(state_of_the_process)
{
	uint64_t user, sys, from = clock_mono_us(), us_cpu = clock_cpu_us();
	int cpus[1024], n = proc_cpus(cpus, 1024), fds = proc_open_fds(), fd = dup(0);
	int64_t s;
	uint32_t us;

	ck_assert_int_ge(n, 1);
	ck_assert_int_eq(proc_open_fds(), fds + 1);
	close(fd);
	ck_assert_uint_gt(proc_rss(), 100000);
	proc_cpu_us(&user, &sys);
	ck_assert(proc_alive(getpid()));
	ck_assert(!proc_alive(0x3ffffff));
	clock_wall(&s, &us);
	ck_assert_int_gt(s, 1600000000);
	ck_assert_uint_ge(clock_mono_us(), from);
	ck_assert_uint_ge(clock_cpu_us(), us_cpu);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("process");

	UNIT_TEST(s, plan_from_the_limit);
	UNIT_TEST(s, plan_from_maxconn);
	UNIT_TEST(s, descriptors_raised);
	UNIT_TEST(s, privileges_are_gone);
	UNIT_TEST(s, pidfile_is_whole);
	UNIT_TEST(s, pidfile_is_tried);
	UNIT_TEST(s, into_the_background);
	UNIT_TEST(s, manager_is_told);
	UNIT_TEST(s, state_of_the_process);
	return unit_run(s);
}
