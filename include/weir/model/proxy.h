/* A proxy: what a frontend, backend, listen or defaults section says. Sealed after load. */
#ifndef WEIR_MODEL_PROXY_H
#define WEIR_MODEL_PROXY_H

#include "weir/base/list.h"
#include "weir/expr/compile.h"
#include "weir/expr/rule.h"
#include "weir/log/log.h"
#include "weir/model/lines.h"
#include "weir/net/server_net.h"

struct conf;
enum { PR_FE = 1, PR_BE = 2, PR_DEFAULTS = 4, PR_INTERNAL = 8 /* GLOBAL's stats sockets */ };
enum { MODE_TCP, MODE_HTTP, MODE_LOG, MODE_SPOP };

/* option words that are one bit; rows of KT_BITS in model/options.c */
enum pr_option {
	PO_FORWARDFOR = 1 << 0, PO_HTTP_CLOSE = 1 << 1, PO_SERVER_CLOSE = 1 << 2, PO_KEEP_ALIVE = 1 << 3,
	PO_BUFFER_REQUEST = 1 << 4, PO_ABORTONCLOSE = 1 << 5, PO_DONTLOGNULL = 1 << 6, PO_LOGASAP = 1 << 7,
	PO_LOG_SEPARATE_ERRORS = 1 << 8, PO_DONTLOG_NORMAL = 1 << 9, PO_IGNORE_PROBES = 1 << 10, PO_NOLINGER = 1 << 11,
	PO_SMART_ACCEPT = 1 << 12, PO_CLITCPKA = 1 << 13, PO_SRVTCPKA = 1 << 14, PO_REDISPATCH = 1 << 15,
	PO_SMART_CONNECT = 1 << 16, PO_TRANSPARENT = 1 << 17, PO_PERSIST = 1 << 18, PO_ALLBACKUPS = 1 << 19,
	PO_LOG_HEALTH = 1 << 20, PO_SOCKET_STATS = 1 << 21, PO_SPLICE_REQ = 1 << 22, PO_SPLICE_RES = 1 << 23,
	PO_SPLICE_AUTO = 1 << 24, PO_ORIGINALTO = 1 << 25, PO_NO_DELAY = 1 << 26, PO_ACCEPT_UNSAFE_REQ = 1 << 27,
	PO_ACCEPT_UNSAFE_RES = 1 << 28, PO_PREFER_LAST = 1 << 29, PO_CHECKCACHE = 1 << 30,
};
enum pr_option2 {
	PO2_IDLE_CLOSE = 1 << 0, PO2_H1_ADJ_CLI = 1 << 1, PO2_H1_ADJ_SRV = 1 << 2, PO2_NO_H2_UPGRADE = 1 << 3,
	PO2_INDEPENDENT = 1 << 4, PO2_USE_PROXY_HDR = 1 << 5, PO2_PRETEND_KA = 1 << 6, PO2_DROP_TRAILERS_REQ = 1 << 7,
	PO2_DROP_TRAILERS_RES = 1 << 8, PO2_CONTSTATS = 1 << 9, PO2_NO_FORWARDED = 1 << 10, PO2_DISABLED = 1 << 11,
	PO2_USE_HTX = 1 << 12, PO2_ALLOW_H2_NOVERIFY = 1 << 13, PO2_NO_LOG = 1 << 14,
};

/* An error page or `http-error` answer; also `return` replies. */
struct reply {
	struct list link;
	int status;			/* code it stands for */
	int send_status;		/* sent instead (errorfile, errorloc; logged is `status`), 0: the same */
	bool silent;			/* /dev/null: close without a byte */
	bool raw; /* body holds a whole HTTP/1 answer (errorfile): parsed at load into fields + body */
	struct str ctype;
	struct str body;		/* constant, or empty */
	struct logfmt *lf_body;		/* log-format body, or NULL */
	struct reply_hdr { struct reply_hdr *next; struct str name; struct logfmt *value; } *hdrs;
	struct str *raw_hdrs;		/* name, value pairs of a parsed errorfile */
	int nraw;
	struct str reason;
	bool empty;			/* no payload at all: content-length 0, no content-type */
	struct str errors_name;		/* `errorfiles <name>`: the page of that http-errors section */
	struct http_errors *errors;	/* resolved */
	bool default_errors;		/* `default-errorfiles`: the proxy's page, else the built-in one */
	const char *file;
	int line;
};
/* Lines that say which page answers a status, in the order they were written: the last one wins. */
struct error_line {
	struct list link;
	struct reply *reply;		/* for reply->status; or NULL: */
	struct str errors_name;		/* pages of an http-errors section, */
	uint16_t codes[16];		/* these, or with ncodes 0 all of it */
	int ncodes;
	const char *file;
	int line;
};
#define REPLY_CODES 600
struct capture { struct capture *next; struct str name; int len; int index; };	/* capture request/response header */

