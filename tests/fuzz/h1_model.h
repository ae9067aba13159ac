/* What the HTTP/1 fuzzers share: one message goes through reader, framing, body reader and writer, whole and in pieces,
 * and everything must come out the same. The first byte of the input chooses the options. */
#ifndef TESTS_FUZZ_H1_MODEL_H
#define TESTS_FUZZ_H1_MODEL_H

#include <stdint.h>
#include <stdlib.h>
#include "weir/base/obj.h"
#include "weir/http/framing.h"
#include "weir/http/h1_read.h"
#include "weir/http/h1_write.h"
#include "weir/http/hop.h"

struct exchange {
	struct arena mem;
	struct msg m;
	struct h1_opts opts;
	struct fault fault;
	enum h1_result r;
	bool framed;
	size_t used;		/* of the head */
	char *text;		/* bytes of the head, where m points */
	struct sbuf body;
	enum h1_body_result body_r;
	size_t body_used;
};

static inline void exchange_init(struct exchange *x, bool response, uint8_t choice)
{
	*x = (struct exchange){ .opts = { .max_head = choice & 2 ? 256 : 4096, .max_fields = choice & 4 ? 4 : 101,
					  .accept_unsafe = choice & 1 } };
	arena_init(&x->mem, 2048);
	msg_init(&x->m, response, &x->mem);
	x->body = sbuf_grow();
}

static inline void exchange_fini(struct exchange *x)
{
	arena_fini(&x->mem);
	sbuf_fini(&x->body);
	free(x->text);
}

/* Each call sees the bytes in new memory of just their length: nothing may be read behind it. */
static inline void read_head(struct exchange *x, const uint8_t *p, size_t n, size_t first, size_t step)
{
	struct h1_head progress = { 0 };

	x->r = H1_MORE;
	for (size_t have = MIN(first, n); x->r == H1_MORE; have = MIN(have + step, n)) {
		char *now = malloc(have ? have : 1);

		if (x->text)
			memcpy(now, x->text, MIN(have, x->used));
		if (have > x->used)
			memcpy(now + x->used, p + x->used, have - x->used);
		x->used = have;
		x->r = h1_read_head(&progress, now, have, &x->opts, &x->m, &x->used, &x->fault);
		free(x->text);
		x->text = now;
		if (x->r == H1_MORE)
			x->used = have;
		if (have == n)
			break;
	}
}

static inline void read_body(struct exchange *x, const uint8_t *p, size_t n, size_t step)
{
	struct h1_body b;
	struct h1_run run;
	size_t used;

	h1_body_init(&b, &x->m, &x->opts);
	x->body_r = H1_BODY_MORE;
	while (x->body_r == H1_BODY_MORE || x->body_r == H1_BODY_DATA) {
		size_t have = MIN(step, n - x->body_used);
		char *piece = malloc(have ? have : 1);

		memcpy(piece, p + x->body_used, have);
		x->body_r = h1_read_body(&b, piece, have, &used, &run, &x->fault);
		if (x->body_r == H1_BODY_DATA) {
			WASSERT(run.len > 0 && run.off + run.len == used && used <= have);
			sbuf_put(&x->body, piece + run.off, run.len);
		}
		free(piece);
		if (x->body_r == H1_BODY_ERROR)
			break;
		WASSERT(x->body_r != H1_BODY_MORE || used == have);
		x->body_used += used;
		if (have == 0)
			break;
	}
}

static inline void say_fields(struct sbuf *b, const struct field *f, int n)
{
	for (int i = 0; i < n; i++) {
		if (f[i].flags & FIELD_F_DELETED)
			continue;
		sbuf_puts(b, field_name_str(&f[i]));
		sbuf_putc(b, ':');
		sbuf_puts(b, field_value_str(&f[i]));
		sbuf_putc(b, '\n');
	}
}

