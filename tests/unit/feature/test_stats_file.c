/* Counters that survive a restart: what is written is read again, and what of a strange file is believed. */
#include "commands.h"
#include "tests/unit/live/adopt.h"

#include <stdio.h>
#include <unistd.h>

#include "src/feature/stats/stats_file.c"
#include "src/live/stat_priv.h"

static const char config[] =
	"defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
	"frontend fe\n bind 127.0.0.1:1 guid-prefix li\n guid both\n option socket-stats\n default_backend be\n"
	"backend be\n guid be:1\n server s1 127.0.0.1:81 guid both-s\n server s2 127.0.0.1:82\n";

static struct sbuf heard;
static struct conf *conf;
static struct px_live *be, *fe;
static struct srv *s1;

static void begin(void)
{
	conf = adopt_text(config);
	be = live_backend(STR("be"));
	fe = live_frontend(STR("fe"));
	s1 = live_server(be, STR("s1"));
}

/* What is said about a file of this text when it is loaded. */
static const char *load(const char *text)
{
	char path[] = "/tmp/weir-stats-XXXXXX";
	struct diag d = { .keep = &heard };
	struct conf *c = malloc(sizeof(*c));
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	memcpy(c, conf, sizeof(*c));
	c->global.stats_file = str_c(path);
	sbuf_fini(&heard);
	heard = sbuf_grow();
	stats_load_file(c, &d);
	unlink(path);
	free(c);
	return sbuf_z(&heard);
}

static uint64_t sum(const struct cntset *cs, enum cnt which)
{
	return cnt_sum(cs, which);
}

START_TEST(what_is_written_is_read)
{
	struct sbuf file = sbuf_grow();

	begin();
	cnt_add(&s1->cnt, C_SESS, 5);
	cnt_add(&be->be, C_SESS, 7);
	cnt_add(&fe->fe, C_BYTES_IN, UINT64_C(5000000000));
	sbuf_putz(&file, say("dump stats-file", CTL_OPERATOR));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&file), "#fe guid,"));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&file), "\nli"));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&file), "\n#be guid,"));
	ck_assert_ptr_nonnull(strstr(sbuf_z(&file), "\nbe:1,"));
	ck_assert_ptr_null(strstr(sbuf_z(&file), "s2"));
	say("clear counters all", CTL_ADMIN);
	ck_assert_uint_eq(sum(&s1->cnt, C_SESS), 0);
	ck_assert_str_eq(load(sbuf_z(&file)), "");
	ck_assert_uint_eq(sum(&s1->cnt, C_SESS), 5);
	ck_assert_uint_eq(sum(&be->be, C_SESS), 7);
	ck_assert_uint_eq(sum(&fe->fe, C_BYTES_IN), UINT64_C(5000000000));
	ck_assert_str_eq(say("dump stats-file", CTL_OPERATOR), sbuf_z(&file));
	/* Counters add up, maxima do not. */
	ck_assert_str_eq(load("#be guid,smax,stot,\nbe:1,9,1,\n"), "");
	ck_assert_uint_eq(sum(&be->be, C_SESS), 8);
	ck_assert_uint_eq(be->be.max, 9);
	ck_assert_str_eq(load("#be guid,smax,stot,\nbe:1,4,,\n"), "");
	ck_assert_uint_eq(be->be.max, 9);
	ck_assert_str_eq(load("#be guid,smax\nbe:1,4294967296\n"), "");	/* more than can be */
	ck_assert_uint_eq(be->be.max, 9);
	sbuf_fini(&file);
}
END_TEST

START_TEST(what_is_not_known_is_passed_over)
{
	begin();
	ck_assert_str_eq(load("\n\n#be guid,nothing,stot,svname,status,scur\n\n be:1,a,6,x,UP,99 \r\nno:such,b,7\n"
			      "#zz guid,stot\nbe:1,50\n#be nonsense\nbe:1,50,50\n"),
			 "");
	ck_assert_uint_eq(sum(&be->be, C_SESS), 6);
	ck_assert_uint_eq(be->be.cur, 0);		/* a gauge is not kept */
	/* More fields than columns, and fewer. */
	ck_assert_str_eq(load("#be guid,stot\nbe:1,1,2,3,4\nbe:1\nbe:1,\n"), "");
	ck_assert_uint_eq(sum(&be->be, C_SESS), 7);
	/* Of two kinds the same name is not the same. */
	ck_assert_str_eq(load("#fe guid,stot\nbe:1,100\nboth-s,100\n"), "");
	ck_assert_uint_eq(sum(&be->be, C_SESS), 7);
	ck_assert_uint_eq(sum(&s1->cnt, C_SESS), 0);
}
END_TEST

START_TEST(wrong_values)
{
	static const char *const values[] = { "-1", "x", "1.5", "99999999999999999999", " 1", "0x1" };
	char text[200];

	begin();
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		snprintf(text, sizeof(text), "#be guid,stot,bin\n\nbe:1,%s,1\n", values[i]);
		ck_assert_ptr_nonnull(strstr(load(text), "Invalid value in stats-file '/tmp/weir-stats-"));
		ck_assert_ptr_nonnull(strstr(sbuf_z(&heard), " at line 3."));
		ck_assert_uint_eq(sum(&be->be, C_SESS), 0);
		ck_assert_uint_eq(sum(&be->be, C_BYTES_IN), i + 1);	/* the others are good */
	}
}
END_TEST

START_TEST(no_such_file)
{
	static const char *const texts[] = {
		"", "\n \n", "be:1,5\n", "hello", "#be stot\n", "#be\n", "be:1,5\n#be guid,stot\n",
	};
	struct diag d = { .keep = &heard };
	struct conf *c;

	begin();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_msg(strstr(load(texts[i]), "Invalid stats-file format in file '"), "%s", texts[i]);
	ck_assert_uint_eq(sum(&be->be, C_SESS), 0);
	c = malloc(sizeof(*c));
	memcpy(c, conf, sizeof(*c));
	sbuf_clear(&heard);
	c->global.stats_file = STR("/nowhere/x");
	stats_load_file(c, &d);
	ck_assert_ptr_nonnull(strstr(sbuf_z(&heard),
				     "config: Can't load stats-file '/nowhere/x': No such file or directory."));
	sbuf_clear(&heard);
	c->global.stats_file = STR_NONE;
	stats_load_file(c, &d);
	ck_assert_uint_eq(heard.n, 0);
	free(c);
}
END_TEST

/* Columns beyond any that there could be. */
START_TEST(too_many_columns)
{
	struct sbuf text = sbuf_grow();

	begin();
	sbuf_putz(&text, "#be guid,");
	for (int i = 0; i < COLUMNS_MAX * 2; i++)
		sbuf_putz(&text, "stot,");
	sbuf_putz(&text, "\nbe:1");
	for (int i = 0; i < COLUMNS_MAX * 2; i++)
		sbuf_putz(&text, ",1");
	sbuf_putz(&text, "\n");
	ck_assert_str_eq(load(sbuf_z(&text)), "");
	ck_assert_uint_eq(sum(&be->be, C_SESS), COLUMNS_MAX);
	sbuf_fini(&text);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stats_file");

	UNIT_TEST(s, what_is_written_is_read);
	UNIT_TEST(s, what_is_not_known_is_passed_over);
	UNIT_TEST(s, wrong_values);
	UNIT_TEST(s, no_such_file);
	UNIT_TEST(s, too_many_columns);
	return unit_run(s);
}
