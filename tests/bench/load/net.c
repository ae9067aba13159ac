/* Sockets and TLS of the benchmark's client. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "load.h"

/* The session that came last is offered by the next connection. Copies, here and there: libssl spoils a session for
 * others when its connection gets another ticket. */
static int keep_session(SSL *ssl, SSL_SESSION *s)
{
	struct load *l = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (!l->o.resume)
		return 0;
	SSL_SESSION_free(l->session);
	l->session = SSL_SESSION_dup(s);
	return 0;
}

bool net_tls_init(struct load *l)
{
	static const unsigned char h2[] = "\2h2", h1[] = "\10http/1.1";

	l->ssl = SSL_CTX_new(TLS_client_method());
	if (!l->ssl)
		return false;
	SSL_CTX_set_app_data(l->ssl, l);
	SSL_CTX_set_verify(l->ssl, SSL_VERIFY_NONE, NULL);
	if (l->o.tls12)
		SSL_CTX_set_max_proto_version(l->ssl, TLS1_2_VERSION);
	else
		SSL_CTX_set_min_proto_version(l->ssl, TLS1_3_VERSION);
	SSL_CTX_set_mode(l->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(l->ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(l->ssl, keep_session);
	return SSL_CTX_set_alpn_protos(l->ssl, l->o.h2 ? h2 : h1, l->o.h2 ? 3 : 9) == 0;
}

/* Many source addresses, so that closed connections do not use up the ports. */
static bool bind_source(struct load *l, int fd)
{
	uint32_t n = (uint32_t)(l->connections % 200);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002 + n) };
	int one = 1;

	setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	return bind(fd, (void *)&a, sizeof(a)) == 0;
}

static bool offer_session(SSL *ssl, SSL_SESSION *kept)
{
	SSL_SESSION *s = SSL_SESSION_dup(kept);
	bool ok = s && SSL_set_session(ssl, s);

	SSL_SESSION_free(s);
	return ok;
}

bool net_open(struct client *c)
{
	struct load *l = c->l;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return load_error(l, "socket");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!bind_source(l, c->fd))
		return load_error(l, "bind");
	if (connect(c->fd, (void *)&l->o.to, sizeof(l->o.to)) < 0 && errno != EINPROGRESS)
		return load_error(l, "connect");
	epoll_ctl(l->epfd, EPOLL_CTL_ADD, c->fd, &ev);
	c->connecting = true;
	l->connections++;
	if (!l->o.tls)
		return true;
	c->ssl = SSL_new(l->ssl);
	SSL_set_fd(c->ssl, c->fd);
	SSL_set_tlsext_host_name(c->ssl, "bench.example");
	c->offered = l->session && offer_session(c->ssl, l->session);
	SSL_set_connect_state(c->ssl);
	return true;
}

void net_close(struct client *c)
{
	if (c->ssl) {
		SSL_set_quiet_shutdown(c->ssl, 1);
		SSL_shutdown(c->ssl);
		SSL_free(c->ssl);
	}
	c->ssl = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static int net_result(struct client *c, int r)
{
	switch (SSL_get_error(c->ssl, r)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return NET_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return NET_EOF;
	}
	return NET_FAILED;
}

static int handshake(struct client *c)
{
	struct load *l = c->l;
	int r = SSL_do_handshake(c->ssl);

	if (r != 1)
		return net_result(c, r) == NET_AGAIN ? NET_AGAIN : NET_FAILED;
	l->resumed += (uint64_t)SSL_session_reused(c->ssl);
	if (c->offered && !SSL_session_reused(c->ssl)) {
		load_error(l, "session not resumed");
		return NET_FAILED;
	}
	return 1;
}

int net_advance(struct client *c)
{
	int e = 0, r;
	socklen_t n = sizeof(e);

	if (c->opened)
		return 1;
	if (c->connecting) {
		if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &n) || e)
			return NET_FAILED;
		c->connecting = false;
	}
	r = c->ssl ? handshake(c) : 1;
	c->opened = r == 1;
	return r;
}

ssize_t net_read(struct client *c, void *buf, size_t n)
{
	ssize_t r;

	if (c->ssl) {
		r = SSL_read(c->ssl, buf, (int)n);
		return r > 0 ? r : net_result(c, (int)r);
	}
	r = recv(c->fd, buf, n, 0);
	return r >= 0 ? r : errno == EAGAIN ? NET_AGAIN : NET_FAILED;
}

ssize_t net_write(struct client *c, const void *buf, size_t n)
{
	ssize_t r;

	if (c->ssl) {
		r = SSL_write(c->ssl, buf, (int)n);
		return r > 0 ? r : net_result(c, (int)r);
	}
	r = send(c->fd, buf, n, MSG_NOSIGNAL);
	return r >= 0 ? r : errno == EAGAIN ? NET_AGAIN : NET_FAILED;
}
