/* The state of a running server: one door per kind of change. A server has an operational state, which checks move, and
 * administrative bits, which people and what it tracks move; in maintenance the former stands still. Each change is
 * logged, tells the balancer, frees or fills queues, and goes on to the servers that track this one. */
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
	       !(s->admin & (SRV_ADM_MAINT | SRV_ADM_DRAIN)) && atom_get(&s->eff_weight) > 0;
}

bool srv_healthy(const struct srv *s)
{
	if (s->tracks && s->tracks->state == SRV_ST_STOPPED)
		return false;
	if (s->check_on && atom_get(&s->health) < s->rise)
		return false;
	return !s->agent_on || atom_get(&s->agent_health) > 0;
}

const struct srv *srv_checked(const struct srv *s)
{
	while (s->tracks)
		s = s->tracks;
	return s;
}

/* --- in a word --- */

/* "UP 1/3": on its way to the other state. */
static const char *counted(char buf[64], const char *state, const struct srv *ref)
{
	unsigned health = atom_get(&ref->health);
	bool up = ref->state != SRV_ST_STOPPED;

	snprintf(buf, 64, "%s %u/%u", state, !up ? health : health >= ref->rise ? health - ref->rise + 1 : 0,
		 up ? ref->fall : ref->rise);
	return buf;
}

static const char *maint_text(const struct srv *s, char buf[64])
{
	if (s->admin & SRV_ADM_RMAINT)
		return "MAINT (resolution)";
	if (!(s->admin & SRV_ADM_IMAINT) || !s->tracks)
		return "MAINT";
	snprintf(buf, 64, "MAINT (via %.25s/%.25s)", s->tracks->px->name.p, s->tracks->name.p);
	return buf;
}

static const char *stopped_text(const struct srv *ref, char buf[64])
{
	if (ref->agent_on && !atom_get(&ref->agent_health))
		return "DOWN (agent)";
	if ((ref->check_on && atom_get(&ref->health)) || (ref->agent_on && !ref->check_on))
		return counted(buf, "DOWN", ref);
	return "DOWN";
}

const char *srv_state_text(const struct srv *s, char buf[64])
{
	const struct srv *ref = srv_checked(s);
	bool falling = ref->check_on && atom_get(&ref->health) < ref->rise + ref->fall - 1;

	if (s->admin & SRV_ADM_MAINT)
		return maint_text(s, buf);
	if (s->state == SRV_ST_STOPPED)
		return stopped_text(ref, buf);
	if (s->state == SRV_ST_STOPPING)
		return falling ? counted(buf, "NOLB", ref) : "NOLB";
	if (s->admin & SRV_ADM_DRAIN)
		return ref->agent_on ? "DRAIN (agent)" : falling ? counted(buf, "DRAIN", ref) : "DRAIN";
	if (falling)
		return counted(buf, "UP", ref);
	return ref->check_on ? "UP" : "no check";
}

/* --- what a change does --- */

static bool px_served(const struct px_live *p)
{
	return p->nact + p->nbck > 0;
}

static void px_counted(struct px_live *p, bool served_before)
{
	uint64_t now = (uint64_t)loop_wall().s;

	if (served_before && !px_served(p)) {
		atom_set(&p->last_change_s, now);
		cnt_add(&p->be, C_DOWN_TRANS, 1);
		srv_say_none_left(p);
	} else if (!served_before && px_served(p)) {
		if (p->last_change_s < now)
			atom_own_add(&p->down_time_s, now - p->last_change_s);
		atom_set(&p->last_change_s, now);
	}
}

/* Time passes into another state. */
static void stamp(struct srv *s, enum srv_state was)
{
	uint64_t now = (uint64_t)loop_wall().s;

	if (was == SRV_ST_STOPPED && s->state != SRV_ST_STOPPED && s->last_change_s < now)
		atom_own_add(&s->down_time_s, now - s->last_change_s);
	atom_set(&s->last_change_s, now);
}

static void end_streams(struct srv *s, char who)
{
	struct live *l = live_get();

	if (l->end_streams)
		l->end_streams(s, who);
}

