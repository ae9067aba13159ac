/* The event loop: one per thread. Descriptors (edge-triggered epoll, readiness remembered), timers, tasks, mail
 * between threads. Everything here is called on the owning thread unless it says otherwise. */
#ifndef WEIR_LOOP_LOOP_H
#define WEIR_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include "weir/base/list.h"

#define THR_MAX 256		/* threads at most */

/* --- time (cached once per turn) --- */
/* What every thread of the loop is asked for all the time: first in what it owns. */
struct thr_head { uint64_t us, ms; int id; bool profiled; };
struct thr;
extern _Thread_local struct thr *thr_self;	/* NULL outside of the loop; only for the three functions that follow */
uint64_t loop_us_exact(void);	/* monotonic, reads the clock now */
static inline uint64_t loop_us(void)	/* monotonic, microseconds, cached at the turn */
{
	return thr_self ? ((const struct thr_head *)thr_self)->us : loop_us_exact();
}
static inline uint64_t loop_ms(void)	/* monotonic, milliseconds */
{
	return thr_self ? ((const struct thr_head *)thr_self)->ms : loop_us_exact() / 1000;
}
/* Wall clock of the turn: seconds and microseconds since the epoch. */
struct wall { int64_t s; uint32_t us; };
struct wall loop_wall(void);

/* --- this thread --- */
static inline int thr_id(void)	/* 0 .. thr_count()-1 */
{
	return thr_self ? ((const struct thr_head *)thr_self)->id : 0;
}
int thr_count(void);		/* before loop_run: what thr_plan announced, else 1 */
/* Says how many threads loop_run will start, for whoever opens a descriptor per thread before. */
void thr_plan(int nbthread);
/* Before threads: events that one turn takes from the kernel at most (0: the default, which is also the limit);
 * depth: tasks of one class that a turn runs (0: the class's own number); busy: the poller never sleeps. */
void loop_tune(int events, unsigned depth, bool busy);
bool thr_running(void);		/* mail can be sent to all threads: between the start and the end of loop_run */

/* --- descriptors --- */
/* EV_PRI: urgent data came; reads stop short at its mark, so a short read does not mean drained until EAGAIN.
 * EV_ABOVE: never from the poller. What was read from the descriptor waits above it, in a transport. */
enum { EV_READ = 1, EV_WRITE = 2, EV_RDHUP = 4, EV_HUP = 8, EV_ERR = 16, EV_PRI = 32, EV_ABOVE = 64 };
/* To read from the descriptor is worth it. */
#define EV_SOURCE (EV_READ | EV_RDHUP | EV_HUP | EV_ERR)

struct fdev {
	int fd;			/* -1 when not registered */
	uint32_t ready;		/* EV_*: what is possible until EAGAIN says otherwise. The user clears EV_READ/EV_WRITE
				 * after EAGAIN or a short transfer; the poller sets them again on the next edge */
	void (*on_event)(struct fdev *f, uint32_t events);	/* events: the new ones; ready already holds them */
};
/* Registers with this thread's poller for all events, edge-triggered, once. `ready` starts at 0, or as the
 * caller knows better. False: no memory in the kernel (errno). */
bool fdev_add(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t));
/* The same for the few that must not wait behind a crowd: health checks, the command line. A thread that has more
 * events waiting than it takes in one turn looks at these in every turn, before timers fire, so that what has come
 * is never late for its timeout. */
bool fdev_add_prompt(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t));
/* Level-triggered, read side, exclusive wake-up: for listeners shared by threads. prompt: as above. */
bool fdev_add_listener(struct fdev *f, int fd, void (*on_event)(struct fdev *, uint32_t), bool prompt);
/* Forgets it and closes the descriptor (close=true) or hands it back open. Pending events of this turn are
 * dropped (they carry a generation); the struct may be released at once. */
void fdev_del(struct fdev *f, bool close_it);

/* --- timers --- */
struct timer {
	uint64_t at;		/* ms, loop_ms() scale; 0: not armed */
	uint32_t pos;		/* private: place in the heap */
	void (*fire)(struct timer *t);
};
static inline void timer_init(struct timer *t, void (*fire)(struct timer *)) { t->at = 0; t->pos = 0; t->fire = fire; }
/* (Re)arms for now + ms. Moving a timer later costs nothing until it would have fired. */
void timer_set(struct timer *t, uint64_t ms);
void timer_stop(struct timer *t);
static inline bool timer_armed(const struct timer *t) { return t->at != 0; }

/* --- tasks: run soon, on this thread, in classes so that accepts cannot starve streams --- */
/* TASK_LATE: gains from what others will have done within moments: on a thread with little to do it may be run in the
 * turn that follows, some 30 us later (gather.c). */
enum task_class { TASK_URGENT, TASK_NORMAL, TASK_LATE, TASK_BULK, TASK_IDLE, TASK_CLASSES };
struct task {
	struct list link;
	void (*run)(struct task *t);
	uint32_t woken_us;		/* private: when, while time is profiled, else 0 */
	uint8_t klass;
};
static inline void task_init(struct task *t, void (*run)(struct task *), enum task_class k)
{
	list_init(&t->link);
	t->run = run;
	t->woken_us = 0;
	t->klass = (uint8_t)k;
}
void task_wake(struct task *t);		/* once queued, further wakes are free */
void task_cancel(struct task *t);
/* Runs, once, the tasks that are queued on this thread: for one that ends, from loop_thread_ops.stop. */
void loop_run_tasks(void);

/* --- mail: run a function on another thread; from any thread, lock-free --- */
struct mail {
	struct mail *next;
	void (*deliver)(struct mail *m);	/* runs on the receiving thread; owns m from then on */
};
void mail_send(int thread, struct mail *m);
/* Runs fn(arg) on every thread (the caller's included), and then done(arg) on the calling thread when all have. */
void mail_broadcast(void (*fn)(void *arg), void (*done)(void *arg), void *arg);

/* --- signals: delivered to thread 0's loop, never in signal context --- */
void loop_on_signal(int signo, void (*fn)(int signo));

/* --- life --- */
struct loop_thread_ops {
	void (*start)(int thread);	/* on the new thread, before its first turn */
	void (*turn)(int thread);	/* at the top of each turn (take the new generation) */
	void (*stop)(int thread);	/* on the thread, after its last turn */
};
/* Starts nbthread - 1 threads and runs thread 0 in the caller; returns when loop_stop() was called and all ended.
 * cpus: cpu number per thread or -1. */
int loop_run(int nbthread, const int *cpus, const struct loop_thread_ops *ops);
void loop_stop(void);			/* from any thread: all loops end after their turn */
/* Makes the caller thread 0 without running anything: descriptors, timers and mail work from then on. loop_turn takes
 * one turn that sleeps at most max_ms (-1: as long as needed); loop_leave takes it all down again. For tests, and for
 * phases before loop_run (which goes on with what is there). Not before a fork whose child goes on. */
bool loop_enter(void);
void loop_turn(int max_ms);
void loop_leave(void);
/* Figures of one thread for `show activity`; idle_pct: share of the last second that was spent waiting. */
struct loop_stat { uint64_t turns, events, tasks, timers, mails, idle_us, busy_us; uint32_t fds, run_queue, idle_pct; };
void loop_stats(int thread, struct loop_stat *out);
uint32_t loop_fds(void);		/* descriptors that all threads have registered, at most 1 ms ago; any thread */
/* Before threads: `say` is called, on the thread, after a turn that took longer than `us`. 0: never. */
void loop_watch(uint64_t us, void (*say)(int thread, uint64_t us));

#endif
