/* The words log, log-tag and log-send-hostname. They are read into the struct log_list of global or of a proxy. */
#include <stdlib.h>
#include <unistd.h>

#include "log_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/base/row.h"
#include "weir/conf/kw.h"
#include "weir/log/conf_log.h"
#include "weir/log/ring.h"

struct name { const char *name; };
static const struct name levels[] = {
	{ "emerg" }, { "alert" }, { "crit" }, { "err" }, { "warning" }, { "notice" }, { "info" }, { "debug" },
};
static const struct name facilities[] = {
	{ "kern" }, { "user" }, { "mail" }, { "daemon" }, { "auth" }, { "syslog" }, { "lpr" }, { "news" },
	{ "uucp" }, { "cron" }, { "auth2" }, { "ftp" }, { "ntp" }, { "audit" }, { "alert" }, { "cron2" },
	{ "local0" }, { "local1" }, { "local2" }, { "local3" }, { "local4" }, { "local5" }, { "local6" }, { "local7" },
};

/* Position of the next word in a table of names, or -1 with an error. */
static int take_name(struct kw_call *k, const struct name *names, size_t n, const char *what)
{
	struct str word = kw_peek(k);
	const struct name *found = row_find(names, n, sizeof(*names), word);
	char list[240];
	struct sbuf all = sbuf_fixed(list, sizeof(list));
	struct row_near near;

	if (found) {
		k->at++;
		return (int)(found - names);
	}
	row_near_init(&near, word);
	for (size_t i = 0; i < n; i++) {
		row_near_try(&near, names[i].name);
		sbuf_printf(&all, "%s%s", i ? " " : "one of ", names[i].name);
	}
	sbuf_z(&all);
	kw_hint(k, row_near_best(&near) ? "'%s' ?" : "%s", row_near_best(&near) ? row_near_best(&near) : list);
	kw_err(k, k->at, "log : unknown %s '" STR_FMT "'", what, STR_ARG(word));
	return -1;
}

static bool take_len(struct kw_call *k, struct log_target *t)
{
	struct str word = kw_peek(k);
	uint64_t n;

	if (!num_u64(word, &n) || n < LOG_LEN_MIN || n > LOG_LEN_MAX)
		return kw_err(k, k->at, "log : invalid log length '" STR_FMT "', must be between %d and %d",
		              STR_ARG(word), LOG_LEN_MIN, LOG_LEN_MAX);
	t->maxlen = (unsigned)n;
	k->at++;
	return true;
}

static bool take_format(struct kw_call *k, struct log_target *t)
{
	struct str word = kw_peek(k);

	t->format = row_find(log_formats, log_formats_n, sizeof(*log_formats), word);
	if (!t->format)
		return kw_err(k, k->at, "log : unknown log format '" STR_FMT "'", STR_ARG(word));
	k->at++;
	return true;
}

const struct log_format *log_format_find(struct str name)
{
	return row_find(log_formats, log_formats_n, sizeof(*log_formats), name);
}

bool log_rings_known(const struct log_list *l, const void *owner, struct str *missing)
{
	struct log_target *t;

	list_each(t, &l->targets, link) {
		if (!t->ring.n || t->stream)
			continue;
		*missing = t->ring;
		if (!ring_known(t->ring, owner))
			return false;
		if (str_eqz(t->ring, RING_OWN))
			t->format = log_format_find(STR("timed"));
		else if (!(t->format = ring_format(ring_find(t->ring))))
			t->format = log_format_find(STR("raw"));
	}
	return true;
}

bool log_give_rings(const struct log_list *l, struct ring *(*make)(void *arg, const struct log_stream *s), void *arg)
{
	struct log_target *t;

	list_each(t, &l->targets, link) {
		const struct log_stream s = { &t->to, t->file, t->line };

		if (!t->stream)
			continue;
		t->state->ring = make(arg, &s);
		if (!t->state->ring)
			return false;
		t->ring = ring_name(t->state->ring);
	}
	return true;
}

