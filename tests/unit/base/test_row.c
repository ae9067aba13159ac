#include "tests/unit/unit.h"

#include "weir/base/obj.h"
#include "weir/base/row.h"

struct row {
	const char *name;
	int value;
};

static const struct row rows[] = {
	{ "default_backend", 1 }, { "bind", 2 }, { "balance", 3 }, { "mode", 4 }
};

static const char *near_to(const char *word)
{
	struct row_near n;

	row_near_init(&n, str_c(word));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		row_near_try(&n, rows[i].name);
	return row_near_best(&n);
}

START_TEST(finds_by_name)
{
	const struct row *r = row_find(rows, ARRAY_LEN(rows), sizeof(rows[0]), STR("bind"));

	ck_assert_int_eq(r->value, 2);
	ck_assert_ptr_null(row_find(rows, ARRAY_LEN(rows), sizeof(rows[0]), STR("bin")));
	ck_assert_ptr_null(row_find(rows, ARRAY_LEN(rows), sizeof(rows[0]), STR("")));
}
END_TEST

START_TEST(nearest_spelling)
{
	ck_assert_str_eq(near_to("default-backend"), "default_backend");
	ck_assert_str_eq(near_to("deafult_backend"), "default_backend");
	ck_assert_str_eq(near_to("bnid"), "bind");
	ck_assert_str_eq(near_to("balanc"), "balance");
	ck_assert_ptr_null(near_to("foo"));
	ck_assert_ptr_null(near_to("x"));
	ck_assert_ptr_null(near_to(""));
	ck_assert_ptr_null(
		near_to("a-very-long-word-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on"));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("row");

	UNIT_TEST(s, finds_by_name);
	UNIT_TEST(s, nearest_spelling);
	return unit_run(s);
}
