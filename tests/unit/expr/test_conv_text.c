/* Converters of texts. */
#include "tests/unit/expr/conv_test.h"

#define CONV_LIMIT 16384	/* CONV_TEXT_MAX of the converters */

static const struct conv_case case_and_length[] = {
	{ "str(abc),length", "3" }, { "str(),length", "0" }, { "bin(0041),length", "0" },
	{ "str(AbC),lower", "abc" }, { "str(AbC),upper", "ABC" }, { "str(),upper", "" },
	{ "bin(c3a9),upper,hex", "C3A9" }, { "str(abc),ltrim(a)", "bc" },
	{ "str(aabcaa),ltrim(ab)", "caa" }, { "str(aabcaa),rtrim(ab)", "aabc" },
	{ "str(aaa),rtrim(a)", "" }, { "str(aaa),ltrim(a)", "" }, { "str(),ltrim(a)", "" },
	{ "str(abc),ltrim()", "abc" }, { "str(abc),ltrim", "abc" },
	{ "bin(410a42),cut_crlf", "A" }, { "bin(410d0a42),cut_crlf", "A" },
	{ "bin(0a),cut_crlf", "" }, { "str(abc),cut_crlf", "abc" }, { "bool(1),iif(a,b)", "a" },
	{ "bool(0),iif(a,b)", "b" }, { "int(5),iif(a,b)", "a" }, { "int(0),iif(a,b)", "b" },
	{ "int(0),iif(a,)", "" }, { "int(0),iif(a)", "ERR" }, { "int(0),iif(,b)", "b" },
	{ "int(1),iif(,b)", "" }, { "str(abc),iif(a,b)", "b" }, { "str(1),iif(a,b)", "a" },
	{ "str(0),iif(a,b)", "b" },
};

START_TEST(gives_case_and_length)
{
	RUN_CASES(case_and_length);
}
END_TEST

static const struct conv_case regsub[] = {
	{ "str(abc),regsub('b','\\t')", "atc" }, { "str(abc),regsub('b','\\n')", "anc" },
	{ "str(abc),regsub('b','\\r')", "arc" }, { "str(abc),regsub('b','\\\\')", "a\\c" },
	{ "str(abc),regsub('b','[\\x41]')", "a[A]c" },
	{ "str(abc),regsub('b','[\\q]')", "a[q]c" },
	{ "str(abc),regsub('b','[\\0\\0]')", "a[bb]c" },
	{ "str(abc),regsub('(b)','[\\1]')", "a[b]c" },
	{ "str(abc),regsub('b','[\\1]')", "a[]c" }, { "str(abcabc),regsub('b','')", "acabc" },
	{ "str(abcabc),regsub('b','',g)", "acac" },
	{ "str(abcabc),regsub('x*','-',g)", "-a-b-c-a-b-c-" },
	{ "str(abcabc),regsub('B','-',gi)", "a-ca-c" },
	{ "str(abcabc),regsub('^a','-',g)", "-bcabc" },
	{ "str(aaabc),regsub('^a','-',g)", "-aabc" },
	{ "str(aaabc),regsub('a$','-',g)", "aaabc" }, { "str(),regsub('^','-',g)", "-" },
	{ "str(abc),regsub('(b','-',g)", "ERR" }, { "str(abc),regsub('b','-',q)", "ERR" },
	{ "str(abc),regsub('b')", "ERR" }, { "str(foofoo foo),regsub('\\bfoo','x',g)", "xx x" },
	{ "str(aab),regsub('(?<=a)a','x',g)", "axb" },
	{ "str(aaaa),regsub('(?<=a)a','x',g)", "axax" },
	{ "str(aaaa),regsub('(?<=a)a','[\\0]',g)", "a[a]a[a]" },
};

START_TEST(gives_regsub)
{
	RUN_CASES(regsub);
}
END_TEST

