/* ACLs: "criterion[,converter...] [flags] [operator] pattern..." compiled to tests. */
#include <stdarg.h>
#include <stdio.h>
#include "acl_priv.h"
#include "pat_priv.h"
#include "weir/base/num.h"

#define MANY_WORDS 64

/* While the words of one test are read. */
struct test_parse {
	struct xscope *sc;
	struct load_err *err;
	const struct str *w;
	int n, at;
	struct acl_word word;
	struct str fetch;		/* as it was written */
	enum smp_type type;		/* of the whole expression */
	bool has_kind, icase, as_map, no_resolve, added;
	enum pat_kind kind;
	int id;				/* -u, or -1 */
	const struct pat_index *ix[64];
	int nix;
};

static bool fail(struct test_parse *p, int word, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool fail(struct test_parse *p, int word, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->err->msg, sizeof(p->err->msg), fmt, ap);
	va_end(ap);
	p->err->at = word < p->n ? p->w[word].p : NULL;
	return false;
}

static bool kind_of_type(enum smp_type t, enum pat_kind *kind)
{
	switch (t) {
	case SMP_BOOL: *kind = PAT_BOOL; return true;
	case SMP_SINT: *kind = PAT_INT; return true;
	case SMP_ADDR: case SMP_IPV4: case SMP_IPV6: *kind = PAT_IP; return true;
	case SMP_STR: *kind = PAT_STR; return true;
	default: return false;
	}
}

/* The expression, and the kind of matching that follows from keyword or type. */
static struct expr *criterion(struct test_parse *p, struct acl_test *t)
{
	struct str text, name;
	struct expr *e;

	if (p->at >= p->n || !p->w[p->at].n) {
		fail(p, p->at, "missing fetch method in ACL expression ''");
		return NULL;
	}
	text = expr_join_words(p->sc, p->w, p->n, &p->at, true);
	name = name_at(text.p, text.p + text.n);
	if (!acl_word_find(name, &p->word))
		p->word.fetch = fetch_find(name);
	if (!p->word.fetch) {
		char buf[ACL_WORD_MAX];
		const char *near = acl_word_near(name, buf);

		if (expr_known_fetch(name)) {
			fail(p, 0, EXPR_KNOWN, "fetch method", STR_ARG(name));
			return NULL;
		}
		fail(p, 0, "unknown fetch method '" STR_FMT "' in ACL expression '" STR_FMT "'",
		     STR_ARG(name.n ? name : text), STR_ARG(text));
		load_err_near(p->err, near);
		return NULL;
	}
	t->word = arena_str(p->sc->mem, name);
	p->sc->in_acl = true;
	e = expr_compile_row(p->sc, p->word.fetch, text, text.p + name.n, NULL, p->err);
	p->sc->in_acl = false;
	if (!e)
		return NULL;
	p->fetch = t->word;
	p->type = (enum smp_type)e->out;
	p->kind = p->word.kind;
	p->has_kind = p->word.has_kind && !e->written;
	if (!p->has_kind)
		p->has_kind = kind_of_type((enum smp_type)e->out, &p->kind);
	return e;
}

/* --- flags --- */

static bool set_kind(struct test_parse *p)
{
	struct str name = p->at + 1 < p->n ? p->w[p->at + 1] : STR("");

	if (p->added)
		return fail(p, p->at, "'-m' must only be specified before patterns and files in parsing ACL "
			    "expression");
	if (!pat_kind_find(name, &p->kind))
		return fail(p, p->at + 1, "unknown matching method '" STR_FMT "' when parsing ACL expression",
			    STR_ARG(name));
	if (p->kind != PAT_FOUND && !smp_castable(p->type, pat_kind_type(p->kind)))
		return fail(p, p->at + 1, "matching method '" STR_FMT "' cannot be used with fetch keyword '" STR_FMT
			    "', which gives %s here", STR_ARG(name), STR_ARG(p->fetch), smp_type_name(p->type));
	p->has_kind = true;
	p->word.dotted = false;
	p->at += 2;
	return true;
}

