/* Actions that decide what becomes of a connection or a request: let it pass, refuse it, answer it, hold it. */
#include "weir/stream/actions.h"
#include "weir/base/num.h"
#include "weir/base/row.h"
#include "weir/base/sbuf.h"
#include "weir/model/conf.h"
#include "weir/model/reply.h"
#include "weir/sys/sock.h"
#include "weir/stream/service.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

#define REQS (RS_TCP_CONN | RS_TCP_SESS | RS_TCP_REQ)

/* --- allow, accept, reject --- */

static bool parse_none(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		       struct load_err *err)
{
	return true;
}

static enum act_result do_stop(const struct rule *r, struct xctx *x)
{
	return ACT_STOP;
}

static enum act_result do_close(const struct rule *r, struct xctx *x)
{
	return ACT_CLOSE;
}

/* Of plain bytes the client gets what had come before; an answer that is cut is none. */
static enum act_result do_close_server(const struct rule *r, struct xctx *x)
{
	struct stream *s = x->strm;

	if (s->flags & ST_HTTP)
		return ACT_CLOSE;
	s->drops_server = true;
	return ACT_STOP;
}

static bool parse_silent_drop(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			      struct load_err *err)
{
	if (*at >= n || !str_eqz(w[*at], "rst-ttl"))
		return true;
	if (*at + 1 >= n || !num_i64(w[*at + 1], &r->num) || r->num < 1 || r->num > 255) {
		load_err_set(err, w[*at].p, "'rst-ttl' expects a number from 1 to 255");
		return false;
	}
	*at += 2;
	return true;
}

static enum act_result do_silent_drop(const struct rule *r, struct xctx *x)
{
	struct session *se = x_session(x);

	/* The peer must not learn that we left. */
	if (r->num || !sock_mute(se->conn->ev.fd))
		sock_reset_nearby(se->conn->ev.fd, r->num ? (int)r->num : 1);
	se->flags |= SESS_DROPPED;
	if (x->strm)
		((struct stream *)x->strm)->dropped = true;
	return ACT_CLOSE;
}

/* --- deny, tarpit, return --- */

static bool parse_deny(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		       struct load_err *err)
{
	int dflt = r->action->priv ? 500 : r->set == RS_HTTP_RES ? 502 : 403;
	struct reply *rep = reply_parse(sc, r->set, r->action->name, dflt, w, n, at, err);

	r->arg = rep;
	return rep != NULL;
}

/* The page that a reply of a rule stands for: its own, that of an http-errors section, or what the proxy has. */
static const struct reply *page_of(struct stream *s, const struct reply *r)
{
	if (r->errors_name.n && r->errors && r->errors->errors[r->status])
		return r->errors->errors[r->status];
	if (r->default_errors || r->errors_name.n)
		return reply_find(s, r->status);
	return r;
}

static enum act_result do_deny(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	const struct reply *rep = r->arg;

	s->deny_status = rep->status;
	s->reply = rep->empty && !rep->hdrs ? NULL : page_of(s, rep);
	if (r->action->priv)
		s->flags |= ST_TARPIT;
	return ACT_DENY;
}

static bool parse_return(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			 struct load_err *err)
{
	r->arg = reply_parse(sc, r->set, "return", 200, w, n, at, err);
	return r->arg != NULL;
}

/* In the place of a server's answer, or before one was asked for. */
static void answered_here(struct stream *s, const struct xctx *x, enum term_reason why)
{
	stream_term(s, TERM_LOCAL, x->dir == X_REQ ? TERM_AT_REQUEST : TERM_AT_HEADERS, why);
	if (x->dir == X_RES)
		s->t_res_head = 0;
}

static enum act_result do_return(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	const struct reply *rep = r->arg, *page = page_of(s, rep);

	stream_count_intercepted(s);
	s->last_file = r->file;
	s->last_line = r->line;
	answered_here(s, x, TR_RETURN);
	stream_reply(s, rep->status, page ? page : NULL);
	return ACT_DONE;
}

/* --- redirect --- */

