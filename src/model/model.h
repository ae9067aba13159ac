/* Shared by the files of the model floor. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "weir/base/row.h"
#include "weir/conf/load.h"
#include "weir/model/conf.h"
#include "weir/model/words.h"

#include <stddef.h>

static inline struct proxy *kw_proxy(const struct kw_call *k)
{
	return k->whole;
}

static inline struct conf *kw_conf(const struct kw_call *k)
{
	return k->ld->conf;
}

/* --- proxy.c --- */
struct proxy *proxy_create(struct conf *c, struct str name, unsigned caps, const char *file, int line);
/* Takes over what a defaults section says; d may be NULL (built-in defaults). */
void proxy_inherit(struct proxy *p, struct proxy *d);
#define ALPN_IN_CLEAR "'alpn' has no effect without 'ssl'; in clear 'proto h2' or 'upgrade h2c' speak HTTP/2."
const char *proxy_kind(const struct proxy *p);		/* "frontend", "backend", "proxy", "defaults": as in messages */
const char *caps_kind(unsigned caps);			/* "frontend", "backend", "listen", "defaults": as sections */
bool proxy_has_rules(const struct proxy *p);

/* --- scope.c --- */
void proxy_scope_at(struct conf *c, struct proxy *p, const char *file, int line, uint32_t use, const char *where,
					struct xscope *sc);
uint32_t ruleset_use(uint32_t set, bool backend);
uint32_t log_use(void);

/* --- order.c --- */
/* Warns when a rule of this rank stands behind one that runs later. */
enum rule_rank {
	RANK_TCP_CONN, RANK_TCP_SESS, RANK_TCP_REQ, RANK_MONITOR, RANK_HTTP_REQ, RANK_REDIRECT, RANK_USE_BACKEND,
	RANK_USE_SERVER,
};
void warn_misplaced(struct kw_call *k, enum rule_rank rank, const char *what);

/* --- path.c --- */
/* Into the directory where relative names of a file's lines begin, as default-path says; false: errno. NULL: the line
 * is not known. Without default-path nothing happens. */
bool conf_dir_enter(const struct conf *c, const char *file);
/* Where the process was before the load: names of the command line begin there. */
bool conf_dir_home(const struct conf *c);
/* The same for good, when the load is over. */
void conf_dir_leave(struct conf *c);

/* --- post.c: when all files were read --- */
bool conf_post(struct loader *ld, struct conf *c);

/* --- tls.c --- */
/* Reads certificates and makes the contexts of all bind and server lines. */
bool conf_tls_prepare(struct loader *ld, struct conf *c);

/* --- ids.c --- */
void conf_number(struct conf *c);

/* --- guid.c: the words, and a name that is taken from now on by `owner`; word and name: what to report --- */
bool guid_ok(struct kw_call *k, struct str guid);
bool guid_take(struct kw_call *k, int word, const char *name, struct str guid, struct str owner);
bool guid_parse_proxy(struct kw_call *k);
bool guid_parse_server(struct kw_call *k);
bool guid_parse_bind(struct kw_call *k);

/* --- args.c --- */
bool conf_resolve_args(struct loader *ld, struct conf *c);

/* --- switching.c --- */
bool proxy_resolve_names(struct loader *ld, struct proxy *p);

/* --- server.c: also for lines that come while running --- */
struct addr_conf;
bool server_name_ok(struct kw_call *k, struct str name);
void server_take_address(struct server_line *s, const struct addr_conf *a);
/* What no word says. */
void server_defaults(struct server_line *s);
/* Its words together, once all are known; its TLS context, released with mem; its formats; the limits of its mux. */
bool server_check(struct loader *ld, struct server_line *s);
bool server_tls_prepare(struct loader *ld, struct conf *c, struct server_line *s, struct arena *mem);
bool server_compile(struct loader *ld, struct proxy *p, struct server_line *s);
void server_limits(struct server_line *s, const struct proxy *p);

/* --- servers.c --- */
bool proxy_check_servers(struct loader *ld, struct proxy *p);

/* --- formats.c --- */
bool proxy_compile_formats(struct loader *ld, struct proxy *p);
void proxy_collect_needs(struct proxy *p);

/* --- limits.c --- */
void proxy_limits(struct proxy *p);
/* Warns of servers whose dynamic cookies are the same. */
void cookies_check(struct loader *ld, const struct proxy *p);
void binds_settle(struct list *binds, const struct proxy *p);

#endif
