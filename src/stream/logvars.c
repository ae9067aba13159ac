/* The '%' variables of log formats: rows like fetches, about a stream or, for a connection that never became one, about
 * its session. */
#include "weir/stream/logvars.h"
#include "weir/base/date.h"
#include "weir/base/sbuf.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"

#include <unistd.h>

static bool num(struct sample *out, int64_t v)
{
	smp_set_int(out, v);
	return true;
}

static bool text(struct sample *out, struct str s)
{
	smp_set_str(out, s, SMP_F_CONST);
	return true;
}

/* --- addresses --- */

enum { A_CLIENT, A_FRONT, A_BACK, A_SERVER };

static const struct addr *address(const struct xctx *x, int which)
{
	const struct stream *s = x->strm;
	const struct session *se = x->sess;

	if (which == A_CLIENT)
		return s ? stream_src(s) : session_src(se);
	if (which == A_FRONT)
		return s ? stream_dst(s) : session_dst(se);
	if (!s && x->srv)	/* a health check */
		return which == A_SERVER ? &((const struct srv *)x->srv)->addr : x->back ? conn_src(x->back) : NULL;
	if (!s || !s->srv)
		return NULL;
	if (which == A_SERVER)
		return s->back ? conn_dst(s->back->conn) : s->was_dst ? s->was_dst : &s->srv->addr;
	return s->back ? conn_src(s->back->conn) : s->was_src;
}

static bool v_ip(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct addr *a = address(x, row->priv);
	char buf[ADDR_TEXT_MAX];

	if (a && smp_set_addr(out, a))
		return true;
	return a && text(out, arena_str(x->mem, addr_ip_text(a, buf)));
}

static bool v_port(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct addr *a = address(x, row->priv);
	struct session *se = x->sess;

	if (a && addr_family(a) == AF_UNIX)
		return num(out, row->priv == A_CLIENT ? se->lstn->id : 0);
	return a && num(out, addr_port(a));
}

/* --- names --- */

enum { N_FRONT, N_FRONT_TLS, N_BACK, N_SERVER, N_HOST, N_UNIQUE, N_LISTENER };

static struct str name_of(struct xctx *x, int which)
{
	struct stream *s = x->strm;
	struct session *se = x->sess;

	switch (which) {
	case N_FRONT:
		return se->fe->name;
	case N_FRONT_TLS:
		return se->bind->tls.on ? arena_printf(x->mem, "%.*s~", STR_ARG(se->fe->name)) : se->fe->name;
	case N_BACK:
		return s && s->be ? s->be->name : se ? se->fe->name : ((const struct proxy *)x->proxy)->name;
	case N_SERVER:
		if (s && s->service_name && !s->srv)
			return str_c(s->service_name);
		if (!s && x->srv)
			return ((const struct srv *)x->srv)->name;
		return !s || !s->srv ? STR("<NOSRV>") : s->srv->name;
	case N_UNIQUE:
		return s && !(s->front->flags & GATE_BADREQ) ? stream_unique_id(s) : STR_NONE;
	case N_LISTENER:
		return se->lstn->name;
	}
	return STR_NONE;
}

static bool v_name(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return text(out, name_of(x, row->priv));
}

static bool v_hostname(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	char buf[256];

	if (gethostname(buf, sizeof(buf)) < 0)
		return false;
	buf[sizeof(buf) - 1] = 0;
	return text(out, arena_str(x->mem, str_c(buf)));
}

/* --- dates --- */

enum { D_ACCEPT, D_REQUEST, D_ACCEPT_GMT, D_ACCEPT_LOCAL, D_REQ_GMT, D_REQ_LOCAL, D_TS, D_MS };

