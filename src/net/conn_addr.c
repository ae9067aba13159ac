/* Who is at the two ends of a connection. Looked up when somebody asks: most connections are served without
 * getsockname and getpeername. */
#include "net_priv.h"
#include "weir/base/pool.h"
#include "weir/sys/sock.h"

void conn_set_peer(struct conn *c, const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		c->peer.in4 = a->in4;
		break;
	case AF_INET6:
		c->peer.in6 = a->in6;
		break;
	default:
		c->peer.family = a->len ? AF_UNIX : AF_UNSPEC;
	}
}

static void peer_addr(struct conn *c, struct addr *out)
{
	switch (c->peer.family) {
	case AF_INET:
		out->in4 = c->peer.in4;
		out->len = sizeof(out->in4);
		return;
	case AF_INET6:
		out->in6 = c->peer.in6;
		out->len = sizeof(out->in6);
		return;
	}
	if (c->ev.fd < 0 || !sock_peer(c->ev.fd, out))
		out->len = 0;
}

/* Without asking the kernel. */
static bool own_is_known(const struct conn *c)
{
	return c->li && c->li->l->only_addr && !c->li->l->nat;
}

static void own_addr(struct conn *c, struct addr *out)
{
	const struct listener *l = c->li ? c->li->l : NULL;

	if (own_is_known(c))
		*out = l->bound;
	else if (!(l && l->nat ? sock_original_dst(c->ev.fd, out) : sock_name(c->ev.fd, out)))
		out->len = 0;
}

static struct addr *new_addr(void)
{
	return pool_zget(sizeof(struct addr));
}

const struct addr *conn_src(struct conn *c)
{
	OBJ_CHECK(c, CONN_MAGIC);
	if (!c->src) {
		c->src = new_addr();
		(c->flags & CONN_BACK ? own_addr : peer_addr)(c, c->src);
	}
	return c->src;
}

const struct addr *conn_dst(struct conn *c)
{
	OBJ_CHECK(c, CONN_MAGIC);
	if (!c->dst) {
		c->dst = new_addr();
		(c->flags & CONN_BACK ? peer_addr : own_addr)(c, c->dst);
	}
	return c->dst;
}

void conn_set_src(struct conn *c, const struct addr *a)
{
	if (!c->src)
		c->src = new_addr();
	*c->src = *a;
	c->flags |= CONN_SRC_KNOWN;
}

void conn_set_dst(struct conn *c, const struct addr *a)
{
	if (!c->dst)
		c->dst = new_addr();
	*c->dst = *a;
	c->flags |= CONN_DST_KNOWN;
}

static void drop(struct addr **a)
{
	pool_put(*a, sizeof(**a));
	*a = NULL;
}

/* What it takes a system call to learn is kept: it will be asked for again with the next exchange. */
void conn_rest(struct conn *c)
{
	bool back = c->flags & CONN_BACK, peer = c->peer.family == AF_INET || c->peer.family == AF_INET6;

	if (!(c->flags & CONN_SRC_KNOWN) && (back ? own_is_known(c) : peer))
		drop(&c->src);
	if (!(c->flags & CONN_DST_KNOWN) && (back ? peer : own_is_known(c)))
		drop(&c->dst);
}
