/* Out of descriptors: who needs a new connection to a server waits until one of this thread can be used, or is gone. */
#include "weir/base/pool.h"
#include "live_priv.h"

struct fd_wait {
	struct list link;
	void (*ready)(void *arg);
	void *arg;
};

static void let_in(struct task *task)
{
	struct srv_thr *t = container_of(task, struct srv_thr, freed_task);
	unsigned n = t->freed;

	t->freed = 0;
	while (n-- && !list_empty(&t->short_of_fd)) {
		struct fd_wait *w = list_first(&t->short_of_fd, struct fd_wait, link);

		list_del(&w->link);
		w->ready(w->arg);
		pool_put(w, sizeof(*w));
	}
}

void shortage_init(struct srv_thr *t)
{
	list_init(&t->short_of_fd);
	task_init(&t->freed_task, let_in, TASK_NORMAL);
}

void shortage_fini(struct srv_thr *t)
{
	WASSERT(list_empty(&t->short_of_fd));
	task_cancel(&t->freed_task);
}

void shortage_eases(struct srv *s)
{
	struct srv_thr *t = srv_own(s);

	if (list_empty(&t->short_of_fd))
		return;
	t->freed++;
	task_wake(&t->freed_task);
}

bool fd_wait_nobody(struct srv *s)
{
	return list_empty(&srv_own(s)->short_of_fd);
}

struct fd_wait *fd_wait_add(struct srv *s, void (*ready)(void *arg), void *arg)
{
	struct fd_wait *w = pool_zget(sizeof(*w));

	list_init(&w->link);
	w->ready = ready;
	w->arg = arg;
	list_push(&srv_own(s)->short_of_fd, &w->link);
	return w;
}

void fd_wait_cancel(struct fd_wait *w)
{
	list_del(&w->link);
	pool_put(w, sizeof(*w));
}

bool bconn_spare_one(struct px_live *px)
{
	struct srv *s;

	list_each(s, &px->servers, link)
		if (bconn_close_one_here(s))
			return true;
	return false;
}
