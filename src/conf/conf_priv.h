/* Shared by the files of the conf floor only. */
#ifndef CONF_PRIV_H
#define CONF_PRIV_H

#include "weir/conf/load.h"

struct later {
	struct list link;
	bool (*check)(struct loader *ld, void *arg);
	void *arg;
};

/* A line of a section: finds the row and runs it. */
bool kw_dispatch(struct kw_call *k);
/* A mistake at a word, said without a blank before the colon as HAProxy does for some. */
bool kw_err_tight(struct kw_call *k, int word, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A line that begins with a dot. False: mistake (reported). */
bool directive(struct loader *ld, struct kw_call *k);
/* May lines be read now (no enclosing .if says no)? */
bool conds_open(const struct loader *ld);
/* At the end of a file. */
void conds_end(struct loader *ld);

#endif
