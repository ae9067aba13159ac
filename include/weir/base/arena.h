/* Memory released in one sweep: a configuration generation or a stream owns one. One thread at a time. */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include "weir/base/str.h"

struct arena_block;
struct arena_defer;

struct arena {
	char *pos, *end;		/* free part of the current block */
	struct arena_block *blocks;	/* newest first */
	uint32_t block_size;		/* of the next ordinary block */
	bool pages;			/* blocks are whole pages: it can be sealed */
	size_t used;			/* bytes handed out, for reports */
	struct arena_defer *defers;	/* newest first */
};

/* block_size: bytes of an ordinary block (taken from the thread's pools). Takes no
 * memory until the first allocation. */
void arena_init(struct arena *a, size_t block_size);
/* The same for an arena that is sealed one day. */
void arena_init_pages(struct arena *a, size_t block_size);
/* From now on everything in the arena is read only, `a` itself too when it lies there. In builds with WEIR_DEBUG
 * (make DEBUG=1, and all with sanitizers) the pages are: a write is a SIGSEGV. In others it is a promise, and costs
 * nothing. arena_unseal takes it back, which has to be done before arena_fini. */
#ifdef WEIR_DEBUG
void arena_seal(const struct arena *a);
void arena_unseal(const struct arena *a);
#else
static inline void arena_seal(const struct arena *a) { (void)a; }
static inline void arena_unseal(const struct arena *a) { (void)a; }
#endif
/* Releases everything; the arena may be used again afterwards. */
void arena_fini(struct arena *a);
/* Calls release(p) at arena_fini, before the memory goes; the last one deferred comes first. For things that hold more
 * than memory of the arena: compiled expressions, TLS contexts, files. */
void arena_defer(struct arena *a, void (*release)(void *p), void *p);
/* 16-byte aligned; never NULL (out of memory ends the process with a message). */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/* Unaligned bytes (for text). */
char *arena_bytes_more(struct arena *a, size_t n);	/* from a new block: private to arena.c and arena_bytes */
static inline char *arena_bytes(struct arena *a, size_t n)
{
	char *p = a->pos;

	if (__builtin_expect(!p || n > (size_t)(a->end - p), 0))
		return arena_bytes_more(a, n);
	a->used += n;
	a->pos = p + n;
	return p;
}
/* Copies; the copy has a NUL behind it. */
struct str arena_str(struct arena *a, struct str s);
char *arena_strz(struct arena *a, const char *z);
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str arena_vprintf(struct arena *a, const char *fmt, va_list ap);
#define arena_new(a, type) ((type *)arena_zalloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_zalloc((a), sizeof(type) * (n)))

#endif
