/* What results do to a server: rise and fall, the words of the log, errors seen in traffic, and when the next check is
 * due. */
#include "check_world.h"

static int lines[2];

/* A backend whose events can be read. */
static void logged(const char *more)
{
	char text[600];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, lines), 0);
	snprintf(text, sizeof(text), CHECKED " log fd@%d format raw local0\n option log-health-checks\n" SERVER "%s",
		 lines[1], more);
	world(text);
}

/* One result, and what is logged of it; "" for nothing. */
static void result(enum chk_status status, int code, const char *info, const char *first, const char *second)
{
	struct chk_result r = { .status = status, .code = code, .took_ms = CHK_NO_TIME };
	const char *expect[] = { first, second };
	char got[1000];

	snprintf(r.info, sizeof(r.info), "%s", info);
	chk_judge_server(w.c, &r);
	turns(1);
	for (int i = 0; i < 2; i++) {
		ssize_t n = recv(lines[0], got, sizeof(got) - 1, 0);

		got[n > 0 ? n - (got[n - 1] == '\n') : 0] = 0;
		ck_assert_str_eq(got, expect[i]);
	}
	/* "backend be has no server available!" */
	ck_assert_int_eq(recv(lines[0], got, sizeof(got), 0) > 0, strstr(second, "is DOWN") != NULL);
}

#define FOR_S1 "Health check for server be/s1 "

START_TEST(falls_and_rises)
{
	logged("");
	result(CHK_L4OK, 0, "", FOR_S1 "succeeded, reason: Layer4 check passed, status: 2/2 UP.", "");
	result(CHK_L4OK, 0, "", "", "");	/* nothing new */
	result(CHK_L4CON, 0, "Connection refused",
	       FOR_S1 "failed, reason: Layer4 connection problem, info: \"Connection refused\", status: 1/2 UP.", "");
	ck_assert_int_eq(w.s->state, SRV_ST_RUNNING);
	result(CHK_L4CON, 0, "",
	       FOR_S1 "failed, reason: Layer4 connection problem, status: 0/2 DOWN.",
	       "Server be/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining "
	       "in queue.");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPED);
	ck_assert_uint_eq(w.c->failures, 2);
	result(CHK_L4CON, 0, "", "", "");
	ck_assert_uint_eq(w.c->failures, 2);	/* lower than DOWN is nothing */
	result(CHK_L7OK, 200, "", FOR_S1 "succeeded, reason: Layer7 check passed, code: 200, status: 1/2 DOWN.", "");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPED);
	result(CHK_L7OK, 200, "", FOR_S1 "succeeded, reason: Layer7 check passed, code: 200, status: 2/2 UP.",
	       "Server be/s1 is UP. 1 active and 0 backup servers online. 0 sessions requeued, 0 total in queue.");
	ck_assert_int_eq(w.s->state, SRV_ST_RUNNING);
	ck_assert_uint_eq(w.s->health, 3);
	over();
}
END_TEST

/* What a server says is no line of ours. */
START_TEST(info_cannot_forge)
{
	logged("");
	result(CHK_L7STS, 500, "a\"b\nc\x7f",
	       FOR_S1 "failed, reason: Layer7 wrong status, code: 500, info: \"a<22>b<0A>c<7F>\", status: 0/2 DOWN.",
	       "Server be/s1 is DOWN. 0 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining "
	       "in queue.");
	over();
}
END_TEST

/* The longest info with every byte written out does not break anything. */
START_TEST(longest_info)
{
	struct chk_result r = { .status = CHK_L7RSP };
	char text[64];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	memset(r.info, '"', sizeof(r.info) - 1);
	chk_why(&r, &b);
	ck_assert_str_eq(sbuf_z(&b), "reason: Layer7 invalid response, info: \"<22><22><22><22><22><22");
}
END_TEST

START_TEST(intervals)
{
	world(CHECKED SERVER " fastinter 100 downinter 5s");
	w.s->health = 3;
	ck_assert_uint_eq(chk_inter(w.c), 60000);
	w.s->health = 2;
	ck_assert_uint_eq(chk_inter(w.c), 100);
	w.s->health = 1;
	ck_assert_uint_eq(chk_inter(w.c), 100);
	w.s->health = 0;
	ck_assert_uint_eq(chk_inter(w.c), 5000);
	over();
}
END_TEST

/* Of a connection without a time of its own the interval is the limit; with `timeout check` the shorter one. */
START_TEST(limit_of_connecting)
{
	world(CHECKED SERVER);
	w.s->health = 3;
	ck_assert_uint_eq(chk_connect_limit(w.c), 60000);
	over();
}
END_TEST

START_TEST(limit_with_timeout_check)
{
	world("defaults\n mode tcp\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n timeout check 9s\n"
	      "backend be\n" SERVER);
	ck_assert_uint_eq(chk_connect_limit(w.c), 1000);
	over();
}
END_TEST

static int64_t due(void)
{
	return (int64_t)w.c->next.at - (int64_t)loop_ms();
}

START_TEST(next_one)
{
	struct chk_result r = { .status = CHK_L4OK };

	world("global\n spread-checks 50\n" CHECKED " server s1 127.0.0.1:$P check inter 1s");
	w.s->health = 4;
	for (int i = 0; i < 200; i++) {
		chk_done(w.c, &r);
		ck_assert_int_ge(due(), 500 - 16);
		ck_assert_int_le(due(), 1500);
	}
	over();
}
END_TEST

