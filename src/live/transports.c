/* What goes between a server's socket and the mux: SOCKS4, a PROXY protocol header, TLS - in that order from below. */
#include "weir/live/live.h"
#include "weir/net/proxy_out.h"
#include "weir/net/socks4.h"
#include "weir/tls/context.h"
#include "live_priv.h"

bool live_push_back_transports(struct conn *c, const struct bconn_req *r)
{
	if (addr_isset(&r->line->net.socks4))
		socks4_push(c, r->dst ? r->dst : &r->srv->addr);
	if (r->pp_header.n)
		proxy_out_push(c, r->pp_header);
	if (!srv_speaks_tls(r->srv, r->line))
		return true;
	if (!tls_push_back(c, r->line->tls.ctx, r->sni))
		return false;
	if (r->ws == WS_H1 || r->ws == WS_H2)
		tls_offer_alpn(c, r->ws == WS_H1 ? STR("\10http/1.1") : STR("\2h2"));
	else if (r->early)
		tls_send_early(c);
	return true;
}
