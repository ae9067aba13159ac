/* Runtime commands about maps and ACLs: the answers of HAProxy, versions included. */
#include "src/expr/pat_priv.h"
#include "tests/unit/expr/all_rows.h"

struct cli { struct world w; struct sbuf out; };

static const struct ctl_row *const tables[] = { ctl_pat_rows, NULL };

/* The answer of a command; a payload stands behind "<<". Calls go on until the command is done. */
static const char *ask(struct cli *c, const char *line)
{
	struct str words[16], text = str_c(line), payload = STR_NONE;
	const struct ctl_row *row;
	struct ctl_req r = { .w = words, .out = &c->out, .mem = &c->w.mem, .level = CTL_ADMIN };
	size_t at = str_find(text, STR("<<\n"));
	enum ctl_result res;

	if (at != (size_t)-1) {
		payload = str_skip(text, at + 3);
		text = str_head(text, at);
	}
	r.n = split_words(&c->w.mem, arena_str(&c->w.mem, text).p, words, 16);
	r.payload = payload;
	sbuf_clear(&c->out);
	ctl_set_tables(tables);
	for (res = ctl_run(&r, &row); res == CTL_MORE; )
		res = row->run(&r);
	ck_assert_int_eq(res, CTL_DONE);
	return sbuf_z(&c->out);
}

/* Without the pointers, which nobody can know. */
static const char *dump(struct cli *c, const char *line)
{
	struct str rest = arena_str(&c->w.mem, str_c(ask(c, line)));
	struct sbuf b = sbuf_grow();
	const char *z;

	while (rest.p && rest.n) {
		struct str l = str_cut(&rest, '\n'), p = str_cut(&l, ' ');

		ck_assert(str_starts(p, STR("0x")));
		sbuf_printf(&b, STR_FMT "|", STR_ARG(l));
	}
	z = arena_str(&c->w.mem, sbuf_str(&b)).p;
	sbuf_fini(&b);
	return z;
}

static void compile(struct cli *c, const char *cond)
{
	struct str words[32];
	int n = split_words(&c->w.conf, cond, words, 32);

	ck_assert_msg(cond_compile(&c->w.sc, words, n, false, &c->w.err) != NULL, "%s", c->w.err.msg);
}

static void open_cli(struct cli *c)
{
	world_init(&c->w);
	c->out = sbuf_grow();
	c->w.sc.file = "f.cfg";
	c->w.sc.line = 12;
	compile(c, "{ path_beg /a /b }");
	compile(c, "{ hdr(x) -i -f virt@list -u 77 zz }");
	c->w.sc.line = 18;
	ck_assert_ptr_nonnull(expr_compile(&c->w.sc, STR("path,map(virt@map)"), NULL, &c->w.err));
	ck_assert_ptr_nonnull(expr_compile(&c->w.sc, STR("path,map_beg(virt@map)"), NULL, &c->w.err));
	ck_assert_ptr_nonnull(expr_compile(&c->w.sc, STR("str(1),map_int(virt@ints,x)"), NULL, &c->w.err));
	ck_assert_ptr_nonnull(expr_compile(&c->w.sc, STR("str(1),map_str_int(virt@vals)"), NULL, &c->w.err));
	pat_refs_finish(c->w.sc.pats);
	pat_refs_publish(c->w.sc.pats);
}

static void close_cli(struct cli *c)
{
	sbuf_fini(&c->out);
	world_fini(&c->w);
	ck_assert_ptr_null(pat_refs_current());
}

#define ASK(c, line, want) ck_assert_str_eq(ask(c, line), want)
#define DUMP(c, line, want) ck_assert_str_eq(dump(c, line), want)

START_TEST(lists)
{
	struct cli c;

	open_cli(&c);
	ASK(&c, "show acl",
	    "# id (file) description\n"
	    "0 () acl 'path_beg' file 'f.cfg' line 12. curr_ver=0 next_ver=0 entry_cnt=2\n"
	    "1 (virt@list) pattern loaded from file 'virt@list' used by acl at file 'f.cfg' line 12. curr_ver=0 "
	    "next_ver=0 "
	    "entry_cnt=0\n"
	    "77 () acl 'hdr' file 'f.cfg' line 12. curr_ver=0 next_ver=0 entry_cnt=1\n");
	ASK(&c, "show map",
	    "# id (file) description\n"
	    "2 (virt@map) pattern loaded from file 'virt@map' used by map at file 'f.cfg' line 18, by map at file "
	    "'f.cfg' "
	    "line 18. curr_ver=0 next_ver=0 entry_cnt=0\n"
	    "3 (virt@ints) pattern loaded from file 'virt@ints' used by map at file 'f.cfg' line 18. curr_ver=0 "
	    "next_ver=0 "
	    "entry_cnt=0\n"
	    "4 (virt@vals) pattern loaded from file 'virt@vals' used by map at file 'f.cfg' line 18. curr_ver=0 "
	    "next_ver=0 "
	    "entry_cnt=0\n");
	DUMP(&c, "show acl #0", "/a|/b|");
	DUMP(&c, "show acl #77", "zz|");
	ASK(&c, "show acl 77", "Unknown ACL identifier. Please use #<id> or <name>.\n");
	ASK(&c, "show map #0", "Unknown map identifier. Please use #<id> or <name>.\n");
	DUMP(&c, "show acl @0 #0", "/a|/b|");
	ASK(&c, "show acl @1 #0", "");
	close_cli(&c);
}
END_TEST

