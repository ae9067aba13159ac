/* Slow start: shares, places and what is shown, second by second. */
#include "tests/unit/live/adopt.h"

#include "src/live/warm.c"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"backend b\n server ten 127.0.0.1:1 slowstart 10s weight 10\n server big 127.0.0.1:2 slowstart 24d weight 256\n"
	" server half 127.0.0.1:3 slowstart 500ms\n server none 127.0.0.1:4\n"
	"backend fixed\n balance static-rr\n server ten 127.0.0.1:1 slowstart 10s weight 10\n";

static struct srv *server(const char *backend, const char *name)
{
	struct srv *s = live_server(live_backend(str_c(backend)), str_c(name));

	ck_assert_ptr_nonnull(s);
	return s;
}

static struct srv *begin(const char *backend, const char *name)
{
	ck_assert(loop_enter());
	adopt_text(config);
	live_get()->nbthread = 1;
	return server(backend, name);
}

/* It came up so many seconds ago. */
static void age(struct srv *s, int64_t seconds)
{
	s->last_change_s = (uint64_t)(loop_wall().s - seconds);
	srv_weigh(s);
}

static void come_up(struct srv *s)
{
	srv_set_stopped(s, "test");
	srv_set_running(s, "test");
	age(s, 0);
}

static void end(struct srv *s)
{
	loop_turn(0);
	srv_warm_end(s);
	loop_leave();
}

START_TEST(step_by_step)
{
	static const struct { int64_t since; int share; unsigned throttle, places; } steps[] = {
		{ 0, 1, 7, 1 }, { 1, 2, 13, 10 }, { 5, 9, 57, 50 }, { 9, 15, 94, 90 }, { 10, 16, 100, 100 },
		{ 1000, 16, 100, 100 },
	};
	struct srv *s = begin("b", "ten");

	come_up(s);
	ck_assert_int_eq(s->state, SRV_ST_STARTING);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		age(s, steps[i].since);
		ck_assert_int_eq(s->eff_weight, 10 * steps[i].share);
		ck_assert_uint_eq(srv_throttle(s), steps[i].throttle);
		ck_assert_uint_eq(srv_warm_limit(s, 100), steps[i].places);
	}
	age(s, -5);	/* the clock was set back: no slow start without end */
	ck_assert_int_eq(s->eff_weight, 160);
	ck_assert_uint_eq(srv_warm_limit(s, 100), 100);
	end(s);
}
END_TEST

/* Largest weights, longest times, smallest limits. */
START_TEST(edges)
{
	struct srv *s = begin("b", "big");

	come_up(s);
	ck_assert_int_eq(s->eff_weight, 256);
	age(s, 24 * 86400 - 1);
	ck_assert_int_eq(s->eff_weight, 256 * 16);
	ck_assert_uint_eq(srv_throttle(s), 100);
	ck_assert_uint_eq(srv_warm_limit(s, UINT32_MAX), 4252017622u);	/* 99 per cent */
	age(s, 12 * 86400);
	ck_assert_int_eq(s->eff_weight, 256 * 9);
	ck_assert_uint_eq(srv_throttle(s), 57);
	ck_assert_uint_eq(srv_warm_limit(s, 1), 1);
	srv_set_weight(s, 0);
	ck_assert_int_eq(s->eff_weight, 0);
	ck_assert_uint_eq(srv_throttle(s), 100);
	end(s);
}
END_TEST

START_TEST(less_than_a_second)
{
	struct srv *s = begin("b", "half");

	come_up(s);
	ck_assert_int_eq(s->state, SRV_ST_STARTING);
	ck_assert_int_eq(s->eff_weight, 1);
	age(s, 1);
	ck_assert_int_eq(s->eff_weight, 16);
	end(s);
}
END_TEST

START_TEST(who_starts_at_once)
{
	struct srv *s = begin("b", "none"), *fixed = server("fixed", "ten");

	come_up(s);
	ck_assert_int_eq(s->state, SRV_ST_RUNNING);
	ck_assert_int_eq(s->eff_weight, 16);
	ck_assert_uint_eq(srv_warm_limit(s, 7), 7);
	/* Weights that cannot change have no steps; places have. */
	come_up(fixed);
	ck_assert_int_eq(fixed->eff_weight, 160);
	ck_assert_uint_eq(srv_warm_limit(fixed, 50), 1);
	loop_turn(0);
	srv_warm_end(fixed);
	end(s);
}
END_TEST

/* The timer goes on until it is warm, or down again; coming up several times it is one timer. */
START_TEST(the_timer)
{
	struct srv *s = begin("b", "ten");

	come_up(s);
	come_up(s);
	ck_assert(s->warm_mailed && !timer_armed(&s->warm_timer));
	loop_turn(0);
	ck_assert(!s->warm_mailed && timer_armed(&s->warm_timer));
	timer_stop(&s->warm_timer);
	age(s, 4);
	s->eff_weight = 0;
	warm_step(&s->warm_timer);
	ck_assert_int_eq(s->eff_weight, 70);
	ck_assert(timer_armed(&s->warm_timer));
	timer_stop(&s->warm_timer);
	s->last_change_s -= 6;
	warm_step(&s->warm_timer);
	ck_assert_int_eq(s->state, SRV_ST_RUNNING);
	ck_assert_int_eq(s->eff_weight, 160);
	ck_assert(!timer_armed(&s->warm_timer));
	come_up(s);
	loop_turn(0);
	timer_stop(&s->warm_timer);
	srv_set_stopped(s, "test");
	warm_step(&s->warm_timer);
	ck_assert_int_eq(s->state, SRV_ST_STOPPED);
	ck_assert(!timer_armed(&s->warm_timer));
	end(s);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("warm");

	UNIT_TEST(s, step_by_step);
	UNIT_TEST(s, edges);
	UNIT_TEST(s, less_than_a_second);
	UNIT_TEST(s, who_starts_at_once);
	UNIT_TEST(s, the_timer);
	return unit_run(s);
}
