/* Actions on the target and the method of a request. */
#include <stdio.h>
#include "act_priv.h"
#include "weir/base/assert.h"
#include "weir/base/regex.h"
#include "weir/http/uri.h"

enum { URI_PATH, URI_PATHQ, URI_QUERY, URI_WHOLE, URI_METHOD };

/* The target with `path` and `query` (p == NULL: none) in their places. */
static bool set_pathq(struct msg *m, struct str path, struct str query, struct xctx *x)
{
	size_t n = path.n + (query.p ? query.n + 1 : 0);

	if (n > m->path.n && !act_fits(m, n - m->path.n, x))
		return false;
	if (query.p) {
		char *p = arena_bytes(x->mem, n + 1);

		if (path.n)
			memcpy(p, path.p, path.n);
		p[path.n] = '?';
		if (query.n)
			memcpy(p + path.n + 1, query.p, query.n);
		path = str_make(p, n);
	}
	msg_set_pathq(m, path);
	return true;
}

/* Query with p == NULL when there is no question mark. */
static struct str query_of(const struct msg *m)
{
	return uri_query(m->path);
}

static bool set_part(struct msg *m, int part, struct str v, struct xctx *x)
{
	struct str q = query_of(m);

	switch (part) {
	case URI_PATH:
		return set_pathq(m, v, m->form == TARGET_ASTERISK ? STR_NONE : q, x);
	case URI_PATHQ:
		return set_pathq(m, v, STR_NONE, x);
	case URI_QUERY:
		return set_pathq(m, uri_path(m->path), q.p || v.n ? str_make(v.p ? v.p : "", v.n) : STR_NONE, x);
	case URI_METHOD:
		if (v.n)
			msg_set_method(m, v);
		return v.n != 0;
	}
	WASSERT(part == URI_WHOLE);
	return act_fits(m, v.n, x) && msg_set_uri(m, v);
}

static bool parse_set(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
		      struct load_err *err)
{
	if (*at >= n || !w[*at].n || (*at + 1 < n && !act_is_cond(w[*at + 1]))) {
		load_err_set(err, NULL, "expects exactly 1 argument <format>");
		return false;
	}
	r->fmt = act_format(sc, w[*at], err);
	(*at)++;
	return r->fmt != NULL;
}

static enum act_result exec_set(const struct rule *r, struct xctx *x)
{
	if (!x->req)
		return ACT_NEXT;
	return set_part(x->req, r->action->priv, act_text(r->fmt, x), x) ? ACT_NEXT : act_too_big(x);
}

/* --- replace-path, replace-pathq, replace-uri --- */

static void release_regex(void *re)
{
	regex_free(re);
}

static bool parse_replace(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			  struct load_err *err)
{
	struct regex_err why;

	if (*at + 1 >= n || !w[*at].n || (*at + 2 < n && !act_is_cond(w[*at + 2]))) {
		load_err_set(err, NULL, "expects exactly 2 arguments <match-regex> and <replace-format>");
		return false;
	}
	r->arg = regex_compile(w[*at], 0, &why);
	if (!r->arg) {
		load_err_set(err, w[*at].p, "regex '" STR_FMT "' is invalid (error=%s, erroffset=%zu)", STR_ARG(w[*at]),
			     why.text, why.offset);
		return false;
	}
	arena_defer(sc->mem, release_regex, r->arg);
	r->fmt = act_format(sc, w[*at + 1], err);
	*at += 2;
	return r->fmt != NULL;
}

static struct str part_of(struct msg *m, int part)
{
	if (part == URI_WHOLE)
		return msg_target(m);
	return part == URI_PATH ? uri_path(m->path) : m->path;
}

static enum act_result exec_replace(const struct rule *r, struct xctx *x)
{
	struct str cap[REGEX_CAPS], s;
	struct sbuf b = sbuf_grow();
	bool ok;

	if (!x->req)
		return ACT_NEXT;
	s = part_of(x->req, r->action->priv);
	if (!s.n || !regex_exec(r->arg, s, 0, cap))
		return ACT_NEXT;
	ok = regex_expand(&b, act_text(r->fmt, x), cap) && set_part(x->req, r->action->priv, sbuf_str(&b), x);
	sbuf_fini(&b);
	return ok ? ACT_NEXT : act_too_big(x);
}

/* --- normalize-uri --- */

