/* Sessions: from accept to the mux. Counting, limits, connection and session rules, transports. */
#include "weir/net/proxy_in.h"
#include "trace_priv.h"
#include "weir/stream/session.h"
#include "weir/base/date.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/mux/mux.h"
#include "weir/tls/context.h"
#include "weir/tls/info.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

#include <stdio.h>

/* Of this thread. While a soft stop spreads the ends of connections, those that were told stand behind the others. */
static __thread struct {
	struct list sessions;
	struct timer drain;
	uint64_t drain_from, drain_to;	/* loop_ms() */
	uint64_t to_tell, told;
} here;

struct list *session_list(void)
{
	if (!here.sessions.next)
		list_init(&here.sessions);
	return &here.sessions;
}

/* --- limits --- */

static void note_peak(uint32_t *peak, uint32_t now)
{
	if (now > atom_get(peak))
		atom_set(peak, now);
}

/* Its places in the frontend and in the process were taken by the listener. */
static void count_in(struct session *se)
{
	struct live *lv = live_get();

	cnt_add(&se->fel->fe, C_CONN, 1);
	cnt_rate(&se->fel->fe, RATE_CONN);
	cnt_peak(&se->fel->fe);
	cnt_add(&lv->total, C_CONN, 1);
	cnt_rate(&lv->total, RATE_CONN);
	cnt_enter(&lv->total);
	cnt_add(&se->lstn->cnt, C_CONN, 1);
	cnt_enter(&se->lstn->cnt);
	note_peak(&lv->max_conns, atom_get(&lv->cur_conns));
}

static void count_out(struct session *se)
{
	struct live *lv = live_get();

	cnt_leave(&lv->total);
	cnt_leave(&se->lstn->cnt);
	if (se->flags & SESS_TLS)
		atom_sub(&lv->cur_tls, 1);
	live_leave(se->fel);
}

/* --- life --- */

static struct session *session_create(struct conn *c, struct lstn *l)
{
	struct session *se = pool_zget(sizeof(*se));
	struct wall wall;

	se->magic = SESSION_MAGIC;
	se->conn = c;
	se->lstn = l;
	se->fel = l->px;
	se->conf = live_take_conf();
	se->fe = l->px->px;
	se->bind = l->bind;
	vars_init(&se->vars, VAR_SESS, NULL);
	list_init(&se->priv_conns);
	list_push(session_list(), &se->link);
	se->accept_us = loop_us();
	wall = loop_wall();
	se->accept_wall_us = (uint64_t)wall.s * 1000000 + wall.us;
	c->owner = se;
	c->line = l->bind;
	count_in(se);
	if (trace_on(TRACE_SESSION))
		session_tell(se, SEE_NEW, TRL_USER, "accepted");
	return se;
}

struct session_more *session_more(struct session *se)
{
	if (!se->more)
		se->more = pool_zget(sizeof(*se->more));
	return se->more;
}

const struct addr *session_src(const struct session *se)
{
	return se->more && addr_isset(&se->more->src) ? &se->more->src : conn_src(se->conn);
}

const struct addr *session_dst(const struct session *se)
{
	return se->more && addr_isset(&se->more->dst) ? &se->more->dst : conn_dst(se->conn);
}

void session_drop_carried(struct session *se)
{
	if (!se->more || !se->more->carried)
		return;
	vars_fini(se->more->carried);
	pool_put(se->more->carried, sizeof(*se->more->carried));
	se->more->carried = NULL;
}

void session_end(struct session *se)
{
	struct conf *conf = se->conf;

	OBJ_CHECK(se, SESSION_MAGIC);
	WASSERT(!se->running);	/* they use the generation that is given back below */
	if (trace_on(TRACE_SESSION) && se->conn->err)
		session_tell(se, SEE_ERR, TRL_ERROR, "%s", conn_err_text((enum conn_err)se->conn->err));
	if (trace_on(TRACE_SESSION))
		session_tell(se, SEE_END, TRL_USER, "ends after %u streams", se->nstreams);
	bconn_session_end(&se->priv_conns);
	session_drop_carried(se);
	vars_fini(&se->vars);
	list_del(&se->link);
	count_out(se);
	pool_put(se->more, sizeof(*se->more));
	OBJ_WIPE(se);
	pool_put(se, sizeof(*se));
	conf_unref(conf);
}

