/* Compiling expressions: quoting, arguments, types, messages. */
#include "tests/unit/expr/expr_test.h"

static bool conv_lower(const struct arg *a, struct sample *s, struct xctx *x, const struct conv_row *row)
{
	smp_own(s, x->mem);
	str_lower((char *)(uintptr_t)s->s.p, s->s.n);
	return true;
}

static bool conv_add(const struct arg *a, struct sample *s, struct xctx *x, const struct conv_row *row)
{
	int64_t v;

	if (!arg_int(a, x, &v))
		return false;
	s->i += v;
	return true;
}

static bool conv_hex(const struct arg *a, struct sample *s, struct xctx *x, const struct conv_row *row)
{
	struct str out = STR("");

	for (size_t i = 0; i < s->s.n; i++)
		out = arena_printf(x->mem, STR_FMT "%02X", STR_ARG(out), (unsigned char)s->s.p[i]);
	smp_set_str(s, out, 0);
	return true;
}

static bool conv_noop(const struct arg *a, struct sample *s, struct xctx *x, const struct conv_row *row)
{
	return true;
}

static const struct conv_row convs[] = {
	{ "lower", conv_lower, { 0 }, NULL, SMP_STR, SMP_STR, "", 0 },
	{ "add", conv_add, { 1, { ARG_SINT_OR_VAR } }, NULL, SMP_SINT, SMP_SINT, "", 0 },
	{ "hex", conv_hex, { 0 }, NULL, SMP_BIN, SMP_STR, "", 0 },
	{ "field", conv_noop, { 2, { ARG_SINT, ARG_STR, ARG_SINT } }, NULL, SMP_STR, SMP_STR, "", 0 },
	{ "ipmask", conv_noop, { 1, { ARG_MASK4, ARG_MASK6 } }, NULL, SMP_ADDR, SMP_ADDR, "", 0 },
	{ "iif", conv_noop, { 2, { ARG_STR, ARG_STR } }, NULL, SMP_BOOL, SMP_STR, "", 0 },
	{ "any", conv_noop, { 0 }, NULL, SMP_ANY, SMP_ANY, "", 0 },
	{ "same", conv_noop, { 0 }, NULL, SMP_ANY, SMP_SAME, "", 0 },
};
static const struct fetch_table fetches[] = {
	{ fetch_intern_rows, FETCH_INTERN_ROWS }, { NULL, 0 },
};
static const struct conv_table conv_tables[] = { { convs, 8 }, { NULL, 0 } };
static const struct expr_tables tables = { fetches, conv_tables, NULL };

void world_tables(void)
{
	expr_set_tables(&tables);
}

