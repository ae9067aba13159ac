#include "tests/unit/unit.h"
#include "weir/log/conf_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/log/log_priv.h"
#include "weir/base/pool.h"
#include "weir/loop/loop.h"

static struct log_list list, global;

/* Targets of a test; in production they belong to a generation's arena. */
static struct log_target *made[64];
static int nmade;

static struct log_target *target(struct log_list *l, const char *format)
{
	struct log_target *t = mem_zalloc(sizeof(*t));

	ck_assert_int_lt(nmade, 64);
	made[nmade++] = t;
	*t = (struct log_target){ .fd = -1, .maxlen = LOG_LEN_DEFAULT, .level = LOGL_DEBUG, .facility = 16 };
	for (size_t i = 0; format && i < log_formats_n; i++)
		if (!strcmp(log_formats[i].name, format))
			t->format = &log_formats[i];
	t->state = mem_zalloc(sizeof(*t->state));
	t->state->fd = -1;
	list_push(&l->targets, &t->link);
	return t;
}

/* A receiver on a port of its own; t sends to it. */
static int receiver(struct log_target *t)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	addr_set4(&t->to, "\x7f\0\0\1", 0);
	ck_assert_int_eq(bind(fd, &t->to.sa, t->to.len), 0);
	ck_assert_int_eq(getsockname(fd, &t->to.sa, &t->to.len), 0);
	return fd;
}

static void setup(void)
{
	log_list_init(&list);
	log_list_init(&global);
	global.is_global = true;
	global.tag = STR("weir");
}

static const char *got(int fd)
{
	static char text[70000];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void say(const char *text)
{
	log_send(&list, &global, LOGL_INFO, STR_NONE, str_c(text));
}

/* Compares with digits of dates and of the process id replaced by '9' (leading blank of the day too). */
static void expect_shape(int fd, const char *shape)
{
	char *text = (char *)(uintptr_t)got(fd), pid[16];
	char *at;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	at = strstr(text, pid);
	if (at && strstr(shape, "PID")) {
		memcpy(at, "PID", 3);
		memmove(at + 3, at + strlen(pid), strlen(at + strlen(pid)) + 1);
	}
	ck_assert_uint_eq(strlen(text), strlen(shape));
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == '9')
			ck_assert(strchr("0123456789 ", text[i]) != NULL);
		else if (shape[i] != 'A')
			ck_assert_msg(text[i] == shape[i], "'%s' is not '%s'", text, shape);
	}
}

static void shape_of(const char *format, const char *shape)
{
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, format);
	fd = receiver(t);
	say("hello");
	expect_shape(fd, shape);
	close(fd);
	log_thread_fini();
}

START_TEST(layouts)
{
	setenv("TZ", "UTC", 1);
	shape_of(NULL, "<134>AAA 99 99:99:99 weir[PID]: hello\n");
	shape_of("local", "<134>AAA 99 99:99:99 weir[PID]: hello\n");
	shape_of("rfc3164", "<134>AAA 99 99:99:99 localhost weir[PID]: hello\n");
	shape_of("rfc5424", "<134>1 9999-99-99T99:99:99.999999+00:00 - weir PID - - hello\n");
	shape_of("priority", "<134>hello\n");
	shape_of("short", "<6>hello\n");
	shape_of("timed", "<6>9999-99-99T99:99:99.999999+00:00 hello\n");
	shape_of("iso", "9999-99-99T99:99:99.999999+00:00 hello\n");
	shape_of("raw", "hello\n");
}
END_TEST

START_TEST(host_and_structured_data)
{
	struct log_target *plain, *full;
	int a, b;

	setup();
	setenv("TZ", "ABC-05:30", 1);
	global.send_host = true;
	global.host = STR("box");
	plain = target(&list, NULL);
	full = target(&list, "rfc5424");
	a = receiver(plain);
	b = receiver(full);
	list.tag = STR("mine");
	log_send(&list, &global, LOGL_ERR, STR("[x@1 a=\"b\"]"), STR("hello"));
	expect_shape(a, "<131>AAA 99 99:99:99 box mine[PID]: hello\n");
	expect_shape(b, "<131>1 9999-99-99T99:99:99.999999+05:30 box mine PID - [x@1 a=\"b\"] hello\n");
}
END_TEST

