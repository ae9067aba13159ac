/* One generation of the configuration: everything the files said, compiled, sealed, reference-counted. */
#ifndef WEIR_MODEL_CONF_H
#define WEIR_MODEL_CONF_H

#include "weir/base/arena.h"
#include "weir/base/hmap.h"
#include "weir/conf/diag.h"
#include "weir/model/proxy.h"

struct global {
	int nbthread;			/* 0: CPUs we may use */
	unsigned maxconn, ulimit_n;
	struct str chroot, pidfile, user, group, node, description, localpeer;
	int uid, gid;			/* -1: unchanged */
	bool daemon, master_worker, quiet, zero_warning, debug;
	struct log_list logs;
	struct str log_tag, log_send_hostname;
	bool log_send_host;
	unsigned bufsize, maxrewrite, maxhdr, maxaccept, uri_len, cookie_len;
	unsigned hard_stop_after, grace, close_spread;	/* ms */
	unsigned t_stats;
	int stats_maxconn;
	struct list stats_binds;	/* struct bind: `stats socket` lines */
	uint64_t idle_pool_shared;
	unsigned pool_low_fd, pool_high_fd;
	unsigned spread_checks, max_spread_checks;
	unsigned vars_max[6];
	struct str unix_prefix;
	int unix_mode, unix_uid, unix_gid;
	struct {
		unsigned fe_streams, be_streams, fe_window, be_window, frame, header_table;
		unsigned fe_glitches, be_glitches, fe_total_streams, fe_rst_limit;
	} h2;
	bool nosplice, noreuseport, nogetaddrinfo, insecure_fork, external_check, expose_experimental, strict_limits;
	int cpu_map[256];		/* thread -> cpu, -1: any */
	void *tls;			/* struct tls_global * (floor tls) */
	void *check;
	void *lua;
	unsigned maxsslconn, maxconnrate, maxsessrate, maxsslrate, maxpipes;
	uint8_t err_codes[75], fail_codes[75];	/* bit sets over 0..599: http-err-codes, http-fail-codes */
	bool strict_codes_set;
};

struct http_errors { struct list link; struct str name; struct reply *errors[REPLY_CODES]; };

#define CONF_MAGIC OBJ_MAGIC('c', 'n', 'f', 'g')
struct conf {
	uint32_t magic;
	uint32_t refs;			/* atomic: threads, streams that began with it */
	unsigned generation;
	struct arena mem;
	struct global global;
	struct list proxies;		/* all frontends, backends, listens in order */
	struct list defaults;		/* defaults sections */
	struct hmap frontends, backends, defaults_by_name;	/* name -> struct proxy * */
	struct list http_errors, userlists;
	void *pats;			/* struct pat_refs * (expr/pattern.h) */
	void *proc_vars;		/* struct vars * */
	struct list unresolved;		/* struct arg_todo */
	struct list sections;		/* of features: struct conf_section { link; const char *kind; name; obj } */
	struct str files;		/* HAPROXY_CFGFILES */
	int next_id;
};
struct conf_section { struct list link; const char *kind; struct str name; void *obj; };

/* Reads the files (each a path, or "-" for stdin) into a new generation. Every mistake goes to d. NULL: errors. */
struct conf *conf_load(const char *const *files, int nfiles, struct diag *d);
void conf_ref(struct conf *c);
void conf_unref(struct conf *c);	/* the last one releases the generation */
struct proxy *conf_backend(const struct conf *c, struct str name);
struct proxy *conf_frontend(const struct conf *c, struct str name);
struct proxy *conf_proxy_by_id(const struct conf *c, int id);
struct server_line *proxy_server(const struct proxy *p, struct str name);

#endif
