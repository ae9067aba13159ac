/* `option` lines. Those that are one bit are rows of KT_BITS; the others have a function each. */
#include "model.h"
#include "rows.h"
#include "weir/model/sections.h"

#include <stddef.h>

#define AT(field) offsetof(struct proxy, field)
#define BIT(word, scope, bit, text) \
	{ "option " word, scope, .type = KT_BITS, .offset = AT(options), .min = (int64_t)(unsigned)(bit), \
	  .max = AT(no_options), .flags = KW_F_NO, .help = text }
#define BIT2(word, scope, bit, text) \
	{ "option " word, scope, .type = KT_BITS, .offset = AT(options2), .min = (int64_t)(unsigned)(bit), \
	  .max = AT(no_options2), .flags = KW_F_NO, .help = text }
#define HTTP_BIT(word, scope, bit, text) \
	{ "option " word, scope, .type = KT_BITS, .offset = AT(options), .min = (int64_t)(unsigned)(bit), \
	  .max = AT(no_options), .flags = KW_F_NO, .help = text, .priv = 1 }
#define HTTP_BIT2(word, scope, bit, text) \
	{ "option " word, scope, .type = KT_BITS, .offset = AT(options2), .min = (int64_t)(unsigned)(bit), \
	  .max = AT(no_options2), .flags = KW_F_NO, .help = text, .priv = 1 }

/* Rows with priv 1 mean nothing without mode http: the check at the end warns. */
const struct kw model_option_bits[MODEL_OPTION_BITS] = {
	BIT("abortonclose", KW_BE, PO_ABORTONCLOSE, "give up queued and connecting requests of clients that left"),
	HTTP_BIT("accept-unsafe-violations-in-http-request", KW_FE, PO_ACCEPT_UNSAFE_REQ,
		 "let some malformed requests pass"),
	HTTP_BIT("accept-unsafe-violations-in-http-response", KW_BE, PO_ACCEPT_UNSAFE_RES,
		 "let some malformed answers pass"),
	HTTP_BIT("accept-invalid-http-request", KW_FE, PO_ACCEPT_UNSAFE_REQ,
		 "old name of accept-unsafe-violations-in-http-request"),
	HTTP_BIT("accept-invalid-http-response", KW_BE, PO_ACCEPT_UNSAFE_RES,
		 "old name of accept-unsafe-violations-in-http-response"),
	BIT("allbackups", KW_BE, PO_ALLBACKUPS, "balance over all backup servers, not only the first"),
	HTTP_BIT("checkcache", KW_BE, PO_CHECKCACHE, "refuse answers that would let caches store cookies"),
	BIT("clitcpka", KW_FE, PO_CLITCPKA, "TCP keep-alive probes towards clients"),
	BIT2("contstats", KW_FE, PO2_CONTSTATS, "counters of bytes move while data passes"),
	HTTP_BIT2("disable-h2-upgrade", KW_FE, PO2_NO_H2_UPGRADE, "no HTTP/2 on a connection that began as HTTP/1"),
	BIT("dontlog-normal", KW_FE, PO_DONTLOG_NORMAL, "log errors and retries only"),
	BIT("dontlognull", KW_FE, PO_DONTLOGNULL, "do not log connections without data"),
	BIT2("h1-case-adjust-bogus-client", KW_FE, PO2_H1_ADJ_CLI,
	     "write field names to clients as h1-case-adjust says"),
	BIT2("h1-case-adjust-bogus-server", KW_BE, PO2_H1_ADJ_SRV,
	     "write field names to servers as h1-case-adjust says"),
	HTTP_BIT("http-buffer-request", KW_ANYPROXY, PO_BUFFER_REQUEST, "wait for the body before routing"),
	HTTP_BIT2("http-drop-request-trailers", KW_BE, PO2_DROP_TRAILERS_REQ, "drop the trailers of requests"),
	HTTP_BIT2("http-drop-response-trailers", KW_FE, PO2_DROP_TRAILERS_RES, "drop the trailers of answers"),
	HTTP_BIT("http-ignore-probes", KW_FE, PO_IGNORE_PROBES,
		 "no 408 and no log line for connections without request"),
	HTTP_BIT("http-no-delay", KW_ANYPROXY, PO_NO_DELAY, "forward every piece at once, as is always done"),
	HTTP_BIT2("http-pretend-keepalive", KW_BE, PO2_PRETEND_KA, "do not tell the server that it will be closed"),
	HTTP_BIT2("http-use-proxy-header", KW_FE, PO2_USE_PROXY_HDR,
		  "clients that use us as a proxy prove who they are in Proxy-Authorization"),
	HTTP_BIT2("idle-close-on-response", KW_FE, PO2_IDLE_CLOSE,
		  "on soft stop close idle connections after an answer"),
	BIT2("independent-streams", KW_ANYPROXY, PO2_INDEPENDENT,
	     "bytes sent to a side do not prolong how long it may be silent"),
	BIT("log-health-checks", KW_BE, PO_LOG_HEALTH, "log each change of a check's result"),
	BIT("log-separate-errors", KW_FE, PO_LOG_SEPARATE_ERRORS, "log errors at level err"),
	BIT("logasap", KW_FE, PO_LOGASAP, "log before the end of the exchange"),
	BIT("nolinger", KW_ANYPROXY, PO_NOLINGER, "close with RST at once"),
	BIT("persist", KW_BE, PO_PERSIST, "follow cookies to servers that are down"),
	HTTP_BIT("prefer-last-server", KW_BE, PO_PREFER_LAST, "send later requests of a client to the same server"),
	BIT("socket-stats", KW_FE, PO_SOCKET_STATS, "count each bind address by itself"),
	BIT("splice-auto", KW_ANYPROXY, PO_SPLICE_AUTO, "let the kernel move data where it pays"),
	BIT("splice-request", KW_ANYPROXY, PO_SPLICE_REQ, "let the kernel move data of requests"),
	BIT("splice-response", KW_ANYPROXY, PO_SPLICE_RES, "let the kernel move data of answers"),
	BIT("srvtcpka", KW_BE, PO_SRVTCPKA, "TCP keep-alive probes towards servers"),
	BIT("tcp-smart-accept", KW_FE, PO_SMART_ACCEPT, "acknowledge together with the answer"),
	BIT("tcp-smart-connect", KW_BE, PO_SMART_CONNECT, "acknowledge together with the request"),
	BIT("tcpka", KW_ANYPROXY, PO_CLITCPKA | PO_SRVTCPKA, "TCP keep-alive probes on both sides"),
	BIT("transparent", KW_BE, PO_TRANSPARENT, "requests that no cookie binds go where their client wanted to go"),
};

