/* Lines of crt-lists that come and go while bind lines use them. */
#include "edit_priv.h"
#include "front_priv.h"

#include <stdlib.h>

#include "weir/base/num.h"
#include "weir/base/pool.h"

/* --- adding --- */

static void drop_entry(struct tls_entry *e)
{
	struct tls_front *f = e->front;
	struct tls_entry **at = &f->entries;

	while (*at != e)
		at = &(*at)->next;
	f->changed |= at == &f->entries;
	*at = e->next;
	if (!*at)
		f->last = at;
	tls_entry_hide(e);
	tls_entry_free(e);
}

/* Is the list one of this bind's? */
static bool has_list(const struct tls_front *f, struct str name)
{
	for (const struct tls_crt *c = f->words->crts; c; c = c->next)
		if (c->list && str_eq(c->path, name))
			return true;
	return false;
}

static void undo(struct tls_list_line *line)
{
	while (!list_empty(&line->uses))
		drop_entry(list_first(&line->uses, struct tls_entry, list_link));
}

/* Everything under the lock: a context takes a fraction of a millisecond, and a list is not changed often. */
static bool put_line(struct tls_files *f, struct tls_list *list, struct tls_list_line *line, struct tls_fault *why)
{
	struct tls_entry *e;
	bool ok = true;

	pthread_rwlock_wrlock(&f->lock);
	for (struct tls_front *t = f->fronts; t && ok; t = t->next) {
		struct front_load l = { .front = t, .files = f, .words = t->words, .alpn = t->alpn, .why = why };

		if (has_list(t, str_c(list->name)))
			ok = front_list_entry(&l, line, "CLI");
	}
	if (ok) {
		list_each(e, &line->uses, list_link)
			tls_entry_show(e);
		line->line = ++list->last;
		list_push(&list->lines, &line->link);
	} else {
		undo(line);
	}
	pthread_rwlock_unlock(&f->lock);
	return ok;
}

static bool known_crt(struct tls_files *f, const char *crt, struct tls_fault *why)
{
	struct tls_paths said = { .crt = NULL };
	struct tls_where where;
	struct tls_slot *s;

	tls_where_init(&where, f, str_c(crt), &said);
	s = hmap_get(&f->slots, str_c(where.name ? where.name : where.crt));
	tls_where_fini(&where);
	if (!s)
		tls_fault_set(why, "certificate '%s' does not exist!", crt);
	else if (!s->cert)
		tls_fault_set(why, "certificate '%s' is empty!", crt);
	return s && s->cert;
}

static bool add_line(struct tls_files *f, struct str name, char *text, struct arena *mem, struct str *crt,
		     struct tls_fault *why)
{
	struct tls_list *list = hmap_get(&f->lists, name);
	struct front_load l = { .files = f, .why = why };
	struct tls_list_line *line;
	bool empty;

	if (!list) {
		tls_fault_set(why, "crt-list '%.*s' does not exist!", STR_ARG(name));
		return false;
	}
	line = front_list_line(&l, text, "CLI", 1, &empty);
	if (!line) {
		if (empty)
			tls_fault_set(why, "no certificate is named");
		return false;
	}
	*crt = arena_str(mem, str_c(line->crt));
	if (known_crt(f, line->crt, why) && put_line(f, list, line, why))
		return true;
	front_list_line_free(line);
	return false;
}

bool tls_store_add_line(struct tls_files *f, struct str list, struct str line, struct arena *mem, struct str *crt,
			struct tls_fault *why)
{
	char *text = mem_alloc(line.n + 1);
	bool ok;

	str_z(line, text, line.n + 1);
	pthread_mutex_lock(&f->edit);
	ok = add_line(f, list, text, mem, crt, why);
	pthread_mutex_unlock(&f->edit);
	free(text);
	return ok;
}

/* --- deleting --- */

static int by_line(struct str *crt)
{
	size_t at = crt->n;
	int64_t n;

	while (at && crt->p[at - 1] != ':')
		at--;
	if (!at || !num_i64(str_skip(*crt, at), &n) || n <= 0)
		return 0;
	*crt = str_head(*crt, at - 1);
	return (int)n;
}

/* The line meant; NULL: why. number 0: there has to be one line only. */
static struct tls_list_line *find_line(struct tls_list *list, struct str crt, int number, struct tls_fault *why)
{
	struct tls_list_line *line, *found = NULL;
	struct sbuf lines = sbuf_grow();
	int n = 0;

