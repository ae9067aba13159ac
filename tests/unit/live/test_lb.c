/* The other algorithms: tables, rings, tournaments, bits, draws. */
#include "../../../src/live/lb_leastconn.c"
#include "lb_test.h"

static struct bk b;

/* --- static-rr, map-based --- */

/* The rule as it is said: all collect their weight, the first of the best pays the total. */
static void plain_order(const unsigned *w, unsigned n, uint32_t *places, uint32_t total)
{
	int64_t score[SRVS] = { 0 };

	for (uint32_t round = 0; round < total; round++) {
		int64_t best = -1;
		unsigned who = 0;

		for (unsigned i = 0; i < n; i++) {
			int64_t grade;

			score[i] += w[i];
			grade = (score[i] + total) / total;
			if (grade > best) {
				best = grade;
				who = i;
			}
		}
		places[round] = who;
		score[who] -= total;
	}
}

START_TEST(table_as_the_plain_rule_has_it)
{
	static uint32_t ref[20000], own[20000];
	unsigned seed = 7;

	for (unsigned round = 0; round < 200; round++) {
		unsigned w[SRVS], n = 1 + round % SRVS, total = 0;

		for (unsigned i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			total += w[i] = 1 + (seed >> 16) % (round % 3 ? 9 : 256);
		}
		plain_order(w, n, ref, total);
		lb_map_order(w, n, own, total);
		ck_assert_mem_eq(ref, own, total * sizeof(own[0]));
	}
}
END_TEST

START_TEST(table_walks_and_skips)
{
	bk_of(&b, &lb_static_rr, (int[]){ 30, 20, 10 }, 3);
	ck_assert_str_eq(bk_order(&b, 12), "aababcaababc");
	b.srv[0].maxconn = b.srv[0].minconn = b.srv[0].served = 1;
	ck_assert(!strchr(bk_order(&b, 12), 'a'));
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 3), "ccc");
	bk_set(&b, 2, false);
	ck_assert_ptr_null(bk_pick(&b));
	bk_fini(&b);
}
END_TEST

/* --- keys --- */

static bool key_src(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	*hash = lb_avalanche(w, (uint32_t)addr_port(r->src) * 2654435761U);
	return true;
}

static const struct lb_row keyed = { .name = "test", .build = lb_keyed_build, .key = key_src };

static struct srv *srv_of_key(uint16_t key)
{
	struct addr a;
	struct lb_req r = { .src = &a };

	addr_set4(&a, "\177\0\0\1", key);
	return lb_pick(&b.p, &r);
}

#define KEYS 3000
static void all_keys(struct srv **where)
{
	for (int i = 0; i < KEYS; i++)
		where[i] = srv_of_key((uint16_t)i);
}

static void ring_of(const int *w, int n)
{
	bk_init(&b, &keyed);
	b.px.lb.type = HASH_CONSISTENT;
	b.px.lb.avalanche = true;
	for (int i = 0; i < n; i++)
		bk_add(&b, w[i], 0);
	lb_rebuild(&b.p);
}

START_TEST(ring_moves_only_the_keys_of_who_leaves)
{
	static struct srv *before[KEYS], *after[KEYS];
	int got[4] = { 0 };

	ring_of((int[]){ 20, 20, 40, 20 }, 4);
	all_keys(before);
	for (int i = 0; i < KEYS; i++)
		got[before[i]->id - 1]++;
	for (int i = 0; i < 4; i++)
		ck_assert_int_gt(got[i], i == 2 ? 900 : 400);
	bk_set(&b, 1, false);
	all_keys(after);
	for (int i = 0; i < KEYS; i++) {
		ck_assert_ptr_ne(after[i], &b.srv[1]);
		if (before[i] != &b.srv[1])
			ck_assert_ptr_eq(before[i], after[i]);
	}
	bk_set(&b, 1, true);
	all_keys(after);
	ck_assert_mem_eq(before, after, sizeof(before));
	bk_fini(&b);
}
END_TEST

START_TEST(ring_is_bounded_by_the_factor)
{
	unsigned most = 0;

	ring_of((int[]){ 1, 1, 1, 1 }, 4);
	b.px.lb.factor = 125;
	for (int i = 0; i < 100; i++) {
		struct srv *s = srv_of_key(7);	/* always the same key */

		s->served++;
		b.p.served++;
	}
	for (int i = 0; i < 4; i++)
		most = MAX(most, b.srv[i].served);
	ck_assert_uint_le(most, 32);
	ck_assert_uint_ge(most, 25);
	bk_fini(&b);
}
END_TEST

START_TEST(ring_leaves_full_servers_where_it_may)
{
	struct srv *s, *other;

	ring_of((int[]){ 1, 1, 1 }, 3);
	s = srv_of_key(11);
	s->maxconn = s->minconn = s->served = 1;
	ck_assert_ptr_eq(srv_of_key(11), s);
	b.px.lb.preserve = PRESERVE_MAXCONN;
	other = srv_of_key(11);
	ck_assert_ptr_ne(other, s);
	b.px.lb.preserve = PRESERVE_MAXQUEUE;
	s->line->maxqueue = 1;
	ck_assert_ptr_eq(srv_of_key(11), s);
	s->queued = 1;
	ck_assert_ptr_eq(srv_of_key(11), other);
	bk_fini(&b);
}
END_TEST