/* Up again: exchanges need not stay with the backup servers. */
static void leave_backups(struct srv *s)
{
	struct srv *other;

	if (s->line->on_marked_up != ONMARKED_SHUTDOWN || s->line->flags & SRV_BACKUP || !s->eff_weight)
		return;
	list_each(other, &s->px->servers, link)
		if (other->line->flags & SRV_BACKUP)
			end_streams(other, 'U');
}

static void went_down(struct srv *s)
{
	cnt_add(&s->cnt, C_DOWN_TRANS, 1);
	if (s->line->on_marked_down == ONMARKED_SHUTDOWN)
		end_streams(s, 'D');
	srv_close_idle(s);
}

/* Who waits for s, and who waits for any server: others than before may be there for them now. */
static unsigned serve_queues(struct srv *s)
{
	unsigned moved = queue_process(s);

	queue_offer(s->px);
	return moved;
}

/* The followers in the order of their declaration reversed. */
#define each_follower(t, s) list_each (t, &(s)->tracked_by, track_link)

/* --- the operational state --- */

static void op_say(struct srv *s, bool was_stopping, const char *why, unsigned moved)
{
	struct srv_say y;

	srv_say_begin(&y, s);
	switch ((enum srv_state)s->state) {
	case SRV_ST_STOPPED:
		sbuf_putz(&y.text, "is DOWN");
		srv_say_end(&y, s, why, SRV_SAY_BOTH, moved, was_stopping ? LOGL_NOTICE : LOGL_ALERT);
		break;
	case SRV_ST_STOPPING:
		sbuf_putz(&y.text, "is stopping");
		srv_say_end(&y, s, why, SRV_SAY_BOTH, moved, LOGL_NOTICE);
		break;
	default:
		sbuf_putz(&y.text, "is UP");
		srv_say_end(&y, s, why, SRV_SAY_BOTH, moved, LOGL_NOTICE);
	}
}

static void op_change(struct srv *s, enum srv_state to, const char *why)
{
	bool was_stopping = s->state == SRV_ST_STOPPING || s->admin & SRV_ADM_DRAIN, served = px_served(s->px);
	enum srv_state was = s->state;
	unsigned moved;

	s->state = to;
	stamp(s, was);
	if (to == SRV_ST_RUNNING)
		atom_set(&s->h2c_refused_ms, 0);	/* it may have come back as something else */
	if (was == SRV_ST_STOPPED)
		srv_warm_up(s);
	lb_rebuild(s->px);
	if (to == SRV_ST_STOPPED)
		went_down(s);
	else if (to == SRV_ST_RUNNING)
		leave_backups(s);
	moved = serve_queues(s);
	op_say(s, was_stopping, why, moved);
	px_counted(s->px, served);
}

static void set_running(struct srv *s, const char *why)
{
	struct srv *t;

	if (s->admin & SRV_ADM_MAINT || s->state == SRV_ST_RUNNING || s->state == SRV_ST_STARTING)
		return;
	op_change(s, SRV_ST_RUNNING, why);
	each_follower(t, s)
		set_running(t, NULL);
}

static void set_stopped(struct srv *s, const char *why)
{
	struct srv *t;

	if (s->admin & SRV_ADM_MAINT || s->state == SRV_ST_STOPPED)
		return;
	op_change(s, SRV_ST_STOPPED, why);
	each_follower(t, s)
		set_stopped(t, NULL);
}

static void set_stopping(struct srv *s, const char *why)
{
	struct srv *t;

	if (s->admin & SRV_ADM_MAINT || s->state == SRV_ST_STOPPING)
		return;
	op_change(s, SRV_ST_STOPPING, why);
	each_follower(t, s)
		set_stopping(t, NULL);
}

/* --- the administrative bits --- */

/* " (why)" behind what was said. */
static void say_cause(struct srv_say *y, const char *cause)
{
	if (cause && *cause)
		sbuf_printf(&y->text, " (%s)", cause);
}

