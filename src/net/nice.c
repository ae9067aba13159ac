/* `nice`: what happens on a connection is noted, and looked at behind what happens on others. */
#include "net_priv.h"
#include "weir/base/pool.h"

struct nice {
	struct transport t;
	struct task task;
	struct conn *c;
	bool off;
};

static void run(struct task *task)
{
	conn_happened(container_of(task, struct nice, task)->c);
}

static void release(struct conn *c, struct transport *t, bool silent)
{
	struct nice *n = container_of(t, struct nice, t);

	(void)c, (void)silent;
	task_cancel(&n->task);
	pool_put(n, sizeof(*n));
}

static const struct transport_ops nice_ops = { .name = "nice", .fini = release };

static struct nice *find(const struct conn *c)
{
	struct transport *t = c->top;

	while (t->ops != &nice_ops)
		t = t->below;
	return container_of(t, struct nice, t);
}

static struct nice *push(struct conn *c)
{
	struct nice *n = pool_zget(sizeof(*n));

	n->t.ops = &nice_ops;
	n->c = c;
	list_init(&n->task.link);
	conn_push(c, &n->t);
	c->flags |= CONN_NICE;
	return n;
}

void conn_set_nice(struct conn *c, int more)
{
	struct nice *n;

	if (more <= 0 && !(c->flags & CONN_NICE))
		return;
	n = c->flags & CONN_NICE ? find(c) : push(c);
	n->off = more <= 0;
	if (!list_linked(&n->task.link))
		task_init(&n->task, run, more < NICE_MUCH ? TASK_BULK : TASK_IDLE);
}

bool nice_later(struct conn *c)
{
	struct nice *n = find(c);

	if (!n->off)
		task_wake(&n->task);
	return !n->off;
}
