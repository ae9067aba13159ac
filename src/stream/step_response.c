/* The answer's head: rules of the backend, then of the frontend, what persistence adds, then on to the client. */
#include "weir/stream/stream.h"
#include "weir/stream/persist.h"
#include "stream_priv.h"

static enum act_result res_ruleset(struct stream *s, size_t off)
{
	enum act_result r = ACT_NEXT;

	if (!s->res_fe_turn) {
		r = stream_rules(s, s->be, off, X_RES);
		if (r != ACT_NEXT)
			return r;
		s->res_fe_turn = true;
	}
	if (s->fe != s->be)
		r = stream_rules(s, s->fe, off, X_RES);
	if (r != ACT_WAIT)
		s->res_fe_turn = false;
	return r;
}

static enum step_result run_tcp_response(struct stream *s)
{
	enum act_result r;

	if (!stream_has_rules(s->be, offsetof(struct proxy, tcp_res)))
		return DONE;
	stream_x(s, s->be, X_RES)->final = true;
	r = stream_rules(s, s->be, offsetof(struct proxy, tcp_res), X_RES);
	s->x.final = false;
	return stream_rules_end(s, r, X_RES);
}

static enum cnt class_of(int status)
{
	int klass = status / 100;

	return klass >= 1 && klass <= 5 ? (enum cnt)(C_RSP_1XX + klass - 1) : C_RSP_OTHER;
}

void stream_count_status(struct stream *s, int status)
{
	enum cnt which = class_of(status);

	cnt_add(&s->sess->fel->fe, which, 1);
	if (s->flags & ST_BE_COUNTED)
		cnt_add(&s->bel->be, which, 1);
}

void stream_count_answer(struct stream *s)
{
	cnt_add(&s->srv->cnt, class_of(s->res->status), 1);
	cnt_add(&s->srv->cnt, C_REQ, 1);
}

enum step_result step_res_rules(struct stream *s)
{
	enum step_result r = DONE;

	s->next_step = STEP_COUNT;
	if (s->back->flags & IN_ABORT && s->back->bad_reason && spanq_empty(&s->back->in))
		return stream_server_failed(s, RETRY_JUNK, 502, TERM_PROXY, TERM_AT_HEADERS, TR_BAD_RESPONSE);
	if (!s->at_rule) {
		stream_capture_response(s);
		vars_fini(&s->req_vars);	/* the request is over */
		r = run_tcp_response(s);
		if (r != DONE || s->next_step != STEP_COUNT)
			return r;
	}
	r = stream_rules_end(s, res_ruleset(s, offsetof(struct proxy, http_res)), X_RES);
	if (r != DONE || s->next_step != STEP_COUNT)
		return r;
	if (stream_leaks_cookie(s))
		return stream_keep_cookie(s);
	stream_capture_set_cookie(s);
	persist_answer(s);
	return DONE;
}

bool stream_after_rules(struct stream *s)
{
	enum act_result r = ACT_NEXT;

	if (s->flags & ST_AFTER_DONE)
		return true;
	s->flags |= ST_AFTER_DONE;
	vars_fini(&s->req_vars);	/* the request is over */
	s->rules_pos = 0;
	s->at_rule = NULL;
	if (s->be)
		r = stream_rules(s, s->be, offsetof(struct proxy, http_after), X_RES);
	if (r == ACT_NEXT && s->fe != s->be)
		r = stream_rules(s, s->fe, offsetof(struct proxy, http_after), X_RES);
	return r == ACT_NEXT || r == ACT_STOP;
}

/* Does the answer turn the connection into a tunnel? */
static bool becomes_tunnel(const struct stream *s)
{
	return s->res->status == 101 || (s->req->method == METHOD_CONNECT && s->res->status / 100 == 2) ||
	       s->res->body == BODY_TUNNEL;
}

static void close_habits(struct stream *s)
{
	unsigned both = s->fe->options | s->be->options;

	if (both & PO_HTTP_CLOSE || live_is_closing())
		s->front->flags |= GATE_CLOSE;
	if (both & (PO_HTTP_CLOSE | PO_SERVER_CLOSE) && s->bconn)
		s->bconn->close_when_idle = true;
}

enum step_result step_reply(struct stream *s)
{
	bool end;

	if (!stream_after_rules(s)) {
		stream_count_internal(s);
		return stream_reply(s, 500, NULL);
	}
	if (s->res->bytes > s->conf->global.tune.bufsize) {
		stream_count_internal(s);
		stream_term(s, TERM_PROXY, TERM_AT_HEADERS, TR_REWRITE_FULL);
		return stream_reply(s, 502, NULL);
	}
	close_habits(s);
	stream_count_status(s, s->res->status);
	s->status = s->res->status;
	s->flags |= ST_RES_STARTED;
	if (stream_logs_early(s))
		stream_log(s, LOG_STEP_RESPONSE);
	if (becomes_tunnel(s)) {
		s->flags |= ST_TUNNEL;
		stream_goto(s, STEP_tunnel);
		s->front->ops->send_head(s->front, s->res, false);
		s->front->ops->flush(s->front, false);
		return DONE;
	}
	end = s->back->flags & IN_END && spanq_empty(&s->back->in) && !s->res->ntrailers;
	s->front->ops->send_head(s->front, s->res, end);
	if (!end && !stream_pump(s, s->back, s->front, false))
		s->front->ops->flush(s->front, false);
	return DONE;
}
