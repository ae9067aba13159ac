/* Weights in force, and the slow start: a server that came up gets its share step by step, once a second, until
 * `slowstart` has passed. Thread 0 looks after it, whichever thread saw it come up. */
#include "weir/live/live.h"
#include "live_priv.h"

#define STEP_MS 1000

/* Seconds a slow start takes. */
static uint64_t warm_time(const struct srv *s)
{
	return (s->line->slowstart + 999ULL) / 1000;
}

/* Seconds since it began; false: there is none, or it is over. */
static bool warming(const struct srv *s, uint64_t *since)
{
	uint64_t now = (uint64_t)loop_wall().s, changed = atom_get(&s->last_change_s);

	if (s->state != SRV_ST_STARTING || now < changed)
		return false;
	*since = now - changed;
	return *since < warm_time(s);
}

void srv_weigh(struct srv *s)
{
	uint64_t since, share = LB_SCALE;

	if (lb_dynamic(s->px) && warming(s, &since))
		share = (LB_SCALE * since + warm_time(s)) / warm_time(s);
	atom_set(&s->eff_weight, (int)((uint64_t)s->weight * share));
}

unsigned srv_throttle(const struct srv *s)
{
	unsigned full = (unsigned)s->weight * LB_SCALE;

	if (s->state != SRV_ST_STARTING || !full)
		return 100;
	return ((unsigned)atom_get(&s->eff_weight) * 100 + full - 1) / full;
}

unsigned srv_warm_limit(const struct srv *s, unsigned max)
{
	uint64_t since;

	if (!warming(s, &since))
		return max;
	return MAX((unsigned)(max * (100 * since / warm_time(s)) / 100), 1U);
}

static void warm_step(struct timer *t)
{
	struct srv *s = container_of(t, struct srv, warm_timer);
	uint64_t since;
	bool more;

	OBJ_CHECK(s, SRV_MAGIC);
	srv_lock();
	if (s->state != SRV_ST_STARTING) {
		srv_unlock();
		return;
	}
	more = warming(s, &since);
	if (!more)
		s->state = SRV_ST_RUNNING;
	srv_weigh(s);
	lb_rebuild(s->px);
	queue_process(s);
	srv_unlock();
	if (more)
		timer_set(t, STEP_MS);
}

static void warm_begin(struct mail *m)
{
	struct srv *s = container_of(m, struct srv, warm_mail);

	OBJ_CHECK(s, SRV_MAGIC);
	atom_set(&s->warm_mailed, false);
	timer_set(&s->warm_timer, STEP_MS);
}

void srv_warm_init(struct srv *s)
{
	timer_init(&s->warm_timer, warm_step);
	s->warm_mail.deliver = warm_begin;
}

void srv_warm_up(struct srv *s)
{
	if (s->state == SRV_ST_RUNNING && s->line->slowstart) {
		s->state = SRV_ST_STARTING;
		if (!atom_swap(&s->warm_mailed, true))
			mail_send(0, &s->warm_mail);
	}
	srv_weigh(s);
}

void srv_warm_end(struct srv *s)
{
	WASSERT(!atom_get(&s->warm_mailed));
	timer_stop(&s->warm_timer);
}
