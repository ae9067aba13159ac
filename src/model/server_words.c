/* Words of server lines that belong to no other floor. */
#include "model.h"
#include "rows.h"

#include "weir/base/num.h"
#include "weir/mux/conf_mux.h"
#include "weir/net/addr_conf.h"

static struct server_line *srv(const struct kw_call *k)
{
	return k->whole;
}

/* Numbers that HAProxy refuses when they are 0. */
static bool parse_positive(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects an integer argument.", k->kw->name);
	if (!num_i64(kw_peek(k), &v) || v < 1 || v > INT32_MAX)
		return kw_err(k, k->at, k->kw->priv ? "%s has to be > 0." : "'%s' has to be > 0.", k->kw->name);
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_number(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects %s.", k->kw->name,
			      k->kw->max == 65535 ? "a port number as argument" : "an integer argument");
	if (!num_i64(kw_peek(k), &v) || v < k->kw->min || v > (k->kw->max ? k->kw->max : UINT32_MAX)) {
		if (k->kw->max)
			return kw_err(k, k->at, "'%s' expects a value between %lld and %lld, got '" STR_FMT "'.",
				      k->kw->name, (long long)k->kw->min, (long long)k->kw->max, STR_ARG(kw_peek(k)));
		return kw_err(k, k->at, "'%s' expects a %s integer, got '" STR_FMT "'.", k->kw->name,
		               k->kw->min > 0 ? "positive" : "non-negative", STR_ARG(kw_peek(k)));
	}
	k->at++;
	*value = (unsigned)v;
	return true;
}

static bool parse_limit(struct kw_call *k)
{
	int *value = (int *)((char *)k->obj + k->kw->offset);
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects <value> as argument.", k->kw->name);
	if (!num_i64(kw_peek(k), &v) || v < -1 || v > INT32_MAX)
		return kw_err(k, k->at, "'%s' must be >= -1.", k->kw->name);
	k->at++;
	*value = (int)v;
	return true;
}

static bool parse_weight(struct kw_call *k)
{
	int64_t v;

	if (!kw_peek(k).n || !num_i64(kw_peek(k), &v))
		return kw_err(k, k->at, "'weight' expects an integer argument.");
	if (v < 0 || v > 256)
		return kw_err(k, k->at, "weight of server " STR_FMT " is not within 0 and 256 (%lld).",
			      STR_ARG(srv(k)->name), (long long)v);
	k->at++;
	srv(k)->weight = (int)v;
	return true;
}

static bool parse_id(struct kw_call *k)
{
	struct proxy *p = k->proxy;
	struct server_line *s;
	int64_t v;

	if (srv(k) == &p->dflt_server) {
		k->within = NULL;
		return kw_err(k, k->at - 1, "'id' option is not accepted in default-server sections.");
	}
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'id' : expects an integer argument.");
	if (!num_i64(kw_peek(k), &v) || v <= 0 || v > INT32_MAX)
		return kw_err(k, k->at, "'id' : custom id has to be > 0.");
	list_each(s, &p->servers, link) if (s->id == v) return kw_err(
		k, k->at, "'id' : custom id %lld already used at %s:%d ('server " STR_FMT "').", (long long)v,
		s->file, s->line, STR_ARG(s->name));
	k->at++;
	srv(k)->id = (int)v;
	srv(k)->flags |= SRV_ID_SAID;
	return true;
}

/* Sets or clears a flag: min the bit, priv 1 clears. */
static bool parse_flag(struct kw_call *k)
{
	if (k->kw->priv)
		srv(k)->flags &= ~(unsigned)k->kw->min;
	else
		srv(k)->flags |= (unsigned)k->kw->min;
	return true;
}

static bool parse_text(struct kw_call *k)
{
	struct str *value = (struct str *)((char *)k->obj + k->kw->offset);

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects %s as argument.", k->kw->name, k->kw->args);
	*value = k->w[k->at++];
	return true;
}

