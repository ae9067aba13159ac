/* What a PROXY header (version 2) can tell about a client's TLS connection. */
#ifndef WEIR_TLS_PROXY_SAY_H
#define WEIR_TLS_PROXY_SAY_H

#include "weir/base/arena.h"
#include "weir/http/proxy_proto.h"
#include "weir/net/conn.h"
#include "weir/net/server_net.h"

/* Fills out from connection c for the enum pp_option bits asked for; texts in mem. False: c is not encrypted,
 * out is all zero. */
bool tls_proxy_say(struct conn *c, unsigned options, struct arena *mem, struct proxy_say_ssl *out);

#endif
