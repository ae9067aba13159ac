/* roundrobin: HAProxy's order, shares that are exact, changes, several threads. */
#include "../../../src/live/lb_rr.c"
#include "lb_test.h"

static struct bk b;

START_TEST(the_order_that_was_measured)
{
	bk_of(&b, &lb_roundrobin, (int[]){ 3, 2, 1 }, 3);
	ck_assert_str_eq(bk_order(&b, 18), "abacababacababacab");
	bk_fini(&b);
	bk_of(&b, &lb_roundrobin, (int[]){ 10, 7, 5 }, 3);
	ck_assert_str_eq(bk_order(&b, 41), "abacbaabcabacabacbaabcabacbaabcabacabacba");
	bk_fini(&b);
	bk_of(&b, &lb_roundrobin, (int[]){ 1, 5, 100 }, 3);
	ck_assert_str_eq(bk_order(&b, 41), "cccccccccccccccccbcccccccccccccccccacccbc");
	bk_fini(&b);
}
END_TEST

START_TEST(equal_weights_go_in_the_order_of_declaration)
{
	bk_of(&b, &lb_roundrobin, (int[]){ 7, 7, 7, 7, 7 }, 5);
	ck_assert_str_eq(bk_order(&b, 12), "abcdeabcdeab");
	bk_fini(&b);
}
END_TEST

/* In so many turns as the weights sum up to times the scale, each server has its share: but for one turn, since some
 * begin later on the strip. */
START_TEST(shares_are_exact)
{
	unsigned seed = 1;

	for (int round = 0; round < 40; round++) {
		int w[9], n = 1 + round % 9, total = 0, got[9] = { 0 };

		for (int i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			total += w[i] = 1 + (int)(seed >> 16) % (round % 2 ? 256 : 12);
		}
		bk_of(&b, &lb_roundrobin, w, n);
		for (int i = 0; i < total * LB_SCALE; i++)
			got[bk_pick(&b)->id - 1]++;
		for (int i = 0; i < n; i++)
			ck_assert_int_le(abs(got[i] - w[i] * LB_SCALE), 1);
		bk_fini(&b);
	}
}
END_TEST

START_TEST(who_leaves_has_no_turn_and_comes_back)
{
	bk_of(&b, &lb_roundrobin, (int[]){ 3, 2, 1 }, 3);
	bk_order(&b, 150);
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 17), "aaacaaacaaaaacaaa");
	bk_set(&b, 1, true);
	ck_assert(strchr(bk_order(&b, 6), 'b') != NULL);
	bk_set(&b, 0, false);
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 4), "cccc");
	bk_set(&b, 2, false);
	ck_assert_ptr_null(bk_pick(&b));
	bk_set(&b, 0, true);
	ck_assert_str_eq(bk_order(&b, 4), "aaaa");
	bk_fini(&b);
}
END_TEST

START_TEST(weight_zero_and_more_weight)
{
	int got[2] = { 0 };

	bk_of(&b, &lb_roundrobin, (int[]){ 1, 1 }, 2);
	bk_order(&b, 7);
	bk_weigh(&b, 0, 0);
	ck_assert_str_eq(bk_order(&b, 5), "bbbbb");
	bk_weigh(&b, 0, 9);
	bk_order(&b, 200);
	for (int i = 0; i < 1600; i++)
		got[bk_pick(&b)->id - 1]++;
	ck_assert_int_eq(got[0], 1440);
	bk_fini(&b);
}
END_TEST

START_TEST(full_servers_are_passed_over_and_keep_their_turn)
{
	bk_of(&b, &lb_roundrobin, (int[]){ 1, 1, 1 }, 3);
	b.srv[1].maxconn = b.srv[1].minconn = 1;
	b.srv[1].served = 1;
	ck_assert_str_eq(bk_order(&b, 6), "acacac");
	b.srv[1].served = 0;
	ck_assert_str_eq(bk_order(&b, 6), "abcabc");
	b.srv[1].queued = 1;	/* room, but for those who wait */
	ck_assert(!strchr(bk_order(&b, 6), 'b'));
	bk_fini(&b);
}
END_TEST

