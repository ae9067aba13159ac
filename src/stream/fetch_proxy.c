/* Fetches about frontends, backends, servers, listeners, and the transaction itself. */
#include "weir/stream/fetches.h"
#include "weir/model/conf.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

/* --- names and numbers of where we are --- */

enum { P_FE_NAME, P_FE_ID, P_BE_NAME, P_BE_ID, P_SRV_NAME, P_SRV_ID, P_SO_NAME, P_SO_ID, P_FE_DEFBE };

static bool put_name(struct sample *out, struct str s)
{
	smp_set_str(out, s, SMP_F_CONST);
	return true;
}

static bool f_where(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	const struct stream *s = x->strm;
	const struct proxy *be = s && s->be ? s->be : s && s->front->flags & GATE_BADREQ ? NULL : x->proxy;
	bool back = row->priv == P_BE_NAME || row->priv == P_BE_ID,
	     srv = row->priv == P_SRV_NAME || row->priv == P_SRV_ID;

	const struct srv *server = s ? s->srv : x->srv;

	if ((back && !be) || (srv && !server) || (!back && !srv && !se))
		return false;
	switch (row->priv) {
	case P_FE_NAME:
		return put_name(out, se->fe->name);
	case P_BE_NAME:
		return put_name(out, be->name);
	case P_SRV_NAME:
		return put_name(out, server->name);
	case P_SO_NAME:
		return put_name(out, se->lstn->name);
	case P_FE_DEFBE:
		return se->fe->default_backend && put_name(out, se->fe->default_backend->name);
	case P_FE_ID:
		return smp_set_int(out, se->fe->id), true;
	case P_BE_ID:
		return smp_set_int(out, be->id), true;
	case P_SRV_ID:
		return smp_set_int(out, server->id), true;
	default:
		return smp_set_int(out, se->lstn->id), true;
	}
}

/* --- state of a backend named by an argument, or ours --- */

static struct px_live *px_of(const struct arg *args, const struct xctx *x)
{
	const struct stream *s = x->strm;
	const struct proxy *px = args[0].type != ARG_END ? args[0].p : s && s->be ? s->be : x->proxy;

	return px ? px->live : NULL;
}

enum {
	B_CONN,
	B_SESS_RATE,
	B_QUEUE,
	B_AVG_QUEUE,
	B_NBSRV,
	B_CONNSLOTS,
	B_CONN_FREE,
	B_SERVER_COUNT,
	F_CONN,
	F_SESS_RATE,
	F_REQ_RATE
};

/* Slots the servers still have: those in their queues count too. -1: unlimited. */
static int64_t free_slots(struct px_live *p, bool queues)
{
	int64_t sum = 0;
	struct srv *s;

	list_each(s, &p->servers, link) {
		if (!srv_willing(s))
			continue;
		if (!s->maxconn || (queues && !s->line->maxqueue))
			return -1;
		sum += (int64_t)s->maxconn - atom_get(&s->served);
		if (queues)
			sum += (int64_t)s->line->maxqueue - atom_get(&s->queued);
	}
	return sum < 0 ? 0 : sum;
}

static int64_t queued_in(struct px_live *p)
{
	int64_t n = atom_get(&p->queued);
	struct srv *s;

	list_each(s, &p->servers, link)
		n += atom_get(&s->queued);
	return n;
}

static bool f_px(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct px_live *p = px_of(args, x);
	unsigned up;

	if (!p)
		return false;
	up = atom_get(&p->nact) ? atom_get(&p->nact) : atom_get(&p->nbck);
	switch (row->priv) {
	case B_CONN:
		return smp_set_int(out, atom_get(&p->be.cur)), true;
	case B_SESS_RATE:
		return smp_set_int(out, cnt_rate_read(&p->be, RATE_SESS)), true;
	case B_QUEUE:
		return smp_set_int(out, queued_in(p)), true;
	case B_AVG_QUEUE:
		return smp_set_int(out, up ? (queued_in(p) + up - 1) / up : queued_in(p) * 16), true;
	case B_NBSRV:
		return smp_set_int(out, atom_get(&p->nact) + atom_get(&p->nbck)), true;
	case B_CONNSLOTS:
		return smp_set_int(out, free_slots(p, true)), true;
	case B_CONN_FREE:
		return smp_set_int(out, free_slots(p, false)), true;
	case B_SERVER_COUNT:
		return smp_set_int(out, p->nservers), true;
	case F_CONN:
		return smp_set_int(out, atom_get(&p->fe.cur)), true;
	case F_SESS_RATE:
		return smp_set_int(out, cnt_rate_read(&p->fe, RATE_SESS)), true;
	default:
		return smp_set_int(out, cnt_rate_read(&p->fe, RATE_REQ)), true;
	}
}

