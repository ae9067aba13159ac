/* The driver of streams: creation, the loop over the steps, deadlines, news from gates. */
#include "weir/stream/stream.h"
#include "weir/base/pool.h"

#include <stdlib.h>

#include "weir/expr/vars.h"
#include "weir/loop/profile.h"
#include "weir/sys/clock.h"
#include "stream_priv.h"
#include "trace_priv.h"

static const struct step_row {
	const char *name;
	enum step_result (*fn)(struct stream *s);
	const char *help;
} steps[STEP_COUNT] = {
#define X(n, h) { #n, step_##n, h },
	STREAM_STEPS(X)
#undef X
};

static __thread struct list thread_streams;

struct list *stream_list(void)
{
	if (!thread_streams.next)
		list_init(&thread_streams);
	return &thread_streams;
}

const char *stream_step_name(enum stream_step st)
{
	return st < STEP_COUNT ? steps[st].name : "-";
}

void stream_deadline(uint64_t *dl, unsigned ms)
{
	*dl = ms ? loop_ms() + ms : 0;
}

unsigned stream_timeout(unsigned override, unsigned conf)
{
	return override != ~0U ? override : conf;
}

/* The timer follows the earliest deadline; moving it later is free, so it is only touched when it must fire sooner. */
static void stream_arm(struct stream *s)
{
	uint64_t at = 0, now;
	uint64_t dls[] = { s->dl_client, s->dl_server, s->dl_phase, s->rule_deadline, s->dl_bw[0], s->dl_bw[1] };

	for (size_t i = 0; i < ARRAY_LEN(dls); i++)
		if (dls[i] && (!at || dls[i] < at))
			at = dls[i];
	if (!at || (timer_armed(&s->timer) && s->timer.at <= at))
		return;
	now = loop_ms();
	timer_set(&s->timer, at > now ? at - now : 0);
}

static void stream_fire(struct timer *t)
{
	struct stream *s = container_of(t, struct stream, timer);

	OBJ_CHECK(s, STREAM_MAGIC);
	stream_run(s);
}

static void stream_task(struct task *t)
{
	stream_run(container_of(t, struct stream, task));
}

static void profile_begin(struct stream *s)
{
	s->run_ns = clock_mono_ns();
	if (s->woken_ns)
		s->lat_ns += s->run_ns - s->woken_ns;
	s->woken_ns = 0;
}

static void profile_end(struct stream *s)
{
	s->cpu_ns += clock_mono_ns() - s->run_ns;
	s->run_ns = 0;
}

void stream_run(struct stream *s)
{
	OBJ_CHECK(s, STREAM_MAGIC);
	if (s->flags & ST_RUNNING) {
		s->flags |= ST_AGAIN;
		return;
	}
	s->flags |= ST_RUNNING;
	s->runs++;
	if (prof_active())
		profile_begin(s);
	for (;;) {
		enum step_result r;

		s->next_step = STEP_COUNT;
		s->flags &= ~ST_AGAIN;
		r = steps[s->step].fn(s);
		if (r == OVER)
			return;
		if (r == DONE) {
			s->step = s->next_step != STEP_COUNT ? s->next_step : s->step + 1;
			if (trace_on(TRACE_STREAM))
				stream_tell(s, STE_STEP, TRL_STATE, "step %s", steps[s->step].name);
		} else if (r == WAIT && !(s->flags & ST_AGAIN))
			break;
	}
	s->flags &= ~ST_RUNNING;
	if (s->run_ns)
		profile_end(s);
	stream_arm(s);
}

void stream_wake(struct stream *s)
{
	OBJ_CHECK(s, STREAM_MAGIC);
	if (prof_active() && !s->woken_ns)
		s->woken_ns = clock_mono_ns();
	task_wake(&s->task);
}

/* --- news --- */

/* Does it tell that this side lives? That it takes bytes does, but where option independent-streams wants more. */
static bool is_alive(unsigned news, const struct proxy *p, bool talks)
{
	return news & (talks && p->options2 & PO2_INDEPENDENT ? GATE_DATA : GATE_DATA | GATE_ROOM);
}

