/* The connect step: where to, through which transports. */
#include "check_priv.h"

#include <errno.h>
#include "weir/http/proxy_proto.h"
#include "weir/net/connect.h"
#include "weir/net/proxy_out.h"
#include "weir/net/socks4.h"
#include "weir/tls/context.h"

void chk_opened(struct check *c)
{
	const struct proxy *p = c->srv->line->proxy;

	if (p->t_check)
		chk_set_limit(c, p->t_check);
	chk_run(c);
}

static void on_open(struct conn *conn)
{
	chk_opened(conn->arg);
}

static void on_io(struct conn *conn)
{
	chk_run(conn->arg);
}

static void on_fail(struct conn *conn)
{
	chk_end_conn(conn->arg, false, CERR_NONE, 0);
}

static const struct conn_user check_user = { .on_open = on_open, .on_io = on_io, .on_fail = on_fail };

/* --- where to --- */

static int port_of(struct check *c, const struct chk_connect *n)
{
	struct sample v;
	struct xctx x;

	if (n->port)
		return n->port;
	if (n->port_expr) {
		chk_x(c, &x);
		if (expr_eval_as(n->port_expr, SMP_SINT, &v, &x) && v.i > 0 && v.i < 65536)
			return (int)v.i;
	}
	return c->port ? c->port : (int)addr_port(&c->srv->addr);
}

static struct addr target(struct check *c, const struct chk_connect *n)
{
	struct addr to = addr_isset(&n->addr) ? n->addr : addr_isset(&c->to) ? c->to : c->srv->addr;

	if (addr_family(&to) == AF_INET || addr_family(&to) == AF_INET6)
		addr_set_port(&to, (uint16_t)port_of(c, n));
	return to;
}

static bool by_socks4(const struct check *c, const struct chk_connect *n)
{
	const struct server_line *l = c->srv->line;

	return addr_isset(&l->net.socks4) &&
	       (n->flags & CN_SOCKS4 || (n->flags & CN_DEFAULT && l->check.via_socks4));
}

/* Does the server speak first? */
static bool server_begins(const struct check *c)
{
	return c->at + 1 < c->script->n && c->script->v[c->at + 1]->kind == STEP_EXPECT;
}

static struct conn *open_conn(struct check *c, const struct addr *to, enum conn_err *err)
{
	const struct server_line *l = c->srv->line;
	const struct source_net *from = addr_isset(&l->net.source.addr) ? &l->net.source : &l->proxy->source;
	struct connect_opts o = {
		.to = to,
		.from = addr_isset(&from->addr) ? &from->addr : NULL,
		.interface = from->interface,
		.nodelay = c->script->n > 1,
		.delay_ack = !server_begins(c),
		.port_low = from->port_low,
		.port_high = from->port_high,
		.md5sig = l->net.tcp_md5sig,
		.mark = -1,
		.tos = -1,
		.prompt = true,
		.ns = l->net.ns,
		.sockpair = l->net.sockpair,
		.pair_fd = l->net.pair_fd,
	};

	return conn_connect(&o, &check_user, c, err);
}

/* --- TLS --- */

/* As the server has it, unless the check goes elsewhere: then only when check-ssl says so. */
static bool server_tls(const struct check *c)
{
	const struct srv *s = c->srv;
	const struct check_words *w = &s->line->check;

	if (w->ssl != CHECK_UNSAID)
		return w->ssl == CHECK_ON;
	return s->ssl_on && !c->port && !addr_isset(&c->to);
}

static bool wants_tls(const struct check *c, const struct chk_connect *n)
{
	return n->flags & CN_SSL || (n->flags & CN_DEFAULT && server_tls(c));
}

struct str chk_host_name(struct check *c, const struct chk_connect *n)
{
	const struct chk_step *s = c->at + 1 < c->script->n ? c->script->v[c->at + 1] : NULL;
	struct str host;

