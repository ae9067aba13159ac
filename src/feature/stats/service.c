/* The statistics page as an answer: which requests it takes, who may see it, in which form. */
#include "page.h"

#include "weir/base/enc.h"
#include "weir/feature/stats/stats.h"
#include "weir/stream/auth.h"
#include "weir/stream/hook.h"
#include "weir/stream/service.h"

/* ---- the request ---- */

/* What stands behind the prefix: the options. */
static struct str options_of(const struct stream *s, const struct stats_words *w)
{
	struct str target = w->uri.p[0] == '/' ? s->req->path : msg_target(s->req);

	return str_skip(target, w->uri.n);
}

static bool wants(struct stream *s, const struct proxy *px)
{
	const struct stats_words *w = px->stats;
	enum method m = s->req->method;

	if (!w || (m != METHOD_GET && m != METHOD_HEAD && m != METHOD_POST))
		return false;
	return str_starts(w->uri.p[0] == '/' ? s->req->path : msg_target(s->req), w->uri);
}

/* ";name" among the options. */
static bool has_option(struct str options, const char *name)
{
	while (options.p) {
		struct str one = str_cut(&options, ';');

		if (str_eqz(one, name))
			return true;
	}
	return false;
}

/* The value of "name=" among options, or empty. */
static struct str option_value(struct str options, struct str name)
{
	size_t at = str_find(options, name);
	struct str value;
	size_t end = 0;

	if (at == (size_t)-1 || (at > 0 && !strchr(";?&", options.p[at - 1])))
		return STR_NONE;
	value = str_skip(options, at + name.n);
	while (end < value.n && !strchr(";&", value.p[end]))
		end++;
	return str_head(value, end);
}

/* ---- who may ---- */

static bool credentials_match(const struct stream *s, const struct stats_words *w)
{
	int i = msg_find_id(s->req, msg_auth_field(s->req), 0);
	char mem[512];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));
	struct str value;

	if (i < 0)
		return false;
	value = field_value_str(&s->req->f[i]);
	if (value.n < 6 || !str_ieq(str_head(value, 6), STR("Basic ")))
		return false;
	if (!base64_dec(&b, str_trim(str_skip(value, 6)), BASE64_STD))
		return false;
	for (const struct stats_user *u = w->users; u; u = u->next)
		if (str_eq(u->text, sbuf_str(&b)))
			return true;
	return false;
}

static bool is_admin(struct stream *s, const struct proxy *px, const struct stats_words *w)
{
	for (const struct stats_admin *a = w->admin; a; a = a->next)
		if (cond_eval(a->cond, stream_x(s, px, X_REQ)) == COND_TRUE)
			return true;
	return false;
}

/* ---- the answer ---- */

enum form { FORM_HTML, FORM_CSV, FORM_TYPED, FORM_JSON, FORM_SCHEMA };
struct answer {
	enum form form;
	struct stats_page page;
	struct stats_dump dump;
};
struct request {
	const struct proxy *px;
	struct str options;
	bool admin;
};