/* The right column was seen at HAProxy 2.6. */
static const char *const quoting[][2] = {
	{ "str(abc)", "abc" },
	{ "str(a\\nb),hex", "610A62" },
	{ "str(a\\tb),hex", "610962" },
	{ "str(a\\\\b)", "a\\b" },
	{ "str(a\\,b)", "ERR fetch method 'str' : expected ')' before ',b)'" },
	{ "str(a\\)b)", "ERR missing comma after fetch keyword 'str'" },
	{ "str(\"a,b)c\")", "a,b)c" },
	{ "str('a,b\"c')", "a,b\"c" },
	{ "str(\"a\\\"b\\nc\"),hex", "6122620A63" },
	{ "str('a\\nb'),hex", "615C6E62" },
	{ "str( a b )", " a b " },
	{ "str()", "" },
	{ "str(\"\")", "" },
	{ "str(a\"b,c\"d)", "ab,cd" },
	{ "str(a\\xb)", "a\\xb" },
	{ "str(a\\'b)", "a'b" },
	{ "str(a(b)c)", "ERR missing comma after fetch keyword 'str'" },
	{ "int(+12)", "12" },
	{ "int(-12)", "-12" },
	{ "int(0x12)", "ERR fetch method 'int' : failed to parse '0x12' as type 'integer' at position 1" },
	{ "int()", "ERR fetch method 'int' : expected type 'integer' at position 1, but got nothing" },
	{ "int", "ERR fetch method 'int' : expected type 'integer' at position 1, but got nothing" },
	{ "bool(true)", "1" },
	{ "bool(1)", "1" },
	{ "bool(false)", "0" },
	{ "bool(yes)", "ERR invalid args in fetch method 'bool' : Expects 'true', 'false', '0' or '1'" },
	{ "bin(48656c6c)", "48656c6c" },
	{ "bin(4g)", "ERR invalid args in fetch method 'bin' : an hex digit is expected (found 'g')" },
	{ "bin(486)", "ERR invalid args in fetch method 'bin' : an even number of hex digit is expected" },
	{ "meth(GET)", "GET" },
	{ "meth(FOO)", "FOO" },
	{ "ipv4(1.2.3.4)", "1.2.3.4" },
	{ "ipv4(1.2.3)", "ERR fetch method 'ipv4' : failed to parse '1.2.3' as type 'IPv4 address' at position 1" },
	{ "ipv6(::1)", "::1" },
	{ "str(abc", "ERR fetch method 'str' : expected ')'" },
	{ "str", "" },
	{ "str,lower", "" },
	{ "str(abc)x", "ERR missing comma after fetch keyword 'str'" },
	{ "str(ABC),", "ABC" },
	{ "str(ABC),,lower", "abc" },
	{ "str(ABC),lower()", "abc" },
	{ "str(abc),lower(", "ERR invalid arg 1 in converter 'lower' : expected ')'" },
	{ "str(abc),lower(x)", "ERR invalid arg 1 in converter 'lower' : expected ')' before 'x)'" },
	{ "str(a,b)", "ERR fetch method 'str' : expected ')' before ',b)'" },
	{ "date(1,s,3)", "ERR fetch method 'date' : expected ')' before ',3)'" },
	{ "date(,s)", "ERR fetch method 'date' : expected ')' before ',s)'" },
	{ "date(0,xx)", "ERR invalid args in fetch method 'date' : expects 's', 'ms' or 'us', got 'xx'" },
	{ "str(x),field(1)", "ERR invalid arg 2 in converter 'field' : missing arguments (got 1/2), type 'string' "
			     "expected" },
	{ "str(x),field()", "ERR invalid arg 1 in converter 'field' : expected type 'integer' at position 1, but got "
			    "nothing" },
	{ "str(x),field(1,.,3,4)", "ERR invalid arg 3 in converter 'field' : expected ')' before ',4)'" },
	{ "str(5),add", "5" },
	{ "str(5),add()", "5" },
	{ "str(x),add(abc)", "ERR invalid args in converter 'add' : expects an integer or a variable name" },
	{ "bool(1),iif(a)", "ERR invalid arg 2 in converter 'iif' : missing arguments (got 1/2), type 'string' "
			    "expected" },
	{ "bool(1),iif", "ERR invalid arg 2 in converter 'iif' : missing arguments (got 1/2), type 'string' "
			 "expected" },
	{ "str(x),ipmask(33)", "ERR invalid arg 1 in converter 'ipmask' : failed to parse '33' as type 'IPv4 mask' "
			       "at position 1" },
	{ "ipv4(1.2.3.4),ipmask(24,)", "1.2.3.4" },
	{ "str(a'b)", "ERR fetch method 'str' : expected ')'" },
	{ "str(a,", "ERR fetch method 'str' : expected ')' before ','" },
	{ "var()", "ERR invalid args in fetch method 'var' : Empty variable name cannot be accepted" },
	{ "var(nope)", "ERR invalid args in fetch method 'var' : invalid variable name 'nope'. A variable name must "
		       "be start "
		       "by its scope. The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'" },
	{ "var(proc.a-b)", "ERR invalid args in fetch method 'var' : invalid syntax at char '-b'" },
	{ "var(txn.nope,dflt)", "dflt" },
	{ "var(txn.nope)", "<none>" },
	{ "var(txn.nope,)", "" },
	{ "uuid(1)", "ERR invalid args in fetch method 'uuid' : Unsupported UUID version: '1'" },
};

START_TEST(words_and_messages)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(quoting); i++)
		ck_assert_msg(strcmp(value_of(&w, quoting[i][0]), quoting[i][1]) == 0, "%s: %s", quoting[i][0],
			      value_of(&w, quoting[i][0]));
	world_fini(&w);
}
END_TEST

static const char *const casts[][2] = {
	{ "str(12),add(1)", "13" },
	{ "str(12x),add(1)", "13" },
	{ "str( 12),add(1)", "1" },
	{ "str(-12),add(1)", "-11" },
	{ "str(abc),add(1)", "1" },
	{ "str(99999999999999999999),add(0)", "9223372036854775807" },
	{ "str(-99999999999999999999),add(0)", "-9223372036854775808" },
	{ "str(),add(1)", "<none>" },
	{ "str(1.2.3.4),ipmask(24)", "1.2.3.4" },
	{ "str(x),ipmask(24)", "<none>" },
	{ "int(16909060),ipmask(24)", "1.2.3.4" },
	{ "int(16909060),hex", "0000000001020304" },
	{ "ipv4(1.2.3.4),add(1)", "16909061" },
	{ "ipv6(::1),add(1)", "ERR converter 'add' cannot be applied" },
	{ "ipv4(1.2.3.4),hex", "01020304" },
	{ "ipv6(::1),hex", "00000000000000000000000000000001" },
	{ "bool(1),hex", "0000000000000001" },
	{ "bool(true),lower", "1" },
	{ "meth(GET),lower", "get" },
	{ "bin(410042),lower", "a" },
	{ "bin(414243),lower", "abc" },
	{ "bin(414243),add(1)", "ERR converter 'add' cannot be applied" },
	{ "bool(1),add(1)", "2" },
	{ "str(12),any,add(1)", "13" },
	{ "int(5),same,add(1)", "6" },
	{ "ipv6(::1),same,add(1)", "ERR converter 'add' cannot be applied" },
	{ "int(7),iif(a,b)", "1" },
	{ "str(0),iif(a,b)", "0" },
};

