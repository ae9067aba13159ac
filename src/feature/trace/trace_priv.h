#ifndef SRC_FEATURE_TRACE_PRIV_H
#define SRC_FEATURE_TRACE_PRIV_H

#include "weir/feature/trace/trace.h"

/* The words behind `trace`. dry: only looks whether they are right; owner: the generation whose rings may be named,
 * NULL: all that there are. What is to be said (a list, what is wrong) goes to out. */
enum trace_said { TSAID_DONE, TSAID_LIST, TSAID_WRONG };
enum trace_said trace_words(const struct str *w, int n, bool dry, const void *owner, struct sbuf *out);
struct trace_switch *trace_find(struct str name);
void trace_list_sources(struct sbuf *out);

/* --- sinks.c --- */
extern const struct trace_ops trace_sinks;
/* False: there is none of that name; "none" is there and NULL. */
bool trace_sink_find(struct str name, const void *owner, void **sink);
const char *trace_sink_name(const void *sink);
void trace_list_sinks(struct sbuf *out, const void *now);

#endif
