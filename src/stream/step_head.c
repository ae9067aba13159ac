/* The request head has come: refuse what could not be parsed, answer what concerns the proxy itself, capture. */
#include "weir/stream/stream.h"
#include "weir/http/cookie.h"
#include "stream_priv.h"

/* Sessions by their first exchange: before that nobody knows what they speak. */
static void count_session(struct stream *s)
{
	enum cnt which = stream_conn_major(s->sess->conn) >= 2 ? C_SESS_H2 : C_SESS_H1;

	if (!(s->front->flags & GATE_FIRST))
		return;
	cnt_add(&s->sess->fel->fe, which, 1);
	if (s->sess->lstn)
		cnt_add(&s->sess->lstn->cnt, which, 1);
}

static void count_head(struct stream *s)
{
	cnt_add(&s->sess->fel->fe, C_REQ, 1);
	cnt_add(&s->sess->fel->fe, stream_conn_major(s->sess->conn) >= 2 ? C_REQ_H2 : C_REQ_H1, 1);
}

void stream_count_request(struct stream *s)
{
	count_head(s);
	cnt_rate(&s->sess->fel->fe, RATE_REQ);
	cnt_add(&live_get()->total, C_REQ, 1);
}

/* A head that is no request: HAProxy's letters depend on why it is none. */
static enum step_result refuse_bad_head(struct stream *s)
{
	struct gate *g = s->front;

	cnt_add(&s->sess->fel->fe, C_FAILED_REQ, 1);
	count_session(s);
	count_head(s);
	stream_keep_bad_request(s);
	if (s->sess->lstn)
		cnt_add(&s->sess->lstn->cnt, C_FAILED_REQ, 1);
	if (g->flags & GATE_TIMEOUT)
		stream_term(s, TERM_CLI_TO, TERM_AT_REQUEST, TR_REQUEST_TIMEOUT);
	else if (g->flags & IN_ABORT)
		stream_term(s, TERM_CLIENT, TERM_AT_REQUEST, TR_CLIENT_ABORT);
	else
		stream_term(s, TERM_PROXY, TERM_AT_REQUEST, TR_BAD_REQUEST);
	if (!g->bad_status) {
		s->status = g->flags & GATE_TIMEOUT ? 408 : 400;
		return stream_close(s);
	}
	g->flags |= GATE_CLOSE;
	return stream_reply(s, g->bad_status, NULL);
}

static void capture_fields(struct stream *s, const struct capture *caps, int n, struct str **out, const struct msg *m)
{
	if (!n)
		return;
	if (!*out)
		*out = arena_zalloc(s->mem, (size_t)n * sizeof(**out));
	for (const struct capture *c = caps; c; c = c->next) {
		int i = c->name.n ? msg_find(m, c->name, 0) : -1, last = -1;

		for (; i >= 0; i = msg_find(m, c->name, i + 1))
			last = i;
		if (last >= 0)
			(*out)[c->index] = str_head(field_value_str(&m->f[last]), (size_t)c->len);
	}
}

void stream_capture_response(struct stream *s)
{
	capture_fields(s, s->fe->res_caps, s->fe->n_res_caps, &s->res_cap, s->res);
}

static size_t cookie_len(const struct stream *s)
{
	return MIN((size_t)s->fe->capture_cookie_len, (size_t)s->conf->global.tune.cookielen - 1);
}

/* `capture cookie` says how "name=value" begins: with an equal sign at its end it is a name, else a prefix. */
static bool begins_like(struct str name, struct str wanted)
{
	if (str_starts(name, wanted))
		return true;
	return wanted.n == name.n + 1 && wanted.p[name.n] == '=' && str_starts(wanted, name);
}

/* The first cookie of that name, or of one that begins so. */
static struct str first_cookie(struct stream *s, const struct msg *m,
			       bool (*next)(const struct msg *, struct cookie_iter *, struct cookie *))
{
	struct cookie_iter it = { 0 };
	struct cookie ck;

	while (next(m, &it, &ck)) {
		if (begins_like(ck.name, s->fe->capture_cookie))
			return str_head(arena_printf(s->mem, STR_FMT "=" STR_FMT, STR_ARG(ck.name), STR_ARG(ck.value)),
					cookie_len(s));
		if (m->is_response)	/* one in each field counts */
			it = (struct cookie_iter){ .index = ck.field + 1 };
	}
	return STR_NONE;
}