/* All that a reader can see. */
static inline void say(struct sbuf *b, const struct exchange *x)
{
	const struct msg *m = &x->m;
	const struct str parts[] = { m->method_text, m->scheme, m->authority, m->path, m->reason, m->protocol };

	sbuf_printf(b, "r %d framed %d\n", x->r, x->framed);
	if (x->r == H1_ERROR || (x->r == H1_DONE && !x->framed))
		sbuf_printf(b, "%d %s %u\n", x->fault.status, x->fault.reason, x->framed ? 0 : x->fault.pos);
	if (x->r != H1_DONE || !x->framed)
		return;
	sbuf_printf(b, "used %zu method %d form %d %d.%d status %d flags %x body %d %llu bytes %u live %d\n", x->used,
		    m->method, m->form, m->major, m->minor, m->status, m->flags, m->body,
		    (unsigned long long)m->body_len, m->bytes, m->live);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		sbuf_puts(b, parts[i]);
		sbuf_putc(b, '\n');
	}
	say_fields(b, m->f, m->nf);
	sbuf_printf(b, "body %d used %zu:", x->body_r, x->body_r == H1_BODY_ERROR ? 0 : x->body_used);
	sbuf_puts(b, sbuf_str(&x->body));
	say_fields(b, m->trailers, m->ntrailers);
	if (x->body_r == H1_BODY_ERROR)
		sbuf_printf(b, "%d %s", x->fault.status, x->fault.reason);
}

/* What the writer makes of the message must be read back as the same fields, and framed. */
static inline void write_and_read(struct exchange *x, bool (*frame)(struct exchange *x))
{
	struct sbuf text = sbuf_grow(), before = sbuf_grow(), after = sbuf_grow();
	struct h1_out o = { .minor = x->m.minor > 0 };
	struct exchange y;

	WASSERT(x->m.bytes == msg_measure(&x->m));
	if (x->m.is_response)
		hop_response(&x->m);
	else
		hop_request(&x->m);
	WASSERT(x->m.bytes == msg_measure(&x->m));
	if (x->m.body == BODY_CHUNKED)
		o.framing = H1_FRAME_CHUNKED;
	else if (x->m.flags & MSG_HAS_LENGTH)
		o.framing = H1_FRAME_LENGTH, o.length = x->m.body_len;
	WASSERT(h1_write_head(&text, &x->m, &o));
	WASSERT(text.n <= h1_head_max(&x->m, &o));
	exchange_init(&y, x->m.is_response, 1);
	y.opts = (struct h1_opts){ .max_head = 65536, .max_fields = 200, .accept_unsafe = x->opts.accept_unsafe };
	read_head(&y, (uint8_t *)text.p, text.n, text.n, 1);
	WASSERT(y.r == H1_DONE && y.used == text.n);
	WASSERT(frame(&y));
	msg_del_id(&x->m, FIELD_TE);
	msg_del_id(&x->m, FIELD_CONTENT_LENGTH);
	msg_del_id(&x->m, FIELD_TRANSFER_ENCODING);
	msg_del_id(&y.m, FIELD_CONTENT_LENGTH);
	msg_del_id(&y.m, FIELD_TRANSFER_ENCODING);
	say_fields(&before, x->m.f, x->m.nf);
	say_fields(&after, y.m.f, y.m.nf);
	WASSERT(str_eq(sbuf_str(&before), sbuf_str(&after)));
	WASSERT(str_eq(x->m.path, y.m.path) && str_eq(x->m.authority, y.m.authority));
	exchange_fini(&y);
	sbuf_fini(&text);
	sbuf_fini(&before);
	sbuf_fini(&after);
}

static inline void run(struct exchange *x, const uint8_t *p, size_t n, size_t first, size_t step,
		       bool (*frame)(struct exchange *x))
{
	read_head(x, p, n, first, step);
	if (x->r != H1_DONE)
		return;
	x->framed = frame(x);
	if (x->framed)
		read_body(x, p + x->used, n - x->used, step);
}

static inline void one_message(const uint8_t *p, size_t n, bool response, bool (*frame)(struct exchange *x))
{
	struct sbuf whole = sbuf_grow(), parts = sbuf_grow();
	uint8_t choice = n ? p[0] : 0;
	struct exchange x;

	p += n > 0;
	n -= n > 0;
	if (n > 1500)
		return;
	exchange_init(&x, response, choice);
	run(&x, p, n, n, n + 1, frame);
	say(&whole, &x);
	/* first = 0: byte by byte; else two pieces, cut at every byte of a short message */
	for (size_t first = 0; first <= n; first += 1 + n / 128) {
		struct exchange y;

		exchange_init(&y, response, choice);
		run(&y, p, n, first, first ? n : 1, frame);
		sbuf_clear(&parts);
		say(&parts, &y);
		WASSERT(str_eq(sbuf_str(&whole), sbuf_str(&parts)));
		exchange_fini(&y);
	}
	if (x.r == H1_DONE && x.framed)
		write_and_read(&x, frame);
	exchange_fini(&x);
	sbuf_fini(&whole);
	sbuf_fini(&parts);
}

#endif
