/* Pools of server connections: which one an exchange gets, which ones stay, who they belong to. */
#include "src/live/bconn.c"	/* first: Check has a macro fail() */

#include "tests/unit/live/pool.h"

static struct bconn *opened(struct fake *f, struct srv *s)
{
	return fake_open(f, s, &bconn_mux_user);
}

static struct bconn *idle(struct fake *f, struct srv *s)
{
	struct bconn *b = opened(f, s);

	bconn_idle(&f->c, b);
	return b;
}

/* n of them in use at the same time, which then rest in that order. */
static void rest(struct fake *f, int n, struct srv *s)
{
	for (int i = 0; i < n; i++)
		opened(&f[i], s);
	for (int i = 0; i < n; i++)
		bconn_idle(&f[i].c, f[i].b);
}

static void holds(struct srv *s, unsigned idle_now, unsigned used)
{
	ck_assert_uint_eq(s->cur_idle, idle_now);
	ck_assert_uint_eq(s->cur_used, used);
}

/* Nothing is left of it. */
static void end(struct srv *s)
{
	struct srv_thr *t = srv_own(s);

	bconn_close_idle_here(s);
	holds(s, 0, 0);
	ck_assert_uint_eq(t->nidle, 0);
	ck_assert(list_empty(&t->idle) && list_empty(&t->avail) && list_empty(&t->resting) && list_empty(&t->opening));
	loop_turn(0);
	loop_leave();
}

/* What was used last is used first, so that the oldest ones age. */
START_TEST(the_youngest_first)
{
	struct fake f[3];
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	r = ask(s);
	ck_assert_ptr_null(bconn_reuse(&r));
	rest(f, 3, s);
	holds(s, 3, 0);
	ck_assert_ptr_eq(bconn_reuse(&r), f[2].b);
	ck_assert(f[2].c.flags & CONN_REUSED && !f[2].b->is_idle);
	holds(s, 2, 1);
	ck_assert_ptr_eq(bconn_reuse(&r), f[1].b);
	bconn_idle(&f[2].c, f[2].b);
	ck_assert_ptr_eq(bconn_reuse(&r), f[2].b);
	ck_assert_uint_eq(srv_own(s)->nidle, 1);
	ck_assert(bconn_close_one_here(s));
	ck_assert_int_eq(f[0].killed, 1);
	ck_assert(!bconn_close_one_here(s));
	fake_kill(&f[1].c);
	fake_kill(&f[2].c);
	end(s);
}
END_TEST

START_TEST(what_does_not_fit)
{
	struct server_line other;
	struct fake f;
	struct bconn_req r, odd;
	struct bconn *b;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	b = idle(&f, s);
	odd = r = ask(s);
	odd.key = bconn_key_add(0, STR("name"));
	ck_assert_ptr_null(bconn_reuse(&odd));
	odd = r;
	odd.line = &other;
	ck_assert_ptr_null(bconn_reuse(&odd));
	odd = r;
	odd.conf = NULL;
	ck_assert_ptr_null(bconn_reuse(&odd));
	odd = r;
	odd.want_new = true;
	ck_assert_ptr_null(bconn_reuse(&odd));
	f.room = 0;
	ck_assert_ptr_null(bconn_reuse(&r));
	f.room = 1;
	s->addr_turn++;		/* it goes where the server was before */
	ck_assert_ptr_null(bconn_reuse(&r));
	s->addr_turn--;
	b->close_when_idle = true;
	ck_assert_ptr_null(bconn_reuse(&r));
	b->close_when_idle = false;
	ck_assert_ptr_eq(bconn_reuse(&r), b);
	fake_kill(&f.c);
	end(s);
}
END_TEST

START_TEST(keys)
{
	uint64_t a = bconn_key_add(0, STR("a"));

	ck_assert_uint_eq(bconn_key_add(a, STR("")), a);
	ck_assert_uint_eq(bconn_key_add(a, STR_NONE), a);
	ck_assert_uint_ne(bconn_key_add(a, STR("b")), bconn_key_add(bconn_key_add(0, STR("b")), STR("a")));
	ck_assert_uint_ne(bconn_key_add(0, STR("a")), bconn_key_add(0, STR("b")));
}
END_TEST

