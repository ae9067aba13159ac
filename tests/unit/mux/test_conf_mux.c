#include <stdio.h>
#include "src/mux/h1_priv.h"
#include "tests/unit/unit.h"
#include "weir/conf/load.h"
#include "weir/mux/conf_mux.h"

static struct mux_words words;
static struct arena mem;	/* of the last load */

static bool begin(struct kw_call *k)
{
	k->ld->obj = &words;
	k->at = k->n;
	return true;
}

static bool parse_line(struct kw_call *k)
{
	char what[100];

	snprintf(what, sizeof(what), "'%s " STR_FMT "'", k->kw->name, STR_ARG(k->w[1]));
	k->at++;
	return kw_words(k, (uint32_t)k->kw->priv, &words, what);
}

static const struct kw lines[] = {
	{ .name = "bind", .scopes = KW_LISTEN, .type = KT_PARSE, .parse = parse_line, .priv = KW_BIND },
	{ .name = "server", .scopes = KW_LISTEN, .type = KT_PARSE, .parse = parse_line, .priv = KW_SERVER },
};
static const struct section_row rows[] = { { .name = "listen", .scope = KW_LISTEN, .begin = begin } };
static const struct section_table sections[] = { { rows, ARRAY_LEN(rows) }, { NULL, 0 } };
static const struct kw_table tables[] = {
	{ lines, ARRAY_LEN(lines), 0, 0 },
	{ mux_keywords, MUX_KEYWORDS, 0, 0 },
	{ NULL, 0, 0, 0 },
};
static const struct conf_facts facts;
static const struct conf_registry registry = { .keywords = tables, .sections = sections, .facts = &facts };

/* Everything that is said about one line, with carets and hints. */
static const char *load(const char *line)
{
	static char said[4096];
	FILE *to = fmemopen(said, sizeof(said), "w");
	struct diag d = { .to = to, .carets = true };
	struct loader ld;
	char text[1000];

	memset(said, 0, sizeof(said));
	setvbuf(to, NULL, _IONBF, 0);
	conf_register(&registry);
	mux_words_init(&words);
	arena_fini(&mem);
	arena_init(&mem, 1024);
	loader_init(&ld, &d, &mem, NULL);
	snprintf(text, sizeof(text), "listen x\n %s\n", line);
	loader_text(&ld, "t", str_c(text));
	loader_fini(&ld);
	fclose(to);
	return said;
}

static void good(const char *line)
{
	ck_assert_str_eq(load(line), "");
}

static void bad(const char *line, const char *text, const char *hint)
{
	const char *said = load(line);

	ck_assert_msg(strstr(said, text), "%s\nis not in\n%s", text, said);
	ck_assert_msg(!hint || strstr(said, hint), "%s\nis not in\n%s", hint, said);
}

START_TEST(protocols)
{
	good("bind :80");
	ck_assert_ptr_null(words.proto);
	good("bind :80 proto h1");
	ck_assert_ptr_eq(words.proto, &mux_h1);
	good("server s proto none");
	ck_assert_ptr_eq(words.proto, &mux_pass);
	bad("bind *:8084 proto h2,http/1.1", "'bind *:8084' : 'proto' : unknown MUX protocol 'h2,http/1.1'", "alpn");
	bad("bind *:8084 proto h2c", "'bind *:8084' : 'proto' : unknown MUX protocol 'h2c'", "upgrade h2c");
	bad("server s proto h3", "'server s' : 'proto' : unknown MUX protocol 'h3'", "h1");
	bad("server s proto bogus", "unknown MUX protocol 'bogus'", "one of h1");
	bad("bind :80 proto", "'bind :80' : 'proto' : missing value", NULL);
	arena_fini(&mem);
}
END_TEST