static bool parse_time(struct kw_call *k)
{
	unsigned *value = (unsigned *)((char *)k->obj + k->kw->offset);
	enum time_unit unit = k->kw->priv ? TIME_S : TIME_MS;
	const char *bad = NULL;
	uint64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects a delay as argument.", k->kw->name);
	switch (num_time(kw_peek(k), unit, TIME_MS, &v, &bad)) {
	case NUM_OK:
		break;
	case NUM_BAD:
		return kw_err(k, k->at, "unexpected character '%c' in '%s' argument of server " STR_FMT ".",
			      bad && *bad ? *bad : ' ', k->kw->name, STR_ARG(srv(k)->name));
	default:
		return kw_err(k, k->at,
			      "timer overflow in argument <" STR_FMT "> to <%s> of server " STR_FMT ", maximum value "
												    "is "
			      "2147483647 ms (~24.8 days).",
			      STR_ARG(kw_peek(k)), k->kw->name, STR_ARG(srv(k)->name));
	}
	if (v == 0 && k->kw->min)
		return kw_err(k, k->at, "invalid value 0 for argument '%s' of server " STR_FMT ".", k->kw->name,
		               STR_ARG(srv(k)->name));
	k->at++;
	*value = (unsigned)v;
	return true;
}

static const char *const error_words[] = { "fail-check", "fastinter", "sudden-death", "mark-down", NULL };
static const char *const state_words[] = { "up", "fully-up", "down", "fully-down", NULL };
static const char *const key_words[] = { "id", "addr", "addr-port", "guid", NULL };
static const char *const observe_words[] = { "none", "layer4", "layer7", NULL };
static const char *const marked_down_words[] = { "", "shutdown-sessions", NULL };
static const char *const marked_up_words[] = { "", "shutdown-backup-sessions", NULL };
static const struct { const char *const *words; const char *text; } choices[] = {
	{ error_words, "'fastinter', 'fail-check', 'sudden-death' or 'mark-down'" },
	{ state_words, "'fully-up', 'up', 'down' or 'fully-down'" },
	{ key_words, "'id', 'addr', 'addr-port' or 'guid'" },
	{ observe_words, "'none', 'layer4', 'layer7'" },
	{ marked_down_words, "'shutdown-sessions'" },
	{ marked_up_words, "'shutdown-backup-sessions'" },
};

static bool parse_choice(struct kw_call *k)
{
	uint8_t *value = (uint8_t *)k->obj + k->kw->offset;
	int i;

	i = kw_peek(k).n ? kw_choice(kw_peek(k), choices[k->kw->priv].words) : -1;
	if (i < 0)
		return kw_err(k, k->at, "'%s' expects %s%s but got '" STR_FMT "'.", k->kw->name,
			      choices[k->kw->priv].words[0][0] ? "one of " : "", choices[k->kw->priv].text,
			      STR_ARG(kw_peek(k)));
	k->at++;
	*value = (uint8_t)i;
	return true;
}

/* Small words: min is what goes into the byte. */
static bool parse_byte(struct kw_call *k)
{
	((uint8_t *)k->obj)[k->kw->offset] = (uint8_t)k->kw->min;
	return true;
}

/* addr, agent-addr */
static bool parse_check_addr(struct kw_call *k)
{
	struct addr *to = (struct addr *)((char *)k->obj + k->kw->offset);
	struct addr_fault fault;
	struct addr_conf a;

	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'%s' expects %s as argument.", k->kw->name,
			      k->kw->priv ? "<ipv4|ipv6>" : "an address");
	if (!addr_conf_parse(&a, kw_peek(k), AC_STREAM | AC_LOOK_UP | (k->kw->priv ? AC_PORT : 0), STR_NONE,
			     &fault))
		return kw_err_at(k, k->at, fault.at, "'%s' : %s", k->kw->name, fault.text);
	k->at++;
	*to = a.addr;
	addr_set_port(to, 0);
	if (a.port_low && k->kw->priv)
		srv(k)->check.addr_port = a.port_low;
	return true;
}

static bool parse_check_alpn(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'check-alpn' : missing the comma-delimited ALPN protocol suite.");
	k->at++;
	return mux_alpn_list(k, k->at - 1, &srv(k)->check.alpn);
}

static bool parse_check_proto(struct kw_call *k)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at, "'check-proto' : missing value.");
	srv(k)->check.proto = mux_find(kw_peek(k), MUX_BACK);
	if (!srv(k)->check.proto)
		return kw_err(k, k->at, "'check-proto' :  unknown MUX protocol '" STR_FMT "'.", STR_ARG(kw_peek(k)));
	k->at++;
	return true;
}