/* Values of `option forwardfor` / originalto. */
struct fwd_opt {
	struct str header;
	struct addr_net except4, except6;
	bool if_none, has_except4, has_except6;
};

/* `option clitcpka` and its details; 0: the system's. */
struct tcpka { unsigned cnt, idle, intvl; /* s */ };

enum cookie_mode { COOKIE_NONE, COOKIE_REWRITE, COOKIE_INSERT, COOKIE_PREFIX };
enum cookie_flag {
	CK_INDIRECT = 1 << 0, CK_NOCACHE = 1 << 1, CK_POSTONLY = 1 << 2, CK_PRESERVE = 1 << 3, CK_HTTPONLY = 1 << 4,
	CK_SECURE = 1 << 5, CK_DYNAMIC = 1 << 6,
};
/* `cookie` of a backend. maxidle and maxlife in seconds. */
struct cookie_words {
	struct str name, domain,
		attr; /* domain: "; domain=a; domain=b"; attr: "; SameSite=None" ... ready to append */
	uint8_t mode;			/* enum cookie_mode */
	unsigned flags, maxidle, maxlife;
	struct str dyn_key;
};
/* The number a dynamic cookie is made of (%016llx): by the key and the server's address and port. 0: no key. */
uint64_t cookie_dynamic_value(struct str key, const struct addr *a);

enum hash_type { HASH_MAP, HASH_CONSISTENT };
enum hash_func { HASH_SDBM, HASH_DJB2, HASH_WT6, HASH_CRC32, HASH_NONE };
enum hash_preserve { PRESERVE_ALWAYS, PRESERVE_MAXCONN, PRESERVE_MAXQUEUE };
/* `balance` and `hash-type`; the words of an algorithm are parsed by its row on the live floor. */
enum lb_modes { LB_CONNS = 1, LB_LOGS = 2 };	/* what an algorithm spreads: mode tcp and http, mode log */
struct lb_words {
	const void *algo;		/* const struct lb_row *, or NULL: the default */
	const char *name_of_algo;	/* as the line has it */
	uint8_t modes;			/* enum lb_modes */
	int arg1, arg2;			/* random: draws; uri: len, 1 + depth */
	struct str name;		/* field, parameter, cookie whose value is the key */
	struct expr *expr;		/* hash: gives the key */
	bool whole, path_only;		/* uri: with the query; without scheme and authority */
	bool domain_only;		/* hdr: the part of a host name before its last dot, back to the one before */
	bool http;			/* the algorithm needs mode http */
	bool check_post;		/* url_param: bodies of POST requests may have it, and are waited for */
	uint8_t type, func;		/* enum hash_type, hash_func */
	bool avalanche;
	unsigned factor;		/* hash-balance-factor: per cent of the mean load, 0: no bound */
	uint8_t key;
	uint8_t preserve;		/* enum hash_preserve: when a key may leave its server */
};

struct proxy {
	struct list link;		/* conf->proxies, declaration order */
	struct conf *conf;
	struct str name;
	const char *file;
	int line;
	unsigned caps;			/* PR_* */
	int id;				/* uuid */
	bool id_said;			/* by a keyword */
	uint8_t mode;			/* MODE_* */
	bool disabled, stopped_at_load;
	struct proxy *defaults; /* section it came from, or NULL. Its rules (tcp_* and http_*) run first; an end of
				 * the ruleset there skips the proxy's own */
	bool used_by_name, used_implicitly;	/* defaults: how proxies refer to it */
	unsigned fed;			/* defaults with rules: PR_FE, PR_BE of the sections it feeds */
	struct str description, guid;
	struct log_list logs;
	unsigned options, options2;	/* enum pr_option / pr_option2 */
	unsigned no_options, no_options2;	/* explicitly switched off (kept for `no option`) */

	/* frontend side */
	struct list binds;		/* struct bind */
	struct tls_line *tls_uses;	/* ssl-f-use, for all TLS binds of the frontend */
	unsigned maxconn, backlog;
	unsigned t_client, t_client_fin, t_http_request, t_keepalive, t_client_hs;	/* ms, 0: none */
	struct str default_backend_name;
	struct proxy *default_backend;
	struct list switching;		/* struct use_backend */
	struct cond_list *switch_conds;	/* their conditions in order, and the rules by the same places; NULL: no rule */
	struct use_backend **switch_rules;
	struct list force_be_switch;	/* struct persist_rule: may reach unpublished backends */
	struct str monitor_uri;
	struct list monitor_fail;	/* struct cond_item */
	struct capture *req_caps, *res_caps;	/* newest first; n_* count them */
	int n_req_caps, n_res_caps;
	struct str capture_cookie;
	int capture_cookie_len;
	unsigned rate_limit;
	struct tcpka clitcpka;
	unsigned log_steps;		/* 1 << enum log_step: when exchanges are logged; 0: when they end */
	uint8_t log_kind;		/* enum log_kind: what wrote log_format_text */

