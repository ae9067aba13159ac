/* Lines of a configuration with rows and sections made for this test: which row a line finds, what typed rows take,
 * what is said of wrong ones, which lines a dotted directive leaves out. */
#include "tests/unit/unit.h"

#include <stddef.h>

#include "weir/base/obj.h"
#include "weir/base/sbuf.h"
#include "weir/conf/known.h"
#include "weir/conf/load.h"

struct part { unsigned n, ms; };
struct thing {
	bool flag;
	unsigned n, wide, once, ms, on, off;
	int i;
	uint64_t size;
	struct str text, rest;
	struct part part;
};
static struct thing obj;
static int ends, checks;
static struct sbuf heard;

static bool parse_rest(struct kw_call *k)
{
	obj.rest = kw_rest(k);
	return true;
}

static bool parse_open(struct kw_call *k)
{
	sbuf_printf(&heard, "open " STR_FMT ";", STR_ARG(k->w[0]));
	return true;
}

static bool check_later(struct loader *ld, void *arg)
{
	checks++;
	return arg || loader_err_line(ld, "t.cfg", 7, "found too late");
}

static bool parse_later(struct kw_call *k)
{
	kw_later(k, check_later, k->no ? k : NULL);
	return true;
}

static bool parse_colour(struct kw_call *k)
{
	static const char *const words[] = { "red", "green", NULL };
	int64_t n;

	if (kw_take_if(k, "number"))
		return kw_uint(k, "a shade", 1, 9, &n);
	if (kw_choice(kw_peek(k), words) < 0) {
		kw_hint_near(k, kw_peek(k), words);
		return kw_err(k, k->at, "no colour");
	}
	k->at++;
	return true;
}

/* Words of a line of their own, as those of bind lines. */
static bool parse_words(struct kw_call *k)
{
	return kw_words(k, KW_BIND, &obj, "'words'");
}

#define AT(field) offsetof(struct thing, field)
static const struct kw rows[] = {
	{ "flag", KW_GLOBAL, KT_FLAG, AT(flag), .flags = KW_F_NO },
	{ "n", KW_GLOBAL, KT_UINT, AT(n), .min = 2, .max = 9 },
	{ "wide", KW_GLOBAL, KT_UINT, AT(wide) },
	{ "int", KW_GLOBAL, KT_INT, AT(i) },
	{ "once", KW_GLOBAL, KT_UINT, AT(once), .flags = KW_F_ONCE },
	{ "time", KW_GLOBAL | KW_FRONTEND | KW_BIND, KT_TIME, AT(ms) },
	{ "size", KW_GLOBAL, KT_SIZE, AT(size) },
	{ "text", KW_GLOBAL, KT_STR, AT(text) },
	{ "option low", KW_FRONTEND, KT_BITS, AT(on), .min = 1, .max = AT(off), .flags = KW_F_NO | KW_F_DEFAULT },
	{ "option high", KW_FRONTEND, KT_BITS, AT(on), .min = 4 },
	{ "old", KW_GLOBAL, KT_REFUSED, .help = "old is gone, use text" },
	{ "gone", KW_GLOBAL, KT_IGNORED },
	{ "risky", KW_GLOBAL, KT_FLAG, AT(flag), .flags = KW_F_EXPERIMENTAL },
	{ "one two", KW_GLOBAL, KT_PARSE, .parse = parse_rest },
	{ "one two three four", KW_GLOBAL, KT_FLAG, AT(flag) },
	{ "set-x(", KW_GLOBAL, KT_PARSE, .parse = parse_open },
	{ "later", KW_GLOBAL, KT_PARSE, .parse = parse_later, .flags = KW_F_NO },
	{ "colour", KW_GLOBAL, KT_PARSE, .parse = parse_colour },
	{ "words", KW_GLOBAL, KT_PARSE, .parse = parse_words },
	{ "soon", KW_FRONTEND, KT_FLAG, AT(flag) },
	{ "only-fe", KW_FRONTEND, KT_FLAG, AT(flag) },
};
static const struct kw part_rows[] = {
	{ "part", KW_GLOBAL | KW_FRONTEND | KW_BIND, KT_UINT, offsetof(struct part, n) },
};
static const struct kw missing[] = {
	{ "soon", KW_FRONTEND | KW_BACKEND | KW_GLOBAL, KT_NOT_BUILT },
	{ "text", KW_GLOBAL, KT_NOT_BUILT },
};
static const struct kw_table keywords[] = {
	{ missing, ARRAY_LEN(missing) },	/* in front: what is built wins all the same */
	{ rows, ARRAY_LEN(rows) },
	{ part_rows, ARRAY_LEN(part_rows), AT(part), KW_GLOBAL | KW_BIND },
	{ known_keywords, KNOWN_KEYWORDS },
	{ NULL },
};

