#include "weir/http/h1_write.h"

#include "weir/base/obj.h"
#include "weir/http/framing.h"

/* Text is put behind `at`; the caller has made sure of the room. */
static inline char *put(char *at, const char *p, size_t n)
{
	memcpy(at, p, n);
	return at + n;
}

static inline char *put_str(char *at, struct str s)
{
	return s.n ? put(at, s.p, s.n) : at;
}

static char *put_u64(char *at, uint64_t v)
{
	char digits[20], *d = digits + sizeof(digits);

	do
		*--d = '0' + v % 10;
	while (v /= 10);
	return put(at, d, digits + sizeof(digits) - d);
}

/* A field as the reader left it: "name: value" in one piece. The bytes between both lie in the same buffer. */
static inline bool in_one_piece(const struct field *f)
{
	return f->value == f->name + f->name_len + 2 && f->value[-2] == ':' && f->value[-1] == ' ';
}

static inline char *put_field(char *at, struct str name, struct str value, const struct h1_case *adjust)
{
	struct str written = adjust ? adjust->name(adjust, name) : name;

	WASSERT(written.n == name.n);
	at = put_str(at, written);
	*at++ = ':';
	*at++ = ' ';
	at = put_str(at, value);
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

static char *put_length(char *at, const struct h1_out *o)
{
	char text[20];

	return put_field(at, field_name(FIELD_CONTENT_LENGTH), str_make(text, put_u64(text, o->length) - text),
	                 o->adjust);
}

/* ---- start lines --------------------------------------------------------------------------- */

static bool absolute(const struct msg *m)
{
	return m->form == TARGET_ABSOLUTE && m->scheme.n && (m->major < 2 || m->flags & MSG_TARGET_CHANGED);
}

static char *put_request_line(char *at, const struct msg *m, int minor)
{
	at = put_str(at, m->method_text);
	*at++ = ' ';
	if (absolute(m)) {
		at = put_str(at, m->scheme);
		at = put(at, "://", 3);
		at = put_str(at, m->authority);
	}
	at = put_str(at, m->form == TARGET_AUTHORITY ? m->authority : m->path);
	at = put(at, " HTTP/1.", 8);
	*at++ = '0' + minor;
	return put(at, "\r\n", 2);
}

static char *put_status_line(char *at, int minor, int status, struct str reason)
{
	at = put(at, "HTTP/1.", 7);
	*at++ = '0' + minor;
	*at++ = ' ';
	at = put_u64(at, status);
	*at++ = ' ';
	at = put_str(at, reason);
	return put(at, "\r\n", 2);
}

/* ---- fields -------------------------------------------------------------------------------- */

/* Fields of one connection: never copied, written new where they are wanted. */
#define BIT(id) ((uint64_t)1 << (id))
static const uint64_t own_fields = BIT(FIELD_CONNECTION) | BIT(FIELD_KEEP_ALIVE) | BIT(FIELD_PROXY_CONNECTION) |
	BIT(FIELD_TE) | BIT(FIELD_TRANSFER_ENCODING) | BIT(FIELD_UPGRADE) | BIT(FIELD_HTTP2_SETTINGS) |
	BIT(FIELD_CONTENT_LENGTH);
WSTATIC(FIELD_ID_COUNT <= 64);

static char *put_fields(char *at, const struct msg *m, const struct h1_out *o, bool *length_done)
{
	for (const struct field *f = m->f, *end = f + m->nf; f < end; f++) {
		if (f->flags & FIELD_F_DELETED)
			continue;
		if (!(own_fields >> f->id & 1) || (f->id == FIELD_CONTENT_LENGTH && o->framing == H1_FRAME_AS_IS)) {
			if (!o->adjust && in_one_piece(f))
				at = put(put(at, f->name, f->name_len + 2 + f->value_len), "\r\n", 2);
			else
				at = put_field(at, field_name_str(f), field_value_str(f), o->adjust);
		} else if (f->id == FIELD_CONTENT_LENGTH && o->framing == H1_FRAME_LENGTH && !*length_done) {
			at = put_length(at, o);
			*length_done = true;
		}
	}
	return at;
}

static struct str connection_options(const struct h1_out *o, char *buf)
{
	static const struct str conn[] = {
		[H1_CONN_NONE] = STR_INIT(""), [H1_CONN_CLOSE] = STR_INIT("close"),
		[H1_CONN_KEEP_ALIVE] = STR_INIT("keep-alive"),
	};
	struct str parts[] = {
		conn[o->conn], o->upgrade.n ? STR("upgrade") : STR_NONE,
		o->http2_settings.n ? STR("HTTP2-Settings") : STR_NONE, o->te_trailers ? STR("TE") : STR_NONE,
	};
	char *at = buf;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].n == 0)
			continue;
		if (at > buf)
			at = put(at, ", ", 2);
		at = put_str(at, parts[i]);
	}
	return str_make(buf, at - buf);
}
#define OPTIONS_MAX 64

