/* Fetches about parameters, of the query and of a form in the body, and about the body itself. */
#include "fetch_priv.h"
#include "weir/http/query.h"

enum { PARAM_INT = 4, PARAM_BODY = 8 };

/* Next one of that name (empty: any) from *at on. */
static bool param_next(struct str params, size_t *at, struct str name, char delim, bool icase, struct str *value)
{
	struct str rest = *at <= params.n ? str_skip(params, *at) : STR_NONE;
	struct query_param p;

	while (rest.p && query_next(&rest, delim, &p)) {
		*at = rest.p ? (size_t)(rest.p - params.p) : params.n + 1;
		if (name.n && !(icase ? str_ieq(p.name, name) : str_eq(p.name, name)))
			continue;
		*value = p.value;
		return true;
	}
	*at = params.n + 1;
	return false;
}

/* The third argument of url_param may be "i". */
static bool check_param(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (n > 2 && a[2].s.n && !str_eqz(a[2].s, "i")) {
		load_err_set(err, NULL, "Only 'i' is accepted as third argument, got '" STR_FMT "'", STR_ARG(a[2].s));
		return false;
	}
	a[0].i = n > 2 && a[2].s.n;
	return true;
}

static bool check_form(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	if (n > 1 && a[1].s.n && !str_eqz(a[1].s, "i")) {
		load_err_set(err, NULL, "Only 'i' is accepted as second argument, got '" STR_FMT "'", STR_ARG(a[1].s));
		return false;
	}
	a[0].i = n > 1 && a[1].s.n;
	return true;
}

static bool body_of(struct xctx *x, enum xdir dir, struct str *body)
{
	*body = dir == X_REQ ? x->req_buf : x->res_buf;
	return (dir == X_REQ ? x->req : x->res) != NULL;
}

/* Where parameters are: behind the delimiter in path and query, or the whole body. */
static bool find_params(struct sample *out, struct xctx *x, int priv, char delim, struct str *params)
{
	const struct msg *m;

	if (priv & PARAM_BODY)
		return body_of(x, X_REQ, params);
	m = fetch_msg(x, out, X_REQ);
	if (!m)
		return false;
	*params = query_begin(m->path, delim);
	return params->p != NULL;
}

static bool fetch_param(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str name = args[0].type == ARG_END ? STR("") : args[0].s, params, v;
	bool body = row->priv & PARAM_BODY, icase = args[0].i;
	char delim = !body && args[0].type != ARG_END && args[1].type != ARG_END && args[1].s.n ? args[1].s.p[0] : '?';
	size_t at = out->ctx.off, ahead;

	if (!find_params(out, x, row->priv, delim, &params))
		return false;
	if (!param_next(params, &at, name, body ? '&' : delim, icase, &v))
		return false;
	if (out->ctx.iterate) {
		struct str ignored;

		out->ctx.off = ahead = at;
		if (param_next(params, &ahead, name, body ? '&' : delim, icase, &ignored))
			out->flags |= SMP_F_MORE;
	}
	if (row->priv & PARAM_INT) {
		out->type = SMP_SINT;
		out->i = text_int(v);
		return true;
	}
	smp_set_str(out, v, (uint8_t)(out->flags | SMP_F_CONST));
	if (body)
		out->type = SMP_BIN;
	return true;
}

/* --- the body: what of it has come --- */

static bool fetch_body(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str body;

	if (!body_of(x, fetch_dir(row->priv, x), &body))
		return false;
	smp_set_bin(out, str_make(body.p ? body.p : "", body.n), SMP_F_CONST | SMP_F_VOLATILE);
	return true;
}

static bool fetch_body_len(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct str body;

	if (!body_of(x, fetch_dir(row->priv, x), &body))
		return false;
	smp_set_int(out, (int64_t)body.n);
	out->flags = SMP_F_VOLATILE;
	return true;
}

/* As announced, or as much as there is when nothing was. */
static bool fetch_body_size(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	enum xdir dir = fetch_dir(row->priv, x);
	const struct msg *m = dir == X_REQ ? x->req : x->res;
	struct str body;

	if (!body_of(x, dir, &body))
		return false;
	smp_set_int(out,
		    (m->flags & MSG_HAS_LENGTH) || m->body == BODY_LENGTH ? (int64_t)m->body_len : (int64_t)body.n);
	out->flags = SMP_F_VOLATILE;
	return true;
}

#define PARAM { 0, { ARG_STR, ARG_STR, ARG_STR } }
#define BODY(name, fn, out, dir, help) { name, fn, { 0 }, NULL, out, USE_##dir##BO, help, FOR_##dir }
#define USE_REQBO USE_HRQBO
#define USE_RESBO USE_HRSBO

const struct fetch_row fetch_param_rows[FETCH_PARAM_ROWS] = {
	BODY("req.body", fetch_body, SMP_BIN, REQ, "as much of the request's body as has come"),
	BODY("req.body_len", fetch_body_len, SMP_SINT, REQ, "bytes of the request's body that have come"),
	{ "req.body_param", fetch_param, { 0, { ARG_STR, ARG_STR } }, check_form, SMP_BIN, USE_HRQBO,
	  "a parameter of a form in the request's body", PARAM_BODY },
	BODY("req.body_size", fetch_body_size, SMP_SINT, REQ, "announced size of the request's body"),
	BODY("res.body", fetch_body, SMP_BIN, RES, "as much of the response's body as has come"),
	BODY("res.body_len", fetch_body_len, SMP_SINT, RES, "bytes of the response's body that have come"),
	BODY("res.body_size", fetch_body_size, SMP_SINT, RES, "announced size of the response's body"),
	{ "url_param", fetch_param, PARAM, check_param, SMP_STR, USE_HRQHV, "a parameter of the query", 0 },
	{ "urlp", fetch_param, PARAM, check_param, SMP_STR, USE_HRQHV, "a parameter of the query", 0 },
	{ "urlp_val", fetch_param, PARAM, check_param, SMP_SINT, USE_HRQHV, "a parameter of the query as an integer",
	  PARAM_INT },
};
