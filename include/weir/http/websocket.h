/* Keys of the websocket handshake (RFC 6455 section 4). A proxy makes and checks them itself only where the two sides
 * differ: HTTP/2 has none (RFC 8441). */
#ifndef WEIR_HTTP_WEBSOCKET_H
#define WEIR_HTTP_WEBSOCKET_H

#include <stdbool.h>
#include "weir/base/str.h"

#define WEBSOCKET_KEY_LEN 24
#define WEBSOCKET_ACCEPT_LEN 28

/* A fresh random Sec-WebSocket-Key. */
struct str websocket_new_key(char buf[WEBSOCKET_KEY_LEN]);
/* base64 of sixteen bytes? */
bool websocket_key_ok(struct str key);
/* What Sec-WebSocket-Accept must say for a key (any bytes are taken as they are). */
struct str websocket_accept(struct str key, char buf[WEBSOCKET_ACCEPT_LEN]);
bool websocket_accept_ok(struct str key, struct str accept);

#endif
