/* The references of a configuration generation, their indexes, and the files they are read from. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdlib.h>
#include "pat_priv.h"
#include "weir/base/pool.h"

struct pat_refs *pat_refs_create(void)
{
	struct pat_refs *r = mem_zalloc(sizeof(*r));

	list_init(&r->list);
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

static void ref_destroy(struct pat_ref *ref)
{
	struct pat_use *u, *u2;
	struct pat_index *ix, *ix2;
	struct pat_elt *e, *e2;

	list_each_safe(e, e2, &ref->elts, link) {
		for (struct pat_cell *c = e->cells, *next; c; c = next) {
			next = c->of_elt;
			c->dead.release(&c->dead);
		}
		free(e->value);
		free(e);
	}
	list_each_safe(u, u2, &ref->uses, link)
		free(u);
	list_each_safe(ix, ix2, &ref->indexes, link)
		pat_index_free(ix);
	pthread_mutex_destroy(&ref->lock);
	free(ref->buckets);
	free(ref->description);
	free((void *)(uintptr_t)ref->name.p);
	free(ref);
}

void pat_refs_destroy(struct pat_refs *r)
{
	struct pat_ref *ref, *tmp;

	if (!r)
		return;
	if (pat_refs_current() == r)
		pat_refs_publish(NULL);
	list_each_safe(ref, tmp, &r->list, link)
		ref_destroy(ref);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct pat_ref *pat_ref_new(struct pat_refs *r, struct str name, int id)
{
	struct pat_ref *ref = mem_zalloc(sizeof(*ref));

	ref->refs = r;
	ref->name = str_make(NULL, 0);
	if (name.n) {
		char *p = mem_zalloc(name.n + 1);

		memcpy(p, name.p, name.n);
		ref->name = str_make(p, name.n);
	}
	ref->id = id;
	ref->forced_id = id >= 0;
	list_init(&ref->elts);
	list_init(&ref->indexes);
	list_init(&ref->uses);
	pthread_mutex_init(&ref->lock, NULL);
	if (getrandom(&ref->seed, sizeof(ref->seed), GRND_NONBLOCK) != sizeof(ref->seed))
		ref->seed = (uintptr_t)ref;
	list_push(&r->list, &ref->link);
	return ref;
}

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* The explicit numbers, in order; count of them in *n. Release with free(). */
static int *ids_taken(const struct pat_refs *r, size_t *n)
{
	struct pat_ref *ref;
	int *ids = NULL;

	*n = 0;
	list_each(ref, &r->list, link) {
		if (ref->id < 0)
			continue;
		ids = mem_realloc(ids, sizeof(*ids) * (*n + 1));
		ids[(*n)++] = ref->id;
	}
	if (*n)
		qsort(ids, *n, sizeof(*ids), by_number);
	return ids;
}

void pat_refs_finish(struct pat_refs *r)
{
	size_t n, at = 0;
	int *taken = ids_taken(r, &n), next = 0;
	struct pat_index *ix;
	struct pat_ref *ref;

	r->finished = true;
	list_each(ref, &r->list, link) {
		list_each(ix, &ref->indexes, link)
			ix->resolve = false;
		/* what only rules name, to change it, was never read: nobody looks into it */
		if (ref->id >= 0 || (ref->name.n && !ref->loaded))
			continue;
		for (; at < n && taken[at] <= next; at++)
			if (taken[at] == next)
				next++;
		ref->id = next++;
	}
	free(taken);
}

struct pat_ref *pat_ref_inline(struct pat_refs *r, int id, struct load_err *err)
{
	struct pat_ref *ref;

	if (id >= 0)
		list_each(ref, &r->list, link)
			if (ref->id == id) {
				load_err_set(err, NULL, "the id is already used");
				return NULL;
			}
	ref = pat_ref_new(r, STR_NONE, id);
	ref->flags = PAT_REF_ACL;
	return ref;
}

/* Several users: their descriptions follow each other. */
void pat_ref_describe(struct pat_ref *ref, const char *fmt, ...)
{
	struct sbuf b = sbuf_grow();
	va_list ap;

	if (ref->description)
		sbuf_printf(&b, "%s, ", ref->description);
	va_start(ap, fmt);
	sbuf_vprintf(&b, fmt, ap);
	va_end(ap);
	free(ref->description);
	ref->description = mem_strdup(sbuf_z(&b));
	sbuf_fini(&b);
}

static struct pat_ref *by_name(struct pat_refs *r, struct str name)
{
	struct pat_ref *ref;

	list_each(ref, &r->list, link)
		if (ref->name.n && str_eq(ref->name, name))
			return ref;
	return NULL;
}

struct pat_ref *pat_ref_find(struct pat_refs *r, struct str name, unsigned flag)
{
	struct pat_ref *ref = NULL, *i;
	int id;

	if (!r)
		return NULL;
	if (name.n && name.p[0] == '#') {
		char z[16];

		id = atoi(str_z(str_skip(name, 1), z, sizeof(z)));
		list_each(i, &r->list, link)
			if (i->id == id)
				ref = i;
	} else {
		ref = by_name(r, name);
	}
	return ref && ref->id >= 0 && (!flag || (ref->flags & flag)) ? ref : NULL;
}

/* --- indexes --- */

static struct pat_index *find_index(struct pat_ref *ref, enum pat_kind kind, bool icase)
{
	struct pat_index *ix;

	list_each(ix, &ref->indexes, link)
		if (ix->kind == kind && ix->icase == icase)
			return ix;
	return NULL;
}

