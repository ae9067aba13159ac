/* The language on messages: the first byte picks what the first line is (an expression, a condition, an ACL's words, a
 * rule), a second line is an expression evaluated after it, the rest is a request or payload. */
#include "expr_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sink;

static void run_expr(struct fuzz_world *w, struct str line)
{
	struct expr *e = expr_compile(&w->sc, line, NULL, &w->err);
	struct sample s;

	if (!e)
		return;
	if (expr_eval(e, &s, &w->x))
		sink += fuzz_touch(&s);
	if (expr_eval_as(e, SMP_STR, &s, &w->x))
		sink += fuzz_touch(&s);
}

static void run_cond(struct fuzz_world *w, struct str line)
{
	struct str words[64];
	struct cond *c = cond_compile(&w->sc, words, fuzz_words(line, words, 64), false, &w->err);

	if (c)
		sink += cond_eval(c, &w->x);
}

static void run_acl(struct fuzz_world *w, struct str line)
{
	struct str words[64], name = STR("fuzzed");
	int n;

	words[0] = name;
	n = 1 + fuzz_words(line, words + 1, 63);
	if (acl_declare(&w->sc, words, n, &w->err))
		run_cond(w, name);
}

static void run_rule(struct fuzz_world *w, struct str line)
{
	struct str words[64];
	const struct rule *at = NULL;
	struct list rules;
	struct rule *r = rule_parse(&w->sc, RS_HTTP_REQ, words, fuzz_words(line, words, 64), &w->err);

	if (!r)
		return;
	list_init(&rules);
	list_push(&rules, &r->link);
	sink += rules_run(&rules, &at, &w->x);
	if (w->x.req)
		WASSERT(w->x.req->live <= w->x.req->nf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest, first, second;
	struct fuzz_world w;

	if (size < 2 || size > 4096)
		return 0;
	fuzz_open(&w);
	rest = str_make((const char *)data + 1, size - 1);
	first = fuzz_line(&w, &rest);
	second = fuzz_line(&w, &rest);
	fuzz_message(&w, rest.p ? rest : STR(""));
	switch (data[0] & 3) {
	case 0: run_expr(&w, first); break;
	case 1: run_cond(&w, first); break;
	case 2: run_acl(&w, first); break;
	default: run_rule(&w, first);
	}
	run_expr(&w, second);
	fuzz_close(&w);
	return 0;
}