START_TEST(types)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(casts); i++)
		ck_assert_msg(strcmp(value_of(&w, casts[i][0]), casts[i][1]) == 0, "%s: %s", casts[i][0],
			      value_of(&w, casts[i][0]));
	world_fini(&w);
}
END_TEST

START_TEST(unknown_names)
{
	struct world w;

	world_init(&w);
	VALUE(&w, "foo", "ERR unknown fetch method 'foo'");
	VALUE(&w, "alwys_true", "ERR unknown fetch method 'alwys_true'; did you mean 'always_true' maybe ?");
	VALUE(&w, "str(a),lowr", "ERR unknown converter 'lowr'; did you mean 'lower' maybe ?");
	ck_assert_ptr_nonnull(w.err.at);
	ck_assert_str_eq(w.err.at, "lowr");
	VALUE(&w, "", "ERR missing fetch method");
	w.sc.use = USE_L4CLI;
	VALUE(&w, "str(a)", "ERR fetch method 'str(a)' extracts information from 'internal state', none of which is "
	      "available here");
	world_fini(&w);
}
END_TEST

START_TEST(stops_at_bracket)
{
	struct world w;
	size_t used = 0;

	world_init(&w);
	ck_assert_ptr_nonnull(expr_compile(&w.sc, STR("str(a]b),lower]rest"), &used, &w.err));
	ck_assert_uint_eq(used, strlen("str(a]b),lower"));
	/* What follows is the caller's to complain about: it knows which bracket it waits for. */
	ck_assert_ptr_nonnull(expr_compile(&w.sc, STR("str(a) ]"), &used, &w.err));
	ck_assert_uint_eq(used, strlen("str(a)"));
	world_fini(&w);
}
END_TEST

START_TEST(words_apart)
{
	struct str words[] = { STR_INIT("str(ABC),"), STR_INIT("lower"), STR_INIT("hex"), STR_INIT("if") };
	struct world w;
	struct str out;
	int at = 0;
	struct expr *e;

	world_init(&w);
	e = expr_compile_words(&w.sc, words, 4, &at, &w.err);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(at, 3);
	ck_assert(expr_eval_str(e, &out, &w.x));
	ck_assert(str_eqz(out, "616263"));
	world_fini(&w);
}
END_TEST

static int calls;
static bool fetch_three(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	calls++;
	smp_set_int(out, out->ctx.iterate ? ++out->ctx.index : 3);
	if (out->ctx.index < 3 && out->ctx.iterate)
		out->flags |= SMP_F_MORE;
	return true;
}

static bool fetch_later(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	out->flags = SMP_F_MAY_CHANGE;
	return false;
}

static const struct fetch_row more_rows[] = {
	{ "three", fetch_three, { 0 }, NULL, SMP_SINT, USE_INTRN, "", 0 },
	{ "later", fetch_later, { 0 }, NULL, SMP_SINT, USE_INTRN, "", 0 },
};

START_TEST(several_values_and_waiting)
{
	static const struct fetch_table t[] = { { fetch_intern_rows, FETCH_INTERN_ROWS },
						{ more_rows, 2 },
						{ NULL, 0 } };
	static const struct expr_tables all = { t, conv_tables, NULL };
	struct world w;

	world_init(&w);
	expr_set_tables(&all);
	VALUE(&w, "three", "3");
	COND(&w, "{ three 1 }", "yes");
	COND(&w, "{ three,add(1) 4 }", "yes");
	COND(&w, "{ three,add(1) 5 }", "no");
	calls = 0;
	COND(&w, "{ three 2 }", "yes");
	ck_assert_int_eq(calls, 2);
	VALUE(&w, "later", "<wait>");
	COND(&w, "{ later 1 }", "no");
	w.x.final = false;
	COND(&w, "{ later 1 }", "wait");
	COND(&w, "!{ later 1 }", "wait");
	COND(&w, "{ later 1 } FALSE", "no");
	COND(&w, "{ later 1 } || TRUE", "yes");
	COND(&w, "{ later 1 } TRUE", "wait");
	COND(&w, "{ wait_end }", "wait");
	w.x.final = true;
	COND(&w, "WAIT_END", "yes");
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("expressions");

	UNIT_TEST(s, words_and_messages);
	UNIT_TEST(s, types);
	UNIT_TEST(s, unknown_names);
	UNIT_TEST(s, stops_at_bracket);
	UNIT_TEST(s, words_apart);
	UNIT_TEST(s, several_values_and_waiting);
	return unit_run(s);
}
