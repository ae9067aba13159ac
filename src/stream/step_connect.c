/* A connection to the chosen server: a pooled one that fits, or a new one; retries and redispatch when that fails. */
#include "weir/stream/stream.h"
#include "weir/base/hash.h"
#include "weir/stream/outgoing.h"
#include "stream_priv.h"

#define PATIENCE_MS 500		/* for a connection that others are opening and that may be for one exchange only */
#define HALF_OPEN_MS 100	/* for a client that ended its side before there was a connection */
#define DESCRIPTOR_MS 100	/* until the first in line looks for a descriptor by itself, */
#define DESCRIPTOR_MS_OTHERS 1000 /* until the others do, */
#define DESCRIPTOR_MS_MAX 5000	/* and for how long, without timeout connect */

/* --- giving back --- */

/* The server is no longer busy with s: its slot is another's, its counters go down. */
static void leave_server(struct stream *s)
{
	if (!(s->flags & ST_SLOT))
		return;
	s->flags &= ~ST_SLOT;
	cnt_leave(&s->srv->cnt);
	srv_slot_release(s->srv);
}

/* A push that nobody took. */
static void drop_promise(struct stream *s)
{
	struct gate *g = s->front->pushed;

	if (!g)
		return;
	s->front->pushed = NULL;
	g->ops->reset(g, 7);	/* REFUSED_STREAM */
	g->ops->release(g);
}

/* For log lines that tell them. */
static const struct addr *kept(struct arena *mem, const struct addr *a)
{
	struct addr *c = a ? arena_new(mem, struct addr) : NULL;

	if (c)
		*c = *a;
	return c;
}

static void leave_connection(struct stream *s)
{
	stream_splice_end(s);
	if (s->back) {
		struct gate *g = s->back;

		if (s->fe->log_asks_server && g->conn)
			s->was_src = kept(s->mem, conn_src(g->conn)), s->was_dst = kept(s->mem, conn_dst(g->conn));
		s->log_bytes_in += g->wire_in;
		s->log_bytes_out += g->wire_out;
		s->back = NULL;
		g->ops->release(g);
	} else if (s->bconn) {
		bconn_abandon(s->bconn);
	}
	s->bconn = NULL;
}

static void leave_place(struct stream *s)
{
	if (s->guest)
		bconn_leave(s->guest);
	s->guest = NULL;
	if (s->fd_wait)
		fd_wait_cancel(s->fd_wait);
	s->fd_wait = NULL;
	if (s->conn_wait)
		conn_wait_cancel(s->conn_wait);
	if (s->conn_place)
		srv_conn_put(s->srv);
	s->conn_wait = NULL;
	s->conn_place = false;
}

void stream_drop_server(struct stream *s)
{
	if (s->pend) {
		queue_cancel(s->pend);
		s->pend = NULL;
	}
	leave_place(s);
	leave_connection(s);
	leave_server(s);
	drop_promise(s);
}

void stream_free_server(struct stream *s)
{
	if (s->fe->log_asks_server)
		leave_server(s);
	else
		stream_drop_server(s);
}

/* --- failing --- */

bool stream_may_retry(const struct stream *s, enum retry_on kind)
{
	uint32_t on = s->be->retry_on ? s->be->retry_on : RETRY_CONN_FAILURE;
	int limit = s->o.retries >= 0 ? s->o.retries : (int)s->be->retries;

	if (s->retries_done >= limit || s->flags & ST_RES_STARTED || s->front->flags & (IN_ABORT | OUT_ABORT))
		return false;
	if (kind == RETRY_CONN_FAILURE)
		return on & kind && !(s->flags & ST_REPLAY_LOST);
	return on & kind && !(s->flags & (ST_REPLAY_LOST | ST_NO_L7_RETRY)) && s->flags & ST_HTTP;
}

/* Puts the request back to where it was before it was sent. */
static void rewind_request(struct stream *s)
{
	struct spanq rest;

	s->flags &= ~ST_REQ_SENT;
	if (s->flags & ST_SERVER_100)
		s->flags |= ST_CONTINUED;
	s->res = NULL;
	if (!s->replay)
		return;
	spanq_init(&rest);
	spanq_move(&rest, &s->front->in, s->front->in.bytes);
	s->rewound += s->replay->bytes;	/* the peer has its window for them already */
	spanq_move(&s->front->in, s->replay, s->replay->bytes);
	spanq_move(&s->front->in, &rest, rest.bytes);
	spanq_fini(&rest);
}

