/* What an agent's answer, or its silence, does to the server. Only what it says brings a server down: an agent that
 * cannot be reached is no reason. */
#include "agent.h"

#include <stdio.h>
#include "weir/log/log.h"

static void log_result(const struct srv *s, const struct chk_result *r, const char *why)
{
	const struct proxy *p = s->line->proxy;
	bool up = atom_get(&s->agent_health) > 0;

	log_event(&p->logs, &p->conf->global.logs, LOGL_NOTICE,
		  "Agent check for %sserver " STR_FMT "/" STR_FMT " %s, %s, status: %u/1 %s.",
		  s->line->flags & SRV_BACKUP ? "backup " : "", STR_ARG(p->name), STR_ARG(s->name),
		  chk_statuses[r->status].passed ? "succeeded" : "failed", why, up,
		  up ? s->weight ? "UP" : "DRAIN" : "DOWN");
}

/* Counts the result. True: the health moved. */
static bool count(struct agent *a, const struct chk_result *r)
{
	struct srv *s = a->srv;
	bool was = atom_get(&s->agent_health) > 0, is = was, says_down = r->status == CHK_L7STS;

	if (says_down)
		is = false;
	else if (chk_statuses[r->status].passed)
		is = true;
	pthread_mutex_lock(&a->lock);
	a->last = *r;
	a->failures += was && says_down;
	pthread_mutex_unlock(&a->lock);
	atom_set(&s->agent_health, is);
	return was != is;
}

static void take_result(struct agent *a, const struct chk_result *r)
{
	enum chk_status before = a->last.status;
	struct srv *s = a->srv;
	char text[512];
	struct sbuf why = sbuf_fixed(text, sizeof(text));
	bool logs = s->line->proxy->options & PO_LOG_HEALTH, moved = count(a, r);

	chk_why(r, &why);
	if (logs && r->status != CHK_CHECKED && (moved || r->status != before))
		log_result(s, r, sbuf_z(&why));
	if (r->status == CHK_L7STS)
		srv_set_stopped(s, logs ? NULL : sbuf_z(&why));
	else if (chk_statuses[r->status].passed && srv_healthy(s) && s->state != SRV_ST_STOPPING)
		srv_set_running(s, logs ? NULL : sbuf_z(&why));
}

static unsigned took(const struct agent *a)
{
	return (unsigned)((loop_us_exact() - a->began_us) / 1000);
}

void agent_judge(struct agent *a, enum chk_status status, struct str why)
{
	struct chk_result r = { .status = status, .took_ms = took(a) };

	snprintf(r.info, sizeof(r.info), STR_FMT, (int)MIN(why.n, sizeof(r.info) - 1), why.p ? why.p : "");
	take_result(a, &r);
}

/* The word itself and why: the remark, or what was wrong with the line where that matters more. */
static void tell(struct chk_result *r, const struct agent_says *says, struct str wrong)
{
	struct str more = says->remark;
	struct sbuf out = sbuf_fixed(r->info, sizeof(r->info));

	if ((!more.n || r->status == CHK_L7OK) && says->unknown.n)
		more = says->unknown;
	else if ((!more.n || r->status == CHK_L7OK) && wrong.n)
		more = wrong;
	if (says->health.n) {
		sbuf_printf(&out, "via agent : " STR_FMT, STR_ARG(says->health));
		if (more.n)
			sbuf_printf(&out, " (" STR_FMT ")", STR_ARG(more));
	} else if (says->unknown.n) {
		sbuf_printf(&out, "agent reports an error : " STR_FMT, STR_ARG(says->unknown));
	} else if (wrong.n) {
		sbuf_printf(&out, "agent warns : " STR_FMT, STR_ARG(wrong));
	}
	sbuf_z(&out);
	for (char *p = r->info; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127 || *p == '"')
			*p = ' ';
}

static void obey_admin(struct srv *s, struct str what)
{
	if (str_ieq(what, STR("drain"))) {
		srv_set_admin(s, SRV_ADM_FDRAIN, true, NULL);
		srv_set_admin(s, SRV_ADM_FMAINT, false, NULL);
	} else if (str_ieq(what, STR("maint"))) {
		srv_set_admin(s, SRV_ADM_FMAINT, true, NULL);
		srv_set_admin(s, SRV_ADM_FDRAIN, false, NULL);
	} else {
		srv_set_admin(s, SRV_ADM_FDRAIN, false, NULL);
		srv_set_admin(s, SRV_ADM_FMAINT, false, NULL);
	}
}

void agent_obey(struct agent *a, struct str line)
{
	struct chk_result r = { .status = CHK_CHECKED, .took_ms = took(a) };
	struct agent_says says;
	const char *wrong = NULL;

	agent_read(line, &says);
	if (says.admin.n)
		obey_admin(a->srv, says.admin);
	if (says.weight.n)
		wrong = srv_change_weight(a->srv, says.weight);
	if (says.maxconn.p && !wrong)
		wrong = srv_change_maxconn(a->srv, says.maxconn);
	if (says.health.n)
		r.status = str_ieq(says.health, STR("up")) ? CHK_L7OK : CHK_L7STS;
	tell(&r, &says, str_c(wrong));
	take_result(a, &r);
}
