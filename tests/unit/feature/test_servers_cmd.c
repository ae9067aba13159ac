/* Commands about servers and frontends: who is meant, what is refused and in which words, what comes of the rest. */
#include "commands.h"
#include "tests/unit/live/adopt.h"

#include "src/feature/servers/servers_priv.h"
#include "weir/feature/check/check.h"

static const char config[] =
	"global\n maxconn 100\n"
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"frontend fe\n bind 127.0.0.1:1\n maxconn 50\n default_backend be\n"
	"backend be\n balance roundrobin\n server s1 127.0.0.1:81 weight 10 check inter 60s\n server s2 127.0.0.1:82\n"
	" server s3 127.0.0.1:83 track s1\n"
	"backend fixed\n balance static-rr\n server s1 127.0.0.1:81 weight 10\n"
	"backend none\n";

static struct px_live *be;
static struct srv *s1, *s2;

static void begin(void)
{
	ck_assert(loop_enter());
	loop_turn(0);
	adopt_text(config);
	live_join_thread(0);
	check_adopt();
	be = live_backend(STR("be"));
	s1 = live_server(be, STR("s1"));
	s2 = live_server(be, STR("s2"));
}

START_TEST(who_is_meant)
{
	static const char *const commands[] = {
		"set server %s", "enable server %s", "disable server %s", "enable health %s", "disable health %s",
		"enable agent %s", "disable agent %s", "set weight %s", "set maxconn server %s", "del server %s",
		"shutdown sessions server %s",
	};
	static const struct { const char *name, *says; } names[] = {
		{ "", "Require 'backend/server'." }, { "be", "Require 'backend/server'." },
		{ "be/", "Require 'backend/server'." }, { "/s1", "No such backend." }, { "no/s1", "No such backend." },
		{ "fe/s1", "No such backend." }, { "be/s9", "No such server." }, { "be/#9", "No such server." },
		{ "be/#0", "No such server." }, { "be/#", "No such server." }, { "#99/s1", "No such backend." },
		{ "be/#99999999999999999999", "No such server." },
	};
	char line[100];

	begin();
	for (size_t c = 0; c < ARRAY_LEN(commands); c++)
		for (size_t n = 0; n < ARRAY_LEN(names); n++) {
			snprintf(line, sizeof(line), commands[c], names[n].name);
			answers(line, names[n].says);
		}
	snprintf(line, sizeof(line), "disable server #%d/#2", be->id);
	answers(line, "");
	ck_assert_uint_eq(s2->admin, SRV_ADM_FMAINT);
	ck_assert_str_eq(say("disable server be/s1", CTL_OPERATOR), "Permission denied\n");
	ck_assert_uint_eq(s1->admin, 0);
}
END_TEST

START_TEST(weights)
{
	static const struct { const char *text, *says; int weight; } rows[] = {
		{ "7", "", 7 }, { "0", "", 0 }, { "256", "", 256 }, { "50%", "", 5 }, { "100%", "", 10 },
		{ "100000000%", "", 256 }, { "", "Require <weight> or <weight%>.", 256 },
		{ "x", "Empty weight string empty or preceded by garbage", 256 },
		{ "257", "Absolute weight can only be between 0 and 256 inclusive.", 256 },
		{ "-1", "Absolute weight can only be between 0 and 256 inclusive.", 256 },
		{ "99999999999999999999", "Absolute weight can only be between 0 and 256 inclusive.", 256 },
		{ "-1%", "Relative weight must be positive.", 256 }, { "5x", "Trailing garbage in weight string", 256 },
		{ "5%%", "Trailing garbage in weight string", 256 },
	};
	char line[100];

	begin();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(line, sizeof(line), "set weight be/s1 %s", rows[i].text);
		answers(line, rows[i].says);
		ck_assert_int_eq(s1->weight, rows[i].weight);
		snprintf(line, sizeof(line), "set server be/s1 weight %s", rows[i].text);
		answers(line, rows[i].says);
	}
	answers("set weight fixed/s1 5",
		"Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.");
	answers("set weight fixed/s1 0%", "");
	answers("set weight fixed/s1 100%", "");
}
END_TEST

