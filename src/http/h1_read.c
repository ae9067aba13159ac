/* One pass from left to right over the bytes: a line is parsed as soon as it is there, into slices of the caller's
 * buffer. Usually the whole head came by one read and each byte is looked at once. When a line is cut, `seen`
 * remembers that it has no end so far, and only the next line end makes it be parsed again. */
#include "weir/http/h1_read.h"

#include "chars.h"
#include "weir/base/obj.h"
#include "weir/http/uri.h"

/* What one call works with. */
struct scan {
	char *p, *end;
	const struct h1_opts *o;
	struct msg *m;
	struct fault *fault;
};

static enum h1_result refuse(struct scan *s, unsigned status, const char *reason, const char *at)
{
	fault_set(s->fault, s->m->is_response ? 502 : status, reason, at - s->p);
	return H1_ERROR;
}

/* First byte at or behind `at` that is a control other than HTAB; `end` if there is none. */
static char *skip_text(char *at, const char *end)
{
	const __m128i us = _mm_set1_epi8(0x1f), del = _mm_set1_epi8(0x7f), tab = _mm_set1_epi8('\t');

	for (; end - at >= 16; at += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)at);
		__m128i ctl = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(v, us), v), _mm_cmpeq_epi8(v, del));
		int hit = _mm_movemask_epi8(_mm_andnot_si128(_mm_cmpeq_epi8(v, tab), ctl));

		if (hit)
			return at + __builtin_ctz(hit);
	}
	while (at < end && http_is(*at, CH_VALUE))
		at++;
	return at;
}

/* Goes to the end of the line from a place inside it. *stop: behind the last byte of text; *next: start of the next
 * line. */
static enum h1_result line_end(struct scan *s, char *at, char **stop, char **next)
{
	for (;; at++) {
		at = skip_text(at, s->end);
		if (at == s->end)
			return H1_MORE;
		*stop = at;
		if (*at == '\n')
			break;
		if (*at == '\r') {
			if (++at == s->end)
				return H1_MORE;
			if (*at == '\n')
				break;
			return refuse(s, 400, "h1-bare-cr", at - 1);
		}
		if (*at == '\0' || !s->o->accept_unsafe)
			return refuse(s, 400, "h1-control-in-text", at);
	}
	*next = at + 1;
	return H1_DONE;
}

/* Is there an empty line at `at`? MORE: cannot be said yet. ERROR here only means no. */
static enum h1_result empty_line(const struct scan *s, char *at, char **next)
{
	if (at < s->end && *at == '\r')
		at++;
	if (at == s->end)
		return H1_MORE;
	*next = at + 1;
	return *at == '\n' ? H1_DONE : H1_ERROR;
}

/* ---- start lines --------------------------------------------------------------------------- */

static enum h1_result version(struct scan *s, struct str v)
{
	if (v.n == 0)
		return refuse(s, 400, "h1-no-version", v.p);
	if (v.n != 8 || memcmp(v.p, "HTTP/", 5) != 0 || !http_is_digit(v.p[5]) || v.p[6] != '.' ||
	    !http_is_digit(v.p[7]))
		return refuse(s, 400, "h1-bad-version", v.p);
	s->m->major = v.p[5] - '0';
	s->m->minor = v.p[7] - '0';
	return s->m->major == 1 ? H1_DONE : refuse(s, 505, "h1-unknown-version", v.p);
}

static enum h1_result set_target(struct scan *s, struct str text)
{
	struct msg *m = s->m;
	struct target t;
	size_t bad;

	if (!target_split(text, m->method, s->o->accept_unsafe, &t, &bad))
		return refuse(s, 400, "h1-bad-target", text.p + bad);
	m->form = t.form;
	m->scheme = t.scheme;
	m->authority = t.authority;
	m->path = t.path;
	return H1_DONE;
}

/* Up to the next blanks; *rest moves behind them. */
static struct str take_word(struct str *rest)
{
	size_t n = str_chr(*rest, ' '), tab = str_chr(str_head(*rest, n), '\t');
	struct str word;

	n = MIN(MIN(n, tab), rest->n);
	word = str_head(*rest, n);
	while (n < rest->n && http_is_ows(rest->p[n]))
		n++;
	*rest = str_skip(*rest, n);
	return word;
}

static enum h1_result request_line(struct scan *s, struct str line)
{
	struct msg *m = s->m;
	struct str method = take_word(&line), target = take_word(&line);
	enum h1_result r;

	m->method = method_find(method);
	m->method_text = m->method == METHOD_OTHER ? method : method_name(m->method);
	if (str_eq(method, STR("PRI")))	/* reserved by RFC 9113 section 3.4, here it is misplaced */
		return refuse(s, 405, "h1-pri-method", method.p);
	r = version(s, line);
	return r == H1_DONE ? set_target(s, target) : r;
}

