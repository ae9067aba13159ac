/* Actions that change how a stream goes on: timeouts, addresses, priorities, log level, captures, waiting. */
#include "weir/stream/actions.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/stream/stream.h"
#include "weir/tls/context.h"
#include "stream_priv.h"

#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#define REQS (RS_TCP_CONN | RS_TCP_SESS | RS_TCP_REQ | RS_HTTP_REQ)
#define HTTPS (RS_HTTP_REQ | RS_HTTP_RES | RS_HTTP_AFTER)

static bool need(int n, const int *at, const char *what, struct load_err *err)
{
	if (*at < n)
		return true;
	load_err_set(err, NULL, "expects %s", what);
	return false;
}

/* One expression. */
static bool parse_expr(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		       struct load_err *err)
{
	if (!need(n, at, "an expression", err))
		return false;
	r->expr = expr_compile_words(sc, w, n, at, err);
	return r->expr != NULL;
}

static bool eval_int(const struct rule *r, struct xctx *x, int64_t *out)
{
	struct sample smp = { 0 };

	if (!r->expr) {
		*out = r->num;
		return true;
	}
	if (!expr_eval_as(r->expr, SMP_SINT, &smp, x))
		return false;
	*out = smp.i;
	return true;
}

/* A number written out, or an expression. */
static bool parse_int(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		      struct load_err *err)
{
	if (!need(n, at, "a value or an expression", err))
		return false;
	if (num_i64(w[*at], &r->num)) {
		(*at)++;
		return true;
	}
	if (w[*at].n > 2 && w[*at].p[0] == '0' && (w[*at].p[1] | 32) == 'x') {
		char *end;

		r->num = strtoll(w[*at].p, &end, 16);
		if (*end == 0) {
			(*at)++;
			return true;
		}
	}
	return parse_expr(r, sc, w, n, at, br, err);
}

/* --- log level --- */