enum { REDIR_LOCATION, REDIR_PREFIX, REDIR_SCHEME };
enum { REDIR_DROP_QUERY = 1, REDIR_APPEND_SLASH = 2, REDIR_IGNORE_EMPTY = 4, REDIR_KEEP_QUERY = 8 };
struct redirect {
	uint8_t how, flags;
	int code;
	struct logfmt *to;
	struct str cookie;
	bool clear_cookie;
};

static bool redirect_code(struct redirect *d, struct str v, struct load_err *err)
{
	int64_t code;

	if (num_i64(v, &code) && (code == 301 || code == 302 || code == 303 || code == 307 || code == 308)) {
		d->code = (int)code;
		return true;
	}
	load_err_set(err, v.p, "'code': unsupported HTTP code '%.*s' (must be one of 301, 302, 303, 307 or 308)",
		     STR_ARG(v));
	return false;
}

static bool redirect_word(struct redirect *d, struct xscope *sc, struct str k, struct str v, struct load_err *err)
{
	if (str_eqz(k, "code"))
		return redirect_code(d, v, err);
	if (str_eqz(k, "set-cookie") || str_eqz(k, "clear-cookie")) {
		d->cookie = arena_str(sc->mem, v);
		d->clear_cookie = str_eqz(k, "clear-cookie");
		return true;
	}
	d->how = str_eqz(k, "location") ? REDIR_LOCATION : str_eqz(k, "prefix") ? REDIR_PREFIX : REDIR_SCHEME;
	d->to = logfmt_compile(sc, v, LF_HTTP | LF_HEADER_VALUE, err);
	return d->to != NULL;
}

static unsigned redirect_flag(struct str w)
{
	return str_eqz(w, "drop-query") ? REDIR_DROP_QUERY : str_eqz(w, "append-slash") ? REDIR_APPEND_SLASH :
	       str_eqz(w, "ignore-empty") ? REDIR_IGNORE_EMPTY : str_eqz(w, "keep-query") ? REDIR_KEEP_QUERY : 0;
}

static bool redirect_takes_value(struct str w)
{
	return str_eqz(w, "location") || str_eqz(w, "prefix") || str_eqz(w, "scheme") || str_eqz(w, "code") ||
	       str_eqz(w, "set-cookie") || str_eqz(w, "clear-cookie");
}

static const char *redirect_near(struct str w)
{
	static const char *const words[] = { "location", "prefix", "scheme", "code", "set-cookie", "clear-cookie",
					     "drop-query", "ignore-empty", "append-slash", "if", "unless" };
	struct row_near near;

	row_near_init(&near, w);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		row_near_try(&near, words[i]);
	return row_near_best(&near);
}

static bool parse_redirect(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			   struct load_err *err)
{
	struct redirect *d = arena_new(sc->mem, struct redirect);

	d->code = 302;
	r->arg = d;
	while (*at < n && !str_eqz(w[*at], "if") && !str_eqz(w[*at], "unless")) {
		struct str k = w[(*at)++];
		unsigned flag = redirect_flag(k);

		if (flag) {
			d->flags |= (uint8_t)flag;
			continue;
		}
		if (!redirect_takes_value(k)) {
			load_err_set(err, k.p,
				     "expects 'code', 'prefix', 'location', 'scheme', 'set-cookie', 'clear-cookie', "
				     "'drop-query',"
				     " 'ignore-empty' or 'append-slash' (was '%.*s')",
				     STR_ARG(k));
			load_err_near(err, redirect_near(k));
			return false;
		}
		if (*at >= n) {
			load_err_set(err, k.p, "missing argument for '%.*s'", STR_ARG(k));
			return false;
		}
		if (!redirect_word(d, sc, k, w[(*at)++], err))
			return false;
	}
	if (!d->to) {
		load_err_set(err, NULL, "redirection type expected ('prefix', 'location', or 'scheme')");
		return false;
	}
	if (r->set & RS_HTTP_RES && d->how != REDIR_LOCATION) {
		load_err_set(err, NULL, "response only supports redirect type 'location'");
		return false;
	}
	return true;
}