static enum h1_result status_line(struct scan *s, struct str line)
{
	struct msg *m = s->m;
	struct str word = take_word(&line);
	const char *d;

	if (version(s, word) == H1_ERROR)
		return H1_ERROR;
	word = take_word(&line);
	d = word.p;
	if (word.n != 3 || d[0] == '0' || !http_is_digit(d[0]) || !http_is_digit(d[1]) || !http_is_digit(d[2]))
		return refuse(s, 502, "h1-bad-status", d);
	m->status = (d[0] - '0') * 100 + (d[1] - '0') * 10 + (d[2] - '0');
	m->reason = line;
	return H1_DONE;
}

/* What comes first on the line, as far as it is there: garbage (a TLS handshake, say) is refused without waiting for
 * the end of a line that may never come. */
static enum h1_result check_first(struct scan *s, const char *at)
{
	struct str have = str_make(at, s->end - at), magic = STR("HTTP/"), method;

	if (s->m->is_response)
		return memcmp(at, magic.p, MIN(have.n, magic.n)) ? refuse(s, 502, "h1-bad-version", at) : H1_DONE;
	method = take_word(&have);
	for (size_t i = 0; i < method.n; i++)
		if (!http_is_token(method.p[i]))
			return refuse(s, 400, "h1-bad-method", at + i);
	return method.n ? H1_DONE : refuse(s, 400, "h1-bad-method", at);
}

/* No end of this line so far, and none in what is new? */
static bool still_cut(const struct scan *s, const struct h1_head *h)
{
	const char *from = s->p + h->seen;

	return h->seen > h->line && (from == s->end || !memchr(from, '\n', s->end - from));
}

static enum h1_result start_line(struct scan *s, struct h1_head *h)
{
	char *at = s->p + h->line, *stop, *next;
	struct str line;
	enum h1_result r;

	while (!s->m->is_response && (r = empty_line(s, at, &next)) != H1_ERROR) {
		if (r == H1_MORE)
			return r;
		at = next;
		h->line = at - s->p;
	}
	if (at == s->end || still_cut(s, h))
		return H1_MORE;
	if (check_first(s, at) == H1_ERROR)
		return H1_ERROR;
	r = line_end(s, at, &stop, &next);
	if (r != H1_DONE)
		return r;
	h->line = next - s->p;
	h->state = H1_HEAD_FIELDS;
	line = str_make(at, stop - at);
	r = s->m->is_response ? status_line(s, line) : request_line(s, line);
	msg_count_bytes(s->m);	/* without fields, which add themselves */
	return r;
}

/* ---- fields -------------------------------------------------------------------------------- */

static struct str trimmed(const char *from, const char *stop)
{
	while (from < stop && http_is_ows(*from))
		from++;
	while (stop > from && http_is_ows(stop[-1]))
		stop--;
	return str_make(from, stop - from);
}

/* A line that begins with a blank goes on with the value of the field before it (RFC 9112 section 5.2). Between both
 * lies nothing but blanks and line ends, which become blanks. */
static enum h1_result fold(struct scan *s, char *at, char **next)
{
	struct field *f;
	struct str more;
	char *stop;
	enum h1_result r;

	if (s->m->nf == 0)
		return refuse(s, 400, "h1-leading-space", at);
	r = line_end(s, at, &stop, next);
	if (r != H1_DONE)
		return r;
	f = &s->m->f[s->m->nf - 1];
	more = trimmed(at, stop);
	if (more.n == 0)
		return r;
	if (f->value_len == 0)
		f->value = more.p;
	for (char *gap = (char *)f->value + f->value_len; gap < more.p; gap++)
		if (*gap != '\t')
			*gap = ' ';
	s->m->bytes += more.p + more.n - f->value - f->value_len;
	f->value_len = more.p + more.n - f->value;
	return r;
}

static enum h1_result bad_name(struct scan *s, const char *from, const char *at)
{
	if (at > from && http_is_ows(*at))
		return refuse(s, 400, "h1-space-in-header-name", at);
	if (*at == '\r' || *at == '\n')
		return refuse(s, 400, "h1-header-without-colon", at);
	return refuse(s, 400, *at == ':' ? "h1-empty-header-name" : "h1-bad-header-name", at);
}

/* Lower-cases letters, digits and '-' in place, sixteen at a time; stops in front of the first other byte or where
 * fewer than sixteen are left. */
