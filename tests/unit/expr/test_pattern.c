/* Patterns: kinds of matching in lists and in the hash, big sets, versions, files, editing while others read. */
#include "src/expr/pat_priv.h"
#include "tests/unit/expr/all_rows.h"
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static struct pat_refs *refs;
static struct arena mem;
static struct load_err err;

static void open_refs(void)
{
	refs = pat_refs_create();
	arena_init(&mem, 4096);
}

static void close_refs(void)
{
	pat_refs_destroy(refs);
	arena_fini(&mem);
}

static bool add(struct pat_ref *ref, const char *key, const char *value)
{
	return pat_ref_add(ref, str_c(key), value ? str_c(value) : STR_NONE, PAT_GEN_CURRENT, 0, &err);
}

/* The key that a text finds, or "-". */
static const char *found(const struct pat_index *ix, const char *text)
{
	struct sample s = { .type = SMP_STR, .flags = SMP_F_CONST, .s = str_c(text) };
	enum smp_type want = pat_kind_type((enum pat_kind)ix->kind);
	struct pat_hit hit;

	if (want != SMP_ANY && !smp_cast(&s, want, &mem))
		return "-";
	if (!pat_find(ix, &s, &mem, &hit, false))
		return "-";
	return hit.key.p;
}

static struct pat_index *fresh(enum pat_kind kind, bool icase)
{
	struct pat_index *ix = pat_index_for(pat_ref_inline(refs, -1, &err), kind, icase, SMP_ANY, &err);

	ck_assert_ptr_nonnull(ix);
	return ix;
}

#define FOUND(ix, text, want) ck_assert_str_eq(found(ix, text), want)

/* Every kind answers the same with few keys (list) and with many (hash). */
static void texts(bool many)
{
	struct pat_index *str, *beg, *end, *ibeg, *istr, *sub, *dom;

	open_refs();
	str = fresh(PAT_STR, false);
	istr = fresh(PAT_STR, true);
	beg = fresh(PAT_BEG, false);
	ibeg = fresh(PAT_BEG, true);
	end = fresh(PAT_END, false);
	sub = fresh(PAT_SUB, true);
	dom = fresh(PAT_DOM, false);
	for (int i = 0; many && i < 2000; i++) {
		struct pat_index *all[] = { str, istr, beg, ibeg, end, sub, dom };

		for (size_t k = 0; k < ARRAY_LEN(all); k++) {
			char key[32];

			snprintf(key, sizeof(key), "filler-%d-", i);
			ck_assert(add(all[k]->ref, key, NULL));
		}
	}
	add(str->ref, "abc", NULL);
	add(str->ref, "", NULL);
	FOUND(str, "abc", "abc");
	FOUND(str, "", "");
	FOUND(str, "ABC", "-");
	FOUND(str, "abcd", "-");
	add(istr->ref, "aBc", NULL);
	FOUND(istr, "AbC", "aBc");
	add(beg->ref, "/a", NULL);
	add(beg->ref, "/a/b", NULL);
	FOUND(beg, "/a/b/c", "/a/b");
	FOUND(beg, "/a/x", "/a");
	FOUND(beg, "/", "-");
	add(ibeg->ref, "/A", NULL);
	add(ibeg->ref, "/A/B", NULL);
	FOUND(ibeg, "/a/b/c", "/A");
	add(end->ref, ".html", NULL);
	add(end->ref, "x.html", NULL);
	FOUND(end, "/x.html", ".html");
	FOUND(end, "html", "-");
	add(sub->ref, "NeEdLe", NULL);
	FOUND(sub, "hayneedlestack", "NeEdLe");
	add(dom->ref, ".example.com.", NULL);
	FOUND(dom, "www.example.com", ".example.com.");
	FOUND(dom, "www.example.community", "-");
	add(dom->ref, "www.example", NULL);
	add(dom->ref, "www", NULL);
	FOUND(dom, "http://www.example.org:80/x?y", "www.example");
	FOUND(dom, "http://www.org:80/x?y", "www");
	FOUND(dom, "xwww.org", "-");
	add(dom->ref, "..", NULL);
	FOUND(dom, "a.", "..");
	FOUND(dom, "a", "-");
	close_refs();
}

START_TEST(texts_few)
{
	texts(false);
}
END_TEST

START_TEST(texts_many)
{
	texts(true);
}
END_TEST