START_TEST(length_counts_the_whole_line)
{
	char text[201];
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, "priority");
	t->maxlen = 80;
	fd = receiver(t);
	memset(text, 'x', 200);
	text[200] = '\0';
	say(text);
	/* behind a header the end of the line does not count */
	expect_shape(fd, "<134>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	t->format = log_format_find(STR("raw"));
	say(text);
	text[79] = '\n';
	text[80] = '\0';
	expect_shape(fd, text);
}
END_TEST

START_TEST(long_lines)
{
	static char text[40000];
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, "raw");
	t->maxlen = LOG_LEN_MAX;
	fd = receiver(t);
	memset(text, 'x', sizeof(text) - 1);
	say(text);
	ck_assert_uint_eq(strlen(got(fd)), sizeof(text));
}
END_TEST

START_TEST(levels)
{
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, "short");
	t->level = LOGL_WARNING;
	t->minlevel = LOGL_ERR;
	fd = receiver(t);
	log_send(&list, &global, LOGL_NOTICE, STR_NONE, STR("no"));
	ck_assert_str_eq(got(fd), "");
	log_send(&list, &global, LOGL_WARNING, STR_NONE, STR("w"));
	ck_assert_str_eq(got(fd), "<4>w\n");
	log_send(&list, &global, LOGL_EMERG, STR_NONE, STR("e"));
	ck_assert_str_eq(got(fd), "<3>e\n");
}
END_TEST

START_TEST(samples)
{
	struct log_range ranges[] = { { 1, 1 }, { 3, 3 } };
	struct log_target *t;
	char sent[8], want[8];
	int fd;

	setup();
	t = target(&list, "raw");
	t->ranges = ranges;
	t->nranges = 2;
	t->period = 5;
	fd = receiver(t);
	for (int i = 0; i < 15; i++) {
		snprintf(sent, sizeof(sent), "%d", i);
		say(sent);
	}
	for (int i = 0; i < 15; i++) {
		if (i % 5 != 0 && i % 5 != 2)
			continue;
		snprintf(want, sizeof(want), "%d\n", i);
		ck_assert_str_eq(got(fd), want);
	}
	ck_assert_str_eq(got(fd), "");
}
END_TEST

START_TEST(inherited_and_global)
{
	struct log_list dflt;
	int a, b, c;

	setup();
	log_list_init(&dflt);
	ck_assert(!log_wants(&list, &global));
	a = receiver(target(&global, "raw"));
	ck_assert(!log_wants(&list, &global));
	dflt.global = true;
	b = receiver(target(&dflt, "raw"));
	dflt.tag = STR("tag");
	log_list_inherit(&list, &dflt);
	list.global = true;
	ck_assert(log_wants(&list, &global));
	c = receiver(target(&list, NULL));
	say("hello");
	ck_assert_str_eq(got(a), "hello\n");
	ck_assert_str_eq(got(a), "");
	ck_assert_str_eq(got(b), "hello\n");
	expect_shape(c, "<134>AAA 99 99:99:99 tag[PID]: hello\n");
	log_send(&global, &global, LOGL_INFO, STR_NONE, STR("g"));
	ck_assert_str_eq(got(a), "g\n");
	ck_assert_str_eq(got(a), "");
}
END_TEST

START_TEST(full_pipe_drops)
{
	struct log_target *t;
	uint64_t before = log_dropped();
	int p[2], flags;
	char line[1001];

	setup();
	ck_assert_int_eq(pipe(p), 0);
	t = target(&list, "raw");
	t->fd = p[1];
	memset(line, 'y', 1000);
	line[1000] = '\0';
	for (int i = 0; i < 200; i++)
		say(line);
	ck_assert_uint_gt(log_dropped(), before);
	flags = fcntl(p[1], F_GETFL);
	ck_assert(!(flags & O_NONBLOCK));	/* others may share it */
	ck_assert_int_eq(read(p[0], line, 1000), 1000);
	log_list_fini(&list);
}
END_TEST

START_TEST(restarted_syslog)
{
	struct log_target *t;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	setup();
	snprintf(un.sun_path, sizeof(un.sun_path), "/tmp/weir-test-log-%d", (int)getpid());
	t = target(&list, "raw");
	ck_assert(addr_set_unix(&t->to, str_c(un.sun_path), false, false));
	for (int i = 0; i < 3; i++) {
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
		say("hello");
		ck_assert_str_eq(got(fd), "hello\n");
		close(fd);
		unlink(un.sun_path);
		if (i == 1) {
			say("nobody there");
			ck_assert_uint_eq(log_dropped(), 1);
		}
	}
}
END_TEST

