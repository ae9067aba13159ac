#include "weir/loop/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include "weir/loop/loop.h"

#define LINE_MAX_BYTES 1024

struct trace_shared trace_shared;

void trace_set_state(struct trace_switch *sw, enum trace_state st)
{
	if (st == TRS_STOPPED)
		atom_set(&sw->locked, NULL);
	atom_set(&sw->state, (uint8_t)st);
	atom_set(&trace_shared.on[sw - trace_shared.sw], st != TRS_STOPPED);
}

/* A source locks on what its first event is about. False: the event is about something else. */
static bool is_ours(struct trace_switch *sw, const struct trace_who *who)
{
	const void *it, *none = NULL;
	enum trace_lock lock = (enum trace_lock)atom_get(&sw->lock);

	if (lock == TRK_NOTHING)
		return true;
	it = trace_shared.ops->lock_of(lock, who);
	if (!it)
		return false;
	if (!atom_get(&sw->locked))
		atom_cas(&sw->locked, &none, it);
	return atom_get(&sw->locked) == it;
}

static void write_line(struct trace_switch *sw, void *sink, unsigned event, enum trace_level level, const char *fmt,
		       va_list ap)
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "[%02x|%s|%d|%s] ", (unsigned)thr_id() + 1, sw->row->name, (int)level,
			 sw->row->events[event].name);

	if (atom_get(&sw->verbosity) == TRV_QUIET)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%s", sw->row->events[event].help);
	else
		n += vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	for (int i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '.';
	if (!trace_shared.ops->write(sink, str_make(line, (size_t)n)))
		atom_add(&sw->lost, 1);
}

void trace_put(enum trace_id id, unsigned event, enum trace_level level, struct trace_who who, const char *fmt, ...)
{
	struct trace_switch *sw = &trace_shared.sw[id];
	uint64_t bit = UINT64_C(1) << event;
	uint8_t state = atom_get(&sw->state);
	void *sink = atom_get(&sw->sink);
	va_list ap;

	if (state == TRS_WAITING && atom_get(&sw->start) & bit) {
		trace_set_state(sw, TRS_RUNNING);
		state = TRS_RUNNING;
	}
	if (state != TRS_RUNNING || !is_ours(sw, &who))
		return;
	if (sink && level <= atom_get(&sw->level) && atom_get(&sw->report) & bit) {
		va_start(ap, fmt);
		write_line(sw, sink, event, level, fmt, ap);
		va_end(ap);
	}
	if (atom_get(&sw->pause) & bit) {
		atom_set(&sw->locked, NULL);
		trace_set_state(sw, TRS_WAITING);
	}
	if (atom_get(&sw->stop) & bit)
		trace_set_state(sw, TRS_STOPPED);
}
