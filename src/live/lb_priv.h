/* Shared by the balancing algorithms. */
#ifndef WEIR_LIVE_LB_PRIV_H
#define WEIR_LIVE_LB_PRIV_H

#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "weir/live/live.h"

#include <stdlib.h>

/* Those that share the load now (lb_in_use), in the order of declaration. Released by free(); never NULL. */
struct srv **lb_members(struct px_live *p, unsigned *n);
/* The position of s among the members of the newest set, noted by lb_members(); a set must compare before it
 * believes it. */
static inline uint32_t lb_place(const struct srv *s) { return atom_get(&s->lb_pos); }

/* Algorithms that go by a key: each has a row with a key function; where a key leads is the business of hash-type. */
struct lb_set *lb_keyed_build(struct px_live *p);
/* The key of a request, if the backend's algorithm has one. */
bool lb_key(const struct px_live *p, const struct lb_req *r, uint32_t *hash);
/* `hash-type`'s function over the bytes of a key, and its avalanche. */
uint32_t lb_hash(const struct lb_words *w, struct str key);
uint32_t lb_avalanche(const struct lb_words *w, uint32_t hash);

/* A table with a place per unit of weight (static-rr, hash-type map-based), a ring (hash-type consistent). */
struct lb_set *lb_map_build(struct px_live *p);
struct lb_set *lb_ring_build(struct px_live *p);
/* The order of the table: places[total] gets numbers of servers. */
void lb_map_order(const unsigned *weight, unsigned n, uint32_t *places, uint32_t total);

/* For what has no key, or needs none: the places 0 .. n - 1 of a set in turn, each of them a server's. The next one
 * that has room and did not fail already; or any that has room. p->rr is 1 + the last place. */
struct srv *lb_next(struct px_live *p, const struct lb_set *set, struct srv *(*at)(const struct lb_set *, uint32_t),
		    uint32_t n, const struct lb_req *r);

/* For rows that take no words. */
bool lb_parse_nothing(struct kw_call *k, struct lb_words *w, struct str in);

extern const struct lb_row lb_roundrobin, lb_static_rr, lb_leastconn, lb_first, lb_random, lb_source, lb_uri,
	lb_url_param, lb_hdr, lb_rdp_cookie, lb_expr, lb_log_hash, lb_sticky;

#endif