static void enter_maint(struct srv *s, const char *cause)
{
	bool was_stopping = s->state == SRV_ST_STOPPING || s->admin & SRV_ADM_DRAIN;
	enum srv_state was = s->state;
	struct srv_say y;
	unsigned moved;

	atom_set(&s->health, 0);
	srv_say_begin(&y, s);
	if (was == SRV_ST_STOPPED) {
		sbuf_putz(&y.text, "was DOWN and now enters maintenance");
		say_cause(&y, cause);
		srv_say_end(&y, s, NULL, s->admin & SRV_ADM_FMAINT ? SRV_SAY_ALONE : SRV_SAY_VIA, 0, LOGL_NOTICE);
		return;
	}
	s->state = SRV_ST_STOPPED;
	stamp(s, was);
	lb_rebuild(s->px);
	went_down(s);
	moved = serve_queues(s);
	sbuf_putz(&y.text, "is going DOWN for maintenance");
	say_cause(&y, cause);
	srv_say_end(&y, s, NULL, s->admin & SRV_ADM_FMAINT ? SRV_SAY_LEFT : SRV_SAY_BOTH, moved,
		    was_stopping ? LOGL_NOTICE : LOGL_ALERT);
}

unsigned srv_first_health(const struct srv *s)
{
	switch (s->line->init_state) {
	case INIT_FULLY_UP:
		return s->rise + s->fall - 1;
	case INIT_DOWN:
		return s->rise - 1;
	case INIT_FULLY_DOWN:
		return 0;
	default:
		return s->rise;
	}
}

static void leave_maint(struct srv *s, unsigned old)
{
	enum srv_state was = s->state;
	struct srv_say y;
	unsigned moved;

	/* Usually up at once, but the first bad check takes it down. */
	if (s->check_on)
		atom_set(&s->health, srv_first_health(s));
	if (s->check_on && srv_first_health(s) < s->rise)
		srv_resume_checks(s);
	if (srv_healthy(s))
		s->state = s->tracks && s->tracks->state == SRV_ST_STOPPING ? SRV_ST_STOPPING : SRV_ST_RUNNING;
	stamp(s, was);
	srv_warm_up(s);
	lb_rebuild(s->px);
	moved = serve_queues(s);
	srv_say_begin(&y, s);
	if (!(old & SRV_ADM_FMAINT) && old & SRV_ADM_RMAINT)
		sbuf_printf(&y.text, "('" STR_FMT "') ", STR_ARG(s->line->host));
	sbuf_printf(&y.text, "is %s/%s", s->state == SRV_ST_STOPPED ? "DOWN" : "UP",
		    s->admin & SRV_ADM_DRAIN ? "DRAIN" : "READY");
	sbuf_putz(&y.text, old & SRV_ADM_FMAINT   ? " (leaving forced maintenance)"
			   : old & SRV_ADM_RMAINT ? " (resolves again)"
						  : " (leaving maintenance)");
	srv_say_end(&y, s, NULL, SRV_SAY_ALONE, moved, LOGL_NOTICE);
}

/* One reason less, or one more, to be in maintenance or to drain. */
static void say_remains(struct srv *s, const char *what)
{
	struct srv_say y;

	srv_say_begin(&y, s);
	sbuf_putz(&y.text, what);
	srv_say_end(&y, s, NULL, SRV_SAY_ALONE, 0, LOGL_NOTICE);
}

static void remain_in_maint(struct srv *s, unsigned old)
{
	struct srv_say y;

	if (old & SRV_ADM_FMAINT && !(s->admin & SRV_ADM_FMAINT)) {
		say_remains(s, "is leaving forced maintenance but remains in maintenance");
	} else if (old & SRV_ADM_RMAINT && !(s->admin & SRV_ADM_RMAINT)) {
		srv_say_begin(&y, s);
		sbuf_printf(&y.text, "('" STR_FMT "') resolves again but remains in maintenance",
			    STR_ARG(s->line->host));
		srv_say_end(&y, s, NULL, SRV_SAY_ALONE, 0, LOGL_NOTICE);
	} else if (old & SRV_ADM_IMAINT && !(s->admin & SRV_ADM_IMAINT)) {
		say_remains(s, "remains in forced maintenance");
	}
}

