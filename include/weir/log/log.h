/* Log targets and senders. A line is built once and handed to every target of a proxy; nothing here ever blocks. */
#ifndef WEIR_LOG_LOG_H
#define WEIR_LOG_LOG_H

#include "weir/base/addr.h"
#include "weir/base/list.h"
#include "weir/base/str.h"

enum log_level { LOGL_EMERG, LOGL_ALERT, LOGL_CRIT, LOGL_ERR, LOGL_WARNING, LOGL_NOTICE, LOGL_INFO, LOGL_DEBUG };

struct log_target;	/* opaque: one `log` line */
/* The `log` lines of a proxy or of global; embedded by value. */
struct log_list {
	struct list targets;		/* struct log_target, own lines */
	bool global;			/* `log global` */
	bool none;			/* `no log` */
	struct str tag;			/* log-tag or empty */
};
void log_list_init(struct log_list *l);
/* Copies what a proxy inherits from defaults. */
void log_list_inherit(struct log_list *to, const struct log_list *from);

/* Sends one line (without header) to every target that wants `level`. global: the global section's list, used where
 * `log global` stands. sd: RFC 5424 structured data or empty. Any thread. */
void log_send(const struct log_list *l, const struct log_list *global, enum log_level level, struct str sd, struct str line);
bool log_wants(const struct log_list *l, const struct log_list *global);
uint64_t log_dropped(void);		/* lines lost because a target was slow or gone, all threads */

#endif
