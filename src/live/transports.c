/* What goes between a server's socket and the mux: SOCKS4, a PROXY protocol header, TLS - in that order from below. */
#include "weir/live/live.h"
#include "live_priv.h"

bool live_push_back_transports(struct conn *c, const struct bconn_req *r)
{
	(void)c;
	(void)r;
	return true;
}
