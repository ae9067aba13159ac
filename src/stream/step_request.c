/* The request goes to the server; its body follows while the answer is awaited. */
#include "weir/stream/stream.h"

#include <errno.h>

#include "stream_priv.h"

static enum step_result head_too_big(struct stream *s)
{
	stream_term(s, TERM_PROXY, TERM_AT_REQUEST, TR_REWRITE_FULL);
	stream_count_rewrites(s, 1);
	stream_count_internal(s);
	return stream_reply(s, 500, NULL);
}

static bool asks_tunnel(const struct msg *m)
{
	return m->method == METHOD_CONNECT || (m->flags & MSG_UPGRADE && m->body == BODY_NONE);
}

/* http-send-name-header: the server learns its own name; each try may be with another one. */
static void tell_name(struct stream *s)
{
	int i;

	if (!s->be->name_header.n)
		return;
	while ((i = msg_find(s->req, s->be->name_header, 0)) >= 0)
		msg_del_at(s->req, i);
	msg_add(s->req, s->be->name_header, s->srv->name);
}

/* The server is told when its connection will not be used again, unless it is to think otherwise. */
static void tell_close(struct stream *s)
{
	unsigned both = s->fe->options | s->be->options;

	if (both & (PO_HTTP_CLOSE | PO_SERVER_CLOSE) && !(s->be->options2 & PO2_PRETEND_KA) &&
	    !(s->req->flags & MSG_UPGRADE))
		s->back->flags |= GATE_CLOSE;
}

enum step_result step_request(struct stream *s)
{
	bool end;

	if (!(s->flags & ST_HTTP)) {
		stream_goto(s, STEP_tunnel);
		s->answer_held = stream_has_rules(s->be, offsetof(struct proxy, tcp_res));
		s->t_res_head = s->t_connected;
		if (stream_logs_early(s))
			stream_log(s, LOG_STEP_CONNECT);
		return DONE;
	}
	if (s->fe->log_steps)
		stream_log(s, LOG_STEP_CONNECT);
	tell_name(s);
	if (s->req->bytes > s->conf->global.tune.bufsize)
		return head_too_big(s);
	/* What follows a request to upgrade belongs to the tunnel: not a byte of it leaves before that is granted. */
	end = asks_tunnel(s->req) || (s->front->flags & IN_END && spanq_empty(&s->front->in) && !s->req->ntrailers);
	s->flags |= ST_REQ_SENT;
	s->req_ended = end;
	tell_close(s);
	s->back->ops->send_head(s->back, s->req, end);
	if (!end && !stream_pump(s, s->front, s->back, true))
		s->back->ops->flush(s->back, false);
	s->req_ended = s->back->flags & OUT_END;
	if (s->req_ended)
		s->dl_client = 0;
	else
		stream_deadline(&s->dl_client, s->o.t_client);
	stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
	return DONE;
}

/* The server's side broke before an answer. */
static enum step_result answer_cut(struct stream *s)
{
	struct gate *g = s->back;
	bool empty = g->wire_in == 0;

	if (g->bad_status) {
		srv_saw(s->srv, SEEN_GARBAGE);
		stream_keep_bad_answer(s);
		return stream_server_failed(s, RETRY_JUNK, 502, TERM_PROXY, TERM_AT_HEADERS, TR_BAD_RESPONSE);
	}
	/* A pooled connection that the server had closed: nobody is to blame, nothing was answered. */
	if (g->flags & GATE_REUSED && empty && (!g->reset_code || g->flags & GATE_REFUSED) &&
	    !(s->flags & ST_REPLAY_LOST) &&
	    (!(g->flags & GATE_SRV_SAW) || g->flags & GATE_REFUSED || s->req->method == METHOD_GET ||
	     s->req->method == METHOD_HEAD || s->req->method == METHOD_OPTIONS || s->req->method == METHOD_TRACE ||
	     s->req->method == METHOD_PUT || s->req->method == METHOD_DELETE))
		return stream_retry_silently(s);
	/* It said itself that it did not begin: another connection may. */
	if (g->flags & GATE_REFUSED && stream_may_retry(s, RETRY_CONN_FAILURE)) {
		s->flags |= ST_NEW_CONN;
		return stream_try_again(s, false);
	}
	srv_saw(s->srv, g->conn && g->conn->os_errno == ECONNRESET ? SEEN_RESET : SEEN_CLOSE);
	return stream_server_failed(s, empty ? RETRY_EMPTY : RETRY_JUNK, 502, TERM_SERVER, TERM_AT_HEADERS,
				    TR_SERVER_CLOSED_BEFORE_HEADERS);
}

