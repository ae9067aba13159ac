/* Log formats: items, flags, names, encodings, messages. */
#include "tests/unit/expr/all_rows.h"

static bool v_ip(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct addr ip;

	if (!row->priv)
		return false;
	addr_parse_ip(&ip, STR("10.1.2.255"));
	return smp_set_addr(out, &ip);
}

static bool v_int(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_int(out, row->priv);
	return true;
}

static bool v_text(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_str(out, row->priv ? STR("text \"q\" \\ ]") : STR(""), SMP_F_CONST);
	return true;
}

static const struct logvar_row rows[] = {
	{ "ci", v_ip, SMP_ADDR, USE_L4CLI, "", 1, .quote = true },
	{ "no", v_ip, SMP_ADDR, USE_L4CLI, "", 0, .quote = true },
	{ "cp", v_int, SMP_SINT, USE_L4CLI, "", 255, .hex = true },
	{ "B", v_int, SMP_SINT, USE_TXFIN, "", 4096 },
	{ "r", v_text, SMP_STR, USE_HRQHP, "", 1, .http = true, .quote = true },
	{ "b", v_text, SMP_STR, USE_HRQHP, "", 0, .quote = true },
	{ "HU", v_text, SMP_STR, USE_HRQHP, "", 1, .quote = true, .escape = LV_LINE },
};
static const struct logvar_table vars[] = { { rows, 7 }, { NULL, 0 } };

static const char *line(struct world *w, unsigned opt, const char *text)
{
	struct logfmt *f;
	struct sbuf b = sbuf_fixed(arena_bytes(&w->mem, 5000), 5000);

	logfmt_set_vars(vars);
	f = logfmt_compile(&w->sc, str_c(text), opt, &w->err);
	if (!f)
		return arena_printf(&w->mem, "ERR %s", w->err.msg).p;
	ck_assert_uint_eq(logfmt_build(f, &b, &w->x), b.n);
	return sbuf_z(&b);
}

#define LINE(w, opt, text, want) ck_assert_str_eq(line(w, opt, text), want)

START_TEST(items_and_flags)
{
	struct world w;

	world_init(&w);
	LINE(&w, 0, "", "");
	LINE(&w, 0, "plain  text", "plain  text");
	LINE(&w, LF_LOG, "runs   of \t blanks", "runs of blanks");
	LINE(&w, 0, "%ci:%cp", "10.1.2.255:255");
	LINE(&w, 0, "%{+X}ci:%{+X}cp %{+X}B", "0A0102FF:00FF 4096");
	LINE(&w, 0, "%{+X}o%ci:%cp %{-X}ci", "0A0102FF:00FF 10.1.2.255");
	LINE(&w, 0, "[%no] [%b]", "[] []");
	LINE(&w, LF_LOG, "[%no] [%b] [%[str()]]", "[-] [-] [-]");
	LINE(&w, LF_LOG, "[%{-M}no]", "[]");
	LINE(&w, 0, "[%{+M}no]", "[-]");
	LINE(&w, LF_LOG, "%{+Q}o[%no] %b %B %ci %[int(5)]", "[\"\"] \"\" 4096 \"10.1.2.255\" \"5\"");
	LINE(&w, LF_HTTP, "%{+Q,+E}r", "\"text \\\"q\\\" \\\\ \\]\"");
	LINE(&w, LF_HTTP, "%r", "text \"q\" \\ ]");
	LINE(&w, 0, "%%%[str(%)]%%", "%%%");
	LINE(&w, LF_LOG, "a%[str(\"b\\nc\")]d", "ab#0Acd");
	LINE(&w, LF_HEADER_VALUE, "a%[str(\"b\\r\\nc\\td\")]", "ab%0D%0Ac\td");
	LINE(&w, 0, "a%[str(\"b\\nc\")]", "ab\nc");
	LINE(&w, 0, "%[str(5):sint]", "ERR expected ']' after 'str(5)', but found ':'");
	world_fini(&w);
}
END_TEST

START_TEST(escapes)
{
	struct world w;
	char mem[100];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	logvar_escape(&b, STR("GET /\"#{|}\r\n\x7f\xe9 x"), LV_LINE);
	ck_assert_str_eq(sbuf_z(&b), "GET /#22#23{|}#0D#0A#7F#E9 x");
	sbuf_clear(&b);
	logvar_escape(&b, STR("{a|b}\"\t"), LV_FIELD);
	ck_assert_str_eq(sbuf_z(&b), "#7Ba#7Cb#7D#22#09");
	world_init(&w);
	LINE(&w, LF_LOG, "%HU", "text #22q#22 \\ ]");
	LINE(&w, LF_LOG, "%{+Q}HU", "\"text #22q#22 \\ ]\"");
	LINE(&w, LF_LOG, "%{+E}HU", "text #22q#22 \\\\ \\]");
	LINE(&w, 0, "%HU", "text \"q\" \\ ]");
	world_fini(&w);
}
END_TEST

START_TEST(blanks)
{
	struct world w;

	world_init(&w);
	LINE(&w, LF_LOG, "  a  %{+Q}o  %b  %cp ", "a \"\" 255 ");
	LINE(&w, LF_BLANKS, "  a  %cp\t\tb", "a 255 b");
	LINE(&w, 0, "  a  %cp\tb ", "  a  255\tb ");
	LINE(&w, LF_LOG, "%{+X}o %cp", "00FF");
	world_fini(&w);
}
END_TEST

