/* Variables: scopes, conditions, limits, actions, converters, commands. */
#include "tests/unit/expr/all_rows.h"

static enum act_result act(struct world *w, uint32_t set, const char *line)
{
	struct str words[32];
	int n = split_words(&w->conf, line, words, 32);
	const struct rule *at = NULL;
	struct list rules;
	struct rule *r = rule_parse(&w->sc, set, words, n, &w->err);

	ck_assert_msg(r != NULL, "%s: %s", line, w->err.msg);
	list_init(&rules);
	list_push(&rules, &r->link);
	return rules_run(&rules, &at, &w->x);
}

static const char *refused(struct world *w, uint32_t set, const char *line)
{
	struct str words[32];
	int n = split_words(&w->conf, line, words, 32);

	w->err.msg[0] = '\0';
	ck_assert_msg(!rule_parse(&w->sc, set, words, n, &w->err), "%s", line);
	return w->err.msg;
}

#define SET(w, line) ck_assert_int_eq(act(w, RS_HTTP_REQ, line), ACT_NEXT)

START_TEST(scopes)
{
	struct world w;

	world_init(&w);
	SET(&w, "set-var(txn.a) str(t)");
	SET(&w, "set-var(req.a) str(r)");
	SET(&w, "set-var(sess.a) int(5)");
	SET(&w, "set-var(proc.test_a) ipv4(1.2.3.4)");
	SET(&w, "set-var(check.a) bool(1)");
	VALUE(&w, "var(txn.a)", "t");
	VALUE(&w, "var(req.a)", "r");
	VALUE(&w, "var(sess.a),add(1)", "6");
	VALUE(&w, "var(proc.test_a)", "1.2.3.4");
	VALUE(&w, "var(check.a)", "1");
	VALUE(&w, "var(res.a)", "<none>");
	SET(&w, "set-var-fmt(txn.f) %[var(txn.a)]-%[var(req.a)]");
	VALUE(&w, "var(txn.f)", "t-r");
	SET(&w, "set-var(txn.a) var(txn.f),upper");
	VALUE(&w, "var(txn.a)", "T-R");
	SET(&w, "set-var(txn.a) var(txn.a)");
	VALUE(&w, "var(txn.a)", "T-R");
	SET(&w, "unset-var(txn.a)");
	VALUE(&w, "var(txn.a)", "<none>");
	SET(&w, "set-var(txn.a) var(txn.nope)");
	VALUE(&w, "var(txn.a)", "<none>");
	w.x.vars[VAR_TXN] = NULL;
	SET(&w, "set-var(txn.b) str(x)");
	VALUE(&w, "var(txn.b)", "<none>");
	w.x.vars[VAR_TXN] = &w.txn;
	VALUE(&w, "meth(FOO),set-var(txn.m)", "FOO");
	VALUE(&w, "var(txn.m)", "FOO");
	VALUE(&w, "meth(GET),set-var(txn.m),lower", "get");
	VALUE(&w, "var(txn.m)", "GET");
	world_fini(&w);
}
END_TEST

START_TEST(conditions)
{
	struct world w;

	world_init(&w);
	SET(&w, "set-var(txn.a,ifexists) int(1)");
	VALUE(&w, "var(txn.a)", "<none>");
	SET(&w, "set-var(txn.a,ifnotexists) int(1)");
	VALUE(&w, "var(txn.a)", "1");
	SET(&w, "set-var(txn.a,ifnotexists) int(2)");
	VALUE(&w, "var(txn.a)", "1");
	SET(&w, "set-var(txn.a,ifset,ifgt) int(0)");
	VALUE(&w, "var(txn.a)", "0");
	SET(&w, "set-var(txn.a,ifgt) int(5)");
	VALUE(&w, "var(txn.a)", "0");
	SET(&w, "set-var(txn.a,iflt) int(5)");
	VALUE(&w, "var(txn.a)", "5");
	SET(&w, "set-var(txn.a,iflt) str(text)");
	VALUE(&w, "var(txn.a)", "text");
	SET(&w, "set-var(txn.a,ifempty) str(full)");
	VALUE(&w, "var(txn.a)", "text");
	SET(&w, "set-var(txn.a,ifnotempty) str()");
	VALUE(&w, "var(txn.a)", "text");
	SET(&w, "set-var(txn.a,ifempty) str()");
	VALUE(&w, "var(txn.a)", "");
	SET(&w, "unset-var(txn.a)");
	SET(&w, "set-var(txn.a,ifset) str(x)");
	VALUE(&w, "var(txn.a)", "<none>");
	SET(&w, "set-var(txn.a,ifexists,ifnotset) str(x)");
	VALUE(&w, "var(txn.a)", "x");
	VALUE(&w, "str(y),set-var(txn.a,ifnotset)", "y");
	VALUE(&w, "var(txn.a)", "x");
	SET(&w, "set-var(proc.cond_test,ifexists) str(yes)");
	VALUE(&w, "var(proc.cond_test)", "yes");
	world_fini(&w);
}
END_TEST

