/* Limits of bandwidth. A flow under a limit has a budget of bytes that fills up over the period and never holds more
 * than one period's worth; what it does not cover stays in the queue, so that the sender is held back, until a timer
 * finds enough of it. */
#include "bwlim_priv.h"
#include "weir/base/num.h"
#include "weir/model/bwlim.h"
#include "weir/stream/actions.h"

struct bw_flow {
	struct bw_flow *next;
	const struct bwlim *conf;
	uint64_t limit;			/* bytes a period */
	uint64_t period;		/* us */
	uint64_t budget;
	uint64_t seen;			/* until when the budget was filled, us */
};

static void fill(struct bw_flow *f, uint64_t now)
{
	uint64_t us = now - f->seen, more;

	if (us >= f->period) {
		f->budget = f->limit;
		f->seen = now;
		return;
	}
	more = us * f->limit / f->period;
	if (!more)
		return;
	f->budget = MIN(f->budget + more, f->limit);
	/* the remainder that makes no whole byte is not lost */
	f->seen = f->budget == f->limit ? now : f->seen + more * f->period / f->limit;
}

/* Bytes that must be allowed before anything is forwarded. */
static uint64_t least(const struct bw_flow *f, size_t n)
{
	uint64_t want = MIN(MAX(f->conf->min_size, 1), n);

	return MIN(want, f->limit);
}

static uint64_t ms_until(const struct bw_flow *f, uint64_t bytes)
{
	return ((bytes - f->budget) * f->period / f->limit + 999) / 1000;
}

/* Whoever waits for our own sake is not late. */
static void hold(uint64_t *dl, unsigned timeout, uint64_t until)
{
	if (*dl)
		*dl = MAX(*dl, until + timeout);
}

static void hold_back(struct stream *s, bool request, unsigned ms)
{
	unsigned server = s->be ? stream_timeout(s->o.t_server, s->be->t_server) : 0;
	uint64_t *dl = &s->dl_bw[request];

	stream_deadline(dl, ms);
	hold(&s->dl_client, s->o.t_client, *dl);
	hold(&s->dl_server, server, *dl);
	hold(&s->dl_phase, MAX(s->o.t_client, server), *dl);
}

size_t bwlim_allow(struct stream *s, bool request, size_t n)
{
	uint64_t wait = 0, now = loop_us();
	size_t pass = n;

	for (struct bw_flow *f = s->bw[request]; f; f = f->next) {
		uint64_t min = least(f, n);

		fill(f, now);
		if (f->budget < min)
			wait = MAX(wait, ms_until(f, min));
		else
			pass = MIN(pass, f->budget);
	}
	s->dl_bw[request] = 0;
	if (!wait)
		return pass;
	hold_back(s, request, (unsigned)MIN(wait, 60000));
	return 0;
}

void bwlim_used(struct stream *s, bool request, size_t n)
{
	for (struct bw_flow *f = s->bw[request]; f; f = f->next)
		f->budget -= MIN(f->budget, n);
}

/* --- set-bandwidth-limit <name> [limit <size>|<expr>] [period <time>|<expr>] --- */

struct bw_rule {
	struct arg filter;		/* a struct bwlim, when everything was read */
	uint64_t limit, period;		/* 0: the filter's, or the expression's */
	struct expr *limit_expr, *period_expr;
};

static bool parse_amount(struct bw_rule *b, bool limit, struct xscope *sc, const struct str *w, int n, int *at,
			 struct load_err *err)
{
	uint64_t *v = limit ? &b->limit : &b->period;
	struct expr **e = limit ? &b->limit_expr : &b->period_expr;
	const char *bad;

	if (*at >= n) {
		load_err_set(err, NULL, "missing %s", limit ? "limit" : "period");
		return false;
	}
	if ((limit ? num_size(w[*at], v, &bad) : num_time(w[*at], TIME_MS, TIME_MS, v, &bad)) == NUM_OK) {
		(*at)++;
		return true;
	}
	*v = 0;
	*e = expr_compile_words(sc, w, n, at, err);
	return *e != NULL;
}

/* The filter may stand behind the rule in its section. */
static void look_up_later(struct bw_rule *b, struct xscope *sc, struct str name)
{
	struct arg_todo *t = arena_new(sc->mem, struct arg_todo);

	b->filter = (struct arg){ .type = ARG_BWLIM, .unresolved = true, .s = name };
	*t = (struct arg_todo){ .arg = &b->filter, .proxy = sc->proxy, .file = sc->file, .line = sc->line, .pos = 1,
				.what = "action", .kw = "set-bandwidth-limit" };
	list_push(sc->unresolved, &t->link);
}

static bool parse_bandwidth(struct rule *r, struct xscope *sc, const struct str *w, int n, int *at, struct str br,
			    struct load_err *err)
{
	struct bw_rule *b = arena_new(sc->mem, struct bw_rule);

	if (*at >= n) {
		load_err_set(err, NULL, "missing bandwidth limitation filter name");
		return false;
	}
	*b = (struct bw_rule){ 0 };
	r->arg = b;
	look_up_later(b, sc, w[(*at)++]);
	while (*at < n && (str_eqz(w[*at], "limit") || str_eqz(w[*at], "period"))) {
		bool limit = w[(*at)++].p[0] == 'l';

		if (!parse_amount(b, limit, sc, w, n, at, err))
			return false;
	}
	return true;
}

static uint64_t amount(uint64_t given, const struct expr *e, uint64_t usual, struct xctx *x)
{
	struct sample smp = { 0 };

	if (e)
		return expr_eval_as(e, SMP_SINT, &smp, x) && smp.i > 0 ? (uint64_t)smp.i : usual;
	return given ? given : usual;
}

static struct bw_flow *flow_of(struct stream *s, const struct bwlim *c)
{
	struct bw_flow *f = s->bw[c->in];

	while (f && f->conf != c)
		f = f->next;
	if (f)
		return f;
	f = arena_new(s->mem, struct bw_flow);
	*f = (struct bw_flow){ .next = s->bw[c->in], .conf = c, .seen = loop_us() };
	s->bw[c->in] = f;
	return f;
}

/* Of what was begun under an earlier rule no more than the new budget stays. */
static enum act_result do_bandwidth(const struct rule *r, struct xctx *x)
{
	const struct bw_rule *b = r->arg;
	const struct bwlim *c = b->filter.p;
	struct bw_flow *f = flow_of(x_stream(x), c);
	bool fresh = !f->limit;

	f->limit = MIN(amount(b->limit, b->limit_expr, c->limit, x), UINT32_MAX);
	f->period = MIN(amount(b->period, b->period_expr, c->period, x), INT32_MAX) * 1000;
	f->budget = fresh ? f->limit : MIN(f->budget, f->limit);
	return ACT_NEXT;
}

const struct action_row stream_bwlim_actions[STREAM_BWLIM_ACTIONS] = {
	{ .name = "set-bandwidth-limit", .sets = RS_TCP_REQ | RS_TCP_RES | RS_HTTP_REQ | RS_HTTP_RES,
	  .parse = parse_bandwidth, .exec = do_bandwidth, .args = "<name> [limit <size>|<expr>] [period <time>|<expr>]",
	  .help = "from here on the bandwidth limit of that name holds" },
};
