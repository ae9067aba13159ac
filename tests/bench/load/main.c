/* The benchmark's client: options, the loop, the result as one line of JSON. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

#define BATCH 256
#define ERRORS_MAX 100		/* then it is no use */
#define AT_ONCE 32		/* connections that open at the same time before the start */
#define PATIENCE 60000000	/* us for that */
#define GRACE 30000000		/* us at the end for answers that are under way */

uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

bool load_may_start(struct load *l)
{
	if (l->errors >= ERRORS_MAX || (l->o.requests ? l->started >= l->o.requests : now_us() >= l->until))
		return false;
	l->started++;
	return true;
}

static int hist_of(uint64_t us)
{
	int e = us < HIST_SUB ? 0 : 63 - __builtin_clzll(us) - 5;
	uint64_t i = e ? (uint64_t)e * HIST_SUB + (us >> e) - HIST_SUB / 2 : us;

	return i < HIST_MAX ? (int)i : HIST_MAX - 1;
}

static uint64_t hist_value(int i)
{
	int e = i < HIST_SUB ? 0 : (i - HIST_SUB / 2) / HIST_SUB;

	return e ? (uint64_t)(i - e * HIST_SUB + HIST_SUB / 2) << e : (uint64_t)i;
}

static uint64_t percentile(const struct load *l, double p)
{
	uint64_t want = (uint64_t)((double)l->done * p), sum = 0;

	for (int i = 0; i < HIST_MAX; i++) {
		sum += l->hist[i];
		if (sum > want)
			return hist_value(i);
	}
	return 0;
}

void load_done(struct load *l, uint64_t t0)
{
	l->done++;
	l->hist[hist_of(now_us() - t0)]++;
}

bool load_error(struct load *l, const char *what)
{
	if (!l->errors++)
		snprintf(l->error, sizeof(l->error), "%.*s", (int)strcspn(what, "\r\n"), what);
	return false;
}

const char *load_host(struct load *l, char *room, size_t n)
{
	/* Far from its neighbour each time: a proxy that remembers the last one gains nothing. */
	if (!l->o.hosts)
		return "bench.example";
	snprintf(room, n, "h%llu.example", (unsigned long long)(l->started * 7919 % (uint64_t)l->o.hosts));
	return room;
}

/* --- one connection --- */

static void begin(struct client *c)
{
	c->opened = c->busy = c->over = false;
	c->over = !net_open(c);
}

static void end(struct client *c)
{
	c->l->proto->fini(c);
	net_close(c);
	c->over = true;
}

static bool next(struct client *c)
{
	struct load *l = c->l;

	if (!l->holding && (l->o.rate || !load_may_start(l)))
		return true;
	c->t0 = now_us();
	return l->proto->request(c);
}

/* HTTP/2 starts the next request where one ends; only the first ones come from here. */
static bool first_requests(struct client *c)
{
	int n = c->l->o.h2 && !c->l->holding ? c->l->o.streams : 1;

	while (n--)
		if (!next(c))
			return false;
	return true;
}

/* A connection that is closed after each answer begins anew. */
static bool after(struct client *c, uint64_t done_before)
{
	struct load *l = c->l;

	if (l->done == done_before)
		return true;
	if (l->holding)
		l->ready++;
	else if (l->o.close)
		return false;
	else if (!l->o.h2)
		return next(c);
	return true;
}

static bool progress(struct client *c, uint32_t events)
{
	struct load *l = c->l;
	uint64_t done = l->done;
	int r;

	if (!c->opened) {
		r = net_advance(c);
		if (r == NET_AGAIN)
			return true;
		if (r != 1)
			return load_error(l, "cannot connect");
		if (!l->proto->begin(c) || !first_requests(c))
			return false;
	}
	if ((events & EPOLLOUT) && !l->proto->writable(c))
		return false;
	return l->proto->readable(c) && after(c, done);
}

static bool wanted(struct load *l)
{
	return l->errors < ERRORS_MAX && (l->o.requests ? l->started < l->o.requests : now_us() < l->until);
}

static void event(struct client *c, uint32_t events)
{
	if (c->over || progress(c, events))
		return;
	end(c);
	if (wanted(c->l))
		begin(c);
}

/* --- the loop --- */

static bool idle_client(const struct client *c)
{
	return c->opened && !c->over && !c->busy;
}

/* Open loop: what is due is sent on whatever connection is free; when none is, it waits, and its time runs. */
static void send_due(struct load *l)
{
	static int at;
	uint64_t now = now_us();

	for (int tries = l->o.conns; l->due <= now && l->due < l->until && tries; tries--) {
		struct client *c = &l->clients[at];

		at = (at + 1) % l->o.conns;
		if (!idle_client(c))
			continue;
		l->started++;
		c->t0 = l->due;
		l->due = l->began + (uint64_t)((double)l->started * 1e6 / l->o.rate);
		if (!l->proto->request(c))
			end(c);
	}
}

static struct timespec how_long(const struct load *l)
{
	uint64_t now = now_us(), us = 20000;

	if (l->o.rate && l->due < l->until)
		us = l->due > now ? l->due - now : 100;
	return (struct timespec){ .tv_sec = 0, .tv_nsec = (long)(us < 20000 ? us : 20000) * 1000 };
}

static bool all_over(const struct load *l)
{
	uint64_t now = now_us();

	if (l->errors >= ERRORS_MAX)
		return true;
	if (l->o.requests ? l->started < l->o.requests : now < l->until)
		return false;
	return l->done + l->errors >= l->started || now > l->until + GRACE;
}