START_TEST(upgrades)
{
	good("bind :80 upgrade h2c");
	ck_assert(words.upgrade_h2c);
	good("server s upgrade h2c no-upgrade");
	ck_assert(!words.upgrade_h2c);
	good("server s upgrade h2c upgrade-retry 10s");
	ck_assert_uint_eq(words.upgrade_retry, 10000);
	good("server s");
	ck_assert_uint_eq(words.upgrade_retry, UPGRADE_RETRY_MS);
	bad("bind :80 upgrade h2c,spdy", "'bind :80' : 'upgrade' : unknown protocol 'spdy'", "known: h2c");
	bad("bind :80 upgrade h2c,spdy", "\n   |                       ^", NULL);
	bad("bind :80 upgrade", "'upgrade' : missing list of protocols", NULL);
	bad("bind :80 upgrade-retry 1s", "unknown keyword 'upgrade-retry'", NULL);
	arena_fini(&mem);
}
END_TEST

START_TEST(alpn)
{
	good("bind :80 alpn h2,http/1.1");
	ck_assert(words.alpn_set);
	ck_assert(str_eq(words.alpn, str_make("\2h2\10http/1.1", 12)));
	good("bind :80 alpn h2 no-alpn");
	ck_assert(!words.alpn_set && words.no_alpn && !words.alpn.n);
	good("bind :80 no-alpn alpn h2");
	ck_assert(words.alpn_set && !words.no_alpn);
	bad("bind :80 alpn", "missing the comma-delimited ALPN protocol suite", NULL);
	arena_fini(&mem);
}
END_TEST

START_TEST(websocket)
{
	good("server s ws h2");
	ck_assert_uint_eq(words.ws, 2);
	good("server s ws auto");
	ck_assert_uint_eq(words.ws, 0);
	bad("server s ws h3", "'server s' : 'ws' has to be 'auto', 'h1' or 'h2'", NULL);
	bad("server s ws", "'ws' has to be", NULL);
	arena_fini(&mem);
}
END_TEST

static const char *misfit(const char *line, unsigned side, bool http, bool ssl)
{
	static struct mux_misfit why;

	good(line);
	why.text[0] = '\0';
	ck_assert_int_eq(mux_words_check(&words, side, http, ssl, &why), !why.text[0]);
	return why.text;
}

START_TEST(what_does_not_fit)
{
	ck_assert_str_eq(misfit("bind :80 proto h1", MUX_FRONT, true, false), "");
	ck_assert_str_eq(misfit("bind :80 proto h1 upgrade h2c", MUX_FRONT, true, false), "");
	ck_assert_str_eq(misfit("bind :80 upgrade h2c", MUX_FRONT, true, false), "");
	ck_assert_str_eq(misfit("server s upgrade h2c", MUX_BACK, true, false), "");
	ck_assert_str_eq(misfit("bind :80 alpn h2", MUX_FRONT, true, false), "");
	ck_assert_str_eq(misfit("bind :80 proto none", MUX_FRONT, true, false), "MUX protocol 'none' is not usable");
	ck_assert_str_eq(misfit("server s proto h1", MUX_BACK, false, false), "MUX protocol 'h1' is not usable");
	ck_assert_ptr_nonnull(strstr(misfit("bind :80 upgrade h2c", MUX_FRONT, true, true), "'ssl'"));
	ck_assert_ptr_nonnull(strstr(misfit("server s upgrade h2c", MUX_BACK, true, true), "'ssl'"));
	ck_assert_ptr_nonnull(strstr(misfit("server s proto h1 upgrade h2c", MUX_BACK, true, false), "'proto'"));
	ck_assert_ptr_nonnull(strstr(misfit("bind :80 upgrade h2c", MUX_FRONT, false, false), "mode http"));
	arena_fini(&mem);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("conf_mux");

	UNIT_TEST(s, protocols);
	UNIT_TEST(s, upgrades);
	UNIT_TEST(s, alpn);
	UNIT_TEST(s, websocket);
	UNIT_TEST(s, what_does_not_fit);
	return unit_run(s);
}
