/* The end: what is owed to counters and to the log, and everything given back. */
#include "weir/stream/stream.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

/* What options about logs call an error. */
static bool failed(const struct stream *s)
{
	if (s->flags & ST_REDISP || (s->flags & ST_HTTP && s->status >= 500))
		return true;
	if (s->term1 == TERM_NONE)
		return s->retries_done > 0;
	return s->term1 != TERM_LOCAL;
}

static bool worth_logging(const struct stream *s, enum log_step step)
{
	if (s->o.log_level == -2)
		return false;
	if (step == LOG_STEP_CLOSE && s->fe->options & PO_DONTLOGNULL && !s->front->wire_in)
		return false;
	return !(s->fe->options & PO_DONTLOG_NORMAL) || failed(s);
}

static enum log_level level_of(const struct stream *s, bool error)
{
	if (s->o.log_level >= 0)
		return (enum log_level)s->o.log_level;
	return s->fe->options & PO_LOG_SEPARATE_ERRORS && error ? LOGL_ERR : LOGL_INFO;
}

static size_t build(void *arg, const struct logfmt *f, char *mem, size_t n)
{
	struct stream *s = arg;
	struct sbuf b = sbuf_fixed(mem, n);

	if (f)
		logfmt_build(f, &b, stream_x(s, s->be ? s->be : s->fe, X_RES));
	return b.n;
}

static void write_line(struct stream *s, enum log_step step, const struct log_profile *profile)
{
	bool bad = s->front->flags & GATE_BADREQ && step == LOG_STEP_CLOSE;
	const struct log_source src = { bad ? LOG_STEP_ERROR : step, failed(s), profile, build, s };
	const struct log_list *global = &s->conf->global.logs;
	const struct logfmt *f = bad && s->fe->error_log_format ? s->fe->error_log_format : s->fe->log_format;
	char line[16384], sd[2048];
	size_t n, nsd;

	if (!log_wants(&s->fe->logs, global))
		return;
	s->x.log_step = (uint8_t)src.step;
	n = build(s, f, line, sizeof(line));
	nsd = build(s, s->fe->log_format_sd, sd, sizeof(sd));
	if (n || !list_empty(&s->conf->log_profiles)) {
		atom_add(&s->sess->fel->log_lines, 1);
		log_send_from(&s->fe->logs, global, level_of(s, src.error), &src, str_make(sd, nsd), str_make(line, n));
	}
	s->x.log_step = LOG_STEP_NONE;
}

/* With log-steps at each of them; else once, when it ends or as soon as possible. */
void stream_log(struct stream *s, enum log_step step)
{
	if (s->fe->log_steps ? !(s->fe->log_steps & 1U << step)
			     : s->flags & ST_LOGGED || (step != LOG_STEP_CLOSE && !(s->fe->options & PO_LOGASAP)))
		return;
	if (!worth_logging(s, step))
		return;
	s->flags |= ST_LOGGED;
	s->x.final = true;
	write_line(s, step, NULL);
	s->x.final = false;
}

void stream_log_now(struct stream *s, enum log_step step, const struct log_profile *profile)
{
	struct xctx was = s->x;	/* the rule that asked goes on with it */

	if (s->o.log_level != -2)
		write_line(s, step, profile);
	s->x = was;
}

void stream_count_intercepted(struct stream *s)
{
	if (!s->t_res_head && (!s->be || s->be == s->fe))
		cnt_add(&s->sess->fel->fe, C_INTERCEPTED, 1);
}

/* Whose backend counters: of the chosen one; before that a listen section is its own. */
static struct cntset *back_counters(const struct stream *s)
{
	struct px_live *fel = s->sess->fel;

	if (s->flags & ST_BE_COUNTED)
		return &s->bel->be;
	return !s->bel && fel->caps & PR_BE ? &fel->be : NULL;
}

void stream_count_bytes(struct stream *s)
{
	uint64_t in = s->front->wire_in - s->counted_in, out = s->front->wire_out - s->counted_out;
	struct cntset *sets[] = { &s->sess->fel->fe, back_counters(s),
				  s->srv ? &s->srv->cnt : NULL, s->sess->lstn ? &s->sess->lstn->cnt : NULL,
				  &live_get()->total };

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		struct cnts *c = sets[i] ? cnt_own(sets[i]) : NULL;

		if (!c)
			continue;
		cnts_add(c, C_BYTES_IN, in);
		cnts_add(c, C_BYTES_OUT, out);
	}
	if (out)
		cnt_rate_more(&live_get()->total, RATE_OUT, (uint32_t)((out + 16) / 32));
	s->counted_in = s->front->wire_in;
	s->counted_out = s->front->wire_out;
}

static uint64_t span_ms(uint64_t from, uint64_t to)
{
	return from && to > from ? (to - from) / 1000 : 0;
}

/* Of exchanges that got an answer: what failed sooner would make servers look fast. */
static void count_times(struct stream *s)
{
	struct cntset *sets[] = { &s->bel->be, s->srv ? &s->srv->cnt : NULL };
	const uint64_t ms[CT_COUNT] = {
		[CT_QUEUE] = span_ms(s->t_queue0, s->t_assigned), [CT_CONNECT] = span_ms(s->t_connect0, s->t_connected),
		[CT_DATA] = span_ms(s->t_connected, s->t_res_head), [CT_TOTAL] = span_ms(s->t_first, s->t_end),
	};

	if (!s->t_connected || (s->flags & ST_HTTP && !s->t_res_head))
		return;
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
	stream_log(s, LOG_STEP_CLOSE);
	stream_show_end(s);
	stream_drop_server(s);
	stream_destroy(s);
	return OVER;
}
