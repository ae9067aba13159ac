/* Variables. Each scope is a small open hash table keyed by the hash of the name; texts belong to the table's owner and
 * are copied in and out, so that a value in use never changes under its user. */
#include <pthread.h>
#include <xxhash.h>
#include "weir/base/assert.h"
#include "weir/base/atomic.h"
#include "weir/base/pool.h"
#include "weir/expr/vars.h"

/* An entry exists from the first set on; unset-var leaves it without a type (SMP_ANY). */
struct var {
	uint64_t hash;			/* 0: free entry */
	struct sample value;
};

static pthread_rwlock_t proc_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct vars proc_vars = { .scope = VAR_PROC };
static struct var_limits limits;

struct vars *vars_proc(void)
{
	return &proc_vars;
}

struct var_limits *vars_limits(void)
{
	return &limits;
}

static bool has_bytes(const struct sample *s)
{
	return s->type == SMP_STR || s->type == SMP_BIN || (s->type == SMP_METH && s->method == METHOD_OTHER);
}

/* --- accounting: a scope's bytes count in all scopes around it as well --- */

static size_t limit_of(const struct vars *v)
{
	return limits.scope[v->scope == VAR_RES ? VAR_REQ : v->scope];
}

/* The process-wide count is only kept when somebody asked for a limit: it is a line that all threads would share. */
static bool global_counts(void)
{
	return limits.global || limits.scope[VAR_PROC];
}

static bool fits(const struct vars *v, size_t more)
{
	for (; v; v = v->parent)
		if (limit_of(v) && v->size + more > limit_of(v))
			return false;
	if (!global_counts())
		return true;
	more += atom_get(&proc_vars.size);
	return !limits.global || more <= limits.global;
}

static void account(struct vars *v, size_t add, size_t sub)
{
	for (; v; v = v->parent)
		if (v != &proc_vars)
			v->size += add - sub;
	if (global_counts())
		atom_add(&proc_vars.size, add - sub);
}

/* --- the table --- */

static struct var *find(const struct vars *v, uint64_t hash)
{
	if (!v->cap)
		return NULL;
	for (unsigned i = (unsigned)hash & (v->cap - 1);; i = (i + 1) & (v->cap - 1)) {
		if (v->v[i].hash == hash)
			return &v->v[i];
		if (!v->v[i].hash)
			return NULL;
	}
}

static struct var *place(struct vars *v, uint64_t hash)
{
	unsigned i = (unsigned)hash & (v->cap - 1);

	while (v->v[i].hash)
		i = (i + 1) & (v->cap - 1);
	return &v->v[i];
}

static void enlarge(struct vars *v)
{
	struct vars old = *v;

	v->cap = old.cap ? old.cap * 2 : 8;
	v->v = pool_zget(v->cap * sizeof(*v->v));
	for (unsigned i = 0; i < old.cap; i++)
		if (old.v[i].hash)
			*place(v, old.v[i].hash) = old.v[i];
	pool_put(old.v, old.cap * sizeof(*old.v));
}

static struct var *add(struct vars *v, const struct var_ref *r)
{
	struct var *e;

	if ((v->count + 1) * 4 > v->cap * 3)
		enlarge(v);
	e = place(v, r->hash);
	*e = (struct var){ .hash = r->hash };
	v->count++;
	return e;
}

static void drop_bytes(struct sample *s)
{
	if (has_bytes(s) && s->s.n)
		pool_put((void *)(uintptr_t)s->s.p, s->s.n);
	s->type = SMP_ANY;
}

void vars_init(struct vars *v, enum var_scope scope, struct vars *parent)
{
	*v = (struct vars){ .scope = (uint8_t)scope, .parent = parent };
}

void vars_move(struct vars *to, struct vars *from)
{
	WASSERT(!to->v && to->parent == from->parent && to->scope == from->scope);
	*to = *from;
	vars_init(from, (enum var_scope)from->scope, from->parent);
}

