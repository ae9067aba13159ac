#include "weir/http/auth.h"

#include <crypt.h>
#include <stdlib.h>

#include "weir/base/enc.h"

#define PASSWORD_MAX 512	/* libcrypt takes no longer one */

static bool read_basic(struct auth *a, struct arena *mem)
{
	size_t room = a->credentials.n / 4 * 3, colon;
	struct sbuf out = sbuf_fixed(arena_bytes(mem, room + 1), room + 1);

	if (!base64_dec(&out, a->credentials, BASE64_STD))
		return false;
	colon = str_chr(sbuf_str(&out), ':');
	if (colon == (size_t)-1)
		return false;
	a->user = str_head(sbuf_str(&out), colon);
	a->pass = str_skip(sbuf_str(&out), colon + 1);
	return true;
}

bool auth_read(struct str value, struct arena *mem, struct auth *a)
{
	struct str rest = str_trim(value);
	bool ok = true;

	*a = (struct auth){ .scheme = str_cut(&rest, ' ') };
	a->credentials = str_trim(rest);
	if (a->scheme.n == 0 || a->credentials.n == 0)
		return false;
	a->type = AUTH_OTHER;
	if (str_ieq(a->scheme, STR("Basic"))) {
		a->type = AUTH_BASIC;
		ok = read_basic(a, mem);
	} else if (str_ieq(a->scheme, STR("Bearer"))) {
		a->type = AUTH_BEARER;
	}
	if (!ok)
		*a = (struct auth){ 0 };
	return ok;
}

/* Looks at every byte of what was given, whatever it finds. */
static bool same_secret(struct str given, struct str stored)
{
	unsigned char differ = given.n != stored.n;

	for (size_t i = 0; i < given.n; i++)
		differ |= given.p[i] ^ (stored.n ? stored.p[i % stored.n] : 1);
	return !differ;
}

bool auth_password_ok(struct str given, struct str stored, bool crypted)
{
	char pass[PASSWORD_MAX], hash[CRYPT_OUTPUT_SIZE];
	struct crypt_data *work;	/* 32 kB: too much for a stack */
	const char *made;
	bool ok;

	if (!crypted)
		return same_secret(given, stored);
	if (given.n >= sizeof(pass) || stored.n >= sizeof(hash) || memchr(given.p ? given.p : "", 0, given.n))
		return false;
	work = calloc(1, sizeof(*work));
	if (!work)
		return false;
	made = crypt_r(str_z(given, pass, sizeof(pass)), str_z(stored, hash, sizeof(hash)), work);
	ok = made && made[0] != '*' && same_secret(str_c(made), stored);
	explicit_bzero(pass, sizeof(pass));
	explicit_bzero(work, sizeof(*work));
	free(work);
	return ok;
}

bool auth_hash_known(struct str stored)
{
	char hash[CRYPT_OUTPUT_SIZE];

	return stored.n && stored.n < sizeof(hash) &&
	       crypt_checksalt(str_z(stored, hash, sizeof(hash))) != CRYPT_SALT_INVALID;
}
