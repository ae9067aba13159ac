/* The environment, variables of the process, classes of status codes and spellings of field names. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/model/load.h"

static const struct line wrong[] = {
	{ "setenv", "'setenv' expects a name and a value." },
	{ "setenv A", "'setenv' expects a name and a value." },
	{ "setenv \"\" 1", "'setenv' failed on variable '' : Invalid argument." },
	{ "presetenv A=B 1", "'presetenv' failed on variable 'A=B' : Invalid argument." },
	{ "setenv A 1 2", "'setenv' cannot handle unexpected argument '2'." },
	{ "unsetenv", "'unsetenv' expects at least one variable name." },
	{ "unsetenv A B=", "'unsetenv' failed on variable 'B=' : Invalid argument." },
	{ "set-var proc.x", "'set-var' requires a process-wide variable name ('proc.<name>') and a sample expression" },
	{ "set-var-fmt proc.x", "and a format string." },
	{ "set-var sess.x int(1)", "cannot set variable 'sess.x', only scope 'proc' is permitted" },
	{ "set-var proc.x src", "src" },	/* nobody has come yet */
	{ "set-var-fmt proc.x %[nosuch]", "nosuch" },
	{ "http-fail-codes", "'http-fail-codes' expects a list of status codes or ranges." },
	{ "http-fail-codes 600", "'600' is no status code or range between 100 and 599." },
	{ "http-fail-codes 500-400", "'500-400' is no status code or range" },
	{ "http-fail-codes 500,", "'500,' is no status code or range" },
	{ "http-fail-codes 500 +", "'+' is no status code or range" },
	{ "http-fail-codes 4294967796", "'4294967796' is no status code or range" },
	{ "h1-case-adjust a", "'h1-case-adjust' expects <from> and <to> as argument." },
	{ "h1-case-adjust a A\n\th1-case-adjust a A", "duplicate entry 'a'" },
	{ "h1-case-adjust-file", "'h1-case-adjust-file' expects <file> as argument." },
	{ "h1-case-adjust-file /nonexistent/x", "failed to open map file '/nonexistent/x'." },
	{ "stats maxconn 4294967296", "'stats maxconn' expects a positive value" },
	{ "stats timeout x", "unexpected character 'x'" },
};

START_TEST(wrong_lines)
{
	all_refused("global\n", wrong, ARRAY_LEN(wrong));
}
END_TEST

static bool is_env(const char *name, const char *value)
{
	const char *is = getenv(name);

	return value ? is && !strcmp(is, value) : !is;
}

/* Lines take effect as they are read: what follows sees them. */
START_TEST(environment)
{
	struct conf *c;

	ck_assert_int_eq(setenv("GM_WAS", "old", 1), 0);
	c = good_global("\tsetenv GM_A one\n\tsetenv GM_A two\n\tpresetenv GM_A three\n\tpresetenv GM_B \"$GM_A x\"\n"
			"\tpresetenv GM_WAS new\n\tsetenv GM_EMPTY \"\"\n\tpresetenv GM_EMPTY full\n"
			"\tsetenv GM_C 1\n\tunsetenv GM_C GM_NONE\n\tdescription \"${GM_B}\"");
	ck_assert(is_env("GM_A", "two") && is_env("GM_B", "two x") && is_env("GM_WAS", "old"));
	ck_assert(is_env("GM_EMPTY", "") && is_env("GM_C", NULL));
	ck_assert(str_eqz(c->global.description, "two x"));
	conf_unref(c);
	c = good_global("\tresetenv GM_B GM_NONE");
	ck_assert(is_env("GM_B", "two x") && is_env("GM_A", NULL) && is_env("PATH", NULL));
	ck_assert(environ[0] && !environ[1]);
	conf_unref(c);
	c = good_global("\tresetenv\n\tsetenv GM_LAST 1");
	ck_assert(is_env("GM_B", NULL) && is_env("GM_LAST", "1"));
	conf_unref(c);
}
END_TEST

/* All codes of the set as ranges. */
static const char *codes(const struct conf *c)
{
	static char out[256];
	const uint8_t *set = c->global.fail_codes;
	int n = 0, from = -1;

	out[0] = 0;
	for (int i = 0; i <= 600; i++) {
		bool in = i < 600 && set[i / 8] >> i % 8 & 1;

		if (in && from < 0)
			from = i;
		if (in || from < 0)
			continue;
		n += snprintf(out + n, sizeof(out) - (size_t)n, from == i - 1 ? "%s%d" : "%s%d-%d", n ? "," : "", from,
			      i - 1);
		from = -1;
	}
	return out;
}

