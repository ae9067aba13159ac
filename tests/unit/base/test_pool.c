#include "tests/unit/unit.h"

#include <pthread.h>
#include "src/base/pool.c"

START_TEST(classes_cover_every_size)
{
	unsigned last = 0;

	for (size_t n = 1; n <= SIZE_MAX_CLASS; n++) {
		unsigned k = class_of(n);

		ck_assert_uint_lt(k, CLASSES);
		ck_assert_uint_ge(class_size(k), n);
		ck_assert(k == 0 || class_size(k - 1) < n);
		ck_assert(k == last || k == last + 1);
		last = k;
	}
	ck_assert_uint_eq(class_size(CLASSES - 1), SIZE_MAX_CLASS);
}
END_TEST

START_TEST(gives_back_what_was_put)
{
	void *p = pool_get(200), *q;

	if (SANITIZED) {
		pool_put(p, 200);
		return;
	}
	pool_put(p, 200);
	q = pool_get(193);
	ck_assert_ptr_eq(p, q);
	pool_put(q, 193);
	pool_put(NULL, 5);
}
END_TEST

START_TEST(cache_is_bounded_and_flushed)
{
	struct pool_stat st[CLASSES];
	void *p[100];

	if (SANITIZED)
		return;
	for (int i = 0; i < 100; i++)
		p[i] = pool_zget(60000);
	ck_assert_int_eq(pool_stats(st, CLASSES), 1);
	ck_assert_uint_eq(st[0].used, 100);
	for (int i = 0; i < 100; i++)
		pool_put(p[i], 60000);
	ck_assert_int_eq(pool_stats(st, CLASSES), 1);
	ck_assert_uint_eq(st[0].used, 0);
	ck_assert_uint_eq(st[0].cached, CACHE_BYTES / 61440);
	ck_assert_uint_eq(st[0].size, 61440);
	pool_flush();
	ck_assert_int_eq(pool_stats(st, CLASSES), 0);
}
END_TEST

/* What libc gives may be a little larger than its class. */
START_TEST(blocks_of_libraries_find_their_class)
{
	for (size_t n = LINEAR_MIN; n < SIZE_MAX_CLASS + 8192; n++) {
		unsigned k = class_within(n);

		ck_assert_uint_lt(k, CLASSES);
		ck_assert_uint_le(class_size(k), n);
		ck_assert(k == CLASSES - 1 || class_size(k + 1) > n);
	}
	ck_assert_uint_ge(class_within(SIZE_MAX_CLASS + 8192), CLASSES);
	ck_assert_uint_ge(class_within((size_t)1 << 40), CLASSES);
}
END_TEST

START_TEST(libraries_get_what_they_freed)
{
	char *p = pool_alloc(700), *q;

	pool_free(p);		/* not kept: libc's */
	pool_keep(true);
	p = pool_alloc(700);
	pool_free(p);
	q = pool_alloc(650);
	ck_assert(SANITIZED || p == q);
	strcpy(q, "what was there");
	p = pool_resize(q, 20000);
	ck_assert_str_eq(p, "what was there");
	p = pool_resize(p, 100);
	ck_assert_str_eq(p, "what was there");
	ck_assert_ptr_null(pool_resize(p, 0));
	ck_assert_ptr_null(pool_alloc(0));
	pool_free(NULL);
	q = pool_resize(NULL, (size_t)1 << 20);
	ck_assert_ptr_nonnull(q);
	pool_free(pool_resize(q, (size_t)1 << 21));
	if (!SANITIZED)
		ck_assert_ptr_null(pool_alloc(SIZE_MAX / 4));
	pool_keep(false);
	pool_flush();
}
END_TEST

static void *put_here(void *p)
{
	pool_put(p, 64);
	pool_flush();
	return NULL;
}

START_TEST(travels_between_threads)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, put_here, pool_get(64)), 0);
	ck_assert_int_eq(pthread_join(t, NULL), 0);
}
END_TEST

START_TEST(large_and_plain_memory)
{
	char *big = pool_zget(1 << 20), *z = mem_strdup("abc"), *m = mem_zalloc(0);

	ck_assert_int_eq(big[(1 << 20) - 1], 0);
	pool_put(big, 1 << 20);
	ck_assert_str_eq(z, "abc");
	z = mem_realloc(z, 100);
	ck_assert_str_eq(z, "abc");
	ck_assert_ptr_nonnull(m);
	free(z);
	free(m);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("pool");

	UNIT_TEST(s, classes_cover_every_size);
	UNIT_TEST(s, gives_back_what_was_put);
	UNIT_TEST(s, cache_is_bounded_and_flushed);
	UNIT_TEST(s, blocks_of_libraries_find_their_class);
	UNIT_TEST(s, libraries_get_what_they_freed);
	UNIT_TEST(s, travels_between_threads);
	UNIT_TEST(s, large_and_plain_memory);
	return unit_run(s);
}
