/* `timeout` lines, and the old words for them. */
#include "model.h"
#include "rows.h"
#include "weir/model/sections.h"

#include <stddef.h>

#include "weir/base/num.h"

#define NAMES                                                                                                        \
	"'client', 'server', 'connect', 'check', 'queue', 'http-keep-alive', 'http-request', 'tunnel', 'tarpit', "   \
	"'client-fin' and 'server-fin'"

/* A value that this section said before is overwritten with a warning; an inherited one is not, nor any in a defaults
 * section. */
static bool parse_timeout(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	unsigned *value = (unsigned *)((char *)p + k->kw->offset), inherited = 0, ms;

	if (p->defaults)
		inherited = *(unsigned *)((char *)p->defaults + k->kw->offset);
	if (!kw_time(k, "an integer value (in milliseconds)", &ms))
		return false;
	if (kw_more(k))
		return kw_err(k, k->at, "'%s' : unexpected extra argument '" STR_FMT "' after value '" STR_FMT "'.",
		              k->kw->name, STR_ARG(k->w[k->at]), STR_ARG(k->w[k->at - 1]));
	if (*value != inherited && k->scope != KW_DEFAULTS)
		kw_warn(k, 0, "overwriting '%s' which was already specified", k->kw->name);
	*value = ms;
	return true;
}

static bool parse_unknown(struct kw_call *k)
{
	struct str word = kw_peek(k);
	const char *near;

	if (model_misplaced(k))
		return true;
	near = kw_near(word, k->scope, "timeout ");
	if (near)
		kw_hint(k, "'%s' ?", near);
	k->at = MIN(k->at + 1, k->n);
	return kw_err(k, k->at - 1, "'timeout' supports " NAMES " (got '" STR_FMT "')", STR_ARG(word));
}

#define TIMEOUT(word, scope, field, text) \
	{ "timeout " word, scope, .type = KT_PARSE, .offset = offsetof(struct proxy, field), .parse = parse_timeout, \
	  .args = "<time>", .help = text }
const struct kw model_timeouts[MODEL_TIMEOUTS] = {
	{ "timeout", KW_ANYPROXY, .type = KT_PARSE, .parse = parse_unknown, .flags = KW_F_HIDDEN,
	  .help = "one of the timeouts" },
	TIMEOUT("client", KW_FE, t_client, "how long a client may be silent"),
	TIMEOUT("client-fin", KW_FE, t_client_fin, "the same once one side has ended"),
	TIMEOUT("client-hs", KW_FE, t_client_hs, "how long a TLS handshake may take"),
	TIMEOUT("http-request", KW_ANYPROXY, t_http_request, "how long a whole request head may take"),
	TIMEOUT("http-keep-alive", KW_ANYPROXY, t_keepalive, "how long a connection waits for the next request"),
	TIMEOUT("connect", KW_BE | KW_RING, t_connect, "how long connecting to a server may take"),
	TIMEOUT("server", KW_BE | KW_RING, t_server, "how long a server may be silent"),
	TIMEOUT("server-fin", KW_BE, t_server_fin, "the same once one side has ended"),
	TIMEOUT("queue", KW_BE, t_queue, "how long a request waits for a server (default: timeout connect)"),
	TIMEOUT("tunnel", KW_BE, t_tunnel, "how long both sides of a tunnel may be silent"),
	TIMEOUT("tarpit", KW_ANYPROXY, t_tarpit, "how long a tarpitted request is held (default: timeout connect)"),
	TIMEOUT("check", KW_BE, t_check, "how long a health check may take once connected"),
	{ "clitimeout", KW_ANYPROXY, .type = KT_REFUSED,
	  .help = "the 'clitimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout client'." },
	{ "srvtimeout", KW_ANYPROXY, .type = KT_REFUSED,
	  .help = "the 'srvtimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout server'." },
	{ "contimeout", KW_ANYPROXY, .type = KT_REFUSED,
	  .help = "the 'contimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout connect'." },
	{ "timeout clitimeout", KW_ANYPROXY, .flags = KW_F_HIDDEN, .type = KT_REFUSED,
	  .help = "the 'clitimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout client'." },
	{ "timeout srvtimeout", KW_ANYPROXY, .flags = KW_F_HIDDEN, .type = KT_REFUSED,
	  .help = "the 'srvtimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout server'." },
	{ "timeout contimeout", KW_ANYPROXY, .flags = KW_F_HIDDEN, .type = KT_REFUSED,
	  .help = "the 'contimeout' directive is not supported anymore since HAProxy 2.1. Use 'timeout connect'." },
};
