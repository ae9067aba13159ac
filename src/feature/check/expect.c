/* Expect steps on plain bytes. */
#include "check_priv.h"

#include "weir/base/enc.h"

enum step_result chk_expect_result(struct check *c, const struct chk_step *s, bool match, enum chk_status usual,
				   struct str info)
{
	const struct chk_expect *e = &s->expect;

	if (match != e->inverse)
		return STEP_NEXT;
	info = chk_error_info(c, s, match, info);
	chk_end(c, e->error_status ? e->error_status : usual, info);
	return STEP_OVER;
}

static bool contains(struct str hay, struct str needle)
{
	return str_find(hay, needle) != (size_t)-1;
}

static bool regex_on_hex(struct check *c, const struct chk_expect *e, struct str in)
{
	struct sbuf b = sbuf_grow();
	bool match;

	hex_enc(&b, in, true);
	match = regex_match(e->regex, sbuf_str(&b));
	sbuf_fini(&b);
	(void)c;
	return match;
}

enum found { FOUND_NOT, FOUND, FOUND_BROKEN };

/* A format's text is only known now. */
static enum found format_in(struct check *c, const struct chk_step *s, struct str in, const char **why)
{
	struct str want = chk_format(c, s->expect.fmt);
	struct sbuf b = sbuf_grow();
	enum found found = FOUND;

	*why = "log-format string evaluated to an empty string";
	if (!want.n)
		return FOUND_BROKEN;
	if (s->expect.want == WANT_BINARY_FMT) {
		*why = "Failed to parse hexastring resulting of eval of a log-format string";
		found = hex_dec(&b, want) ? FOUND : FOUND_BROKEN;
		want = sbuf_str(&b);
	}
	if (found == FOUND && !contains(in, want))
		found = FOUND_NOT;
	sbuf_fini(&b);
	return found;
}

static enum found look(struct check *c, const struct chk_step *s, const char **why)
{
	const struct chk_expect *e = &s->expect;
	struct str in = str_make(c->buf, c->got);

	switch ((enum chk_want)e->want) {
	case WANT_STRING:
	case WANT_BINARY:
		return contains(in, e->text) ? FOUND : FOUND_NOT;
	case WANT_REGEX:
		return regex_match(e->regex, in) ? FOUND : FOUND_NOT;
	case WANT_BIN_REGEX:
		return regex_on_hex(c, e, in) ? FOUND : FOUND_NOT;
	default:
		return format_in(c, s, in, why);
	}
}

/* Often the first bytes do: nobody asks for more before they were looked at. */
static enum step_result wait_more(struct check *c, const struct chk_step *s)
{
	c->at = s->expect.back;
	switch (chk_receive(c)) {
	case CAME_NOTHING:
		return STEP_WAIT;
	case CAME_ERROR:
		return STEP_OVER;
	default:
		return STEP_AGAIN;
	}
}

static enum step_result judged(struct check *c, const struct chk_step *s, bool all)
{
	switch (s->expect.judge(c, s, all)) {
	case JUDGE_MORE:
		return wait_more(c, s);
	case JUDGE_NEXT:
		return STEP_NEXT;
	default:
		return STEP_OVER;
	}
}

static enum step_result nothing_came(struct check *c, const struct chk_step *s)
{
	struct str info = arena_printf(&c->mem, "TCPCHK got an empty response at step %d", s->number);

	if (s->comment.n)
		info = arena_printf(&c->mem, STR_FMT " comment: '" STR_FMT "'", STR_ARG(info), STR_ARG(s->comment));
	chk_end(c, s->expect.error_status ? s->expect.error_status : CHK_L7RSP, info);
	return STEP_OVER;
}

enum step_result chk_step_expect(struct check *c, const struct chk_step *s)
{
	const struct chk_expect *e = &s->expect;
	const char *why = NULL;
	enum found found;
	bool all;

	c->code = 0;
	all = c->eof || (c->buf && c->got == c->cap);
	if (!c->got)
		return all ? nothing_came(c, s) : wait_more(c, s);
	if (!all && e->min_recv > 0 && c->got < (size_t)e->min_recv)
		return wait_more(c, s);
	if (e->want == WANT_JUDGE)
		return judged(c, s, all);
	found = look(c, s, &why);
	if (found == FOUND_BROKEN) {
		chk_end(c, e->error_status ? e->error_status : CHK_L7RSP,
			chk_error_info(c, s, false, str_c(why)));
		return STEP_OVER;
	}
	if (found == FOUND_NOT && !all && e->min_recv == -1)
		return wait_more(c, s);
	return chk_expect_result(c, s, found == FOUND, CHK_L7RSP, STR_NONE);
}
