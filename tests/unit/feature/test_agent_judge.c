/* What the words of an agent do to its server. */
#include "tests/unit/live/adopt.h"

#include "src/feature/check/agent.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"backend a\n server s1 127.0.0.1:1 weight 100 agent-check agent-port 9\n"
	" server s2 127.0.0.1:2 weight 10\n"
	"backend fixed\n balance static-rr\n server s1 127.0.0.1:1 weight 100 agent-check agent-port 9\n";

static struct agent *a;
static struct srv *s;

static void begin(const char *backend)
{
	adopt_text(config);
	s = live_server(live_backend(str_c(backend)), STR("s1"));
	if (!s->agent)
		agent_create(s);
	a = s->agent;
}

static void says(const char *line, const char *state, const char *info)
{
	char buf[64];

	agent_obey(a, str_c(line));
	ck_assert_msg(!strcmp(srv_state_text(s, buf), state), "%s: %s", line, buf);
	ck_assert_msg(!strcmp(a->last.info, info), "%s: %s", line, a->last.info);
}

START_TEST(up_and_down)
{
	begin("a");
	says("down", "DOWN (agent)", "via agent : down");
	ck_assert_int_eq(a->last.status, CHK_L7STS);
	ck_assert_uint_eq(a->failures, 1);
	says("stopped #by hand", "DOWN (agent)", "via agent : stopped (by hand)");
	ck_assert_uint_eq(a->failures, 1);	/* it was down already */
	says("UP", "no check", "via agent : UP");
	ck_assert_int_eq(a->last.status, CHK_L7OK);
	says("fail", "DOWN (agent)", "via agent : fail");
	ck_assert_uint_eq(a->failures, 2);
}
END_TEST

/* An agent that cannot be reached is no reason to take a server down, nor to bring it up. */
START_TEST(silence)
{
	begin("a");
	agent_judge(a, CHK_L4CON, STR("Connection refused"));
	ck_assert(srv_usable(s));
	ck_assert_str_eq(a->last.info, "Connection refused");
	agent_obey(a, STR("down"));
	agent_judge(a, CHK_L4TOUT, STR_NONE);
	ck_assert(!srv_usable(s));
	ck_assert_uint_eq(a->failures, 1);
}
END_TEST

START_TEST(administration)
{
	begin("a");
	says("drain", "DRAIN (agent)", "");
	ck_assert_uint_eq(s->admin, SRV_ADM_FDRAIN);
	says("maint", "MAINT", "");
	ck_assert_uint_eq(s->admin, SRV_ADM_FMAINT);
	says("ready", "no check", "");
	ck_assert_uint_eq(s->admin, 0);
	says("ready,up", "no check", "via agent : up");
}
END_TEST

START_TEST(numbers)
{
	begin("a");
	agent_obey(a, STR("50%,maxconn:30"));
	ck_assert_int_eq(s->weight, 50);
	ck_assert_uint_eq(s->maxconn, 30);
	ck_assert(srv_usable(s));
	agent_obey(a, STR("up 0%"));
	ck_assert_int_eq(s->weight, 0);
	agent_obey(a, STR("up maxconn:x"));
	ck_assert_uint_eq(s->maxconn, 30);
	ck_assert(strstr(a->last.info, "maxconn string empty or preceded by garbage"));
	agent_obey(a, STR("100%"));
	ck_assert_int_eq(s->weight, 100);
}
END_TEST

START_TEST(weights_that_cannot_be)
{
	begin("fixed");
	agent_obey(a, STR("up 50%"));
	ck_assert_int_eq(s->weight, 100);
	ck_assert(strstr(a->last.info, "Backend is using a static LB algorithm"));
	agent_obey(a, STR("0%"));
	ck_assert_int_eq(s->weight, 0);
}
END_TEST

/* What an agent says is shown to people: nothing in it may break a line or a quoted text. */
START_TEST(nonsense)
{
	char text[AGENT_ANSWER_MAX];

	begin("a");
	agent_obey(a, STR("wibble"));
	ck_assert(srv_usable(s));
	ck_assert_str_eq(a->last.info, "agent reports an error : wibble");
	agent_obey(a, STR("down #a\x01\"b\x7f"));
	ck_assert_str_eq(a->last.info, "via agent : down (a  b )");
	memset(text, 'x', sizeof(text));
	agent_obey(a, str_make(text, sizeof(text)));
	ck_assert_uint_lt(strlen(a->last.info), sizeof(a->last.info));
	memset(text, ',', sizeof(text));
	agent_obey(a, str_make(text, sizeof(text)));
	ck_assert_str_eq(a->last.info, "");
	agent_obey(a, STR(""));
	ck_assert(!srv_usable(s));		/* still as it said */
}
END_TEST

int main(void)
{
	Suite *su = unit_suite("agent_judge");

	UNIT_TEST(su, up_and_down);
	UNIT_TEST(su, silence);
	UNIT_TEST(su, administration);
	UNIT_TEST(su, numbers);
	UNIT_TEST(su, weights_that_cannot_be);
	UNIT_TEST(su, nonsense);
	return unit_run(su);
}
