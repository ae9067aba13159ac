/* The table of contents: every array of rows of every floor. A new module adds its line here and nothing else. */
#include "boot.h"

#include "builtin.h"
#include "master.h"
#include "weir/base/version.h"
#include "weir/conf/known.h"
#include "weir/expr/conv.h"
#include "weir/expr/rows.h"
#include "weir/feature/certs/certs.h"
#include "weir/feature/check/check.h"
#include "weir/feature/cli/cli.h"
#include "weir/feature/prometheus/prometheus.h"
#include "weir/feature/ring/ring.h"
#include "weir/feature/servers/servers.h"
#include "weir/feature/stats/stats.h"
#include "weir/feature/trace/trace.h"
#include "weir/live/conf_lb.h"
#include "weir/live/stats.h"
#include "weir/log/conf_log.h"
#include "weir/model/keywords.h"
#include "weir/model/sections.h"
#include "weir/mux/conf_mux.h"
#include "weir/mux/traces.h"
#include "weir/net/conf_net.h"
#include "weir/stream/actions.h"
#include "weir/stream/converters.h"
#include "weir/stream/fetches.h"
#include "weir/stream/hook.h"
#include "weir/stream/logvars.h"
#include "weir/stream/service.h"
#include "weir/stream/traces.h"
#include "weir/tls/conf_tls.h"

/* Three ways in which arrays say how long they are. */
#define SIZED(rows) { rows, sizeof(rows[0]), ARRAY_LEN(rows), NULL }
#define ENDED(rows) { rows, sizeof(rows[0]), 0, NULL }
#define NONE { NULL, 0, 0, NULL }

/* Keywords; `base` and `only` are those of struct kw_table. */
#define KEYWORDS(rows) { SIZED(rows), 0, 0 }
#define INSIDE(rows, type, member) { SIZED(rows), offsetof(struct type, member), 0 }
#define INSIDE_FOR(rows, type, member, scopes) { SIZED(rows), offsetof(struct type, member), scopes }
static const struct kw_listing keywords[] = {
	KEYWORDS(model_global),
	KEYWORDS(model_global_more),
	KEYWORDS(model_tune),
	KEYWORDS(model_path),
	INSIDE(tls_global_kws, global, tls),
	KEYWORDS(tls_store_kws),
	INSIDE_FOR(log_kws, global, logs, KW_GLOBAL),
	INSIDE_FOR(log_kws, proxy, logs, KW_ANYPROXY),
	KEYWORDS(model_frontend),
	KEYWORDS(model_timeouts),
	KEYWORDS(model_option_bits),
	KEYWORDS(model_options),
	KEYWORDS(model_forwarded),
	KEYWORDS(model_backend),
	KEYWORDS(model_cookie),
	INSIDE(lb_kws, proxy, lb),
	INSIDE(net_source_kws, proxy, source),
	KEYWORDS(model_rules),
	KEYWORDS(model_bwlim),
	KEYWORDS(stats_kws),
	KEYWORDS(check_kws),
	KEYWORDS(model_errors),
	KEYWORDS(model_userlist),
	KEYWORDS(model_bind),
	KEYWORDS(model_bind_words),
	INSIDE(net_bind_kws, bind, net),
	INSIDE_FOR(mux_keywords, bind, mux, KW_BIND),
	INSIDE(tls_bind_kws, bind, tls),
	INSIDE(tls_bind_option_kws, bind, tls.c),
	INSIDE_FOR(tls_common_kws, bind, tls.c, KW_BIND),
	INSIDE_FOR(tls_option_kws, bind, tls.c, KW_BIND),
	KEYWORDS(model_server),
	KEYWORDS(model_server_words),
	INSIDE(net_server_kws, server_line, net),
	INSIDE_FOR(mux_keywords, server_line, mux, KW_SERVER | KW_DYNSRV),
	INSIDE(tls_server_kws, server_line, tls),
	INSIDE(tls_server_option_kws, server_line, tls.c),
	INSIDE_FOR(tls_common_kws, server_line, tls.c, KW_SERVER | KW_DYNSRV),
	INSIDE_FOR(tls_option_kws, server_line, tls.c, KW_SERVER | KW_DYNSRV),
	KEYWORDS(model_log_profile),
	KEYWORDS(model_refused),
	KEYWORDS(ring_kws),
	KEYWORDS(trace_kws),
	KEYWORDS(known_keywords),
	{ NONE, 0, 0 },
};

static const struct row_list sections[] = {
	SIZED(model_sections),
	SIZED(check_sections),
	SIZED(ring_sections),
	SIZED(trace_sections),
	SIZED(known_sections),
	NONE,
};

static const struct row_list fetches[] = {
	SIZED(fetch_intern_rows), SIZED(fetch_head_rows), SIZED(fetch_hdr_rows), SIZED(fetch_cook_rows),
	SIZED(fetch_param_rows), SIZED(fetch_auth_rows), SIZED(fetch_payload_rows), SIZED(fetch_hello_rows),
	SIZED(stream_conn_fetches),
	SIZED(stream_time_fetches),
	SIZED(stream_pp_fetches),
	SIZED(stream_tls_fetches),
	SIZED(stream_proxy_fetches),
	NONE,
};