	list_each(line, &list->lines, link) {
		if (!str_eqz(crt, line->crt))
			continue;
		sbuf_printf(&lines, "%s%d", n++ ? ", " : "", line->line);
		if (!number || line->line == number)
			found = line;
	}
	if (!n)
		tls_fault_set(why, "certificate '%.*s' can't be found in crt-list '%s'!", STR_ARG(crt), list->name);
	else if (!number && n > 1)
		tls_fault_set(why, "found the certificate '%.*s' in several entries, please specify a line number "
			      "preceded by colons (%.300s)!", STR_ARG(crt), sbuf_z(&lines));
	else if (!found)
		tls_fault_set(why, "found a certificate '%.*s' but the line number is incorrect, please specify a "
			      "correct line number preceded by colons (%.300s)!", STR_ARG(crt), sbuf_z(&lines));
	sbuf_fini(&lines);
	return n && (number || n == 1) ? found : NULL;
}

/* Who asks for no name has to be shown something. */
static bool is_default(const struct tls_list_line *line, struct str crt, struct tls_fault *why)
{
	struct sbuf who = sbuf_grow();
	const struct tls_entry *e;
	bool any = false;

	list_each(e, &line->uses, list_link) {
		if (e != e->front->entries || e->front->strict)
			continue;
		sbuf_printf(&who, "\n\t- %s:%d", e->front->words->file ? e->front->words->file : "",
			    e->front->words->line);
		any = true;
	}
	if (any)
		tls_fault_set(why, "certificate '%.*s' cannot be deleted, it is used as default certificate by the "
			      "following frontends:%.300s\n", STR_ARG(crt), sbuf_z(&who));
	sbuf_fini(&who);
	return any;
}

static bool del_line(struct tls_files *f, struct str name, struct str *what, struct tls_fault *why)
{
	struct tls_list *list = hmap_get(&f->lists, name);
	int number = hmap_get(&f->slots, *what) ? 0 : by_line(what);
	struct tls_list_line *line;
	struct str crt = *what;

	if (!list)
		tls_fault_set(why, "crt-list '%.*s' does not exist!", STR_ARG(name));
	else if (!hmap_get(&f->slots, crt))
		tls_fault_set(why, "certificate '%.*s' does not exist!", STR_ARG(crt));
	if (!list || !hmap_get(&f->slots, crt))
		return false;
	line = find_line(list, crt, number, why);
	if (!line || is_default(line, crt, why))
		return false;
	pthread_rwlock_wrlock(&f->lock);
	undo(line);
	pthread_rwlock_unlock(&f->lock);
	front_list_line_free(line);
	return true;
}

bool tls_store_del_line(struct tls_files *f, struct str list, struct str *crt, struct tls_fault *why)
{
	bool ok;

	pthread_mutex_lock(&f->edit);
	ok = del_line(f, list, crt, why);
	pthread_mutex_unlock(&f->edit);
	return ok;
}

/* --- showing --- */

static void show_line(const struct tls_list_line *line, bool numbers, struct sbuf *out)
{
	sbuf_putz(out, line->crt);
	if (numbers)
		sbuf_printf(out, ":%d", line->line);
	if (line->options)
		sbuf_printf(out, " [%s]", line->options);
	if (line->names)
		sbuf_printf(out, " %s", line->names);
	sbuf_putc(out, '\n');
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show_names(const struct hmap *lists, struct sbuf *out)
{
	const char **names = mem_alloc(sizeof(*names) * (lists->count + 1));
	const struct hmap_slot *s;
	size_t n = 0;

	for (size_t at = 0; (s = hmap_next(lists, &at));)
		names[n++] = ((struct tls_list *)s->value)->name;
	qsort(names, n, sizeof(*names), by_text);
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, "%s\n", names[i]);
	free(names);
}

bool tls_store_show_list(struct tls_files *f, struct str name, bool numbers, struct sbuf *out)
{
	const struct tls_list_line *line;
	struct tls_list *list = NULL;

	pthread_mutex_lock(&f->edit);
	if (!name.n) {
		show_names(&f->lists, out);
	} else if ((list = hmap_get(&f->lists, name))) {
		sbuf_printf(out, "# %s\n", list->name);
		list_each(line, &list->lines, link)
			show_line(line, numbers, out);
	}
	pthread_mutex_unlock(&f->edit);
	return !name.n || list;
}