/* Whether this try, the retries_done-th, leaves for another server (option redispatch): every n-th one does, or the
 * last but n; and each one where it does not matter which server it is. */
static bool redispatch_now(const struct stream *s)
{
	int limit = s->o.retries >= 0 ? s->o.retries : (int)s->be->retries;
	int every = s->be->redispatch_after;

	if (!(s->be->options & PO_REDISPATCH) || s->flags & ST_FORCE_PERSIST)
		return false;
	if (every < 0)
		every += limit + 1;
	if (!srv_usable(s->srv) || (every > 0 && s->retries_done % every == 0))
		return true;
	return !(s->flags & ST_DIRECT) && atom_get(&s->bel->nact) > 1 && !s->bel->lb_algo->key;
}

/* Whoever failed is not asked again as long as there are others. */
void stream_avoid(struct stream *s, const struct srv *was)
{
	if (!s->avoid)
		s->avoid = arena_array(s->mem, const struct srv *, STREAM_AVOID);
	memmove(s->avoid + 1, s->avoid, (STREAM_AVOID - 1) * sizeof(s->avoid[0]));
	s->avoid[0] = was;
}

/* The same server again: not at once, it would only refuse again. */
static void pause_a_moment(struct stream *s)
{
	unsigned t = stream_timeout(s->o.t_connect, s->be->t_connect);

	stream_deadline(&s->dl_phase, t && t < 1000 ? t : 1000);
	s->turnaround = true;
}

enum step_result stream_try_again(struct stream *s, bool sent)
{
	struct srv *was = s->srv;
	bool other, keep;

	s->retries_done++;
	other = redispatch_now(s);
	keep = !other && srv_usable(was);
	if (keep) {	/* its slot is still ours */
		leave_place(s);
		leave_connection(s);
		stream_next_try(s);
	} else {
		stream_drop_server(s);
		s->left = was;
		s->left_counted = sent || !other;
	}
	rewind_request(s);
	stream_goto(s, STEP_assign);
	if (sent || !other)
		stream_count_retry(s, was);
	if (other) {
		if (!s->t_queue0)	/* until now it waited for a server */
			s->t_queue0 = s->t_assigned;
		s->t_connect0 = 0;
		s->flags &= ~(ST_ASSIGNED | ST_DIRECT);
		stream_avoid(s, was);
	}
	if (srv_usable(was) && atom_get(&s->bel->nact) <= 1)
		other = false;	/* who was chosen anew will be the same */
	if (!other && s->last_cerr && s->last_cerr != CERR_TIMEOUT && !s->not_begun)
		pause_a_moment(s);
	return DONE;
}

enum step_result stream_server_failed(struct stream *s, enum retry_on kind, int status, enum term_who who,
				      enum term_when when, enum term_reason r)
{
	if (stream_may_retry(s, kind))
		return stream_try_again(s, kind != RETRY_CONN_FAILURE);
	stream_term(s, who, when, r);
	if (kind == RETRY_CONN_FAILURE)
		cnt_add(&s->bel->be, C_FAILED_CONN, 1), cnt_add(&s->srv->cnt, C_FAILED_CONN, 1);
	else
		cnt_add(&s->bel->be, C_FAILED_RES, 1), cnt_add(&s->srv->cnt, C_FAILED_RES, 1);
	if (!(s->flags & ST_HTTP))
		return stream_close(s);
	return stream_reply(s, status, NULL);
}

/* A pooled connection that turned out dead before answering: once more on a new one to the same server, whose slot is
 * still ours, without counting a retry. */
enum step_result stream_retry_silently(struct stream *s)
{
	s->flags |= ST_NEW_CONN;
	leave_connection(s);
	rewind_request(s);
	stream_goto(s, STEP_assign);
	return DONE;
}

/* --- connecting --- */

