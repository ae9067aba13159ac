/* The fields of show info: the process as a whole. obj is struct live. */
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include "weir/base/obj.h"
#include "weir/base/version.h"
#include "weir/live/stats.h"
#include "weir/log/log.h"
#include "weir/sys/limits.h"
#include "weir/sys/pipes.h"
#include "weir/tls/context.h"

typedef void get_f(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem);

enum { TEXT_NAME, TEXT_VERSION, TEXT_DATE, TEXT_NODE, TEXT_DESCRIPTION, TEXT_UPTIME, TEXT_TAINTED };
enum { TIME_UP, TIME_START };
enum { FIG_THREADS, FIG_ONE, FIG_ZERO, FIG_PID, FIG_NOFILE, FIG_MAXSOCK, FIG_MAXCONN, FIG_CONNS, FIG_TLS_CONNS,
	   FIG_TLS_REUSE, FIG_MAXSSL, FIG_MAXPIPES, FIG_STOPPING,
	   FIG_PIPES_USED, FIG_PIPES_FREE, FIG_BUSY, FIG_MEM_MAX_MB,
	   FIG_LISTENERS, FIG_JOBS, FIG_DROPPED_LOGS, FIG_TASKS, FIG_RUN_QUEUE, FIG_IDLE };
enum { CACHE_LOOKUPS, CACHE_MISSES };
enum { LIMIT_CONN, LIMIT_SESS, LIMIT_TLS, LIMIT_COMP };
enum { MEM_ALLOC, MEM_USED, MEM_ALLOC_MB, MEM_USED_MB, MEM_MAX };

static uint64_t uptime_us(const struct live *l)
{
	struct wall now = loop_wall();
	uint64_t us = (uint64_t)now.s * 1000000 + now.us;

	return us > l->started_us ? us - l->started_us : 0;
}

static struct str uptime_text(const struct live *l, struct arena *mem)
{
	unsigned up = (unsigned)(uptime_us(l) / 1000000);

	return arena_printf(mem, "%ud %uh%02um%02us", up / 86400, up / 3600 % 24, up / 60 % 60, up % 60);
}

static struct str node_name(const struct live *l, struct arena *mem)
{
	char name[256] = "";

	if (l->conf && l->conf->global.node.n)
		return l->conf->global.node;
	gethostname(name, sizeof(name) - 1);
	return arena_str(mem, str_c(name));
}

static void get_text(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct live *l = obj;

	switch (priv) {
	case TEXT_NAME:
		cnt_str(out, STR("HAProxy"));
		break;
	case TEXT_VERSION:
		cnt_str(out, STR(WEIR_COMPAT_VERSION));
		break;
	case TEXT_DATE:
		cnt_str(out, str_c(weir_git_date));
		break;
	case TEXT_NODE:
		cnt_str(out, node_name(l, mem));
		break;
	case TEXT_DESCRIPTION:
		if (l->conf && l->conf->global.description.n)
			cnt_str(out, l->conf->global.description);
		break;
	case TEXT_UPTIME:
		cnt_str(out, uptime_text(l, mem));
		break;
	case TEXT_TAINTED:
		cnt_str(out, STR("0"));
		break;
	}
}

/* Seconds with a fraction: `float` shows it, other forms cut it. */
static void get_time(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct live *l = obj;

	cnt_flt(out, (double)(priv == TIME_UP ? uptime_us(l) : l->started_us) / 1e6);
}

static uint64_t count_listeners(const struct live *l)
{
	const struct px_live *p;
	const struct lstn *li;
	uint64_t n = 0;

	list_each(p, &l->proxies, link)
		list_each(li, &p->listeners, link)
			n += li->li && listener_state(li->li) != LI_STOPPED;
	return n + atom_get(&l->cli_listeners);
}

static uint64_t open_files(void)
{
	struct rlimit r;

	return getrlimit(RLIMIT_NOFILE, &r) == 0 ? r.rlim_cur : 0;
}

static uint64_t run_queue(void)
{
	struct loop_stat st;
	uint64_t sum = 0;

	for (int i = 0; i < thr_count(); i++) {
		loop_stats(i, &st);
		sum += st.run_queue;
	}
	return sum;
}

static uint64_t idle_percent(void)
{
	struct loop_stat st;
	uint64_t sum = 0;

	for (int i = 0; i < thr_count(); i++) {
		loop_stats(i, &st);
		sum += st.idle_pct;
	}
	return sum / (uint64_t)thr_count();
}

