/* Who may come in: limits of the process and of frontends, what makes a backend full; errors that traffic shows. */
#include "tests/unit/live/adopt.h"

#include "src/live/door.c"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"frontend f1\n bind 127.0.0.1:18999\n maxconn 50\n use_backend b2 if { path /2 }\n"
	" use_backend b2 if { path /3 }\n use_backend %[path] if { path /4 }\n default_backend b1\n"
	"frontend f2\n bind 127.0.0.1:18998\n maxconn 31\n default_backend b2\n"
	"backend b1\n server s1 127.0.0.1:1 check observe layer4 error-limit 3 on-error mark-down\n"
	" server s2 127.0.0.1:2 check observe layer7 error-limit 2\n server s3 127.0.0.1:3 observe layer7 check\n"
	"backend b2\n"
	"backend said\n fullconn 7\n"
	"backend alone\n"
	"listen both\n bind 127.0.0.1:18997\n maxconn 20\n default_backend b1\n";

static struct px_live *backend(const char *name)
{
	return live_backend(str_c(name));
}

static void begin(void)
{
	adopt_text(config);
}

/* A tenth of what the frontends that lead there let in, rounded up; each frontend counts once. */
START_TEST(what_makes_a_backend_full)
{
	begin();
	live_settle_fullconn(live_get()->conf, 1000);
	ck_assert_uint_eq(backend("b1")->fullconn, 7);		/* f1: 50, both: 20 */
	ck_assert_uint_eq(backend("b2")->fullconn, 9);		/* f1 by two rules: 50, f2: 31 */
	ck_assert_uint_eq(backend("both")->fullconn, 2);
	ck_assert_uint_eq(backend("said")->fullconn, 7);
	ck_assert_uint_eq(backend("alone")->fullconn, 1);
}
END_TEST

static struct lstn *first_listener(const char *frontend)
{
	return list_first(&live_frontend(str_c(frontend))->listeners, struct lstn, link);
}

START_TEST(two_limits_for_each)
{
	struct lstn *l, *m;
	struct live *lv;

	begin();
	lv = live_get();
	l = first_listener("f1");
	m = first_listener("f2");
	lv->maxconn = 3;
	l->px->maxconn = 2;
	ck_assert(enter(l) && enter(l));
	ck_assert(!enter(l));
	ck_assert(l->px->full && !lv->full);
	ck_assert(enter(m));
	ck_assert(!enter(m));		/* the process is full: the frontend's place is given back */
	ck_assert_uint_eq(m->px->fe.cur, 1);
	ck_assert(lv->full && !m->px->full);
	ck_assert_uint_eq(lv->cur_conns, 3);
	leave(l);
	ck_assert(!l->px->full && !lv->full);	/* those who wait were told */
	ck_assert(enter(l));
	ck_assert_uint_eq(lv->cur_conns, 3);
	lv->maxconn = 0;		/* no limit */
	l->px->maxconn = 0;
	for (int i = 0; i < 100; i++)
		ck_assert(enter(l));
	ck_assert_uint_eq(l->px->fe.cur, 102);
}
END_TEST

START_TEST(too_many_in_a_second)
{
	struct lstn *l;
	struct live *lv;

	begin();
	lv = live_get();
	l = first_listener("f1");
	ck_assert_uint_eq(too_early(l), 0);
	lv->max_conn_rate = 5;
	ck_assert_uint_eq(too_early(l), 0);
	for (int i = 0; i < 5; i++)
		cnt_rate(&lv->total, RATE_CONN);
	ck_assert_uint_eq(too_early(l), 200);	/* ms: a fifth of a second */
	lv->max_conn_rate = 5000;
	ck_assert_uint_eq(too_early(l), 0);
	lv->max_sess_rate = 1;
	cnt_rate(&lv->total, RATE_SESS);
	ck_assert_uint_eq(too_early(l), 1000);
	lv->max_sess_rate = 0;
	lv->max_tls_rate = 1;
	cnt_rate(&lv->total, RATE_TLS);
	ck_assert_uint_eq(too_early(l), 0);	/* the line is not about TLS */
}
END_TEST

/* --- observe --- */

static char told[200];
static int ntold;

