/* An HTTP message head as every mux reads and writes it, whatever the version on the wire.
 * Slices point into the chunk it was read into (a reference is held by the gate) or into `mem`. Field names are
 * lower case. One thread. RFC 9110; the wire forms are the codecs' business (h1_read.h, h1_write.h, mux h2). */
#ifndef WEIR_HTTP_MSG_H
#define WEIR_HTTP_MSG_H

#include <stdint.h>
#include "weir/base/arena.h"
#include "weir/base/str.h"

/* Methods known by number; any other token is METHOD_OTHER with its text. */
enum method {
	METHOD_OTHER, METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT, METHOD_DELETE, METHOD_OPTIONS,
	METHOD_TRACE, METHOD_CONNECT, METHOD_PATCH,
};

/* Field names that the proxy itself reads, by number (field_id() finds it, field_name() gives it). */
enum field_id {
	FIELD_OTHER, FIELD_HOST, FIELD_CONNECTION, FIELD_CONTENT_LENGTH, FIELD_TRANSFER_ENCODING, FIELD_UPGRADE,
	FIELD_HTTP2_SETTINGS, FIELD_KEEP_ALIVE, FIELD_PROXY_CONNECTION, FIELD_TE, FIELD_TRAILER, FIELD_EXPECT,
	FIELD_COOKIE, FIELD_SET_COOKIE, FIELD_DATE, FIELD_X_FORWARDED_FOR, FIELD_FORWARDED, FIELD_USER_AGENT,
	FIELD_REFERER, FIELD_AUTHORIZATION, FIELD_PROXY_AUTHORIZATION, FIELD_WWW_AUTHENTICATE, FIELD_CONTENT_TYPE,
	FIELD_CONTENT_ENCODING, FIELD_ACCEPT_ENCODING, FIELD_CACHE_CONTROL, FIELD_ETAG, FIELD_VARY, FIELD_LOCATION,
	FIELD_SEC_WEBSOCKET_KEY, FIELD_SEC_WEBSOCKET_ACCEPT, FIELD_SEC_WEBSOCKET_VERSION, FIELD_EARLY_DATA,
	FIELD_ACCEPT, FIELD_ACCEPT_LANGUAGE, FIELD_SERVER, FIELD_AGE, FIELD_EXPIRES, FIELD_LAST_MODIFIED,
	FIELD_IF_NONE_MATCH, FIELD_IF_MODIFIED_SINCE, FIELD_RANGE, FIELD_LINK, FIELD_PRIORITY, FIELD_ID_COUNT,
};

struct field {
	const char *name;
	const char *value;
	uint32_t value_len;
	uint16_t name_len;
	uint8_t id;		/* enum field_id */
	uint8_t flags;		/* FIELD_F_* */
};
#define FIELD_F_DELETED 1	/* skipped by every reader; keeps indexes stable during iteration */
static inline struct str field_name_str(const struct field *f) { return str_make(f->name, f->name_len); }
static inline struct str field_value_str(const struct field *f) { return str_make(f->value, f->value_len); }

/* How the target of a request was written (RFC 9112 section 3.2). H2 requests are TARGET_ABSOLUTE
 * (TARGET_AUTHORITY for CONNECT without :protocol). */
enum target_form { TARGET_ORIGIN, TARGET_ABSOLUTE, TARGET_AUTHORITY, TARGET_ASTERISK };

/* How long the body is; decided by http/framing for H1, by the mux for H2. */
enum body_kind {
	BODY_NONE,	/* no body: END_STREAM, HEAD, 204, 304, no framing fields in a request */
	BODY_LENGTH,	/* body_len bytes */
	BODY_CHUNKED,	/* until the end is said (H1 chunked, H2 without content-length) */
	BODY_CLOSE,	/* H1 response until the connection closes */
	BODY_TUNNEL,	/* after 101, 2xx to CONNECT: bytes both ways */
};

enum msg_flag {
	MSG_KEEP_ALIVE = 1 << 0,	/* H1: this message allows the connection to persist */
	MSG_HAS_LENGTH = 1 << 1,	/* body_len is known (also for BODY_NONE answers to HEAD) */
	MSG_UPGRADE = 1 << 2,		/* Connection: upgrade with an Upgrade field, or H2 extended CONNECT */
	MSG_WEBSOCKET = 1 << 3,		/* the upgrade is for websocket */
	MSG_H2C_ASKED = 1 << 4,		/* request with a valid Upgrade: h2c (the mux may act on it) */
	MSG_EXPECT_100 = 1 << 5,
	MSG_CLOSE_AFTER = 1 << 6,	/* framing was doubtful but legal: connection must close after this message */
	MSG_HOST_FROM_URI = 1 << 7,
	MSG_TRUNC_OK = 1 << 8,
	MSG_LOCAL = 1 << 9,		/* made by weir itself, not by a peer */
	MSG_TARGET_CHANGED = 1 << 10,	/* by msg_set_uri(): an absolute target of an H2 request is written as such */
	MSG_PROXIED = 1 << 12,		/* to a proxy: Proxy-Authorization and 407 */
	MSG_NTLM = 1 << 11,		/* response carries a connection-bound auth challenge */
};

