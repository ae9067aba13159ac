#include "weir/base/sbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define FIRST_SIZE 128
#define ONE_LINE 100

void sbuf_fini(struct sbuf *b)
{
	if (b->grows)
		free(b->p);
	*b = (struct sbuf){ .grows = b->grows };
}

/* Room for n more bytes in a growing buffer. */
static void grow(struct sbuf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : FIRST_SIZE;

	WASSERT(n < SIZE_MAX / 4 && b->n < SIZE_MAX / 4);
	while (cap - b->n < n)
		cap *= 2;
	if (cap != b->cap) {
		b->p = mem_realloc(b->p, cap);
		b->cap = cap;
	}
}

char *sbuf_room(struct sbuf *b, size_t n)
{
	if (b->grows)
		grow(b, n);
	else if (b->cap - b->n < n)
		return NULL;
	return b->p + b->n;
}

bool sbuf_put_more(struct sbuf *b, const void *p, size_t n)
{
	bool fits = b->grows;

	if (b->grows) {
		grow(b, n);
	} else {
		n = b->cap - b->n;
		b->full = true;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return fits;
}

bool sbuf_putz(struct sbuf *b, const char *z)
{
	return sbuf_put(b, z, strlen(z));
}

bool sbuf_putu(struct sbuf *b, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	if (v < 10)
		return sbuf_putc(b, (char)('0' + v));
	for (; v > UINT32_MAX; v /= 10)
		*--p = (char)('0' + v % 10);
	for (uint32_t low = (uint32_t)v; low; low /= 10)
		*--p = (char)('0' + low % 10);
	return sbuf_put(b, p, (size_t)(digits + sizeof(digits) - p));
}

bool sbuf_puti(struct sbuf *b, int64_t v)
{
	if (v >= 0)
		return sbuf_putu(b, v);
	return sbuf_putc(b, '-') && sbuf_putu(b, -(uint64_t)v);
}

bool sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;
	bool fits;

	va_start(ap, fmt);
	fits = sbuf_vprintf(b, fmt, ap);
	va_end(ap);
	return fits;
}

/* Text that nearly fills a fixed buffer: vsnprintf wants a place for its NUL that the text may
 * need. */
static bool printf_cut(struct sbuf *b, const char *fmt, va_list ap, size_t want)
{
	char *text = mem_alloc(want + 1);
	bool fits;

	vsnprintf(text, want + 1, fmt, ap);
	fits = sbuf_put(b, text, want);
	free(text);
	return fits;
}

bool sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int want;
	bool fits = true;

	if (b->grows)
		grow(b, ONE_LINE); /* so that the text is rarely made twice */
	va_copy(again, ap);
	want = vsnprintf(b->cap > b->n ? b->p + b->n : NULL, b->cap - b->n, fmt, ap);
	WASSERT(want >= 0);
	if ((size_t)want < b->cap - b->n)
		b->n += want;
	else
		fits = printf_cut(b, fmt, again, want);
	va_end(again);
	return fits;
}

const char *sbuf_z(struct sbuf *b)
{
	if (b->grows)
		grow(b, 1);
	WASSERT(b->cap > 0);
	if (b->n == b->cap) {
		b->n--;
		b->full = true;
	}
	b->p[b->n] = 0;
	return b->p;
}