static bool begin(struct kw_call *k)
{
	if (kw_take_if(k, "bad"))
		return kw_err(k, 1, "a bad name");
	if (kw_more(k))
		k->at++;
	k->ld->obj = &obj;
	return true;
}

static void end(struct loader *ld, void *o)
{
	ck_assert_ptr_eq(o, &obj);
	ends++;
}

static const struct section_row sections[] = {
	{ "global", KW_GLOBAL, begin, NULL, end },
	{ "frontend", KW_FRONTEND, begin, NULL, end },
	{ "backend", KW_BACKEND, begin, NULL, end },
};
static const struct section_table section_tables[] = {
	{ known_sections, KNOWN_SECTIONS }, { sections, ARRAY_LEN(sections) }, { NULL },
};
static const struct conf_facts facts = { .version = "3.5-dev5" };
static const struct conf_registry registry = {
	.keywords = keywords, .sections = section_tables, .facts = &facts,
};

static struct sbuf said;
static struct diag diag;
static struct arena mem;

/* Number of errors. */
static int load(const char *text)
{
	struct loader ld;
	int errors;

	sbuf_fini(&said);
	sbuf_fini(&heard);
	said = sbuf_grow();
	heard = sbuf_grow();
	obj = (struct thing){ 0 };
	ends = checks = 0;
	diag = (struct diag){ .keep = &said, .versioned = true, .carets = true, .diag_mode = true };
	conf_register(&registry);
	if (!mem.block_size)
		arena_init(&mem, 4096);
	loader_init(&ld, &diag, &mem, NULL);
	loader_text(&ld, "t.cfg", str_c(text));
	loader_finish(&ld);
	errors = ld.errors;
	loader_fini(&ld);
	return errors;
}

static void good(const char *lines)
{
	struct sbuf text = sbuf_grow();

	sbuf_printf(&text, "global\n%s\n", lines);
	ck_assert_msg(!load(sbuf_z(&text)) && !said.n, "%s: %s", lines, sbuf_z(&said));
	sbuf_fini(&text);
}

static void has(const char *words)
{
	ck_assert_msg(str_find(sbuf_str(&said), str_c(words)) != (size_t)-1, "expected: %s\nsaid: %s", words,
		      sbuf_z(&said));
}

/* One error in a line of `global`, in these words. */
static void bad(const char *line, const char *words)
{
	struct sbuf text = sbuf_grow();
	int errors;

	sbuf_printf(&text, "global\n%s\n", line);
	errors = load(sbuf_z(&text));
	ck_assert_msg(errors == 1, "%s: %d errors: %s", line, errors, sbuf_z(&said));
	has(words);
	sbuf_fini(&text);
}

START_TEST(typed_rows)
{
	good("flag\nn 9\nwide 4294967295\nint -2147483648\ntime 5s\nsize 2k\ntext 'a b'\npart 3\ngone with the "
	     "wind");
	ck_assert(obj.flag && obj.n == 9 && obj.wide == UINT32_MAX && obj.i == INT32_MIN);
	ck_assert(obj.ms == 5000 && obj.size == 2048 && str_eqz(obj.text, "a b"));
	ck_assert_uint_eq(obj.part.n, 3);
	good("flag\nno flag\nn 2\ntime 7\none two  three\t'four five'\n");
	ck_assert(!obj.flag && obj.n == 2 && obj.ms == 7);
	ck_assert(str_eqz(obj.rest, "three four five"));
	ck_assert_int_eq(ends, 1);
	good("time 1us");
	ck_assert_uint_eq(obj.ms, 1);		/* rounded up, as HAProxy does */
}
END_TEST

