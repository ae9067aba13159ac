/* One job at a time, on thread 0: it sends a mail to every other thread, waits until each has come and stands still,
 * works, and lets them go. As only thread 0 ever waits for others, nobody waits in a circle. */
#include "weir/loop/exclusive.h"

#include <sched.h>
#include <stdlib.h>

#include "thr.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

struct job {
	void (*fn)(void *arg);
	void (*done)(void *arg);
	void *arg;
	int home;			/* thread that asked */
	struct mail mail;		/* to thread 0, then back */
	int refs;			/* atomic: thread 0 or home, and those that stand still */
	int standing;			/* atomic */
	int go;				/* atomic: they may go on */
	struct stop { struct job *job; struct mail mail; } stops[];
};

static void unref(struct job *j)
{
	if (atom_sub_acq_rel(&j->refs, 1) == 1)
		free(j);
}

static void stand_still(struct mail *m)
{
	struct job *j = container_of(m, struct stop, mail)->job;

	atom_add_acq_rel(&j->standing, 1);
	while (!atom_acquire(&j->go))
		sched_yield();
	unref(j);
}

static void at_home(struct mail *m)
{
	struct job *j = container_of(m, struct job, mail);

	if (j->done)
		j->done(j->arg);
	unref(j);
}

/* False: the loops end, somebody may never come. */
static bool all_stand(struct job *j, int others)
{
	while (atom_acquire(&j->standing) < others) {
		if (atom_acquire(&loop_shared.stop))
			return false;
		sched_yield();
	}
	return true;
}

static void on_thread_0(struct mail *m)
{
	struct job *j = container_of(m, struct job, mail);
	int others = thr_count() - 1;

	atom_add_acq_rel(&j->refs, others);
	for (int i = 0; i < others; i++) {
		j->stops[i].job = j;
		j->stops[i].mail.deliver = stand_still;
		mail_send(i + 1, &j->stops[i].mail);
	}
	if (all_stand(j, others))
		j->fn(j->arg);
	atom_release(&j->go, 1);
	j->mail.deliver = at_home;
	mail_send(j->home, &j->mail);
}

void loop_exclusive(void (*fn)(void *arg), void (*done)(void *arg), void *arg)
{
	struct job *j = mem_zalloc(sizeof(*j) + (size_t)thr_count() * sizeof(j->stops[0]));

	j->fn = fn;
	j->done = done;
	j->arg = arg;
	j->home = thr_id();
	j->refs = 1;
	j->mail.deliver = on_thread_0;
	mail_send(0, &j->mail);
}
