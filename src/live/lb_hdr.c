/* hdr(name): by the first value of a field. */
#include "weir/http/msg.h"
#include "lb_priv.h"

/* From behind the last but one dot to the last one: the domain without what is in front of it and without the top-level
 * domain. It has one byte at least, so a dot in front of everything is none. */
static struct str domain_of(struct str host)
{
	size_t end, begin;

	for (end = host.n ? host.n - 1 : 0; end && host.p[end] != '.'; end--)
		;
	if (!end)
		return host;
	for (begin = end - 1; begin && host.p[begin - 1] != '.'; begin--)
		;
	return str_make(host.p + begin, end - begin);
}

/* The first element of a comma list. */
static struct str first_value(struct str value)
{
	bool quoted = false;

	for (size_t i = 0; i < value.n; i++) {
		if (quoted && value.p[i] == '\\')
			i++;
		else if (value.p[i] == '"')
			quoted = !quoted;
		else if (value.p[i] == ',' && !quoted)
			return str_trim(str_head(value, i));
	}
	return str_trim(value);
}

static bool hdr_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	const struct msg *m = r->x->req;
	struct str value;
	int i;

	if (!m)
		return false;
	i = msg_find(m, w->name, 0);
	if (i < 0)
		return false;
	value = first_value(field_value_str(&m->f[i]));
	if (!value.n)
		return false;
	*hash = lb_hash(w, w->domain_only ? domain_of(value) : value);
	return true;
}

static struct str lower_copy(struct arena *mem, struct str s)
{
	struct str copy = arena_str(mem, s);

	str_lower((char *)copy.p, copy.n);
	return copy;
}

static bool hdr_parse(struct kw_call *k, struct lb_words *w, struct str in)
{
	struct str name = k->w[k->at - 1];

	if (!in.n)
		return kw_err(k, k->at - 1, "balance hdr requires an http header field name.");
	w->name = lower_copy(k->mem, in);
	if (kw_take_if(k, "use_domain_only"))
		w->domain_only = true;
	else if (kw_more(k))
		return kw_err(k, k->at,
			      "balance " STR_FMT " only accepts 'use_domain_only' modifier (got '" STR_FMT "').",
			      STR_ARG(name), STR_ARG(kw_peek(k)));
	return true;
}

const struct lb_row lb_hdr = {
	.name = "hdr",
	.args = "(<name>) [use_domain_only]",
	.http = true,
	.parse = hdr_parse,
	.build = lb_keyed_build,
	.key = hdr_key,
	.help = "by the first value of a field of the request",
};
