/* Inside of patterns; shared by the pat_*.c files and the runtime commands about them. */
#ifndef WEIR_PAT_PRIV_H
#define WEIR_PAT_PRIV_H

#include <pthread.h>
#include "weir/base/addr.h"
#include "weir/base/atomic.h"
#include "weir/base/regex.h"
#include "weir/expr/pattern.h"

/* Begins everything that readers may still look at when it is taken out. */
struct pat_dead {
	struct pat_dead *next;
	void (*release)(struct pat_dead *d);
};

struct pat_held {			/* a value and what is needed to release it */
	struct pat_dead dead;
	struct pat_value v;
	char bytes[];
};

struct pat_cell;
struct pat_elt {
	struct pat_dead dead;
	struct list link;		/* ref->elts, in order; writers only */
	struct pat_elt *same_bucket, **hangs;	/* ref->buckets, and what points here; writers only */
	struct pat_cell *cells;		/* one in each index; writers only */
	struct pat_held *value;		/* atomic; NULL: none */
	struct str key;
	uint64_t seq;			/* place in the order */
	uint32_t gen;
	uint32_t hash;			/* of the key */
	int line;
	char bytes[];
};

/* A key as one index sees it. Everything is written before the cell is published; `next` changes afterwards. */
struct pat_cell {
	struct pat_dead dead;
	struct pat_cell *next;		/* atomic: list of the index */
	struct pat_cell *prev;		/* writers only */
	struct pat_cell *twin, *elder;	/* in the hash: the next and the last one with the same bytes (of the first the
					 * youngest); writers only */
	struct pat_cell *of_elt;	/* writers only: the element's other cells */
	struct pat_index *ix;
	struct pat_elt *elt;
	uint32_t gen;
	bool listed;			/* in the list; else in the hash */
	bool odd;			/* cannot be hashed: a range, a mask with holes */
	uint8_t family;			/* PAT_IP */
	uint8_t bits;			/* PAT_IP: prefix length */
	uint32_t len;			/* of the hashed bytes; DIR, DOM: number of words; IP: family and bits */
	uint64_t hash;
	union {
		struct str text;	/* lower case when the index ignores case; BIN: bytes */
		struct { int64_t min, max; } range;
		unsigned char ip[16];	/* when odd (IPv4 only) the mask stands in bytes */
		struct regex *re;
	};
	char bytes[];
};

struct pat_slot { uint64_t hash; struct pat_cell *cell; /* atomic; PAT_GONE: removed */ };
struct pat_hash {
	struct pat_dead dead;
	size_t mask, used;		/* used: slots ever filled */
	struct pat_slot slot[];
};
/* Lengths (or family and prefix length) that keys in the hash have, greatest first. */
struct pat_lens {
	struct pat_dead dead;
	unsigned n;
	uint32_t v[];
};

struct pat_index {
	struct list link;		/* ref->indexes */
	struct pat_ref *ref;
	uint8_t kind;
	bool icase;
	bool resolve;			/* IP: names of hosts are looked up (while the configuration is read) */
	struct pat_cell *first;		/* atomic: cells that are not in the hash, in order */
	struct pat_cell *last;		/* writers only */
	struct pat_hash *hash;		/* atomic; NULL: few cells */
	struct pat_lens *lens;		/* atomic; with hash */
	size_t live;			/* slots of the hash that hold a cell; writers only */
	size_t nlist;
	uint64_t seed;
};

/* One place of the configuration that uses the reference. */
struct pat_use {
	struct list link;
	struct pat_index *ix;
	uint8_t out;			/* enum smp_type; SMP_ANY: an ACL */
};

struct pat_ref {
	struct list link;		/* refs->list */
	struct pat_refs *refs;
	struct str name;		/* empty: patterns of the configuration itself */
	int id;
	bool forced_id;
	bool no_resolve;		/* -n: names of hosts are no addresses */
	bool loaded;			/* the file was read, or there is none to read */
	unsigned flags;			/* enum pat_ref_flag */
	char *description;
	uint32_t cur_gen;		/* atomic */
	uint32_t next_gen;
	uint64_t seed;
	pthread_mutex_t lock;
	uint64_t version;		/* next_seq + removals + cur_gen when the lock was taken */
	struct list elts, indexes, uses;
	size_t count;
	uint64_t next_seq;
	uint64_t removals;		/* lets a dump know whether its place is still good */
	struct pat_elt **buckets;
	size_t nbuckets;
	struct pat_dead *dead;		/* taken out, not yet handed to the grace period */
};

struct pat_refs {
	bool finished;			/* the configuration was read: what changes now is changed at run time */
	bool inline_edited;		/* atomic: patterns of the configuration itself were changed so */
	struct list list;
	pthread_mutex_t lock;
};

#define PAT_GONE ((struct pat_cell *)1)
/* Up to so many hashable cells are kept in the list: looking at each is as fast as hashing. */
#define PAT_FEW 6

/* pat_parse.c. NULL: err set. */
struct pat_cell *pat_cell_make(struct pat_index *ix, struct pat_elt *e, struct load_err *err);
bool pat_ints_parse(struct str text, int64_t *min, int64_t *max, struct load_err *err);
/* pat_match.c */
const char *pat_delims(const struct pat_index *ix);	/* DIR, DOM: what stands between words */
static inline bool pat_is_delim(char c, const char *delim)
{
	for (; *delim; delim++)
		if (*delim == c)
			return true;
	return false;
}
bool pat_cell_match(const struct pat_index *ix, const struct pat_cell *c, const struct sample *smp);
/* pat_index.c; the reference is locked */
uint64_t pat_hash_of(const struct pat_index *ix, const void *bytes, size_t n, uint32_t len);
void pat_index_add(struct pat_index *ix, struct pat_cell *c);
void pat_index_del(struct pat_index *ix, struct pat_cell *c);
void pat_index_free(struct pat_index *ix);
bool pat_is_tree(const struct pat_index *ix);
/* pat_ref.c */
void pat_retire(struct pat_ref *ref, struct pat_dead *d);
void pat_reclaim(struct pat_ref *ref);
void pat_ref_lock(struct pat_ref *ref);
void pat_ref_unlock(struct pat_ref *ref);	/* hands over what was taken out */
struct pat_ref *pat_ref_new(struct pat_refs *r, struct str name, int id);
bool pat_ref_add_locked(struct pat_ref *ref, struct str key, struct str value, uint32_t gen, int line,
			struct load_err *err);

#endif
