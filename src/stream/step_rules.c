/* Rulesets of requests and responses: run, park on a waiting rule, map how they end. */
#include "weir/stream/hook.h"
#include "weir/stream/persist.h"
#include "stream_priv.h"

static void note_final(struct stream *s, const struct rule *r)
{
	if (!r)
		return;
	s->end_rule = r;
	s->last_file = r->file;
	s->last_line = r->line;
}

/* For all that had to do with it so far. */
static void count_everywhere(struct stream *s, enum cnt which, uint32_t n)
{
	cnt_add(&s->sess->fel->fe, which, n);
	if (s->sess->lstn)
		cnt_add(&s->sess->lstn->cnt, which, n);
	if (s->bel && s->flags & ST_BE_COUNTED)
		cnt_add(&s->bel->be, which, n);
	if (s->srv)
		cnt_add(&s->srv->cnt, which, n);
}

void stream_count_internal(struct stream *s)
{
	count_everywhere(s, C_INTERNAL_ERR, 1);
}

void stream_count_rewrites(struct stream *s, uint32_t n)
{
	if (n)
		count_everywhere(s, C_FAILED_REWRITE, n);
}

/* Changes that did not fit into the head. */
static void count_rewrites(struct stream *s)
{
	stream_count_rewrites(s, s->x.failed_rewrites);
	s->x.failed_rewrites = 0;
}

/* A head is whole when rules about it run: there is nothing to wait for. Content may still come. */
static bool may_wait(size_t off)
{
	return off == offsetof(struct proxy, tcp_req) || off == offsetof(struct proxy, tcp_res);
}

enum act_result stream_run_rules(struct stream *s, const struct proxy *px, size_t off, enum xdir dir)
{
	bool waits = may_wait(off);
	struct xctx *x;

	for (; s->rules_pos < 2; s->rules_pos++) {
		const struct proxy *from = s->rules_pos == 0 ? px->defaults : px;
		const struct list *rules;
		enum act_result r;

		if (!from)
			continue;
		rules = stream_list_of(from, off);
		if (list_empty(rules))
			continue;
		x = stream_x(s, px, dir);
		x->final |= !waits;
		r = rules_run(rules, &s->at_rule, x);
		if (!waits)
			x->final = false;
		count_rewrites(s);
		if (r == ACT_WAIT)
			return r;
		if (r != ACT_NEXT)
			note_final(s, s->at_rule);
		s->at_rule = NULL;
		if (r != ACT_NEXT) {
			s->rules_pos = 0;
			return r;
		}
	}
	s->rules_pos = 0;
	return ACT_NEXT;
}

/* Rules about content ask the frontend's client: the backend is not charged with what they refuse. */
static bool at_content(const struct stream *s)
{
	return s->step == STEP_tcp_rules || s->step == STEP_be_tcp_rules;
}

static void count_denied(struct stream *s, enum xdir dir)
{
	enum cnt which = dir == X_REQ ? C_DENIED_REQ : C_DENIED_RES;

	cnt_add(&s->sess->fel->fe, which, 1);
	if (s->sess->lstn)
		cnt_add(&s->sess->lstn->cnt, which, 1);
	if (s->bel && s->flags & ST_BE_COUNTED && !at_content(s))
		cnt_add(&s->bel->be, which, 1);
	if (dir == X_RES && s->srv)
		cnt_add(&s->srv->cnt, C_DENIED_RES, 1);
}

/* Whose cookies were they? What was denied is worth looking at in the log. */
static void note_cookies(struct stream *s)
{
	struct proxy *be = s->be;
	struct px_live *bel = s->bel;

	stream_capture_cookie(s);
	if (!be) {	/* a listen section is its own backend until another one is chosen */
		s->be = s->fe;
		s->bel = s->sess->fel;
	}
	persist_server(s);
	s->be = be;
	s->bel = bel;
}