static void too_many(struct srv *s, const char *text)
{
	ntold++;
	snprintf(told, sizeof(told), STR_FMT ": %s", STR_ARG(s->name), text);
}

static struct srv *observed(const char *name)
{
	struct srv *s = live_server(backend("b1"), str_c(name));

	s->check_on = true;
	live_get()->too_many_errors = too_many;
	ntold = 0;
	return s;
}

START_TEST(errors_in_a_row)
{
	struct srv *s;

	begin();
	s = observed("s1");
	srv_saw(s, SEEN_NOT_CONNECTED);
	srv_saw(s, SEEN_NOT_CONNECTED);
	srv_saw(s, SEEN_FAILURE);	/* nothing to layer 4 */
	srv_saw(s, SEEN_CONNECTED);	/* begins again */
	srv_saw(s, SEEN_NOT_CONNECTED);
	srv_saw(s, SEEN_NOT_CONNECTED);
	ck_assert_int_eq(ntold, 0);
	srv_saw(s, SEEN_NOT_CONNECTED);
	ck_assert_int_eq(ntold, 1);
	ck_assert_str_eq(told, "s1: Detected 3 consecutive errors, last one was: L4 unsuccessful connection");
	ck_assert_uint_eq(cnt_sum(&s->cnt, C_FAILED_HANA), 1);
	ck_assert_uint_eq(s->errors, 0);
	s->check_on = false;
	for (int i = 0; i < 5; i++)
		srv_saw(s, SEEN_NOT_CONNECTED);
	ck_assert_int_eq(ntold, 1);
}
END_TEST

START_TEST(answers_in_a_row)
{
	struct srv *s;

	begin();
	s = observed("s2");
	srv_saw(s, SEEN_FAILURE);
	srv_saw(s, SEEN_CONNECTED);	/* says nothing about answers */
	srv_saw(s, SEEN_LATE);
	ck_assert_str_eq(told, "s2: Detected 2 consecutive errors, last one was: Read timeout (http)");
	srv_saw(s, SEEN_GARBAGE);
	srv_saw(s, SEEN_ANSWER);
	srv_saw(s, SEEN_CLOSE);
	ck_assert_int_eq(ntold, 1);
	s = observed("s3");		/* error-limit is 10 unless said */
	for (int i = 0; i < 9; i++)
		srv_saw(s, SEEN_RESET);
	ck_assert_int_eq(ntold, 0);
	srv_saw(s, SEEN_RESET);
	ck_assert_int_eq(ntold, 1);
}
END_TEST

/* --- show errors --- */

START_TEST(the_last_malformed_message)
{
	struct px_error e = { .reason = "x", .pos = 3, .other_id = -1, .server_id = -1 }, out;
	struct px_live *p;
	struct arena mem;

	begin();
	p = backend("b1");
	arena_init(&mem, 1024);
	ck_assert(!px_error_copy(p, true, &out, &mem));
	px_error_keep(p, true, &e, STR("HTTP/1.1 2\0\1x"));
	e.pos = 9;
	px_error_keep(p, false, &e, STR(""));
	ck_assert(px_error_copy(p, true, &out, &mem));
	ck_assert_uint_eq(out.id, 0);
	ck_assert_uint_eq(out.n, 13);
	ck_assert_uint_eq(out.pos, 3);
	ck_assert_int_eq(memcmp(out.text, "HTTP/1.1 2\0\1x", 13), 0);
	ck_assert(px_error_copy(p, false, &out, &mem));
	ck_assert(out.id == 1 && out.n == 0 && out.pos == 9);
	px_error_keep(p, true, &e, STR("again"));
	ck_assert(px_error_copy(p, true, &out, &mem));
	ck_assert(out.id == 2 && out.n == 5);
	arena_fini(&mem);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("door");

	UNIT_TEST(s, what_makes_a_backend_full);
	UNIT_TEST(s, two_limits_for_each);
	UNIT_TEST(s, too_many_in_a_second);
	UNIT_TEST(s, errors_in_a_row);
	UNIT_TEST(s, answers_in_a_row);
	UNIT_TEST(s, the_last_malformed_message);
	return unit_run(s);
}
