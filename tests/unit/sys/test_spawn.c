/* Programs that are started: found in a path, with a clean state of signals, with those descriptors that they shall
 * have; and how their end is told. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "weir/sys/spawn.h"

/* Runs it; its exit code, or -1: it could not be started. */
static int run(const char *program, const char *script, struct str path)
{
	char *argv[] = { (char *)program, (char *)"-c", (char *)script, NULL }, *env[] = { (char *)"A=5", NULL };
	pid_t pid = spawn_program(argv, env, path);
	int status;

	if (pid < 0)
		return -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return spawn_end_code(status);
}

START_TEST(in_a_path)
{
	char dir[] = "/tmp/weir-spawn-XXXXXX", name[100], path[200];

	ck_assert_int_eq(run("sh", "exit 3", STR("/usr/bin:/bin")), 3);
	ck_assert_int_eq(run("sh", "exit 3", STR("/nowhere::/bin")), 3);
	ck_assert_int_eq(run("/bin/sh", "exit 4", STR_NONE), 4);
	ck_assert_int_eq(run("sh", "exit $A", STR("/bin")), 5);
	ck_assert_int_eq(run("sh", "exit 3", STR("/nowhere")), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(run("sh", "exit 3", STR_NONE), -1);
	ck_assert_int_eq(run("/nowhere/sh", "exit 3", STR("/bin")), -1);
	ck_assert_int_eq(errno, ENOENT);
	/* What is there but cannot be executed is passed over. */
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/sh", dir);
	close(open(name, O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "%s:/bin", dir);
	ck_assert_int_eq(run("sh", "exit 6", str_c(path)), 6);
	unlink(name);
	rmdir(dir);
}
END_TEST

/* Blocked and ignored here: not there. */
START_TEST(signals)
{
	sigset_t all;

	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	ck_assert_int_eq(run("/bin/sh", "kill -TERM $$; exit 1", STR_NONE), 128 + SIGTERM);
	ck_assert_int_eq(run("/bin/sh", "kill -PIPE $$; exit 1", STR_NONE), 128 + SIGPIPE);
}
END_TEST

START_TEST(descriptors)
{
	char script[100];
	char *argv[] = { (char *)"/bin/sh", (char *)"-c", script, NULL };
	int fd[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe2(fd, O_CLOEXEC), 0);
	snprintf(script, sizeof(script), "{ echo hi >/dev/fd/%d; } 2>/dev/null && test ! -e /dev/fd/%d", fd[1], fd[0]);
	pid = spawn_self(argv, &fd[1], 1);
	ck_assert_int_gt(pid, 0);
	waitpid(pid, &status, 0);
	ck_assert_int_eq(spawn_end_code(status), 0);
	ck_assert_int_eq(fcntl(fd[1], F_GETFD), FD_CLOEXEC);	/* here nothing has changed */
	ck_assert_int_ne(run("/bin/sh", script, STR_NONE), 0);	/* another program gets none */
}
END_TEST

START_TEST(ends)
{
	ck_assert_int_eq(spawn_end_code(W_EXITCODE(0, 0)), 0);
	ck_assert_int_eq(spawn_end_code(W_EXITCODE(255, 0)), 255);
	ck_assert_int_eq(spawn_end_code(W_EXITCODE(0, SIGKILL)), 137);
	ck_assert_int_eq(spawn_end_code(W_EXITCODE(0, SIGSEGV) | WCOREFLAG), 139);
	ck_assert_int_eq(spawn_end_code(W_STOPCODE(SIGSTOP)), 255);
	ck_assert_str_eq(spawn_end_text(W_EXITCODE(1, 0)), "Exit");
	ck_assert_str_eq(spawn_end_text(W_EXITCODE(127, 0)), "Exit");
	ck_assert_str_eq(spawn_end_text(W_EXITCODE(128 + SIGTERM, 0)), "Terminated");
	ck_assert_str_eq(spawn_end_text(W_EXITCODE(0, SIGKILL)), "Killed");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("spawn");

	UNIT_TEST(s, in_a_path);
	UNIT_TEST(s, signals);
	UNIT_TEST(s, descriptors);
	UNIT_TEST(s, ends);
	return unit_run(s);
}
