/* Log formats: the first byte holds the options, the first line is the format, the rest a request. What is built must
 * be counted right, and one line whatever the request was when it is for a field or a log. */
#include "expr_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool v_text(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_str(out, STR("text"), SMP_F_CONST);
	return row->priv;
}

static bool v_num(const struct arg *a, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	smp_set_int(out, -row->priv);
	return true;
}

static const struct logvar_row rows[] = {
	{ "b", v_text, SMP_STR, USE_INTRN, "", 1, .quote = true },
	{ "r", v_text, SMP_STR, USE_INTRN, "", 0, .http = true },
	{ "B", v_num, SMP_SINT, USE_INTRN, "", 77 },
	{ "cp", v_num, SMP_SINT, USE_INTRN, "", 8, .hex = true },
};
static const struct logvar_table vars[] = { { rows, 4 }, { NULL, 0 } };

static bool has_break(struct str s)
{
	return str_chr(s, '\n') != (size_t)-1 || str_chr(s, '\r') != (size_t)-1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest, line;
	struct fuzz_world w;
	struct logfmt *f;
	char out[512];
	struct sbuf b = sbuf_fixed(out, sizeof(out)), all = sbuf_grow();
	unsigned opt;

	if (size < 2 || size > 4096)
		return 0;
	fuzz_open(&w);
	logfmt_set_vars(vars);
	opt = data[0] & (LF_HTTP | LF_HEADER_VALUE | LF_LOG);
	rest = str_make((const char *)data + 1, size - 1);
	line = fuzz_line(&w, &rest);
	fuzz_message(&w, rest.p ? rest : STR(""));
	f = logfmt_compile(&w.sc, line, opt, &w.err);
	if (f) {
		WASSERT(logfmt_build(f, &b, &w.x) == b.n && b.n <= sizeof(out));
		WASSERT(logfmt_build(f, &all, &w.x) == all.n);
		if ((opt & (LF_HEADER_VALUE | LF_LOG)) && str_find(line, STR("+bin")) == (size_t)-1 &&
		    str_find(line, STR("E")) == (size_t)-1 && !has_break(line))
			WASSERT(!has_break(sbuf_str(&all)));
	}
	sbuf_fini(&all);
	fuzz_close(&w);
	return 0;
}
