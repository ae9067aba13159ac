#include "tests/unit/unit.h"

#include <math.h>

#include "weir/base/obj.h"
#include "weir/ctl/counter.h"
#include "weir/ctl/ctl.h"

static enum ctl_result say_at(struct ctl_req *r)
{
	ctl_say(r, CTL_INFO, "at %d of %d", r->at, r->n);
	return CTL_DONE;
}

static const struct ctl_row rows[] = {
	{ "show info", CTL_USER, say_at, "[json|typed]", "process" },
	{ "show servers state", CTL_USER, say_at, "[<backend>]", "servers" },
	{ "show servers", CTL_USER, say_at, NULL, "shorter" },
	{ "disable server", CTL_ADMIN, say_at, "<bk>/<srv>", "down" },
	{ "debug dev log", CTL_ADMIN, say_at, "", "log", CTL_F_EXPERT },
	{ "set var", CTL_ADMIN, say_at, "", "var", CTL_F_EXPERIMENTAL },
	{ "_getsocks", CTL_ADMIN, say_at, "", "hidden", CTL_F_HIDDEN },
	{ "show proc", CTL_USER, say_at, "", "master", CTL_F_MASTER },
	{ "help", CTL_USER, say_at, "[<command>]", "list", CTL_F_BOTH },
	{ "quit", CTL_USER, say_at, NULL, "leave", CTL_F_BOTH },
	{ NULL },
};
static const struct ctl_row *const table[] = { rows, NULL };

static struct sbuf out;
static struct arena mem;
static struct ctl_req req;

static const char *run(const char *line)
{
	static struct str w[16];
	struct str rest = str_c(line);
	const struct ctl_row *row;

	ctl_set_tables(table);
	if (!mem.block_size)
		arena_init(&mem, 1024);
	sbuf_fini(&out);
	out = sbuf_grow();
	req.w = w;
	req.n = 0;
	while (rest.p && *line)
		w[req.n++] = str_cut(&rest, ' ');
	req.out = &out;
	req.mem = &mem;
	if (!req.level)
		req.level = CTL_ADMIN;
	ck_assert_int_eq(ctl_run(&req, &row), CTL_DONE);
	return sbuf_z(&out);
}

START_TEST(longest_name_wins)
{
	ck_assert_str_eq(run("show info"), "at 2 of 2\n");
	ck_assert_str_eq(run("show servers state be"), "at 3 of 4\n");
	ck_assert_str_eq(run("show servers be"), "at 2 of 3\n");
}
END_TEST

START_TEST(who_may_do_what)
{
	req.level = CTL_OPERATOR;
	ck_assert_str_eq(run("disable server a/b"), "Permission denied\n");
	req.level = CTL_ADMIN;
	ck_assert_str_eq(run("disable server a/b"), "at 2 of 3\n");
	ck_assert_str_eq(run("debug dev log"), "This command is restricted to expert mode only.\n");
	ck_assert_str_eq(run("set var"), "This command is restricted to experimental mode only.\n");
	req.expert = req.experimental = true;
	ck_assert_str_eq(run("debug dev log"), "at 3 of 3\n");
	ck_assert_str_eq(run("set var"), "at 2 of 2\n");
}
END_TEST

START_TEST(severity)
{
	req.prefix = CTL_PREFIX_NUMBER;
	ck_assert_str_eq(run("debug dev log"), "[3]: This command is restricted to expert mode only.\n");
	ck_assert_int_eq(req.severity, CTL_ERROR);
	ck_assert_str_eq(run("quit"), "[6]: at 1 of 1\n");
	req.prefix = CTL_PREFIX_STRING;
	ck_assert_str_eq(run("set var"), "[err]: This command is restricted to experimental mode only.\n");
}
END_TEST

START_TEST(unknown_commands)
{
	ck_assert_str_eq(run("shwo info"),
	                 "Unknown command: 'shwo', but maybe one of the following ones is a better match:\n"
	                 "  show info [json|typed]                  : process\n"
	                 "  help [<command>]                        : list\n"
	                 "  quit                                    : leave\n");
	ck_assert_str_eq(run("show servers stat"), "at 2 of 3\n");
	ck_assert_str_eq(run("show"),
	                 "Unknown command: 'show', but maybe one of the following ones is a better match:\n"
	                 "  show info [json|typed]                  : process\n"
	                 "  show servers                            : shorter\n"
	                 "  show servers state [<backend>]          : servers\n"
	                 "  help [<command>]                        : list\n"
	                 "  quit                                    : leave\n");
	ck_assert_str_eq(run("zzz"), "Unknown command: 'zzz', but maybe one of the following ones is a better match:\n"
	                             "  help [<command>]                        : list\n"
	                             "  quit                                    : leave\n");
	ck_assert(strncmp(run(""),
	                  "Unknown command. Please enter one of the following commands only:\n  disable "
	                  "server", 80) == 0);
}
END_TEST