struct msg {
	bool is_response;
	uint8_t major, minor;		/* version on the wire it came from: 1.0, 1.1, 2.0 */
	uint8_t method;			/* enum method (request) */
	uint8_t form;			/* enum target_form */
	uint8_t body;			/* enum body_kind */
	uint16_t status;		/* response */
	uint32_t flags;			/* enum msg_flag */
	struct str method_text;
	struct str scheme;		/* "http", "https", or empty when the target did not say */
	struct str authority;		/* of an absolute or authority target, :authority; may be empty */
	struct str path;		/* path and query, "*" for TARGET_ASTERISK; empty for TARGET_AUTHORITY */
	struct str protocol;		/* websocket ... : Upgrade token or :protocol of extended CONNECT */
	struct str reason;		/* response; may be empty */
	uint64_t body_len;
	struct field *f;		/* nf fields in wire order, deleted ones included */
	uint16_t nf, cap;
	uint16_t live;			/* fields not deleted */
	uint64_t ids;			/* bit 1 << id for each field that was ever added: no others are looked for */
	uint32_t bytes;			/* size of the head as HTTP/1 text, kept up to date by msg_* (rewrite limit) */
	struct field *trailers;		/* after the body, or NULL; ntrailers entries */
	uint16_t ntrailers;
	struct arena *mem;		/* for what is added or changed; the exchange's */
};

void msg_init(struct msg *m, bool is_response, struct arena *mem);

/* Method by text (case matters) and text by method; method_text for METHOD_OTHER must be kept by the caller. */
enum method method_find(struct str text);
struct str method_name(enum method m);
/* Default reason phrase of a status ("" if unknown: HAProxy's generic phrases). */
struct str status_reason(int status);
/* Number of a lower-case field name. */
enum field_id field_id(struct str lower_name);
struct str field_name(enum field_id id);
/* A name and its number, for those who look for it again and again. */
struct field_key { struct str name; enum field_id id; };
static inline struct field_key field_key(struct str lower_name)
{
	return (struct field_key){ lower_name, field_id(lower_name) };
}

/* The field that has the credentials of this request. */
static inline enum field_id msg_auth_field(const struct msg *m)
{
	return m->flags & MSG_PROXIED ? FIELD_PROXY_AUTHORIZATION : FIELD_AUTHORIZATION;
}

/* For codecs that fill the array themselves: the place of field nf (room is made), or NULL beyond 65535 fields. The
 * caller writes it, counts nf and live, sets its bit in ids, and calls msg_count_bytes() at the end. */
struct field *msg_room(struct msg *m);
/* For those who know how many fields are to come: room for n without growing, where the array is still empty. */
void msg_reserve(struct msg *m, unsigned n);
size_t msg_measure(const struct msg *m);	/* what `bytes` should be */
static inline void msg_count_bytes(struct msg *m) { m->bytes = msg_measure(m); }

/* First live field with that id/name at or after index `from`; -1 if none. For FIELD_OTHER use the name. */
int msg_find_id(const struct msg *m, enum field_id id, int from);
int msg_find(const struct msg *m, struct str lower_name, int from);
int msg_find_key(const struct msg *m, const struct field_key *key, int from);
static inline bool msg_has(const struct msg *m, enum field_id id) { return msg_find_id(m, id, 0) >= 0; }
/* Appends. Name must be lower case; bytes must live as long as the message (msg_add_copy copies both into mem). CR, LF
 * and NUL in a value become spaces. Host also changes the authority of an absolute target, and msg_set_uri() Host. */
void msg_add(struct msg *m, struct str name, struct str value);
void msg_add_id(struct msg *m, enum field_id id, struct str value);
void msg_add_copy(struct msg *m, struct str name, struct str value);
/* As msg_add_copy, for a codec that has checked the bytes and knows the name's id. */
void msg_add_read(struct msg *m, enum field_id id, struct str name, struct str value);
/* As msg_add, for a value that msg_clean_value() gave. */
void msg_add_clean(struct msg *m, const struct field_key *key, struct str value);
/* The value with spaces for CR, LF and NUL; a copy in mem only when there are any. */
struct str msg_clean_value(struct arena *mem, struct str value);
/* Removes field i / all with that id / name. Returns how many. */
void msg_del_at(struct msg *m, int i);
int msg_del_id(struct msg *m, enum field_id id);
int msg_del(struct msg *m, struct str lower_name);
int msg_del_key(struct msg *m, const struct field_key *key);
/* Replaces the value of field i (bytes must live). */
void msg_set_value(struct msg *m, int i, struct str value);
void msg_set_method(struct msg *m, struct str method);		/* copies */
void msg_set_status(struct msg *m, int status, struct str reason);	/* copies reason; empty: default phrase */
/* Sets path and query (copies), keeps the form. Controls and spaces are percent-encoded, a missing first slash is
 * put. */
void msg_set_pathq(struct msg *m, struct str pathq);
/* Replaces the whole target from its text (copies); false when it is no legal target for the method. */
bool msg_set_uri(struct msg *m, struct str uri);
/* The target as text: path for origin form, scheme://authority/path for absolute; built in mem if needed. */
struct str msg_target(struct msg *m);
/* Path without query, query without '?' . */
struct str msg_path_only(const struct msg *m);
struct str msg_query(const struct msg *m);
/* Host as the routing sees it: the Host field, else authority. */
struct str msg_host(const struct msg *m);
/* Iterates comma-separated elements of all fields with that id: *iter starts zeroed. False: no more. */
struct field_iter { int index; size_t off; };
bool msg_next_token(const struct msg *m, enum field_id id, struct field_iter *it, struct str *token);
/* Does a comma list of that field hold the token (case-insensitive)? */
bool msg_has_token(const struct msg *m, enum field_id id, struct str token);

#endif
