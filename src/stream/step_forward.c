/* Bodies flow in both directions until the answer is complete and with the client; or bytes, until both sides end. */
#include "weir/stream/stream.h"
#include "stream_priv.h"

static void count_abort(struct stream *s, enum cnt which)
{
	cnt_add(&s->bel->be, which, 1);
	cnt_add(&s->sess->fel->fe, which, 1);
	if (s->srv)
		cnt_add(&s->srv->cnt, which, 1);
}

static void count_cut(struct stream *s, enum term_who who)
{
	if (who == TERM_CLIENT || who == TERM_CLI_TO)
		count_abort(s, C_CLI_ABORT);
	if (who == TERM_SERVER || who == TERM_SRV_TO)
		count_abort(s, C_SRV_ABORT);
	if (who == TERM_SERVER || who == TERM_PROXY)
		count_abort(s, C_FAILED_RES);
}

/* The answer cannot be completed: the client must see a cut, never a clean end. */
static enum step_result cut(struct stream *s, enum term_who who, enum term_reason r)
{
	stream_term(s, who, TERM_AT_DATA, r);
	count_cut(s, who);
	if (s->back && s->back->reset_code && !(s->front->flags & OUT_END))
		s->front->ops->reset(s->front, s->back->reset_code);
	return stream_close(s);
}

/* The answer is complete here: the server is free while a slow client still reads. */
static void release_early(struct stream *s)
{
	if (!s->back || !(s->back->flags & IN_END) || !stream_answer_moved(s))
		return;
	s->t_data_end = loop_us();
	if (!s->req_ended && !(s->back->flags & OUT_END))
		s->front->flags |= GATE_CLOSE;	/* an early answer: the rest of the request is of no use */
	s->dl_server = 0;
	stream_free_server(s);
}

enum step_result step_forward(struct stream *s)
{
	struct gate *f = s->front;

	if (s->back) {
		if (!s->req_ended && stream_pump(s, f, s->back, true))
			s->req_ended = s->back->flags & OUT_END;
		stream_pump(s, s->back, f, false);
		if (s->back->flags & IN_ABORT && stream_answer_moved(s))
			return cut(s, s->back->bad_status ? TERM_PROXY : TERM_SERVER, TR_SERVER_CLOSED_IN_BODY);
		release_early(s);
	}
	if (f->flags & OUT_DONE)
		return stream_goto(s, STEP_finish), DONE;
	if (f->flags & (OUT_ABORT | IN_ABORT))
		return cut(s, TERM_CLIENT, TR_CLIENT_ABORT);
	if (s->flags & ST_KILLED)
		return cut(s, s->kill_who, TR_KILLED);
	if (!spanq_empty(&f->out) || f->flags & OUT_END || stream_in_pipe(s, false)) {
		if (!s->dl_client)
			stream_deadline(&s->dl_client, s->o.t_client);
		if (stream_passed(s->dl_client))
			return cut(s, TERM_CLI_TO, TR_CLIENT_TIMEOUT);
		if (s->back && stream_passed(s->dl_server))
			stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
		return WAIT;
	}
	if (s->req_ended)
		s->dl_client = 0;
	if (s->back && stream_passed(s->dl_server))
		return cut(s, TERM_SRV_TO, TR_SERVER_TIMEOUT);
	return WAIT;
}

/* --- tunnel --- */

/* The side whose silence is looked at: one that could be read, or is to take what is there for it. */
static bool client_due(const struct stream *s)
{
	return spanq_empty(&s->back->out) || !spanq_empty(&s->front->out);
}

static bool server_due(const struct stream *s)
{
	return (spanq_empty(&s->front->out) && !stream_in_pipe(s, false)) || !spanq_empty(&s->back->out);
}

/* What bounds silence in a tunnel that is open on both sides, and whom to blame for it. */
static unsigned open_timeout(const struct stream *s, enum term_who *who)
{
	unsigned srv = stream_timeout(s->o.t_server, s->be->t_server), cli = s->o.t_client;
	unsigned t = stream_timeout(s->o.t_tunnel, s->be->t_tunnel);

	*who = TERM_CLI_TO;
	if (t)
		return t;
	if (!client_due(s))
		cli = 0;
	if (!server_due(s))
		srv = 0;
	if (srv && (!cli || srv < cli)) {
		*who = TERM_SRV_TO;
		return srv;
	}
	return cli;
}

/* One side has ended: the one that still talks has its own time, or that of half-closed connections. */
static unsigned half_timeout(const struct stream *s, enum term_who *who)
{
	bool client_talks = !(s->front->flags & IN_END);
	unsigned fin = client_talks ? stream_timeout(s->o.t_client_fin, s->fe->t_client_fin)
				    : stream_timeout(s->o.t_server_fin, s->be->t_server_fin);
	unsigned t = stream_timeout(s->o.t_tunnel, s->be->t_tunnel);

	*who = client_talks ? TERM_CLI_TO : TERM_SRV_TO;
	if (fin)
		return fin;
	if (t)
		return t;
	return client_talks ? s->o.t_client : stream_timeout(s->o.t_server, s->be->t_server);
}

