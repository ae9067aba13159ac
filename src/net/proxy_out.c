#include "weir/net/proxy_out.h"

#include "weir/base/pool.h"

struct proxy_out {
	struct transport t;
	uint32_t size;			/* of the whole object */
	uint32_t sent, len;
	char bytes[];
};

static int send_rest(struct conn *c, struct transport *t)
{
	struct proxy_out *p = container_of(t, struct proxy_out, t);

	while (p->sent < p->len) {
		struct iovec iov = { p->bytes + p->sent, p->len - p->sent };
		ssize_t r = conn_send_below(c, t, &iov, 1, false);

		if (r <= 0)
			return (int)r;
		p->sent += (uint32_t)r;
	}
	conn_pull(c, t);
	return 1;
}

static void release(struct conn *c, struct transport *t, bool silent)
{
	struct proxy_out *p = container_of(t, struct proxy_out, t);

	pool_put(p, p->size);
}

static const struct transport_ops proxy_out_ops = { .name = "proxy-out", .open = send_rest, .fini = release };

void proxy_out_push(struct conn *c, struct str header)
{
	size_t size = sizeof(struct proxy_out) + header.n;
	struct proxy_out *p = pool_get(size);

	p->t.ops = &proxy_out_ops;
	p->size = (uint32_t)size;
	p->sent = 0;
	p->len = (uint32_t)header.n;
	memcpy(p->bytes, header.p, header.n);
	conn_push(c, &p->t);
}