	/* both sides */
	struct list acls;		/* struct acl */
	struct list bwlims;		/* struct bwlim (model/bwlim.h) */
	struct list tcp_conn, tcp_sess, tcp_req, tcp_res;	/* struct rule */
	struct list http_req, http_res, http_after;
	struct list
		redirects; /* `redirect` lines: struct rule of RS_HTTP_REQ, run behind http_req whatever it said */
	unsigned t_inspect_req, t_inspect_res;
	struct logfmt *log_format, *error_log_format, *log_format_sd, *unique_id;
	/* The formats as written; compiled when the section is complete (mode is known then). */
	struct fmt_text {
		struct str text;
		const char *file;
		int line;
	} log_text, error_log_text, log_sd_text, unique_id_text;
	struct str unique_id_header;
	struct reply **errors;		/* REPLY_CODES of them by status, own or inherited; NULL: built-in page */
	struct list error_lines;	/* struct error_line, those of the defaults section first */
	struct fwd_opt fwd, orig;
	struct list stats_rules;
	void *table;			/* its stick-table, or NULL: what ARG_TAB arguments look for */
	void *stats;			/* struct stats_words * (feature/stats) */
	void *forwarded;		/* struct forwarded_opt * */
	struct list filters;

	/* backend side */
	struct list servers;		/* struct server_line */
	struct server_line dflt_server;
	struct server_line *direct;	/* option transparent: stands for the client's own destination; else NULL */
	int nservers;
	struct list server_rules;	/* use-server: struct use_server */
	struct list persist_rules;	/* force-persist / ignore-persist */
	unsigned t_connect, t_server, t_server_fin, t_queue, t_tunnel, t_tarpit, t_check;
	unsigned retries;		/* 3 */
	uint32_t retry_on;		/* enum retry_on bits; 0: default conn-failure */
	int redispatch_after;		/* option redispatch N; -1 every / see manual */
	unsigned fullconn;
	uint8_t reuse;			/* enum reuse */
	bool reuse_said;		/* an http-reuse line stands there */
	struct lb_words lb;
	struct cookie_words cookie;
	struct source_net source;	/* backend `source` */
	struct expr *rdp_persist;	/* persist rdp-cookie(name): that cookie, or NULL */
	struct tcpka srvtcpka;
	unsigned max_ka_queue;
	struct str ext_check_command, ext_check_path;
	struct str name_header;		/* http-send-name-header */
	struct str state_file;		/* server-state-file-name */
	uint8_t load_state;		/* enum load_state */
	uint8_t restrict_names;		/* enum restrict_names */
	bool be_unpublished;
	void *ring;			/* struct ring_words * (feature/ring) of the section whose servers it carries */
	void *check;			/* struct chk_words * (feature/check), or NULL: checks connect only */
	bool log_asks_server; /* log lines name facts of the server's connection: it stays until they are written */
	uint32_t needs; /* fetch_use bits of all rules and formats: what to keep (captures, body waits) */
	void *live;			/* struct px_live * of the live floor */
};
enum log_kind { LOGK_NONE, LOGK_CUSTOM, LOGK_TCP, LOGK_TCP_CLF, LOGK_HTTP, LOGK_HTTP_CLF, LOGK_HTTPS };
enum load_state { LS_UNSET, LS_NONE, LS_GLOBAL, LS_LOCAL };
enum restrict_names { RN_DEFAULT, RN_PRESERVE, RN_REJECT, RN_DELETE };
enum reuse { REUSE_NEVER, REUSE_SAFE, REUSE_AGGRESSIVE, REUSE_ALWAYS };
enum retry_on {
	RETRY_NONE = 1 << 0,
	RETRY_CONN_FAILURE = 1 << 1,
	RETRY_EMPTY = 1 << 2,
	RETRY_JUNK = 1 << 3,
	RETRY_TIMEOUT = 1 << 4,
	RETRY_0RTT = 1 << 5,
	RETRY_401 = 1 << 6,
	RETRY_403 = 1 << 7,
	RETRY_404 = 1 << 8,
	RETRY_408 = 1 << 9,
	RETRY_425 = 1 << 10,
	RETRY_429 = 1 << 11,
	RETRY_500 = 1 << 12,
	RETRY_501 = 1 << 13,
	RETRY_502 = 1 << 14,
	RETRY_503 = 1 << 15,
	RETRY_504 = 1 << 16,
};

struct use_backend {
	struct list link;
	struct cond *cond;
	struct str name;		/* static */
	struct proxy *backend;		/* resolved, NULL when dynamic */
	struct logfmt *dyn;		/* %[...] name */
	const char *file;
	int line;
};
struct use_server {
	struct list link;
	struct cond *cond;
	struct str name;
	struct server_line *server;
	struct logfmt *dyn;
	const char *file;
	int line;
};
struct persist_rule { struct list link; struct cond *cond; bool force; };
struct cond_item { struct list link; struct cond *cond; };

#endif
