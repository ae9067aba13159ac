/* The server behind the proxies of the benchmark: HTTP/1.1 with as little work as there can be. GET /N answers N
 * bytes of the pattern; a POST is read, compared with the pattern, and answered with 100 bytes; what is wrong gets 400.
 * usage: bench_origin PORT | bench_origin -g SIZE (writes the body to standard output) */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "tests/bench/listen.h"
#include "tests/bench/pattern.h"

#define BATCH 256
#define HEAD_MAX 8192
#define READ_MAX (256 * 1024)
#define PIECES 16

struct origin {
	int epfd, listener;
	struct pattern pattern;
	unsigned char buf[READ_MAX];
};

struct client {
	int fd;
	bool full;		/* the socket takes no more for now */
	size_t nhead;		/* bytes of an incomplete head */
	char head[HEAD_MAX + 1];
	uint64_t body, got;	/* of the request */
	bool wrong;
	uint64_t size, sent;	/* of the answer */
	char answer[128];
	size_t nanswer, answer_sent;
};

static void drop(struct client *c)
{
	close(c->fd);
	free(c);
}

enum sent { ALL, SOME, FULL, FAILED };

/* Head and body of the answer leave together. */
static enum sent send_some(struct origin *o, struct client *c)
{
	struct iovec iov[PIECES + 1];
	const unsigned char *at;
	int n = 0;
	ssize_t r;

	if (c->answer_sent < c->nanswer)
		iov[n++] = (struct iovec){ c->answer + c->answer_sent, c->nanswer - c->answer_sent };
	for (uint64_t off = c->sent; off < c->size && n <= PIECES; off += iov[n++].iov_len) {
		iov[n].iov_len = pattern_at(&o->pattern, off, c->size - off, &at);
		iov[n].iov_base = (void *)at;
	}
	r = sendmsg(c->fd, &(struct msghdr){ .msg_iov = iov, .msg_iovlen = (size_t)n }, MSG_NOSIGNAL);
	if (r < 0)
		return errno == EAGAIN ? FULL : FAILED;
	if (c->answer_sent < c->nanswer) {
		size_t part = c->nanswer - c->answer_sent;

		part = (size_t)r < part ? (size_t)r : part;
		c->answer_sent += part;
		r -= (ssize_t)part;
	}
	c->sent += (uint64_t)r;
	return c->answer_sent == c->nanswer && c->sent == c->size ? ALL : SOME;
}

static bool answer(struct origin *o, struct client *c)
{
	enum sent r;

	do
		r = send_some(o, c);
	while (r == SOME);
	c->full = r == FULL;
	return r != FAILED;
}

static void prepare(struct client *c, bool right, uint64_t size)
{
	c->size = size;
	c->sent = c->answer_sent = 0;
	c->nanswer = (size_t)snprintf(c->answer, sizeof(c->answer), "HTTP/1.1 %s\r\nContent-Length: %llu\r\n\r\n",
				      right ? "200 OK" : "400 Bad Request", (unsigned long long)size);
}

static uint64_t length_of(const char *head)
{
	const char *p = strcasestr(head, "\r\ncontent-length:");

	return p ? strtoull(p + 17, NULL, 10) : 0;
}

static bool take_head(struct origin *o, struct client *c)
{
	bool post = strncmp(c->head, "POST ", 5) == 0, get = strncmp(c->head, "GET /", 5) == 0;

	c->body = length_of(c->head);
	c->got = 0;
	c->wrong = !post && !get;
	prepare(c, !c->wrong, get ? strtoull(c->head + 5, NULL, 10) : 100);
	return c->body || answer(o, c);
}

static bool take_body(struct origin *o, struct client *c, const unsigned char *p, size_t n)
{
	c->wrong |= !pattern_holds(&o->pattern, c->got, p, n);
	c->got += n;
	if (c->got < c->body)
		return true;
	c->body = c->got = 0;
	prepare(c, !c->wrong, 100);
	return answer(o, c);
}

/* Bytes of a head up to its end; what follows stays. */
static ssize_t feed_head(struct origin *o, struct client *c, const unsigned char *p, size_t n)
{
	size_t was = c->nhead, part = n < HEAD_MAX - was ? n : HEAD_MAX - was, used;
	char *end;

	memcpy(c->head + was, p, part);
	c->nhead += part;
	c->head[c->nhead] = 0;
	end = strstr(c->head + (was > 3 ? was - 3 : 0), "\r\n\r\n");
	if (!end)
		return c->nhead < HEAD_MAX ? (ssize_t)part : -1;
	used = (size_t)(end + 4 - c->head) - was;
	end[4] = 0;
	c->nhead = 0;
	return take_head(o, c) ? (ssize_t)used : -1;
}

static bool feed(struct origin *o, struct client *c, const unsigned char *p, size_t n)
{
	while (n) {
		size_t part = c->body - c->got;
		ssize_t used = 0;

		if (c->body) {
			part = n < part ? n : part;
			used = take_body(o, c, p, part) ? (ssize_t)part : -1;
		} else {
			used = feed_head(o, c, p, n);
		}
		if (used < 0)
			return false;
		p += used;
		n -= (size_t)used;
	}
	return true;
}

static void serve(struct origin *o, struct client *c, uint32_t events)
{
	ssize_t n;

	if (c->full && (events & EPOLLOUT) && !answer(o, c)) {
		drop(c);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		return;
	do {
		n = recv(c->fd, o->buf, sizeof(o->buf), 0);
		if (n == 0 || (n < 0 && errno != EAGAIN) || (n > 0 && !feed(o, c, o->buf, (size_t)n))) {
			drop(c);
			return;
		}
	} while (n == (ssize_t)sizeof(o->buf) || (n > 0 && events & EPOLLRDHUP));
}

static void accept_all(struct origin *o)
{
	int fd;

	while ((fd = accept4(o->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct client *c = calloc(1, sizeof(*c));
		struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };

		c->fd = fd;
		epoll_ctl(o->epfd, EPOLL_CTL_ADD, fd, &ev);
	}
}

static void run(struct origin *o)
{
	struct epoll_event ev[BATCH];

	o->epfd = bench_poller(o->listener);
	for (;;) {
		int n = epoll_wait(o->epfd, ev, BATCH, -1);

		for (int i = 0; i < n; i++) {
			if (ev[i].data.ptr)
				serve(o, ev[i].data.ptr, ev[i].events);
			else
				accept_all(o);
		}
	}
}

int main(int argc, char **argv)
{
	static struct origin o;
	uint64_t left;

	pattern_init(&o.pattern);
	if (argc == 3 && strcmp(argv[1], "-g") == 0) {
		left = strtoull(argv[2], NULL, 10);
		for (size_t part; left; left -= part) {
			part = left < PATTERN_PERIOD ? left : PATTERN_PERIOD;
			if (fwrite(o.pattern.b, 1, part, stdout) != part)
				return 1;
		}
		return 0;
	}
	if (argc != 2) {
		fprintf(stderr, "usage: bench_origin PORT | -g SIZE\n");
		return 2;
	}
	o.listener = bench_listen(atoi(argv[1]));
	printf("ready %s\n", argv[1]);
	fflush(stdout);
	run(&o);
}
