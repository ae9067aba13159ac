/* Every converter row on values of every type, on nothing, on bytes and on far too much: it is refused when its input
 * cannot be made of the type and only then, gives what its row says it gives, and leaves constants as they were. And
 * every kind of map with every type of value. */
#include <stdlib.h>
#include <unistd.h>
#include "src/expr/expr_priv.h"
#include "tests/unit/expr/all_rows.h"
#include "weir/expr/vars.h"

/* Arguments for those that need some. */
static const struct { const char *name, *args; } arguments[] = {
	{ "add", "3" }, { "sub", "3" }, { "mul", "3" }, { "div", "3" }, { "mod", "3" }, { "and", "3" },
	{ "or", "3" },
	{ "xor", "3" }, { "ltrim", "x" }, { "rtrim", "x" }, { "iif", "yes,no" }, { "concat", "a,txn.num,b" },
	{ "add_item", "':',txn.num,z" }, { "strcmp", "txn.num" }, { "secure_memcmp", "txn.num" },
	{ "regsub", "[a-z]+,<\\\\1>,g" }, { "field", "2,:" }, { "word", "2,:" }, { "param", "a" },
	{ "language", "de;en" }, { "bytes", "1,2" }, { "be2hex", "':',2" }, { "be2dec", "':',2" },
	{ "le2dec", "':',2" },
	{ "json_query", "$.a" }, { "sha2", "256" }, { "digest", "sha256" }, { "hmac", "sha256,a2V5" },
	{ "aes_gcm_enc", "128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,txn.tag" },
	{ "aes_gcm_dec", "128,MDEyMzQ1Njc4OTAx,MDEyMzQ1Njc4OWFiY2RlZg==,txn.tag" },
	{ "aes_cbc_enc", "128,MDEyMzQ1Njc4OWFiY2RlZg==,MDEyMzQ1Njc4OWFiY2RlZg==" },
	{ "aes_cbc_dec", "128,MDEyMzQ1Njc4OWFiY2RlZg==,MDEyMzQ1Njc4OWFiY2RlZg==" },
	{ "ipmask", "16,32" }, { "rfc7239_field", "for" }, { "ltime", "%Y" }, { "utime", "%Y" }, { "ms_ltime", "%Y" },
	{ "ms_utime", "%Y" }, { "us_ltime", "%Y" }, { "us_utime", "%Y" }, { "protobuf", "1.2" }, { "ungrpc", "1" },
	{ "mqtt_field_value", "connect,will_topic" }, { "fix_tag_value", "35" }, { "set-var", "txn.out" },
	{ "unset-var", "txn.out" }, { "debug", "x,stderr" },
};

static const char *args_of(const char *name, const char *map)
{
	if (strncmp(name, "map", 3) == 0)
		return map;
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++)
		if (strcmp(arguments[i].name, name) == 0)
			return arguments[i].args;
	return NULL;
}

static const struct { const char *text; enum smp_type type; } inputs[] = {
	{ "str()", SMP_STR }, { "str(a:b:c)", SMP_STR }, { "str(42)", SMP_STR }, { "bin(00ff80e9)", SMP_BIN },
	{ "int(0)", SMP_SINT }, { "int(-9223372036854775808)", SMP_SINT }, { "int(9223372036854775807)", SMP_SINT },
	{ "bool(1)", SMP_BOOL }, { "ipv4(10.1.2.3)", SMP_IPV4 }, { "ipv6(2001:db8::1)", SMP_IPV6 },
	{ "meth(POST)", SMP_METH }, { "var(txn.huge)", SMP_ANY }, { "var(txn.bytes)", SMP_ANY },
	{ "var(txn.none)", SMP_ANY },
};

/* Does a value have the type that a row promises? */
static bool promised(enum smp_type out, const struct sample *s)
{
	switch (out) {
	case SMP_ANY: case SMP_SAME:
		return true;
	case SMP_ADDR:
		return s->type == SMP_IPV4 || s->type == SMP_IPV6;
	default:
		return s->type == out;
	}
}

static bool has_bytes(const struct sample *s)
{
	return s->type == SMP_STR || s->type == SMP_BIN;
}

static bool same(const struct sample *a, const struct sample *b)
{
	if (a->type != b->type)
		return false;
	return has_bytes(a) ? str_eq(a->s, b->s) : a->type == SMP_IPV6 ? memcmp(&a->ip6, &b->ip6, 16) == 0 :
	       a->type == SMP_IPV4 ? a->ip4.s_addr == b->ip4.s_addr : a->type == SMP_METH || a->i == b->i;
}

