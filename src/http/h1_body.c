/* Bodies of HTTP/1 messages, RFC 9112 sections 6 and 7. Chunk lines are read byte by byte across calls; only trailers,
 * which are rare, are collected until they are complete. */
#include "weir/http/chars.h"
#include "weir/base/obj.h"
#include "weir/http/framing.h"
#include "weir/http/h1_read.h"

/* A chunk-size line with its extensions, which nobody needs; signed uploads use about a hundred bytes of them. */
#define CHUNK_LINE_LIMIT 1024
#define FIRST_TRAILER_TEXT 512

enum {
	ST_DATA,	/* `left` bytes of a plain body, or of a chunk */
	ST_SIZE_FIRST,	/* first digit of a chunk size */
	ST_SIZE,
	ST_SIZE_BLANK,	/* blanks behind the size: an extension or the end must follow */
	ST_EXT,
	ST_EXT_QUOTED, ST_EXT_ESCAPED,
	ST_SIZE_LF,
	ST_DATA_CR, ST_DATA_LF,
	ST_TRAILER,
	ST_END,
	ST_BROKEN,
};

void h1_body_init(struct h1_body *b, struct msg *m, const struct h1_opts *opts)
{
	*b = (struct h1_body){ .kind = m->body, .m = m, .opts = opts };
	if (m->body == BODY_CHUNKED) {
		b->state = ST_SIZE_FIRST;
	} else if (m->body == BODY_LENGTH) {
		b->left = m->body_len;
		b->state = b->left ? ST_DATA : ST_END;
	} else if (m->body == BODY_NONE) {
		b->state = ST_END;
	} else {
		b->left = UINT64_MAX;
	}
}

static enum h1_body_result broken(struct h1_body *b, unsigned status, const char *reason, size_t pos,
				  struct fault *fault)
{
	b->state = ST_BROKEN;
	fault_set(fault, b->m->is_response ? 502 : status, reason, pos);
	return H1_BODY_ERROR;
}

/* ---- chunk lines --------------------------------------------------------------------------- */

/* One byte of a quoted string inside an extension, or of the plain part of it. */
static int extension_step(struct h1_body *b, unsigned char c)
{
	if (!http_is(c, CH_VALUE) && c != '\r')
		return -1;
	switch (b->state) {
	case ST_EXT_ESCAPED:
		b->state = ST_EXT_QUOTED;
		return c == '\r' ? -1 : 0;
	case ST_EXT_QUOTED:
		b->state = c == '"' ? ST_EXT : c == '\\' ? ST_EXT_ESCAPED : ST_EXT_QUOTED;
		return c == '\r' ? -1 : 0;
	default:
		b->state = c == '"' ? ST_EXT_QUOTED : c == '\r' ? ST_SIZE_LF : ST_EXT;
		return 0;
	}
}

static int size_digit(struct h1_body *b, unsigned char c)
{
	if (http_hex[c] == 0xff || b->left >> 59)	/* the next digit would reach 2^63 */
		return -1;
	b->left = b->left << 4 | http_hex[c];
	b->state = ST_SIZE;
	return 0;
}

static int after_size(struct h1_body *b, unsigned char c)
{
	if (http_is_ows(c))
		b->state = ST_SIZE_BLANK;
	else if (c == ';')
		b->state = ST_EXT;
	else if (c == '\r')
		b->state = ST_SIZE_LF;
	else
		return -1;
	return 0;
}

/* Takes one byte of framing; -1: it may not stand here. */
static int frame_step(struct h1_body *b, unsigned char c)
{
	switch (b->state) {
	case ST_SIZE_FIRST:
		b->left = 0;
		b->line = 0;
		return size_digit(b, c);
	case ST_SIZE:
		return http_hex[c] != 0xff ? size_digit(b, c) : after_size(b, c);
	case ST_SIZE_BLANK:
		return after_size(b, c);
	case ST_EXT:
	case ST_EXT_QUOTED:
	case ST_EXT_ESCAPED:
		return extension_step(b, c);
	case ST_SIZE_LF:
		b->state = b->left ? ST_DATA : ST_TRAILER;
		return c == '\n' ? 0 : -1;
	case ST_DATA_CR:
		b->state = ST_DATA_LF;
		return c == '\r' ? 0 : -1;
	default:
		WASSERT(b->state == ST_DATA_LF);
		b->state = ST_SIZE_FIRST;
		return c == '\n' ? 0 : -1;
	}
}

