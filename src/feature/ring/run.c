/* What brings lines to servers, over the life of the process: one for each server of a ring, one for each TCP server of
 * a backend of mode log, which has a ring of its own. */
#include "weir/feature/ring/ring.h"

#include <stdlib.h>
#include "forward.h"
#include "ring_priv.h"
#include "weir/base/atomic.h"
#include "weir/base/pool.h"

/* --- rings --- */

static void adopt_ring(struct conf *c, struct proxy *p)
{
	struct ring_words *w = p->ring;
	struct server_line *s;
	int i = 0;

	if (!p->nservers)
		return;
	w->servers = arena_array(&c->mem, struct forward *, (size_t)p->nservers + 1);
	list_each(s, &p->servers, link)
		w->servers[i++] = forward_create(ring_find(w->name), s, NULL);
}

static void each_of_rings(struct conf *c, void (*fn)(struct forward *f))
{
	struct proxy *p;

	list_each(p, &c->hidden, link) {
		struct ring_words *w = p->ring;

		for (struct forward **f = w ? w->servers : NULL; f && *f; f++)
			fn(*f);
	}
}

/* --- servers of backends --- */

static void adopt_server(struct srv *s)
{
	const struct server_line *l = s->line;
	struct log_queue *q;
	char name[256];

	if (l->proxy->mode != MODE_LOG || l->dgram || s->log_queue)
		return;
	snprintf(name, sizeof(name), STR_FMT "/" STR_FMT, STR_ARG(str_head(s->px->name, 120)),
		 STR_ARG(str_head(s->name, 120)));
	q = mem_zalloc(sizeof(*q));
	q->ring = ring_declare(str_c(name), l->log_bufsize ? (size_t)l->log_bufsize : QUEUE_SIZE, NULL);
	ring_describe(q->ring, STR("lines for a server of mode log"));
	q->forward = forward_create(q->ring, s->line, s);
	atom_release(&s->log_queue, q);
}

static void each_server(void (*fn)(struct srv *s))
{
	struct px_live *p;
	struct srv *s;

	list_each(p, &live_get()->proxies, link)
		list_each(s, &p->servers, link)
			fn(s);
}

static void join_server(struct srv *s)
{
	struct log_queue *q = s->log_queue;

	if (q)
		forward_begin(q->forward);
}

static void leave_server(struct srv *s)
{
	struct log_queue *q = s->log_queue;

	if (q)
		forward_end(q->forward);
}

/* --- one that comes, one that goes --- */

static void begin_later(struct mail *m)
{
	struct log_queue *q = container_of(m, struct log_queue, mail);

	forward_begin(q->forward);
}

static void added(struct srv *s)
{
	struct log_queue *q;

	adopt_server(s);
	q = s->log_queue;
	if (!q)
		return;
	q->mail.deliver = begin_later;
	mail_send(0, &q->mail);
}

static void leave(struct srv *s)
{
	if (thr_id() == 0)
		leave_server(s);
}

static void freed(struct srv *s)
{
	struct log_queue *q = s->log_queue;

	if (!q)
		return;
	forward_free(q->forward);
	free(q);
	s->log_queue = NULL;
}

const struct srv_user ring_srv_user = { .added = added, .leave = leave, .freed = freed };

/* --- the process --- */

void ring_adopt(struct conf *c)
{
	struct proxy *p;

	list_each(p, &c->hidden, link)
		if (p->ring)
			adopt_ring(c, p);
	each_server(adopt_server);
}

void ring_join(struct conf *c)
{
	each_of_rings(c, forward_begin);
	each_server(join_server);
}

void ring_leave(struct conf *c)
{
	each_of_rings(c, forward_end);
	each_server(leave_server);
}
