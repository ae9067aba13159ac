/* Slabs of the usual sizes wait in a short per-thread cache; small ones come from the pools, odd
 * ones from malloc. */
#include "weir/base/chunk.h"

#include <stdlib.h>
#include "sanitize.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define POOLED_MAX 8192		/* bytes of a whole small slab */
#define SLAB_ALIGN 64
#define CACHE_SIZES 4		/* different sizes of large slabs that are remembered */
#define CACHE_BYTES (8 * 1024 * 1024)	/* what a few hundred exchanges hold for a moment */

WSTATIC(sizeof(struct chunk) == 16);

/* Free slabs of one size; the link lies in data[]. */
struct slabs {
	struct chunk *free;
	uint32_t class_size, cached;
};

static __thread struct slabs slab_cache[CACHE_SIZES];

static __thread struct {
	size_t held, budget;
} account = { 0, 32 * 1024 * 1024 };

static struct slabs *slabs_of(uint32_t class_size)
{
	for (int i = 0; i < CACHE_SIZES; i++) {
		struct slabs *s = &slab_cache[i];

		if (!s->class_size)
			s->class_size = class_size;
		if (s->class_size == class_size)
			return s;
	}
	return NULL;
}

static inline struct chunk **link_of(struct chunk *c)
{
	return (struct chunk **)c->data;
}

static struct chunk *slab_get(uint32_t class_size)
{
	struct slabs *s = SANITIZED ? NULL : slabs_of(class_size);
	struct chunk *c = s ? s->free : NULL;

	if (!c)
		return mem_alloc(class_size);
	s->free = *link_of(c);
	s->cached--;
	return c;
}

static void slab_put(struct chunk *c)
{
	struct slabs *s = SANITIZED ? NULL : slabs_of(c->class_size);

	if (!s || (uint64_t)s->cached * c->class_size >= CACHE_BYTES) {
		free(c);
		return;
	}
	*link_of(c) = s->free;
	s->free = c;
	s->cached++;
}

struct chunk *chunk_get(uint32_t size)
{
	uint32_t whole = sizeof(struct chunk) + size;
	struct chunk *c;

	WASSERT(size <= UINT32_MAX / 2);
	whole = (whole + SLAB_ALIGN - 1) & -SLAB_ALIGN;
	c = whole <= POOLED_MAX ? pool_get(whole) : slab_get(whole);
	account.held += whole;
	c->refs = 1;
	c->size = whole - sizeof(*c);
	c->fill = 0;
	c->class_size = whole;
	return c;
}

void chunk_unref(struct chunk *c)
{
	if (!c)
		return;
	WASSERT(c->refs > 0);
	if (--c->refs)
		return;
	account.held -= c->class_size;
	if (c->class_size <= POOLED_MAX)
		pool_put(c, c->class_size);
	else
		slab_put(c);
}

void chunk_set_budget(size_t bytes)
{
	account.budget = bytes;
}

size_t chunk_left(void)
{
	return account.budget > account.held ? account.budget - account.held : 0;
}

void chunk_flush(void)
{
	for (int i = 0; i < CACHE_SIZES; i++) {
		struct chunk *c = slab_cache[i].free, *next;

		for (; c; c = next) {
			next = *link_of(c);
			free(c);
		}
		slab_cache[i] = (struct slabs){ 0 };
	}
}
