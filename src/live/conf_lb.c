/* balance, hash-type and their like: which algorithm, and the words that every hashing one shares. */
#include "weir/live/conf_lb.h"

#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"
#include "weir/live/live.h"

static bool no_such(struct kw_call *k, struct str name)
{
	struct sbuf list = sbuf_grow();
	struct row_near near;

	row_near_init(&near, name);
	for (const struct lb_row *const *r = lb_rows; *r; r++) {
		sbuf_printf(&list, "%s'%s'", list.n ? ", " : "", (*r)->name);
		row_near_try(&near, (*r)->name);
	}
	if (row_near_best(&near))
		kw_hint(k, "'%s' ?", row_near_best(&near));
	kw_err(k, k->at, "balance only supports %s options.", sbuf_z(&list));
	sbuf_fini(&list);
	return false;
}

/* What is in the brackets of "name(in)": p == NULL without any. False: the closing one is missing. */
static bool split_word(struct str word, struct str *name, struct str *in)
{
	size_t open = str_chr(word, '('), close;

	*name = str_head(word, open);
	*in = STR_NONE;
	if (open >= word.n)
		return true;
	*in = str_skip(word, open + 1);
	close = str_chr(*in, ')');
	if (close >= in->n)
		return false;
	*in = str_make(in->p, close);
	return true;
}

static bool parse_balance(struct kw_call *k)
{
	struct lb_words *w = k->obj, fresh = { .type = w->type,
					       .func = w->func,
					       .avalanche = w->avalanche,
					       .factor = w->factor,
					       .key = w->key,
					       .preserve = w->preserve };
	struct str word = kw_more(k) ? kw_peek(k) : STR("roundrobin"), name, in;
	bool closed = split_word(word, &name, &in);
	const struct lb_row *row = lb_find(name);

	if (!row) {
		no_such(k, name);
		k->at = k->n;
		return false;
	}
	k->at += kw_more(k);
	if (!row->parse(k, &fresh, closed ? in : STR("")))
		return false;
	if (!closed)
		return kw_err(k, k->at - 1, "balance %s : missing closing parenthesis.", row->name);
	fresh.algo = row;
	fresh.http = row->http;
	fresh.name_of_algo = row->name;
	fresh.modes = row->modes ? row->modes : LB_CONNS;
	*w = fresh;
	return true;
}

static bool parse_hash_type(struct kw_call *k)
{
	static const char *const types[] = { "map-based", "consistent", NULL };
	static const char *const funcs[] = { "sdbm", "djb2", "wt6", "crc32", "none", NULL };
	struct lb_words *w = k->obj;
	int type, func = HASH_SDBM;

	if (str_eq(kw_peek(k), STR("avalanche")))
		return kw_err(k, k->at,
			      "experimental feature 'hash-type avalanche' is not supported anymore, please use "
			      "'hash-type "
			      "map-based sdbm avalanche' instead.");
	type = kw_choice(kw_peek(k), types);
	if (type < 0)
		return kw_err(k, k->at, "'hash-type' only supports 'consistent' and 'map-based'.");
	k->at++;
	w->avalanche = type == HASH_CONSISTENT;
	if (kw_more(k)) {
		func = kw_choice(kw_peek(k), funcs);
		if (func < 0)
			return kw_err(k, k->at,
				      "'hash-type' only supports 'sdbm', 'djb2', 'crc32', 'none' or 'wt6' hash "
				      "functions.");
		k->at++;
		w->avalanche = false;
		if (kw_take_if(k, "avalanche"))
			w->avalanche = true;
		else if (kw_more(k))
			return kw_err(k, k->at,
				      "'hash-type' only supports 'avalanche' as a modifier for hash functions.");
	}
	w->type = (uint8_t)type;
	w->func = (uint8_t)func;
	return true;
}

static bool parse_factor(struct kw_call *k)
{
	struct lb_words *w = k->obj;
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'hash-balance-factor' expects an integer argument.");
	if (!num_i64(kw_peek(k), &v) || v < 0 || (v > 0 && v <= 100) || v > 65535)
		return kw_err(k, k->at, "'hash-balance-factor' must be 0 or greater than 100.");
	k->at++;
	w->factor = (unsigned)v;
	return true;
}

static bool parse_preserve(struct kw_call *k)
{
	static const char *const words[] = { "always", "maxconn", "maxqueue", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, k->at,
			      "'hash-preserve-affinity' only supports 'always', 'maxconn' and 'maxqueue' (got "
			      "'" STR_FMT "')",
			      STR_ARG(kw_peek(k)));
	k->at++;
	((struct lb_words *)k->obj)->preserve = (uint8_t)i;
	return true;
}

const struct kw lb_kws[LB_KWS] = {
	{ "balance", KW_BE, .type = KT_PARSE, .parse = parse_balance, .args = "<algorithm> [<argument>...]",
	  .help = "how requests are spread over servers" },
	{ "hash-type", KW_BE, .type = KT_PARSE, .parse = parse_hash_type,
	  .args = "map-based|consistent [<function> [avalanche]]", .help = "how hashes are mapped to servers" },
	{ "hash-balance-factor", KW_BE, .type = KT_PARSE, .parse = parse_factor, .args = "<percent>",
	  .help = "how much more than the mean a server may get from consistent hashing" },
	{ "hash-preserve-affinity", KW_BE, .type = KT_PARSE, .parse = parse_preserve,
	  .args = "always|maxconn|maxqueue", .help = "when a full server's keys go to another" },
};
