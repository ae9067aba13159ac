#include "weir/net/socks4.h"

#include "weir/base/pool.h"

#define VERSION 4
#define CONNECT 1
#define GRANTED 90
#define USER "HAProxy"		/* the id that HAProxy sends: access lists of SOCKS proxies know it */

struct socks4 {
	struct transport t;
	uint8_t request[8 + sizeof(USER)], answer[8];
	uint8_t sent, got;
	bool possible;			/* the destination has an IPv4 address */
};

static int send_request(struct conn *c, struct socks4 *s)
{
	while (s->sent < sizeof(s->request)) {
		struct iovec iov = { s->request + s->sent, sizeof(s->request) - s->sent };
		ssize_t r = conn_send_below(c, &s->t, &iov, 1, false);

		if (r == IO_AGAIN)
			return IO_AGAIN;
		if (r <= 0)
			return conn_blame(c, CERR_SOCKS4_SEND);
		s->sent += (uint8_t)r;
	}
	return 1;
}

static int read_answer(struct conn *c, struct socks4 *s)
{
	while (s->got < sizeof(s->answer)) {
		ssize_t r = conn_recv_below(c, &s->t, s->answer + s->got, sizeof(s->answer) - s->got);

		if (r == IO_AGAIN)
			return IO_AGAIN;
		if (r <= 0)
			return conn_blame(c, r == IO_EOF ? CERR_SOCKS4_ABORT : CERR_SOCKS4_RECV);
		s->got += (uint8_t)r;
	}
	return 1;
}

static int negotiate(struct conn *c, struct transport *t)
{
	struct socks4 *s = container_of(t, struct socks4, t);
	int r;

	if (!s->possible)
		return conn_fail(c, CERR_FAMILY, 0);
	r = send_request(c, s);
	if (r > 0)
		r = read_answer(c, s);
	if (r <= 0)
		return r;
	if (s->answer[0] != 0 || s->answer[1] != GRANTED)
		return conn_fail(c, CERR_SOCKS4_DENY, 0);
	conn_pull(c, t);
	return 1;
}

static void release(struct conn *c, struct transport *t, bool silent)
{
	pool_put(container_of(t, struct socks4, t), sizeof(struct socks4));
}

static const struct transport_ops socks4_ops = { .name = "socks4", .open = negotiate, .fini = release };

void socks4_push(struct conn *c, const struct addr *to)
{
	struct socks4 *s = pool_zget(sizeof(*s));

	s->t.ops = &socks4_ops;
	s->possible = addr_family(to) == AF_INET;
	s->request[0] = VERSION;
	s->request[1] = CONNECT;
	if (s->possible) {
		memcpy(s->request + 2, &to->in4.sin_port, 2);
		memcpy(s->request + 4, &to->in4.sin_addr, 4);
	}
	memcpy(s->request + 8, USER, sizeof(USER));
	conn_set_dst(c, to);
	conn_push(c, &s->t);
}