START_TEST(editing)
{
	struct cli c;
	const char *p;
	char line[128];

	open_cli(&c);
	ASK(&c, "add acl", "'add acl' expects two parameters: ACL identifier and pattern.\n");
	ASK(&c, "add acl #0 /zz", "");
	DUMP(&c, "show acl #0", "/a|/b|/zz|");
	ASK(&c, "add acl #999 x", "Unknown ACL identifier. Please use #<id> or <name>.\n");
	ASK(&c, "add map virt@map k9",
	    "'add map' expects three parameters (map identifier, key and value) or one parameter "
	    "(map identifier) and a payload\n");
	ASK(&c, "add map virt@map k1 v1", "");
	ASK(&c, "add map virt@map k1 v1b", "");
	ASK(&c, "add map virt@map <<\nka va\nkb vb with spaces  \n\nkc\nkd vd\n", "Missing value for key 'kc'.\n");
	DUMP(&c, "show map virt@map", "k1 v1|k1 v1b|ka va|kb vb with spaces|");
	ASK(&c, "add map virt@ints xx yy", "'xx' is not a number.\n");
	ASK(&c, "add map virt@vals xx yy", "unable to parse 'yy'.\n");
	ASK(&c, "add map virt@vals xx 5", "");
	ASK(&c, "set map virt@vals xx yy", "unable to parse 'yy'.\n");
	DUMP(&c, "show map virt@vals", "xx 5|");
	ASK(&c, "set map virt@map k1", "'set map' expects three parameters: map identifier, key and value.\n");
	ASK(&c, "set map virt@map k1 new", "");
	DUMP(&c, "show map #2", "k1 new|k1 new|ka va|kb vb with spaces|");
	ASK(&c, "set map virt@map nokey new", "entry not found.\n");
	ASK(&c, "set map virt@map #0x123 new", "key or pattern not found.\n");
	ASK(&c, "set map nope a b", "Unknown map identifier. Please use #<id> or <name>.\n");
	p = ask(&c, "show map virt@map");
	snprintf(line, sizeof(line), "set map virt@map #%.*s one", (int)strcspn(p, " "), p);
	ASK(&c, line, "");
	DUMP(&c, "show map virt@map", "k1 one|k1 new|ka va|kb vb with spaces|");
	p = ask(&c, "show map virt@map");
	snprintf(line, sizeof(line), "del map virt@map #%.*s", (int)strcspn(p, " "), p);
	ASK(&c, line, "");
	DUMP(&c, "show map virt@map", "k1 new|ka va|kb vb with spaces|");
	ASK(&c, "del map virt@map k1", "");
	ASK(&c, "del map virt@map k1", "Key not found.\n");
	ASK(&c, "del map virt@map", "This command expects two parameters: map identifier and key.\n");
	ASK(&c, "clear map", "Missing map identifier.\n");
	ASK(&c, "clear map virt@map", "");
	ASK(&c, "show map virt@map", "");
	close_cli(&c);
}
END_TEST

START_TEST(look_ups)
{
	struct cli c;

	open_cli(&c);
	ASK(&c, "add map virt@map k2 v2", "");
	ASK(&c, "add map virt@vals k2 42", "");
	ASK(&c, "get map virt@map k2",
	    "type=str, case=sensitive, found=yes, idx=tree, key=\"k2\", value=\"v2\", type=\"str\"\n"
	    "type=beg, case=sensitive, found=yes, idx=tree, key=\"k2\", value=\"v2\", type=\"str\"\n");
	ASK(&c, "get map virt@map kzz", "type=str, case=sensitive, found=no\ntype=beg, case=sensitive, found=no\n");
	ASK(&c, "get map virt@vals k2", "type=str, case=sensitive, found=yes, idx=tree, key=\"k2\", value=\"42\", "
	    "type=\"sint\"\n");
	ASK(&c, "get acl #0 /abc", "type=beg, case=sensitive, match=yes, idx=tree, pattern=\"/a\"\n");
	ASK(&c, "get acl #0 xx", "type=beg, case=sensitive, match=no\n");
	ASK(&c, "get acl #77 ZZ", "type=str, case=insensitive, match=yes, idx=list, pattern=\"zz\"\n");
	ASK(&c, "get acl nope x", "Unknown ACL identifier. Please use #<id> or <name>.\n");
	ASK(&c, "get map virt@map", "Missing map identifier and/or key.\n");
	close_cli(&c);
}
END_TEST

