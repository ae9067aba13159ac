/* Log targets and senders. A line is built once and handed to every target of a proxy; nothing here ever blocks: what
 * a target cannot take at once is dropped and counted. */
#ifndef WEIR_LOG_LOG_H
#define WEIR_LOG_LOG_H

#include <stdint.h>
#include "weir/base/addr.h"
#include "weir/base/list.h"
#include "weir/base/sbuf.h"
#include "weir/base/str.h"
#include "weir/log/profile.h"

enum log_level { LOGL_EMERG, LOGL_ALERT, LOGL_CRIT, LOGL_ERR, LOGL_WARNING, LOGL_NOTICE, LOGL_INFO, LOGL_DEBUG };

/* What a floor above does with lines for `log backend@name`. */
struct log_outlet {
	/* A header and the text behind it, without an end of line, cut to the target's length. Any thread, never
	 * waits. False: the line is lost. */
	bool (*put)(void *arg, struct str head, struct str text);
	void *arg;
};
struct log_target;	/* opaque: one `log` line */
/* The `log` lines of a proxy or of global; embedded by value. */
struct log_list {
	struct list targets;		/* struct log_target, own lines */
	const struct log_list *inherited;	/* the defaults section's, or NULL; its lines come first */
	bool global;			/* `log global` */
	bool none;			/* `no log` stood before the own lines */
	struct str tag;			/* log-tag or empty */
	/* global section only */
	bool is_global;
	bool send_host;			/* log-send-hostname */
	struct str host;		/* its value, or the name of the machine */
};
void log_list_init(struct log_list *l);
/* Makes `to` begin with what `from` says (a proxy and its defaults section, which must live as long). Own lines come
 * behind, `no log` forgets it. */
void log_list_inherit(struct log_list *to, const struct log_list *from);
/* Releases what the lines hold outside the generation's arena: descriptors, sample counters. */
void log_list_fini(struct log_list *l);

/* Sends one line (without header) to every target that wants `level`. global: the global section's list, used where
 * `log global` stands, for the tag and the host name. sd: RFC 5424 structured data or empty. Any thread. */
void log_send(const struct log_list *l, const struct log_list *global, enum log_level level, struct str sd,
	      struct str line);
/* The same for a line about traffic; targets with a profile may want another one. */
struct log_source {
	enum log_step step;
	bool error;			/* what log-separate-errors calls one */
	const struct log_profile *profile;	/* `do-log profile`: instead of that of each target; or NULL */
	/* Writes a line by that format; returns bytes. */
	size_t (*build)(void *arg, const struct logfmt *f, char *mem, size_t n);
	void *arg;
};
void log_send_from(const struct log_list *l, const struct log_list *global, enum log_level level,
		   const struct log_source *src, struct str sd, struct str line);
/* As log_send for a sentence (at most 1 kB): a server's state, a warning. Control characters in it are escaped. */
void log_event(const struct log_list *l, const struct log_list *global, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Is there any target? Without one no line needs to be built. */
bool log_wants(const struct log_list *l, const struct log_list *global);
/* A datagram to that address, from a socket of the calling thread. Never waits; false: it is lost, and not counted. */
struct iovec;
bool log_send_datagram(const struct addr *to, const struct iovec *iov, int n);
void log_count_dropped(void);		/* one line more is lost */
/* Kernel's send buffer of sockets for datagrams that are opened from now on, 0: as the system has it. Any thread. */
void log_send_buffer(unsigned bytes);
uint64_t log_dropped(void);		/* lines lost because a target was slow or gone, all threads */
/* A thread of the loop begins: its datagrams to internet addresses leave together from now on, when its turn ends. */
void log_thread_start(void);
/* Sends what waits and closes the calling thread's sockets: at its end. */
void log_thread_fini(void);

/* Controls, which may not stand in a line as they are, become #XX (two upper-case hexadecimal digits). */
void log_escape(struct sbuf *out, struct str s);

#endif
