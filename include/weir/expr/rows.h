/* The rows of this floor, for boot/builtin.c: fetches, converters, actions, commands, keywords. */
#ifndef WEIR_EXPR_ROWS_H
#define WEIR_EXPR_ROWS_H

#include "weir/conf/kw.h"
#include "weir/ctl/ctl.h"
#include "weir/expr/rule.h"
#include "weir/expr/sample.h"

#define FETCH_INTERN_ROWS 23
extern const struct fetch_row fetch_intern_rows[FETCH_INTERN_ROWS];	/* the process, literals, variables */

/* What the process knows about itself and this floor has to ask for. Set once by boot, before any thread; until then
 * there is one thread, which is not stopping. */
struct expr_process {
	int (*thread)(void);		/* number of the calling thread */
	bool (*stopping)(void);
};
void expr_set_process(const struct expr_process *p);

#endif
