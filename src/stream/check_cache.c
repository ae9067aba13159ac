/* option checkcache: an answer that caches may keep must not bring one client's cookie to others. */
#include "weir/stream/stream.h"
#include "stream_priv.h"

enum { MAY_STORE = 1, MAY_STORE_COOKIE = 2 };

static bool status_is_stored(int status)
{
	static const short stored[] = { 200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501 };

	for (size_t i = 0; i < ARRAY_LEN(stored); i++)
		if (stored[i] == status)
			return true;
	return false;
}

/* One directive of Cache-Control. */
static unsigned directive(struct str d, unsigned may)
{
	if (str_ieq(d, STR("no-cache=\"set-cookie\"")) || str_ieq(d, STR("no-cache=\"set-cookie")))
		return may & ~(unsigned)MAY_STORE_COOKIE;
	if (str_ieq(d, STR("public")))
		return may | MAY_STORE | MAY_STORE_COOKIE;
	if (str_ieq(d, STR("no-cache")) || str_ieq(d, STR("no-store")) || str_ieq(d, STR("private")) ||
	    str_ieq(d, STR("max-age=0")) || str_ieq(d, STR("s-maxage=0")))
		return 0;
	return may;
}

static unsigned what_may_be_stored(const struct msg *req, const struct msg *res)
{
	bool safe = req->method == METHOD_GET || req->method == METHOD_HEAD;
	unsigned may = safe && status_is_stored(res->status) ? MAY_STORE | MAY_STORE_COOKIE : 0;

	for (int i = -1; (i = msg_find(res, STR("pragma"), i + 1)) >= 0;)
		if (str_ieq(str_trim_ws(field_value_str(&res->f[i])), STR("no-cache")))
			return 0;
	for (int i = -1; (i = msg_find(res, STR("cache-control"), i + 1)) >= 0;) {
		struct str rest = field_value_str(&res->f[i]);

		while (rest.p && rest.n)
			may = directive(str_trim_ws(str_cut(&rest, ',')), may);
	}
	return may;
}

/* Caches ask for a date, or for something to ask the server by. */
static bool has_use_by(const struct msg *res)
{
	if (msg_find(res, STR("expires"), 0) >= 0 || msg_find(res, STR("etag"), 0) >= 0 ||
	    msg_find(res, STR("last-modified"), 0) >= 0)
		return true;
	for (int i = -1; (i = msg_find(res, STR("cache-control"), i + 1)) >= 0;) {
		struct str rest = field_value_str(&res->f[i]);

		while (rest.p && rest.n) {
			struct str d = str_trim_ws(str_cut(&rest, ','));

			if (str_ieq(str_head(d, 8), STR("max-age=")) || str_ieq(str_head(d, 9), STR("s-maxage=")))
				return true;
		}
	}
	return false;
}

bool stream_may_be_stored(const struct stream *s)
{
	return what_may_be_stored(s->req, s->res) & MAY_STORE && has_use_by(s->res);
}

bool stream_leaks_cookie(const struct stream *s)
{
	if (!(s->be->options & PO_CHECKCACHE) || msg_find(s->res, STR("set-cookie"), 0) < 0)
		return false;
	return what_may_be_stored(s->req, s->res) == (MAY_STORE | MAY_STORE_COOKIE);
}

enum step_result stream_keep_cookie(struct stream *s)
{
	log_event(&s->be->logs, &s->conf->global.logs, LOGL_ALERT,
		  "Blocking cacheable cookie in response from instance %.*s, server %.*s.", STR_ARG(s->be->name),
		  STR_ARG(s->srv->name));
	cnt_add(&s->bel->be, C_DENIED_RES, 1);
	cnt_add(&s->srv->cnt, C_DENIED_RES, 1);
	cnt_add(&s->sess->fel->fe, C_DENIED_RES, 1);
	stream_term(s, TERM_PROXY, TERM_AT_HEADERS, TR_RULE);
	s->t_res_head = 0;
	return stream_reply(s, 502, NULL);
}
