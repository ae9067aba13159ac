#include <stdio.h>

#include "tests/unit/unit.h"
#include "weir/log/ring.h"

static void put(struct ring *r, const char *text)
{
	struct iovec iov[2] = { { (void *)"<", 1 }, { (void *)text, strlen(text) } };

	ck_assert(ring_put(r, iov, 2));
}

static bool next_is(struct ring *r, uint64_t *pos, const char *want)
{
	struct sbuf out = sbuf_grow();
	bool same = ring_next(r, pos, &out) && str_eqz(sbuf_str(&out), want);

	sbuf_fini(&out);
	return same;
}

START_TEST(lines_come_out_in_order)
{
	struct ring *r = ring_declare(STR("a"), 4096, NULL);
	struct sbuf none = sbuf_grow();
	uint64_t pos = 0;

	put(r, "one");
	put(r, "");
	put(r, "three");
	ck_assert(next_is(r, &pos, "<one"));
	ck_assert(next_is(r, &pos, "<"));
	ck_assert(next_is(r, &pos, "<three"));
	ck_assert(!ring_next(r, &pos, &none));
	ck_assert_uint_eq(pos, ring_end(r));
	put(r, "four");
	ck_assert(next_is(r, &pos, "<four"));
	sbuf_fini(&none);
	rings_free();
}
END_TEST

static const char dots[] = "..................................................";

START_TEST(old_lines_make_place)
{
	struct ring *r = ring_declare(STR("b"), 1024, NULL);
	uint64_t pos = 0, old = 0;
	char text[80], want[80];
	unsigned n = 0, first = 0;

	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "line %03d %.*s", i, i % 50, dots);
		put(r, text);
	}
	/* What is left are the last ones, whole and in order. */
	for (int i = 0; i < 1000; i++) {
		snprintf(want, sizeof(want), "<line %03d %.*s", i, i % 50, dots);
		old = pos;
		if (next_is(r, &pos, want)) {
			first = n++ ? first : (unsigned)i;
			continue;
		}
		ck_assert_uint_eq(n, 0);
		pos = old;
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(first + n, 1000);
	rings_free();
}
END_TEST

START_TEST(too_long_a_line_is_dropped)
{
	struct ring *r = ring_declare(STR("c"), 1024, NULL);
	static char big[2000];
	struct iovec iov = { big, sizeof(big) };

	ck_assert(!ring_put(r, &iov, 1));
	ck_assert_uint_eq(ring_dropped(r), 1);
	iov.iov_len = 1020;
	ck_assert(ring_put(r, &iov, 1));
	rings_free();
}
END_TEST

START_TEST(rings_are_found_by_name)
{
	int gen1 = 1, gen2 = 2;
	struct ring *r = ring_declare(STR("x"), 1024, &gen1);

	ck_assert_ptr_eq(ring_find(STR("x")), r);
	ck_assert_ptr_null(ring_find(STR("y")));
	ck_assert(ring_known(STR("x"), &gen1) && !ring_known(STR("x"), &gen2));
	ck_assert(ring_known(STR(RING_OWN), &gen2));
	put(r, "kept");
	ck_assert_ptr_eq(ring_declare(STR("x"), 4096, &gen2), r);
	ck_assert(ring_known(STR("x"), &gen2));
	ck_assert(next_is(r, &(uint64_t){ 0 }, "<kept"));
	ck_assert_ptr_eq(ring_each(NULL), r);
	ck_assert_ptr_null(ring_each(r));
	rings_free();
}
END_TEST

struct counted {
	struct ring_reader rd;
	int woken;
};

static void count(struct ring_reader *rd)
{
	((struct counted *)rd)->woken++;
}

START_TEST(a_reader_keeps_its_lines)
{
	static const struct str name = STR_INIT("a name that is quite a bit longer than sixty-three characters");
	struct ring *r = ring_declare(name, 1024, NULL);
	struct iovec iov = { (void *)dots, 50 };
	struct counted c = { .rd.wake = count };
	struct sbuf out = sbuf_grow();
	int lines = 0, again = 0;

	ck_assert_ptr_eq(ring_find(ring_name(r)), r);
	put(r, "first");
	ring_attach(r, &c.rd);
	while (ring_put(r, &iov, 1))
		lines++;
	ck_assert_int_gt(lines, 15);
	ck_assert_int_eq(c.woken, lines + 1);
	ck_assert_uint_eq(ring_dropped(r), 1);
	ck_assert(!ring_put(r, &iov, 1));
	ck_assert_uint_eq(ring_dropped(r), 2);
	ck_assert(ring_read(&c.rd, &out) && str_eqz(sbuf_str(&out), "<first"));
	while (ring_read(&c.rd, &out))
		again++;
	ck_assert_int_eq(again, lines);
	ck_assert(ring_put(r, &iov, 1));
	/* Nobody is there any more: old lines make place again. */
	ring_detach(&c.rd);
	for (int i = 0; i < 100; i++)
		ck_assert(ring_put(r, &iov, 1));
	ck_assert_uint_eq(ring_dropped(r), 2);
	sbuf_fini(&out);
	rings_free();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("ring");

	UNIT_TEST(s, lines_come_out_in_order);
	UNIT_TEST(s, old_lines_make_place);
	UNIT_TEST(s, too_long_a_line_is_dropped);
	UNIT_TEST(s, rings_are_found_by_name);
	UNIT_TEST(s, a_reader_keeps_its_lines);
	return unit_run(s);
}
