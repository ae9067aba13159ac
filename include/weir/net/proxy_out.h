/* A transport that sends some bytes first (a PROXY protocol header) and then leaves the chain. */
#ifndef WEIR_NET_PROXY_OUT_H
#define WEIR_NET_PROXY_OUT_H

#include "weir/net/conn.h"

/* Puts it on top of c; the bytes are copied. Before conn_advance. */
void proxy_out_push(struct conn *c, struct str header);

#endif
