/* Lines on their way from a ring to a server: batches, and what is sent again on another connection. */
#include "tests/unit/unit.h"

#include "src/feature/ring/forward.c"

static struct ring *r;
static struct server_line line;

static void put(const char *text)
{
	struct iovec iov = { (void *)text, strlen(text) };

	ck_assert(ring_put(r, &iov, 1));
}

static struct forward *begin(bool octets)
{
	line = (struct server_line){ .log_proto = octets ? LOG_PROTO_OCTETS : LOG_PROTO_LEGACY };
	r = ring_declare(STR("r"), 65536, NULL);
	return forward_create(r, &line, NULL);
}

static void end(struct forward *f)
{
	forward_free(f);
	rings_free();
}

static void holds(const struct forward *f, const char *text)
{
	ck_assert_msg(str_eqz(sbuf_str(&f->out), text), "'" STR_FMT "'", STR_ARG(sbuf_str(&f->out)));
}

START_TEST(how_lines_are_told_apart)
{
	struct forward *f = begin(false);

	ck_assert(!refill(f));
	put("<13>one");
	put("");
	put("three");
	ck_assert(refill(f));
	holds(f, "<13>one\n\nthree\n");
	ck_assert(!refill(f));
	end(f);
	f = begin(true);
	put("<13>one");
	put("with\na line feed");
	put("");
	ck_assert(refill(f));
	holds(f, "7 <13>one16 with\na line feed0 ");
	end(f);
}
END_TEST

/* A line that was cut by the end of a connection goes out again as a whole, those before it do not. */
START_TEST(nothing_is_cut)
{
	static const struct { size_t sent; const char *left; } cases[] = {
		{ 0, "one\ntwo\nthree\n" }, { 1, "one\ntwo\nthree\n" }, { 3, "one\ntwo\nthree\n" },
		{ 4, "two\nthree\n" }, { 7, "two\nthree\n" }, { 8, "three\n" }, { 13, "three\n" }, { 14, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct forward *f = begin(false);

		put("one");
		put("two");
		put("three");
		ck_assert(refill(f));
		f->sent = cases[i].sent;
		rewind_batch(f);
		holds(f, cases[i].left);
		ck_assert_uint_eq(f->sent, 0);
		if (f->nlines) {		/* and once more, in the middle of the first that is left */
			f->sent = 1;
			rewind_batch(f);
			holds(f, cases[i].left);
			f->sent = f->ends[0];
			rewind_batch(f);
			holds(f, strchr(cases[i].left, '\n') + 1);
		}
		end(f);
	}
}
END_TEST

START_TEST(batches_are_bounded)
{
	struct forward *f = begin(false);
	char big[5001] = "";
	int lines = 0;

	for (int i = 0; i < 100; i++)
		put("x");
	ck_assert(refill(f));
	ck_assert_uint_eq(f->nlines, BATCH_LINES);
	ck_assert(refill(f));
	ck_assert_uint_eq(f->nlines, 100 - BATCH_LINES);
	memset(big, 'y', sizeof(big) - 1);
	for (int i = 0; i < 10; i++)
		put(big);
	while (refill(f)) {
		ck_assert_uint_le(f->out.n, BATCH_BYTES + sizeof(big));
		lines += (int)f->nlines;
	}
	ck_assert_int_eq(lines, 10);
	end(f);
}
END_TEST

/* While nobody takes them lines wait; what does not fit is dropped, not what is there. */
START_TEST(a_full_ring_keeps_what_was_not_sent)
{
	struct forward *f = begin(false);
	struct iovec iov = { (void *)"0123456789", 10 };
	int n = 0, lines = 0;

	while (ring_put(r, &iov, 1))
		n++;
	ck_assert_int_gt(n, 1000);
	while (refill(f))
		lines += (int)f->nlines;
	ck_assert_int_eq(lines, n);
	ck_assert(ring_put(r, &iov, 1));
	end(f);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("ring_forward");

	UNIT_TEST(s, how_lines_are_told_apart);
	UNIT_TEST(s, nothing_is_cut);
	UNIT_TEST(s, batches_are_bounded);
	UNIT_TEST(s, a_full_ring_keeps_what_was_not_sent);
	return unit_run(s);
}
