/* The words of expect steps: tcp-check expect, http-check expect. */
#include "script.h"

#include "weir/base/enc.h"
#include "weir/base/num.h"
#include "weir/http/chars.h"
#include "weir/model/words.h"

/* "tcp-check expect", for messages. */
#define LINE "'" STR_FMT " expect' : "
#define LINE_ARG(k) STR_ARG((k)->w[0])

static void release_regex(void *re)
{
	regex_free(re);
}

static struct regex *take_regex(struct kw_call *k, int word, struct str text)
{
	struct regex_err e;
	struct regex *re = regex_compile(text, REGEX_NO_CAPTURE, &e);

	if (!re)
		kw_err_at(k, word, k->w[word].p + MIN(e.offset, k->w[word].n), LINE "regex '" STR_FMT "' is invalid "
			  "(error=%s).", LINE_ARG(k), STR_ARG(text), e.text);
	else
		arena_defer(k->mem, release_regex, re);
	return re;
}

/* --- lists of status codes: 200,202-204 --- */

static bool one_range(struct str text, struct chk_range *r)
{
	struct str low = str_cut(&text, '-');
	int64_t a, b;

	if (!num_i64(low, &a) || a < 0 || a > 999)
		return false;
	b = a;
	if (text.p && (!num_i64(text, &b) || b < a || b > 999))
		return false;
	*r = (struct chk_range){ (int)a, (int)b };
	return true;
}

static bool take_codes(struct kw_call *k, struct chk_expect *e, int word)
{
	struct str rest = k->w[word];
	size_t n = 1;

	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';
	e->codes = arena_array(k->mem, struct chk_range, n);
	while (rest.p) {
		struct str text = str_cut(&rest, ',');

		if (!one_range(text, &e->codes[e->ncodes++]))
			return kw_err_at(k, word, text.p, LINE "invalid range of status codes '" STR_FMT "'.",
					 LINE_ARG(k), STR_ARG(text));
	}
	return true;
}

/* --- hdr and fhdr: name [-m <how>] <pattern> [value [-m <how>] <pattern>] --- */

static bool pattern_text(struct kw_call *k, struct chk_pattern *p, bool format)
{
	int word = k->at++;

	p->text.s = k->w[word];
	if (p->how == MATCH_REG) {
		p->regex = take_regex(k, word, k->w[word]);
		return p->regex != NULL;
	}
	if (!format)
		return true;
	p->text.fmt = chk_parse_format(k, word);
	return p->text.fmt != NULL;
}

static bool take_pattern(struct kw_call *k, struct chk_pattern *p, bool format)
{
	static const char *const hows[] = { "str", "beg", "end", "sub", "reg", NULL };
	int how = 0;

	p->how = MATCH_STR;
	if (kw_take_if(k, "-m")) {
		if (!kw_more(k))
			return kw_err(k, k->at - 1, LINE "'hdr' : '-m' expects at a matching pattern ('str', 'beg', "
						    "'end', 'sub' or 'reg')", LINE_ARG(k));
		how = kw_choice(kw_peek(k), hows);
		if (how < 0)
			return kw_err(k, k->at, LINE "'hdr' : '-m' only supports 'str', 'beg', 'end', 'sub' or 'reg' "
						"(got '" STR_FMT "')", LINE_ARG(k), STR_ARG(kw_peek(k)));
		p->how = (uint8_t)(MATCH_STR + how);
		k->at++;
	}
	if (format && p->how == MATCH_REG)
		return kw_err(k, k->at - 1, LINE "'hdr': log-format string is not supported with a regex "
					    "matching method",
			      LINE_ARG(k));
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, LINE "'" STR_FMT "' expect a pattern", LINE_ARG(k),
			      STR_ARG(k->w[k->at - 1]));
	return pattern_text(k, p, format);
}

static bool take_field(struct kw_call *k, struct chk_expect *e)
{
	bool format = str_eqz(kw_peek(k), "name-lf");

	if (!format && !str_eqz(kw_peek(k), "name"))
		return kw_err(k, k->at, LINE "'" STR_FMT "' expects at the name keyword as first argument followed "
					"by a pattern", LINE_ARG(k), STR_ARG(k->w[k->at - 1]));
	k->at++;
	if (!take_pattern(k, &e->name, format))
		return false;
	if (!str_eqz(kw_peek(k), "value") && !str_eqz(kw_peek(k), "value-lf"))
		return true;
	format = kw_peek(k).n > 5;
	k->at++;
	return take_pattern(k, &e->value, format);
}