static bool set_id(struct test_parse *p)
{
	struct str text = p->at + 1 < p->n ? p->w[p->at + 1] : STR("");
	int64_t id;

	if (!num_i64(text, &id))
		return fail(p, p->at + 1, "the argument of -u must be an integer");
	if (id < 0 || id > INT32_MAX)
		return fail(p, p->at + 1, "the unique id of an ACL must be positive");
	p->id = (int)id;
	p->at += 2;
	return true;
}

static bool need_kind(struct test_parse *p, const struct acl_test *t)
{
	return p->has_kind || fail(p, 0, "matching method must be specified first (using '-m') when using a sample "
				   "fetch of this type ('" STR_FMT "')", STR_ARG(t->word));
}

static bool add_index(struct test_parse *p, struct pat_index *ix)
{
	for (int i = 0; i < p->nix; i++)
		if (p->ix[i] == ix)
			return true;
	if (p->nix == (int)ARRAY_LEN(p->ix))
		return fail(p, p->at, "too many pattern files");
	p->ix[p->nix++] = ix;
	return true;
}

static void describe_file(const struct xscope *sc, struct pat_ref *ref, struct str file, const char *what)
{
	if (ref->description)
		pat_ref_describe(ref, "by %s at file '%s' line %d", what, sc->file, sc->line);
	else
		pat_ref_describe(ref, "pattern loaded from file '" STR_FMT "' used by %s at file '%s' line %d",
				 STR_ARG(file), what, sc->file, sc->line);
}

static bool add_file(struct test_parse *p, const struct acl_test *t)
{
	struct str file = p->at + 1 < p->n ? p->w[p->at + 1] : STR("");
	struct pat_ref *ref;
	struct pat_index *ix;

	if (!need_kind(p, t))
		return false;
	ref = pat_ref_file(p->sc->pats, file, PAT_REF_ACL | (p->as_map ? PAT_REF_MAP | PAT_REF_VALUES : 0), p->err);
	if (!ref)
		return false;
	ref->no_resolve |= p->no_resolve;
	describe_file(p->sc, ref, file, p->as_map ? "map" : "acl");
	ix = pat_index_for(ref, p->kind, p->icase, SMP_ANY, p->err);
	p->added = true;
	p->at += 2;
	return ix && add_index(p, ix);
}

static bool flags(struct test_parse *p, const struct acl_test *t)
{
	while (p->at < p->n && p->w[p->at].n && p->w[p->at].p[0] == '-') {
		struct str f = p->w[p->at];
		bool ok = true;

		if (str_eqz(f, "--")) {
			p->at++;
			return true;
		} else if (str_eqz(f, "-i")) {
			p->icase = true;
			p->at++;
		} else if (str_eqz(f, "-n")) {
			p->no_resolve = true;
			p->at++;
		} else if (str_eqz(f, "-M")) {
			p->as_map = true;
			p->at++;
		} else if (str_eqz(f, "-u")) {
			ok = set_id(p);
		} else if (str_eqz(f, "-f")) {
			ok = add_file(p, t);
		} else if (str_eqz(f, "-m")) {
			ok = set_kind(p);
		} else {
			return fail(p, p->at, "'" STR_FMT "' is not a valid ACL option. Please use '--' before any "
				    "pattern beginning with a '-'", STR_ARG(f));
		}
		if (!ok)
			return false;
	}
	return true;
}

/* --- numbers with operators --- */

enum op { OP_NONE, OP_EQ, OP_GE, OP_GT, OP_LE, OP_LT };
static const char *const op_names[] = { "", "eq", "ge", "gt", "le", "lt" };

static enum op op_find(struct str w)
{
	for (int i = OP_EQ; i <= OP_LT; i++)
		if (str_eqz(w, op_names[i]))
			return (enum op)i;
	return OP_NONE;
}

