/* What can be asked at run time: commands of the runtime API and counters, as rows. The server of commands is
 * feature/cli; this floor only has the shapes and the writers. */
#ifndef WEIR_CTL_CTL_H
#define WEIR_CTL_CTL_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/sbuf.h"
#include "weir/base/str.h"

enum ctl_level { CTL_USER = 1, CTL_OPERATOR = 2, CTL_ADMIN = 3 };
enum ctl_severity { CTL_INFO = 0, CTL_NOTICE = 1, CTL_WARNING = 2, CTL_ERROR = 3 };	/* [n]: prefixes are syslog levels 6,5,4,3 */

struct ctl_req {
	const struct str *w;		/* words of the command, all of them (w[0] is the first word of the name) */
	int n;
	int at;				/* first word behind the command's name */
	struct str payload;		/* after << */
	enum ctl_level level;
	bool expert, experimental;
	struct sbuf *out;		/* growing buffer: what is printed here is sent, in order, with push-back */
	struct arena *mem;		/* of this command */
	void *state;			/* the command's own between calls (CTL_MORE), from mem; NULL on the first */
	int severity;			/* set by ctl_fail */
	void *conn;			/* the CLI connection (opaque), for commands that change its settings */
	uint64_t wait_ms;		/* CTL_WAIT: call again after so many ms */
};
enum ctl_result {
	CTL_DONE,	/* finished */
	CTL_MORE,	/* a part was written; call again when it was sent (bounded answers) */
	CTL_WAIT,	/* call again after wait_ms */
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
enum { CTL_F_PAYLOAD = 1, CTL_F_EXPERT = 2, CTL_F_EXPERIMENTAL = 4, CTL_F_HIDDEN = 8, CTL_F_MASTER = 16 };
struct ctl_table { const struct ctl_row *rows; size_t n; };

/* An error or notice line (severity prefix is added by the server when asked for); returns CTL_DONE. */
enum ctl_result ctl_fail(struct ctl_req *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum ctl_result ctl_say(struct ctl_req *r, enum ctl_severity s, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool ctl_need(struct ctl_req *r, enum ctl_level level);	/* false: "Permission denied" was written */

/* Counters: one row a field, for show info / show stat / Prometheus. */
enum cnt_type { CNT_U32, CNT_U64, CNT_S32, CNT_STR, CNT_FLT, CNT_EMPTY };
enum cnt_nature { CN_COUNTER, CN_GAUGE, CN_LIMIT, CN_MAX, CN_RATE, CN_AGE, CN_CONFIG, CN_ID, CN_TIME, CN_DURATION, CN_AVG, CN_OUTPUT };
struct cnt_val { uint8_t type; union { uint64_t u; int64_t i; double f; struct str s; }; };
struct cnt_row {
	const char *name;		/* "scur" */
	uint8_t nature;			/* enum cnt_nature: typed output, metric type */
	const char *help;
	const char *metric;		/* Prometheus name without prefix, or NULL */
	/* obj by kind: 'f','b','s','l' (frontend, backend, server, listener), 'i' (process) */
	void (*get)(const void *obj, char kind, struct cnt_val *out, int priv, struct arena *mem);
	int priv;
};

#endif
