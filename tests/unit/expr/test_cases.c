/* The questions of cases.txt and converters.txt, asked of our own engine: each block is a request, each line a question
 * and its answer. */
#include "tests/unit/expr/all_rows.h"
#include "weir/conf/lex.h"

#define CASES "tests/unit/expr/cases.txt"
#define CONVERTERS "tests/unit/expr/converters.txt"

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

static struct str read_cases(struct arena *mem, const char *name)
{
	FILE *f = fopen(name, "r");
	char *p = arena_bytes(mem, 1 << 20);
	size_t n;

	ck_assert_msg(f != NULL, "%s is not there", name);
	n = fread(p, 1, (1 << 20) - 1, f);
	fclose(f);
	return str_make(p, n);
}

static void run_file(const char *name, int least)
{
	struct sbuf block = sbuf_grow();
	struct world w;
	struct str rest;
	bool open = false;
	int number = 0, asked = 0;

	world_init(&w);
	w.x.final = true;
	rest = read_cases(&w.conf, name);
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
	ck_assert_int_gt(asked, least);
	ck_assert_int_eq(w.wrong, 0);
	sbuf_fini(&block);
	world_fini(&w);
}

START_TEST(all_cases)
{
	run_file(CASES, 250);
}
END_TEST

START_TEST(all_converters)
{
	run_file(CONVERTERS, 1200);
}
END_TEST

/* "name" as a word of an expression. */
static bool is_used(struct str text, struct str name)
{
	for (;;) {
		size_t at = str_find(text, name);
		struct str behind;

		if (at == (size_t)-1)
			return false;
		behind = str_skip(text, at + name.n);
		if (at && text.p[at - 1] == ',' && behind.n && strchr("(, ", behind.p[0]))
			return true;
		text = behind;
	}
}

static void set_long(struct world *w, struct str value)
{
	struct var_ref *ref = arena_new(&w->conf, struct var_ref);

	ck_assert(var_ref_parse(&w->conf, STR("txn.long"), ref, &w->err));
	ck_assert(var_set(ref, &(struct sample){ .type = SMP_BIN, .s = value }, 0, &w->x));
}

/* chain: ",converter... => answer", on the long value. */
static void ask_long(struct world *w, struct str chain)
{
	struct str text = str_head(chain, str_find(chain, STR(" => ")));
	struct str whole = arena_printf(&w->conf, "var(txn.long)" STR_FMT, STR_ARG(text));
	struct expr *e = expr_compile(&w->sc, whole, NULL, &w->err);
	struct sample s;

	ck_assert_msg(e != NULL, "%s", w->err.msg);
	if (!expr_eval(e, &s, &w->x) || (s.type != SMP_STR && s.type != SMP_BIN))
		return;
	ck_assert_uint_le(s.s.n, 800000);
	ck_assert_ptr_nonnull(arena_str(&w->mem, s.s).p);	/* all of it can be read */
}

/* Maps and packets have tests of their own. */
START_TEST(every_converter_is_asked)
{
	struct arena mem;
	struct str text;

	arena_init(&mem, 1 << 20);
	text = read_cases(&mem, CONVERTERS);
	for (const struct conv_table *t = all_convs; t->rows; t++)
		for (size_t i = 0; i < t->n && t->rows != conv_map_rows && t->rows != conv_packet_rows; i++)
			ck_assert_msg(is_used(text, str_c(t->rows[i].name)), "no question about %s", t->rows[i].name);
	arena_fini(&mem);
}
END_TEST

/* Values longer than any buffer: a value or none, never more than there is. */
START_TEST(long_values)
{
	static const char fill[] = { 'a', '%', ',', '\n', '\xff', '\0', '"', '9', '{' };
	struct world w;
	char *big;
	struct str text, rest;

	world_init(&w);
	text = read_cases(&w.conf, CONVERTERS);
	big = arena_bytes(&w.conf, 100000);
	for (size_t k = 0; k < ARRAY_LEN(fill); k++) {
		memset(big, fill[k], 100000);
		set_long(&w, str_make(big, 100000));
		for (rest = text; rest.p;) {
			struct str line = str_cut(&rest, '\n');

			if (str_starts(line, STR("E str(text),")) || str_starts(line, STR("!E str(text),")))
				ask_long(&w, str_skip(line, str_find(line, STR("str(text)")) + 9));
		}
		arena_fini(&w.mem);
		arena_init(&w.mem, 4096);
	}
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("cases");

	UNIT_TEST(s, all_cases);
	UNIT_TEST(s, all_converters);
	UNIT_TEST(s, every_converter_is_asked);
	UNIT_TEST(s, long_values);
	return unit_run(s);
}