/* --- what is expected --- */

enum { IN_TCP = 1, IN_HTTP = 2 };
static const struct want { const char *word; uint8_t tcp, http, where; } wants[] = {
	{ "string", WANT_STRING, WANT_BODY, IN_TCP | IN_HTTP },
	{ "rstring", WANT_REGEX, WANT_BODY_REGEX, IN_TCP | IN_HTTP },
	{ "string-lf", WANT_STRING_FMT, WANT_BODY_FMT, IN_TCP | IN_HTTP },
	{ "binary", WANT_BINARY, 0, IN_TCP },
	{ "rbinary", WANT_BIN_REGEX, 0, IN_TCP },
	{ "binary-lf", WANT_BINARY_FMT, 0, IN_TCP },
	{ "custom", WANT_JUDGE, 0, IN_TCP },
	{ "status", 0, WANT_STATUS, IN_HTTP },
	{ "rstatus", 0, WANT_STATUS_REGEX, IN_HTTP },
	{ "hdr", 0, WANT_FIELD, IN_HTTP },
	{ "fhdr", 0, WANT_FIELD, IN_HTTP },
};

static const struct want *want_of(struct str word, bool http)
{
	for (size_t i = 0; i < ARRAY_LEN(wants); i++)
		if (str_eqz(word, wants[i].word) && wants[i].where & (http ? IN_HTTP : IN_TCP))
			return &wants[i];
	return NULL;
}

static bool take_want(struct kw_call *k, struct chk_expect *e, const struct want *w, bool http)
{
	int word = k->at;

	e->want = http ? w->http : w->tcp;
	e->whole_field = w->word[0] == 'f';
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, LINE "'%s' expects a <pattern> as argument", LINE_ARG(k), w->word);
	if (e->want == WANT_FIELD)
		return take_field(k, e);
	e->text = k->w[k->at++];
	switch (e->want) {
	case WANT_STATUS:
		return take_codes(k, e, word);
	case WANT_BINARY:
		return chk_parse_hex(k, word, &e->text);
	case WANT_REGEX:
	case WANT_BIN_REGEX:
	case WANT_STATUS_REGEX:
	case WANT_BODY_REGEX:
		return (e->regex = take_regex(k, word, e->text)) != NULL;
	case WANT_STRING_FMT:
	case WANT_BINARY_FMT:
	case WANT_BODY_FMT:
		return (e->fmt = chk_parse_format(k, word)) != NULL;
	case WANT_JUDGE:
		e->judge = chk_judge_find(e->text);
		return e->judge || kw_err(k, word, LINE "no judge is called '" STR_FMT "'.", LINE_ARG(k),
					  STR_ARG(e->text));
	}
	return true;
}

/* --- the words beside it --- */

struct status_word {
	const char *name, *allowed;
	size_t offset;
	enum chk_status codes[4];
};
static const struct status_word status_words[] = {
	{ "ok-status", "'L4OK', 'L6OK', 'L7OK' or 'L7OKC'", offsetof(struct chk_expect, ok_status),
	  { CHK_L4OK, CHK_L6OK, CHK_L7OK, CHK_L7OKC } },
	{ "error-status", "'L4CON', 'L6RSP', 'L7RSP' or 'L7STS'", offsetof(struct chk_expect, error_status),
	  { CHK_L4CON, CHK_L6RSP, CHK_L7RSP, CHK_L7STS } },
	{ "tout-status", "'L4TOUT', 'L6TOUT' or 'L7TOUT'", offsetof(struct chk_expect, tout_status),
	  { CHK_L4TOUT, CHK_L6TOUT, CHK_L7TOUT, CHK_L7TOUT } },
};

static bool needs_text(struct kw_call *k)
{
	return kw_peek(k).n || kw_err(k, k->at - 1, LINE "'" STR_FMT "' expects a string as argument", LINE_ARG(k),
				      STR_ARG(k->w[k->at - 1]));
}

