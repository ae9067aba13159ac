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
	return srv && (srv_usable(srv) || s->flags & ST_FORCE_PERSIST || s->be->options & PO_PERSIST);
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
		if (!srv)
			return NULL;	/* no server has the name that was made */
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
	struct srv *srv, *named = NULL;

	if (s->front->pushed)
		return promised(s);

	persist_flags(s);
	srv = use_server(s);
	if (srv)
		take_server(s, srv);
	if (s->flags & ST_HTTP) {
		stream_capture_cookie(s);
		named = persist_server(s);	/* it edits the fields in any case */
	} else if (!srv)
		named = persist_rdp_server(s);
	if (named)
		take_server(s, named);
	if (srv || named)
		s->flags |= ST_DIRECT;
	return DONE;
}

/* --- assign --- */

static enum step_result no_server(struct stream *s)
{
	stream_term(s, TERM_SERVER, TERM_AT_CONNECT, TR_NO_SERVER);
	cnt_add(&s->bel->be, C_FAILED_CONN, 1);
	return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
}

/* All threads write it: once a second is enough. */
static void last_used(uint64_t *when, uint64_t now)
{
	if (atom_get(when) != now)
		atom_set(when, now);
}

void stream_count_retry(struct stream *s, struct srv *was)
{
	cnt_add(&s->bel->be, C_RETRIES, 1);
	cnt_add(&was->cnt, C_RETRIES, 1);
}

static void count_redispatch(struct stream *s, struct srv *was)
{
	cnt_add(&s->bel->be, C_REDISPATCH, 1);
	cnt_add(&was->cnt, C_REDISPATCH, 1);
	if (s->cookie_in == 'V')
		s->cookie_in = 'D';
	s->flags |= ST_REDISP;
}

/* After a try that failed: it is another server's turn, or there was no other. */
static void chosen_anew(struct stream *s, const struct srv *srv)
{
	if (srv != s->left)
		count_redispatch(s, s->left);
	else if (!s->left_counted)
		stream_count_retry(s, s->left);
	s->left = NULL;
}

void stream_next_try(struct stream *s)
{
	cnt_add(&s->srv->cnt, C_SESS, 1);
	cnt_rate(&s->srv->cnt, RATE_SESS);
	last_used(&s->srv->last_sess_s, (uint64_t)loop_wall().s);
	last_used(&s->bel->last_sess_s, (uint64_t)loop_wall().s);
}

static void slot_taken(struct stream *s, struct srv *srv)
{
	if (s->left)
		chosen_anew(s, srv);
	take_server(s, srv);
	s->flags |= ST_SLOT;
	s->t_assigned = loop_us();
	cnt_enter(&srv->cnt);
	stream_next_try(s);
}

/* The algorithm chose: not a cookie, and not whoever had a place for one that waited. */
static void count_choice(struct stream *s, struct srv *srv)
{
	cnt_add(&srv->cnt, C_LBTOT, 1);
	cnt_add(&s->bel->be, C_LBTOT, 1);
}

/* Out of the queue, however: what the log says about it. */
static void queue_left(struct stream *s, bool of_server, uint32_t pos)
{
	*(of_server ? &s->q_srv : &s->q_be) += pos;
	s->pend = NULL;
}

static void leave_queue(struct stream *s)
{
	bool of_server = s->pend->srv != NULL;

	queue_left(s, of_server, queue_cancel(s->pend));
	s->t_assigned = loop_us();
}

/* Away from the server that s was bound to, without having reached it. */
static void choose_another(struct stream *s)
{
	count_redispatch(s, s->srv);
	stream_avoid(s, s->srv);
	s->flags &= ~(ST_ASSIGNED | ST_DIRECT);
}

/* A slot came, or the server went away while we waited. */
static void queue_ready(void *arg, struct srv *granted)
{
	struct stream *s = arg;

	queue_left(s, s->pend->srv != NULL, s->pend->pos);
	s->dl_phase = 0;
	if (granted)
		slot_taken(s, granted);
	else
		choose_another(s);
	stream_run(s);
}

