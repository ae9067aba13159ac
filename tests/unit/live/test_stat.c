/* Which objects have statistics, in which order; what of them survives a restart; cookies of servers. */
#include "tests/unit/live/adopt.h"

#include <stdio.h>

#include "weir/live/stats.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"frontend f\n guid fe\n bind 127.0.0.1:18999 name l1 guid-prefix li\n bind 127.0.0.1:18998\n"
	" option socket-stats\n default_backend a\n"
	"listen both\n bind 127.0.0.1:18997 name hidden\n server s1 127.0.0.1:1\n"
	"backend a\n guid be\n cookie C insert\n dynamic-cookie-key k\n server s1 127.0.0.1:1 cookie x guid sv\n"
	" server s2 127.0.0.1:2 cookie y\n server s3 127.0.0.1:3 cookie x id 9\n server s4 127.0.0.1:4\n"
	"backend off\n disabled\n server s1 127.0.0.1:1\n";

static struct px_live *a;

static void begin(void)
{
	adopt_text(config);
	a = live_backend(STR("a"));
}

static struct srv *server(const char *name)
{
	return live_server(a, str_c(name));
}

/* "f F, f L1, ...": proxies, kinds and numbers. */
static const char *walk(struct stat_iter it)
{
	static const char kinds[] = { [CNT_FRONTEND] = 'F', [CNT_BACKEND] = 'B', [CNT_SERVER] = 'S',
				      [CNT_LISTENER] = 'L' };
	static char out[1000];
	struct sbuf b = sbuf_fixed(out, sizeof(out));

	while (stat_next(&it)) {
		sbuf_printf(&b, "%s" STR_FMT "%c", b.n ? " " : "", STR_ARG(it.px->name), kinds[it.kind]);
		if (it.id)
			sbuf_printf(&b, "%d", it.id);
	}
	return sbuf_z(&b);
}

START_TEST(order)
{
	begin();
	ck_assert_str_eq(walk((struct stat_iter){ 0 }),
			 "fF fL1 fL2 bothF bothS1 bothB aS1 aS2 aS9 aS4 aB");
	ck_assert_str_eq(walk((struct stat_iter){ .types = STAT_FE | STAT_BE }), "fF bothF bothB aB");
	ck_assert_str_eq(walk((struct stat_iter){ .types = STAT_LI }), "fL1 fL2");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = a->id }), "aS1 aS2 aS9 aS4 aB");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = a->id, .sid = 9 }), "aS9 aB");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = a->id, .types = STAT_SRV, .sid = 3 }), "");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = -1, .sid = -1, .types = STAT_SRV }),
			 "bothS1 aS1 aS2 aS9 aS4");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = 999 }), "");
}
END_TEST

START_TEST(who_is_down)
{
	begin();
	srv_set_stopped(server("s1"), "test");
	srv_set_admin(server("s2"), SRV_ADM_FMAINT, true, NULL);
	srv_set_admin(server("s3"), SRV_ADM_FDRAIN, true, NULL);
	ck_assert_str_eq(walk((struct stat_iter){ .iid = a->id, .flags = STAT_UP }), "aS9 aS4 aB");
	ck_assert_str_eq(walk((struct stat_iter){ .iid = a->id, .flags = STAT_NO_MAINT }), "aS1 aS9 aS4 aB");
}
END_TEST

/* Servers that go while the list is read take nobody along. */
static void forget_server(const char *name)
{
	struct srv *gone = server(name);

	srv_unlink(gone);
	srv_leave_here(gone);
	srv_free(gone);
}

/* The very server where the walk stands: goes on by its number, which passes one over. */
START_TEST(walking_without_ground)
{
	struct stat_iter it = { .types = STAT_SRV };

	begin();
	it.iid = a->id;
	ck_assert(stat_next(&it) && it.id == 1);
	forget_server("s1");
	ck_assert(stat_next(&it) && it.id == 9);
	forget_server("s4");
	ck_assert(!stat_next(&it));
}
END_TEST

START_TEST(walking_over_changes)
{
	struct stat_iter it = { .types = STAT_SRV };

	begin();
	it.iid = a->id;
	ck_assert(stat_next(&it) && it.id == 1);
	forget_server("s4");
	ck_assert(stat_next(&it) && it.id == 2);
	ck_assert(stat_next(&it) && it.id == 9);
	ck_assert(!stat_next(&it));
	ck_assert(!stat_next(&it));
}
END_TEST

static const struct cnt_row *column(const char *name)
{
	const struct cnt_row *row = stat_base_rows;

	while (row->name && strcmp(row->name, name))
		row++;
	ck_assert_msg(row->name, "no %s", name);
	return row;
}

static uint64_t value(const char *name, const void *obj, enum cnt_kind kind)
{
	struct cnt_val v;

	if (!stat_get(column(name), obj, kind, &v, NULL))
		return UINT64_MAX;
	return v.u;
}