static void drop(struct session *se, bool reset)
{
	struct conn *c = se->conn;

	timer_stop(&c->timer);
	session_end(se);
	conn_close(c, reset);
}

static void drain(struct session *se)
{
	if (se->conn->mux)
		((const struct mux *)se->conn->mux)->drain(se->conn);
}

static void drain_all(void)
{
	struct session *se, *tmp;

	list_each_safe(se, tmp, session_list(), link)
		drain(se);
}

#define DRAIN_TICK 20

/* As many as the part of the time that has passed. */
static void drain_some(struct timer *t)
{
	uint64_t now = loop_ms(), due;

	if (now >= here.drain_to) {
		drain_all();
		return;
	}
	due = here.to_tell * (now - here.drain_from) / (here.drain_to - here.drain_from);
	for (; here.told < due && !list_empty(session_list()); here.told++) {
		struct session *se = list_first(session_list(), struct session, link);

		list_del(&se->link);
		list_push(session_list(), &se->link);
		drain(se);
	}
	timer_set(t, MIN(here.drain_to - now, (uint64_t)DRAIN_TICK));
}

static void drain_here(void *arg)
{
	struct session *se;

	(void)arg;
	here.drain_from = loop_ms();
	here.drain_to = atom_get(&live_get()->spread_end);
	if (here.drain_to == UINT64_MAX)
		return;
	list_each(se, session_list(), link)
		here.to_tell++;
	timer_init(&here.drain, drain_some);
	drain_some(&here.drain);
}

void sessions_drain(void (*done)(void *arg))
{
	mail_broadcast(drain_here, done, NULL);
}

void sessions_kill(void)
{
	struct session *se, *next;
	struct stream *s, *tmp;

	list_each_safe(s, tmp, stream_list(), link) {
		stream_term(s, TERM_KILL, TERM_AT_DATA, TR_KILLED);
		s->step = STEP_finish;
		stream_run(s);
	}
	/* Once round: what a mux still has to do on its task will not be done any more, and need not be. */
	list_each_safe(se, next, session_list(), link)
		if (se->conn->mux)
			((const struct mux *)se->conn->mux)->kill(se->conn);
		else
			drop(se, true);
}

/* --- rules of connections and sessions --- */

static enum act_result session_rules(struct session *se, size_t off)
{
	const struct proxy *where[] = { se->fe->defaults, se->fe };
	struct arena mem;
	struct xctx x = { .sess = se, .proxy = se->fe, .dir = X_REQ, .final = true, .mem = &mem };
	enum act_result r = ACT_NEXT;

	x.vars[VAR_SESS] = &se->vars;
	arena_init(&mem, 1024);
	for (size_t i = 0; i < ARRAY_LEN(where) && r == ACT_NEXT; i++) {
		const struct list *rules = where[i] ? (const struct list *)((const char *)where[i] + off) : NULL;
		const struct rule *at = NULL;

		if (!rules || list_empty(rules))
			continue;
		r = rules_run(rules, &at, &x);
		if (r != ACT_NEXT && at) {
			session_more(se)->last_rule = at;
		}
	}
	arena_fini(&mem);
	return r;
}

static bool rules_refuse(struct session *se, size_t off, enum cnt which)
{
	enum act_result r = session_rules(se, off);

	if (r == ACT_NEXT || r == ACT_STOP)
		return false;
	if (se->flags & SESS_DROPPED)
		which = C_DENIED_REQ;
	cnt_add(&se->fel->fe, which, 1);
	cnt_add(&se->lstn->cnt, which, 1);
	return true;
}

/* --- opening --- */

