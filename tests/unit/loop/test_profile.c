#include "src/loop/profile.c"
#include "tests/unit/unit.h"
#include "weir/sys/libs.h"

static int ran;

static void quick(struct task *t)
{
	ran++;
}

static void slow(struct timer *t)
{
	struct timespec ts = { .tv_nsec = 3000000 };

	nanosleep(&ts, NULL);
	ran++;
}

static const struct prof_sum *sum_of(struct prof_sum *v, size_t n, const void *fn)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].fn == fn)
			return &v[i];
	return NULL;
}

START_TEST(counts_calls_and_time)
{
	struct prof_sum v[PROF_FUNCTIONS];
	struct task t;
	struct timer timer;
	size_t n;

	ck_assert(loop_enter());
	prof_set(PROF_OFF);
	task_init(&t, quick, TASK_NORMAL);
	task_wake(&t);
	loop_turn(0);
	ck_assert_int_eq(ran, 1);
	ck_assert_uint_eq(prof_sums(v), 0);
	prof_set(PROF_ON);
	loop_turn(0);
	ck_assert(prof_active());
	for (int i = 0; i < 3; i++) {
		task_wake(&t);
		loop_turn(0);
	}
	timer_init(&timer, slow);
	timer_set(&timer, 1);
	while (ran < 5)
		loop_turn(10);
	n = prof_sums(v);
	ck_assert(sum_of(v, n, (const void *)quick) && sum_of(v, n, (const void *)slow));
	ck_assert_uint_eq(sum_of(v, n, (const void *)quick)->calls, 3);
	ck_assert_uint_eq(sum_of(v, n, (const void *)slow)->calls, 1);
	ck_assert_uint_ge(sum_of(v, n, (const void *)slow)->time_ns, 3000000);
	/* switched on anew: from the beginning */
	prof_set(PROF_ON);
	loop_turn(0);
	ck_assert_uint_eq(prof_sums(v), 0);
	loop_leave();
}
END_TEST

START_TEST(auto_follows_long_turns)
{
	struct thr th = { 0 };

	prof_set(PROF_AUTO);
	prof_window(&th, 100, 50 * 1000);
	prof_turn(&th);
	ck_assert(!th.h.profiled);
	prof_window(&th, 100, 200 * 1000);
	prof_turn(&th);
	ck_assert(th.h.profiled);
	prof_window(&th, 100, 99500);	/* in between: as it was */
	prof_turn(&th);
	ck_assert(th.h.profiled);
	prof_window(&th, 100, 90000);
	prof_turn(&th);
	ck_assert(!th.h.profiled);
	prof_free(&th);
}
END_TEST

START_TEST(waiting_tasks_by_function)
{
	struct task_sum v[PROF_FUNCTIONS];
	struct task a, b;
	size_t n = 0;

	ck_assert(loop_enter());
	task_init(&a, quick, TASK_NORMAL);
	task_init(&b, quick, TASK_BULK);
	task_wake(&a);
	task_wake(&b);
	tasks_waiting(v, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert(v[0].fn == (const void *)quick);
	ck_assert_uint_eq(v[0].places, 2);
	task_cancel(&a);
	task_cancel(&b);
	loop_leave();
}
END_TEST

static void see(const char *path, uintptr_t from, uintptr_t to, void *arg)
{
	uintptr_t here = (uintptr_t)see;

	ck_assert(from < to && strchr(path, '/'));
	*(int *)arg += here >= from && here < to;
}

START_TEST(names_and_libraries)
{
	char buf[64];
	int mine = 0;

	libs_each(see, &mine);
	ck_assert_int_eq(mine, 1);
	ck_assert_str_eq(symbol_name((const void *)see, buf, sizeof(buf)), "see(test_profile.c)");
	ck_assert_str_eq(symbol_name((const void *)libs_each, buf, sizeof(buf)), "libs_each");
	ck_assert(strncmp(symbol_name((const char *)1, buf, sizeof(buf)), "weir+", 5) == 0);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("profile");

	UNIT_TEST(s, counts_calls_and_time);
	UNIT_TEST(s, auto_follows_long_turns);
	UNIT_TEST(s, waiting_tasks_by_function);
	UNIT_TEST(s, names_and_libraries);
	return unit_run(s);
}
