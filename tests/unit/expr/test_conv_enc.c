/* Converters of encodings. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case base64[] = {
	{ "str(abc),base64", "YWJj" }, { "str(),base64", "" },
	{ "str(YWJj),b64dec,hex", "616263" }, { "str(YWJ),b64dec,hex", "<none>" },
	{ "str(YWI=),b64dec,hex", "6162" }, { "str(YWI),b64dec,hex", "<none>" },
	{ "str(YWI==),b64dec,hex", "<none>" }, { "str('YW I='),b64dec,hex", "<none>" },
	{ "str(),b64dec,hex", "" }, { "str(YWJ=),b64dec,hex", "6162" },
	{ "str(YQ==),b64dec,hex", "61" }, { "str(YR==),b64dec,hex", "61" },
	{ "str(====),b64dec,hex", "<none>" }, { "str(-_-_),b64dec,hex", "<none>" },
	{ "str(+/+/),b64dec,hex", "FBFFBF" }, { "bin(fbffbf21),ub64enc", "-_-_IQ" },
	{ "bin(fbffbf),ub64enc", "-_-_" }, { "bin(fbff),ub64enc", "-_8" },
	{ "str(),ub64enc", "" }, { "str(-_-_IQ),ub64dec,hex", "FBFFBF21" },
	{ "str(-_-_I),ub64dec,hex", "<none>" }, { "str(-_-_IR),ub64dec,hex", "FBFFBF21" },
	{ "str(+/+/IQ),ub64dec,hex", "<none>" }, { "str(),ub64dec,hex", "" },
};

START_TEST(gives_base64)
{
	RUN_CASES(base64);
}
END_TEST

/* Padding is forgiven in base64url; one character alone is not base64. */
static const struct conv_case base64_ours[] = {
	{ "str(Y===),b64dec,hex", "<none>" }, { "str(-_-_IQ==),ub64dec,hex", "FBFFBF21" },
	{ "str(-_-_IQ=),ub64dec,hex", "<none>" },
};

START_TEST(gives_base64_ours)
{
	RUN_CASES(base64_ours);
}
END_TEST

static const struct conv_case urls[] = {
	{ "str(a%20b+c),url_dec", "a b+c" }, { "str(a%20b?c+d+),url_dec", "a b?c d " },
	{ "str(a%20b+c),url_dec(1)", "a b c" }, { "str(a%20b+c),url_dec(0)", "a b+c" },
	{ "str(a%20b+c?d+e),url_dec(0)", "a b+c?d e" }, { "str(a%2),url_dec", "<none>" },
	{ "str(a%zz),url_dec", "<none>" }, { "str(a%),url_dec", "<none>" },
	{ "str(a%00b),url_dec,length", "3" }, { "str(),url_dec", "" },
	{ "str('a b/c?d=e&f+~-._*\\'(z)'),url_enc", "ERR" },
	{ "str('a b/c?d=e&f+~-._*!;:@$[]'),url_enc",
	  "a%20b%2Fc%3Fd%3De%26f%2B~-._%2A%21%3B%3A%40%24%5B%5D" },
	{ "str(abc),url_enc(query)", "abc" }, { "str(abc),url_enc(path)", "ERR" },
	{ "str(abc),url_enc()", "abc" }, { "bin(0041c3a9),url_enc", "" },
	{ "str(),url_enc", "" },
};

START_TEST(gives_urls)
{
	RUN_CASES(urls);
}
END_TEST

