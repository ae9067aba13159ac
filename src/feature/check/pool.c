/* HTTP checks over the server's pool (`check-reuse-pool`): an idle connection of this thread carries the exchange, or a
 * new one is opened in the pool's way, and it is the pool's again behind the answer. Only checks that would speak to
 * the server just as the traffic does can share. */
#include "check_priv.h"

#include "weir/live/live.h"

/* What in the line keeps checks and traffic apart; NULL: nothing. */
const char *chk_pool_hindered(const struct server_line *l, const struct chk_script *s)
{
	const struct check_words *w = &l->check;

	if (!s || !s->http)
		return "only HTTP checks can";
	if (l->proxy->mode != MODE_HTTP)
		return "only backends in HTTP mode have idle connections";
	if (l->proxy->reuse == REUSE_NEVER)
		return "'http-reuse never' forbids it";
	if (w->port || w->addr_port || addr_isset(&w->addr))
		return "checks go to another address";
	if (l->map_port)
		return "the port depends on the client";
	if (w->ssl == CHECK_ON ? !l->tls.on : w->ssl == CHECK_OFF && l->tls.on)
		return "checks and traffic differ in TLS";
	if (w->proto != l->mux.proto || (w->alpn.n && !str_eq(w->alpn, l->mux.alpn)))
		return "checks and traffic differ in the protocol";
	if (l->net.proxy_version || w->send_proxy)
		return "a PROXY header tells whose the connection is";
	if (addr_isset(&l->net.socks4) && !w->via_socks4)
		return "checks do not go through the SOCKS4 proxy";
	if (l->net.source.usesrc || (!l->net.source_set && l->proxy->source.usesrc))
		return "the source address depends on the client";
	return NULL;
}

/* What was changed at run time, and what the step itself says, counts too. */
bool chk_pool_shares(const struct check *c, const struct chk_connect *n)
{
	const struct server_line *l = c->srv->line;

	if (!l->check.reuse_pool || !(n->flags & CN_DEFAULT) || n->flags & ~(unsigned)(CN_DEFAULT | CN_IMPLICIT))
		return false;
	if (n->port || n->port_expr || addr_isset(&n->addr) || n->sni.n || n->alpn.n || n->proto)
		return false;
	if (c->port || addr_isset(&c->to) || !addr_isset(&c->srv->addr) || addr_is_any(&c->srv->addr))
		return false;
	return !chk_pool_hindered(l, c->script);
}

/* In lower case, as the traffic tells it. */
static struct str server_name(struct check *c, const struct chk_connect *n)
{
	const struct check_words *w = &c->srv->line->check;
	struct str name = arena_str(&c->mem, w->sni.n ? w->sni : chk_host_name(c, n));

	if (name.n)
		str_lower((char *)name.p, name.n);
	return name;
}

static struct bconn_req request_for(struct check *c, const struct chk_connect *n)
{
	struct srv *s = c->srv;
	struct server_line *l = s->line;
	const struct source_net *from = l->net.source_set ? &l->net.source : &l->proxy->source;
	struct bconn_req r = {
		.srv = s, .line = l, .be = l->proxy, .conf = l->proxy->conf, .http = true, .replayable = true,
		.source = from, .src = addr_isset(&from->addr) ? &from->addr : NULL, .want_new = c->fresh,
	};

	if (srv_speaks_tls(s, l))
		r.sni = server_name(c, n);
	r.key = bconn_key_add(0, l->check.pool_conn_name.n ? l->check.pool_conn_name : r.sni);
	return r;
}

enum step_result chk_pool_connect(struct check *c, const struct chk_connect *n)
{
	struct bconn_req r = request_for(c, n);
	struct bconn *b = bconn_reuse(&r);

	if (b)
		return chk_exchange_share(c, b);
	return chk_exchange_share_new(c, &r);
}
