/* Converters of protocol buffers. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case protobuf[] = {
	{ "bin(0a0b0a094869210a0b),protobuf(1),hex", "<none>" },
	{ "bin(08ac02),protobuf(1,int32)", "300" }, { "bin(08ac02),protobuf(1),hex", "AC02" },
	{ "bin(08ac02),protobuf(2,int32)", "<none>" }, { "bin(08ac02),protobuf(1,bool)", "300" },
	{ "bin(08ac02),protobuf(1,sint32)", "150" },
	{ "bin(08ffffffffffffffffff01),protobuf(1,int64)", "-1" },
	{ "bin(08ffffffffffffffffff01),protobuf(1,int32)", "-1" },
	{ "bin(08ffffffffffffffffff01),protobuf(1,uint64)", "-1" },
	{ "bin(08ffffffffffffffffff01),protobuf(1,uint32)", "-1" },
	{ "bin(08ffffffffffffffffff01),protobuf(1,sint64)", "-9223372036854775808" },
	{ "bin(08ffffffff0f),protobuf(1,int32)", "4294967295" },
	{ "bin(08ffffffff0f),protobuf(1,uint32)", "4294967295" },
	{ "bin(08ffffffff0f),protobuf(1,sint32)", "-2147483648" },
	{ "bin(0802),protobuf(1,enum)", "2" }, { "bin(0d01000000),protobuf(1,fixed32)", "1" },
	{ "bin(0dffffffff),protobuf(1,fixed32)", "4294967295" },
	{ "bin(0dffffffff),protobuf(1,sfixed32)", "-1" },
	{ "bin(0d0000803f),protobuf(1,float)", "1" },
	{ "bin(0d00002040),protobuf(1,float)", "2" },
	{ "bin(090100000000000000),protobuf(1,fixed64)", "1" },
	{ "bin(09ffffffffffffffff),protobuf(1,sfixed64)", "-1" },
	{ "bin(09000000000000f83f),protobuf(1,double)", "1" },
	{ "bin(0a03616263),protobuf(1),hex", "616263" },
	{ "bin(0a03616263),protobuf(1,string),hex", "ERR" },
	{ "bin(0a03616263),protobuf(1,bytes),hex", "ERR" },
	{ "bin(0a03616263),protobuf(1,int32)", "<none>" },
	{ "bin(0a0312024142),protobuf(1),hex", "120241" },
	{ "bin(0a0412024142),protobuf(1.2),hex", "4142" },
	{ "bin(0a0412024142),protobuf(1.3),hex", "<none>" },
	{ "bin(0a04120241420a0412024344),protobuf(1.2),hex", "4142" },
	{ "bin(0a0412024142),protobuf(0),hex", "<none>" },
	{ "bin(0a0412024142),protobuf(1.),hex", "ERR" },
	{ "bin(0a0412024142),protobuf(a),hex", "ERR" },
	{ "bin(0a0412024142),protobuf(),hex", "ERR" },
	{ "bin(0a0512024142),protobuf(1.2),hex", "<none>" },
	{ "bin(0b0c),protobuf(1),hex", "<none>" }, { "bin(0b12),protobuf(2),hex", "<none>" },
	{ "bin(08ac02),protobuf(1,foo),hex", "ERR" },
	{ "bin(08ac02),protobuf(1,double)", "<none>" },
};

START_TEST(gives_protobuf)
{
	RUN_CASES(protobuf);
}
END_TEST

/* A cut field gives nothing; numbers that no field can have are refused. */
static const struct conv_case protobuf_ours[] = {
	{ "bin(0a03616263),protobuf(536870912),hex", "ERR" },
	{ "bin(08),protobuf(1),hex", "<none>" }, { "bin(0a0108),protobuf(1.1),hex", "<none>" },
};

START_TEST(gives_protobuf_ours)
{
	RUN_CASES(protobuf_ours);
}
END_TEST

static const struct conv_case ungrpc[] = {
	{ "bin(00000000060a0412024142),ungrpc(1.2),hex", "4142" },
	{ "bin(01000000060a0412024142),ungrpc(1.2),hex", "4142" },
	{ "bin(000000000608021003),ungrpc(2,int32)", "<none>" },
	{ "bin(00000000040802100),ungrpc(2,int32)", "ERR" },
	{ "bin(000000000408021003),ungrpc(2,int32)", "3" },
	{ "bin(0000000002),ungrpc(2,int32)", "<none>" },
	{ "bin(0000),ungrpc(2,int32)", "<none>" },
};

START_TEST(gives_ungrpc)
{
	RUN_CASES(ungrpc);
}
END_TEST

/* The manual's Rectangle of two points: lo (48) and hi (49) hold point (59) with latitude (1) and
 * longitude (2). */
#define RECTANGLE "bin(0000000014820307da0304080110028a0307da030408031004)"

START_TEST(nested_and_siblings)
{
	static const struct conv_case cases[] = {
		{ RECTANGLE ",ungrpc(48.59.1,int32)", "1" },
		{ RECTANGLE ",ungrpc(48.59.2,int32)", "2" },
		{ RECTANGLE ",ungrpc(49.59.1,int32)", "3" },
		{ RECTANGLE ",ungrpc(49.59.2,int32)", "4" },
		{ RECTANGLE ",ungrpc(48.59),hex", "08011002" },
		{ RECTANGLE ",ungrpc(48),protobuf(59),protobuf(1,int32)", "1" },
		{ RECTANGLE ",ungrpc(50.59.1,int32)", "<none>" },
	};

	RUN_CASES(cases);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_protobuf");

	UNIT_TEST(s, gives_protobuf);
	UNIT_TEST(s, gives_protobuf_ours);
	UNIT_TEST(s, gives_ungrpc);
	UNIT_TEST(s, nested_and_siblings);
	return unit_run(s);
}
