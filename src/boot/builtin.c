/* The table of contents: every array of rows of every floor. A new module adds its line here and nothing else. */
#include "boot.h"

#include "weir/base/version.h"
#include "weir/expr/conv.h"
#include "weir/expr/rows.h"
#include "weir/model/proxy.h"
#include "weir/mux/conf_mux.h"
#include "weir/net/conf_net.h"

/* What feature() answers and -vv lists: names are HAProxy's. */
const struct conf_feature builtin_features[] = {
	{ "51DEGREES", false }, { "ACCEPT4", true }, { "BACKTRACE", true }, { "CLOSEFROM", false },
	{ "CPU_AFFINITY", true }, { "CRYPT_H", true }, { "DEVICEATLAS", false }, { "DL", false }, { "ENGINE", false },
	{ "EPOLL", true }, { "EVPORTS", false }, { "GETADDRINFO", true }, { "KQUEUE", false }, { "KTLS", false },
	{ "LIBCRYPT", true }, { "LINUX_CAP", false }, { "LINUX_SPLICE", true }, { "LINUX_TPROXY", true }, { "LUA", false },
	{ "MATH", true }, { "MEMORY_PROFILING", false }, { "NETFILTER", true }, { "NS", true }, { "OPENSSL", false },
	{ "OPENSSL_AWSLC", false }, { "OPENSSL_WOLFSSL", false }, { "OT", false }, { "PCRE", false }, { "PCRE2", true },
	{ "PCRE2_JIT", true }, { "PCRE_JIT", false }, { "POLL", false }, { "PRCTL", true }, { "PROCCTL", false },
	{ "PROMEX", false }, { "PTHREAD_EMULATION", false }, { "QUIC", false }, { "QUIC_OPENSSL_COMPAT", false },
	{ "RT", true }, { "SHM_OPEN", false }, { "SLZ", false }, { "SSL", false }, { "STATIC_PCRE", false },
	{ "STATIC_PCRE2", false }, { "SYSTEMD", true }, { "TFO", true }, { "THREAD", true }, { "THREAD_DUMP", false },
	{ "TPROXY", true }, { "WURFL", false }, { "ZLIB", true }, { NULL, false },
};

static const struct kw_table keywords[] = {
	{ net_bind_kws, NET_BIND_KWS, offsetof(struct bind, net), 0 },
	{ net_server_kws, NET_SERVER_KWS, offsetof(struct server_line, net), 0 },
	{ net_source_kws, NET_SOURCE_KWS, offsetof(struct proxy, source), 0 },
	{ mux_keywords, MUX_KEYWORDS, offsetof(struct bind, mux), KW_BIND },
	{ mux_keywords, MUX_KEYWORDS, offsetof(struct server_line, mux), KW_SERVER | KW_DYNSRV },
	{ NULL, 0, 0, 0 },
};

static const struct section_table sections[] = {
	{ NULL, 0 },
};

static const struct fetch_table fetches[] = {
	{ fetch_auth_rows, FETCH_AUTH_ROWS },
	{ fetch_cook_rows, FETCH_COOK_ROWS },
	{ fetch_hdr_rows, FETCH_HDR_ROWS },
	{ fetch_head_rows, FETCH_HEAD_ROWS },
	{ fetch_intern_rows, FETCH_INTERN_ROWS },
	{ fetch_param_rows, FETCH_PARAM_ROWS },
	{ fetch_payload_rows, FETCH_PAYLOAD_ROWS },
	{ NULL, 0 },
};

static const struct conv_table convs[] = {
	{ conv_addr_rows, CONV_ADDR_ROWS },
	{ conv_bytes_rows, CONV_BYTES_ROWS },
	{ conv_crypto_rows, CONV_CRYPTO_ROWS },
	{ conv_date_rows, CONV_DATE_ROWS },
	{ conv_debug_rows, CONV_DEBUG_ROWS },
	{ conv_enc_rows, CONV_ENC_ROWS },
	{ conv_field_rows, CONV_FIELD_ROWS },
	{ conv_fix_rows, CONV_FIX_ROWS },
	{ conv_forwarded_rows, CONV_FORWARDED_ROWS },
	{ conv_hash_rows, CONV_HASH_ROWS },
	{ conv_int_rows, CONV_INT_ROWS },
	{ conv_map_rows, CONV_MAP_ROWS },
	{ conv_mqtt_rows, CONV_MQTT_ROWS },
	{ conv_protobuf_rows, CONV_PROTOBUF_ROWS },
	{ conv_text_rows, CONV_TEXT_ROWS },
	{ conv_var_rows, CONV_VAR_ROWS },
	{ conv_x509_rows, CONV_X509_ROWS },
	{ NULL, 0 },
};

static const struct action_table actions[] = {
	{ act_map_rows, ACT_MAP_ROWS },
	{ act_msg_rows, ACT_MSG_ROWS },
	{ act_uri_rows, ACT_URI_ROWS },
	{ act_var_rows, ACT_VAR_ROWS },
	{ NULL, 0 },
};

static const struct expr_tables expressions = { .fetches = fetches, .convs = convs, .actions = actions };

/* What enabled() answers depends on the command line. */
enum { ON_EPOLL, ON_POLL, ON_SPLICE, ON_GETADDRINFO, ON_REUSEPORT, ON_FASTFORWARD, ON_VERIFY_NONE, ON_COUNT };
static struct conf_feature enabled[ON_COUNT + 1] = {
	[ON_EPOLL] = { "EPOLL", true }, [ON_POLL] = { "POLL", true }, [ON_SPLICE] = { "SPLICE", true },
	[ON_GETADDRINFO] = { "GETADDRINFO", true }, [ON_REUSEPORT] = { "REUSEPORT", true },
	[ON_FASTFORWARD] = { "FAST-FORWARD", true }, [ON_VERIFY_NONE] = { "SERVER-SSL-VERIFY-NONE", false },
};

static const struct conf_facts facts = {
	.version = WEIR_LANGUAGE, .features = builtin_features, .enabled = enabled,
};

static const struct conf_registry registry = {
	.keywords = keywords, .sections = sections, .facts = &facts,
};

void builtin_register(const struct cmdline *c)
{
	enabled[ON_EPOLL].present = !c->no_epoll;
	enabled[ON_POLL].present = !c->no_poll;
	enabled[ON_SPLICE].present = !c->no_splice;
	enabled[ON_GETADDRINFO].present = !c->no_getaddrinfo;
	enabled[ON_REUSEPORT].present = !c->no_reuseport;
	enabled[ON_FASTFORWARD].present = !c->no_fastforward;
	enabled[ON_VERIFY_NONE].present = c->no_verify;
	expr_set_tables(&expressions);
	conf_register(&registry);
}