static const struct conv_case json[] = {
	{ "bin(41f09f988042),json(utf8p)", "<none>" },
	{ "bin(41f09f988042),json(utf8ps)", "AB" }, { "bin(41efbfbe42),json(utf8p)", "<none>" },
	{ "bin(41efbfbe42),json(utf8ps)", "AB" }, { "bin(41efbfbe42),json(utf8s)", "AB" },
	{ "bin(41efbfbf42),json(utf8p)", "<none>" },
	{ "bin(41efbfbd42),json(utf8)", "A\\ufffdB" },
	{ "bin(41efb79042),json(utf8)", "A\\ufdd0B" },
	{ "bin(41eda08042),json(utf8p)", "<none>" }, { "bin(41eda08042),json(utf8ps)", "AB" },
	{ "bin(41eda08042),json(utf8s)", "AB" },
	{ "bin(41f080808142),json(utf8p)", "A\\u0001B" },
	{ "bin(41f080808142),json(utf8s)", "AB" },
	{ "bin(41f88080808142),json(utf8p)", "A\\u0001B" },
	{ "bin(41fc808080808142),json(utf8p)", "A\\u0001B" },
	{ "bin(41fc808080808142),json(utf8s)", "AB" },
	{ "bin(41e0808142),json(utf8p)", "A\\u0001B" },
	{ "bin(41c0c142),json(utf8p)", "<none>" }, { "bin(41c0c142),json(utf8s)", "AB" },
	{ "bin(4180808042),json(utf8s)", "AB" },
	{ "bin(41e280c3a942),json(utf8s)", "A\\u00e9B" },
	{ "bin(41f09f98c3a942),json(utf8s)", "A\\u00e9B" },
	{ "bin(41f09f42),json(utf8s)", "AB" }, { "bin(41f09f),json(utf8s)", "A" },
	{ "bin(41fe8042),json(utf8s)", "AB" }, { "bin(41ff8042),json(utf8s)", "AB" },
	{ "bin(4100),json(utf8s)", "A" }, { "bin(7e7f20212f),json(utf8s)", "~\\u007f !\\/" },
	{ "bin(4142),json()", "AB" }, { "bin(c2a0),json(utf8)", "\\u00a0" },
	{ "bin(dfbf),json(utf8)", "\\u07ff" }, { "bin(e0a080),json(utf8)", "\\u0800" },
};

START_TEST(gives_json)
{
	RUN_CASES(json);
}
END_TEST