static void front_wake(struct gate *g, void *arg, unsigned news)
{
	struct stream *s = arg;

	(void)g;
	if (s->dl_client && is_alive(news, s->fe, !s->req_ended || s->step == STEP_tunnel))
		stream_deadline(&s->dl_client, s->o.t_client);
	stream_run(s);
}

/* An interim answer goes on at once: its fields are only valid now. */
static void back_info(struct stream *s, struct gate *g)
{
	if (s->flags & ST_RES_STARTED || s->front->flags & OUT_ABORT)
		return;
	if (s->srv)
		cnt_add(&s->srv->cnt, C_RSP_1XX, 1);
	if (s->req->major == 1 && s->req->minor == 0)
		return;
	if (g->in_msg->status == 100 && s->flags & ST_CONTINUED)
		return;
	if (g->in_msg->status == 100)
		s->flags |= ST_SERVER_100;
	s->front->ops->send_info(s->front, g->in_msg);
	s->front->ops->flush(s->front, false);
}

/* Another answer that the server wants to give: it becomes a stream of its own, or nothing. */
static void back_push(struct stream *s, struct gate *g)
{
	struct gate *p = g->pushed;

	g->pushed = NULL;
	if (s->front->ops->push && s->front->ops->push(s->front, p))
		return;
	p->ops->reset(p, 7);	/* REFUSED_STREAM */
	p->ops->release(p);
}

static void back_wake(struct gate *g, void *arg, unsigned news)
{
	struct stream *s = arg;

	WASSERT(s->back == g);
	if (news & GATE_INFO)
		back_info(s, g);
	if (news & GATE_PUSH)
		back_push(s, g);
	if (s->dl_server && is_alive(news, s->be, true))
		stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
	stream_run(s);
}

const struct gate_user stream_front_gate = { .wake = front_wake };
const struct gate_user stream_back_gate = { .wake = back_wake };

/* --- life --- */

static void stream_init_times(struct stream *s, struct gate *g, struct session *se)
{
	uint64_t now = loop_us();

	s->t_accept = se->nstreams == 1 && se->accept_us ? se->accept_us : g->t_first_us;
	s->t_first = g->t_first_us ? g->t_first_us : now;
	if (!s->t_accept)
		s->t_accept = s->t_first;
	s->t_head = g->t_head_us ? g->t_head_us : now;
	s->w_first = loop_wall();
	s->w_accept = se->nstreams == 1 ? session_wall(se) : s->w_first;
}

/* What rules set while the connection was plain bytes goes on into the first exchange. In HTTP/1 that is the same
 * bytes: the rules of connections' content have seen it. */
static void take_carried(struct stream *s)
{
	struct session *se = s->sess;

	if (!se->more || !se->more->carried)
		return;
	vars_move(&s->txn_vars, se->more->carried);
	session_drop_carried(se);
	if (s->flags & ST_HTTP && s->req->major == 1)
		s->flags |= ST_TCP_UPGRADED;
}

static void leave_carried(struct stream *s)
{
	struct session *se = s->sess;
	struct vars *carried;

	session_drop_carried(se);
	carried = session_more(se)->carried = pool_zget(sizeof(*carried));
	vars_init(carried, VAR_TXN, &se->vars);
	vars_move(carried, &s->txn_vars);
}

enum step_result stream_to_http(struct stream *s, const struct mux *to)
{
	WASSERT(s->front->flags & GATE_RAW && !s->back);
	/* `proto none` on the bind line: plain bytes, come what may. */
	if (s->sess->bind->mux.proto) {
		stream_term(s, TERM_PROXY, TERM_AT_REQUEST, TR_UPGRADE_FAILED);
		return stream_close(s);
	}
	s->to = to;
	s->flags |= ST_TCP_UPGRADED;
	stream_goto(s, STEP_finish);
	return DONE;
}

struct stream *stream_create(struct gate *g, struct session *se)
{
	struct stream *s = pool_zget(sizeof(*s));

