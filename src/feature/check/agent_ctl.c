/* What commands and statistics have to do with agents. */
#include "agent.h"

#include <stdlib.h>
#include <string.h>
#include "weir/base/pool.h"
#include "weir/feature/check/check.h"

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

static bool has_agent(const struct srv *s)
{
	return s->agent != NULL;
}

static void set_state(struct ctl_req *r, struct srv *s)
{
	struct str to = word(r, 2);

	if (!s->agent_on) {
		ctl_fail(r, "agent checks are not enabled on this server.");
	} else if (str_eq(to, STR("up"))) {
		atom_set(&s->agent_health, 1);
		srv_set_running(s, "changed from CLI");
	} else if (str_eq(to, STR("down"))) {
		atom_set(&s->agent_health, 0);
		srv_set_stopped(s, "changed from CLI");
	} else {
		ctl_fail(r, "'set server <srv> agent' expects 'up' or 'down'.");
	}
}

static bool is_on(struct ctl_req *r, const struct srv *s)
{
	if (!s->agent_on)
		ctl_fail(r, "agent checks are not enabled on this server");
	return s->agent_on;
}

static void set_addr(struct ctl_req *r, struct srv *s)
{
	struct agent *a = s->agent;

	if (is_on(r, s))
		chk_ctl_addr(r, &a->to, &a->port);
}

static void set_port(struct ctl_req *r, struct srv *s)
{
	if (is_on(r, s))
		chk_ctl_port(r, &((struct agent *)s->agent)->port);
}

static void set_send(struct ctl_req *r, struct srv *s)
{
	struct agent *a = s->agent;
	struct str send = word(r, 2);
	char *p;

	if (!s->agent_on) {
		ctl_fail(r, "agent checks are not enabled on this server.");
		return;
	}
	p = mem_alloc(send.n + 1);
	if (send.n)
		memcpy(p, send.p, send.n);
	free((char *)a->send.p);
	a->send = str_make(p, send.n);
}

const struct srv_field_row agent_fields[] = {
	{ "agent", has_agent, set_state, "up|down", "as if the agent had said so" },
	{ "agent-addr", has_agent, set_addr, "<ip> [port <port>]", "where the agent is" },
	{ "agent-port", has_agent, set_port, "<port>", "port of the agent" },
	{ "agent-send", has_agent, set_send, "<text>", "what the agent is sent first" },
	{ NULL },
};

/* ---- columns ---- */

enum { COL_STATUS, COL_CODE, COL_DURATION, COL_INFO, COL_TEXT, COL_RISE, COL_FALL, COL_HEALTH };

static void agent_column(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct srv *s = obj;
	const struct chk_status_row *row;
	struct agent *a;
	struct chk_result r;
	bool running;

	if (kind != CNT_SERVER || !s->agent || !s->agent_on)
		return;
	a = s->agent;
	pthread_mutex_lock(&a->lock);
	r = a->last;
	pthread_mutex_unlock(&a->lock);
	row = &chk_statuses[r.status];
	switch (priv & 0xffff) {
	case COL_STATUS:
		running = r.status != CHK_INI && atom_get(&a->conn);
		cnt_str(out, arena_printf(mem, "%s%s", running ? "* " : "", row->token));
		break;
	case COL_CODE:
		if (r.status >= CHK_L7OK && r.status <= CHK_L7STS)
			cnt_u32(out, 0);
		break;
	case COL_DURATION:
		if (r.status != CHK_INI)
			cnt_u64(out, r.took_ms);
		break;
	case COL_INFO:
		cnt_str(out, arena_printf(mem, "%s", r.info));
		break;
	case COL_TEXT:
		cnt_str(out, str_c(row->text));
		break;
	case COL_HEALTH:
		cnt_u32(out, atom_get(&s->agent_health));
		break;
	default:
		cnt_u32(out, 1);
	}
}

#define COL(column, which) { .name = column, .get = agent_column, .priv = which | CNT_SRV }
const struct cnt_row agent_columns[] = {
	COL("agent_status", COL_STATUS),
	COL("agent_code", COL_CODE),
	COL("agent_duration", COL_DURATION),
	COL("last_agt", COL_INFO),
	COL("agent_desc", COL_TEXT),
	COL("agent_rise", COL_RISE),
	COL("agent_fall", COL_FALL),
	COL("agent_health", COL_HEALTH),
	{ .name = NULL },
};

void agent_view(const struct srv *s, struct srv_view *v)
{
	struct agent *a = s->agent;

	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	v->agent_state = 16 | 2 | (s->agent_on ? 4 : 0) | (a->conn != NULL);
	v->agent_port = (unsigned)a->port;
	if (addr_isset(&a->to))
		v->agent_addr = addr_ip_text(&a->to, v->agent_text);
	pthread_mutex_unlock(&a->lock);
}
