/* A server of raw answers, for scenarios.
 *
 *	rawserver PORT DIRECTORY
 *
 * Listens on 127.0.0.1:PORT. Of each connection it reads one request head; the last part of its path names a file of
 * DIRECTORY whose bytes are the answer, whatever they are. Then it closes. It says "ready PORT" once. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 100) < 0) {
		perror("rawserver");
		exit(1);
	}
	return fd;
}

/* The head, or as much of it as came before the end. */
static size_t read_head(int fd, char *buf, size_t max)
{
	size_t n = 0;

	while (n < max - 1) {
		ssize_t k = read(fd, buf + n, max - 1 - n);

		if (k <= 0)
			break;
		n += (size_t)k;
		buf[n] = 0;
		if (strstr(buf, "\r\n\r\n"))
			break;
	}
	buf[n] = 0;
	return n;
}

static void send_file(int fd, const char *dir, const char *name)
{
	char path[4096], buf[65536];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (send(fd, buf, n, MSG_NOSIGNAL) < 0)
			break;
	fclose(f);
}

static void serve(int fd, const char *dir)
{
	char head[65536], *path, *name;

	if (!read_head(fd, head, sizeof(head)))
		return;
	path = strchr(head, ' ');
	if (!path)
		return;
	path[1 + strcspn(path + 1, " ?")] = 0;
	name = strrchr(path, '/');
	if (name)
		send_file(fd, dir, name + 1);
}

static void ended(int sig)
{
	(void)sig;
	_exit(0);
}

int main(int argc, char **argv)
{
	int li;

	if (argc < 3) {
		fprintf(stderr, "usage: rawserver PORT DIRECTORY\n");
		return 2;
	}
	signal(SIGTERM, ended);
	li = listen_on(atoi(argv[1]));
	printf("ready %s\n", argv[1]);
	fflush(stdout);
	for (;;) {
		int fd = accept(li, NULL, NULL);

		if (fd < 0)
			continue;
		serve(fd, argv[2]);
		shutdown(fd, SHUT_WR);
		close(fd);
	}
}
