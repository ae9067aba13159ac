/* One pass from left to right over the bytes: a line becomes slices of the caller's buffer as soon as it is there. When
 * it is cut, `seen` remembers how far it was looked at and `part` in what, so no byte is looked at twice, and what is
 * wrong is found at the same byte however the head was cut. */
#include "weir/http/h1_read.h"

#include "blocks.h"
#include "weir/base/obj.h"
#include "weir/http/uri.h"

/* What comes first on a line (a method, a name), or the text behind it. */
enum { PART_FIRST, PART_TEXT };

/* What one call works with. */
struct scan {
	struct h1_head *h;
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
	while (end - at >= BLOCK) {
		unsigned n = block_text(at);

		at += n;
		if (n < BLOCK)
			return at;
	}
	while (at < end && http_is(*at, CH_VALUE))
		at++;
	return at;
}

/* The line is cut: what is known of it is kept for the next call. */
static enum h1_result cut(struct scan *s, const char *line, const char *seen, unsigned part)
{
	s->h->line = line - s->p;
	s->h->seen = seen - s->p;
	s->h->part = part;
	return H1_MORE;
}

/* Goes from `at`, inside a line, to its end. *stop: behind the last byte of text, or of what is there of it (MORE);
 * *next: start of the next line. */
static enum h1_result line_end(struct scan *s, char *at, char **stop, char **next)
{
	for (;; at++) {
		at = skip_text(at, s->end);
		*stop = at;
		if (at == s->end)
			return H1_MORE;
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
	struct str word;
	size_t n = 0;

	while (n + BLOCK <= rest->n && block_target(rest->p + n) == BLOCK)
		n += BLOCK;
	while (n < rest->n && !http_is_ows(rest->p[n]))
		n++;
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
static enum h1_result first_of_request(struct scan *s, const char *line)
{
	const char *at = s->p + MAX(s->h->seen, (uint32_t)(line - s->p));

	while (at < s->end && http_is_token(*at))
		at++;
	if (at == s->end)
		return cut(s, line, at, PART_FIRST);
	return at > line && http_is_ows(*at) ? H1_DONE : refuse(s, 400, "h1-bad-method", at);
}

static enum h1_result first_of_response(struct scan *s, const char *line)
{
	struct str have = str_make(line, s->end - line), magic = STR("HTTP/");

	if (memcmp(line, magic.p, MIN(have.n, magic.n)) != 0)
		return refuse(s, 502, "h1-bad-version", line);
	return have.n < magic.n ? cut(s, line, line, PART_FIRST) : H1_DONE;
}

/* Passes over the empty lines that may precede a request (RFC 9112 section 2.2), and an answer, of servers that end a
 * body with one too many. */
static enum h1_result empty_lines(struct scan *s, char **line)
{
	enum h1_result r;
	char *next;

	while ((r = empty_line(s, *line, &next)) == H1_DONE)
		*line = next;
	return r == H1_MORE ? cut(s, *line, *line, PART_FIRST) : H1_DONE;
}

static enum h1_result start_line(struct scan *s)
{
	bool response = s->m->is_response;
	char *line = s->p + s->h->line, *stop, *next;
	enum h1_result r = empty_lines(s, &line);
	struct str text;

	if (r == H1_DONE && s->h->part == PART_FIRST)
		r = response ? first_of_response(s, line) : first_of_request(s, line);
	if (r != H1_DONE)
		return r;
	r = line_end(s, s->h->part == PART_FIRST ? line : s->p + s->h->seen, &stop, &next);
	if (r == H1_MORE)
		return cut(s, line, stop, PART_TEXT);
	if (r == H1_ERROR)
		return r;
	text = str_make(line, stop - line);
	r = response ? status_line(s, text) : request_line(s, text);
	msg_count_bytes(s->m);	/* without fields, which add themselves */
	s->h->state = H1_HEAD_FIELDS;
	cut(s, next, next, PART_FIRST);
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
static enum h1_result fold(struct scan *s, const char *line, char *from, char **next)
{
	struct field *f;
	struct str more;
	char *stop;
	enum h1_result r;

	if (s->m->nf == 0)
		return refuse(s, 400, "h1-leading-space", line);
	r = line_end(s, from, &stop, next);
	if (r == H1_MORE)
		return cut(s, line, stop, PART_TEXT);
	if (r == H1_ERROR)
		return r;
	f = &s->m->f[s->m->nf - 1];
	more = trimmed(line, stop);
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

/* Lower-cases the name in place, up to its colon. `from`: where to go on, at the start of the line or behind. */
static enum h1_result name_of_field(struct scan *s, const char *line, char *from, char **colon)
{
	unsigned n = BLOCK;
	char *at = from;
	unsigned char c;

	for (; n == BLOCK && s->end - at >= BLOCK; at += n)
		n = block_name(at);
	for (; at < s->end; at++) {
		c = http_lower[(unsigned char)*at];
		if (c)
			*at = c;
		else if (!s->o->accept_unsafe || *at == ':' || (unsigned char)*at <= ' ' || *at == 0x7f)
			break;
	}
	if (at == s->end)
		return cut(s, line, at, PART_FIRST);
	*colon = at;
	return *at == ':' && at > line ? H1_DONE : bad_name(s, line, at);
}

static enum h1_result add_field(struct scan *s, struct str name, struct str value)
{
	struct msg *m = s->m;
	struct field *f = m->nf >= s->o->max_fields ? NULL : m->nf < m->cap ? &m->f[m->nf] : msg_room(m);

	if (!f || name.n > UINT16_MAX)
		return refuse(s, 431, "h1-too-many-headers", name.p);
	*f = (struct field){ .name = name.p, .name_len = name.n, .value = value.p, .value_len = value.n,
			     .id = field_id(name) };
	m->nf++;
	m->live++;
	m->ids |= (uint64_t)1 << f->id;
	m->bytes += name.n + value.n + 4;
	return H1_DONE;
}

static enum h1_result field_line(struct scan *s, char *line, char *from, unsigned part, char **next)
{
	char *colon = s->p + s->h->colon, *stop;
	enum h1_result r;

	if (part == PART_FIRST) {
		r = name_of_field(s, line, from, &colon);
		if (r != H1_DONE)
			return r;
		from = colon + 1;
	}
	r = line_end(s, from, &stop, next);
	if (r == H1_MORE) {
		s->h->colon = colon - s->p;
		return cut(s, line, stop, PART_TEXT);
	}
	if (r == H1_ERROR)
		return r;
	return add_field(s, str_make(line, colon - line), trimmed(colon + 1, stop));
}

static enum h1_result field_lines(struct scan *s, size_t *used)
{
	char *line = s->p + s->h->line, *from = s->p + s->h->seen, *next;
	unsigned part = s->h->part;
	enum h1_result r;

	for (;; line = from = next, part = PART_FIRST) {
		if (line == s->end)
			return cut(s, line, line, PART_FIRST);
		if (http_is_ows(*line)) {
			r = fold(s, line, from, &next);
		} else if (*line == '\r' || *line == '\n') {
			r = empty_line(s, line, &next);
			break;
		} else {
			r = field_line(s, line, from, part, &next);
		}
		if (r != H1_DONE)
			return r;
	}
	if (r == H1_DONE)
		*used = next - s->p;
	else if (r == H1_MORE)
		cut(s, line, line, PART_FIRST);
	return r == H1_ERROR ? refuse(s, 400, "h1-bare-cr", line) : r;
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

static enum h1_result too_large(struct scan *s)
{
	if (s->h->state == H1_HEAD_START)
		return refuse(s, 414, "h1-request-line-too-long", s->end);
	return refuse(s, 431, "h1-head-too-large", s->end);
}

enum h1_result h1_read_head(struct h1_head *h, char *p, size_t n, const struct h1_opts *o, struct msg *m,
				  size_t *used, struct fault *fault)
{
	size_t some = MIN(n, o->max_head);
	struct scan s = { .h = h, .p = p, .end = p + some, .o = o, .m = m, .fault = fault };
	enum h1_result r = H1_DONE;

	WASSERT(h->line <= n && h->seen <= n);
	if (h->base && h->base != p)
		rebase(h, p, m);
	h->base = p;
	if (h->state == H1_HEAD_START)
		r = start_line(&s);
	if (r == H1_DONE)
		r = field_lines(&s, used);
	return r == H1_MORE && some == o->max_head ? too_large(&s) : r;
}
