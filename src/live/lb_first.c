/* first: the server with the lowest id that has room, so that those behind it can be switched off when there is little
 * to do. It needs maxconn on the servers to make sense. Which of them are full is noted in a row of bits, so that
 * finding the first costs little with many full servers in front. */
#include "lb_priv.h"

struct first {
	struct lb_set set;
	uint32_t n, words;
	struct srv **srvs;	/* by id */
	uint64_t full[];	/* atomic: bit i: the server was seen full */
};

static bool is_place(const struct first *f, uint32_t i, const struct srv *s)
{
	return i < f->n && f->srvs[i] == s;
}

/* Notes what is true of server i now. Who changes the load tells us, so looking again after a bit was set catches a
 * slot that came free in between. */
static void note(struct first *f, uint32_t i)
{
	uint64_t bit = 1ULL << (i % 64), *word = &f->full[i / 64];

	if (srv_has_room(f->srvs[i])) {
		if (atom_get(word) & bit)
			__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
		return;
	}
	if (!(atom_get(word) & bit))
		__atomic_fetch_or(word, bit, __ATOMIC_SEQ_CST);
	if (srv_has_room(f->srvs[i]))
		__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
}

static struct srv *first_pick(struct px_live *p, struct lb_set *set, const struct lb_req *r)
{
	struct first *f = container_of(set, struct first, set);
	struct srv *second = NULL;

	(void)p;
	for (uint32_t w = 0; w < f->words; w++) {
		uint64_t open = ~atom_get(&f->full[w]);

		for (; open; open &= open - 1) {
			uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(open);

			if (i >= f->n)
				return second;
			if (!srv_has_room(f->srvs[i]))
				note(f, i);
			else if (!lb_avoided(r, f->srvs[i]))
				return f->srvs[i];
			else if (!second)
				second = f->srvs[i];
		}
	}
	return second;
}

static void first_load(struct lb_set *set, struct srv *s)
{
	struct first *f = container_of(set, struct first, set);
	uint32_t i = lb_place(s);

	if (is_place(f, i, s))
		note(f, i);
}

static void first_free(struct lb_set *set)
{
	struct first *f = container_of(set, struct first, set);

	free(f->srvs);
	free(f);
}

static const struct lb_ops first_ops = { .free = first_free, .pick = first_pick, .load = first_load };

static int by_id(const void *a, const void *b)
{
	const struct srv *x = *(struct srv *const *)a, *y = *(struct srv *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static struct lb_set *first_build(struct px_live *p)
{
	unsigned n;
	struct srv **srvs = lb_members(p, &n);
	uint32_t words = n / 64 + 1;
	struct first *f = mem_zalloc(sizeof(*f) + words * sizeof(f->full[0]));

	f->set.ops = &first_ops;
	f->srvs = srvs;
	f->n = n;
	f->words = words;
	qsort(srvs, n, sizeof(*srvs), by_id);
	for (uint32_t i = 0; i < n; i++)
		atom_set(&srvs[i]->lb_pos, i);
	return &f->set;
}

const struct lb_row lb_first = {
	.name = "first",
	.dynamic = true,
	.parse = lb_parse_nothing,
	.build = first_build,
	.help = "the server with the lowest id that has a free slot (maxconn); those behind it may rest",
};
