/* Keywords of proxies that both sides share or that are about the clients' side. */
#include "model.h"
#include "rows.h"

#include <stddef.h>
#include <stdlib.h>

#include "weir/base/num.h"
#include "weir/tls/conf_tls.h"

#define AT(field) offsetof(struct proxy, field)

static bool parse_mode(struct kw_call *k)
{
	static const char *const words[] = { "tcp", "http", "log", "spop", NULL };
	struct proxy *p = kw_proxy(k);
	int i = kw_choice(kw_peek(k), words);

	if (str_eq(kw_peek(k), STR("health")))
		return kw_err(k, k->at,
			      "'mode health' doesn't exist anymore. Please use 'http-request return status 200' "
			      "instead.");
	if (i < 0 || (i == MODE_LOG && k->scope != KW_BACKEND && k->scope != KW_DEFAULTS)) {
		kw_hint(k, "http, tcp or log");
		return kw_err(k, k->at, "unknown proxy mode '" STR_FMT "'.", STR_ARG(kw_peek(k)));
	}
	k->at++;
	p->mode = (uint8_t)i;
	return true;
}

/* Unsigned numbers whose wording is "'x' expects an integer argument.", read as atol() does. */
static bool parse_count(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	struct str word = kw_peek(k);
	uint64_t v;

	if (!word.n || !num_u64(word, &v) || v > UINT32_MAX)
		return kw_err(k, k->at, "'%s' expects an integer argument%s.", k->kw->name,
		              k->kw->priv ? " (dispatch counts for one)" : "");
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_rate_limit(struct kw_call *k)
{
	struct str word = kw_peek(k);
	uint64_t v;

	if (!str_eq(word, STR("sessions")))
		return kw_err(k, k->at, "'rate-limit' only supports 'sessions' (got '" STR_FMT "')", STR_ARG(word));
	k->at++;
	if (!kw_more(k))
		return kw_err(k, k->at, "'rate-limit sessions' expects expects an integer value (in sessions/second)");
	if (!num_u64(k->w[k->at], &v) || v > UINT32_MAX)
		return kw_err(k, k->at, "'rate-limit sessions' : unexpected character in integer value '" STR_FMT "'",
		              STR_ARG(k->w[k->at]));
	k->at++;
	kw_proxy(k)->rate_limit = (unsigned)v;
	return true;
}

static bool parse_id(struct kw_call *k)
{
	struct conf *c = kw_conf(k);
	struct proxy *p = kw_proxy(k), *other;
	int64_t v;

	if (!kw_more(k))
		return kw_err(k, k->at, "'id' expects an integer argument.");
	if (!num_i64(k->w[k->at], &v) || v <= 0 || v > INT32_MAX)
		return kw_err(k, k->at, "custom id has to be > 0.");
	other = conf_proxy_by_id(c, (int)v);
	if (other && other != p)
		return kw_err(k, k->at, "%s " STR_FMT " reuses same custom id as %s " STR_FMT " (declared at %s:%d).",
		              proxy_kind(p), STR_ARG(p->name), proxy_kind(other), STR_ARG(other->name), other->file,
		              other->line);
	k->at++;
	p->id = (int)v;
	p->id_said = true;
	return true;
}

static bool parse_description(struct kw_call *k)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "'description' expects a string argument.");
	*(struct str *)((char *)k->obj + k->kw->offset) = kw_rest(k);
	return true;
}

static bool parse_enabled(struct kw_call *k)
{
	kw_proxy(k)->disabled = k->kw->priv;
	return true;
}

static bool parse_default_backend(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'default_backend' expects a backend name.");
	kw_proxy(k)->default_backend_name = k->w[k->at++];
	return true;
}

static bool parse_monitor_uri(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'monitor-uri' expects an URI.");
	kw_proxy(k)->monitor_uri = k->w[k->at++];
	return true;
}

static bool parse_monitor(struct kw_call *k)
{
	struct cond_item *item;
	struct cond *cond;

	if (!kw_take_if(k, "fail"))
		return kw_err(k, k->at, "'monitor' only supports 'fail'.");
	if (!str_eq(kw_peek(k), STR("if")) && !str_eq(kw_peek(k), STR("unless")))
		return kw_err(k, k->at, "'monitor fail' requires either 'if' or 'unless' followed by a condition.");
	if (!take_cond(k, RS_HTTP_REQ, "a 'monitor fail' condition", &cond))
		return false;
	item = arena_new(k->mem, struct cond_item);
	item->cond = cond;
	warn_misplaced(k, RANK_MONITOR, "monitor fail");
	list_push(&kw_proxy(k)->monitor_fail, &item->link);
	return true;
}

/* --- capture --- */

static void add_capture(struct kw_call *k, struct str name, int len, bool request)
{
	struct proxy *p = kw_proxy(k);
	struct capture *c = arena_new(k->mem, struct capture), **head = request ? &p->req_caps : &p->res_caps;

	c->name = arena_str(k->mem, name);	/* compared in lower case */
	str_lower((char *)(uintptr_t)c->name.p, name.n);
	c->len = len;
	c->index = request ? p->n_req_caps++ : p->n_res_caps++;
	c->next = *head;
	*head = c;
}

