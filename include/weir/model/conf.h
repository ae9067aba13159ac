/* One generation of the configuration: everything the files said, compiled, sealed, reference-counted.
 *
 * It lies in an arena of its own, which is sealed when the process has adopted it (conf_seal): in debug builds its
 * pages are read only then. What runs has its state elsewhere; doc/floors.md lists what the arena cannot hold. */
#ifndef WEIR_MODEL_CONF_H
#define WEIR_MODEL_CONF_H

#include "weir/base/arena.h"
#include "weir/base/hmap.h"
#include "weir/conf/diag.h"
#include "weir/expr/auth.h"
#include "weir/http/h1_write.h"
#include "weir/loop/loop.h"
#include "weir/model/proxy.h"
#include "weir/sys/proc.h"

#define NICE_BASE 100

/* tune.* lines. Sizes in bytes, times in ms. */
struct tune {
	unsigned bufsize, maxrewrite;
	unsigned maxhdr, cookielen, logurilen;
	int maxaccept, maxpollevents;
	uint64_t idle_pool_shared;	/* bool: servers' idle connections cross threads */
	unsigned pool_low_fd, pool_high_fd;	/* per cent + 1, 0: no limit */
	unsigned runqueue_depth, pipesize, buffers_limit;
	unsigned vars_max[6];		/* global, proc, sess, txn, reqres, check */
	unsigned rcvbuf_client, rcvbuf_server, sndbuf_client, sndbuf_server, sndbuf_backend;
	unsigned notsent_client, notsent_server;	/* TCP_NOTSENT_LOWAT, 0: the system's */
	unsigned max_checks;		/* health checks of a thread at a time, 0: any number */
	unsigned glitch_cpu;		/* per cent of CPU from which on glitches end connections */
	int default_shards;		/* of bind lines that say none, 0: one for each thread */
	int renice_startup, renice_runtime, nice_before;	/* nice + NICE_BASE, 0: not said */
	struct {
		unsigned fe_streams, be_streams, fe_window, be_window, frame, header_table;
		unsigned fe_glitches, be_glitches, fe_total_streams, fe_rst_limit;
		unsigned fe_rxbuf, be_rxbuf, init_window, streams;
	} h2;
};

struct global {
	int nbthread;			/* 0: CPUs we may use */
	int thread_groups;
	unsigned maxconn, ulimit_n, nofile_hard;
	struct str chroot, pidfile, user, group, node, description, localpeer;
	int uid, gid;			/* -1: unchanged */
	bool daemon, master_worker, quiet, zero_warning, debug;
	struct log_list logs;
	unsigned hard_stop_after, grace, close_spread;	/* ms; close_spread UINT_MAX: infinite */
	unsigned t_stats;
	int stats_maxconn;
	struct list stats_binds;	/* struct bind: `stats socket` lines; their proxy is conf->cli_proxy */
	struct tune tune;
	unsigned spread_checks, max_spread_checks;
	struct str unix_prefix;
	unsigned unix_mode;
	int unix_uid, unix_gid;
	bool nosplice, noreuseport, nogetaddrinfo, noepoll, nopoll, insecure_fork, insecure_setuid, external_check;
	bool no_trimming, prealloc_fd, no_h2_websocket, never_local;
	bool expose_experimental, strict_limits, busy_polling, dumpable;
	uint8_t profiling_tasks;	/* enum prof_mode */
	int external_check_env;
	struct str server_state_base, server_state_file, stats_file;
	struct str default_path;	/* of default-path origin */
	uint8_t path_mode;		/* which default-path, model/path.c */
	bool limited_quic;
	uint64_t cpu_map[THR_MAX][CPU_WORDS];	/* thread -> set of CPUs, all zero: any */
	struct cpu_choice cpus;		/* cpu-set */
	unsigned blocked_ms;		/* warn-blocked-traffic-after, 0: never */
	int max_reloads;		/* mworker-max-reloads + 1, 0: any number */
	uint64_t caps;			/* capabilities kept (setcap) */
	struct tls_global tls;
	void *check;
	void *lua;
	unsigned maxsslconn, maxconnrate, maxsessrate, maxsslrate, maxpipes, maxsock, maxcomprate, maxcompcpu;
	uint8_t err_codes[75], fail_codes[75];	/* bit sets over 0..599: http-err-codes, http-fail-codes */
	bool codes_set;
	bool any_body;			/* h1-accept-payload-with-any-method */
	struct case_map {
		struct h1_case h1;
		struct hmap names;
	} cases; /* h1-case-adjust: lower case -> struct str */
	struct str anonkey, cluster_secret;
	struct list vars;		/* struct global_var: set-var, set-var-fmt, run once at start */
};
struct global_var {
	struct list link;
	struct str name;
	struct expr *expr;
	struct logfmt *fmt;
	const char *file;
	int line;
};

