/* States of servers: how changes go along chains of `track`, what maintenance and drain leave behind, what a state
 * file brings back, what comes and goes while running. */
#include "tests/unit/live/state_line.h"

#include "weir/model/dynamic.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"backend a\n server s1 127.0.0.1:1 check weight 10\n server s2 127.0.0.1:2 backup\n"
	"backend b\n server t1 127.0.0.1:1 track a/s1\n server t2 127.0.0.1:1 track t1\n"
	" server off 127.0.0.1:9 disabled\n"
	"frontend f\n bind 127.0.0.1:18999\n default_backend a\n";

static struct srv *s1, *s2, *t1, *t2, *off;

static struct srv *find(const char *backend, const char *server)
{
	struct srv *s = live_server(live_backend(str_c(backend)), str_c(server));

	ck_assert_ptr_nonnull(s);
	return s;
}

static void begin(void)
{
	adopt_text(config);
	s1 = find("a", "s1");
	s2 = find("a", "s2");
	t1 = find("b", "t1");
	t2 = find("b", "t2");
	off = find("b", "off");
	s1->check_on = true;	/* there is no engine here */
}

static void is(const struct srv *s, const char *text)
{
	char buf[64];

	ck_assert_str_eq(srv_state_text(s, buf), text);
}

START_TEST(followers_go_down_and_up)
{
	begin();
	s1->health = 0;
	srv_set_stopped(s1, "test");
	is(s1, "DOWN");
	is(t1, "DOWN");
	is(t2, "DOWN");
	ck_assert(!srv_willing(t2));
	ck_assert_uint_eq(s1->px->nact, 0);
	ck_assert_uint_eq(s1->px->nbck, 1);
	ck_assert_uint_eq(cnt_sum(&t2->cnt, C_DOWN_TRANS), 1);
	ck_assert_uint_eq(cnt_sum(&t1->px->be, C_DOWN_TRANS), 1);
	s1->health = s1->rise + s1->fall - 1;
	srv_set_running(s1, "test");
	is(t2, "UP");
	ck_assert_uint_eq(t1->px->nact, 2);
	srv_set_stopping(s1, "test");
	is(t2, "NOLB");
	ck_assert(srv_usable(t2) && !srv_willing(t2));
}
END_TEST

START_TEST(maintenance_is_inherited)
{
	begin();
	srv_set_admin(t1, SRV_ADM_FMAINT, true, NULL);
	srv_set_admin(s1, SRV_ADM_FMAINT, true, NULL);
	is(s1, "MAINT");
	is(t2, "MAINT (via b/t1)");
	ck_assert_uint_eq(t1->admin, SRV_ADM_FMAINT | SRV_ADM_IMAINT);
	srv_set_admin(s1, SRV_ADM_FMAINT, false, NULL);
	ck_assert_uint_eq(t1->admin, SRV_ADM_FMAINT);
	is(s1, "UP 1/3");	/* the first bad check takes it down */
	is(t2, "MAINT (via b/t1)");
	srv_set_admin(t1, SRV_ADM_FMAINT, false, NULL);
	ck_assert_uint_eq(t2->admin, 0);
	ck_assert(srv_willing(t2));
	is(off, "MAINT");
	ck_assert_int_eq(off->state, SRV_ST_STOPPED);
}
END_TEST

START_TEST(nothing_moves_in_maintenance)
{
	begin();
	srv_set_admin(s2, SRV_ADM_FMAINT, true, NULL);
	srv_set_running(s2, "test");
	ck_assert_int_eq(s2->state, SRV_ST_STOPPED);
	srv_set_admin(s2, SRV_ADM_FMAINT, false, NULL);
	ck_assert_int_eq(s2->state, SRV_ST_RUNNING);
	/* Out of maintenance a server is as well as what it tracks. */
	srv_set_admin(t1, SRV_ADM_FMAINT, true, NULL);
	srv_set_stopped(s1, "test");
	srv_set_admin(t1, SRV_ADM_FMAINT, false, NULL);
	ck_assert_int_eq(t1->state, SRV_ST_STOPPED);
}
END_TEST

START_TEST(drain)
{
	begin();
	s1->health = s1->rise + s1->fall - 1;
	srv_set_admin(s1, SRV_ADM_FDRAIN, true, NULL);
	is(t2, "DRAIN");
	ck_assert(srv_usable(t2) && !srv_willing(t2));
	ck_assert_uint_eq(t2->admin, SRV_ADM_IDRAIN);
	srv_set_admin(s1, SRV_ADM_FDRAIN, false, NULL);
	is(t2, "UP");
}
END_TEST