static bool fill_index(struct pat_index *ix, struct load_err *err)
{
	struct pat_elt *e;

	list_each(e, &ix->ref->elts, link) {
		struct load_err why = { .msg = "" };
		struct pat_cell *c = pat_cell_make(ix, e, &why);

		if (!c) {
			if (ix->ref->name.n)
				load_err_set(err, NULL, "%s at line %d of file '" STR_FMT "'", why.msg, e->line,
					     STR_ARG(ix->ref->name));
			else
				load_err_set(err, NULL, "%s", why.msg);
			return false;
		}
		c->of_elt = e->cells;
		e->cells = c;
		pat_index_add(ix, c);
	}
	return true;
}

static bool values_suit(struct pat_ref *ref, enum smp_type out, struct load_err *err)
{
	struct sample smp;
	struct pat_elt *e;

	if (out == SMP_ANY)
		return true;
	list_each(e, &ref->elts, link)
		if (e->value && !pat_value_sample(&e->value->v, out, &smp)) {
			load_err_set(err, NULL, "unable to parse '" STR_FMT "' at line %d of file '" STR_FMT "'",
				     STR_ARG(e->value->v.text), e->line, STR_ARG(ref->name));
			return false;
		}
	return true;
}

struct pat_index *pat_index_for(struct pat_ref *ref, enum pat_kind kind, bool icase, enum smp_type out,
				struct load_err *err)
{
	struct pat_index *ix;
	struct pat_use *u;
	bool ok = true;

	pat_ref_lock(ref);
	ix = find_index(ref, kind, icase);
	if (!ix) {
		ix = mem_zalloc(sizeof(*ix));
		ix->ref = ref;
		ix->kind = (uint8_t)kind;
		ix->icase = icase;
		ix->resolve = !ref->no_resolve;
		ix->seed = ref->seed;
		list_push(&ref->indexes, &ix->link);
		ok = fill_index(ix, err);
	}
	ok = ok && values_suit(ref, out, err);
	if (ok) {
		u = mem_zalloc(sizeof(*u));
		u->ix = ix;
		u->out = (uint8_t)out;
		list_push(&ref->uses, &u->link);
	}
	pat_ref_unlock(ref);
	return ok ? ix : NULL;
}

/* --- files --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "key value with blanks": blanks in front and at the end are cut. */
static void split_line(struct str line, struct str *key, struct str *value)
{
	size_t n = 0;

	line = str_trim(line);
	while (n < line.n && !is_blank(line.p[n]))
		n++;
	*key = str_head(line, n);
	*value = str_trim(str_skip(line, n));
	if (!value->p)
		*value = STR("");
}

static bool add_line(struct pat_ref *ref, struct str line, int number, struct load_err *err)
{
	struct str key, value = STR_NONE;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	if (!line.n || line.p[0] == '#')
		return true;
	if (ref->flags & PAT_REF_VALUES) {
		split_line(line, &key, &value);
	} else {
		while (line.n && is_blank(line.p[0]))
			line = str_skip(line, 1);
		key = line;
	}
	return !key.n || pat_ref_add_locked(ref, key, value, 0, number, err);
}

static bool read_lines(struct pat_ref *ref, struct str text, struct load_err *err)
{
	int number = 1;

	for (struct str rest = text; rest.p; number++)
		if (!add_line(ref, str_cut(&rest, '\n'), number, err))
			return false;
	return true;
}

static bool read_file(struct pat_ref *ref, const char *path, bool optional, struct load_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;
	bool ok = true;

	if (fd < 0 && optional && errno == ENOENT)
		return true;
	if (fd < 0 || fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		load_err_set(err, NULL, "failed to open pattern file <%s>", path);
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (st.st_size > 0) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map == MAP_FAILED) {
			load_err_set(err, NULL, "failed to read pattern file <%s>", path);
			ok = false;
		} else {
			ok = read_lines(ref, str_make(map, (size_t)st.st_size), err);
			munmap(map, (size_t)st.st_size);
		}
	}
	close(fd);
	return ok;
}

static const struct { const char *prefix; bool read, optional; } name_kinds[] = {
	{ "virt@", false, true }, { "opt@", true, true }, { "file@", true, false },
};

static bool load_ref(struct pat_ref *ref, struct load_err *err)
{
	const char *path = ref->name.p ? ref->name.p : "";

	for (size_t i = 0; i < ARRAY_LEN(name_kinds); i++) {
		size_t n = strlen(name_kinds[i].prefix);

		if (strncmp(path, name_kinds[i].prefix, n) == 0)
			return !name_kinds[i].read || read_file(ref, path + n, name_kinds[i].optional, err);
	}
	return read_file(ref, path, false, err);
}

struct pat_ref *pat_ref_file(struct pat_refs *r, struct str name, unsigned use, struct load_err *err)
{
	struct pat_ref *ref = name.n ? by_name(r, name) : NULL;

	if (ref && ref->loaded) {
		if ((use & PAT_REF_VALUES) && !(ref->flags & PAT_REF_VALUES)) {
			load_err_set(err, NULL,
				     "The file '" STR_FMT "' was loaded as a list of patterns without values "
				     "and cannot be used as a map",
				     STR_ARG(name));
			return NULL;
		}
		ref->flags |= use;
		return ref;
	}
	if (!ref)
		ref = pat_ref_new(r, name, -1);
	ref->flags |= use;
	ref->loaded = load_ref(ref, err);
	return ref->loaded ? ref : NULL;
}

struct pat_ref *pat_ref_named(struct pat_refs *r, struct str name, unsigned use)
{
	struct pat_ref *ref = by_name(r, name);

	if (!ref)
		ref = pat_ref_new(r, name, -1);
	ref->flags |= use & (PAT_REF_ACL | PAT_REF_MAP);
	return ref;
}
