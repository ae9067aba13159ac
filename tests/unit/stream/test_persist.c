/* Persistence by cookie: where a request goes, what the server and the client see of the cookie, and the two letters of
 * the log (the manual's "cookie" and "session state": N none, I invalid or inserted, D down or deleted, V valid, E idle
 * too long, O too old, U unused or updated, P passed, R rewritten). */
#include "stream_test.h"

#define SERVERS2 " server s1 $1 cookie one\n server s2 $2 cookie two\n"

/* The date of the tests, 1700000000, as weir and HAProxy write it: units of four seconds, six bits a letter. */
#define NOW "ZVPxA"

static struct side *get_with(const char *cookie)
{
	char text[500];

	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nhost: a\r\n%s%s%s\r\n", cookie ? "cookie: " : "",
		 cookie ? cookie : "", cookie ? "\r\n" : "");
	return ask(text);
}

static void begin_mode(const char *words)
{
	char text[500];

	snprintf(text, sizeof(text), "backend be\n cookie SRV %s\n" SERVERS2, words);
	begin_with(HTTP FE, text);
}

START_TEST(insert)
{
	struct side *c;

	begin_mode("insert");
	c = get_with(NULL);
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=one; path=/\n");
	expect_log("200 --NI be/s1 0");
	c = get_with("a=b; SRV=two; c=d");
	expect_head(server(), "cookie: a=b; SRV=two; c=d\n");
	answer(server(), OK);
	expect_no_head(c, "set-cookie");
	expect_log("200 --VN be/s2 0");
	c = get_with("SRV=three");
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=");
	ck_assert_ptr_nonnull(strstr(log_line(), "200 --II "));
	end();
}
END_TEST

START_TEST(indirect_hides_it_from_the_server)
{
	begin_mode("insert indirect nocache httponly secure domain .example.org");
	get_with("a=b; SRV=two; c=d");
	expect_head(server(), "cookie: a=b; c=d\n");
	answer(server(), OK);
	expect_log("200 --VN be/s2 0");
	get_with("SRV=two");
	expect_no_head(server(), "cookie");
	answer(server(), OK);
	expect_log("200 --VN be/s2 0");
	get_with("XSRV=two");
	expect_head(server(), "cookie: XSRV=two\n");
	answer(server(), OK);
	end();
}
END_TEST

START_TEST(attributes)
{
	struct side *c;

	begin_mode("insert indirect nocache httponly secure domain .example.org attr \"SameSite=None\"");
	c = get_with(NULL);	/* an answer that a cache may keep is kept from being given to others */
	answer(server(), "HTTP/1.1 200 OK\r\netag: \"1\"\r\ncontent-length: 0\r\n\r\n");
	expect_head(c, "set-cookie: SRV=one; path=/; domain=.example.org; HttpOnly; Secure; SameSite=None\n");
	expect_head(c, "cache-control: private\n");
	end();
}
END_TEST

START_TEST(servers_that_set_it_themselves)
{
	struct side *c;

	begin_mode("insert");
	c = get_with(NULL);
	answer(server(), "HTTP/1.1 200 OK\r\nset-cookie: SRV=own; path=/x\r\ncontent-length: 0\r\n\r\n");
	expect_no_head(c, "own");
	expect_head(c, "set-cookie: SRV=one; path=/\n");
	end();
}
END_TEST

START_TEST(preserve)
{
	struct side *c;

	begin_mode("insert preserve");
	c = get_with(NULL);
	answer(server(), "HTTP/1.1 200 OK\r\nset-cookie: SRV=own\r\ncontent-length: 0\r\n\r\n");
	expect_head(c, "set-cookie: SRV=own\n");
	expect_no_head(c, "SRV=one");
	expect_log("200 --NP be/s1 0");
	end();
}
END_TEST

START_TEST(postonly)
{
	struct side *c;

	begin_mode("insert postonly");
	c = get_with(NULL);
	answer(server(), OK);
	expect_no_head(c, "set-cookie");
	expect_log("200 --NN be/s1 0");
	c = ask("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=two; path=/\n");
	end();
}
END_TEST

START_TEST(rewrite)
{
	struct side *c;

	begin_mode("rewrite");
	c = get_with(NULL);
	answer(server(), "HTTP/1.1 200 OK\r\nset-cookie: SRV=; path=/x\r\ncontent-length: 0\r\n\r\n");
	expect_head(c, "set-cookie: SRV=one; path=/x\n");
	expect_log("200 --NR be/s1 0");
	c = get_with(NULL);
	answer(server(), OK);	/* nothing is added of our own */
	expect_no_head(c, "set-cookie");
	expect_log("200 --NN be/s2 0");
	end();
}
END_TEST

