#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"
#include "weir/loop/loop.h"

struct end {
	struct fdev ev;
	int calls;
	uint32_t news;
	struct end *victim;	/* forgotten when an event comes */
};

static void on_event(struct fdev *f, uint32_t news)
{
	struct end *e = container_of(f, struct end, ev);

	e->calls++;
	e->news |= news;
	if (e->victim && e->victim->ev.fd >= 0)
		fdev_del(&e->victim->ev, true);
}

static void pair(int fd[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
}

START_TEST(edges_are_remembered)
{
	struct end e = { 0 };
	int fd[2];

	ck_assert(loop_enter());
	pair(fd);
	ck_assert(fdev_add(&e.ev, fd[0], on_event));
	loop_turn(0);
	ck_assert_uint_eq(e.ev.ready, EV_WRITE);
	ck_assert_int_eq(write(fd[1], "x", 1), 1);
	loop_turn(0);
	ck_assert_uint_eq(e.ev.ready, EV_WRITE | EV_READ);
	e.calls = 0;
	loop_turn(0);
	ck_assert_int_eq(e.calls, 0);	/* no news, no call */
	shutdown(fd[1], SHUT_WR);
	loop_turn(0);
	ck_assert(e.ev.ready & EV_RDHUP);
	fdev_del(&e.ev, true);
	ck_assert_int_eq(e.ev.fd, -1);
	close(fd[1]);
	loop_leave();
}
END_TEST

START_TEST(stale_event_of_a_batch_is_dropped)
{
	struct end a = { 0 }, b = { 0 };
	int p[2], q[2];

	ck_assert(loop_enter());
	pair(p);
	pair(q);
	ck_assert(fdev_add(&a.ev, p[0], on_event));
	ck_assert(fdev_add(&b.ev, q[0], on_event));
	a.victim = &b;
	b.victim = &a;
	loop_turn(0);			/* both have news: the first one called takes the other away */
	ck_assert_int_eq(a.calls + b.calls, 1);
	ck_assert_int_ne(a.ev.fd < 0, b.ev.fd < 0);
	loop_leave();
}
END_TEST

struct reuser {
	struct end e;
	struct end *other, *fresh;
	int newfd;
};

/* Closes the other descriptor and puts a new one under the same number. */
static void on_event_reuse(struct fdev *f, uint32_t news)
{
	struct reuser *r = container_of(f, struct reuser, e.ev);
	int old = r->other->ev.fd;

	if (old < 0)
		return;
	fdev_del(&r->other->ev, true);
	ck_assert_int_eq(dup2(r->newfd, old), old);
	ck_assert(fdev_add(&r->fresh->ev, old, on_event));
}

START_TEST(stale_event_does_not_reach_the_next_owner)
{
	struct end fresh[2] = { 0 };
	struct reuser r[2] = { 0 };
	int p[2], q[2], n[2];

	ck_assert(loop_enter());
	pair(p);
	pair(q);
	pair(n);
	for (int i = 0; i < 2; i++) {
		r[i].other = &r[!i].e;
		r[i].fresh = &fresh[i];
		r[i].newfd = n[0];
	}
	ck_assert(fdev_add(&r[0].e.ev, p[0], on_event_reuse));
	ck_assert(fdev_add(&r[1].e.ev, q[0], on_event_reuse));
	loop_turn(0);
	ck_assert_int_eq(fresh[0].calls + fresh[1].calls, 0);
	loop_turn(0);
	ck_assert_int_eq(fresh[0].calls + fresh[1].calls, 1);	/* its own first edge */
	loop_leave();
}
END_TEST

struct logged_task {
	struct task t;
	int name;
	struct logged_task *wakes;
};
static int order[64], norder;

static void run_logged(struct task *t)
{
	struct logged_task *l = container_of(t, struct logged_task, t);

	order[norder++] = l->name;
	if (l->wakes)
		task_wake(&l->wakes->t);
}

START_TEST(tasks_run_by_class_once)
{
	struct logged_task urgent = { .name = 1 }, normal = { .name = 2 }, idle = { .name = 3 };

	ck_assert(loop_enter());
	task_init(&urgent.t, run_logged, TASK_URGENT);
	task_init(&normal.t, run_logged, TASK_NORMAL);
	task_init(&idle.t, run_logged, TASK_IDLE);
	task_wake(&idle.t);
	task_wake(&normal.t);
	task_wake(&urgent.t);
	task_wake(&urgent.t);
	loop_turn(1000);
	ck_assert_int_eq(norder, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(order[i], i + 1);
	task_wake(&normal.t);
	task_cancel(&normal.t);
	loop_turn(0);
	ck_assert_int_eq(norder, 3);
	loop_leave();
}
END_TEST

START_TEST(task_that_wakes_itself_runs_once_per_turn)
{
	struct logged_task self = { .name = 1, .wakes = &self };

	ck_assert(loop_enter());
	task_init(&self.t, run_logged, TASK_NORMAL);
	task_wake(&self.t);
	for (int i = 1; i <= 5; i++) {
		loop_turn(1000);
		ck_assert_int_eq(norder, i);
	}
	loop_leave();
}
END_TEST

static void run_count(struct task *t)
{
	norder++;
}

START_TEST(bulk_is_bounded_per_turn)
{
	struct task *t = mem_zalloc(2000 * sizeof(*t));
	struct loop_stat st;

	ck_assert(loop_enter());
	for (int i = 0; i < 2000; i++) {
		task_init(&t[i], run_count, TASK_BULK);
		task_wake(&t[i]);
	}
	loop_turn(0);
	ck_assert_int_ge(norder, 1);
	ck_assert_int_le(norder, 200);
	loop_stats(0, &st);
	ck_assert_uint_eq(st.run_queue, 2000 - norder);
	while (norder < 2000)
		loop_turn(0);
	loop_stats(0, &st);
	ck_assert_uint_eq(st.run_queue, 0);
	ck_assert_uint_eq(st.tasks, 2000);
	loop_leave();
	free(t);
}
END_TEST

static int signals_seen;
static void on_signal(int signo)
{
	ck_assert_int_eq(thr_id(), 0);
	signals_seen |= 1 << signo;
}

START_TEST(signals_reach_the_loop)
{
	ck_assert(loop_enter());
	loop_on_signal(SIGUSR1, on_signal);
	loop_on_signal(SIGHUP, on_signal);
	raise(SIGUSR1);
	ck_assert_int_eq(signals_seen, 0);
	raise(SIGHUP);
	loop_turn(1000);
	ck_assert_int_eq(signals_seen, 1 << SIGUSR1 | 1 << SIGHUP);
	loop_on_signal(SIGUSR1, NULL);
	raise(SIGUSR1);
	loop_turn(0);
	loop_leave();
}
END_TEST

START_TEST(clock_is_cached_per_turn)
{
	struct wall w;
	uint64_t us;

	ck_assert(loop_enter());
	us = loop_us();
	usleep(3000);
	ck_assert_uint_eq(loop_us(), us);
	ck_assert_uint_ge(loop_us_exact(), us + 3000);
	w = loop_wall();
	ck_assert_int_gt(w.s, 1600000000);
	ck_assert_uint_lt(w.us, 1000000);
	loop_turn(0);
	ck_assert_uint_ge(loop_us(), us + 3000);
	ck_assert_uint_eq(loop_ms(), loop_us() / 1000);
	loop_leave();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("loop");

	UNIT_TEST(s, edges_are_remembered);
	UNIT_TEST(s, stale_event_of_a_batch_is_dropped);
	UNIT_TEST(s, stale_event_does_not_reach_the_next_owner);
	UNIT_TEST(s, tasks_run_by_class_once);
	UNIT_TEST(s, task_that_wakes_itself_runs_once_per_turn);
	UNIT_TEST(s, bulk_is_bounded_per_turn);
	UNIT_TEST(s, signals_reach_the_loop);
	UNIT_TEST(s, clock_is_cached_per_turn);
	return unit_run(s);
}
