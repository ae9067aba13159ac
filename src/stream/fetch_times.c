/* Fetches about the course of an exchange: dates, phases, bytes, queues, how it went. */
#include "weir/stream/fetches.h"
#include "weir/stream/stream.h"
#include "stream_priv.h"
#include "weir/sys/clock.h"

static bool num(struct sample *out, int64_t v)
{
	smp_set_int(out, v);
	return true;
}

/* --- dates --- */

enum { UNIT_S, UNIT_MS, UNIT_US };

static bool check_unit(struct xscope *sc, struct arg *a, int n, struct load_err *err)
{
	struct str unit = n && a[0].s.n ? a[0].s : STR("s");

	if (str_eqz(unit, "s")) {
		a[0].i = UNIT_S;
	} else if (str_eqz(unit, "ms")) {
		a[0].i = UNIT_MS;
	} else if (str_eqz(unit, "us")) {
		a[0].i = UNIT_US;
	} else {
		load_err_set(err, unit.p, "expects 's', 'ms' or 'us', got '" STR_FMT "'", STR_ARG(unit));
		return false;
	}
	return true;
}

enum { D_ACCEPT, D_REQUEST };

static bool f_date(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	const struct session *se = x->sess;
	struct wall w;

	if ((!s && !se) || (row->priv == D_REQUEST && !s))
		return false;
	w = !s ? session_wall(se) : row->priv == D_ACCEPT ? s->w_accept : s->w_first;
	if (args[0].i == UNIT_S)
		return num(out, w.s);
	return num(out, args[0].i == UNIT_MS ? w.s * 1000 + w.us / 1000 : w.s * 1000000 + w.us);
}

/* --- phases --- */

static bool f_time(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	const struct session *se = x->sess;

	if (s)
		return num(out, stream_time(s, (enum stream_time)row->priv));
	return se && row->priv == T_HANDSHAKE && num(out, se->handshake_us / 1000);
}

/* --- bytes, on the wire --- */

enum { B_REQ_IN, B_REQ_OUT, B_RES_IN, B_RES_OUT };

static bool f_bytes(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	if (!s)
		return false;
	switch (row->priv) {
	case B_REQ_IN:
		return num(out, (int64_t)s->front->wire_in);
	case B_REQ_OUT:
		return num(out, (int64_t)(s->log_bytes_out + (s->back ? s->back->wire_out : 0)));
	case B_RES_IN:
		return num(out, (int64_t)(s->log_bytes_in + (s->back ? s->back->wire_in : 0)));
	default:
		return num(out, (int64_t)s->front->wire_out);
	}
}

/* --- how it went --- */

enum { H_STATUS, H_ID32, H_BE_QUEUE, H_SRV_QUEUE, H_PRIO_CLASS, H_PRIO_OFFSET };

static bool f_how(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	if (!s)
		return false;
	switch (row->priv) {
	case H_STATUS:
		return s->status > 0 && num(out, s->status);
	case H_ID32:
		return num(out, s->uniq);
	case H_BE_QUEUE:
		return num(out, s->q_be);
	case H_SRV_QUEUE:
		return num(out, s->q_srv);
	case H_PRIO_CLASS:
		return num(out, s->o.prio_class);
	default:
		return num(out, s->o.prio_offset);
	}
}

static bool f_redispatched(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	return s && (smp_set_bool(out, s->flags & ST_REDISP), true);
}

/* The rule that was evaluated last, or the one that the exchange waits in, as file:line. */
static bool put_rule(struct sample *out, struct xctx *x, const char *file, int line)
{
	if (!file)
		return false;
	smp_set_str(out, arena_printf(x->mem, "%s:%d", file, line), 0);
	return true;
}

static bool f_last_entity(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	const struct session *se = x->sess;
	const struct rule *r;

	if (s && s->last_file)
		return put_rule(out, x, s->last_file, s->last_line);
	r = se ? session_last_rule(se) : NULL;
	return r && put_rule(out, x, r->file, r->line);
}

static bool f_waiting_entity(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;

	return s && s->at_rule && put_rule(out, x, s->at_rule->file, s->at_rule->line);
}

static bool f_dst_conn(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct session *se = x->sess;

	return se && num(out, atom_get(&se->lstn->cnt.cur));
}

#define ROW(n, f, o, u, p, h) { .name = n, .fetch = f, .out = o, .use = u, .priv = p, .help = h }
/* --- what this exchange cost; times only with profiling.tasks --- */

enum { COST_CALLS, COST_CPU, COST_CPU_AVG, COST_LAT, COST_LAT_AVG };

static bool f_cost(const struct arg *args, struct sample *out, struct xctx *x, const struct fetch_row *row)
{
	const struct stream *s = x->strm;
	uint64_t ns;

	if (!s)
		return false;
	if (row->priv == COST_CALLS)
		return num(out, s->runs);
	ns = row->priv == COST_LAT || row->priv == COST_LAT_AVG ? s->lat_ns :
	     s->cpu_ns + (s->run_ns ? clock_mono_ns() - s->run_ns : 0);
	if (row->priv == COST_CPU_AVG || row->priv == COST_LAT_AVG)
		ns /= s->runs ? s->runs : 1;
	return num(out, (int64_t)ns);
}

