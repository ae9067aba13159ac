/* What a turn may do: tasks in a row, and for how long before somebody is told. */
#include <time.h>
#include "tests/unit/unit.h"
#include "weir/loop/loop.h"

static unsigned runs, told;
static struct task tasks[3];

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

int main(void)
{
	Suite *s = unit_suite("turn limits");

	UNIT_TEST(s, tasks_in_a_row);
	UNIT_TEST(s, a_turn_that_took_long);
	return unit_run(s);
}
