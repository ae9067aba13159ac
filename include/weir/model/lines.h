/* What `bind` and `server` lines say. Sealed after load. Each embeds the option structs of the floors its words
 * belong to; those floors parse their words into them. */
#ifndef WEIR_MODEL_LINES_H
#define WEIR_MODEL_LINES_H

#include "weir/base/list.h"
#include "weir/model/check_words.h"
#include "weir/mux/mux.h"
#include "weir/net/listener.h"
#include "weir/net/server_net.h"
#include "weir/tls/words.h"

struct proxy;
struct srv;		/* the running server, floor live */

struct bind {
	struct list link;		/* in proxy->binds; one per address of the line */
	struct proxy *proxy;
	struct bind_net net;
	struct mux_words mux;
	struct tls_bind_words tls;
	struct str name;
	int id;				/* luid */
	int level;			/* stats socket: enum ctl_level */
	bool expose_fd;
	uint8_t severity;		/* 0 none, 1 number, 2 string */
	struct str guid_prefix;
	struct str guid;		/* the prefix, a dash and its place on the line, from 1 */
	bool broken;			/* words of the line were wrong: nothing more is said about it */
	const char *file;
	int line;
	struct mux_limits lim;		/* resolved after load */
	void *live;			/* struct lstn * of the live floor */
};

enum log_proto { LOG_PROTO_UNSAID, LOG_PROTO_LEGACY, LOG_PROTO_OCTETS };
enum hash_key { HASH_KEY_ID, HASH_KEY_ADDR, HASH_KEY_ADDR_PORT, HASH_KEY_GUID };
enum srv_words_flag {
	SRV_BACKUP = 1 << 0, SRV_DISABLED = 1 << 1, SRV_CHECK = 1 << 2, SRV_AGENT = 1 << 3, SRV_NON_STICK = 1 << 4,
	SRV_TEMPLATE = 1 << 5, SRV_DYNAMIC = 1 << 6, SRV_REDIR = 1 << 7,
	SRV_NAMED = 1 << 8,		/* a rule or a fetch names it: it cannot be deleted */
	SRV_ID_SAID = 1 << 9,
	SRV_STRICT_MAXCONN = 1 << 10,	/* maxconn counts connections, idle ones too */
	SRV_BROKEN = 1 << 11,		/* words of the line were wrong: nothing more is said about it */
};
/* What each exchange looks at stands first, up to the beginning of `net`. */
struct server_line {
	struct list link;		/* in proxy->servers, declaration order */
	struct proxy *proxy;
	struct mux_limits lim;
	unsigned flags;			/* enum srv_words_flag */
	bool map_port;			/* port written +N / -N or absent: offset to the client's destination port */
	uint8_t on_error, on_marked_down, on_marked_up, observe, init_state;	/* enums of model/check_words.h */
	int pool_max_conn, pool_low_conn, max_reuse;	/* -1: no limit */
	unsigned pool_purge_delay;	/* ms, 5000 */
	struct str redir;
	struct expr *pool_name;		/* `pool-conn-name` compiled, or NULL */
	struct server_net net;		/* source, proxy protocol out ... */
	struct str name;
	struct str host;		/* address text as written, for re-resolution */
	struct addr addr;		/* resolved, with port; unset when not resolvable yet */
	uint16_t port;			/* as written; 0: none */
	int family;			/* to ask for when host is looked up again, or AF_UNSPEC */
	bool rhttp;			/* rhttp@: connections come from the other side */
	bool dgram;			/* udp@ and its like (mode log) */
	uint8_t log_proto;		/* enum log_proto: how lines are sent to it (ring, mode log) */
	uint64_t log_bufsize;		/* bytes of lines that may wait for it (mode log), 0: the default */
	int sockpair;			/* sockpair@: descriptor, or -1 */
	int port_offset;
	struct mux_words mux;
	struct tls_server_words tls;
	int id;				/* puid */
	int weight;			/* 0..256, default 1 */
	unsigned maxconn, minconn, maxqueue;
	unsigned slowstart;		/* ms */
	struct str cookie, guid, track, hostname;
	struct str pool_conn_name;	/* `pool-conn-name`: expression as written */
	unsigned error_limit;
	struct check_words check;
	struct server_line *tracks;	/* resolved `track` */
	uint8_t hash_key;		/* enum hash_key */
	const char *file;
	int line;
	struct srv *live;		/* stays when the server is deleted: then nothing names the line (SRV_NAMED) */
};

#endif
