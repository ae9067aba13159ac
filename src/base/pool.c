/* Size classes 16 bytes apart, each filling a malloc block to its last byte (libc keeps 8 for itself), then with eight
 * steps for each doubling; one free list for each class and thread, linked
 * through the objects themselves. Every object is a malloc block of its own, so that it may go to
 * any thread's list and back to libc. A list keeps at most CACHE_BYTES. */
#include "weir/base/pool.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sanitize.h"
#include "weir/base/obj.h"

#define SIZE_MAX_CLASS (64 * 1024)
#define LINEAR_MIN 24
#define LINEAR_MAX 248			/* up to here classes are 16 bytes apart */
#define LINEAR_CLASSES ((LINEAR_MAX - LINEAR_MIN) / 16 + 2)	/* the last one has 256 */
#define LINE 64
#define STEPS 8				/* of a doubling */
#define CLASSES (LINEAR_CLASSES + STEPS * 8)	/* 8 doublings from 256 to 64 k */
#define CACHE_BYTES (2 * 1024 * 1024)
#define LIBRARY_SHARE 16			/* what a library frees stays up to this part of it */
#define LIBRARY_SMALL 1024		/* blocks up to here and from there on come from lists */
#define LIBRARY_LARGE 16384

struct free_object {
	struct free_object *next;
};

struct class {
	struct free_object *free;
	uint32_t cached, limit;
	uint64_t used;
};

static __thread struct class classes[CLASSES];
static __thread bool kept;		/* this thread keeps what libraries free */

static inline unsigned class_of(size_t n)
{
	unsigned log;

	if (n <= LINEAR_MAX)
		return n <= LINEAR_MIN ? 0 : (unsigned)(n - LINEAR_MIN + 15) / 16;
	if (n <= 256)
		return LINEAR_CLASSES - 1;
	log = 63 - __builtin_clzl(n - 1);	/* 2^log <= n - 1 < 2^(log + 1), log >= 8 */
	return LINEAR_CLASSES + (log - 8) * STEPS + (((n - 1) >> (log - 3)) & (STEPS - 1));
}

static size_t class_size(unsigned c)
{
	unsigned step;

	if (c < LINEAR_CLASSES)
		return MIN(c * 16 + LINEAR_MIN, (size_t)256);
	c -= LINEAR_CLASSES;
	step = c % STEPS + STEPS + 1;
	return (size_t)step << (c / STEPS + 5);
}

void *pool_get(size_t n)
{
	struct class *c;
	struct free_object *o;
	unsigned k;

	if (SANITIZED || n > SIZE_MAX_CLASS)
		return mem_alloc(n);
	k = class_of(n);
	c = &classes[k];
	c->used++;
	o = c->free;
	if (!o)
		return mem_alloc(class_size(k));
	c->free = o->next;
	__builtin_prefetch(c->free, 1);	/* with many exchanges under way the next one is cold */
	c->cached--;
	return o;
}

void *pool_zget(size_t n)
{
	return memset(pool_get(n), 0, n);
}

/* The limit of a list is worked out when the list is found full, which it is on first use. */
static bool list_is_full(struct class *c, unsigned k, unsigned share)
{
	if (!c->limit)
		c->limit = MAX(CACHE_BYTES / class_size(k), 8);
	return c->cached >= c->limit / share;
}

static inline void list_put(struct free_object *o, unsigned k, unsigned share)
{
	struct class *c = &classes[k];

	if (c->cached >= c->limit / share && list_is_full(c, k, share)) {
		free(o);
		return;
	}
	o->next = c->free;
	c->free = o;
	c->cached++;
}

void pool_put(void *p, size_t n)
{
	unsigned k;

	if (!p)
		return;
	if (SANITIZED || n > SIZE_MAX_CLASS) {
		free(p);
		return;
	}
	k = class_of(n);
	classes[k].used--;
	list_put(p, k, 1);
}

int pool_stats(struct pool_stat *out, int max)
{
	int n = 0;

	for (unsigned k = 0; k < CLASSES && n < max; k++)
		if (classes[k].used || classes[k].cached)
			out[n++] = (struct pool_stat){ class_size(k), classes[k].used,
						       classes[k].cached };
	return n;
}

void pool_flush(void)
{
	for (unsigned k = 0; k < CLASSES; k++) {
		struct free_object *o = classes[k].free, *next;

		for (; o; o = next) {
			next = o->next;
			free(o);
		}
		classes[k].free = NULL;
		classes[k].cached = 0;
	}
}

/* --- for libraries --- */

void pool_keep(bool on)
{
	kept = on && !SANITIZED;
}

/* What lies between is kept for long and would be rounded up by too much; libc has the right size. */
static inline bool serves_libraries(size_t n)
{
	return n <= LIBRARY_SMALL || (n >= LIBRARY_LARGE && n <= SIZE_MAX_CLASS);
}

/* The largest class that a block of n bytes can serve, n being at least LINEAR_MIN; CLASSES and more: none. */
static inline unsigned class_within(size_t n)
{
	unsigned log;

	if (n < 256)
		return MIN((unsigned)(n - LINEAR_MIN) / 16, LINEAR_CLASSES - 2u);
	log = 63 - __builtin_clzl(n);
	return LINEAR_CLASSES + (log - 8) * STEPS + (unsigned)(n >> (log - 3)) - STEPS - 1;
}

void *pool_alloc(size_t n)
{
	struct free_object *o;
	unsigned k;

	if (!kept || !serves_libraries(n) || !n)
		return n ? malloc(n) : NULL;
	k = class_of(n);
	o = classes[k].free;
	if (!o)
		return malloc(class_size(k));
	classes[k].free = o->next;
	classes[k].cached--;
	return o;
}

void pool_free(void *p)
{
	size_t n;
	unsigned k;

	if (!p)		/* every second time with OpenSSL */
		return;
	n = kept ? malloc_usable_size(p) : 0;
	k = n && (n <= LIBRARY_SMALL + 24 || n >= LIBRARY_LARGE) ? class_within(n) : CLASSES;
	if (k < CLASSES)
		list_put(p, k, LIBRARY_SHARE);
	else
		free(p);
}

void *pool_resize(void *p, size_t n)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *new;

	if (!kept && n)
		return realloc(p, n);
	if (n && n <= had && n >= had / 2)
		return p;
	new = pool_alloc(n);
	if (n && !new)
		return NULL;
	if (new && p)
		memcpy(new, p, MIN(had, n));
	pool_free(p);
	return new;
}

/* --- libc's, checked --- */

static void *checked(void *p, size_t n)
{
	if (__builtin_expect(!p && n, 0)) {
		fprintf(stderr, "FATAL: out of memory (%zu bytes wanted)\n", n);
		abort();
	}
	return p;
}

void *mem_alloc(size_t n)
{
	n = n ? n : 1;
	return checked(malloc(n), n);
}

void *mem_zalloc(size_t n)
{
	n = n ? n : 1;
	return checked(calloc(1, n), n);
}

void *mem_zalloc_lines(size_t n)
{
	n = (n + LINE - 1) & -(size_t)LINE;
	return memset(checked(aligned_alloc(LINE, n), n), 0, n);
}

void *mem_realloc(void *p, size_t n)
{
	n = n ? n : 1;
	return checked(realloc(p, n), n);
}

char *mem_strdup(const char *z)
{
	size_t n = strlen(z) + 1;

	return memcpy(mem_alloc(n), z, n);
}
