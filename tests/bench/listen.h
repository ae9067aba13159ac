/* A listening socket on the loopback address, for the programs that answer in the benchmark. */
#ifndef WEIR_BENCH_LISTEN_H
#define WEIR_BENCH_LISTEN_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* 127.0.0.1 at this port, 0 for one that is free: not blocking; its connections send at once. Ends the program when
 * it cannot be had. */
static inline int bench_listen(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (bind(fd, (void *)&a, sizeof(a)) || listen(fd, 65535)) {
		perror("listen");
		exit(1);
	}
	return fd;
}

/* A poller that names the listening socket by NULL. */
static inline int bench_poller(int listener)
{
	struct epoll_event in = { .events = EPOLLIN };
	int epfd = epoll_create1(0);

	epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &in);
	return epfd;
}

#endif
