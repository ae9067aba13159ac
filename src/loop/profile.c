#include "weir/loop/profile.h"

#include <stdlib.h>
#include <string.h>
#include "thr.h"
#include "weir/base/pool.h"
#include "weir/sys/clock.h"

/* Of the average turn, us: from where on a thread counts in auto mode, and below which it stops. */
#define SLOW_US 1000
#define FAST_US 990

struct prof_table { struct prof_sum v[PROF_FUNCTIONS]; };

uint64_t prof_clock(void)
{
	return clock_mono_ns();
}

void prof_set(enum prof_mode m)
{
	atom_set(&loop_shared.prof_mode, (int)m);
	if (m != PROF_OFF)
		atom_add(&loop_shared.prof_epoch, 1);
}

enum prof_mode prof_get(void)
{
	return (enum prof_mode)atom_get(&loop_shared.prof_mode);
}

/* Once in a turn. */
void prof_turn(struct thr *th)
{
	unsigned epoch = atom_get(&loop_shared.prof_epoch);
	int mode = atom_get(&loop_shared.prof_mode);

	if (epoch != th->prof_epoch) {
		th->prof_epoch = epoch;
		if (th->prof)
			for (int i = 0; i < PROF_FUNCTIONS; i++)
				atom_set(&th->prof->v[i].fn, NULL);
	}
	th->h.profiled = mode == PROF_ON || (mode == PROF_AUTO && th->prof_slow);
	if (th->h.profiled && !th->prof)
		atom_release(&th->prof, mem_zalloc(sizeof(*th->prof)));
}

/* Once a second: turns and busy time since the last time. */
void prof_window(struct thr *th, uint64_t turns, uint64_t busy_us)
{
	uint64_t average = turns ? busy_us / turns : 0;

	if (average > SLOW_US)
		th->prof_slow = true;
	else if (average < FAST_US)
		th->prof_slow = false;
}

/* The place of a function; what finds none is left out. */
static struct prof_sum *place_of(struct prof_table *t, const void *fn)
{
	size_t at = ((uintptr_t)fn >> 4) * 0x9e3779b1u % PROF_FUNCTIONS;

	for (int i = 0; i < PROF_FUNCTIONS; i++, at = (at + 1) % PROF_FUNCTIONS) {
		struct prof_sum *s = &t->v[at];

		if (s->fn == fn)
			return s;
		if (s->fn)
			continue;
		atom_set(&s->calls, 0);
		atom_set(&s->time_ns, 0);
		atom_set(&s->wait_ns, 0);
		atom_release(&s->fn, fn);
		return s;
	}
	return NULL;
}

void prof_add(struct thr *th, const void *fn, uint64_t began_ns, uint64_t wait_ns)
{
	struct prof_sum *s = th->prof && began_ns ? place_of(th->prof, fn) : NULL;

	if (!s)
		return;
	atom_own_add(&s->calls, 1);
	atom_own_add(&s->time_ns, prof_clock() - began_ns);
	atom_own_add(&s->wait_ns, wait_ns);
}

void prof_free(struct thr *th)
{
	free(th->prof);
	th->prof = NULL;
}

/* --- sums --- */

static void add_to(struct prof_sum *out, size_t *n, const struct prof_sum *one, const void *fn)
{
	size_t i = 0;

	while (i < *n && out[i].fn != fn)
		i++;
	if (i == PROF_FUNCTIONS)
		return;
	if (i == *n)
		out[(*n)++] = (struct prof_sum){ .fn = fn };
	out[i].calls += atom_get(&one->calls);
	out[i].time_ns += atom_get(&one->time_ns);
	out[i].wait_ns += atom_get(&one->wait_ns);
}

size_t prof_sums(struct prof_sum out[PROF_FUNCTIONS])
{
	size_t n = 0;

	for (int t = 0; t < loop_shared.count; t++) {
		struct thr *th = loop_shared.thr[t];
		const struct prof_table *p = th ? atom_acquire(&th->prof) : NULL;

		for (int i = 0; p && i < PROF_FUNCTIONS; i++) {
			const void *fn = atom_acquire(&p->v[i].fn);

			if (fn)
				add_to(out, &n, &p->v[i], fn);
		}
	}
	return n;
}

void tasks_waiting(struct task_sum v[PROF_FUNCTIONS], size_t *n)
{
	struct thr *th = thr_self;
	uint32_t now = (uint32_t)(prof_clock() / 1000);
	struct task *t;

	for (int k = 0; k < TASK_CLASSES; k++)
		list_each(t, &th->run[k], link) {
			size_t i = 0;

			while (i < *n && v[i].fn != (const void *)t->run)
				i++;
			if (i == PROF_FUNCTIONS)
				continue;
			if (i == *n)
				v[(*n)++] = (struct task_sum){ .fn = (const void *)t->run };
			v[i].places++;
			v[i].wait_ns += t->woken_us ? (uint64_t)(now - t->woken_us) * 1000 : 0;
		}
}