START_TEST(first_ones_are_spread)
{
	struct srv *s;
	int n = 0;

	world(CHECKED SERVER "\n server s2 127.0.0.1:1\n server s3 127.0.0.1:$P check inter 60s\n"
	      " server s4 127.0.0.1:$P check inter 60s");
	check_join(0, 1);
	list_each(s, &w.s->px->servers, link) {
		const struct check *c = s->check;
		int64_t at;

		if (!c)
			continue;
		at = (int64_t)c->next.at - (int64_t)loop_ms();
		ck_assert_uint_eq(c->number, n);
		ck_assert_uint_eq(c->of, 3);
		ck_assert_int_le(at, n * 20000 + 1);
		ck_assert_int_ge(at, n * 20000 - 400);
		n++;
	}
	ck_assert_int_eq(n, 3);
	over();
}
END_TEST

/* Threads share them out; one thread touches only its own. */
START_TEST(each_thread_its_own)
{
	struct check *other;

	world(CHECKED SERVER "\n server s2 127.0.0.1:$P check");
	other = live_server(w.s->px, STR("s2"))->check;
	w.c->thread = -1;
	check_join(1, 2);
	ck_assert(!timer_armed(&w.c->next) && timer_armed(&other->next));
	check_leave(0);
	ck_assert(timer_armed(&other->next));
	check_leave(1);
	ck_assert(!timer_armed(&other->next));
	over();
}
END_TEST

START_TEST(nobody_asks_in_maintenance)
{
	world(CHECKED SERVER);
	srv_set_admin(w.s, SRV_ADM_FMAINT, true, NULL);
	timer_set(&w.c->next, 0);
	turns(3);
	ck_assert(!w.c->running && timer_armed(&w.c->next));
	srv_set_admin(w.s, SRV_ADM_FMAINT, false, NULL);
	w.s->check_on = false;
	timer_set(&w.c->next, 0);
	turns(3);
	ck_assert(!w.c->running && timer_armed(&w.c->next));
	w.s->check_on = true;
	timer_set(&w.c->next, 0);
	turns(3);
	came_to("L4OK", 0, "");
	over();
}
END_TEST

/* --- what traffic saw --- */

static void seen(unsigned health, const char *text)
{
	w.s->health = health;
	check_too_many_errors(w.s, text);
	turns(2);
}

START_TEST(on_error)
{
	world(CHECKED SERVER " observe layer4 error-limit 1 on-error mark-down");
	seen(3, "too much");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPED);
	ck_assert_uint_eq(w.s->health, 0);
	ck_assert_int_eq(w.c->last.status, CHK_HANA);
	ck_assert_str_eq(w.c->last.info, "too much");
	over();
}
END_TEST

START_TEST(sudden_death)
{
	world(CHECKED " server s1 127.0.0.1:$P check fall 9 rise 2 observe layer4 error-limit 1 on-error sudden-death");
	seen(10, "x");
	ck_assert_int_eq(w.s->state, SRV_ST_RUNNING);
	ck_assert_uint_eq(w.s->health, 2);	/* one failure more is the end */
	seen(2, "x");
	ck_assert_int_eq(w.s->state, SRV_ST_STOPPED);
	over();
}
END_TEST

START_TEST(fail_check)
{
	char text[300];

	world(CHECKED SERVER " fastinter 50 observe layer4 error-limit 1 on-error fail-check");
	timer_set(&w.c->next, 60000);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	seen(3, text);
	ck_assert_uint_eq(w.s->health, 2);
	ck_assert_uint_eq(strlen(w.c->last.info), 95);
	ck_assert_int_le(due(), 50);
	over();
}
END_TEST

START_TEST(only_fastinter)
{
	world(CHECKED SERVER " fastinter 50 observe layer4 error-limit 1 on-error fastinter");
	timer_set(&w.c->next, 60000);
	seen(3, "x");
	ck_assert_uint_eq(w.s->health, 3);	/* nothing but an earlier check */
	ck_assert_int_le(due(), 50);
	timer_set(&w.c->next, 10);
	seen(3, "x");
	ck_assert_int_le(due(), 10);		/* never a later one */
	over();
}
END_TEST

START_TEST(seen_where_nobody_looks)
{
	world(CHECKED SERVER " observe layer4 error-limit 1 on-error mark-down");
	w.s->check_on = false;
	seen(3, "x");
	ck_assert_uint_eq(w.s->health, 3);
	w.s->check_on = true;
	srv_set_admin(w.s, SRV_ADM_FMAINT, true, NULL);
	seen(3, "x");
	ck_assert_uint_eq(w.s->health, 3);
	w.c->thread = -1;
	srv_set_admin(w.s, SRV_ADM_FMAINT, false, NULL);
	seen(3, "x");
	ck_assert_uint_eq(w.s->health, 3);
	over();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("check_engine");

	UNIT_TEST(s, falls_and_rises);
	UNIT_TEST(s, info_cannot_forge);
	UNIT_TEST(s, longest_info);
	UNIT_TEST(s, intervals);
	UNIT_TEST(s, limit_of_connecting);
	UNIT_TEST(s, limit_with_timeout_check);
	UNIT_TEST(s, next_one);
	UNIT_TEST(s, first_ones_are_spread);
	UNIT_TEST(s, each_thread_its_own);
	UNIT_TEST(s, nobody_asks_in_maintenance);
	UNIT_TEST(s, on_error);
	UNIT_TEST(s, sudden_death);
	UNIT_TEST(s, fail_check);
	UNIT_TEST(s, only_fastinter);
	UNIT_TEST(s, seen_where_nobody_looks);
	return unit_run(s);
}