/* "3.1" and "3.1:3.3" as the numbers they stand for. */
static bool undot_one(struct arena *mem, struct str *s)
{
	struct str minor = *s, major = str_cut(&minor, '.');
	int64_t hi, lo = 0;

	if (!s->n)
		return true;
	if (!num_i64(major, &hi) || (minor.p && !num_i64(minor, &lo)) || lo < 0 || lo > 65535)
		return false;
	*s = arena_printf(mem, "%lld", (long long)(hi * 65536 + lo));
	return true;
}

static struct str undot(struct arena *mem, struct str w)
{
	struct str hi = w, lo = str_cut(&hi, ':');
	bool range = hi.p != NULL;

	if (!undot_one(mem, &lo) || (range && !undot_one(mem, &hi)))
		return w;
	return arena_printf(mem, STR_FMT "%s" STR_FMT, STR_ARG(lo), range ? ":" : "", range ? (int)hi.n : 0, hi.p);
}

/* "gt 5" is kept as the range "6:". False: err set. *none: nothing can match (above the greatest number). */
static bool apply_op(struct test_parse *p, enum op op, struct str *w, bool *none)
{
	struct load_err ignored;
	int64_t min, max;

	*none = false;
	if (p->word.dotted)
		*w = undot(p->sc->mem, *w);
	if (op == OP_NONE || op == OP_EQ)
		return true;
	if (!pat_ints_parse(*w, &min, &max, &ignored))
		return fail(p, p->at, "'" STR_FMT "' is neither a number nor a supported operator", STR_ARG(*w));
	*none = (op == OP_GT && min == INT64_MAX) || (op == OP_LT && max == INT64_MIN);
	if (*none)
		return true;
	if (op == OP_GE || op == OP_GT)
		*w = arena_printf(p->sc->mem, "%lld:", (long long)(min + (op == OP_GT)));
	else
		*w = arena_printf(p->sc->mem, ":%lld", (long long)(max - (op == OP_LT)));
	return true;
}

/* --- patterns on the line itself --- */

static bool add_patterns(struct test_parse *p, const struct acl_test *t)
{
	struct pat_ref *ref = pat_ref_inline(p->sc->pats, p->id, p->err);
	struct pat_index *ix;
	enum op op = OP_NONE;
	bool none;

	if (!ref)
		return false;
	pat_ref_describe(ref, "acl '" STR_FMT "' file '%s' line %d", STR_ARG(t->word), p->sc->file, p->sc->line);
	ref->no_resolve |= p->no_resolve;
	ix = pat_index_for(ref, p->kind, p->icase, SMP_ANY, p->err);
	if (!ix || !add_index(p, ix))
		return false;
	for (; p->at < p->n; p->at++) {
		struct str w = p->w[p->at];
		bool ints = p->kind == PAT_INT || p->kind == PAT_LEN;

		if (ints && op_find(w) != OP_NONE) {
			op = op_find(w);
			continue;
		}
		if (ints && !apply_op(p, op, &w, &none))
			return false;
		if (ints && none)
			continue;
		/* A line longer than HAProxy takes: nobody needs its words twice, and equal ones are slow to index. */
		if (p->at >= MANY_WORDS && pat_ref_has(ref, w))
			continue;
		if (!pat_ref_add(ref, w, STR_NONE, PAT_GEN_CURRENT, p->sc->line, p->err)) {
			p->err->at = p->w[p->at].p;
			return false;
		}
	}
	return true;
}

static void warn_no_pattern(struct test_parse *p, struct str text)
{
	char msg[500];

	if (!p->sc->warn)
		return;
	snprintf(msg, sizeof(msg), "parsing acl keyword '" STR_FMT "' :\n"
		 "  no pattern to match against were provided, so this ACL will never match.\n"
		 "  If this is what you intended, please add '--' to get rid of this warning.\n"
		 "  If you intended to match only for existence, please use '-m found'.\n"
		 "  If you wanted to force an int to match as a bool, please use '-m bool'.\n", STR_ARG(text));
	p->sc->warn(p->sc, msg);
}

