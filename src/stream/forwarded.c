/* The Forwarded field of RFC 7239, parameters in the order proto, host, by, for. */
#include "weir/stream/forwarded.h"
#include "weir/base/sbuf.h"
#include "stream_priv.h"

#define FIELD_MAX 2048

static void separate(struct sbuf *b, const char *name)
{
	if (b->n)
		sbuf_putc(b, ';');
	sbuf_putz(b, name);
	sbuf_putc(b, '=');
}

/* An address as a node name: IPv6 in brackets. */
static void put_ip(struct sbuf *b, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (addr_family(a) == AF_INET6)
		sbuf_printf(b, "[%.*s]", STR_ARG(addr_ip_text(a, text)));
	else if (addr_family(a) == AF_INET)
		sbuf_puts(b, addr_ip_text(a, text));
	else
		sbuf_putz(b, "unknown");
}

/* Letters, digits, dot, dash, underscore. */
static bool obfuscated(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] | 32) >= 'a' && (s.p[i] | 32) <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !memchr("._-", s.p[i], 3))
			return false;
	return s.n > 0;
}

static void put_name_text(struct sbuf *b, struct str s)
{
	struct addr a;

	if (addr_parse_ip(&a, s))
		put_ip(b, &a);
	else if (str_eqz(s, "unknown") || !obfuscated(s))
		sbuf_putz(b, "unknown");
	else
		sbuf_printf(b, "%s%.*s", s.p[0] == '_' ? "" : "_", STR_ARG(s));
}

static void put_name(struct sbuf *b, const struct forwarded_node *n, const struct addr *own, struct xctx *x)
{
	struct sample smp = { 0 };
	struct addr a;

	if (n->how == FORWARDED_OWN) {
		put_ip(b, own);
		return;
	}
	if (!expr_eval(n->expr, &smp, x)) {
		sbuf_putz(b, "unknown");
		return;
	}
	if (smp.type == SMP_IPV4)
		addr_set4(&a, &smp.ip4, 0);
	else if (smp.type == SMP_IPV6)
		addr_set6(&a, &smp.ip6, 0);
	if (smp.type == SMP_IPV4 || smp.type == SMP_IPV6)
		put_ip(b, &a);
	else
		put_name_text(b, smp_cast(&smp, SMP_STR, x->mem) ? smp.s : STR_NONE);
}

static void put_port(struct sbuf *b, const struct forwarded_node *n, const struct addr *own, struct xctx *x)
{
	struct sample smp = { 0 };

	if (n->port_how == FORWARDED_OWN) {
		if (addr_port(own))
			sbuf_printf(b, ":%u", addr_port(own));
		return;
	}
	if (!expr_eval(n->port_expr, &smp, x))
		return;
	if (smp.type == SMP_SINT) {
		if (smp.i >= 0 && smp.i <= 65535)
			sbuf_printf(b, ":%lld", (long long)smp.i);
		return;
	}
	if (smp_cast(&smp, SMP_STR, x->mem) && obfuscated(smp.s))
		sbuf_printf(b, ":%s%.*s", smp.s.p[0] == '_' ? "" : "_", STR_ARG(smp.s));
}

/* Quoted when there is more in it than a plain token: a port, brackets, what an expression gave. */
static void put_node(struct sbuf *b, const char *what, const struct forwarded_node *n, const struct addr *own,
		     struct xctx *x)
{
	bool quote = n->port_how || n->how == FORWARDED_EXPR || addr_family(own) == AF_INET6;

	separate(b, what);
	sbuf_putz(b, quote ? "\"" : "");
	put_name(b, n, own, x);
	if (n->port_how)
		put_port(b, n, own, x);
	sbuf_putz(b, quote ? "\"" : "");
}

static void put_host(struct sbuf *b, const struct forwarded_opt *o, struct stream *s, struct xctx *x)
{
	struct str host = o->host_how == FORWARDED_OWN ? msg_host(s->req) : STR_NONE;

	if (o->host_how == FORWARDED_EXPR)
		expr_eval_str(o->host_expr, &host, x);
	separate(b, "host");
	sbuf_putc(b, '"');
	for (size_t i = 0; i < host.n; i++) {
		if (host.p[i] == '"' || host.p[i] == '\\')
			sbuf_putc(b, '\\');
		sbuf_putc(b, host.p[i]);
	}
	sbuf_putc(b, '"');
}

void forwarded_add(struct stream *s, const struct forwarded_opt *o)
{
	static const struct addr unknown;
	struct xctx *x = stream_x(s, s->be, X_REQ);
	struct sbuf b = sbuf_fixed(arena_bytes(s->mem, FIELD_MAX), FIELD_MAX);
	const struct addr *src = stream_src(s), *dst = o->by.how ? stream_dst(s) : NULL;

	if (o->proto) {
		separate(&b, "proto");
		sbuf_putz(&b, s->sess->conn->flags & CONN_TLS ? "https" : "http");
	}
	if (o->host_how)
		put_host(&b, o, s, x);
	if (o->by.how)
		put_node(&b, "by", &o->by, dst ? dst : &unknown, x);
	if (o->forr.how)
		put_node(&b, "for", &o->forr, src ? src : &unknown, x);
	if (!b.full)
		msg_add_id(s->req, FIELD_FORWARDED, sbuf_str(&b));
}