static char *put_connection(char *at, const struct h1_out *o)
{
	char buf[OPTIONS_MAX];
	struct str options = connection_options(o, buf);

	if (o->te_trailers)
		at = put_field(at, field_name(FIELD_TE), STR("trailers"), o->adjust);
	if (options.n)
		at = put_field(at, field_name(FIELD_CONNECTION), options, o->adjust);
	if (o->upgrade.n)
		at = put_field(at, field_name(FIELD_UPGRADE), o->upgrade, o->adjust);
	if (o->http2_settings.n)
		at = put_field(at, field_name(FIELD_HTTP2_SETTINGS), o->http2_settings, o->adjust);
	return at;
}

/* ---- the whole ----------------------------------------------------------------------------- */

size_t h1_head_max(const struct msg *m, const struct h1_out *o)
{
	/* the fixed texts of all lines that may be added, with the longest numbers */
	return msg_measure(m) + 256 + o->upgrade.n + o->http2_settings.n;
}

bool h1_write_head(struct sbuf *b, const struct msg *m, const struct h1_out *o)
{
	bool length_done = false;
	size_t need = h1_head_max(m, o);
	char *from = sbuf_room(b, need), *at;

	if (!from)
		return false;
	at = m->is_response ? put_status_line(from, o->minor, m->status, m->reason)
	                    : put_request_line(from, m, o->minor);
	at = put_fields(at, m, o, &length_done);
	if (o->framing == H1_FRAME_LENGTH && !length_done)
		at = put_length(at, o);
	else if (o->framing == H1_FRAME_CHUNKED)
		at = put_field(at, field_name(FIELD_TRANSFER_ENCODING), STR("chunked"), o->adjust);
	at = put_connection(at, o);
	at = put(at, "\r\n", 2);
	WASSERT((size_t)(at - from) <= need);
	sbuf_commit(b, at - from);
	return true;
}

bool h1_write_status(struct sbuf *b, int minor, int status, struct str reason)
{
	size_t need = 16 + reason.n + 2;
	char *from = sbuf_room(b, need), *at;

	if (!from)
		return false;
	WASSERT(status >= 100 && status <= 999);
	at = put(put_status_line(from, minor, status, reason), "\r\n", 2);
	sbuf_commit(b, at - from);
	return true;
}

size_t h1_chunk_line(char to[H1_CHUNK_LINE_MAX], uint64_t len)
{
	static const char hex[] = "0123456789abcdef";
	char digits[16], *d = digits + sizeof(digits), *at;

	do
		*--d = hex[len & 15];
	while (len >>= 4);
	at = put(to, d, digits + sizeof(digits) - d);
	return put(at, "\r\n", 2) - to;
}

size_t h1_trailers_max(const struct field *f, int n)
{
	size_t need = 5;

	for (int i = 0; i < n; i++)
		need += f[i].name_len + f[i].value_len + 4;
	return need;
}

bool h1_write_trailers(struct sbuf *b, const struct field *f, int n, const struct h1_case *adjust)
{
	char *from = sbuf_room(b, h1_trailers_max(f, n)), *at;

	if (!from)
		return false;
	at = put(from, H1_LAST_CHUNK, 3);
	for (int i = 0; i < n; i++)
		if (!(f[i].flags & FIELD_F_DELETED) && framing_trailer_ok(&f[i]))
			at = put_field(at, field_name_str(&f[i]), field_value_str(&f[i]), adjust);
	at = put(at, "\r\n", 2);
	sbuf_commit(b, at - from);
	return true;
}
