/* Cookies (RFC 6265) as HAProxy reads them: pairs between ';' or ',', blanks around names and values do not count,
 * quoted strings are kept whole with their quotes, a pair without '=' is no cookie. */
#ifndef WEIR_HTTP_COOKIE_H
#define WEIR_HTTP_COOKIE_H

#include "weir/http/msg.h"

struct cookie {
	struct str name, value;
	struct str attrs;	/* Set-Cookie: what stands behind the value and its ';' */
	int field;		/* index in m->f */
	uint32_t from, to;	/* the whole pair in the field's value, without separators */
};
struct cookie_iter { int index; uint32_t off; };	/* starts zeroed */

/* The next pair of the Cookie fields. Any change to them ends the iteration (start again). */
bool cookie_next(const struct msg *m, struct cookie_iter *it, struct cookie *c);
/* The next cookie that a response sets. (Old servers put several into one field, with commas.) */
bool set_cookie_next(const struct msg *m, struct cookie_iter *it, struct cookie *c);
/* First cookie of that name. */
bool cookie_find(const struct msg *m, struct str name, struct cookie *c);
bool set_cookie_find(const struct msg *m, struct str name, struct cookie *c);
/* Value of an attribute ("path", "domain", "max-age" ...; any case); empty value for a bare one. False: not there. */
bool set_cookie_attr(const struct cookie *c, struct str name, struct str *value);

/* Takes the pair out; its field goes as well when nothing (or only $Version and the like) is left. */
void cookie_delete(struct msg *m, const struct cookie *c);
/* Another value for the pair; the rest of the field (attributes) stays. Copied into m->mem. */
void cookie_set_value(struct msg *m, const struct cookie *c, struct str value);
/* Puts a pair at the end of the first Cookie field, or a new field. Copied. */
void cookie_insert(struct msg *m, struct str name, struct str value);

#endif
