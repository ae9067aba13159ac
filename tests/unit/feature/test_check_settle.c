/* What the lines about checks come to once all is read: steps that nobody wrote, comments, where expect steps go back
 * to; and what is refused. */
#include "tests/unit/model/load.h"

#include <stdio.h>

#include "src/feature/check/script.h"
#include "weir/model/lines.h"

#define BE "defaults\n\tmode http\n" TIMES "backend be\n"
#define SRV "\tserver s1 127.0.0.1:80 check\n"

static struct conf *conf;

/* The script of backend be, as letters: C connect, I implicit connect, S send, Q request, E expect, R rule. */
static const char *steps(const char *lines)
{
	static char out[64];
	char text[2000];
	const struct chk_script *s;
	struct proxy *p;
	int n = 0;

	snprintf(text, sizeof(text), BE "%s" SRV, lines);
	if (conf)
		conf_unref(conf);
	conf = good(text);
	p = list_first(&conf->proxies, struct proxy, link);
	s = chk_script_for(p->check);
	for (int i = 0; s && i < s->n; i++) {
		out[n++] = "CSQER"[s->v[i]->kind == STEP_CONNECT   ? 0
				   : s->v[i]->kind == STEP_SEND    ? 1
				   : s->v[i]->kind == STEP_REQUEST ? 2
				   : s->v[i]->kind == STEP_EXPECT  ? 3
								   : 4];
		if (s->v[i]->kind == STEP_CONNECT && s->v[i]->connect.flags & CN_IMPLICIT)
			out[n - 1] = 'I';
	}
	out[n] = 0;
	return out;
}

static const struct chk_step *step_of(int i)
{
	const struct chk_script *s = chk_script_for(list_first(&conf->proxies, struct proxy, link)->check);

	ck_assert_int_lt(i, s->n);
	return s->v[i];
}

static void bad(const char *line, const char *words)
{
	char text[1000];

	snprintf(text, sizeof(text), BE "\t%s\n" SRV, line);
	refused(text, words);
}

START_TEST(steps_nobody_wrote)
{
	tables_up();
	ck_assert_str_eq(steps(""), "");
	ck_assert_str_eq(steps("\toption tcp-check\n"), "I");
	ck_assert_str_eq(steps("\toption httpchk\n"), "IQE");
	ck_assert_int_eq(step_of(2)->expect.codes[0].low, 200);
	ck_assert_int_eq(step_of(2)->expect.codes[0].high, 399);
	ck_assert_str_eq(steps("\toption httpchk\n\thttp-check expect status 404\n"), "IQE");
	ck_assert_int_eq(step_of(2)->expect.codes[0].low, 404);
	ck_assert_str_eq(steps("\toption httpchk\n\thttp-check connect\n\thttp-check send uri /a\n"), "CQE");
	ck_assert_str_eq(steps("\toption httpchk GET /x\n\thttp-check connect\n\thttp-check send uri /y\n"), "CQE");
	bad("option httpchk GET /x\n\thttp-check connect\n\thttp-check expect status 200", "(missing send rule).");
	ck_assert_str_eq(steps("\toption httpchk\n\thttp-check connect\n\thttp-check send uri /a\n"
			       "\thttp-check expect status 200\n\thttp-check connect\n\thttp-check send uri /b\n"),
			 "CQECQE");
	bad("option tcp-check\n\ttcp-check send a\n\ttcp-check connect", "first step MUST also be a 'connect'");
	ck_assert_str_eq(steps("\toption tcp-check\n\ttcp-check set-var(check.a) int(1)\n\ttcp-check connect\n"), "RC");
	ck_assert_str_eq(steps("\toption tcp-check\n\ttcp-check set-var(check.a) int(1)\n\ttcp-check send a\n"), "IRS");
}
END_TEST

static const char *comment(int i)
{
	static char text[2][64];
	static int at;

	snprintf(text[at = !at], sizeof(text[0]), STR_FMT, STR_ARG(step_of(i)->comment));
	return text[at];
}

START_TEST(comments)
{
	tables_up();
	ck_assert_str_eq(steps("\toption tcp-check\n\ttcp-check comment one\n\ttcp-check connect\n\ttcp-check send a\n"
			       "\ttcp-check comment two\n\ttcp-check send b\n\ttcp-check send c comment own\n"
			       "\ttcp-check send d\n\ttcp-check expect string x\n"),
			 "CSSSSE");
	ck_assert_str_eq(comment(0), "one");
	ck_assert_str_eq(comment(1), "");	/* a connect has it for itself */
	ck_assert_str_eq(comment(2), "two");
	ck_assert_str_eq(comment(3), "own");
	ck_assert_str_eq(comment(4), "two");
	ck_assert_str_eq(comment(5), "");
}
END_TEST

