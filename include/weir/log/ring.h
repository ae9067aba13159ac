/* Rings: the last lines of something, kept in memory until they are read (show events) or overwritten. A ring is found
 * by its name; like what it holds it outlives the configuration that declared it. Any thread. */
#ifndef WEIR_LOG_RING_H
#define WEIR_LOG_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include "weir/base/list.h"
#include "weir/base/sbuf.h"
#include "weir/base/str.h"

#define RING_OWN "buf0"			/* the one that is always there, once the process has started */
#define RING_SIZE_DEFAULT 16384
#define RING_SIZE_MAX ((size_t)1 << 30)

struct log_format;
struct ring;

/* The ring of that name, made with that size (at least a line's worth) when there is none; one that is there keeps its
 * size and its lines. owner: the generation that declares it, NULL: the program itself. */
struct ring *ring_declare(struct str name, size_t size, const void *owner);
struct ring *ring_find(struct str name);		/* NULL: none */
/* Declared by that generation, or by the program? */
bool ring_known(struct str name, const void *owner);
void ring_describe(struct ring *r, struct str text);
void ring_set_format(struct ring *r, const struct log_format *f, unsigned maxlen);
const struct log_format *ring_format(const struct ring *r);	/* NULL: none given */
unsigned ring_maxlen(const struct ring *r);

/* One line. False: it is longer than the ring, or than what is left beside the lines that a reader has not had yet.
 * Old lines make place. */
bool ring_put(struct ring *r, const struct iovec *iov, int n);
/* The next line behind *pos (0: the oldest), and *pos moves on; false: there is none yet. Lines that were overwritten
 * meanwhile are left out. */
bool ring_next(struct ring *r, uint64_t *pos, struct sbuf *out);
/* Somebody who gets every line: what it has not read stays, and lines that find no place any more are dropped. wake is
 * called for each line, under the ring's lock and on the thread of whoever put it: mail may be sent, no more. */
struct ring_reader {
	void (*wake)(struct ring_reader *rd);
	/* private */
	struct list link;
	struct ring *ring;
	uint64_t pos;
};
void ring_attach(struct ring *r, struct ring_reader *rd);	/* begins with the oldest line */
void ring_detach(struct ring_reader *rd);
/* The next line goes behind what is in out; false: there is none yet. */
bool ring_read(struct ring_reader *rd, struct sbuf *out);
uint64_t ring_end(struct ring *r);			/* position behind the last line */
/* Every ring, one after the other: NULL begins, NULL ends. */
struct ring *ring_each(struct ring *after);
struct str ring_name(const struct ring *r);
struct str ring_text(const struct ring *r);		/* its description */
uint64_t ring_dropped(const struct ring *r);		/* lines that found no place */
void rings_free(void);					/* at the end of the process */

#endif