static enum step_result client_left(struct stream *s)
{
	s->front->flags |= GATE_CLOSE;
	if (s->front->bad_status) {
		stream_term(s, TERM_PROXY, TERM_AT_HEADERS, TR_BAD_REQUEST);
		cnt_add(&s->sess->fel->fe, C_FAILED_REQ, 1);
		return stream_reply(s, s->front->bad_status, NULL);
	}
	stream_term(s, TERM_CLIENT, s->front->flags & IN_END ? TERM_AT_HEADERS : TERM_AT_DATA, TR_CLIENT_ABORT);
	cnt_add(&s->bel->be, C_CLI_ABORT, 1);
	cnt_add(&s->sess->fel->fe, C_CLI_ABORT, 1);
	cnt_add(&s->srv->cnt, C_CLI_ABORT, 1);
	/* Whoever left in the middle of its own request does not wait for an answer. */
	if (!(s->front->flags & IN_END))
		return stream_close(s);
	return stream_reply(s, 400, NULL);
}

static enum step_result body_too_slow(struct stream *s)
{
	stream_term(s, TERM_CLI_TO, TERM_AT_DATA, TR_CLIENT_TIMEOUT);
	s->front->flags |= GATE_CLOSE;
	return stream_reply(s, 408, NULL);
}

static bool retry_status(const struct stream *s, int status)
{
	static const struct { int status; enum retry_on bit;
	} rows[] = {
		{ 401, RETRY_401 }, { 403, RETRY_403 }, { 404, RETRY_404 }, { 408, RETRY_408 },
		{ 425, RETRY_425 }, { 429, RETRY_429 }, { 500, RETRY_500 }, { 501, RETRY_501 },
		{ 502, RETRY_502 }, { 503, RETRY_503 }, { 504, RETRY_504 },
	};

	if (!s->be->retry_on)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return stream_may_retry(s, rows[i].bit);
	return false;
}

static bool is_failure(const struct stream *s, int status)
{
	return status < 600 && s->conf->global.fail_codes[status / 8] & 1 << status % 8;
}

static void head_came(struct stream *s)
{
	s->res = s->back->in_msg;
	s->t_res_head = loop_us();
	s->status = s->res->status;
	if (s->res->flags & MSG_NTLM)
		s->sess->flags |= SESS_KEEP_SRV;
	srv_saw(s->srv, is_failure(s, s->status) ? SEEN_FAILURE : SEEN_ANSWER);
	stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
}

enum step_result step_answer(struct stream *s)
{
	struct gate *g = s->back;

	if (!s->req_ended && stream_pump(s, s->front, g, true)) {
		s->req_ended = g->flags & OUT_END;
		stream_deadline(&s->dl_client, s->req_ended ? 0 : s->o.t_client);
		if (!(s->be->options2 & PO2_INDEPENDENT))
			stream_deadline(&s->dl_server, stream_timeout(s->o.t_server, s->be->t_server));
	}
	if (g->flags & IN_HEAD) {
		head_came(s);
		if (retry_status(s, s->res->status))
			return stream_try_again(s, true);
		stream_count_answer(s);
		stream_show_answer(s);
		return DONE;
	}
	if (g->flags & (IN_ABORT | OUT_ABORT))
		return answer_cut(s);
	if (s->flags & ST_KILLED)
		return stream_killed(s, TERM_AT_HEADERS);
	if (stream_client_gone(s))
		return client_left(s);
	if (!s->req_ended && stream_passed(s->dl_client))
		return body_too_slow(s);
	if (stream_passed(s->dl_server)) {
		srv_saw(s->srv, SEEN_LATE);
		return stream_server_failed(s, RETRY_TIMEOUT, 504, TERM_SRV_TO, TERM_AT_HEADERS, TR_SERVER_TIMEOUT);
	}
	return WAIT;
}
