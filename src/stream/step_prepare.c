/* Fields that the proxy adds to a request on its way to a server, and waiting for the body where it is asked for. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "weir/stream/forwarded.h"
#include "stream_priv.h"

static bool excepted(const struct fwd_opt *o, const struct addr *a)
{
	return (o->has_except4 && addr_net_has(&o->except4, a)) || (o->has_except6 && addr_net_has(&o->except6, a));
}

/* option forwardfor, originalto: the backend's words win over the frontend's. */
static void add_address(struct stream *s, const struct proxy *px, const struct fwd_opt *o, const char *dflt,
			const struct addr *a)
{
	const struct fwd_opt *names = (const char *)o == (const char *)&px->orig ? &s->be->orig : &s->be->fwd;
	struct str name = names->header.n ? names->header : o->header.n ? o->header : str_c(dflt);
	char text[ADDR_TEXT_MAX];

	if (!a || (addr_family(a) != AF_INET && addr_family(a) != AF_INET6) || excepted(o, a))
		return;
	if (o->if_none && msg_find(s->req, name, 0) >= 0)
		return;
	msg_add_copy(s->req, name, addr_ip_text(a, text));
}

static const struct proxy *with_option(const struct stream *s, unsigned opt)
{
	return s->be->options & opt ? s->be : s->fe->options & opt ? s->fe : NULL;
}

static void add_forwarded(struct stream *s)
{
	const struct proxy *px = with_option(s, PO_FORWARDFOR);

	if (px)
		add_address(s, px, &px->fwd, "x-forwarded-for", stream_src(s));
	px = with_option(s, PO_ORIGINALTO);
	if (px)
		add_address(s, px, &px->orig, "x-original-to", stream_dst(s));
	if (s->be->forwarded)
		forwarded_add(s, s->be->forwarded);
}

struct str stream_unique_id(struct stream *s)
{
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	if (s->unique_id.p || !s->fe->unique_id)
		return s->unique_id;
	logfmt_build(s->fe->unique_id, &b, stream_x(s, s->fe, X_REQ));
	s->unique_id = arena_str(s->mem, sbuf_str(&b));
	return s->unique_id;
}

/* Letters, digits and hyphens only: names that no later hop can mistake for another one. */
static bool plain_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') ||
		      name.p[i] == '-'))
			return false;
	return true;
}

/* option http-restrict-req-hdr-names of the backend that handles the request. True: refuse. */
static bool restrict_names(struct stream *s)
{
	if (s->be->restrict_names != RN_REJECT && s->be->restrict_names != RN_DELETE)
		return false;
	for (int i = 0; i < s->req->nf; i++) {
		struct field *f = &s->req->f[i];

		if (f->flags & FIELD_F_DELETED || plain_name(field_name_str(f)))
			continue;
		if (s->be->restrict_names == RN_REJECT)
			return true;
		msg_del_at(s->req, i);
	}
	return false;
}

enum step_result step_prepare(struct stream *s)
{
	if (!(s->flags & ST_HTTP))
		return DONE;
	if (restrict_names(s)) {
		stream_term(s, TERM_PROXY, TERM_AT_REQUEST, TR_RULE);
		return stream_reply(s, 403, NULL);
	}
	if (s->fe->unique_id && s->fe->unique_id_header.n) {
		struct str id = stream_unique_id(s);

		if (id.n)
			msg_add_copy(s->req, s->fe->unique_id_header, id);
	}
	add_forwarded(s);
	if (s->sess->conn->flags & CONN_EARLY)
		msg_add(s->req, STR("early-data"), STR("1"));
	return DONE;
}

/* Tells a client that waits for permission to go on. */
void stream_continue(struct stream *s)
{
	struct msg *m;

	if (!(s->req->flags & MSG_EXPECT_100) || s->flags & ST_CONTINUED)
		return;
	msg_del(s->req, STR("expect"));	/* the server is not to answer it once more */
	m = arena_new(s->mem, struct msg);
	msg_init(m, true, s->mem);
	msg_set_status(m, 100, STR_NONE);
	m->major = m->minor = 1;
	s->flags |= ST_CONTINUED;
	s->front->ops->send_info(s->front, m);
	s->front->ops->flush(s->front, false);
}

enum step_result stream_body_late(struct stream *s)
{
	stream_term(s, TERM_CLI_TO, TERM_AT_REQUEST, TR_REQUEST_TIMEOUT);
	cnt_add(&s->sess->fel->fe, C_FAILED_REQ, 1);
	s->front->flags |= GATE_CLOSE;
	return stream_reply(s, 408, NULL);
}

enum step_result stream_body_cut(struct stream *s)
{
	struct gate *g = s->front;
	bool bad = g->bad_status != 0;

	stream_term(s, bad ? TERM_PROXY : TERM_CLIENT, TERM_AT_REQUEST, bad ? TR_BAD_REQUEST : TR_CLIENT_ABORT);
	if (!bad && s->bel && s->flags & ST_BE_COUNTED)
		cnt_add(&s->bel->be, C_CLI_ABORT, 1);
	cnt_add(&s->sess->fel->fe, C_FAILED_REQ, 1);
	g->flags |= GATE_CLOSE;
	return stream_reply(s, bad ? g->bad_status : 400, NULL);
}

/* Does the whole buffer, or the end of the body, or its deadline decide? */
enum step_result stream_wait_body(struct stream *s, size_t at_least)
{
	struct gate *g = s->front;
	size_t room = s->conf->global.tune.bufsize - s->conf->global.tune.maxrewrite;

	if (g->flags & IN_END || g->in.bytes >= room || (at_least && g->in.bytes >= at_least))
		return DONE;
	if (g->flags & IN_ABORT)
		return stream_body_cut(s);
	if (!s->dl_phase)
		stream_deadline(&s->dl_phase, s->fe->t_http_request ? s->fe->t_http_request : s->o.t_client);
	if (stream_passed(s->dl_phase))
		return stream_body_late(s);
	stream_continue(s);
	return WAIT;
}

enum step_result step_body(struct stream *s)
{
	enum step_result r;

	if (!(s->flags & ST_HTTP) ||
	    !((s->be->options | s->fe->options) & PO_BUFFER_REQUEST || s->flags & ST_WAIT_BODY || s->be->lb.check_post))
		return DONE;
	r = stream_wait_body(s, 0);
	if (r == DONE)
		s->dl_phase = 0;
	return r;
}