static void put_path(struct sbuf *b, const struct stream *s, const struct redirect *d)
{
	struct str path = s->req->path.n ? s->req->path : STR("/");

	if (d->flags & REDIR_DROP_QUERY) {
		path = msg_path_only(s->req);
		sbuf_puts(b, path);
		if (d->flags & REDIR_APPEND_SLASH && !str_ends(path, STR("/")))
			sbuf_putc(b, '/');
		return;
	}
	sbuf_puts(b, path);
}

static void put_location(struct sbuf *b, struct stream *s, const struct redirect *d, struct xctx *x)
{
	size_t n;

	if (d->how == REDIR_SCHEME) {
		logfmt_build(d->to, b, x);
		sbuf_putz(b, "://");
		sbuf_puts(b, msg_host(s->req));
		put_path(b, s, d);
		return;
	}
	n = b->n;
	logfmt_build(d->to, b, x);
	if (d->how == REDIR_PREFIX) {
		if (b->n == n + 1 && b->p[n] == '/')	/* "/" as a prefix adds nothing */
			b->n = n;
		put_path(b, s, d);
	} else if (d->flags & REDIR_KEEP_QUERY && msg_query(s->req).n) {
		sbuf_putc(b, memchr(b->p + n, '?', b->n - n) ? '&' : '?');
		sbuf_puts(b, msg_query(s->req));
	}
}

static struct str redirect_cookie(struct stream *s, const struct redirect *d)
{
	if (!d->clear_cookie)
		return arena_printf(s->mem, "%.*s; path=/;", STR_ARG(d->cookie));
	return arena_printf(s->mem, "%.*s=; path=/; Expires=Thu, 01-Jan-1970 00:00:01 GMT", STR_ARG(d->cookie));
}

static enum act_result do_redirect(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	const struct redirect *d = r->arg;
	size_t max = s->conf->global.tune.bufsize;
	struct sbuf b = sbuf_fixed(arena_bytes(s->mem, max), max);
	struct reply *rep;

	put_location(&b, s, d, x);
	if (!b.n && d->flags & REDIR_IGNORE_EMPTY)
		return ACT_NEXT;
	rep = reply_redirect(s->mem, d->code, sbuf_str(&b));
	if (d->cookie.n)
		reply_add_raw(rep, STR("set-cookie"), redirect_cookie(s, d));
	stream_count_intercepted(s);
	s->last_file = r->file;
	s->last_line = r->line;
	answered_here(s, x, TR_REDIRECT);
	stream_reply(s, d->code, rep);
	return ACT_DONE;
}

/* --- services --- */

static bool parse_service(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			  struct load_err *err)
{
	if (*at >= n) {
		load_err_set(err, NULL, "'use-service' expects a service name");
		return false;
	}
	r->arg = (void *)service_find(w[*at]);
	if (!r->arg)
		load_err_set(err, w[*at].p, "'%.*s' unknown service name", STR_ARG(w[*at]));
	else if (r->set & RS_TCP_REQ)	/* all there are answer requests */
		load_err_set(err, w[*at].p, "%.*s service only available on 'http-request' rulesets", STR_ARG(w[*at]));
	(*at)++;
	return r->arg && !(r->set & RS_TCP_REQ);
}

static enum act_result do_service(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);

	s->last_file = r->file;
	s->last_line = r->line;
	stream_service(s, r->arg, NULL);
	return ACT_DONE;
}

/* --- switch-mode --- */

static bool switch_error(struct load_err *err, struct str at, const char *text)
{
	load_err_set(err, at.p, "'tcp-request switch-mode'%s", text);
	return false;
}

static bool parse_switch_proto(struct rule *r, const struct str *w, int n, int *at, struct load_err *err)
{
	const struct mux *to;

	if (++*at >= n)
		return switch_error(err, w[*at - 1], ": 'proto' expects a protocol as argument.");
	to = mux_find(w[*at], MUX_FRONT);
	if (!to || !to->http) {
		load_err_set(err, w[*at].p,
			     "'tcp-request switch-mode': 'proto' expects a valid MUX protocol, if specified (got "
			     "'%.*s')",
			     STR_ARG(w[*at]));
		return false;
	}
	r->arg = (void *)to;
	++*at;
	return true;
}

