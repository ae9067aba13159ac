/* What a server-state file brings back, field by field, and what the configuration overrules. */
#include "tests/unit/live/state_line.h"

#include "weir/loop/loop.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"backend a%d\n server s 127.0.0.1:1 check weight 10 rise 3 fall 4\n server quick 127.0.0.1:2 check rise 1\n"
	" server off 127.0.0.1:3 disabled\n server none 127.0.0.1:4\n server zero 127.0.0.1:5 weight 0\n"
	" server name localhost:6 init-addr last,libc\n server ip localhost:7 init-addr libc,last\n"
	" server mapped 127.0.0.1:+5\n";

/* Fields of a server that is up, as it was written; tests change some. */
static struct str f[SRV_STATE_FIELDS];
static char said_mem[1024];
static struct sbuf told;

static struct srv *begin(const char *name)
{
	static const char *const usual[SRV_STATE_FIELDS] = {
		"2", "a", "1", "s", "127.0.0.1", "2", "0", "10", "10", "100", "6", "3", "6", "6", "0", "0", "0", "-",
		"1", "-", "0", "0", "-", "-", "0",
	};
	static int nth;		/* a new name each time: servers of the same name would be the ones from before */
	struct sbuf text = sbuf_grow();
	char backend[16];
	struct srv *s;

	sbuf_printf(&text, config, ++nth);
	adopt_text(sbuf_z(&text));
	sbuf_fini(&text);
	snprintf(backend, sizeof(backend), "a%d", nth);
	s = live_server(live_backend(str_c(backend)), str_c(name));
	ck_assert_ptr_nonnull(s);
	told = sbuf_fixed(said_mem, sizeof(said_mem));
	for (int i = 0; i < SRV_STATE_FIELDS; i++)
		f[i] = str_c(usual[i]);
	s->check_on = true;	/* there is no engine here */
	return s;
}

static void set(int i, const char *text)
{
	f[i] = str_c(text);
}

static bool apply(struct srv *s)
{
	sbuf_clear(&told);
	return srv_restore(s, f, &told);
}

/* Each number beyond its largest, below zero, and no number; nothing is applied. */
START_TEST(wrong_numbers)
{
	static const struct { int at; const char *name, *most, *over; } fields[] = {
		{ 5, "srv_op_state", "3", "4" }, { 6, "srv_admin_state", "127", "128" },
		{ 7, "srv_uweight", "256", "257" }, { 8, "srv_iweight", "256", "257" },
		{ 9, "srv_last_time_change", "9223372036854775807", "9223372036854775808" },
		{ 10, "srv_check_status", "20", "21" }, { 11, "srv_check_result", "4", "5" },
		{ 12, "srv_check_health", "2147483647", "2147483648" }, { 13, "srv_check_state", "31", "32" },
		{ 14, "srv_agent_state", "31", "32" }, { 15, "bk_f_forced_id", "1", "2" },
		{ 16, "srv_f_forced_id", "1", "2" }, { 18, "srv_port", "65535", "65536" },
	};
	struct srv *s = begin("s");

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const char *const bad[] = { fields[i].over, "-1", "x", "", "1x", "1.5" };
		struct str was = f[fields[i].at];
		char wanted[128];

		for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
			set(fields[i].at, bad[k]);
			set(7, fields[i].at == 7 ? bad[k] : "5");
			ck_assert_msg(!apply(s), "%s %s", fields[i].name, bad[k]);
			snprintf(wanted, sizeof(wanted), ", invalid %s value '%s'", fields[i].name, bad[k]);
			ck_assert_str_eq(sbuf_z(&told), wanted);
			ck_assert_int_eq(s->weight, 10);
		}
		f[fields[i].at] = was;
		set(7, "10");
	}
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct str was = f[fields[i].at];

		set(fields[i].at, fields[i].most);
		ck_assert_msg(apply(s), "%s: %s", fields[i].name, sbuf_z(&told));
		f[fields[i].at] = was;
	}
}
END_TEST

static void health(struct srv *s, const char *state, const char *result, const char *value, unsigned wanted)
{
	set(5, state);
	set(11, result);
	set(12, value);
	ck_assert(apply(s));
	ck_assert_msg(s->health == wanted, "state %s, health %s: %u", state, value, s->health);
}

/* A server with rise 3 and fall 4: 0 to 6, from 3 on it is up. */
START_TEST(health_stays_in_its_bounds)
{
	struct srv *s = begin("s");

	health(s, "0", "2", "6", 0);
	ck_assert_int_eq(s->state, SRV_ST_STOPPED);
	health(s, "2", "2", "5", 5);
	ck_assert_int_eq(s->state, SRV_ST_RUNNING);
	health(s, "2", "2", "0", 3);
	health(s, "2", "2", "2147483647", 6);
	health(s, "2", "0", "4", 6);	/* no check had ended */
	health(s, "2", "3", "4", 6);	/* the last one was good */
	health(s, "3", "2", "1", 3);
	ck_assert_int_eq(s->state, SRV_ST_STOPPING);
	health(s, "3", "2", "100", 6);
	health(s, "1", "2", "2", 2);
	health(s, "1", "2", "0", 2);
	health(s, "1", "2", "3", 2);
	s = begin("quick");
	health(s, "1", "2", "0", s->rise + s->fall - 1);
}
END_TEST

