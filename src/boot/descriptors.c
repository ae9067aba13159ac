/* Descriptors for maxconn, or maxconn for the descriptors that there are. */
#include "boot.h"

#include <stdlib.h>
#include "weir/sys/limits.h"
#include "weir/sys/pipes.h"

#define BASE 10			/* standard streams, a reserve, what libraries open for a moment */
#define START_MEMORY (4 * 1024 * 1024)
#define EACH_THREAD 3		/* two pollers, wake-up; as in HAProxy nothing is kept for sockets of logs */

/* How many threads have a socket of their own for this address. */
static unsigned sockets_of(const struct conf *c, const struct bind *b, unsigned threads)
{
	int family = addr_family(&b->net.addr);

	if (c->global.noreuseport || (family != AF_INET && family != AF_INET6) || b->net.shards == SHARDS_BY_GROUP)
		return 1;
	return b->net.shards > 0 ? MIN((unsigned)b->net.shards, threads) : threads;
}

static unsigned of_proxy(const struct conf *c, const struct proxy *p, unsigned threads)
{
	const struct server_line *s;
	const struct bind *b;
	unsigned n = 0;

	list_each(b, &p->binds, link)
		n += sockets_of(c, b, threads);
	list_each(s, &p->servers, link)
		n += !!(s->flags & SRV_CHECK) + !!(s->flags & SRV_AGENT);
	return n;
}

unsigned descriptors_fixed(const struct conf *c)
{
	unsigned threads = (unsigned)engine_threads(c), n = BASE + EACH_THREAD * threads;
	const struct proxy *p;
	const struct bind *b;

	list_each(p, &c->proxies, link)
		n += of_proxy(c, p, threads);
	list_each(b, &c->global.stats_binds, link)
		n++;
	return n + (list_empty(&c->global.stats_binds) ? 0 : (unsigned)c->global.stats_maxconn);
}

static bool splices(const struct cmdline *cl, const struct conf *c)
{
	const struct proxy *p;

	if (cl->no_splice || c->global.nosplice)
		return false;
	list_each(p, &c->proxies, link)
		if (p->options & (PO_SPLICE_REQ | PO_SPLICE_RES | PO_SPLICE_AUTO))
			return true;
	return false;
}

/* False: strict-limits makes an end of it. */
static bool too_few(const struct global *g, struct diag *d, const char *fmt, uint64_t need, uint64_t limit)
{
	diag_say(d, g->strict_limits ? DIAG_ALERT : DIAG_WARNING, fmt, (unsigned long long)need,
		 (unsigned long long)limit);
	return !g->strict_limits;
}

static bool set_nofile(const struct global *g, const struct limits_plan *plan, struct diag *d)
{
	uint64_t want = g->ulimit_n ? g->ulimit_n : plan->maxsock, got;

	if (!g->ulimit_n && g->nofile_hard && want > g->nofile_hard) {
		if (!too_few(g, d, "[haproxy.main()] Cannot raise FD limit to %llu, limit is %llu.", want,
			     g->nofile_hard))
			return false;
		want = g->nofile_hard;
	}
	if (!limits_raise_nofile(want, &got) &&
	    !too_few(g, d, "[haproxy.main()] Cannot raise FD limit to %llu, limit is %llu.", want, got))
		return false;
	if (g->ulimit_n || g->nofile_hard)
		limits_lower_nofile(g->ulimit_n ? g->ulimit_n : g->nofile_hard);
	if (!g->ulimit_n || plan->maxsock <= g->ulimit_n)
		return true;
	return too_few(g, d, "[haproxy.main()] maxconn needs %llu descriptors, 'ulimit-n' allows %llu. Please raise "
		       "'ulimit-n' or lower 'maxconn' to avoid any trouble.", plan->maxsock, g->ulimit_n);
}

/* Is something left of the limit (-m) for the first rings and buffers? */
static bool leaves_memory(void)
{
	void *volatile p = malloc(START_MEMORY);	/* compilers leave out what is only freed */
	bool there = p != NULL;

	free(p);
	return there;
}

bool limits_settle(const struct cmdline *cl, struct conf *c, struct diag *d)
{
	struct global *g = &c->global;
	struct limits_ask ask = {
		.maxconn = g->maxconn, .ulimit_n = g->ulimit_n, .fd_hard_limit = g->nofile_hard,
		.maxpipes = g->maxpipes ? (int)g->maxpipes : -1, .splice = splices(cl, c),
		.fixed = descriptors_fixed(c),
	};
	struct limits_plan plan;
	uint64_t soft, hard;

	if (cl->memory_mb && !limits_memory((uint64_t)cl->memory_mb)) {
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Cannot limit the memory.");
		return false;
	}
	if (cl->memory_mb && !leaves_memory()) {
		diag_say(d, DIAG_ALERT, "[haproxy.main()] Not enough memory to start: -m %d leaves nothing.",
			 (int)cl->memory_mb);
		return false;
	}
	limits_nofile(&soft, &hard);
	limits_plan(&ask, hard, &plan);
	g->maxconn = plan.maxconn;
	g->maxpipes = plan.maxpipes;
	g->maxsock = plan.maxsock;
	if (!set_nofile(g, &plan, d))
		return false;
	if (g->prealloc_fd)
		limits_prealloc(plan.maxsock);
	pipes_configure(plan.maxpipes, (unsigned)g->tune.pipesize);
	return true;
}
