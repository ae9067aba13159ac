/* The language of traces: "<source> {event|level|lock|pause|sink|start|stop|verbosity} <word> ...". A word that is left
 * out is answered with the list of those that there are. */
#include "trace_priv.h"

#include "weir/base/obj.h"
#include "weir/base/row.h"

static const struct { const char *name, *help; } levels[TRL_COUNT] = {
	[TRL_ERROR] = { "error", "report errors" },
	[TRL_USER] = { "user", "also information useful to the end user" },
	[TRL_PROTO] = { "proto", "also protocol-level updates" },
	[TRL_STATE] = { "state", "also report internal state changes" },
	[TRL_DATA] = { "data", "also report data transfers" },
	[TRL_DEVELOPER] = { "developer", "also report information useful only to the developer" },
}, verbosities[TRV_COUNT] = {
	[TRV_QUIET] = { "quiet", "only what kind of event it was" },
	[TRV_SIMPLE] = { "simple", "what an event is about" },
	[TRV_ADVANCED] = { "advanced", "also fields of messages" },
}, locks[TRK_COUNT] = {
	[TRK_NOTHING] = { "nothing", "do not lock on anything" },
	[TRK_THREAD] = { "thread", "lock on the thread that started the trace" },
	[TRK_CONNECTION] = { "connection", "lock on the connection that started the trace" },
	[TRK_LISTENER] = { "listener", "lock on the listener that started the trace" },
	[TRK_FRONTEND] = { "frontend", "lock on the frontend that started the trace" },
	[TRK_BACKEND] = { "backend", "lock on the backend that started the trace" },
	[TRK_SERVER] = { "server", "lock on the server that started the trace" },
	[TRK_SESSION] = { "session", "lock on the session that started the trace" },
	[TRK_STREAM] = { "stream", "lock on the stream that started the trace" },
};

/* What is being set: one source, or all. */
struct setting {
	struct trace_switch *sw;	/* the source, or the first one of all */
	int n;
	bool dry;
	const void *owner;
	struct sbuf *out;
};

void trace_set_rows(const struct trace_table *tables)
{
	for (const struct trace_table *t = tables; t->rows; t++)
		for (size_t i = 0; i < t->n; i++) {
			struct trace_switch *sw = &trace_shared.sw[t->rows[i].id];

			*sw = (struct trace_switch){ .row = &t->rows[i], .level = TRL_USER, .verbosity = TRV_SIMPLE,
						     .report = UINT64_MAX };
		}
	trace_shared.ops = &trace_sinks;
}

struct trace_switch *trace_find(struct str name)
{
	for (int i = 0; i < TRACE_IDS; i++)
		if (trace_shared.sw[i].row && str_eqz(name, trace_shared.sw[i].row->name))
			return &trace_shared.sw[i];
	return NULL;
}

static char letter(const struct trace_switch *sw)
{
	return ".wR"[atom_get(&sw->state)];
}

void trace_list_sources(struct sbuf *out)
{
	sbuf_putz(out, "Supported trace sources and states (.=stopped, w=waiting, R=running) :\n");
	sbuf_putz(out, " [.] 0          : not a source, will immediately stop all traces\n");
	sbuf_putz(out, " [.] all        : all sources below\n");
	for (int i = 0; i < TRACE_IDS; i++)
		if (trace_shared.sw[i].row)
			sbuf_printf(out, " [%c] %-10s : %s\n", letter(&trace_shared.sw[i]),
				    trace_shared.sw[i].row->name, trace_shared.sw[i].row->help);
}

static enum trace_said wrong(const struct setting *s, const char *what)
{
	sbuf_putz(s->out, what);
	return TSAID_WRONG;
}

/* --- one of a list of words --- */

#define NAMED(rows, count, word) named(&(rows)[0].name, sizeof((rows)[0]), count, word)
static int named(const char *const *first, size_t step, int n, struct str word)
{
	for (int i = 0; i < n; i++)
		if (str_eqz(word, *(const char *const *)((const char *)first + step * (size_t)i)))
			return i;
	return -1;
}

#define LISTED(s, rows, count, now) listed(s, &(rows)[0].name, sizeof((rows)[0]), count, now)
static void listed(const struct setting *s, const char *const *first, size_t step, int n, int now)
{
	for (int i = 0; i < n; i++) {
		const char *const *row = (const char *const *)((const char *)first + step * (size_t)i);

		sbuf_printf(s->out, "  %c %-10s : %s\n", i == now ? '*' : ' ', row[0], row[1]);
	}
}