static char *lower_blocks(char *at, const char *end)
{
	while (end - at >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)at), upper = http_in_range(v, 'A', 'Z');
		__m128i lower = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
		__m128i plain = _mm_or_si128(_mm_or_si128(http_in_range(lower, 'a', 'z'), http_in_range(v, '0', '9')),
					     _mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
		unsigned other = _mm_movemask_epi8(plain) ^ 0xffffU, n = other ? __builtin_ctz(other) : 16;
		__m128i ours = _mm_cmpgt_epi8(_mm_set1_epi8(n), _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
									      12, 13, 14, 15));

		lower = _mm_or_si128(_mm_and_si128(ours, lower), _mm_andnot_si128(ours, v));
		_mm_storeu_si128((__m128i *)at, lower);
		at += n;
		if (n < 16)
			break;
	}
	return at;
}

/* Lower-cases the name in place; *colon is the byte behind it. */
static enum h1_result field_name_at(struct scan *s, char *from, char **colon)
{
	char *at = lower_blocks(from, s->end);
	unsigned char c;

	for (; at < s->end; at++) {
		c = http_lower[(unsigned char)*at];
		if (c)
			*at = c;
		else if (!s->o->accept_unsafe || *at == ':' || (unsigned char)*at <= ' ' || *at == 0x7f)
			break;
	}
	if (at == s->end)
		return H1_MORE;
	if (*at != ':' || at == from)
		return bad_name(s, from, at);
	*colon = at;
	return H1_DONE;
}

static enum h1_result field_line(struct scan *s, char *at, char **next)
{
	struct msg *m = s->m;
	struct field *f;
	struct str name, value;
	char *colon, *stop;
	enum h1_result r = field_name_at(s, at, &colon);

	if (r == H1_DONE)
		r = line_end(s, colon + 1, &stop, next);
	if (r != H1_DONE)
		return r;
	name = str_make(at, colon - at);
	value = trimmed(colon + 1, stop);
	f = m->nf >= s->o->max_fields ? NULL : m->nf < m->cap ? &m->f[m->nf] : msg_room(m);
	if (!f || name.n > UINT16_MAX)
		return refuse(s, 431, "h1-too-many-headers", at);
	*f = (struct field){ .name = name.p, .name_len = name.n, .value = value.p, .value_len = value.n,
		             .id = field_id(name) };
	m->nf++;
	m->live++;
	m->bytes += name.n + value.n + 4;
	return H1_DONE;
}

static enum h1_result field_lines(struct scan *s, struct h1_head *h, size_t *used)
{
	char *at = s->p + h->line, *next;
	enum h1_result r;

	if (still_cut(s, h))
		return H1_MORE;
	for (;; at = next, h->line = at - s->p) {
		if (at == s->end)
			return H1_MORE;
		if (http_is_ows(*at)) {
			r = fold(s, at, &next);
		} else if (*at == '\r' || *at == '\n') {
			r = empty_line(s, at, &next);
			if (r == H1_DONE)
				*used = next - s->p;
			return r == H1_ERROR ? refuse(s, 400, "h1-bare-cr", at) : r;
		} else {
			r = field_line(s, at, &next);
		}
		if (r != H1_DONE)
			return r;
	}
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void move(const char **q, const char *old, const char *now, size_t n)
{
	if (*q >= old && *q <= old + n)
		*q = now + (*q - old);
}

/* The caller moved the bytes: so do the slices. */
static void rebase(struct h1_head *h, const char *now, struct msg *m)
{
	struct str *parts[] = { &m->method_text, &m->scheme, &m->authority, &m->path, &m->reason };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		move(&parts[i]->p, h->base, now, h->line);
	for (int i = 0; i < m->nf; i++) {
		move(&m->f[i].name, h->base, now, h->line);
		move(&m->f[i].value, h->base, now, h->line);
	}
}

static enum h1_result too_large(struct scan *s, const struct h1_head *h)
{
	if (h->state == H1_HEAD_START)
		return refuse(s, 414, "h1-request-line-too-long", s->end);
	return refuse(s, 431, "h1-head-too-large", s->end);
}

enum h1_result h1_read_head(struct h1_head *h, char *p, size_t n, const struct h1_opts *o, struct msg *m,
				  size_t *used, struct fault *fault)
{
	size_t some = MIN(n, o->max_head);
	struct scan s = { .p = p, .end = p + some, .o = o, .m = m, .fault = fault };
	enum h1_result r = H1_DONE;

	WASSERT(h->line <= n && h->seen <= n);
	if (h->base && h->base != p)
		rebase(h, p, m);
	h->base = p;
	if (some == o->max_head)
		h->seen = h->line;	/* the last look at these bytes, so a thorough one */
	if (h->state == H1_HEAD_START)
		r = start_line(&s, h);
	if (r == H1_DONE)
		r = field_lines(&s, h, used);
	if (r == H1_MORE && some == o->max_head)
		return too_large(&s, h);
	h->seen = some;
	return r;
}
