/* Connections that are upgraded, used and closed, one after the other.
 *
 *	h2c_upgrades PORT COUNT
 *
 * Each asks 127.0.0.1:PORT for h2c with a GET (every third with a chunked POST), expects 101, sends the preface and a
 * second request, waits for both answers and closes; every tenth leaves right after 101. Says how many were served, and
 * ends with 1 at the first that was not. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ASK "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"

static const char get[] = "GET /first HTTP/1.1\r\n" ASK "\r\n";
static const char post[] = "POST /first HTTP/1.1\r\n" ASK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
/* The preface, empty SETTINGS, GET http://a/ on stream 3. */
static const char rest[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\6\1\5\0\0\0\3\202\206\204\1\1a";

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval limit = { 20, 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	perror("h2c_upgrades: connect");
	close(fd);
	return -1;
}

static bool say(int fd, const char *text, size_t n)
{
	return send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* Reads to the end of the 101; what lies behind it stays in buf. */
static bool switched(int fd, char *buf, size_t max, size_t *n)
{
	char *end;

	for (*n = 0;;) {
		ssize_t k = recv(fd, buf + *n, max - 1 - *n, 0);

		if (k <= 0)
			return false;
		*n += (size_t)k;
		buf[*n] = 0;
		end = memmem(buf, *n, "\r\n\r\n", 4);
		if (end)
			break;
	}
	if (strncmp(buf, "HTTP/1.1 101 ", 13) != 0)
		return false;
	end += 4;
	*n -= (size_t)(end - buf);
	memmove(buf, end, *n);
	return true;
}

/* Takes whole frames out of buf. Counts the ends of streams; false: a reset or GOAWAY. */
static bool frames(uint8_t *buf, size_t *n, int *ends)
{
	size_t at = 0;

	while (*n - at >= 9) {
		size_t len = 9 + ((size_t)buf[at] << 16 | (size_t)buf[at + 1] << 8 | buf[at + 2]);
		uint8_t type = buf[at + 3];

		if (*n - at < len)
			break;
		if (type == 3 || type == 7)
			return false;
		if (type <= 1 && buf[at + 4] & 1)
			++*ends;
		at += len;
	}
	memmove(buf, buf + at, *n - at);
	*n -= at;
	return true;
}

static bool both_answers(int fd, char *buf, size_t max, size_t n)
{
	int ends = 0;

	while (frames((uint8_t *)buf, &n, &ends)) {
		ssize_t k;

		if (ends >= 2)
			return true;
		k = recv(fd, buf + n, max - n, 0);
		if (k <= 0)
			return false;
		n += (size_t)k;
	}
	return false;
}

static bool one(int port, int i)
{
	char buf[65536];
	size_t n;
	int fd = dial(port);
	bool ok;

	if (fd < 0)
		return false;
	ok = i % 3 ? say(fd, get, sizeof(get) - 1) : say(fd, post, sizeof(post) - 1);
	ok = ok && switched(fd, buf, sizeof(buf), &n);
	if (i % 10)
		ok = ok && say(fd, rest, sizeof(rest) - 1) && both_answers(fd, buf, sizeof(buf), n);
	close(fd);
	return ok;
}

int main(int argc, char **argv)
{
	int count;

	if (argc < 3) {
		fprintf(stderr, "usage: h2c_upgrades PORT COUNT\n");
		return 2;
	}
	count = atoi(argv[2]);
	for (int i = 0; i < count; i++)
		if (!one(atoi(argv[1]), i)) {
			printf("%d served, then one was not\n", i);
			return 1;
		}
	printf("%d served\n", count);
	return 0;
}
