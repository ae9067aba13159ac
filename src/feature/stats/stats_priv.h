/* What the commands and the page share. */
#ifndef WEIR_STATS_PRIV_H
#define WEIR_STATS_PRIV_H

#include "weir/base/obj.h"
#include "weir/ctl/ctl.h"
#include "weir/expr/rule.h"
#include "weir/live/stats.h"

#define STATS_PIECE (16 * 1024)		/* bytes written before a dump pauses */

enum stats_flag {
	STATS_TYPED = 1, STATS_JSON = 2, STATS_DESC = 4, STATS_FLOAT = 8, STATS_UP = 16, STATS_NO_MAINT = 32,
	STATS_DETAIL = 64,		/* addresses, cookies, algorithms too */
};

/* A dump of show stat in progress: CSV, typed or JSON. Set flags and it.types, it.iid, it.sid before the first call. */
struct stats_dump {
	struct stat_iter it;
	unsigned flags;			/* enum stats_flag */
	bool none;			/* the filter excludes everything */
	bool begun, any;
	/* Which proxies; NULL: all. */
	bool (*wanted)(const struct px_live *p, void *arg);
	void *wanted_arg;
};
/* Writes until about `piece` bytes were added. True: finished. */
bool stats_dump(struct stats_dump *d, struct sbuf *out, size_t piece);

/* ---- the `stats` lines of a proxy ---- */
struct stats_user { struct stats_user *next; struct str text; /* user:password */ };
struct stats_scope { struct stats_scope *next; struct str name; /* "." is the proxy itself */ };
struct stats_admin { struct stats_admin *next; struct cond *cond; /* NULL: always */ };
struct stats_words {
	const struct proxy *owner;	/* the section that wrote them: another one begins anew */
	struct str uri;			/* prefix of the target */
	struct str realm;
	struct stats_user *users;
	struct stats_scope *scopes;	/* none: every proxy */
	struct stats_admin *admin;
	struct list rules;		/* struct rule: stats http-request */
	unsigned refresh;		/* s, 0: never */
	bool realm_said, hide_version, legends, show_node, show_desc;
	struct str node, desc;
};

/* Does what a POST to the page asks for; body is changed. Returns what `st=` will say: DONE, PART, NONE, ERRP, EXCD. */
const char *stats_change(struct str body);

void stats_info(struct sbuf *out, unsigned flags, struct arena *mem);
extern const char stats_schema[];
enum ctl_result stats_dump_file(struct ctl_req *r);

#endif