static const struct conv_case json_query[] = {
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[0]')", "1" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[1]')", "2.5" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[2]')", "x" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a')", "<none>" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$')", "<none>" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[0]','int')", "1" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[1]','int')", "2" },
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b[2]','int')", "x" },
	{ "str('{\"my.key\":\"v\"}'),json_query('$.my\\\\.key')", "<none>" },
	{ "str('{\"my.key\":\"v\"}'),json_query('$.my.key')", "<none>" },
	{ "str('{\"b\":false}'),json_query('$.b')", "0" },
	{ "str('{\"b\":true}'),json_query('$.b')", "1" },
	{ "str('{\"b\":true}'),json_query('$.b','int')", "1" },
	{ "str('{\"b\":null}'),json_query('$.b')", "<none>" },
	{ "str('{\"b\":\"\"}'),json_query('$.b')", "" },
	{ "str('{\"b\":\"12\"}'),json_query('$.b','int')", "12" },
	{ "str('{\"b\":1e3}'),json_query('$.b')", "1000" },
	{ "str('{\"b\":1e3}'),json_query('$.b',int)", "1" },
	{ "str('{\"b\":-0}'),json_query('$.b')", "-0" },
	{ "str('{\"b\":9223372036854775807}'),json_query('$.b')", "9.22337e+18" },
	{ "str('{\"b\":9223372036854775807}'),json_query('$.b',int)", "<none>" },
	{ "str('{\"b\":9007199254740993}'),json_query('$.b',int)", "<none>" },
	{ "str('{\"b\":99999999999999999999}'),json_query('$.b')", "1e+20" },
	{ "str('{\"b\":123456789}'),json_query('$.b')", "1.23457e+08" },
	{ "str('{\"b\":1234567890123}'),json_query('$.b')", "1.23457e+12" },
	{ "str('{\"b\":0.1}'),json_query('$.b')", "0.1" },
	{ "str('{\"b\":100000000.5}'),json_query('$.b')", "1e+08" },
	{ "str('{\"b\":1,\"b\":2}'),json_query('$.b')", "1" },
	{ "str('{\"b\":1,}'),json_query('$.b')", "1" },
	{ "str('{\"b\":1,}'),json_query('$.c')", "<none>" },
	{ "str('{\"b\":1 \"c\":2}'),json_query('$.c')", "<none>" },
	{ "str('{\"b\":1, \"c\": }'),json_query('$.b')", "1" },
	{ "str('  {\"b\" : 1}'),json_query('$.b')", "1" },
	{ "str('[1,2,3]'),json_query('$[1]')", "2" },
	{ "str('[1,2,3]'),json_query('$[9]')", "<none>" },
	{ "str('[[1],[2,3]]'),json_query('$[1][1]')", "3" }, { "str('5'),json_query('$')", "5" },
	{ "str('\"x\"'),json_query('$')", "x" },
	{ "str('{\"b\":1}'),json_query('b')", "<none>" },
	{ "str('{\"b\":1}'),json_query('')", "ERR" },
	{ "str('{\"b\":1}'),json_query('$.')", "<none>" },
	{ "str('{\"b\":1}'),json_query('$.b','foo')", "ERR" },
	{ "str('{\"b\":1}'),json_query", "ERR" },
	{ "str('[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]'),json_query('$[0][0][0][0][0][0][0]["
	  "0][0][0][0][0][0][0][0][0][0][0]')",
	  "1" },
	{ "str('{\"a b\":1}'),json_query('$.a b')", "1" },
	{ "str('{\"a\":{}}'),json_query('$.a.b')", "<none>" },
	{ "str('{\"x\":[{\"k\":1},{\"k\":2}]}'),json_query('$.x[1].k')", "2" },
	{ "str('{\"b\":01}'),json_query('$.b')", "1" },
	{ "str('{\"b\":tru}'),json_query('$.b')", "<none>" },
	{ "str('{\"b\":0x10}'),json_query('$.b')", "0" },
	{ "str(),json_query('$.b')", "<none>" },
	{ "str('{\"b\":\"abc'),json_query('$.b')", "<none>" },
	{ "str('{\"b\":12'),json_query('$.b')", "12" },
	{ "str('{\"b\":\"\\x\"}'),json_query('$.b')", "<none>" },
	{ "str('{\"b\":\"a\\u0000b\"}'),json_query('$.b'),length", "3" },
	{ "str('{\"b\":-5}'),json_query('$.b','int')", "-5" },
	{ "str('{\"b\":-5.7}'),json_query('$.b','int')", "-5" },
	{ "str('{\"b\":5.7}'),json_query('$.b')", "5.7" },
};

START_TEST(gives_json_query)
{
	RUN_CASES(json_query);
}
END_TEST

/* Arrays as texts are younger than HAProxy 2.6; escapes become UTF-8, also where HAProxy gives up.
 */
static const struct conv_case json_query_ours[] = {
	{ "str('{\"a\":{\"b\":[1,2.5,\"x\"]}}'),json_query('$.a.b')", "[1,2.5,\"x\"]" },
	{ "str('{\"b\":\"a\\u0041\\n\\\\\"x\"}'),json_query('$.b')", "aA\n\\" },
	{ "str('{\"b\":\"a\\u00e9x\"}'),json_query('$.b')", "a\303\251x" },
	{ "str('{\"b\":\"a\\ud83d\\ude00x\"}'),json_query('$.b')", "a\360\237\230\200x" },
	{ "str('{\"b\":\"a\\u20acx\"}'),json_query('$.b')", "a\342\202\254x" },
	{ "str('[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]'),json_query('$[0][0][0][0][0"
	  "][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]')",
	  "1" },
};

START_TEST(gives_json_query_ours)
{
	RUN_CASES(json_query_ours);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_enc");

	UNIT_TEST(s, gives_base64);
	UNIT_TEST(s, gives_base64_ours);
	UNIT_TEST(s, gives_urls);
	UNIT_TEST(s, gives_json);
	UNIT_TEST(s, gives_json_query);
	UNIT_TEST(s, gives_json_query_ours);
	return unit_run(s);
}