void vars_fini(struct vars *v)
{
	if (!v->cap)
		return;
	for (unsigned i = 0; i < v->cap; i++)
		if (v->v[i].hash)
			drop_bytes(&v->v[i].value);
	pool_put(v->v, v->cap * sizeof(*v->v));
	account(v, 0, v->size);
	v->v = NULL;
	v->cap = v->count = 0;
	WASSERT(v == &proc_vars || v->size == 0);
}

/* --- names --- */

static const struct { const char *prefix; enum var_scope scope; } scopes[] = {
	{ "proc", VAR_PROC }, { "sess", VAR_SESS }, { "txn", VAR_TXN }, { "req", VAR_REQ }, { "res", VAR_RES },
	{ "check", VAR_CHECK },
};

static bool scope_of(struct str text, size_t dot, enum var_scope *out)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (str_eqz(str_head(text, dot), scopes[i].prefix)) {
			*out = scopes[i].scope;
			return true;
		}
	return false;
}

static bool var_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool var_ref_parse(struct arena *mem, struct str text, struct var_ref *out, struct load_err *err)
{
	size_t dot = str_chr(text, '.');
	enum var_scope scope = VAR_SESS;
	struct str name;

	if (!text.n) {
		load_err_set(err, text.p, "Empty variable name cannot be accepted");
		return false;
	}
	if (dot == (size_t)-1 || !scope_of(text, dot, &scope)) {
		load_err_set(err, text.p, "invalid variable name '" STR_FMT "'. A variable name must be start by its "
			     "scope. The scope can be 'proc', 'sess', 'txn', 'req', 'res' or 'check'", STR_ARG(text));
		return false;
	}
	name = str_skip(text, dot + 1);
	if (!name.n) {
		load_err_set(err, text.p, "invalid variable name '" STR_FMT "': there is nothing behind its scope",
			     STR_ARG(text));
		return false;
	}
	for (size_t i = 0; i < name.n; i++)
		if (!var_char(name.p[i])) {
			load_err_set(err, name.p + i, "invalid syntax at char '" STR_FMT "'",
				     STR_ARG(str_skip(name, i)));
			return false;
		}
	out->scope = (uint8_t)scope;
	out->hash = XXH3_64bits(name.p, name.n) | 1;
	out->name = arena_str(mem, text);
	return true;
}

/* --- reading and writing --- */

static struct vars *scope_vars(const struct var_ref *r, const struct xctx *x)
{
	return r->scope == VAR_PROC ? &proc_vars : x->vars[r->scope];
}

/* Is what is asked for the process's? Then others read and write it too. */
static void lock(const struct vars *v, bool write)
{
	if (v != &proc_vars)
		return;
	if (write)
		pthread_rwlock_wrlock(&proc_lock);
	else
		pthread_rwlock_rdlock(&proc_lock);
}

static void unlock(const struct vars *v)
{
	if (v == &proc_vars)
		pthread_rwlock_unlock(&proc_lock);
}

bool var_get(const struct var_ref *r, struct sample *out, struct xctx *x)
{
	const struct vars *v = scope_vars(r, x);
	const struct var *e;
	bool found;

	if (!v)
		return false;
	lock(v, false);
	e = find(v, r->hash);
	found = e && e->value.type != SMP_ANY;
	if (found) {
		out->type = e->value.type;
		out->method = e->value.method;
		out->flags = 0;
		if (has_bytes(&e->value))
			out->s = arena_str(x->mem, e->value.s);
		else
			out->ip6 = e->value.ip6;	/* the whole union */
	}
	unlock(v);
	return found;
}

void var_declare(const struct var_ref *r)
{
	if (r->scope != VAR_PROC)
		return;
	lock(&proc_vars, true);
	if (!find(&proc_vars, r->hash)) {
		add(&proc_vars, r);
		account(&proc_vars, sizeof(struct var), 0);
	}
	unlock(&proc_vars);
}

static bool is_empty(const struct sample *s)
{
	return (s->type == SMP_STR || s->type == SMP_BIN) && s->s.n == 0;
}