static bool take_len(struct kw_call *k, int *len)
{
	uint64_t v;

	if (k->n - k->at < 2 || !str_eq(k->w[k->at], STR("len")) || !num_u64(k->w[k->at + 1], &v) || v > 65536)
		return false;
	k->at += 2;
	*len = (int)v;
	return true;
}

static bool capture_cookie(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	struct str name = kw_peek(k);
	int len = 0;

	k->at += name.n != 0;
	if (!name.n || !take_len(k, &len))
		return kw_err(k, k->at, "'capture' expects 'cookie' <cookie_name> 'len' <len>.");
	p->capture_cookie = name;
	p->capture_cookie_len = len;
	return true;
}

static bool parse_capture(struct kw_call *k)
{
	struct str name;
	bool request;
	int len = 0;

	if (kw_take_if(k, "cookie"))
		return capture_cookie(k);
	request = str_eq(kw_peek(k), STR("request"));
	if ((!request && !str_eq(kw_peek(k), STR("response"))) || k->n - k->at < 2 ||
	    !str_eq(k->w[k->at + 1], STR("header")))
		return kw_err(k, k->at, "'capture' expects 'cookie' or 'request header' or 'response header'.");
	k->at += 2;
	name = kw_peek(k);
	k->at += name.n != 0;
	if (!name.n || !take_len(k, &len))
		return kw_err(k, k->at, "'capture %s' expects 'header' <header_name> 'len' <len>.",
		              request ? "request" : "response");
	add_capture(k, name, len, request);
	return true;
}

/* declare capture request|response len <n>: a slot that rules fill. */
static bool parse_declare(struct kw_call *k)
{
	bool request;
	int len = 0;

	if (kw_more(k) && !str_eq(kw_peek(k), STR("capture")))
		return kw_err(k, k->at, "unknown declaration type '" STR_FMT "' (supports 'capture')",
			      STR_ARG(kw_peek(k)));
	if (!kw_take_if(k, "capture"))
		return kw_err(k, k->at,
			      "'declare' needs a second keyword that specify the type of declaration ('capture')");
	request = str_eq(kw_peek(k), STR("request"));
	if (!request && !str_eq(kw_peek(k), STR("response")))
		return kw_err(k, k->at, "'declare capture' requires a direction ('request' or 'response')");
	k->at++;
	if (!take_len(k, &len) || len == 0)
		return kw_err(k, k->at, "'declare capture' requires a capture length ('len')");
	add_capture(k, STR_NONE, len, request);
	return true;
}

/* --- formats --- */

static bool one_text(struct kw_call *k, struct fmt_text *out)
{
	if (!kw_more(k))
		return kw_err(k, k->at, "%s expects an argument.", k->kw->name);
	if (k->n - k->at > 1)
		return kw_err(k, k->at + 1, "%s expects only one argument, don't forget to escape spaces!",
			      k->kw->name);
	*out = (struct fmt_text){ .text = k->w[k->at++], .file = k->file, .line = k->line };
	return true;
}

static bool parse_log_format(struct kw_call *k)
{
	struct fmt_text t;

	return one_text(k, &t) && set_log_format(k, LOGK_CUSTOM, t.text);
}

static bool parse_other_format(struct kw_call *k)
{
	struct fmt_text *to = (struct fmt_text *)((char *)k->obj + k->kw->offset), t;

	if (!one_text(k, &t))
		return false;
	if (k->scope == KW_BACKEND && k->kw->priv)
		kw_warn(k, 0, "backend '" STR_FMT "' : '%s' directive is ignored in backends.",
			STR_ARG(kw_proxy(k)->name), k->kw->name);
	else
		*to = t;
	return true;
}

static bool parse_one_word(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "%s expects an argument.", k->kw->name);
	*(struct str *)((char *)k->obj + k->kw->offset) = k->w[k->at++];
	return true;
}

static bool parse_field_name(struct kw_call *k)
{
	struct str *to = (struct str *)((char *)k->obj + k->kw->offset);

	if (!parse_one_word(k))
		return false;
	*to = kw_field_name(k, *to);
	return true;
}