static const char *outcome_text(struct str code)
{
	static const struct { const char *code, *text; } codes[] = {
		{ "DONE", "The action was applied." },
		{ "PART", "The action was applied to some of the servers only." },
		{ "NONE", "Nothing has changed." },
		{ "ERRP", "The action was not applied: a parameter is wrong." },
		{ "EXCD", "The action was not applied: too many servers at a time." },
		{ "DENY", "The action was not applied: access denied." },
		{ "UNKN", "Something unexpected happened." },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (str_eqz(code, codes[i].code))
			return codes[i].text;
	return NULL;
}

static enum form form_of(struct str options)
{
	if (has_option(options, "csv"))
		return FORM_CSV;
	if (has_option(options, "typed"))
		return FORM_TYPED;
	if (has_option(options, "json"))
		return FORM_JSON;
	return has_option(options, "json-schema") ? FORM_SCHEMA : FORM_HTML;
}

static void begin_page(struct answer *a, const struct request *rq)
{
	struct stats_page *pg = &a->page;
	const struct stats_words *w = rq->px->stats;

	pg->words = w;
	pg->self = rq->px->name;
	pg->node = w->node.n ? w->node : rq->px->conf->global.node;
	pg->scope = option_value(rq->options, STR("scope="));
	pg->outcome = outcome_text(option_value(rq->options, STR("st=")));
	pg->admin = rq->admin;
	pg->flags = (has_option(rq->options, "up") ? PAGE_UP : 0) | (has_option(rq->options, "no-maint") ?
	                                                             PAGE_NO_MAINT : 0) |
	            (has_option(rq->options, "norefresh") ? PAGE_NO_REFRESH : 0);
	a->dump.flags = (a->form == FORM_TYPED ? STATS_TYPED : a->form == FORM_JSON ? STATS_JSON : 0) |
	                (pg->flags & PAGE_UP ? STATS_UP : 0) | (pg->flags & PAGE_NO_MAINT ? STATS_NO_MAINT : 0) |
	                (w->legends ? STATS_DETAIL : 0);
	a->dump.wanted = stats_page_shows;
	a->dump.wanted_arg = pg;
}

static void *start(struct stream *s, struct msg *res, const void *arg)
{
	static const struct str types[] = {
		[FORM_HTML] = STR_INIT("text/html"), [FORM_CSV] = STR_INIT("text/plain"),
		[FORM_TYPED] = STR_INIT("text/plain"),
		[FORM_JSON] = STR_INIT("application/json"), [FORM_SCHEMA] = STR_INIT("application/json"),
	};
	const struct request *rq = arg;
	struct answer *a = arena_new(s->mem, struct answer);
	const struct stats_words *w = rq->px->stats;

	a->form = form_of(rq->options);
	begin_page(a, rq);
	msg_set_status(res, 200, STR_NONE);
	msg_add_id(res, FIELD_CACHE_CONTROL, STR("no-cache"));
	msg_add_id(res, FIELD_CONTENT_TYPE, types[a->form]);
	if (w->refresh && !(a->page.flags & PAGE_NO_REFRESH))
		msg_add(res, STR("refresh"), arena_printf(s->mem, "%u", w->refresh));
	return a;
}

static enum service_result more(struct stream *s, void *state, struct spanq *out, size_t limit)
{
	struct answer *a = state;
	struct sbuf b = sbuf_grow();
	size_t piece = MIN(limit, STATS_PIECE);
	bool over = true;

	if (a->form == FORM_HTML)
		over = stats_page_write(&a->page, &b, piece);
	else if (a->form == FORM_SCHEMA)
		sbuf_putz(&b, stats_schema);
	else
		over = stats_dump(&a->dump, &b, piece);
	spanq_push_copy(out, b.p, b.n);
	sbuf_fini(&b);
	return over ? SERVICE_END : SERVICE_MORE;
}

static void end(struct stream *s, void *state)
{
}

static const struct service stats_service = {
	.name = "<STATS>", .help = "the statistics page", .start = start, .more = more, .end = end,
};

/* ---- changes by POST ---- */

static enum step_result redirect(struct stream *s, const struct stats_words *w, struct str options, const char *code)
{
	struct str scope = option_value(options, STR("scope="));
	struct reply *r = arena_new(s->mem, struct reply);
	struct str *h = arena_array(s->mem, struct str, 6);

	h[0] = STR("cache-control");
	h[1] = STR("no-cache");
	h[2] = STR("content-type");
	h[3] = STR("text/plain");
	h[4] = STR("location");
	h[5] = arena_printf(s->mem, STR_FMT ";st=%s%s" STR_FMT, STR_ARG(w->uri), code, scope.n ? ";scope=" : "",
	                    STR_ARG(scope));
	r->status = 303;
	r->raw = true;
	r->raw_hdrs = h;
	r->nraw = 3;
	stream_term(s, TERM_LOCAL, TERM_AT_REQUEST, TR_REDIRECT);
	return stream_reply(s, 303, r);
}

static enum step_result change(struct stream *s, const struct stats_words *w, struct str options, bool admin)
{
	struct gate *g = s->front;
	char mem[16384];
	enum step_result r;
	size_t n;

	if (!admin)
		return redirect(s, w, options, "DENY");
	r = stream_wait_body(s, 0);
	if (r != DONE || s->next_step != STEP_COUNT)
		return r;	/* not there yet, or it was refused */
	if (!(g->flags & IN_END) || g->in.bytes > sizeof(mem))
		return redirect(s, w, options, "EXCD");
	n = spanq_copy(&g->in, 0, mem, sizeof(mem));
	return redirect(s, w, options, stats_change(str_make(mem, n)));
}

/* ---- the hook ---- */

/* DONE with *passed: go on. Anything else is the step's result. */
static enum step_result check_access(struct stream *s, const struct proxy *px, const struct stats_words *w,
				     bool *passed)
{
	enum act_result r;

	*passed = true;
	if (list_empty(&w->rules)) {
		if (!w->users || credentials_match(s, w))
			return DONE;
		*passed = false;
		return stream_ask_password(s, w->realm);
	}
	r = stream_run_list(s, px, &w->rules);
	*passed = r == ACT_NEXT || r == ACT_STOP;
	return stream_rules_end(s, r, X_REQ);
}

static enum step_result answer(struct stream *s, const struct proxy *px)
{
	const struct stats_words *w = px->stats;
	struct request *rq;
	bool passed;
	enum step_result r = check_access(s, px, w, &passed);

	if (!passed)
		return r;
	rq = arena_new(s->mem, struct request);
	rq->px = px;
	rq->options = arena_str(s->mem, options_of(s, w));
	rq->admin = is_admin(s, px, w);
	if (s->req->method == METHOD_POST)
		return change(s, w, rq->options, rq->admin);
	stream_term(s, TERM_LOCAL, TERM_AT_REQUEST, TR_RETURN);
	return stream_service(s, &stats_service, rq);
}

const struct stream_hook stats_hook = { "stats", "the statistics page where `stats` words ask for it", wants, answer };