/* Of the last second's handshakes with clients, per cent. */
static uint64_t tls_reuse(const struct live *l)
{
	uint32_t all = cnt_rate_read(&l->total, RATE_TLS), full = MIN(cnt_rate_read(&l->total, RATE_TLS_KEY), all);

	return all ? 100 - (100 * full + (all - 1) / 2) / all : 0;
}

static uint64_t figure(const struct live *l, int which)
{
	const struct global *g = l->conf ? &l->conf->global : NULL;

	switch (which) {
	case FIG_THREADS:
		return (uint64_t)thr_count();
	case FIG_ONE:
		return 1;
	case FIG_PID:
		return (uint64_t)getpid();
	case FIG_NOFILE:
		return open_files();
	case FIG_MAXSOCK:
		return g ? g->maxsock : 0;
	case FIG_MAXCONN:
		return l->maxconn;
	case FIG_TLS_CONNS:
		return atom_get(&l->cur_tls);
	case FIG_TLS_REUSE:
		return tls_reuse(l);
	case FIG_CONNS:
		return atom_get(&l->cur_conns);
	case FIG_MAXSSL:
		return g ? g->maxsslconn : 0;
	case FIG_MAXPIPES:
		return g ? g->maxpipes : 0;
	case FIG_PIPES_USED:
		return pipes_stats().used;
	case FIG_PIPES_FREE:
		return pipes_stats().free;
	case FIG_BUSY:
		return g && g->busy_polling;
	case FIG_MEM_MAX_MB:
		return limits_memory_now() >> 20;
	case FIG_STOPPING:
		return atom_get(&l->stopping);
	case FIG_LISTENERS:
		return count_listeners(l);
	case FIG_JOBS:
		return count_listeners(l) + atom_get(&l->cur_conns) + atom_get(&l->cli_conns);
	case FIG_DROPPED_LOGS:
		return log_dropped();
	case FIG_TASKS:
		return atom_get(&l->cur_conns) + live_streams();
	case FIG_RUN_QUEUE:
		return run_queue();
	case FIG_IDLE:
		return idle_percent();
	}
	return 0;
}

static void get_figure(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u32(out, figure(obj, priv));
}

static void get_total32(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u32(out, cnt_sum(&((const struct live *)obj)->total, (enum cnt)priv));
}

static void get_total64(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u64(out, cnt_sum(&((const struct live *)obj)->total, (enum cnt)priv));
}

static void get_rate(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u32(out, cnt_rate_read(&((const struct live *)obj)->total, (enum rate)priv));
}

static void get_bytes_rate(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u64(out, (uint64_t)cnt_rate_read(&((const struct live *)obj)->total, RATE_OUT) * 32);
}

static void get_rate_max(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	cnt_u32(out, atom_get(&((const struct live *)obj)->total.rate_max[priv]));
}

static void get_rate_limit(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct live *l = obj;
	unsigned limits[] = { atom_get(&l->max_conn_rate), atom_get(&l->max_sess_rate), atom_get(&l->max_tls_rate),
			      atom_get(&l->max_comp_rate) * 1024 };

	cnt_u32(out, limits[priv]);
}

static void get_cache(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct live *l = obj;
	uint64_t v[2] = { 0, 0 };

	if (l->conf && l->conf->tls_files)
		tls_cache_figures(l->conf->tls_files, &v[CACHE_LOOKUPS], &v[CACHE_MISSES]);
	cnt_u32(out, v[priv]);
}

static void get_memory(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	struct mallinfo2 m = mallinfo2();
	uint64_t bytes = priv == MEM_ALLOC || priv == MEM_ALLOC_MB ? m.arena + m.hblkhd : m.uordblks + m.hblkhd;

	if (priv == MEM_MAX)
		bytes = limits_memory_now();
	if (priv == MEM_ALLOC || priv == MEM_USED || priv == MEM_MAX)
		cnt_u64(out, bytes);
	else
		cnt_u32(out, bytes / 1048576);
}