#define AT(field) offsetof(struct server_line, field)
static bool parse_log_proto(struct kw_call *k)
{
	static const char *const words[] = { "legacy", "octet-count", NULL };
	int i = kw_choice(kw_peek(k), words);

	if (i < 0)
		return kw_err(k, MIN(k->at, k->n - 1),
			      "'%s' expects one of 'legacy' or 'octet-count' but got '" STR_FMT "'.", k->kw->name,
			      STR_ARG(kw_peek(k)));
	k->at++;
	((struct server_line *)k->obj)->log_proto = (uint8_t)(i ? LOG_PROTO_OCTETS : LOG_PROTO_LEGACY);
	return true;
}

static bool parse_log_bufsize(struct kw_call *k)
{
	const char *bad;
	uint64_t n;

	if (num_size(kw_peek(k), &n, &bad) != NUM_OK || !n || n > INT32_MAX)
		return kw_err(k, MIN(k->at, k->n - 1), "'%s' expects a size between 1 and 2147483647.", k->kw->name);
	k->at++;
	((struct server_line *)k->obj)->log_bufsize = n;
	return true;
}

#define SRV (KW_SERVER | KW_DYNSRV)
#define W(word, fn, ...) { word, SRV, .type = KT_PARSE, .parse = fn, __VA_ARGS__ }
#define FLAG(word, bit, off, text) W(word, parse_flag, .min = bit, .priv = off, .help = text)
#define BYTE(word, field, value, text) W(word, parse_byte, .offset = AT(field), .min = value, .help = text)
#define TIME(word, field, text) W(word, parse_time, .offset = AT(field), .min = 1, .args = "<time>", .help = text)
#define TEXT(word, field, arg, text) W(word, parse_text, .offset = AT(field), .args = arg, .help = text)
#define NUM(word, field, low, high, text) \
	W(word, parse_number, .offset = AT(field), .min = low, .max = high, .args = "<n>", .help = text)
#define NOT_BUILT(word) { word, SRV, .type = KT_NOT_BUILT, .help = "not built in weir" }
#define ONE_OF(word, field, which, arg, text) \
	W(word, parse_choice, .offset = AT(field), .priv = which, .args = arg, .help = text)

