/* What server and default-server lines say about health checks. The engine (feature/check) reads it. Times in ms;
 * 0: not said. */
#ifndef WEIR_MODEL_CHECK_WORDS_H
#define WEIR_MODEL_CHECK_WORDS_H

#include "weir/base/addr.h"
#include "weir/mux/mux.h"

/* Defaults of what is 0. fastinter and downinter default to inter. */
#define CHECK_INTER 2000
#define CHECK_RISE 2
#define CHECK_FALL 3
#define OBSERVE_LIMIT 10

enum observe_mode { OBSERVE_NONE, OBSERVE_LAYER4, OBSERVE_LAYER7 };
enum on_error { ONERR_FAIL_CHECK, ONERR_FASTINTER, ONERR_SUDDEN_DEATH, ONERR_MARK_DOWN };
enum on_marked { ONMARKED_NONE, ONMARKED_SHUTDOWN };	/* down: shutdown-sessions; up: shutdown-backup-sessions */
enum init_state { INIT_UP, INIT_FULLY_UP, INIT_DOWN, INIT_FULLY_DOWN };
enum check_tri { CHECK_UNSAID, CHECK_ON, CHECK_OFF };

struct check_words {
	unsigned inter, fastinter, downinter;
	int rise, fall;
	struct addr addr;		/* `addr`, with port 0; unset: that of the server */
	int addr_port;			/* port in `addr` */
	int port;			/* `port`; 0: addr_port, or that of the server */
	uint8_t ssl;			/* enum check_tri: check-ssl, no-check-ssl */
	struct str sni, alpn;		/* check-sni; check-alpn in wire format */
	uint8_t sni_auto;		/* enum check_tri: check-sni-auto */
	const struct mux *proto;	/* check-proto */
	bool send_proxy, via_socks4, reuse_pool;
	struct str pool_conn_name;	/* check-pool-conn-name */
	struct str healthcheck;		/* name of a healthcheck section */
	const void *section;		/* struct chk_words * (feature/check) of that section, or NULL */
	bool tls;			/* some check of this server speaks TLS: it needs a context */

	unsigned agent_inter;		/* 0: inter */
	struct addr agent_addr;		/* port 0; unset: that of the server */
	int agent_port;
	struct str agent_send;
};

#endif
