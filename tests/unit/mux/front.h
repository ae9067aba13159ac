/* What the tests of HTTP/1 towards clients share. */
#ifndef TESTS_UNIT_MUX_FRONT_H
#define TESTS_UNIT_MUX_FRONT_H

#include "fake.h"
#include "src/mux/h1_priv.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK_EMPTY "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

static inline struct h1c *h1c_of(struct rig *r)
{
	return r->conn->arg;
}

/* Neither gate nor chunk nor anything else than the connection's own struct. */
static inline void expect_idle(struct rig *r)
{
	ck_assert_ptr_nonnull(r->conn);
	ck_assert_ptr_null(h1c_of(r)->x);
	ck_assert_ptr_null(h1c_of(r)->rx);
}

static inline void answer_release(struct rig *r, int i, int status, const char *body)
{
	struct seen *s = seen_of(r, i);

	seen_answer(s, status, str_c(body));
	ck_assert_uint_ne(s->g->flags & OUT_DONE, 0);
	seen_release(s);
	rig_turns(3);
}

static inline void peer_shut(struct rig *r)
{
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
}

/* The peer is lost without a farewell. */
static inline void peer_lost(struct rig *r)
{
	struct linger hard = { 1, 0 };

	setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
}

#endif
