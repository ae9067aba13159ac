/* Mail: a lock-free stack per thread that senders push to and the receiver takes as a whole. */
#include <stdlib.h>
#include "thr.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"

void mail_send(int thread, struct mail *m)
{
	struct thr *th;

	WASSERT(thread >= 0 && thread < THR_MAX && m->deliver);
	th = loop_shared.thr[thread];
	WASSERT(th);
	m->next = atom_get(&th->inbox);
	while (!__atomic_compare_exchange_n(&th->inbox, &m->next, m, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
	thr_wake(th);
}

bool thr_has_mail(struct thr *th)
{
	return __atomic_load_n(&th->inbox, __ATOMIC_SEQ_CST) != NULL;
}

/* The stack has the newest on top; mail from one sender is delivered in the order it was sent. */
static struct mail *take_in_order(struct thr *th)
{
	struct mail *m = atom_swap(&th->inbox, NULL), *first = NULL;

	while (m) {
		struct mail *next = m->next;

		m->next = first;
		first = m;
		m = next;
	}
	return first;
}

static void deliver(struct thr *th, struct mail *m)
{
	uint64_t began = prof_begin(th);
	void (*fn)(struct mail *) = m->deliver;

	fn(m);
	prof_end(th, (const void *)fn, began, 0);
}

void thr_deliver_mail(struct thr *th)
{
	struct mail *m;

	if (!atom_get(&th->inbox))
		return;
	m = take_in_order(th);
	while (m) {
		struct mail *next = m->next;

		atom_own_add(&th->stat.mails, 1);
		deliver(th, m);
		m = next;
	}
}

struct broadcast {
	void (*fn)(void *arg);
	void (*done)(void *arg);
	void *arg;
	int left;		/* threads that have not run fn yet */
	int home;		/* where done runs */
	struct mail back;
	struct letter {
		struct mail mail;
		struct broadcast *b;
	} letters[];
};

static void broadcast_back(struct mail *m)
{
	struct broadcast *b = container_of(m, struct broadcast, back);

	if (b->done)
		b->done(b->arg);
	free(b);
}

static void broadcast_arrived(struct mail *m)
{
	struct broadcast *b = container_of(m, struct letter, mail)->b;

	b->fn(b->arg);
	if (atom_sub_acq_rel(&b->left, 1) == 1)
		mail_send(b->home, &b->back);
}

void mail_broadcast(void (*fn)(void *arg), void (*done)(void *arg), void *arg)
{
	int n = thr_count();
	struct broadcast *b = mem_zalloc(sizeof(*b) + (size_t)n * sizeof(b->letters[0]));

	WASSERT(thr_self);
	b->fn = fn;
	b->done = done;
	b->arg = arg;
	b->left = n;
	b->home = thr_id();
	b->back.deliver = broadcast_back;
	for (int i = 0; i < n; i++) {
		b->letters[i].b = b;
		b->letters[i].mail.deliver = broadcast_arrived;
		mail_send(i, &b->letters[i].mail);
	}
}