static void networks(bool many)
{
	struct pat_index *ix;

	open_refs();
	ix = fresh(PAT_IP, false);
	for (int i = 0; many && i < 3000; i++) {
		char key[32];

		snprintf(key, sizeof(key), "172.%d.%d.0/24", i / 250, i % 250);
		ck_assert(add(ix->ref, key, NULL));
	}
	add(ix->ref, "10.0.0.0/8", NULL);
	add(ix->ref, "10.1.0.0/16", NULL);
	add(ix->ref, "10.1.2.3", NULL);
	add(ix->ref, "2001:db8::/32", NULL);
	add(ix->ref, "::ffff:9.0.0.0/104", NULL);
	FOUND(ix, "10.2.2.2", "10.0.0.0/8");
	FOUND(ix, "10.1.9.9", "10.1.0.0/16");
	FOUND(ix, "10.1.2.3", "10.1.2.3");
	FOUND(ix, "11.0.0.1", "-");
	FOUND(ix, "2001:db8:1::5", "2001:db8::/32");
	FOUND(ix, "2001:db9::1", "-");
	FOUND(ix, "::ffff:10.1.2.3", "10.1.2.3");
	FOUND(ix, "2002:a01:203::", "10.1.2.3");
	FOUND(ix, "9.8.7.6", "::ffff:9.0.0.0/104");
	ck_assert(!add(ix->ref, "10.0.0.0/33", NULL));
	ck_assert_str_eq(err.msg, "'10.0.0.0/33' is not a valid IPv4 or IPv6 address");
	ck_assert(add(ix->ref, "7.0.0.7/255.0.0.255", NULL));
	FOUND(ix, "7.9.9.7", "7.0.0.7/255.0.0.255");
	FOUND(ix, "7.9.9.8", "-");
	ck_assert(add(ix->ref, "0.0.0.0/0", NULL));
	FOUND(ix, "8.8.8.8", "0.0.0.0/0");
	close_refs();
}

START_TEST(networks_few)
{
	networks(false);
}
END_TEST

START_TEST(networks_many)
{
	networks(true);
}
END_TEST

START_TEST(numbers)
{
	struct pat_index *ix;

	open_refs();
	ix = fresh(PAT_INT, false);
	add(ix->ref, "100:200", NULL);
	for (int i = 0; i < 300; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%d", i);
		ck_assert(add(ix->ref, key, NULL));
	}
	FOUND(ix, "5", "5");
	FOUND(ix, "150", "100:200");
	FOUND(ix, "299", "299");
	FOUND(ix, "300", "-");
	ck_assert(add(ix->ref, "1000:", NULL));
	FOUND(ix, "9999", "1000:");
	ck_assert(!add(ix->ref, "9:5", NULL));
	ck_assert_str_eq(err.msg, "'9:5' is not a valid number range");
	ck_assert(!add(ix->ref, ":", NULL));
	ck_assert(!add(ix->ref, "1.5", NULL));
	ck_assert_str_eq(err.msg, "'1.5' is not a number");
	close_refs();
}
END_TEST

START_TEST(first_of_duplicates)
{
	struct pat_ref *ref;
	struct pat_index *ix;
	struct pat_hit hit;
	struct sample s = { .type = SMP_STR, .s = STR("k") };

	open_refs();
	ref = pat_ref_new(refs, STR("m"), -1);
	ix = pat_index_for(ref, PAT_STR, false, SMP_STR, &err);
	add(ref, "k", "first");
	add(ref, "k", "second");
	for (int round = 0; round < 2; round++) {
		ck_assert(pat_find(ix, &s, &mem, &hit, false));
		ck_assert(str_eqz(hit.value->text, "first"));
		for (int i = 0; i < 50; i++) {
			char key[16];

			snprintf(key, sizeof(key), "x%d", i);
			add(ref, key, "v");
		}
	}
	ck_assert_int_eq(pat_ref_set(ref, STR("k"), STR("both"), &err), 2);
	ck_assert(pat_find(ix, &s, &mem, &hit, false));
	ck_assert(str_eqz(hit.value->text, "both"));
	ck_assert_int_eq(pat_ref_del(ref, STR("k")), 2);
	ck_assert(!pat_find(ix, &s, &mem, &hit, false));
	ck_assert_int_eq(pat_ref_del(ref, STR("k")), 0);
	close_refs();
}
END_TEST

