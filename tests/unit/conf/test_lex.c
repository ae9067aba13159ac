#include "tests/unit/unit.h"

#include <stdio.h>

#include "weir/conf/lex.h"

static struct arena mem;
static struct lex lex;

static bool cut(const char *line)
{
	static const struct lex_opts o = { .comments = true };

	return lex_line(&lex, str_c(line), &o, &mem);
}

static void begin(void)
{
	arena_init(&mem, 4096);
	setenv("LEX_A", "a  b c", 1);
	setenv("LEX_EMPTY", "", 1);
	setenv("LEX_BLANKS", "  a ", 1);
	unsetenv("LEX_UNSET");
}

static void end(void)
{
	lex_fini(&lex);
	arena_fini(&mem);
}

/* Words joined by '|'. */
static const char *joined(const char *line)
{
	static char out[512];
	size_t n = 0;

	ck_assert_msg(cut(line), "%s", line);
	out[0] = '\0';
	for (int i = 0; i < lex.n; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", i ? "|" : "", STR_ARG(lex.w[i]));
	return out;
}

START_TEST(words_and_comments)
{
	ck_assert_str_eq(joined("  a bb\tccc  "), "a|bb|ccc");
	ck_assert_str_eq(joined("a # b"), "a");
	ck_assert_str_eq(joined("a#b"), "a");
	ck_assert_str_eq(joined("\"a#b\"#c"), "a#b");
	ck_assert_str_eq(joined(""), "");
	ck_assert_str_eq(joined("# x"), "");
	ck_assert_int_eq(lex.n, 0);
	ck_assert_str_eq(joined("a \"\" b"), "a||b");
	ck_assert_int_eq(lex.n, 3);
	ck_assert_int_eq(lex.w[0].p[lex.w[0].n], '\0');
}
END_TEST

START_TEST(escapes)
{
	ck_assert_str_eq(joined("a\\ b c"), "a b|c");
	ck_assert_str_eq(joined("\\#a \\\\ \\' \\\""), "#a|\\|'|\"");
	ck_assert_str_eq(joined("\\x41\\x2f \\t\\r\\n"), "A/|\t\r\n");
	ck_assert_str_eq(joined("^a\\.b$ \\d"), "^a\\.b$|\\d");
	ck_assert_str_eq(joined("'a\\ b\\'"), "a\\ b\\");
	ck_assert_str_eq(joined("\"\\$LEX_A\" $LEX_A"), "$LEX_A|$LEX_A");
	/* A dollar sign has a meaning inside weak quotes only, and so has its escape. */
	ck_assert_str_eq(joined("\\$a \"b\\$\" '\\$'"), "\\$a|b$|\\$");
	/* As C strings, words end at a NUL. */
	ck_assert_str_eq(joined("ab\\x00cd \\x00 e"), "ab||e");
	ck_assert(!cut("a \\x4g"));
	ck_assert_int_eq(lex.err, LEX_HEX);
	ck_assert_uint_eq(lex.err_at, 2);
}
END_TEST

START_TEST(carriage_returns)
{
	ck_assert_str_eq(joined("a b\r"), "a|b");
	ck_assert_str_eq(joined("a\rb c"), "a");
	ck_assert_str_eq(joined("a \rb"), "a|b");
	ck_assert_str_eq(joined("\r a"), "a");
	ck_assert(!cut("a \"b\r\""));
	ck_assert_int_eq(lex.err, LEX_QUOTE);
}
END_TEST

START_TEST(quotes)
{
	ck_assert_str_eq(joined("\"a b\"' c'd"), "a b cd");
	ck_assert_str_eq(joined("\"it's\" 'say \"x\"'"), "it's|say \"x\"");
	ck_assert(!cut("ab \"c"));
	ck_assert_int_eq(lex.err, LEX_QUOTE);
	ck_assert_uint_eq(lex.err_at, 3);
	ck_assert(!cut("'"));
	ck_assert_int_eq(lex.err, LEX_QUOTE);
}
END_TEST

START_TEST(variables)
{
	ck_assert_str_eq(joined("\"$LEX_A\""), "a  b c");
	ck_assert_str_eq(joined("\"x${LEX_A}y\""), "xa  b cy");
	ck_assert_str_eq(joined("\"${LEX_A[*]}\" z"), "a|b|c|z");
	ck_assert_str_eq(joined("\"${LEX_UNSET-d e}\""), "d e");
	ck_assert_str_eq(joined("\"${LEX_EMPTY-d}\""), "");
	ck_assert_str_eq(joined("\"${LEX_UNSET}\" x"), "|x");
	ck_assert_str_eq(joined("'$LEX_A' ${LEX_A}"), "$LEX_A|${LEX_A}");
	ck_assert_str_eq(joined("\"x${LEX_BLANKS[*]}\" y"), "x|a||y");
	ck_assert(!cut("\"${.NOSUCH}\""));
	ck_assert_int_eq(lex.err, LEX_VARNAME);
	ck_assert(!cut("\"${1}\""));
	ck_assert_int_eq(lex.err, LEX_VARNAME);
	ck_assert(!cut("\"${LEX_A\""));
	ck_assert_int_eq(lex.err, LEX_BRACE);
	ck_assert_uint_eq(lex.err_at, 2);
	ck_assert(!cut("\"${LEX_A[x]}\""));
	ck_assert_int_eq(lex.err, LEX_EXPAND);
}
END_TEST

START_TEST(columns)
{
	cut("  bind \"$LEX_A\":80 'x y'z");
	ck_assert_int_eq(lex.n, 3);
	ck_assert_uint_eq(lex.from[0], 2);
	ck_assert_uint_eq(lex.to[0], 6);
	ck_assert_uint_eq(lex.from[1], 7);
	ck_assert_uint_eq(lex_column(&lex, 0, 3), 5);
	/* Bytes of a value belong to its dollar sign, what stands behind has its own place. */
	ck_assert_uint_eq(lex_column(&lex, 1, 2), 8);
	ck_assert_uint_eq(lex_column(&lex, 1, 7), 16);
	ck_assert_uint_eq(lex_column(&lex, 2, 3), 24);
	ck_assert_uint_eq(lex_column(&lex, 9, 0), lex.to[2]);
}
END_TEST

START_TEST(long_lines)
{
	static char line[200001];

	for (size_t i = 0; i < sizeof(line) - 1; i++)
		line[i] = i % 2 ? ' ' : 'w';
	ck_assert(cut(line));
	ck_assert_int_eq(lex.n, 100000);
	ck_assert_uint_eq(lex.from[99999], 199998);
}
END_TEST

START_TEST(addresses_expand)
{
	ck_assert(str_eq(env_expand(&mem, STR("${LEX_UNSET}:${LEX_UNSET}")), STR(":")));
	ck_assert(str_eq(env_expand(&mem, STR("$LEX_A:80")), STR("a  b c:80")));
	ck_assert(str_eq(env_expand(&mem, STR("${LEX_UNSET-1.2.3.4}:80")), STR("1.2.3.4:80")));
	ck_assert(str_eq(env_expand(&mem, STR("no")), STR("no")));
	ck_assert(str_eq(env_expand(&mem, STR("a$")), STR("a$")));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("lex");
	int failed;

	begin();
	UNIT_TEST(s, words_and_comments);
	UNIT_TEST(s, escapes);
	UNIT_TEST(s, carriage_returns);
	UNIT_TEST(s, quotes);
	UNIT_TEST(s, variables);
	UNIT_TEST(s, columns);
	UNIT_TEST(s, long_lines);
	UNIT_TEST(s, addresses_expand);
	failed = unit_run(s);
	end();
	return failed;
}
