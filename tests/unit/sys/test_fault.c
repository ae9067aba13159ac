#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "weir/sys/fault.h"

/* What a child says on stderr that writes to p, and how it ends. */
static int end_of_writer(char *p, char *said, size_t max)
{
	int ends[2], status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL);
		fault_explain();
		*(volatile char *)p = 1;
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + n, max - 1 - n)) > 0)
		n += (size_t)got;
	said[n] = 0;
	close(ends[0]);
	waitpid(pid, &status, 0);
	return status;
}

START_TEST(tells_a_write_to_sealed_memory)
{
	char said[8192], *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status = end_of_writer(page + 8, said, sizeof(said));

	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
#ifdef WEIR_DEBUG
	char at[64];

	snprintf(at, sizeof(at), "FATAL: write to read-only memory at %p", (void *)(page + 8));
	ck_assert_msg(strstr(said, at) == said, "%s", said);
#else
	ck_assert_str_eq(said, "");
#endif
	munmap(page, 4096);
}
END_TEST

START_TEST(says_nothing_about_other_faults)
{
	char said[8192], *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	munmap(page, 4096);
	status = end_of_writer(page, said, sizeof(said));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ck_assert_str_eq(said, "");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("fault");

	UNIT_TEST(s, tells_a_write_to_sealed_memory);
	UNIT_TEST(s, says_nothing_about_other_faults);
	return unit_run(s);
}
