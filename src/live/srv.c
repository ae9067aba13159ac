/* The state of a running server: one door per kind of change. Each change is logged in HAProxy's words, tells the
 * balancer, and frees or fills what depended on it. */
#include "weir/live/live.h"
#include "live_priv.h"

#include <stdio.h>

bool srv_usable(const struct srv *s)
{
	return (s->state != SRV_ST_STOPPED) && !(s->admin & SRV_ADM_MAINT);
}

bool srv_willing(const struct srv *s)
{
	return (s->state == SRV_ST_RUNNING || s->state == SRV_ST_STARTING) &&
	       !(s->admin & (SRV_ADM_MAINT | SRV_ADM_DRAIN)) && s->eff_weight > 0;
}

/* "UP 1/3": on its way to the other state. */
static const char *counted(char buf[32], const char *state, unsigned n, unsigned of)
{
	snprintf(buf, 32, "%s %u/%u", state, n, of);
	return buf;
}

const char *srv_state_text(const struct srv *s, char buf[32])
{
	unsigned health = atom_get(&s->health);

	if (s->admin & SRV_ADM_MAINT)
		return s->admin & (SRV_ADM_FMAINT | SRV_ADM_CMAINT) ? "MAINT"
		       : s->admin & SRV_ADM_RMAINT                  ? "MAINT (resolution)"
								    : "MAINT (via)";
	if (s->state == SRV_ST_STOPPED)
		return s->check && health ? counted(buf, "DOWN", health, s->rise) : "DOWN";
	if (s->admin & SRV_ADM_DRAIN || s->weight == 0)
		return "DRAIN";
	if (s->state == SRV_ST_STOPPING)
		return "NOLB";
	if (s->check && health < s->rise + s->fall - 1)
		return counted(buf, "UP", health >= s->rise ? health - s->rise + 1 : 0, s->fall);
	return s->check ? "UP" : "no check";
}

static void srv_changed(struct srv *s)
{
	s->last_change_s = (uint64_t)loop_wall().s;
	lb_rebuild(s->px);
	queue_process(s);
}

/* "Server b/s1 is UP, reason: ... . 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue." */
static void srv_log_state(struct srv *s, enum log_level level, const char *verb, const char *why, bool up)
{
	struct px_live *p = s->px;
	char line[512];
	int n;

	n = snprintf(line, sizeof(line),
		     "%sServer %.*s/%.*s %s%s%s. %u active and %u backup servers %s.%s"
		     " %u sessions active, 0 requeued, %u remaining in queue.",
		     s->line->flags & SRV_BACKUP ? "Backup " : "", STR_ARG(p->name), STR_ARG(s->name), verb,
		     why ? ", " : "", why ? why : "", p->nact, p->nbck, up ? "online" : "left",
		     p->nact == 0 && p->nbck > 0 ? " Running on backup." : "", atom_get(&s->served),
		     atom_get(&p->queued));
	live_px_log(p, level, str_make(line, MIN((size_t)n, sizeof(line) - 1)));
	if (!up && p->nact == 0 && p->nbck == 0 && !p->down_said) {
		p->down_said = true;
		p->last_change_s = (uint64_t)loop_wall().s;
		n = snprintf(line, sizeof(line), "%s %.*s has no server available!",
			     p->caps & PR_FE ? "proxy" : "backend", STR_ARG(p->name));
		live_px_log(p, LOGL_EMERG, str_make(line, (size_t)n));
	}
	if (up && p->nact + p->nbck > 0)
		p->down_said = false;
}

void srv_set_running(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	if (s->state == SRV_ST_RUNNING)
		return;
	if (s->state == SRV_ST_STOPPED && s->last_change_s)
		s->down_time_s += (uint64_t)loop_wall().s - s->last_change_s;
	s->state = SRV_ST_RUNNING;
	atom_set(&s->h2c_refused_ms, 0);	/* it may have come back as something else */
	srv_changed(s);
	srv_log_state(s, LOGL_NOTICE, s->admin & SRV_ADM_DRAIN ? "is UP (leaving forced drain)" : "is UP", why, true);
}

void srv_set_stopped(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	if (s->state == SRV_ST_STOPPED)
		return;
	s->state = SRV_ST_STOPPED;
	cnt_add(&s->cnt, C_DOWN_TRANS, 1);
	srv_close_idle(s);
	srv_changed(s);
	srv_log_state(s, LOGL_ALERT, "is DOWN", why, false);
}

void srv_set_stopping(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	if (s->state == SRV_ST_STOPPING)
		return;
	s->state = SRV_ST_STOPPING;
	srv_changed(s);
	srv_log_state(s, LOGL_NOTICE, "is stopping", why, false);
}

void srv_set_admin(struct srv *s, unsigned bits, bool on, const char *why)
{
	unsigned old = s->admin;

	OBJ_CHECK(s, SRV_MAGIC);
	s->admin = (uint8_t)(on ? old | bits : old & ~bits);
	if (s->admin == old)
		return;
	if (!(old & SRV_ADM_MAINT) && s->admin & SRV_ADM_MAINT) {
		srv_close_idle(s);
		srv_changed(s);
		srv_log_state(s, LOGL_NOTICE,
			      s->state == SRV_ST_STOPPED ? "was DOWN and now enters maintenance"
							 : "is going DOWN for maintenance",
			      why, false);
	} else if (old & SRV_ADM_MAINT && !(s->admin & SRV_ADM_MAINT)) {
		/* Up at once, but the first bad check takes it down. */
		if (s->state == SRV_ST_STOPPED)
			s->state = SRV_ST_RUNNING;
		atom_set(&s->health, s->rise);
		srv_changed(s);
		srv_log_state(s, LOGL_NOTICE,
			      s->state == SRV_ST_STOPPED ? "is DOWN/READY (leaving forced maintenance)"
			      : s->admin & SRV_ADM_DRAIN ? "is UP/DRAIN (leaving forced maintenance)"
							 : "is UP/READY (leaving forced maintenance)",
			      why, true);
	} else if (!(old & SRV_ADM_DRAIN) && s->admin & SRV_ADM_DRAIN) {
		srv_changed(s);
		srv_log_state(s, LOGL_NOTICE, "enters drain state", why, false);
	} else if (old & SRV_ADM_DRAIN && !(s->admin & SRV_ADM_DRAIN)) {
		srv_changed(s);
		srv_log_state(s, LOGL_NOTICE, "is UP (leaving forced drain)", why, true);
	} else {
		srv_changed(s);
	}
}

void srv_set_weight(struct srv *s, int weight)
{
	OBJ_CHECK(s, SRV_MAGIC);
	WASSERT(weight >= 0 && weight <= 256);
	s->weight = weight;
	s->eff_weight = weight;
	srv_changed(s);
}
