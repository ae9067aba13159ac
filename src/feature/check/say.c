/* What checks say about themselves, in HAProxy's words, and what their formats see. */
#include "check_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void chk_x(struct check *c, struct xctx *x)
{
	struct chk_http *h = c->http;

	*x = (struct xctx){
		.check = c, .srv = c->srv, .proxy = c->srv->line->proxy, .dir = X_RES, .final = true, .mem = &c->mem,
		.back = c->conn, .res_full = c->eof || c->got == c->cap,
	};
	x->vars[VAR_CHECK] = &c->vars;
	if (h && h->has_head) {
		x->res = h->msg;
		x->res_buf = str_make(c->buf + h->body_at, h->body_len);
	} else if (c->buf) {
		x->res_buf = str_make(c->buf, c->got);
	}
}

struct str chk_format(struct check *c, const struct logfmt *f)
{
	struct sbuf b = sbuf_grow();
	struct xctx x;
	struct str out;

	chk_x(c, &x);
	logfmt_build(f, &b, &x);
	out = b.n ? arena_str(&c->mem, sbuf_str(&b)) : STR("");
	sbuf_fini(&b);
	return out;
}

struct str chk_text(struct check *c, const struct chk_text *t)
{
	return t->fmt ? chk_format(c, t->fmt) : t->s;
}

/* --- expect --- */

static void set_code(struct check *c, const struct chk_step *s)
{
	struct sample v;
	struct xctx x;

	if (!s->expect.status_code)
		return;
	chk_x(c, &x);
	if (expr_eval_as(s->expect.status_code, SMP_STR, &v, &x) && smp_cast(&v, SMP_SINT, &c->mem))
		c->code = (int)v.i;
}

struct str chk_success_info(struct check *c, const struct chk_step *s)
{
	struct str info = c->said;

	if (s->expect.on_success)
		info = chk_format(c, s->expect.on_success);
	else if (c->words->kind == CHK_TCP)
		info = STR("(tcp-check)");
	set_code(c, s);
	return info;
}

/* How a message of tcp-check calls what was expected. */
static struct str pattern_text(struct check *c, const struct chk_expect *e)
{
	switch ((enum chk_want)e->want) {
	case WANT_STRING:
		return arena_printf(&c->mem, " '" STR_FMT "'", STR_ARG(e->text));
	case WANT_BINARY:
		return STR(" (binary)");
	case WANT_REGEX:
		return STR(" (regex)");
	case WANT_BIN_REGEX:
		return STR(" (binary regex)");
	case WANT_STRING_FMT:
		return STR(" (log-format string)");
	case WANT_BINARY_FMT:
		return STR(" (log-format binary)");
	default:
		return STR(" (custom function)");
	}
}

struct str chk_error_info(struct check *c, const struct chk_step *s, bool match, struct str info)
{
	if (!info.n && s->expect.on_error)
		info = chk_format(c, s->expect.on_error);
	else if (!info.n && c->words->kind == CHK_TCP)
		info = arena_printf(&c->mem, "TCPCHK %s" STR_FMT " at step %d",
				    match ? "matched unwanted content" : "did not match content",
				    STR_ARG(pattern_text(c, &s->expect)), s->number);
	if (s->comment.n)
		info = arena_printf(&c->mem, STR_FMT " comment: " STR_FMT, STR_ARG(info), STR_ARG(s->comment));
	set_code(c, s);
	return info;
}

/* --- broken connections --- */

static const char *expected_text(uint8_t want)
{
	static const char *const texts[] = {
		[WANT_REGEX] = "regex", [WANT_BIN_REGEX] = "binary regex", [WANT_STRING_FMT] = "log-format string",
		[WANT_BINARY_FMT] = "log-format binary", [WANT_JUDGE] = "custom function",
	};

	return texts[want];
}

/* " (connect port 80)", " (expect string 'x')" */
static void put_step(struct sbuf *b, const struct chk_step *s)
{
	if (s->kind == STEP_CONNECT && s->connect.port)
		sbuf_printf(b, " (connect port %d)", s->connect.port);
	else if (s->kind == STEP_CONNECT)
		sbuf_putz(b, " (connect)");
	else if (s->kind == STEP_SEND)
		sbuf_putz(b, " (send)");
	else if (s->kind == STEP_EXPECT && (s->expect.want == WANT_STRING || s->expect.want == WANT_BINARY))
		sbuf_printf(b, " (expect %s '" STR_FMT "')", s->expect.want == WANT_STRING ? "string" : "binary",
			    STR_ARG(s->expect.text));
	else if (s->kind == STEP_EXPECT)
		sbuf_printf(b, " (expect %s)", expected_text(s->expect.want));
}

/* Dialogues of tcp-check lines say where they are. */
static void put_place(struct check *c, struct sbuf *b)
{
	const struct chk_step *s = c->script->v[c->at];

	if (!c->words || c->words->kind != CHK_TCP)
		return;
	if (!s->number) {
		sbuf_putz(b, " at initial connection step of tcp-check");
		return;
	}
	sbuf_printf(b, " at step %d of tcp-check", s->number);
	put_step(b, s);
	if (s->comment.n)
		sbuf_printf(b, " comment: '" STR_FMT "'", STR_ARG(s->comment));
}

/* Where the kernel's word says it all, ours is not needed. */
static bool kernel_says_it(enum conn_err e)
{
	return e == CERR_NONE || e == CERR_REFUSED || e == CERR_RESET || e == CERR_PIPE || e == CERR_TIMEOUT;
}

static void put_reason(struct sbuf *b, enum conn_err e, int os_errno)
{
	bool ours = !kernel_says_it(e) || (!os_errno && e != CERR_NONE);
	const char *text = conn_err_text(e == CERR_UNREACH ? CERR_SOCK : e);

	if (ours && os_errno)
		sbuf_printf(b, "%s (%s)", text, strerror(os_errno));
	else
		sbuf_putz(b, ours ? text : os_errno ? strerror(os_errno) : "");
}

/* How far the connection had come decides what the failure is called. */
static enum chk_status status_of(const struct check *c, bool expired)
{
	const struct chk_step *s = c->script->v[c->at];
	uint32_t f = c->conn ? c->conn->flags : CONN_CONNECTING;

	if (f & CONN_OPEN && !expired)
		return CHK_SOCKERR;
	if (f & CONN_OPEN)
		return s->kind == STEP_EXPECT && s->expect.tout_status ? s->expect.tout_status : CHK_L7TOUT;
	if (f & CONN_CONNECTING)
		return expired ? CHK_L4TOUT : CHK_L4CON;
	return expired ? CHK_L6TOUT : CHK_L6RSP;
}

void chk_end_conn(struct check *c, bool expired, enum conn_err err, int os_errno)
{
	char text[512];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	if (c->conn && !expired) {
		err = c->conn->err;
		os_errno = c->conn->os_errno;
	}
	put_reason(&b, err, os_errno);
	put_place(c, &b);
	chk_end(c, status_of(c, expired), sbuf_str(&b));
}