#define INT_ROW(n, f, u, p, h) ROW(n, f, SMP_SINT, u, p, h)
#define DATE_ROW(n, u, p, h)                                                                                         \
	{                                                                                                            \
		.name = n, .fetch = f_date, .args = { 0, { ARG_STR } }, .check = check_unit, .out = SMP_SINT,        \
		.use = u, .priv = p, .help = h                                                                       \
	}
const struct fetch_row stream_time_fetches[STREAM_TIME_FETCHES] = {
	DATE_ROW("accept_date", USE_L4CLI, D_ACCEPT, "date of the accept, in s, ms or us"),
	DATE_ROW("request_date", USE_HRQHP, D_REQUEST, "date of the request's first byte, in s, ms or us"),
	INT_ROW("fc.timer.handshake", f_time, USE_L4CLI, T_HANDSHAKE, "time of the handshakes, ms (%Th)"),
	INT_ROW("fc.timer.total", f_time, USE_SSFIN, T_TOTAL, "time since the accept, ms (%Tt)"),
	INT_ROW("bc.timer.connect", f_time, USE_L4SRV, T_CONNECT, "time to connect to the server, ms (%Tc)"),
	INT_ROW("req.timer.idle", f_time, USE_HRQHP, T_IDLE, "idle time before the request, ms (%Ti)"),
	INT_ROW("req.timer.hdr", f_time, USE_HRQHP, T_REQUEST, "time to receive the request's head, ms (%TR)"),
	INT_ROW("req.timer.tq", f_time, USE_HRQHP, T_TQ, "idle time and time to receive the head, ms (%Tq)"),
	INT_ROW("req.timer.queue", f_time, USE_L4SRV, T_QUEUE, "time in queues, ms (%Tw)"),
	INT_ROW("res.timer.hdr", f_time, USE_HRSHP, T_RESPONSE, "time the server took for its head, ms (%Tr)"),
	INT_ROW("res.timer.data", f_time, USE_RSFIN, T_DATA, "time of the data phase, ms (%Td)"),
	INT_ROW("txn.timer.total", f_time, USE_TXFIN, T_ACTIVE, "active time of the exchange, ms (%Ta)"),
	INT_ROW("txn.timer.user", f_time, USE_TXFIN, T_USER, "total time as the user sees it, ms (%Tu)"),
	INT_ROW("bytes_in", f_bytes, USE_INTRN, B_REQ_IN, "bytes received from the client (%U)"),
	INT_ROW("bytes_out", f_bytes, USE_INTRN, B_RES_IN, "bytes received from the server (%B)"),
	INT_ROW("req.bytes_in", f_bytes, USE_INTRN, B_REQ_IN, "bytes received from the client"),
	INT_ROW("req.bytes_out", f_bytes, USE_INTRN, B_REQ_OUT, "bytes sent to the server"),
	INT_ROW("res.bytes_in", f_bytes, USE_INTRN, B_RES_IN, "bytes received from the server"),
	INT_ROW("res.bytes_out", f_bytes, USE_INTRN, B_RES_OUT, "bytes sent to the client"),
	INT_ROW("cpu_calls", f_cost, USE_INTRN, COST_CALLS, "how often this exchange was worked on"),
	INT_ROW("cpu_ns_avg", f_cost, USE_INTRN, COST_CPU_AVG,
		"ns spent on this exchange each time, with profiling.tasks"),
	INT_ROW("cpu_ns_tot", f_cost, USE_INTRN, COST_CPU, "ns spent on this exchange, with profiling.tasks"),
	INT_ROW("lat_ns_avg", f_cost, USE_INTRN, COST_LAT_AVG,
		"ns this exchange waited for its turn each time, with profiling.tasks"),
	INT_ROW("lat_ns_tot", f_cost, USE_INTRN, COST_LAT,
		"ns this exchange waited for its turn, with profiling.tasks"),
	INT_ROW("txn.status", f_how, USE_HRSHP, H_STATUS, "status of the answer to the client"),
	INT_ROW("txn.id32", f_how, USE_INTRN, H_ID32, "number of the exchange in this process (%rt)"),
	ROW("txn.redispatched", f_redispatched, SMP_BOOL, USE_L4SRV, 0, "was another server tried?"),
	INT_ROW("bc_be_queue", f_how, USE_L4SRV, H_BE_QUEUE, "streams served before ours in the backend's queue (%bq)"),
	INT_ROW("bc_srv_queue", f_how, USE_L4SRV, H_SRV_QUEUE,
		"streams served before ours in the server's queue (%sq)"),
	INT_ROW("prio_class", f_how, USE_INTRN, H_PRIO_CLASS, "class in queues, as set-priority-class set it"),
	INT_ROW("prio_offset", f_how, USE_INTRN, H_PRIO_OFFSET, "shift in queues, as set-priority-offset set it"),
	ROW("last_entity", f_last_entity, SMP_STR, USE_INTRN, 0, "the last final rule, as file:line"),
	ROW("waiting_entity", f_waiting_entity, SMP_STR, USE_INTRN, 0,
	    "the rule that the exchange waits in, as file:line"),
	INT_ROW("dst_conn", f_dst_conn, USE_FTEND, 0, "connections of the listener now"),
};