/* Which of the three ways to treat connections: the last said counts. */
static bool parse_close_mode(struct kw_call *k)
{
	const unsigned all = PO_HTTP_CLOSE | PO_SERVER_CLOSE | PO_KEEP_ALIVE;
	struct proxy *p = kw_proxy(k);
	unsigned bit = (unsigned)k->kw->priv;

	if (k->no) {
		p->options &= ~bit;
		p->no_options |= bit;
	} else if (k->dflt) {
		p->options &= ~bit;
		p->no_options &= ~bit;
	} else {
		p->options = (p->options & ~all) | bit;
		p->no_options &= ~bit;
	}
	return true;
}

#define FMT_TCP "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq"
#define FMT_TCP_CLF                                                                                                  \
	"%{+Q}o %{-Q}ci - - [%T] \"TCP \" 000 %B \"\" \"\" %cp %ms %ft %b %s %Th %Tw %Tc %Tt %U %ts-- %ac "          \
	"%fc %bc %sc %rc %sq %bq \"\" \"\" "
#define FMT_HTTP                                                                                                     \
	"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs "       \
	"%{+Q}r"
#define FMT_HTTPS FMT_HTTP " %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] " \
	"%[ssl_fc_sni]/%sslv/%sslc"
#define FMT_HTTP_CLF                                                                                                 \
	"%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc "          \
	"%bc %sc %rc %sq %bq %CC %CS %hrl %hsl"

struct str model_log_format(enum log_kind kind)
{
	static const struct str text[] = {
		[LOGK_NONE] = STR_INIT(""), [LOGK_CUSTOM] = STR_INIT(""), [LOGK_TCP] = STR_INIT(FMT_TCP),
		[LOGK_TCP_CLF] = STR_INIT(FMT_TCP_CLF), [LOGK_HTTP] = STR_INIT(FMT_HTTP),
		[LOGK_HTTP_CLF] = STR_INIT(FMT_HTTP_CLF), [LOGK_HTTPS] = STR_INIT(FMT_HTTPS),
	};

	return text[kind];
}

static const char *log_kind_name(enum log_kind kind)
{
	static const char *const names[] = {
		[LOGK_NONE] = "",
		[LOGK_CUSTOM] = "log-format",
		[LOGK_TCP] = "option tcplog",
		[LOGK_TCP_CLF] = "option tcplog clf",
		[LOGK_HTTP] = "option httplog",
		[LOGK_HTTP_CLF] = "option httplog clf",
		[LOGK_HTTPS] = "option httpslog",
	};

	return names[kind];
}