static const char *frame_reason(unsigned state)
{
	switch (state) {
	case ST_SIZE_FIRST: case ST_SIZE: case ST_SIZE_BLANK: case ST_SIZE_LF:
		return "h1-bad-chunk-size";
	case ST_EXT: case ST_EXT_QUOTED: case ST_EXT_ESCAPED:
		return "h1-bad-chunk-extension";
	default:
		return "h1-chunk-without-crlf";
	}
}

/* ---- trailers ------------------------------------------------------------------------------ */

/* Makes room for n bytes more; what was read moves, and the head reader follows. */
static void text_room(struct h1_body *b, size_t n)
{
	char *more;

	if (b->text_n + n <= b->text_cap)
		return;
	b->text_cap = MAX(b->text_n + n, MAX(b->text_cap * 2U, (size_t)FIRST_TRAILER_TEXT));
	more = arena_bytes(b->m->mem, b->text_cap);
	if (b->text_n)
		memcpy(more, b->text, b->text_n);
	b->text = more;
}

static void keep_trailers(struct h1_body *b)
{
	struct msg *t = b->tm;
	int kept = 0;

	for (int i = 0; i < t->nf; i++)
		if (framing_trailer_ok(&t->f[i]))
			t->f[kept++] = t->f[i];
	b->m->trailers = kept ? t->f : NULL;
	b->m->ntrailers = kept;
}

static void trailers_begin(struct h1_body *b)
{
	b->tm = arena_new(b->m->mem, struct msg);
	msg_init(b->tm, b->m->is_response, b->m->mem);
	b->head.state = H1_HEAD_FIELDS;
}

/* The section is a head without a start line; nearly always it is empty. p: its bytes behind the *used ones. */
static enum h1_body_result trailers(struct h1_body *b, const char *p, size_t n, size_t *used, struct fault *fault)
{
	size_t before = b->text_n, take = MIN(n, b->opts->max_head - before), whole;
	enum h1_result r;

	if (!b->tm && n >= 2 && memcmp(p, "\r\n", 2) == 0) {
		*used += 2;
		b->state = ST_END;
		return H1_BODY_END;
	}
	if (!b->tm)
		trailers_begin(b);
	text_room(b, take);
	memcpy(b->text + before, p, take);
	b->text_n += take;
	r = h1_read_head(&b->head, b->text, b->text_n, b->opts, b->tm, &whole, fault);
	if (r == H1_ERROR)
		return broken(b, fault->status, fault->reason, *used + fault->pos - MIN(before, fault->pos), fault);
	*used += r == H1_DONE ? whole - before : take;
	if (r == H1_MORE)
		return H1_BODY_MORE;
	keep_trailers(b);
	b->state = ST_END;
	return H1_BODY_END;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static enum h1_body_result data(struct h1_body *b, size_t n, size_t *used, struct h1_run *run)
{
	*run = (struct h1_run){ .off = *used, .len = MIN(b->left, n - *used) };
	*used += run->len;
	h1_body_skip(b, run->len);
	return H1_BODY_DATA;
}

enum h1_body_result h1_read_body(struct h1_body *b, const char *p, size_t n, size_t *used, struct h1_run *run,
				  struct fault *fault)
{
	for (*used = 0; b->state != ST_END; ++*used) {
		unsigned state = b->state;

		if (state == ST_BROKEN)
			return broken(b, 400, "h1-body-broken", 0, fault);
		if (*used == n)
			return H1_BODY_MORE;
		if (state == ST_DATA)
			return data(b, n, used, run);
		if (state == ST_TRAILER)
			return trailers(b, p + *used, n - *used, used, fault);
		if (frame_step(b, p[*used]) < 0)
			return broken(b, 400, frame_reason(state), *used, fault);
		if (state >= ST_SIZE && state <= ST_SIZE_LF && ++b->line > CHUNK_LINE_LIMIT)
			return broken(b, 400, "h1-chunk-line-too-long", *used, fault);
	}
	return H1_BODY_END;
}

uint64_t h1_body_plain(const struct h1_body *b)
{
	return b->state == ST_DATA ? b->left : 0;
}

void h1_body_skip(struct h1_body *b, uint64_t n)
{
	WASSERT(b->state == ST_DATA && n <= b->left);
	if (b->kind == BODY_CLOSE || b->kind == BODY_TUNNEL)
		return;
	b->left -= n;
	if (b->left == 0)
		b->state = b->kind == BODY_CHUNKED ? ST_DATA_CR : ST_END;
}

bool h1_body_may_end(const struct h1_body *b)
{
	return b->state == ST_END || b->kind == BODY_CLOSE || b->kind == BODY_TUNNEL;
}
