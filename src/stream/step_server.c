/* Which server: given by use-server or persistence, else by balancing; a slot on it, or a place in a queue. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "weir/stream/persist.h"
#include "stream_priv.h"

static void take_server(struct stream *s, struct srv *srv)
{
	s->srv = srv;
	s->line = srv->line;
	s->flags |= ST_ASSIGNED;
}

static bool can_serve(const struct stream *s, const struct srv *srv)
{
	return srv && (srv_usable(srv) || (s->flags & ST_FORCE_PERSIST && !(srv->admin & SRV_ADM_MAINT)));
}

static struct srv *use_server(struct stream *s)
{
	struct use_server *u;

	list_each(u, &s->be->server_rules, link) {
		struct srv *srv;
		char name[256];
		struct sbuf b = sbuf_fixed(name, sizeof(name));

		if (cond_eval(u->cond, stream_x(s, s->be, X_REQ)) != COND_TRUE)
			continue;
		if (u->dyn)
			logfmt_build(u->dyn, &b, stream_x(s, s->be, X_REQ));
		srv = u->dyn ? live_server(s->bel, sbuf_str(&b)) : u->server->live;
		if (can_serve(s, srv))
			return srv;
		if (u->dyn)
			return NULL;
	}
	return NULL;
}

static void persist_flags(struct stream *s)
{
	struct persist_rule *p;

	list_each(p, &s->be->persist_rules, link)
		if (cond_eval(p->cond, stream_x(s, s->be, X_REQ)) == COND_TRUE) {
			s->flags |= p->force ? ST_FORCE_PERSIST : ST_IGNORE_PERSIST;
			return;
		}
}

/* A push comes from the server that promised it, if rules let it go to that backend. */
static enum step_result promised(struct stream *s)
{
	struct bconn *b = s->front->pushed->conn->owner;

	if (b->srv->px != s->bel) {
		stream_term(s, TERM_PROXY, TERM_AT_REQUEST, TR_RULE);
		return stream_close(s);
	}
	take_server(s, b->srv);
	s->line = b->line;
	stream_goto(s, STEP_connect);
	return DONE;
}

enum step_result step_persist(struct stream *s)
{
	struct srv *srv;

	if (s->front->pushed)
		return promised(s);

	persist_flags(s);
	srv = use_server(s);
	if (!srv && s->flags & ST_HTTP)
		srv = persist_server(s);
	if (srv) {
		take_server(s, srv);
		s->flags |= ST_DIRECT;
	}
	return DONE;
}

/* --- assign --- */

static enum step_result no_server(struct stream *s)
{
	stream_term(s, TERM_SERVER, TERM_AT_CONNECT, TR_NO_SERVER);
	cnt_add(&s->bel->be, C_FAILED_CONN, 1);
	return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
}

static void slot_taken(struct stream *s, struct srv *srv)
{
	take_server(s, srv);
	s->flags |= ST_SLOT;
	s->t_assigned = loop_us();
	cnt_add(&srv->cnt, C_SESS, 1);
	cnt_rate(&srv->cnt, RATE_SESS);
	cnt_enter(&srv->cnt);
	srv->last_sess_s = s->bel->last_sess_s = (uint64_t)loop_wall().s;
	if (s->bel->lb_algo->load)
		s->bel->lb_algo->load(s->bel, srv, 1);
}

/* The algorithm chose: not a cookie, and not whoever had a place for one that waited. */
static void count_choice(struct stream *s, struct srv *srv)
{
	cnt_add(&srv->cnt, C_LBTOT, 1);
	cnt_add(&s->bel->be, C_LBTOT, 1);
}

/* A slot came, or the server went away while we waited. */
static void queue_ready(void *arg, struct srv *granted)
{
	struct stream *s = arg;

	s->pend = NULL;
	if (granted)
		slot_taken(s, granted);
	else
		s->flags &= ~(ST_ASSIGNED | ST_DIRECT);
	stream_run(s);
}

static enum step_result enqueue(struct stream *s, struct srv *srv)
{
	int64_t prio = (s->o.prio_class << 32) + s->o.prio_offset;

	s->pend = queue_add(s->bel, srv, prio, queue_ready, s);
	if (!s->pend) {
		stream_term(s, TERM_SERVER, TERM_AT_QUEUE, TR_QUEUE_FULL);
		cnt_add(&s->bel->be, C_FAILED_CONN, 1);
		return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
	}
	s->t_queue0 = loop_us();
	*(srv ? &s->q_srv : &s->q_be) = s->pend->pos + 1;
	stream_deadline(&s->dl_phase, stream_timeout(s->o.t_queue, s->be->t_queue ? s->be->t_queue : s->be->t_connect));
	return WAIT;
}

static void leave_queue(struct stream *s)
{
	queue_cancel(s->pend);
	s->pend = NULL;
	s->t_assigned = loop_us();
}

static enum step_result in_queue(struct stream *s)
{
	if (stream_client_gone(s)) {
		leave_queue(s);
		stream_term(s, TERM_CLIENT, TERM_AT_QUEUE, TR_CLIENT_ABORT);
		cnt_add(&s->bel->be, C_CLI_ABORT, 1);
		return stream_close(s);
	}
	if (stream_passed(s->dl_phase)) {
		leave_queue(s);
		stream_term(s, TERM_SRV_TO, TERM_AT_QUEUE, TR_QUEUE_TIMEOUT);
		cnt_add(&s->bel->be, C_FAILED_CONN, 1);
		return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
	}
	return WAIT;
}

/* Round the candidates once; all full: the backend's queue. Hashing keeps to its server and queues there. */
static enum step_result balance(struct stream *s)
{
	struct lb_req r = { .avoid = s->avoid, .navoid = ARRAY_LEN(s->avoid), .thread = thr_id(), .strm = s };
	struct srv *first = NULL;

	if (s->bel->lb_algo->key)
		r.has_hash = s->bel->lb_algo->key(s->bel, s, &r.hash);
	for (int i = 0; i <= s->bel->nservers; i++) {
		struct srv *srv = lb_pick(s->bel, &r);

		if (!srv)
			break;
		if (srv_slot_take(srv)) {
			count_choice(s, srv);
			slot_taken(s, srv);
			return DONE;
		}
		if (r.has_hash) {
			count_choice(s, srv);
			take_server(s, srv);
			return enqueue(s, srv);
		}
		if (!first)
			first = srv;
		else if (srv == first)
			break;
	}
	return first ? enqueue(s, NULL) : no_server(s);
}

enum step_result step_assign(struct stream *s)
{
	if (s->flags & ST_KILLED)
		return stream_killed(s, TERM_AT_QUEUE);
	if (s->pend)
		return in_queue(s);
	if (!s->t_ready)
		s->t_ready = loop_us();
	if (!s->turnaround)
		s->dl_phase = 0;
	if (s->flags & ST_SLOT)
		return DONE;
	if (s->flags & ST_ASSIGNED) {
		if (!can_serve(s, s->srv)) {
			s->flags &= ~(ST_ASSIGNED | ST_DIRECT);
			return MORE;
		}
		if (srv_slot_take(s->srv)) {
			slot_taken(s, s->srv);
			return DONE;
		}
		return enqueue(s, s->srv);
	}
	return balance(s);
}