	if (!s || s->kind != STEP_REQUEST || !(n->flags & CN_IMPLICIT) || c->srv->line->check.sni_auto == CHECK_OFF)
		return STR_NONE;
	for (const struct chk_field *f = s->request.fields; f; f = f->next)
		if (str_eqz(f->name, "host")) {
			host = chk_text(c, &f->value);
			if (host.n && host.p[0] == '[')
				return STR_NONE;
			return str_head(host, str_chr(host, ':'));
		}
	return STR_NONE;
}

static bool push_tls(struct check *c, const struct chk_connect *n)
{
	const struct server_line *l = c->srv->line;
	bool dflt = n->flags & CN_DEFAULT;
	struct str sni = n->sni.n ? n->sni : dflt ? l->check.sni : STR_NONE;

	if (!sni.n)
		sni = chk_host_name(c, n);
	if (!l->tls.ctx || !tls_push_back(c->conn, l->tls.ctx, sni)) {
		chk_end(c, CHK_L6RSP, STR("TLS cannot be set up"));
		return false;
	}
	tls_offer_alpn(c->conn, n->alpn.n ? n->alpn : dflt ? l->check.alpn : STR_NONE);
	return true;
}

/* --- PROXY protocol --- */

static void push_proxy_header(struct check *c, const struct chk_connect *n)
{
	const struct server_net *net = &c->srv->line->net;
	struct proxy_say say = { .crc32c = net->pp_options & PPO_CRC32C };
	struct sbuf b = sbuf_grow();

	if (!(n->flags & CN_SEND_PROXY) && !(n->flags & CN_DEFAULT && c->srv->line->check.send_proxy))
		return;
	say.src = conn_src(c->conn);
	say.dst = conn_dst(c->conn);
	if (net->proxy_version == 2 && !c->srv->line->proxy->conf->global.never_local)
		say.src = say.dst = NULL;	/* LOCAL: nobody's connection but ours */
	if (net->proxy_version == 2)
		proxy_write_v2(&b, &say);
	else
		proxy_write_v1(&b, say.src, say.dst);
	proxy_out_push(c->conn, sbuf_str(&b));
	sbuf_fini(&b);
}

/* --- the step --- */

void chk_disconnect(struct check *c)
{
	const struct chk_step *s = c->conn_at >= 0 ? c->script->v[c->conn_at] : NULL;

	if (c->exchange)
		chk_exchange_close(c);
	else if (c->conn)
		conn_close(c->conn, !s || !(s->connect.flags & CN_LINGER));
	c->conn = NULL;
	c->conn_at = -1;
}

static bool begin(struct check *c, const struct chk_connect *n)
{
	struct addr to = target(c, n);
	bool socks = by_socks4(c, n);
	enum conn_err err;

	c->conn = open_conn(c, socks ? &c->srv->line->net.socks4 : &to, &err);
	if (!c->conn) {
		chk_end_conn(c, false, err, errno);
		return false;
	}
	if (socks)
		socks4_push(c->conn, &to);
	push_proxy_header(c, n);
	if (wants_tls(c, n) && !push_tls(c, n))
		return false;
	conn_advance(c->conn);
	return c->running;
}

enum step_result chk_step_connect(struct check *c, const struct chk_step *s)
{
	const struct mux *m;

	if (c->conn_at != c->at) {
		chk_disconnect(c);
		chk_forget_input(c);
		c->code = 0;
		c->conn_at = c->at;
		chk_set_limit(c, chk_connect_limit(c));
		if (chk_pool_shares(c, &s->connect))
			return chk_pool_connect(c, &s->connect);
		if (!begin(c, &s->connect))
			return STEP_OVER;
	}
	if (!(c->conn->flags & CONN_OPEN))
		return STEP_WAIT;
	m = c->script->http ? chk_exchange_wanted(c, &s->connect) : NULL;
	if (m)
		chk_exchange_open(c, m);
	return STEP_NEXT;
}
