/* Getters of the columns of show stat. */
#include "stat_priv.h"

#include "weir/base/obj.h"

/* ---- what the object is ---- */

static const struct px_live *px_of(const void *obj, enum cnt_kind kind)
{
	if (kind == CNT_SERVER)
		return ((const struct srv *)obj)->px;
	return kind == CNT_LISTENER ? ((const struct lstn *)obj)->px : obj;
}

static const struct cntset *set_of(const void *obj, enum cnt_kind kind)
{
	switch (kind) {
	case CNT_FRONTEND:
		return &((const struct px_live *)obj)->fe;
	case CNT_BACKEND:
		return &((const struct px_live *)obj)->be;
	case CNT_SERVER:
		return &((const struct srv *)obj)->cnt;
	case CNT_LISTENER:
		return &((const struct lstn *)obj)->cnt;
	case CNT_PROCESS:
		break;
	}
	return &((const struct live *)obj)->total;
}

static bool has(int priv, enum cnt_kind kind)
{
	return priv & cnt_kind_bit(kind);
}

static int figure(int priv)
{
	return priv & 0xffff;
}

/* ---- counters ---- */

void stat_counter(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (has(priv, kind))
		cnt_u64(out, cnt_sum(set_of(obj, kind), stat_which(priv, kind)));
}

/* Figures with labels, which only the exporter can show: 0 where HAProxy says so too. */
void stat_summed(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (has(priv, kind))
		cnt_u32(out, 0);
}

void stat_http(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (px_of(obj, kind)->px->mode == MODE_HTTP || (kind == CNT_FRONTEND && figure(priv) == C_REQ))
		stat_counter(obj, kind, out, priv, mem);
}

/* Of sessions or requests, those that no protocol counted as its own. */
void stat_other(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	bool sessions = figure(priv) == C_SESS;
	const struct cntset *cs = set_of(obj, kind);
	uint64_t all, known;

	if (!has(priv, kind))
		return;
	all = cnt_sum(cs, (enum cnt)figure(priv));
	known = cnt_sum(cs, sessions ? C_SESS_H1 : C_REQ_H1) + cnt_sum(cs, sessions ? C_SESS_H2 : C_REQ_H2);
	cnt_u64(out, all > known ? all - known : 0);
}

void stat_average(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct cntset *cs = set_of(obj, kind);
	uint64_t n;

	if (!has(priv, kind))
		return;
	n = cnt_sum(cs, C_TIME_N);
	cnt_u32(out, n ? cnt_sum(cs, (enum cnt)figure(priv)) / n : 0);
}

void stat_longest(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (has(priv, kind))
		cnt_u32(out, cnt_longest(set_of(obj, kind), (enum cnt_time)figure(priv)));
}

void stat_rate(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct cntset *cs = set_of(obj, kind);
	enum rate which = (enum rate)(figure(priv) & 15);

	if (!has(priv, kind))
		return;
	if (figure(priv) & RATE_LIMIT)
		cnt_u32(out, px_of(obj, kind)->px->rate_limit);
	else if (figure(priv) & RATE_MOST)
		cnt_u32(out, atom_get(&cs->rate_max[which]));
	else
		cnt_u32(out, cnt_rate_read(cs, which));
}

/* ---- limits and figures of now ---- */

static uint64_t session_limit(const void *obj, enum cnt_kind kind)
{
	const struct px_live *px = px_of(obj, kind);

	switch (kind) {
	case CNT_FRONTEND:
		return px->maxconn ? px->maxconn : live_get()->maxconn;
	case CNT_BACKEND:
		return px->fullconn;
	case CNT_SERVER:
		return ((const struct srv *)obj)->maxconn;
	case CNT_LISTENER:
		return (uint64_t)((const struct lstn *)obj)->bind->net.maxconn;
	case CNT_PROCESS:
		break;
	}
	return live_get()->maxconn;
}

void stat_sessions(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct cntset *cs = set_of(obj, kind);
	uint64_t limit;

	if (figure(priv) == SESS_NOW) {
		cnt_u32(out, atom_get(&cs->cur));
	} else if (figure(priv) == SESS_MAX) {
		cnt_u32(out, atom_get(&cs->max));
	} else {
		limit = session_limit(obj, kind);
		if (limit || kind != CNT_SERVER)
			cnt_u32(out, limit);
	}
}

void stat_queue(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct px_live *px = obj;
	const struct srv *s = obj;
	bool server = kind == CNT_SERVER;

	if (!has(priv, kind))
		return;
	if (figure(priv) == QUEUE_NOW)
		cnt_u32(out, server ? atom_get(&s->queued) : atom_get(&px->queued));
	else if (figure(priv) == QUEUE_MAX)
		cnt_u32(out, server ? atom_get(&s->queued_max) : atom_get(&px->queued_max));
	else if (s->line->maxqueue)
		cnt_u32(out, s->line->maxqueue);
}

