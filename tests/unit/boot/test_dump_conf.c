/* -dC: what is written can be read again and means the same; with a key nothing private is left. */
#include "tests/unit/model/load.h"

#include "src/boot/dump_conf.c"

static struct arena mem;

/* A line of a file as it is dumped. */
static const char *dumped(const char *line, const char *key)
{
	static struct sbuf out;
	struct lex_opts o = { .comments = true };
	struct lex lex = { 0 };

	sbuf_fini(&out);
	out = sbuf_grow();
	arena_init(&mem, 4096);
	ck_assert(lex_line(&lex, str_c(line), &o, &mem));
	if (lex.n && lex.w[0].n)
		put_line(&out, &lex, key);
	lex_fini(&lex);
	arena_fini(&mem);
	return sbuf_z(&out);
}

START_TEST(words_are_quoted_where_they_must)
{
	tables_up();
	ck_assert_str_eq(dumped("  bind   :80   # a comment", ""), "\tbind :80\n");
	ck_assert_str_eq(dumped("frontend fe", ""), "frontend fe\n");
	ck_assert_str_eq(dumped("   ", ""), "");
	ck_assert_str_eq(dumped("# all", ""), "");
	ck_assert_str_eq(dumped(".if defined(X)", ""), ".if defined(X)\n");
	ck_assert_str_eq(dumped("log-format 'a b'", ""), "\tlog-format \"a b\"\n");
	ck_assert_str_eq(dumped("log-format a\\ \"b\"'c'", ""), "\tlog-format \"a bc\"\n");
	ck_assert_str_eq(dumped("x ''", ""), "\tx \"\"\n");
	ck_assert_str_eq(dumped("x '$A' '\"' '\\' \"it's\" a\\#b", ""),
			 "\tx \"\\$A\" \"\\\"\" \"\\\\\" \"it's\" \"a#b\"\n");
}
END_TEST

/* Any bytes: the same words again. */
START_TEST(what_is_written_is_read)
{
	static const char bytes[] = "ab \t\n\r#\\\"'$${}[]*~%\x01\x7f\xc3\xa4,()";
	struct lex_opts o = { .comments = true };
	unsigned seed = 1;

	tables_up();
	for (int i = 0; i < 3000; i++) {
		struct lex lex = { 0 };
		struct sbuf line = sbuf_grow();
		char word[3][8];
		size_t n[3];

		sbuf_putz(&line, "x");
		for (int k = 0; k < 3; k++) {
			n[k] = seed / 65536 % 7;
			for (size_t j = 0; j < n[k]; j++) {
				seed = seed * 1103515245 + 12345;
				word[k][j] = bytes[seed / 65536 % (sizeof(bytes) - 1)];
			}
			seed = seed * 1103515245 + 12345;
			sbuf_putc(&line, ' ');
			put_word(&line, str_make(word[k], n[k]));
		}
		arena_init(&mem, 1024);
		ck_assert_msg(lex_line(&lex, sbuf_str(&line), &o, &mem), "%s", sbuf_z(&line));
		ck_assert_msg(lex.n == 4, "%d words: %s", lex.n, sbuf_z(&line));
		for (int k = 0; k < 3; k++)
			ck_assert_msg(str_eq(lex.w[k + 1], str_make(word[k], n[k])), "word %d of: %s", k,
				      sbuf_z(&line));
		lex_fini(&lex);
		arena_fini(&mem);
		sbuf_fini(&line);
	}
}
END_TEST

static bool keeps(const char *line, const char *words)
{
	return strstr(dumped(line, "secret"), words) != NULL;
}

START_TEST(with_a_key)
{
	char first[200];

	tables_up();
	ck_assert(keeps("server web1 10.1.2.3:80 check inter 2s maxconn 50", "\tserver HASH("));
	ck_assert(keeps("server web1 10.1.2.3:80 check inter 2s maxconn 50", ") check inter 2s maxconn 50\n"));
	ck_assert(!keeps("server web1 10.1.2.3:80 check", "web1") && !keeps("server web1 10.1.2.3:80 check", "10.1"));
	ck_assert(keeps("backend private", "backend HASH("));
	ck_assert(keeps("stats auth me:pw", "\tstats auth HASH("));
	ck_assert(keeps("http-request deny deny_status 403 if { src 10.0.0.0/8 }", "http-request deny "));
	ck_assert(!keeps("tcp-request content accept if WAIT_END !mine", "mine"));
	ck_assert(!keeps("acl a path /secret/x", "/secret"));
	/* The same word, the same hash; another key, another one. */
	snprintf(first, sizeof(first), "%s", dumped("backend private", "k"));
	ck_assert_str_eq(dumped("backend private", "k"), first);
	ck_assert_str_ne(dumped("backend private", "l"), first);
	ck_assert_str_ne(dumped("backend Private", "k"), first);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("dump_conf");

	UNIT_TEST(s, words_are_quoted_where_they_must);
	UNIT_TEST(s, what_is_written_is_read);
	UNIT_TEST(s, with_a_key);
	return unit_run(s);
}
