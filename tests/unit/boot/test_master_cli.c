/* The master's CLI: workers by name, what is listed of them, and who waits for a reload. */
#include "tests/unit/live/adopt.h"

#include "src/boot/master.h"

static struct child *reloaded;	/* by the next reload */
static bool reloaded_hard;

static struct child *fake_reload(bool hard)
{
	reloaded_hard = hard;
	return reloaded;
}

#define master_reload(hard) fake_reload(hard)
#include "src/boot/master_cli.c"

/* Numbers beyond those that processes have. */
static struct child now = { .pid = 9000501, .state = CHILD_RUNNING, .channel.fd = -1 };
static struct child old = { .pid = 9000400, .state = CHILD_FORMER, .channel.fd = -1 };
static struct child next = { .pid = 9000502, .state = CHILD_STARTING, .channel.fd = -1 };
static const struct ctl_row *const tables[] = { master_rows, NULL };

static void begin(void)
{
	ck_assert(loop_enter());
	adopt_text("");
	ctl_set_tables(tables);
	list_push(master_children(), &old.link);
	list_push(master_children(), &now.link);
	list_push(master_children(), &next.link);
}

START_TEST(by_name)
{
	char self[32];

	begin();
	snprintf(self, sizeof(self), "!%d", (int)getpid());
	ck_assert_int_eq(find(STR("")), 0);
	ck_assert_int_eq(find(STR("master")), 0);
	ck_assert_int_eq(find(STR("0")), 0);
	ck_assert_int_eq(find(str_c(self)), 0);
	ck_assert_int_eq(find(STR("1")), 9000501);
	ck_assert_int_eq(find(STR("!9000501")), 9000501);
	ck_assert_int_eq(find(STR("!9000400")), 9000400);
	ck_assert_int_eq(find(STR("2")), -1);
	ck_assert_int_eq(find(STR("01")), -1);
	ck_assert_int_eq(find(STR("!1")), -1);
	ck_assert_int_eq(find(STR("!")), -1);
	ck_assert_int_eq(find(STR("!x")), -1);
	ck_assert_int_eq(find(STR("!-1")), -1);
	ck_assert_int_eq(find(STR("!4303967797")), -1);		/* 9000501 and 2^32 */
	ck_assert_int_eq(find(STR("Master")), -1);
	now.state = CHILD_FORMER;
	ck_assert_int_eq(find(STR("1")), -1);			/* none runs */
}
END_TEST

/* Who cannot answer is not asked. */
START_TEST(out_of_reach)
{
	struct cli_settings set = { .level = CTL_USER };
	int pair[2];

	begin();
	ck_assert_int_eq(reach(999, &set), -1);
	ck_assert_int_eq(reach(9000501, &set), -1);		/* its channel is gone */
	ck_assert_int_eq(reach(9000502, &set), -1);		/* not ready yet */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	now.channel.fd = pair[0];
	set.expert = true;
	ck_assert_int_ge(reach(9000501, &set), 0);
	close(pair[1]);
	ck_assert_int_eq(reach(9000501, &set), -1);
}
END_TEST

static struct sbuf out;
static struct arena mem;
static int woken;

static void wake(struct ctl_req *r)
{
	woken++;
}

static struct ctl_req request(void)
{
	return (struct ctl_req){ .out = &out, .mem = &mem, .level = CTL_ADMIN, .wake = wake, .master = true };
}

START_TEST(the_list)
{
	struct ctl_req r = request();
	const char *text;

	begin();
	out = sbuf_grow();
	ck_assert_int_eq(cmd_proc(&r), CTL_DONE);
	text = sbuf_z(&out);
	ck_assert(!strncmp(text, "#<PID>          <type>          <reloads>       <uptime>        <version>\n", 73));
	ck_assert_ptr_nonnull(strstr(text, "\n# workers\n9000501         worker          "));
	ck_assert_ptr_nonnull(strstr(text, "\n# old workers\n9000400         worker          "));
	ck_assert_ptr_null(strstr(text, "\n9000502"));
	sbuf_fini(&out);
}
END_TEST

START_TEST(waits_for_its_reload)
{
	struct ctl_req one = request(), two = request();

	begin();
	out = sbuf_grow();
	ck_assert_int_eq(cmd_soft(&one), CTL_DONE);
	ck_assert_str_eq(sbuf_z(&out), "The master cannot start a worker.\n");
	reloaded = &next;
	ck_assert_int_eq(cmd_hard(&one), CTL_WAIT);
	ck_assert(reloaded_hard);
	sbuf_clear(&out);
	ck_assert_int_eq(cmd_soft(&two), CTL_DONE);
	ck_assert_str_eq(sbuf_z(&out), "A reload is in progress.\n");
	master_cli_news(&now, true);			/* somebody else's news */
	ck_assert_int_eq(woken, 0);
	ck_assert_int_eq(cmd_hard(&one), CTL_WAIT);
	next.logs = sbuf_grow();
	sbuf_putz(&next.logs, "[ALERT] wrong\n");
	master_cli_news(&next, false);
	ck_assert_int_eq(woken, 1);
	sbuf_clear(&next.logs);				/* it may be gone when the asker looks */
	sbuf_clear(&out);
	ck_assert_int_eq(cmd_hard(&one), CTL_QUIT);
	ck_assert_str_eq(sbuf_z(&out), "Success=0\n--\n[ALERT] wrong\n");
	ck_assert(!one.drop);
	/* Whoever goes while it waits leaves the place free. */
	ck_assert_int_eq(cmd_soft(&one), CTL_WAIT);
	one.drop(&one);
	master_cli_news(&next, true);
	ck_assert_int_eq(woken, 1);
	ck_assert_int_eq(cmd_soft(&two), CTL_WAIT);
	master_cli_news(&next, true);
	sbuf_clear(&out);
	ck_assert_int_eq(cmd_soft(&two), CTL_QUIT);
	ck_assert_str_eq(sbuf_z(&out), "Success=1\n--\n");
	sbuf_fini(&next.logs);
	sbuf_fini(&out);
}
END_TEST

START_TEST(the_word_of_the_command_line)
{
	struct sbuf b = sbuf_grow();

	put_line(&b, "/run/a b.sock,mode,600,level,operator");
	ck_assert_str_eq(sbuf_z(&b),
			 "global\n stats socket '/run/a b.sock' level admin mode 600 level operator\n");
	sbuf_clear(&b);
	put_line(&b, "127.0.0.1:1");
	ck_assert_str_eq(sbuf_z(&b), "global\n stats socket '127.0.0.1:1' level admin\n");
	sbuf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("master_cli");

	UNIT_TEST(s, by_name);
	UNIT_TEST(s, out_of_reach);
	UNIT_TEST(s, the_list);
	UNIT_TEST(s, waits_for_its_reload);
	UNIT_TEST(s, the_word_of_the_command_line);
	return unit_run(s);
}
