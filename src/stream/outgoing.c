/* What a connection to the chosen server looks like, and the key under which it may be reused. */
#include "weir/stream/outgoing.h"
#include "stream_priv.h"

/* Where to: the server's address, with the client's port where the line maps ports, or the client's own destination
 * (option transparent, address 0.0.0.0). */
static const struct addr *destination(struct stream *s)
{
	const struct addr *want, *have = &s->srv->addr;
	struct addr *to;

	if (!s->line->map_port && addr_isset(have) && !addr_is_any(have))
		return NULL;
	want = stream_dst(s);	/* two system calls, the first time */
	if (!want)
		return NULL;
	to = arena_new(s->mem, struct addr);
	*to = addr_isset(have) && !addr_is_any(have) ? *have : *want;
	if (s->line->map_port)
		addr_set_port(to, (uint16_t)(addr_port(want) + s->line->port_offset));
	else if (addr_port(have))
		addr_set_port(to, addr_port(have));
	return to;
}

/* "[::1]:80" and "host:80" to the host alone. */
static struct str without_port(struct str host)
{
	size_t end = host.n && host.p[0] == '[' ? str_chr(host, ']') : str_chr(host, ':');

	if (end == (size_t)-1)
		return host;
	return host.p[0] == '[' ? str_make(host.p + 1, end - 1) : str_head(host, end);
}

/* The name to tell the server: what the line says, else the host that the request is for. */
static struct str server_name(struct stream *s)
{
	const struct tls_server_words *w = &s->line->tls;
	struct str name = STR_NONE;
	char *lower;

	if (!srv_speaks_tls(s->srv, s->line))
		return name;
	if (w->sni)
		expr_eval_str(w->sni, &name, stream_x(s, s->be, X_REQ));
	else if (s->flags & ST_HTTP && !(w->c.options & TLS_NO_SNI_AUTO))
		name = without_port(msg_host(s->req));
	if (!name.n)
		return STR_NONE;
	lower = arena_bytes(s->mem, name.n);
	memcpy(lower, name.p, name.n);
	str_lower(lower, name.n);
	return str_make(lower, name.n);
}

/* Does a list in wire format name it? */
static bool alpn_names(struct str list, const char *name)
{
	for (size_t i = 0; i + 1 <= list.n; i += 1 + (unsigned char)list.p[i])
		if (str_eqz(str_make(list.p + i + 1, (unsigned char)list.p[i]), name))
			return true;
	return false;
}

/* What the word `ws` asks for, and what `auto` means on this line. */
static uint8_t websocket_over(const struct stream *s)
{
	const struct mux_words *w = &s->line->mux;
	bool tls = srv_speaks_tls(s->srv, s->line);

	if (w->ws == 1)
		return WS_H1;
	if (w->ws == 2)
		return WS_H2;
	if (w->upgrade_h2c)
		return WS_EITHER;
	return !w->proto && tls && alpn_names(w->alpn, "h2") && alpn_names(w->alpn, "http/1.1") ? WS_H1 : WS_AS_IS;
}

/* Could a connection of this line speak HTTP/2? */
static bool may_be_h2(const struct stream *s)
{
	const struct mux_words *w = &s->line->mux;

	if (w->proto)
		return str_eqz(STR("h2"), w->proto->proto);
	return w->upgrade_h2c || (srv_speaks_tls(s->srv, s->line) && alpn_names(w->alpn, "h2"));
}

bool outgoing_hopeful(const struct stream *s, const struct bconn_req *r)
{
	if (!r->http || r->upgrade || !may_be_h2(s))
		return false;
	/* What cannot ask for an upgrade does not wait for one either. */
	if (s->line->mux.upgrade_h2c)
		return s->req->body == BODY_NONE && s->req->method != METHOD_CONNECT && srv_asks_h2c(s->srv, s->line);
	return !atom_get(&s->srv->no_h2);
}

/* What tells connections apart beside where they go: what the line says, or else the server's name. */
static struct str pool_name(struct stream *s, const struct bconn_req *r)
{
	struct str name = STR_NONE;

	if (!s->line->pool_name)
		return r->sni;
	expr_eval_str(s->line->pool_name, &name, stream_x(s, s->be, X_REQ));
	return name;
}

bool outgoing_fill(struct stream *s, struct bconn_req *r)
{
	r->srv = s->srv;
	r->line = s->line;
	r->be = s->be;
	r->conf = s->conf;
	r->session = s->sess;
	r->priv = &s->sess->priv_conns;
	r->http = s->flags & ST_HTTP;
	r->upgrade = r->http && s->req->flags & MSG_UPGRADE;
	if (r->upgrade)
		r->ws = websocket_over(s);
	r->push = r->http && !r->upgrade && s->front->flags & GATE_PUSH_OK && may_be_h2(s);
	r->dst = destination(s);
	if (!outgoing_source(s, r) || !outgoing_proxy_header(s, &r->pp_header))
		return false;
	r->key = 0;
	r->sni = server_name(s);
	if (r->push || r->ws == WS_H1 || r->ws == WS_H2) {
		uint8_t kind[] = { r->push, r->ws };

		r->key = bconn_key_add(r->key, str_make((char *)kind, sizeof(kind)));
	}
	if (r->dst)
		r->key = bconn_key_add(r->key, str_make((const char *)&r->dst->sa, r->dst->len));
	if (r->transparent)
		r->key = bconn_key_add(r->key, str_make((const char *)&r->src->sa, r->src->len));
	r->key = bconn_key_add(r->key, pool_name(s, r));
	r->key = bconn_key_add(r->key, r->pp_header);
	return true;
}
