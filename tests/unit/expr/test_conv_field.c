/* Converters of pieces between delimiters. */
#include "tests/unit/expr/conv_test.h"

static const struct conv_case field[] = {
	{ "str(f1_f2_f3__f5),field(5,_)", "f5" }, { "str(f1_f2_f3__f5),field(4,_)", "" },
	{ "str(f1_f2_f3__f5),field(6,_)", "<none>" },
	{ "str(f1_f2_f3__f5),field(2,_,0)", "f2_f3__f5" },
	{ "str(f1_f2_f3__f5),field(2,_,2)", "f2_f3" },
	{ "str(f1_f2_f3__f5),field(2,_,99)", "f2_f3__f5" },
	{ "str(f1_f2_f3__f5),field(-2,_,3)", "f2_f3_" },
	{ "str(f1_f2_f3__f5),field(-3,_,0)", "f1_f2_f3" },
	{ "str(f1_f2_f3__f5),field(-1,_)", "f5" }, { "str(f1_f2_f3__f5),field(-5,_)", "f1" },
	{ "str(f1_f2_f3__f5),field(-6,_)", "<none>" },
	{ "str(f1_f2_f3__f5),field(-4,_,9)", "f1_f2" },
	{ "str(f1_f2_f3__f5),field(0,_)", "ERR" }, { "str(f1_f2_f3__f5),field(1,'')", "ERR" },
	{ "str(f1_f2_f3__f5),field(1)", "ERR" }, { "str(f1_f2_f3__f5),field(2,'_2')", "f" },
	{ "str(f1_f2_f3__f5),field(1,_,-1)", "f1_f2_f3__f5" },
	{ "str(f1_f2_f3__f5),field(4,_,0)", "_f5" },
	{ "str(f1_f2_f3__f5),field(4,_,1),length", "0" }, { "str(),field(1,_)", "" },
	{ "str(_),field(1,_)", "" }, { "str(_),field(2,_)", "" }, { "str(_),field(-1,_)", "" },
	{ "str(_),field(3,_)", "<none>" }, { "str(a),field(-1,_)", "a" },
	{ "str(a_),field(-1,_,0)", "a_" },
};

START_TEST(gives_field)
{
	RUN_CASES(field);
}
END_TEST

static const struct conv_case word[] = {
	{ "str(f1_f2_f3__f5),word(4,_)", "f5" }, { "str(f1_f2_f3__f5),word(5,_)", "" },
	{ "str(f1_f2_f3__f5),word(2,_,0)", "f2_f3__f5" },
	{ "str(f1_f2_f3__f5),word(3,_,2)", "f3__f5" },
	{ "str(f1_f2_f3__f5),word(-2,_,3)", "f1_f2_f3" },
	{ "str(f1_f2_f3__f5),word(-3,_,0)", "f1_f2" }, { "str(/f1/f2/f3/f4),word(1,/)", "f1" },
	{ "str(/f1/f2/f3/f4/),word(-1,/)", "f4" },
	{ "str(/f1/f2/f3/f4/),word(-1,/,0)", "/f1/f2/f3/f4" },
	{ "str(/f1/f2/f3/f4//),word(4,/,0)", "f4//" },
	{ "str(/f1/f2/f3/f4//),word(1,/,0)", "f1/f2/f3/f4//" },
	{ "str(/f1/f2/f3/f4//),word(-1,/,2)", "f3/f4" },
	{ "str(/f1/f2/f3/f4//),word(1,/,99)", "f1/f2/f3/f4//" },
	{ "str(/f1/f2/f3/f4//),word(0,/)", "ERR" }, { "str(//),word(1,/)", "" },
	{ "str(),word(1,/)", "" }, { "str(),word(-1,/)", "" }, { "str(a),word(1,/)", "a" },
	{ "str(a),word(-1,/)", "a" }, { "str(a),word(2,/)", "" }, { "str(a),word(1,/,0)", "a" },
	{ "str(a//b),word(1,/,0)", "a//b" }, { "str(a//b),word(1,/,2)", "a//b" },
	{ "str(a//b),word(-1,/,2)", "a//b" }, { "str(a//b//),word(-1,/,2)", "a//b" },
	{ "str(//a//b//),word(-1,/,2)", "a//b" }, { "str(//a//b//),word(-2,/,0)", "//a" },
	{ "str(//a//b//),word(-1,/,99)", "//a//b" }, { "str(//a//b//),word(1,/,99)", "a//b//" },
	{ "str(//a//b//),word(1,/,2)", "a//b" }, { "str(//a//b//),word(2,/,2)", "b//" },
	{ "str(//a//b//),word(3,/,2)", "" }, { "str(//a//b//),word(3,/,0)", "" },
	{ "str(//a//b//),word(-3,/,0)", "" }, { "str(//a//b//),word(-2,/,2)", "//a" },
	{ "str(a/b),word(1,/,3)", "a/b" }, { "str(a/b/),word(1,/,3)", "a/b/" },
	{ "str(a/b/),word(-1,/,3)", "a/b" }, { "str(/a/b/),word(-1,/,3)", "/a/b" },
};