enum step_result stream_rules_end(struct stream *s, enum act_result r, enum xdir dir)
{
	switch (r) {
	case ACT_NEXT:
	case ACT_STOP:
	case ACT_DONE:
		return DONE;
	case ACT_WAIT:
		return WAIT;
	case ACT_DENY:
		count_denied(s, dir);
		if (dir == X_RES)
			s->t_res_head = 0;
		stream_term(s, TERM_PROXY, dir == X_REQ ? TERM_AT_REQUEST : TERM_AT_HEADERS, TR_RULE);
		if (!(s->flags & ST_HTTP))
			return stream_close(s);
		if (dir == X_REQ)
			note_cookies(s);
		if (s->flags & ST_TARPIT) {
			stream_goto(s, STEP_tarpit);
			return DONE;
		}
		return stream_reply(s, s->deny_status ? s->deny_status : dir == X_REQ ? 403 : 502, s->reply);
	case ACT_CLOSE:
		count_denied(s, s->dropped ? X_REQ : dir);
		/* a listen section, in both its parts */
		if (!s->bel && s->sess->fel->caps & PR_BE && !at_content(s) && !s->dropped)
			cnt_add(&s->sess->fel->be, C_DENIED_REQ, 1);
		if (dir == X_REQ || s->dropped)
			s->front->flags |= GATE_KILL;
		stream_term(s, TERM_PROXY, dir == X_REQ || s->dropped ? TERM_AT_REQUEST : TERM_AT_DATA, TR_RULE);
		if (dir == X_RES)
			s->t_res_head = 0;
		if (dir == X_RES && !s->dropped)
			s->status = -1;
		else if (dir == X_RES && s->flags & ST_HTTP)
			stream_count_status(s, s->status);
		return stream_close(s);
	case ACT_INVALID:
		stream_term(s, TERM_PROXY, dir == X_REQ ? TERM_AT_REQUEST : TERM_AT_HEADERS, TR_RULE);
		return s->flags & ST_HTTP ? stream_reply(s, dir == X_REQ ? 400 : 502, NULL) : stream_close(s);
	case ACT_ERROR:
		break;
	}
	stream_count_internal(s);
	stream_term(s, TERM_PROXY, dir == X_REQ ? TERM_AT_REQUEST : TERM_AT_HEADERS, TR_INTERNAL);
	return s->flags & ST_HTTP ? stream_reply(s, 500, NULL) : stream_close(s);
}

/* While a rule waits, the client may leave or be too slow. */
static enum step_result while_waiting(struct stream *s)
{
	if (s->front->flags & (OUT_ABORT | IN_ABORT)) {
		stream_term(s, TERM_CLIENT, TERM_AT_REQUEST, TR_CLIENT_ABORT);
		return stream_close(s);
	}
	return WAIT;
}

/* *passed: the request goes on. */
static enum step_result run_request_rules(struct stream *s, const struct proxy *px, size_t off, bool *passed)
{
	enum act_result r = stream_rules(s, px, off, X_REQ);

	*passed = r == ACT_NEXT || r == ACT_STOP;
	if (r == ACT_WAIT)
		return while_waiting(s);
	s->rule_deadline = 0;
	s->x.final = false;
	return stream_rules_end(s, r, X_REQ);
}

/* http-request rules, then the features that may answer what passed them. */
static enum step_result run_http_rules(struct stream *s, const struct proxy *px)
{
	enum step_result r = DONE;
	bool passed = true;

	if (!s->hook) {
		if (stream_has_rules(px, offsetof(struct proxy, http_req)))
			r = run_request_rules(s, px, offsetof(struct proxy, http_req), &passed);
		/* redirect lines of the section, whatever the rules said */
		if (passed && stream_has_rules(px, offsetof(struct proxy, redirects)))
			r = run_request_rules(s, px, offsetof(struct proxy, redirects), &passed);
	}
	return passed ? stream_ask_hooks(s, px) : r;
}

/* tcp-request content: rules may wait for payload until inspect-delay is over, the buffer is full or nothing comes. */
static enum step_result run_content_rules(struct stream *s, struct proxy *px)
{
	struct xctx *x;
	bool passed;

	if (!stream_has_rules(px, offsetof(struct proxy, tcp_req)))
		return DONE;
	if (!s->rule_deadline)
		s->rule_deadline = loop_ms() + px->t_inspect_req;
	if (!(s->flags & ST_HTTP) && s->front->flags & IN_ABORT) {
		stream_term(s, TERM_CLIENT, TERM_AT_REQUEST, TR_CLIENT_ABORT);
		cnt_add(&s->sess->fel->fe, C_FAILED_REQ, 1);
		return stream_close(s);
	}
	x = stream_x(s, px, X_REQ);
	x->final = x->req_full || loop_ms() >= s->rule_deadline || s->flags & ST_HTTP;
	return run_request_rules(s, px, offsetof(struct proxy, tcp_req), &passed);
}

enum step_result step_tcp_rules(struct stream *s)
{
	enum step_result r = s->flags & ST_TCP_UPGRADED ? DONE : run_content_rules(s, s->fe);

	if (r == DONE && s->next_step == STEP_COUNT && s->flags & ST_HTTP)
		stream_count_request(s);
	return r;
}

enum step_result step_rules(struct stream *s)
{
	if (!(s->flags & ST_HTTP))
		return DONE;
	return run_http_rules(s, s->fe);
}

enum step_result step_be_tcp_rules(struct stream *s)
{
	return s->be == s->fe ? DONE : run_content_rules(s, s->be);
}

enum step_result step_be_rules(struct stream *s)
{
	if (!(s->flags & ST_HTTP) || s->be == s->fe)
		return DONE;
	return run_http_rules(s, s->be);
}
