/* Outgoing connections. */
#ifndef WEIR_NET_CONNECT_H
#define WEIR_NET_CONNECT_H

#include "weir/net/conn.h"

struct connect_opts {
	const struct addr *to;
	const struct addr *from;	/* source address or NULL; port 0: any */
	struct str interface;
	bool tfo, transparent, nodelay, keepalive;
	bool delay_ack; /* the server does not begin: the last step of connecting goes with what is sent, or never */
	struct str cc;			/* congestion control, empty: the system's */
	unsigned tcp_ut;		/* ms, 0: the system's */
	struct str md5sig;
	int mark, tos;			/* -1: leave */
	struct str ns;			/* network namespace */
	uint16_t port_low, port_high;	/* range of source ports, 0: `from` as it is */
	unsigned ka_idle, ka_intvl, ka_cnt;	/* keep-alive: s, s, probes; 0: the system's */
	int rcvbuf, sndbuf;		/* 0: the system's */
	unsigned notsent_lowat;		/* bytes, 0: the system's */
	bool prompt;			/* its events do not wait behind those of a crowd */
	bool sockpair;			/* not to `to`: one end of a socket pair is sent through pair_fd */
	int pair_fd;
};

/* A new connection towards a server, connecting; user callbacks tell the rest. NULL: failed at once, *err
 * set. The caller pushes transports (PROXY out, TLS) before returning to the loop, then calls conn_advance.
 * There is no limit in time: that is the caller's timer. */
struct conn *conn_connect(const struct connect_opts *o, const struct conn_user *user, void *arg,
			  enum conn_err *err);

#endif
