/* Rules run in a fixed order, whatever the order of the lines: HAProxy remarks on lines that suggest another one. */
#include "model.h"

static const struct { enum rule_rank rank; size_t list; const char *text; } order[] = {
	{ RANK_TCP_SESS, offsetof(struct proxy, tcp_sess), "a 'tcp-request session' rule" },
	{ RANK_TCP_REQ, offsetof(struct proxy, tcp_req), "a 'tcp-request content' rule" },
	{ RANK_MONITOR, offsetof(struct proxy, monitor_fail), "a 'monitor fail' rule" },
	{ RANK_HTTP_REQ, offsetof(struct proxy, http_req), "an 'http-request' rule" },
	{ RANK_REDIRECT, offsetof(struct proxy, redirects), "a 'redirect' rule" },
	{ RANK_USE_BACKEND, offsetof(struct proxy, switching), "a 'use_backend' rule" },
	{ RANK_USE_SERVER, offsetof(struct proxy, server_rules), "a 'use-server' rule" },
};

void warn_misplaced(struct kw_call *k, enum rule_rank rank, const char *what)
{
	const struct proxy *p = kw_proxy(k);

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (order[i].rank <= rank || list_empty((const struct list *)((const char *)p + order[i].list)))
			continue;
		kw_warn(k, 0, "a '%s' rule placed after %s will still be processed before.", what, order[i].text);
		return;
	}
}
