/* Bytes in transit. A chunk is a slab with a reference count, a span a piece of one, a spanq a queue of pieces.
 * All belong to one thread; counts are not atomic. Bytes are written where recv() put them and sent from there. */
#ifndef WEIR_BASE_CHUNK_H
#define WEIR_BASE_CHUNK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include "weir/base/str.h"

struct chunk {
	uint32_t refs;
	uint32_t size;		/* of data[] */
	uint32_t fill;		/* bytes of data[] in use, for the owner that fills it */
	uint32_t class_size;	/* private to chunk.c */
	unsigned char data[];
};

/* A chunk with room for at least `size` bytes, one reference, fill 0. From this thread's pool for the usual size. */
struct chunk *chunk_get(uint32_t size);
static inline struct chunk *chunk_ref(struct chunk *c) { c->refs++; return c; }
void chunk_unref(struct chunk *c);	/* NULL is ignored */
/* Gives the calling thread's free slabs back to libc (with pool_flush). */
void chunk_flush(void);
/* What all chunks of the calling thread should hold together, bytes (32 MB until said), and what is left of that.
 * A queue that may hold no more than what is left never starves the others: the more of them there are, the shorter
 * each has to be. It is up to the queues; chunk_get always gives. */
void chunk_set_budget(size_t bytes);
size_t chunk_left(void);
static inline uint32_t chunk_room(const struct chunk *c) { return c->size - c->fill; }

struct span {
	struct chunk *c;	/* NULL: static bytes that outlive everything (p is used) */
	const unsigned char *p;
	uint32_t len;
};

/* A queue of spans: each holds a reference of its chunk. A zeroed spanq is an empty one. */
#define SPANQ_INLINE 2
struct spanq {
	struct span *v;			/* ring of `cap` entries, or NULL: inl is used */
	uint32_t cap, head, count;
	size_t bytes;			/* sum of lengths */
	struct span inl[SPANQ_INLINE];
};

void spanq_init(struct spanq *q);
void spanq_fini(struct spanq *q);	/* drops what is in it */
static inline bool spanq_empty(const struct spanq *q) { return q->bytes == 0; }
/* Appends bytes [off, off+len) of c, takes a new reference (merges with the last span if adjacent). */
void spanq_push(struct spanq *q, struct chunk *c, uint32_t off, uint32_t len);
/* Appends bytes that live as long as the process or the configuration generation of the stream. */
void spanq_push_static(struct spanq *q, const void *p, size_t len);
/* Copies bytes into a chunk of the queue's own tail (or a new one) and appends them. */
void spanq_push_copy(struct spanq *q, const void *p, size_t len);
/* The same, for a queue that many small pieces come to: a chunk that is opened has room for `room` bytes. */
void spanq_push_copy_room(struct spanq *q, const void *p, size_t len, size_t room);
/* First contiguous piece (n = 0 when empty); valid until the queue changes. */
struct str spanq_peek(const struct spanq *q);
/* Drops n bytes from the front (n <= bytes). */
void spanq_drop(struct spanq *q, size_t n);
/* Moves up to n bytes from the front of `from` to the end of `to`, without copying. Returns bytes moved. */
size_t spanq_move(struct spanq *to, struct spanq *from, size_t n);
/* Copies up to n bytes starting at offset off, without removing. Returns bytes copied. */
size_t spanq_copy(const struct spanq *q, size_t off, void *to, size_t n);
/* Fills iov with the first pieces; returns how many. */
int spanq_iov(const struct spanq *q, struct iovec *iov, int max);

#endif