static unsigned tunnel_timeout(const struct stream *s, enum term_who *who)
{
	return (s->front->flags | s->back->flags) & IN_END ? half_timeout(s, who) : open_timeout(s, who);
}

/* option independent-streams: what is sent to a side says nothing about whether it still talks. */
static void listen_alone(struct stream *s, bool heard_client, bool heard_server)
{
	unsigned t = stream_timeout(s->o.t_tunnel, s->be->t_tunnel);
	bool cli = s->fe->options2 & PO2_INDEPENDENT && !(s->front->flags & IN_END);
	bool srv = s->be->options2 & PO2_INDEPENDENT && !(s->back->flags & IN_END);

	if (!cli)
		s->dl_client = 0;
	else if (heard_client || !s->dl_client || !client_due(s))
		stream_deadline(&s->dl_client, t ? t : s->o.t_client);
	if (!srv)
		s->dl_server = 0;
	else if (heard_server || !s->dl_server || !server_due(s))
		stream_deadline(&s->dl_server, t ? t : stream_timeout(s->o.t_server, s->be->t_server));
}

static bool tunnel_is_late(const struct stream *s, enum term_who *who)
{
	tunnel_timeout(s, who);
	if (stream_passed(s->dl_server))
		*who = TERM_SRV_TO;
	else if (stream_passed(s->dl_client))
		*who = TERM_CLI_TO;
	else
		return stream_passed(s->dl_phase);
	return true;
}

static enum step_result tunnel_over(struct stream *s)
{
	s->t_data_end = loop_us();
	stream_free_server(s);
	stream_goto(s, STEP_finish);
	return DONE;
}

/* tcp-response content: rules may wait for bytes of the server until inspect-delay is over, the buffer is full or
 * nothing comes. */
static enum step_result run_answer_rules(struct stream *s)
{
	struct xctx *x = stream_x(s, s->be, X_RES);
	enum act_result r;

	if (!s->rule_deadline)
		s->rule_deadline = loop_ms() + s->be->t_inspect_res;
	x->final = x->res_full || loop_ms() >= s->rule_deadline;
	r = stream_rules(s, s->be, offsetof(struct proxy, tcp_res), X_RES);
	s->x.final = false;
	if (r == ACT_WAIT)
		return WAIT;
	s->rule_deadline = 0;
	s->answer_held = false;
	return stream_rules_end(s, r, X_RES);
}

/* A rule wants to be rid of the server: the client gets what had come. */
static enum step_result drop_server(struct stream *s)
{
	struct gate *f = s->front;

	spanq_move(&f->out, &s->back->in, s->back->in.bytes);
	f->ops->end(f, NULL, 0);
	stream_free_server(s);
	s->dl_phase = s->dl_server = 0;
	stream_deadline(&s->dl_client, s->o.t_client);
	return MORE;
}

static enum step_result without_server(struct stream *s)
{
	struct gate *f = s->front;

	if (f->flags & OUT_DONE)
		return tunnel_over(s);
	if (f->flags & (IN_ABORT | OUT_ABORT))
		return cut(s, TERM_CLIENT, TR_CLIENT_ABORT);
	return stream_passed(s->dl_client) ? cut(s, TERM_CLI_TO, TR_CLIENT_TIMEOUT) : WAIT;
}

/* The server ended and did not want what the client still said. */
static bool refused_more(const struct gate *f, const struct gate *b)
{
	return (b->flags & (OUT_DONE | OUT_ABORT)) == OUT_ABORT && !(f->flags & (IN_END | IN_ABORT | OUT_ABORT));
}

enum step_result step_tunnel(struct stream *s)
{
	struct gate *f = s->front, *b = s->back;
	enum term_who who;
	bool up, down;

	if (s->answer_held) {
		enum step_result r = run_answer_rules(s);

		if (r != WAIT && (r != DONE || s->next_step != STEP_COUNT))
			return r;
		if (s->drops_server)
			return drop_server(s);
	}
	if (!b)
		return without_server(s);
	up = stream_pump(s, f, b, true);
	down = !s->answer_held && stream_pump(s, b, f, false);
	if (up || down || !s->dl_phase || s->dl_client || s->dl_server)
		listen_alone(s, up || !s->dl_phase, down || !s->dl_phase);
	if (up || down || !s->dl_phase)
		stream_deadline(&s->dl_phase, tunnel_timeout(s, &who));
	if (f->flags & OUT_DONE && b->flags & (OUT_DONE | OUT_ABORT))
		return refused_more(f, b) ? cut(s, TERM_SERVER, TR_SERVER_CLOSED_IN_BODY) : tunnel_over(s);
	if (f->flags & (IN_ABORT | OUT_ABORT)) {
		if (b->flags & GATE_RAW && !(f->flags & IN_END))
			b->ops->reset(b, 0);	/* the server learns that it was not all */
		return cut(s, TERM_CLIENT, TR_CLIENT_ABORT);
	}
	if (b->flags & IN_ABORT && stream_answer_moved(s))
		return cut(s, TERM_SERVER, TR_SERVER_CLOSED_IN_BODY);
	if (s->flags & ST_KILLED)
		return cut(s, s->kill_who, TR_KILLED);
	return tunnel_is_late(s, &who) ? cut(s, who, TR_TUNNEL_TIMEOUT) : WAIT;
}
