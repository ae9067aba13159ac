/* Rise and fall: how results move a server between DOWN and UP. */
#include "../../../src/feature/check/check_priv.h"
#include "../unit.h"

START_TEST(starts_up_and_falls_at_once)
{
	struct chk_health h = { .health = 2, .rise = 2, .fall = 3 };

	ck_assert(chk_health_up(&h));
	ck_assert(chk_health_failed(&h));
	ck_assert(!chk_health_up(&h));
	ck_assert_uint_eq(h.health, 0);
	ck_assert(!chk_health_failed(&h));
	ck_assert_uint_eq(h.health, 0);
}
END_TEST

START_TEST(one_good_check_makes_it_whole)
{
	struct chk_health h = { .health = 2, .rise = 2, .fall = 3 };

	ck_assert(chk_health_passed(&h));
	ck_assert_uint_eq(h.health, 4);
	ck_assert(!chk_health_passed(&h));
	ck_assert_uint_eq(h.health, 4);
}
END_TEST

START_TEST(falls_after_fall)
{
	struct chk_health h = { .health = 4, .rise = 2, .fall = 3 };

	ck_assert(chk_health_failed(&h) && chk_health_up(&h));
	ck_assert(chk_health_failed(&h) && chk_health_up(&h));
	ck_assert(chk_health_failed(&h) && !chk_health_up(&h));
	ck_assert_uint_eq(h.health, 0);
}
END_TEST

START_TEST(rises_after_rise)
{
	struct chk_health h = { .health = 0, .rise = 3, .fall = 2 };

	ck_assert(chk_health_passed(&h) && !chk_health_up(&h));
	ck_assert(chk_health_passed(&h) && !chk_health_up(&h));
	ck_assert(chk_health_passed(&h) && chk_health_up(&h));
	ck_assert_uint_eq(h.health, 4);
}
END_TEST

START_TEST(a_failure_on_the_way_up_starts_again)
{
	struct chk_health h = { .health = 2, .rise = 3, .fall = 1 };

	ck_assert(!chk_health_up(&h));
	ck_assert(chk_health_failed(&h));
	ck_assert_uint_eq(h.health, 0);
}
END_TEST

START_TEST(once_is_enough)
{
	struct chk_health h = { .health = 1, .rise = 1, .fall = 1 };

	ck_assert(!chk_health_passed(&h));
	ck_assert(chk_health_failed(&h) && !chk_health_up(&h));
	ck_assert(chk_health_passed(&h) && chk_health_up(&h));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check health");

	UNIT_TEST(s, starts_up_and_falls_at_once);
	UNIT_TEST(s, one_good_check_makes_it_whole);
	UNIT_TEST(s, falls_after_fall);
	UNIT_TEST(s, rises_after_rise);
	UNIT_TEST(s, a_failure_on_the_way_up_starts_again);
	UNIT_TEST(s, once_is_enough);
	return unit_run(s);
}
