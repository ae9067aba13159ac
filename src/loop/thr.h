/* What a thread of the loop owns. Private to the floor: everything above sees loop.h. */
#ifndef WEIR_LOOP_THR_H
#define WEIR_LOOP_THR_H

#include <pthread.h>
#include "weir/base/atomic.h"
#include "weir/loop/loop.h"

#define THR_EVENTS 200		/* events taken from the kernel in one turn */
#define PROMPT_MARK (UINT64_MAX - 1)	/* what the poller of the prompt ones says in the other */

/* Place of a descriptor in the thread's table. The generation travels through the kernel with every event, so an
 * event that was fetched before its descriptor went away is told from one for the next owner of the number. */
struct fd_slot {
	struct fdev *f;		/* NULL: not registered with this thread */
	uint32_t gen;
	bool prompt;
};

/* A timer's place in the heap. `at` may be earlier than the timer's own when that was moved later. */
struct heap_node {
	uint64_t at;
	struct timer *t;
};

struct thr {
	struct thr_head h;		/* number, the turn's clock */
	int epfd, wakefd;
	int prompt_epfd;		/* of descriptors that do not wait behind the others; epfd watches it */
	bool prompt_news;		/* in this turn */
	struct wall wall;		/* read at most once per turn, when somebody asks */
	bool wall_read;
	struct fd_slot *slots;		/* by descriptor */
	uint32_t nslots;
	uint32_t nheap, heap_cap;
	struct heap_node *heap;		/* 4-ary, earliest first */
	struct list run[TASK_CLASSES];
	int nevents;			/* of this turn */
	bool gathering;			/* late tasks wait for the next turn (gather.c) */
	uint8_t gather_skip, gather_pause;	/* turns in which they will not; and after the next sleep in vain */
	uint32_t fds_seen;		/* loop_fds() of this millisecond: asked with every request, while the */
	uint64_t fds_ms;		/* others' figures are cold */
	struct loop_stat stat;		/* written by this thread, read by others */
	uint64_t window_us, window_idle;	/* where the second of idle_pct began */
	uint64_t window_busy, window_turns;
	bool prof_slow;			/* turns are long (profile.c) */
	unsigned prof_epoch;
	struct prof_table *prof;		/* made when first needed; read by others */
	pthread_t pthread;
	int cpu;			/* to stay on, or -1 */

	_Alignas(64) struct mail *inbox;	/* newest first; any thread pushes */
	int asleep;				/* in or about to enter the poller: a sender has to wake it */
};

/* Facts shared by the threads. */
struct loop_shared {
	int count;			/* threads planned or running */
	struct thr *thr[THR_MAX];
	const struct loop_thread_ops *ops;
	int events;			/* taken from the kernel in one turn; 0: THR_EVENTS */
	int depth;			/* tasks of a class in one turn, 0: by class */
	bool busy;			/* never sleep */
	uint64_t watch_us;		/* longer turns are told of, 0: none */
	void (*blocked)(int thread, uint64_t us);
	int prof_mode;			/* enum prof_mode */
	unsigned prof_epoch;		/* counts how often profiling was switched on */
	int stop;			/* loop_stop was called */
	int ended;			/* threads that have run their stop op */
	uint64_t sig_pending;		/* bit per signal number, set by the handler */
	void (*sig_fn[64])(int signo);
};
extern struct loop_shared loop_shared;

struct thr *thr_create(int id, int cpu);
void thr_destroy(struct thr *th);
void thr_wake(struct thr *th);			/* any thread, signal handlers too */
void thr_read_clock(struct thr *th);

/* Fetches and delivers events; waits up to `wait` ms (0: not at all, -1: for ever). */
void thr_poll(struct thr *th, int wait);

void thr_deliver_mail(struct thr *th);
bool thr_has_mail(struct thr *th);
void thr_deliver_signals(void);

void thr_fire_timers(struct thr *th);
int64_t thr_next_timer(struct thr *th);		/* ms from now until the earliest, -1: none */

void thr_run_tasks(struct thr *th);

/* --- gather.c: late tasks --- */
/* On a new thread. */
void gather_start(void);
/* At the end of a turn that has late tasks: shall they wait for what the next one brings? */
bool gather_more(struct thr *th);
/* Before events are fetched: sleeps if late tasks wait and nothing else does. True: it has slept. */
bool gather_sleep(struct thr *th);
/* What came of it. */
void gather_brought(struct thr *th, int nevents);

/* --- profile.c --- */
void prof_turn(struct thr *th);
void prof_window(struct thr *th, uint64_t turns, uint64_t busy_us);
void prof_free(struct thr *th);
uint64_t prof_clock(void) __attribute__((cold));	/* ns */
/* Before a call: when, or 0: not counted. Behind it: counts it. */
static inline uint64_t prof_begin(const struct thr *th) { return th->h.profiled ? prof_clock() : 0; }
void prof_add(struct thr *th, const void *fn, uint64_t began_ns, uint64_t wait_ns) __attribute__((cold));
static inline void prof_end(struct thr *th, const void *fn, uint64_t began_ns, uint64_t wait_ns)
{
	if (__builtin_expect(began_ns != 0, 0))
		prof_add(th, fn, began_ns, wait_ns);
}

#endif
