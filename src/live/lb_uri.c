/* uri: by the request's target, as far as it is asked for: what a cache wants to get always the same of. */
#include "weir/base/num.h"
#include "lb_priv.h"

/* The target up to the query or so many bytes or slashes. */
static struct str wanted_part(const struct lb_words *w, struct str uri)
{
	int slashes = 0;

	if (w->arg1 > 0)
		uri = str_head(uri, (size_t)w->arg1);
	for (size_t i = 0; i < uri.n; i++)
		if ((uri.p[i] == '/' && ++slashes == w->arg2) || (uri.p[i] == '?' && !w->whole))
			return str_head(uri, i);
	return uri;
}

static bool uri_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	struct msg *m = r->x->req;
	struct str uri;

	if (!m)
		return false;
	uri = !w->path_only ? msg_target(m) : m->form == TARGET_ASTERISK ? STR("") : m->path;
	*hash = lb_hash(w, wanted_part(w, uri));
	return true;
}

static bool take_number(struct kw_call *k, const char *what, int *to)
{
	int64_t v;

	if (!num_i64(kw_peek(k), &v) || v <= 0 || v >= INT32_MAX)
		return kw_err(k, k->at, "balance uri : '%s' expects a positive integer (got '" STR_FMT "').", what,
			      STR_ARG(kw_peek(k)));
	k->at++;
	*to = (int)v;
	return true;
}

static bool uri_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	(void)in;
	while (kw_more(k)) {
		if (kw_take_if(k, "len")) {
			if (!take_number(k, "len", &w->arg1))
				return false;
		} else if (kw_take_if(k, "depth")) {
			if (!take_number(k, "depth", &w->arg2))
				return false;
			w->arg2++;	/* the slash behind the last directory */
		} else if (kw_take_if(k, "whole")) {
			w->whole = true;
		} else if (kw_take_if(k, "path-only")) {
			w->path_only = true;
		} else {
			return kw_err(k, k->at,
				      "balance uri only accepts parameters 'len', 'depth', 'path-only', and 'whole' "
				      "(got '" STR_FMT "').",
				      STR_ARG(kw_peek(k)));
		}
	}
	return true;
}

const struct lb_row lb_uri = {
	.name = "uri",
	.args = "[len <n>] [depth <n>] [whole] [path-only]",
	.http = true,
	.parse = uri_parse,
	.build = lb_keyed_build,
	.key = uri_key,
	.help = "by the request's target, up to the query",
};