START_TEST(udp_port_that_was_closed)
{
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, "raw");
	fd = receiver(t);
	close(fd);
	say("lost");
	say("lost too");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(fd, &t->to.sa, t->to.len), 0);
	say("hello");
	ck_assert_str_eq(got(fd), "hello\n");
}
END_TEST

/* Lines of a thread of the loop leave when its turn ends, or when there are many, in their order. */
START_TEST(turns_of_a_thread)
{
	static char longer[4000];
	struct log_target *t;
	char text[32];
	int fd;

	setup();
	memset(longer, 'x', sizeof(longer) - 1);
	t = target(&list, "raw");
	t->maxlen = LOG_LEN_MAX;
	fd = receiver(t);
	ck_assert(loop_enter());
	log_thread_start();
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "line %d", i);
		say(text);
	}
	for (int i = 0; i < 40; i++) {
		snprintf(text, sizeof(text), "line %d\n", i);
		if (i == 32) {
			ck_assert_str_eq(got(fd), "");
			loop_turn(0);
		}
		ck_assert_str_eq(got(fd), text);
	}
	say("before");
	say(longer);
	ck_assert_str_eq(got(fd), "before\n");
	ck_assert_uint_eq(strlen(got(fd)), sizeof(longer));
	say("last");
	log_thread_fini();
	ck_assert_str_eq(got(fd), "last\n");
	say("at once");
	ck_assert_str_eq(got(fd), "at once\n");
	ck_assert_uint_eq(log_dropped(), 0);
	loop_leave();
}
END_TEST

/* Nobody listens while several lines leave together; those of the next turn arrive all the same. */
START_TEST(turns_while_nobody_listens)
{
	struct log_target *t;
	int fd;

	setup();
	t = target(&list, "raw");
	fd = receiver(t);
	close(fd);
	ck_assert(loop_enter());
	log_thread_start();
	for (int i = 0; i < 5; i++)
		say("lost");
	loop_turn(0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(fd, &t->to.sa, t->to.len), 0);
	say("hello");
	say("again");
	loop_turn(0);
	ck_assert_str_eq(got(fd), "hello\n");
	ck_assert_str_eq(got(fd), "again\n");
	log_thread_fini();
	loop_leave();
}
END_TEST

START_TEST(many_addresses)
{
	enum { N = 40 };
	int fd[N];

	setup();
	for (int i = 0; i < N; i++)
		fd[i] = receiver(target(&list, "raw"));
	for (int round = 0; round < 3; round++) {
		say("hello");
		for (int i = 0; i < N; i++)
			ck_assert_str_eq(got(fd[i]), "hello\n");
	}
}
END_TEST

START_TEST(escapes)
{
	char mem[100];
	struct sbuf b = sbuf_fixed(mem, sizeof(mem));

	log_escape(&b, STR("\"\xc3\xa9#\n"));
	ck_assert_str_eq(sbuf_z(&b), "\"\xc3\xa9##0A");
}
END_TEST

START_TEST(events_cannot_forge_lines)
{
	int fd;

	setup();
	fd = receiver(target(&list, "short"));
	log_event(&list, &global, LOGL_ALERT, "info: %s", "a\n<0>b");
	ck_assert_str_eq(got(fd), "<1>info: a#0A<0>b\n");
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("log");

	UNIT_TEST(s, layouts);
	UNIT_TEST(s, host_and_structured_data);
	UNIT_TEST(s, length_counts_the_whole_line);
	UNIT_TEST(s, long_lines);
	UNIT_TEST(s, levels);
	UNIT_TEST(s, samples);
	UNIT_TEST(s, inherited_and_global);
	UNIT_TEST(s, full_pipe_drops);
	UNIT_TEST(s, restarted_syslog);
	UNIT_TEST(s, udp_port_that_was_closed);
	UNIT_TEST(s, turns_of_a_thread);
	UNIT_TEST(s, turns_while_nobody_listens);
	UNIT_TEST(s, many_addresses);
	UNIT_TEST(s, escapes);
	UNIT_TEST(s, events_cannot_forge_lines);
	return unit_run(s);
}
