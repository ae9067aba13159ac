/* Rules: an ordered list of action + condition. One action = one row; rulesets are bits. */
#ifndef WEIR_EXPR_RULE_H
#define WEIR_EXPR_RULE_H

#include "weir/base/list.h"
#include "weir/expr/compile.h"

enum ruleset {
	RS_TCP_CONN = 1 << 0, RS_TCP_SESS = 1 << 1, RS_TCP_REQ = 1 << 2, RS_TCP_RES = 1 << 3, RS_HTTP_REQ = 1 << 4,
	RS_HTTP_RES = 1 << 5, RS_HTTP_AFTER = 1 << 6, RS_QUIC_INIT = 1 << 7,
	RS_CHECK = 1 << 8,	/* tcp-check and http-check lines */
};

enum act_result {
	ACT_NEXT,	/* go on with the next rule */
	ACT_STOP,	/* end of this ruleset (allow, accept) */
	ACT_WAIT,	/* call again later (the stream parks on this very rule) */
	ACT_DENY,	/* refuse: stream answers as the action left it (status, reply) */
	ACT_DONE,	/* the action answered by itself (return, redirect, service) */
	ACT_CLOSE,	/* end of the connection without an answer (reject) */
	ACT_ERROR,	/* internal error: 500 */
	ACT_INVALID,	/* the message is not acceptable: 400 for a request, 502 for a response */
};

struct rule;
struct action_row {
	const char *name;		/* "set-header", "set-var(*)": names ending in (*) take the text in brackets */
	uint32_t sets;			/* enum ruleset */
	/* Parses words from *at (behind the action's name); leaves *at on if/unless or the end. brackets: text in ().
	 */
	bool (*parse)(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str brackets,
		      struct load_err *err);
	enum act_result (*exec)(const struct rule *r, struct xctx *x);
	bool final;			/* for last_rule and "never reached" */
	const char *args, *help;
	int priv;
	bool experimental;		/* needs expose-experimental-directives */
};

struct rule {
	struct list link;
	const struct action_row *action;
	struct cond *cond;
	const char *file;
	int line;
	uint32_t set;			/* the one ruleset it stands in */
	void *arg;			/* the action's own, in the generation's arena */
	int64_t num;
	struct str text;
	struct logfmt *fmt;
	struct expr *expr;
};

/* What the text of a ruleset is in the configuration: "http-request". */
const char *ruleset_name(uint32_t set);

/* Parses "<action> [args] [if|unless cond]"; w[0] is the action. NULL: err set. */
struct rule *rule_parse(struct xscope *sc, uint32_t set, const struct str *w, int n, struct load_err *err);

/* Runs a list from `*at` (NULL: its beginning): returns ACT_NEXT when all passed; on ACT_WAIT *at is the rule to come
 * back to; on any other end *at is the rule that ended it. */
enum act_result rules_run(const struct list *rules, const struct rule **at, struct xctx *x);

#endif
