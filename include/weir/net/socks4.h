/* A transport that asks a SOCKS4 proxy (the connection's peer) for a connection to somebody else, and leaves the chain
 * when that was granted. */
#ifndef WEIR_NET_SOCKS4_H
#define WEIR_NET_SOCKS4_H

#include "weir/net/conn.h"

/* Puts it on top of c; `to` becomes conn_dst. SOCKS4 knows IPv4 addresses only: others fail when the chain opens
 * (CERR_FAMILY). */
void socks4_push(struct conn *c, const struct addr *to);

#endif
