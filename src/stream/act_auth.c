/* Asking for a user and a password: http-request auth. */
#include "weir/stream/actions.h"
#include "weir/stream/auth.h"

#include "stream_priv.h"

enum step_result stream_ask_password(struct stream *s, struct str realm)
{
	struct reply *r = arena_new(s->mem, struct reply);
	struct str *h = arena_array(s->mem, struct str, 6);
	bool proxy = s->req->flags & MSG_PROXIED;

	r->status = proxy ? 407 : 401;
	r->raw = true;
	r->body = reply_builtin(r->status);
	r->reason = STR("Unauthorized");
	h[0] = STR("cache-control");
	h[1] = STR("no-cache");
	h[2] = STR("content-type");
	h[3] = STR("text/html");
	h[4] = proxy ? STR("proxy-authenticate") : STR("www-authenticate");
	h[5] = arena_printf(s->mem, "Basic realm=\"" STR_FMT "\"", STR_ARG(realm));
	r->raw_hdrs = h;
	r->nraw = 3;
	stream_term(s, TERM_LOCAL, TERM_AT_REQUEST, TR_RETURN);
	return stream_reply(s, r->status, r);
}

static bool parse_auth(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		       struct load_err *err)
{
	if (*at >= n || !str_eq(w[*at], STR("realm")))
		return true;
	if (++*at >= n) {
		load_err_set(err, NULL, "missing realm value");
		return false;
	}
	r->text = arena_str(sc->mem, w[(*at)++]);
	return true;
}

static enum act_result do_auth(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	const struct proxy *px = x->proxy;

	s->last_file = r->file;
	s->last_line = r->line;
	stream_count_intercepted(s);
	stream_ask_password(s, r->text.n ? r->text : px->name);
	return ACT_DONE;
}

const struct action_row stream_auth_actions[STREAM_AUTH_ACTIONS] = {
	{ .name = "auth",
	  .sets = RS_HTTP_REQ,
	  .parse = parse_auth,
	  .exec = do_auth,
	  .final = true,
	  .args = "[realm <realm>]",
	  .help = "asks the client for a user and a password (401)" },
};