START_TEST(what_is_kept)
{
	static const struct { const char *name; bool kept; } cases[] = {
		{ "stot", true }, { "bin", true }, { "bout", true }, { "smax", true }, { "hrsp_2xx", true },
		{ "rate_max", true }, { "ttime_max", true }, { "scur", false }, { "qcur", false }, { "status", false },
		{ "weight", false }, { "rate", false }, { "slim", false }, { "ttime", false }, { "pxname", false },
	};
	struct stat_iter it = { .types = STAT_SRV };

	begin();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_msg(stat_is_kept(column(cases[i].name), ~0xffff) == cases[i].kept, "%s", cases[i].name);
	it.iid = a->id;
	ck_assert(stat_next(&it));
	ck_assert(str_eqz(stat_guid(&it), "sv"));
	cnt_add(&server("s1")->cnt, C_SESS, 4);
	stat_restore(&it, column("stot"), 100);
	stat_restore(&it, column("smax"), 7);
	stat_restore(&it, column("smax"), 5);		/* a maximum does not sink */
	stat_restore(&it, column("smax"), 1ULL << 40);	/* nor does it believe everything */
	stat_restore(&it, column("scur"), 3);
	ck_assert_uint_eq(value("stot", it.obj, CNT_SERVER), 104);
	ck_assert_uint_eq(value("smax", it.obj, CNT_SERVER), 7);
	ck_assert_uint_eq(value("scur", it.obj, CNT_SERVER), 0);
	it = (struct stat_iter){ .types = STAT_LI };
	ck_assert(stat_next(&it) && str_eqz(stat_guid(&it), "li-1"));
	ck_assert(stat_next(&it) && !stat_guid(&it).n);
	it = (struct stat_iter){ .types = STAT_FE };
	ck_assert(stat_next(&it) && str_eqz(stat_guid(&it), "fe"));
}
END_TEST

START_TEST(figures)
{
	begin();
	ck_assert_uint_eq(value("act", a, CNT_BACKEND), 4);
	ck_assert_uint_eq(value("weight", a, CNT_BACKEND), 4);
	ck_assert(srv_change_weight(server("s1"), STR("20")) == NULL);
	ck_assert_uint_eq(value("weight", server("s1"), CNT_SERVER), 20);
	ck_assert_uint_eq(value("weight", a, CNT_BACKEND), 23);
	srv_set_stopped(server("s1"), "test");
	ck_assert_uint_eq(value("act", a, CNT_BACKEND), 3);
	ck_assert_uint_eq(value("weight", a, CNT_BACKEND), 3);
	ck_assert_uint_eq(value("slim", server("s1"), CNT_SERVER), UINT64_MAX);		/* empty: no limit */
	ck_assert_ptr_null(srv_change_maxconn(server("s1"), STR("8")));
	ck_assert_uint_eq(value("slim", server("s1"), CNT_SERVER), 8);
	ck_assert_uint_eq(value("qlimit", server("s1"), CNT_SERVER), UINT64_MAX);
	ck_assert_uint_eq(value("iid", a, CNT_BACKEND), (uint64_t)a->id);
	ck_assert_uint_eq(value("sid", server("s3"), CNT_SERVER), 9);
}
END_TEST

/* --- cookies --- */

static const char *with_cookie(const char *v)
{
	static char out[100];
	struct srv_by_cookie it = { 0 };
	struct sbuf b = sbuf_fixed(out, sizeof(out));

	for (const struct srv *s; (s = srv_by_cookie(a, str_c(v), &it));)
		sbuf_printf(&b, STR_FMT " ", STR_ARG(s->name));
	return sbuf_z(&b);
}

START_TEST(cookies)
{
	char mem[SRV_COOKIE_DYN], other[SRV_COOKIE_DYN];
	struct addr elsewhere;

	begin();
	ck_assert_str_eq(with_cookie("x"), "s1 s3 ");
	ck_assert_str_eq(with_cookie("y"), "s2 ");
	ck_assert_str_eq(with_cookie("X"), "");
	ck_assert_str_eq(with_cookie(""), "");		/* not s4, which has none */
	px_set_dyn_cookies(a, true);
	ck_assert_str_eq(with_cookie("x"), "s1 s3 ");	/* words of lines stay */
	ck_assert_uint_eq(srv_cookie(server("s4"), mem).n, 16);
	ck_assert_str_eq(with_cookie(mem), "s4 ");
	elsewhere = server("s4")->addr;
	addr_set_port(&elsewhere, 5);
	srv_set_addr(server("s4"), &elsewhere);
	ck_assert_str_eq(with_cookie(mem), "");		/* of the address before */
	srv_cookie(server("s4"), other);
	ck_assert_str_eq(with_cookie(other), "s4 ");
	px_set_cookie_key(a, STR("another"));
	ck_assert_str_eq(with_cookie(other), "");
	px_set_dyn_cookies(a, false);
	ck_assert_uint_eq(srv_cookie(server("s4"), mem).n, 0);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stat");

	UNIT_TEST(s, order);
	UNIT_TEST(s, who_is_down);
	UNIT_TEST(s, walking_over_changes);
	UNIT_TEST(s, walking_without_ground);
	UNIT_TEST(s, what_is_kept);
	UNIT_TEST(s, figures);
	UNIT_TEST(s, cookies);
	return unit_run(s);
}
