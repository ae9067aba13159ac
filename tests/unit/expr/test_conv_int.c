/* Converters of numbers. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case numbers[] = {
	{ "int(5),add(3)", "8" }, { "int(5),add(-3)", "2" }, { "int(5),add()", "5" },
	{ "int(5),add", "5" }, { "int(5),add(x)", "ERR" }, { "int(5),add(txn.x)", "<none>" },
	{ "int(9223372036854775807),add(1)", "9223372036854775807" },
	{ "int(-9223372036854775807),add(-2)", "-9223372036854775808" },
	{ "int(9223372036854775807),sub(-1)", "9223372036854775807" },
	{ "int(-9223372036854775807),sub(2)", "-9223372036854775808" },
	{ "int(-9223372036854775808),sub(-1)", "-9223372036854775807" },
	{ "int(5),sub(-9223372036854775808)", "9223372036854775807" },
	{ "int(-5),sub(-9223372036854775808)", "9223372036854775803" },
	{ "int(5),mul(3)", "15" }, { "int(9223372036854775807),mul(2)", "9223372036854775807" },
	{ "int(9223372036854775807),mul(-2)", "-9223372036854775808" },
	{ "int(-9223372036854775808),mul(-1)", "9223372036854775807" },
	{ "int(0),mul(-9223372036854775808)", "0" }, { "int(7),div(2)", "3" },
	{ "int(-7),div(2)", "-3" }, { "int(7),div(0)", "9223372036854775807" },
	{ "int(-7),div(0)", "9223372036854775807" },
	{ "int(-9223372036854775808),div(-1)", "9223372036854775807" }, { "int(7),mod(3)", "1" },
	{ "int(-7),mod(3)", "-1" }, { "int(7),mod(0)", "0" },
	{ "int(-9223372036854775808),mod(-1)", "0" }, { "int(12),and(10)", "8" },
	{ "int(12),or(3)", "15" }, { "int(12),xor(10)", "6" }, { "int(12),cpl", "-13" },
	{ "int(5),neg", "-5" }, { "int(-9223372036854775808),neg", "9223372036854775807" },
	{ "str(5),add(1)", "6" }, { "str(5x),add(1)", "6" }, { "str(x),add(1)", "1" },
	{ "str(),add(1)", "<none>" }, { "ipv4(1.2.3.4),add(1)", "16909061" },
	{ "bool(true),add(1)", "2" }, { "bin(3131),add(1)", "ERR" },
};

START_TEST(gives_numbers)
{
	RUN_CASES(numbers);
}
END_TEST

/* A literal beyond 64 bits is refused. */
static const struct conv_case numbers_ours[] = {
	{ "int(5),add(99999999999999999999)", "ERR" },
};

START_TEST(gives_numbers_ours)
{
	RUN_CASES(numbers_ours);
}
END_TEST

static const struct conv_case tests[] = {
	{ "int(5),bool", "1" }, { "int(0),bool", "0" }, { "int(5),not", "0" },
	{ "int(0),not", "1" }, { "int(5),odd", "1" }, { "int(-5),odd", "1" },
	{ "int(5),even", "0" }, { "int(-5),even", "0" }, { "int(5),htonl,hex", "00000005" },
	{ "int(-1),htonl,hex", "FFFFFFFF" }, { "int(4294967297),htonl,hex", "00000001" },
};

START_TEST(gives_tests)
{
	RUN_CASES(tests);
}
END_TEST

START_TEST(reads_variables)
{
	static const struct conv_case cases[] = {
		{ "int(5),add(txn.n)", "12" }, { "int(5),sub(txn.n)", "-2" },
		{ "int(5),mul(txn.t)", "15" }, { "int(5),add(txn.none)", "<none>" },
		{ "int(5),div(txn.n)", "0" },
	};
	struct world w;

	world_init(&w);
	set_number(&w, "txn.n", 7);
	set_text(&w, "txn.t", STR("3"));
	run_cases_in(&w, cases, ARRAY_LEN(cases));
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_int");

	UNIT_TEST(s, gives_numbers);
	UNIT_TEST(s, gives_numbers_ours);
	UNIT_TEST(s, gives_tests);
	UNIT_TEST(s, reads_variables);
	return unit_run(s);
}