/* What must not come is looked for again when more comes. */
START_TEST(ways_back)
{
	tables_up();
	steps("\toption tcp-check\n\ttcp-check expect string a\n\ttcp-check expect ! string b\n"
	      "\ttcp-check expect string c\n\ttcp-check expect ! string d\n\ttcp-check send x\n"
	      "\ttcp-check expect string e\n");
	ck_assert_int_eq(step_of(1)->expect.back, 1);
	ck_assert_int_eq(step_of(2)->expect.back, 2);
	ck_assert_int_eq(step_of(3)->expect.back, 2);
	ck_assert_int_eq(step_of(4)->expect.back, 2);
	ck_assert_int_eq(step_of(6)->expect.back, 6);
}
END_TEST

START_TEST(expect_mistakes)
{
	tables_up();
	bad("http-check expect", "expects at least a matching pattern as arguments");
	bad("http-check expect !", "expects at least a matching pattern as arguments");
	bad("http-check expect status", "'status' expects a <pattern> as argument");
	bad("http-check expect status 200,", "invalid range of status codes ''.");
	bad("http-check expect status 20x", "invalid range of status codes '20x'.");
	bad("http-check expect status 300-200", "invalid range of status codes '300-200'.");
	bad("http-check expect status 200-1000", "invalid range of status codes '200-1000'.");
	bad("http-check expect status -1", "invalid range of status codes '-1'.");
	bad("http-check expect status 200 string a", "only on pattern expected");
	bad("http-check expect rstatus (", "is invalid");
	bad("http-check expect ! min-recv 5 string a", "[!] not supported with 'min-recv'");
	bad("http-check expect min-recv -2 string a", "'min-recv' expects -1 or an integer from 0 to INT_MAX");
	bad("http-check expect min-recv 2147483648 string a", "'min-recv' expects -1 or an integer from 0 to INT_MAX");
	bad("http-check expect hdr a", "expects at the name keyword as first argument");
	bad("http-check expect hdr name", "expect a pattern");
	bad("http-check expect hdr name -m", "'-m' expects at a matching pattern");
	bad("http-check expect hdr name -m bet a",
	    "'-m' only supports 'str', 'beg', 'end', 'sub' or 'reg' (got 'bet')");
	bad("http-check expect hdr name-lf -m reg a", "log-format string is not supported with a regex");
	bad("http-check expect ok-status L4TOUT string a",
	    "'ok-status' only supports 'L4OK', 'L6OK', 'L7OK' or 'L7OKC'");
	bad("http-check expect binary 00", "but got 'binary' as argument");
	bad("tcp-check expect status 200", "but got 'status' as argument");
	bad("tcp-check expect binary 0", "");
	bad("tcp-check expect custom nobody", "no judge is called 'nobody'.");
	bad("tcp-check send-binary 0g", "");
}
END_TEST

static void wrong(const char *lines, const char *words)
{
	char text[1000];

	snprintf(text, sizeof(text), BE "%s", lines);
	refused(text, words);
}

START_TEST(ports)
{
	tables_up();
	wrong("\tserver s1 127.0.0.1 check\n", "has neither service port nor check port.");
	wrong("\tserver s1 127.0.0.1:+5 check\n", "has neither service port nor check port.");
	wrong("\toption tcp-check\n\ttcp-check send a\n\tserver s1 127.0.0.1 check\n",
	      "has neither service port nor check port nor tcp_check rule 'connect' with port information.");
	wrong("\toption tcp-check\n\ttcp-check connect port 5\n\ttcp-check connect\n\tserver s1 127.0.0.1 check\n",
	      "and a tcp_check rule 'connect' with no port information.");
	conf_unref(good(BE "\toption tcp-check\n\ttcp-check connect port 5\n\tserver s1 127.0.0.1 check\n"));
	conf_unref(good(BE "\tserver s1 127.0.0.1 check port 5\n\tserver s2 127.0.0.1\n\tserver s3 /tmp/x check\n"));
}
END_TEST

START_TEST(without_effect)
{
	tables_up();
	warned(BE "\ttcp-check send a\n" SRV,
	       "uses tcp-check rules without 'option tcp-check', so the rules are ignored.");
	warned(BE "\thttp-check expect status 200\n" SRV,
	       "uses http-check rules without 'option httpchk', so the rules are ignored.");
	warned(BE "\tserver s1 127.0.0.1:1 check check-pool-conn-name a\n",
	       "'check-pool-conn-name' is ignored without 'check-reuse-pool'.");
	wrong("\toption external-check\n" SRV, "unable to find required 'global.external-check'.");
	wrong("\toption external-check\n" SRV, "unable to find required 'external-check command'.");
	wrong("\toption httpchk\n\tserver s1 127.0.0.1:1 check check-proto none\n",
	      "uses an incompatible MUX protocol for the selected check type");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check_settle");

	UNIT_TEST(s, steps_nobody_wrote);
	UNIT_TEST(s, comments);
	UNIT_TEST(s, ways_back);
	UNIT_TEST(s, expect_mistakes);
	UNIT_TEST(s, ports);
	UNIT_TEST(s, without_effect);
	return unit_run(s);
}
