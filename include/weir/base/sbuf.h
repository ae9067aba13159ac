/* A string being built, in memory of the caller (bounded: sets .full instead of writing beyond) or growing on the
 * heap. */
#ifndef WEIR_BASE_SBUF_H
#define WEIR_BASE_SBUF_H

#include <stdarg.h>
#include <stdint.h>
#include "weir/base/str.h"

struct sbuf {
	char *p;
	size_t n, cap;
	bool grows;	/* heap memory, reallocated as needed; else fixed */
	bool full;	/* something did not fit (fixed), it was cut */
};

/* Fixed buffer of the caller's. */
static inline struct sbuf sbuf_fixed(char *mem, size_t cap) { return (struct sbuf){ .p = mem, .cap = cap }; }
/* Growing; release with sbuf_fini. */
static inline struct sbuf sbuf_grow(void) { return (struct sbuf){ .grows = true }; }
void sbuf_fini(struct sbuf *b);
static inline void sbuf_clear(struct sbuf *b) { b->n = 0; b->full = false; }
static inline struct str sbuf_str(const struct sbuf *b) { return str_make(b->p, b->n); }
/* Each returns false when the text was cut (fixed buffers only). */
static inline bool sbuf_put(struct sbuf *b, const void *p, size_t n);
static inline bool sbuf_putc(struct sbuf *b, char c);
static inline bool sbuf_puts(struct sbuf *b, struct str s) { return sbuf_put(b, s.p, s.n); }
bool sbuf_putz(struct sbuf *b, const char *z);
bool sbuf_putu(struct sbuf *b, uint64_t v);
bool sbuf_puti(struct sbuf *b, int64_t v);
bool sbuf_printf(struct sbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap);
/* Makes room for n bytes and returns where they go (NULL: does not fit); sbuf_commit counts them. */
char *sbuf_room(struct sbuf *b, size_t n);
static inline void sbuf_commit(struct sbuf *b, size_t n) { b->n += n; }
/* The text as a C string (a NUL is put behind it, not counted; a fixed full buffer loses its last byte). */
const char *sbuf_z(struct sbuf *b);

/* sbuf_put where there is no room for all of it: grows, or cuts. */
bool sbuf_put_more(struct sbuf *b, const void *p, size_t n);
static inline bool sbuf_put(struct sbuf *b, const void *p, size_t n)
{
	if (b->cap - b->n < n)
		return sbuf_put_more(b, p, n);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}
static inline bool sbuf_putc(struct sbuf *b, char c)
{
	if (b->n == b->cap)
		return sbuf_put_more(b, &c, 1);
	b->p[b->n++] = c;
	return true;
}

#endif