START_TEST(weights_in_words)
{
	begin();
	ck_assert_ptr_null(srv_change_weight(s1, STR("50%")));
	ck_assert_int_eq(s1->weight, 5);
	ck_assert_ptr_null(srv_change_weight(s1, STR("200")));
	ck_assert_int_eq(s1->weight, 200);
	ck_assert_ptr_null(srv_change_weight(s1, STR("99999%")));
	ck_assert_int_eq(s1->weight, 256);
	ck_assert_ptr_nonnull(srv_change_weight(s1, STR("257")));
	ck_assert_ptr_nonnull(srv_change_weight(s1, STR("")));
	ck_assert_ptr_nonnull(srv_change_weight(s1, STR("x%")));
	ck_assert_ptr_null(srv_change_maxconn(s1, STR("5")));
	ck_assert_uint_eq(s1->maxconn, 5);
	ck_assert_ptr_nonnull(srv_change_maxconn(s1, STR("-1")));
	ck_assert_ptr_nonnull(srv_change_maxconn(s1, STR("5x")));
}
END_TEST

START_TEST(restored)
{
	char mem[256];
	struct sbuf said = sbuf_fixed(mem, sizeof(mem));

	begin();
	ck_assert(restore(s1, "2 a 1 s1 127.0.0.1 0 0 5 10 100 8 2 0 6 0 0 0 - 77 - 0 0 - - 0", &said));
	ck_assert_uint_eq(said.n, 0);
	is(s1, "DOWN");
	is(t2, "DOWN");
	ck_assert_int_eq(s1->weight, 5);
	ck_assert_uint_eq(addr_port(&s1->addr), 77);
	/* The configuration's weight is another one now: it counts. */
	ck_assert(restore(s2, "2 a 2 s2 127.0.0.1 2 1 9 3 100 1 0 2 0 0 0 0 - 2 - 0 0 - - 0", &said));
	ck_assert_int_eq(s2->weight, 1);
	is(s2, "MAINT");
	/* It was enabled by command although the configuration disables it. */
	ck_assert(restore(off, "3 b 3 off 127.0.0.1 2 4 1 1 100 1 0 2 0 0 0 0 - 9 - 0 0 - - 0", &said));
	ck_assert(srv_usable(off));
	ck_assert(!restore(t1, "3 b 1 t1 127.0.0.1 9 0 1 1 x 1 0 2 0 0 0 0 - 9 - 0 0 - - 0", &said));
	ck_assert_str_eq(sbuf_z(&said), ", invalid srv_op_state value '9', invalid srv_last_time_change value 'x'");
}
END_TEST

static struct server_line *line_of(struct px_live *p, const char *name, const char *words, struct sbuf *said)
{
	struct str w[16], text = str_c(words);
	int n = 0;

	sbuf_clear(said);
	while (text.p && n < 16)
		w[n++] = str_cut(&text, ' ');
	return server_line_add(p->px, str_c(name), w, n, said);
}

START_TEST(come_and_go)
{
	struct px_live *p;
	char mem[256];
	struct sbuf said = sbuf_fixed(mem, sizeof(mem));
	struct server_line *l;
	struct srv *s;

	begin();
	p = s1->px;
	ck_assert_ptr_null(line_of(p, "n", "127.0.0.1:7 weight 300", &said));
	ck_assert_str_eq(sbuf_z(&said), "weight of server n is not within 0 and 256 (300).");
	ck_assert_ptr_null(line_of(p, "n", "127.0.0.1:7 redir /x", &said));
	ck_assert_str_eq(sbuf_z(&said), "'redir' option is not accepted for dynamic server");
	ck_assert_ptr_null(line_of(p, "n", "127.0.0.1:7 wieght 3", &said));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&said), "did you mean 'weight'"));
	ck_assert_ptr_null(line_of(p, "n/", "127.0.0.1:7", &said));
	l = line_of(p, "n", "127.0.0.1:7 weight 3 maxconn 9", &said);
	ck_assert_ptr_nonnull(l);
	s = srv_add(p, l, false);
	ck_assert_int_eq(s->id, 3);
	ck_assert_uint_eq(s->maxconn, 9);
	is(s, "MAINT");
	ck_assert_int_eq(p->nservers, 3);
	srv_track(s, t1);
	ck_assert_ptr_eq(srv_checked(s), s1);
	ck_assert_uint_eq(srv_busy_here(s), 0);
	srv_unlink(s);
	ck_assert(list_first(&t1->tracked_by, struct srv, track_link) == t2);
	srv_leave_here(s);
	srv_free(s);
	ck_assert_int_eq(p->nservers, 2);
	ck_assert_ptr_null(live_server(p, STR("n")));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("srv");

	UNIT_TEST(s, followers_go_down_and_up);
	UNIT_TEST(s, maintenance_is_inherited);
	UNIT_TEST(s, nothing_moves_in_maintenance);
	UNIT_TEST(s, drain);
	UNIT_TEST(s, weights_in_words);
	UNIT_TEST(s, restored);
	UNIT_TEST(s, come_and_go);
	return unit_run(s);
}