START_TEST(wrong_values)
{
	bad("n", "'n' expects an integer argument.");
	bad("n 3x", "'n' expects an integer argument.");
	bad("n 1", "'n' expects a numeric value between 2 and 9.");
	bad("n 10", "^^ 2 to 9\n");
	bad("wide -1", "'wide' expects a positive numeric value.");
	bad("wide 4294967296", "'wide' expects a positive numeric value.");
	bad("int 2147483648", "'int' expects a positive numeric value.");
	bad("n 99999999999999999999", "'n' expects an integer argument.");
	bad("time", "'time' expects <time> as argument.");
	bad("time 5x", "unexpected character 'x' in argument to <time>.");
	bad("time 25d", "timer overflow in argument '25d' to 'time' (maximum value is 2147483647 ms or ~24.8 days)");
	bad("time 1s 2s", "'time' : unexpected extra argument '2s' after value '1s'.");
	bad("size", "'size' expects a size argument");
	bad("size 5q", "'size' : unexpected character 'q' in size '5q'");
	bad("text", "'text' expects an argument");
	bad("text ''", "'text' expects an argument");
	bad("flag on", "'flag' cannot handle unexpected argument 'on'.");
	bad("n 3 4", "'n' cannot handle unexpected argument '4'.");
	bad("old", "old is gone, use text");
	bad("risky",
	    "'risky' directive is experimental, must be allowed via a global 'expose-experimental-directives'");
	bad("colour number", "'colour' expects a shade");
	bad("colour number x", "'colour' expects a shade, got 'x'");
	bad("colour number 10", "'colour' expects a value between 1 and 9, got '10'");
	bad("colour grean", "'green' ?");
	bad("colour blue-white", "one of red, green");
	/* The sentence of proxies is another one. */
	ck_assert_int_eq(load("frontend f\n\ttime 5x\n"), 1);
	has("unexpected character 'x' in 'time'");
}
END_TEST

START_TEST(said_twice)
{
	ck_assert_int_eq(load("global\nonce 5\nonce 6\n"), 0);
	has("[t.cfg:3] : 'once' already specified. Continuing.");
	ck_assert_uint_eq(obj.once, 5);
}
END_TEST

/* What was switched off is remembered apart from what was never said. */
START_TEST(bits)
{
	ck_assert_int_eq(load("frontend f\n\toption low\n\toption high\n"), 0);
	ck_assert(obj.on == 5 && !obj.off);
	ck_assert_int_eq(load("frontend f\n\toption low\n\tno option low\n"), 0);
	ck_assert(!obj.on && obj.off == 1);
	ck_assert_int_eq(load("frontend f\n\tno option low\n\tdefault option low\n"), 0);
	ck_assert(!obj.on && !obj.off);
	ck_assert_int_eq(load("frontend f\n\tno option high\n"), 1);
	has("negation/default is not supported for option 'high'.");
	ck_assert_int_eq(load("global\ndefault n 3\n"), 1);
	has("negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, "
	    "insecure-fork-wanted and numa-cpu-mapping.");
	/* One mistake where a word is missing too; a wrong argument is told besides. */
	ck_assert_int_eq(load("global\nno n\n"), 1);
	ck_assert_int_eq(load("global\nno n 77\n"), 2);
}
END_TEST