static enum trace_said set_level(const struct setting *s, struct str word)
{
	int i = NAMED(levels, TRL_COUNT, word);

	if (!word.n) {
		sbuf_printf(s->out, "Supported trace levels for source %s:\n", s->sw->row->name);
		LISTED(s, levels, TRL_COUNT, atom_get(&s->sw->level));
		return TSAID_LIST;
	}
	if (i < 0)
		return wrong(s, "No such trace level");
	for (int k = 0; k < s->n && !s->dry; k++)
		atom_set(&s->sw[k].level, (uint8_t)i);
	return TSAID_DONE;
}

static enum trace_said set_verbosity(const struct setting *s, struct str word)
{
	int i = NAMED(verbosities, TRV_COUNT, word);

	if (!word.n) {
		sbuf_printf(s->out, "Supported trace verbosities for source %s:\n", s->sw->row->name);
		LISTED(s, verbosities, TRV_COUNT, atom_get(&s->sw->verbosity));
		return TSAID_LIST;
	}
	/* HAProxy's other grades mean the nearest of ours. */
	if (i < 0 && (str_eqz(word, "clean") || str_eqz(word, "minimal") || str_eqz(word, "default")))
		i = TRV_SIMPLE;
	if (i < 0 && str_eqz(word, "complete"))
		i = TRV_ADVANCED;
	if (i < 0)
		return wrong(s, "No such verbosity level");
	for (int k = 0; k < s->n && !s->dry; k++)
		atom_set(&s->sw[k].verbosity, (uint8_t)i);
	return TSAID_DONE;
}

static enum trace_said set_lock(const struct setting *s, struct str word)
{
	int i = NAMED(locks, TRK_COUNT, word);

	if (!word.n) {
		sbuf_printf(s->out, "Supported lock-on criteria for source %s:\n", s->sw->row->name);
		LISTED(s, locks, TRK_COUNT, atom_get(&s->sw->lock));
		return TSAID_LIST;
	}
	if (i < 0)
		return wrong(s, "Unsupported lock-on criterion");
	for (int k = 0; k < s->n && !s->dry; k++) {
		atom_set(&s->sw[k].locked, NULL);
		atom_set(&s->sw[k].lock, (uint8_t)i);
	}
	return TSAID_DONE;
}

static enum trace_said set_sink(const struct setting *s, struct str word)
{
	void *sink;

	if (!word.n) {
		sbuf_printf(s->out, "Supported sinks for source %s (*=current):\n", s->sw->row->name);
		trace_list_sinks(s->out, atom_get(&s->sw->sink));
		return TSAID_LIST;
	}
	/* Rings of the file may be declared behind its traces: looked at when all was read. */
	if (s->dry && !s->owner)
		return TSAID_DONE;
	if (!trace_sink_find(word, s->owner, &sink))
		return wrong(s, "No such sink");
	for (int k = 0; k < s->n && !s->dry; k++)
		atom_set(&s->sw[k].sink, sink);
	return TSAID_DONE;
}

/* --- events --- */

static void list_events(const struct setting *s, uint64_t bits, bool with_now)
{
	const struct trace_row *row = s->sw->row;

	sbuf_printf(s->out, "Supported events for source %s (+=enabled, -=disabled):\n", row->name);
	if (with_now)
		sbuf_putz(s->out, "  - now          : don't wait for events, immediately change the state\n");
	sbuf_putz(s->out, "  - none         : disable all event types\n  - any          : enable all event types\n");
	for (int i = 0; i < row->n; i++)
		sbuf_printf(s->out, "  %c %-12s : %s\n", bits >> i & 1 ? '+' : '-', row->events[i].name,
			    row->events[i].help);
}

/* The set with one word applied: none, any, [+|-|!]<event>. False: no such event. */
static bool apply_event(const struct trace_row *row, struct str word, uint64_t *bits)
{
	bool off = word.n && (word.p[0] == '-' || word.p[0] == '!');

	if (str_eqz(word, "none") || str_eqz(word, "any")) {
		*bits = str_eqz(word, "any") ? UINT64_MAX : 0;
		return true;
	}
	if (word.n && memchr("+-!", word.p[0], 3))
		word = str_skip(word, 1);
	for (int i = 0; i < row->n; i++)
		if (str_eqz(word, row->events[i].name)) {
			*bits = off ? *bits & ~(UINT64_C(1) << i) : *bits | UINT64_C(1) << i;
			return true;
		}
	return false;
}

