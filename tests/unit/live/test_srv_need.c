/* How many idle connections a server may keep, and how the estimate follows what is used. */
#include "tests/unit/unit.h"

#include "src/live/live_priv.h"
#include "weir/base/pool.h"

static struct server_line line;
static struct srv *s;

static void begin(unsigned low, unsigned delay)
{
	s = mem_zalloc(sizeof(*s));
	line.pool_low_conn = (int)low;
	line.pool_purge_delay = delay;
	s->line = &line;
}

/* n in use become idle. */
static void rest(uint32_t n)
{
	s->cur_used -= n;
	s->cur_idle += n;
}

static void use(uint32_t n)
{
	while (n--)
		srv_need_one_more(s);
}

START_TEST(what_was_used_at_once_may_stay)
{
	begin(0, 1000);
	use(3);
	ck_assert_uint_eq(s->need, 3);
	ck_assert_uint_eq(s->used_max, 3);
	ck_assert(srv_need_allows(s, 0));
	ck_assert(srv_need_allows(s, 2));
	rest(3);
	use(1);		/* a fourth one, opened although three are idle */
	ck_assert(!srv_need_allows(s, 3));
	ck_assert(srv_need_allows(s, 0));	/* each thread may have one */
	line.pool_low_conn = 1;
	ck_assert(srv_need_allows(s, 3));
	free(s);
}
END_TEST

START_TEST(the_estimate_follows_what_is_used)
{
	begin(0, 1000);
	use(8);
	rest(8);
	ck_assert_uint_eq(srv_need_purge(s, 8, 5000), 0);
	ck_assert_uint_eq(s->need, 8);
	ck_assert_uint_eq(s->used_max, 0);
	ck_assert_uint_eq(srv_need_purge(s, 8, 5500), 0);	/* the period is not over */
	ck_assert_uint_eq(s->need, 8);
	ck_assert_uint_eq(srv_need_purge(s, 8, 6000), 2);	/* four are needed, half of the rest goes */
	ck_assert_uint_eq(s->need, 4);
	s->cur_idle = 6;
	use(5);
	s->cur_idle = 1;
	ck_assert_uint_eq(s->need, 5);
	ck_assert_uint_eq(srv_need_purge(s, 1, 7000), 1);
	ck_assert_uint_eq(s->used_max, 5);	/* they are still in use */
	free(s);
}
END_TEST

START_TEST(threads_share_what_goes)
{
	begin(0, 1000);
	s->cur_idle = 100;
	ck_assert_uint_eq(srv_need_purge(s, 10, 1000), 5);
	ck_assert_uint_eq(srv_need_purge(s, 90, 1001), 45);
	ck_assert_uint_eq(srv_need_purge(s, 0, 1001), 0);
	s->cur_idle = 1;
	ck_assert_uint_eq(srv_need_purge(s, 1, 1001), 1);	/* the last one goes, too */
	s->cur_idle = 0;
	ck_assert_uint_eq(srv_need_purge(s, 0, 1001), 0);
	free(s);
}
END_TEST

int main(void)
{
	Suite *suite = unit_suite("need of server connections");

	UNIT_TEST(suite, what_was_used_at_once_may_stay);
	UNIT_TEST(suite, the_estimate_follows_what_is_used);
	UNIT_TEST(suite, threads_share_what_goes);
	return unit_run(suite);
}