START_TEST(gives_word)
{
	RUN_CASES(word);
}
END_TEST

static const struct conv_case param[] = {
	{ "str(a=1&b=2),param()", "ERR" },
};

START_TEST(gives_param)
{
	RUN_CASES(param);
}
END_TEST

/* Younger than HAProxy 2.6. */
static const struct conv_case param_ours[] = {
	{ "str(a=1&b=2),param(b)", "2" }, { "str(a=1&b=2),param(b,;)", "<none>" },
	{ "str(a=1;b=2),param(b,;)", "2" }, { "str(a=1&b),param(b)", "" },
	{ "str(a=1&b=),param(b)", "" }, { "str(a=1&bb=2&b=3),param(b)", "3" },
	{ "str(a=1&B=2),param(b)", "<none>" }, { "str(&&b=2),param(b)", "2" },
	{ "str(b),param(b)", "" }, { "str(),param(b)", "<none>" },
	{ "str(b=1&b=2),param(b)", "1" }, { "str(a=1&b=2),param(b,'&;')", "2" },
	{ "str(a=1&b=2),param(b,'')", "2" },
};

START_TEST(gives_param_ours)
{
	RUN_CASES(param_ours);
}
END_TEST

static const struct conv_case language[] = {
	{ "str('en;q=0.8,es;q=0.9,fr'),language(es;fr;en)", "fr" },
	{ "str('en;q=0.8,es;q=0.9,fr;q=0'),language(es;fr;en)", "es" },
	{ "str('en-GB,es;q=0.9'),language(es;fr;en)", "en" },
	{ "str('en-GB,es;q=0.9'),language(es;en-GB)", "en-GB" },
	{ "str('en-GB,es;q=0.9'),language(es;en-US)", "es" },
	{ "str('en-GB;q=0.5,es;q=0.9'),language(en)", "en" },
	{ "str('de'),language(es;fr;en)", "<none>" },
	{ "str('de'),language(es;fr;en,xx)", "xx" }, { "str('*'),language(es;fr;en)", "<none>" },
	{ "str('*,es;q=0.5'),language(es;fr;en)", "es" },
	{ "str('EN'),language(es;fr;en)", "<none>" }, { "str(''),language(es;fr;en)", "<none>" },
	{ "str('en;q=2'),language(en)", "en" },
	{ "str('en;q=1.0,es;q=1.000'),language(es;en)", "en" },
	{ "str('en;q=0.9999,es;q=0.9'),language(es;en)", "en" },
	{ "str('en ; q=0.9 , es'),language(es;en)", "es" },
	{ "str('en;q=abc,es;q=0.1'),language(es;en)", "en" },
	{ "str('en;foo=1;q=0.1,es;q=0.2'),language(es;en)", "en" },
	{ "str(' en'),language(en)", "en" }, { "str('en,es'),language(es;en)", "en" },
	{ "str('es,en'),language(es;en)", "es" },
	{ "str('en;q=0.7,es;q=0.7'),language(es;en)", "en" },
	{ "str('eng'),language(en)", "<none>" }, { "str('en-'),language(en)", "en" },
	{ "str('e'),language(en)", "<none>" }, { "str('en-GB-x'),language(en-GB)", "en-GB" },
	{ "str('en-GB-x'),language(en)", "en" },
};

START_TEST(gives_language)
{
	RUN_CASES(language);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_field");

	UNIT_TEST(s, gives_field);
	UNIT_TEST(s, gives_word);
	UNIT_TEST(s, gives_param);
	UNIT_TEST(s, gives_param_ours);
	UNIT_TEST(s, gives_language);
	return unit_run(s);
}
