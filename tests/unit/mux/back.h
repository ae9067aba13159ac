/* What the tests of muxes towards servers share. */
#ifndef TESTS_UNIT_MUX_BACK_H
#define TESTS_UNIT_MUX_BACK_H

#include "fake.h"

/* --- a server's side: the test is the server at the far end of the pair --- */

static inline void back_woken(struct gate *g, void *arg, unsigned news)
{
	struct seen *s = arg;

	ck_assert_ptr_eq(s->g, g);
	s->news |= news;
	s->wakes++;
	if (news & GATE_INFO)
		s->bad_status = g->in_msg->status; /* the last interim answer */
	if (g->in.bytes) {
		size_t n = g->in.bytes;

		spanq_copy(&g->in, 0, sbuf_room(&s->body, n), n);
		sbuf_commit(&s->body, n);
		spanq_drop(&g->in, n);
		g->ops->consumed(g, n);
	}
}
static const struct gate_user back_fake = { .wake = back_woken };

static inline void on_idle(struct conn *c, void *owner)
{
	struct rig *r = owner;

	ck_assert_ptr_eq(c, r->conn);
	r->idle++;
}

static inline void on_back_gone(struct conn *c, void *owner)
{
	on_gone(c, owner);
}
static inline void on_room(struct conn *c, void *owner)
{
	ck_assert_ptr_eq(c, ((struct rig *)owner)->conn);
}
static const struct mux_back_user back_user = { .idle = on_idle, .room = on_room, .gone = on_back_gone };

static inline struct msg *request(struct rig *r, const char *method, const char *path)
{
	struct msg *m = arena_new(&r->mem, struct msg);

	msg_init(m, false, &r->mem);
	m->major = m->minor = 1;
	msg_set_method(m, str_c(method));
	m->path = str_c(path);
	msg_add_copy(m, STR("host"), STR("a"));
	return m;
}

#endif