static void enter_drain(struct srv *s, const char *cause)
{
	struct srv_say y;
	unsigned moved;

	atom_set(&s->last_change_s, (uint64_t)loop_wall().s);
	lb_rebuild(s->px);
	moved = serve_queues(s);
	srv_say_begin(&y, s);
	sbuf_putz(&y.text, "enters drain state");
	say_cause(&y, cause);
	srv_say_end(&y, s, NULL, s->admin & SRV_ADM_FDRAIN ? SRV_SAY_LEFT : SRV_SAY_BOTH, moved, LOGL_NOTICE);
}

static void leave_drain(struct srv *s)
{
	struct srv_say y;

	atom_set(&s->last_change_s, (uint64_t)loop_wall().s);
	lb_rebuild(s->px);
	serve_queues(s);
	srv_say_begin(&y, s);
	sbuf_printf(&y.text, "is %s (leaving forced drain)", s->state == SRV_ST_STOPPED ? "DOWN" : "UP");
	srv_say_end(&y, s, NULL, SRV_SAY_ALONE, 0, LOGL_NOTICE);
}

static void change_drain(struct srv *s, unsigned old, const char *cause)
{
	if (!(old & SRV_ADM_DRAIN) && s->admin & SRV_ADM_DRAIN)
		enter_drain(s, cause);
	else if (old & SRV_ADM_DRAIN && !(s->admin & SRV_ADM_DRAIN))
		leave_drain(s);
	else if (s->admin & SRV_ADM_FDRAIN)
		say_remains(s, "remains in forced drain mode");
	else if (s->admin & SRV_ADM_IDRAIN)
		say_remains(s, "is leaving forced drain but remains in drain mode");
}

static void admin_apply(struct srv *s, unsigned old, const char *cause)
{
	bool served = px_served(s->px), was = old & SRV_ADM_MAINT, is = s->admin & SRV_ADM_MAINT;

	if (!was && is)
		enter_maint(s, cause);
	else if (was && !is)
		leave_maint(s, old);
	else if (is)
		remain_in_maint(s, old);
	else
		change_drain(s, old, cause);
	px_counted(s->px, served);
}

/* One bit, and what the followers inherit of it. */
static void admin_set(struct srv *s, unsigned bit, bool on, const char *cause)
{
	unsigned group = bit & SRV_ADM_MAINT ? SRV_ADM_MAINT : bit & SRV_ADM_DRAIN ? SRV_ADM_DRAIN : 0, old = s->admin;
	struct srv *t;

	if (!!(old & bit) == on)
		return;
	s->admin = (uint8_t)(on ? old | bit : old & ~bit);
	admin_apply(s, old, cause);
	/* Followers see no difference while another bit says the same. */
	if (!group || s->admin & ~bit & group)
		return;
	each_follower(t, s)
		admin_set(t, group == SRV_ADM_MAINT ? SRV_ADM_IMAINT : SRV_ADM_IDRAIN, on, cause);
}

/* --- the doors --- */

void srv_set_running(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	srv_lock();
	set_running(s, why);
	srv_unlock();
}

void srv_set_stopped(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	srv_lock();
	set_stopped(s, why);
	srv_unlock();
}

void srv_set_stopping(struct srv *s, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	srv_lock();
	set_stopping(s, why);
	srv_unlock();
}

void srv_set_admin(struct srv *s, unsigned bits, bool on, const char *why)
{
	OBJ_CHECK(s, SRV_MAGIC);
	srv_lock();
	for (unsigned bit = 1; bit <= SRV_ADM_HMAINT; bit <<= 1)
		if (bits & bit)
			admin_set(s, bit, on, why);
	srv_unlock();
}

void srv_set_weight(struct srv *s, int weight)
{
	bool served;

	OBJ_CHECK(s, SRV_MAGIC);
	WASSERT(weight >= 0 && weight <= 256);
	srv_lock();
	served = px_served(s->px);
	s->weight = weight;
	srv_weigh(s);
	lb_rebuild(s->px);
	serve_queues(s);
	px_counted(s->px, served);
	srv_unlock();
}

void srv_track(struct srv *s, struct srv *whom)
{
	if (s->tracks == whom)
		return;
	list_del(&s->track_link);
	s->tracks = whom;
	if (whom)
		list_push_front(&whom->tracked_by, &s->track_link);
}
