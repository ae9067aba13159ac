/* Writing a line by its compiled format. */
#include <arpa/inet.h>
#include "logfmt_priv.h"
#include "weir/base/enc.h"

static bool node_value(const struct lf_node *n, struct sample *s, struct xctx *x)
{
	if (n->kind == LFK_EXPR)
		return expr_eval(n->expr, s, x);
	/* A health check has no client: only what is said about servers. */
	if (x->check && !(n->var->use & (USE_INTRN | USE_BKEND | USE_SERVR | USE_L4SRV)))
		return false;
	memset(s, 0, sizeof(*s));
	return n->var->fetch(NULL, s, x, n->var);
}

/* Controls in a field of a message: percent-encoded, but for the tab (RFC 9110 section 5.5). */
static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t') || c == 0x7f;
}

static void put_marked(struct sbuf *out, struct str s, char mark)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!is_control(c))
			continue;
		sbuf_put(out, s.p + from, i - from);
		sbuf_putc(out, mark);
		sbuf_putc(out, enc_hex_up[c >> 4]);
		sbuf_putc(out, enc_hex_up[c & 15]);
		from = i + 1;
	}
	sbuf_put(out, s.p + from, s.n - from);
}

/* What stays as it is, by enum logvar_escape. */
static const struct byte_map kept[] = {
	[LV_LINE] = { { 0, 0xfffffff3U, ~0U, 0x7fffffffU } },	/* without " # */
	[LV_FIELD] = { { 0, 0xfffffff3U, ~0U, 0x47ffffffU } },	/* and without { | } */
};

void logvar_escape(struct sbuf *out, struct str s, enum logvar_escape how)
{
	pct_enc(out, s, &kept[how], '#');
}

/* RFC 5424 section 6.3.3; what is escaped anyhow stays escaped the other way. */
static void put_escaped(struct sbuf *out, const struct lf_node *n, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (n->escape && !byte_map_has(&kept[n->escape], (unsigned char)s.p[i])) {
			logvar_escape(out, str_make(s.p + i, 1), n->escape);
			continue;
		}
		if (s.p[i] == '"' || s.p[i] == '\\' || s.p[i] == ']')
			sbuf_putc(out, '\\');
		sbuf_putc(out, s.p[i]);
	}
}

/* Text of an expression: what a peer can put into it must not end a field or a line of a log. */
static void put_text(struct sbuf *out, const struct logfmt *f, const struct lf_node *n, struct str s)
{
	if (n->flags & LFF_BIN)
		sbuf_puts(out, s);
	else if (n->flags & LFF_ESC)
		put_escaped(out, n, s);
	else if (n->escape)
		logvar_escape(out, s, n->escape);
	else if ((f->opt & LF_HEADER_VALUE) && n->kind == LFK_EXPR)
		put_marked(out, s, '%');
	else if ((f->opt & LF_LOG) && n->kind == LFK_EXPR)
		put_marked(out, s, '#');
	else
		sbuf_puts(out, s);
}

static void put_quoted(struct sbuf *out, const struct logfmt *f, const struct lf_node *n, struct str s)
{
	/* A port that is not there is quoted like an empty text, and a target without a query says nothing. */
	bool quote = (n->flags & LFF_QUOTE) && (n->quotable || (!s.n && n->hexable));

	if (!s.n && !quote && (n->flags & LFF_MANDATORY) && n->escape != LV_LINE) {
		sbuf_putc(out, '-');
		return;
	}
	if (quote)
		sbuf_putc(out, '"');
	put_text(out, f, n, s);
	if (quote)
		sbuf_putc(out, '"');
}

/* +X: addresses byte by byte, numbers with at least four digits. */
static bool put_hex(struct sbuf *out, const struct lf_node *n, const struct sample *s)
{
	if (!(n->flags & LFF_HEX) || n->kind != LFK_VAR)
		return false;
	if (s->type == SMP_IPV4 || s->type == SMP_IPV6)
		return hex_enc(out, str_make((const char *)&s->ip6, s->type == SMP_IPV4 ? 4 : 16), true);
	if (s->type != SMP_SINT || !n->hexable)
		return false;
	return sbuf_printf(out, "%04llX", (unsigned long long)s->i);
}

static bool to_text(struct sample *s, bool keep_bin, struct xctx *x)
{
	if (keep_bin && s->type == SMP_BIN)
		return true;
	return s->type == SMP_STR || smp_cast(s, SMP_STR, x->mem);
}

static void put_list(struct sbuf *out, const struct logfmt *f, const struct lf_node *n, struct str s)
{
	bool first = true;

	for (; s.p; first = false) {
		if (!first)
			sbuf_putc(out, ' ');
		put_quoted(out, f, n, str_cut(&s, '\0'));
	}
}

/* In an encoding it is one text. */
static void join_list(struct sample *s, struct xctx *x)
{
	smp_own(s, x->mem);
	for (size_t i = 0; i < s->s.n; i++)
		if (!s->s.p[i])
			((char *)(uintptr_t)s->s.p)[i] = ' ';
}

