/* Hash map from text to pointers. The keys' bytes belong to the caller and must stay while they are
 * in the map. The hash (XXH3) is seeded by chance, once for each map, so that a peer who chooses
 * keys cannot make them collide. No locking: many readers or one writer. */
#ifndef WEIR_BASE_HMAP_H
#define WEIR_BASE_HMAP_H

#include <stdbool.h>
#include <stdint.h>
#include "weir/base/str.h"

struct arena;

struct hmap_slot {
	uint64_t hash;		/* 0: empty */
	struct str key;
	void *value;
};

/* A zeroed map is an empty one; memory is taken at the first hmap_put. */
struct hmap {
	struct hmap_slot *slots;
	size_t mask;		/* number of slots - 1, a power of two */
	size_t count;
	uint64_t seed;
	bool kept;		/* the slots lie in an arena */
};

void hmap_fini(struct hmap *m);
/* Moves what the map holds into the arena, with which it goes: it is only read from now on. */
void hmap_keep(struct hmap *m, struct arena *a);
/* NULL when the key is not there (or its value is NULL). */
void *hmap_get(const struct hmap *m, struct str key);
bool hmap_has(const struct hmap *m, struct str key);
/* Sets a value; returns the former one or NULL. The key of the first put of this text is kept. */
void *hmap_put(struct hmap *m, struct str key, void *value);
/* Removes a key; returns its value or NULL. */
void *hmap_del(struct hmap *m, struct str key);
/* Walks all entries in no order: start with *at = 0; NULL at the end. Do not change the map
 * meanwhile. */
const struct hmap_slot *hmap_next(const struct hmap *m, size_t *at);

#endif