static void count_tls(struct conn *c)
{
	struct cntset *all = &live_get()->total;
	int64_t resumed;

	if (!tls_number(c, TLS_N_RESUMED, &resumed))
		return;
	if (!resumed)
		cnt_rate(all, RATE_TLS_KEY);
}

/* option disable-h2-upgrade: the preface is no request of HTTP/1. What ALPN agreed on counts all the same. */
static void pick_mux(struct session *se)
{
	struct mux_words w = se->bind->mux;

	if (!w.proto && se->fe->options2 & PO2_NO_H2_UPGRADE && se->bind->lim.http_mode &&
	    !(se->conn->flags & CONN_TLS))
		w.proto = mux_find(STR("h1"), MUX_FRONT);
	mux_pick_front(se->conn, &w, &se->bind->lim, &stream_front_user, se);
}

static void on_open(struct conn *c)
{
	struct session *se = c->owner;

	timer_stop(&c->timer);
	count_tls(c);
	se->handshake_us = (uint32_t)(loop_us() - se->accept_us);
	if (rules_refuse(se, offsetof(struct proxy, tcp_sess), C_DENIED_SESS)) {
		drop(se, false);
		return;
	}
	cnt_add(&se->fel->fe, C_SESS, 1);
	cnt_rate(&se->fel->fe, RATE_SESS);
	cnt_add(&live_get()->total, C_SESS, 1);
	cnt_rate(&live_get()->total, RATE_SESS);
	cnt_add(&se->lstn->cnt, C_SESS, 1);
	pick_mux(se);
}

/* For option dontlognull: who was late as well. */
static bool said_nothing(enum conn_err e)
{
	return e == CERR_TLS_EMPTY || e == CERR_PROXY_EMPTY || e == CERR_CIP_EMPTY || e == CERR_TLS_TIMEOUT ||
	       e == CERR_PROXY_TIMEOUT || e == CERR_CIP_TIMEOUT;
}

static void on_fail(struct conn *c)
{
	struct session *se = c->owner;

	if (!(se->fe->options & PO_DONTLOGNULL && said_nothing(c->err)))
		session_log_error(se);
	drop(se, false);
}

static void handshake_late(struct timer *t)
{
	struct conn *c = container_of(t, struct conn, timer);

	conn_expire(c);
}

static const struct conn_user session_conn_user = { .on_open = on_open, .on_fail = on_fail };

/* Above maxsslconn it fails like a handshake. */
static bool push_tls(struct session *se)
{
	unsigned max = se->conf->global.maxsslconn;

	if (!tls_push_front(se->conn, se->bind->tls.ctx))
		return false;
	se->flags |= SESS_TLS;
	cnt_add(&live_get()->total, C_TLS_CONN, 1);
	cnt_rate(&live_get()->total, RATE_TLS);
	if (atom_add(&live_get()->cur_tls, 1) >= max && max)
		conn_fail(se->conn, CERR_TLS_MAXCONN, 0);
	return true;
}

void session_set_nice(struct session *se, int nice)
{
	conn_set_nice(se->conn, nice - se->conf->nice_low);
}

static bool push_transports(struct session *se)
{
	if (se->bind->net.accept_proxy || se->flags & SESS_EXPECT_PROXY)
		proxy_in_push(se->conn);
	else if (se->bind->net.accept_cip || se->flags & SESS_EXPECT_CIP)
		cip_in_push(se->conn, se->bind->net.cip_magic);
	return !se->bind->tls.on || push_tls(se);
}

void session_accept(struct conn *c, void *arg)
{
	struct session *se = session_create(c, arg);
	unsigned t = se->fe->t_client_hs ? se->fe->t_client_hs : se->fe->t_client;

	c->user = &session_conn_user;
	c->flags |= se->fe->options & PO_NOLINGER ? CONN_NOLINGER : 0;
	if (rules_refuse(se, offsetof(struct proxy, tcp_conn), C_DENIED_CONN)) {
		drop(se, true);
		return;
	}
	if (!push_transports(se)) {
		drop(se, true);
		return;
	}
	session_set_nice(se, se->bind->net.nice);
	timer_init(&c->timer, handshake_late);
	if (t && c->top->below)
		timer_set(&c->timer, t);
	conn_advance(c);
}

