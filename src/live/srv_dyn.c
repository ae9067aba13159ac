/* Servers that come and go while running. */
#include "weir/live/live.h"
#include "live_priv.h"

#include <stdlib.h>

#include "weir/base/pool.h"
#include "weir/model/dynamic.h"

static bool id_taken(const struct px_live *p, int id)
{
	const struct srv *s;

	list_each(s, &p->servers, link)
		if (s->id == id)
			return true;
	return false;
}

static const struct srv_user *const *users(void)
{
	static const struct srv_user *const none[] = { NULL };

	return live_get()->users ? live_get()->users : none;
}

struct srv *srv_add(struct px_live *p, struct server_line *l, bool enabled)
{
	struct srv *s;

	if (!l->id)
		for (l->id = 1; id_taken(p, l->id);)
			l->id++;
	s = srv_create(p, l);
	s->health = enabled ? s->rise : 0;
	s->admin = enabled ? 0 : SRV_ADM_FMAINT;
	if (l->flags & SRV_DISABLED)
		s->admin |= SRV_ADM_CMAINT;
	s->state = enabled ? SRV_ST_RUNNING : SRV_ST_STOPPED;
	for (const struct srv_user *const *u = users(); *u; u++)
		if ((*u)->added)
			(*u)->added(s);
	px_cookies_rebuild(p);
	lb_rebuild(p);
	return s;
}

void srv_resume_checks(struct srv *s)
{
	for (const struct srv_user *const *u = users(); *u; u++)
		if ((*u)->resumed)
			(*u)->resumed(s);
}

unsigned srv_busy_here(struct srv *s)
{
	const struct srv_thr *t;
	unsigned n = 0;

	bconn_close_idle_here(s);
	t = s->thr[thr_id()];
	if (t)
		n += !list_empty(&t->idle) || !list_empty(&t->avail);
	for (const struct srv_user *const *u = users(); *u; u++)
		n += (*u)->busy ? (*u)->busy(s) : 0;
	return n;
}

void srv_unlink(struct srv *s)
{
	struct srv *t, *tmp;

	OBJ_CHECK(s, SRV_MAGIC);
	WASSERT(!atom_get(&s->served) && !atom_get(&s->queued));
	srv_track(s, NULL);
	list_each_safe(t, tmp, &s->tracked_by, track_link)
		srv_track(t, NULL);
	list_del(&s->link);
	live_get()->servers_gone++;
	s->px->nservers--;
	hmap_del(&s->px->by_name, s->name);
	px_cookies_rebuild(s->px);
	lb_rebuild(s->px);
}

void srv_leave_here(struct srv *s)
{
	struct srv_thr *t = s->thr[thr_id()];

	if (thr_id() == 0)
		srv_warm_end(s);
	for (const struct srv_user *const *u = users(); *u; u++)
		if ((*u)->leave)
			(*u)->leave(s);
	if (!t)
		return;
	timer_stop(&t->purge);
	shortage_fini(t);
	guests_fini(t);
	free(t);
	s->thr[thr_id()] = NULL;
}

void srv_free(struct srv *s)
{
	for (const struct srv_user *const *u = users(); *u; u++)
		if ((*u)->freed)
			(*u)->freed(s);
	if (s->line->flags & SRV_DYNAMIC)
		server_line_free(s->line);
	cnt_fini(&s->cnt);
	pthread_mutex_destroy(&s->lock);
	free((char *)s->name.p);
	free(s->turn);
	OBJ_WIPE(s);
	free(s);
}
