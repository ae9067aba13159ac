#include "thr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "weir/base/assert.h"
#include "weir/base/pool.h"
#include "weir/sys/clock.h"

struct loop_shared loop_shared;
_Thread_local struct thr *thr_self;

int thr_count(void)
{
	return loop_shared.count ? loop_shared.count : 1;
}

void thr_plan(int nbthread)
{
	WASSERT(nbthread >= 1 && nbthread <= THR_MAX);
	WASSERT(!loop_shared.thr[0] || nbthread == loop_shared.count);
	loop_shared.count = nbthread;
}

void loop_watch(uint64_t us, void (*say)(int thread, uint64_t us))
{
	loop_shared.watch_us = us;
	loop_shared.blocked = say;
}

uint32_t loop_fds(void)
{
	struct thr *th = thr_self;
	uint32_t n = 0;

	if (th && th->fds_ms == th->h.ms)
		return th->fds_seen;
	for (int i = 0; i < loop_shared.count; i++)
		if (loop_shared.thr[i])
			n += atom_get(&loop_shared.thr[i]->stat.fds);
	if (th) {
		th->fds_seen = n;
		th->fds_ms = th->h.ms;
	}
	return n;
}

void loop_tune(int events, unsigned depth, bool busy)
{
	loop_shared.depth = (int)depth;
	loop_shared.events = events > 0 ? MIN(events, THR_EVENTS) : 0;
	loop_shared.busy = busy;
}

bool thr_running(void)
{
	return loop_shared.count && loop_shared.thr[loop_shared.count - 1];
}

/* The descriptor that wakes a sleeping thread is edge-triggered and never read: every write is a new edge. */
static bool open_poller(struct thr *th)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET, .data.u64 = UINT64_MAX };
	struct epoll_event prompt = { .events = EPOLLIN, .data.u64 = PROMPT_MARK };

	th->epfd = epoll_create1(EPOLL_CLOEXEC);
	th->prompt_epfd = epoll_create1(EPOLL_CLOEXEC);
	th->wakefd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return th->epfd >= 0 && th->prompt_epfd >= 0 && th->wakefd >= 0 &&
	       epoll_ctl(th->epfd, EPOLL_CTL_ADD, th->wakefd, &ev) == 0 &&
	       epoll_ctl(th->epfd, EPOLL_CTL_ADD, th->prompt_epfd, &prompt) == 0;
}

struct thr *thr_create(int id, int cpu)
{
	struct thr *th = aligned_alloc(64, (sizeof(*th) + 63) & ~(size_t)63);

	WASSERT(th);
	memset(th, 0, sizeof(*th));
	th->h.id = id;
	th->cpu = cpu;
	for (int k = 0; k < TASK_CLASSES; k++)
		list_init(&th->run[k]);
	if (!open_poller(th)) {
		thr_destroy(th);
		return NULL;
	}
	thr_read_clock(th);
	return th;
}

void thr_destroy(struct thr *th)
{
	for (uint32_t i = 0; i < th->nheap; i++) {
		th->heap[i].t->at = 0;
		th->heap[i].t->pos = 0;
	}
	if (th->epfd >= 0)
		close(th->epfd);
	if (th->prompt_epfd >= 0)
		close(th->prompt_epfd);
	if (th->wakefd >= 0)
		close(th->wakefd);
	free(th->heap);
	free(th->slots);
	prof_free(th);
	free(th);
}

void thr_wake(struct thr *th)
{
	static const uint64_t one = 1;
	int saved = errno;

	/* Only the first of several senders pays for the system call. */
	if (__atomic_exchange_n(&th->asleep, 0, __ATOMIC_SEQ_CST) &&
	    write(th->wakefd, &one, sizeof(one)) < 0)
		WASSERT(errno == EAGAIN);
	errno = saved;
}

void thr_read_clock(struct thr *th)
{
	th->h.us = clock_mono_us();
	th->h.ms = th->h.us / 1000;
	th->wall_read = false;
}

uint64_t loop_us_exact(void)
{
	return clock_mono_us();
}

struct wall loop_wall(void)
{
	struct thr *th = thr_self;
	struct wall now;

	if (th && th->wall_read)
		return th->wall;
	clock_wall(&now.s, &now.us);
	if (th) {
		th->wall = now;
		th->wall_read = true;
	}
	return now;
}

void loop_stats(int thread, struct loop_stat *out)
{
	const struct thr *th = loop_shared.thr[thread];

	memset(out, 0, sizeof(*out));
	if (!th)
		return;
	out->turns = atom_get(&th->stat.turns);
	out->events = atom_get(&th->stat.events);
	out->tasks = atom_get(&th->stat.tasks);
	out->timers = atom_get(&th->stat.timers);
	out->mails = atom_get(&th->stat.mails);
	out->idle_us = atom_get(&th->stat.idle_us);
	out->busy_us = atom_get(&th->stat.busy_us);
	out->fds = atom_get(&th->stat.fds);
	out->run_queue = atom_get(&th->stat.run_queue);
	out->idle_pct = atom_get(&th->stat.idle_pct);
	if (atom_get(&th->asleep) && clock_mono_us() - atom_get(&th->window_us) > 2000000)
		out->idle_pct = 100;	/* it has not come round since */
}
