/* The header is looked at where it lies in the socket and taken out when it is whole, to the byte: what comes behind it
 * belongs to the next transport. Two headers are known: that of the PROXY protocol and NetScaler's. */
#include "weir/net/proxy_in.h"

#include <errno.h>
#include <sys/socket.h>
#include "weir/base/pool.h"
#include "weir/http/cip.h"
#include "weir/http/proxy_proto.h"

#define USUAL_MAX 512

struct proxy_in;
/* One kind of header. */
struct kind {
	enum conn_err empty, abort, cut;
	size_t max;			/* bytes it may have */
	/* Looks at the first bytes; CERR_NONE: *used is set and what the header says was taken over, or 0 when
	 * more must come. */
	enum conn_err (*read)(struct conn *c, struct proxy_in *p, const char *buf, size_t n, size_t *used);
};

struct proxy_in {
	struct transport t;
	const struct kind *kind;
	uint32_t magic;			/* of a Client IP header */
	struct proxy_hdr hdr;		/* valid once done; its TLVs lie in mem */
	char *mem;
	bool done;
};

static ssize_t look(struct conn *c, const struct kind *k, char *buf, size_t max)
{
	ssize_t n;

	do
		n = recv(c->ev.fd, buf, max, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	if (n == 0)
		return conn_fail(c, k->empty, 0);
	if (errno != EAGAIN)
		return conn_fail(c, k->abort, errno);
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
static int consume(struct conn *c, const struct kind *k, char *buf, size_t used, bool all)
{
	if (recv(c->ev.fd, buf, used, 0) != (ssize_t)used)
		return conn_fail(c, k->abort, 0);
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
static int wait_for_more(struct conn *c, const struct kind *k)
{
	if (c->ev.ready & (EV_RDHUP | EV_HUP | EV_ERR))
		return conn_fail(c, k->cut, 0);
	c->ev.ready &= ~(uint32_t)(EV_READ | EV_PRI);
	return IO_AGAIN;
}

static enum conn_err read_proxy(struct conn *c, struct proxy_in *p, const char *buf, size_t n, size_t *used)
{
	const char *reason;

	switch (proxy_read(buf, n, &p->hdr, used, &reason)) {
	case PROXY_BAD:
		return error_of(reason);
	case PROXY_DONE:
		accept_header(c, p);
		return CERR_NONE;
	case PROXY_MORE:
		*used = 0;
	}
	return CERR_NONE;
}

static enum conn_err read_cip(struct conn *c, struct proxy_in *p, const char *buf, size_t n, size_t *used)
{
	switch (cip_read(buf, n, p->magic, &p->hdr.src, &p->hdr.dst, used)) {
	case CIP_BAD_MAGIC:
		return CERR_CIP_MAGIC;
	case CIP_BAD_PROTO:
		return CERR_CIP_PROTO;
	case CIP_DONE:
		accept_header(c, p);
		return CERR_NONE;
	case CIP_MORE:
		*used = 0;
	}
	return CERR_NONE;
}

static const struct kind kind_proxy = { CERR_PROXY_EMPTY, CERR_PROXY_ABORT, CERR_PROXY_CUT, PROXY_HDR_MAX, read_proxy };
static const struct kind kind_cip = { CERR_CIP_EMPTY, CERR_CIP_ABORT, CERR_CIP_CUT, CIP_HDR_MAX, read_cip };

static int read_header(struct conn *c, struct proxy_in *p, char *buf, size_t max)
{
	const struct kind *k = p->kind;
	ssize_t n = look(c, k, buf, max);
	enum conn_err bad;
	size_t used = 0;

	if (n <= 0)
		return (int)n;
	bad = k->read(c, p, buf, (size_t)n, &used);
	if (bad != CERR_NONE)
		return conn_fail(c, bad, 0);
	if (used)	/* what was taken over does not point into buf, which is overwritten */
		return consume(c, k, buf, used, used == (size_t)n && used < max);
	return (size_t)n == max && max < k->max ? 0 : wait_for_more(c, k);
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

static const struct transport_ops cip_in_ops = {
	.name = "cip-in",
	.open = proxy_in_open,
	.fini = proxy_in_fini,
	.ask = proxy_in_ask,
	.timeout = CERR_CIP_TIMEOUT,
};

static struct proxy_in *push(struct conn *c, const struct transport_ops *ops, const struct kind *kind)
{
	struct proxy_in *p = pool_zget(sizeof(*p));

	WASSERT(!c->top->below);
	p->t.ops = ops;
	p->kind = kind;
	conn_push(c, &p->t);
	return p;
}

void proxy_in_push(struct conn *c)
{
	push(c, &proxy_in_ops, &kind_proxy);
}

void cip_in_push(struct conn *c, uint32_t magic)
{
	push(c, &cip_in_ops, &kind_cip)->magic = magic;
}