static bool v_date(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	static __thread struct date_second local, utc;
	const struct stream *s = x->strm;
	const struct session *se = x->sess;
	bool gmt = row->priv == D_ACCEPT_GMT || row->priv == D_REQ_GMT;
	bool req = row->priv == D_REQUEST || row->priv == D_REQ_GMT || row->priv == D_REQ_LOCAL;
	struct wall w = !s ? session_wall(se) : req ? s->w_first : s->w_accept;
	struct date_second *d = gmt ? &utc : &local;
	char *buf;

	if (row->priv == D_TS)
		return num(out, w.s);
	if (row->priv == D_MS)
		return text(out, arena_printf(x->mem, "%03u", w.us / 1000));
	date_second_set(d, w.s, gmt);
	buf = arena_bytes(x->mem, 32);
	if (row->priv == D_ACCEPT || row->priv == D_REQUEST)
		return text(out, date_log(d, w.us / 1000, buf));
	memcpy(buf, d->clf, sizeof(d->clf));
	buf[sizeof(d->clf)] = ' ';
	memcpy(buf + sizeof(d->clf) + 1, d->zone, sizeof(d->zone));
	return text(out, str_make(buf, sizeof(d->clf) + 1 + sizeof(d->zone)));
}

/* --- timers: milliseconds, -1 when the phase was not reached --- */

static int64_t ms_between(uint64_t from, uint64_t to)
{
	return from && to ? (int64_t)((to > from ? to - from : 0) / 1000) : -1;
}

int64_t stream_time(const struct stream *s, enum stream_time which)
{
	bool local = s->flags & ST_LOCAL && !s->t_connect0 && !s->t_connected, tcp = !(s->flags & ST_HTTP);
	uint64_t end = s->t_end ? s->t_end : loop_us(), queued = s->t_assigned;
	uint64_t base = s->t_head ? s->t_head : s->t_first;

	switch (which) {
	case T_HANDSHAKE:
		return s->sess->nstreams == 1 ? s->sess->handshake_us / 1000 : 0;
	case T_IDLE:
		return (int64_t)(s->front->t_idle_us / 1000);
	case T_REQUEST:
		return ms_between(s->t_first, s->t_ready);
	case T_TQ:
		return !s->t_ready ? -1 : (int64_t)(s->front->t_idle_us / 1000) + ms_between(s->t_first, s->t_ready);
	case T_QUEUE:
		if (s->service_name && local)
			return 0;
		return queued ? ms_between(tcp ? s->t_first : s->t_queue0 ? s->t_queue0 : queued, queued) : -1;
	case T_CONNECT:
		if (s->service_name && local)
			return 0;
		return s->t_connected ? ms_between(s->t_connect0 ? s->t_connect0 : s->t_connected, s->t_connected) : -1;
	case T_RESPONSE:
		if (s->service_name && local)
			return ms_between(base, s->t_res_head ? s->t_res_head : end);
		return s->t_connected && s->t_res_head && !tcp ? ms_between(s->t_connected, s->t_res_head) : -1;
	case T_DATA:
		return s->t_res_head ? ms_between(s->t_res_head, end) : -1;
	case T_ACTIVE:
	case T_USER:
		return ms_between(s->t_first, end);
	default:
		return ms_between(s->t_accept, end);
	}
}

static bool v_timer(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	bool total = row->priv == T_ACTIVE || row->priv == T_TOTAL;

	if (!s)
		return num(out, -1);
	if (total && s->fe->options & PO_LOGASAP)
		return text(out, arena_printf(x->mem, "+%lld", (long long)stream_time(s, (enum stream_time)row->priv)));
	return num(out, stream_time(s, (enum stream_time)row->priv));
}

/* --- counts --- */

enum {
	C_BYTES,
	C_UPLOAD,
	C_ACTCONN,
	C_FECONN,
	C_BECONN,
	C_SRVCONN,
	C_RETRY,
	C_SRVQ,
	C_BEQ,
	C_REQCOUNT,
	C_LINES,
	C_PID,
	C_STATUS
};