/* The short way, when nothing is to be done to a value that is there. False: there is more to it. */
static inline bool put_bare(struct sbuf *out, const struct sample *s)
{
	char ip[ADDR_IP4_TEXT];

	switch (s->type) {
	case SMP_SINT:
		sbuf_puti(out, s->i);
		return true;
	case SMP_STR:
		sbuf_puts(out, s->s);
		return s->s.n;
	case SMP_IPV4:
		sbuf_put(out, ip, addr_ip4_text(&s->ip4, ip));
		return true;
	default:
		return false;
	}
}

/* Without encoding; s: NULL when there is no value. */
static void put_dressed(struct sbuf *out, const struct logfmt *f, const struct lf_node *n, struct sample *s,
			struct xctx *x)
{
	bool got = s;

	if (got && n->type != SMP_ANY && s->type != n->type)
		got = smp_cast(s, n->type, x->mem);
	if (got && put_hex(out, n, s))
		return;
	if (got && s->type == SMP_SINT && !((n->flags & LFF_QUOTE) && n->quotable)) {
		sbuf_puti(out, s->i);
		return;
	}
	if (got && !to_text(s, n->flags & LFF_BIN, x))
		got = false;
	if (!got && n->vanishes) {
		/* Of the blanks beside it one stays: at the end there is only that in front. */
		if (out->n && out->p[out->n - 1] == ' ' && n != &f->node[f->n - 1])
			out->n--;
		return;
	}
	if (got && n->list)
		put_list(out, f, n, s->s);
	else
		put_quoted(out, f, n, got ? s->s : STR_NONE);
}

static void put_plain(struct sbuf *out, const struct logfmt *f, const struct lf_node *n, struct xctx *x)
{
	struct sample s;
	bool got = node_value(n, &s, x);

	if (!got || !n->bare || !put_bare(out, &s))
		put_dressed(out, f, n, got ? &s : NULL, x);
}

/* In an encoding: numbers, truth values, texts; bytes only where raw CBOR can hold them. */
static void put_encoded(struct sbuf *out, const struct lf_node *n, struct xctx *x)
{
	bool raw = n->flags & LFF_BIN;
	struct sample s;
	bool got = node_value(n, &s, x);

	if (got && n->type != SMP_ANY && s.type != n->type)
		got = smp_cast(&s, n->type, x->mem);
	if (got && s.type != SMP_BOOL && s.type != SMP_SINT)
		got = to_text(&s, raw && (n->flags & LFF_CBOR), x);
	if (got && n->list)
		join_list(&s, x);
	if (n->flags & LFF_JSON)
		lf_json_value(out, got ? &s : NULL);
	else
		lf_cbor_value(out, got ? &s : NULL, raw);
}

static void build_json(const struct logfmt *f, struct sbuf *out, struct xctx *x)
{
	bool first = true;

	sbuf_putc(out, '{');
	for (int i = 0; i < f->n; i++) {
		const struct lf_node *n = &f->node[i];

		if (n->kind == LFK_TEXT || !n->name.n)
			continue;
		if (!first)
			sbuf_putz(out, ", ");
		first = false;
		lf_json_text(out, n->name);
		sbuf_putz(out, ": ");
		if (n->flags & LFF_ENCODE)
			put_encoded(out, n, x);
		else
			put_plain(out, f, n, x);
	}
	sbuf_putc(out, '}');
}

/* A map of unsaid length: it is ended by a break. */
static void build_cbor(const struct logfmt *f, struct sbuf *out, struct xctx *x)
{
	bool raw = f->global & LFF_BIN;

	lf_cbor_byte(out, 0xbf, raw);
	for (int i = 0; i < f->n; i++) {
		const struct lf_node *n = &f->node[i];

		if (n->kind == LFK_TEXT || !n->name.n || !(n->flags & LFF_CBOR))
			continue;
		lf_cbor_text(out, n->name, false, raw);
		put_encoded(out, n, x);
	}
	lf_cbor_byte(out, 0xff, raw);
}

size_t logfmt_build(const struct logfmt *f, struct sbuf *out, struct xctx *x)
{
	size_t before = out->n;

	if (f->global & LFF_JSON) {
		build_json(f, out, x);
	} else if (f->global & LFF_CBOR) {
		build_cbor(f, out, x);
	} else {
		for (int i = 0; i < f->n; i++) {
			const struct lf_node *n = &f->node[i];

			if (n->kind == LFK_TEXT && n->text.n == 1)
				sbuf_putc(out, n->text.p[0]);
			else if (n->kind == LFK_TEXT)
				sbuf_puts(out, n->text);
			else if (n->flags & LFF_ENCODE)
				put_encoded(out, n, x);
			else
				put_plain(out, f, n, x);
		}
	}
	return out->n - before;
}
