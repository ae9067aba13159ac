#include "fake.h"
#include "src/mux/h1_priv.h"
#include "src/mux/h2_priv.h"

static struct rig *rig_pass(void)
{
	struct rig *r = rig_new();

	r->lim.http_mode = false;
	rig_front(r, NULL);
	return r;
}

START_TEST(the_gate_opens_at_once)
{
	struct rig *r = rig_pass();
	struct seen *s = seen_of(r, 0);
	struct gate *g = s->g;

	ck_assert_ptr_eq(r->conn->mux, &mux_pass);
	ck_assert_uint_eq(s->flags, GATE_RAW | GATE_FIRST | IN_HEAD | OUT_HEAD);
	say(r, "GET / HTTP/1.1\r\n\r\n");
	ck_assert_str_eq(sbuf_z(&s->body), "GET / HTTP/1.1\r\n\r\n");
	ck_assert_uint_eq(g->in_bytes, 18);
	spanq_push_copy(&g->out, "any\0thing", 9);
	g->ops->flush(g, false);
	hear(r);
	ck_assert_uint_eq(r->got.n, 9);
	sbuf_clear(&r->got);
	/* The client's end leaves our direction open. */
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	ck_assert_uint_eq(g->flags & (IN_END | IN_ABORT), IN_END);
	spanq_push_copy(&g->out, "end", 3);
	g->ops->end(g, NULL, 0);
	ck_assert_uint_ne(g->flags & OUT_DONE, 0);
	expect(r, "end");
	ck_assert(r->eof);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* Closing is all that is left to say then. */
START_TEST(both_ends_are_one_close)
{
	struct rig *r = rig_pass();
	struct seen *s = seen_of(r, 0);

	say(r, "begin");
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	spanq_push_copy(&s->g->out, "end", 3);
	s->g->ops->end(s->g, NULL, 0);
	ck_assert_uint_ne(s->g->flags & OUT_DONE, 0);
	ck_assert_uint_eq(r->conn->flags & CONN_WR_SHUT, 0);
	seen_release(s);
	expect(r, "end");
	ck_assert(r->eof);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(our_end_leaves_the_clients_direction_open)
{
	struct rig *r = rig_pass();
	struct seen *s = seen_of(r, 0);

	s->g->ops->end(s->g, NULL, 0);
	ck_assert_uint_ne(s->g->flags & OUT_DONE, 0);
	hear(r);
	ck_assert(r->eof);
	say(r, "still here");
	ck_assert_str_eq(sbuf_z(&s->body), "still here");
	ck_assert_uint_eq(s->g->flags & (IN_END | IN_ABORT), 0);
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	ck_assert_uint_ne(s->g->flags & IN_END, 0);
	seen_release(s);
	rig_free(r);
}
END_TEST

START_TEST(bytes_read_before_come_first)
{
	struct rig *r = rig_new();
	struct chunk *pre = chunk_get(16384);

	memcpy(pre->data, "early ", 6);
	pre->fill = 6;
	r->lim.http_mode = false;
	mux_pass.front(r->conn, &r->lim, &front_user, r, pre);
	say(r, "late");
	ck_assert_str_eq(sbuf_z(&seen_of(r, 0)->body), "early late");
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(release_waits_for_the_last_bytes)
{
	struct rig *r = rig_pass();
	struct seen *s = seen_of(r, 0);
	size_t size = 4 << 20;
	char *big = mem_zalloc(size);

	spanq_push_copy(&s->g->out, big, size);
	s->g->ops->end(s->g, NULL, 0);
	ck_assert_uint_eq(s->g->flags & OUT_DONE, 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 0);
	hear(r);
	ck_assert_uint_eq(r->got.n, size);
	ck_assert(r->eof);
	ck_assert_int_eq(r->gone, 1);
	free(big);
	rig_free(r);
}
END_TEST

START_TEST(but_not_for_ever)
{
	struct rig *r = rig_pass();
	struct seen *s = seen_of(r, 0);
	size_t size = 4 << 20;
	char *big = mem_zalloc(size);

	spanq_push_copy(&s->g->out, big, size);
	s->g->ops->end(s->g, NULL, 0);
	seen_release(s);
	rig_turns(2);
	pass_time(r, H1_LINGER_MS);
	ck_assert_int_eq(r->gone, 1);
	free(big);
	rig_free(r);
}
END_TEST

START_TEST(reset_and_kill)
{
	struct rig *r = rig_pass();

	seen_of(r, 0)->g->ops->reset(r->seen[0].g, 0);
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);

	r = rig_pass();
	mux_pass.kill(r->conn);
	rig_turns(2);
	ck_assert_uint_ne(seen_of(r, 0)->news & GATE_ABORT, 0);
	seen_release(&r->seen[0]);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* --- from bytes to HTTP --- */

static struct rig *rig_switched(const char *before, const struct mux *to)
{
	struct rig *r = rig_pass();

	r->keep_in = true;
	say(r, before);
	ck_assert_uint_eq(seen_of(r, 0)->g->in.bytes, strlen(before));
	mux_switch(r->seen[0].g, to);
	r->seen[0].g = NULL;
	r->keep_in = false;
	r->echo = true;
	rig_turns(3);
	return r;
}

START_TEST(bytes_become_http)
{
	struct rig *r = rig_switched("GET /x HTTP/1.1\r\nHo", NULL);

	ck_assert_ptr_eq(r->conn->mux, &mux_h1);
	say(r, "st: a\r\n\r\n");
	ck_assert_int_eq(r->n, 2);
	ck_assert_str_eq(r->seen[1].path, "/x");
	expect(r, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
	rig_free(r);

	r = rig_switched("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NULL);
	ck_assert_ptr_eq(r->conn->mux, &mux_h2);
	rig_free(r);

	r = rig_switched("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &mux_h1);
	ck_assert_int_eq(r->n, 2);
	ck_assert_uint_ne(r->seen[1].flags & GATE_BADREQ, 0);
	rig_free(r);
}
END_TEST

START_TEST(an_end_seen_before_is_seen_after)
{
	struct rig *r = rig_pass();

	r->keep_in = true;
	say(r, "GET /x HTTP/1.1\r\nHost: a\r\n\r\nGET ");
	shutdown(r->fd, SHUT_WR);
	rig_turns(3);
	ck_assert_uint_ne(seen_of(r, 0)->g->flags & IN_END, 0);
	mux_switch(r->seen[0].g, NULL);
	r->seen[0].g = NULL;
	r->keep_in = false;
	r->echo = true;
	rig_turns(6);
	ck_assert_int_eq(r->n, 3);
	ck_assert_str_eq(r->seen[1].path, "/x");
	ck_assert_uint_ne(r->seen[2].flags & IN_ABORT, 0);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* --- towards servers --- */

static const struct mux_back_user back_user = { .gone = on_gone };

static struct rig *rig_back(void)
{
	struct rig *r = rig_new();

	r->conn->flags |= CONN_BACK;
	mux_pass.back(r->conn, &r->lim, &back_user, r);
	rig_turns(2);
	return r;
}

START_TEST(back_has_one_exchange)
{
	struct rig *r = rig_back();
	struct seen *s = &r->seen[r->n++];

	say(r, "220 hello\r\n");	/* a server that speaks first, before the gate is opened */
	ck_assert_int_eq(r->gone, 0);
	ck_assert_uint_eq(mux_pass.avail(r->conn), 1);
	s->body = sbuf_grow();
	s->g = mux_pass.open(r->conn, &r->mem, &front_fake, r);
	ck_assert_ptr_nonnull(s->g);
	ck_assert_uint_eq(mux_pass.avail(r->conn), 0);
	rig_turns(2);
	ck_assert_str_eq(sbuf_z(&s->body), "220 hello\r\n");
	spanq_push_copy(&s->g->out, "QUIT\r\n", 6);
	s->g->ops->end(s->g, NULL, 0);
	expect(r, "QUIT\r\n");
	ck_assert(r->eof);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

START_TEST(back_sees_the_end)
{
	struct rig *r = rig_back();
	struct seen *s = &r->seen[r->n++];

	s->body = sbuf_grow();
	s->g = mux_pass.open(r->conn, &r->mem, &front_fake, r);
	close(r->fd);
	r->fd = -1;
	rig_turns(3);
	ck_assert_uint_ne(s->g->flags & (IN_END | IN_ABORT), 0);
	seen_release(s);
	rig_turns(2);
	ck_assert_int_eq(r->gone, 1);
	rig_free(r);
}
END_TEST

/* --- pick --- */

START_TEST(pick_back)
{
	struct mux_words w = { 0 };

	ck_assert_ptr_eq(mux_pick_back(&w, true, STR_NONE), &mux_h1);
	ck_assert_ptr_eq(mux_pick_back(&w, false, STR_NONE), &mux_pass);
	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("http/1.1")), &mux_h1);
	w.proto = &mux_pass;
	ck_assert_ptr_eq(mux_pick_back(&w, true, STR("http/1.1")), &mux_pass);
}
END_TEST

START_TEST(the_table)
{
	struct sbuf b = sbuf_grow();

	ck_assert_ptr_eq(mux_find(STR("h1"), MUX_FRONT), &mux_h1);
	ck_assert_ptr_eq(mux_find(STR("none"), MUX_BACK), &mux_pass);
	ck_assert_ptr_null(mux_find(STR("spdy"), MUX_FRONT));
	mux_print_table(&b);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&b), "\n  <default> : mode=HTTP  side=FE|BE  mux=H1"));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&b), "\n       none : mode=TCP   side=FE|BE  mux=PASS"));
	sbuf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("pass");

	UNIT_TEST(s, the_gate_opens_at_once);
	UNIT_TEST(s, both_ends_are_one_close);
	UNIT_TEST(s, our_end_leaves_the_clients_direction_open);
	UNIT_TEST(s, bytes_read_before_come_first);
	UNIT_TEST(s, release_waits_for_the_last_bytes);
	UNIT_TEST(s, but_not_for_ever);
	UNIT_TEST(s, reset_and_kill);
	UNIT_TEST(s, bytes_become_http);
	UNIT_TEST(s, an_end_seen_before_is_seen_after);
	UNIT_TEST(s, back_has_one_exchange);
	UNIT_TEST(s, back_sees_the_end);
	UNIT_TEST(s, pick_back);
	UNIT_TEST(s, the_table);
	return unit_run(s);
}