static bool take_status(struct kw_call *k, struct chk_expect *e, const struct status_word *w)
{
	if (!needs_text(k))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(w->codes); i++)
		if (str_eqz(kw_peek(k), chk_statuses[w->codes[i]].token)) {
			((uint8_t *)e)[w->offset] = (uint8_t)w->codes[i];
			k->at++;
			return true;
		}
	return kw_err(k, k->at, LINE "'%s' only supports %s status (got '" STR_FMT "').", LINE_ARG(k), w->name,
		      w->allowed, STR_ARG(kw_peek(k)));
}

static bool take_min(struct kw_call *k, struct chk_expect *e)
{
	int64_t v;

	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, LINE "'min-recv' expects a integer as argument", LINE_ARG(k));
	if (!num_i64(kw_peek(k), &v) || v < -1 || v > INT32_MAX)
		return kw_err(k, k->at, LINE "'min-recv' expects -1 or an integer from 0 to INT_MAX", LINE_ARG(k));
	e->min_recv = (int)v;
	k->at++;
	return true;
}

static bool take_code(struct kw_call *k, struct chk_expect *e)
{
	if (!kw_peek(k).n)
		return kw_err(k, k->at - 1, LINE "'status-code' expects an expression as argument", LINE_ARG(k));
	e->status_code = chk_parse_expr(k, "status-code");
	return e->status_code != NULL;
}

static bool take_said(struct kw_call *k, struct logfmt **to)
{
	if (!needs_text(k))
		return false;
	*to = chk_parse_format(k, k->at++);
	return *to != NULL;
}

static bool unknown_word(struct kw_call *k, bool http)
{
	struct str word = k->w[k->at - 1];

	if (http)
		return kw_err(k, k->at - 1,
			      LINE "'only supports min-recv, [!]string', '[!]rstring', '[!]string-lf', '[!]status', "
			      "'[!]rstatus', [!]hdr, [!]fhdr or comment but got '" STR_FMT "' as argument.",
			      LINE_ARG(k), STR_ARG(word));
	return kw_err(k, k->at - 1,
		      LINE "'only supports min-recv, '[!]binary', '[!]string', '[!]rstring', '[!]string-lf''"
			   "[!]rbinary', '[!]binary-lf' or comment but got '" STR_FMT "' as argument.",
		      LINE_ARG(k), STR_ARG(word));
}

/* "!" may stand alone or stick to the word behind it. */
static bool take_not(struct kw_call *k, struct chk_expect *e, struct str *word)
{
	if (!word->n || word->p[0] != '!')
		return true;
	e->inverse = true;
	*word = str_skip(*word, 1);
	if (word->n)
		return true;
	if (!kw_more(k))
		return kw_err(k, k->at - 1, LINE "expects at least a matching pattern as arguments", LINE_ARG(k));
	*word = k->w[k->at++];
	return true;
}

static bool expect_word(struct kw_call *k, struct chk_step *s, bool http, bool *wanted)
{
	struct chk_expect *e = &s->expect;
	struct str word = k->w[k->at++];
	bool inverse = e->inverse;
	const struct want *w;

	if (!take_not(k, e, &word))
		return false;
	w = want_of(word, http);
	if (w && *wanted)
		return kw_err(k, k->at - 1, LINE "only on pattern expected", LINE_ARG(k));
	if (w)
		return *wanted = true, take_want(k, e, w, http);
	if (e->inverse != inverse)
		return kw_err(k, k->at - 1, LINE "[!] not supported with '" STR_FMT "'", LINE_ARG(k), STR_ARG(word));
	for (size_t i = 0; i < ARRAY_LEN(status_words); i++)
		if (str_eqz(word, status_words[i].name))
			return take_status(k, e, &status_words[i]);
	if (str_eqz(word, "min-recv"))
		return take_min(k, e);
	if (str_eqz(word, "status-code"))
		return take_code(k, e);
	if (str_eqz(word, "on-success"))
		return take_said(k, &e->on_success);
	if (str_eqz(word, "on-error"))
		return take_said(k, &e->on_error);
	if (str_eqz(word, "comment"))
		return chk_parse_comment(k, &s->comment);
	return unknown_word(k, http);
}

bool chk_parse_expect(struct kw_call *k, struct chk_step *s, bool http)
{
	bool wanted = false;

	s->expect.min_recv = -1;
	while (kw_more(k))
		if (!expect_word(k, s, http, &wanted))
			return false;
	if (!wanted)
		return kw_err(k, k->n - 1, LINE "expects at least a matching pattern as arguments", LINE_ARG(k));
	return true;
}
