#include "weir/sys/handover.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "weir/base/addr.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"
#include "weir/sys/fdpass.h"
#include "weir/sys/sock.h"

#define PATIENCE_MS 1000
#define MAX_SOCKS 100000
#define RECORD_MAX (2 + 255 + 255 + sizeof(int))	/* length, namespace, length, interface, options */

static size_t put_text(char *at, struct str s)
{
	size_t n = MIN(s.n, (size_t)255);

	at[0] = (char)n;
	if (n)
		memcpy(at + 1, s.p, n);
	return n + 1;
}

bool handover_send(int sock, const struct handed_sock *socks, int n)
{
	char *mem = mem_alloc(FDPASS_MAX * RECORD_MAX);
	int fds[FDPASS_MAX], options = 0;
	bool ok = fdpass_send(sock, NULL, 0, &n, sizeof(n), PATIENCE_MS);

	for (int i = 0; ok && i < n;) {
		size_t used = 0;
		int count = 0;

		for (; i < n && count < FDPASS_MAX; i++) {
			used += put_text(mem + used, socks[i].ns);
			used += put_text(mem + used, socks[i].interface);
			memcpy(mem + used, &options, sizeof(options));
			used += sizeof(options);
			fds[count++] = socks[i].fd;
		}
		ok = fdpass_send(sock, fds, count, mem, used, PATIENCE_MS);
	}
	free(mem);
	return ok;
}

/* --- the successor --- */

static int dial(struct str path)
{
	bool abstract = str_starts(path, STR("abns@"));
	struct addr a;
	int fd;

	if (!addr_set_unix(&a, abstract ? str_skip(path, 5) : path, abstract, true)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = sock_open(AF_UNIX, SOCK_STREAM, STR_NONE);
	if (fd >= 0 && connect(fd, &a.sa, a.len) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool read_count(int sock, int *n)
{
	size_t got = 0;
	int none;

	while (got < sizeof(*n)) {
		ssize_t r = fdpass_recv(sock, NULL, 0, &none, (char *)n + got, sizeof(*n) - got, PATIENCE_MS);

		if (r <= 0)
			return false;
		got += (size_t)r;
	}
	return *n >= 0 && *n <= MAX_SOCKS;
}

/* What comes in: bytes and descriptors, each in order, with no relation but that. */
struct inbox {
	char *mem;
	size_t bytes, cap;
	int *fds, nfds, want;
};

static bool take_text(struct str *rest, struct str *out)
{
	size_t n;

	if (!rest->n)
		return false;
	n = (unsigned char)rest->p[0];
	*rest = str_skip(*rest, 1);
	if (rest->n < n)
		return false;
	*out = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	return true;
}

/* One record, from the front of what is left. */
static bool take_record(struct str *rest, struct handed_sock *s)
{
	if (!take_text(rest, &s->ns) || !take_text(rest, &s->interface) || rest->n < sizeof(int))
		return false;
	*rest = str_skip(*rest, sizeof(int));	/* options of HAProxy: none that we have a use for */
	return true;
}

static bool complete(const struct inbox *in)
{
	struct str rest = str_make(in->mem, in->bytes);
	struct handed_sock s;
	int n = 0;

	while (n < in->want && take_record(&rest, &s))
		n++;
	return n == in->want && in->nfds == in->want;
}

static bool read_all(int sock, struct inbox *in)
{
	while (!complete(in)) {
		int n;
		ssize_t r =
			in->bytes < in->cap
				? fdpass_recv(sock, in->fds + in->nfds, in->want - in->nfds, &n,
					      in->mem + in->bytes, in->cap - in->bytes, PATIENCE_MS)
				: 0;

		if (r <= 0)
			return false;
		in->bytes += (size_t)r;
		in->nfds += n;
	}
	return true;
}

/* The strings point into the bytes, which lie behind the array in one block of memory. */
static struct handed_sock *sort_out(const struct inbox *in)
{
	size_t head = (size_t)in->want * sizeof(struct handed_sock);
	struct handed_sock *socks = mem_alloc(head + in->bytes + 1);
	struct str rest = str_make((char *)socks + head, in->bytes);

	memcpy((char *)socks + head, in->mem, in->bytes);
	for (int i = 0; i < in->want; i++) {
		socks[i].fd = in->fds[i];
		take_record(&rest, &socks[i]);
	}
	return socks;
}

static struct handed_sock *fetch(int sock, int *n)
{
	static const char ask[] = "_getsocks\n";
	struct handed_sock *socks = NULL;
	struct inbox in = { 0 };

	if (!fdpass_send(sock, NULL, 0, ask, sizeof(ask) - 1, PATIENCE_MS) || !read_count(sock, n))
		return NULL;
	in.want = *n;
	in.cap = (size_t)*n * RECORD_MAX + 1;
	in.mem = mem_alloc(in.cap);
	in.fds = mem_alloc((size_t)(*n + 1) * sizeof(int));
	if (read_all(sock, &in))
		socks = sort_out(&in);
	for (int i = 0; !socks && i < in.nfds; i++)
		close(in.fds[i]);
	free(in.mem);
	free(in.fds);
	return socks;
}

int handover_fetch(struct str path, struct handed_sock **socks)
{
	int sock = dial(path), n = -1, saved;

	if (sock < 0)
		return -1;
	*socks = fetch(sock, &n);
	saved = errno;
	close(sock);
	errno = saved;
	return *socks ? n : -1;
}
