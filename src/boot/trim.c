/* Memory that a rush of connections needed goes back to the system once they have gone: the threads empty their
 * caches, and libc gives back what is free. Looked at every few seconds; done only when most of the connections since
 * the last time have gone, so that it costs nothing under an even load; and a few times more, as servers' connections
 * and what is left of long answers go later. */
#include "trim.h"

#include <malloc.h>

#include "weir/base/chunk.h"
#include "weir/base/pool.h"
#include "weir/live/live.h"
#include "weir/loop/loop.h"

#define EVERY_MS 3000
#define RUSH 16			/* fewer connections than this are not worth it */
#define TIMES 4			/* in a row, unless there is a new rush */

static struct {
	struct timer timer;
	uint32_t peak;
	int left;		/* so many times more */
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
	malloc_trim(0);
}

static void look(struct timer *t)
{
	uint32_t now = atom_get(&live_get()->cur_conns);

	if (now > trim.peak) {
		trim.peak = now;
		trim.left = 0;
	}
	if (trim.peak >= RUSH && now < trim.peak / 4) {
		trim.peak = now;
		trim.left = TIMES;
	}
	if (trim.left) {
		trim.left--;
		mail_broadcast(empty_caches, give_back, NULL);
	}
	timer_set(t, EVERY_MS);
}

void trim_begin(void)
{
	timer_init(&trim.timer, look);
	timer_set(&trim.timer, EVERY_MS);
}

void trim_end(void)
{
	timer_stop(&trim.timer);
}
