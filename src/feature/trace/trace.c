/* The commands, the section and -dt. */
#include "trace_priv.h"

#include "weir/base/pool.h"
#include "weir/model/conf.h"

/* --- commands --- */

static enum ctl_result cmd_trace(struct ctl_req *r)
{
	struct sbuf text = sbuf_grow();
	enum trace_said said = trace_words(r->w + r->at, r->n - r->at, false, NULL, &text);

	if (said == TSAID_LIST)
		sbuf_puts(r->out, sbuf_str(&text));
	else if (said == TSAID_WRONG)
		ctl_fail(r, "%s", sbuf_z(&text));
	else if (text.n)
		ctl_say(r, CTL_NOTICE, "%s", sbuf_z(&text));
	sbuf_fini(&text);
	return CTL_DONE;
}

static char bit(uint64_t bits, int i)
{
	return bits >> i & 1 ? '+' : '-';
}

static void show_one(struct sbuf *out, const struct trace_switch *sw)
{
	const struct trace_row *row = sw->row;

	sbuf_printf(out, "Trace status for %s:\n  - sink: %s [%llu dropped]\n", row->name,
		    trace_sink_name(atom_get(&sw->sink)), (unsigned long long)atom_get(&sw->lost));
	sbuf_putz(out, "  - event name   :     report    start    stop    pause\n");
	for (int i = 0; i < row->n; i++)
		sbuf_printf(out, "    %-12s :        %c        %c        %c       %c\n", row->events[i].name,
			    bit(atom_get(&sw->report), i), bit(atom_get(&sw->start), i), bit(atom_get(&sw->stop), i),
			    bit(atom_get(&sw->pause), i));
}

static enum ctl_result cmd_show(struct ctl_req *r)
{
	const struct trace_switch *sw;

	if (r->at < r->n) {
		sw = trace_find(r->w[r->at]);
		if (!sw)
			return ctl_fail(r, "No such trace source");
		show_one(r->out, sw);
		return CTL_DONE;
	}
	sbuf_putz(r->out, "Supported trace sources and states (.=stopped, w=waiting, R=running) :\n");
	for (int i = 0; i < TRACE_IDS; i++) {
		sw = &trace_shared.sw[i];
		if (sw->row)
			sbuf_printf(r->out, " [%c] %-10s -> %s [drp %llu]  [%s]\n", ".wR"[atom_get(&sw->state)],
				    sw->row->name, trace_sink_name(atom_get(&sw->sink)),
				    (unsigned long long)atom_get(&sw->lost), sw->row->help);
	}
	return CTL_DONE;
}

const struct ctl_row trace_rows[] = {
	{ "trace", CTL_OPERATOR, cmd_trace, "[<source>|all|0] [<word> <value>]*",
	  "what sources of traces tell, and where to (without arguments: the sources, 0: stop all)" },
	{ "show trace", CTL_USER, cmd_show, "[<source>]", "how sources of traces are set" },
	{ NULL },
};

/* --- section --- */

#define KIND "traces"
struct trace_line { struct list link; struct str *w; int n; const char *file; int line; };
struct trace_lines { struct list all; };

static bool begin_traces(struct kw_call *k)
{
	struct conf *c = k->ld->conf;
	struct conf_section *s = arena_new(k->mem, struct conf_section);
	struct trace_lines *t = arena_new(k->mem, struct trace_lines);

	list_init(&t->all);
	s->kind = KIND;
	s->obj = t;
	list_push(&c->sections, &s->link);
	k->ld->obj = t;
	return true;
}

static bool parse_trace(struct kw_call *k)
{
	struct trace_lines *t = k->obj;
	struct trace_line *l = arena_new(k->mem, struct trace_line);
	struct sbuf why = sbuf_grow();
	enum trace_said said = trace_words(k->w + k->at, k->n - k->at, true, NULL, &why);

	if (said == TSAID_WRONG)
		kw_err(k, k->at, "'trace' : %s", sbuf_z(&why));
	else if (said == TSAID_LIST)
		kw_err(k, k->n, "'trace' : a word is missing at the end.");
	sbuf_fini(&why);
	*l = (struct trace_line){ .n = k->n - k->at, .file = k->file, .line = k->line };
	l->w = arena_array(k->mem, struct str, (size_t)l->n + 1);
	for (int i = 0; i < l->n; i++)
		l->w[i] = arena_str(k->mem, k->w[k->at + i]);
	list_init(&l->link);
	list_push(&t->all, &l->link);
	k->at = k->n;
	return said == TSAID_DONE;
}

const struct kw trace_kws[TRACE_KWS] = {
	{ "trace", KW_TRACES, .type = KT_PARSE, .parse = parse_trace, .args = "<source> <word> <value>...",
	  .help = "the same as the command of that name, from the start on" },
};

const struct section_row trace_sections[TRACE_SECTIONS] = {
	{ KIND, KW_TRACES, begin_traces, NULL, NULL, NULL, "traces that are switched on at start" },
};

static bool for_lines(const struct conf *c, bool (*fn)(const struct trace_line *l, void *arg), void *arg)
{
	const struct conf_section *s;
	const struct trace_line *l;
	bool ok = true;

	list_each(s, &c->sections, link)
		if (strcmp(s->kind, KIND) == 0)
			list_each(l, &((struct trace_lines *)s->obj)->all, link)
				ok &= fn(l, arg);
	return ok;
}

static bool check_line(const struct trace_line *l, void *arg)
{
	struct loader *ld = arg;
	struct sbuf why = sbuf_grow();
	bool ok = trace_words(l->w, l->n, true, ld->conf, &why) != TSAID_WRONG;

	if (!ok)
		loader_err_line(ld, l->file, l->line, "'trace' : %s", sbuf_z(&why));
	sbuf_fini(&why);
	return ok;
}

bool trace_settle(struct loader *ld, void *conf)
{
	return for_lines(conf, check_line, ld);
}

static bool do_line(const struct trace_line *l, void *arg)
{
	trace_words(l->w, l->n, false, NULL, arg);
	return true;
}

/* --- -dt [<source>[:<level>[:<verbosity>]],...]: to standard error --- */

static bool do_desc(struct str one, struct sbuf *why)
{
	struct str source = str_cut(&one, ':'), level = str_cut(&one, ':');
	struct str w[] = { source.n ? source : STR("all"), STR("sink"), STR("stderr"), STR("level"),
			   level.n ? level : STR("error"), STR("verbosity"), one.n ? one : STR("simple"),
			   STR("start"), STR("now") };

	if (str_eqz(source, "help")) {
		trace_list_sources(why);
		return false;
	}
	/* An empty word asks for the list of those that there are. */
	if (str_eqz(level, "help"))
		w[4] = STR("");
	if (str_eqz(one, "help"))
		w[6] = STR("");
	return trace_words(w, 9, false, NULL, why) == TSAID_DONE;
}

bool trace_begin(const void *conf, const char *desc, struct sbuf *why)
{
	struct sbuf ignored = sbuf_grow();
	struct str rest = str_c(desc);
	bool ok = true;

	for_lines(conf, do_line, &ignored);
	sbuf_fini(&ignored);
	if (desc && !rest.n)
		return do_desc(STR_NONE, why);
	while (ok && rest.p)
		ok = do_desc(str_cut(&rest, ','), why);
	return ok;
}
