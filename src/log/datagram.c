/* Lines as datagrams. They go through connected sockets, a few for each thread, found by address: they outlive a
 * reload. A thread of the loop keeps what it has to say to an internet address until the end of its turn, so that the
 * lines of many exchanges are one system call and take the way through the kernel one behind the other. Queues of
 * unix sockets are short (ten datagrams by default): their lines leave at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "log_priv.h"
#include "weir/base/assert.h"
#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "weir/loop/loop.h"

#define THREAD_SOCKETS 16
#define BATCH_LINES 32
#define BATCH_BYTES 8192

/* Lines that wait for one socket. */
struct batch {
	unsigned n, bytes;
	struct iovec line[BATCH_LINES];
	char mem[BATCH_BYTES];
};

struct log_socket {
	struct addr to;
	int fd;			/* -1: to be opened */
	struct batch *batch;	/* or NULL */
};

static __thread struct log_sockets {
	struct log_socket s[THREAD_SOCKETS];
	unsigned n, next_out;	/* used entries; the one to be replaced next */
	bool batching;		/* between log_thread_start and log_thread_fini */
	struct task flush;
} sockets;

static uint32_t send_buffer;	/* atomic; bytes, 0: the system's */

void log_send_buffer(unsigned bytes)
{
	atom_set(&send_buffer, bytes);
}

static int datagram_socket(const struct addr *to)
{
	int bytes = (int)atom_get(&send_buffer);
	int fd = socket(addr_family(to), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bytes)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (connect(fd, &to->sa, to->len) < 0) {
		close(fd);
		return -1;
	}
	shutdown(fd, SHUT_RD);	/* whatever comes back is nothing to us */
	return fd;
}

ssize_t log_send_now(int fd, const struct iovec *iov, int n)
{
	struct msghdr m = { .msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n };

	if (n == 1)
		return send(fd, iov->iov_base, iov->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A datagram socket tells by an error at the next line that nobody was there for the last one, and a syslog daemon
 * that was restarted leaves a dead unix socket behind: connect again and try once more. */
static bool send_line(struct log_socket *s, const struct iovec *iov, int n)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		if (s->fd < 0)
			s->fd = datagram_socket(&s->to);
		if (s->fd < 0)
			return false;
		if (log_send_now(s->fd, iov, n) >= 0)
			return true;
		if (errno == ECONNREFUSED && addr_family(&s->to) != AF_UNIX)
			continue;
		if (errno == EAGAIN || errno == EMSGSIZE || errno == ENOBUFS)
			return false;
		close(s->fd);
		s->fd = -1;
	}
	return false;
}

/* How many of the lines left in one call: none where that is not worth it or something is wrong. */
static unsigned send_many(const struct log_socket *s, struct iovec *line, unsigned n)
{
	struct mmsghdr m[BATCH_LINES];
	int sent;

	if (n < 2 || s->fd < 0)
		return 0;
	for (unsigned i = 0; i < n; i++)
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &line[i], .msg_iovlen = 1 } };
	sent = sendmmsg(s->fd, m, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? 0 : (unsigned)sent;
}

static void flush_socket(struct log_socket *s)
{
	struct batch *b = s->batch;
	unsigned i = 0;

	while (b && i < b->n) {
		unsigned sent = send_many(s, &b->line[i], b->n - i);

		if (!sent && !send_line(s, &b->line[i], 1))
			log_count_dropped();
		i += sent ? sent : 1;
	}
	if (b)
		b->n = b->bytes = 0;
}

static void flush_all(struct task *t)
{
	(void)t;
	for (unsigned i = 0; i < sockets.n; i++)
		flush_socket(&sockets.s[i]);
}

static void close_socket(struct log_socket *s)
{
	flush_socket(s);
	if (s->fd >= 0)
		close(s->fd);
	free(s->batch);
}

/* The thread's place for that address. */
static struct log_socket *socket_place(const struct addr *to)
{
	struct log_socket *s;

	for (unsigned i = 0; i < sockets.n; i++)
		if (addr_eq(&sockets.s[i].to, to))
			return &sockets.s[i];
	if (sockets.n < THREAD_SOCKETS) {
		s = &sockets.s[sockets.n++];
	} else {
		s = &sockets.s[sockets.next_out++ % THREAD_SOCKETS];
		close_socket(s);
	}
	*s = (struct log_socket){ .to = *to, .fd = -1 };
	return s;
}

bool log_send_datagram(const struct addr *to, const struct iovec *iov, int n)
{
	struct log_socket *s = socket_place(to);

	flush_socket(s);	/* lines keep their order */
	return send_line(s, iov, n);
}

bool log_datagram_later(const struct addr *to, const char *line, size_t n)
{
	struct log_socket *s;
	struct batch *b;

	if (!sockets.batching || addr_family(to) == AF_UNIX || n > BATCH_BYTES)
		return false;
	s = socket_place(to);
	if (!s->batch)
		s->batch = mem_zalloc(sizeof(*s->batch));
	b = s->batch;
	if (b->n == BATCH_LINES || b->bytes + n > BATCH_BYTES)
		flush_socket(s);
	b->line[b->n++] = (struct iovec){ b->mem + b->bytes, n };
	memcpy(b->mem + b->bytes, line, n);
	b->bytes += (unsigned)n;
	task_wake(&sockets.flush);
	return true;
}

void log_thread_start(void)
{
	task_init(&sockets.flush, flush_all, TASK_IDLE);
	sockets.batching = true;
}

void log_thread_fini(void)
{
	if (sockets.batching)
		task_cancel(&sockets.flush);
	for (unsigned i = 0; i < sockets.n; i++)
		close_socket(&sockets.s[i]);
	sockets.n = sockets.next_out = 0;
	sockets.batching = false;
	log_head_forget();
}