static void expect_value(const struct pat_index *ix, const char *want)
{
	struct sample s = { .type = SMP_STR, .s = STR("10.0.0.1") };
	struct pat_hit hit;

	ck_assert(smp_cast(&s, pat_kind_type((enum pat_kind)ix->kind), &mem));
	ck_assert(pat_find(ix, &s, &mem, &hit, false));
	ck_assert_msg(str_eqz(hit.value->text, want), "%s, not %s", hit.value->text.p, want);
}

#define EQUAL 200000
/* If each had to be compared with those before it, this would take longer than a test may. */
static void many_equal_keys(enum pat_kind kind)
{
	static const void *elts[EQUAL];
	struct pat_ref *ref;
	struct pat_index *ix;
	struct pat_elt *e;
	int n = 0;

	open_refs();
	ref = pat_ref_new(refs, STR("m"), -1);
	ix = pat_index_for(ref, kind, false, SMP_STR, &err);
	for (int i = 0; i < EQUAL; i++) {
		char value[16];

		snprintf(value, sizeof(value), "%d", i);
		add(ref, "10.0.0.1", value);
	}
	list_each(e, &ref->elts, link)
		elts[n++] = e;
	expect_value(ix, "0");
	pat_ref_del_elt(ref, elts[0]);
	expect_value(ix, "1");
	pat_ref_del_elt(ref, elts[2]);
	pat_ref_del_elt(ref, elts[EQUAL - 1]);
	pat_ref_del_elt(ref, elts[1]);
	expect_value(ix, "3");
	add(ref, "10.0.0.1", "last");
	for (n = 3; n < EQUAL - 1; n++)
		pat_ref_del_elt(ref, elts[n]);
	expect_value(ix, "last");
	for (int i = 0; i < EQUAL / 2; i++)
		add(ref, "10.0.0.1", "x");
	ck_assert_int_eq(pat_ref_del(ref, STR("10.0.0.1")), EQUAL / 2 + 1);
	ck_assert_int_eq((int)ix->live, 0);
	close_refs();
}

START_TEST(equal_texts)
{
	many_equal_keys(PAT_STR);
}
END_TEST

START_TEST(equal_addresses)
{
	many_equal_keys(PAT_IP);
}
END_TEST

START_TEST(versions)
{
	struct pat_ref *ref;
	struct pat_index *ix;
	uint32_t one, two;

	open_refs();
	ref = pat_ref_inline(refs, -1, &err);
	ix = pat_index_for(ref, PAT_STR, false, SMP_ANY, &err);
	add(ref, "old", NULL);
	one = pat_ref_prepare(ref);
	two = pat_ref_prepare(ref);
	ck_assert_uint_eq(one, 1);
	ck_assert_uint_eq(two, 2);
	for (int i = 0; i < 100; i++) {
		char key[16];

		snprintf(key, sizeof(key), "new%d", i);
		ck_assert(pat_ref_add(ref, str_c(key), STR_NONE, two, 0, &err));
	}
	FOUND(ix, "new5", "-");
	FOUND(ix, "old", "old");
	ck_assert(!pat_ref_commit(ref, 3));
	ck_assert(!pat_ref_commit(ref, 0));
	ck_assert(pat_ref_commit(ref, two));
	FOUND(ix, "new5", "new5");
	FOUND(ix, "old", "-");
	ck_assert_uint_eq(ref->count, 101);
	ck_assert(pat_ref_purge(ref, 10));
	ck_assert_uint_eq(ref->count, 100);
	ck_assert(!pat_ref_commit(ref, one));
	ck_assert(!pat_ref_clear(ref, PAT_GEN_CURRENT, 60));
	ck_assert_uint_eq(ref->count, 40);
	ck_assert(pat_ref_clear(ref, PAT_GEN_CURRENT, 60));
	ck_assert_uint_eq(ref->count, 0);
	FOUND(ix, "new5", "-");
	close_refs();
}
END_TEST

