/* Memory that was needed for a while goes back to the system: threads empty their caches, and libc gives back what is
 * free. Looked at every few seconds, and done when it disturbs nobody: when most connections of a rush have gone, and
 * when a process that was busy (a few connections with long answers fill as many slabs as a thousand with short ones)
 * has become quiet. A few times in a row, as servers' connections and what is left of long answers go later. A process
 * that is never busy but does some work does it twice a minute; one that does nothing does not do it at all. */
#include "trim.h"

#include <malloc.h>

#include "weir/base/chunk.h"
#include "weir/base/pool.h"
#include "weir/live/live.h"
#include "weir/loop/loop.h"
#include "weir/sys/clock.h"

#define EVERY_MS 3000
#define RUSH 16			/* fewer connections than this are not worth it */
#define TIMES 4			/* in a row, unless there is a new rush */
#define QUIET_US 300000		/* of CPU since the last look, all threads together: a tenth of one */
#define SOME_WORK_US 100000	/* of CPU since memory was given back, in a process that was quiet all the time */
#define SELDOM 10		/* looks between two times of that kind */
#define PUT_OFF 5		/* looks, while exchanges run that would want the memory again at once */

static struct {
	struct timer timer;
	uint32_t peak;
	int left;		/* so many times more */
	int put_off;		/* looks in a row */
	bool give;		/* no-memory-trimming was not said */
	bool quiet;		/* at the last look */
	int looks;		/* since memory was given back */
	uint64_t cpu, cpu_given;	/* CPU time at the last look, and when memory was given back */
} trim;

static void empty_caches(void *arg)
{
	(void)arg;
	pool_flush();
	chunk_flush();
}

static void give_back(void *arg)
{
	(void)arg;
	if (trim.give)
		malloc_trim(0);
}

/* Most connections of a rush have gone. */
static bool rush_over(void)
{
	uint32_t now = atom_get(&live_get()->cur_conns);

	if (now > trim.peak) {
		trim.peak = now;
		trim.left = 0;
	}
	if (trim.peak < RUSH || now >= trim.peak / 4)
		return false;
	trim.peak = now;
	return true;
}

static bool become_quiet(uint64_t cpu)
{
	bool was = trim.quiet;

	trim.quiet = cpu - trim.cpu < QUIET_US;
	trim.cpu = cpu;
	return trim.quiet && !was;
}

static bool worked_a_little(uint64_t cpu)
{
	return trim.quiet && ++trim.looks >= SELDOM && cpu - trim.cpu_given >= SOME_WORK_US;
}

/* Exchanges run on many of the connections: what they give back they take again. For a while only, as tunnels that
 * nobody uses look the same. */
static bool inconvenient(void)
{
	uint32_t streams = live_streams();

	if (streams <= RUSH || streams < atom_get(&live_get()->cur_conns) / 4 || trim.put_off >= PUT_OFF) {
		trim.put_off = 0;
		return false;
	}
	trim.put_off++;
	return true;
}

void trim_now(void)
{
	mail_broadcast(empty_caches, give_back, NULL);
}

static void look(struct timer *t)
{
	uint64_t cpu = clock_process_cpu_us();
	bool over = rush_over(), quiet = become_quiet(cpu);

	if (over || quiet)
		trim.left = TIMES;
	else if (!trim.left && worked_a_little(cpu))
		trim.left = 1;
	if (trim.left && !inconvenient()) {
		trim.left--;
		trim.looks = 0;
		trim.cpu_given = cpu;
		trim_now();
	}
	timer_set(t, EVERY_MS);
}

void trim_begin(bool give)
{
	trim.give = give;
	timer_init(&trim.timer, look);
	trim.cpu = clock_process_cpu_us();
	timer_set(&trim.timer, EVERY_MS);
}

void trim_end(void)
{
	timer_stop(&trim.timer);
}
