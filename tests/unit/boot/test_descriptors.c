#include "tests/unit/model/load.h"

#include <sys/resource.h>
#include "weir/sys/limits.h"

#define PLAIN "global\n\tnbthread 2\n%s" HTTP "frontend f\n\tbind 127.0.0.1:8080\n\tdefault_backend b\n" \
	      "backend b\n\tserver s 127.0.0.1:1 check\n\tserver t 127.0.0.1:2\n%s"

static struct conf *with(const char *global, const char *more)
{
	char text[2048];

	snprintf(text, sizeof(text), PLAIN, global, more);
	return good(text);
}

static unsigned fixed(const char *global, const char *more)
{
	struct conf *c = with(global, more);
	unsigned n = descriptors_fixed(c);

	conf_unref(c);
	return n;
}

START_TEST(what_is_no_connection)
{
	unsigned plain = fixed("", "");

	ck_assert_uint_eq(plain, 10 + 2 * 3 + 2 + 1);	/* threads, a socket for each, a check */
	ck_assert_uint_eq(fixed("\tnoreuseport\n", ""), plain - 1);
	ck_assert_uint_eq(fixed("\tstats socket /tmp/x\n\tstats maxconn 20\n", ""), plain + 21);
	ck_assert_uint_eq(fixed("", "\tserver u 127.0.0.1:3 check agent-check agent-port 9\n"), plain + 2);
	ck_assert_uint_eq(fixed("", "frontend g\n\tbind /tmp/y\n\tbind 127.0.0.1:81 shards 1\n"), plain + 2);
}
END_TEST

/* Settles under a hard limit of 1024, which root could raise. */
static bool settles(const char *global, const char *more, struct global *out)
{
	struct rlimit lim = { 512, 1024 };
	struct cmdline none = { .progname = "weir" };
	struct conf *c = with(global, more);
	bool ok;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &lim), 0);
	sbuf_clear(&said);
	diag = (struct diag){ .keep = &said };
	ok = limits_settle(&none, c, &diag);
	*out = c->global;
	conf_unref(c);
	return ok;
}

static uint64_t soft_limit(void)
{
	uint64_t soft, hard;

	limits_nofile(&soft, &hard);
	return soft;
}

START_TEST(from_the_limit)
{
	struct global g;

	ck_assert(settles("", "", &g));
	ck_assert_uint_eq(g.maxconn, (1024 - 19) / 2);
	ck_assert_uint_eq(g.maxpipes, 0);
	ck_assert_uint_eq(soft_limit(), g.maxsock);
	ck_assert(settles("", "\toption splice-auto\n", &g));
	ck_assert_uint_eq(g.maxpipes, g.maxconn / 4);
	ck_assert_uint_le(g.maxsock, 1024);
	ck_assert(settles("\tnosplice\n", "\toption splice-auto\n", &g));
	ck_assert_uint_eq(g.maxpipes, 0);
}
END_TEST

START_TEST(never_more_than_said)
{
	struct global g;

	ck_assert(settles("\tfd-hard-limit 319\n", "", &g));
	ck_assert_uint_eq(g.maxconn, 150);
	ck_assert_uint_eq(soft_limit(), 319);
	ck_assert(settles("\tulimit-n 419\n", "", &g));
	ck_assert_uint_eq(g.maxconn, 200);
	ck_assert_uint_eq(soft_limit(), 419);
}
END_TEST

START_TEST(what_cannot_be_had)
{
	struct global g;

	ck_assert(!settles("\tfd-hard-limit 300\n\tmaxconn 1000\n", "", &g));
	ck_assert(has_said("Cannot raise FD limit to 2019, limit is 300."));
	ck_assert(!settles("\tulimit-n 300\n\tmaxconn 1000\n", "", &g));
	ck_assert(has_said("maxconn needs 2019 descriptors, 'ulimit-n' allows 300."));
	ck_assert(settles("\tulimit-n 300\n\tmaxconn 1000\n\tno strict-limits\n", "", &g));
	ck_assert(has_said("[WARNING]") && !has_said("[ALERT]"));
	ck_assert_uint_eq(g.maxconn, 1000);
	ck_assert_uint_eq(g.maxsock, 2019);
	ck_assert_uint_eq(soft_limit(), 300);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("descriptors");
	int failed;

	tables_up();
	UNIT_TEST(s, what_is_no_connection);
	UNIT_TEST(s, from_the_limit);
	UNIT_TEST(s, never_more_than_said);
	UNIT_TEST(s, what_cannot_be_had);
	failed = unit_run(s);
	sbuf_fini(&said);
	return failed;
}
