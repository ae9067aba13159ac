/* Who waits and who is let in: slots of servers, places for connections, descriptors. */
#include "tests/unit/live/lb_test.h"

#include "src/live/live_priv.h"
#include "weir/loop/loop.h"

static struct bk b;

/* One who waits, and what came of it. */
struct guest { struct pendconn *p; struct srv *got; int calls; };

static char order[64];
static int norder;

static void on_ready(void *arg, struct srv *s)
{
	struct guest *g = arg;

	g->got = s;
	g->calls++;
	g->p = NULL;
}

static void begin(int n)
{
	static const int weights[] = { 1, 1, 1 };

	ck_assert(loop_enter());
	bk_of(&b, &lb_roundrobin, weights, n);
	for (int i = 0; i < n; i++) {
		pthread_mutex_init(&b.srv[i].lock, NULL);
		list_init(&b.srv[i].conns_wait);
	}
}

static void end(void)
{
	loop_turn(0);
	for (int i = 0; i < b.n; i++)
		if (b.srv[i].thr[thr_id()])
			srv_leave_here(&b.srv[i]);
	bk_fini(&b);
	loop_leave();
}

static void enqueue(struct guest *g, struct srv *s, int64_t prio)
{
	*g = (struct guest){ 0 };
	g->p = queue_add(&b.p, s, prio, false, on_ready, g);
	ck_assert_ptr_nonnull(g->p);
}

/* One server with one place, which is taken. */
static struct srv *begin_taken(void)
{
	struct srv *s;

	begin(1);
	s = &b.srv[0];
	s->maxconn = 1;
	ck_assert(srv_slot_take(s));
	return s;
}

START_TEST(slots_grow_with_the_load)
{
	struct srv *s;

	begin(1);
	s = &b.srv[0];
	b.p.fullconn = 100;
	ck_assert_uint_eq(srv_slots(s), 0);
	s->maxconn = 10;
	ck_assert_uint_eq(srv_slots(s), 10);
	s->minconn = 2;
	ck_assert_uint_eq(srv_slots(s), 2);
	b.p.be.cur = 50;
	ck_assert_uint_eq(srv_slots(s), 5);
	b.p.be.cur = 99;
	ck_assert_uint_eq(srv_slots(s), 9);
	b.p.be.cur = 100;
	ck_assert_uint_eq(srv_slots(s), 10);
	b.p.be.cur = 4000000000u;
	ck_assert_uint_eq(srv_slots(s), 10);
	s->minconn = 20;	/* more than maxconn: maxconn counts */
	b.p.be.cur = 0;
	ck_assert_uint_eq(srv_slots(s), 10);
	end();
}
END_TEST

START_TEST(a_slot_goes_to_the_first_in_line)
{
	struct guest g[3];
	struct srv *s;

	s = begin_taken();
	ck_assert(!srv_slot_take(s));
	for (int i = 0; i < 3; i++)
		enqueue(&g[i], s, queue_prio(0, i));
	ck_assert_uint_eq(s->queued, 3);
	ck_assert_uint_eq(s->queued_max, 3);
	srv_slot_release(s);
	ck_assert_uint_eq(s->served, 1);	/* handed over, held */
	ck_assert(!srv_slot_take(s));		/* nobody overtakes */
	loop_turn(0);
	ck_assert_ptr_eq(g[0].got, s);
	ck_assert_int_eq(g[1].calls, 0);
	ck_assert_uint_eq(queue_cancel(g[2].p), 2);	/* one has left before it */
	srv_slot_release(s);
	loop_turn(0);
	ck_assert_ptr_eq(g[1].got, s);
	srv_slot_release(s);
	ck_assert_uint_eq(s->served + s->queued, 0);
	ck_assert_int_eq(g[2].calls, 0);
	end();
}
END_TEST