/* --- files --- */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(files)
{
	char path[64];
	struct pat_ref *ref;
	struct pat_index *ix;

	snprintf(path, sizeof(path), "/tmp/weir-pat-%d", (int)getpid());
	write_file(path, "# comment\n\n  a b \nc\n #d\n\te\n");
	open_refs();
	ref = pat_ref_file(refs, str_c(path), PAT_REF_ACL, &err);
	ck_assert_ptr_nonnull(ref);
	ix = pat_index_for(ref, PAT_STR, false, SMP_ANY, &err);
	FOUND(ix, "a b ", "a b ");
	FOUND(ix, "c", "c");
	FOUND(ix, "#d", "#d");
	FOUND(ix, "e", "e");
	FOUND(ix, "# comment", "-");
	ck_assert_ptr_eq(pat_ref_file(refs, str_c(path), PAT_REF_ACL, &err), ref);
	ck_assert_ptr_null(pat_ref_file(refs, str_c(path), PAT_REF_MAP | PAT_REF_VALUES, &err));
	ck_assert_ptr_null(pat_index_for(ref, PAT_INT, false, SMP_ANY, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "'a b ' is not a number at line 3 of file"));
	ck_assert_ptr_null(pat_ref_file(refs, STR("/nonexistent/x"), PAT_REF_ACL, &err));
	ck_assert_str_eq(err.msg, "failed to open pattern file </nonexistent/x>");
	ck_assert_ptr_nonnull(pat_ref_file(refs, STR("opt@/nonexistent/x"), PAT_REF_ACL, &err));
	ck_assert_ptr_nonnull(pat_ref_file(refs, STR("virt@x"), PAT_REF_MAP | PAT_REF_VALUES, &err));
	close_refs();
	unlink(path);
}
END_TEST

static const char map_text[] =
	"# names\n10.0.0.0/8 net ten\n10.1.0.0/16\tnet ten one  \n::1 six\n";

static const char *const map_cases[][2] = {
	{ "str(10.1.2.3),map_ip(%s)", "net ten one" },
	{ "ipv4(10.2.2.3),map_ip(%s,none)", "net ten" },
	{ "str(11.1.1.1),map_ip(%s,none)", "none" },
	{ "str(11.1.1.1),map_ip(%s)", "<none>" },
	{ "str(::1),map_ip(%s)", "six" },
	{ "str(x),map_ip(%s,none)", "<none>" },
	{ "str(::1),map(%s)", "six" },
	{ "str(10.1.2.3),map_ip_key(%s)", "10.1.0.0/16" },
	{ "str(::1),map_str(%s),upper", "SIX" },
	{ "str(10.0),map_beg(%s,no)", "no" },
	{ "str(10.0.0.0/8/x),map_beg(%s,no)", "net ten" },
	{ "str(http://[::1]/),map_sub(%s,no)", "six" },
	{ "str(a/::1/b),map_dir(%s,no)", "six" },
	{ "str(x10.0.0.0/8),map_end(%s,no)", "net ten" },
	{ "str(1011000),map_reg(%s,no)", "no" },
	{ "str(::1),map_str_int(%s)", "ERR invalid args in converter 'map_str_int' : unable to parse 'net ten' at "
				      "line 2 of "
				      "file '%s'" },
	{ "str(::1),map_str_ip(%s,x)", "ERR invalid args in converter 'map_str_ip' : unable to parse 'net ten' at "
				       "line 2 of "
				       "file '%s'" },
	{ "str(a),map(/nonexistent)", "ERR invalid args in converter 'map' : failed to open pattern file "
				      "</nonexistent>" },
	{ "str(a),map(virt@v,dflt)", "dflt" },
	{ "str(a),map_str_ip(virt@w,1.2.3.4)", "1.2.3.4" },
	{ "str(a),map_str_int(virt@w,42),add(1)", "43" },
	{ "str(a),map_str_ip(virt@w,none)", "ERR invalid args in converter 'map_str_ip' : map: cannot parse default "
					    "ip "
					    "<none>" },
};

START_TEST(maps)
{
	struct world w;
	char path[64], text[256], want[256];

	snprintf(path, sizeof(path), "/tmp/weir-map-%d", (int)getpid());
	write_file(path, map_text);
	world_init(&w);
	for (size_t i = 0; i < ARRAY_LEN(map_cases); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), map_cases[i][0], path);
		snprintf(want, sizeof(want), map_cases[i][1], path);
#pragma GCC diagnostic pop
		VALUE(&w, text, want);
	}
	world_fini(&w);
	unlink(path);
}
END_TEST

START_TEST(regex_map_puts_groups_in)
{
	struct world w;
	struct pat_ref *ref;

	world_init(&w);
	ref = pat_ref_file(w.sc.pats, STR("virt@r"), PAT_REF_MAP | PAT_REF_VALUES, &w.err);
	add(ref, "^/a/(.*)/(.*)$", "http://\\2.x/\\1");
	add(ref, "^/a", "second");
	VALUE(&w, "str(/a/b/c),map_regm(virt@r)", "http://c.x/b");
	VALUE(&w, "str(/a/b/c),map_reg(virt@r)", "http://\\2.x/\\1");
	VALUE(&w, "str(/axx),map_regm(virt@r)", "second");
	VALUE(&w, "str(/b),map_regm(virt@r,none)", "none");
	world_fini(&w);
}
END_TEST