static int64_t count_of(const struct stream *s, const struct session *se, int which)
{
	switch (which) {
	case C_UPLOAD:
		return s ? (int64_t)s->front->wire_in : 0;
	case C_ACTCONN:
		return atom_get(&live_get()->cur_conns);
	case C_FECONN:
		return atom_get(&se->fel->fe.cur);
	case C_BECONN:
		if (s && !s->bel)	/* a listen section is its own backend until another one is chosen */
			return atom_get(&s->sess->fel->be.cur);
		return s && s->flags & ST_BE_COUNTED ? atom_get(&s->bel->be.cur) : 0;
	case C_SRVCONN:
		return s && s->srv ? atom_get(&s->srv->cnt.cur) : 0;
	case C_RETRY:
		return s ? s->retries_done : 0;
	case C_SRVQ:
		return s ? s->q_srv : 0;
	case C_BEQ:
		return s ? s->q_be : 0;
	case C_LINES:
		return (int64_t)atom_get(&se->fel->log_lines);
	case C_REQCOUNT:
		return s ? s->uniq : 0;
	case C_STATUS:
		return !s ? -1 : s->fe->mode == MODE_HTTP ? s->status : 0;
	default:
		return getpid();
	}
}

static bool v_count(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return num(out, count_of(x->strm, x->sess, row->priv));
}

/* Bytes the server sent. With logasap a plus sign says that more may come. */
static bool v_bytes(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	uint64_t n = s ? s->log_bytes_in + (s->back ? s->back->wire_in : 0) : 0;

	if (s && s->fe->options & PO_LOGASAP)
		return text(out, arena_printf(x->mem, "+%llu", (unsigned long long)n));
	return num(out, (int64_t)n);
}

static bool v_retries(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	if (s && s->flags & ST_REDISP)
		return text(out, arena_printf(x->mem, "+%u", s->retries_done));
	return num(out, s ? s->retries_done : 0);
}

/* --- states --- */

static bool v_term(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	const struct proxy *px = s ? s->be ? s->be : s->fe : NULL;
	char *b = arena_bytes(x->mem, 4);
	/* `cookie` without a word that says what is done to it is not told about, nor what nobody could read. */
	bool told = px && s->uri_method.n &&
		    px->cookie.name.n && (px->cookie.mode != COOKIE_NONE || px->cookie.flags & CK_INDIRECT);

	b[0] = (char)(s ? s->term1 : 'P');
	b[1] = (char)(s ? s->term2 : 'R');
	b[2] = (char)(told ? s->cookie_in == '-' ? 'N' : s->cookie_in : '-');
	b[3] = (char)(told ? s->cookie_out == '-' ? 'N' : s->cookie_out : '-');
	return text(out, str_make(b, row->priv));
}

static bool v_tls(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;
	struct str v = STR_NONE;

	if (!conn_ask(se->conn, (enum conn_ask)row->priv, &v) || !v.n)
		return false;
	return text(out, v);
}

/* --- the request --- */

enum { R_LINE, R_METHOD, R_URI, R_PATH, R_QUERY, R_VERSION, R_PATHONLY };

#define VERSION_LEN 8	/* "HTTP/1.1" */

static struct str version_text(const struct stream *s, char *at)
{
	memcpy(at, "HTTP/x.y", VERSION_LEN);
	at[5] = (char)('0' + s->uri_major % 10);
	at[7] = (char)('0' + s->uri_minor % 10);
	return str_make(at, VERSION_LEN);
}

/* "GET /path HTTP/1.1", for every line of an HTTP log: without printf. */
static struct str request_line(const struct stream *s, struct arena *mem)
{
	size_t n = s->uri_method.n + 1 + s->uri_target.n + 1 + VERSION_LEN;
	char *to = arena_bytes(mem, n), *at = mempcpy(to, s->uri_method.p, s->uri_method.n);

	*at++ = ' ';
	if (s->uri_target.n)
		at = mempcpy(at, s->uri_target.p, s->uri_target.n);
	*at++ = ' ';
	version_text(s, at);
	return str_make(to, n);
}

