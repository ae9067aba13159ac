/* A transport that expects a PROXY protocol header before anything else, takes over its addresses (conn_src, conn_dst)
 * and answers ASK_PP_HDR when the header had type-length-value fields (else it leaves the chain). */
#ifndef WEIR_NET_PROXY_IN_H
#define WEIR_NET_PROXY_IN_H

#include "weir/net/conn.h"

/* Puts it on top of c, directly above the socket. How long to wait is the caller's timer (conn_expire). */
void proxy_in_push(struct conn *c);
/* The same for NetScaler's Client IP header (http/cip.h), which begins with that magic number. */
void cip_in_push(struct conn *c, uint32_t magic);

#endif