static enum step_result gate_open(struct stream *s, struct bconn *b)
{
	s->bconn = b;
	s->was_src = s->was_dst = NULL;
	bconn_set_session(b, s->sess, &s->sess->priv_conns);
	s->back = bconn_open_gate(b, s->mem, &stream_back_gate, s);
	if (!s->back) {	/* it has gone between the choice and here */
		bool fresh = !b->served;

		s->bconn = NULL;
		bconn_discard(b);
		s->dl_phase = 0;
		if (fresh)
			return stream_server_failed(s, RETRY_EMPTY, 502, TERM_SERVER, TERM_AT_HEADERS,
						    TR_SERVER_CLOSED_BEFORE_HEADERS);
		s->flags |= ST_NEW_CONN;
		return MORE;
	}
	s->back->flags |= GATE_BACK;
	s->back->in_max = s->front->out_max;	/* what the client cannot take is not read ahead either */
	s->t_connected = loop_us();
	s->last_cerr = CERR_NONE;
	srv_saw(s->srv, SEEN_CONNECTED);
	s->dl_phase = 0;
	if (s->back->flags & GATE_REUSED) {
		s->flags |= ST_CONN_REUSED;
		cnt_add(&s->bel->be, C_REUSE, 1);
		cnt_add(&s->srv->cnt, C_REUSE, 1);
	}
	return DONE;
}

static void on_open(struct bconn *b, void *arg)
{
	struct stream *s = arg;

	WASSERT(s->bconn == b);
	s->conn_ready = true;
	stream_run(s);
}

static void on_fail(struct bconn *b, void *arg)
{
	struct stream *s = arg;

	s->last_cerr = b->conn->err ? b->conn->err : CERR_SOCK;
	s->bconn = NULL;
	s->conn_failed = true;
	stream_run(s);
}

static const struct bconn_user stream_bconn_user = { .open = on_open, .fail = on_fail };

static enum term_reason connect_reason(uint8_t err)
{
	return err == CERR_REFUSED ? TR_CONNECT_REFUSED : err == CERR_TIMEOUT ? TR_CONNECT_TIMEOUT : TR_CONNECT_ERROR;
}

static enum step_result client_left(struct stream *s)
{
	stream_term(s, TERM_CLIENT, TERM_AT_CONNECT, TR_CLIENT_ABORT);
	cnt_add(&s->bel->be, C_CLI_ABORT, 1);
	stream_drop_server(s);
	return stream_close(s);
}

static enum step_result connect_failed(struct stream *s)
{
	bool late = s->last_cerr == CERR_TIMEOUT;

	s->conn_failed = false;
	s->dl_phase = 0;
	srv_saw(s->srv, SEEN_NOT_CONNECTED);
	if (s->flags & ST_HTTP && s->front->flags & IN_ABORT)	/* went in the middle of its body: nothing to try for */
		return client_left(s);
	return stream_server_failed(s, RETRY_CONN_FAILURE, 503, late ? TERM_SRV_TO : TERM_SERVER, TERM_AT_CONNECT,
				    connect_reason(s->last_cerr));
}

static bool request_replayable(const struct stream *s)
{
	if (!(s->flags & ST_HTTP))
		return false;
	return s->front->flags & IN_END && spanq_empty(&s->front->in);
}

/* May it go before the handshake with the server is done? The client took that risk itself, or the file says that it
 * can be taken (and the method does nothing when it is done twice, RFC 8470 section 3). */
static bool request_early(const struct stream *s)
{
	if (!(s->flags & ST_HTTP) || s->retries_done)
		return false;
	if (s->sess->conn->flags & CONN_EARLY)
		return true;
	return s->be->retry_on & RETRY_0RTT && request_replayable(s) &&
	       (s->req->method == METHOD_GET || s->req->method == METHOD_HEAD || s->req->method == METHOD_OPTIONS);
}

/* Neither the server's fault nor the request's: somebody will give one back. */
static bool no_descriptor(enum conn_err err)
{
	return err == CERR_NO_FD || err == CERR_NO_SYS_FD;
}

static void fd_ready(void *arg)
{
	struct stream *s = arg;

	s->fd_wait = NULL;
	s->dl_phase = 0;
	stream_run(s);
}

static bool wait_for_descriptor(struct stream *s)
{
	uint64_t waited = (loop_us() - s->t_connect0) / 1000;
	unsigned most = stream_timeout(s->o.t_connect, s->be->t_connect);

	if (waited >= (most ? most : DESCRIPTOR_MS_MAX))
		return false;
	stream_deadline(&s->dl_phase, bconn_spare_one(s->bel) ? 1 :
				      fd_wait_nobody(s->srv)  ? DESCRIPTOR_MS :
								DESCRIPTOR_MS_OTHERS);
	s->fd_wait = fd_wait_add(s->srv, fd_ready, s);
	return true;
}

