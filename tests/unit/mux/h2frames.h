/* HTTP/2 frames made by hand, where a decent peer would not send them. */
#ifndef TESTS_UNIT_MUX_H2FRAMES_H
#define TESTS_UNIT_MUX_H2FRAMES_H

#include "fake.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
enum { PROTOCOL_ERROR = 1, FLOW_CONTROL_ERROR = 3, STREAM_CLOSED = 5, FRAME_SIZE_ERROR = 6, COMPRESSION_ERROR = 9 };

static inline void put_frame(struct sbuf *b, int type, int flags, uint32_t id, const void *p, size_t n)
{
	unsigned char head[9] = { (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n,
				  (unsigned char)type, (unsigned char)flags, (unsigned char)(id >> 24),
				  (unsigned char)(id >> 16), (unsigned char)(id >> 8), (unsigned char)id };

	sbuf_put(b, head, 9);
	sbuf_put(b, p, n);
}

static inline void frame(struct rig *r, int type, int flags, uint32_t id, const void *p, size_t n)
{
	struct sbuf b = sbuf_grow();

	put_frame(&b, type, flags, id, p, n);
	say_n(r, b.p, b.n);
	sbuf_fini(&b);
}

/* "name=value|name=value", each a literal that is not indexed (RFC 7541 section 6.2.2); '~' stands for LF, '^' for a
 * space at an end. */
static inline struct sbuf block_of(const char *text)
{
	struct sbuf b = sbuf_grow();
	struct str rest = str_c(text);

	while (rest.p && rest.n) {
		struct str value = str_cut(&rest, '|'), name = str_cut(&value, '=');

		sbuf_putc(&b, 0);
		sbuf_putc(&b, (char)name.n);
		sbuf_puts(&b, name);
		sbuf_putc(&b, (char)value.n);
		for (size_t i = 0; i < value.n; i++)
			sbuf_putc(&b, value.p[i] == '~' ? '\n' : value.p[i] == '^' ? ' ' : value.p[i]);
	}
	return b;
}

static inline void headers(struct rig *r, uint32_t id, int flags, const char *text)
{
	struct sbuf b = block_of(text);

	frame(r, HEADERS, flags | END_HEADERS, id, b.p, b.n);
	sbuf_fini(&b);
}

/* What came: the code of the first RST_STREAM for that stream, or of a GOAWAY (id 0), plus one; 0: none. */
static inline unsigned code_of(struct rig *r, int type, uint32_t id)
{
	const unsigned char *p;
	size_t n, begin;

	hear(r);
	p = (const unsigned char *)r->got.p;
	begin = r->got.n && p[0] == 'P' ? sizeof(PREFACE) - 1 : 0;	/* it is a client */
	for (size_t at = begin; at + 9 <= r->got.n; at += 9 + n) {
		uint32_t of = (uint32_t)(p[at + 5] & 127) << 24 | (uint32_t)p[at + 6] << 16 | (uint32_t)p[at + 7] << 8 |
			      p[at + 8];
		size_t code = at + 9 + (type == GOAWAY ? 4 : 0);

		n = (size_t)p[at] << 16 | (size_t)p[at + 1] << 8 | p[at + 2];
		if (p[at + 3] == type && of == id && (type == RST_STREAM || type == GOAWAY))
			return p[code + 3] + 1U;
		if (p[at + 3] == type && of == id)
			return 1;
	}
	return 0;
}

#endif