START_TEST(versions)
{
	struct cli c;

	open_cli(&c);
	ASK(&c, "add map virt@map k1 v1", "");
	ASK(&c, "prepare map nope", "Unknown map identifier. Please use #<id> or <name>.\n");
	ASK(&c, "prepare map virt@map", "New version created: 1\n");
	ASK(&c, "prepare map virt@map", "New version created: 2\n");
	ASK(&c, "add map @7 virt@map p q", "Version number in the future, please use 'prepare map' before.\n");
	ASK(&c, "add map @2 virt@map p2 q2", "");
	ASK(&c, "add map @2 virt@map <<\np3 q3\n", "");
	DUMP(&c, "show map @2 virt@map", "p2 q2|p3 q3|");
	DUMP(&c, "show map virt@map", "k1 v1|");
	ASK(&c, "commit map", "Missing version number.\n");
	ASK(&c, "commit map virt@map", "Missing version number.\n");
	ASK(&c, "commit map @9 virt@map", "Version number out of range.\n");
	ASK(&c, "commit map @2 virt@map", "");
	ASK(&c, "commit map @2 virt@map", "Version number out of range.\n");
	DUMP(&c, "show map virt@map", "p2 q2|p3 q3|");
	VALUE(&c.w, "str(p3),map(virt@map)", "q3");
	VALUE(&c.w, "str(k1),map(virt@map,gone)", "gone");
	ASK(&c, "clear map @1 virt@map", "");
	close_cli(&c);
}
END_TEST

/* Long dumps come in parts; entries that go meanwhile do no harm. */
START_TEST(dumps_in_parts)
{
	struct cli c;
	struct str words[] = { STR_INIT("show"), STR_INIT("map"), STR_INIT("virt@map") };
	struct ctl_req r = { .w = words, .n = 3, .level = CTL_ADMIN };
	const struct ctl_row *row;
	struct pat_ref *ref;
	enum ctl_result res;
	int parts = 0, lines = 0;

	open_cli(&c);
	ref = pat_ref_find(c.w.sc.pats, STR("virt@map"), PAT_REF_MAP);
	for (int i = 0; i < 5000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%d", i);
		ck_assert(pat_ref_add(ref, str_c(key), STR("v"), PAT_GEN_CURRENT, 0, &c.w.err));
	}
	r.out = &c.out;
	r.mem = &c.w.mem;
	ctl_set_tables(tables);
	for (res = ctl_run(&r, &row); res == CTL_MORE; res = row->run(&r)) {
		char key[16];

		parts++;
		for (int i = 0; i < 10; i++) {
			snprintf(key, sizeof(key), "k%d", 4900 - parts * 10 - i);
			ck_assert_int_eq(pat_ref_del(ref, str_c(key)), 1);
		}
	}
	ck_assert_int_eq(res, CTL_DONE);
	ck_assert_int_ge(parts, 4);
	for (size_t i = 0; i < c.out.n; i++)
		lines += c.out.p[i] == '\n';
	ck_assert_int_ge(lines, 4900);
	ck_assert_int_le(lines, 4990);
	close_cli(&c);
}
END_TEST

START_TEST(shared_with_a_map)
{
	struct cli c;

	open_cli(&c);
	compile(&c, "{ path -M -f virt@both }");
	ck_assert_ptr_nonnull(expr_compile(&c.w.sc, STR("path,map(virt@both)"), NULL, &c.w.err));
	pat_refs_finish(c.w.sc.pats);
	ASK(&c, "add acl virt@both x",
	    "This ACL is shared with a map containing samples. You must use the command 'add map' to "
	    "add values.\n");
	ASK(&c, "add map virt@both /k v", "");
	DUMP(&c, "show acl virt@both", "/k v|");
	ASK(&c, "get map virt@both /k", "type=str, case=sensitive, found=yes, idx=tree, key=\"/k\", value=none\n"
	    "type=str, case=sensitive, found=yes, idx=tree, key=\"/k\", value=\"v\", type=\"str\"\n");
	close_cli(&c);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("commands about maps");

	UNIT_TEST(s, lists);
	UNIT_TEST(s, editing);
	UNIT_TEST(s, look_ups);
	UNIT_TEST(s, versions);
	UNIT_TEST(s, dumps_in_parts);
	UNIT_TEST(s, shared_with_a_map);
	return unit_run(s);
}
