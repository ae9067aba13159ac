/*
 * The few lines that every unit test would repeat.
 *
 *	START_TEST(adds) { ck_assert_int_eq(add(1, 2), 3); } END_TEST
 *
 *	int main(void)
 *	{
 *		Suite *s = unit_suite("numbers");
 *		UNIT_TEST(s, adds);
 *		return unit_run(s);
 *	}
 *
 * Each test is a case of its own: it runs in a child process, with a time limit.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <signal.h>
#include <stdlib.h>

#define UNIT_TEST(suite, test) unit_add(suite, #test, test, 0)

/* The test must end by this signal: SIGABRT for a failed assertion. */
#define UNIT_TEST_SIGNAL(suite, test, sig) unit_add(suite, #test, test, sig)

static inline Suite *unit_suite(const char *name)
{
	return suite_create(name);
}

static inline void unit_add(Suite *s, const char *name, const TTest *test, int sig)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 20);
	if (sig)
		tcase_add_test_raise_signal(tc, test, sig);
	else
		tcase_add_test(tc, test);
	suite_add_tcase(s, tc);
}

/* Runs the suite; what main() returns. Says only what failed and the summary. */
static inline int unit_run(Suite *s)
{
	SRunner *sr = srunner_create(s);
	int failed;

	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