static void turn(struct load *l)
{
	struct epoll_event ev[BATCH];
	struct timespec t = how_long(l);
	int n = epoll_pwait2(l->epfd, ev, BATCH, &t, NULL);

	for (int i = 0; i < n; i++)
		event(ev[i].data.ptr, ev[i].events);
	if (l->o.rate && !l->holding)
		send_due(l);
}

static void launch(struct load *l)
{
	l->clients[l->launched].l = l;
	begin(&l->clients[l->launched++]);
}

/* All connections are opened, a few at a time, and each gets an answer. */
static bool hold(struct load *l)
{
	l->holding = true;
	l->until = now_us() + PATIENCE;
	while (l->ready < l->o.conns) {
		while (l->launched < l->o.conns && l->launched - l->ready < AT_ONCE)
			launch(l);
		turn(l);
		if (l->errors || now_us() > l->until)
			return load_error(l, "not all connections could be opened");
	}
	l->holding = false;
	return true;
}

/* Says so, and waits for a line. */
static void await_start(struct load *l)
{
	printf("ready\n");
	fflush(stdout);
	getchar();
	l->done = l->started = l->bytes = 0;
	memset(l->hist, 0, sizeof(l->hist));
}

static void run(struct load *l)
{
	bool warm = l->o.warm && hold(l);

	if (l->o.warm)
		await_start(l);
	l->began = l->due = now_us();
	l->until = l->began + (uint64_t)(l->o.seconds * 1e6);
	for (int i = 0; warm && i < l->o.conns; i++)
		if (!first_requests(&l->clients[i]))
			end(&l->clients[i]);
	while (l->launched < l->o.conns)
		launch(l);
	while (!all_over(l))
		turn(l);
	if (l->done + l->errors < l->started)
		load_error(l, "answers missing at the end");
}

static void report(const struct load *l, uint64_t ended)
{
	printf("{\"requests\": %llu, \"errors\": %llu, \"error\": \"", (unsigned long long)l->done,
	       (unsigned long long)l->errors);
	for (const char *p = l->error; *p; p++)
		if (*p >= ' ' && *p != '"' && *p != '\\')
			putchar(*p);
	printf("\", \"seconds\": %.3f, \"p50\": %llu, \"p99\": %llu, \"bytes\": %llu, \"connections\": %llu, "
	       "\"resumed\": %llu}\n",
	       (double)(ended - l->began) / 1e6, (unsigned long long)percentile(l, .5),
	       (unsigned long long)percentile(l, .99), (unsigned long long)l->bytes,
	       (unsigned long long)l->connections, (unsigned long long)l->resumed);
	fflush(stdout);
}

/* --- options --- */

static int usage(void)
{
	fprintf(stderr, "usage: bench_load [-2] [-T] [-V 1.2] [-R] [-C] [-I] [-W] [-c CONNECTIONS] [-m STREAMS]\n"
			"\t[-n REQUESTS | -t SECONDS] [-r RATE] [-b POST_BYTES] [-s SIZE] [-p PATH] [-F FIELDS]\n"
			"\t[-N HOSTS] PORT\n");
	return 2;
}

static bool options(struct opts *o, int argc, char **argv)
{
	int ch;

	while ((ch = getopt(argc, argv, "2TV:RCIWc:m:n:t:r:b:s:p:F:N:")) != -1)
		switch (ch) {
		case '2': o->h2 = true; break;
		case 'T': o->tls = true; break;
		case 'V': o->tls12 = strcmp(optarg, "1.2") == 0; break;
		case 'R': o->resume = true; break;
		case 'C': o->close = true; break;
		case 'I': o->idle = true; break;
		case 'W': o->warm = true; break;
		case 'c': o->conns = atoi(optarg); break;
		case 'm': o->streams = atoi(optarg); break;
		case 'n': o->requests = strtoull(optarg, NULL, 10); break;
		case 't': o->seconds = atof(optarg); break;
		case 'r': o->rate = atof(optarg); break;
		case 'b': o->post = strtoull(optarg, NULL, 10); break;
		case 's': o->size = strtoull(optarg, NULL, 10); break;
		case 'p': o->path = optarg; break;
		case 'F': o->fields = optarg; break;
		case 'N': o->hosts = atoi(optarg); break;
		default: return false;
		}
	if (optind + 1 != argc || o->conns < 1 || o->streams < 1)
		return false;
	o->to.sin_port = htons((uint16_t)atoi(argv[optind]));
	return true;
}

static void more_descriptors(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

int main(int argc, char **argv)
{
	static struct load l = {
		.o = { .conns = 64, .streams = 1, .path = "/100", .size = 100, .fields = "", .seconds = 10 },
	};

	l.o.to.sin_family = AF_INET;
	l.o.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!options(&l.o, argc, argv))
		return usage();
	more_descriptors();
	pattern_init(&l.pattern);
	l.proto = l.o.h2 ? &proto_h2 : &proto_h1;
	l.epfd = epoll_create1(EPOLL_CLOEXEC);
	l.clients = calloc((size_t)l.o.conns, sizeof(*l.clients));
	if (l.epfd < 0 || !l.clients || (l.o.tls && !net_tls_init(&l)))
		return 1;
	if (l.o.idle)
		hold(&l);
	else
		run(&l);
	report(&l, now_us());
	if (l.o.idle)		/* the connections stay until the caller has seen enough */
		while (getchar() != EOF)
			;
	return l.errors ? 1 : 0;
}
