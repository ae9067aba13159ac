/* The header is looked at where it lies in the socket and taken out when it is whole, to the byte: what comes behind it
 * belongs to the next transport. */
#include "weir/net/proxy_in.h"

#include <errno.h>
#include <sys/socket.h>
#include "weir/base/pool.h"
#include "weir/http/proxy_proto.h"

#define USUAL_MAX 512

struct proxy_in {
	struct transport t;
	struct proxy_hdr hdr;		/* valid once done; its TLVs lie in mem */
	char *mem;
	bool done;
};

static ssize_t look(struct conn *c, char *buf, size_t max)
{
	ssize_t n;

	do
		n = recv(c->ev.fd, buf, max, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	if (n == 0)
		return conn_fail(c, CERR_PROXY_EMPTY, 0);
	if (errno != EAGAIN)
		return conn_fail(c, CERR_PROXY_ABORT, errno);
	c->ev.ready &= ~(uint32_t)(EV_READ | EV_PRI);
	return IO_AGAIN;
}

static enum conn_err error_of(const char *reason)
{
	if (strcmp(reason, "proxy-no-header") == 0)
		return CERR_PROXY_BAD;
	return CERR_PROXY_LOCAL_BAD;
}

/* Takes the header out of the socket; it was just seen there. */
static int consume(struct conn *c, char *buf, size_t used, bool all)
{
	if (recv(c->ev.fd, buf, used, 0) != (ssize_t)used)
		return conn_fail(c, CERR_PROXY_ABORT, 0);
	if (all)
		c->ev.ready &= ~(uint32_t)(EV_READ | EV_PRI);
	return 1;
}

static void accept_header(struct conn *c, struct proxy_in *p)
{
	struct str tlvs = p->hdr.tlvs;

	p->done = true;
	c->flags |= CONN_PROXIED;
	if (!p->hdr.local && addr_isset(&p->hdr.src)) {
		conn_set_src(c, &p->hdr.src);
		conn_set_dst(c, &p->hdr.dst);
	}
	if (!tlvs.n)
		return;
	p->mem = pool_get(tlvs.n);
	memcpy(p->mem, tlvs.p, tlvs.n);
	p->hdr.tlvs.p = p->mem;
}

/* Not whole yet. The end of the connection does not wait for more. */
static int wait_for_more(struct conn *c)
{
	if (c->ev.ready & (EV_RDHUP | EV_HUP | EV_ERR))
		return conn_fail(c, CERR_PROXY_CUT, 0);
	c->ev.ready &= ~(uint32_t)(EV_READ | EV_PRI);
	return IO_AGAIN;
}

static int read_header(struct conn *c, struct proxy_in *p, char *buf, size_t max)
{
	ssize_t n = look(c, buf, max);
	const char *reason;
	size_t used;

	if (n <= 0)
		return (int)n;
	switch (proxy_read(buf, (size_t)n, &p->hdr, &used, &reason)) {
	case PROXY_BAD:
		return conn_fail(c, error_of(reason), 0);
	case PROXY_DONE:
		accept_header(c, p);	/* before the bytes are overwritten */
		return consume(c, buf, used, used == (size_t)n && used < max);
	case PROXY_MORE:
		break;
	}
	return (size_t)n == max && max < PROXY_HDR_MAX ? 0 : wait_for_more(c);
}

/* Most headers are small; one with large fields gets a second look with room for it. */
static int read_any(struct conn *c, struct proxy_in *p)
{
	char usual[USUAL_MAX], *large;
	int r = read_header(c, p, usual, sizeof(usual));

	if (r)
		return r;
	large = pool_get(PROXY_HDR_MAX);
	r = read_header(c, p, large, PROXY_HDR_MAX);
	pool_put(large, PROXY_HDR_MAX);
	return r;
}

static int proxy_in_open(struct conn *c, struct transport *t)
{
	struct proxy_in *p = container_of(t, struct proxy_in, t);
	int r;

	if (p->done)
		return 1;
	if (!conn_readable(c))
		return IO_AGAIN;
	r = read_any(c, p);
	if (r > 0 && !p->mem)
		conn_pull(c, t);
	return r;
}

static bool proxy_in_ask(struct conn *c, struct transport *t, int which, void *out)
{
	struct proxy_in *p = container_of(t, struct proxy_in, t);

	if (which != ASK_PP_HDR || !p->done)
		return false;
	*(struct proxy_hdr **)out = &p->hdr;
	return true;
}

static void proxy_in_fini(struct conn *c, struct transport *t, bool silent)
{
	struct proxy_in *p = container_of(t, struct proxy_in, t);

	if (p->mem)
		pool_put(p->mem, p->hdr.tlvs.n);
	pool_put(p, sizeof(*p));
}

static const struct transport_ops proxy_in_ops = {
	.name = "proxy-in",
	.open = proxy_in_open,
	.fini = proxy_in_fini,
	.ask = proxy_in_ask,
	.timeout = CERR_PROXY_TIMEOUT,
};

void proxy_in_push(struct conn *c)
{
	struct proxy_in *p = pool_zget(sizeof(*p));

	WASSERT(!c->top->below);
	p->t.ops = &proxy_in_ops;
	conn_push(c, &p->t);
}