START_TEST(json)
{
	struct world w;

	world_init(&w);
	LINE(&w, LF_LOG | LF_HTTP, "%{+json}o ignored %(ip)ci %(bytes)B %(req)r %[str(unnamed)]",
	     "{\"ip\": \"10.1.2.255\", \"bytes\": 4096, \"req\": \"text \\\"q\\\" \\\\ ]\"}");
	LINE(&w, LF_LOG, "%{+json}o%(t)[bool(true)]%(f)[bool(0)]%(n)no%(e)b",
	     "{\"t\": true, \"f\": false, \"n\": null, "
	     "\"e\": \"\"}");
	LINE(&w, LF_LOG, "%{+json}o%(i:sint)[str(12)]%(s:str)[int(12)]%(b:bool)[int(3)]",
	     "{\"i\": 12, \"s\": \"12\", \"b\": true}");
	LINE(&w, LF_LOG, "%{+json}o%(c)[str(\"a\\nb\")]", "{\"c\": \"a\\u000ab\"}");
	LINE(&w, LF_LOG, "v=%{+json}[str('a\"b')] %{+json}B", "v=\"a\\\"b\" 4096");
	LINE(&w, LF_LOG, "%{+json}o", "{}");
	LINE(&w, LF_LOG, "%(a:foo)[int(1)]",
	     "ERR unexpected output type 'foo' at position 4 line : '%(a:foo)[int(1)]'. "
	     "Supported types are: str, sint, bool.");
	world_fini(&w);
}
END_TEST

START_TEST(cbor)
{
	struct world w;
	struct logfmt *f;
	struct sbuf b = sbuf_grow();

	world_init(&w);
	LINE(&w, LF_LOG, "%{+cbor}o%(a)[int(10)]%(b)[int(-500)]%(c)[str(xyz)]%(d)[bool(1)]%(e)no",
	     "BF61610A61623901F361636378797A6164F56165F6FF");
	LINE(&w, LF_LOG, "%{+cbor}[int(1000000)]", "1A000F4240");
	LINE(&w, LF_LOG, "%{+cbor}[int(5000000000)]", "1B000000012A05F200");
	f = logfmt_compile(&w.sc, STR("%{+cbor,+bin}o%(k)[bin(00ff)]"), LF_LOG, &w.err);
	ck_assert_ptr_nonnull(f);
	logfmt_build(f, &b, &w.x);
	ck_assert_uint_eq(b.n, 7);
	ck_assert_mem_eq(b.p, "\xbf\x61k\x42\x00\xff\xff", 7);
	sbuf_fini(&b);
	world_fini(&w);
}
END_TEST

START_TEST(binary)
{
	struct world w;
	struct logfmt *f;
	struct sbuf b = sbuf_grow();

	world_init(&w);
	f = logfmt_compile(&w.sc, STR("%{+bin}o%[bin(610062)]z"), LF_LOG, &w.err);
	logfmt_build(f, &b, &w.x);
	ck_assert_uint_eq(b.n, 4);
	ck_assert_mem_eq(b.p, "a\0bz", 4);
	sbuf_fini(&b);
	LINE(&w, 0, "a%{+bin}[bin(610062)]z", "aaz");
	world_fini(&w);
}
END_TEST

START_TEST(messages)
{
	struct world w;

	world_init(&w);
	LINE(&w, 0, "%[path", "ERR missing ']' after 'path'");
	LINE(&w, 0, "%[path ]", "ERR expected ']' after 'path', but found ' '");
	LINE(&w, 0, "%{+Qci", "ERR truncated line after '+Qci'");
	LINE(&w, 0, "%foo",
	     "ERR no such format variable 'foo'. If you wanted to emit the '%' character verbatim, you need to "
	     "use '%%'");
	LINE(&w, 0, "abc%", "ERR truncated line after '%'");
	LINE(&w, 0, "% x",
	     "ERR unexpected variable name near ' ' at position 1 line : '% x'. Maybe you want to write a single "
	     "'%', use the syntax '%%'");
	LINE(&w, 0, "%{+Q}%[path]", "ERR parse argument modifier without variable name near '%{+Q}'");
	LINE(&w, 0, "%[]", "ERR failed to parse sample expression <]> : missing fetch method");
	LINE(&w, 0, "%[foo]", "ERR failed to parse sample expression <foo]> : unknown fetch method 'foo'");
	LINE(&w, 0, "%r", "ERR format variable 'r' is reserved for HTTP mode");
	w.sc.use = USE_INTRN;
	LINE(&w, 0, "%[path]",
	     "ERR sample fetch <path]> may not be reliably used here because it needs 'HTTP request headers' "
	     "which is not available here");
	world_fini(&w);
}
END_TEST

START_TEST(constant_and_cut)
{
	struct world w;
	struct logfmt *f;
	struct str s;
	char few[8];
	struct sbuf b = sbuf_fixed(few, sizeof(few));

	world_init(&w);
	f = logfmt_compile(&w.sc, STR("const %% text"), 0, &w.err);
	ck_assert(logfmt_is_const(f, &s));
	ck_assert(str_eqz(s, "const % text"));
	ck_assert_uint_eq(logfmt_uses(f), 0);
	f = logfmt_compile(&w.sc, STR("a %[path] b"), 0, &w.err);
	ck_assert(!logfmt_is_const(f, &s));
	ck_assert_uint_eq(logfmt_uses(f), USE_HRQHV);
	f = logfmt_compile(&w.sc, STR("%[str(0123456789)]%[str(0123456789)]"), 0, &w.err);
	ck_assert_uint_eq(logfmt_build(f, &b, &w.x), sizeof(few));
	ck_assert(b.full);
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("log formats");

	UNIT_TEST(s, items_and_flags);
	UNIT_TEST(s, escapes);
	UNIT_TEST(s, blanks);
	UNIT_TEST(s, json);
	UNIT_TEST(s, cbor);
	UNIT_TEST(s, binary);
	UNIT_TEST(s, messages);
	UNIT_TEST(s, constant_and_cut);
	return unit_run(s);
}
