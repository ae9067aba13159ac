/* Conditions: ors of ands of ACLs, and their evaluation. Three results: no, not yet, yes. As bits (0, 1, 3) a
 * conjunction is their minimum, a disjunction their maximum, and "not yet" is its own negation. */
#include <stdio.h>
#include "acl_priv.h"
#include "weir/base/assert.h"

#define TERMS_MAX 512
struct cond_parse {
	struct xscope *sc;
	struct load_err *err;
	int n;
	struct cond_term term[TERMS_MAX]; /* n of them; 8 kB that nobody clears for every condition */
};

static void warn_unavailable(struct xscope *sc, const struct acl *a)
{
	char msg[300];

	if (!sc->warn || (a->uses & sc->use) || list_empty(&a->tests))
		return;
	if (a->name.n)
		snprintf(msg, sizeof(msg), "acl '" STR_FMT "' will never match %s%s%sbecause it only involves keywords "
			 "that are incompatible with '%s'", STR_ARG(a->name), sc->acl_in ? "in '" : "",
			 sc->acl_in ? sc->acl_in : "", sc->acl_in ? "' " : "", sc->where ? sc->where : "");
	else
		snprintf(msg, sizeof(msg), "anonymous acl will never match %s%s%sbecause it uses keyword '" STR_FMT
			 "' which is incompatible with '%s'", sc->acl_in ? "in '" : "", sc->acl_in ? sc->acl_in : "",
			 sc->acl_in ? "' " : "", STR_ARG(list_first(&a->tests, struct acl_test, link)->word),
			 sc->where ? sc->where : "");
	sc->warn(sc, msg);
}

static bool add_term(struct cond_parse *p, const struct acl *a, bool neg, const char *at)
{
	if (p->n == TERMS_MAX) {
		load_err_set(p->err, at, "more than %d terms in a condition", TERMS_MAX);
		return false;
	}
	warn_unavailable(p->sc, a);
	p->term[p->n++] = (struct cond_term){ .acl = a, .neg = neg };
	return true;
}

/* "{ words }" with *at on the opening brace. */
static struct acl *anonymous(struct cond_parse *p, const struct str *w, int n, int *at)
{
	struct acl *a = acl_new(p->sc, STR_NONE);
	int from = *at + 1, to = from;

	while (to < n && !str_eqz(w[to], "}"))
		to++;
	if (to == n) {
		load_err_set(p->err, w[*at].p, "missing closing '}' in condition");
		return NULL;
	}
	*at = to;
	return acl_add_test(p->sc, a, w + from, to - from, p->err) ? a : NULL;
}

static void end_conjunction(struct cond_parse *p)
{
	if (p->n)
		p->term[p->n - 1].last = true;
}

static bool parse_words(struct cond_parse *p, const struct str *w, int n)
{
	bool neg = false;

	for (int at = 0; at < n; at++) {
		struct str word = w[at];
		const struct acl *a;

		if (str_eqz(word, "or") || str_eqz(word, "||")) {
			end_conjunction(p);
			neg = false;
			continue;
		}
		for (; word.n && word.p[0] == '!'; word = str_skip(word, 1))
			neg = !neg;
		if (!word.n)
			continue;
		a = str_eqz(word, "{") ? anonymous(p, w, n, &at) : acl_find(p->sc, word, p->err);
		if (!a || !add_term(p, a, neg, word.p))
			return false;
		neg = false;
	}
	end_conjunction(p);
	return true;
}

struct cond *cond_compile(struct xscope *sc, const struct str *w, int n, bool unless, struct load_err *err)
{
	struct cond_parse p;
	struct cond *c;

	p.sc = sc;
	p.err = err;
	p.n = 0;
	if (!parse_words(&p, w, str_words(w, n)))
		return NULL;
	c = arena_zalloc(sc->mem, sizeof(*c) + (size_t)p.n * sizeof(c->term[0]));
	c->unless = unless;
	c->n = p.n;
	for (int i = 0; i < p.n; i++) {
		c->term[i] = p.term[i];
		c->uses |= p.term[i].acl->uses;
	}
	return c;
}

uint32_t cond_uses(const struct cond *c)
{
	uint32_t uses = 0;

	/* an ACL may have got further tests since */
	for (int i = 0; c && i < c->n; i++)
		uses |= c->term[i].acl->uses;
	return uses;
}

/* --- evaluation --- */

enum { NO = 0, NOT_YET = 1, YES = 3 };

static bool value_matches(const struct acl_test *t, struct sample *smp, struct xctx *x)
{
	if (t->kind == PAT_FOUND)
		return true;
	if (t->type != SMP_ANY && smp->type != t->type && !smp_cast(smp, t->type, x->mem))
		return false;
	if (t->kind == PAT_BOOL)
		return smp->i != 0;
	for (unsigned i = 0; i < t->nix; i++)
		if (pat_matches(t->ix[i], smp, x->mem))
			return true;
	return false;
}

static int test_eval(const struct acl_test *t, struct xctx *x)
{
	struct sample smp;
	uint8_t flags;

	memset(&smp, 0, sizeof(smp));
	smp.ctx.iterate = true;
	do {
		bool got = true;

		if (t->expr->constant)
			smp = t->expr->value;
		else
			got = expr_next(t->expr, &smp, x);
		flags = smp.flags;
		if (!got)
			break;
		if (value_matches(t, &smp, x))
			return YES;
	} while (flags & SMP_F_MORE);
	return (flags & SMP_F_MAY_CHANGE) && !x->final ? NOT_YET : NO;
}

static int acl_result(const struct acl *a, struct xctx *x)
{
	const struct acl_test *t;
	int res = NO;

	list_each(t, &a->tests, link) {
		res |= test_eval(t, x);
		if (res == YES)
			break;
	}
	return res;
}

static enum cond_result to_result(int r)
{
	return r == YES ? COND_TRUE : r == NO ? COND_FALSE : COND_WAIT;
}

enum cond_result acl_eval(const struct acl *a, struct xctx *x)
{
	return to_result(acl_result(a, x));
}

/* yes and no change places */
static int negate(int r)
{
	return r == NOT_YET ? r : YES - r;
}

enum cond_result cond_eval(const struct cond *c, struct xctx *x)
{
	int all = NO, one = YES;

	if (!c)
		return COND_TRUE;
	for (int i = 0; i < c->n; i++) {
		const struct cond_term *t = &c->term[i];

		if (one != NO) {
			int r = acl_result(t->acl, x);

			one &= t->neg ? negate(r) : r;
		}
		if (!t->last)
			continue;
		all |= one;
		if (all == YES)
			break;
		one = YES;
	}
	return to_result(c->unless ? negate(all) : all);
}
