/* Open addressing with linear probing, at most three quarters full. Removal moves the entries
 * behind the gap back, so there are no tombstones and a search always ends at the first empty slot.
 */
#include "weir/base/hmap.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>
#include "weir/base/arena.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

#define SLOTS_MIN 16

static uint64_t hash_of(const struct hmap *m, struct str key)
{
	return XXH3_64bits_withSeed(key.n ? key.p : "", key.n, m->seed) | 1;
}

/* The slot of the key, or the empty one where it would go. */
static struct hmap_slot *slot_of(const struct hmap *m, uint64_t hash, struct str key)
{
	size_t i = hash >> 1;

	for (;; i++) {
		struct hmap_slot *s = &m->slots[i & m->mask];

		if (!s->hash || (s->hash == hash && str_eq(s->key, key)))
			return s;
	}
}

static struct hmap_slot *find(const struct hmap *m, struct str key)
{
	struct hmap_slot *s;

	if (!m->count)
		return NULL;
	s = slot_of(m, hash_of(m, key), key);
	return s->hash ? s : NULL;
}

void hmap_fini(struct hmap *m)
{
	if (!m->kept)
		free(m->slots);
	*m = (struct hmap){ 0 };
}

void hmap_keep(struct hmap *m, struct arena *a)
{
	struct hmap_slot *slots;

	if (m->slots && !m->kept) {
		slots = arena_array(a, struct hmap_slot, m->mask + 1);
		memcpy(slots, m->slots, sizeof(*slots) * (m->mask + 1));
		free(m->slots);
		m->slots = slots;
	}
	m->kept = true;
}

void *hmap_get(const struct hmap *m, struct str key)
{
	struct hmap_slot *s = find(m, key);

	return s ? s->value : NULL;
}

bool hmap_has(const struct hmap *m, struct str key)
{
	return find(m, key) != NULL;
}

static uint64_t make_seed(void)
{
	struct timespec now;
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) == sizeof(seed))
		return seed;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uintptr_t)&now;
}

static void grow(struct hmap *m)
{
	struct hmap old = *m;
	size_t slots = old.slots ? (old.mask + 1) * 2 : SLOTS_MIN;

	if (!old.slots)
		m->seed = make_seed();
	m->slots = mem_zalloc(slots * sizeof(*m->slots));
	m->mask = slots - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].hash)
			*slot_of(m, old.slots[i].hash, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void *hmap_put(struct hmap *m, struct str key, void *value)
{
	struct hmap_slot *s;
	void *was;
	uint64_t hash;

	WASSERT(!m->kept);
	if (!m->slots || (m->count + 1) * 4 > (m->mask + 1) * 3)
		grow(m);
	hash = hash_of(m, key);
	s = slot_of(m, hash, key);
	was = s->hash ? s->value : NULL;
	if (!s->hash) {
		s->hash = hash;
		s->key = key;
		m->count++;
	}
	s->value = value;
	return was;
}

/* Closes the gap at i: an entry moves back unless its home lies behind the gap. */
static void close_gap(struct hmap *m, size_t i)
{
	for (size_t j = (i + 1) & m->mask; m->slots[j].hash; j = (j + 1) & m->mask) {
		size_t home = (m->slots[j].hash >> 1) & m->mask;

		if (((j - home) & m->mask) < ((j - i) & m->mask))
			continue;
		m->slots[i] = m->slots[j];
		i = j;
	}
	m->slots[i] = (struct hmap_slot){ 0 };
}

void *hmap_del(struct hmap *m, struct str key)
{
	struct hmap_slot *s = find(m, key);
	void *was;

	WASSERT(!m->kept);
	if (!s)
		return NULL;
	was = s->value;
	m->count--;
	close_gap(m, s - m->slots);
	return was;
}

const struct hmap_slot *hmap_next(const struct hmap *m, size_t *at)
{
	while (m->slots && *at <= m->mask) {
		const struct hmap_slot *s = &m->slots[(*at)++];

		if (s->hash)
			return s;
	}
	return NULL;
}