START_TEST(priorities)
{
	static const int64_t classes[] = { 0, 1, -1, 0, -1 };
	struct guest g[5];
	struct srv *s;

	s = begin_taken();
	for (int i = 0; i < 5; i++)
		enqueue(&g[i], s, queue_prio(classes[i], i == 3 ? -1000 : 0));
	for (norder = 0; norder < 5; norder++) {
		srv_slot_release(s);
		loop_turn(0);
		for (int i = 0; i < 5; i++)
			if (g[i].calls == 1) {
				order[norder] = (char)('0' + i);
				g[i].calls = 2;
			}
	}
	ck_assert_str_eq(order, "24301");
	/* The widest offsets do not lift anybody out of its class. */
	ck_assert_int_lt(queue_prio(-2047, 524287), queue_prio(-2046, -524288));
	ck_assert_int_lt(queue_prio(-1, 524287), queue_prio(0, -524288));
	srv_slot_release(s);
	end();
}
END_TEST

START_TEST(the_backend_s_queue_takes_any_server)
{
	struct guest g, h;

	begin(2);
	b.srv[0].maxconn = b.srv[1].maxconn = 1;
	ck_assert(srv_slot_take(&b.srv[0]) && srv_slot_take(&b.srv[1]));
	enqueue(&h, &b.srv[1], queue_prio(0, 5));
	enqueue(&g, NULL, queue_prio(0, 0));
	srv_slot_release(&b.srv[1]);	/* both could have it: who came first by date */
	loop_turn(0);
	ck_assert_ptr_eq(g.got, &b.srv[1]);
	ck_assert_int_eq(h.calls, 0);
	srv_slot_release(&b.srv[0]);	/* h is bound to its server's queue */
	loop_turn(0);
	ck_assert_int_eq(h.calls, 0);
	srv_slot_release(&b.srv[1]);
	loop_turn(0);
	ck_assert_ptr_eq(h.got, &b.srv[1]);
	srv_slot_release(&b.srv[1]);
	end();
}
END_TEST

START_TEST(a_full_queue_refuses)
{
	struct guest g, h;
	struct srv *s;

	begin(1);
	s = &b.srv[0];
	s->maxconn = 1;
	b.line[0].maxqueue = 1;
	ck_assert(srv_slot_take(s));
	enqueue(&g, s, 0);
	ck_assert_ptr_null(queue_add(&b.p, s, 0, false, on_ready, &h));
	ck_assert_uint_eq(queue_cancel(g.p), 1);
	srv_slot_release(s);
	end();
}
END_TEST

/* The slot was on its way when the one who waited gave up: the next one gets it. */
START_TEST(nothing_is_lost_with_the_mail)
{
	struct guest g, h;
	struct srv *s;

	s = begin_taken();
	enqueue(&g, s, queue_prio(0, 0));
	enqueue(&h, s, queue_prio(0, 1));
	srv_slot_release(s);
	queue_cancel(g.p);
	loop_turn(0);
	loop_turn(0);
	ck_assert_int_eq(g.calls, 0);
	ck_assert_ptr_eq(h.got, s);
	ck_assert_uint_eq(s->served, 1);
	srv_slot_release(s);
	ck_assert_uint_eq(s->served, 0);
	end();
}
END_TEST

START_TEST(who_may_leaves_a_server_that_is_gone)
{
	struct guest g, h;
	struct srv *s;

	s = begin_taken();
	enqueue(&g, s, 0);
	h = (struct guest){ .p = queue_add(&b.p, s, 0, true, on_ready, &h) };
	s->state = SRV_ST_STOPPED;
	ck_assert_uint_eq(queue_process(s), 0);		/* without option redispatch both wait */
	b.px.options |= PO_REDISPATCH;
	ck_assert_uint_eq(queue_process(s), 1);
	loop_turn(0);
	ck_assert_int_eq(g.calls, 1);
	ck_assert_ptr_null(g.got);
	ck_assert_int_eq(h.calls, 0);
	queue_cancel(h.p);
	srv_slot_release(s);
	end();
}
END_TEST