/* http-reuse: what the first request of a client may take. */
START_TEST(policies)
{
	struct proxy be;
	struct fake f;
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	idle(&f, s);
	r = ask(s);
	be = *r.be;
	r.be = &be;
	r.first_req = true;
	be.reuse = REUSE_NEVER;
	ck_assert_ptr_null(bconn_reuse(&r));
	be.reuse = REUSE_SAFE;
	be.reuse_said = true;
	r.replayable = true;
	ck_assert_ptr_null(bconn_reuse(&r));
	be.reuse_said = false;
	r.replayable = false;
	ck_assert_ptr_null(bconn_reuse(&r));
	be.reuse = REUSE_AGGRESSIVE;	/* only what was reused before */
	ck_assert_ptr_null(bconn_reuse(&r));
	f.b->served = 2;
	ck_assert_ptr_eq(bconn_reuse(&r), f.b);
	bconn_idle(&f.c, f.b);
	be.reuse = REUSE_SAFE;
	r.replayable = true;
	ck_assert_ptr_eq(bconn_reuse(&r), f.b);
	bconn_idle(&f.c, f.b);
	be.reuse_said = true;
	r.first_req = false;
	ck_assert_ptr_eq(bconn_reuse(&r), f.b);
	bconn_idle(&f.c, f.b);
	be.reuse = REUSE_ALWAYS;
	r.first_req = true;
	r.replayable = false;
	ck_assert_ptr_eq(bconn_reuse(&r), f.b);
	fake_kill(&f.c);
	end(s);
}
END_TEST

/* One that carries others has room for one more: it comes before those that rest, and stays where it is. */
START_TEST(with_others_on_it)
{
	struct fake f[2];
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	rest(f, 2, s);
	r = ask(s);
	ck_assert_ptr_eq(bconn_reuse(&r), f[1].b);
	f[1].room = 5;
	bconn_room(&f[1].c, f[1].b);
	bconn_room(&f[1].c, f[1].b);	/* said twice, it is there once */
	ck_assert_ptr_eq(bconn_reuse(&r), f[1].b);
	ck_assert_ptr_eq(bconn_reuse(&r), f[1].b);
	holds(s, 1, 1);
	f[1].room = 0;
	ck_assert_ptr_eq(bconn_reuse(&r), f[0].b);
	bconn_discard(f[1].b);
	ck_assert_int_eq(f[1].drained, 1);
	bconn_room(&f[1].c, f[1].b);	/* who leaves offers no room any more */
	ck_assert(list_empty(&srv_own(s)->avail));
	bconn_idle(&f[1].c, f[1].b);
	ck_assert_int_eq(f[1].killed, 1);
	fake_kill(&f[0].c);
	end(s);
}
END_TEST

/* Kept idle or closed at once. */
START_TEST(what_is_not_kept)
{
	struct fake f[4];
	struct srv *s;

	pool_begin();
	rest(f, 4, s = pool_server("two"));
	ck_assert_int_eq(f[1].killed + f[0].killed, 0);
	ck_assert_int_eq(f[2].killed + f[3].killed, 2);
	holds(s, 2, 0);
	bconn_close_idle_here(s);
	idle(&f[0], s = pool_server("never"));
	ck_assert_int_eq(f[0].killed, 1);
	s = pool_server("once");
	opened(&f[0], s)->served = 2;	/* used once more after its first time */
	bconn_idle(&f[0].c, f[0].b);
	ck_assert_int_eq(f[0].killed, 1);
	s = pool_server("s");
	s->conns_wanted = 1;		/* its place is what somebody waits for */
	idle(&f[0], s);
	ck_assert_int_eq(f[0].killed, 1);
	s->conns_wanted = 0;
	srv_set_admin(s, SRV_ADM_FMAINT, true, NULL);
	idle(&f[0], s);
	ck_assert_int_eq(f[0].killed, 1);
	srv_set_admin(s, SRV_ADM_FMAINT, false, NULL);
	opened(&f[0], s);
	s->addr_turn++;
	bconn_idle(&f[0].c, f[0].b);
	ck_assert_int_eq(f[0].killed, 1);
	live_get()->stopping = true;
	idle(&f[0], s);
	ck_assert_int_eq(f[0].killed, 1);
	live_get()->stopping = false;
	idle(&f[0], s);
	ck_assert_int_eq(f[0].killed, 0);
	end(s);
}
END_TEST