/* Replacements that cannot work are refused at load. */
static const struct conv_case regsub_ours[] = {
	{ "str(abc),regsub('b','[\\xZZ]')", "ERR" }, { "str(abc),regsub('b','x\\')", "ERR" },
};

START_TEST(gives_regsub_ours)
{
	RUN_CASES(regsub_ours);
}
END_TEST

/* Younger than HAProxy 2.6. */
static const struct conv_case reverse_ours[] = {
	{ "str(abc),reverse", "cba" }, { "str(),reverse", "" },
	{ "bin(61ff62),reverse,hex", "62FF61" },
};

START_TEST(gives_reverse_ours)
{
	RUN_CASES(reverse_ours);
}
END_TEST

START_TEST(joins)
{
	static const struct conv_case cases[] = {
		{ "str(a),concat(b)", "ab" },
		{ "str(a),concat(-,txn.v,+)", "a-xyz+" },
		{ "str(a),concat(,txn.v)", "axyz" },
		{ "str(a),concat(,,c)", "ac" },
		{ "str(a),concat", "a" },
		{ "str(),concat(<,txn.none,>)", "<>" },
		{ "str(),concat(n=,txn.n)", "n=42" },
		{ "str(a),concat(x,y)", "ERR" },
		{ "str(a),add_item(';',txn.v)", "a;xyz" },
		{ "str(a),add_item(';',txn.v,!)", "a;xyz!" },
		{ "str(),add_item(';',txn.v)", "xyz" },
		{ "str(a),add_item(';',txn.none)", "a" },
		{ "str(a),add_item(';',txn.empty)", "a" },
		{ "str(a),add_item(';',,(s))", "ERR" },
		{ "str(a),add_item(';',,'(s)')", "a;(s)" },
		{ "str(),add_item(';',,s)", "s" },
		{ "str(a),add_item(';',txn.none,s)", "a;s" },
		{ "str(a),add_item(';')", "ERR" },
		{ "str(a),add_item", "ERR" },
	};
	struct world w;

	world_init(&w);
	set_text(&w, "txn.v", STR("xyz"));
	set_text(&w, "txn.empty", STR(""));
	set_number(&w, "txn.n", 42);
	run_cases_in(&w, cases, ARRAY_LEN(cases));
	world_fini(&w);
}
END_TEST

START_TEST(compares)
{
	struct world w;

	world_init(&w);
	set_text(&w, "txn.v", STR("abc"));
	VALUE(&w, "str(abc),strcmp(txn.v)", "0");
	ck_assert_int_lt(atoi(value_of(&w, "str(ab),strcmp(txn.v)")), 0);
	ck_assert_int_lt(atoi(value_of(&w, "str(abb),strcmp(txn.v)")), 0);
	ck_assert_int_gt(atoi(value_of(&w, "str(abcd),strcmp(txn.v)")), 0);
	VALUE(&w, "str(abc),strcmp(txn.none)", "<none>");
	world_fini(&w);
}
END_TEST

/* What does not fit the buffer of a result gives no value. */
START_TEST(too_long)
{
	struct world w;
	static char big[CONV_LIMIT + 1];

	world_init(&w);
	memset(big, 'x', sizeof(big));
	set_text(&w, "txn.big", str_make(big, sizeof(big)));
	VALUE(&w, "str(a),concat(,txn.big)", "<none>");
	VALUE(&w, "var(txn.big),regsub(x,xx,g)", "<none>");
	VALUE(&w, "var(txn.big),regsub(x,,g),length", "0");
	VALUE(&w, "var(txn.big),upper,length", "16385");
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_text");

	UNIT_TEST(s, gives_case_and_length);
	UNIT_TEST(s, gives_regsub);
	UNIT_TEST(s, gives_regsub_ours);
	UNIT_TEST(s, gives_reverse_ours);
	UNIT_TEST(s, joins);
	UNIT_TEST(s, compares);
	UNIT_TEST(s, too_long);
	return unit_run(s);
}
