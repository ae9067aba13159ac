/* A line of a server-state file is checked as a whole, then applied: no check has run yet, so what the earlier process
 * knew is the best guess. What the configuration changed since then counts more. */
#include "weir/live/srv_restore.h"
#include "live_priv.h"

#include "weir/base/num.h"

enum {
	F_OP = 5, F_ADMIN, F_WEIGHT, F_INIT_WEIGHT, F_AGE, F_STATUS, F_RESULT, F_HEALTH, F_CHECK, F_AGENT, F_BK_FORCED,
	F_SRV_FORCED, F_FQDN, F_PORT, F_SRVRECORD, F_SSL, F_CHECK_PORT, F_CHECK_ADDR, F_AGENT_ADDR, F_AGENT_PORT,
};

/* Numbers of a line, and the largest that each may be. */
static const struct number_field {
	const char *name;
	uint8_t at;
	int64_t max;
} fields[] = {
	{ "srv_op_state", F_OP, SRV_ST_STOPPING },
	{ "srv_admin_state", F_ADMIN, 0x7f },
	{ "srv_uweight", F_WEIGHT, 256 },
	{ "srv_iweight", F_INIT_WEIGHT, 256 },
	{ "srv_last_time_change", F_AGE, INT64_MAX },
	{ "srv_check_status", F_STATUS, 20 },
	{ "srv_check_result", F_RESULT, 4 },
	{ "srv_check_health", F_HEALTH, INT32_MAX },
	{ "srv_check_state", F_CHECK, 0x1f },
	{ "srv_agent_state", F_AGENT, 0x1f },
	{ "bk_f_forced_id", F_BK_FORCED, 1 },
	{ "srv_f_forced_id", F_SRV_FORCED, 1 },
	{ "srv_port", F_PORT, 65535 },
};

static bool read_numbers(const struct str *f, int64_t *v, struct sbuf *said)
{
	bool ok = true;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct number_field *d = &fields[i];

		if (num_i64(f[d->at], &v[d->at]) && v[d->at] >= 0 && v[d->at] <= d->max)
			continue;
		sbuf_printf(said, ", invalid %s value '" STR_FMT "'", d->name, STR_ARG(f[d->at]));
		ok = false;
	}
	return ok;
}

static const char after_reload[] = "changed from server-state after a reload";

static void restore_op(struct srv *s, const int64_t *v)
{
	unsigned top = s->rise + s->fall - 1, health = (unsigned)v[F_HEALTH];

	switch (v[F_OP]) {
	case SRV_ST_STOPPED:
		s->health = 0;
		srv_set_stopped(s, after_reload);
		break;
	case SRV_ST_STARTING:
		s->health = s->rise == 1 ? top : health >= 1 && health < s->rise ? health : s->rise - 1;
		break;
	case SRV_ST_STOPPING:
		s->health = MIN(MAX(health, s->rise), top);
		srv_set_stopping(s, after_reload);
		break;
	default:
		s->health = v[F_RESULT] == 0 || v[F_RESULT] == 3 ? top : MIN(MAX(health, s->rise), top);
		srv_set_running(s, NULL);
	}
}

/* Maintenance that the configuration asks for, then or now, is the configuration's affair. */
static void restore_admin(struct srv *s, const int64_t *v)
{
	bool was_conf = v[F_ADMIN] & SRV_ADM_CMAINT, is_conf = s->admin & SRV_ADM_CMAINT;
	bool forced = v[F_ADMIN] & SRV_ADM_FMAINT;

	if (was_conf == is_conf && forced && !is_conf) {
		s->admin |= SRV_ADM_FMAINT;
		s->state = SRV_ST_STOPPED;
		s->health = 0;
	} else if (was_conf && is_conf && !forced) {
		s->admin &= (uint8_t)~SRV_ADM_FMAINT;
		if (!(s->admin & SRV_ADM_MAINT))
			restore_op(s, v);
	}
	/* Drain from the weight 0 in the former configuration goes when that has a weight again. */
	if (v[F_ADMIN] & SRV_ADM_FDRAIN && (v[F_INIT_WEIGHT] > 0 || s->init_weight == 0))
		s->admin |= SRV_ADM_FDRAIN;
}

