/* Exchanges that wait for a connection which another one opens: who may, and what they are told. */
#include "tests/unit/live/pool.h"

/* One who waits. */
struct waiter {
	struct bconn_guest g;
	struct waiter *drags;		/* leaves when this one is told */
	int opened, failed, taken;
	enum conn_err err;
	struct bconn *b;
};

static char told[32];

static void note(struct waiter *w, char what)
{
	size_t n = strlen(told);

	told[n] = what;
	told[n + 1] = 0;
	if (w->drags)
		bconn_leave(&w->drags->g);
}

static void on_open(void *arg)
{
	struct waiter *w = arg;

	w->opened++;
	note(w, 'o');
}

static void on_fail(void *arg, enum conn_err err)
{
	struct waiter *w = arg;

	w->failed++;
	w->err = err;
	note(w, 'f');
}

static const struct bconn_user new_owner = { 0 };

static const struct bconn_user *on_take(struct bconn *b, void *arg)
{
	struct waiter *w = arg;

	w->taken++;
	w->b = b;
	return &new_owner;
}

static const struct bconn_guest_user guest_user = { .open = on_open, .fail = on_fail, .take = on_take };

static bool join(struct waiter *w, const struct bconn_req *r)
{
	*w = (struct waiter){ .g = { .user = &guest_user, .arg = w } };
	list_init(&w->g.link);
	return bconn_join(r, &w->g);
}

/* One that is on its way to s. */
static struct bconn *opening(struct fake *f, struct srv *s)
{
	struct bconn *b = fake_open(f, s, NULL);

	f->c.flags = CONN_BACK;
	list_push(&srv_own(s)->opening, &b->link);
	return b;
}

static void close_fake(struct fake *f)
{
	list_del(&f->b->link);
	f->b->srv->cur_used--;
	conf_unref(f->b->conf);
	pool_put(f->b, sizeof(*f->b));
}

static void end(void)
{
	loop_turn(0);
	loop_leave();
}

/* What a connection will speak is known beforehand. */
START_TEST(for_many)
{
	struct bconn_req r;

	pool_begin();
	r = ask(pool_server("h2"));
	ck_assert(bconn_for_many(&r));
	r.upgrade = true;	/* a websocket wants one for itself */
	ck_assert(!bconn_for_many(&r));
	r.upgrade = false;
	r.ws = WS_H2;
	ck_assert(!bconn_for_many(&r));
	r.ws = WS_AS_IS;
	r.http = false;
	ck_assert(!bconn_for_many(&r));
	r = ask(pool_server("s"));
	ck_assert(!bconn_for_many(&r));
	r = ask(pool_server("h2c"));
	ck_assert(!bconn_for_many(&r));
	end();
}
END_TEST

START_TEST(who_may_wait)
{
	struct waiter w;
	struct proxy be;
	struct fake f;
	struct bconn_req r, odd;
	struct srv *s;

	pool_begin();
	s = pool_server("h2");
	odd = r = ask(s);
	ck_assert(!join(&w, &r));	/* nobody opens one */
	opening(&f, s);
	odd.want_new = true;
	ck_assert(!join(&w, &odd));
	odd = r;
	odd.key = 1;
	ck_assert(!join(&w, &odd));
	odd = r;
	odd.conf = NULL;
	ck_assert(!join(&w, &odd));
	f.b->addr_turn++;
	ck_assert(!join(&w, &r));
	f.b->addr_turn--;
	be = *r.be;
	odd = r;
	odd.be = &be;
	be.reuse = REUSE_NEVER;
	ck_assert(!join(&w, &odd));
	odd.first_req = true;
	be.reuse = REUSE_AGGRESSIVE;	/* it has carried nothing yet */
	ck_assert(!join(&w, &odd));
	be.reuse = REUSE_SAFE;
	be.reuse_said = true;
	odd.replayable = true;
	ck_assert(!join(&w, &odd));
	be.reuse_said = false;
	ck_assert(join(&w, &odd));
	bconn_leave(&w.g);
	be.reuse = REUSE_ALWAYS;
	ck_assert(join(&w, &odd));
	ck_assert(!w.g.briefly);
	bconn_leave(&w.g);
	close_fake(&f);
	end();
}
END_TEST

