#include "thr.h"

#include "weir/base/assert.h"

#define TASKS_A_LOOK 16
#define TURN_US 10000

/* How many of a class run in one turn. Every class gets its share every turn, so none waits for ever behind another,
 * and a flood in one delays the next look at the descriptors only so much. */
static const uint16_t turn_share[TASK_CLASSES] = {
	[TASK_URGENT] = 1024, [TASK_NORMAL] = 512, [TASK_LATE] = 512, [TASK_BULK] = 24, [TASK_IDLE] = 8,
};

void task_wake(struct task *t)
{
	struct thr *th = thr_self;

	if (list_linked(&t->link))
		return;
	WASSERT(th && t->run && t->klass < TASK_CLASSES);
	list_push(&th->run[t->klass], &t->link);
	atom_own_add(&th->stat.run_queue, 1);
	t->woken_us = th->h.profiled ? (uint32_t)(prof_clock() / 1000) : 0;
}

void task_cancel(struct task *t)
{
	if (!list_linked(&t->link))
		return;
	list_del(&t->link);
	atom_own_add(&thr_self->stat.run_queue, -1);
}

/* Moves all of `from` in front of what `to` holds. */
static void splice_front(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->prev->next = to->next;
	to->next->prev = from->prev;
	to->next = from->next;
	from->next->prev = to;
	list_init(from);
}

/* The task may be gone when it has run. */
static void run_one(struct thr *th, struct task *t)
{
	uint64_t began = prof_begin(th), waited = 0;
	void (*run)(struct task *) = t->run;

	if (began && t->woken_us)
		waited = (uint64_t)((uint32_t)(began / 1000) - t->woken_us) * 1000;
	run(t);
	prof_end(th, (const void *)run, began, waited);
}

/* A turn that has taken long ends here: others wait for the next look at the descriptors and at the timers. The clock
 * is read after every few tasks. */
static bool long_enough(const struct thr *th, int done)
{
	return done % TASKS_A_LOOK == 0 && loop_us_exact() - th->h.us > TURN_US;
}

/* What is woken meanwhile joins the class's list and runs in the next turn. */
static void run_class(struct thr *th, enum task_class k)
{
	int max = loop_shared.depth ? loop_shared.depth : turn_share[k];
	struct list batch = LIST_INIT(batch);

	splice_front(&batch, &th->run[k]);
	for (int done = 0; done < max && !list_empty(&batch); done++) {
		struct task *t = list_first(&batch, struct task, link);

		list_del(&t->link);
		atom_own_add(&th->stat.run_queue, -1);
		atom_own_add(&th->stat.tasks, 1);
		run_one(th, t);
		if (long_enough(th, done + 1))
			break;
	}
	splice_front(&th->run[k], &batch);
}

void thr_run_tasks(struct thr *th)
{
	for (int k = 0; k < TASK_CLASSES; k++)
		if (!list_empty(&th->run[k]) && (k != TASK_LATE || !gather_more(th)))
			run_class(th, k);
}

void loop_run_tasks(void)
{
	thr_run_tasks(thr_self);
}