/* Index of names: the longest wins, and what is built before what is only known. */
START_TEST(names)
{
	struct str w[] = { STR("one"), STR("two"), STR("three"), STR("four"), STR("five") };
	char far[200];
	struct str longest = str_make(far, sizeof(far) - 1);
	const struct kw *row;
	size_t base;
	int words;

	conf_register(&registry);
	ck_assert_str_eq(kw_find(w, 5, 0, KW_GLOBAL, &words, &base)->name, "one two three four");
	ck_assert(words == 4 && base == 0);
	ck_assert_str_eq(kw_find(w, 3, 0, KW_GLOBAL, &words, NULL)->name, "one two");
	ck_assert_int_eq(words, 2);
	ck_assert_ptr_null(kw_find(w, 1, 0, KW_GLOBAL, &words, &base));
	ck_assert_int_eq(words, 0);
	ck_assert_ptr_null(kw_find(w, 5, 5, KW_GLOBAL, &words, &base));
	ck_assert_ptr_null(kw_find(w, 5, 0, KW_FRONTEND, &words, &base));
	memset(far, 'x', sizeof(far));
	far[sizeof(far) - 1] = '\0';
	ck_assert_ptr_null(kw_find(&longest, 1, 0, KW_GLOBAL, &words, &base));

	w[0] = STR("soon");
	ck_assert_uint_eq(kw_find(w, 1, 0, KW_FRONTEND, &words, NULL)->type, KT_FLAG);
	ck_assert_uint_eq(kw_find(w, 1, 0, KW_GLOBAL, &words, NULL)->type, KT_NOT_BUILT);
	ck_assert_uint_eq(kw_find(w, 1, 0, 0, &words, NULL)->type, KT_FLAG);
	/* Built for one kind of proxy: in others it is out of place, not missing. */
	ck_assert_ptr_null(kw_find(w, 1, 0, KW_BACKEND, &words, NULL));

	w[0] = STR("part");
	row = kw_find(w, 1, 0, KW_BIND, &words, &base);
	ck_assert(row == part_rows && base == offsetof(struct thing, part));
	ck_assert_ptr_null(kw_find(w, 1, 0, KW_FRONTEND, &words, &base));	/* listed without it */

	w[0] = STR("set-x(a,b)");
	ck_assert_str_eq(kw_find(w, 1, 0, KW_GLOBAL, &words, NULL)->name, "set-x(");
	w[0] = STR("set-y(a)");
	ck_assert_ptr_null(kw_find(w, 1, 0, KW_GLOBAL, &words, NULL));
}
END_TEST

static void count_row(const struct kw *row, uint32_t scopes, void *arg)
{
	int *n = arg;

	++*n;
	if (row == part_rows)
		ck_assert_uint_eq(scopes, KW_GLOBAL | KW_BIND);
}

START_TEST(near_names)
{
	int n = 0;

	conf_register(&registry);
	ck_assert_str_eq(kw_near(STR("tme"), KW_GLOBAL, NULL), "time");
	ck_assert_str_eq(kw_near(STR("hgih"), KW_FRONTEND, "option "), "high");
	ck_assert_ptr_null(kw_near(STR("old"), KW_BIND, NULL));
	ck_assert_ptr_null(kw_near(STR("qqqqqqqqqq"), KW_GLOBAL, NULL));
	ck_assert_str_eq(conf_section_near(STR("frontned")), "frontend");
	ck_assert_ptr_null(conf_section_near(STR("zzzzzzzzzz")));
	conf_each_kw(count_row, &n);
	ck_assert_uint_eq((size_t)n, ARRAY_LEN(rows) + ARRAY_LEN(missing) + 1 + KNOWN_KEYWORDS);
	ck_assert_str_eq(conf_scope_name(KW_SERVER), "server");
	ck_assert_str_eq(conf_scope_name(KW_ACME), "acme");
	ck_assert_str_eq(conf_scope_name(KW_DYNSRV), "?");
	ck_assert_ptr_eq(conf_registered(), &registry);
	conf_unregister();
	ck_assert_ptr_null(conf_section_find(STR("global")));
}
END_TEST