static bool parse_level(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			struct load_err *err)
{
	static const char *const names[] = { "emerg",  "alert", "crit",  "err",   "warning",
					     "notice", "info",  "debug", "silent" };

	if (!need(n, at, "exactly 1 argument (log level name or 'silent')", err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqz(w[*at], names[i])) {
			r->num = i == 8 ? -2 : (int)i;
			(*at)++;
			return true;
		}
	load_err_set(err, w[*at].p, "expects exactly 1 argument (log level name or 'silent')");
	return false;
}

static enum act_result do_level(const struct rule *r, struct xctx *x)
{
	x_stream(x)->o.log_level = (int)r->num;
	return ACT_NEXT;
}

/* --- timeouts --- */

enum { TO_CLIENT, TO_SERVER, TO_CONNECT, TO_QUEUE, TO_TUNNEL, TO_TARPIT, TO_COUNT };
struct set_timeout {
	int which;
	uint64_t ms;
	struct expr *expr;
};

static bool parse_timeout(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			  struct load_err *err)
{
	static const char *const names[TO_COUNT] = { "client", "server", "connect", "queue", "tunnel", "tarpit" };
	struct set_timeout *t = arena_new(sc->mem, struct set_timeout);
	const char *bad;

	if (!need(n - 1, at,
		  "'client', 'connect', 'queue', 'server', 'tarpit' or 'tunnel' and a time or an expression", err))
		return false;
	r->arg = t;
	for (t->which = 0; t->which < TO_COUNT && !str_eqz(w[*at], names[t->which]); t->which++)
		;
	if (t->which == TO_COUNT) {
		load_err_set(err, w[*at].p,
			     "'set-timeout' rule supports 'server'/'tunnel'/'client'/'connect'/'queue'/'tarpit' (got "
			     "'%.*s')",
			     STR_ARG(w[*at]));
		return false;
	}
	(*at)++;
	if (num_time(w[*at], TIME_MS, TIME_MS, &t->ms, &bad) == NUM_OK) {
		if (!t->ms) {
			load_err_set(err, w[*at].p, "null value is not valid for a 'set-timeout %s' rule",
				     names[t->which]);
			return false;
		}
		(*at)++;
		return true;
	}
	t->expr = expr_compile_words(sc, w, n, at, err);
	return t->expr != NULL;
}

static enum act_result do_timeout(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	const struct set_timeout *t = r->arg;
	unsigned *to[TO_COUNT] = { &s->o.t_client, &s->o.t_server, &s->o.t_connect,
				   &s->o.t_queue,  &s->o.t_tunnel, &s->o.t_tarpit };
	struct sample smp = { 0 };
	uint64_t ms = t->ms;

	if (t->expr) {
		if (!expr_eval_as(t->expr, SMP_SINT, &smp, x) || smp.i < 0)
			return ACT_NEXT;
		ms = (uint64_t)smp.i;
	}
	*to[t->which] = (unsigned)MIN(ms, INT32_MAX);
	if (t->which == TO_CLIENT && s->dl_client)
		stream_deadline(&s->dl_client, s->o.t_client);
	if (t->which == TO_SERVER && s->dl_server)
		stream_deadline(&s->dl_server, s->o.t_server);
	return ACT_NEXT;
}

/* --- numbers of the stream --- */

enum { I_NICE, I_PRIO_CLASS, I_PRIO_OFFSET, I_RETRIES, I_FC_MARK, I_FC_TOS, I_BC_MARK, I_BC_TOS };

static int64_t clamp(int64_t v, int64_t lo, int64_t hi)
{
	return v < lo ? lo : v > hi ? hi : v;
}

static void set_tos(int fd, int v)
{
	if (setsockopt(fd, IPPROTO_IP, IP_TOS, &v, sizeof(v)) < 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &v, sizeof(v));
}

static void set_mark(int fd, unsigned v)
{
	setsockopt(fd, SOL_SOCKET, SO_MARK, &v, sizeof(v));
}

static enum act_result do_int(const struct rule *r, struct xctx *x)
{
	struct stream *s = x->strm;
	struct session *se = x->sess;
	int64_t v;

	if (!eval_int(r, x, &v))
		return ACT_NEXT;
	switch (r->action->priv) {
	case I_NICE:
		if (mux_streams_limit(se->conn) == 1)	/* else others share the connection */
			session_set_nice(se, (int)clamp(v, -1024, 1024));
		break;
	case I_PRIO_CLASS:
		s->o.prio_class = clamp(v, -2047, 2047);
		break;
	case I_PRIO_OFFSET:
		s->o.prio_offset = clamp(v, -524287, 524287);
		break;
	case I_RETRIES:
		s->o.retries = (int)clamp(v, 0, 100);
		break;
	case I_FC_MARK:
		set_mark(se->conn->ev.fd, (unsigned)v);
		break;
	case I_FC_TOS:
		set_tos(se->conn->ev.fd, (int)v);
		break;
	case I_BC_MARK:
		s->bc_mark = (unsigned)v;
		s->bc_mark_set = true;
		break;
	case I_BC_TOS:
		s->bc_tos = (int)v;
		s->bc_tos_set = true;
		break;
	}
	return ACT_NEXT;
}

static enum act_result do_no_l7_retry(const struct rule *r, struct xctx *x)
{
	x_stream(x)->flags |= ST_NO_L7_RETRY;
	return ACT_NEXT;
}

static bool parse_nothing(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			  struct load_err *err)
{
	return true;
}

/* --- addresses --- */

enum { SET_SRC, SET_DST, SET_SRC_PORT, SET_DST_PORT };

/* What a ruleset before the stream sets holds for the connection, later ones for the request. */
static struct addr *own_addr(struct xctx *x, bool src)
{
	struct session *se = x->sess;
	struct stream *s = x->strm;
	struct addr **at = s ? (src ? &s->src : &s->dst) : NULL, *own;
	const struct addr *was;

	if (at && *at)
		return *at;
	if (s) {
		was = src ? stream_src(s) : stream_dst(s);
		own = *at = arena_new(s->mem, struct addr);
	} else {
		was = src ? session_src(se) : session_dst(se);
		own = src ? &session_more(se)->src : &session_more(se)->dst;
	}
	if (was && was != own)
		*own = *was;
	return own;
}

static void put_ip(struct addr *a, const struct sample *smp)
{
	uint16_t port = addr_isset(a) ? addr_port(a) : 0;

	if (smp->type == SMP_IPV4)
		addr_set4(a, &smp->ip4, port);
	else
		addr_set6(a, &smp->ip6, port);
}

static enum act_result do_set_addr(const struct rule *r, struct xctx *x)
{
	bool src = r->action->priv == SET_SRC || r->action->priv == SET_SRC_PORT;
	struct sample smp = { 0 };
	struct addr *a;

	if (r->action->priv == SET_SRC || r->action->priv == SET_DST) {
		if (!expr_eval_as(r->expr, SMP_ADDR, &smp, x) || (smp.type != SMP_IPV4 && smp.type != SMP_IPV6))
			return ACT_NEXT;
		put_ip(own_addr(x, src), &smp);
		return ACT_NEXT;
	}
	if (!expr_eval_as(r->expr, SMP_SINT, &smp, x))
		return ACT_NEXT;
	a = own_addr(x, src);
	if (addr_family(a) != AF_INET && addr_family(a) != AF_INET6)
		addr_set4(a, "\0\0\0\0", 0);
	addr_set_port(a, (uint16_t)smp.i);
	return ACT_NEXT;
}

/* --- capture --- */

struct capture_rule {
	int len, id;
	bool by_id;
	struct arg slot;	/* to be looked at when all slots are declared */
};

static void check_later(struct capture_rule *c, const struct rule *r, struct xscope *sc)
{
	struct arg_todo *t;

	if (!sc->unresolved || !sc->proxy)
		return;
	t = arena_new(sc->mem, struct arg_todo);
	c->slot = (struct arg){ .type = ARG_CAPTURE, .i = c->id };
	*t = (struct arg_todo){ .arg = &c->slot, .proxy = sc->proxy, .file = sc->file, .line = sc->line, .pos = 1,
				.kw = ruleset_name(r->set), .what = "action" };
	list_push(sc->unresolved, &t->link);
}

static bool parse_capture(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			  struct load_err *err)
{
	struct capture_rule *c = arena_new(sc->mem, struct capture_rule);
	struct proxy *px = sc->proxy;
	int64_t v;

	r->arg = c;
	if (n - *at < 3) {
		load_err_set(err, NULL, "expects <expression> [ 'len' <length> | id <idx> ]");
		return false;
	}
	r->expr = expr_compile_words(sc, w, n, at, err);
	if (!r->expr)
		return false;
	if (n - *at < 2) {
		load_err_set(err, NULL, "expects <expression> [ 'len' <length> | id <idx> ]");
		return false;
	}
	c->by_id = str_eqz(w[*at], "id");
	if (!c->by_id && !str_eqz(w[*at], "len")) {
		load_err_set(err, w[*at].p, "expects 'len or 'id'");
		return false;
	}
	if (!num_i64(w[*at + 1], &v) || v < 0 || v > INT32_MAX || (!c->by_id && v == 0)) {
		load_err_set(err, w[*at + 1].p, c->by_id ? "cannot parse id '" STR_FMT "'" : "length must be > 0",
			     STR_ARG(w[*at + 1]));
		return false;
	}
	*at += 2;
	c->len = c->id = (int)v;
	if (c->by_id && r->set & RS_TCP_REQ) {
		load_err_set(err, w[*at - 2].p, "a positive 'len' argument is mandatory");
		return false;
	}
	if (c->by_id) {
		check_later(c, r, sc);
		return true;
	}
	if (!px || r->set & (RS_HTTP_RES | RS_HTTP_AFTER)) {
		load_err_set(err, NULL,
			     "'len' is only possible in a frontend's requests: declare a capture slot and use 'id'");
		return false;
	}
	if (!(px->caps & PR_FE)) {
		load_err_set(err, w[*at - 2].p, "proxy '" STR_FMT "' has no frontend capability", STR_ARG(px->name));
		return false;
	}
	struct capture *slot = arena_new(sc->mem, struct capture);

	slot->len = c->len;
	slot->next = px->req_caps;
	slot->index = c->id = px->n_req_caps++;
	px->req_caps = slot;
	return true;
}

static int slot_len(const struct capture *c, int index)
{
	for (; c; c = c->next)
		if (c->index == index)
			return c->len;
	return 0;
}

bool stream_capture(struct stream *s, bool res, int id, struct str v)
{
	int n = res ? s->fe->n_res_caps : s->fe->n_req_caps;
	int len = slot_len(res ? s->fe->res_caps : s->fe->req_caps, id);
	struct str **slots = res ? &s->res_cap : &s->req_cap;

	if (id >= n || !len)
		return false;
	if (!*slots)
		*slots = arena_zalloc(s->mem, (size_t)n * sizeof(**slots));
	(*slots)[id] = arena_str(s->mem, str_head(v, (size_t)len));
	return true;
}

static enum act_result do_capture(const struct rule *r, struct xctx *x)
{
	const struct capture_rule *c = r->arg;
	struct str v;

	if (expr_eval_str(r->expr, &v, x))
		stream_capture(x_stream(x), r->set & (RS_HTTP_RES | RS_HTTP_AFTER), c->id, v);
	return ACT_NEXT;
}

/* --- early hints: neighbours in the list form one 103 answer --- */

static bool parse_hint(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		       struct load_err *err)
{
	char *low;

	if (!need(n - 1, at, "a field name and a format", err))
		return false;
	low = arena_strz(sc->mem, w[*at].p);
	str_lower(low, w[*at].n);
	r->text = str_make(low, w[*at].n);
	r->fmt = logfmt_compile(sc, w[*at + 1], LF_HTTP | LF_HEADER_VALUE, err);
	*at += 2;
	return r->fmt != NULL;
}

static enum act_result do_hint(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	struct msg *m = s->hints;
	struct sbuf b = sbuf_fixed(arena_bytes(s->mem, 2048), 2048);
	const struct rule *next = container_of(r->link.next, struct rule, link);

	if (s->req->major == 1 && s->req->minor == 0)
		return ACT_NEXT;
	if (!m) {
		m = s->hints = arena_new(s->mem, struct msg);
		msg_init(m, true, s->mem);
		m->major = m->minor = 1;
		msg_set_status(m, 103, STR_NONE);
	}
	logfmt_build(r->fmt, &b, x);
	msg_add(m, r->text, sbuf_str(&b));
	if (next->action == r->action && !next->cond)
		return ACT_NEXT;
	s->front->ops->send_info(s->front, m);
	s->front->ops->flush(s->front, false);
	s->hints = NULL;
	return ACT_NEXT;
}

/* --- waiting --- */

struct wait_body { unsigned ms; uint64_t at_least; };

static bool parse_wait_body(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			    struct load_err *err)
{
	struct wait_body *wb = arena_new(sc->mem, struct wait_body);
	uint64_t ms = 0;
	const char *bad;

	r->arg = wb;
	if (*at >= n || !str_eqz(w[*at], "time")) {
		load_err_set(err, *at < n ? w[*at].p : NULL, "expects time <time> [ at-least <bytes> ]");
		return false;
	}
	if (*at + 1 >= n) {
		load_err_set(err, NULL, "missing argument for 'time'");
		return false;
	}
	if (num_time(w[*at + 1], TIME_MS, TIME_MS, &ms, &bad) != NUM_OK) {
		load_err_set(err, bad ? bad : w[*at + 1].p, "unexpected character '%c'", bad && *bad ? *bad : ' ');
		return false;
	}
	wb->ms = (unsigned)ms;
	*at += 2;
	if (*at + 1 < n && str_eqz(w[*at], "at-least")) {
		if (num_size(w[*at + 1], &wb->at_least, &bad) != NUM_OK) {
			load_err_set(err, bad ? bad : w[*at + 1].p, "unexpected character '%c'",
				     bad && *bad ? *bad : ' ');
			return false;
		}
		*at += 2;
	}
	return true;
}

static enum act_result do_wait_body(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	struct gate *g = x->dir == X_REQ ? s->front : s->back;
	const struct wait_body *wb = r->arg;
	size_t room = s->conf->global.tune.bufsize - s->conf->global.tune.maxrewrite;

	if (x->dir == X_REQ && g->flags & IN_ABORT) {
		stream_body_cut(s);
		return ACT_DONE;
	}
	if (!g || g->flags & (IN_END | IN_ABORT) || g->in.bytes >= room ||
	    (wb->at_least && g->in.bytes >= wb->at_least)) {
		s->rule_deadline = 0;
		return ACT_NEXT;
	}
	if (!s->rule_deadline)
		stream_deadline(&s->rule_deadline, wb->ms ? wb->ms : 1);
	if (loop_ms() >= s->rule_deadline) {
		s->rule_deadline = 0;
		if (x->dir == X_RES)
			return ACT_NEXT;
		stream_body_late(s);
		return ACT_DONE;
	}
	if (x->dir == X_REQ)
		stream_continue(s);
	return ACT_WAIT;
}

static bool parse_pause(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			struct load_err *err)
{
	uint64_t ms;
	const char *bad;

	if (!need(n, at, "a time or an expression", err))
		return false;
	if (num_time(w[*at], TIME_MS, TIME_MS, &ms, &bad) == NUM_OK) {
		r->num = (int64_t)ms;
		(*at)++;
		return true;
	}
	return parse_expr(r, sc, w, n, at, br, err);
}

static enum act_result do_pause(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	int64_t ms;

	if (!s->rule_deadline) {
		if (!eval_int(r, x, &ms) || ms <= 0)
			return ACT_NEXT;
		stream_deadline(&s->rule_deadline, (unsigned)ms);
	}
	if (loop_ms() < s->rule_deadline)
		return ACT_WAIT;
	s->rule_deadline = 0;
	return ACT_NEXT;
}

#define HANDSHAKE_LOOK 5		/* ms */

/* The client's handshake goes on as its bytes come; nobody reads them while rules run but this. */
static enum act_result do_wait_handshake(const struct rule *r, struct xctx *x)
{
	struct stream *s = x_stream(x);
	unsigned limit = s->fe->t_client_hs ? s->fe->t_client_hs : s->fe->t_client;
	struct conn *c = s->sess->conn;

	s->rule_deadline = 0;
	if (tls_confirm(c) == 1)
		return ACT_NEXT;
	if (c->flags & CONN_ERROR || s->front->flags & IN_ABORT) {
		stream_body_cut(s);
		return ACT_DONE;
	}
	if (limit && loop_us() - s->sess->accept_us > (uint64_t)limit * 1000) {
		stream_body_late(s);
		return ACT_DONE;
	}
	stream_deadline(&s->rule_deadline, HANDSHAKE_LOOK);
	return ACT_WAIT;
}

/* --- before the stream --- */

static bool parse_expect_proxy(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			       struct load_err *err)
{
	if (*at < n && str_eqz(w[*at], "layer4")) {
		(*at)++;
		return true;
	}
	load_err_set(err, *at < n ? w[*at].p : NULL, "'tcp-request connection %s' only supports 'layer4' (got '" STR_FMT
		     "')", r->action->name, *at < n ? (int)w[*at].n : 0, *at < n ? w[*at].p : "");
	return false;
}

static enum act_result do_expect_proxy(const struct rule *r, struct xctx *x)
{
	x_session(x)->flags |= r->action->priv;
	return ACT_NEXT;
}

static bool parse_log(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
		      struct load_err *err)
{
	const struct proxy *p = sc->proxy;

	if (*at >= n || !str_eqz(w[*at], "profile"))
		return true;
	if (++*at >= n || str_eqz(w[*at], "if") || str_eqz(w[*at], "unless")) {
		load_err_set(err, w[*at - 1].p, "'do-log' expects the name of a log-profile behind 'profile'");
		return false;
	}
	r->arg = conf_log_profile_named(p->conf, w[(*at)++], sc->file, sc->line);
	return true;
}

static enum log_step log_step_of(uint32_t set)
{
	switch (set) {
	case RS_TCP_CONN:
		return LOG_STEP_TCP_CONN;
	case RS_TCP_SESS:
		return LOG_STEP_TCP_SESS;
	case RS_TCP_REQ:
		return LOG_STEP_TCP_REQ;
	case RS_TCP_RES:
		return LOG_STEP_TCP_RES;
	case RS_HTTP_REQ:
		return LOG_STEP_HTTP_REQ;
	case RS_HTTP_RES:
		return LOG_STEP_HTTP_RES;
	default:
		return LOG_STEP_HTTP_AFTER;
	}
}

static enum act_result do_log(const struct rule *r, struct xctx *x)
{
	if (x->strm)
		stream_log_now(x->strm, log_step_of(r->set), r->arg);
	else
		session_log_now(x->sess, log_step_of(r->set), r->arg);
	return ACT_NEXT;
}

#define ROW(n, s, p, e, a, h, v) { .name = n, .sets = s, .parse = p, .exec = e, .args = a, .help = h, .priv = v }
const struct action_row stream_option_actions[STREAM_OPTION_ACTIONS] = {
	ROW("set-log-level", RS_TCP_REQ | RS_TCP_RES | HTTPS, parse_level, do_level, "<level>",
	    "level of this exchange's log line, or silent", 0),
	ROW("set-timeout", RS_HTTP_REQ | RS_HTTP_RES, parse_timeout, do_timeout,
	    "client|connect|queue|server|tarpit|tunnel <time>|<expr>", "overrides a timeout for this exchange", 0),
	ROW("set-nice", RS_TCP_REQ | RS_TCP_RES | RS_HTTP_REQ | RS_HTTP_RES, parse_int, do_int, "<nice>",
	    "for the rest of this exchange, as `nice` of bind lines; not in HTTP/2", I_NICE),
	ROW("set-priority-class", RS_TCP_REQ | RS_HTTP_REQ, parse_expr, do_int, "<expr>",
	    "class in queues, smaller goes first", I_PRIO_CLASS),
	ROW("set-priority-offset", RS_TCP_REQ | RS_HTTP_REQ, parse_expr, do_int, "<expr>",
	    "shift in queues inside a class", I_PRIO_OFFSET),
	ROW("set-retries", RS_TCP_REQ | RS_HTTP_REQ, parse_int, do_int, "<n>|<expr>",
	    "how often connecting may be tried again", I_RETRIES),
	ROW("set-mark", REQS | RS_TCP_RES | RS_HTTP_RES, parse_int, do_int, "<mark>",
	    "netfilter mark towards the client", I_FC_MARK),
	ROW("set-fc-mark", REQS | RS_TCP_RES | RS_HTTP_RES, parse_int, do_int, "<mark>|<expr>",
	    "netfilter mark towards the client", I_FC_MARK),
	ROW("set-tos", REQS | RS_TCP_RES | RS_HTTP_RES, parse_int, do_int, "<tos>", "TOS/DS field towards the client",
	    I_FC_TOS),
	ROW("set-fc-tos", REQS | RS_TCP_RES | RS_HTTP_RES, parse_int, do_int, "<tos>|<expr>",
	    "TOS/DS field towards the client", I_FC_TOS),
	ROW("set-bc-mark", RS_TCP_REQ | RS_HTTP_REQ, parse_int, do_int, "<mark>|<expr>",
	    "netfilter mark towards the server", I_BC_MARK),
	ROW("set-bc-tos", RS_TCP_REQ | RS_HTTP_REQ, parse_int, do_int, "<tos>|<expr>",
	    "TOS/DS field towards the server", I_BC_TOS),
	ROW("wait-for-handshake", RS_HTTP_REQ, parse_nothing, do_wait_handshake, "",
	    "a request that came as TLS early data waits until the handshake is done", 0),
	ROW("disable-l7-retry", RS_HTTP_REQ, parse_nothing, do_no_l7_retry, "",
	    "this request is never repeated after it was sent", 0),
	ROW("set-src", REQS, parse_expr, do_set_addr, "<expr>", "source address as everything after sees it",
	    SET_SRC),
	ROW("set-src-port", REQS, parse_expr, do_set_addr, "<expr>", "source port", SET_SRC_PORT),
	ROW("set-dst", REQS, parse_expr, do_set_addr, "<expr>", "destination address", SET_DST),
	ROW("set-dst-port", REQS, parse_expr, do_set_addr, "<expr>", "destination port", SET_DST_PORT),
	ROW("capture", RS_TCP_REQ | HTTPS, parse_capture, do_capture,
	    "<expr> len <n> | id <slot>", "keeps a value for the log", 0),
	ROW("early-hint", RS_HTTP_REQ, parse_hint, do_hint, "<name> <fmt>", "sends a field in a 103 answer", 0),
	ROW("wait-for-body", RS_HTTP_REQ | RS_HTTP_RES, parse_wait_body, do_wait_body,
	    "time <time> [at-least <size>]", "waits until the body, or that much of it, is there", 0),
	ROW("pause", RS_HTTP_REQ | RS_HTTP_RES, parse_pause, do_pause, "<time>|<expr>",
	    "holds the exchange for a while", 0),
	ROW("expect-proxy", RS_TCP_CONN, parse_expect_proxy, do_expect_proxy, "layer4",
	    "the connection begins with a PROXY header, as with accept-proxy", SESS_EXPECT_PROXY),
	ROW("expect-netscaler-cip", RS_TCP_CONN, parse_expect_proxy, do_expect_proxy, "layer4",
	    "the connection begins with a NetScaler Client IP header, as with accept-netscaler-cip", SESS_EXPECT_CIP),
	ROW("do-log", REQS | RS_TCP_RES | HTTPS, parse_log, do_log, "[profile <name>]", "writes a log line now", 0),
};