void stat_pool(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct srv *s = obj;

	if (!has(priv, kind))
		return;
	if (figure(priv) == POOL_IDLE)
		cnt_u32(out, atom_get(&s->cur_idle));
	else if (figure(priv) == POOL_USED)
		cnt_u32(out, atom_get(&s->cur_used));
	else if (figure(priv) == POOL_UNSAFE)
		cnt_u32(out, srv_unsafe_idle(s));
	else if (figure(priv) == POOL_SAFE)
		cnt_u32(out, atom_get(&s->cur_idle) - srv_unsafe_idle(s));
	else if (figure(priv) == POOL_NEED)
		cnt_u32(out, atom_get(&s->need));
	else if (s->line->pool_max_conn >= 0)
		cnt_u32(out, (uint64_t)s->line->pool_max_conn);
}

static bool in_use(const struct srv *s)
{
	return srv_willing(s) && s->weight > 0;
}

/* Of the servers that share the load, in force. */
static uint64_t backend_share(const struct px_live *px)
{
	const struct srv *s;
	uint64_t sum = 0;

	list_each(s, &px->servers, link)
		if (lb_in_use(px, s))
			sum += (uint64_t)atom_get(&s->eff_weight);
	return (sum + LB_SCALE - 1) / LB_SCALE;
}

/* As set; of the backup servers only when there is no other. */
static uint64_t backend_weight(const struct px_live *px)
{
	const struct srv *s;
	uint64_t active = 0, backup = 0;

	list_each(s, &px->servers, link) {
		if (!in_use(s))
			continue;
		if (s->line->flags & SRV_BACKUP)
			backup += (uint64_t)s->weight;
		else
			active += (uint64_t)s->weight;
	}
	return active ? active : backup;
}

void stat_server_figure(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct px_live *px = obj;
	const struct srv *s = obj;
	bool server = kind == CNT_SERVER, backup;

	if (!has(priv, kind))
		return;
	backup = server && s->line->flags & SRV_BACKUP;
	switch (figure(priv)) {
	case SRV_WEIGHT:
		cnt_u32(out, server ? srv_weight_now(s) : backend_share(px));
		break;
	case SRV_USER_WEIGHT:
		cnt_u32(out, server ? (uint64_t)s->weight : backend_weight(px));
		break;
	case SRV_ACTIVE:
		cnt_u32(out, server ? !backup : atom_get(&px->nact));
		break;
	case SRV_THROTTLE:
		if (s->state == SRV_ST_STARTING && srv_willing(s))
			cnt_u32(out, srv_throttle(s));
		break;
	case SRV_BACKUPS:
		cnt_u32(out, server ? backup : atom_get(&px->nbck));
		break;
	}
}

/* ---- times ---- */

static uint64_t seconds_since(uint64_t when)
{
	uint64_t now = (uint64_t)loop_wall().s;

	return now > when ? now - when : 0;
}

static bool backend_down(const struct px_live *px)
{
	return px->nservers && !atom_get(&px->nact) && !atom_get(&px->nbck);
}

void stat_age(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	const struct px_live *px = obj;
	const struct srv *s = obj;
	bool server = kind == CNT_SERVER;
	uint64_t when, since;

	if (!has(priv, kind))
		return;
	since = seconds_since(atom_get(server ? &s->last_change_s : &px->last_change_s));
	if (figure(priv) == AGE_CHANGE) {
		cnt_u32(out, since);
	} else if (figure(priv) == AGE_DOWN && server) {
		if (s->check && s->check_on)
			cnt_u32(out, atom_get(&s->down_time_s) + (s->state == SRV_ST_STOPPED ? since : 0));
	} else if (figure(priv) == AGE_DOWN) {
		if (!list_empty(&px->servers))
			cnt_u32(out, atom_get(&px->down_time_s) + (backend_down(px) ? since : 0));
	} else {
		when = atom_get(server ? &s->last_sess_s : &px->last_sess_s);
		cnt_s32(out, when ? (int64_t)seconds_since(when) : -1);
	}
}

/* ---- names and texts ---- */

void stat_ids(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	switch (figure(priv)) {
	case ID_PROCESS:
		cnt_u32(out, 1);
		break;
	case ID_PROXY:
		cnt_u32(out, (uint64_t)px_of(obj, kind)->id);
		break;
	case ID_OBJECT:
		cnt_u32(out, kind == CNT_SERVER     ? (uint64_t)((const struct srv *)obj)->id
		             : kind == CNT_LISTENER ? (uint64_t)((const struct lstn *)obj)->id
		                                    : 0);
		break;
	case ID_TYPE:
		cnt_u32(out, kind == CNT_FRONTEND ? 0 : kind == CNT_BACKEND ? 1 : kind == CNT_SERVER ? 2 : 3);
		break;
	}
}