static void fail_codes(const char *lines, const char *wanted)
{
	struct conf *c = good_global(lines);

	ck_assert_str_eq(codes(c), wanted);
	conf_unref(c);
}

/* A sign changes the set as it is, for what follows in the word; without one it begins anew. */
START_TEST(classes_of_codes)
{
	fail_codes("", "500,502-504,506-599");
	fail_codes("\thttp-fail-codes 100-101,599", "100-101,599");
	fail_codes("\thttp-fail-codes +429", "429,500,502-504,506-599");
	fail_codes("\thttp-fail-codes -500-550 +501", "501,551-599");
	fail_codes("\thttp-fail-codes 500-510,-502,503,+503 -510", "500-501,503-509");
	fail_codes("\thttp-fail-codes 500 501", "501");
	fail_codes("\thttp-fail-codes 500\n\thttp-fail-codes +502", "500,502");
}
END_TEST

START_TEST(variables)
{
	struct conf *c = good_global("\tset-var proc.a int(3),add(4)\n\tset-var-fmt proc.b \"x %[int(1)]\"");
	const struct global_var *v = list_first(&c->global.vars, struct global_var, link);

	ck_assert(str_eqz(v->name, "proc.a") && v->expr && !v->fmt && v->line == 2);
	v = container_of(v->link.next, struct global_var, link);
	ck_assert(str_eqz(v->name, "proc.b") && v->fmt && !v->expr && v->line == 3);
	conf_unref(c);
}
END_TEST

/* --- spellings --- */

static char path[] = "/tmp/weir-case-XXXXXX";

/* A file of spellings, and the line that names it. */
static const char *case_file(const char *text)
{
	static char line[128];
	FILE *f = fopen(path, "w");

	WASSERT(f);
	fputs(text, f);
	fclose(f);
	snprintf(line, sizeof(line), "\th1-case-adjust-file %s", path);
	return line;
}

static void spelled(const struct conf *c, const char *lower, const char *wanted)
{
	const struct h1_case *h = &c->global.cases.h1;
	struct str is = h->name(h, str_c(lower));

	ck_assert_msg(str_eqz(is, wanted), STR_FMT, STR_ARG(is));
}

START_TEST(spellings)
{
	char text[4096], line[4200];
	struct conf *c = good_global(case_file("# names\n\n  content-type\tContent-Type\r\n"
					       "\tx-abc \t X-Abc  \n #x y\nte TE"));

	spelled(c, "content-type", "Content-Type");
	spelled(c, "x-abc", "X-Abc");
	spelled(c, "te", "TE");
	spelled(c, "host", "host");
	conf_unref(c);
	/* A line as long as it likes. */
	memset(text, 'a', 2000);
	memset(text + 2001, 'A', 2000);
	text[2000] = ' ';
	text[4001] = 0;
	snprintf(line, sizeof(line), "%s\nb B\n", text);
	c = good_global(case_file(line));
	spelled(c, "b", "B");
	text[2000] = 0;
	spelled(c, text, text + 2001);
	conf_unref(c);
}
END_TEST

static void wrong_file(const char *text, const char *why)
{
	const struct line l = { case_file(text) + 1, why };

	all_refused("global\n", &l, 1);
}

START_TEST(wrong_spellings)
{
	wrong_file("a A\nhost\n", "two names a line are expected at line 2.");
	wrong_file("\n#\nhost  \t\r\n", "two names a line are expected at line 3.");
	wrong_file("host Hosts\n", "must not differ execpt the case at line 1.");
	wrong_file("host Host x\n", "must not differ execpt the case at line 1.");
	wrong_file("a A\n\na A\n", "duplicate entry at line 3.");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("global_more");
	int failed, fd = mkstemp(path);

	WASSERT(fd >= 0);
	close(fd);
	tables_up();
	UNIT_TEST(s, wrong_lines);
	UNIT_TEST(s, environment);
	UNIT_TEST(s, classes_of_codes);
	UNIT_TEST(s, variables);
	UNIT_TEST(s, spellings);
	UNIT_TEST(s, wrong_spellings);
	failed = unit_run(s);
	unlink(path);
	sbuf_fini(&said);
	return failed;
}
