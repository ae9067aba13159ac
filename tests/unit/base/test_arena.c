#include "tests/unit/unit.h"
#include "tests/unit/sealed.h"

#include <stdint.h>
#include "weir/base/arena.h"

START_TEST(allocates_aligned_and_zeroed)
{
	struct arena a;

	arena_init(&a, 1024);
	ck_assert_ptr_null(a.blocks);
	for (int i = 1; i < 300; i++) {
		char *p = arena_zalloc(&a, i);

		ck_assert_uint_eq((uintptr_t)p % 16, 0);
		for (int j = 0; j < i; j++)
			ck_assert_int_eq(p[j], 0);
		memset(p, 0xa5, i);
	}
	ck_assert_uint_eq(a.used, 299 * 300 / 2);
	arena_fini(&a);
	ck_assert_ptr_null(a.blocks);
}
END_TEST

START_TEST(large_blocks_leave_the_current_one)
{
	struct arena a;
	char *first, *second;

	arena_init(&a, 512);
	first = arena_bytes(&a, 10);
	memset(arena_alloc(&a, 100000), 1, 100000);
	second = arena_bytes(&a, 10);
	ck_assert_ptr_eq(second, first + 10);
	arena_fini(&a);
	/* a large thing first, then usable again */
	memset(arena_alloc(&a, 5000), 1, 5000);
	memset(arena_alloc(&a, 50), 1, 50);
	ck_assert_ptr_nonnull(arena_alloc(&a, 0));
	arena_fini(&a);
}
END_TEST

START_TEST(text)
{
	struct arena a;
	struct str s;

	arena_init(&a, 64);
	s = arena_str(&a, STR("abc"));
	ck_assert(str_eqz(s, "abc") && s.p[3] == 0);
	ck_assert_str_eq(arena_strz(&a, "def"), "def");
	s = arena_printf(&a, "%d-%s", 5, "x");
	ck_assert(str_eqz(s, "5-x") && s.p[3] == 0);
	s = arena_printf(&a, "%0200d", 5);
	ck_assert_uint_eq(s.n, 200);
	arena_fini(&a);
}
END_TEST

static char order[8];

static void note(void *p)
{
	strcat(order, p);
}

START_TEST(defers_run_last_first)
{
	struct arena a;

	arena_init(&a, 512);
	arena_defer(&a, note, arena_strz(&a, "a"));
	arena_defer(&a, note, arena_strz(&a, "b"));
	arena_fini(&a);
	ck_assert_str_eq(order, "ba");
	arena_fini(&a);
	ck_assert_str_eq(order, "ba");
}
END_TEST

START_TEST(sealed_pages_refuse_writes)
{
	struct arena a;
	char *small, *large, *last = NULL;

	arena_init_pages(&a, 4096);
	small = arena_zalloc(&a, 1);
	large = arena_zalloc(&a, 50000);
	for (int i = 0; i < 100; i++)
		last = arena_zalloc(&a, 100);
	arena_seal(&a);
	ck_assert_int_eq(refuses_a_write(small), SEALS);
	ck_assert_int_eq(refuses_a_write(large + 49999), SEALS);
	ck_assert_int_eq(refuses_a_write(last), SEALS);
	ck_assert_int_eq(*small + large[49999] + *last, 0);
	arena_unseal(&a);
	ck_assert(!refuses_a_write(small) && !refuses_a_write(large) && !refuses_a_write(last));
	memset(large, 1, 50000);
	arena_fini(&a);
	ck_assert_ptr_null(a.blocks);
}
END_TEST

/* The arena that lies in itself goes through a copy. */
START_TEST(an_arena_in_its_own_pages)
{
	struct arena a, *in;

	arena_init_pages(&a, 4096);
	in = arena_new(&a, struct arena);
	*in = a;
	order[0] = 0;
	arena_defer(in, note, arena_strz(in, "gone"));
	arena_seal(in);
	ck_assert_int_eq(refuses_a_write(&in->used), SEALS);
	arena_unseal(in);
	a = *in;
	arena_fini(&a);
	ck_assert_str_eq(order, "gone");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("arena");

	UNIT_TEST(s, allocates_aligned_and_zeroed);
	UNIT_TEST(s, large_blocks_leave_the_current_one);
	UNIT_TEST(s, text);
	UNIT_TEST(s, defers_run_last_first);
	UNIT_TEST(s, sealed_pages_refuse_writes);
	UNIT_TEST(s, an_arena_in_its_own_pages);
	return unit_run(s);
}
