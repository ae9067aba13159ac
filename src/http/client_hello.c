#include "weir/http/client_hello.h"

#include "weir/base/obj.h"

#define RECORD_HEADER 5
#define RECORD_MAX (16384 + 256)
#define HANDSHAKE_HEADER 4
enum { RECORD_HANDSHAKE = 22, MESSAGE_CLIENT_HELLO = 1 };

enum {
	EXT_SERVER_NAME = 0, EXT_GROUPS = 10, EXT_POINT_FORMATS = 11, EXT_SIGALGS = 13, EXT_ALPN = 16, EXT_TICKET = 35,
	EXT_VERSIONS = 43, EXT_KEY_SHARE = 51,
};

/* ---- a cursor over length-prefixed things ---------------------------------------------------- */

static bool take(struct str *rest, size_t n, struct str *out)
{
	if (rest->n < n)
		return false;
	*out = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	return true;
}

static size_t number(struct str s)
{
	size_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

static bool take_u16(struct str *rest, uint16_t *v)
{
	struct str two;

	if (!take(rest, 2, &two))
		return false;
	*v = number(two);
	return true;
}

/* A vector: its length in `prefix` bytes, then that many. */
static bool take_vector(struct str *rest, size_t prefix, struct str *out)
{
	struct str length;

	return take(rest, prefix, &length) && take(rest, number(length), out);
}

/* The data are one vector and nothing else. */
static bool only_vector(struct str data, size_t prefix, struct str *out)
{
	return take_vector(&data, prefix, out) && data.n == 0;
}

bool client_hello_next_ext(struct str *rest, uint16_t *type, struct str *data)
{
	return take_u16(rest, type) && take_vector(rest, 2, data);
}

bool client_hello_next_share(struct str *rest, uint16_t *group, struct str *key)
{
	return take_u16(rest, group) && take_vector(rest, 2, key);
}

bool client_hello_next_alpn(struct str *rest, struct str *name)
{
	return rest->n > 0 && take_vector(rest, 1, name);
}

bool client_hello_next_u16(struct str *rest, uint16_t *v)
{
	return take_u16(rest, v);
}

/* ---- extensions ---------------------------------------------------------------------------- */

/* The first host_name of the list (RFC 6066 section 3). */
static bool server_name(struct str data, struct str *name)
{
	struct str list, type, value;

	if (!only_vector(data, 2, &list))
		return false;
	while (list.n) {
		if (!take(&list, 1, &type) || !take_vector(&list, 2, &value))
			return false;
		if (number(type) == 0 && !name->p)
			*name = value;
	}
	return true;
}

static bool whole_alpn(struct str list)
{
	struct str name;

	while (list.n)
		if (!client_hello_next_alpn(&list, &name) || name.n == 0)
			return false;
	return true;
}

static bool whole_shares(struct str list)
{
	uint16_t group;
	struct str key;

	while (list.n)
		if (!client_hello_next_share(&list, &group, &key))
			return false;
	return true;
}

static bool read_extension(struct client_hello *h, uint16_t type, struct str data)
{
	switch (type) {
	case EXT_SERVER_NAME:
		return server_name(data, &h->sni);
	case EXT_GROUPS:
		return only_vector(data, 2, &h->groups) && h->groups.n % 2 == 0;
	case EXT_POINT_FORMATS:
		return only_vector(data, 1, &h->point_formats);
	case EXT_SIGALGS:
		return only_vector(data, 2, &h->sigalgs) && h->sigalgs.n % 2 == 0;
	case EXT_ALPN:
		return only_vector(data, 2, &h->alpn) && whole_alpn(h->alpn);
	case EXT_TICKET:
		h->ticket = data;
		return true;
	case EXT_VERSIONS:
		return only_vector(data, 1, &h->versions) && h->versions.n % 2 == 0;
	case EXT_KEY_SHARE:
		return only_vector(data, 2, &h->key_shares) && whole_shares(h->key_shares);
	default:
		return true;
	}
}

/* Each may stand there once (RFC 8446 section 4.2); only those that are read are watched. */
static bool read_extensions(struct client_hello *h)
{
	struct str rest = h->extensions, data;
	uint64_t seen = 0;
	uint16_t type;

	while (rest.n) {
		if (!client_hello_next_ext(&rest, &type, &data))
			return false;
		if (type < 64 && (seen >> type & 1))
			return false;
		if (type < 64)
			seen |= (uint64_t)1 << type;
		if (!read_extension(h, type, data))
			return false;
	}
	return true;
}

/* ---- the message --------------------------------------------------------------------------- */

static bool read_body(struct str body, struct client_hello *h)
{
	if (!take_u16(&body, &h->version) || h->version >> 8 != 3 || !take(&body, 32, &h->random) ||
	    !take_vector(&body, 1, &h->session_id) || h->session_id.n > 32 || !take_vector(&body, 2, &h->ciphers) ||
	    h->ciphers.n == 0 || h->ciphers.n % 2 || !take_vector(&body, 1, &h->compressions) ||
	    h->compressions.n == 0)
		return false;
	if (body.n == 0)	/* no extensions at all: SSL 3.0, or a very old TLS */
		return true;
	return only_vector(body, 2, &h->extensions) && read_extensions(h);
}

/* The next record of *rest. More: it is not whole, *data is what came of it. */
static enum hello_result next_record(struct str *rest, uint16_t *version, struct str *data)
{
	const unsigned char *u = (const unsigned char *)rest->p;
	size_t n = rest->n >= RECORD_HEADER ? (size_t)u[3] << 8 | u[4] : 0;

	if ((rest->n > 0 && u[0] != RECORD_HANDSHAKE) || (rest->n > 1 && u[1] != 3))
		return HELLO_NOT;
	*data = STR_NONE;
	if (rest->n < RECORD_HEADER)
		return HELLO_MORE;
	if (n == 0 || n > RECORD_MAX)
		return HELLO_NOT;
	*version = u[1] << 8 | u[2];
	*rest = str_skip(*rest, RECORD_HEADER);
	*data = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	return data->n == n ? HELLO_DONE : HELLO_MORE;
}

/* Is this the start of a ClientHello, and how long is the message with its header? 0: not known yet. */
static bool message_length(struct str msg, size_t *whole)
{
	*whole = 0;
	if (msg.n > 0 && msg.p[0] != MESSAGE_CLIENT_HELLO)
		return false;
	if (msg.n < HANDSHAKE_HEADER)
		return true;
	*whole = HANDSHAKE_HEADER + number(str_make(msg.p + 1, 3));
	return *whole <= CLIENT_HELLO_MAX;
}

/* Collects the rest of a message that does not end in its first record. */
static enum hello_result join(struct str rest, struct str first, struct sbuf *scratch, struct str *msg)
{
	enum hello_result r = HELLO_DONE;
	struct str data = first;
	uint16_t version;
	size_t whole = 0;

	if (!scratch)
		return HELLO_NOT;
	sbuf_clear(scratch);
	for (;;) {
		if (!sbuf_puts(scratch, data) || !message_length(sbuf_str(scratch), &whole))
			return HELLO_NOT;
		if (whole && scratch->n >= whole)
			break;
		if (r == HELLO_MORE)
			return r;
		r = next_record(&rest, &version, &data);
		if (r == HELLO_NOT)
			return r;
	}
	*msg = str_head(sbuf_str(scratch), whole);
	return HELLO_DONE;
}

enum hello_result client_hello_read(const char *p, size_t n, struct sbuf *scratch, struct client_hello *h)
{
	struct str rest = str_make(p, n), data, msg;
	enum hello_result r;
	size_t whole;

	*h = (struct client_hello){ 0 };
	r = next_record(&rest, &h->record_version, &data);
	if (r == HELLO_NOT || !message_length(data, &whole))
		return HELLO_NOT;
	if (whole && data.n >= whole) {
		msg = str_head(data, whole);
	} else {
		if (r == HELLO_MORE)
			return r;
		r = join(rest, data, scratch, &msg);
		if (r != HELLO_DONE)
			return r;
	}
	return read_body(str_skip(msg, HANDSHAKE_HEADER), h) ? HELLO_DONE : HELLO_NOT;
}
