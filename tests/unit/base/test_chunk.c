#include "tests/unit/unit.h"

#include "src/base/sanitize.h"
#include "weir/base/chunk.h"
#include "weir/base/pool.h"

/* A chunk filled with a text. */
static struct chunk *chunk_of(const char *text)
{
	struct chunk *c = chunk_get(16384);

	c->fill = strlen(text);
	memcpy(c->data, text, c->fill);
	return c;
}

static void assert_holds(const struct spanq *q, const char *want)
{
	char text[256];
	size_t n = spanq_copy(q, 0, text, sizeof(text));

	ck_assert_uint_eq(n, strlen(want));
	ck_assert_uint_eq(q->bytes, n);
	ck_assert_mem_eq(text, want, n);
}

START_TEST(chunks_are_reused)
{
	struct chunk *c = chunk_get(16384), *d = chunk_get(100);
	void *was = c;

	ck_assert_uint_ge(c->size, 16384);
	ck_assert_uint_eq(chunk_room(c), c->size);
	ck_assert_uint_ge(d->size, 100);
	chunk_ref(c);
	chunk_unref(c);
	ck_assert_uint_eq(c->refs, 1);
	chunk_unref(c);
	c = chunk_get(16384);
	ck_assert(SANITIZED || c == was);
	chunk_unref(c);
	chunk_unref(d);
	chunk_unref(NULL);
	chunk_flush();
}
END_TEST

START_TEST(what_is_held_is_known)
{
	size_t had = chunk_left();
	struct chunk *c = chunk_get(16384), *d = chunk_get(100);

	ck_assert_uint_ge(had - chunk_left(), 16384 + 100);
	ck_assert_uint_le(had - chunk_left(), 16384 + 100 + 300);
	chunk_set_budget(10000);
	ck_assert_uint_eq(chunk_left(), 0);	/* it is exceeded rather than anything refused */
	chunk_unref(c);
	ck_assert_uint_ge(chunk_left(), 9000);
	chunk_unref(d);
	ck_assert_uint_eq(chunk_left(), 10000);
	chunk_flush();
}
END_TEST

START_TEST(odd_sizes_beyond_the_cache)
{
	for (uint32_t size = 10000; size < 200000; size += 10000) {
		struct chunk *c = chunk_get(size);

		memset(c->data, 1, c->size);
		ck_assert_uint_ge(c->size, size);
		chunk_unref(c);
	}
	chunk_flush();
}
END_TEST

START_TEST(pushes_merge_neighbours)
{
	struct spanq q = { 0 };
	struct chunk *c = chunk_of("hello world");

	spanq_push(&q, c, 0, 5);
	spanq_push(&q, c, 5, 6);
	spanq_push(&q, c, 3, 0);
	ck_assert_uint_eq(q.count, 1);
	ck_assert_uint_eq(c->refs, 2);
	spanq_push(&q, c, 0, 5);
	ck_assert_uint_eq(q.count, 2);
	assert_holds(&q, "hello worldhello");
	spanq_fini(&q);
	ck_assert_uint_eq(c->refs, 1);
	chunk_unref(c);
}
END_TEST

START_TEST(ring_grows_and_wraps)
{
	struct spanq q;
	struct chunk *c = chunk_of("0123456789abcdef");
	struct iovec iov[3];

	spanq_init(&q);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 7; i++)
			spanq_push(&q, c, i * 2, 1);
		ck_assert(str_eqz(spanq_peek(&q), "0"));
		ck_assert_int_eq(spanq_iov(&q, iov, 3), 3);
		ck_assert_int_eq(*(char *)iov[2].iov_base, '4');
		spanq_drop(&q, 3);
		assert_holds(&q, "68ac");
		spanq_drop(&q, 4);
		ck_assert(spanq_empty(&q));
	}
	ck_assert_uint_eq(spanq_peek(&q).n, 0);
	spanq_fini(&q);
	ck_assert_uint_eq(c->refs, 1);
	chunk_unref(c);
}
END_TEST

START_TEST(copies_fill_their_own_tail)
{
	struct spanq q = { 0 };
	struct chunk *c = chunk_of("shared");
	char big[5000];

	spanq_push(&q, c, 0, 6);
	spanq_push_copy(&q, " one", 4);
	spanq_push_copy(&q, " two", 4);
	ck_assert_uint_eq(q.count, 2);
	ck_assert_uint_eq(c->fill, 6);
	spanq_push_static(&q, " end", 4);
	assert_holds(&q, "shared one two end");
	spanq_drop(&q, 7);
	assert_holds(&q, "one two end");
	ck_assert_uint_eq(c->refs, 1);
	memset(big, 'x', sizeof(big));
	spanq_push_copy(&q, big, sizeof(big));
	ck_assert_uint_eq(q.bytes, 5011);
	spanq_fini(&q);
	chunk_unref(c);
}
END_TEST

START_TEST(small_copies_gather)
{
	struct spanq q;

	spanq_init(&q);
	for (int i = 0; i < 100; i++)
		spanq_push_copy_room(&q, "0123456789", 10, 4000);
	ck_assert_uint_eq(q.count, 1);
	ck_assert_uint_eq(q.bytes, 1000);
	spanq_fini(&q);
}
END_TEST

START_TEST(moves_without_copying)
{
	struct spanq from = { 0 }, to = { 0 };
	struct chunk *c = chunk_of("0123456789");
	char text[4];

	spanq_push(&from, c, 0, 10);
	spanq_push_static(&from, "static", 6);
	ck_assert_uint_eq(spanq_move(&to, &from, 4), 4);
	assert_holds(&to, "0123");
	assert_holds(&from, "456789static");
	ck_assert_uint_eq(spanq_copy(&from, 5, text, 4), 4);
	ck_assert_mem_eq(text, "9sta", 4);
	ck_assert_uint_eq(spanq_move(&to, &from, 9), 9);
	assert_holds(&to, "0123456789sta");
	ck_assert_uint_eq(to.count, 2);
	ck_assert_uint_eq(spanq_move(&to, &from, 100), 3);
	ck_assert(spanq_empty(&from));
	ck_assert_uint_eq(c->refs, 2);
	spanq_fini(&to);
	spanq_fini(&from);
	chunk_unref(c);
}
END_TEST

START_TEST(drop_beyond_the_end)
{
	struct spanq q = { 0 };

	spanq_push_static(&q, "abc", 3);
	spanq_drop(&q, 4);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("chunk");

	UNIT_TEST(s, chunks_are_reused);
	UNIT_TEST(s, what_is_held_is_known);
	UNIT_TEST(s, odd_sizes_beyond_the_cache);
	UNIT_TEST(s, pushes_merge_neighbours);
	UNIT_TEST(s, ring_grows_and_wraps);
	UNIT_TEST(s, copies_fill_their_own_tail);
	UNIT_TEST(s, small_copies_gather);
	UNIT_TEST(s, moves_without_copying);
	UNIT_TEST_SIGNAL(s, drop_beyond_the_end, SIGABRT);
	return unit_run(s);
}