/* ---- sample <ranges>:<size> ---- */

static bool range_number(struct str s, unsigned *out)
{
	uint64_t n;

	if (!num_u64(s, &n) || n == 0 || n > INT32_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool parse_range(struct str text, struct log_range *r)
{
	struct str rest = text, lo = str_cut(&rest, '-');

	if (!range_number(lo, &r->lo))
		return false;
	r->hi = r->lo;
	return !rest.p || (range_number(rest, &r->hi) && r->hi >= r->lo);
}

static int range_order(const void *a, const void *b)
{
	const struct log_range *ra = a, *rb = b;

	return (ra->lo > rb->lo) - (ra->lo < rb->lo);
}

static bool check_ranges(struct kw_call *k, struct log_target *t)
{
	qsort(t->ranges, t->nranges, sizeof(*t->ranges), range_order);
	for (unsigned i = 1; i < t->nranges; i++)
		if (t->ranges[i].lo <= t->ranges[i - 1].hi)
			return kw_err(k, k->at, "log : ranges are overlapping");
	if (t->period < t->ranges[t->nranges - 1].hi)
		return kw_err(k, k->at,
		              "log : sample size %u should be greater or equal to %u the maximum of the high "
		              "ranges limits",
		              t->period, t->ranges[t->nranges - 1].hi);
	return true;
}

static bool take_sample(struct kw_call *k, struct log_target *t)
{
	struct str size = kw_peek(k), ranges = str_cut(&size, ':');
	struct str rest = ranges;

	if (!size.p)
		return kw_err(k, k->at, "log : Missing sample size");
	if (!range_number(size, &t->period))
		return kw_err_at(k, k->at, size.p,
		                 "log : wrong sample size '" STR_FMT "' for sample range '" STR_FMT "'",
		                 STR_ARG(size), STR_ARG(ranges));
	t->ranges = arena_array(k->mem, struct log_range, ranges.n + 1);
	while (rest.p) {
		struct str one = str_cut(&rest, ',');

		if (!parse_range(one, &t->ranges[t->nranges++]))
			return kw_err_at(k, k->at, one.p, "log : wrong sample range '" STR_FMT "'", STR_ARG(one));
	}
	if (!check_ranges(k, t))
		return false;
	k->at++;
	return true;
}

/* ---- names of other sections ---- */

static bool take_profile(struct kw_call *k, struct log_target *t)
{
	t->profile_name = kw_peek(k);
	if (!t->profile_name.n)
		return kw_err(k, k->at, "log : missing name behind 'profile'");
	k->at++;
	return true;
}

enum log_found log_resolve(const struct log_list *l, const struct log_names *names, struct str *missing)
{
	struct log_target *t;

	list_each(t, &l->targets, link) {
		*missing = t->backend;
		if (t->backend.n && !(t->outlet = names->backend(names->arg, t->backend)))
			return LOG_NO_BACKEND;
		*missing = t->profile_name;
		if (t->profile_name.n && !(t->profile = names->profile(names->arg, t->profile_name)))
			return LOG_NO_PROFILE;
	}
	return LOG_FOUND_ALL;
}

const struct log_profile *log_next_profile(const struct log_list *l, unsigned *at)
{
	const struct log_target *t;
	unsigned i = 0;

	list_each(t, &l->targets, link)
		if (t->profile && i++ == *at) {
			++*at;
			return t->profile;
		}
	return NULL;
}

/* ---- the line ---- */

/* Each at most once, in this order. */
static bool take_options(struct kw_call *k, struct log_target *t)
{
	static const struct { const char *word; bool (*take)(struct kw_call *k, struct log_target *t); } options[] = {
		{ "len", take_len }, { "format", take_format }, { "sample", take_sample }, { "profile", take_profile },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (kw_take_if(k, options[i].word) && !options[i].take(k, t))
			return false;
	return true;
}

static bool take_levels(struct kw_call *k, struct log_target *t)
{
	int n = take_name(k, facilities, ARRAY_LEN(facilities), "log facility");

	if (n < 0)
		return false;
	t->facility = (unsigned)n;
	if (!kw_more(k))
		return true;
	if ((n = take_name(k, levels, ARRAY_LEN(levels), "optional log level")) < 0)
		return false;
	t->level = (unsigned)n;
	if (!kw_more(k))
		return true;
	if ((n = take_name(k, levels, ARRAY_LEN(levels), "optional minimum log level")) < 0)
		return false;
	t->minlevel = (unsigned)n;
	if (kw_more(k))
		return kw_err(k, k->at, "log : cannot handle unexpected argument '" STR_FMT "'", STR_ARG(kw_peek(k)));
	return true;
}

static bool forget(struct kw_call *k, struct log_list *l)
{
	if (kw_more(k))
		return kw_err(k, k->at, "log : 'no log' does not expect arguments");
	log_list_fini(l);
	list_init(&l->targets);
	l->inherited = NULL;
	l->global = false;
	l->none = true;
	return true;
}

static bool take_global(struct kw_call *k, struct log_list *l)
{
	if (k->scope == KW_GLOBAL)
		return kw_err(k, k->at, "log : 'global' is not supported for a global syslog server");
	k->at++;
	l->global = true;
	return true;
}

static bool parse_log(struct kw_call *k)
{
	struct log_list *l = k->obj;
	struct log_target *t;
	int words = str_words(k->w + k->at, k->n - k->at), behind = k->at + 1;
	bool ok;

	if (k->no)
		return forget(k, l);
	if (words == 1 && str_eq(kw_peek(k), STR("global")))
		return take_global(k, l);
	if (words < 2)
		return kw_err(k, k->at, "log : expects <address> and <facility> %s as arguments",
		              k->scope == KW_GLOBAL ? "" : "or global");
	t = arena_new(k->mem, struct log_target);
	*t = (struct log_target){ .fd = -1, .maxlen = LOG_LEN_DEFAULT, .level = LOGL_DEBUG, .file = k->file,
				  .line = k->line };
	ok = log_take_address(k, t);
	k->at = behind;
	if (!take_options(k, t) || !take_levels(k, t) || !ok)
		return false;
	t->state = mem_zalloc(sizeof(*t->state));
	t->state->fd = -1;
	list_push(&l->targets, &t->link);
	return true;
}

static bool parse_tag(struct kw_call *k)
{
	struct log_list *l = k->obj;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'log-tag' expects a tag for use in syslog.");
	l->tag = kw_peek(k);
	k->at++;
	return true;
}

static bool parse_send_hostname(struct kw_call *k)
{
	struct log_list *l = k->obj;
	char name[256];

	if (l->send_host)
		return kw_said(k);
	l->send_host = true;
	if (kw_more(k)) {
		l->host = kw_peek(k);
		k->at++;
		return true;
	}
	if (gethostname(name, sizeof(name)) < 0)
		return kw_err(k, 0, "'log-send-hostname': cannot get the name of this machine");
	name[sizeof(name) - 1] = '\0';
	l->host = arena_str(k->mem, str_c(name));
	return true;
}

const struct kw log_kws[LOG_KWS] = {
	{ "log", KW_GLOBAL | KW_ANYPROXY, .type = KT_PARSE, .parse = parse_log, .flags = KW_F_NO,
	  .args = "global | <address> [len <length>] [format <format>] [sample <ranges>:<size>] [profile <name>] "
	          "<facility> [<level> [<minlevel>]]",
	  .help = "where events and traffic are logged; the line may be repeated, `no log` forgets all targets" },
	{ "log-tag", KW_GLOBAL | KW_ANYPROXY, .type = KT_PARSE, .parse = parse_tag, .args = "<tag>",
	  .help = "tag of the syslog header (default: the name the program was started by)" },
	{ "log-send-hostname", KW_GLOBAL, .type = KT_PARSE, .parse = parse_send_hostname, .args = "[<name>]",
	  .help = "puts a host name (default: this machine's) into the syslog header" },
};
