/* The turn of the loop, and the life of its threads. */
#include <sched.h>
#include <time.h>
#include "thr.h"
#include "weir/base/assert.h"
#include "weir/base/chunk.h"
#include "weir/base/pool.h"
#include "weir/base/regex.h"

#define NO_LIMIT -1

static bool work_waits(struct thr *th)
{
	if (atom_get(&th->stat.run_queue) || thr_has_mail(th) ||
	    __atomic_load_n(&loop_shared.stop, __ATOMIC_SEQ_CST))
		return true;
	return th->h.id == 0 && __atomic_load_n(&loop_shared.sig_pending, __ATOMIC_SEQ_CST);
}

/* How long the poller may sleep. `asleep` is announced first and the work looked at after that: whoever adds work
 * later sees the announcement and wakes us. */
static int may_sleep(struct thr *th, int limit)
{
	int64_t next = thr_next_timer(th);

	if (next < 0 || (limit >= 0 && limit < next))
		next = limit;
	if (next == 0 || loop_shared.busy)
		return 0;
	__atomic_store_n(&th->asleep, 1, __ATOMIC_SEQ_CST);
	if (work_waits(th)) {
		atom_set(&th->asleep, 0);
		return 0;
	}
	return next > INT32_MAX ? INT32_MAX : (int)next;
}

/* One turn: wait, then everything that has become possible. Descriptors first, as they wake tasks; what the tasks of
 * all connections have to say is then written once. */
static void turn(struct thr *th, int limit)
{
	thr_poll(th, may_sleep(th, limit));
	if (th->h.id == 0)
		thr_deliver_signals();
	thr_deliver_mail(th);
	thr_fire_timers(th);
	thr_run_tasks(th);
	atom_own_add(&th->stat.turns, 1);
}

/* After its last turn a thread still takes its mail until all have come so far: nothing sent to it is lost. */
static void wind_up(struct thr *th)
{
	if (loop_shared.ops && loop_shared.ops->stop)
		loop_shared.ops->stop(th->h.id);
	atom_add_acq_rel(&loop_shared.ended, 1);
	while (atom_acquire(&loop_shared.ended) < loop_shared.count) {
		thr_deliver_mail(th);
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
	thr_deliver_mail(th);
	chunk_flush();
	pool_keep(false);
	pool_flush();
	regex_thread_fini();
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void run(struct thr *th)
{
	stay_on(th->cpu);
	pool_keep(true);
	gather_start();
	thr_read_clock(th);
	if (loop_shared.ops && loop_shared.ops->start)
		loop_shared.ops->start(th->h.id);
	while (!atom_acquire(&loop_shared.stop))
		turn(th, NO_LIMIT);
	wind_up(th);
}

static void *thread_main(void *arg)
{
	thr_self = arg;
	run(thr_self);
	thr_self = NULL;
	return NULL;
}

bool loop_enter(void)
{
	WASSERT(!loop_shared.thr[0] && !thr_self);
	thr_plan(thr_count());
	thr_self = loop_shared.thr[0] = thr_create(0, -1);
	return thr_self != NULL;
}

void loop_turn(int max_ms)
{
	WASSERT(thr_self);
	turn(thr_self, max_ms);
}

void loop_leave(void)
{
	WASSERT(thr_self && thr_self == loop_shared.thr[0]);
	thr_deliver_mail(thr_self);
	thr_destroy(thr_self);
	thr_self = loop_shared.thr[0] = NULL;
	loop_shared.count = 0;
}

void loop_stop(void)
{
	__atomic_store_n(&loop_shared.stop, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < loop_shared.count; i++)
		if (loop_shared.thr[i])
			thr_wake(loop_shared.thr[i]);
}

/* All exist before the first one runs: any thread may send mail to any other. */
static bool create_all(int nbthread, const int *cpus)
{
	for (int i = 0; i < nbthread; i++) {
		if (!loop_shared.thr[i])
			loop_shared.thr[i] = thr_create(i, -1);
		if (!loop_shared.thr[i])
			return false;
		loop_shared.thr[i]->cpu = cpus ? cpus[i] : -1;
	}
	return true;
}

static void destroy_all(int nbthread)
{
	for (int i = 0; i < nbthread; i++)
		if (loop_shared.thr[i]) {
			thr_destroy(loop_shared.thr[i]);
			loop_shared.thr[i] = NULL;
		}
	thr_self = NULL;
	loop_shared.count = loop_shared.ended = loop_shared.stop = 0;
}

int loop_run(int nbthread, const int *cpus, const struct loop_thread_ops *ops)
{
	int started = 1;

	thr_plan(nbthread);
	loop_shared.ops = ops;
	if (create_all(nbthread, cpus)) {
		thr_self = loop_shared.thr[0];
		while (started < nbthread &&
		       pthread_create(&loop_shared.thr[started]->pthread, NULL, thread_main,
				      loop_shared.thr[started]) == 0)
			started++;
	}
	if (started < nbthread) {	/* those that run wait for nobody who does not */
		atom_add_acq_rel(&loop_shared.ended, nbthread - started + 1);
		loop_stop();
	} else if (thr_self) {
		run(thr_self);
	}
	for (int i = 1; i < started; i++)
		pthread_join(loop_shared.thr[i]->pthread, NULL);
	started = thr_self ? started : 0;
	destroy_all(nbthread);
	return started == nbthread ? 0 : -1;
}
