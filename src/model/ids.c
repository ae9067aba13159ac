/* Numbers of proxies, servers and sockets: those written stay, the others take the next free one. Proxies count
 * from 2. */
#include "model.h"

#include <stdlib.h>

#include "weir/base/pool.h"

/* The numbers that are taken, in order; handing out goes along them once. */
struct numbers { int *taken; int n, at, next; };

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static void take(struct numbers *u, int id)
{
	if (id <= 0)
		return;
	u->taken = mem_realloc(u->taken, sizeof(int) * (size_t)(u->n + 1));
	u->taken[u->n++] = id;
}

static void begin(struct numbers *u, int first)
{
	if (u->n)
		qsort(u->taken, (size_t)u->n, sizeof(int), by_value);
	u->at = 0;
	u->next = first;
}

static int next_free(struct numbers *u)
{
	for (; u->at < u->n && u->taken[u->at] <= u->next; u->at++)
		if (u->taken[u->at] == u->next)
			u->next++;
	return u->next++;
}

static void number_servers(struct proxy *p)
{
	struct numbers u = { 0 };
	struct server_line *s;

	list_each(s, &p->servers, link)
		take(&u, s->id);
	begin(&u, 1);
	list_each(s, &p->servers, link)
		if (!s->id)
			s->id = next_free(&u);
	free(u.taken);
}

static void number_binds(struct list *binds)
{
	struct numbers u = { 0 };
	struct bind *b;

	list_each(b, binds, link)
		take(&u, b->id);
	begin(&u, 1);
	list_each(b, binds, link)
		if (!b->id)
			b->id = next_free(&u);
	free(u.taken);
}

void conf_number(struct conf *c)
{
	struct numbers u = { 0 };
	struct proxy *p;

	list_each(p, &c->proxies, link)
		take(&u, p->id);
	begin(&u, 2);
	list_each(p, &c->proxies, link) {
		if (!p->id)
			p->id = next_free(&u);
		number_servers(p);
		number_binds(&p->binds);
	}
	number_binds(&c->global.stats_binds);
	free(u.taken);
}
