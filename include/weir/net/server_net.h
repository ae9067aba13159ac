/* Words of `server` and `default-server` lines that are about sockets; embedded by value in struct
 * server_line (model). Parsed by net/conf_net.c. */
#ifndef WEIR_NET_SERVER_NET_H
#define WEIR_NET_SERVER_NET_H

#include "weir/base/addr.h"

/* `source`: where a connection to the server comes from. Also a proxy's directive. */
enum usesrc { USESRC_NONE, USESRC_ADDR, USESRC_CLIENT, USESRC_CLIENTIP, USESRC_HDR_IP };
struct source_net {
	struct addr addr;		/* unset: the kernel chooses */
	uint16_t port_low, port_high;	/* range of source ports; low 0: any, equal: one */
	uint8_t usesrc;			/* enum usesrc */
	struct addr usesrc_addr;	/* USESRC_ADDR */
	struct str usesrc_hdr;		/* USESRC_HDR_IP: field name */
	int usesrc_occ;			/* and its occurrence, -1: the last */
	struct str interface;
};

/* proxy-v2-options; PPO_SSL and PPO_SSL_CN are set by send-proxy-v2-ssl(-cn) too. */
enum pp_option {
	PPO_SSL = 1 << 0, PPO_SSL_CN = 1 << 1, PPO_SSL_CIPHER = 1 << 2, PPO_CERT_SIG = 1 << 3,
	PPO_CERT_KEY = 1 << 4, PPO_AUTHORITY = 1 << 5, PPO_CRC32C = 1 << 6, PPO_UNIQUE_ID = 1 << 7,
};

/* One set-proxy-v2-tlv-fmt(id); the upper floor compiles the format. */
struct pp_tlv {
	struct pp_tlv *next;
	uint8_t type;
	struct str fmt;			/* text as written */
	const char *file;
	int line;
	void *compiled;			/* the upper floor's */
};

/* init-addr: what is tried in turn when the process starts. */
enum init_addr { INIT_ADDR_END, INIT_ADDR_NONE, INIT_ADDR_LIBC, INIT_ADDR_LAST, INIT_ADDR_IP };

struct server_net {
	bool source_set;		/* `source` stands on this line (else the proxy's counts) */
	uint8_t proxy_version;		/* PROXY header to send: 0 none, 1, 2 */
	uint8_t proxy_words;		/* bits 1 and 2: those versions are asked for; the higher one is sent */
	struct source_net source;
	unsigned pp_options;		/* enum pp_option */
	struct pp_tlv *tlvs;		/* in the order written */
	bool tfo;
	struct str cc;			/* congestion control, empty: the system's */
	unsigned tcp_ut;		/* ms */
	struct addr socks4;		/* unset: direct */
	bool sockpair;			/* the server's address is sockpair@: connections are sent through pair_fd */
	int pair_fd;
	struct str tcp_md5sig, ns;
	uint8_t init_addr[8];		/* enum init_addr, ended by INIT_ADDR_END; first one END: default */
	struct addr init_ip;		/* for INIT_ADDR_IP */
};

#endif