START_TEST(prefix)
{
	struct side *c;

	begin_mode("prefix");
	c = get_with(NULL);
	answer(server(), "HTTP/1.1 200 OK\r\nset-cookie: SRV=app; path=/\r\ncontent-length: 0\r\n\r\n");
	expect_head(c, "set-cookie: SRV=one~app; path=/\n");
	expect_log("200 --NR be/s1 0");
	c = get_with("x=y; SRV=two~app; z=1");
	expect_head(server(), "cookie: x=y; SRV=app; z=1\n");
	answer(server(), OK);
	expect_log("200 --VN be/s2 0");
	ck_assert(c->released);
	end();
}
END_TEST

START_TEST(a_server_that_is_down)
{
	struct side *c;

	begin_mode("insert");
	srv_set_admin(srv_of("be", "s1"), SRV_ADM_FMAINT, true, NULL);
	c = get_with("SRV=one");
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=two; path=/\n");
	expect_log("200 --DI be/s2 0");
	end();
}
END_TEST

/* Draining servers keep those they have. */
START_TEST(a_server_that_is_drained)
{
	begin_mode("insert");
	srv_set_admin(srv_of("be", "s1"), SRV_ADM_FDRAIN, true, NULL);
	get_with("SRV=one");
	answer(server(), OK);
	expect_log("200 --VN be/s1 0");
	get_with(NULL);
	answer(server(), OK);
	expect_log("200 --NI be/s2 0");
	end();
}
END_TEST

START_TEST(ignore_persist)
{
	begin(HTTP FE "backend be\n cookie SRV insert\n ignore-persist if { path /free }\n" SERVERS2);
	ask("GET /free HTTP/1.1\r\nhost: a\r\ncookie: SRV=two\r\n\r\n");
	answer(server(), OK);
	expect_log("200 --UN be/s1 0");
	end();
}
END_TEST

START_TEST(force_persist)
{
	begin(HTTP FE "backend be\n cookie SRV insert\n force-persist if { path /test }\n" SERVERS2);
	srv_set_admin(srv_of("be", "s2"), SRV_ADM_FMAINT, true, NULL);
	ask("GET /test HTTP/1.1\r\nhost: a\r\ncookie: SRV=two\r\n\r\n");
	answer(server(), OK);
	expect_log("200 --DN be/s2 0");
	end();
}
END_TEST

/* --- dates --- */

START_TEST(dates)
{
	struct side *c;

	begin_mode("insert maxidle 60s maxlife 1h");
	c = get_with(NULL);
	answer(server(), OK);
	expect_head(c, "set-cookie: SRV=one|" NOW "|" NOW "; path=/\n");
	expect_log("200 --NI be/s1 0");
	c = get_with("SRV=two|" NOW "|" NOW);
	answer(server(), OK);	/* not a unit has passed */
	expect_no_head(c, "set-cookie");
	expect_log("200 --VN be/s2 0");
	pass(40000);
	c = get_with("SRV=two|" NOW "|" NOW);
	answer(server(), OK);	/* seen anew, first seen as ever */
	expect_head(c, "set-cookie: SRV=two|ZVPxK|" NOW "; path=/\n");
	expect_log("200 --VU be/s2 0");
	end();
}
END_TEST

START_TEST(dates_that_are_over)
{
	begin_mode("insert maxidle 60s maxlife 100s");
	pass(61000);
	get_with("SRV=two|" NOW "|" NOW);
	answer(server(), OK);
	expect_log("200 --EI be/s1 0");
	pass(44000);	/* 105 s: the last visit is recent, the first is not */
	get_with("SRV=two|ZVPxQ|" NOW);
	answer(server(), OK);
	ck_assert_ptr_nonnull(strstr(log_line(), "200 --OI "));
	end();
}
END_TEST

/* Whatever clients make up: they are balanced, nothing else. */
START_TEST(hostile_values)
{
	static const char *const values[] = {
		"SRV=", "SRV", "SRV=|", "SRV=||", "SRV=two|!!!!!|", ("SRV=|" NOW), "SRV==two", "SRV=\"two", "=two",
		";;;", "SRV=two~",
	};

	begin_mode("insert indirect maxidle 60s");
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct side *c = get_with(values[i]);

		answer(server(), OK);
		ck_assert_msg(c->released, "%s", values[i]);
		ck_assert_int_eq(strncmp(log_line(), "200 --", 6), 0);
	}
	end();
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("stream: persistence");

	UNIT_TEST(s, insert);
	UNIT_TEST(s, indirect_hides_it_from_the_server);
	UNIT_TEST(s, attributes);
	UNIT_TEST(s, servers_that_set_it_themselves);
	UNIT_TEST(s, preserve);
	UNIT_TEST(s, postonly);
	UNIT_TEST(s, rewrite);
	UNIT_TEST(s, prefix);
	UNIT_TEST(s, a_server_that_is_down);
	UNIT_TEST(s, a_server_that_is_drained);
	UNIT_TEST(s, ignore_persist);
	UNIT_TEST(s, force_persist);
	UNIT_TEST(s, dates);
	UNIT_TEST(s, dates_that_are_over);
	UNIT_TEST(s, hostile_values);
	return unit_run(s);
}
