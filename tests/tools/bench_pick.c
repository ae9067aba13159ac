/* What a choice costs: bench_pick ALGORITHM SERVERS WEIGHTS BUSY ROUNDS [map-based|consistent]
 *
 * A backend of so many servers, weights all 1 (`equal`) or 1 to 256 (`mixed`), BUSY exchanges that run at a time;
 * ROUNDS times a server is picked, its slot is taken and the oldest slot is given back. Prints the nanoseconds of one
 * round. `key` stands for all algorithms that go by a key. Under callgrind, --toggle-collect=measured counts the rounds
 * alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "src/live/lb_priv.h"

struct bench {
	struct proxy px;
	struct px_live p;
	struct server_line *lines;
	struct srv **srvs;		/* each in memory of its own, as in weir */
	struct srv **busy;
	unsigned nbusy;
};

static bool some_key(const struct lb_words *w, const struct lb_req *r, uint32_t *hash)
{
	char text[32];
	static unsigned n;

	(void)r;
	snprintf(text, sizeof(text), "/path/%u", n++);
	*hash = lb_hash(w, str_make(text, strlen(text)));
	return true;
}

static const struct lb_row by_key = { .name = "key", .build = lb_keyed_build, .key = some_key };

static int weight_of(const char *kind, unsigned i)
{
	return strcmp(kind, "mixed") ? 1 : (int)(1 + i * 2654435761U % 256);
}

static void fill(struct bench *b, unsigned n, const char *weights)
{
	b->lines = calloc(n, sizeof(*b->lines));
	b->srvs = calloc(n, sizeof(struct srv *));
	for (unsigned i = 0; i < n; i++) {
		struct srv *s = b->srvs[i] = calloc(1, sizeof(*s));

		s->magic = SRV_MAGIC;
		s->px = &b->p;
		s->line = &b->lines[i];
		s->id = (int)i + 1;
		s->weight = s->init_weight = weight_of(weights, i);
		s->eff_weight = s->weight * LB_SCALE;
		s->state = SRV_ST_RUNNING;
		list_init(&s->queue);
		list_push(&b->p.servers, &s->link);
		b->p.nservers++;
	}
}

static void init(struct bench *b, const struct lb_row *algo, const char *type)
{
	b->p.magic = PX_LIVE_MAGIC;
	b->p.px = &b->px;
	b->p.lb_algo = algo;
	b->p.fullconn = 1;
	b->px.lb.type = type && !strcmp(type, "consistent") ? HASH_CONSISTENT : HASH_MAP;
	b->px.lb.arg1 = 2;
	list_init(&b->p.servers);
	list_init(&b->p.queue);
	pthread_mutex_init(&b->p.lock, NULL);
}

void measured(struct bench *b, unsigned rounds);
__attribute__((noinline)) void measured(struct bench *b, unsigned rounds)
{
	struct lb_req r = { 0 };

	for (unsigned i = 0; i < rounds; i++) {
		struct srv *s = lb_pick(&b->p, &r), **place = &b->busy[i % b->nbusy];

		if (*place)
			srv_slot_release(*place);
		*place = s && srv_slot_take(s) ? s : NULL;
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct timespec from, to;
	const struct lb_row *algo;
	unsigned rounds;

	if (argc < 6) {
		fprintf(stderr, "usage: bench_pick ALGORITHM SERVERS equal|mixed BUSY ROUNDS [map-based|consistent]\n");
		return 1;
	}
	algo = strcmp(argv[1], "key") ? lb_find(str_make(argv[1], strlen(argv[1]))) : &by_key;
	if (!algo)
		return 1;
	init(&b, algo, argc > 6 ? argv[6] : NULL);
	fill(&b, (unsigned)atoi(argv[2]), argv[3]);
	b.nbusy = (unsigned)atoi(argv[4]);
	rounds = (unsigned)atoi(argv[5]);
	b.busy = calloc(b.nbusy, sizeof(struct srv *));
	lb_rebuild(&b.p);
	measured(&b, b.nbusy + 1000);
	clock_gettime(CLOCK_MONOTONIC, &from);
	measured(&b, rounds);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("%s\t%s\t%s\t%.0f ns\n", argv[1], argv[2], argv[3],
	       ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / rounds);
	return 0;
}