/* Before our own is added. */
void stream_capture_set_cookie(struct stream *s)
{
	if (s->fe->capture_cookie.n)
		s->cookie_cap_res = first_cookie(s, s->res, set_cookie_next);
}

void stream_capture_cookie(struct stream *s)
{
	if (s->fe->capture_cookie.n)
		s->cookie_cap_req = first_cookie(s, s->req, cookie_next);
}

static void keep_request_line(struct stream *s)
{
	s->uri_method = s->req->method_text;
	s->uri_target = msg_target(s->req);
	s->uri_major = s->req->major;
	s->uri_minor = s->req->minor;
}

/* monitor-uri: a path also matches the absolute form, an absolute one does not match the path form. */
static bool is_monitor(struct stream *s)
{
	struct str want = s->fe->monitor_uri;

	if (!want.n)
		return false;
	if (want.p[0] == '/')
		return str_eq(want, s->req->path);
	return str_eq(want, msg_target(s->req));
}

static enum step_result answer_monitor(struct stream *s)
{
	struct cond_item *c;
	int status = 200;

	list_each(c, &s->fe->monitor_fail, link)
		if (cond_eval(c->cond, stream_x(s, s->fe, X_REQ)) == COND_TRUE)
			status = 503;
	stream_term(s, TERM_LOCAL, TERM_AT_REQUEST, TR_RETURN);
	s->o.log_level = -2;
	stream_count_request(s);
	stream_count_intercepted(s);
	return stream_reply(s, status, NULL);
}

/* Of a frontend without any log format: that somebody has come. */
static void log_arrival(struct stream *s)
{
	const struct log_list *logs = &s->fe->logs, *global = &s->conf->global.logs;
	const char *mode = s->fe->mode == MODE_HTTP ? "HTTP" : "TCP";
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	const struct addr *src, *dst;
	int family;

	if (!log_wants(logs, global))	/* addresses may take system calls, texts take time */
		return;
	src = stream_src(s);
	dst = stream_dst(s);
	family = src ? addr_family(src) : AF_UNSPEC;
	if (family == AF_INET || family == AF_INET6)
		log_event(logs, global, LOGL_INFO, "Connect from " STR_FMT " to " STR_FMT " (" STR_FMT "/%s)",
			  STR_ARG(addr_text(src, from)), STR_ARG(dst ? addr_text(dst, to) : STR("?")),
			  STR_ARG(s->fe->name), mode);
	else
		log_event(logs, global, LOGL_INFO, "Connect %s listener %d (" STR_FMT "/%s)",
			  family == AF_UNIX ? "to unix" : "from unknown source to", s->sess->lstn->id,
			  STR_ARG(s->fe->name), mode);
}

/* option http-use-proxy-header: only the target tells that the client takes us for its proxy. */
static void mark_proxied(struct stream *s)
{
	if (s->fe->options2 & PO2_USE_PROXY_HDR &&
	    (s->req->form == TARGET_ABSOLUTE || s->req->form == TARGET_AUTHORITY))
		s->req->flags |= MSG_PROXIED;
}

enum step_result step_head(struct stream *s)
{
	bool bad = s->flags & ST_HTTP &&
		   (s->front->flags & GATE_BADREQ || (s->front->flags & IN_ABORT && s->front->bad_status));

	if (!s->fe->log_format && !bad)
		log_arrival(s);
	if (s->fe->log_steps)
		stream_log(s, LOG_STEP_ACCEPT);
	if (!(s->flags & ST_HTTP)) {
		cnt_rate(&s->sess->fel->fe, RATE_REQ);
		s->dl_client = 0;
		return DONE;
	}
	if (bad) {
		s->front->flags |= GATE_BADREQ;
		if (s->front->flags & IN_HEAD)	/* the body is malformed, nobody left */
			s->front->flags &= ~(uint32_t)IN_ABORT;
		return refuse_bad_head(s);
	}
	keep_request_line(s);
	mark_proxied(s);
	stream_show_request(s);
	count_session(s);
	capture_fields(s, s->fe->req_caps, s->fe->n_req_caps, &s->req_cap, s->req);
	if (is_monitor(s))
		return answer_monitor(s);
	if (s->fe->log_steps)
		stream_log(s, LOG_STEP_REQUEST);
	return DONE;
}