static void restore_weight(struct srv *s, const int64_t *v)
{
	if (v[F_INIT_WEIGHT] != s->init_weight || v[F_WEIGHT] == s->weight)
		return;
	srv_set_weight(s, (int)v[F_WEIGHT]);
}

/* Does init-addr prefer the last known address? */
static bool prefers_last(const struct server_line *l)
{
	const uint8_t *how = l->net.init_addr;

	while (*how == INIT_ADDR_NONE)
		how++;
	return *how == INIT_ADDR_LAST || (*how == INIT_ADDR_END && how == l->net.init_addr);
}

/* A name that could not be looked up, or need not be: where it was. */
static void restore_address(struct srv *s, const struct str *f, const int64_t *v)
{
	struct addr last, was = s->addr;
	bool same_name = str_eq(f[F_FQDN], s->line->host);

	if ((!addr_isset(&was) || (same_name && prefers_last(s->line))) && addr_parse_ip(&last, f[4])) {
		s->addr = last;
		addr_set_port(&s->addr, addr_isset(&was) ? addr_port(&was) : s->line->port);
		s->admin &= (uint8_t)~SRV_ADM_RMAINT;
	}
	if (v[F_PORT] && !s->line->map_port)
		addr_set_port(&s->addr, (uint16_t)v[F_PORT]);
	px_cookies_rebuild(s->px);
}

static int port_of(struct str text)
{
	int64_t v;

	return num_i64(text, &v) && v > 0 && v <= 65535 ? (int)v : 0;
}

static void restore_checks(struct srv *s, const struct str *f, const int64_t *v, struct sbuf *said)
{
	struct srv_view view = {
		.check_status = (int)v[F_STATUS], .check_result = (int)v[F_RESULT],
		.check_port = (unsigned)port_of(f[F_CHECK_PORT]), .agent_port = (unsigned)port_of(f[F_AGENT_PORT]),
		.check_addr = str_eq(f[F_CHECK_ADDR], STR("-")) ? STR_NONE : f[F_CHECK_ADDR],
		.agent_addr = str_eq(f[F_AGENT_ADDR], STR("-")) ? STR_NONE : f[F_AGENT_ADDR],
	};
	bool off = (v[F_CHECK] & 2) && !(v[F_CHECK] & 4), agent_off = (v[F_AGENT] & 2) && !(v[F_AGENT] & 4);

	if (s->check && off)
		s->check_on = false;
	if (s->agent && agent_off)
		s->agent_on = false;
	if (!s->check_on && (view.check_port || view.check_addr.n || !str_eq(f[F_CHECK_PORT], STR("0"))))
		sbuf_putz(said, ", health checks are not enabled on this server");
	if (!s->agent_on && (view.agent_addr.n || (view.agent_port && !s->agent)))
		sbuf_putz(said, ", agent checks are not enabled on this server");
	for (const struct srv_user *const *u = live_get()->users; u && *u; u++)
		if ((*u)->restore)
			(*u)->restore(s, &view);
}

bool srv_restore(struct srv *s, const struct str f[SRV_STATE_FIELDS], struct sbuf *said)
{
	int64_t v[SRV_STATE_FIELDS] = { 0 };
	uint64_t now = (uint64_t)loop_wall().s;

	OBJ_CHECK(s, SRV_MAGIC);
	if (!read_numbers(f, v, said))
		return false;
	restore_address(s, f, v);
	restore_op(s, v);
	restore_admin(s, v);
	restore_weight(s, v);
	restore_checks(s, f, v, said);
	s->last_change_s = (uint64_t)v[F_AGE] < now ? now - (uint64_t)v[F_AGE] : now;
	return true;
}
