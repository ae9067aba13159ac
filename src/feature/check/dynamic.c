/* Checks of servers that come and go while running: they wait for `enable health` and `enable agent`. */
#include "agent.h"

#include <stdlib.h>
#include "weir/base/pool.h"

struct beginning {
	struct mail mail;
	struct timer *timer;
	const bool *running;		/* then it is under way already */
};

static void begin(struct mail *m)
{
	struct beginning *b = container_of(m, struct beginning, mail);

	if (!b->running || !*b->running)
		timer_set(b->timer, 1);
	free(b);
}

static void begin_on(int thread, struct timer *timer, const bool *running)
{
	struct beginning *b;

	if (thread < 0)
		return;
	b = mem_alloc(sizeof(*b));
	*b = (struct beginning){ .mail.deliver = begin, .timer = timer, .running = running };
	mail_send(thread, &b->mail);
}

static void resumed(struct srv *s)
{
	struct check *c = s->check;
	struct agent *a = s->agent;

	if (c && s->check_on)
		begin_on(c->thread, &c->next, &c->running);
	if (a && s->agent_on && a->thread >= 0)
		begin_on(a->thread, &a->next, &a->running);
}

static void added(struct srv *s)
{
	int thread = s->id % thr_count();

	if (s->line->flags & SRV_CHECK) {
		struct check *c = check_create(s);

		c->thread = thread;
		c->of = 1;
		s->check_on = false;
		s->health = 0;
		begin_on(thread, &c->next, NULL);
	}
	if (s->line->flags & SRV_AGENT) {
		agent_create(s);
		s->agent_on = false;
		((struct agent *)s->agent)->thread = thread;
		begin_on(thread, &((struct agent *)s->agent)->next, NULL);
	}
}

static void leave(struct srv *s)
{
	struct check *c = s->check;
	struct agent *a = s->agent;

	if (c && c->thread == thr_id()) {
		timer_stop(&c->next);
		chk_abort(c);
	}
	if (a && a->thread == thr_id())
		agent_end(a);
}

static void freed(struct srv *s)
{
	struct check *c = s->check;
	struct agent *a = s->agent;

	if (c) {
		pthread_mutex_destroy(&c->lock);
		OBJ_WIPE(c);
		free(c);
	}
	if (a) {
		pthread_mutex_destroy(&a->lock);
		free((char *)a->send.p);
		OBJ_WIPE(a);
		free(a);
	}
	s->check = s->agent = NULL;
}

static enum chk_status status_numbered(int number)
{
	for (int i = 0; i < CHK_STATUSES; i++)
		if (chk_statuses[i].token && chk_statuses[i].number == number)
			return (enum chk_status)i;
	return CHK_INI;
}

static void restore(struct srv *s, const struct srv_view *v)
{
	struct check *c = s->check;
	struct agent *a = s->agent;
	struct addr to;

	if (c) {
		c->last.status = status_numbered(v->check_status);
		if (v->check_port)
			c->port = (int)v->check_port;
		if (addr_parse_ip(&to, v->check_addr))
			c->to = to;
	}
	if (a && v->agent_port)
		a->port = (int)v->agent_port;
	if (a && addr_parse_ip(&to, v->agent_addr))
		a->to = to;
}

const struct srv_user check_srv_user = { .added = added, .leave = leave, .freed = freed,
					  .resumed = resumed, .restore = restore };
