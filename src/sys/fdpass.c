#include "weir/sys/fdpass.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "weir/base/assert.h"

static bool wait_for(int sock, short what, int timeout_ms)
{
	struct pollfd p = { .fd = sock, .events = what };
	int r;

	do
		r = poll(&p, 1, timeout_ms);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		errno = ETIMEDOUT;
	return r > 0;
}

static void put_fds(struct msghdr *m, char *room, const int *fds, int n)
{
	struct cmsghdr *c;

	if (!n)
		return;
	m->msg_control = room;
	m->msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, (size_t)n * sizeof(int));
}

bool fdpass_send(int sock, const int *fds, int n, const void *data, size_t len, int timeout_ms)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(FDPASS_MAX * sizeof(int))];

	WASSERT(n >= 0 && n <= FDPASS_MAX && len > 0);
	while (len > 0) {
		struct iovec iov = { (void *)data, len };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t r;

		put_fds(&m, room, fds, n);
		r = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && (errno != EAGAIN || !wait_for(sock, POLLOUT, timeout_ms)))
			return false;
		if (r > 0) {
			n = 0;		/* they travel with the first bytes */
			data = (const char *)data + r;
			len -= (size_t)r;
		}
	}
	return true;
}

/* Takes descriptors out of a message; what does not fit is not kept open. */
static int take_fds(struct msghdr *m, int *fds, int max)
{
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (n < max)
				fds[n++] = fd;
			else
				close(fd);
		}
	}
	return n;
}

ssize_t fdpass_recv(int sock, int *fds, int max, int *n, void *data, size_t len, int timeout_ms)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE((FDPASS_MAX + 1) * sizeof(int))];
	struct iovec iov = { data, len };
	ssize_t r;

	*n = 0;
	for (;;) {
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
				    .msg_controllen = sizeof(room) };

		r = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (r >= 0) {
			*n = take_fds(&m, fds, max);
			return r;
		}
		if (errno != EINTR && (errno != EAGAIN || !wait_for(sock, POLLIN, timeout_ms)))
			return -1;
	}
}
