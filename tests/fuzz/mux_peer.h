/* What the fuzzers of the HTTP/1 mux share: a connection whose far end is the fuzzer, and pieces of input at places
 * that the input itself decides. */
#ifndef TESTS_FUZZ_MUX_PEER_H
#define TESTS_FUZZ_MUX_PEER_H

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "weir/base/pool.h"
#include "weir/base/sbuf.h"
#include "weir/loop/loop.h"
#include "weir/mux/mux.h"

struct peer {
	struct mux_limits lim;
	struct conn *conn;	/* NULL once gone */
	int fd;
	struct sbuf got;	/* what the mux sent */
	uint32_t seed;
};

static inline void peer_init(struct peer *p, uint8_t options, uint8_t seed)
{
	int fd[2];

	p->lim = (struct mux_limits){ .bufsize = options & 1 ? 16384 : 1024, .maxrewrite = 128,
				      .maxhdr = options & 2 ? 101 : 20, .http_mode = true,
				      .accept_unsafe = options & 4, .any_upgrade = options & 8 };
	WASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	p->fd = fd[0];
	p->conn = conn_wrap(fd[1], CONN_OPEN);
	WASSERT(p->conn);
	p->got = sbuf_grow();
	p->seed = seed;
}

static inline void peer_turn(void)
{
	loop_turn(0);
	loop_turn(0);
}

static inline void peer_read(struct peer *p)
{
	ssize_t n;

	do {
		n = recv(p->fd, sbuf_room(&p->got, 65536), 65536, 0);
		if (n > 0)
			sbuf_commit(&p->got, (size_t)n);
		peer_turn();
	} while (n > 0);
}

/* All of it, in pieces. */
static inline void peer_feed(struct peer *p, const uint8_t *data, size_t size)
{
	while (size) {
		size_t n;

		p->seed = p->seed * 1103515245 + 12345;
		n = p->seed & 0x10000 ? size : 1 + (p->seed >> 20) % 64;
		n = MIN(n, size);
		if (send(p->fd, data, n, MSG_NOSIGNAL) < 0)
			break;
		data += n;
		size -= n;
		peer_turn();
		peer_read(p);
	}
}

static inline void peer_fini(struct peer *p)
{
	close(p->fd);
	peer_turn();
	if (p->conn)
		((const struct mux *)p->conn->mux)->kill(p->conn);
	peer_turn();
	WASSERT(!p->conn);
	sbuf_fini(&p->got);
}

#endif
