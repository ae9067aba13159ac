/* The end: what is owed to counters and to the log, and everything given back. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

static bool worth_logging(const struct stream *s)
{
	const struct gate *g = s->front;

	if (s->o.log_level == -2)
		return false;
	if (s->fe->options & PO_DONTLOGNULL && !g->wire_in)
		return false;
	if (s->fe->options & PO_DONTLOG_NORMAL && s->term1 == TERM_NONE &&
	    (s->status < 500 || !(s->flags & ST_HTTP)) && !s->retries_done && !(s->flags & ST_REDISP))
		return false;
	return true;
}

static enum log_level level_of(const struct stream *s)
{
	bool bad = s->term1 != TERM_NONE && s->term1 != TERM_LOCAL;

	if (s->o.log_level >= 0)
		return (enum log_level)s->o.log_level;
	return s->fe->options & PO_LOG_SEPARATE_ERRORS && (bad || s->status >= 500 || s->retries_done) ? LOGL_ERR
												       : LOGL_INFO;
}

static size_t build(const struct logfmt *f, char *mem, size_t n, struct stream *s)
{
	struct sbuf b = sbuf_fixed(mem, n);

	if (f)
		logfmt_build(f, &b, stream_x(s, s->be ? s->be : s->fe, X_RES));
	return b.n;
}

void stream_log(struct stream *s, bool final)
{
	const struct log_list *global = &s->conf->global.logs;
	const struct logfmt *f = s->fe->log_format;
	char line[16384], sd[2048];
	size_t n, nsd;

	if (s->flags & ST_LOGGED || (!final && !(s->fe->options & PO_LOGASAP)))
		return;
	if (!log_wants(&s->fe->logs, global) || !worth_logging(s))
		return;
	s->flags |= ST_LOGGED;
	if (s->fe->error_log_format && (s->front->flags & GATE_BADREQ))
		f = s->fe->error_log_format;
	s->x.final = true;
	n = build(f, line, sizeof(line), s);
	nsd = build(s->fe->log_format_sd, sd, sizeof(sd), s);
	s->x.final = false;
	if (!n)
		return;
	atom_add(&s->sess->fel->log_lines, 1);
	log_send(&s->fe->logs, global, level_of(s), str_make(sd, nsd), str_make(line, n));
}

void stream_log_now(struct stream *s)
{
	unsigned was = s->flags & ST_LOGGED;

	s->flags &= ~ST_LOGGED;
	stream_log(s, true);
	s->flags = (s->flags & ~ST_LOGGED) | was;
}

void stream_count_bytes(struct stream *s)
{
	uint64_t in = s->front->wire_in - s->counted_in, out = s->front->wire_out - s->counted_out;
	struct cntset *sets[] = { &s->sess->fel->fe, s->flags & ST_BE_COUNTED ? &s->bel->be : NULL,
				  s->srv ? &s->srv->cnt : NULL, s->sess->lstn ? &s->sess->lstn->cnt : NULL,
				  &live_get()->total };

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct cnts *c = sets[i] ? cnt_own(sets[i]) : NULL;

		if (!c)
			continue;
		cnts_add(c, C_BYTES_IN, in);
		cnts_add(c, C_BYTES_OUT, out);
	}
	s->counted_in = s->front->wire_in;
	s->counted_out = s->front->wire_out;
}

static uint64_t span_ms(uint64_t from, uint64_t to)
{
	return from && to > from ? (to - from) / 1000 : 0;
}

static void count_times(struct stream *s)
{
	struct cntset *sets[] = { &s->bel->be, s->srv ? &s->srv->cnt : NULL };
	const uint64_t ms[CT_COUNT] = {
		[CT_QUEUE] = span_ms(s->t_queue0, s->t_assigned), [CT_CONNECT] = span_ms(s->t_connect0, s->t_connected),
		[CT_DATA] = span_ms(s->t_connected, s->t_res_head), [CT_TOTAL] = span_ms(s->t_first, s->t_end),
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct cnts *c = sets[i] ? cnt_own(sets[i]) : NULL;

		if (!c)
			continue;
		for (int k = 0; k < CT_COUNT; k++)
			cnts_took(c, k, ms[k]);
		cnts_add(c, C_TIME_N, 1);
	}
}

enum step_result step_finish(struct stream *s)
{
	struct session *se = s->sess;

	s->t_end = loop_us();
	stream_free_server(s);
	if ((s->flags & (ST_TCP_UPGRADED | ST_HTTP)) == ST_TCP_UPGRADED) {	/* goes on as HTTP: nothing ends here */
		stream_destroy(s);
		return OVER;
	}
	if (s->flags & ST_HTTP && s->status < 0)
		stream_count_status(s, 0);
	stream_count_bytes(s);
	if (s->flags & ST_BE_COUNTED) {
		count_times(s);
		cnt_leave(&s->bel->be);
	}
	se->last_srv = s->srv;
	stream_log(s, true);
	stream_show_end(s);
	stream_drop_server(s);
	stream_destroy(s);
	return OVER;
}