/* The exchange that opens it counts, and max-reuse does. */
START_TEST(no_more_than_fit)
{
	struct waiter w[200];
	struct fake f, g;
	struct bconn_req r;
	struct srv *s;
	int n = 0;

	pool_begin();
	s = pool_server("solo");
	r = ask(s);
	opening(&f, s);
	ck_assert(join(&w[0], &r) && join(&w[1], &r));
	ck_assert(!join(&w[2], &r));
	opening(&g, s);			/* the next one has room */
	ck_assert(join(&w[2], &r));
	ck_assert(list_first(&g.b->guests, struct bconn_guest, link) == &w[2].g);
	for (int i = 0; i < 3; i++)
		bconn_leave(&w[i].g);
	close_fake(&f);
	close_fake(&g);
	s = pool_server("h2");
	r = ask(s);
	opening(&f, s);
	while (n < 200 && join(&w[n], &r))
		n++;
	ck_assert_int_eq(n, 99);	/* 100 streams are what servers allow, and one is the opener's */
	while (n)
		bconn_leave(&w[--n].g);
	close_fake(&f);
	end();
}
END_TEST

/* What may turn out to carry one exchange only is waited for when seven others are on their way. */
START_TEST(in_hope)
{
	struct waiter w;
	struct fake f[8];
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("h2c");
	r = ask(s);
	r.hopeful = true;
	for (int i = 0; i < 8; i++) {
		ck_assert(!join(&w, &r));
		opening(&f[i], s);
	}
	ck_assert(join(&w, &r));
	ck_assert(w.g.briefly);
	ck_assert(list_first(&f[7].b->guests, struct bconn_guest, link) == &w.g);
	bconn_leave(&w.g);
	r.hopeful = false;
	ck_assert(!join(&w, &r));
	for (int i = 0; i < 8; i++)
		close_fake(&f[i]);
	end();
}
END_TEST

/* They are told in the order of coming, once; one of them may take others with it. */
START_TEST(told_in_order)
{
	struct waiter w[4];
	struct list guests;
	struct fake f;
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("h2");
	r = ask(s);
	opening(&f, s);
	for (int i = 0; i < 4; i++)
		ck_assert(join(&w[i], &r));
	bconn_leave(&w[1].g);
	w[0].drags = &w[2];
	guests_take(f.b, &guests);
	ck_assert(list_empty(&f.b->guests));
	guests_open(&guests);
	ck_assert(w[0].opened == 1 && !w[1].opened && !w[2].opened && w[3].opened == 1);
	for (int i = 0; i < 3; i++)
		ck_assert(join(&w[i], &r));
	w[0].drags = &w[1];
	guests_take(f.b, &guests);
	guests_fail(&guests, CERR_REFUSED);
	ck_assert(w[0].failed == 1 && !w[1].failed && w[2].failed == 1 && !w[2].opened);
	ck_assert_int_eq(w[2].err, CERR_REFUSED);
	ck_assert_str_eq(told, "ooff");
	close_fake(&f);
	end();
}
END_TEST

/* Told later in the turn: who has left until then hears nothing. */
START_TEST(told_later)
{
	struct waiter w[3];
	struct fake f;
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("h2");
	r = ask(s);
	opening(&f, s);
	for (int i = 0; i < 3; i++)
		ck_assert(join(&w[i], &r));
	guests_tell(f.b);
	guests_tell(f.b);
	close_fake(&f);		/* the connection itself may be gone by then */
	ck_assert_str_eq(told, "");
	bconn_leave(&w[1].g);
	loop_turn(0);
	ck_assert_str_eq(told, "oo");
	ck_assert(!w[1].opened);
	loop_turn(0);
	ck_assert_str_eq(told, "oo");
	end();
}
END_TEST

/* Who opens it leaves: the first in line is the opener from then on, and nobody is told. */
START_TEST(inherited)
{
	struct waiter w[2];
	struct fake f;
	struct bconn_req r;
	struct srv *s;

	pool_begin();
	s = pool_server("h2");
	r = ask(s);
	opening(&f, s);
	ck_assert(join(&w[0], &r) && join(&w[1], &r));
	bconn_abandon(f.b);
	ck_assert(w[0].taken == 1 && w[0].b == f.b && !w[1].taken);
	ck_assert(f.b->opener == &new_owner && f.b->opener_arg == &w[0]);
	bconn_abandon(f.b);
	ck_assert(w[1].taken == 1 && f.b->opener_arg == &w[1]);
	ck_assert(!guests_inherit(f.b));
	ck_assert_str_eq(told, "");
	close_fake(&f);
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("guests");

	UNIT_TEST(s, for_many);
	UNIT_TEST(s, who_may_wait);
	UNIT_TEST(s, no_more_than_fit);
	UNIT_TEST(s, in_hope);
	UNIT_TEST(s, told_in_order);
	UNIT_TEST(s, told_later);
	UNIT_TEST(s, inherited);
	return unit_run(s);
}
