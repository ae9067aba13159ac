#include "tests/unit/unit.h"
#include "weir/log/profile.h"

#include <string.h>

START_TEST(the_nearest_part_speaks)
{
	struct log_profile p = { .file = "x" };

	ck_assert_ptr_null(log_profile_at(&p, LOG_STEP_CLOSE, false));
	p.steps[LOG_STEP_ANY].said = true;
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_CLOSE, false), &p.steps[LOG_STEP_ANY]);
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_KILLED, true), &p.steps[LOG_STEP_ANY]);
	p.steps[LOG_STEP_CLOSE].said = true;
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_CLOSE, true), &p.steps[LOG_STEP_CLOSE]);
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_HTTP_REQ, false), &p.steps[LOG_STEP_ANY]);
	p.steps[LOG_STEP_ERROR].said = true;
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_CLOSE, true), &p.steps[LOG_STEP_ERROR]);
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_CLOSE, false), &p.steps[LOG_STEP_CLOSE]);
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_ERROR, false), &p.steps[LOG_STEP_ERROR]);
	ck_assert_ptr_eq(log_profile_at(&p, LOG_STEP_KILLED, false), &p.steps[LOG_STEP_ERROR]);
	/* sentences about servers have no step */
	ck_assert_ptr_null(log_profile_at(&p, LOG_STEP_NONE, true));
}
END_TEST

START_TEST(every_step_has_an_origin)
{
	for (int i = 0; i < LOG_STEPS; i++)
		ck_assert_ptr_nonnull(log_step_rows[i].origin);
	ck_assert_str_eq(log_step_rows[LOG_STEP_CLOSE].origin, "txn_close");
	ck_assert_str_eq(log_step_rows[LOG_STEP_HTTP_AFTER].origin, "http-after-res");
	ck_assert(log_step_rows[LOG_STEP_CONNECT].regular && !log_step_rows[LOG_STEP_ERROR].regular);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("log_profile");

	UNIT_TEST(s, the_nearest_part_speaks);
	UNIT_TEST(s, every_step_has_an_origin);
	return unit_run(s);
}
