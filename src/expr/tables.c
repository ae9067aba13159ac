/* The rows that the compiler knows, by name. boot/builtin.c lists them; they are indexed once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "expr_priv.h"
#include "weir/base/assert.h"
#include "weir/base/pool.h"

/* Rows of one kind, sorted by name; rows are reached through pointers to their first member, the name. */
struct row_index {
	const char *const **rows;
	size_t n;
};

static struct {
	const struct expr_tables *given;
	struct row_index fetches, convs;
} tables;

static int by_name(const void *a, const void *b)
{
	return strcmp(**(const char *const *const *)a, **(const char *const *const *)b);
}

static void index_add(struct row_index *ix, const void *rows, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++)
		ix->rows[ix->n++] = (const char *const *)((const char *)rows + i * size);
}

static void index_room(struct row_index *ix, size_t n)
{
	free(ix->rows);
	ix->rows = mem_zalloc((n + 1) * sizeof(*ix->rows));
	ix->n = 0;
}

static void index_fetches(const struct fetch_table *t)
{
	size_t n = 0;

	for (const struct fetch_table *i = t; i->rows; i++)
		n += i->n;
	index_room(&tables.fetches, n);
	for (const struct fetch_table *i = t; i->rows; i++)
		index_add(&tables.fetches, i->rows, i->n, sizeof(*i->rows));
	qsort(tables.fetches.rows, tables.fetches.n, sizeof(*tables.fetches.rows), by_name);
}

static void index_convs(const struct conv_table *t)
{
	size_t n = 0;

	for (const struct conv_table *i = t; i->rows; i++)
		n += i->n;
	index_room(&tables.convs, n);
	for (const struct conv_table *i = t; i->rows; i++)
		index_add(&tables.convs, i->rows, i->n, sizeof(*i->rows));
	qsort(tables.convs.rows, tables.convs.n, sizeof(*tables.convs.rows), by_name);
}

void expr_set_tables(const struct expr_tables *t)
{
	tables.given = t;
	index_fetches(t->fetches);
	index_convs(t->convs);
}

void expr_forget_tables(void)
{
	free(tables.fetches.rows);
	free(tables.convs.rows);
	memset(&tables, 0, sizeof(tables));
}

const struct expr_tables *expr_get_tables(void)
{
	return tables.given;
}

static const void *index_find(const struct row_index *ix, struct str name)
{
	size_t lo = 0, hi = ix->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(name, str_c(*ix->rows[mid]));

		if (c == 0)
			return ix->rows[mid];
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

static const char *index_near(const struct row_index *ix, struct str name)
{
	struct row_near near;

	row_near_init(&near, name);
	for (size_t i = 0; i < ix->n; i++)
		row_near_try(&near, *ix->rows[i]);
	return row_near_best(&near);
}

const struct fetch_row *fetch_find(struct str name)
{
	return index_find(&tables.fetches, name);
}

const struct conv_row *conv_find(struct str name)
{
	return index_find(&tables.convs, name);
}

const char *fetch_near(struct str name)
{
	return index_near(&tables.fetches, name);
}

const char *conv_near(struct str name)
{
	return index_near(&tables.convs, name);
}

void load_err_set(struct load_err *e, const char *at, const char *fmt, ...)
{
	va_list ap;

	e->at = at;
	e->near[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
}

void load_err_near(struct load_err *e, const char *near)
{
	if (near)
		snprintf(e->near, sizeof(e->near), "%s", near);
}

bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
	       c == '.' || c == '+' || c == ':';
}

struct str name_at(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && name_char(*q))
		q++;
	return str_make(p, (size_t)(q - p));
}
