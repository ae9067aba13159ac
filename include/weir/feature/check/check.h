/* Health checks: `server ... check`, the options and lines that say how, healthcheck sections. A check runs on one
 * thread, which is that of its number modulo the threads; it changes its server through the doors of live/live.h. */
#ifndef WEIR_FEATURE_CHECK_CHECK_H
#define WEIR_FEATURE_CHECK_CHECK_H

#include "weir/loop/trace.h"
#include "weir/conf/load.h"
#include "weir/ctl/counter.h"
#include "weir/live/live.h"
#include "weir/live/srv_field.h"

#define CHECK_KWS 13
extern const struct kw check_kws[CHECK_KWS];		/* obj: struct proxy */
extern const struct cnt_row check_columns[], agent_columns[];	/* columns of show stat */
/* Fields of set server; ended by name == NULL. */
extern const struct srv_field_row check_fields[], agent_fields[];
#define CHECK_SECTIONS 1
extern const struct section_row check_sections[CHECK_SECTIONS];	/* healthcheck */
/* Completes what lines about checks said; for struct conf_registry. */
bool check_settle(struct loader *ld, void *conf);
bool check_settle_server(struct loader *ld, void *line);
/* Columns of show servers state. */
void check_view(const struct srv *s, struct srv_view *v);

/* Gives a check to every server whose line wants one; boot thread, after live_adopt. */
void check_adopt(void);
/* Servers that come and go while running. */
extern const struct srv_user check_srv_user;
/* Exchanges saw too many errors of a server with `observe`: for struct live. Any thread. */
void check_too_many_errors(struct srv *s, const char *text);
/* Starts and ends those of the calling thread. */
void check_join(int thread, int nthreads);
void check_leave(int thread);

/* What traces can be told about checks. */
#define CHECK_TRACES 1
extern const struct trace_row check_traces[CHECK_TRACES];

#endif