static const char *session_date(const struct session *se, char buf[DATE_LOG_LEN + 1])
{
	static __thread struct date_second second;

	date_second_set(&second, session_wall(se).s, false);
	date_log(&second, session_wall(se).us / 1000, buf);
	buf[DATE_LOG_LEN] = 0;
	return buf;
}

/* --- the line for a connection that did not open --- */

static const char *listener_name(const struct session *se, char buf[24])
{
	if (se->lstn->name.n)
		snprintf(buf, 24, "%.*s", STR_ARG(str_head(se->lstn->name, 23)));
	else
		snprintf(buf, 24, "%d", se->lstn->id);
	return buf;
}

static const char *line_of_error(struct session *se, char *buf, size_t n)
{
	char from[ADDR_TEXT_MAX], date[DATE_LOG_LEN + 1], li[24];
	const struct addr *a = conn_src(se->conn);
	struct str src = a ? addr_text(a, from) : STR("?"), why = STR_NONE;
	struct arena mem;
	bool more;

	arena_init(&mem, 512);
	more = se->conn->err == CERR_TLS_HANDSHAKE && tls_text(se->conn, TLS_T_ERR, &mem, &why);
	snprintf(buf, n, "%.*s [%s] %.*s/%s: %s%s%.*s%s", STR_ARG(src), session_date(se, date), STR_ARG(se->fe->name),
		 listener_name(se, li), conn_err_text(se->conn->err), more ? " (" : "", STR_ARG(why), more ? ")" : "");
	arena_fini(&mem);
	return buf;
}

/* --- lines before there is a stream: the connection may not be open --- */

struct session_line {
	struct arena mem;
	struct xctx x;
};

static size_t build(void *arg, const struct logfmt *f, char *mem, size_t n)
{
	struct session_line *l = arg;
	struct sbuf b = sbuf_fixed(mem, n);

	if (f)
		logfmt_build(f, &b, &l->x);
	return b.n;
}

/* By that format, or the text if it is NULL. */
static void write_line(struct session *se, enum log_step step, const struct log_profile *profile,
		       const struct logfmt *f, struct str text)
{
	struct session_line l = { .x = { .sess = se, .proxy = se->fe, .final = true, .log_step = (uint8_t)step } };
	bool error = step == LOG_STEP_KILLED;
	const struct log_source src = { step, error, profile, build, &l };
	enum log_level level = error && se->fe->options & PO_LOG_SEPARATE_ERRORS ? LOGL_ERR : LOGL_INFO;
	char buf[2048], sd[2048];

	l.x.mem = &l.mem;
	l.x.vars[VAR_SESS] = &se->vars;
	arena_init(&l.mem, 1024);
	if (f)
		text = str_make(buf, build(&l, f, buf, sizeof(buf)));
	if (text.n || !list_empty(&se->conf->log_profiles)) {
		atom_add(&se->fel->log_lines, 1);
		log_send_from(&se->fe->logs, &se->conf->global.logs, level, &src,
			      str_make(sd, build(&l, se->fe->log_format_sd, sd, sizeof(sd))), text);
	}
	arena_fini(&l.mem);
}

void session_log_now(struct session *se, enum log_step step, const struct log_profile *profile)
{
	if (log_wants(&se->fe->logs, &se->conf->global.logs))
		write_line(se, step, profile, se->fe->log_format, STR_NONE);
}

void session_log_error(struct session *se)
{
	const struct logfmt *f = se->fe->error_log_format;
	char buf[512];

	if (log_wants(&se->fe->logs, &se->conf->global.logs))
		write_line(se, LOG_STEP_KILLED, NULL, f,
			   f ? STR_NONE : str_c(line_of_error(se, buf, sizeof(buf))));
}
