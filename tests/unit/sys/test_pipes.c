#include <pthread.h>
#include <unistd.h>
#include "tests/unit/unit.h"
#include "weir/sys/pipes.h"

START_TEST(taken_and_given)
{
	struct pipe *a, *b;

	pipes_configure(0, 0);
	ck_assert_ptr_null(pipe_take());
	pipes_configure(2, 65536);
	a = pipe_take();
	b = pipe_take();
	ck_assert(a && b);
	ck_assert_ptr_null(pipe_take());
	ck_assert_uint_eq(pipes_stats().used, 2);
	pipe_give(a);
	ck_assert_uint_eq(pipes_stats().free, 1);
	ck_assert_ptr_eq(pipe_take(), a);
	b->bytes = 5;					/* what is in it belongs to nobody any more */
	pipe_give(b);
	ck_assert_uint_eq(pipes_stats().used, 1);
	pipe_give(a);
	pipe_give(NULL);
	pipes_flush();
	ck_assert_uint_eq(pipes_stats().used + pipes_stats().free, 0);
}
END_TEST

static void *worker(void *arg)
{
	for (int i = 0; i < 1000; i++)
		pipe_give(pipe_take());
	pipes_flush();
	return NULL;
}

START_TEST(threads_share_the_limit)
{
	pthread_t t[4];

	pipes_configure(3, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, worker, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	ck_assert_uint_eq(pipes_stats().used + pipes_stats().free, 0);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("pipes");

	UNIT_TEST(s, taken_and_given);
	UNIT_TEST(s, threads_share_the_limit);
	return unit_run(s);
}
