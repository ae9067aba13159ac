#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/base/atomic.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"
#include "weir/loop/loop.h"

#define THREADS 4
#define ROUNDS 2000

static int started, stopped, turned;
static int delivered[THREADS];

struct note {
	struct mail mail;
	int from, seq, hops;
};
static int last_seq[THREADS][THREADS];

static void arrived(struct mail *m)
{
	struct note *n = container_of(m, struct note, mail);
	int me = thr_id();

	ck_assert_int_gt(n->seq, last_seq[me][n->from]);	/* one sender's mail keeps its order */
	last_seq[me][n->from] = n->seq;
	delivered[me]++;
	free(n);
}

static void send_note(int to, int seq)
{
	struct note *n = mem_zalloc(sizeof(*n));

	n->mail.deliver = arrived;
	n->from = thr_id();
	n->seq = seq;
	mail_send(to, &n->mail);
}

static void start(int thread)
{
	ck_assert_int_eq(thread, thr_id());
	ck_assert_int_eq(thr_count(), THREADS);
	atom_add(&started, 1);
	for (int i = 1; i <= ROUNDS; i++)
		send_note(i % THREADS, i);
}

static void stop(int thread)
{
	atom_add(&stopped, 1);
}

static void turn(int thread)
{
	atom_add(&turned, 1);
}

static struct timer ender;
static void end(struct timer *t)
{
	loop_stop();
}

static void start_and_end(int thread)
{
	start(thread);
	if (thread == 0) {
		timer_init(&ender, end);
		timer_set(&ender, 100);
	}
}

START_TEST(mail_between_threads)
{
	static const struct loop_thread_ops ops = { start_and_end, turn, stop };
	int sum = 0;

	ck_assert_int_eq(loop_run(THREADS, NULL, &ops), 0);
	ck_assert_int_eq(started, THREADS);
	ck_assert_int_eq(stopped, THREADS);
	ck_assert_int_ge(turned, THREADS);
	for (int i = 0; i < THREADS; i++)
		sum += delivered[i];
	ck_assert_int_eq(sum, THREADS * ROUNDS);
}
END_TEST

/* A note wanders from thread to thread: each hop wakes a sleeping receiver. */
static void hop(struct mail *m)
{
	struct note *n = container_of(m, struct note, mail);

	if (--n->hops) {
		mail_send((thr_id() + 1) % THREADS, m);
		return;
	}
	delivered[0]++;
	free(n);
	loop_stop();
}

static void start_hops(int thread)
{
	struct note *n;

	if (thread)
		return;
	n = mem_zalloc(sizeof(*n));
	n->mail.deliver = hop;
	n->hops = 5000;
	mail_send(1, &n->mail);
}

START_TEST(sleepers_are_woken)
{
	static const struct loop_thread_ops ops = { .start = start_hops };

	ck_assert_int_eq(loop_run(THREADS, (int[]){ 0, -1, -1, -1 }, &ops), 0);
	ck_assert_int_eq(delivered[0], 1);
}
END_TEST

static int visits;
static void visit(void *arg)
{
	atom_add((int *)arg, 1);
}

static void visited(void *arg)
{
	ck_assert_int_eq(thr_id(), 2);
	ck_assert_int_eq(atom_get((int *)arg), THREADS);
	loop_stop();
}

static void start_broadcast(int thread)
{
	if (thread == 2)
		mail_broadcast(visit, visited, &visits);
}

START_TEST(broadcast_reaches_all_then_comes_back)
{
	static const struct loop_thread_ops ops = { .start = start_broadcast };

	ck_assert_int_eq(loop_run(THREADS, NULL, &ops), 0);
	ck_assert_int_eq(visits, THREADS);
}
END_TEST

static void stop_on_signal(int signo)
{
	ck_assert_int_eq(thr_id(), 0);
	loop_stop();
}

static void start_raise(int thread)
{
	if (thread == 3)
		kill(getpid(), SIGTERM);
}

START_TEST(signal_ends_the_loops)
{
	static const struct loop_thread_ops ops = { .start = start_raise };
	struct loop_stat st;

	loop_on_signal(SIGTERM, stop_on_signal);
	ck_assert_int_eq(loop_run(THREADS, NULL, &ops), 0);
	loop_stats(0, &st);
	ck_assert_uint_eq(st.turns, 0);		/* nothing is left of them */
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("threads");

	UNIT_TEST(s, mail_between_threads);
	UNIT_TEST(s, sleepers_are_woken);
	UNIT_TEST(s, broadcast_reaches_all_then_comes_back);
	UNIT_TEST(s, signal_ends_the_loops);
	return unit_run(s);
}
