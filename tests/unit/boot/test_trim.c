/* When memory goes back to the system: after a rush, when a busy process has become quiet, and not while exchanges run
 * that would want it again. CPU time, streams and the giving itself are the test's. */
#include "tests/unit/live/adopt.h"

#include "src/live/live_priv.h"
#include "weir/loop/loop.h"
#include "weir/sys/clock.h"

static uint64_t now_cpu;
static uint32_t now_streams;
static int given;

static void give(void (*fn)(void *), void (*done)(void *), void *arg)
{
	ck_assert(fn && done && !arg);
	given++;
}

#define clock_process_cpu_us() now_cpu
#define live_streams() now_streams
#define mail_broadcast(fn, done, arg) give(fn, done, arg)
#include "src/boot/trim.c"

static void begin(void)
{
	ck_assert(loop_enter());
	adopt_text("");
	trim_begin(true);
}

static void conns(uint32_t n)
{
	atom_set(&live_get()->cur_conns, n);
}

/* So many looks with so much CPU between them; how often memory was given back. */
static int looks(int n, uint64_t us)
{
	int before = given;

	while (n--) {
		now_cpu += us;
		look(&trim.timer);
		ck_assert(timer_armed(&trim.timer));
	}
	return given - before;
}

#define BUSY 1000000

START_TEST(after_a_rush)
{
	begin();
	conns(100);
	ck_assert_int_eq(looks(3, BUSY), 0);
	conns(25);
	ck_assert_int_eq(looks(3, BUSY), 0);	/* a quarter is not less than a quarter */
	conns(24);
	ck_assert_int_eq(looks(10, BUSY), TIMES);
	conns(5);
	ck_assert_int_eq(looks(10, BUSY), TIMES);	/* that was a rush again, a smaller one */
	conns(0);
	ck_assert_int_eq(looks(10, BUSY), 0);		/* five are none */
}
END_TEST

START_TEST(a_new_rush_ends_it)
{
	begin();
	conns(100);
	looks(1, BUSY);
	conns(10);
	ck_assert_int_eq(looks(2, BUSY), 2);
	conns(200);
	ck_assert_int_eq(looks(5, BUSY), 0);
	conns(10);
	ck_assert_int_eq(looks(10, BUSY), TIMES);
}
END_TEST

START_TEST(become_idle)
{
	begin();
	ck_assert_int_eq(looks(5, QUIET_US), 0);	/* busy */
	ck_assert_int_eq(looks(20, 0), TIMES);
	ck_assert_int_eq(looks(20, 0), 0);
	looks(1, BUSY);
	ck_assert_int_eq(looks(20, QUIET_US - 1) > TIMES, true);
}
END_TEST

/* Little work all the time: seldom, and never when there was none. */
START_TEST(a_little_work)
{
	begin();
	looks(30, 0);
	ck_assert_int_eq(looks(100, 0), 0);
	ck_assert_int_eq(looks(100, SOME_WORK_US / 10), 10);
	ck_assert_int_eq(looks(100, SOME_WORK_US / 100), 1);
}
END_TEST

START_TEST(put_off_while_exchanges_run)
{
	begin();
	conns(1000);
	looks(1, BUSY);
	conns(100);
	now_streams = 50;
	ck_assert_int_eq(looks(PUT_OFF, BUSY), 0);
	ck_assert_int_eq(looks(1, BUSY), 1);		/* not for ever */
	ck_assert_int_eq(looks(PUT_OFF, BUSY), 0);
	now_streams = 20;					/* less than a quarter of the connections */
	ck_assert_int_eq(looks(10, BUSY), TIMES - 1);
}
END_TEST

START_TEST(few_streams_do_not_count)
{
	begin();
	conns(100);
	looks(1, BUSY);
	conns(0);
	now_streams = RUSH;
	ck_assert_int_eq(looks(10, BUSY), TIMES);
	trim_end();
	ck_assert(!timer_armed(&trim.timer));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("trim");

	UNIT_TEST(s, after_a_rush);
	UNIT_TEST(s, a_new_rush_ends_it);
	UNIT_TEST(s, become_idle);
	UNIT_TEST(s, a_little_work);
	UNIT_TEST(s, put_off_while_exchanges_run);
	UNIT_TEST(s, few_streams_do_not_count);
	return unit_run(s);
}
