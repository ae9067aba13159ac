/* Encodings: base64, URLs, JSON. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "conv_priv.h"
#include "weir/base/enc.h"
#include "weir/base/json.h"

/* priv: enum base64_kind */
static bool conv_base64(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, base64_len(smp->s.n));

	base64_enc(&b, smp->s, row->priv);
	return conv_set_str(smp, &b);
}

/* Padding, which base64url does without, is forgiven where it would be right. */
static struct str without_padding(struct str s)
{
	for (int i = 0; i < 2 && s.n && s.n % 4 != 1 && s.p[s.n - 1] == '='; i++)
		s.n--;
	return s;
}

static bool conv_b64dec(const struct arg *args, struct sample *smp, struct xctx *x,
			const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n);
	struct str in = row->priv == BASE64_URL && smp->s.n % 4 == 0 ? without_padding(smp->s)
								     : smp->s;

	return base64_dec(&b, in, row->priv) && conv_set_bin(smp, &b);
}

/* --- URLs --- */

static bool conv_url_dec(const struct arg *args, struct sample *smp, struct xctx *x,
			 const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n);
	bool form = arg_given(&args[0]) && args[0].i;

	return pct_dec(&b, smp->s, form ? PCT_PLUS_SPACE : PCT_PLUS_QUERY) && conv_set_str(smp, &b);
}

static bool conv_url_enc(const struct arg *args, struct sample *smp, struct xctx *x,
			 const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n * 3);

	pct_enc(&b, smp->s, &byte_map_unreserved, '%');
	return conv_set_str(smp, &b);
}

static bool check_url_enc(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (nargs == 0 || args[0].s.n == 0 || str_eqz(args[0].s, "query"))
		return true;
	return conv_refuse(err, "expects the encoding 'query'");
}

/* --- JSON --- */

static bool check_json(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	enum json_mode mode = JSON_ASCII;

	if (nargs && args[0].s.n && !json_mode_parse(args[0].s, &mode))
		return conv_refuse(err,
				   "expects one of 'ascii', 'utf8', 'utf8s', 'utf8p' or 'utf8ps'");
	args[0].i = mode;
	return true;
}

static bool conv_json(const struct arg *args, struct sample *smp, struct xctx *x,
		      const struct conv_row *row)
{
	struct sbuf b = conv_buf(x, smp->s.n * 6);	/* \u0000 */

	return json_escape(&b, smp->s, args[0].i) && conv_set_str(smp, &b);
}

#define INT_EXACT_MAX ((1LL << 53) - 1)		/* integers that JSON's numbers surely hold */

/* As strtoll reads it: what stands before a point or exponent. */
static bool query_int(struct sample *smp, const char *z)
{
	long long v;

	errno = 0;
	v = strtoll(z, NULL, 10);
	if (errno || v > INT_EXACT_MAX || v < -INT_EXACT_MAX)
		return false;
	smp_set_int(smp, v);
	return true;
}

static bool query_number(struct sample *smp, struct str text, bool as_int, struct xctx *x)
{
	char z[64];
	struct sbuf b = conv_buf(x, 32);
	double v;

	if (text.n >= sizeof(z))
		return false;
	str_z(text, z, sizeof(z));
	if (as_int)
		return query_int(smp, z);
	v = strtod(z, NULL);
	return isfinite(v) && sbuf_printf(&b, "%g", v) && conv_set_str(smp, &b);
}

static bool query_string(struct sample *smp, struct str inner, struct xctx *x)
{
	struct sbuf b = conv_buf(x, inner.n);

	return json_unescape(&b, inner) && conv_set_str(smp, &b);
}

static bool conv_json_query(const struct arg *args, struct sample *smp, struct xctx *x,
			    const struct conv_row *row)
{
	struct str value;

	switch (json_find(smp->s, args[0].s, &value)) {
	case JSON_STRING:
		return query_string(smp, value, x);
	case JSON_NUMBER:
		return query_number(smp, value, arg_given(&args[1]), x);
	case JSON_BOOL:
		smp_set_bool(smp, value.p[0] == 't');
		return true;
	case JSON_ARRAY:
		smp->s = value;
		return true;
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_NONE:
		break;
	}
	return false;
}

static bool check_json_query(struct xscope *sc, struct arg *args, int nargs, struct load_err *err)
{
	if (!args[0].s.n)
		return conv_refuse(err, "expects a path such as '$.name'");
	if (nargs > 1 && args[1].s.n && !str_ieq(args[1].s, STR("int")))
		return conv_refuse(err, "expects the output type 'int'");
	return true;
}

const struct conv_row conv_enc_rows[CONV_ENC_ROWS] = {
	{ "base64", conv_base64, { 0 }, NULL, SMP_BIN, SMP_STR, "base64", BASE64_STD },
	{ "b64dec", conv_b64dec, { 0 }, NULL, SMP_STR, SMP_BIN, "the bytes that base64 writes",
	  BASE64_STD },
	{ "ub64enc", conv_base64, { 0 }, NULL, SMP_BIN, SMP_STR, "base64url without padding",
	  BASE64_URL },
	{ "ub64dec", conv_b64dec, { 0 }, NULL, SMP_STR, SMP_BIN, "the bytes that base64url writes",
	  BASE64_URL },
	{ "url_dec", conv_url_dec, { 0, { ARG_SINT } }, NULL, SMP_STR, SMP_STR,
	  "percent-decodes a URL or form", 0 },
	{ "url_enc", conv_url_enc, { 0, { ARG_STR } }, check_url_enc, SMP_STR, SMP_STR,
	  "percent-encodes for a URL", 0 },
	{ "json", conv_json, { 0, { ARG_STR } }, check_json, SMP_STR, SMP_STR,
	  "escapes for the inside of a JSON string", 0 },
	{ "json_query", conv_json_query, { 1, { ARG_STR, ARG_STR } }, check_json_query, SMP_STR,
	  SMP_ANY, "the value at a path of a JSON document", 0 },
};