START_TEST(ring_with_nobody_and_with_one)
{
	ring_of((int[]){ 1 }, 1);
	ck_assert_ptr_eq(srv_of_key(1), &b.srv[0]);
	bk_set(&b, 0, false);
	ck_assert_ptr_null(srv_of_key(1));
	bk_fini(&b);
}
END_TEST

START_TEST(table_by_key)
{
	static struct srv *where[KEYS];
	int got[3] = { 0 };

	bk_of(&b, &keyed, (int[]){ 1, 1, 2 }, 3);
	all_keys(where);
	for (int i = 0; i < KEYS; i++)
		got[where[i]->id - 1]++;
	ck_assert_int_eq(got[0] + got[1] + got[2], KEYS);
	ck_assert_int_gt(got[2], got[0] + 200);
	bk_fini(&b);
}
END_TEST

/* --- leastconn --- */

static const struct least *tournament(void)
{
	return container_of(b.p.lb, struct least, set);
}

/* Among the members, by what is noted of them. */
static bool better(const struct srv *one, const struct srv *other)
{
	return rank(tournament(), lb_place(one)) < rank(tournament(), lb_place(other));
}

static void take(struct srv *s)
{
	s->served++;
	lb_load(s);
}

static void give(struct srv *s)
{
	s->served--;
	lb_load(s);
}

START_TEST(least_idle_ones_in_turn)
{
	char order[10] = "";

	bk_of(&b, &lb_leastconn, (int[]){ 1, 1, 1 }, 3);
	for (int i = 0; i < 9; i++) {
		struct srv *s = bk_pick(&b);

		order[i] = s->name.p[0];
		take(s);
		give(s);
	}
	ck_assert_str_eq(order, "abcabcabc");
	bk_fini(&b);
}
END_TEST

START_TEST(least_by_weight)
{
	bk_of(&b, &lb_leastconn, (int[]){ 30, 10 }, 2);
	for (int i = 0; i < 400; i++)
		take(bk_pick(&b));
	ck_assert_uint_ge(b.srv[0].served, 299);
	ck_assert_uint_le(b.srv[0].served, 301);
	bk_fini(&b);
}
END_TEST

/* Whatever happens, the root is the best of all. */
START_TEST(least_tournament_against_a_walk)
{
	unsigned seed = 3;

	bk_init(&b, &lb_leastconn);
	for (int i = 0; i < 37; i++)
		bk_add(&b, 1 + i % 5, 0);
	lb_rebuild(&b.p);
	for (int i = 0; i < 20000; i++) {
		struct srv *s, *best = NULL;

		seed = seed * 1103515245 + 12345;
		s = &b.srv[(seed >> 16) % 37];
		if (seed & 0x40000000 && s->served)
			give(s);
		else
			take(i % 3 ? bk_pick(&b) : s);
		for (int k = 0; k < 37; k++)
			if (lb_in_use(&b.p, &b.srv[k]) && (!best || better(&b.srv[k], best)))
				best = &b.srv[k];
		ck_assert_ptr_eq(bk_pick(&b), best);
		if (i % 1000 == 0)
			bk_set(&b, i / 1000, false);
		if (i % 1000 == 500)
			bk_set(&b, i / 1000, true);
	}
	bk_fini(&b);
}
END_TEST

START_TEST(least_skips_the_full_and_the_failed)
{
	const struct srv *bad[1];
	struct lb_req r = { .avoid = bad, .navoid = 1 };

	bk_of(&b, &lb_leastconn, (int[]){ 1, 1 }, 2);
	bad[0] = &b.srv[0];
	ck_assert_ptr_eq(lb_pick(&b.p, &r), &b.srv[1]);
	for (int i = 0; i < 2; i++)
		b.srv[i].maxconn = b.srv[i].minconn = 1;
	take(&b.srv[1]);
	ck_assert_ptr_eq(lb_pick(&b.p, &r), &b.srv[0]);	/* the only one with room */
	take(&b.srv[0]);
	ck_assert_ptr_null(bk_pick(&b));
	give(&b.srv[1]);
	ck_assert_ptr_eq(bk_pick(&b), &b.srv[1]);
	bk_fini(&b);
}
END_TEST

static void *takes(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20000; i++) {
		struct srv *s = bk_pick(&b);

		atom_add(&s->served, 1);
		lb_load(s);
		s = &b.srv[i % 8];
		if (i % 4 == 0 && atom_get(&s->served) > 1000) {
			atom_sub(&s->served, 1);
			lb_load(s);
		}
	}
	return NULL;
}