START_TEST(weights)
{
	struct srv *s = begin("s");

	set(7, "77");
	ck_assert(apply(s));
	ck_assert_int_eq(s->weight, 77);
	set(7, "3");
	set(8, "9");		/* the configuration said something else then: what it says now counts */
	ck_assert(apply(s));
	ck_assert_int_eq(s->weight, 77);
	set(7, "0");
	set(8, "10");
	ck_assert(apply(s));
	ck_assert_int_eq(s->weight, 0);
}
END_TEST

/* Maintenance by command, and by the configuration then and now. */
START_TEST(maintenance)
{
	struct srv *s = begin("s");

	set(6, "1");
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, SRV_ADM_FMAINT);
	ck_assert(s->state == SRV_ST_STOPPED && !s->health);
	s = begin("s");
	set(6, "5");		/* it was disabled in the file then and is not any more */
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, 0);
	ck_assert_int_eq(s->state, SRV_ST_RUNNING);
	s = begin("off");
	set(6, "0");		/* it is now, and was not */
	ck_assert(apply(s));
	ck_assert(s->admin & SRV_ADM_FMAINT && !srv_usable(s));
	s = begin("off");
	set(6, "4");		/* it is and was, but a command enabled it */
	ck_assert(apply(s));
	ck_assert(!(s->admin & SRV_ADM_MAINT) && srv_usable(s));
	s = begin("off");
	set(6, "5");		/* all as before */
	ck_assert(apply(s));
	ck_assert(!srv_usable(s));
	s = begin("s");
	set(6, "2");		/* what it inherited it inherits anew */
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, 0);
}
END_TEST

START_TEST(drain)
{
	struct srv *s = begin("s");

	set(6, "8");
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, SRV_ADM_FDRAIN);
	s = begin("s");
	set(6, "8");
	set(8, "0");		/* from the weight 0 that it had in the file */
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, 0);
	s = begin("zero");
	set(6, "8");
	set(8, "0");
	set(7, "0");
	ck_assert(apply(s));
	ck_assert_int_eq(s->admin, SRV_ADM_FDRAIN);
}
END_TEST

static const char *localhost(const struct srv *s)
{
	return addr_family(&s->addr) == AF_INET6 ? "::1" : "127.0.0.1";
}

static void is_at(const struct srv *s, const char *text)
{
	char buf[ADDR_TEXT_MAX];
	struct str is = addr_ip_text(&s->addr, buf);

	ck_assert_msg(str_eqz(is, text), STR_FMT, STR_ARG(is));
}

/* An address that the file has stays; the port is what a command said. */
START_TEST(addresses)
{
	struct srv *s = begin("s");

	set(4, "192.0.2.9");
	set(18, "8080");
	ck_assert(apply(s));
	is_at(s, "127.0.0.1");
	ck_assert_uint_eq(addr_port(&s->addr), 8080);
	set(18, "0");
	ck_assert(apply(s));
	ck_assert_uint_eq(addr_port(&s->addr), 8080);
	s = begin("mapped");	/* ports follow the client's: none is the server's own */
	set(18, "9");
	ck_assert(apply(s));
	ck_assert_uint_ne(addr_port(&s->addr), 9);
	/* A name: as init-addr says, and only if it is the same name. */
	s = begin("name");
	set(4, "192.0.2.9");
	set(17, "localhost");
	set(18, "6");
	ck_assert(apply(s));
	is_at(s, "192.0.2.9");
	s = begin("name");
	set(4, "192.0.2.9");
	set(17, "otherhost");
	ck_assert(apply(s));
	is_at(s, localhost(s));
	s = begin("ip");
	set(4, "192.0.2.9");
	set(17, "localhost");
	ck_assert(apply(s));
	is_at(s, localhost(s));
	s = begin("name");
	set(4, "not an address");
	set(17, "localhost");
	ck_assert(apply(s));
	is_at(s, localhost(s));
}
END_TEST

/* How long ago: never before the beginning of time. */
START_TEST(ages)
{
	struct srv *s = begin("s");
	uint64_t now;

	set(9, "100");
	ck_assert(apply(s));
	now = (uint64_t)loop_wall().s;
	ck_assert(s->last_change_s <= now - 99 && s->last_change_s >= now - 101);
	set(9, "9223372036854775807");
	ck_assert(apply(s));
	ck_assert(s->last_change_s >= now && s->last_change_s <= now + 2);
}
END_TEST

START_TEST(checks)
{
	struct srv *s = begin("none");

	s->check_on = false;
	set(21, "8080");
	ck_assert(apply(s));
	ck_assert_str_eq(sbuf_z(&told), ", health checks are not enabled on this server");
	set(21, "0");
	set(23, "192.0.2.1");
	ck_assert(apply(s));
	ck_assert_str_eq(sbuf_z(&told), ", agent checks are not enabled on this server");
	set(22, "192.0.2.1");
	set(23, "-");
	ck_assert(apply(s));
	ck_assert_str_eq(sbuf_z(&told), ", health checks are not enabled on this server");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("srv_restore");

	UNIT_TEST(s, wrong_numbers);
	UNIT_TEST(s, health_stays_in_its_bounds);
	UNIT_TEST(s, weights);
	UNIT_TEST(s, maintenance);
	UNIT_TEST(s, drain);
	UNIT_TEST(s, addresses);
	UNIT_TEST(s, ages);
	UNIT_TEST(s, checks);
	return unit_run(s);
}
