/* Many conditions at once give what they give one by one. */
#include "tests/unit/expr/all_rows.h"

static struct cond *compile(struct world *w, const char *line)
{
	struct str words[32];
	struct cond *c = cond_compile(&w->sc, words, split_words(&w->conf, line, words, 32), false, &w->err);

	ck_assert_msg(c != NULL, "%s", w->err.msg);
	return c;
}

/* By walking, as the list must answer. */
static int walk(struct cond *const *c, int n, int from, struct xctx *x)
{
	for (int i = from; i < n; i++)
		if (cond_eval(c[i], x) == COND_TRUE)
			return i;
	return -1;
}

static void same(struct world *w, const struct cond_list *l, struct cond *const *c, int n, const char *host,
		 const char *path)
{
	char req[256];
	enum cond_result r;

	snprintf(req, sizeof(req), "GET %s HTTP/1.1\nHost: %s\n", path, host);
	make_request(w, req);
	for (int from = 0; from < n; from = from * 2 + 1)
		ck_assert_int_eq(cond_list_next(l, from, &w->x, &r), walk(c, n, from, &w->x));
}

START_TEST(as_one_by_one)
{
	struct cond *c[60];
	struct cond_list *l;
	enum cond_result r;
	struct world w;
	int n = 0;

	world_init(&w);
	c[n++] = compile(&w, "{ path /first } { hdr(host) h3 }");
	for (int i = 0; i < 20; i++) {
		char line[96];

		snprintf(line, sizeof(line), "{ hdr(host) -i H%d alias%d }", i, i);
		c[n++] = compile(&w, line);
		snprintf(line, sizeof(line), "{ hdr(host),lower x%d }", i);
		c[n++] = compile(&w, line);
		if (i == 10)
			c[n++] = compile(&w, "{ path_beg /late }");
	}
	c[n++] = compile(&w, "!{ hdr(host) h99 } { path /end }");
	c[n++] = compile(&w, "{ hdr(host) h3 }");
	l = cond_list_make(&w.conf, c, n);
	pat_refs_finish(w.sc.pats);
	same(&w, l, c, n, "h3", "/first");
	same(&w, l, c, n, "h3", "/x");
	same(&w, l, c, n, "ALIAS15", "/x");
	same(&w, l, c, n, "ALIAS15", "/late");
	same(&w, l, c, n, "X12", "/x");
	same(&w, l, c, n, "X2", "/late");
	same(&w, l, c, n, "h19, x0", "/x");
	same(&w, l, c, n, "nobody", "/end");
	same(&w, l, c, n, "nobody", "/x");
	make_request(&w, "GET /x HTTP/1.1\nHost: h5\n");
	ck_assert_int_eq(cond_list_next(l, 0, &w.x, &r), 11);
	/* a pattern edited at run time is seen */
	ck_assert(pat_ref_add(pat_ref_find(w.sc.pats, STR("#3"), PAT_REF_ACL), STR("h5"), STR_NONE, PAT_GEN_CURRENT, 0,
			      &w.err));
	ck_assert_int_lt(cond_list_next(l, 0, &w.x, &r), 11);
	same(&w, l, c, n, "h5", "/x");
	world_fini(&w);
}
END_TEST

START_TEST(prefixes_and_suffixes)
{
	struct cond *c[100];
	struct cond_list *l;
	struct world w;
	int n = 0;

	world_init(&w);
	for (int i = 0; i < 20; i++) {
		char line[96];

		snprintf(line, sizeof(line), "{ path_beg /p%d/ /q%d%d }", i, i, i);
		c[n++] = compile(&w, line);
		snprintf(line, sizeof(line), "{ hdr_end(host) -i .D%d.example }", i);
		c[n++] = compile(&w, line);
		snprintf(line, sizeof(line), "{ path_beg -i /I%d }", i);
		c[n++] = compile(&w, line);
	}
	c[n++] = compile(&w, "{ path_beg /p1 }");
	c[n++] = compile(&w, "{ path_end .gif }");
	c[n++] = compile(&w, "{ path_beg / }");
	l = cond_list_make(&w.conf, c, n);
	pat_refs_finish(w.sc.pats);
	same(&w, l, c, n, "h", "/p1/x");
	same(&w, l, c, n, "h", "/p1");
	same(&w, l, c, n, "h", "/p19/a/long/path/with/many/parts");
	same(&w, l, c, n, "h", "/q1111/x");
	same(&w, l, c, n, "h", "/q1");
	same(&w, l, c, n, "www.d7.EXAMPLE", "/x");
	same(&w, l, c, n, "www.d7.EXAMPLE", "/i3x");
	same(&w, l, c, n, "d7.example", "/x.gif");
	same(&w, l, c, n, "a.d3.example, b.d1.example", "/x");
	same(&w, l, c, n, "h", "/");
	world_fini(&w);
}
END_TEST

START_TEST(none_and_waiting)
{
	struct cond *c[20];
	struct cond_list *l;
	enum cond_result r;
	struct world w;

	world_init(&w);
	l = cond_list_make(&w.conf, c, 0);
	ck_assert_int_eq(cond_list_next(l, 0, &w.x, &r), -1);
	for (int i = 0; i < 10; i++) {
		char line[64];

		snprintf(line, sizeof(line), "{ req.ssl_sni name%d }", i);
		c[i] = compile(&w, line);
	}
	c[10] = NULL;
	l = cond_list_make(&w.conf, c, 11);
	w.x.final = false;
	ck_assert_int_eq(cond_list_next(l, 0, &w.x, &r), 0);
	ck_assert_int_eq(r, COND_WAIT);
	w.x.final = true;
	ck_assert_int_eq(cond_list_next(l, 0, &w.x, &r), 10);
	ck_assert_int_eq(r, COND_TRUE);
	world_fini(&w);
}
END_TEST

int main(void)
{
	Suite *s = unit_suite("condition lists");

	UNIT_TEST(s, as_one_by_one);
	UNIT_TEST(s, prefixes_and_suffixes);
	UNIT_TEST(s, none_and_waiting);
	return unit_run(s);
}