/* --- size and threads --- */

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);	/* others may have the processor meanwhile */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Time of 20,000 look-ups that find something. */
static double time_lookups(const struct pat_index *ix, const char *fmt, int n)
{
	double from = seconds();

	for (int i = 0; i < 20000; i++) {
		char text[64];
		struct sample s = { .type = SMP_STR };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), fmt, i % n);
#pragma GCC diagnostic pop
		s.s = str_c(text);
		ck_assert(pat_matches(ix, &s, &mem));
	}
	return seconds() - from;
}

START_TEST(size_costs_nothing)
{
	static const struct { enum pat_kind kind; const char *text;
	} kinds[] = {
		{ PAT_STR, "key-%d" },         { PAT_BEG, "key-%d/tail" }, { PAT_END, "head-key-%d" },
		{ PAT_DOM, "www.key-%d.org" }, { PAT_DIR, "/a/key-%d/b" },
	};

	open_refs();
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct pat_index *small = fresh(kinds[k].kind, false), *big = fresh(kinds[k].kind, false);

		for (int i = 0; i < 100000; i++) {
			char key[32];

			snprintf(key, sizeof(key), "key-%d", i);
			if (i < 100)
				add(small->ref, key, NULL);
			add(big->ref, key, NULL);
		}
		/* a thousand times the keys: less than twenty times the time, caches and all */
		ck_assert_double_lt(time_lookups(big, kinds[k].text, 100000),
				    20 * time_lookups(small, kinds[k].text, 100) + 0.05);
	}
	close_refs();
}
END_TEST

/* Readers run while a writer adds, changes and removes: keys that always stay are always found. What is taken out is
 * kept until the end, as a grace period would. */
struct kept { void (*fn)(void *arg); void *arg; struct kept *next; };
static struct kept *kept;
static bool stop;
static uint64_t begun;		/* readers */

static void keep(void (*fn)(void *arg), void *arg)
{
	struct kept *k = malloc(sizeof(*k));

	*k = (struct kept){ fn, arg, kept };
	kept = k;
}

static void *reader(void *arg)
{
	const struct pat_index *ix = arg;
	struct arena a;

	arena_init(&a, 4096);
	atom_add(&begun, 1);
	do {
		struct sample s = { .type = SMP_STR, .s = STR("stays") };
		struct pat_hit hit;

		if (!pat_find(ix, &s, &a, &hit, false) || !hit.value)
			return (void *)1;
	} while (!atom_get(&stop));
	arena_fini(&a);
	return NULL;
}

START_TEST(readers_and_a_writer)
{
	struct pat_ref *ref;
	struct pat_index *ix;
	pthread_t t[2];
	void *result;

	open_refs();
	expr_set_grace(keep);
	ref = pat_ref_new(refs, STR("m"), -1);
	ix = pat_index_for(ref, PAT_STR, false, SMP_STR, &err);
	add(ref, "stays", "v");
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, reader, ix);
	while (atom_get(&begun) < 2)
		sched_yield();
	for (int round = 0; round < 20; round++) {
		char key[32];

		for (int i = 0; i < 500; i++) {
			snprintf(key, sizeof(key), "k%d-%d", round, i);
			add(ref, key, "x");
		}
		pat_ref_set(ref, STR("stays"), STR("w"), &err);
		for (int i = 0; i < 500; i++) {
			snprintf(key, sizeof(key), "k%d-%d", round, i);
			ck_assert_int_eq(pat_ref_del(ref, str_c(key)), 1);
		}
	}
	atom_set(&stop, true);
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], &result);
		ck_assert_ptr_null(result);
	}
	for (struct kept *k = kept, *next; k; k = next) {
		next = k->next;
		k->fn(k->arg);
		free(k);
	}
	expr_set_grace(NULL);
	close_refs();
}
END_TEST

