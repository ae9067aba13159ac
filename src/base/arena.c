/* Blocks in a list, newest first; allocation moves a pointer. A request that does not fit the rest
 * of the block gets a new ordinary block, a large one a block of its own behind the current one (so
 * that the rest is not lost). */
#include "weir/base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define ALIGN 16
#define BLOCK_SIZE_MAX (64 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size;		/* whole block, for pool_put */
	char data[] __attribute__((aligned(ALIGN)));
};

struct arena_defer {
	struct arena_defer *next;
	void (*release)(void *p);
	void *p;
};

void arena_init(struct arena *a, size_t block_size)
{
	WASSERT(block_size <= UINT32_MAX);
	*a = (struct arena){ .block_size = (uint32_t)MAX(block_size, sizeof(struct arena_block) + 2 * ALIGN) };
}

void arena_init_pages(struct arena *a, size_t block_size)
{
	arena_init(a, block_size);
	a->pages = true;
}

/* Only what may be sealed pays for whole pages, and only where it can be. */
#ifdef WEIR_DEBUG

/* From libc's heap and not by mmap, so that leak checkers see what the blocks point to. */
static struct arena_block *pages_get(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
	struct arena_block *b = aligned_alloc(page, whole);

	WASSERT(b);
	b->size = whole;
	return b;
}

static void protect(const struct arena *a, int how)
{
	WASSERT(a->pages);
	for (struct arena_block *b = a->blocks; b; b = b->next)
		WASSERT(mprotect(b, b->size, how) == 0);
}

void arena_seal(const struct arena *a)
{
	protect(a, PROT_READ);
}

void arena_unseal(const struct arena *a)
{
	protect(a, PROT_READ | PROT_WRITE);
}

#endif

static struct arena_block *block_get(const struct arena *a, size_t size)
{
	struct arena_block *b;

#ifdef WEIR_DEBUG
	if (a->pages)
		return pages_get(size);
#endif
	b = pool_get(size);
	b->size = size;
	return b;
}

static void block_put(const struct arena *a, struct arena_block *b)
{
#ifdef WEIR_DEBUG
	if (a->pages) {
		free(b);
		return;
	}
#endif
	pool_put(b, b->size);
}

void arena_fini(struct arena *a)
{
	struct arena_block *b, *next;

	for (struct arena_defer *d = a->defers; d; d = d->next)
		d->release(d->p);
	for (b = a->blocks; b; b = next) {
		next = b->next;
		block_put(a, b);
	}
	*a = (struct arena){ .block_size = a->block_size, .pages = a->pages };
}

void arena_defer(struct arena *a, void (*release)(void *p), void *p)
{
	struct arena_defer *d = arena_alloc(a, sizeof(*d));

	*d = (struct arena_defer){ a->defers, release, p };
	a->defers = d;
}

/* A block for one large thing, kept behind the current block. */
static char *large_block(struct arena *a, size_t n)
{
	struct arena_block *b = block_get(a, sizeof(*b) + n);

	if (a->blocks) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = NULL;
		a->blocks = b;
		a->pos = a->end = b->data + n;
	}
	return b->data;
}

static char *new_block(struct arena *a, size_t n)
{
	struct arena_block *b;

	WASSERT(n < SIZE_MAX / 2);
	if (n > (a->block_size - sizeof(*b)) / 2)
		return large_block(a, n);
	b = block_get(a, a->block_size);
	b->next = a->blocks;
	a->blocks = b;
	a->pos = b->data + n;
	a->end = (char *)b + b->size;
	return b->data;
}

char *arena_bytes_more(struct arena *a, size_t n)
{
	a->used += n;
	return new_block(a, n);
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t pad = -(uintptr_t)a->pos & (ALIGN - 1);

	if (!a->pos || n + pad < n || n + pad > (size_t)(a->end - a->pos)) {
		a->used += n;
		return new_block(a, n);
	}
	a->pos += pad;
	return arena_bytes(a, n);
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_bytes(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return str_make(p, s.n);
}

char *arena_strz(struct arena *a, const char *z)
{
	return (char *)arena_str(a, str_c(z)).p;
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	struct str s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

struct str arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	WASSERT(n >= 0);
	p = arena_bytes(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return str_make(p, n);
}
