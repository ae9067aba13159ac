/* The questions of cases.txt, asked of our own engine: each block is a request, each line a question and its answer. */
#include "tests/unit/expr/all_rows.h"
#include "weir/conf/lex.h"

#define CASES "tests/unit/expr/cases.txt"

/* As dev/compare-expr shows bytes. */
static const char *shown(struct world *w, struct str s)
{
	struct sbuf b = sbuf_grow();
	const char *z;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= 32 && c < 127 && c != '\\')
			sbuf_putc(&b, (char)c);
		else
			sbuf_printf(&b, "\\x%02x", c);
	}
	z = arena_str(&w->mem, sbuf_str(&b)).p;
	sbuf_fini(&b);
	return z;
}

static const char *ask_expr(struct world *w, struct str text)
{
	struct expr *e = expr_compile(&w->sc, text, NULL, &w->err);
	struct sample s;

	if (!e)
		return w->err.msg;
	if (!expr_eval(e, &s, &w->x) || !smp_cast(&s, SMP_BIN, &w->mem))
		return "<none>";
	return shown(w, s.s);
}

static const char *ask_format(struct world *w, struct str text)
{
	struct logfmt *f = logfmt_compile(&w->sc, text, LF_HTTP, &w->err);
	struct sbuf b = sbuf_fixed(arena_bytes(&w->mem, 10000), 10000);

	if (!f)
		return w->err.msg;
	logfmt_build(f, &b, &w->x);
	return shown(w, sbuf_str(&b));
}

static int cut_words(struct world *w, struct str text, struct str *words, int max)
{
	static const struct lex_opts opts = { .comments = true };
	struct lex l = { 0 };
	int n = 0;

	ck_assert(lex_line(&l, text, &opts, &w->conf));
	for (; n < l.n && n < max; n++)
		words[n] = l.w[n];
	lex_fini(&l);
	return n;
}

static const char *ask_cond(struct world *w, struct str text)
{
	struct str words[64];
	int n = cut_words(w, text, words, 64);
	struct cond *c = cond_compile(&w->sc, words, n, false, &w->err);

	if (!c)
		return w->err.msg;
	return cond_eval(c, &w->x) == COND_TRUE ? "yes" : "no";
}

static void put_head(struct sbuf *b, struct msg *m)
{
	sbuf_printf(b, STR_FMT " " STR_FMT " HTTP/%d.%d", STR_ARG(m->method_text), STR_ARG(msg_target(m)), m->major,
		    m->minor);
	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			sbuf_printf(b, "|" STR_FMT ": " STR_FMT, STR_ARG(field_name_str(&m->f[i])),
				    STR_ARG(field_value_str(&m->f[i])));
}

static const char *ask_action(struct world *w, struct str text)
{
	struct sbuf b = sbuf_fixed(arena_bytes(&w->mem, 10000), 10000);
	const struct rule *at = NULL;
	struct str words[64];
	struct list rules;
	struct rule *r;

	list_init(&rules);
	r = rule_parse(&w->sc, RS_HTTP_REQ, words, cut_words(w, text, words, 64), &w->err);
	if (!r)
		return w->err.msg;
	list_push(&rules, &r->link);
	if (rules_run(&rules, &at, &w->x) != ACT_NEXT)
		return "<refused>";
	put_head(&b, &w->req);
	return shown(w, sbuf_str(&b));
}

static const char *ask(struct world *w, char kind, struct str text)
{
	switch (kind) {
	case 'E': return ask_expr(w, text);
	case 'C': return ask_cond(w, text);
	case 'F': return ask_format(w, text);
	default: return ask_action(w, text);
	}
}

/* "\x41" in an expected answer of a head stays as it is: answers of heads are shown the same way. */
static void one_line(struct world *w, struct str line, int number, struct str block, int *asked)
{
	struct str want, text;
	size_t arrow;
	const char *got;

	if (line.n && line.p[0] == '!')
		line = str_skip(line, 1);
	if (line.n < 3 || line.p[1] != ' ' || !strchr("ECFA", line.p[0]))
		return;
	arrow = str_find(line, STR(" => "));
	ck_assert_msg(arrow != (size_t)-1, "line %d has no answer", number);
	text = str_make(line.p + 2, arrow - 2);
	want = str_skip(line, arrow + 4);
	if (line.p[0] == 'A')
		make_request(w, arena_str(&w->mem, block).p);
	got = ask(w, line.p[0], arena_str(&w->conf, text));
	(*asked)++;
	if (str_eqz(want, got))
		return;
	printf("line %d: " STR_FMT "\n wanted " STR_FMT "\n got    %s\n", number, STR_ARG(text), STR_ARG(want), got);
	w->wrong++;
}

static struct str read_cases(struct arena *mem)
{
	FILE *f = fopen(CASES, "r");
	char *p = arena_bytes(mem, 1 << 20);
	size_t n;

	ck_assert_msg(f != NULL, "%s is not there", CASES);
	n = fread(p, 1, (1 << 20) - 1, f);
	fclose(f);
	return str_make(p, n);
}

START_TEST(all_cases)
{
	struct sbuf block = sbuf_grow();
	struct world w;
	struct str rest;
	bool open = false;
	int number = 0, asked = 0;

	world_init(&w);
	w.x.final = true;
	rest = read_cases(&w.conf);
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');

		number++;
		if (str_starts(line, STR("R "))) {
			sbuf_clear(&block);
			sbuf_puts(&block, str_skip(line, 2));
			vars_fini(&w.txn);
			open = true;
		} else if (str_starts(line, STR("H "))) {
			sbuf_putc(&block, '\n');
			sbuf_puts(&block, str_skip(line, 2));
		} else {
			if (open)
				make_request(&w, sbuf_z(&block));
			open = false;
			one_line(&w, line, number, sbuf_str(&block), &asked);
		}
	}
	ck_assert_int_gt(asked, 250);
	ck_assert_int_eq(w.wrong, 0);
	sbuf_fini(&block);
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cases");

	UNIT_TEST(s, all_cases);
	return unit_run(s);
}
