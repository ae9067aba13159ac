/* The normalisers of `http-request normalize-uri`. Each writes its result behind what out holds and takes it back when
 * it is what came in. */
#include "weir/http/uri.h"

#include <stdlib.h>

#include "weir/http/chars.h"
#include "weir/base/obj.h"

static enum uri_result finish(struct str in, struct sbuf *out, const char *from, const char *end)
{
	if (str_eq(in, str_make(from, end - from)))
		return URI_SAME;
	sbuf_commit(out, end - from);
	return URI_CHANGED;
}

enum uri_result uri_fragment_encode(struct str s, struct sbuf *out)
{
	char *from = sbuf_room(out, s.n * 3), *at = from;

	if (!from)
		return URI_NO_ROOM;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '#') {
			memcpy(at, "%23", 3);
			at += 3;
		} else {
			*at++ = s.p[i];
		}
	}
	return finish(s, out, from, at);
}

enum uri_result uri_fragment_strip(struct str s, struct sbuf *out)
{
	size_t hash = str_chr(s, '#');

	if (hash == (size_t)-1)
		return URI_SAME;
	return sbuf_puts(out, str_head(s, hash)) ? URI_CHANGED : URI_NO_ROOM;
}

/* ---- paths --------------------------------------------------------------------------------- */

static bool rooted(struct str path)
{
	return path.n > 0 && path.p[0] == '/';
}

enum uri_result uri_path_merge_slashes(struct str path, struct sbuf *out)
{
	char *from = sbuf_room(out, path.n), *at = from;

	if (!rooted(path))
		return URI_SAME;
	if (!from)
		return URI_NO_ROOM;
	for (size_t i = 0; i < path.n; i++)
		if (i == 0 || path.p[i] != '/' || path.p[i - 1] != '/')
			*at++ = path.p[i];
	return finish(path, out, from, at);
}

/* The next segment of *rest, which stands behind a slash; *last when no slash follows it. */
static struct str segment(struct str *rest, bool *last)
{
	struct str s = str_cut(rest, '/');

	*last = rest->p == NULL;
	return s;
}

static char *put_segment(char *at, struct str s, bool last)
{
	if (s.n)
		memcpy(at, s.p, s.n);
	at += s.n;
	if (!last)
		*at++ = '/';
	return at;
}

enum uri_result uri_path_strip_dot(struct str path, struct sbuf *out)
{
	struct str rest = str_skip(path, 1);
	char *from = sbuf_room(out, path.n), *at = from;
	bool last = !rooted(path);

	if (last)
		return URI_SAME;
	if (!from)
		return URI_NO_ROOM;
	*at++ = '/';
	while (!last) {
		struct str s = segment(&rest, &last);

		if (!str_eq(s, STR(".")))
			at = put_segment(at, s, last);
	}
	return finish(path, out, from, at);
}

/* What is written ends behind a slash: takes the segment before that away. */
static char *pop_segment(char *at, const char *floor)
{
	for (at--; at > floor && at[-1] != '/';)
		at--;
	return at;
}

enum uri_result uri_path_strip_dotdot(struct str path, bool full, struct sbuf *out)
{
	struct str rest = str_skip(path, 1);
	char *from = sbuf_room(out, path.n + 1), *at = from, *floor;
	bool last = !rooted(path);

	if (last)
		return URI_SAME;
	if (!from)
		return URI_NO_ROOM;
	*at++ = '/';
	floor = at;	/* nothing before this can be taken away */
	while (!last) {
		struct str s = segment(&rest, &last);

		if (!str_eq(s, STR("..")))
			at = put_segment(at, s, last);
		else if (at > floor)
			at = pop_segment(at, floor);
		else if (!full)
			floor = at = put_segment(at, s, false);
	}
	return finish(path, out, from, at);
}

/* ---- percent signs ------------------------------------------------------------------------- */

/* The byte that the three characters at p[0] say, -1 when they are no triplet. */
static int triplet(struct str s, size_t i)
{
	unsigned char a, b;

	if (s.n - i < 3)
		return -1;
	a = http_hex[(unsigned char)s.p[i + 1]];
	b = http_hex[(unsigned char)s.p[i + 2]];
	return a == 0xff || b == 0xff ? -1 : a << 4 | b;
}

static char *decode_unreserved(char *at, const char *three, int byte)
{
	if (http_is(byte, CH_UNRESERVED)) {
		*at++ = byte;
		return at;
	}
	memcpy(at, three, 3);
	return at + 3;
}

static char *capitals(char *at, const char *three, int byte)
{
	static const char digits[] = "0123456789ABCDEF";

	*at++ = *three;
	*at++ = digits[byte >> 4];
	*at++ = digits[byte & 15];
	return at;
}

static enum uri_result each_triplet(struct str s, bool strict, struct sbuf *out,
				    char *(*put)(char *at, const char *three, int byte))
{
	char *from = sbuf_room(out, s.n), *at = from;

	if (!from)
		return URI_NO_ROOM;
	for (size_t i = 0; i < s.n;) {
		int byte = s.p[i] == '%' ? triplet(s, i) : -1;

		if (byte >= 0) {
			at = put(at, s.p + i, byte);
			i += 3;
			continue;
		}
		if (s.p[i] == '%' && strict)
			return URI_INVALID;
		*at++ = s.p[i++];
	}
	return finish(s, out, from, at);
}

enum uri_result uri_percent_decode_unreserved(struct str s, bool strict, struct sbuf *out)
{
	return each_triplet(s, strict, out, decode_unreserved);
}

enum uri_result uri_percent_to_uppercase(struct str s, bool strict, struct sbuf *out)
{
	return each_triplet(s, strict, out, capitals);
}

/* ---- query --------------------------------------------------------------------------------- */

#define FEW_PARAMS 256

static struct str param_name(struct str param)
{
	return str_head(param, str_chr(param, '='));
}

/* By name; equal ones by their place, all lying in one text. */
static int param_order(const void *a, const void *b)
{
	const struct str *x = a, *y = b;
	int r = str_cmp(param_name(*x), param_name(*y));

	return r ? r : x->p < y->p ? -1 : 1;
}

enum uri_result uri_query_sort_by_name(struct str query, struct sbuf *out)
{
	struct str few[FEW_PARAMS], *v = few, rest = query;
	size_t n = 1, count = 0;
	char *from = sbuf_room(out, query.n + 1), *at = from;

	if (query.n == 0)
		return URI_SAME;
	if (!from)
		return URI_NO_ROOM;
	for (size_t i = 0; i < query.n; i++)
		n += query.p[i] == '&';
	if (n > FEW_PARAMS && !(v = malloc(n * sizeof(*v))))
		return URI_NO_ROOM;
	while (rest.n)		/* an empty one behind the last '&' does not count */
		v[count++] = str_cut(&rest, '&');
	qsort(v, count, sizeof(*v), param_order);
	for (size_t i = 0; i < count; i++) {
		if (i)
			*at++ = '&';
		if (v[i].n)
			memcpy(at, v[i].p, v[i].n);
		at += v[i].n;
	}
	if (v != few)
		free(v);
	return finish(query, out, from, at);
}