static bool cond_holds(const struct var *e, const struct sample *value, unsigned cond)
{
	bool set = e && e->value.type != SMP_ANY;
	bool ints = set && e->value.type == SMP_SINT && value->type == SMP_SINT;

	if ((cond & VC_EXISTS) && !e)
		return false;
	if ((cond & VC_NOT_EXISTS) && e)
		return false;
	if ((cond & VC_EMPTY) && !is_empty(value))
		return false;
	if ((cond & VC_NOT_EMPTY) && is_empty(value))
		return false;
	if ((cond & VC_SET) && !set)
		return false;
	if ((cond & VC_NOT_SET) && set)
		return false;
	if ((cond & VC_GT) && ints && e->value.i <= value->i)
		return false;
	return !(cond & VC_LT) || !ints || e->value.i < value->i;
}

/* Takes a copy of value into e. The old bytes go last: value may point into them. */
static void store(struct var *e, const struct sample *value)
{
	struct sample old = e->value;

	e->value = *value;
	e->value.flags = 0;
	if (has_bytes(value) && value->s.n) {
		char *p = pool_get(value->s.n);

		memcpy(p, value->s.p, value->s.n);
		e->value.s.p = p;
	}
	drop_bytes(&old);
}

static size_t weight(const struct sample *s)
{
	return has_bytes(s) ? s->s.n : 0;
}

static bool set_locked(struct vars *v, const struct var_ref *r, const struct sample *value, unsigned cond)
{
	struct var *e = find(v, r->hash);
	size_t more = weight(value) + (e ? 0 : sizeof(*e)), less = e ? weight(&e->value) : 0;

	if (cond && !cond_holds(e, value, cond))
		return false;
	if (more > less && !fits(v, more - less))
		return false;
	if (!e)
		e = add(v, r);
	store(e, value);
	account(v, more, less);
	return true;
}

bool var_set(const struct var_ref *r, const struct sample *value, unsigned cond, struct xctx *x)
{
	struct vars *v = scope_vars(r, x);
	bool done;

	if (!v)
		return false;
	lock(v, true);
	done = set_locked(v, r, value, cond);
	unlock(v);
	return done;
}

bool var_unset(const struct var_ref *r, struct xctx *x)
{
	struct vars *v = scope_vars(r, x);
	struct var *e;

	if (!v)
		return false;
	lock(v, true);
	e = find(v, r->hash);
	if (e) {
		account(v, 0, weight(&e->value));
		drop_bytes(&e->value);
	}
	unlock(v);
	return true;
}

static const struct { const char *word; unsigned bit; } conds[] = {
	{ "ifexists", VC_EXISTS }, { "ifnotexists", VC_NOT_EXISTS }, { "ifempty", VC_EMPTY },
	{ "ifnotempty", VC_NOT_EMPTY }, { "ifset", VC_SET }, { "ifnotset", VC_NOT_SET }, { "ifgt", VC_GT },
	{ "iflt", VC_LT },
};

bool var_cond_parse(struct str word, unsigned *cond)
{
	for (size_t i = 0; i < ARRAY_LEN(conds); i++)
		if (str_eqz(word, conds[i].word)) {
			*cond |= conds[i].bit;
			return true;
		}
	return false;
}

bool arg_int(const struct arg *a, struct xctx *x, int64_t *out)
{
	struct sample s = { .type = SMP_ANY };

	if (a->type != ARG_VAR) {
		*out = a->i;
		return true;
	}
	if (!var_get(a->p, &s, x) || !smp_cast(&s, SMP_SINT, x->mem))
		return false;
	*out = s.i;
	return true;
}

bool arg_str(const struct arg *a, struct xctx *x, struct str *out)
{
	struct sample s = { .type = SMP_ANY };

	if (a->type != ARG_VAR) {
		*out = a->s;
		return true;
	}
	if (!var_get(a->p, &s, x) || !smp_cast(&s, SMP_STR, x->mem))
		return false;
	*out = s.s;
	return true;
}
