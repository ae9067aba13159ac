/* Answers made here: error pages, returns, redirects, services; tarpits; ends without an answer. */
#include "weir/stream/service.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

static void free_phase(struct stream *s)
{
	s->dl_server = s->dl_phase = s->rule_deadline = 0;
	s->at_rule = NULL;
	s->rules_pos = 0;
}

/* CANCEL, ENHANCE_YOUR_CALM, INTERNAL_ERROR */
static uint32_t reset_code(const struct stream *s)
{
	if (s->term1 == TERM_CLIENT || s->front->flags & GATE_PUSHED)
		return 8;
	return s->front->flags & GATE_KILL ? 11 : 2;
}

enum step_result stream_close(struct stream *s)
{
	stream_drop_server(s);
	free_phase(s);
	/* Of plain bytes only what broke on the server's side breaks here too: being late or refused is an end like
	 * others. */
	if (s->front->flags & GATE_RAW && !s->dropped && !(s->term1 == TERM_SERVER && s->term2 == TERM_AT_DATA)) {
		stream_goto(s, STEP_finish);
		return DONE;
	}
	if (!(s->front->flags & OUT_DONE)) {
		s->front->flags |= GATE_CLOSE;
		s->front->ops->reset(s->front, reset_code(s));
	}
	stream_goto(s, STEP_finish);
	return DONE;
}

/* A request that was answered was there, unless what is missing of it is the reason. */
static void note_ready(struct stream *s)
{
	if (!s->t_ready && !s->front->bad_status && s->term1 != TERM_CLI_TO && !(s->flags & ST_TARPIT))
		s->t_ready = loop_us();
}

enum step_result stream_reply(struct stream *s, int status, const struct reply *r)
{
	const struct reply *page = r ? r : reply_find(s, status);

	int before = s->status;

	s->status = status;	/* %ST of its formats */
	reply_prepare(s, page);
	s->status = before;
	stream_drop_server(s);
	free_phase(s);
	/* Nobody asked for what was pushed: no answer is better than one of ours. */
	if (s->flags & ST_RES_STARTED || s->front->flags & GATE_PUSHED)
		return stream_close(s);
	note_ready(s);
	if (s->front->flags & OUT_ABORT) {	/* who left in a hurry is told in vain */
		s->status = status;
		stream_count_status(s, status);
		return stream_close(s);
	}
	s->reply_status = status;
	s->reply = page;
	s->status = status;
	s->flags |= ST_LOCAL;
	s->flags &= ~ST_AFTER_DONE;
	stream_goto(s, STEP_local);
	if (s->reply && s->reply->silent) {
		stream_count_status(s, status);
		return stream_close(s);
	}
	return DONE;
}

static enum step_result wait_for_client(struct stream *s)
{
	struct gate *g = s->front;

	if (g->flags & OUT_DONE) {
		stream_goto(s, STEP_finish);
		return DONE;
	}
	if (g->flags & OUT_ABORT) {
		stream_term(s, TERM_CLIENT, TERM_AT_DATA, TR_CLIENT_ABORT);
		return stream_close(s);
	}
	if (!s->dl_client)
		stream_deadline(&s->dl_client, s->o.t_client);
	if (stream_passed(s->dl_client)) {
		stream_term(s, TERM_CLI_TO, TERM_AT_DATA, TR_CLIENT_TIMEOUT);
		return stream_close(s);
	}
	return WAIT;
}

static bool head_only(const struct stream *s, const struct msg *m)
{
	return (s->req && s->req->method == METHOD_HEAD) || m->status == 204 || m->status == 304;
}

enum step_result step_local(struct stream *s)
{
	struct str body = STR_NONE;
	bool end;

	if (s->flags & ST_RES_STARTED)
		return wait_for_client(s);
	s->flags |= ST_RES_STARTED;
	reply_build(s, s->reply_status, s->reply, &body);
	if (!stream_after_rules(s) && s->reply_status != 500) {
		reply_build(s, 500, NULL, &body);
		s->status = 500;
	}
	if (!s->reply || !s->reply->send_status)	/* a page is logged as what it stands for */
		s->status = s->res->status;
	stream_count_status(s, s->status);
	if (s->fe->options & PO_HTTP_CLOSE || live_is_closing())
		s->front->flags |= GATE_CLOSE;
	end = body.n == 0 || head_only(s, s->res);
	s->front->ops->send_head(s->front, s->res, end);
	if (!end) {
		spanq_push_static(&s->front->out, body.p, body.n);
		s->front->ops->end(s->front, NULL, 0);
	}
	return wait_for_client(s);
}

enum step_result step_tarpit(struct stream *s)
{
	unsigned t = stream_timeout(s->o.t_tarpit, s->be ? s->be->t_tarpit : s->fe->t_tarpit);