START_TEST(nobody_has_room)
{
	bk_of(&b, &lb_roundrobin, (int[]){ 1, 5 }, 2);
	for (int i = 0; i < 2; i++)
		b.srv[i].maxconn = b.srv[i].minconn = b.srv[i].served = 1;
	ck_assert_str_eq(bk_order(&b, 3), "---");
	b.srv[0].served = 0;
	ck_assert_str_eq(bk_order(&b, 3), "aaa");
	bk_fini(&b);
}
END_TEST

START_TEST(who_failed_is_taken_last)
{
	const struct srv *bad[1];
	struct lb_req r = { .avoid = bad, .navoid = 1 };

	bk_of(&b, &lb_roundrobin, (int[]){ 1, 1 }, 2);
	bad[0] = &b.srv[0];
	for (int i = 0; i < 5; i++)
		ck_assert_ptr_eq(lb_pick(&b.p, &r), &b.srv[1]);
	bk_set(&b, 1, false);
	ck_assert_ptr_eq(lb_pick(&b.p, &r), &b.srv[0]);
	bk_fini(&b);
}
END_TEST

START_TEST(backups_wait)
{
	bk_init(&b, &lb_roundrobin);
	bk_add(&b, 1, 0);
	bk_add(&b, 1, SRV_BACKUP);
	bk_add(&b, 2, SRV_BACKUP);
	lb_rebuild(&b.p);
	ck_assert_str_eq(bk_order(&b, 3), "aaa");
	bk_set(&b, 0, false);
	ck_assert_str_eq(bk_order(&b, 3), "bbb");
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 3), "ccc");
	bk_set(&b, 1, true);
	b.px.options = PO_ALLBACKUPS;
	lb_rebuild(&b.p);
	ck_assert(strchr(bk_order(&b, 6), 'b') && strchr(bk_order(&b, 6), 'c'));
	bk_set(&b, 0, true);
	ck_assert_str_eq(bk_order(&b, 3), "aaa");
	bk_fini(&b);
}
END_TEST

/* --- threads --- */

#define THREADS 4
#define TURNS 24000	/* a multiple of the strip, for each */

static void *picks(void *arg)
{
	uint32_t *got = arg;

	for (int i = 0; i < TURNS; i++)
		atom_add(&got[bk_pick(&b)->id - 1], 1);
	return NULL;
}

/* Turns that were drawn in advance are taken once each. */
START_TEST(shares_are_exact_with_threads)
{
	uint32_t got[3] = { 0 };
	pthread_t t[THREADS];

	thr_plan(THREADS);
	bk_of(&b, &lb_roundrobin, (int[]){ 3, 2, 1 }, 3);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, picks, got);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	ck_assert_uint_eq(got[0], THREADS * TURNS / 2);
	ck_assert_uint_eq(got[1], THREADS * TURNS / 3);
	ck_assert_uint_eq(got[2], THREADS * TURNS / 6);
	bk_fini(&b);
}
END_TEST

/* One thread after the other: the order is the same as with one. */
START_TEST(drawn_in_advance_in_the_same_order)
{
	thr_plan(THREADS);
	bk_of(&b, &lb_roundrobin, (int[]){ 10, 7, 5 }, 3);
	ck_assert_str_eq(bk_order(&b, 41), "abacbaabcabacabacbaabcabacbaabcabacabacba");
	bk_set(&b, 0, false);
	ck_assert(!strchr(bk_order(&b, 300), 'a'));
	bk_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("roundrobin");

	UNIT_TEST(s, the_order_that_was_measured);
	UNIT_TEST(s, equal_weights_go_in_the_order_of_declaration);
	UNIT_TEST(s, shares_are_exact);
	UNIT_TEST(s, who_leaves_has_no_turn_and_comes_back);
	UNIT_TEST(s, weight_zero_and_more_weight);
	UNIT_TEST(s, full_servers_are_passed_over_and_keep_their_turn);
	UNIT_TEST(s, nobody_has_room);
	UNIT_TEST(s, who_failed_is_taken_last);
	UNIT_TEST(s, backups_wait);
	UNIT_TEST(s, shares_are_exact_with_threads);
	UNIT_TEST(s, drawn_in_advance_in_the_same_order);
	return unit_run(s);
}
