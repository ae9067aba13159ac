/* ring <name>: memory that log lines go to, and servers that get them from there. */
#include "weir/feature/ring/ring.h"

#include "ring_priv.h"
#include "weir/base/num.h"
#include "weir/log/conf_log.h"
#include "weir/log/ring.h"
#include "weir/model/words.h"

/* The section's object is the proxy that carries its servers: their lines are read like those of a backend. */
static struct ring_words *words(const struct kw_call *k)
{
	return ((struct proxy *)k->obj)->ring;
}

static bool begin_ring(struct kw_call *k)
{
	struct ring_words *w;
	struct proxy *p;

	if (!kw_peek(k).n)
		return kw_err(k, 0, "missing ring name.");
	if (ring_known(kw_peek(k), k->ld->conf) && ring_find(kw_peek(k)))
		return kw_err(k, 1, "ring '" STR_FMT "' declared twice.", STR_ARG(kw_peek(k)));
	p = proxy_carrier(k->ld->conf, kw_peek(k), k->file, k->line);
	w = p->ring = arena_new(k->mem, struct ring_words);
	*w = (struct ring_words){ .name = k->w[k->at++], .size = RING_SIZE_DEFAULT };
	/* Declared at once, so that a second one is seen; its size follows with the end of the section. */
	ring_declare(w->name, w->size, k->ld->conf);
	k->ld->obj = k->ld->proxy = p;
	return true;
}

static void end_ring(struct loader *ld, void *obj)
{
	const struct ring_words *w = ((struct proxy *)obj)->ring;
	struct ring *r = ring_declare(w->name, w->size, ld->conf);

	ring_describe(r, w->text.n ? w->text : w->name);
	ring_set_format(r, w->format, w->maxlen);
}

static bool parse_text(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "missing ring description text.");
	words(k)->text = k->w[k->at++];
	return true;
}

static bool parse_size(struct kw_call *k)
{
	struct ring_words *w = words(k);
	const char *bad;
	uint64_t n;

	if (num_size(kw_peek(k), &n, &bad) != NUM_OK || !n || n > RING_SIZE_MAX)
		return kw_err(k, k->at, "invalid size '" STR_FMT "' for new sink buffer.", STR_ARG(kw_peek(k)));
	if (n < w->size)
		return kw_err(k, k->at,
			      "ignoring new size '%llu' that is smaller than current size '%zu' for ring '" STR_FMT
			      "'.",
			      (unsigned long long)n, w->size, STR_ARG(w->name));
	k->at++;
	w->size = (size_t)n;
	return true;
}

static bool parse_maxlen(struct kw_call *k)
{
	struct ring_words *w = words(k);
	uint64_t n;

	if (!num_u64(kw_peek(k), &n) || !n || n > INT32_MAX)
		return kw_err(k, k->at, "invalid size '" STR_FMT "' for maxlen.", STR_ARG(kw_peek(k)));
	k->at++;
	w->maxlen = (unsigned)n;
	return true;
}

static bool parse_format(struct kw_call *k)
{
	struct ring_words *w = words(k);

	w->format = log_format_find(kw_peek(k));
	if (!w->format)
		return kw_err(k, k->at, "unknown format '" STR_FMT "'.", STR_ARG(kw_peek(k)));
	k->at++;
	return true;
}

#define ROW(word, fn, a, text) { word, KW_RING, .type = KT_PARSE, .parse = fn, .args = a, .help = text }
#define NOT_BUILT(word, why) { word, KW_RING, .type = KT_NOT_BUILT, .help = why }
const struct kw ring_kws[RING_KWS] = {
	ROW("description", parse_text, "<text>", "what `show events` says about the ring"),
	ROW("format", parse_format, "<format>", "format of the lines, whatever `log` lines say (default: raw)"),
	ROW("maxlen", parse_maxlen, "<n>", "bytes of a line at most"),
	ROW("size", parse_size, "<size>", "bytes of the ring"),
	NOT_BUILT("backing-file", "rings lie in memory; a `server` in the section takes their lines elsewhere"),
};

const struct section_row ring_sections[RING_SECTIONS] = {
	{ "ring", KW_RING, begin_ring, NULL, end_ring, "<name>", "memory that log lines go to, for show events" },
};

/* --- when all files were read --- */

static bool check_list(struct loader *ld, const struct log_list *l, struct str whose)
{
	struct str missing;

	if (log_rings_known(l, ld->conf, &missing))
		return true;
	return loader_err(ld, STR_FMT "log server 'ring@" STR_FMT "' : sink '" STR_FMT "' not found.", STR_ARG(whose),
			  STR_ARG(missing), STR_ARG(missing));
}

static bool check_lists(struct loader *ld, const struct list *proxies)
{
	const struct proxy *p;
	bool ok = true;

	list_each(p, proxies, link)
		ok &= check_list(ld, &p->logs, arena_printf(ld->mem, "proxy '" STR_FMT "' : ", STR_ARG(p->name)));
	return ok;
}

bool ring_settle(struct loader *ld, void *conf)
{
	const struct conf *c = conf;

	bool ok = check_list(ld, &c->global.logs, STR_NONE);

	ok = check_lists(ld, &c->proxies) && ok;	/* all of them are looked at */
	ok = check_lists(ld, &c->defaults) && ok;
	return log_backends_settle(ld, conf) && ok;
}