bool set_log_format(struct kw_call *k, enum log_kind kind, struct str text)
{
	struct proxy *p = kw_proxy(k);

	if (k->scope == KW_BACKEND) {
		kw_warn(k, 0, "backend '" STR_FMT "' : '%s' directive is ignored in backends.", STR_ARG(p->name),
			k->kw->name);
		k->at = k->n;
		return true;
	}
	if (k->scope == KW_DEFAULTS && p->log_kind != LOGK_NONE)
		kw_warn(k, 0, "'%s' overrides previous '%s' in 'defaults' section.", log_kind_name(kind),
		        log_kind_name(p->log_kind));
	p->log_kind = kind;
	p->log_text = (struct fmt_text){ .text = text, .file = k->file, .line = k->line };
	return true;
}

static bool parse_log_option(struct kw_call *k)
{
	enum log_kind kind = (enum log_kind)k->kw->priv;

	if (kw_take_if(k, "clf")) {
		if (kind != LOGK_HTTPS)
			kind = kind == LOGK_HTTP ? LOGK_HTTP_CLF : LOGK_TCP_CLF;
		if (kw_more(k))
			return kw_err(k, k->at, "'%s' cannot handle unexpected argument '" STR_FMT "'.", k->kw->name,
				      STR_ARG(kw_peek(k)));
	}
	if (kw_more(k))
		return kw_err(k, k->at, "keyword '%s' only supports option 'clf'.", k->kw->name + 7);
	return set_log_format(k, kind, model_log_format(kind));
}

static bool parse_redispatch(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	int64_t n = -1;

	p->options &= ~(unsigned)PO_REDISPATCH;
	p->no_options &= ~(unsigned)PO_REDISPATCH;
	if (k->no)
		p->no_options |= PO_REDISPATCH;
	if (k->no || k->dflt)
		return true;
	if (kw_more(k) && !kw_uint(k, "an integer", INT32_MIN, INT32_MAX, &n))
		return false;
	p->options |= PO_REDISPATCH;
	p->redispatch_after = (int)n;
	return true;
}

static bool forwarded_except(struct kw_call *k, struct fwd_opt *f)
{
	struct addr_net net;
	struct str text = kw_peek(k);

	if (!text.n || !addr_net_parse(&net, text))
		return kw_err(k, k->at, "'%s except' expects <address>[/mask] as argument.", k->kw->name);
	k->at++;
	if (net.family == AF_INET6) {
		f->except6 = net;
		f->has_except6 = true;
	} else {
		f->except4 = net;
		f->has_except4 = true;
	}
	return true;
}

struct str kw_field_name(struct kw_call *k, struct str name)
{
	char *p = arena_strz(k->mem, name.p);

	str_lower(p, name.n);
	return str_make(p, name.n);
}

/* forwardfor [except <net>] [header <name>] [if-none]; originalto the same without if-none. */
static bool parse_forward(struct kw_call *k)
{
	struct proxy *p = kw_proxy(k);
	bool orig = k->kw->priv;
	struct fwd_opt *f = orig ? &p->orig : &p->fwd;

	*f = (struct fwd_opt){ .header = orig ? STR("x-original-to") : STR("x-forwarded-for") };
	p->options |= orig ? PO_ORIGINALTO : PO_FORWARDFOR;
	while (kw_more(k)) {
		if (kw_take_if(k, "except")) {
			if (!forwarded_except(k, f))
				return false;
		} else if (kw_take_if(k, "header")) {
			if (!kw_peek(k).n)
				return kw_err(k, k->at, "'%s header' expects <header_name> as argument.", k->kw->name);
			f->header = kw_field_name(k, k->w[k->at++]);
		} else if (!orig && kw_take_if(k, "if-none")) {
			f->if_none = true;
		} else {
			return kw_err(k, k->at, "'%s' only supports optional values: %s.", k->kw->name,
			              orig ? "'except' and 'header'" : "'except', 'header' and 'if-none'");
		}
	}
	return true;
}

static bool parse_restrict_names(struct kw_call *k)
{
	static const char *const words[] = { "preserve", "reject", "delete", NULL };
	struct proxy *p = kw_proxy(k);
	int i;

	if (!kw_more(k))
		return kw_err(k, k->at,
			      "missing parameter. option '%s' expects 'preserve', 'reject' or 'delete' option.",
			      k->kw->name + 7);
	i = kw_choice(kw_peek(k), words);
	if (i < 0)
		return kw_err(k, k->at,
			      "invalid parameter '" STR_FMT "'. option '%s' expects 'preserve', 'reject' or 'delete' "
			      "option.",
			      STR_ARG(kw_peek(k)), k->kw->name + 7);
	k->at++;
	p->restrict_names = (uint8_t)(RN_PRESERVE + i);
	return true;
}