static struct str listener_name(const struct lstn *l, struct arena *mem)
{
	return l->name.n ? l->name : arena_printf(mem, "sock-%d", l->id);
}

void stat_name(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (priv == NAME_PROXY)
		cnt_str(out, px_of(obj, kind)->name);
	else if (kind == CNT_SERVER)
		cnt_str(out, ((const struct srv *)obj)->name);
	else if (kind == CNT_LISTENER)
		cnt_str(out, listener_name(obj, mem));
	else
		cnt_str(out, kind == CNT_FRONTEND ? STR("FRONTEND") : STR("BACKEND"));
}

static const char *frontend_status(const struct px_live *px)
{
	const struct lstn *l;
	uint64_t limit = session_limit(px, CNT_FRONTEND);

	if (atom_get(&px->stopped) || px->disabled)
		return "STOP";
	if (limit && atom_get(&px->fe.cur) >= limit)
		return "FULL";
	list_each(l, &px->listeners, link)
		if (l->li && listener_state(l->li) == LI_PAUSED)
			return "PAUSED";
	return "OPEN";
}

static const char *listener_status(const struct lstn *l)
{
	if (!l->li)
		return "STOP";
	switch (listener_state(l->li)) {
	case LI_FULL:
		return "FULL";
	case LI_PAUSED:
		return "PAUSED";
	case LI_STOPPED:
		return "STOP";
	default:
		return "OPEN";
	}
}

void stat_status(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	char buf[64];
	const char *text = "UP";

	if (kind == CNT_FRONTEND)
		text = frontend_status(obj);
	else if (kind == CNT_LISTENER)
		text = listener_status(obj);
	else if (kind == CNT_SERVER)
		text = srv_state_text(obj, buf);
	else if (backend_down(obj))
		text = "DOWN";
	cnt_str(out, arena_str(mem, str_c(text)));
}

static void put_addr(const struct addr *a, struct cnt_val *out, struct arena *mem)
{
	char buf[ADDR_TEXT_MAX];

	if (!a || !addr_isset(a))
		return;
	if (addr_family(a) == AF_UNIX)
		cnt_str(out, STR("unix"));
	else
		cnt_str(out, arena_str(mem, addr_text(a, buf)));
}

static void put_tracked(const struct srv *s, struct cnt_val *out, struct arena *mem)
{
	if (s->tracks)
		cnt_str(out, arena_printf(mem, STR_FMT "/" STR_FMT, STR_ARG(s->tracks->px->name),
		                          STR_ARG(s->tracks->name)));
}

static const char *mode_name(const struct proxy *px)
{
	static const char *const names[] = { [MODE_TCP] = "tcp", [MODE_HTTP] = "http", [MODE_LOG] = "log",
	                                     [MODE_SPOP] = "spop" };

	return px->mode < ARRAY_LEN(names) ? names[px->mode] : "unknown";
}

static void listener_text(const struct lstn *l, int which, struct cnt_val *out, struct arena *mem)
{
	const struct mux *proto = l->bind->mux.proto;

	if (which == TEXT_ADDR)
		put_addr(l->li ? listener_addr(l->li) : &l->bind->net.addr, out, mem);
	else if (which == TEXT_PROTO && proto)
		cnt_str(out, str_c(proto->proto));
}

static void server_text(const struct srv *s, int which, struct cnt_val *out, struct arena *mem)
{
	if (which == TEXT_ADDR)
		put_addr(&s->addr, out, mem);
	else if (which == TEXT_TRACKED)
		put_tracked(s, out, mem);
	else if (which == TEXT_COOKIE && s->line->cookie.n)
		cnt_str(out, s->line->cookie);
}

static void backend_text(const struct px_live *px, int which, struct cnt_val *out)
{
	if (which == TEXT_ALGO && px->lb_algo)
		cnt_str(out, str_c(px->lb_algo->name));
	else if (which == TEXT_COOKIE && px->px->cookie.name.n)
		cnt_str(out, px->px->cookie.name);
}

void stat_text(const void *obj, enum cnt_kind kind, struct cnt_val *out, int priv, struct arena *mem)
{
	if (priv == TEXT_MODE)
		cnt_str(out, str_c(mode_name(px_of(obj, kind)->px)));
	else if (kind == CNT_LISTENER)
		listener_text(obj, priv, out, mem);
	else if (kind == CNT_SERVER)
		server_text(obj, priv, out, mem);
	else if (kind == CNT_BACKEND)
		backend_text(obj, priv, out);
}
