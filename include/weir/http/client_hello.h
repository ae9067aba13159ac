/* A TLS ClientHello read from the first bytes of a connection that is not ours to decrypt (RFC 8446 section 4.1.2).
 * Nothing is copied unless the message is spread over several records. */
#ifndef WEIR_HTTP_CLIENT_HELLO_H
#define WEIR_HTTP_CLIENT_HELLO_H

#include <stdbool.h>
#include <stdint.h>
#include "weir/base/sbuf.h"

#define CLIENT_HELLO_MAX 65536		/* a longer message is refused */

/* Slices of the wire; p = NULL where the client did not say a thing. Lists are without their length prefixes. */
struct client_hello {
	uint16_t record_version;	/* of the first record: 0x0301 ... */
	uint16_t version;		/* legacy_version of the message */
	struct str random;		/* 32 bytes */
	struct str session_id;
	struct str ciphers;		/* two bytes each */
	struct str compressions;	/* one byte each */
	struct str extensions;		/* whole block; walk it with client_hello_next_ext() */
	struct str sni;			/* host_name */
	struct str alpn;		/* protocol names with a length byte before each */
	struct str groups;		/* supported_groups (elliptic curves), two bytes each */
	struct str point_formats;	/* one byte each */
	struct str sigalgs;		/* two bytes each */
	struct str versions;		/* supported_versions, two bytes each */
	struct str key_shares;		/* group (2), length (2), key; walk it with client_hello_next_share() */
	struct str ticket;		/* session_ticket; n = 0: only supported */
};

enum hello_result {
	HELLO_MORE,	/* good so far */
	HELLO_DONE,
	HELLO_NOT,	/* not a ClientHello, or a broken one */
};
/* scratch: gets the message when it came in several records (the slices then point there); NULL: such a message is
 * HELLO_NOT. What is certain not to be a ClientHello is said at once. */
enum hello_result client_hello_read(const char *p, size_t n, struct sbuf *scratch, struct client_hello *h);

/* All walkers: *rest starts as the list; false at its end. */
bool client_hello_next_ext(struct str *rest, uint16_t *type, struct str *data);
bool client_hello_next_share(struct str *rest, uint16_t *group, struct str *key);
bool client_hello_next_alpn(struct str *rest, struct str *name);
bool client_hello_next_u16(struct str *rest, uint16_t *v);

#endif
