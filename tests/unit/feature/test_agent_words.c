/* What lines of agents mean. */
#include "tests/unit/unit.h"

#include "src/feature/check/agent_words.c"

static struct agent_says read_line(const char *line)
{
	struct agent_says says;

	agent_read(str_c(line), &says);
	return says;
}

START_TEST(reads_each_kind_of_word)
{
	struct agent_says s = read_line("75% maint\tmaxconn:30,UP # slow today");

	ck_assert(str_eq(s.weight, STR("75%")));
	ck_assert(str_eq(s.admin, STR("maint")));
	ck_assert(str_eq(s.maxconn, STR("30")));
	ck_assert(str_eq(s.health, STR("UP")));
	ck_assert(str_eq(s.remark, STR("slow today")));
	ck_assert_uint_eq(s.unknown.n, 0);
}
END_TEST

START_TEST(the_last_of_a_kind_counts)
{
	struct agent_says s = read_line("up down 1% 2% ready drain");

	ck_assert(str_eq(s.health, STR("down")));
	ck_assert(str_eq(s.weight, STR("2%")));
	ck_assert(str_eq(s.admin, STR("drain")));
}
END_TEST

START_TEST(keeps_the_first_unknown_word)
{
	struct agent_says s = read_line("foo up bar 50 %");

	ck_assert(str_eq(s.unknown, STR("foo")));
	ck_assert(str_eq(s.health, STR("up")));
	ck_assert_uint_eq(s.weight.n, 0);
}
END_TEST

START_TEST(bears_empty_lines)
{
	ck_assert_uint_eq(read_line("").health.n, 0);
	ck_assert_uint_eq(read_line(" ,\t, ").unknown.n, 0);
	ck_assert_uint_eq(read_line("#").remark.n, 0);
	ck_assert(read_line("maxconn:").maxconn.p != NULL);
	ck_assert(str_eq(read_line("fail#now").remark, STR("now")));
	ck_assert(str_eq(read_line("fail#now").health, STR("fail")));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("agent_words");

	UNIT_TEST(s, reads_each_kind_of_word);
	UNIT_TEST(s, the_last_of_a_kind_counts);
	UNIT_TEST(s, keeps_the_first_unknown_word);
	UNIT_TEST(s, bears_empty_lines);
	return unit_run(s);
}