enum norm_part { NORM_PATH, NORM_QUERY, NORM_PATHQ };
struct normalizer {
	const char *name, *option;
	enum norm_part part;
	enum uri_result (*run)(struct str s, struct sbuf *out);
	enum uri_result (*run_opt)(struct str s, bool option, struct sbuf *out);
};
static const struct normalizer normalizers[] = {
	{ "fragment-encode", NULL, NORM_PATHQ, uri_fragment_encode, NULL },
	{ "fragment-strip", NULL, NORM_PATHQ, uri_fragment_strip, NULL },
	{ "path-merge-slashes", NULL, NORM_PATH, uri_path_merge_slashes, NULL },
	{ "path-strip-dot", NULL, NORM_PATH, uri_path_strip_dot, NULL },
	{ "path-strip-dotdot", "full", NORM_PATH, NULL, uri_path_strip_dotdot },
	{ "percent-decode-unreserved", "strict", NORM_PATHQ, NULL, uri_percent_decode_unreserved },
	{ "percent-to-uppercase", "strict", NORM_PATHQ, NULL, uri_percent_to_uppercase },
	{ "query-sort-by-name", NULL, NORM_QUERY, uri_query_sort_by_name, NULL },
};

static bool parse_normalize(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
			    struct load_err *err)
{
	const struct normalizer *k;

	if (*at >= n) {
		load_err_set(err, NULL, "missing argument <normalizer>");
		return false;
	}
	k = row_find(normalizers, ARRAY_LEN(normalizers), sizeof(normalizers[0]), w[*at]);
	if (!k) {
		load_err_set(err, w[*at].p, "unknown normalizer '" STR_FMT "'", STR_ARG(w[*at]));
		return false;
	}
	(*at)++;
	r->arg = (void *)(uintptr_t)k;
	if (*at >= n || act_is_cond(w[*at]))
		return true;
	if (!k->option || !str_ieq(w[*at], str_c(k->option))) {
		if (k->option)
			load_err_set(err, w[*at].p, "unknown argument '" STR_FMT "' for '%s' normalizer",
				     STR_ARG(w[*at]), k->name);
		else
			load_err_set(err, w[*at].p, "'%s' normalizer takes no argument, got '" STR_FMT "'", k->name,
				     STR_ARG(w[*at]));
		return false;
	}
	r->num = 1;
	(*at)++;
	return true;
}

static enum act_result exec_normalize(const struct rule *r, struct xctx *x)
{
	const struct normalizer *k = r->arg;
	struct msg *m = x->req;
	struct sbuf out = sbuf_grow();
	enum uri_result res;
	struct str s, q;
	bool ok = true;

	if (!m || m->form == TARGET_ASTERISK || m->form == TARGET_AUTHORITY)
		return ACT_NEXT;
	q = query_of(m);
	s = k->part == NORM_PATH ? uri_path(m->path) : k->part == NORM_QUERY ? q : m->path;
	if (k->part == NORM_QUERY && !q.p)
		return ACT_NEXT;
	res = k->run ? k->run(s, &out) : k->run_opt(s, r->num, &out);
	if (res == URI_CHANGED)
		ok = set_part(m, k->part == NORM_PATH ? URI_PATH : k->part == NORM_QUERY ? URI_QUERY : URI_PATHQ,
			      sbuf_str(&out), x);
	sbuf_fini(&out);
	if (res == URI_INVALID)
		return ACT_INVALID;
	return ok && res != URI_NO_ROOM ? ACT_NEXT : act_too_big(x);
}

const struct action_row act_uri_rows[ACT_URI_ROWS] = {
	{ "normalize-uri", RS_HTTP_REQ, parse_normalize, exec_normalize, false, "<normalizer> [full|strict]",
	  "rewrites the target into a normal form", 0, true },
	{ "replace-path", RS_HTTP_REQ, parse_replace, exec_replace, false, "<regex> <fmt>",
	  "replaces the path without its query when it matches", URI_PATH },
	{ "replace-pathq", RS_HTTP_REQ, parse_replace, exec_replace, false, "<regex> <fmt>",
	  "replaces path and query when they match", URI_PATHQ },
	{ "replace-uri", RS_HTTP_REQ, parse_replace, exec_replace, false, "<regex> <fmt>",
	  "replaces the whole target when it matches", URI_WHOLE },
	{ "set-method", RS_HTTP_REQ, parse_set, exec_set, false, "<fmt>", "replaces the method", URI_METHOD },
	{ "set-path", RS_HTTP_REQ, parse_set, exec_set, false, "<fmt>", "replaces the path, keeps the query",
	  URI_PATH },
	{ "set-pathq", RS_HTTP_REQ, parse_set, exec_set, false, "<fmt>", "replaces path and query", URI_PATHQ },
	{ "set-query", RS_HTTP_REQ, parse_set, exec_set, false, "<fmt>", "replaces the query", URI_QUERY },
	{ "set-uri", RS_HTTP_REQ, parse_set, exec_set, false, "<fmt>", "replaces the whole target", URI_WHOLE },
};
