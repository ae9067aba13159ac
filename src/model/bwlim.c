/* `filter bwlim-in|bwlim-out <name> default-limit <size> default-period <time> [min-size <size>]` */
#include "model.h"
#include "rows.h"

#include "weir/base/num.h"
#include "weir/model/bwlim.h"

const struct bwlim *proxy_bwlim(const struct proxy *p, struct str name)
{
	const struct bwlim *b;

	list_each(b, &p->bwlims, link)
		if (str_eq(b->name, name))
			return b;
	return NULL;
}

static bool take_size(struct kw_call *k, const char *word, uint64_t *out)
{
	const char *bad;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' : '%s' expects a size.", k->kw->name, word);
	if (num_size(kw_peek(k), out, &bad) != NUM_OK || !*out)
		return kw_err(k, k->at, "'%s' : invalid value '" STR_FMT "' for '%s'.", k->kw->name,
			      STR_ARG(kw_peek(k)), word);
	k->at++;
	return true;
}

static bool take_word(struct kw_call *k, struct bwlim *b)
{
	if (kw_take_if(k, "default-limit"))
		return take_size(k, "default-limit", &b->limit);
	if (kw_take_if(k, "min-size"))
		return take_size(k, "min-size", &b->min_size);
	if (kw_take_if(k, "default-period"))
		return kw_time(k, "a period (in milliseconds)", &b->period);
	if (str_eq(kw_peek(k), STR("limit")) || str_eq(kw_peek(k), STR("key")) || str_eq(kw_peek(k), STR("table")))
		return kw_err(k, k->at, "'%s' : '" STR_FMT "' (limits shared through a table) is known to HAProxy, not "
			      "built in weir.",
			      k->kw->name, STR_ARG(kw_peek(k)));
	return kw_err(k, k->at, "'%s' : unknown keyword '" STR_FMT "'. Expects 'default-limit', 'default-period' or "
		      "'min-size'.",
		      k->kw->name, STR_ARG(kw_peek(k)));
}

static bool parse_bwlim(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct bwlim *b = arena_new(k->mem, struct bwlim);
	const struct bwlim *same;

	*b = (struct bwlim){ .in = k->kw->priv, .file = k->file, .line = k->line, .name = kw_peek(k) };
	if (!b->name.n)
		return kw_err(k, k->at, "'%s' : a name is expected as first argument.", k->kw->name);
	same = proxy_bwlim(p, b->name);
	if (same)
		return kw_err(k, k->at, "'%s' : the name '" STR_FMT "' is already used at %s:%d.", k->kw->name,
			      STR_ARG(b->name), same->file, same->line);
	k->at++;
	while (kw_more(k))
		if (!take_word(k, b))
			return false;
	if (!b->limit || !b->period)
		return kw_err(k, k->at, "'%s' : 'default-limit' and 'default-period' are both needed.", k->kw->name);
	list_push(&p->bwlims, &b->link);
	return true;
}

#define LINE "<name> default-limit <size> default-period <time> [min-size <size>]"
const struct kw model_bwlim[MODEL_BWLIM] = {
	{ "filter bwlim-in", KW_PROXY, .type = KT_PARSE, .parse = parse_bwlim, .priv = 1, .args = LINE,
	  .help = "a limit of what comes from a client, for set-bandwidth-limit" },
	{ "filter bwlim-out", KW_PROXY, .type = KT_PARSE, .parse = parse_bwlim, .args = LINE,
	  .help = "a limit of what goes to a client, for set-bandwidth-limit" },
};