START_TEST(states)
{
	begin();
	answers("set server be/s2 state drain", "");
	ck_assert_uint_eq(s2->admin, SRV_ADM_FDRAIN);
	answers("set server be/s2 state maint", "");
	ck_assert_uint_eq(s2->admin, SRV_ADM_FMAINT);
	answers("set server be/s2 state ready", "");
	ck_assert_uint_eq(s2->admin, 0);
	answers("set server be/s2 state", "'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
	answers("set server be/s2 state Ready", "'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
	answers("set server be/s2 health down", "");
	ck_assert_int_eq(s2->state, SRV_ST_STOPPED);
	answers("set server be/s2 health stopping", "");
	ck_assert_int_eq(s2->state, SRV_ST_STOPPING);
	answers("set server be/s2 health up", "");
	ck_assert_int_eq(s2->state, SRV_ST_RUNNING);
	answers("set server be/s2 health", "'set server <srv> health' expects 'up', 'stopping', or 'down'.");
	answers("set server be/s3 health down", "cannot change health on a tracking server.");
	ck_assert(!strncmp(say("set server be/s1 nothing", CTL_ADMIN), "usage: set server <backend>/<server> ", 37));
	answers("set server be/s1 ssl on",
		"'set server <srv> ssl' cannot be set.  default-server should define ssl settings");
	answers("set server be/s1 fqdn", "set server <b>/<s> fqdn requires a FQDN.");
	answers("set server be/s1 fqdn a.b", "set server <b>/<s> fqdn failed because no resolution is configured.");
	answers("set server be/s1 agent up", "agent checks are not enabled on this server.");
	answers("set server be/s1 agent-port 5", "agent checks are not enabled on this server");
	answers("set server be/s2 check-port 5", "health checks are not enabled on this server");
}
END_TEST

static const char *addr_of(const struct srv *s)
{
	static char text[ADDR_TEXT_MAX + 1], buf[ADDR_TEXT_MAX];

	snprintf(text, sizeof(text), STR_FMT, STR_ARG(addr_text(&s->addr, buf)));
	return text;
}

START_TEST(addresses)
{
	begin();
	answers("set server be/s2 addr 127.0.0.2",
		"IP changed from '127.0.0.1' to '127.0.0.2' by 'stats socket command'");
	ck_assert_str_eq(addr_of(s2), "127.0.0.2:82");
	answers("set server be/s2 addr 127.0.0.2 port 83",
		"no need to change the addr, port changed from '82' to '83' by 'stats socket command'");
	answers("set server be/s2 addr 127.0.0.2 port 83",
		"no need to change the addr, no need to change the port by 'stats socket command'");
	answers("set server be/s2 addr ::1 port 84",
		"IP changed from '127.0.0.2' to '::1', port changed from '83' to '84' by 'stats socket command'");
	ck_assert_str_eq(addr_of(s2), "[::1]:84");
	answers("set server be/s2 addr", "set server <b>/<s> addr requires an address and optionally a port.");
	answers("set server be/s2 addr 1.2.3", "Invalid addr '1.2.3' by 'stats socket command'");
	/* A wrong port leaves the address alone. */
	answers("set server be/s2 addr 1.2.3.4 port 0", "IP changed from '::1' to '1.2.3.4', problem converting port "
							"'0' to an int by 'stats socket command'");
	answers("set server be/s2 addr 1.2.3.4 port 65536", "IP changed from '::1' to '1.2.3.4', problem converting "
							    "port '65536' to an int by 'stats socket command'");
	ck_assert_str_eq(addr_of(s2), "[::1]:84");
	ck_assert_ptr_nonnull(strstr(say("set server be/s2 addr ::1 port +5", CTL_ADMIN), "incompatible with current"));
	ck_assert_str_eq(addr_of(s2), "[::1]:84");
}
END_TEST

START_TEST(limits_of_servers)
{
	begin();
	answers("set maxconn server be/s1", "Require <maxconn>.");
	answers("set maxconn server be/s1 -1", "maxconn string empty or preceded by garbage");
	answers("set maxconn server be/s1 99999999999", "maxconn string empty or preceded by garbage");
	answers("set maxconn server be/s1 5x", "Trailing garbage in maxconn string");
	answers("set maxconn server be/s1 5", "");
	ck_assert_uint_eq(s1->maxconn, 5);
	ck_assert_uint_eq(s1->minconn, 5);
	s1->minconn = 2;
	answers("set maxconn server be/s1 4", "");
	ck_assert_uint_eq(s1->minconn, 2);
	answers("set maxconn server be/s1 1", "");
	ck_assert_uint_eq(s1->minconn, 1);
}
END_TEST

START_TEST(checks_on_and_off)
{
	begin();
	answers("disable health be/s1", "");
	ck_assert(!s1->check_on);
	answers("enable health be/s1", "");
	ck_assert(s1->check_on);
	answers("enable health be/s2", "Health check was not configured on this server, cannot enable.");
	answers("disable health be/s2", "");
	answers("enable agent be/s1", "Agent was not configured on this server, cannot enable.");
	answers("set server be/s1 check-port", "set server <b>/<s> check-port requires a port.");
	answers("set server be/s1 check-port x", "provided port is not an integer");
	answers("set server be/s1 check-port 65536", "provided port is invalid");
	answers("set server be/s1 check-port -1", "provided port is invalid");
	answers("set server be/s1 check-addr",
		"set server <b>/<s> check-addr requires an address and optionally a port.");
	answers("set server be/s1 check-addr 1.2.3", "invalid addr '1.2.3'");
}
END_TEST

START_TEST(frontends)
{
	struct px_live *fe;

	begin();
	fe = live_frontend(STR("fe"));
	answers("disable frontend", "A frontend name is expected.");
	answers("disable frontend be", "No such frontend.");
	answers("enable frontend #99", "No such frontend.");
	answers("disable frontend fe", "All sockets are already disabled.");	/* none is open here */
	answers("enable frontend fe", "All sockets are already enabled.");
	answers("set maxconn frontend fe", "Integer value expected.");
	answers("set maxconn frontend fe x", "Integer value expected.");
	answers("set maxconn frontend fe -1", "Value out of range.");
	answers("set maxconn frontend fe 2147483648", "Value out of range.");
	ck_assert_uint_eq(fe->maxconn, 50);
	answers("set maxconn frontend fe 2147483647", "");
	ck_assert_uint_eq(fe->maxconn, INT32_MAX);
	answers("shutdown frontend fe", "");
	answers("shutdown frontend fe", "Frontend was already shut down.");
	answers("disable frontend fe", "Frontend was previously shut down, cannot disable.");
	answers("enable frontend fe", "Frontend was previously shut down, cannot enable.");
}
END_TEST

START_TEST(limits_of_the_process)
{
	struct live *l;

	begin();
	l = live_get();
	answers("set maxconn global", "Expects an integer value.");
	answers("set maxconn global 1x", "Expects an integer value.");
	answers("set maxconn global 101", "Value out of range.");
	answers("set maxconn global -1", "Value out of range.");
	answers("set maxconn global 60", "");
	ck_assert_uint_eq(l->maxconn, 60);
	answers("set maxconn global 0", "");
	ck_assert_uint_eq(l->maxconn, 100);
	answers("set rate-limit connections global", "Expects an integer value.");
	answers("set rate-limit sessions global -1", "Value out of range.");
	answers("set rate-limit sessions global 2147483648", "Value out of range.");
	answers("set rate-limit sessions global 5", "");
	ck_assert_uint_eq(l->max_sess_rate, 5);
}
END_TEST

/* --- servers that come and go --- */

START_TEST(added)
{
	struct srv *s;

	begin();
	answers("add server be", "Require 'backend/server'.");
	answers("add server no/x 127.0.0.1:1", "No such backend.");
	answers("add server fixed/x 127.0.0.1:1",
		"Backend must use a dynamic load balancing to support dynamic servers.");
	answers("add server be/s1 127.0.0.1:1", "Already exists a server with the same name in backend.");
	answers("add server be/x 127.0.0.1:1 id 2", "'id' : custom id 2 already used at t:15 ('server s2').");
	answers("add server be/x 127.0.0.1:1 track nobody",
		"unable to find required server 'nobody' for tracking.");
	answers("add server be/x 127.0.0.1:1 track no/s1", "unable to find required proxy 'no' for tracking.");
	answers("add server be/x 127.0.0.1:1 track s2",
		"unable to use be/s2 for tracking as it does not have any check nor agent enabled.");
	answers("add server be/x 127.0.0.1:1 check track s1",
		"unable to enable checks and tracking at the same time!");
	ck_assert_uint_eq(be->nservers, 3);
	answers("add server be/x 127.0.0.1:1 id 77 weight 5", "New server registered.");
	s = live_server(be, STR("x"));
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(s->id, 77);
	ck_assert_int_eq(s->weight, 5);
	ck_assert_uint_eq(s->admin, SRV_ADM_FMAINT);
	answers("add server be/y 127.0.0.1:1 track s1 enabled", "New server registered.");
	ck_assert_uint_eq(live_server(be, STR("y"))->admin, 0);
	answers("add server be/z 127.0.0.1:1 enabled disabled", "New server registered.");
	ck_assert(live_server(be, STR("z"))->admin & SRV_ADM_FMAINT);
	answers("enable server be/z", "");
	ck_assert(!(live_server(be, STR("z"))->admin & SRV_ADM_MAINT));
	ck_assert_uint_eq(be->nservers, 6);
}
END_TEST

START_TEST(deleted)
{
	struct srv *s;

	begin();
	answers("add server be/x 127.0.0.1:1 enabled", "New server registered.");
	s = live_server(be, STR("x"));
	answers("del server be/x", "Only servers in maintenance mode can be deleted.");
	answers("disable server be/x", "");
	atom_set(&s->served, 1);
	answers("del server be/x", "Server still has connections attached to it, cannot remove it.");
	answers("wait 20ms srv-removable be/x", "Wait delay expired.");
	atom_set(&s->served, 0);
	answers("wait 20ms srv-removable be/x", "Done.");
	ck_assert_ptr_eq(live_server(be, STR("x")), s);		/* asking deletes nothing */
	answers("del server be/x", "Server deleted.");
	ck_assert_ptr_null(live_server(be, STR("x")));
	answers("del server be/x", "No such server.");
	answers("disable server be/s1", "");
	answers("del server be/s1",
		"This server cannot be removed at runtime due to other configuration elements pointing to it.");
	answers("wait 1s srv-removable be/s1",
		"This server cannot be removed at runtime due to other configuration elements pointing to it.");
}
END_TEST

START_TEST(waiting)
{
	uint64_t before;

	begin();
	ck_assert(!strncmp(say("wait", CTL_USER), "Usage: wait", 11));
	ck_assert(!strncmp(say("wait -h", CTL_USER), "Usage: wait", 11));
	answers("wait x", "Invalid duration.");
	answers("wait -1", "Invalid duration.");
	answers("wait 1 what", "Unknown condition.");
	answers("wait 1 srv-removable", "Missing server name (<proxy>/<server>).");
	answers("wait 1 srv-removable be/no", "No such server.");
	before = loop_ms();
	answers("wait 20", "");
	ck_assert_uint_ge(loop_ms() - before, 20);
}
END_TEST

/* An asker that goes while it waits leaves nothing behind, and what it began is finished. */
START_TEST(gone_while_waiting)
{
	static const struct str w[] = { STR_INIT("del"), STR_INIT("server"), STR_INIT("be/s2") };
	struct sbuf out = sbuf_grow();
	struct arena mem;
	struct ctl_req r = { .w = w, .n = 3, .out = &out, .mem = &mem, .level = CTL_ADMIN, .wake = command_woken };
	const struct ctl_row *row;

	begin();
	arena_init(&mem, 1024);
	answers("disable server be/s2", "");
	ck_assert_int_eq(ctl_run(&r, &row), CTL_WAIT);
	r.drop(&r);
	memset(&r, 0x55, sizeof(r));
	for (int i = 0; i < 10; i++)
		loop_turn(0);
	ck_assert_ptr_null(live_server(be, STR("s2")));
	arena_fini(&mem);
	sbuf_fini(&out);
}
END_TEST

START_TEST(cookies)
{
	begin();
	answers("enable dynamic-cookie backend", "A backend name is expected.");
	answers("enable dynamic-cookie backend no", "No such backend.");
	answers("set dynamic-cookie-key backend be", "String value expected.");
	answers("set dynamic-cookie-key backend be abc", "");
	answers("enable dynamic-cookie backend be", "");
	ck_assert(be->dyn_cookies);
	answers("disable dynamic-cookie backend be", "");
	ck_assert(!be->dyn_cookies);
}
END_TEST

START_TEST(sessions)
{
	begin();
	answers("show sess", "");
	answers("show sess 0xzz", "");
	answers("show sess 0x1", "Session not found.");
	answers("shutdown session", "Session pointer expected (use 'show sess').");
	answers("shutdown session 123", "Session pointer expected (use 'show sess').");
	answers("shutdown session 0x1", "No such session (use 'show sess').");
	answers("shutdown sessions server be/s1", "");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("servers_cmd");

	UNIT_TEST(s, who_is_meant);
	UNIT_TEST(s, weights);
	UNIT_TEST(s, states);
	UNIT_TEST(s, addresses);
	UNIT_TEST(s, limits_of_servers);
	UNIT_TEST(s, checks_on_and_off);
	UNIT_TEST(s, frontends);
	UNIT_TEST(s, limits_of_the_process);
	UNIT_TEST(s, added);
	UNIT_TEST(s, deleted);
	UNIT_TEST(s, waiting);
	UNIT_TEST(s, gone_while_waiting);
	UNIT_TEST(s, cookies);
	UNIT_TEST(s, sessions);
	return unit_run(s);
}