/* No server has refused anything: there is no reason to wait before the next try. */
static enum step_result not_begun(struct stream *s, const struct bconn_req *r, enum conn_err err)
{
	enum step_result result;

	if (err == CERR_BIND || err == CERR_PORT_RANGE)
		log_event(&s->be->logs, &s->be->conf->global.logs, LOGL_EMERG,
			  "Cannot bind to %ssource address before connect() for backend " STR_FMT ".",
			  r->transparent ? "tproxy " : "", STR_ARG(s->be->name));
	s->last_cerr = (uint8_t)err;
	s->not_begun = true;
	result = connect_failed(s);
	s->not_begun = false;
	return result;
}

static enum step_result connect_new(struct stream *s, struct bconn_req *r)
{
	enum conn_err err = CERR_SOCK;

	if (!s->t_connect0)
		s->t_connect0 = loop_us();
	s->conn_ready = s->conn_failed = false;
	r->counted = s->conn_place;
	s->conn_place = false;
	s->bconn = bconn_connect(r, &stream_bconn_user, s, &err);
	cnt_add(&s->bel->be, C_CONNECT, 1);
	cnt_add(&s->srv->cnt, C_CONNECT, 1);
	if (!s->bconn && no_descriptor(err) && wait_for_descriptor(s))
		return WAIT;
	if (!s->bconn)
		return not_begun(s, r, err);
	stream_deadline(&s->dl_phase, stream_timeout(s->o.t_connect, s->be->t_connect));
	bconn_start(s->bconn);
	return s->conn_ready || s->conn_failed ? MORE : WAIT;
}

/* --- waiting for a connection that another stream opens --- */

static struct stream *guest_called(void *arg)
{
	struct stream *s = arg;

	OBJ_CHECK(s, STREAM_MAGIC);
	s->guest = NULL;
	return s;
}

static void guest_open(void *arg)
{
	struct stream *s = guest_called(arg);

	s->dl_phase = 0;
	stream_run(s);
}

static void guest_fail(void *arg, enum conn_err err)
{
	struct stream *s = guest_called(arg);

	s->last_cerr = (uint8_t)err;
	s->conn_failed = true;
	stream_run(s);
}

static const struct bconn_user *guest_take(struct bconn *b, void *arg)
{
	struct stream *s = guest_called(arg);

	s->bconn = b;
	s->conn_ready = s->conn_failed = false;
	bconn_set_session(b, s->sess, &s->sess->priv_conns);
	return &stream_bconn_user;
}

static bool join(struct stream *s, const struct bconn_req *r)
{
	static const struct bconn_guest_user user = { .open = guest_open, .fail = guest_fail, .take = guest_take };
	struct bconn_guest *g;

	if (s->was_guest || s->conn_place)
		return false;
	g = arena_new(s->mem, struct bconn_guest);
	list_init(&g->link);
	g->user = &user;
	g->arg = s;
	if (!bconn_join(r, g))
		return false;
	s->guest = g;
	s->was_guest = true;
	if (!s->t_connect0)
		s->t_connect0 = loop_us();
	stream_deadline(&s->dl_phase, g->briefly ? PATIENCE_MS : stream_timeout(s->o.t_connect, s->be->t_connect));
	return true;
}

static void place_ready(void *arg)
{
	struct stream *s = arg;

	s->conn_wait = NULL;
	s->conn_place = true;
	stream_run(s);
}

/* strict-maxconn: true when there may be one more connection; else s waits for it. */
static bool take_place(struct stream *s)
{
	if (!(s->line->flags & SRV_STRICT_MAXCONN) || s->conn_place)
		return true;
	s->conn_place = srv_conn_take(s->srv);
	if (s->conn_place)
		return true;
	s->conn_wait = conn_wait_add(s->srv, place_ready, s);
	stream_deadline(&s->dl_phase, stream_timeout(s->o.t_connect, s->be->t_connect));
	return false;
}

/* Plain bytes: a client that ended its side at once, without a word, may want to hear what the server has to say. One
 * that is near is given the time to be there. */
