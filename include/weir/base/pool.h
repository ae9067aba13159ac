/* Per-thread free lists by size class: get and put cost a few instructions and no lock. Objects may be put on
 * another thread than they were got on. Under sanitizers this is plain malloc. */
#ifndef WEIR_BASE_POOL_H
#define WEIR_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed / not zeroed memory of n bytes (n up to 64 kB comes from a class; larger from malloc). Never NULL. */
void *pool_get(size_t n);
void *pool_zget(size_t n);
/* n must be what was asked for. NULL is ignored. */
void pool_put(void *p, size_t n);

/* malloc, realloc and free as a library may be given them, which does not say how large a block was; NULL when
 * memory is out, and for no bytes. They use the lists of threads that said pool_keep(true); on others they are
 * libc's. A thread that keeps takes it back before its last pool_flush, as libraries free things after that. */
void *pool_alloc(size_t n);
void *pool_resize(void *p, size_t n);
void pool_free(void *p);
void pool_keep(bool on);

struct pool_stat {
	size_t size;		/* of the class, bytes */
	uint64_t used, cached;	/* objects handed out, but to libraries / in this thread's free list */
};
/* Figures of the calling thread; returns the number of classes written (at most max). */
int pool_stats(struct pool_stat *out, int max);
/* Gives the calling thread's cached memory back to libc (SIGQUIT, end of thread). */
void pool_flush(void);

/* malloc, calloc, realloc that never return NULL (the process ends with a message); _lines: from the beginning of a
 * cache line on. Release with free(). */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_zalloc_lines(size_t n);
void *mem_realloc(void *p, size_t n);
char *mem_strdup(const char *z);

#endif
