/* Numbers of proxies, servers and sockets: those written stay, the others take their place in the line, or the next
 * free number. Proxies count from 2. */
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

/* The number of the next one, which has `own` already or 0. Who has one takes a place in the count as well. */
static int number(struct numbers *u, int own)
{
	for (; !own && u->at < u->n && u->taken[u->at] <= u->next; u->at++)
		if (u->taken[u->at] == u->next)
			u->next++;
	u->next++;
	return own ? own : u->next - 1;
}

static void number_servers(struct proxy *p)
{
	struct numbers u = { 0 };
	struct server_line *s;

	list_each(s, &p->servers, link)
		take(&u, s->id);
	begin(&u, 1);
	list_each(s, &p->servers, link)
		s->id = number(&u, s->id);
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
		b->id = number(&u, b->id);
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
		p->id = number(&u, p->id);
		number_servers(p);
		number_binds(&p->binds);
	}
	number_binds(&c->global.stats_binds);
	free(u.taken);
}
