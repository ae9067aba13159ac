#include "front.h"
#include "h2peer.h"
#include "src/mux/h2_priv.h"

#define LONG (600 * 1024)	/* more than sockets and queues of a connection take */

static const char zeros[4096];

/* A client whose windows do not limit anything, and its two requests. */
static struct rig *rig_two(struct h2peer *p)
{
	nghttp2_settings_entry wide = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 16 * 1024 * 1024 };
	struct rig *r = rig_new();

	r->lim.h2_streams = 100;
	rig_front(r, "h2");
	h2peer_init(p, r, false);
	nghttp2_submit_settings(p->ng, NGHTTP2_FLAG_NONE, &wide, 1);
	nghttp2_submit_window_update(p->ng, NGHTTP2_FLAG_NONE, 0, 16 * 1024 * 1024);
	h2peer_get(p, "/one");
	h2peer_get(p, "/two");
	h2peer_talk(p);
	ck_assert_int_eq(r->n, 2);
	return r;
}

static void begin_long(struct seen *s)
{
	struct gate *g = s->g;
	struct msg *m = answer_msg(g, 200);

	m->body = BODY_LENGTH;
	m->body_len = LONG;
	m->flags |= MSG_HAS_LENGTH;
	g->ops->send_head(g, m, false);
	for (size_t n = 0; n < LONG; n += sizeof(zeros))
		spanq_push_copy(&g->out, zeros, sizeof(zeros));
	g->ops->flush(g, false);
	rig_turns(2);
}

/* Its stream leaves an exchange while nghttp2 waits with a frame of it, and the peer makes room for that. */
static bool offers_websockets(const struct mux_limits *lim)
{
	nghttp2_settings_entry s[H2_SETTINGS_MAX];
	size_t n = h2_settings(lim, 0, s);

	while (n--)
		if (s[n].settings_id == NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL)
			return true;
	return false;
}

/* h2-workaround-bogus-websocket-clients */
START_TEST(websockets_may_be_hidden)
{
	struct mux_limits lim = { .bufsize = 16384, .h2_streams = 10, .h2_frame = 16384 };

	ck_assert(offers_websockets(&lim));
	lim.no_websocket = true;
	ck_assert(!offers_websockets(&lim));
}
END_TEST

START_TEST(an_exchange_that_went_is_not_framed)
{
	struct h2peer p;
	struct rig *r = rig_two(&p);

	begin_long(seen_of(r, 0));
	ck_assert(!spanq_empty(&r->seen[0].g->out));
	mux_h2.kill(r->conn);
	ck_assert_uint_ne(r->seen[0].news & GATE_ABORT, 0);
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_ptr_nonnull(r->conn);
	hear(r);
	ck_assert_ptr_nonnull(r->conn);
	ck_assert_uint_eq(h2_busy(r->conn), 1);
	seen_release(&r->seen[1]);
	rig_turns(2);
	ck_assert_ptr_null(r->conn);
	h2peer_fini(&p);
	rig_free(r);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("h2 end");

	UNIT_TEST(s, websockets_may_be_hidden);
	UNIT_TEST(s, an_exchange_that_went_is_not_framed);
	return unit_run(s);
}
