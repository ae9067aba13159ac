#include <stdio.h>

#include "src/log/log_priv.h"
#include "tests/unit/unit.h"
#include "weir/conf/load.h"
#include "weir/log/conf_log.h"

static struct log_list list;

static bool begin(struct kw_call *k)
{
	k->ld->obj = &list;
	k->at = k->n;
	return true;
}

static const struct section_row rows[] = {
	{ .name = "listen", .scope = KW_LISTEN, .begin = begin }, { .name = "global", .scope = KW_GLOBAL,
	                                                            .begin = begin },
};
static const struct section_table sections[] = { { rows, ARRAY_LEN(rows) }, { NULL, 0 } };
static const struct kw_table tables[] = { { log_kws, LOG_KWS, 0, 0 }, { NULL, 0, 0, 0 } };
static const struct conf_facts facts;
static const struct conf_registry registry = { .keywords = tables, .sections = sections, .facts = &facts };

/* What is said about a section of one line, without what stands in front on each: empty when it is right. */
static const char *load(const char *section, const char *line)
{
	static char said[4096];
	static struct arena mem;
	FILE *to = fmemopen(said, sizeof(said), "w");
	struct diag d = { .to = to };
	struct loader ld;
	char text[1000], *at;

	memset(said, 0, sizeof(said));
	setvbuf(to, NULL, _IONBF, 0);
	conf_register(&registry);
	if (mem.block_size) {
		log_list_fini(&list);
		arena_fini(&mem);
	}
	log_list_init(&list);
	arena_init(&mem, 1024);
	loader_init(&ld, &d, &mem, NULL);
	snprintf(text, sizeof(text), "%s x\n %s\n", section, line);
	loader_text(&ld, "t", str_c(text));
	loader_fini(&ld);
	fclose(to);
	at = strstr(said, "[t:2] : ");
	if (at && strchr(at, '\n'))
		*strchr(at, '\n') = '\0';
	return at ? at + 8 : said;
}

static const struct log_target *good(const char *line)
{
	ck_assert_str_eq(load("listen", line), "");
	ck_assert(!list_empty(&list.targets));
	return list_first(&list.targets, struct log_target, link);
}

static const char *where(const struct log_target *t)
{
	static char buf[ADDR_TEXT_MAX];
	struct str s = addr_text(&t->to, buf);

	memmove(buf, s.p, s.n);
	buf[s.n] = '\0';
	return buf;
}

START_TEST(targets)
{
	const struct log_target *t = good("log 127.0.0.1 local3");

	ck_assert_str_eq(where(t), "127.0.0.1:514");
	ck_assert_uint_eq(t->facility, 19);
	ck_assert_uint_eq(t->level, LOGL_DEBUG);
	ck_assert_uint_eq(t->minlevel, LOGL_EMERG);
	ck_assert_uint_eq(t->maxlen, 1024);
	ck_assert_ptr_null(t->format);
	ck_assert_str_eq(where(good("log 127.0.0.1:99 local0")), "127.0.0.1:99");
	ck_assert_str_eq(where(good("log [::1]:99 local0")), "[::1]:99");
	ck_assert_str_eq(where(good("log udp@127.0.0.1:1 local0")), "127.0.0.1:1");
	ck_assert_str_eq(where(good("log : local0")), "0.0.0.0:514");
	ck_assert_str_eq(where(good("log /dev/log local0")), "/dev/log");
	ck_assert_int_eq(good("log stdout local0")->fd, 1);
	ck_assert_int_eq(good("log stderr local0")->fd, 2);
	ck_assert_int_eq(good("log fd@99 local0")->fd, 99);
	setenv("LOG_HERE", "127.0.0.1:7", 1);
	ck_assert_str_eq(where(good("log ${LOG_HERE} local0")), "127.0.0.1:7");
}
END_TEST

START_TEST(options)
{
	const struct log_target *t = good("log stdout len 80 format raw sample 4-5,1:7 daemon notice err");

	ck_assert_uint_eq(t->maxlen, 80);
	ck_assert_str_eq(t->format->name, "raw");
	ck_assert_uint_eq(t->nranges, 2);
	ck_assert_uint_eq(t->ranges[0].lo, 1);
	ck_assert_uint_eq(t->ranges[0].hi, 1);
	ck_assert_uint_eq(t->ranges[1].lo, 4);
	ck_assert_uint_eq(t->ranges[1].hi, 5);
	ck_assert_uint_eq(t->period, 7);
	ck_assert_uint_eq(t->facility, 3);
	ck_assert_uint_eq(t->level, LOGL_NOTICE);
	ck_assert_uint_eq(t->minlevel, LOGL_ERR);
}
END_TEST

