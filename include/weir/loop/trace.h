/* Traces: what parts of the program tell about their work while somebody wants to know. A part is a source with named
 * events; each source is switched on and off at run time, for some of its events, down to a level, for one connection
 * or thread if wished. What is told goes line by line to whoever the feature "trace" has installed. Any thread. */
#ifndef WEIR_LOOP_TRACE_H
#define WEIR_LOOP_TRACE_H

#include <stddef.h>
#include <stdint.h>
#include "weir/base/atomic.h"
#include "weir/base/str.h"

enum trace_id { TRACE_SESSION, TRACE_H1, TRACE_H2, TRACE_PT, TRACE_STREAM, TRACE_CHECK, TRACE_IDS };
enum trace_level { TRL_ERROR, TRL_USER, TRL_PROTO, TRL_STATE, TRL_DATA, TRL_DEVELOPER, TRL_COUNT };
enum trace_verbosity { TRV_QUIET, TRV_SIMPLE, TRV_ADVANCED, TRV_COUNT };
enum trace_state { TRS_STOPPED, TRS_WAITING, TRS_RUNNING };
enum trace_lock {
	TRK_NOTHING, TRK_THREAD, TRK_CONNECTION, TRK_LISTENER, TRK_FRONTEND, TRK_BACKEND, TRK_SERVER, TRK_SESSION,
	TRK_STREAM, TRK_COUNT,
};

struct trace_event { const char *name, *help; };
/* A source: rows of the floor that tells. At most 64 events. */
struct trace_row { enum trace_id id; const char *name, *help; const struct trace_event *events; int n; };

/* What an event is about: struct conn of the net floor, struct stream, or NULL. */
struct trace_who { const void *conn, *strm; };

/* How a source is set. Everything but `row` is atomic: any thread may read it while a command changes it. */
struct trace_switch {
	const struct trace_row *row;
	uint8_t state, level, verbosity, lock;
	uint64_t report, start, stop, pause;	/* bits of events */
	const void *locked;		/* what `lock` caught; NULL: nothing yet */
	void *sink;			/* NULL: none */
	uint64_t lost;			/* lines that the sink did not take */
};
struct trace_ops {
	bool (*write)(void *sink, struct str line);
	/* What a lock would catch; NULL: not known. */
	const void *(*lock_of)(enum trace_lock lock, const struct trace_who *who);
};
struct trace_shared {
	uint8_t on[TRACE_IDS];		/* atomic: not stopped */
	struct trace_switch sw[TRACE_IDS];
	const struct trace_ops *ops;
};
extern struct trace_shared trace_shared;

static inline bool trace_on(enum trace_id id) { return __builtin_expect(atom_get(&trace_shared.on[id]), 0); }
static inline bool trace_verbose(enum trace_id id)
{
	return atom_get(&trace_shared.sw[id].verbosity) >= TRV_ADVANCED;
}
/* Behind trace_on: an event happened. */
void trace_put(enum trace_id id, unsigned event, enum trace_level level, struct trace_who who, const char *fmt, ...)
	__attribute__((cold, format(printf, 5, 6)));
/* Sets state and `on` together. */
void trace_set_state(struct trace_switch *sw, enum trace_state st);

#endif