static enum step_result queue_full(struct stream *s, struct srv *srv)
{
	stream_term(s, TERM_SERVER, TERM_AT_QUEUE, TR_QUEUE_FULL);
	cnt_add(&s->bel->be, C_FAILED_CONN, 1);
	if (srv)
		cnt_add(&srv->cnt, C_FAILED_CONN, 1);
	return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
}

/* Waits for srv, or for any server when it is NULL. */
static enum step_result enqueue(struct stream *s, struct srv *srv)
{
	int64_t prio = queue_prio(s->o.prio_class, s->o.prio_offset);

	s->pend = queue_add(s->bel, srv, prio, s->flags & ST_FORCE_PERSIST, queue_ready, s);
	if (!s->pend) {
		/* Persistence is given up for a place elsewhere only where the file allows it. */
		if (!(s->flags & ST_DIRECT) || s->flags & ST_FORCE_PERSIST || !(s->be->options & PO_REDISPATCH))
			return queue_full(s, srv);
		choose_another(s);
		return MORE;
	}
	s->t_queue0 = loop_us();
	s->turnaround = false;	/* that is pause enough */
	stream_deadline(&s->dl_phase, stream_timeout(s->o.t_queue, s->be->t_queue ? s->be->t_queue : s->be->t_connect));
	return WAIT;
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

#define PICKS 3	/* between a choice and its slot others may be faster */

/* With a key there is one server, and its queue; else any that has room, and the backend's queue. */
static enum step_result balance(struct stream *s)
{
	const struct lb_row *algo = s->bel->lb_algo;
	uint32_t able = atom_get(&s->bel->nact), all = able ? able : atom_get(&s->bel->nbck);
	struct lb_req r = { .x = stream_x(s, s->be, X_REQ),
			    .src = stream_src(s),
			    .avoid = s->avoid,	/* as many as leave one: that which failed longest ago */
			    .navoid = s->avoid && all ? (int)MIN(STREAM_AVOID, all - 1) : 0 };

	if (s->be->direct) {
		srv_slot_take(s->be->direct->live);
		slot_taken(s, s->be->direct->live);
		return DONE;
	}
	if (!all)
		return no_server(s);
	/* As many wait as there are servers: none will have room. */
	if (!algo->key && able && atom_get(&s->bel->queued) >= able)
		return enqueue(s, NULL);
	for (int i = 0; i < PICKS; i++) {
		struct srv *srv = lb_pick(s->bel, &r);

		if (!srv)
			break;
		if (srv_slot_take(srv)) {
			count_choice(s, srv);
			slot_taken(s, srv);
			return DONE;
		}
		if (algo->key) {
			count_choice(s, srv);
			take_server(s, srv);
			return enqueue(s, srv);
		}
	}
	return enqueue(s, NULL);
}

static bool has_failed(const struct stream *s, const struct srv *srv)
{
	for (int i = 0; s->avoid && i < STREAM_AVOID; i++)
		if (s->avoid[i] == srv)
			return true;
	return false;
}

/* Where the client's last request went, unless the algorithm has a say in it: with option prefer-last-server, as long
 * as max-keep-alive-queue allows; and where its connection was authenticated, however many wait there. */
static struct srv *last_server(const struct stream *s)
{
	struct srv *srv = s->sess->last_srv;
	unsigned most = s->be->max_ka_queue;

	if (!srv || srv->px != s->bel || s->bel->lb_algo->key || !srv_usable(srv) || has_failed(s, srv))
		return NULL;
	if (s->sess->flags & SESS_KEEP_SRV)
		return srv;
	if (!(s->be->options & PO_PREFER_LAST))
		return NULL;
	if (srv_has_room(srv))
		return srv;
	if (most && atom_get(&srv->queued) + 1 >= most)
		return NULL;
	return srv->line->maxqueue && atom_get(&srv->queued) >= srv->line->maxqueue ? NULL : srv;
}

/* The server that was chosen: a slot of it, or a place in its queue. */
static enum step_result take_slot(struct stream *s, struct srv *srv)
{
	if (srv_slot_take(srv)) {
		slot_taken(s, srv);
		return DONE;
	}
	take_server(s, srv);
	return enqueue(s, srv);
}

enum step_result step_assign(struct stream *s)
{
	struct srv *last;

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
		return take_slot(s, s->srv);
	}
	last = last_server(s);
	return last ? take_slot(s, last) : balance(s);
}
