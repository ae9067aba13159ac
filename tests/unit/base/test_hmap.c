#include "tests/unit/unit.h"

#include <stdio.h>
#include "weir/base/arena.h"
#include "weir/base/hmap.h"

#define KEYS 2000

static char texts[KEYS][16];

static struct str key(int i)
{
	return str_make(texts[i], snprintf(texts[i], sizeof(texts[i]), "key%d", i));
}

START_TEST(empty_map)
{
	struct hmap m = { 0 };
	size_t at = 0;

	ck_assert_ptr_null(hmap_get(&m, STR("x")));
	ck_assert_ptr_null(hmap_del(&m, STR("x")));
	ck_assert_ptr_null(hmap_next(&m, &at));
	hmap_fini(&m);
}
END_TEST

START_TEST(put_replace_delete)
{
	struct hmap m = { 0 };
	int a, b;

	ck_assert_ptr_null(hmap_put(&m, STR("k"), &a));
	ck_assert_ptr_eq(hmap_put(&m, STR("k"), &b), &a);
	ck_assert_uint_eq(m.count, 1);
	ck_assert_ptr_null(hmap_put(&m, STR(""), &a));
	ck_assert_ptr_eq(hmap_get(&m, STR_NONE), &a);
	ck_assert_ptr_null(hmap_put(&m, STR("null"), NULL));
	ck_assert(hmap_has(&m, STR("null")) && !hmap_has(&m, STR("nul")));
	ck_assert_ptr_eq(hmap_del(&m, STR("k")), &b);
	ck_assert_ptr_null(hmap_get(&m, STR("k")));
	ck_assert_uint_eq(m.count, 2);
	hmap_fini(&m);
}
END_TEST

START_TEST(many_come_and_go)
{
	struct hmap m = { 0 };
	const struct hmap_slot *s;
	size_t at = 0, seen = 0;

	for (int i = 0; i < KEYS; i++)
		hmap_put(&m, key(i), texts[i]);
	for (int i = 0; i < KEYS; i += 3)
		ck_assert_ptr_eq(hmap_del(&m, key(i)), texts[i]);
	for (int i = 0; i < KEYS; i++)
		ck_assert_ptr_eq(hmap_get(&m, key(i)), i % 3 ? texts[i] : NULL);
	while ((s = hmap_next(&m, &at))) {
		ck_assert_ptr_eq(s->value, s->key.p);
		seen++;
	}
	ck_assert_uint_eq(seen, m.count);
	for (int i = 0; i < KEYS; i++)
		hmap_del(&m, key(i));
	ck_assert_uint_eq(m.count, 0);
	hmap_fini(&m);
}
END_TEST

START_TEST(kept_in_an_arena)
{
	struct hmap m = { 0 }, none = { 0 };
	struct arena a;

	arena_init(&a, 4096);
	for (int i = 0; i < KEYS; i++)
		hmap_put(&m, key(i), texts[i]);
	hmap_keep(&m, &a);
	hmap_keep(&m, &a);
	hmap_keep(&none, &a);
	ck_assert_uint_lt(a.used, 4 * KEYS * sizeof(struct hmap_slot));
	for (int i = 0; i < KEYS; i++)
		ck_assert_ptr_eq(hmap_get(&m, key(i)), texts[i]);
	ck_assert(!hmap_has(&m, STR("key")) && !hmap_has(&none, STR("key")));
	hmap_fini(&m);
	hmap_fini(&none);
	arena_fini(&a);
	ck_assert(!hmap_put(&m, STR("again"), &a) && hmap_has(&m, STR("again")));
	hmap_fini(&m);
}
END_TEST

START_TEST(kept_is_kept)
{
	struct hmap m = { 0 };
	struct arena a;

	arena_init(&a, 4096);
	hmap_keep(&m, &a);
	hmap_put(&m, STR("k"), &a);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("hmap");

	UNIT_TEST(s, empty_map);
	UNIT_TEST(s, put_replace_delete);
	UNIT_TEST(s, many_come_and_go);
	UNIT_TEST(s, kept_in_an_arena);
	UNIT_TEST_SIGNAL(s, kept_is_kept, SIGABRT);
	return unit_run(s);
}
