/* Addresses as the configuration language writes them: [stream+|dgram+][family@]host[:port[-port]], a path, a
 * descriptor (HAProxy's manual, chapter 11). */
#ifndef WEIR_NET_ADDR_CONF_H
#define WEIR_NET_ADDR_CONF_H

#include "weir/base/addr.h"
#include "weir/base/arena.h"

/* What the place where it stands allows. */
enum addr_conf_flag {
	AC_PORT = 1 << 0,		/* a port may stand there */
	AC_PORT_NEEDED = 1 << 1,	/* must (then 0 is none); only for IP addresses */
	AC_PORT_RANGE = 1 << 2,		/* low-high */
	AC_PORT_OFFSET = 1 << 3,	/* +n, -n */
	AC_STREAM = 1 << 4, AC_DGRAM = 1 << 5,
	AC_DGRAM_DEFAULT = 1 << 6,	/* kind when no prefix says it (log, nameserver) */
	AC_FD = 1 << 7,			/* fd@, sockpair@: looked at, has to be open */
	AC_SOCKPAIR = 1 << 8,		/* sockpair@ alone */
	AC_LOOK_UP = 1 << 9,		/* host names are asked of libc now, unknown ones are an error */
	AC_V4_ONLY = 1 << 10,		/* -4: names give IPv4 addresses */
	AC_RHTTP = 1 << 11,		/* rhttp@ (reverse HTTP); in none of the sets below */
	/* usual sets */
	AC_BIND = AC_PORT | AC_PORT_NEEDED | AC_PORT_RANGE | AC_STREAM | AC_FD | AC_LOOK_UP,
	AC_SERVER = AC_PORT | AC_PORT_OFFSET | AC_STREAM | AC_SOCKPAIR,
	AC_SOURCE = AC_PORT | AC_PORT_RANGE | AC_STREAM | AC_LOOK_UP,
};

struct addr_conf {
	struct addr addr;		/* with port_low; unset: `host` is a name that was not looked up */
	struct str host;		/* as written, without prefix and port; empty: any. Points into the text */
	int family;			/* what a later look-up of host has to ask for, or AF_UNSPEC */
	bool dgram;
	bool quic;			/* quic4@, quic6@ (never accepted here) */
	int fd;				/* fd@ or sockpair@, else -1; addr is what it is bound to */
	bool sockpair;
	bool rhttp;			/* rhttp@: host is what stands behind it */
	uint16_t port_low, port_high;	/* 0: none written */
	bool port_offset;		/* +n or -n was written: port_delta counts from the client's port */
	int port_delta;
};

/* What is wrong, in HAProxy's words and without the "'bind' : " in front; `at` points to the wrong
 * place of the text. */
struct addr_fault { char text[256]; const char *at; };

/* One address. unix_prefix: goes in front of paths (global "unix-bind prefix"). */
bool addr_conf_parse(struct addr_conf *out, struct str text, unsigned flags, struct str unix_prefix,
		     struct addr_fault *fault);
/* ${NAME} and $NAME from the environment, in addresses even outside quotes; unset ones give nothing. Text without a
 * dollar comes back as it is, else memory from mem, with a NUL behind it. */
struct str addr_conf_env(struct str text, struct arena *mem);
/* Cuts the next address off a comma list; false at the end. An empty element comes out empty, a comma at the very end
 * is forgiven. */
bool addr_conf_next(struct str *list, struct str *one);

#endif