static bool parse_tcpka(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	struct str word = kw_peek(k);
	const char *bad;
	uint64_t v;

	if (!word.n)
		return kw_err(k, k->at, "'%s' expects an integer value", k->kw->name);
	if (k->kw->priv ? num_time(word, TIME_S, TIME_S, &v, &bad) != NUM_OK : !num_u64(word, &v) || v > INT32_MAX)
		return kw_err(k, k->at, "'%s' : unexpected character '%c' in integer value '" STR_FMT "'", k->kw->name,
		              word.p[0], STR_ARG(word));
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_use_crt(struct kw_call *k)
{
	return tls_parse_use(k, &kw_proxy(k)->tls_uses);
}

#define KW(word, scope, fn, ...) { word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
const struct kw model_frontend[MODEL_FRONTEND] = {
	KW("mode", KW_ANYPROXY, parse_mode, .args = "tcp|http|log",
	   .help = "what the proxy understands of its connections"),
	KW("maxconn", KW_FE, parse_count, .offset = AT(maxconn), .args = "<n>",
	   .help = "connections that a frontend takes"),
	KW("backlog", KW_FE, parse_count, .offset = AT(backlog), .args = "<n>",
	   .help = "connections that the kernel may hold for us"),
	KW("rate-limit", KW_FE, parse_rate_limit, .args = "sessions <n>", .help = "new connections a second"),
	KW("id", KW_PROXY, parse_id, .args = "<n>", .help = "number of the proxy in statistics and state dumps"),
	KW("description", KW_PROXY, parse_description, .offset = AT(description), .args = "<text>",
	   .help = "shown by the statistics"),
	KW("guid", KW_PROXY, guid_parse_proxy, .args = "<name>",
	   .help = "name that stays the same when others change"),
	KW("disabled", KW_ANYPROXY, parse_enabled, .priv = 1, .help = "does not start"),
	KW("enabled", KW_ANYPROXY, parse_enabled, .help = "takes `disabled` of the defaults section back"),
	KW("default_backend", KW_FE, parse_default_backend, .args = "<backend>",
	   .help = "where everything else goes"),
	KW("ssl-f-use", KW_FRONTEND | KW_LISTEN, parse_use_crt, .args = "crt <file> [<option>...]",
	   .help = "a certificate for all TLS bind lines of the frontend, with options as in a crt-list"),
	KW("monitor-uri", KW_FE, parse_monitor_uri, .args = "<uri>",
	   .help = "request that is answered with 200 here"),
	KW("monitor", KW_FRONTEND | KW_LISTEN, parse_monitor, .args = "fail if|unless <condition>",
	   .help = "when monitor-uri answers 503"),
	KW("capture", KW_FRONTEND | KW_LISTEN, parse_capture,
	   .args = "cookie <name> len <n> | request header <name> len <n> | response header <name> len <n>",
	   .help = "what of a message is kept for the log"),
	KW("declare", KW_FRONTEND | KW_LISTEN, parse_declare, .args = "capture request|response len <n>",
	   .flags = KW_F_MUST, .help = "a slot that capture rules may fill"),
	KW("log-format", KW_ANYPROXY, parse_log_format, .args = "<format>", .help = "what a log line says"),
	KW("error-log-format", KW_ANYPROXY, parse_other_format, .offset = AT(error_log_text), .args = "<format>",
	   .priv = 1, .help = "what a line about a failed connection says"),
	KW("log-format-sd", KW_ANYPROXY, parse_other_format, .offset = AT(log_sd_text), .args = "<format>", .priv = 1,
	   .help = "structured data of RFC 5424 log lines"),
	KW("unique-id-format", KW_ANYPROXY, parse_other_format, .offset = AT(unique_id_text), .args = "<format>",
	   .help = "how the unique id of an exchange is made"),
	KW("unique-id-header", KW_ANYPROXY, parse_field_name, .offset = AT(unique_id_header), .args = "<name>",
	   .help = "field that carries the unique id to servers"),
	KW("clitcpka-cnt", KW_FE, parse_tcpka, .offset = AT(clitcpka.cnt), .args = "<n>",
	   .help = "TCP keep-alive probes before a client counts as gone"),
	KW("clitcpka-idle", KW_FE, parse_tcpka, .offset = AT(clitcpka.idle), .args = "<time>", .priv = 1,
	   .help = "silence before the first TCP keep-alive probe"),
	KW("clitcpka-intvl", KW_FE, parse_tcpka, .offset = AT(clitcpka.intvl), .args = "<time>", .priv = 1,
	   .help = "time between TCP keep-alive probes"),
	KW("srvtcpka-cnt", KW_BE, parse_tcpka, .offset = AT(srvtcpka.cnt), .args = "<n>",
	   .help = "TCP keep-alive probes before a server connection counts as dead"),
	KW("srvtcpka-idle", KW_BE, parse_tcpka, .offset = AT(srvtcpka.idle), .args = "<time>", .priv = 1,
	   .help = "silence before the first TCP keep-alive probe"),
	KW("srvtcpka-intvl", KW_BE, parse_tcpka, .offset = AT(srvtcpka.intvl), .args = "<time>", .priv = 1,
	   .help = "time between TCP keep-alive probes"),
	KW("fullconn", KW_BE, parse_count, .offset = AT(fullconn), .args = "<n>",
	   .help = "connections at which minconn has grown to maxconn"),
	KW("retries", KW_BE, parse_count, .offset = AT(retries), .args = "<n>", .priv = 1,
	   .help = "attempts to connect again after a failure"),
};
