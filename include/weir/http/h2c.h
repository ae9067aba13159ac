/* The HTTP/1.1 side of `Upgrade: h2c` (RFC 7540 section 3.2): the HTTP2-Settings field and which requests may ask. */
#ifndef WEIR_HTTP_H2C_H
#define WEIR_HTTP_H2C_H

#include "weir/http/msg.h"

#define H2C_SETTINGS_MAX 32	/* more in one field is refused */

struct h2_setting {
	uint16_t id;
	uint32_t value;
};

/* Decodes the value of HTTP2-Settings: base64url without padding (padding is tolerated) of whole settings with legal
 * values (RFC 9113 section 6.5.2; unknown ids are kept). Returns how many, -1 when it is not valid. */
int h2c_decode(struct str value, struct h2_setting out[H2C_SETTINGS_MAX]);
/* The other way, for a server; returns the text in buf. */
#define H2C_TEXT_MAX (H2C_SETTINGS_MAX * 8)
struct str h2c_encode(const struct h2_setting *s, int n, char buf[H2C_TEXT_MAX]);

/* Does the head ask rightly for h2c: HTTP/1.1, not CONNECT, token h2c in Upgrade, both options in Connection, exactly
 * one valid HTTP2-Settings? (Whether the listener upgrades is the mux's decision; over TLS it never does.) */
bool h2c_valid_request(const struct msg *m);

#endif