enum when { WHEN_EVENT, WHEN_START, WHEN_STOP, WHEN_PAUSE };
static uint64_t *bits_of(struct trace_switch *sw, enum when w)
{
	return w == WHEN_EVENT ? &sw->report : w == WHEN_START ? &sw->start : w == WHEN_STOP ? &sw->stop : &sw->pause;
}

static void now(struct trace_switch *sw, enum when w)
{
	static const enum trace_state to[] = { [WHEN_START] = TRS_RUNNING, [WHEN_STOP] = TRS_STOPPED,
					       [WHEN_PAUSE] = TRS_WAITING };

	if (w == WHEN_PAUSE)
		atom_set(&sw->locked, NULL);
	trace_set_state(sw, to[w]);
}

static enum trace_said set_events(const struct setting *s, struct str word, enum when w)
{
	bool fits = false;

	if (!word.n) {
		list_events(s, atom_get(bits_of(s->sw, w)), w != WHEN_EVENT);
		return TSAID_LIST;
	}
	for (int k = 0; k < s->n; k++) {
		uint64_t *to = bits_of(&s->sw[k], w), bits = atom_get(to);

		if (w != WHEN_EVENT && str_eqz(word, "now")) {
			fits = true;
			if (!s->dry)
				now(&s->sw[k], w);
		} else if (apply_event(s->sw[k].row, word, &bits)) {
			fits = true;
			if (s->dry)
				continue;
			atom_set(to, bits);
			if (w == WHEN_START && bits && atom_get(&s->sw[k].state) == TRS_STOPPED)
				trace_set_state(&s->sw[k], TRS_WAITING);
		}
	}
	return fits ? TSAID_DONE : wrong(s, "No such trace event");
}

static enum trace_said set_event(const struct setting *s, struct str w) { return set_events(s, w, WHEN_EVENT); }
static enum trace_said set_start(const struct setting *s, struct str w) { return set_events(s, w, WHEN_START); }
static enum trace_said set_stop(const struct setting *s, struct str w) { return set_events(s, w, WHEN_STOP); }
static enum trace_said set_pause(const struct setting *s, struct str w) { return set_events(s, w, WHEN_PAUSE); }

static const struct word {
	const char *name, *help;
	enum trace_said (*set)(const struct setting *s, struct str word);
} words[] = {
	{ "event", "list/enable/disable source-specific event reporting", set_event },
	{ "level", "list/set trace reporting level", set_level },
	{ "lock", "automatic lock on thread/connection/stream/...", set_lock },
	{ "pause", "pause and automatically restart after a specific event", set_pause },
	{ "sink", "list/set event sinks", set_sink },
	{ "start", "start immediately or after a specific event", set_start },
	{ "stop", "stop immediately or after a specific event", set_stop },
	{ "verbosity", "list/set trace output verbosity", set_verbosity },
};

static enum trace_said list_words(struct sbuf *out)
{
	sbuf_putz(out, "Supported commands:\n");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		sbuf_printf(out, "  %-9s : %s\n", words[i].name, words[i].help);
	return TSAID_LIST;
}

static enum trace_said stop_all(bool dry, struct sbuf *out)
{
	for (int i = 0; i < TRACE_IDS && !dry; i++)
		trace_set_state(&trace_shared.sw[i], TRS_STOPPED);
	sbuf_putz(out, "All traces now stopped");
	return TSAID_DONE;
}

enum trace_said trace_words(const struct str *w, int n, bool dry, const void *owner, struct sbuf *out)
{
	struct setting s = { .sw = trace_shared.sw, .n = TRACE_IDS, .dry = dry, .owner = owner, .out = out };

	if (!n) {
		trace_list_sources(out);
		return TSAID_LIST;
	}
	if (str_eqz(w[0], "0"))
		return stop_all(dry, out);
	if (!str_eqz(w[0], "all")) {
		s.sw = trace_find(w[0]);
		s.n = 1;
	}
	if (!s.sw)
		return wrong(&s, "No such trace source");
	if (n == 1)
		return list_words(out);
	for (int at = 1; at < n; at += 2) {
		int i = NAMED(words, (int)ARRAY_LEN(words), w[at]);
		enum trace_said said = i < 0 ? wrong(&s, "Unknown trace keyword")
					     : words[i].set(&s, at + 1 < n ? w[at + 1] : STR_NONE);

		if (said != TSAID_DONE)
			return said;
	}
	return TSAID_DONE;
}
