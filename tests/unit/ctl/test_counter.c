/* Values at their limits, and rows of several origins in one order. */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>

#include "weir/base/obj.h"
#include "weir/ctl/counter.h"

static const char *text_of(void (*put)(struct sbuf *, const struct cnt_val *), struct cnt_val v)
{
	static char text[200];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	put(&b, &v);
	return sbuf_z(&b);
}

static const char *flt(double f)
{
	struct cnt_val v;

	cnt_flt(&v, f);
	return text_of(cnt_put_value, v);
}

static const char *csv(const char *s)
{
	struct cnt_val v;

	cnt_str(&v, str_c(s));
	return text_of(cnt_put_csv, v);
}

START_TEST(fractions)
{
	ck_assert_str_eq(flt(0), "0");
	ck_assert_str_eq(flt(0.1), "0.1");
	ck_assert_str_eq(flt(-2.5), "-2.5");
	ck_assert_str_eq(flt(0.000001), "0.000001");
	ck_assert_str_eq(flt(1000000), "1000000");
	ck_assert_str_eq(flt(1.0000001), "1");
	ck_assert_str_eq(flt(9007199254740993.0), "9007199254740992");
	ck_assert_str_eq(flt(NAN), "nan");
}
END_TEST

START_TEST(integers)
{
	struct cnt_val v;

	cnt_s32(&v, INT32_MIN);
	ck_assert_str_eq(text_of(cnt_put_value, v), "-2147483648");
	v = (struct cnt_val){ .type = CNT_S64, .i = INT64_MIN };
	ck_assert_str_eq(text_of(cnt_put_value, v), "-9223372036854775808");
}
END_TEST

START_TEST(fields_of_a_table)
{
	ck_assert_str_eq(csv(""), "");
	ck_assert_str_eq(csv("a;b'c"), "a;b'c");
	ck_assert_str_eq(csv("\""), "\"\"\"\"");
	ck_assert_str_eq(csv("a\nb"), "\"a\nb\"");
	ck_assert_str_eq(csv("a\r"), "\"a\r\"");
	ck_assert_str_eq(csv(","), "\",\"");
}
END_TEST

START_TEST(tags_nobody_knows)
{
	const struct cnt_row row = { .name = "x", .tags = "???" };
	struct cnt_val v;
	char text[400];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	cnt_u32(&v, 1);
	cnt_put_json(&b, &row, 0, STR_NONE, &v);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&b),
				     "{\"origin\":\"Unknown\",\"nature\":\"Unknown\",\"scope\":\"Unknown\"}"));
}
END_TEST

static void get_a(const void *o, enum cnt_kind k, struct cnt_val *v, int priv, struct arena *m)
{
	cnt_u32(v, 1);
}

static void get_b(const void *o, enum cnt_kind k, struct cnt_val *v, int priv, struct arena *m)
{
	cnt_u32(v, 2);
}

/* A later row of the same name gives its getter, and nothing else. */
START_TEST(merged)
{
	static const struct cnt_row base[] = { { "one", "MGP", "first", "m", NULL, 0, 1 },
					       { "two", "MCP", NULL, NULL, get_a, 2, 0 }, { NULL } };
	static const struct cnt_row more[] = { { "three", "MGP", NULL, NULL, get_b, 3, 0 },
					       { "one", "QQQ", "other", NULL, get_a, 9, 7 }, { NULL } };
	static const struct cnt_row last[] = { { "three", "MGP", NULL, NULL, get_a, 4, 0 }, { NULL } };
	static const struct cnt_row none[] = { { NULL } };
	const struct cnt_row *const both[] = { more, none, last, NULL }, *const nothing[] = { NULL };
	struct cnt_row *all;
	size_t n;

	all = cnt_merge(base, both, &n);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(all[0].name, "one");
	ck_assert_str_eq(all[0].tags, "MGP");
	ck_assert_str_eq(all[0].help, "first");
	ck_assert_int_eq(all[0].flags, 1);
	ck_assert(all[0].get == get_a && all[0].priv == 9);
	ck_assert_str_eq(all[1].name, "two");
	ck_assert_str_eq(all[2].name, "three");
	ck_assert(all[2].get == get_a && all[2].priv == 4);
	ck_assert_ptr_null(all[3].name);
	free(all);
	all = cnt_merge(none, nothing, &n);
	ck_assert_uint_eq(n, 0);
	ck_assert_ptr_null(all[0].name);
	free(all);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("counter");

	UNIT_TEST(s, fractions);
	UNIT_TEST(s, integers);
	UNIT_TEST(s, fields_of_a_table);
	UNIT_TEST(s, tags_nobody_knows);
	UNIT_TEST(s, merged);
	return unit_run(s);
}