static void try_row(struct world *w, const struct conv_row *row, size_t k, const char *map)
{
	const char *args = args_of(row->name, map);
	char text[400];
	struct expr *e;
	struct sample a = { 0 }, b = { 0 };
	bool got;

	snprintf(text, sizeof(text), "%s,%s%s%s%s", inputs[k].text, row->name, args ? "(" : "", args ? args : "",
		 args ? ")" : "");
	e = expr_compile(&w->sc, str_c(text), NULL, &w->err);
	if (!smp_castable(inputs[k].type, row->in)) {
		ck_assert_msg(!e && strstr(w->err.msg, "cannot be applied"), "%s is not refused", text);
		return;
	}
	ck_assert_msg(e != NULL, "%s: %s", text, w->err.msg);
	got = expr_eval(e, &a, &w->x);
	if (got) {
		ck_assert_msg(promised(row->out, &a), "%s gives %s", text, smp_type_name(a.type));
		ck_assert_msg(!has_bytes(&a) || (a.s.n <= 8 * 70000 && (a.s.p || !a.s.n)), "%s: %zu bytes", text,
			      a.s.n);
	}
	ck_assert_msg(expr_eval(e, &b, &w->x) == got && (!got || same(&a, &b)), "%s: not the same again", text);
}

static void variable(struct world *w, const char *name, struct sample v)
{
	struct var_ref *ref = arena_new(&w->conf, struct var_ref);

	ck_assert(var_ref_parse(&w->conf, str_c(name), ref, &w->err));
	ck_assert(var_set(ref, &v, 0, &w->x));
}

static void setup(struct world *w)
{
	static char huge[70000];

	world_init(w);
	w->x.mem = &w->mem;
	memset(huge, 'h', sizeof(huge));
	variable(w, "txn.huge", (struct sample){ .type = SMP_STR, .s = str_make(huge, 69999) });
	memset(huge, 0xe9, sizeof(huge));
	variable(w, "txn.bytes", (struct sample){ .type = SMP_BIN, .s = str_make(huge, 5000) });
	variable(w, "txn.num", (struct sample){ .type = SMP_SINT, .i = 5 });
	variable(w, "txn.tag", (struct sample){ .type = SMP_STR, .s = STR("MDEyMzQ1Njc4OWFiY2RlZg==") });
}

static void write_map(char *path, const char *text)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

START_TEST(every_row_on_everything)
{
	char path[] = "/tmp/weir-edges-XXXXXX";
	size_t rows = 0;
	struct world w;

	write_map(path, "5 42\n7 43\n");
	setup(&w);
	ck_assert(freopen("/dev/null", "w", stderr) != NULL);	/* for debug() */
	for (const struct conv_table *t = all_convs; t->rows; t++)
		for (size_t i = 0; i < t->n; i++, rows++)
			for (size_t k = 0; k < ARRAY_LEN(inputs); k++)
				if (!strstr(t->rows[i].name, "_ip") || strncmp(t->rows[i].name, "map", 3) != 0)
					try_row(&w, &t->rows[i], k, path);
	ck_assert_uint_ge(rows, 130);
	unlink(path);
	world_fini(&w);
}
END_TEST

/* --- maps --- */

static const struct { const char *kind, *key, *hit, *miss; } kinds[] = {
	{ "str", "abc", "str(abc)", "str(abd)" }, { "beg", "ab", "str(abc)", "str(xab)" },
	{ "sub", "b", "str(abc)", "str(xyz)" }, { "dir", "b", "str(a/b/c)", "str(ab/c)" },
	{ "dom", "b", "str(a.b.c)", "str(ab.c)" }, { "end", "bc", "str(abc)", "str(bca)" },
	{ "reg", "^a.c$", "str(abc)", "str(abcd)" }, { "int", "5:10", "int(7)", "int(4)" },
	{ "ip", "10.0.0.0/8", "ipv4(10.1.2.3)", "ipv4(11.0.0.1)" },
};
static const struct { const char *suffix, *value, *dflt; } types[] = {
	{ "", "a value", "none" }, { "_int", "-42", "7" }, { "_ip", "2001:db8::5", "1.2.3.4" },
};

static void map_value(struct world *w, const char *input, const char *conv, const char *path, const char *dflt,
		      const char *want)
{
	char text[200];

	snprintf(text, sizeof(text), "%s,%s(%s%s%s)", input, conv, path, dflt ? "," : "", dflt ? dflt : "");
	ck_assert_str_eq(value_of(w, text), want);
}

static void one_map(size_t k, size_t t)
{
	char path[] = "/tmp/weir-map-XXXXXX", text[100], conv[40];
	struct world w;

	snprintf(text, sizeof(text), "# keys and values\n\n%s %s\n", kinds[k].key, types[t].value);
	write_map(path, text);
	world_init(&w);
	snprintf(conv, sizeof(conv), "map_%s%s", kinds[k].kind, types[t].suffix);
	map_value(&w, kinds[k].hit, conv, path, NULL, types[t].value);
	map_value(&w, kinds[k].hit, conv, path, types[t].dflt, types[t].value);
	map_value(&w, kinds[k].miss, conv, path, types[t].dflt, types[t].dflt);
	map_value(&w, kinds[k].miss, conv, path, NULL, "<none>");
	snprintf(conv, sizeof(conv), "map_%s_key", kinds[k].kind);
	map_value(&w, kinds[k].hit, conv, path, NULL, kinds[k].key);
	map_value(&w, kinds[k].miss, conv, path, NULL, "<none>");
	unlink(path);
	world_fini(&w);
}

START_TEST(every_map)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t t = 0; t < ARRAY_LEN(types); t++)
			one_map(k, t);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conv_edges");

	UNIT_TEST(s, every_row_on_everything);
	UNIT_TEST(s, every_map);
	return unit_run(s);
}