	s->magic = STREAM_MAGIC;
	s->sess = se;
	s->front = g;
	s->mem = g->mem;
	s->conf = se->conf;
	s->fe = se->fe;
	s->req = g->in_msg;
	s->term1 = s->term2 = s->cookie_in = s->cookie_out = '-';
	s->status = -1;
	s->flags = g->flags & GATE_RAW ? 0 : ST_HTTP;
	s->o = (struct stream_opts){ .t_client = s->fe->t_client,
				     .t_server = ~0U,
				     .t_connect = ~0U,
				     .t_queue = ~0U,
				     .t_tunnel = ~0U,
				     .t_tarpit = ~0U,
				     .t_client_fin = ~0U,
				     .t_server_fin = ~0U,
				     .log_level = -1,
				     .retries = -1 };
	if (se->conn->flags & CONN_NICE)	/* set-nice was for the exchange before */
		session_set_nice(se, se->bind->net.nice);
	vars_init(&s->txn_vars, VAR_TXN, &se->vars);
	vars_init(&s->req_vars, VAR_REQ, &s->txn_vars);
	vars_init(&s->res_vars, VAR_RES, &s->txn_vars);
	take_carried(s);
	s->x.vars[VAR_SESS] = &se->vars;
	s->x.vars[VAR_TXN] = &s->txn_vars;
	s->x.vars[VAR_REQ] = &s->req_vars;
	s->x.vars[VAR_RES] = &s->res_vars;
	timer_init(&s->timer, stream_fire);
	task_init(&s->task, stream_task, TASK_NORMAL);
	list_init(&s->filters);
	list_push(stream_list(), &s->link);
	se->nstreams++;
	se->running++;
	s->uniq = atom_add(&live_get()->next_uniq, 1);
	atom_own_add(&live_get()->thr[thr_id()].streams, 1);
	stream_init_times(s, g, se);
	g->user = &stream_front_gate;
	g->arg = s;
	if (trace_on(TRACE_STREAM))
		stream_tell(s, STE_NEW, TRL_USER, "%s%s", s->flags & ST_HTTP ? "HTTP" : "TCP",
			    g->flags & GATE_BADREQ ? ", malformed" : "");
	return s;
}

static void stream_drop_vars(struct stream *s)
{
	vars_fini(&s->res_vars);
	vars_fini(&s->req_vars);
	vars_fini(&s->txn_vars);
}

void stream_destroy(struct stream *s)
{
	bool switches = (s->flags & (ST_TCP_UPGRADED | ST_HTTP)) == ST_TCP_UPGRADED;
	const struct mux *to = s->to;
	struct gate *g = s->front;

	WASSERT(!s->back && !s->bconn && !s->pend);
	if (trace_on(TRACE_STREAM))
		stream_tell(s, STE_END, TRL_USER, "status %d, ends %c%c, %llu bytes in, %llu out", s->status,
			    s->term1 ? s->term1 : '-', s->term2 ? s->term2 : '-', (unsigned long long)g->wire_in,
			    (unsigned long long)g->wire_out);
	timer_stop(&s->timer);
	task_cancel(&s->task);
	list_del(&s->link);
	if (s->replay)
		spanq_fini(s->replay);
	if (switches)
		leave_carried(s);
	stream_drop_vars(s);
	s->sess->running--;
	OBJ_WIPE(s);
	pool_put(s, sizeof(*s));
	atom_own_add(&live_get()->thr[thr_id()].streams, -1);
	if (switches)
		mux_switch(g, to);
	else
		g->ops->release(g);
}

static void stream_exchange(struct gate *g, void *sess)
{
	struct stream *s = stream_create(g, sess);

	stream_show_accept(s);
	stream_run(s);
}

static void stream_conn_gone(struct conn *c, void *sess)
{
	struct session *se = sess;
	unsigned n = mux_glitches(c);

	if (n) {
		cnt_add(&se->fel->fe, C_GLITCHES, n);
		if (se->lstn)
			cnt_add(&se->lstn->cnt, C_GLITCHES, n);
	}
	session_end(sess);
}

static void stream_conn_upgraded(struct conn *c, void *sess)
{
	struct session *se = sess;

	(void)c;
	cnt_add(&se->fel->fe, C_H2C_UPGRADE, 1);
	if (se->lstn)
		cnt_add(&se->lstn->cnt, C_H2C_UPGRADE, 1);
}