/* Of the absolute form what comes behind scheme and authority. */
static struct str path_only(struct str target)
{
	const char *colon = target.n && target.p[0] != '/' ? memmem(target.p, target.n, "://", 3) : NULL;
	const char *end = target.p + target.n, *slash;

	if (!colon)
		return target;
	slash = memchr(colon + 3, '/', (size_t)(end - colon - 3));
	return slash ? str_make(slash, (size_t)(end - slash)) : STR("/");
}

static bool v_request(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	struct str path, query;

	if (!s || !s->uri_method.n)
		return text(out, STR("<BADREQ>"));
	path = s->uri_target;
	query = path;
	path = str_cut(&query, '?');
	switch (row->priv) {
	case R_LINE:
		return text(out, str_head(request_line(s, x->mem), s->conf->global.tune.logurilen - 1));
	case R_METHOD:
		return text(out, s->uri_method);
	case R_URI:
		return text(out, s->uri_target);
	case R_QUERY:
		return text(out, query.p ? str_make(query.p - 1, query.n + 1) : STR(""));
	case R_VERSION:
		return text(out, version_text(s, arena_bytes(x->mem, VERSION_LEN)));
	case R_PATHONLY:
		return text(out, path_only(path));
	default:
		return text(out, path);
	}
}

/* --- captures --- */

enum { CAP_REQ, CAP_RES, CAP_REQ_LIST, CAP_RES_LIST };

static bool v_captures(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	bool req = row->priv == CAP_REQ || row->priv == CAP_REQ_LIST, list = row->priv >= CAP_REQ_LIST;
	int n = s ? (req ? s->fe->n_req_caps : s->fe->n_res_caps) : 0;
	const struct str *v = s ? (req ? s->req_cap : s->res_cap) : NULL;
	struct sbuf b = sbuf_grow();

	if (!n || s->front->flags & GATE_BADREQ)
		return false;
	if (!list)
		sbuf_putc(&b, '{');
	for (int i = 0; i < n; i++) {
		if (i)
			sbuf_putc(&b, list ? '\0' : '|');
		if (v && list)
			sbuf_puts(&b, v[i]);
		else if (v)	/* the braces and bars are ours */
			logvar_escape(&b, v[i], LV_FIELD);
	}
	if (!list)
		sbuf_putc(&b, '}');
	text(out, arena_str(x->mem, sbuf_str(&b)));
	sbuf_fini(&b);
	return true;
}

static bool v_cookie(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	struct str v = !s ? STR_NONE : row->priv ? s->cookie_cap_res : s->cookie_cap_req;

	return v.n && text(out, v);
}

static bool v_origin(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	return text(out, str_c(log_step_rows[x->log_step].origin));
}

#define ROW(nm, fn, o, u, p, h, q, t)                                                                                \
	{                                                                                                            \
		.name = nm, .fetch = fn, .out = o, .use = u, .priv = p, .http = h, .quote = q, .help = t             \
	}
#define LINEROW(nm, p, t)                                                                                            \
	{                                                                                                            \
		.name = nm, .fetch = v_request, .out = SMP_STR, .use = USE_HRQHP, .priv = p, .http = true,           \
		.quote = true, .escape = LV_LINE, .help = t                                                          \
	}
#define HEXROW(nm, fn, o, u, p, h, q, t)                                                                             \
	{                                                                                                            \
		.name = nm, .fetch = fn, .out = o, .use = u, .priv = p, .http = h, .quote = q, .hex = true,          \
		.help = t                                                                                            \
	}
#define CAPROW(nm, u, p, l, t)                                                                                       \
	{                                                                                                            \
		.name = nm, .fetch = v_captures, .out = SMP_STR, .use = u, .priv = p, .http = false, .quote = true,   \
		.vanishes = true, .list = l, .escape = l ? LV_FIELD : LV_AS_IT_IS, .help = t                         \
	}