const struct cnt_row info_base_rows[] = {
	{ "Name", "POS", "Name of the product whose language is spoken", NULL, get_text, TEXT_NAME },
	{ "Version", "POS", "Version: the language's, then the product's", NULL, get_text, TEXT_VERSION },
	{ "Release_date", "POS", "Date of the sources", NULL, get_text, TEXT_DATE },
	{ "Nbthread", "CGS", "Threads", "nbthread", get_figure, FIG_THREADS },
	{ "Nbproc", "CGS", "Worker processes, always 1", "nbproc", get_figure, FIG_ONE },
	{ "Process_num", "KGP", "Number of the worker process, always 1", "relative_process_id", get_figure, FIG_ONE },
	{ "Pid", "SGP", "Process id", NULL, get_figure, FIG_PID },
	{ "Uptime", "MDP", "Time since the start, days to seconds", NULL, get_text, TEXT_UPTIME },
	{ "Uptime_sec", "MDP", "Seconds since the start", "uptime_seconds", get_time, TIME_UP },
	{ "Memmax_MB", "CLP", "Limit of memory, MB (-m), 0: none", NULL, get_figure, FIG_MEM_MAX_MB },
	{ "PoolAlloc_MB", "MGP", "Memory taken from the system, MB", NULL, get_memory, MEM_ALLOC_MB },
	{ "PoolUsed_MB", "MGP", "Memory in use, MB", NULL, get_memory, MEM_USED_MB },
	{ "PoolFailed", "MCP", "Times that memory was refused", "pool_failures_total", get_figure, FIG_ZERO },
	{ "Ulimit-n", "CLP", "Limit of open descriptors", "max_fds", get_figure, FIG_NOFILE },
	{ "Maxsock", "CLP", "Limit of sockets", "max_sockets", get_figure, FIG_MAXSOCK },
	{ "Maxconn", "CLP", "Limit of connections", "max_connections", get_figure, FIG_MAXCONN },
	{ "Hard_maxconn", "CLP", "Limit of connections that resources allow", "hard_max_connections",
	  get_figure, FIG_MAXCONN },
	{ "CurrConns", "MGP", "Connections now", "current_connections", get_figure, FIG_CONNS },
	{ "CumConns", "MCP", "Connections so far", "connections_total", get_total32, C_CONN },
	{ "CumReq", "MCP", "Requests so far", "requests_total", get_total32, C_REQ },
	{ "MaxSslConns", "MMP", "Limit of TLS connections, 0: none", "max_ssl_connections", get_figure, FIG_MAXSSL },
	{ "CurrSslConns", "MGP", "TLS connections now", "current_ssl_connections", get_figure, FIG_TLS_CONNS },
	{ "CumSslConns", "MCP", "TLS connections so far", "ssl_connections_total", get_total32, C_TLS_CONN },
	{ "Maxpipes", "CLP", "Limit of pipes for splicing, 0: none", "max_pipes", get_figure, FIG_MAXPIPES },
	{ "PipesUsed", "MGP", "Pipes in use", "pipes_used_total", get_figure, FIG_PIPES_USED },
	{ "PipesFree", "MGP", "Pipes kept for use", "pipes_free_total", get_figure, FIG_PIPES_FREE },
	{ "ConnRate", "MRP", "Connections in the last second", "current_connection_rate", get_rate, RATE_CONN },
	{ "ConnRateLimit", "CLP", "Limit of ConnRate (maxconnrate)", "limit_connection_rate", get_rate_limit,
	  LIMIT_CONN },
	{ "MaxConnRate", "MMP", "Highest ConnRate", "max_connection_rate", get_rate_max, RATE_CONN },
	{ "SessRate", "MRP", "Sessions in the last second", "current_session_rate", get_rate, RATE_SESS },
	{ "SessRateLimit", "CLP", "Limit of SessRate (maxsessrate)", "limit_session_rate", get_rate_limit, LIMIT_SESS },
	{ "MaxSessRate", "MRP", "Highest SessRate", "max_session_rate", get_rate_max, RATE_SESS },
	{ "SslRate", "MRP", "TLS connections in the last second", "current_ssl_rate", get_rate, RATE_TLS },
	{ "SslRateLimit", "CLP", "Limit of SslRate (maxsslrate)", "limit_ssl_rate", get_rate_limit, LIMIT_TLS },
	{ "MaxSslRate", "MMP", "Highest SslRate", "max_ssl_rate", get_rate_max, RATE_TLS },
	{ "SslFrontendKeyRate", "MGP", "Full handshakes with clients in the last second",
	  "current_frontend_ssl_key_rate",
	  get_rate, RATE_TLS_KEY },
	{ "SslFrontendMaxKeyRate", "MMP", "Highest SslFrontendKeyRate", "max_frontend_ssl_key_rate",
	  get_rate_max, RATE_TLS_KEY },
	{ "SslFrontendSessionReuse_pct", "MGP", "Percentage of clients' handshakes that were resumed",
	  "frontend_ssl_reuse",
	  get_figure, FIG_TLS_REUSE },
	{ "SslBackendKeyRate", "MRP", "Full handshakes with servers in the last second", "current_backend_ssl_key_rate",
	  get_rate, RATE_TLS_BACK_KEY },
	{ "SslBackendMaxKeyRate", "MMP", "Highest SslBackendKeyRate", "max_backend_ssl_key_rate", get_rate_max,
	  RATE_TLS_BACK_KEY },
	{ "SslCacheLookups", "MCP", "Looks into the session cache", "ssl_cache_lookups_total", get_cache,
	  CACHE_LOOKUPS },
	{ "SslCacheMisses", "MCP", "Looks into the session cache that found nothing", "ssl_cache_misses_total",
	  get_cache, CACHE_MISSES },
	{ "CompressBpsIn", "MRP", "Bytes given to the compressor in the last second",
	  "http_comp_bytes_in_total", get_figure, FIG_ZERO },
	{ "CompressBpsOut", "MRP", "Bytes that left the compressor in the last second",
	  "http_comp_bytes_out_total", get_figure,
	  FIG_ZERO },
	{ "CompressBpsRateLim", "CLP", "CompressBpsOut beyond which nothing is compressed, 0: none",
	  "limit_http_comp", get_rate_limit, LIMIT_COMP },
	{ "ZlibMemUsage", "MGP", "Memory of the compressor", "current_zlib_memory", NULL, 0 },
	{ "MaxZlibMemUsage", "CLP", "Limit of ZlibMemUsage", "max_zlib_memory", NULL, 0 },
	{ "Tasks", "MGP", "Connections and exchanges in progress", "current_tasks", get_figure, FIG_TASKS },
	{ "Run_queue", "MGP", "Tasks that wait for their turn", "current_run_queue", get_figure, FIG_RUN_QUEUE },
	{ "Idle_pct", "MaP", "Share of the last second that threads spent waiting", "idle_time_percent",
	  get_figure, FIG_IDLE },
	{ "node", "COS", "Name of the node", NULL, get_text, TEXT_NODE },
	{ "description", "COS", "Description (global)", NULL, get_text, TEXT_DESCRIPTION },
	{ "Stopping", "MGP", "1 while the process drains", "stopping", get_figure, FIG_STOPPING },
	{ "Jobs", "MGP", "Connections and listeners", "jobs", get_figure, FIG_JOBS },
	{ "Unstoppable Jobs", "MGP", "Jobs that a soft stop does not wait for", "unstoppable_jobs", get_figure,
	  FIG_ZERO },
	{ "Listeners", "MGP", "Listeners that are open", "listeners", get_figure, FIG_LISTENERS },
	{ "ActivePeers", "MGP", "Peers that exchange", "active_peers", get_figure, FIG_ZERO },
	{ "ConnectedPeers", "MGP", "Peers that are connected", "connected_peers", get_figure, FIG_ZERO },
	{ "DroppedLogs", "MGP", "Log lines that a target did not take", "dropped_logs_total", get_figure,
	  FIG_DROPPED_LOGS },
	{ "BusyPolling", "MGP", "1 with busy-polling", "busy_polling_enabled", get_figure, FIG_BUSY },
	{ "FailedResolutions", "MGP", "Failed name resolutions", "failed_resolutions", get_figure, FIG_ZERO,
	  CNT_F_COUNTER },
	{ "TotalBytesOut", "MGP", "Bytes sent so far", "bytes_out_total", get_total64, C_BYTES_OUT },
	{ "TotalSplicdedBytesOut", "MGP", "Bytes that the kernel moved so far", "spliced_bytes_out_total",
	  get_total64, C_SPLICED_OUT },
	{ "BytesOutRate", "MRP", "Bytes sent in the last second", "bytes_out_rate", get_bytes_rate, 0 },
	{ "DebugCommandsIssued", "MGP", "Commands for developers that were run", NULL, get_figure, FIG_ZERO },
	{ "CumRecvLogs", "MCP", "Log lines received", "recv_logs_total", get_figure, FIG_ZERO },
	{ "Build info", "POS", "Version once more", "build_info", get_text, TEXT_VERSION },
	{ "Memmax_bytes", "CLP", "Limit of memory, bytes", "max_memory_bytes", get_memory, MEM_MAX },
	{ "PoolAlloc_bytes", "MGP", "Memory taken from the system, bytes", "pool_allocated_bytes", get_memory,
	  MEM_ALLOC },
	{ "PoolUsed_bytes", "MGP", "Memory in use, bytes", "pool_used_bytes", get_memory, MEM_USED },
	{ "Start_time_sec", "MDP", "Start, seconds since 1970", "start_time_seconds", get_time, TIME_START },
	{ "Tainted", "SGP", "Set by experimental features", NULL, get_text, TEXT_TAINTED },
	{ NULL, NULL, NULL, NULL, NULL, 0 },
};
