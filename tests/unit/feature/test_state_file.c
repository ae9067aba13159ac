/* Server-state files: what of them is believed, and what a damaged one does. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "src/boot/boot.h"
#include "src/feature/servers/state_file.c"

#define GOOD_FIELDS "127.0.0.1 2 0 5 1 100 1 0 2 0 0 0 0 - 77 - 0 0 - - 0"

static char dir[] = "/tmp/weir-state-XXXXXX";
static struct sbuf said;
static struct conf *conf;

/* Loads a configuration whose global file has this text; what was said. */
static const char *load(const char *text)
{
	static char config[2000];
	struct diag d = { .keep = &said };
	char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/states", dir);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	snprintf(config, sizeof(config),
		 "global\n server-state-base %s\n server-state-file states\n"
		 "defaults\n mode http\n timeout client 1s\n timeout connect 1s\n timeout server 1s\n"
		 " load-server-state-from-file global\n"
		 "backend a\n server s1 127.0.0.1:1\n server s2 127.0.0.1:2 weight 7\n"
		 "backend b\n load-server-state-from-file none\n server s1 127.0.0.1:1\n"
		 "backend c\n load-server-state-from-file local\n server s1 127.0.0.1:1\n", dir);
	if (conf) {		/* the one before */
		live_end();
		conf_unref(conf);
	}
	sbuf_fini(&said);
	said = sbuf_grow();
	conf = conf_load_text("t", str_c(config), &d);
	ck_assert_msg(conf && !said.n, "%s", sbuf_z(&said));
	ck_assert(live_adopt(conf, &d));
	servers_load_states(conf, &d);
	return sbuf_z(&said);
}

static int weight(const char *backend, const char *server)
{
	return live_server(live_backend(str_c(backend)), str_c(server))->weight;
}

static bool has(const char *text)
{
	return strstr(sbuf_z(&said), text);
}

START_TEST(lines_find_their_servers)
{
	load("1\n# comment\n\n9 a 1 s1 " GOOD_FIELDS "\r\n9 b 1 s1 " GOOD_FIELDS "\n9 a 7 gone " GOOD_FIELDS
	     "\n9 nobody 1 s1 " GOOD_FIELDS "\n9 a 2 s2   127.0.0.1 2 0 9 7 100 1 0 2 0 0 0 0 - 77 -");
	ck_assert_int_eq(weight("a", "s1"), 5);
	ck_assert_int_eq(weight("a", "s2"), 9);		/* by name, with fewer fields: an older version's line */
	ck_assert_int_eq(weight("b", "s1"), 1);		/* asks for none */
	ck_assert_int_eq(weight("c", "s1"), 1);
	ck_assert(has("Proxy 'c': Can't open server state file '") && has("/c': No such file or directory."));
	ck_assert(!has("global"));
}
END_TEST

/* Of a damaged file nothing is taken. */
static void useless(const char *text, const char *says)
{
	load(text);
	ck_assert_msg(has(says), "%s", sbuf_z(&said));
	ck_assert_int_eq(weight("a", "s1"), 1);
}

START_TEST(no_version)
{
	useless("", "Can't get version of the global server state file");
	useless("2\n9 a 1 s1 " GOOD_FIELDS "\n", "Can't get version of the global server state file");
	useless("1 \n9 a 1 s1 " GOOD_FIELDS "\n", "Can't get version of the global server state file");
	useless("9 a 1 s1 " GOOD_FIELDS "\n", "Can't get version of the global server state file");
}
END_TEST

START_TEST(damaged_lines)
{
	useless("1\n9 a 1 s1 " GOOD_FIELDS "\n9 a 1 s1\n", "corrupted global server state file '");
	ck_assert(has("at line 2."));
	useless("1\n9 a 1 s1 " GOOD_FIELDS " 1 2 3 4 5\n", "corrupted global server state file '");
	useless("1\n\n# x\nx\n", "at line 3.");
}
END_TEST

START_TEST(values_that_cannot_be)
{
	useless("1\n9 a 1 s1 127.0.0.1 2 0 999 1 100 1 0 2 0 0 0 0 - 77 - 0 0 - - 0\n", "for server 'a/s1'");
	ck_assert(has("invalid srv_uweight value '999'"));
	useless("1\n9 a 1 s1 127.0.0.1 x 0 5 1 100 1 0 2 0 0 0 0 - 77 - 0 0 - - 0\n",
		"server-state application failed for server 'a/s1', invalid srv_op_state value 'x'");
}
END_TEST

START_TEST(fields)
{
	struct str f[LINE_MAX_WORDS];
	struct sbuf line = sbuf_grow();

	for (int n = 1; n <= SRV_STATE_FIELDS + 3; n++) {
		sbuf_printf(&line, "%sf%d", n > 1 ? " " : "", n);
		ck_assert_int_eq(fields_of(sbuf_str(&line), f), n >= SRV_STATE_FIELDS - 5 && n <= SRV_STATE_FIELDS);
	}
	sbuf_clear(&line);
	for (int n = 1; n <= SRV_STATE_FIELDS - 5; n++)
		sbuf_printf(&line, " f%d ", n);
	ck_assert(fields_of(sbuf_str(&line), f));
	ck_assert(str_eqz(f[0], "f1") && str_eqz(f[SRV_STATE_FIELDS - 5], "0"));
	ck_assert(str_eqz(f[SRV_STATE_FIELDS - 2], "-") && str_eqz(f[SRV_STATE_FIELDS - 1], "0"));
	sbuf_fini(&line);
	ck_assert(!is_entry(STR("")) && !is_entry(STR("# x")) && is_entry(STR(" x")));
}
END_TEST

int main(void)
{
	struct cmdline c = { .progname = "weir" };
	Suite *s = unit_suite("state_file");
	char path[100];
	int r;

	if (!mkdtemp(dir))
		return EXIT_FAILURE;
	builtin_register(&c);
	UNIT_TEST(s, lines_find_their_servers);
	UNIT_TEST(s, no_version);
	UNIT_TEST(s, damaged_lines);
	UNIT_TEST(s, values_that_cannot_be);
	UNIT_TEST(s, fields);
	r = unit_run(s);
	snprintf(path, sizeof(path), "%s/states", dir);
	unlink(path);
	rmdir(dir);
	return r;
}