START_TEST(more_slots_at_run_time)
{
	struct guest g[2];
	struct srv *s;

	begin(1);
	pthread_mutex_init(&live_get()->state_lock, NULL);
	s = &b.srv[0];
	s->maxconn = 1;
	ck_assert(srv_slot_take(s));
	enqueue(&g[0], s, 0);
	enqueue(&g[1], s, 1);
	ck_assert_ptr_null(srv_change_maxconn(s, STR("3")));
	loop_turn(0);
	ck_assert(g[0].calls == 1 && g[1].calls == 1);
	ck_assert_uint_eq(s->served, 3);
	ck_assert_str_eq(srv_change_maxconn(s, STR("")), "Require <maxconn>.");
	ck_assert_str_eq(srv_change_maxconn(s, STR("x")), "maxconn string empty or preceded by garbage");
	ck_assert_str_eq(srv_change_maxconn(s, STR("99999999999")), "maxconn string empty or preceded by garbage");
	ck_assert_str_eq(srv_change_maxconn(s, STR("3x")), "Trailing garbage in maxconn string");
	ck_assert_uint_eq(s->maxconn, 3);
	for (int i = 0; i < 3; i++)
		srv_slot_release(s);
	end();
}
END_TEST

/* --- strict-maxconn --- */

static void note(void *arg)
{
	order[norder++] = *(char *)arg;
	order[norder] = 0;
}

START_TEST(places_for_connections_in_order)
{
	struct conn_wait *w[3];
	struct srv *s;

	begin(1);
	s = &b.srv[0];
	s->maxconn = 2;
	norder = 0;
	ck_assert(srv_conn_take(s) && srv_conn_take(s));
	ck_assert(!srv_conn_take(s));
	for (int i = 0; i < 3; i++)
		w[i] = conn_wait_add(s, note, (void *)&"abc"[i]);
	ck_assert_uint_eq(s->conns_wanted, 3);
	conn_wait_cancel(w[1]);
	srv_conn_put(s);
	ck_assert(!srv_conn_take(s));		/* held for the first */
	conn_wait_cancel(w[0]);			/* who gives up while it is on its way: the next one gets it */
	loop_turn(0);
	loop_turn(0);
	ck_assert_str_eq(order, "c");
	ck_assert_uint_eq(s->conns, 2);
	srv_conn_put(s);
	srv_conn_put(s);
	ck_assert_uint_eq(s->conns + s->conns_wanted, 0);
	end();
}
END_TEST

START_TEST(descriptors_in_order)
{
	struct fd_wait *w;
	struct srv *s;

	begin(1);
	s = &b.srv[0];
	norder = 0;
	ck_assert(fd_wait_nobody(s));
	shortage_eases(s);
	fd_wait_add(s, note, (void *)"a");
	w = fd_wait_add(s, note, (void *)"b");
	fd_wait_add(s, note, (void *)"c");
	loop_turn(0);
	ck_assert_int_eq(norder, 0);	/* what came free before is not remembered */
	shortage_eases(s);
	loop_turn(0);
	ck_assert_str_eq(order, "a");
	fd_wait_cancel(w);
	shortage_eases(s);
	shortage_eases(s);
	loop_turn(0);
	ck_assert_str_eq(order, "ac");
	ck_assert(fd_wait_nobody(s));
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("queue");

	UNIT_TEST(s, slots_grow_with_the_load);
	UNIT_TEST(s, a_slot_goes_to_the_first_in_line);
	UNIT_TEST(s, priorities);
	UNIT_TEST(s, the_backend_s_queue_takes_any_server);
	UNIT_TEST(s, a_full_queue_refuses);
	UNIT_TEST(s, nothing_is_lost_with_the_mail);
	UNIT_TEST(s, who_may_leaves_a_server_that_is_gone);
	UNIT_TEST(s, more_slots_at_run_time);
	UNIT_TEST(s, places_for_connections_in_order);
	UNIT_TEST(s, descriptors_in_order);
	return unit_run(s);
}
