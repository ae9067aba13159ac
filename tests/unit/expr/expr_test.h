/* What the tests of this floor share: a scope to compile in, an evaluation context, messages made from text. */
#ifndef TESTS_EXPR_TEST_H
#define TESTS_EXPR_TEST_H

#include <stdio.h>
#include <string.h>
#include "tests/unit/unit.h"
#include "weir/base/sbuf.h"
#include "weir/expr/compile.h"
#include "weir/expr/pattern.h"
#include "weir/expr/rows.h"
#include "weir/expr/vars.h"

struct world {
	struct arena conf, mem;
	struct list acls, unresolved;
	struct xscope sc;
	struct xctx x;
	struct msg req, res;
	struct vars sess, txn, rq, rs, chk;
	struct load_err err;
	char warning[600];
	int wrong;			/* answers that were not as wanted */
};

static inline void world_warn(struct xscope *sc, const char *text)
{
	struct world *w = sc->warn_arg;

	snprintf(w->warning, sizeof(w->warning), "%s", text);
}

void world_tables(void);	/* defined by world.h of the test that says which rows there are */

static inline void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	arena_init(&w->conf, 4096);
	arena_init(&w->mem, 4096);
	list_init(&w->acls);
	list_init(&w->unresolved);
	w->sc = (struct xscope){ .experimental = true,
				 .mem = &w->conf, .file = "test.cfg", .line = 1, .use = ~0U, .where = "test rule",
				 .pats = pat_refs_create(), .acls = &w->acls, .unresolved = &w->unresolved,
				 .warn = world_warn, .warn_arg = w };
	vars_init(&w->sess, VAR_SESS, NULL);
	vars_init(&w->txn, VAR_TXN, &w->sess);
	vars_init(&w->rq, VAR_REQ, &w->txn);
	vars_init(&w->rs, VAR_RES, &w->txn);
	vars_init(&w->chk, VAR_CHECK, NULL);
	w->x.mem = &w->mem;
	w->x.vars[VAR_SESS] = &w->sess;
	w->x.vars[VAR_TXN] = &w->txn;
	w->x.vars[VAR_REQ] = &w->rq;
	w->x.vars[VAR_RES] = &w->rs;
	w->x.vars[VAR_CHECK] = &w->chk;
	w->x.final = true;
	world_tables();
}

static inline void world_fini(struct world *w)
{
	vars_fini(&w->rq);
	vars_fini(&w->rs);
	vars_fini(&w->txn);
	vars_fini(&w->sess);
	vars_fini(&w->chk);
	pat_refs_destroy(w->sc.pats);
	arena_fini(&w->mem);
	arena_fini(&w->conf);
}

/* A sample as text: what a log would show. */
static inline const char *sample_text(struct world *w, struct sample *s)
{
	if (s->type == SMP_BIN) {
		struct str hex = arena_str(&w->mem, STR(""));

		for (size_t i = 0; i < s->s.n; i++)
			hex = arena_printf(&w->mem, STR_FMT "%02x", STR_ARG(hex), (unsigned char)s->s.p[i]);
		return hex.p;
	}
	if (!smp_cast(s, SMP_STR, &w->mem))
		return "<no text>";
	return arena_str(&w->mem, s->s).p;
}

/* The value of an expression as text; "<none>" without one, "ERR why" when it does not compile. */
static inline const char *value_of(struct world *w, const char *text)
{
	struct expr *e = expr_compile(&w->sc, str_c(text), NULL, &w->err);
	struct sample s;

	if (!e)
		return arena_printf(&w->mem, "ERR %s", w->err.msg).p;
	if (!expr_eval(e, &s, &w->x))
		return s.flags & SMP_F_MAY_CHANGE ? "<wait>" : "<none>";
	return sample_text(w, &s);
}

/* Words of a line, cut at blanks. */
static inline int split_words(struct arena *mem, const char *line, struct str *w, int max)
{
	struct str rest = arena_str(mem, str_c(line));
	int n = 0;

	while (rest.p && n < max) {
		struct str word = str_cut(&rest, ' ');

		if (word.n)
			w[n++] = arena_str(mem, word);
	}
	return n;
}

/* "yes", "no", "wait", or "ERR why" for the words behind if. */
static inline const char *cond_of(struct world *w, const char *line)
{
	struct str words[64];
	int n = split_words(&w->conf, line, words, 64);
	struct cond *c = cond_compile(&w->sc, words, n, false, &w->err);

	if (!c)
		return arena_printf(&w->mem, "ERR %s", w->err.msg).p;
	switch (cond_eval(c, &w->x)) {
	case COND_TRUE: return "yes";
	case COND_FALSE: return "no";
	case COND_WAIT: break;
	}
	return "wait";
}

/* "GET /p?q HTTP/1.1\nname: value\n..." */
static inline void make_request(struct world *w, const char *text)
{
	struct str rest = arena_str(&w->mem, str_c(text)), line = str_cut(&rest, '\n');
	struct str method = str_cut(&line, ' '), target = str_cut(&line, ' ');

	msg_init(&w->req, false, &w->mem);
	w->req.method_text = method;
	w->req.method = (uint8_t)method_find(method);
	w->req.major = line.n > 5 ? (uint8_t)(line.p[5] - '0') : 1;
	w->req.minor = line.n > 7 ? (uint8_t)(line.p[7] - '0') : 1;
	ck_assert(msg_set_uri(&w->req, target));
	while (rest.p && rest.n) {
		struct str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');
		char *low = arena_bytes(&w->mem, name.n);

		memcpy(low, name.p, name.n);
		str_lower(low, name.n);
		msg_add_copy(&w->req, str_make(low, name.n), value.p ? str_trim(value) : STR(""));
	}
	w->x.req = &w->req;
}

static inline void make_response(struct world *w, int status, const char *fields)
{
	struct str rest = arena_str(&w->mem, str_c(fields));

	msg_init(&w->res, true, &w->mem);
	w->res.major = 1;
	w->res.minor = 1;
	msg_set_status(&w->res, status, STR(""));
	while (rest.p && rest.n) {
		struct str value = str_cut(&rest, '\n'), name = str_cut(&value, ':');

		msg_add_copy(&w->res, name, value.p ? str_trim(value) : STR(""));
	}
	w->x.res = &w->res;
}

#define VALUE(w, text, want) ck_assert_str_eq(value_of(w, text), want)
#define COND(w, line, want) ck_assert_str_eq(cond_of(w, line), want)

#endif
