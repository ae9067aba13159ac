/* The floor of the benchmark: a relay that does what cannot be left out and nothing else. It finds the ends of messages
 * of HTTP/1 that it knows the shape of (requests without bodies, answers with Content-Length), or none with `tcp`; it
 * has no configuration, checks nothing and keeps no account. What a proxy needs beyond it is the proxy's.
 * usage: bench_relay http|tcp PORT ORIGIN [SERVERS [PROCESSES]]: that many pools of connections to the one origin, in
 * turn; processes that share the port and nothing else. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/listen.h"

#define BATCH 256
#define READ_MAX (64 * 1024)
#define POOLS_MAX 4096

struct end {
	int fd;
	bool server, ended, shut;
	int pool;
	struct end *peer;	/* while there is an exchange */
	struct end *next;	/* idle in its pool, or waiting to be freed */
	size_t left;		/* bytes of the answer that are still to come */
};

struct relay {
	int epfd, listener;
	bool tcp;
	struct sockaddr_in origin;
	int pools, turn;
	struct end *idle[POOLS_MAX], *dead;
	char buf[READ_MAX + 1];
};

/* Events that were fetched already may still name it: freed behind the batch. */
static void drop(struct relay *r, struct end *e)
{
	if (e->fd < 0)
		return;
	close(e->fd);
	e->fd = -1;
	e->next = r->dead;
	r->dead = e;
	if (e->peer)
		e->peer->peer = NULL;
	e->peer = NULL;
}

static struct end *watch(struct relay *r, int fd, bool server)
{
	struct end *e = calloc(1, sizeof(*e));
	struct epoll_event ev = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = e };

	e->fd = fd;
	e->server = server;
	epoll_ctl(r->epfd, EPOLL_CTL_ADD, fd, &ev);
	return e;
}

static struct end *server_for(struct relay *r)
{
	int pool = r->turn++ % r->pools, fd, one = 1;
	struct end *e = r->idle[pool];

	if (e) {
		r->idle[pool] = e->next;
		return e;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (void *)&r->origin, sizeof(r->origin)) && errno != EINPROGRESS) {
		close(fd);
		return NULL;
	}
	e = watch(r, fd, true);
	e->pool = pool;
	return e;
}

/* Small messages over sockets that are empty: what does not fit fails, and is seen by the client. */
static bool pass_on(struct relay *r, struct end *to, size_t n)
{
	return send(to->fd, r->buf, n, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n;
}

static bool from_client(struct relay *r, struct end *e, size_t n)
{
	if (!e->peer) {
		e->peer = server_for(r);
		if (!e->peer)
			return false;
		e->peer->peer = e;
	}
	return pass_on(r, e->peer, n);
}

/* Bytes that an answer takes from its first to its last. */
static size_t answer_bytes(const char *head)
{
	const char *end = strstr(head, "\r\n\r\n"), *len = strcasestr(head, "\r\ncontent-length:");

	return end && len ? (size_t)(end + 4 - head) + strtoul(len + 17, NULL, 10) : 0;
}

static bool from_server(struct relay *r, struct end *e, size_t n)
{
	struct end *client = e->peer;

	if (!client || !pass_on(r, client, n))
		return false;
	if (r->tcp)
		return true;
	r->buf[n] = 0;
	if (!e->left)
		e->left = answer_bytes(r->buf);
	if (e->left < n)
		return false;
	e->left -= n;
	if (e->left)
		return true;
	client->peer = e->peer = NULL;
	e->next = r->idle[e->pool];
	r->idle[e->pool] = e;
	return true;
}

static void unlist(struct relay *r, struct end *e)
{
	struct end **at = &r->idle[e->pool];

	while (*at && *at != e)
		at = &(*at)->next;
	if (*at)
		*at = e->next;
}

static void give_up(struct relay *r, struct end *e)
{
	if (e->peer)
		drop(r, e->peer);
	else if (e->server)
		unlist(r, e);
	drop(r, e);
}

/* Bytes go on half closed: the other direction may still have something to say. */
static void end_of(struct relay *r, struct end *e)
{
	struct end *peer = e->peer;

	if (e->ended)
		return;
	e->ended = true;
	if (r->tcp && peer && !peer->ended) {
		shutdown(peer->fd, SHUT_WR);
		return;
	}
	give_up(r, e);
}

static void serve(struct relay *r, struct end *e, uint32_t events)
{
	ssize_t n;

	if (e->fd < 0)
		return;
	do {
		n = recv(e->fd, r->buf, READ_MAX, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			end_of(r, e);
			return;
		}
		if (n > 0 && !(e->server ? from_server(r, e, (size_t)n) : from_client(r, e, (size_t)n))) {
			give_up(r, e);
			return;
		}
	} while (n == READ_MAX || (n > 0 && events & EPOLLRDHUP));
}

static void accept_all(struct relay *r)
{
	int fd;

	while ((fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		watch(r, fd, false);
}

static void run(struct relay *r)
{
	struct epoll_event ev[BATCH];

	r->epfd = bench_poller(r->listener);
	for (;;) {
		int n = epoll_wait(r->epfd, ev, BATCH, -1);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.ptr)
				serve(r, ev[i].data.ptr, ev[i].events);
			else
				accept_all(r);
		}
		while (r->dead) {
			struct end *e = r->dead;

			r->dead = e->next;
			free(e);
		}
	}
}

int main(int argc, char **argv)
{
	static struct relay r;

	if (argc < 4) {
		fprintf(stderr, "usage: bench_relay http|tcp PORT ORIGIN [SERVERS [PROCESSES]]\n");
		return 2;
	}
	for (int i = argc > 5 ? atoi(argv[5]) : 1; i > 1; i--)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			break;
		}
	signal(SIGPIPE, SIG_IGN);
	r.tcp = strcmp(argv[1], "tcp") == 0;
	r.pools = argc > 4 ? atoi(argv[4]) : 1;
	if (r.pools < 1 || r.pools > POOLS_MAX)
		return 2;
	r.origin = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3])),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	r.listener = bench_listen(atoi(argv[2]));
	run(&r);
}