/* switch-mode http [proto <name>] */
static bool parse_switch(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			 struct load_err *err)
{
	const struct proxy *p = sc->proxy;

	if (p && (p->caps & (PR_FE | PR_BE)) == PR_BE) {
		load_err_set(err, NULL,
			     "'tcp-request switch-mode' not allowed because backend '%.*s' has no frontend capability",
			     STR_ARG(p->name));
		return false;
	}
	if (*at >= n)
		return switch_error(err, STR_NONE, " expects a mode as argument");
	if (!str_eqz(w[*at], "http")) {
		load_err_set(err, w[*at].p, "'tcp-request switch-mode' expects a valid mode (got '%.*s')",
			     STR_ARG(w[*at]));
		return false;
	}
	++*at;
	return *at >= n || !str_eqz(w[*at], "proto") || parse_switch_proto(r, w, n, at, err);
}

static enum act_result do_switch(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);

	if (s->flags & ST_HTTP)
		return ACT_STOP;
	stream_to_http(s, r->arg);
	return ACT_DONE;
}

#define ROW(n, s, p, e, f, a, h, v)                                                                                  \
	{                                                                                                            \
		.name = n, .sets = s, .parse = p, .exec = e, .final = f, .args = a, .help = h, .priv = v             \
	}
#define REPLY_ARGS                                                                                                   \
	"[status <code>] [content-type <type>] [default-errorfiles | errorfile <f> | errorfiles <name> | file <f> "  \
	"| "                                                                                                         \
	"lf-file <f> | string <s> | lf-string <s>] [hdr <name> <fmt>]*"
const struct action_row stream_flow_actions[STREAM_FLOW_ACTIONS] = {
	ROW("accept", REQS | RS_TCP_RES, parse_none, do_stop, true, "", "ends this ruleset: the connection passes",
	    0),
	ROW("allow", RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER, parse_none, do_stop, true, "",
	    "ends this ruleset: the message passes", 0),
	ROW("reject", REQS | RS_TCP_RES | RS_HTTP_REQ, parse_none, do_close, true, "", "closes without an answer", 0),
	ROW("close", RS_TCP_RES, parse_none, do_close_server, true, "", "closes the connection to the server", 0),
	ROW("silent-drop", REQS | RS_TCP_RES | RS_HTTP_REQ | RS_HTTP_RES, parse_silent_drop, do_silent_drop, true,
	    "[rst-ttl <ttl>]",
	    "leaves without the client noticing", 0),
	ROW("deny", RS_HTTP_REQ | RS_HTTP_RES, parse_deny, do_deny, true, "[deny_status <code>] " REPLY_ARGS,
	    "refuses: 403 to a request, 502 in place of a response", 0),
	ROW("tarpit", RS_HTTP_REQ, parse_deny, do_deny, true, "[deny_status <code>] " REPLY_ARGS,
	    "holds the request for timeout tarpit, then refuses it with 500", 1),
	ROW("return", RS_HTTP_REQ | RS_HTTP_RES, parse_return, do_return, true, REPLY_ARGS, "answers at once", 0),
	ROW("redirect", RS_HTTP_REQ | RS_HTTP_RES, parse_redirect, do_redirect, true,
	    "location <fmt> | prefix <fmt> | scheme <fmt> [code <code>] [drop-query] [append-slash] [ignore-empty] "
	    "[keep-query]"
	    " [set-cookie <c>] [clear-cookie <c>]",
	    "sends the client elsewhere", 0),
	ROW("use-service", RS_HTTP_REQ | RS_TCP_REQ, parse_service, do_service, true, "<name>",
	    "lets a built-in service answer", 0),
	ROW("switch-mode", RS_TCP_REQ, parse_switch, do_switch, true, "http [proto <name>]",
	    "plain bytes are HTTP from here on", 0),
};