static bool f_fe(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct arg own = { .type = ARG_FE, .p = se ? se->fe : NULL };

	return f_px(args[0].type != ARG_END ? args : &own, out, x, row);
}

enum { S_CONN, S_CONN_FREE, S_IS_UP, S_QUEUE, S_SESS_RATE, S_WEIGHT, S_IWEIGHT, S_UWEIGHT };

static bool f_srv(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct server_line *l = args[0].p;
	struct srv *s = l ? l->live : NULL;

	if (!s)
		return false;
	switch (row->priv) {
	case S_CONN:
		return smp_set_int(out, atom_get(&s->cnt.cur)), true;
	case S_CONN_FREE:
		return smp_set_int(out, s->maxconn ? (int64_t)s->maxconn - atom_get(&s->served) : -1), true;
	case S_IS_UP:
		return smp_set_bool(out, srv_usable(s) && s->state != SRV_ST_STOPPED), true;
	case S_QUEUE:
		return smp_set_int(out, atom_get(&s->queued)), true;
	case S_SESS_RATE:
		return smp_set_int(out, cnt_rate_read(&s->cnt, RATE_SESS)), true;
	case S_WEIGHT:
		return smp_set_int(out, srv_weight_now(s)), true;
	case S_IWEIGHT:
		return smp_set_int(out, s->init_weight), true;
	default:
		return smp_set_int(out, s->weight), true;
	}
}

/* --- timeouts: configured ones of the section, current ones of the exchange --- */

enum { TO_CLIENT, TO_CONNECT, TO_QUEUE, TO_SERVER, TO_TARPIT, TO_TUNNEL };
#define TO_CURRENT 0x100

static unsigned conf_timeout(const struct proxy *p, int which)
{
	switch (which) {
	case TO_CLIENT:
		return p->t_client;
	case TO_CONNECT:
		return p->t_connect;
	case TO_QUEUE:
		return p->t_queue;
	case TO_SERVER:
		return p->t_server;
	case TO_TARPIT:
		return p->t_tarpit;
	default:
		return p->t_tunnel;
	}
}

static bool f_timeout(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	const struct session *se = x->sess;
	int which = row->priv & 0xff;
	const struct proxy *px = which == TO_CLIENT ? se->fe : s && s->be ? s->be : x->proxy;
	const unsigned *over;

	if (!px)
		return false;
	if (!(row->priv & TO_CURRENT) || !s)
		return smp_set_int(out, conf_timeout(px, which)), true;
	over = (const unsigned *[]){ &s->o.t_client, &s->o.t_connect, &s->o.t_queue,
				     &s->o.t_server, &s->o.t_tarpit,  &s->o.t_tunnel }[which];
	smp_set_int(out, stream_timeout(*over, conf_timeout(px, which)));
	return true;
}

/* --- the transaction --- */

enum { X_UNIQUE, X_RULE_FILE, X_RULE_LINE, X_REASON, X_STATE, X_RETRIES, X_STATUS_SENT, X_QUEUE_TIME };

static bool f_txn(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	struct stream *s = x->strm;
	const struct session *se = x->sess;
	const struct rule *r = se ? session_last_rule(se) : NULL;
	const char *file = s && s->last_file ? s->last_file : r ? r->file : NULL;
	int line = s && s->last_file ? s->last_line : r ? r->line : 0;
	struct str id;

	switch (row->priv) {
	case X_UNIQUE:
		id = s && !(s->front->flags & GATE_BADREQ) ? stream_unique_id(s) : STR_NONE;
		return id.p && put_name(out, id);
	case X_RULE_FILE:
		return file && put_name(out, str_c(file));
	case X_RULE_LINE:
		return file && (smp_set_int(out, line), true);
	case X_REASON:
		return s && put_name(out, s->front->bad_reason ? str_c(s->front->bad_reason)
							       : str_c(term_token(s->reason)));
	case X_STATE:
		return s &&
		       put_name(out,
				arena_str(x->mem, str_make((char *)(char[2]){ (char)s->term1, (char)s->term2 }, 2)));
	default:
		return s && (smp_set_int(out, s->retries_done), true);
	}
}

