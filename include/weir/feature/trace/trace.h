/* Traces: what is switched on by commands, by a section `traces` and by -dt, and where the lines go. */
#ifndef WEIR_FEATURE_TRACE_H
#define WEIR_FEATURE_TRACE_H

#include "weir/base/sbuf.h"
#include "weir/conf/load.h"
#include "weir/ctl/ctl.h"
#include "weir/loop/trace.h"

#define TRACE_KWS 1
extern const struct kw trace_kws[TRACE_KWS];
#define TRACE_SECTIONS 1
extern const struct section_row trace_sections[TRACE_SECTIONS];
extern const struct ctl_row trace_rows[];	/* trace, show trace */

/* Boot, before anything else: which sources there are. */
struct trace_table { const struct trace_row *rows; size_t n; };
void trace_set_rows(const struct trace_table *tables);	/* ended by rows == NULL */
/* Sinks that the lines of `traces` sections name are there. */
bool trace_settle(struct loader *ld, void *conf);
/* Before threads, when rings are there: does what the sections and the command line say. desc: behind -dt, or NULL.
 * False: *why says what is wrong with desc. */
bool trace_begin(const void *conf, const char *desc, struct sbuf *why);

#endif
