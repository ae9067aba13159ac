/* ring <name>: memory that log lines go to. */
#include "weir/feature/ring/ring.h"

#include "weir/base/num.h"
#include "weir/log/conf_log.h"
#include "weir/log/ring.h"
#include "weir/model/conf.h"

/* What the section says so far; k->obj of its lines. */
struct ring_words {
	struct str name, text;
	size_t size;
	unsigned maxlen;
	const struct log_format *format;
};

static bool begin_ring(struct kw_call *k)
{
	struct ring_words *w;

	if (!kw_peek(k).n)
		return kw_err(k, 0, "missing ring name.");
	if (ring_known(kw_peek(k), k->ld->conf) && ring_find(kw_peek(k)))
		return kw_err(k, 1, "ring '" STR_FMT "' declared twice.", STR_ARG(kw_peek(k)));
	w = arena_new(k->mem, struct ring_words);
	*w = (struct ring_words){ .name = k->w[k->at++], .size = RING_SIZE_DEFAULT };
	/* Declared at once, so that a second one is seen; its size follows with the end of the section. */
	ring_declare(w->name, w->size, k->ld->conf);
	k->ld->obj = w;
	return true;
}

static void end_ring(struct loader *ld, void *obj)
{
	const struct ring_words *w = obj;
	struct ring *r = ring_declare(w->name, w->size, ld->conf);

	ring_describe(r, w->text.n ? w->text : w->name);
	ring_set_format(r, w->format, w->maxlen);
}

static bool parse_text(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "missing ring description text.");
	((struct ring_words *)k->obj)->text = k->w[k->at++];
	return true;
}

static bool parse_size(struct kw_call *k)
{
	struct ring_words *w = k->obj;
	const char *bad;
	uint64_t n;

	if (num_size(kw_peek(k), &n, &bad) != NUM_OK || !n || n > RING_SIZE_MAX)
		return kw_err(k, k->at, "invalid size '" STR_FMT "' for new sink buffer.", STR_ARG(kw_peek(k)));
	k->at++;
	w->size = (size_t)n;
	return true;
}

static bool parse_maxlen(struct kw_call *k)
{
	struct ring_words *w = k->obj;
	uint64_t n;

	if (!num_u64(kw_peek(k), &n) || !n || n > INT32_MAX)
		return kw_err(k, k->at, "invalid size '" STR_FMT "' for maxlen.", STR_ARG(kw_peek(k)));
	k->at++;
	w->maxlen = (unsigned)n;
	return true;
}

static bool parse_format(struct kw_call *k)
{
	struct ring_words *w = k->obj;

	w->format = log_format_find(kw_peek(k));
	if (!w->format)
		return kw_err(k, k->at, "unknown format '" STR_FMT "'.", STR_ARG(kw_peek(k)));
	k->at++;
	return true;
}

#define ROW(word, fn, a, text) { word, KW_RING, .type = KT_PARSE, .parse = fn, .args = a, .help = text }
#define NOT_BUILT(word) { word, KW_RING, .type = KT_NOT_BUILT, .help = "not built in weir" }
const struct kw ring_kws[RING_KWS] = {
	ROW("description", parse_text, "<text>", "what `show events` says about the ring"),
	ROW("format", parse_format, "<format>", "format of lines whose `log` line names none (default: raw)"),
	ROW("maxlen", parse_maxlen, "<n>", "bytes of a line at most"),
	ROW("size", parse_size, "<size>", "bytes of the ring"),
	NOT_BUILT("server"),
	NOT_BUILT("timeout connect"),
	NOT_BUILT("timeout server"),
	NOT_BUILT("backing-file"),
};

const struct section_row ring_sections[RING_SECTIONS] = {
	{ "ring", KW_RING, begin_ring, NULL, end_ring, "<name>", "memory that log lines go to, for show events" },
};

static bool check_list(struct loader *ld, const struct log_list *l, struct str whose)
{
	struct str missing;

	if (log_rings_known(l, ld->conf, &missing))
		return true;
	return loader_err(ld, STR_FMT "log server 'ring@" STR_FMT "' : sink '" STR_FMT "' not found.", STR_ARG(whose),
			  STR_ARG(missing), STR_ARG(missing));
}

bool ring_settle(struct loader *ld, void *conf)
{
	const struct conf *c = conf;
	const struct proxy *p;
	bool ok = check_list(ld, &c->global.logs, STR_NONE);

	list_each(p, &c->proxies, link)
		ok &= check_list(ld, &p->logs, arena_printf(ld->mem, "proxy '" STR_FMT "' : ", STR_ARG(p->name)));
	return ok;
}
