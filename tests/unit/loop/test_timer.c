#include <unistd.h>
#include "tests/unit/unit.h"
#include "src/loop/timer.c"
#include "weir/base/obj.h"
#include "weir/sys/clock.h"

struct named {
	struct timer t;
	int name;
};
static int order[8192], fired;

static void note(struct timer *t)
{
	order[fired++] = container_of(t, struct named, t)->name;
}

/* One assertion for all: each costs a write to Check's pipe. */
static void check_heap(const struct thr *th)
{
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < th->nheap; i++) {
		wrong += th->heap[i].t->pos != i + 1;
		wrong += th->heap[i].at > th->heap[i].t->at;
		wrong += i > 0 && th->heap[(i - 1) / 4].at > th->heap[i].at;
	}
	ck_assert_uint_eq(wrong, 0);
}

/* Lets the clock of the turn say `ms` later. */
static void pass(uint64_t ms)
{
	thr_self->h.ms += ms;
	thr_fire_timers(thr_self);
	check_heap(thr_self);
}

START_TEST(fire_in_order)
{
	static struct named n[1000];

	ck_assert(loop_enter());
	for (int i = 0; i < 1000; i++) {
		n[i].name = i * 7919 % 1000;
		timer_init(&n[i].t, note);
		timer_set(&n[i].t, 1 + n[i].name);
	}
	check_heap(thr_self);
	for (int i = 0; i < 1000; i++)
		pass(1);
	ck_assert_int_eq(fired, 1000);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(order[i], i);
	ck_assert(!timer_armed(&n[0].t));
	loop_leave();
}
END_TEST

START_TEST(moved_later_and_earlier)
{
	struct named a = { .name = 1 }, b = { .name = 2 };

	ck_assert(loop_enter());
	timer_init(&a.t, note);
	timer_init(&b.t, note);
	timer_set(&a.t, 10);
	timer_set(&b.t, 20);
	timer_set(&a.t, 30);		/* its heap place stays */
	ck_assert_uint_eq(a.t.pos, 1);
	ck_assert_int_eq(thr_next_timer(thr_self), 20);
	ck_assert_uint_eq(b.t.pos, 1);	/* looked at the top: corrected */
	timer_set(&a.t, 5);
	ck_assert_int_eq(thr_next_timer(thr_self), 5);
	pass(4);
	ck_assert_int_eq(fired, 0);
	pass(1);
	ck_assert_int_eq(fired, 1);
	timer_stop(&b.t);
	ck_assert_int_eq(thr_next_timer(thr_self), -1);
	pass(100);
	ck_assert_int_eq(fired, 1);
	loop_leave();
}
END_TEST

START_TEST(random_walk_keeps_the_heap)
{
	static struct named n[500];
	unsigned seed = 1;

	ck_assert(loop_enter());
	for (int i = 0; i < 500; i++)
		timer_init(&n[i].t, note);
	for (int step = 0; step < 4000; step++) {
		struct named *x = &n[rand_r(&seed) % 500];

		if (rand_r(&seed) % 4)
			timer_set(&x->t, rand_r(&seed) % 1000);
		else
			timer_stop(&x->t);
		if (step % 16 == 0)
			pass(rand_r(&seed) % 5);
		check_heap(thr_self);
	}
	for (int i = 0; i < 500; i++)
		timer_stop(&n[i].t);
	ck_assert_uint_eq(thr_self->nheap, 0);
	loop_leave();
}
END_TEST

static void again(struct timer *t)
{
	fired++;
	timer_set(t, 0);
}

START_TEST(rearmed_for_at_once_does_not_spin)
{
	struct timer t;

	ck_assert(loop_enter());
	timer_init(&t, again);
	timer_set(&t, 0);
	pass(0);
	ck_assert_int_eq(fired, 1);
	pass(0);
	ck_assert_int_eq(fired, 2);
	timer_stop(&t);
	loop_leave();
}
END_TEST

START_TEST(sleeps_until_the_timer)
{
	struct named a = { .name = 1 };
	uint64_t from;

	ck_assert(loop_enter());
	timer_init(&a.t, note);
	from = clock_mono_us();
	loop_turn(0);
	timer_set(&a.t, 30);
	while (!fired)
		loop_turn(-1);
	ck_assert_uint_ge(clock_mono_us() - from, 29000);
	ck_assert_uint_le(clock_mono_us() - from, 2000000);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("timer");

	UNIT_TEST(s, fire_in_order);
	UNIT_TEST(s, moved_later_and_earlier);
	UNIT_TEST(s, random_walk_keeps_the_heap);
	UNIT_TEST(s, rearmed_for_at_once_does_not_spin);
	UNIT_TEST(s, sleeps_until_the_timer);
	return unit_run(s);
}