START_TEST(messages_of_acls)
{
	struct world w;

	world_init(&w);
	COND(&w, "nope", "ERR no such ACL : 'nope'");
	COND(&w, "{ path /", "ERR missing closing '}' in condition");
	COND(&w, "{ }", "ERR missing fetch method in ACL expression ''");
	COND(&w, "{ path -m foo / }", "ERR unknown matching method 'foo' when parsing ACL expression");
	COND(&w, "{ path -m int 1x }", "ERR '1x' is not a number");
	COND(&w, "{ path -m reg ( }", "ERR regex '(' is invalid (error=missing closing parenthesis, erroffset=1)");
	COND(&w, "{ path -u x / }", "ERR the argument of -u must be an integer");
	COND(&w, "{ path -x / }",
	     "ERR '-x' is not a valid ACL option. Please use '--' before any pattern beginning with a "
	     "'-'");
	COND(&w, "{ hdr_cnt(a) gt x }", "ERR 'x' is neither a number nor a supported operator");
	COND(&w, "{ hdr_cnt(a) foo 5 }", "ERR 'foo' is not a number");
	COND(&w, "{ var(txn.a) a }",
	     "ERR matching method must be specified first (using '-m') when using a sample fetch of "
	     "this type ('var')");
	COND(&w, "{ path -f /nonexistent }", "ERR failed to open pattern file </nonexistent>");
	COND(&w, "{ str(x) -m bin 4g }", "ERR an hex digit is expected (found 'g')");
	COND(&w, "{ str(x) -m bin 4 }", "ERR an even number of hex digit is expected");
	ck_assert_str_eq(w.warning, "");
	COND(&w, "{ str(x) }", "no");
	ck_assert_ptr_nonnull(strstr(w.warning, "no pattern to match against were provided"));
	w.sc.use = USE_INTRN;
	w.sc.where = "some rule";
	COND(&w, "{ path / }", "no");
	ck_assert_str_eq(w.warning, "anonymous acl will never match because it uses keyword 'path' which is "
				    "incompatible "
				    "with 'some rule'");
	world_fini(&w);
}
END_TEST

START_TEST(named_acls)
{
	struct world w;
	struct str words[16];
	int n;

	world_init(&w);
	make_request(&w, "GET /img/a.png HTTP/1.1\nHost: www.x.org\n");
	n = split_words(&w.conf, "static path_beg /img", words, 16);
	ck_assert(acl_declare(&w.sc, words, n, &w.err));
	COND(&w, "static", "yes");
	COND(&w, "pics", "ERR no such ACL : 'pics'");
	n = split_words(&w.conf, "static path_end .css", words, 16);
	ck_assert(acl_declare(&w.sc, words, n, &w.err));
	n = split_words(&w.conf, "pics path_end .png .gif", words, 16);
	ck_assert(acl_declare(&w.sc, words, n, &w.err));
	COND(&w, "static pics", "yes");
	COND(&w, "static !pics", "no");
	COND(&w, "!static or pics", "yes");
	VALUE(&w, "acl(static,pics)", "1");
	VALUE(&w, "acl(static,!pics)", "0");
	VALUE(&w, "acl(!METH_POST)", "1");
	VALUE(&w, "acl(nope)", "ERR invalid args in fetch method 'acl' : no such ACL : 'nope'");
	make_request(&w, "GET /x.css HTTP/1.1\nHost: www.x.org\n");
	COND(&w, "static", "yes");
	COND(&w, "pics", "no");
	n = split_words(&w.conf, "or path /", words, 16);
	ck_assert(!acl_declare(&w.sc, words, n, &w.err));
	ck_assert(w.err.whole);
	n = split_words(&w.conf, "a!b path /", words, 16);
	ck_assert(!acl_declare(&w.sc, words, n, &w.err));
	ck_assert_str_eq(w.err.msg, "character '!' is not permitted in acl name 'a!b'.");
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("patterns");

	UNIT_TEST(s, texts_few);
	UNIT_TEST(s, texts_many);
	UNIT_TEST(s, networks_few);
	UNIT_TEST(s, networks_many);
	UNIT_TEST(s, numbers);
	UNIT_TEST(s, first_of_duplicates);
	UNIT_TEST(s, equal_texts);
	UNIT_TEST(s, equal_addresses);
	UNIT_TEST(s, versions);
	UNIT_TEST(s, files);
	UNIT_TEST(s, maps);
	UNIT_TEST(s, regex_map_puts_groups_in);
	UNIT_TEST(s, size_costs_nothing);
	UNIT_TEST(s, readers_and_a_writer);
	UNIT_TEST(s, messages_of_acls);
	UNIT_TEST(s, named_acls);
	return unit_run(s);
}