/* When all is quiet again the tournament knows the best: no update was lost. */
START_TEST(least_with_threads)
{
	struct srv *best = NULL;
	pthread_t t[4];

	bk_of(&b, &lb_leastconn, (int[]){ 1, 2, 3, 4, 5, 6, 7, 8 }, 8);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, takes, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (int i = 0; i < 8; i++) {
		ck_assert_uint_eq(tournament()->seats[i].key, key_of(&b.srv[i]));
		if (!best || better(&b.srv[i], best))
			best = &b.srv[i];
	}
	ck_assert_ptr_eq(bk_pick(&b), best);
	bk_fini(&b);
}
END_TEST

/* --- first, random --- */

START_TEST(first_fills_one_after_the_other)
{
	bk_init(&b, &lb_first);
	for (int i = 0; i < 64; i++)
		bk_add(&b, 1, 0);
	for (int i = 0; i < 64; i++) {
		b.srv[i].maxconn = b.srv[i].minconn = 2;
		b.srv[i].id = 100 - i;	/* the last one declared is the first */
	}
	lb_rebuild(&b.p);
	for (int i = 0; i < 128; i++) {
		struct srv *s = bk_pick(&b);

		ck_assert_ptr_eq(s, &b.srv[63 - i / 2]);
		take(s);
	}
	ck_assert_ptr_null(bk_pick(&b));
	give(&b.srv[20]);
	ck_assert_ptr_eq(bk_pick(&b), &b.srv[20]);
	give(&b.srv[40]);
	ck_assert_ptr_eq(bk_pick(&b), &b.srv[40]);
	bk_fini(&b);
}
END_TEST

START_TEST(random_has_its_shares)
{
	int got[2] = { 0 };

	bk_init(&b, &lb_random);
	b.px.lb.arg1 = 1;
	bk_add(&b, 3, 0);
	bk_add(&b, 1, 0);
	lb_rebuild(&b.p);
	for (int i = 0; i < 40000; i++)
		got[bk_pick(&b)->id - 1]++;
	ck_assert_int_gt(got[0], 29000);
	ck_assert_int_lt(got[0], 31000);
	b.px.lb.arg1 = 30;
	b.srv[0].served = 100;	/* of so many draws the idle one is among them */
	ck_assert_str_eq(bk_order(&b, 5), "bbbbb");
	bk_fini(&b);
}
END_TEST

START_TEST(random_has_many_shares)
{
	enum { N = 40, DRAWN = 400000 };
	int got[N] = { 0 }, total = 0;

	bk_init(&b, &lb_random);
	b.px.lb.arg1 = 1;
	for (int i = 0; i < N; i++) {
		bk_add(&b, i * i % 11 + (i == 7 ? 200 : 1), 0);
		total += b.srv[i].weight;
	}
	lb_rebuild(&b.p);
	for (int i = 0; i < DRAWN; i++)
		got[bk_pick(&b)->id - 1]++;
	for (int i = 0; i < N; i++) {
		int want = DRAWN / total * b.srv[i].weight;

		ck_assert_int_lt(abs(got[i] - want), 300 + want / 10);
	}
	bk_fini(&b);
}
END_TEST

START_TEST(sticky_stays)
{
	static const int w[] = { 1, 1, 1 };
	static struct bk b;

	bk_of(&b, &lb_sticky, w, 3);
	ck_assert_str_eq(bk_order(&b, 4), "aaaa");
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 2), "aa");
	bk_set(&b, 0, false);
	ck_assert_str_eq(bk_order(&b, 2), "cc");
	bk_set(&b, 0, true);	/* those that come back stand at the end, in the order they came */
	bk_set(&b, 1, true);
	ck_assert_str_eq(bk_order(&b, 2), "cc");
	bk_set(&b, 2, false);
	ck_assert_str_eq(bk_order(&b, 2), "aa");
	bk_set(&b, 0, false);
	bk_set(&b, 1, false);
	ck_assert_str_eq(bk_order(&b, 2), "--");
	bk_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("balancing");

	UNIT_TEST(s, table_as_the_plain_rule_has_it);
	UNIT_TEST(s, table_walks_and_skips);
	UNIT_TEST(s, ring_moves_only_the_keys_of_who_leaves);
	UNIT_TEST(s, ring_is_bounded_by_the_factor);
	UNIT_TEST(s, ring_leaves_full_servers_where_it_may);
	UNIT_TEST(s, ring_with_nobody_and_with_one);
	UNIT_TEST(s, table_by_key);
	UNIT_TEST(s, least_idle_ones_in_turn);
	UNIT_TEST(s, least_by_weight);
	UNIT_TEST(s, least_tournament_against_a_walk);
	UNIT_TEST(s, least_skips_the_full_and_the_failed);
	UNIT_TEST(s, least_with_threads);
	UNIT_TEST(s, first_fills_one_after_the_other);
	UNIT_TEST(s, random_has_its_shares);
	UNIT_TEST(s, random_has_many_shares);
	UNIT_TEST(s, sticky_stays);
	return unit_run(s);
}