bool acl_add_test(struct xscope *sc, struct acl *a, const struct str *w, int n, struct load_err *err)
{
	struct test_parse p = { .sc = sc, .err = err, .w = w, .n = str_words(w, n), .id = -1 };
	struct acl_test *t = arena_new(sc->mem, struct acl_test);
	struct expr *e = criterion(&p, t);
	bool bare;

	if (!e)
		return false;
	t->expr = e;
	bare = p.at == p.n;
	if (!flags(&p, t) || !need_kind(&p, t) || !add_patterns(&p, t))
		return false;
	if (bare && p.kind != PAT_BOOL && p.kind != PAT_FOUND)
		warn_no_pattern(&p, w[0]);
	t->kind = (uint8_t)p.kind;
	t->type = (uint8_t)pat_kind_type(p.kind);
	t->nix = (uint16_t)p.nix;
	t->ix = arena_array(sc->mem, const struct pat_index *, (size_t)p.nix);
	for (int i = 0; i < p.nix; i++)
		t->ix[i] = p.ix[i];
	list_push(&a->tests, &t->link);
	a->uses |= e->uses;
	return true;
}

/* --- named ones --- */

struct acl *acl_new(struct xscope *sc, struct str name)
{
	struct acl *a = arena_new(sc->mem, struct acl);

	list_init(&a->link);
	list_init(&a->tests);
	a->name = name.n ? arena_str(sc->mem, name) : STR_NONE;
	return a;
}

static struct acl *declared(struct xscope *sc, struct str name)
{
	struct acl *a;

	if (sc->acls)
		list_each(a, sc->acls, link)
			if (str_eq(a->name, name))
				return a;
	return NULL;
}

static void near_acl(struct xscope *sc, struct str name, struct load_err *err)
{
	struct row_near near;
	const struct acl *a;

	row_near_init(&near, name);
	if (sc->acls)
		list_each(a, sc->acls, link)
			row_near_try(&near, a->name.p);
	load_err_near(err, row_near_best(&near));
}

/* A declared one, or a predefined one, which is declared by its first use. */
struct acl *acl_find(struct xscope *sc, struct str name, struct load_err *err)
{
	struct acl *a = declared(sc, name);
	const char *const *words;
	struct str w[5];
	int n = 0;

	if (a)
		return a;
	words = acl_predefined(name);
	if (!words) {
		load_err_set(err, name.p, "no such ACL : '" STR_FMT "'", STR_ARG(name));
		near_acl(sc, name, err);
		return NULL;
	}
	for (; words[n]; n++)
		w[n] = str_c(words[n]);
	a = acl_new(sc, name);
	if (!acl_add_test(sc, a, w, n, err)) {
		err->at = name.p;
		return NULL;
	}
	if (sc->acls)
		list_push(sc->acls, &a->link);
	return a;
}

static bool acl_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == ':';
}

static bool check_name(struct str name, struct load_err *err)
{
	for (size_t i = 0; i < name.n; i++)
		if (!acl_name_char(name.p[i])) {
			load_err_set(err, name.p + i, "character '%c' is not permitted in acl name '" STR_FMT "'.",
				     name.p[i], STR_ARG(name));
			err->whole = true;
			return false;
		}
	if (str_ieq(name, STR("or"))) {
		load_err_set(err, name.p, "acl name '" STR_FMT "' will never match. 'or' is used to express a logical "
			     "disjunction within a condition.", STR_ARG(name));
		err->whole = true;
		return false;
	}
	return true;
}

bool acl_declare(struct xscope *sc, const struct str *w, int n, struct load_err *err)
{
	struct acl *a;
	bool fresh;

	if (!n || !w[0].n) {
		load_err_set(err, NULL, "missing ACL name");
		return false;
	}
	if (!check_name(w[0], err))
		return false;
	a = declared(sc, w[0]);
	fresh = !a;
	if (fresh)
		a = acl_new(sc, w[0]);
	/* The name is known from now on even if the rest is wrong: one mistake is told once. */
	if (fresh)
		list_push(sc->acls, &a->link);
	return acl_add_test(sc, a, w + 1, n - 1, err);
}
