#include "tests/unit/unit.h"

#include <unistd.h>
#include "src/loop/thr.h"

static int ran;

static void run_count(struct task *t)
{
	ran++;
}

static struct task late = { .run = run_count, .klass = TASK_LATE };

/* How many turns it takes until the task has run. */
static int turns_of(struct task *t)
{
	int had = ran, n = 0;

	task_wake(t);
	while (ran == had) {
		loop_turn(1000);
		n++;
	}
	return n;
}

static void begin(void)
{
	ck_assert(loop_enter());
	list_init(&late.link);
}

START_TEST(late_waits_a_turn_and_less_often_in_vain)
{
	int waited = 0;

	begin();
	for (int i = 0; i < 1000; i++) {
		int n = turns_of(&late);

		ck_assert_int_le(n, 2);
		waited += n == 2;
		if (i < 4)	/* after the first in vain one is not waited for, after the second three */
			ck_assert_int_eq(n, i == 0 || i == 2 ? 2 : 1);
	}
	ck_assert_int_ge(waited, 8);
	ck_assert_int_le(waited, 12);
	loop_leave();
}
END_TEST

static void on_event(struct fdev *f, uint32_t news)
{
}

#define PIPES 20
struct pipes { struct fdev f[PIPES]; int to[PIPES]; };

static void open_pipes(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++) {
		int fd[2];

		ck_assert_int_eq(pipe(fd), 0);
		ck_assert(fdev_add(&p->f[i], fd[0], on_event));
		p->to[i] = fd[1];
	}
}

static void close_pipes(struct pipes *p)
{
	for (int i = 0; i < PIPES; i++) {
		fdev_del(&p->f[i], true);
		close(p->to[i]);
	}
}

static void write_to(struct pipes *p, int n)
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(write(p->to[i], "x", 1), 1);
}

START_TEST(sleep_that_brings_events_is_repeated)
{
	struct pipes p;

	begin();
	open_pipes(&p);
	for (int i = 0; i < 10; i++) {
		ran = 0;
		task_wake(&late);
		loop_turn(0);
		ck_assert_int_eq(ran, 0);
		write_to(&p, 2);
		loop_turn(0);
		ck_assert_int_eq(ran, 1);
	}
	close_pipes(&p);
	loop_leave();
}
END_TEST

START_TEST(turn_with_many_events_is_company_enough)
{
	struct pipes p;

	begin();
	open_pipes(&p);
	for (int i = 0; i < 5; i++) {
		write_to(&p, PIPES);
		ck_assert_int_eq(turns_of(&late), 1);
	}
	close_pipes(&p);
	loop_leave();
}
END_TEST

START_TEST(does_not_sleep_while_other_work_waits)
{
	struct task normal;

	begin();
	task_init(&normal, run_count, TASK_NORMAL);
	for (int i = 0; i < 10; i++) {	/* what was not slept for cannot be in vain */
		task_wake(&late);
		loop_turn(0);
		ck_assert(list_linked(&late.link));
		task_wake(&normal);
		loop_turn(0);
		ck_assert(!list_linked(&late.link));
	}
	ck_assert_uint_eq(thr_self->gather_pause, 0);
	loop_leave();
}
END_TEST

START_TEST(busy_polling_never_waits)
{
	begin();
	loop_tune(0, 0, true);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(turns_of(&late), 1);
	loop_tune(0, 0, false);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("gather");

	UNIT_TEST(s, late_waits_a_turn_and_less_often_in_vain);
	UNIT_TEST(s, sleep_that_brings_events_is_repeated);
	UNIT_TEST(s, turn_with_many_events_is_company_enough);
	UNIT_TEST(s, does_not_sleep_while_other_work_waits);
	UNIT_TEST(s, busy_polling_never_waits);
	return unit_run(s);
}