const struct logvar_row stream_logvars[STREAM_LOGVARS] = {
	ROW("ci", v_ip, SMP_STR, USE_L4CLI, A_CLIENT, false, true, "client's address"),
	HEXROW("cp", v_port, SMP_SINT, USE_L4CLI, A_CLIENT, false, false, "client's port"),
	ROW("fi", v_ip, SMP_STR, USE_L4CLI, A_FRONT, false, true, "address the client connected to"),
	HEXROW("fp", v_port, SMP_SINT, USE_L4CLI, A_FRONT, false, false, "port the client connected to"),
	ROW("bi", v_ip, SMP_STR, USE_L4SRV, A_BACK, false, true, "source address of the server connection"),
	HEXROW("bp", v_port, SMP_SINT, USE_L4SRV, A_BACK, false, false, "source port of the server connection"),
	ROW("si", v_ip, SMP_STR, USE_L4SRV, A_SERVER, false, true, "server's address"),
	HEXROW("sp", v_port, SMP_SINT, USE_L4SRV, A_SERVER, false, false, "server's port"),
	ROW("f", v_name, SMP_STR, USE_FTEND, N_FRONT, false, true, "frontend's name"),
	ROW("ft", v_name, SMP_STR, USE_FTEND, N_FRONT_TLS, false, true, "frontend's name, with ~ over TLS"),
	ROW("b", v_name, SMP_STR, USE_BKEND, N_BACK, false, true, "backend's name"),
	ROW("s", v_name, SMP_STR, USE_SERVR, N_SERVER, false, true, "server's name, <NOSRV> when there is none"),
	ROW("ID", v_name, SMP_STR, USE_LISTN, N_UNIQUE, false, true, "unique-id"),
	ROW("H", v_hostname, SMP_STR, USE_INTRN, 0, false, true, "name of this host"),
	HEXROW("pid", v_count, SMP_SINT, USE_INTRN, C_PID, false, false, "process number"),
	ROW("t", v_date, SMP_STR, USE_LISTN, D_ACCEPT, false, false, "date of the accept, with milliseconds"),
	ROW("tr", v_date, SMP_STR, USE_LISTN, D_REQUEST, true, false,
	    "date of the request's first byte, with milliseconds"),
	ROW("T", v_date, SMP_STR, USE_LISTN, D_ACCEPT_GMT, false, false, "date of the accept, GMT"),
	ROW("Tl", v_date, SMP_STR, USE_LISTN, D_ACCEPT_LOCAL, false, false, "date of the accept, local time"),
	ROW("trg", v_date, SMP_STR, USE_LISTN, D_REQ_GMT, true, false, "date of the request, GMT"),
	ROW("trl", v_date, SMP_STR, USE_LISTN, D_REQ_LOCAL, true, false, "date of the request, local time"),
	HEXROW("Ts", v_date, SMP_SINT, USE_LISTN, D_TS, false, false, "date of the accept in seconds since 1970"),
	ROW("ms", v_date, SMP_STR, USE_LISTN, D_MS, false, false, "milliseconds of the accept's date"),
	ROW("Th", v_timer, SMP_SINT, USE_LISTN, T_HANDSHAKE, false, false, "time of the handshakes"),
	ROW("Ti", v_timer, SMP_SINT, USE_LISTN, T_IDLE, true, false, "idle time before the request"),
	ROW("TR", v_timer, SMP_SINT, USE_LISTN, T_REQUEST, true, false, "time to receive the request's head"),
	ROW("Tq", v_timer, SMP_SINT, USE_LISTN, T_TQ, true, false, "idle time and time to receive the head"),
	ROW("Tw", v_timer, SMP_SINT, USE_BKEND, T_QUEUE, false, false, "time in queues"),
	ROW("Tc", v_timer, SMP_SINT, USE_BKEND, T_CONNECT, false, false, "time to connect"),
	ROW("Tr", v_timer, SMP_SINT, USE_BKEND, T_RESPONSE, true, false, "time the server took for its head"),
	ROW("Td", v_timer, SMP_SINT, USE_BKEND, T_DATA, false, false, "time of the data phase"),
	ROW("Ta", v_timer, SMP_SINT, USE_BKEND, T_ACTIVE, true, false, "active time of the request"),
	ROW("Tt", v_timer, SMP_SINT, USE_BKEND, T_TOTAL, false, false, "total time since the accept"),
	ROW("Tu", v_timer, SMP_SINT, USE_BKEND, T_USER, false, false, "total time as the user sees it"),
	ROW("ST", v_count, SMP_SINT, USE_HRSHP, C_STATUS, false, false, "status"),
	ROW("B", v_bytes, SMP_SINT, USE_BKEND, 0, false, false, "bytes from the server"),
	ROW("U", v_count, SMP_SINT, USE_FTEND, C_UPLOAD, false, false, "bytes from the client"),
	ROW("ac", v_count, SMP_SINT, USE_INTRN, C_ACTCONN, false, false, "connections of the process"),
	ROW("fc", v_count, SMP_SINT, USE_FTEND, C_FECONN, false, false, "connections of the frontend"),
	ROW("bc", v_count, SMP_SINT, USE_BKEND, C_BECONN, false, false, "streams of the backend"),
	ROW("sc", v_count, SMP_SINT, USE_SERVR, C_SRVCONN, false, false, "streams of the server"),
	ROW("rc", v_retries, SMP_SINT, USE_SERVR, 0, false, false, "retries, with + when redispatched"),
	ROW("sq", v_count, SMP_SINT, USE_SERVR, C_SRVQ, false, false, "streams in front in the server's queue"),
	ROW("bq", v_count, SMP_SINT, USE_BKEND, C_BEQ, false, false, "streams in front in the backend's queue"),
	ROW("lc", v_count, SMP_SINT, USE_FTEND, C_LINES, false, false, "lines that the frontend has logged before"),
	HEXROW("rt", v_count, SMP_SINT, USE_INTRN, C_REQCOUNT, false, false, "number of the request in this process"),
	ROW("ts", v_term, SMP_STR, USE_BKEND, 2, false, false, "termination state, two letters"),
	ROW("tsc", v_term, SMP_STR, USE_BKEND, 4, false, false, "termination state with the cookie's letters"),
	ROW("OG", v_origin, SMP_STR, USE_INTRN, 0, false, true, "what the line was made for (log-steps, do-log)"),
	ROW("sslv", v_tls, SMP_STR, USE_L5CLI, ASK_TLS, false, true, "TLS version of the client"),
	ROW("sslc", v_tls, SMP_STR, USE_L5CLI, ASK_CIPHER, false, true, "TLS cipher of the client"),
	LINEROW("r", R_LINE, "request line"),
	LINEROW("HM", R_METHOD, "method"),
	LINEROW("HU", R_URI, "target"),
	LINEROW("HP", R_PATH, "path"),
	LINEROW("HPO", R_PATHONLY, "path without scheme and authority"),
	LINEROW("HQ", R_QUERY, "query with its question mark"),
	LINEROW("HV", R_VERSION, "version of the request"),
	CAPROW("hr", USE_HRQHP, CAP_REQ, false, "captured request fields {a|b}"),
	CAPROW("hs", USE_HRSHP, CAP_RES, false, "captured response fields {a|b}"),
	CAPROW("hrl", USE_HRQHP, CAP_REQ_LIST, true, "captured request fields, quoted"),
	CAPROW("hsl", USE_HRSHP, CAP_RES_LIST, true, "captured response fields, quoted"),
	ROW("CC", v_cookie, SMP_STR, USE_HRQHP, 0, true, true, "captured request cookie"),
	ROW("CS", v_cookie, SMP_STR, USE_HRSHP, 1, true, true, "captured response cookie"),
};