struct http_errors {
	struct list link;
	struct str name;
	const char *file;
	int line;
	struct reply *errors[REPLY_CODES];
};

#define CONF_MAGIC OBJ_MAGIC('c', 'n', 'f', 'g')
struct conf {
	uint32_t magic;
	uint32_t *refs;			/* not sealed; atomic: threads, streams that began with it */
	unsigned generation;
	struct arena mem;		/* holds this struct too */
	struct global global;
	struct list proxies;		/* all frontends, backends, listens in order */
	struct list defaults;		/* defaults sections */
	struct list hidden;		/* proxies that only carry the servers of a `ring` section */
	struct list nameless;		/* proxies whose line lacks a name: refused, kept to be released */
	struct hmap frontends, backends, defaults_by_name;	/* name -> struct proxy * */
	struct list http_errors, userlists;
	void *pats;			/* struct pat_refs * (expr/pattern.h) */
	void *proc_vars;		/* struct vars * */
	struct tls_files *tls_files;	/* certificates read for it */
	struct list unresolved;		/* struct arg_todo */
	struct list replies;		/* struct reply that name an http-errors section */
	struct list log_profiles;	/* struct log_profile_item */
	unsigned log_rings;		/* made for TCP targets of `log` lines */
	uint32_t profile_needs;		/* fetch_use bits of their formats */
	struct list sections;		/* of features: struct conf_section { link; const char *kind; name; obj } */
	struct str files;		/* HAPROXY_CFGFILES */
	struct hmap guids;		/* while loading: guid -> struct str *, whose it is */
	int next_id;
	struct reply **no_errors;	/* what proxies without pages of their own share */
	struct proxy *cli_proxy;	/* internal: "GLOBAL", owner of the stats sockets */
	struct proxy *last_defaults;	/* while loading: what sections without `from` take */
	unsigned proxy_maxconn;		/* -N */
	int home_fd;			/* while loading with default-path: the directory before, else -1 */
	int nice_low;			/* lowest `nice` of all bind lines: these connections wait for nobody */
	bool ignore_resolve;		/* -dr */
	bool ipv4_only;			/* -4 */
};
struct log_profile_item {
	struct list link;
	struct log_profile p;		/* p.file NULL: only named so far, */
	const char *wanted_file;	/* here */
	int wanted_line;
};
struct conf_section { struct list link; const char *kind; struct str name; void *obj; };

/* What the command line says about the files; zeroed: nothing. */
struct conf_cmdline {
	unsigned maxconn, proxy_maxconn;	/* -n, -N */
	const char *localpeer;			/* -L */
	const char *progname;			/* default log tag */
	bool ignore_resolve, no_reuseport, no_splice, ipv4_only, no_verify, insecure_fork, debug;
};

/* Reads the files (each a path, or "-" for stdin) into a new generation. Every mistake goes to d. NULL: errors. */
struct conf *conf_load(const char *const *files, int nfiles, const struct conf_cmdline *cl, struct diag *d);
/* The same from memory, under a name: tests, fuzzing. */
struct conf *conf_load_text(const char *name, struct str text, struct diag *d);
/* The format behind `option httplog` and its like; empty for LOGK_NONE and LOGK_CUSTOM. */
struct str model_log_format(enum log_kind kind);
/* From here on nobody writes to the generation until its last reference goes. */
void conf_seal(const struct conf *c);
void conf_ref(struct conf *c);
void conf_unref(struct conf *c);	/* the last one releases the generation */
struct proxy *conf_backend(const struct conf *c, struct str name);
struct proxy *conf_frontend(const struct conf *c, struct str name);
struct proxy *conf_proxy_by_id(const struct conf *c, int id);
struct http_errors *conf_http_errors(const struct conf *c, struct str name);
struct log_profile *conf_log_profile(const struct conf *c, struct str name);
/* The same while loading; one that was not declared so far has to be before the end. */
struct log_profile *conf_log_profile_named(struct conf *c, struct str name, const char *file, int line);
struct userlist *conf_userlist(const struct conf *c, struct str name);
struct server_line *proxy_server(const struct proxy *p, struct str name);

#endif