/* A server that asks for it (NTLM) makes a connection its client's own. */
START_TEST(private_ones)
{
	struct fake f[3];
	struct list mine, yours;
	struct bconn_req r;
	int me;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	list_init(&mine);
	list_init(&yours);
	opened(&f[0], s);
	bconn_set_session(f[0].b, &me, &mine);
	f[0].c.flags |= CONN_PRIVATE;
	bconn_idle(&f[0].c, f[0].b);
	ck_assert_ptr_eq(f[0].b->session, &me);
	holds(s, 1, 0);
	ck_assert_uint_eq(srv_own(s)->nidle, 0);	/* not the pool's */
	r = ask(s);
	ck_assert_ptr_null(bconn_reuse(&r));
	r.priv = &yours;
	ck_assert_ptr_null(bconn_reuse(&r));
	r.priv = &mine;
	ck_assert_ptr_eq(bconn_reuse(&r), f[0].b);
	bconn_idle(&f[0].c, f[0].b);
	/* One without a client left has nobody to belong to. */
	opened(&f[1], s)->conn->flags |= CONN_PRIVATE;
	bconn_idle(&f[1].c, f[1].b);
	ck_assert_int_eq(f[1].killed, 1);
	/* A descriptor or a place is needed: the pool's go first, then the clients' own. */
	idle(&f[2], s);
	ck_assert(bconn_close_one_here(s));
	ck_assert(f[2].killed == 1 && !f[0].killed);
	bconn_close_idle_here(s);
	ck_assert_int_eq(f[0].killed, 0);
	bconn_session_end(&mine);
	ck_assert_int_eq(f[0].killed, 1);
	ck_assert(list_empty(&mine));
	end(s);
}
END_TEST

/* The purge takes the oldest ones, half of what is too much. */
START_TEST(purged)
{
	struct fake f[8];
	struct srv_thr *t;
	struct srv *s;

	pool_begin();
	s = pool_server("s");
	rest(f, 8, s);
	t = srv_own(s);
	ck_assert(timer_armed(&t->purge));
	s->need = s->used_max = 0;
	s->need_ms = loop_ms();		/* the period goes on: nothing new is learnt */
	bconn_purge(&t->purge);
	holds(s, 4, 0);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(f[i].killed, i < 4);
	ck_assert(timer_armed(&t->purge));
	for (int i = 0; i < 3; i++)
		bconn_purge(&t->purge);
	holds(s, 0, 0);
	timer_stop(&t->purge);
	bconn_purge(&t->purge);
	ck_assert(!timer_armed(&t->purge));	/* nothing is left to look after */
	end(s);
}
END_TEST

START_TEST(whether_to_ask_for_h2c)
{
	struct fake f;
	struct srv *s, *plain;

	pool_begin();
	plain = pool_server("s");
	s = pool_server("h2c");
	ck_assert(srv_asks_h2c(s, s->line) && !srv_asks_h2c(plain, plain->line));
	opened(&f, s);
	bconn_upgraded(&f.c, f.b, false);
	ck_assert(!srv_asks_h2c(s, s->line));
	ck_assert_uint_eq(cnt_sum(&s->cnt, C_H2C_REFUSED), 1);
	ck_assert_uint_eq(cnt_sum(&s->px->be, C_H2C_REFUSED), 1);
	s->h2c_refused_ms = loop_ms() - 9999;
	ck_assert(!srv_asks_h2c(s, s->line));
	s->h2c_refused_ms = loop_ms() - 10000;
	ck_assert(srv_asks_h2c(s, s->line));
	srv_answered_h2c(s, false);
	srv_set_stopped(s, "test");	/* it may come back as something else */
	ck_assert(srv_asks_h2c(s, s->line));
	srv_set_running(s, "test");
	bconn_upgraded(&f.c, f.b, true);
	ck_assert(srv_asks_h2c(s, s->line));
	ck_assert_uint_eq(cnt_sum(&s->cnt, C_H2C_UPGRADE), 1);
	fake_kill(&f.c);
	end(s);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("bconn");

	UNIT_TEST(s, the_youngest_first);
	UNIT_TEST(s, what_does_not_fit);
	UNIT_TEST(s, keys);
	UNIT_TEST(s, policies);
	UNIT_TEST(s, with_others_on_it);
	UNIT_TEST(s, what_is_not_kept);
	UNIT_TEST(s, private_ones);
	UNIT_TEST(s, purged);
	UNIT_TEST(s, whether_to_ask_for_h2c);
	return unit_run(s);
}
