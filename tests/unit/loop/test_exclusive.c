#include <sched.h>
#include "tests/unit/unit.h"
#include "weir/base/atomic.h"
#include "weir/loop/exclusive.h"
#include "weir/loop/loop.h"

#define THREADS 4
#define JOBS 50

/* Two halves that only an exclusive job changes: whoever runs sees them equal. */
static volatile int left_half, right_half;
static int wrong, finished;
static struct task readers[THREADS];

static void read_both(struct task *t)
{
	int a = left_half;

	sched_yield();
	if (a != right_half)
		atom_add(&wrong, 1);
	if (atom_get(&finished) < THREADS * JOBS)
		task_wake(t);
}

static void change(void *arg)
{
	left_half++;
	for (int i = 0; i < 10; i++)
		sched_yield();
	right_half++;
}

static void changed(void *arg)
{
	if (thr_id() != (int)(intptr_t)arg)
		atom_add(&wrong, 1);
	if (atom_add(&finished, 1) + 1 == THREADS * JOBS)
		loop_stop();
}

static void start(int thread)
{
	task_init(&readers[thread], read_both, TASK_NORMAL);
	task_wake(&readers[thread]);
	for (int i = 0; i < JOBS; i++)
		loop_exclusive(change, changed, (void *)(intptr_t)thread);
}

static const struct loop_thread_ops ops = { .start = start };

START_TEST(nobody_else_runs)
{
	static const int cpus[THREADS] = { -1, -1, -1, -1 };

	loop_run(THREADS, cpus, &ops);
	ck_assert_int_eq(finished, THREADS * JOBS);
	ck_assert_int_eq(left_half, THREADS * JOBS);
	ck_assert_int_eq(right_half, THREADS * JOBS);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

static void only(int thread)
{
	loop_exclusive(change, NULL, NULL);
	for (int i = 1; i < THREADS * JOBS; i++)
		atom_add(&finished, 1);
	loop_exclusive(change, changed, NULL);
}

START_TEST(a_single_thread)
{
	static const int cpus[1] = { -1 };
	static const struct loop_thread_ops one = { .start = only };

	loop_run(1, cpus, &one);
	ck_assert_int_eq(right_half, 2);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("exclusive");

	UNIT_TEST(s, nobody_else_runs);
	UNIT_TEST(s, a_single_thread);
	return unit_run(s);
}
