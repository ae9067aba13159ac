/* What show stat and show servers state tell about checks. */
#include "agent.h"
#include "check_priv.h"

/* Those behind COL_LAST_ALWAYS are empty in maintenance, when nobody asks. */
enum {
	COL_FAILURES,
	COL_OBSERVED,
	COL_DOWNS,
	COL_LAST_ALWAYS = COL_DOWNS,
	COL_STATUS,
	COL_CODE,
	COL_DURATION,
	COL_INFO,
	COL_TEXT,
	COL_RISE,
	COL_FALL,
	COL_HEALTH
};

static void put_column(const struct check *c, const struct chk_result *r, struct cnt_val *out, int which,
		       struct arena *mem)
{
	const struct chk_status_row *row = &chk_statuses[r->status];

	switch (which) {
	case COL_STATUS:
		cnt_str(out, atom_get(&c->running) && r->status != CHK_INI ? arena_printf(mem, "* %s", row->token)
							     : str_make(row->token, strlen(row->token)));
		break;
	case COL_CODE:
		if (chk_has_code(r->status))
			cnt_u32(out, (unsigned)r->code);
		break;
	case COL_DURATION:
		if (r->status != CHK_INI && r->took_ms != CHK_NO_TIME)
			cnt_u64(out, r->took_ms);
		break;
	case COL_INFO:
		cnt_str(out, arena_printf(mem, "%s", r->info));
		break;
	case COL_TEXT:
		cnt_str(out, str_make(row->text, strlen(row->text)));
		break;
	default:
		break;
	}
}

static void check_column(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct srv *s = obj;
	struct check *c;
	struct chk_result r;
	uint64_t failures;

	if (kind == CNT_BACKEND && (priv & 0xffff) == COL_DOWNS)
		cnt_u64(out, cnt_sum(&((const struct px_live *)obj)->be, C_DOWN_TRANS));
	if (kind == CNT_SERVER && (priv & 0xffff) == COL_OBSERVED && s->line->observe != OBSERVE_NONE)
		cnt_u64(out, cnt_sum(&s->cnt, C_FAILED_HANA));
	if (kind != CNT_SERVER || !s->check || !s->check_on)
		return;
	c = s->check;
	pthread_mutex_lock(&c->lock);
	r = c->last;
	failures = c->failures;
	pthread_mutex_unlock(&c->lock);
	if ((priv & 0xffff) > COL_LAST_ALWAYS && s->admin & SRV_ADM_MAINT)
		return;
	switch (priv & 0xffff) {
	case COL_FAILURES:
		cnt_u64(out, failures);
		break;
	case COL_OBSERVED:
		break;
	case COL_DOWNS:
		cnt_u64(out, cnt_sum(&s->cnt, C_DOWN_TRANS));
		break;
	case COL_RISE:
		cnt_u32(out, s->rise);
		break;
	case COL_FALL:
		cnt_u32(out, s->fall);
		break;
	case COL_HEALTH:
		cnt_u32(out, atom_get(&s->health));
		break;
	default:
		put_column(c, &r, out, priv & 0xffff, mem);
	}
}

#define COL(column, which) { .name = column, .get = check_column, .priv = which | CNT_SRV }
const struct cnt_row check_columns[] = {
	COL("chkfail", COL_FAILURES),
	{ .name = "chkdown", .get = check_column, .priv = COL_DOWNS | CNT_SRV | CNT_BE },
	COL("hanafail", COL_OBSERVED),
	COL("check_status", COL_STATUS),
	COL("check_code", COL_CODE),
	COL("check_duration", COL_DURATION),
	COL("last_chk", COL_INFO),
	COL("check_desc", COL_TEXT),
	COL("check_rise", COL_RISE),
	COL("check_fall", COL_FALL),
	COL("check_health", COL_HEALTH),
	{ .name = NULL },
};

void check_view(const struct srv *s, struct srv_view *v)
{
	struct check *c = s->check;
	enum chk_status status;
	bool runs;

	agent_view(s, v);
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	status = c->last.status;
	runs = atom_get(&c->running);
	pthread_mutex_unlock(&c->lock);
	v->check_status = chk_statuses[status].number;
	v->check_health = (int)atom_get(&s->health);
	/* HAProxy's bits: runs, configured, enabled, paused. Results: unknown, failed, passed. */
	v->check_state = runs | 2 | (s->check_on ? 4 : 0) | (s->check_on && s->admin & SRV_ADM_MAINT ? 8 : 0);
	v->check_result = status == CHK_INI ? 0 : status == CHK_L7OKC ? 4 : chk_statuses[status].passed ? 3 : 2;
	v->check_port = (unsigned)c->port;
	if (addr_isset(&c->to))
		v->check_addr = addr_ip_text(&c->to, v->check_text);
}
