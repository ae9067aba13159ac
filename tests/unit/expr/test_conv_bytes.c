/* Converters of bytes. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case figures[] = {
	{ "int(5),htonl,hex", "00000005" }, { "int(-1),htonl,hex", "FFFFFFFF" },
	{ "int(4294967297),htonl,hex", "00000001" }, { "str(ff),hex2i", "255" },
	{ "str(FF),hex2i", "255" }, { "str(0xff),hex2i", "<none>" },
	{ "str(xyz),hex2i", "<none>" }, { "str(),hex2i", "0" }, { "str(1g),hex2i", "<none>" },
	{ "str(ffffffffffffffff),hex2i", "-1" }, { "str(1ffffffffffffffff),hex2i", "-1" },
	{ "str(f),hex2i", "15" }, { "str(-1),hex2i", "<none>" },
	{ "bin(01020304050607),hex", "01020304050607" }, { "str(),hex", "" },
	{ "bin(c3a9),upper,hex", "C3A9" },
};

START_TEST(gives_figures)
{
	RUN_CASES(figures);
}
END_TEST

static const struct conv_case bytes[] = {
	{ "bin(01020304050607),bytes(2),hex", "0304050607" },
	{ "bin(01020304050607),bytes(2,3),hex", "030405" },
	{ "bin(01020304050607),bytes(2,99),hex", "0304050607" },
	{ "bin(01020304050607),bytes(7),hex", "" }, { "bin(01020304050607),bytes(8),hex", "" },
	{ "bin(01020304050607),bytes(0),hex", "01020304050607" },
	{ "bin(01020304050607),bytes(),hex", "ERR" }, { "bin(01020304050607),bytes,hex", "ERR" },
};

START_TEST(gives_bytes)
{
	RUN_CASES(bytes);
}
END_TEST

/* Literals that make no sense are refused, variables are taken: HAProxy 2.9 and later. */
static const struct conv_case bytes_ours[] = {
	{ "bin(01020304050607),bytes(0,0),hex", "ERR" },
	{ "bin(01020304050607),bytes(-1),hex", "ERR" },
	{ "bin(01020304050607),bytes(0,-1),hex", "ERR" },
	{ "bin(01020304050607),bytes(2,0),hex", "ERR" },
	{ "bin(01020304050607),bytes(1,txn.n),hex", "<none>" },
	{ "bin(01020304050607),bytes(txn.n),hex", "<none>" },
};

START_TEST(gives_bytes_ours)
{
	RUN_CASES(bytes_ours);
}
END_TEST

static const struct conv_case groups[] = {
	{ "bin(01020304050607),be2dec(:,2)", "258:772:1286:7" },
	{ "bin(01020304050607),be2dec(-,2,1)", "258-772-1286" },
	{ "bin(01020304050607),be2dec(,2,1)", "2587721286" },
	{ "bin(7f000001),be2dec(.,1)", "127.0.0.1" },
	{ "bin(01020304050607),be2dec(:,9)", "ERR" },
	{ "bin(01020304050607),be2dec(:,0)", "ERR" },
	{ "bin(01020304050607),be2dec(:,-1)", "ERR" },
	{ "bin(01020304050607),be2dec(:)", "ERR" },
	{ "bin(01020304050607),be2dec(:,8)", "283686952306183" },
	{ "bin(ffffffffffffffff),be2dec(:,8)", "18446744073709551615" },
	{ "bin(ffffffffffffffffff),be2dec(:,8,1)", "18446744073709551615" },
	{ "bin(ffff),be2dec(:,8,1)", "" }, { "bin(ffff),be2dec(:,8,2)", "ERR" },
	{ "str(),be2dec(:,2)", "" }, { "bin(01020304050607),be2hex", "01020304050607" },
	{ "bin(01020304050607),be2hex()", "01020304050607" },
	{ "bin(01020304050607),be2hex(:,2)", "0102:0304:0506:07" },
	{ "bin(01020304050607),be2hex(--,2,1)", "0102--0304--0506" },
	{ "bin(0102030405060708),be2hex(,3,1)", "010203040506" },
	{ "bin(0102030405060708),be2hex(:)", "ERR" },
	{ "bin(0102030405060708),be2hex(:,0)", "ERR" },
	{ "bin(0102030405060708),be2hex(:,-1)", "ERR" },
	{ "bin(0102030405060708),be2hex(:,99)", "0102030405060708" },
	{ "bin(0102030405060708),be2hex(:,99,1)", "" },
	{ "bin(0102030405060708),be2hex(,,1)", "ERR" },
	{ "bin(0102030405060708),be2hex(:,3,0)", "010203:040506:0708" },
	{ "bin(0102030405060708),be2hex(:,3,2)", "ERR" }, { "str(),be2hex(:,3)", "" },
};

START_TEST(gives_groups)
{
	RUN_CASES(groups);
}
END_TEST

/* Younger than HAProxy 2.6. */
static const struct conv_case groups_ours[] = {
	{ "bin(01020304050607),le2dec(:,2)", "513:1027:1541:7" },
	{ "bin(0102ff),le2dec(.,1)", "1.2.255" }, { "bin(ff00ff),le2dec(:,2,1)", "255" },
	{ "bin(a5ff00),base2", "101001011111111100000000" }, { "str(),base2", "" },
};

START_TEST(gives_groups_ours)
{
	RUN_CASES(groups_ours);
}
END_TEST

START_TEST(bytes_by_variables)
{
	static const struct conv_case cases[] = {
		{ "bin(01020304050607),bytes(txn.two),hex", "0304050607" },
		{ "bin(01020304050607),bytes(txn.two,txn.two),hex", "0304" },
		{ "bin(01020304050607),bytes(txn.two,99),hex", "0304050607" },
		{ "bin(01020304050607),bytes(0,txn.zero),hex", "" },
		{ "bin(01020304050607),bytes(txn.minus),hex", "<none>" },
		{ "bin(01020304050607),bytes(1,txn.minus),hex", "<none>" },
		{ "bin(0102),bytes(txn.none)", "<none>" },
	};
	struct world w;

	world_init(&w);
	set_number(&w, "txn.two", 2);
	set_number(&w, "txn.zero", 0);
	set_number(&w, "txn.minus", -1);
	run_cases_in(&w, cases, ARRAY_LEN(cases));
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_bytes");

	UNIT_TEST(s, gives_figures);
	UNIT_TEST(s, gives_bytes);
	UNIT_TEST(s, gives_bytes_ours);
	UNIT_TEST(s, gives_groups);
	UNIT_TEST(s, gives_groups_ours);
	UNIT_TEST(s, bytes_by_variables);
	return unit_run(s);
}