static bool stays_to_hear(struct stream *s)
{
	uint64_t waited = (loop_us() - s->t_connect0) / 1000;

	if ((s->front->flags & (GATE_RAW | IN_END | IN_ABORT | OUT_ABORT)) != (GATE_RAW | IN_END) ||
	    s->be->options & PO_ABORTONCLOSE || !s->bconn || waited >= HALF_OPEN_MS || stream_passed(s->dl_phase))
		return false;
	stream_deadline(&s->dl_phase, (unsigned)(HALF_OPEN_MS - waited));
	return true;
}

/* For a new connection, or for a place where it may be. */
static enum step_result connecting(struct stream *s)
{
	if (s->conn_ready) {
		s->conn_ready = false;
		return gate_open(s, s->bconn);
	}
	if (stream_client_gone(s))
		return stays_to_hear(s) ? WAIT : client_left(s);
	if (!stream_passed(s->dl_phase))
		return WAIT;
	if (s->fd_wait || (s->guest && s->guest->briefly)) {
		leave_place(s);
		s->dl_phase = 0;
		return MORE;
	}
	s->last_cerr = CERR_TIMEOUT;
	if (s->bconn)
		bconn_abandon(s->bconn);
	s->bconn = NULL;
	leave_place(s);
	return connect_failed(s);
}

/* The promise passed all rules: the client hears of it, and the server's answer is waited for. */
static enum step_result take_promise(struct stream *s)
{
	struct gate *g = s->front->pushed;

	if (!s->front->ops->promise(s->front)) {
		stream_term(s, TERM_CLIENT, TERM_AT_REQUEST, TR_CLIENT_ABORT);
		return stream_close(s);
	}
	s->front->pushed = NULL;
	s->back = g;
	s->bconn = g->conn->owner;
	g->user = &stream_back_gate;
	g->arg = s;
	g->in_max = s->front->out_max;
	s->t_assigned = s->t_connected = loop_us();
	s->flags |= ST_REQ_SENT | ST_REPLAY_LOST | ST_NO_L7_RETRY | ST_CONN_REUSED;
	s->req_ended = true;
	stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
	stream_goto(s, STEP_answer);
	return DONE;
}

/* `redir` of the server line: who only wants to have something fetches it there. */
static bool goes_elsewhere(const struct stream *s)
{
	return s->line->redir.n && s->flags & ST_HTTP &&
	       (s->req->method == METHOD_GET || s->req->method == METHOD_HEAD);
}

static enum step_result send_elsewhere(struct stream *s)
{
	struct str prefix = str_eqz(s->line->redir, "/") ? STR_NONE : s->line->redir;
	struct str path = s->req->path.n ? s->req->path : STR("/");

	stream_term(s, TERM_LOCAL, TERM_AT_CONNECT, TR_REDIRECT);
	return stream_reply(s, 302, reply_redirect(s->mem, 302, arena_printf(s->mem, "%.*s%.*s", STR_ARG(prefix),
									       STR_ARG(path))));
}

/* What the file asks for cannot be made for this request. */
static enum step_result no_way(struct stream *s)
{
	stream_count_internal(s);
	stream_term(s, TERM_INTERNAL, TERM_AT_CONNECT, TR_INTERNAL);
	return s->flags & ST_HTTP ? stream_reply(s, 500, NULL) : stream_close(s);
}

enum step_result step_connect(struct stream *s)
{
	struct bconn_req r = { 0 };
	struct bconn *b;

	if (s->front->pushed)
		return take_promise(s);

	if (s->conn_failed)
		return connect_failed(s);
	if (s->flags & ST_KILLED)
		return stream_killed(s, TERM_AT_CONNECT);
	if (s->bconn || s->conn_wait || s->guest || s->fd_wait)
		return connecting(s);
	if (s->turnaround) {
		if (!stream_passed(s->dl_phase) && !stream_client_gone(s))
			return WAIT;
		s->turnaround = false;
		s->dl_phase = 0;
	}
	if (goes_elsewhere(s))
		return send_elsewhere(s);
	if (!outgoing_fill(s, &r))
		return no_way(s);
	r.first_req = s->front->flags & GATE_FIRST;
	r.replayable = request_replayable(s);
	r.early = request_early(s);
	r.want_new = s->flags & ST_NEW_CONN || !(s->flags & ST_HTTP);
	b = bconn_reuse(&r);
	if (b) {
		leave_place(s);
		return gate_open(s, b);
	}
	r.hopeful = outgoing_hopeful(s, &r);
	if (join(s, &r))
		return WAIT;
	return take_place(s) ? connect_new(s, &r) : WAIT;
}
