/* Balancing: a set of servers is built when something changes, published with one store, and picked from without
 * locks. The old set is released after every thread has passed the top of its loop once more. */
#include "weir/base/hash.h"
#include "weir/base/num.h"
#include "lb_priv.h"
#include "live_priv.h"

/* HAProxy's order. */
const struct lb_row *const lb_rows[] = {
	&lb_roundrobin, &lb_static_rr, &lb_leastconn, &lb_first, &lb_random, &lb_source, &lb_uri, &lb_url_param,
	&lb_expr, &lb_hdr, &lb_rdp_cookie, &lb_log_hash, &lb_sticky, NULL,
};

const struct lb_row *lb_find(struct str name)
{
	for (const struct lb_row *const *r = lb_rows; *r; r++)
		if (str_eqz(name, (*r)->name))
			return *r;
	return NULL;
}

bool lb_dynamic(const struct px_live *p)
{
	if (!p->lb_algo)
		return true;
	return p->lb_algo->key ? p->px->lb.type == HASH_CONSISTENT : p->lb_algo->dynamic;
}

bool lb_parse_nothing(struct kw_call *k, struct lb_words *w, struct str in)
{
	(void)k;
	(void)w;
	(void)in;
	return true;
}

/* --- sets --- */

static void set_free(void *arg)
{
	struct lb_set *set = arg;

	set->ops->free(set);
}

static void lb_recount(struct px_live *p)
{
	unsigned nact = 0, nbck = 0, total = 0;
	struct srv *s, *backup = NULL;

	list_each(s, &p->servers, link) {
		if (!srv_willing(s))
			continue;
		if (s->line->flags & SRV_BACKUP) {
			nbck++;
			if (!backup)
				backup = s;
		} else {
			nact++;
		}
		total += (unsigned)s->eff_weight;
	}
	/* Other threads look at them meanwhile: never at a count that has only begun. */
	atom_set(&p->nact, nact);
	atom_set(&p->nbck, nbck);
	atom_set(&p->total_weight, total);
	atom_set(&p->first_backup, backup);
}

bool lb_in_use(const struct px_live *p, const struct srv *s)
{
	if (!srv_willing(s))
		return false;
	if (!(s->line->flags & SRV_BACKUP))
		return true;
	return !atom_get(&p->nact) && (p->px->options & PO_ALLBACKUPS || s == atom_get(&p->first_backup));
}

struct srv **lb_members(struct px_live *p, unsigned *n)
{
	struct srv **all = mem_zalloc(sizeof(*all) * (size_t)(p->nservers + 1)), *s;

	*n = 0;
	list_each(s, &p->servers, link) {
		if (!lb_in_use(p, s))
			continue;
		WASSERT(*n <= (unsigned)p->nservers);
		atom_set(&s->lb_pos, *n);
		all[(*n)++] = s;
	}
	return all;
}

void lb_rebuild(struct px_live *p)
{
	struct lb_set *old, *now;

	OBJ_CHECK(p, PX_LIVE_MAGIC);
	if (!p->lb_algo)
		return;
	pthread_mutex_lock(&p->lock);
	lb_recount(p);
	old = p->lb;
	now = p->lb_algo->build(p);
	__atomic_store_n(&p->lb, now, __ATOMIC_SEQ_CST);
	/* Changes of load that went to the old set while this one was made: a change is counted before the set is
	 * looked up, so those that the old set got are seen now. */
	if (now->ops->load && now != old) {
		struct srv *s;

		list_each(s, &p->servers, link)
			now->ops->load(now, s);
	}
	pthread_mutex_unlock(&p->lock);
	if (old && old != now)
		live_after_grace(set_free, old);
}

struct srv *lb_pick(struct px_live *p, const struct lb_req *r)
{
	struct lb_set *set = atom_acquire(&p->lb);

	return set ? set->ops->pick(p, set, r) : NULL;
}

struct srv *lb_next(struct px_live *p, const struct lb_set *set, struct srv *(*at)(const struct lb_set *, uint32_t),
		    uint32_t n, const struct lb_req *r)
{
	uint64_t from = atom_get(&p->rr), second_to = 0;
	struct srv *second = NULL;

	if (from >= n)
		from = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t place = (uint32_t)((from + i) % n);
		struct srv *s = at(set, place);

		if (!srv_has_room(s))
			continue;
		if (!lb_avoided(r, s)) {
			atom_set(&p->rr, place + 1);
			return s;
		}
		second = s;
		second_to = place + 1;
	}
	if (second)
		atom_set(&p->rr, second_to);
	return second;
}

/* --- keys --- */

bool lb_key(const struct px_live *p, const struct lb_req *r, uint32_t *hash)
{
	const struct lb_words *w = &p->px->lb;

	return p->lb_algo->key && p->lb_algo->key(w, r, hash);
}

struct lb_set *lb_keyed_build(struct px_live *p)
{
	return p->px->lb.type == HASH_CONSISTENT ? lb_ring_build(p) : lb_map_build(p);
}

/* `hash-type ... none`: the key is a number already. */
static uint32_t as_number(struct str key)
{
	bool minus = key.n && key.p[0] == '-';
	uint64_t v = 0;

	if (minus || (key.n && key.p[0] == '+'))
		key = str_skip(key, 1);
	for (size_t i = 0; i < key.n && key.p[i] >= '0' && key.p[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(key.p[i] - '0');
	return (uint32_t)(minus ? -v : v);
}

uint32_t lb_avalanche(const struct lb_words *w, uint32_t hash)
{
	return w->avalanche ? hash_avalanche(hash) : hash;
}

uint32_t lb_hash(const struct lb_words *w, struct str key)
{
	switch (w->func) {
	case HASH_DJB2:
		return lb_avalanche(w, hash_djb2(key));
	case HASH_WT6:
		return lb_avalanche(w, hash_wt6(key));
	case HASH_CRC32:
		return lb_avalanche(w, hash_crc32(key));
	case HASH_NONE:
		return lb_avalanche(w, as_number(key));
	default:
		return lb_avalanche(w, hash_sdbm(key));
	}
}
