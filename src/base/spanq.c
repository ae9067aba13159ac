/* A ring of spans whose size is a power of two: first in the queue itself, later in memory from the
 * pool. */
#include "weir/base/chunk.h"

#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define COPY_MIN 240	/* least room of a chunk opened for copied bytes */

static inline uint32_t ring_size(const struct spanq *q)
{
	return q->v ? q->cap : SPANQ_INLINE;
}

static inline struct span *ring(const struct spanq *q)
{
	return q->v ? q->v : (struct span *)q->inl;
}

/* The i-th span from the front. */
static inline struct span *span_at(const struct spanq *q, uint32_t i)
{
	return &ring(q)[(q->head + i) & (ring_size(q) - 1)];
}

void spanq_init(struct spanq *q)
{
	q->v = NULL;
	q->cap = q->head = q->count = 0;
	q->bytes = 0;
}

void spanq_fini(struct spanq *q)
{
	for (uint32_t i = 0; i < q->count; i++)
		chunk_unref(span_at(q, i)->c);
	if (q->v)
		pool_put(q->v, q->cap * sizeof(*q->v));
	spanq_init(q);
}

static void ring_grow(struct spanq *q)
{
	uint32_t cap = ring_size(q) * 2;
	struct span *v = pool_get(cap * sizeof(*v));

	for (uint32_t i = 0; i < q->count; i++)
		v[i] = *span_at(q, i);
	if (q->v)
		pool_put(q->v, q->cap * sizeof(*q->v));
	q->v = v;
	q->cap = cap;
	q->head = 0;
}

/* Appends a span with the reference that it holds; a neighbour of the last one in the same memory
 * is merged. */
static void append(struct spanq *q, struct span s)
{
	struct span *last = q->count ? span_at(q, q->count - 1) : NULL;

	q->bytes += s.len;
	if (last && last->c == s.c && last->p + last->len == s.p && s.c) {
		last->len += s.len;
		chunk_unref(s.c);
		return;
	}
	if (q->count == ring_size(q))
		ring_grow(q);
	*span_at(q, q->count++) = s;
}

void spanq_push(struct spanq *q, struct chunk *c, uint32_t off, uint32_t len)
{
	WASSERT(off <= c->size && len <= c->size - off);
	if (len)
		append(q, (struct span){ chunk_ref(c), c->data + off, len });
}

void spanq_push_static(struct spanq *q, const void *p, size_t len)
{
	const unsigned char *at = p;

	while (len) {
		uint32_t n = MIN(len, (size_t)UINT32_MAX);

		append(q, (struct span){ NULL, at, n });
		at += n;
		len -= n;
	}
}

/* Room behind the last span in a chunk that nobody else holds, or 0. */
static uint32_t tail_room(const struct spanq *q)
{
	const struct span *s = q->count ? span_at(q, q->count - 1) : NULL;

	if (!s || !s->c || s->c->refs != 1 || s->p + s->len != s->c->data + s->c->fill)
		return 0;
	return chunk_room(s->c);
}

void spanq_push_copy(struct spanq *q, const void *p, size_t len)
{
	spanq_push_copy_room(q, p, len, COPY_MIN);
}

void spanq_push_copy_room(struct spanq *q, const void *p, size_t len, size_t room)
{
	uint32_t n = MIN(len, (size_t)tail_room(q));
	struct chunk *c;

	if (n) {
		struct span *last = span_at(q, q->count - 1);

		memcpy(last->c->data + last->c->fill, p, n);
		last->c->fill += n;
		last->len += n;
		q->bytes += n;
	}
	if (n == len)
		return;
	p = (const char *)p + n;
	len -= n;
	c = chunk_get(MAX(len, room));
	memcpy(c->data, p, len);
	c->fill = len;
	append(q, (struct span){ c, c->data, len });
}

struct str spanq_peek(const struct spanq *q)
{
	const struct span *s = span_at(q, 0);

	return q->count ? str_make((const char *)s->p, s->len) : STR_NONE;
}

/* Takes the first span out of the ring; its reference goes to the caller. */
static struct span take_first(struct spanq *q)
{
	struct span s = *span_at(q, 0);

	q->head = (q->head + 1) & (ring_size(q) - 1);
	q->count--;
	q->bytes -= s.len;
	return s;
}

void spanq_drop(struct spanq *q, size_t n)
{
	WASSERT(n <= q->bytes);
	while (n) {
		struct span *s = span_at(q, 0);

		if (s->len > n) {
			s->p += n;
			s->len -= n;
			q->bytes -= n;
			return;
		}
		n -= s->len;
		chunk_unref(take_first(q).c);
	}
}

size_t spanq_move(struct spanq *to, struct spanq *from, size_t n)
{
	size_t left = n = MIN(n, from->bytes);

	while (left) {
		struct span part, *s = span_at(from, 0);

		if (s->len <= left) {
			left -= s->len;
			append(to, take_first(from));
			continue;
		}
		part = (struct span){ s->c ? chunk_ref(s->c) : NULL, s->p, left };
		spanq_drop(from, left);
		append(to, part);
		break;
	}
	return n;
}

size_t spanq_copy(const struct spanq *q, size_t off, void *to, size_t n)
{
	size_t done = 0;

	for (uint32_t i = 0; i < q->count && done < n; i++) {
		const struct span *s = span_at(q, i);
		size_t part;

		if (off >= s->len) {
			off -= s->len;
			continue;
		}
		part = MIN(n - done, s->len - off);
		memcpy((char *)to + done, s->p + off, part);
		done += part;
		off = 0;
	}
	return done;
}

int spanq_iov(const struct spanq *q, struct iovec *iov, int max)
{
	int n = 0;

	for (; (uint32_t)n < q->count && n < max; n++) {
		const struct span *s = span_at(q, n);

		iov[n] = (struct iovec){ (void *)s->p, s->len };
	}
	return n;
}