/* "option" alone, or with a name that no row has. */
static bool parse_unknown(struct kw_call *k)
{
	struct str word = kw_peek(k);
	const char *near;

	if (!word.n)
		return kw_err(k, k->at, "'option' expects an option name.");
	if (model_misplaced(k))
		return true;
	near = kw_near(word, k->scope, "option ");
	if (near)
		kw_hint(k, "'%s' ?", near);
	if (k->no || k->dflt)
		return kw_err(k, k->at, "negation/default is not supported for option '" STR_FMT "'.", STR_ARG(word));
	if (near) {
		return kw_err(k, k->at, "unknown option '" STR_FMT "'; did you mean '%s' maybe ?", STR_ARG(word), near);
	}
	return kw_err(k, k->at, "unknown option '" STR_FMT "'.", STR_ARG(word));
}

#define OPT(word, scope, fn, ...) { "option " word, scope, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
#define GONE(word, sentence) { "option " word, KW_ANYPROXY, .type = KT_REFUSED, .help = sentence }
const struct kw model_options[MODEL_OPTIONS] = {
	{ "option", KW_ANYPROXY, .type = KT_PARSE, .parse = parse_unknown,
	  .flags = KW_F_NO | KW_F_DEFAULT | KW_F_HIDDEN, .help = "one of the options" },
	OPT("httpclose", KW_ANYPROXY, parse_close_mode, .flags = KW_F_NO, .priv = PO_HTTP_CLOSE,
	    .help = "close both sides after each exchange"),
	OPT("http-server-close", KW_ANYPROXY, parse_close_mode, .flags = KW_F_NO, .priv = PO_SERVER_CLOSE,
	    .help = "close the server's side after each exchange"),
	OPT("http-keep-alive", KW_ANYPROXY, parse_close_mode, .flags = KW_F_NO, .priv = PO_KEEP_ALIVE,
	    .help = "keep both sides open (the default)"),
	OPT("httplog", KW_ANYPROXY, parse_log_option, .args = "[clf]", .priv = LOGK_HTTP,
	    .help = "log HTTP exchanges"),
	OPT("httpslog", KW_ANYPROXY, parse_log_option, .priv = LOGK_HTTPS, .help = "as httplog, with TLS details"),
	OPT("tcplog", KW_ANYPROXY, parse_log_option, .args = "[clf]", .priv = LOGK_TCP, .help = "log TCP sessions"),
	OPT("redispatch", KW_BE, parse_redispatch, .flags = KW_F_NO, .args = "[<interval>]",
	    .help = "retry on another server when one cannot be reached"),
	OPT("forwardfor", KW_ANYPROXY, parse_forward, .args = "[except <network>] [header <name>] [if-none]",
	    .help = "tell servers the client's address"),
	OPT("originalto", KW_ANYPROXY, parse_forward, .args = "[except <network>] [header <name>]", .priv = 1,
	    .help = "tell servers the client's destination address"),
	OPT("http-restrict-req-hdr-names", KW_ANYPROXY, parse_restrict_names, .args = "preserve | reject | delete",
	    .help = "what to do with field names beyond letters, digits and dashes"),
	GONE("forceclose", "option 'forceclose' is not supported any more since HAProxy 2.0, please just remove it, "
			   "or use "
			   "'option httpclose' if absolutely needed."),
	GONE("http-tunnel", "option 'http-tunnel' is not supported any more since HAProxy 2.1, please just remove "
			    "it, it "
			    "shouldn't be needed."),
	GONE("http_proxy", "option 'http_proxy' is not supported any more since HAProxy 2.5. This option stopped "
			   "working in "
			   "HAProxy 1.9 and usually had nasty side effects. It can be more reliably implemented with "
			   "combinations of "
			   "'http-request set-dst' and 'http-request set-uri', and even 'http-request do-resolve' if "
			   "DNS resolution is "
			   "desired."),
	GONE("http-use-htx", "option 'http-use-htx' is not supported any more since HAProxy 2.1, please just remove "
			     "it, it "
			     "shouldn't be needed."),
};

void warn_http_options(struct proxy *p, struct diag *d)
{
	for (size_t i = 0; i < MODEL_OPTION_BITS; i++) {
		const struct kw *row = &model_option_bits[i];
		const unsigned *bits = (const unsigned *)((const char *)p + row->offset);
		uint32_t side = (p->caps & PR_FE ? KW_FRONTEND : 0) | (p->caps & PR_BE ? KW_BACKEND : 0);

		if (row->priv && row->scopes & side && *bits & (unsigned)row->min)
			diag_say(d, DIAG_WARNING, "'%s' ignored for %s '" STR_FMT "' as it requires HTTP mode.",
				 row->name, proxy_kind(p), STR_ARG(p->name));
	}
}
