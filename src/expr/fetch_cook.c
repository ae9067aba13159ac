/* Fetches about cookies: Cookie of requests (several pairs in a line), Set-Cookie of responses (one pair, attributes
 * behind it). Without a name the first cookie stands for all; otherwise the last of that name. */
#include "fetch_priv.h"
#include "weir/base/sbuf.h"
#include "weir/http/cookie.h"

enum { COOK_INT = 4 };

static bool next_named(const struct msg *m, enum xdir dir, struct str want, struct cookie_iter *it, struct cookie *c)
{
	while (dir == X_REQ ? cookie_next(m, it, c) : set_cookie_next(m, it, c))
		if (!want.n || str_eq(c->name, want))
			return true;
	return false;
}

static struct str wanted(const struct arg *args)
{
	return args[0].type == ARG_END ? STR("") : args[0].s;
}

static bool one_cookie(const struct msg *m, enum xdir dir, struct str want, struct str *value)
{
	struct cookie_iter it = { 0, 0 };
	struct cookie c;
	bool found = false;

	while (next_named(m, dir, want, &it, &c)) {
		*value = c.value;
		found = true;
		if (!want.n)
			break;
	}
	return found;
}

static bool cookie_value(const struct arg *args, struct sample *out, struct xctx *x, int priv, struct str *v)
{
	enum xdir dir = fetch_dir(priv, x);
	const struct msg *m = fetch_msg(x, out, dir);
	struct cookie_iter it = { out->ctx.index, (uint32_t)out->ctx.off };
	struct cookie c;

	if (!m)
		return false;
	if (!out->ctx.iterate)
		return one_cookie(m, dir, wanted(args), v);
	if (!next_named(m, dir, wanted(args), &it, &c))
		return false;
	*v = c.value;
	out->ctx.index = it.index;
	out->ctx.off = it.off;
	if (next_named(m, dir, wanted(args), &it, &c))
		out->flags |= SMP_F_MORE;
	return true;
}

static bool fetch_cook(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str v;

	if (!cookie_value(args, out, x, row->priv, &v))
		return false;
	if (row->priv & COOK_INT) {
		out->type = SMP_SINT;
		out->i = text_int(v);
	} else {
		smp_set_str(out, v, (uint8_t)(out->flags | SMP_F_CONST));
	}
	return true;
}

static bool fetch_cook_cnt(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	const struct msg *m = fetch_msg(x, out, dir);
	struct cookie_iter it = { 0, 0 };
	struct cookie c;
	int n = 0;

	if (!m)
		return false;
	while (next_named(m, dir, wanted(args), &it, &c))
		n++;
	smp_set_int(out, n);
	return true;
}

/* Names of all cookies, between delimiters. */
static bool fetch_cook_names(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	const struct msg *m = fetch_msg(x, out, dir);
	char delim = wanted(args).n ? wanted(args).p[0] : ',';
	struct cookie_iter it = { 0, 0 };
	struct cookie c;
	struct sbuf b = sbuf_grow();

	if (!m)
		return false;
	while (next_named(m, dir, STR(""), &it, &c)) {
		if (b.n)
			sbuf_putc(&b, delim);
		sbuf_puts(&b, c.name);
	}
	smp_set_str(out, arena_str(x->mem, sbuf_str(&b)), 0);
	sbuf_fini(&b);
	return true;
}

#define NAME { 0, { ARG_STR } }
#define COOK(name, dir, help) { name, fetch_cook, NAME, NULL, SMP_STR, USE_OF_##dir, help, FOR_##dir }
#define VAL(name, dir, help) { name, fetch_cook, NAME, NULL, SMP_SINT, USE_OF_##dir, help, FOR_##dir | COOK_INT }
#define CNT(name, dir, help) { name, fetch_cook_cnt, NAME, NULL, SMP_SINT, USE_OF_##dir, help, FOR_##dir }

const struct fetch_row fetch_cook_rows[FETCH_COOK_ROWS] = {
	COOK("cook", REQ, "req.cook"),
	CNT("cook_cnt", REQ, "req.cook_cnt"),
	VAL("cook_val", REQ, "req.cook_val"),
	COOK("cookie", DIR, "a cookie in the direction of the rule"),
	COOK("req.cook", REQ, "a request cookie's value"),
	CNT("req.cook_cnt", REQ, "number of request cookies of a name, or of all"),
	{ "req.cook_names", fetch_cook_names, NAME, NULL, SMP_STR, USE_HRQHV, "names of the request's cookies",
	  FOR_REQ },
	VAL("req.cook_val", REQ, "a request cookie's value as an integer"),
	COOK("res.cook", RES, "value of a cookie that the response sets"),
	CNT("res.cook_cnt", RES, "number of cookies of a name that the response sets, or of all"),
	{ "res.cook_names", fetch_cook_names, NAME, NULL, SMP_STR, USE_HRSHV,
	  "names of the cookies the response sets", FOR_RES },
	VAL("res.cook_val", RES, "value of a cookie that the response sets, as an integer"),
	COOK("scook", RES, "res.cook"),
	CNT("scook_cnt", RES, "res.cook_cnt"),
	VAL("scook_val", RES, "res.cook_val"),
	COOK("set-cookie", RES, "res.cook"),
};
