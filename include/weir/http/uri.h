/* Request targets and their parts (RFC 9112 section 3.2, RFC 3986), and the normalisers of
 * `http-request normalize-uri`. Pure functions on slices; nothing is decoded unless a name says so. */
#ifndef WEIR_HTTP_URI_H
#define WEIR_HTTP_URI_H

#include "weir/base/sbuf.h"
#include "weir/http/msg.h"

struct target {
	uint8_t form;			/* enum target_form */
	struct str scheme, authority;	/* empty unless the form has them */
	struct str path;		/* path and query; "/" when an absolute target has neither */
};

/* Splits a target and checks that it is legal for the method: "*" only for OPTIONS, host:port for CONNECT and
 * for nothing else, a path begins with a slash, an absolute target has a scheme, "//" and an authority. Bytes are
 * checked too: controls, space, DEL never; '#' and bytes above 0x7f only when unsafe. *bad (may be NULL): offset of
 * the first wrong byte. */
bool target_split(struct str text, enum method method, bool unsafe, struct target *t, size_t *bad);

struct authority {
	struct str userinfo;	/* without '@'; empty if none */
	struct str host;	/* with brackets for IPv6 */
	struct str port;	/* digits without ':'; may be empty */
	bool has_at, has_colon;
};
/* False: empty host, bytes that no host has, port that is not 0..65535, broken brackets. */
bool authority_split(struct str text, struct authority *a);
/* Port number; the scheme's default when there is none; 0: unknown. */
uint16_t authority_port(const struct authority *a, struct str scheme);
/* "80" for http, "443" for https, empty otherwise. */
struct str scheme_port(struct str scheme);

/* Parts of "path?query#fragment". */
struct str uri_path(struct str pathq);		/* up to '?' or '#' */
struct str uri_query(struct str pathq);		/* behind '?', up to '#'; p = NULL when there is no '?' */

enum uri_result {
	URI_SAME,	/* nothing to change; out was not written */
	URI_CHANGED,	/* out holds the new text */
	URI_INVALID,	/* strict: the input cannot be normalised (answer 400) */
	URI_NO_ROOM,	/* out is full */
};
/* Each takes the text it is about and appends the new one to out. The path ones take a path without query, the
 * percent ones path and query, the query one the query without '?', the fragment ones path, query and fragment. */
enum uri_result uri_fragment_encode(struct str s, struct sbuf *out);
enum uri_result uri_fragment_strip(struct str s, struct sbuf *out);
enum uri_result uri_path_merge_slashes(struct str path, struct sbuf *out);
enum uri_result uri_path_strip_dot(struct str path, struct sbuf *out);
/* full: leading ".." that would go above the root are removed as well. */
enum uri_result uri_path_strip_dotdot(struct str path, bool full, struct sbuf *out);
enum uri_result uri_percent_decode_unreserved(struct str s, bool strict, struct sbuf *out);
enum uri_result uri_percent_to_uppercase(struct str s, bool strict, struct sbuf *out);
/* Stable sort of the parameters by the bytes of their names. */
enum uri_result uri_query_sort_by_name(struct str query, struct sbuf *out);

#endif