START_TEST(what_help_hides)
{
	req.level = CTL_USER;
	ck_assert_ptr_null(strstr(run(""), "disable server"));
	req.level = CTL_ADMIN;
	ck_assert_ptr_nonnull(strstr(run(""), "disable server"));
	ck_assert_ptr_null(strstr(run(""), "debug dev"));
	ck_assert_ptr_null(strstr(run(""), "_getsocks"));
	ck_assert_ptr_null(strstr(run(""), "show proc"));
	req.master = true;
	ck_assert_ptr_nonnull(strstr(run(""), "show proc"));
	ck_assert_ptr_null(strstr(run(""), "show info"));
	ck_assert_str_eq(run("quit"), "at 1 of 1\n");
	ck_assert_ptr_nonnull(strstr(run("show info"), "Unknown command: 'show'"));
}
END_TEST

static const char *text_of(void (*put)(struct sbuf *, const struct cnt_val *), struct cnt_val v)
{
	static char text[200];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	put(&b, &v);
	return sbuf_z(&b);
}

START_TEST(values)
{
	struct cnt_val v = { 0 };

	ck_assert_str_eq(text_of(cnt_put_value, v), "");
	cnt_u32(&v, 1ULL << 32 | 7);
	ck_assert_str_eq(text_of(cnt_put_value, v), "7");
	cnt_u64(&v, UINT64_MAX);
	ck_assert_str_eq(text_of(cnt_put_value, v), "18446744073709551615");
	cnt_s32(&v, -1);
	ck_assert_str_eq(text_of(cnt_put_csv, v), "-1");
	cnt_flt(&v, 97.5);
	ck_assert_str_eq(text_of(cnt_put_value, v), "97.5");
	cnt_flt(&v, 100.0);
	ck_assert_str_eq(text_of(cnt_put_value, v), "100");
	cnt_flt(&v, NAN);
	ck_assert_str_eq(text_of(cnt_put_value, v), "nan");
	cnt_str(&v, STR("a b"));
	ck_assert_str_eq(text_of(cnt_put_csv, v), "a b");
	cnt_str(&v, STR("a,\"b"));
	ck_assert_str_eq(text_of(cnt_put_csv, v), "\"a,\"\"b\"");
}
END_TEST

START_TEST(typed_and_json)
{
	const struct cnt_row row = { .name = "qcur", .tags = "MGP" };
	struct cnt_val v;
	char text[500];
	struct sbuf b = sbuf_fixed(text, sizeof(text));

	cnt_u32(&v, 3);
	cnt_put_typed(&b, &row, &v);
	ck_assert_str_eq(sbuf_z(&b), "MGP:u32:3");
	sbuf_clear(&b);
	cnt_put_json(&b, &row, 2, STR("\"id\":1,"), &v);
	ck_assert_str_eq(sbuf_z(&b),
	                 "{\"id\":1,\"field\":{\"pos\":2,\"name\":\"qcur\"},\"processNum\":1,\"tags\":{\"origin\":"
	                             "\"Metric\",\"nature\":\"Gauge\",\"scope\":\"Process\"},"
	                             "\"value\":{\"type\":\"u32\",\"value\":3}}");
	sbuf_clear(&b);
	cnt_str(&v, STR("a\"b"));
	cnt_put_json(&b, &row, 2, STR_NONE, &v);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&b), "{\"type\":\"str\",\"value\":\"a\\\"b\"}"));
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("ctl");

	UNIT_TEST(s, longest_name_wins);
	UNIT_TEST(s, who_may_do_what);
	UNIT_TEST(s, severity);
	UNIT_TEST(s, unknown_commands);
	UNIT_TEST(s, what_help_hides);
	UNIT_TEST(s, values);
	UNIT_TEST(s, typed_and_json);
	return unit_run(s);
}