const struct mux_front_user stream_front_user = {
	.exchange = stream_exchange, .gone = stream_conn_gone, .upgraded = stream_conn_upgraded,
};

/* --- what many steps share --- */

struct xctx *stream_x(struct stream *s, const struct proxy *px, enum xdir dir)
{
	struct xctx *x = &s->x;

	x->sess = s->sess;
	x->strm = s;
	x->proxy = px;
	x->req = s->req;
	x->res = s->res;
	x->dir = (uint8_t)dir;
	x->messages = s->flags & ST_HTTP;
	x->mem = s->mem;
	x->head_max = s->conf->global.tune.bufsize;
	x->req_buf = spanq_peek(&s->front->in);
	x->req_full = s->front->flags & (IN_END | IN_ABORT) || s->front->in.bytes >= s->conf->global.tune.bufsize;
	if (s->back) {
		x->res_buf = spanq_peek(&s->back->in);
		x->res_full = s->back->flags & (IN_END | IN_ABORT) || s->back->in.bytes >= s->conf->global.tune.bufsize;
	}
	return x;
}

const struct addr *stream_src(const struct stream *s)
{
	return s->src ? s->src : session_src(s->sess);
}

const struct addr *stream_dst(const struct stream *s)
{
	return s->dst ? s->dst : session_dst(s->sess);
}

bool stream_client_gone(const struct stream *s)
{
	const struct gate *g = s->front;
	const struct proxy *px = s->be ? s->be : s->fe;

	if (g->flags & (IN_ABORT | OUT_ABORT))
		return true;
	/* Plain bytes: who said nothing and ended will not say anything. */
	if (g->flags & GATE_RAW && g->flags & IN_END)
		return spanq_empty(&g->in) || px->options & PO_ABORTONCLOSE;
	return g->flags & IN_FIN && px->options & PO_ABORTONCLOSE;
}

bool stream_head_fits(const struct stream *s, const struct msg *m)
{
	return m->bytes <= s->conf->global.tune.bufsize - s->conf->global.tune.maxrewrite / 2;
}

void stream_kill(struct stream *s, enum term_who who)
{
	OBJ_CHECK(s, STREAM_MAGIC);
	s->flags |= ST_KILLED;
	s->kill_who = (uint8_t)who;
	stream_wake(s);
}

enum step_result stream_killed(struct stream *s, enum term_when when)
{
	stream_term(s, s->kill_who, when, s->kill_who == TERM_DOWN ? TR_SERVER_DOWN : TR_KILLED);
	s->front->flags |= GATE_CLOSE;
	if (when == TERM_AT_HEADERS) {
		cnt_add(&s->bel->be, C_FAILED_RES, 1);
		cnt_add(&s->srv->cnt, C_FAILED_RES, 1);
	}
	if (!(s->flags & ST_HTTP))
		return stream_close(s);
	return stream_reply(s, when == TERM_AT_HEADERS ? 502 : 503, NULL);
}

/* --- all those on one server --- */

struct purge {
	const struct srv *srv;
	char who;
};

static void purge_here(void *arg)
{
	const struct purge *p = arg;
	struct stream *s;

	list_each(s, stream_list(), link)
		if (s->srv == p->srv && s->flags & ST_SLOT)
			stream_kill(s, p->who);
}

static unsigned streams_busy(const struct srv *srv)
{
	const struct stream *s;
	unsigned n = 0;

	list_each(s, stream_list(), link)
		n += s->srv == srv;
	return n;
}

static void streams_leave(struct srv *srv)
{
	struct session *se;

	list_each(se, session_list(), link)
		if (se->last_srv == srv)
			se->last_srv = NULL;
}

const struct srv_user streams_srv_user = { .busy = streams_busy, .leave = streams_leave };

void streams_end_on(struct srv *s, char who)
{
	struct purge *p;

	if (!thr_running())
		return;
	p = mem_alloc(sizeof(*p));
	*p = (struct purge){ s, who };
	mail_broadcast(purge_here, free, p);
}