const struct kw model_server_words[MODEL_SERVER_WORDS] = {
	W("weight", parse_weight, .args = "<0-256>", .help = "share of the load"),
	NUM("maxconn", maxconn, 0, 0, "exchanges at a time; more wait"),
	NUM("minconn", minconn, 0, 0, "the same while the backend is idle, growing to maxconn"),
	NUM("maxqueue", maxqueue, 0, 0, "exchanges that may wait; more go elsewhere"),
	FLAG("strict-maxconn", SRV_STRICT_MAXCONN, 0, "maxconn limits connections, idle ones too"),
	FLAG("backup", SRV_BACKUP, 0, "used when all others are down"),
	FLAG("no-backup", SRV_BACKUP, 1, "takes `backup` of a default-server line back"),
	FLAG("disabled", SRV_DISABLED, 0, "starts in maintenance"),
	FLAG("enabled", SRV_DISABLED, 1, "takes `disabled` of a default-server line back"),
	FLAG("non-stick", SRV_NON_STICK, 0, "never entered into stick tables"),
	FLAG("stick", SRV_NON_STICK, 1, "takes `non-stick` of a default-server line back"),
	W("id", parse_id, .args = "<n>", .help = "number of the server"),
	TEXT("cookie", cookie, "<value>", "what the backend's cookie says for it"),
	TEXT("redir", redir, "<prefix>", "GET and HEAD requests are redirected there"),
	W("guid", guid_parse_server, .args = "<name>", .help = "name that stays the same when others change"),
	TEXT("track", track, "[<backend>/]<server>", "takes its state from another server"),
	W("slowstart", parse_time, .offset = AT(slowstart), .args = "<time>",
	  .help = "time until a server that came up has its full share"),
	W("pool-max-conn", parse_limit, .offset = AT(pool_max_conn), .args = "<n>",
	  .help = "idle connections kept; -1: no limit"),
	W("pool-low-conn", parse_limit, .offset = AT(pool_low_conn), .args = "<n>",
	  .help = "idle connections kept beyond what the server is estimated to need"),
	W("pool-purge-delay", parse_time, .offset = AT(pool_purge_delay), .args = "<time>",
	  .help = "how often half of the idle connections that are not needed are closed; 0: none is kept"),
	TEXT("pool-conn-name", pool_conn_name, "<expression>", "what tells connections apart that may be shared"),
	W("max-reuse", parse_limit, .offset = AT(max_reuse), .args = "<n>",
	  .help = "times a connection is used again; -1: no limit"),
	ONE_OF("hash-key", hash_key, 2, "id|addr|addr-port|guid", "what places the server on the hash ring"),
	FLAG("check", SRV_CHECK, 0, "health checks"),
	FLAG("no-check", SRV_CHECK, 1, "takes `check` of a default-server line back"),
	TIME("inter", check.inter, "time between two checks"),
	TIME("fastinter", check.fastinter, "the same between UP and DOWN"),
	TIME("downinter", check.downinter, "the same while DOWN"),
	W("rise", parse_positive, .offset = AT(check.rise), .args = "<n>",
	  .help = "good checks in a row that make it UP"),
	W("fall", parse_positive, .offset = AT(check.fall), .args = "<n>",
	  .help = "bad checks in a row that make it DOWN"),
	W("addr", parse_check_addr, .offset = AT(check.addr), .priv = 1, .args = "<address>[:<port>]",
	  .help = "where checks go"),
	NUM("port", check.port, 0, 65535, "port that checks go to"),
	ONE_OF("observe", observe, 3, "none|layer4|layer7", "errors in traffic count as failed checks"),
	W("error-limit", parse_positive, .offset = AT(error_limit), .args = "<n>", .priv = 1,
	  .help = "errors in a row that on-error acts on"),
	ONE_OF("on-error", on_error, 0, "fastinter|fail-check|sudden-death|mark-down", "what observed errors do"),
	ONE_OF("on-marked-down", on_marked_down, 4, "shutdown-sessions", "what becomes of exchanges when it goes down"),
	ONE_OF("on-marked-up", on_marked_up, 5, "shutdown-backup-sessions",
	       "what becomes of exchanges on backup servers when it comes up"),
	ONE_OF("init-state", init_state, 1, "fully-up|up|down|fully-down", "state before the first check"),
	BYTE("check-ssl", check.ssl, CHECK_ON, "checks over TLS"),
	BYTE("no-check-ssl", check.ssl, CHECK_OFF, "checks without TLS"),
	TEXT("check-sni", check.sni, "<name>", "server name that TLS checks tell"),
	BYTE("check-sni-auto", check.sni_auto, CHECK_ON, "TLS checks tell the name of their Host field (the default)"),
	BYTE("no-check-sni-auto", check.sni_auto, CHECK_OFF, "TLS checks tell no name by themselves"),
	W("check-alpn", parse_check_alpn, .args = "<protocols>", .help = "protocols that TLS checks negotiate"),
	W("check-proto", parse_check_proto, .args = "<name>", .help = "protocol of HTTP checks: h1, h2"),
	BYTE("check-send-proxy", check.send_proxy, 1, "checks begin with a PROXY header"),
	BYTE("no-check-send-proxy", check.send_proxy, 0, "checks begin without a PROXY header"),
	BYTE("check-via-socks4", check.via_socks4, 1, "checks go through the SOCKS4 proxy of the server"),
	BYTE("check-reuse-pool", check.reuse_pool, 1, "HTTP checks may use idle connections of the server"),
	BYTE("no-check-reuse-pool", check.reuse_pool, 0, "checks open their own connections"),
	TEXT("check-pool-conn-name", check.pool_conn_name, "<name>", "name of the connections that checks may use"),
	FLAG("agent-check", SRV_AGENT, 0, "a program beside the server says how it is"),
	TEXT("healthcheck", check.healthcheck, "<name>", "section that says how the server is checked"),
	FLAG("no-agent-check", SRV_AGENT, 1, "takes `agent-check` of a default-server line back"),
	TIME("agent-inter", check.agent_inter, "time between two questions"),
	W("agent-addr", parse_check_addr, .offset = AT(check.agent_addr), .args = "<address>",
	  .help = "where the agent is"),
	NUM("agent-port", check.agent_port, 1, 65535, "port of the agent"),
	TEXT("agent-send", check.agent_send, "<text>", "what the agent is sent first"),
	W("log-proto", parse_log_proto, .args = "legacy|octet-count",
	  .help = "how log lines are told apart: by line feeds, or by a length in front (rings, mode log)"),
	W("log-bufsize", parse_log_bufsize, .args = "<size>",
	  .help = "bytes of log lines that wait for a TCP server (mode log)"),
};