	if (!t)
		t = s->be ? s->be->t_connect : s->fe->t_connect;
	if (!s->dl_phase) {
		stream_deadline(&s->dl_phase, t ? t : 1);
		s->t_queue0 = loop_us();
	}
	s->t_assigned = loop_us();
	if (s->front->flags & (IN_ABORT | OUT_ABORT) || s->front->conn->flags & CONN_RD_EOF) {
		s->term2 = TERM_AT_TARPIT;
		return stream_close(s);
	}
	if (!stream_passed(s->dl_phase))
		return WAIT;
	s->term2 = TERM_AT_TARPIT;
	s->reason = TR_TARPIT;
	return stream_reply(s, s->deny_status ? s->deny_status : 500, s->reply);
}

/* --- services --- */

static const struct service_table *service_tables;

void service_set_tables(const struct service_table *t)
{
	service_tables = t;
}

const struct service *service_find(struct str name)
{
	for (const struct service_table *t = service_tables; t && t->rows; t++)
		for (size_t i = 0; i < t->n; i++)
			if (str_eqz(name, t->rows[i].name))
				return &t->rows[i];
	return NULL;
}

enum step_result stream_service(struct stream *s, const struct service *sv, const void *arg)
{
	stream_drop_server(s);
	free_phase(s);
	if (s->front->flags & GATE_PUSHED)
		return stream_close(s);
	s->service = sv;
	s->service_arg = arg;
	s->service_name = sv->log_name ? sv->log_name : sv->name;
	note_ready(s);
	s->flags |= ST_LOCAL;
	stream_term(s, TERM_LOCAL, TERM_AT_REQUEST, TR_RETURN);
	stream_goto(s, STEP_service);
	return DONE;
}

static void service_feed(struct stream *s)
{
	struct gate *g = s->front;

	while (!spanq_empty(&g->in)) {
		struct str part = spanq_peek(&g->in);
		size_t n = part.n;

		if (s->service->wants_body)
			s->service->body(s, s->service_state, part, false);
		spanq_drop(&g->in, n);
		g->ops->consumed(g, n);
	}
	if (g->flags & IN_END && !s->req_ended) {
		s->req_ended = true;
		if (s->service->wants_body)
			s->service->body(s, s->service_state, STR_NONE, true);
	}
}

static enum step_result service_begin(struct stream *s)
{
	s->res = arena_new(s->mem, struct msg);
	msg_init(s->res, true, s->mem);
	s->res->major = s->res->minor = 1;
	s->res->flags |= MSG_LOCAL;
	s->service_state = s->service->start(s, s->res, s->service_arg);
	if (!s->service_state)
		return stream_reply(s, s->res->status ? s->res->status : 500, NULL);
	s->res->body = s->res->flags & MSG_HAS_LENGTH ? BODY_LENGTH : BODY_CHUNKED;
	stream_after_rules(s);
	s->status = s->res->status;
	stream_count_status(s, s->status);
	s->flags |= ST_RES_STARTED;
	stream_count_intercepted(s);
	s->t_res_head = loop_us();
	if (head_only(s, s->res)) {
		s->service->end(s, s->service_state);
		s->service = NULL;
		s->front->ops->send_head(s->front, s->res, true);
		return wait_for_client(s);
	}
	s->front->ops->send_head(s->front, s->res, false);
	return MORE;
}

static enum step_result service_over(struct stream *s, enum service_result r)
{
	s->service->end(s, s->service_state);
	s->service = NULL;
	if (r == SERVICE_FAIL)
		return stream_close(s);
	s->front->ops->end(s->front, NULL, 0);
	return wait_for_client(s);
}

enum step_result step_service(struct stream *s)
{
	struct gate *g = s->front;
	enum service_result r = SERVICE_MORE;

	if (!s->service)
		return wait_for_client(s);
	if (!(s->flags & ST_RES_STARTED) && !s->service->wants_body)
		return service_begin(s);
	if (!(s->flags & ST_RES_STARTED)) {
		enum step_result b = service_begin(s);

		if (b != MORE)
			return b;
	}
	service_feed(s);
	if (s->service->wants_body && !s->req_ended && !(g->flags & IN_ABORT))
		return WAIT;
	if (g->out.bytes < GATE_OUT_MAX / 4)
		r = s->service->more(s, s->service_state, &g->out, GATE_OUT_MAX / 4);
	if (r != SERVICE_MORE)
		return service_over(s, r);
	g->flags |= OUT_FULL;
	g->ops->flush(g, false);
	if (g->flags & OUT_ABORT) {
		stream_term(s, TERM_CLIENT, TERM_AT_DATA, TR_CLIENT_ABORT);
		return service_over(s, SERVICE_FAIL);
	}
	return spanq_empty(&g->out) ? MORE : WAIT;
}