START_TEST(unknown_words)
{
	bad("frontned x", "unknown keyword 'frontned' in 'global' section; did you mean 'frontend' maybe ?");
	bad("only-fe", "belongs to the 'frontend' section");
	bad("zzzzzzzzzzzz", "unknown keyword 'zzzzzzzzzzzz' in 'global' section\n");
	bad("soon", "'soon' is known to HAProxy, not built in weir.");
	bad("ca-base /x", "'ca-base' is known to HAProxy, not built in weir.");
	bad("words part 3 prat 4 part 5", "'words': unknown keyword 'prat'; did you mean 'part' maybe ?");
	ck_assert_uint_eq(obj.part.n, 5);	/* the line goes on behind it */
	bad("words part x", "'words' : 'part' expects an integer argument.");
	ck_assert_int_eq(load("flag\n"), 1);
	has("parsing [t.cfg:1]: unknown keyword 'flag' out of section.");
	ck_assert_int_eq(load("global\nset-x(1)\nset-x(2,3)\n"), 0);
	ck_assert_str_eq(sbuf_z(&heard), "open set-x(1);open set-x(2,3);");
}
END_TEST

START_TEST(sections_known_and_bad)
{
	ck_assert_int_eq(load("peers p\n\tnonsense\nglobal\n\tn 3\n"), 1);	/* lines inside are not looked at */
	has("section 'peers' is known to HAProxy, not built in weir.");
	ck_assert(obj.n == 3 && ends == 1);
	ck_assert_int_eq(load("frontend bad\n\tnonsense\n"), 1);
	has("a bad name");
	ck_assert_int_eq(ends, 0);
	ck_assert_int_eq(load("frontend f g\n"), 1);
	has("'frontend' cannot handle unexpected argument 'g'.");
	conf_register(&registry);
	ck_assert_ptr_eq(conf_section_find(STR("backend")), &sections[2]);
	ck_assert_ptr_null(conf_section_find(STR("peers"))->begin);
	ck_assert_ptr_null(conf_section_find(STR("peer")));
}
END_TEST

START_TEST(checks_at_the_end)
{
	ck_assert_int_eq(load("global\nlater\nno later\n"), 1);
	ck_assert_int_eq(checks, 2);
	has("[t.cfg:7]");
	has("found too late");
}
END_TEST

/* Every word of the list of known ones can be found, and no word stands twice for one place. */
START_TEST(known_words)
{
	for (int i = 0; i < KNOWN_KEYWORDS; i++) {
		const struct kw *row = &known_keywords[i];
		int spaces = 0;

		ck_assert(row->name && row->name[0] && row->scopes && row->type == KT_NOT_BUILT && row->help);
		for (const char *p = row->name; *p; p++)
			spaces += *p == ' ';
		ck_assert_msg(spaces < 4 && strlen(row->name) < 96, "never found: %s", row->name);
		for (int j = 0; j < i; j++)
			ck_assert_msg(strcmp(row->name, known_keywords[j].name) ||
				      !(row->scopes & known_keywords[j].scopes), "twice: %s", row->name);
	}
	for (int i = 0; i < KNOWN_SECTIONS; i++)
		ck_assert(known_sections[i].name && !known_sections[i].begin && known_sections[i].help);
}
END_TEST

/* Which of the numbers were read. */
static void reads(const char *lines, unsigned n, unsigned wide)
{
	good(lines);
	ck_assert_msg(obj.n == n && obj.wide == wide, "%s: %u %u", lines, obj.n, obj.wide);
}

START_TEST(conditional_blocks)
{
	reads(".if 1\nn 3\n.else\nwide 4\n.endif", 3, 0);
	reads(".if 0\nn 3\n.else\nwide 4\n.endif", 0, 4);
	reads(".if 0\nn 3\n.elif 1\nn 5\n.elif 1\nn 6\n.else\nn 7\n.endif\nwide 1", 5, 1);
	reads(".if 1\nn 3\n.elif nonsense\nn 5\n.endif", 3, 0);		/* not looked at any more */
	reads(".if 0\n.if nonsense\nn 3\n.else\nn 4\n.endif\nn 5\n.endif\nwide 2", 0, 2);
	reads(".if 1\n.if 0\nn 3\n.elif 1\nn 4\n.endif\nwide 5\n.endif", 4, 5);
	reads(".if 0\n.unknown words\n.alert no\n.warning no\nbadword\n.endif", 0, 0);
	reads(".if\nn 3\n.endif", 0, 0);
	reads(".if version_atleast(2.4) && streq(a,a)\nn 3\n.endif", 3, 0);
}
END_TEST

