/* url_param: by the value of a parameter of the query, or of the body of a POST. */
#include "weir/http/msg.h"
#include "lb_priv.h"

/* "name=value" among "a=1&name=value&b". */
static bool find_param(struct str params, struct str name, struct str *value)
{
	while (params.n > name.n) {
		if (params.p[name.n] == '=' && memcmp(params.p, name.p, name.n) == 0) {
			*value = str_skip(params, name.n + 1);
			*value = str_head(*value, str_chr(*value, '&'));
			return true;
		}
		if (str_chr(params, '&') >= params.n)
			return false;
		params = str_skip(params, str_chr(params, '&') + 1);
	}
	return false;
}

static bool is_token(char c)
{
	return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?={}", c);
}

/* The value in a body: what begins with a byte that no form has says that it is none; a blank says that it is empty. */
static bool form_value(struct str *value)
{
	if (!value->n || is_token(value->p[0]))
		return true;
	if (value->p[0] != ' ' && value->p[0] != '\t' && value->p[0] != '\r' && value->p[0] != '\n')
		return false;
	value->n = 0;
	return true;
}

static bool param_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	struct msg *m = r->x->req;
	struct str target, value;
	bool found;

	if (!m)
		return false;
	target = m->path;
	found = str_chr(target, '?') < target.n &&
		find_param(str_skip(target, str_chr(target, '?') + 1), w->name, &value);
	if (!found && m->method == METHOD_POST && w->check_post)
		found = find_param(r->x->req_buf, w->name, &value) && form_value(&value);
	if (!found)
		return false;
	*hash = lb_hash(w, value);
	return true;
}

static bool param_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	(void)in;
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "balance url_param requires an URL parameter name.");
	w->name = k->w[k->at++];
	if (!kw_more(k))
		return true;
	if (!kw_take_if(k, "check_post"))
		return kw_err(k, k->at, "balance url_param only accepts 'check_post' modifier (got '" STR_FMT "').",
			      STR_ARG(kw_peek(k)));
	w->check_post = true;
	k->at = k->n;	/* how much of the body is waited for was said here once; it is as much as fits */
	return true;
}

const struct lb_row lb_url_param = {
	.name = "url_param",
	.args = "<name> [check_post]",
	.http = true,
	.parse = param_parse,
	.build = lb_keyed_build,
	.key = param_key,
	.help = "by the value of a parameter in the query, or in the body of a POST",
};
