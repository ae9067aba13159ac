/* What can be asked at run time: commands of the runtime API, as rows. The server of commands is feature/cli;
 * this floor finds the row, checks who asks, and explains. Counters: ctl/counter.h. */
#ifndef WEIR_CTL_CTL_H
#define WEIR_CTL_CTL_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/sbuf.h"
#include "weir/base/str.h"

enum ctl_level { CTL_USER = 1, CTL_OPERATOR = 2, CTL_ADMIN = 3 };
/* Shown as syslog levels: [6]: [5]: [4]: [3]: */
enum ctl_severity { CTL_INFO = 0, CTL_NOTICE = 1, CTL_WARNING = 2, CTL_ERROR = 3 };
enum ctl_prefix { CTL_PREFIX_NONE, CTL_PREFIX_NUMBER, CTL_PREFIX_STRING };	/* set severity-output */

struct ctl_req {
	const struct str *w;		/* words of the command, all of them (w[0] is the first word of the name) */
	int n;
	int at;				/* first word behind the command's name */
	struct str payload;		/* after << */
	enum ctl_level level;
	bool expert, experimental, master;
	uint8_t prefix;			/* enum ctl_prefix */
	struct sbuf *out;		/* growing buffer: what is printed here is sent, in order, with push-back */
	struct arena *mem;		/* of this command */
	void *state;			/* the command's own between calls (CTL_MORE), from mem; NULL on the first */
	void *kept;			/* a second one, for commands in steps */
	int severity;			/* set by ctl_fail */
	void *conn;			/* the CLI connection (opaque), for commands that change its settings */
	uint64_t wait_ms;		/* CTL_WAIT: call again after so many ms; 0: when ctl_wake is called */
	/* Set by a command that holds something: called when the connection ends before the command did. */
	void (*drop)(struct ctl_req *r);
	void (*wake)(struct ctl_req *r);	/* the server's; see ctl_wake */
};
/* On the connection's thread: a command that returned CTL_WAIT is called again soon. */
static inline void ctl_wake(struct ctl_req *r) { r->wake(r); }

enum ctl_result {
	CTL_DONE,	/* finished */
	CTL_MORE,	/* a part was written; call again when it was sent (bounded answers) */
	CTL_WAIT,	/* call again after wait_ms or ctl_wake */
	CTL_QUIT,	/* finished, and close the connection */
};
typedef enum ctl_result ctl_f(struct ctl_req *r);

struct ctl_row {
	const char *name;		/* "show info": all words */
	enum ctl_level level;
	ctl_f *run;			/* on the CLI connection's thread */
	const char *args;		/* as shown by help */
	const char *help;
	uint8_t flags;			/* CTL_F_* */
	int priv;
};
enum {
	CTL_F_PAYLOAD = 1,		/* takes what follows << */
	CTL_F_EXPERT = 2, CTL_F_EXPERIMENTAL = 4,	/* only in that mode */
	CTL_F_HIDDEN = 8,		/* not listed */
	CTL_F_MASTER = 16,		/* on the master's CLI only */
	CTL_F_BOTH = 32,		/* there too */
};

/* The tables of the product: an array, ended by NULL, of arrays of rows, each ended by name == NULL. Set once
 * by boot before anything is asked. */
void ctl_set_tables(const struct ctl_row *const *tables);
const struct ctl_row *const *ctl_get_tables(void);
/* The row whose name is the longest beginning of the words; *words: how many words the name has. NULL: none.
 * master: rows
 * of the master's CLI are seen too. */
const struct ctl_row *ctl_find(const struct str *w, int n, bool master, int *words);
/* Runs the command r->w / r->n for the first time: finds its row, checks level and mode, calls it; *row is what to call
 * again after CTL_MORE or CTL_WAIT. An unknown command is answered with its nearest matches. */
enum ctl_result ctl_run(struct ctl_req *r, const struct ctl_row **row);
/* `help`, and what is listed when a command is not known: rows that match the words and may be used at r's level. */
void ctl_help(struct ctl_req *r, struct str title, const struct str *w, int n);

/* An error or notice line; the severity prefix is put in front when the connection asked for it, a line feed behind.
 * Return CTL_DONE. */
enum ctl_result ctl_fail(struct ctl_req *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum ctl_result ctl_say(struct ctl_req *r, enum ctl_severity s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool ctl_need(struct ctl_req *r, enum ctl_level level);	/* false: "Permission denied" was written */
const char *ctl_level_name(enum ctl_level level);

#endif