START_TEST(many)
{
	struct world w;
	char line[64];

	world_init(&w);
	for (int i = 0; i < 500; i++) {
		snprintf(line, sizeof(line), "set-var(txn.v%d) str(%d)", i, i);
		SET(&w, line);
	}
	for (int i = 0; i < 500; i++) {
		char want[16];

		snprintf(line, sizeof(line), "var(txn.v%d)", i);
		snprintf(want, sizeof(want), "%d", i);
		VALUE(&w, line, want);
	}
	world_fini(&w);
	ck_assert_uint_eq(w.txn.size, 0);
	ck_assert_uint_eq(w.sess.size, 0);
}
END_TEST

START_TEST(limits)
{
	struct world w;
	size_t before;

	world_init(&w);
	vars_limits()->scope[VAR_TXN] = 1000;
	SET(&w, "set-var(txn.a) str(0123456789)");
	VALUE(&w, "var(txn.a)", "0123456789");
	before = w.txn.size;
	ck_assert_uint_gt(before, 10);
	ck_assert_uint_eq(w.sess.size, before);
	for (int i = 0; i < 100; i++) {
		char line[64];

		snprintf(line, sizeof(line), "set-var(req.b%d) str(0123456789)", i);
		SET(&w, line);
	}
	/* what belongs to the request counts in the transaction too */
	ck_assert_uint_le(w.txn.size, 1000);
	VALUE(&w, "var(req.b0)", "0123456789");
	VALUE(&w, "var(req.b99)", "<none>");
	SET(&w, "set-var(txn.a) str(0)");
	VALUE(&w, "var(txn.a)", "0");
	vars_fini(&w.rq);
	ck_assert_uint_eq(w.txn.size, before - 9);
	vars_limits()->scope[VAR_TXN] = 0;
	world_fini(&w);
}
END_TEST

START_TEST(refusals)
{
	struct world w;

	world_init(&w);
	ck_assert_str_eq(refused(&w, RS_HTTP_REQ, "set-var txn.a path"), "invalid or incomplete action 'set-var'. "
									 "Expects "
									 "'set-var(<var-name>)', "
									 "'set-var-fmt(<var-name>)' or "
									 "'unset-var(<var-name>)'");
	ck_assert_str_eq(refused(&w, RS_HTTP_REQ, "set-var() path"), "Empty variable name cannot be accepted");
	ck_assert_str_eq(refused(&w, RS_HTTP_REQ, "set-var(txn.a,foo) path"), "unknown condition \"foo\"");
	ck_assert_str_eq(refused(&w, RS_HTTP_REQ, "set-var(txn.a)"), "missing fetch method");
	ck_assert_str_eq(refused(&w, RS_HTTP_REQ, "set-var(txn.a) nope"), "unknown fetch method 'nope'");
	ck_assert_ptr_nonnull(strstr(refused(&w, RS_TCP_CONN, "set-var(txn.a) int(1)"), "do not exist yet"));
	world_fini(&w);
}
END_TEST

START_TEST(commands)
{
	struct world w;
	struct str words[] = { STR_INIT("get"), STR_INIT("var"), STR_INIT("proc.cli_test"), STR_INIT("x"),
			       STR_INIT("y") };
	struct sbuf out = sbuf_grow();
	struct ctl_req r = { .w = words, .n = 3, .at = 2, .out = &out, .level = CTL_ADMIN };
	const struct ctl_row *get = &ctl_var_rows[0], *set = &ctl_var_rows[1];

	world_init(&w);
	r.mem = &w.mem;
	ck_assert_str_eq(get->name, "get var");
	get->run(&r);
	ck_assert_str_eq(sbuf_z(&out), "Variable not found.\n");
	sbuf_clear(&out);
	words[3] = STR("int(4),add(1)");
	r.n = 4;
	set->run(&r);
	get->run(&r);
	ck_assert_str_eq(sbuf_z(&out), "proc.cli_test: type=sint value=<5>\n");
	sbuf_clear(&out);
	words[3] = STR("fmt");
	words[4] = STR("a-%[var(proc.cli_test)]");
	r.n = 5;
	set->run(&r);
	get->run(&r);
	ck_assert_str_eq(sbuf_z(&out), "proc.cli_test: type=str value=<a-5>\n");
	sbuf_clear(&out);
	words[2] = STR("txn.x");
	words[3] = STR("expr");
	words[4] = STR("int(1)");
	set->run(&r);
	ck_assert_str_eq(sbuf_z(&out), "'set var': cannot set variable 'txn.x', only scope 'proc' is permitted "
				       "here.\n");
	sbuf_clear(&out);
	words[2] = STR("proc.cli_test");
	words[4] = STR("path");
	set->run(&r);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&out), "extracts information from 'HTTP request headers'"));
	sbuf_fini(&out);
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("variables");

	UNIT_TEST(s, scopes);
	UNIT_TEST(s, conditions);
	UNIT_TEST(s, many);
	UNIT_TEST(s, limits);
	UNIT_TEST(s, refusals);
	UNIT_TEST(s, commands);
	return unit_run(s);
}
