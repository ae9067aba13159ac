#include <fcntl.h>
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

START_TEST(the_first_ones_are_large)
{
	struct pipe *all[40];
	int size = 0, large = 0;

	pipes_configure(40, 4096);
	all[0] = pipe_take();
	ck_assert_ptr_nonnull(all[0]);
	ck_assert_int_eq(fcntl(all[0]->in, F_GETPIPE_SZ), 4096);
	pipe_give(all[0]);
	pipes_flush();
	pipes_configure(40, 0);
	for (int i = 0; i < 40; i++) {
		all[i] = pipe_take();
		ck_assert_ptr_nonnull(all[i]);
		size = fcntl(all[i]->in, F_GETPIPE_SZ);
		large += size == 1024 * 1024;
	}
	ck_assert_int_le(large, 16);		/* fewer where the kernel refuses */
	ck_assert_int_lt(size, 1024 * 1024);
	for (int i = 0; i < 40; i++)
		pipe_give(all[i]);
	pipes_flush();
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
	UNIT_TEST(s, the_first_ones_are_large);
	UNIT_TEST(s, threads_share_the_limit);
	return unit_run(s);
}
