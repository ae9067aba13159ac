/* The bytes of every body in the benchmark: whoever sends or receives one knows what it must be. The period is a
 * prime, so that no buffer size hides a piece that is lost, doubled or moved. */
#ifndef WEIR_BENCH_PATTERN_H
#define WEIR_BENCH_PATTERN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PATTERN_PERIOD 65521

struct pattern { unsigned char b[PATTERN_PERIOD]; };

static inline void pattern_init(struct pattern *p)
{
	uint32_t x = 1;

	for (int i = 0; i < PATTERN_PERIOD; i++) {
		x = x * 1664525 + 1013904223;
		p->b[i] = (unsigned char)('!' + (x >> 24) % 90);
	}
}

/* The piece at `off` that lies in one row: its length. */
static inline size_t pattern_at(const struct pattern *p, uint64_t off, size_t n, const unsigned char **at)
{
	size_t from = off % PATTERN_PERIOD, room = PATTERN_PERIOD - from;

	*at = p->b + from;
	return n < room ? n : room;
}

static inline bool pattern_holds(const struct pattern *p, uint64_t off, const void *data, size_t n)
{
	const unsigned char *at, *d = data;

	while (n) {
		size_t part = pattern_at(p, off, n, &at);

		if (memcmp(at, d, part) != 0)
			return false;
		d += part;
		off += part;
		n -= part;
	}
	return true;
}

#endif