static const struct row_list converters[] = {
	SIZED(conv_var_rows),  SIZED(conv_map_rows),   SIZED(conv_int_rows),
	SIZED(conv_text_rows), SIZED(conv_field_rows), SIZED(conv_bytes_rows),
	SIZED(conv_enc_rows),  SIZED(conv_hash_rows),  SIZED(conv_crypto_rows),
	SIZED(conv_x509_rows), SIZED(conv_addr_rows),  SIZED(conv_forwarded_rows),
	SIZED(conv_date_rows), SIZED(conv_debug_rows), SIZED(conv_protobuf_rows),
	SIZED(conv_mqtt_rows), SIZED(conv_fix_rows),   SIZED(conv_packet_rows),
	SIZED(stream_convs),
	NONE,
};

static const struct row_list actions[] = {
	SIZED(act_msg_rows), SIZED(act_bin_rows), SIZED(act_uri_rows), SIZED(act_var_rows), SIZED(act_map_rows),
	SIZED(stream_flow_actions),
	SIZED(stream_option_actions),
	SIZED(stream_auth_actions),
	SIZED(stream_bwlim_actions),
	NONE,
};

static const struct row_list logvars[] = {
	SIZED(stream_logvars),
	NONE,
};

static const struct ctl_row *const commands[] = {
	cli_rows, cli_process_rows, cli_profile_rows, cli_getsocks_rows, stats_rows, ctl_pat_rows, ctl_var_rows,
	certs_file_rows, certs_list_rows,
	master_rows, server_show_rows, server_set_rows, server_dyn_rows, server_cookie_rows,
	frontend_rows, session_rows, error_rows, ring_rows, trace_rows, NULL,
};

static const struct cnt_row *const stat_columns[] = { check_columns, agent_columns, NULL };
static const struct cnt_row *const info_fields[] = { NULL };

static const struct service_table services[] = {
	{ prometheus_services, PROMETHEUS_SERVICES },
	{ NULL, 0 },
};

static const struct trace_table traces[] = {
	{ mux_traces, MUX_TRACES },
	{ stream_traces, STREAM_TRACES },
	{ check_traces, CHECK_TRACES },
	{ NULL, 0 },
};

static const struct stream_hook *const hooks[] = { &stats_hook, NULL };

static bool (*const settle[])(struct loader *ld, void *conf) = { check_settle, ring_settle, trace_settle, NULL };
static bool (*const settle_server[])(struct loader *ld, void *line) = { check_settle_server, NULL };

const struct builtin builtin = {
	.keywords = keywords, .sections = sections, .fetches = fetches, .converters = converters, .actions = actions,
	.logvars = logvars, .commands = commands, .stat_columns = stat_columns, .info_fields = info_fields,
	.services = services, .hooks = hooks, .settle = settle,
	.settle_server = settle_server, .traces = traces,
};

/* What feature() answers and -vv lists: names are HAProxy's. */
const struct conf_feature builtin_features[] = {
	{ "51DEGREES", false },
	{ "ACCEPT4", true },
	{ "BACKTRACE", true },
	{ "CLOSEFROM", false },
	{ "CPU_AFFINITY", true },
	{ "CRYPT_H", true },
	{ "DEVICEATLAS", false },
	{ "DL", false },
	{ "ENGINE", false },
	{ "EPOLL", true },
	{ "EVPORTS", false },
	{ "GETADDRINFO", true },
	{ "KQUEUE", false },
	{ "KTLS", false },
	{ "LIBCRYPT", true },
	{ "LINUX_CAP", false },
	{ "LINUX_SPLICE", true },
	{ "LINUX_TPROXY", true },
	{ "LUA", false },
	{ "MATH", true },
	{ "MEMORY_PROFILING", false },
	{ "NETFILTER", true },
	{ "NS", true },
	{ "OPENSSL", true },
	{ "OPENSSL_AWSLC", false },
	{ "OPENSSL_WOLFSSL", false },
	{ "OT", false },
	{ "PCRE", false },
	{ "PCRE2", true },
	{ "PCRE2_JIT", true },
	{ "PCRE_JIT", false },
	{ "POLL", false },
	{ "PRCTL", true },
	{ "PROCCTL", false },
	{ "PROMEX", true },
	{ "PTHREAD_EMULATION", false },
	{ "QUIC", false },
	{ "QUIC_OPENSSL_COMPAT", false },
	{ "RT", true },
	{ "SHM_OPEN", false },
	{ "SLZ", false },
	{ "SSL", true },
	{ "STATIC_PCRE", false },
	{ "STATIC_PCRE2", false },
	{ "SYSTEMD", true },
	{ "TFO", true },
	{ "THREAD", true },
	{ "THREAD_DUMP", false },
	{ "TPROXY", true },
	{ "WURFL", false },
	{ "ZLIB", true },
	{ NULL, false },
};
