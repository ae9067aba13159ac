/* Credentials in Authorization and Proxy-Authorization (RFC 9110 section 11, RFC 7617, RFC 6750), and passwords. */
#ifndef WEIR_HTTP_AUTH_H
#define WEIR_HTTP_AUTH_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/str.h"

enum auth_type { AUTH_NONE, AUTH_BASIC, AUTH_BEARER, AUTH_OTHER };

struct auth {
	uint8_t type;		/* enum auth_type */
	struct str scheme;	/* as the client wrote it */
	struct str credentials;	/* behind the scheme and its blanks */
	struct str user, pass;	/* AUTH_BASIC, decoded into mem */
};

/* Reads a field value. False (and AUTH_NONE): no credentials, or Basic ones that are no base64 of "user:password". */
bool auth_read(struct str value, struct arena *mem, struct auth *a);

/* Compares a password with what a userlist holds: clear text, or a crypt(3) hash. Thread-safe; the time does not tell
 * where clear texts differ. A hash of a method that libcrypt does not know never matches. */
bool auth_password_ok(struct str given, struct str stored, bool crypted);
/* Does libcrypt know the method of this hash? (Checked once, when the configuration is loaded.) */
bool auth_hash_known(struct str stored);

#endif
