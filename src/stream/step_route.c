/* The choice of the backend: use_backend rules in order, then default_backend, then the section itself (listen). */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

static bool backend_open(const struct proxy *be)
{
	return be && !be->disabled && be->mode != MODE_LOG;
}

static struct proxy *dynamic_backend(struct stream *s, const struct use_backend *u)
{
	char name[512];
	struct sbuf b = sbuf_fixed(name, sizeof(name));

	logfmt_build(u->dyn, &b, stream_x(s, s->fe, X_REQ));
	return conf_backend(s->conf, sbuf_str(&b));
}

/* NULL: none of the rules. What did not come while the content was inspected is not waited for here. */
static struct proxy *switched_backend(struct stream *s)
{
	const struct proxy *fe = s->fe;
	enum cond_result r;

	if (!fe->switch_conds)
		return NULL;
	for (int i = 0; (i = cond_list_next(fe->switch_conds, i, stream_x(s, fe, X_REQ), &r)) >= 0; i++) {
		const struct use_backend *u = fe->switch_rules[i];
		struct proxy *be;

		if (r != COND_TRUE)
			continue;
		be = u->dyn ? dynamic_backend(s, u) : u->backend;
		if (backend_open(be))
			return be;
		if (u->dyn)
			return NULL;	/* an unknown name: default_backend decides */
	}
	return NULL;
}

void stream_set_backend(struct stream *s, struct proxy *be)
{
	s->be = be;
	s->bel = be->live;
	if (be->caps & PR_BE) {
		cnt_add(&s->bel->be, C_SESS, 1);
		cnt_add(&s->bel->be, C_REQ, 1);
		cnt_rate(&s->bel->be, RATE_SESS);
		cnt_enter(&s->bel->be);
		s->flags |= ST_BE_COUNTED;
	}
	s->x.proxy = be;
}

enum step_result step_route(struct stream *s)
{
	struct proxy *be;

	s->x.final = true;
	be = switched_backend(s);
	s->x.final = false;
	if (!be && backend_open(s->fe->default_backend))
		be = s->fe->default_backend;
	if (!be && s->fe->caps & PR_BE)
		be = s->fe;
	if (be && be->mode == MODE_HTTP && !(s->flags & ST_HTTP))
		return stream_to_http(s, NULL);
	if (be && be->mode != MODE_HTTP && s->flags & ST_HTTP)	/* a frontend of mode tcp, switched */
		be = NULL;
	if (be) {
		stream_set_backend(s, be);
		return DONE;
	}
	stream_term(s, TERM_SERVER, TERM_AT_CONNECT, TR_NO_SERVER);
	return s->flags & ST_HTTP ? stream_reply(s, 503, NULL) : stream_close(s);
}
