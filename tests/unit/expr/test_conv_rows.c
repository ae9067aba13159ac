/* The tables as such: complete, documented, without names given twice. */
#include "tests/unit/expr/conv_test.h"

START_TEST(rows_are_complete)
{
	const char *seen[200];
	size_t n = 0;

	for (const struct conv_table *t = conv_test_tables; t->rows; t++) {
		for (size_t i = 0; i < t->n; i++) {
			const struct conv_row *r = &t->rows[i];

			ck_assert_msg(r->name && r->conv && r->help, "row %zu", i);
			for (size_t k = 0; k < n; k++)
				ck_assert_str_ne(seen[k], r->name);
			seen[n++] = r->name;
		}
	}
	ck_assert_uint_ge(n, 80);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_rows");

	UNIT_TEST(s, rows_are_complete);
	return unit_run(s);
}
