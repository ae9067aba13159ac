/* What a turn may do: tasks in a row, and for how long before somebody is told. */
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/loop/loop.h"

static unsigned runs, told;
static struct task tasks[40];

static void count(struct task *t)
{
	runs++;
}

static void block(struct task *t)
{
	uint64_t end = loop_us_exact() + 5000;

	while (loop_us_exact() < end)
		;
}

static void tell(int thread, uint64_t us)
{
	ck_assert_int_eq(thread, 0);
	ck_assert_uint_ge(us, 5000);
	told++;
}

START_TEST(tasks_in_a_row)
{
	loop_tune(0, 2, false);
	ck_assert(loop_enter());
	for (int i = 0; i < 3; i++) {
		task_init(&tasks[i], count, TASK_NORMAL);
		task_wake(&tasks[i]);
	}
	loop_turn(0);
	ck_assert_uint_eq(runs, 2);
	loop_turn(0);
	ck_assert_uint_eq(runs, 3);
	loop_leave();
	loop_tune(0, 0, false);
}
END_TEST

START_TEST(a_turn_that_took_long)
{
	loop_watch(5000, tell);
	ck_assert(loop_enter());
	loop_turn(0);
	told = 0;
	task_init(&tasks[0], block, TASK_NORMAL);
	task_wake(&tasks[0]);
	loop_turn(0);
	loop_turn(0);
	ck_assert_uint_eq(told, 1);
	loop_leave();
	loop_watch(0, NULL);
}
END_TEST

/* Each of them takes 5 ms: some are left for the turns that follow. */
START_TEST(a_long_turn_ends_before_its_tasks)
{
	unsigned turns = 0;

	runs = 0;
	ck_assert(loop_enter());
	for (int i = 0; i < 40; i++) {
		task_init(&tasks[i], i < 20 ? block : count, TASK_NORMAL);
		task_wake(&tasks[i]);
	}
	loop_turn(0);
	ck_assert_uint_eq(runs, 0);
	for (; runs < 20; turns++)
		loop_turn(0);
	ck_assert_uint_ge(turns, 1);
	ck_assert_uint_le(turns, 2);
	loop_leave();
}
END_TEST

/* --- who does not wait behind a crowd --- */

enum { CROWD = 10 };

static unsigned crowd_seen, prompt_seen;

static void on_crowd(struct fdev *f, uint32_t news)
{
	f->ready &= ~EV_READ;
	crowd_seen++;
}

static void on_prompt(struct fdev *f, uint32_t news)
{
	prompt_seen++;
}

static void pair(int fd[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
}

START_TEST(the_prompt_do_not_wait)
{
	struct fdev crowd[CROWD] = { 0 }, prompt = { 0 };
	int fd[CROWD][2], p[2];

	loop_tune(2, 0, false);
	ck_assert(loop_enter());
	crowd_seen = prompt_seen = 0;
	for (int i = 0; i < CROWD; i++) {
		pair(fd[i]);
		ck_assert(fdev_add(&crowd[i], fd[i][0], on_crowd));
	}
	pair(p);
	ck_assert(fdev_add_prompt(&prompt, p[0], on_prompt));
	loop_turn(0);		/* all can be written to; two events make a turn */
	ck_assert_uint_eq(crowd_seen, 2);
	ck_assert_uint_eq(prompt_seen, 1);
	for (int i = 0; i < CROWD; i++)
		loop_turn(0);
	ck_assert_uint_eq(crowd_seen, CROWD);

	/* a turn that has room hears of it by the other poller, and no more than once */
	prompt_seen = 0;
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	loop_turn(100);
	ck_assert_uint_eq(prompt_seen, 1);
	ck_assert(prompt.ready & EV_READ);
	loop_turn(0);
	ck_assert_uint_eq(prompt_seen, 1);

	/* handed back: nothing comes any more */
	fdev_del(&prompt, false);
	ck_assert_int_eq(write(p[1], "y", 1), 1);
	loop_turn(0);
	ck_assert_uint_eq(prompt_seen, 1);
	for (int i = 0; i < CROWD; i++) {
		fdev_del(&crowd[i], true);
		close(fd[i][1]);
	}
	close(p[0]);
	close(p[1]);
	loop_leave();
	loop_tune(0, 0, false);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("turn limits");

	UNIT_TEST(s, tasks_in_a_row);
	UNIT_TEST(s, a_turn_that_took_long);
	UNIT_TEST(s, a_long_turn_ends_before_its_tasks);
	UNIT_TEST(s, the_prompt_do_not_wait);
	return unit_run(s);
}