enum { C_REQ_HDR, C_RES_HDR };
static bool f_captured(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	bool res = row->priv == C_RES_HDR;
	const struct str *v = !s ? NULL : res ? s->res_cap : s->req_cap;
	int n = !s ? 0 : res ? s->fe->n_res_caps : s->fe->n_req_caps;

	if (!v || args[0].i < 0 || args[0].i >= n || !v[args[0].i].p)
		return false;
	return put_name(out, v[args[0].i]);
}

/* "http://host/path" and "/path": from the path on; "*" and "host:port" have none. */
static bool put_path(struct sample *out, struct str target)
{
	size_t scheme = str_find(target, STR("://")), slash;

	if (target.n && target.p[0] != '/' && scheme != (size_t)-1)
		target = str_skip(target, scheme + 3);
	slash = str_chr(target, '/');
	return slash != (size_t)-1 && put_name(out, str_skip(target, slash));
}

enum { L_METHOD, L_URI, L_REQ_VER, L_RES_VER };
static bool f_line(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	if (!s || !s->uri_method.n)
		return false;
	switch (row->priv) {
	case L_METHOD:
		return put_name(out, s->uri_method);
	case L_URI:
		return put_path(out, s->uri_target);
	case L_REQ_VER:
		return put_name(out, arena_printf(x->mem, "HTTP/%u.%u", s->uri_major, s->uri_minor));
	default:
		return x->res && s->t_res_head &&
		       put_name(out, arena_printf(x->mem, "HTTP/%u.%u", x->res->major, x->res->minor));
	}
}

static bool f_is_htx(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	return s && (smp_set_bool(out, s->flags & ST_HTTP), true);
}

#define ROW(n, f, o, u, p, h) { .name = n, .fetch = f, .out = o, .use = u, .priv = p, .help = h }
#define ARGROW(n, f, m, a, o, u, p, h)                                                                               \
	{                                                                                                            \
		.name = n, .fetch = f, .args = { m, { a } }, .out = o, .use = u, .priv = p, .help = h                \
	}
