/* persist rdp-cookie: a terminal server tells its clients where their session is, in a cookie that they send when they
 * come again: "<address>.<port>.0000", both as numbers in network order read as if they were in the host's. */
#include <arpa/inet.h>

#include "weir/base/num.h"
#include "weir/stream/persist.h"

static bool place_in(struct str value, struct in_addr *ip, uint16_t *port)
{
	struct str rest = value, first = str_cut(&rest, '.'), second;
	uint64_t a, p;

	if (!rest.p)
		return false;
	second = str_cut(&rest, '.');
	if (!rest.p || !num_u64(first, &a) || !num_u64(second, &p) || a > UINT32_MAX || p > UINT16_MAX)
		return false;
	ip->s_addr = (uint32_t)a;
	*port = ntohs((uint16_t)p);
	return true;
}

struct srv *persist_rdp_server(struct stream *s)
{
	struct str value;
	struct in_addr ip;
	struct srv *srv;
	uint16_t port;

	if (!s->be->rdp_persist || s->flags & ST_IGNORE_PERSIST ||
	    !expr_eval_str(s->be->rdp_persist, &value, stream_x(s, s->be, X_REQ)) || !place_in(value, &ip, &port))
		return NULL;
	list_each(srv, &s->bel->servers, link)
		if (addr_family(&srv->addr) == AF_INET && srv->addr.in4.sin_addr.s_addr == ip.s_addr &&
		    addr_port(&srv->addr) == port)
			return srv_usable(srv) || s->be->options & PO_PERSIST ? srv : NULL;
	return NULL;
}
