/* Expect steps of HTTP checks. */
#include "check_priv.h"

static bool disable_on_404(const struct check *c)
{
	const struct chk_words *own = c->srv->line->proxy->check;

	return c->words->disable_404 || (own && own->disable_404);
}

/* A server that is up may take itself out softly by a 404. */
static bool is_leaving(const struct check *c)
{
	return c->code == 404 && disable_on_404(c) && c->srv->state != SRV_ST_STOPPED;
}

static bool status_in(const struct chk_expect *e, int status)
{
	for (int i = 0; i < e->ncodes; i++)
		if (status >= e->codes[i].low && status <= e->codes[i].high)
			return true;
	return false;
}

static bool status_matches(const struct chk_expect *e, int status)
{
	char text[4] = { (char)('0' + status / 100 % 10), (char)('0' + status / 10 % 10), (char)('0' + status % 10) };

	return regex_match(e->regex, str_make(text, 3));
}

/* --- fields --- */

static bool text_matches(const struct chk_pattern *p, struct str want, struct str v, bool fold)
{
	struct str cut;

	switch ((enum chk_match)p->how) {
	case MATCH_ANY:
		return true;
	case MATCH_REG:
		return regex_match(p->regex, v);
	case MATCH_SUB:
		return (fold ? str_ifind(v, want) : str_find(v, want)) != (size_t)-1;
	case MATCH_END:
		cut = v.n >= want.n ? str_skip(v, v.n - want.n) : v;
		break;
	case MATCH_BEG:
		cut = str_head(v, want.n);
		break;
	default:
		cut = v;
	}
	return fold ? str_ieq(cut, want) : str_eq(cut, want);
}

/* The whole value, or one of the elements of its comma-separated list. */
static bool value_matches(const struct chk_expect *e, struct str want, struct str value)
{
	if (e->whole_field || e->value.how == MATCH_ANY)
		return text_matches(&e->value, want, value, false);
	while (value.p)
		if (text_matches(&e->value, want, str_trim(str_cut(&value, ',')), false))
			return true;
	return false;
}

static bool field_matches(struct check *c, const struct chk_expect *e)
{
	const struct msg *m = c->http->msg;
	struct str name = chk_text(c, &e->name.text), value = chk_text(c, &e->value.text);

	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED) &&
		    text_matches(&e->name, name, field_name_str(&m->f[i]), true) &&
		    value_matches(e, value, field_value_str(&m->f[i])))
			return true;
	return false;
}

/* --- bodies --- */

static bool body_matches(struct check *c, const struct chk_expect *e, struct str body, struct str *broken)
{
	struct str want = e->text;

	if (e->want == WANT_BODY_REGEX)
		return regex_match(e->regex, body);
	if (e->want == WANT_BODY_FMT) {
		want = chk_format(c, e->fmt);
		if (!want.n)
			*broken = STR("log-format string evaluated to an empty string");
	}
	return str_find(body, want) != (size_t)-1;
}

static enum step_result fail(struct check *c, const struct chk_step *s, struct str info)
{
	info = chk_error_info(c, s, false, info);
	chk_end(c, s->expect.error_status ? s->expect.error_status : CHK_L7RSP, info);
	return STEP_OVER;
}

static enum step_result expect_body(struct check *c, const struct chk_step *s, bool all)
{
	const struct chk_expect *e = &s->expect;
	struct str body = str_make(c->buf + c->http->body_at, c->http->body_len), broken = STR_NONE, info = STR_NONE;
	bool match;

	/* A judgement on a part could be wrong. */
	if (!all && (e->min_recv <= 0 || body.n < (size_t)e->min_recv || e->inverse))
		return STEP_WAIT;
	if (c->http->bad)
		return fail(c, s, STR_NONE);
	if (!body.n)
		return fail(c, s, e->on_error ? STR_NONE : STR("HTTP content check could not find a response body"));
	match = body_matches(c, e, body, &broken);
	if (broken.n)
		return fail(c, s, broken);
	if (!e->on_error)
		info = e->inverse ? STR("HTTP check matched unwanted content")
				  : STR("HTTP content check did not match");
	return chk_expect_result(c, s, match, CHK_L7RSP, info);
}

/* --- the step --- */

static enum step_result expect_head(struct check *c, const struct chk_step *s)
{
	const struct chk_expect *e = &s->expect;
	bool match = e->want == WANT_STATUS         ? status_in(e, c->code)
		     : e->want == WANT_STATUS_REGEX ? status_matches(e, c->code)
						    : field_matches(c, e);

	return chk_expect_result(c, s, match, CHK_L7STS, e->on_error ? STR_NONE : c->http->msg->reason);
}

static enum step_result leave(struct check *c)
{
	chk_end(c, CHK_L7OKC, STR_NONE);
	return STEP_OVER;
}

/* A format may ask for it too. */
static bool wants_body(const struct chk_step *s)
{
	const struct chk_expect *e = &s->expect;

	return e->want == WANT_BODY || e->want == WANT_BODY_REGEX || e->want == WANT_BODY_FMT || e->on_success ||
	       e->on_error || e->status_code;
}

enum step_result chk_expect_http(struct check *c, const struct chk_step *s)
{
	struct chk_http *h = c->http;
	bool all;

	if (!h)		/* nothing was asked */
		chk_answer_begin(c, METHOD_OTHER, STR_NONE), h = c->http;
	if (!c->exchange)
		chk_answer_read(c, wants_body(s));
	if (!c->got && c->failed) {
		chk_end_conn(c, false, CERR_NONE, 0);
		return STEP_OVER;
	}
	all = c->eof || h->complete || h->bad || c->got == c->cap;
	c->code = 0;
	if (h->bad && !h->has_head)
		return fail(c, s, STR_NONE);
	/* Only behind a whole answer a connection can go back to the pool. */
	if (!all && chk_exchange_shared(c))
		return STEP_WAIT;
	if (!h->has_head)
		return all ? fail(c, s, STR_NONE) : STEP_WAIT;
	c->code = h->msg->status;
	if (is_leaving(c))
		return c->at + 1 == c->script->n ? leave(c) : STEP_NEXT;
	if (s->expect.want == WANT_BODY || s->expect.want == WANT_BODY_REGEX || s->expect.want == WANT_BODY_FMT)
		return expect_body(c, s, all);
	return expect_head(c, s);
}