const struct fetch_row stream_proxy_fetches[STREAM_PROXY_FETCHES] = {
	ROW("fe_name", f_where, SMP_STR, USE_FTEND, P_FE_NAME, "frontend's name"),
	ROW("fe_id", f_where, SMP_SINT, USE_FTEND, P_FE_ID, "frontend's number"),
	ROW("fe_defbe", f_where, SMP_STR, USE_FTEND, P_FE_DEFBE, "name of the frontend's default backend"),
	ROW("be_name", f_where, SMP_STR, USE_BKEND, P_BE_NAME, "backend's name"),
	ROW("be_id", f_where, SMP_SINT, USE_BKEND, P_BE_ID, "backend's number"),
	ROW("srv_name", f_where, SMP_STR, USE_SERVR, P_SRV_NAME, "name of the server that answers"),
	ROW("srv_id", f_where, SMP_SINT, USE_SERVR, P_SRV_ID, "number of the server that answers"),
	ROW("so_name", f_where, SMP_STR, USE_LISTN, P_SO_NAME, "listener's name"),
	ROW("so_id", f_where, SMP_SINT, USE_LISTN, P_SO_ID, "listener's number"),
	ARGROW("be_conn", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_CONN, "streams of a backend now"),
	ARGROW("be_sess_rate", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_SESS_RATE, "streams a second of a backend"),
	ARGROW("queue", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_QUEUE, "streams waiting in a backend's queues"),
	ARGROW("avg_queue", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_AVG_QUEUE,
	       "streams waiting for each active server"),
	ARGROW("nbsrv", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_NBSRV, "servers of a backend that can be used"),
	ARGROW("connslots", f_px, 1, ARG_BE, SMP_SINT, USE_INTRN, B_CONNSLOTS,
	       "places left on a backend's servers and in their queues"),
	ARGROW("be_conn_free", f_px, 1, ARG_BE, SMP_SINT, USE_INTRN, B_CONN_FREE,
	       "places left on a backend's servers"),
	ARGROW("be_server_count", f_px, 0, ARG_BE, SMP_SINT, USE_INTRN, B_SERVER_COUNT, "servers of a backend"),
	ARGROW("fe_conn", f_fe, 0, ARG_FE, SMP_SINT, USE_INTRN, F_CONN, "connections of a frontend now"),
	ARGROW("fe_sess_rate", f_fe, 0, ARG_FE, SMP_SINT, USE_INTRN, F_SESS_RATE,
	       "connections a second of a frontend"),
	ARGROW("fe_req_rate", f_fe, 0, ARG_FE, SMP_SINT, USE_INTRN, F_REQ_RATE, "requests a second of a frontend"),
	ARGROW("srv_conn", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_CONN, "streams of a server now"),
	ARGROW("srv_conn_free", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_CONN_FREE, "places left on a server"),
	ARGROW("srv_is_up", f_srv, 1, ARG_SRV, SMP_BOOL, USE_INTRN, S_IS_UP, "can the server be used?"),
	ARGROW("srv_queue", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_QUEUE, "streams waiting for a server"),
	ARGROW("srv_sess_rate", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_SESS_RATE, "streams a second of a server"),
	ARGROW("srv_weight", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_WEIGHT, "effective weight of a server"),
	ARGROW("srv_iweight", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_IWEIGHT, "initial weight of a server"),
	ARGROW("srv_uweight", f_srv, 1, ARG_SRV, SMP_SINT, USE_INTRN, S_UWEIGHT, "weight of a server as set last"),
	ROW("fe_client_timeout", f_timeout, SMP_SINT, USE_FTEND, TO_CLIENT, "configured timeout client, ms"),
	ROW("fe_tarpit_timeout", f_timeout, SMP_SINT, USE_FTEND, TO_TARPIT, "configured timeout tarpit, ms"),
	ROW("be_connect_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_CONNECT, "configured timeout connect, ms"),
	ROW("be_queue_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_QUEUE, "configured timeout queue, ms"),
	ROW("be_server_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_SERVER, "configured timeout server, ms"),
	ROW("be_tarpit_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_TARPIT, "configured timeout tarpit, ms"),
	ROW("be_tunnel_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_TUNNEL, "configured timeout tunnel, ms"),
	ROW("cur_client_timeout", f_timeout, SMP_SINT, USE_FTEND, TO_CLIENT | TO_CURRENT,
	    "timeout client in force, ms"),
	ROW("cur_connect_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_CONNECT | TO_CURRENT,
	    "timeout connect in force, ms"),
	ROW("cur_queue_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_QUEUE | TO_CURRENT, "timeout queue in force, ms"),
	ROW("cur_server_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_SERVER | TO_CURRENT,
	    "timeout server in force, ms"),
	ROW("cur_tarpit_timeout", f_timeout, SMP_SINT, USE_FTEND | USE_BKEND, TO_TARPIT | TO_CURRENT,
	    "timeout tarpit in force, ms"),
	ROW("cur_tunnel_timeout", f_timeout, SMP_SINT, USE_BKEND, TO_TUNNEL | TO_CURRENT,
	    "timeout tunnel in force, ms"),
	ROW("unique-id", f_txn, SMP_STR, USE_L4CLI, X_UNIQUE, "the exchange's unique-id"),
	ROW("last_rule_file", f_txn, SMP_STR, USE_INTRN, X_RULE_FILE, "file of the last final rule"),
	ROW("last_rule_line", f_txn, SMP_SINT, USE_INTRN, X_RULE_LINE, "line of the last final rule"),
	ROW("txn.reason", f_txn, SMP_STR, USE_INTRN, X_REASON, "why the exchange ended, as a stable token"),
	ROW("txn.sess_term_state", f_txn, SMP_STR, USE_INTRN, X_STATE, "termination state, two letters"),
	ROW("txn.conn_retries", f_txn, SMP_SINT, USE_L4SRV, X_RETRIES, "retries so far"),
	ARGROW("capture.req.hdr", f_captured, 1, ARG_SINT, SMP_STR, USE_HRQHP, C_REQ_HDR,
	       "captured request field by slot"),
	ARGROW("capture.res.hdr", f_captured, 1, ARG_SINT, SMP_STR, USE_HRSHP, C_RES_HDR,
	       "captured response field by slot"),
	ROW("capture.req.method", f_line, SMP_STR, USE_HRQHP, L_METHOD, "method as received"),
	ROW("capture.req.uri", f_line, SMP_STR, USE_HRQHP, L_URI, "path and query as received"),
	ROW("capture.req.ver", f_line, SMP_STR, USE_HRQHP, L_REQ_VER, "version of the request"),
	ROW("capture.res.ver", f_line, SMP_STR, USE_HRSHP, L_RES_VER, "version of the response"),
	ROW("internal.strm.is_htx", f_is_htx, SMP_BOOL, USE_L4CLI, 0, "is the exchange handled as HTTP messages?"),
};