/* The sentences are HAProxy's. */
static const struct { const char *line, *said; } wrong[] = {
	{ "log", "log : expects <address> and <facility> or global as arguments" },
	{ "log 127.0.0.1", "log : expects <address> and <facility> or global as arguments" },
	{ "log 127.0.0.1 foo", "log : unknown log facility 'foo'" },
	{ "log 127.0.0.1 local0 foo", "log : unknown optional log level 'foo'" },
	{ "log 127.0.0.1 local0 info foo", "log : unknown optional minimum log level 'foo'" },
	{ "log 127.0.0.1 local0 info err extra", "log : cannot handle unexpected argument 'extra'" },
	{ "log global extra", "log : invalid address: 'global' in 'global'" },
	{ "log 127.0.0.1 len 79 local0", "log : invalid log length '79', must be between 80 and 65535" },
	{ "log 127.0.0.1 len 65536 local0", "log : invalid log length '65536', must be between 80 and 65535" },
	{ "log 127.0.0.1 len", "log : invalid log length '', must be between 80 and 65535" },
	{ "log 127.0.0.1 format foo local0", "log : unknown log format 'foo'" },
	{ "log 127.0.0.1 format", "log : unknown log format ''" },
	{ "log 127.0.0.1 sample 1 local0", "log : Missing sample size" },
	{ "log 127.0.0.1 sample 1:0 local0", "log : wrong sample size '0' for sample range '1'" },
	{ "log 127.0.0.1 sample 0:2 local0", "log : wrong sample range '0'" },
	{ "log 127.0.0.1 sample 3-1:5 local0", "log : wrong sample range '3-1'" },
	{ "log 127.0.0.1 sample 1,1:5 local0", "log : ranges are overlapping" },
	{ "log 127.0.0.1 sample 1-3:2 local0",
	  "log : sample size 2 should be greater or equal to 3 the maximum of the high ranges limits" },
	{ "log 127.0.0.1:x local0", "log : invalid character 'x' in port number 'x' in '127.0.0.1:x'" },
	{ "log 127.0.0.1:70000 local0", "log : invalid port '70000'" },
	{ "log foo.invalid local0", "log : invalid address: 'foo.invalid' in 'foo.invalid'" },
	{ "log fd@x local0", "log : file descriptor 'x' is not a valid integer in 'fd@x'" },
	{ "log 127.0.0.1:514-516 local0", "log : port range not permitted here in '127.0.0.1:514-516'" },
	{ "no log foo", "log : 'no log' does not expect arguments" },
	{ "log-tag", "'log-tag' expects a tag for use in syslog." },
	{ "log-tag \"\"", "'log-tag' expects a tag for use in syslog." },
};

START_TEST(mistakes)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_str_eq(load("listen", wrong[i].line), wrong[i].said);
	ck_assert_str_eq(load("global", "log global"), "log : 'global' is not supported for a global syslog server");
}
END_TEST

START_TEST(global_and_none)
{
	ck_assert_str_eq(load("listen", "log global\n log stdout local0"), "");
	ck_assert(list.global);
	ck_assert(!list_empty(&list.targets));
	ck_assert_str_eq(load("listen", "log global\n log stdout local0\n no log"), "");
	ck_assert(!list.global && list.none);
	ck_assert(list_empty(&list.targets));
	ck_assert_str_eq(load("listen", "log-tag foo"), "");
	ck_assert(str_eq(list.tag, STR("foo")));
	ck_assert_str_eq(load("global", "log-send-hostname foo"), "");
	ck_assert(list.send_host && str_eq(list.host, STR("foo")));
	ck_assert_str_eq(load("global", "log-send-hostname"), "");
	ck_assert(list.send_host && list.host.n > 0);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conf_log");

	UNIT_TEST(s, targets);
	UNIT_TEST(s, options);
	UNIT_TEST(s, mistakes);
	UNIT_TEST(s, global_and_none);
	return unit_run(s);
}
