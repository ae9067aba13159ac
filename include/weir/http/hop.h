/* What belongs to one connection and never crosses the proxy (RFC 9110 section 7.6.1). Called once per direction,
 * after framing. */
#ifndef WEIR_HTTP_HOP_H
#define WEIR_HTTP_HOP_H

#include "weir/http/msg.h"

/* Removes Connection with every field that it nominates (never Host, Content-Length, Transfer-Encoding, cookies and
 * the others of a fixed list: nominating them is an attack), Keep-Alive, Proxy-Connection, HTTP2-Settings, Upgrade.
 * TE is reduced to "trailers" when that token is there without weight. Upgrade tokens that may be relayed are in
 * m->protocol and m->flags already; the writer of the other side puts them back. */
void hop_request(struct msg *m);
/* A request whose connection went on as HTTP/2 (Upgrade: h2c): takes out Upgrade, HTTP2-Settings and the options of
 * Connection that name them, so that rules see it like every other request of that connection. */
void hop_upgraded(struct msg *m);
void hop_response(struct msg *m);
/* May this Upgrade token be relayed? websocket; with `any` every token but h2c, h2, HTTP..., TLS... */
bool hop_may_relay(struct str token, bool any);

#endif