START_TEST(wrong_directives)
{
	bad(".elif 1", "parsing [t.cfg:2]: lone '.elif' with no matching '.if'.");
	bad(".else", "lone '.else' with no matching '.if'.");
	bad(".endif", "lone '.endif' with no matching '.if'.");
	bad(".if 1\n.else\n.else\n.endif", "'.else' after '.else' is not permitted.");
	bad(".if 1\n.else\n.elif 1\n.endif", "'.elif' after '.else' is not permitted.");
	bad(".if 1\n.else x\n.endif", "Unexpected argument 'x' for '.else'.");
	bad(".if 1\n.endif x", "Unexpected argument 'x' for '.endif'.");
	bad(".if 1", "non-terminated '.if' block.");
	bad(".if 0\n.if 1\n.endif", "non-terminated '.if' block.");
	bad(".fi", "unknown directive '.fi'.");
	bad(".if foo(\nn 3\n.else\nn 3\n.endif", "in '.if' at position ");
	ck_assert_uint_eq(obj.n, 0);		/* neither branch of what was not understood */
	bad(".if 0\n.elif )\n.endif", "in '.elif' at position ");
}
END_TEST

START_TEST(too_many_blocks)
{
	struct sbuf text = sbuf_grow();

	for (int i = 0; i < LOADER_CONDS; i++)
		sbuf_putz(&text, ".if 1\n");
	sbuf_putz(&text, "n 3\n");
	for (int i = 0; i < LOADER_CONDS; i++)
		sbuf_putz(&text, ".endif\n");
	good(sbuf_z(&text));
	ck_assert_uint_eq(obj.n, 3);
	sbuf_clear(&text);
	for (int i = 0; i < LOADER_CONDS + 1; i++)
		sbuf_putz(&text, ".if 1\n");
	load(sbuf_z(&text));
	has("too many nested '.if', max is 100.");
	sbuf_fini(&text);
}
END_TEST

START_TEST(messages)
{
	ck_assert_int_eq(load(".notice 'a b'\n.warning w\n.diag d\n.warning\n"), 0);
	has("[NOTICE]");
	has("parsing [t.cfg:1]: 'a b'.");
	has("parsing [t.cfg:2]: 'w'.");
	has("parsing [t.cfg:3]: 'd'.");
	has("parsing [t.cfg:4]: ''.");
	ck_assert_int_eq(diag.warnings, 2);
	ck_assert_int_eq(load(".alert stop\n"), 1);
	has("parsing [t.cfg:1]: 'stop'.");
	ck_assert_int_eq(load(".notice a b\n"), 1);
	has("Unexpected argument 'b' for '.notice'. Use quotes if the message should contain spaces.");
}
END_TEST

START_TEST(text_that_is_odd)
{
	ck_assert_int_eq(load("global\nn 3"), 1);
	has("Missing LF on last line, file might have been truncated at position 4.");
	bad("text \"a", "unmatched quote at position ");
	ck_assert_int_eq(load("# only a comment\n\n   \n"), 0);
	ck_assert_int_eq(load(""), 0);
	good("text \"${.FILE}:${.LINE}\"");
	ck_assert(str_eqz(obj.text, "t.cfg:2"));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("lines");

	UNIT_TEST(s, typed_rows);
	UNIT_TEST(s, wrong_values);
	UNIT_TEST(s, said_twice);
	UNIT_TEST(s, bits);
	UNIT_TEST(s, names);
	UNIT_TEST(s, near_names);
	UNIT_TEST(s, unknown_words);
	UNIT_TEST(s, sections_known_and_bad);
	UNIT_TEST(s, checks_at_the_end);
	UNIT_TEST(s, known_words);
	UNIT_TEST(s, conditional_blocks);
	UNIT_TEST(s, wrong_directives);
	UNIT_TEST(s, too_many_blocks);
	UNIT_TEST(s, messages);
	UNIT_TEST(s, text_that_is_odd);
	return unit_run(s);
}
