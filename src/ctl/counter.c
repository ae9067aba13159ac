/* Values of counters in the forms of the runtime API. */
#include "weir/ctl/counter.h"

#include <math.h>
#include <stdio.h>

#include "weir/base/json.h"
#include "weir/base/obj.h"
#include "weir/base/pool.h"

struct letter { char c; const char *name; };
static const struct letter origins[] = {
	{ 'M', "Metric" }, { 'S', "Status" }, { 'K', "Key" }, { 'C', "Config" }, { 'P', "Product" }, { 0, "Unknown" },
};
static const struct letter natures[] = {
	{ 'G', "Gauge" }, { 'L', "Limit" }, { 'm', "Min" }, { 'M', "Max" }, { 'R', "Rate" }, { 'C', "Counter" },
	{ 'D', "Duration" }, { 'A', "Age" }, { 'T', "Time" }, { 'N', "Name" }, { 'O', "Output" },
	{ 'a', "Avg" }, { 0, "Unknown" },
};
static const struct letter scopes[] = {
	{ 'P', "Process" }, { 'S', "Service" }, { 's', "System" }, { 'C', "Cluster" }, { 0, "Unknown" },
};
static const char *const types[] = {
	[CNT_EMPTY] = "", [CNT_S32] = "s32", [CNT_U32] = "u32", [CNT_S64] = "s64", [CNT_U64] = "u64", [CNT_STR] = "str",
	[CNT_FLT] = "flt",
};

static const char *name_of(const struct letter *l, char c)
{
	while (l->c && l->c != c)
		l++;
	return l->name;
}

static void put_float(struct sbuf *out, double f)
{
	char text[64];
	int n;

	if (isnan(f)) {
		sbuf_putz(out, "nan");
		return;
	}
	n = snprintf(text, sizeof(text), "%.6f", f);
	n = MIN(n, (int)sizeof(text) - 1);
	while (n > 1 && text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	sbuf_put(out, text, (size_t)n);
}

void cnt_put_value(struct sbuf *out, const struct cnt_val *v)
{
	switch ((enum cnt_type)v->type) {
	case CNT_EMPTY:
		break;
	case CNT_U32:
	case CNT_U64:
		sbuf_putu(out, v->u);
		break;
	case CNT_S32:
	case CNT_S64:
		sbuf_puti(out, v->i);
		break;
	case CNT_STR:
		sbuf_puts(out, v->s);
		break;
	case CNT_FLT:
		put_float(out, v->f);
		break;
	}
}

void cnt_put_csv(struct sbuf *out, const struct cnt_val *v)
{
	bool quote = false;

	if (v->type != CNT_STR) {
		cnt_put_value(out, v);
		return;
	}
	for (size_t i = 0; i < v->s.n && !quote; i++)
		quote = strchr(",\"\r\n", v->s.p[i]) != NULL;
	if (!quote) {
		sbuf_puts(out, v->s);
		return;
	}
	sbuf_putc(out, '"');
	for (size_t i = 0; i < v->s.n; i++) {
		if (v->s.p[i] == '"')
			sbuf_putc(out, '"');
		sbuf_putc(out, v->s.p[i]);
	}
	sbuf_putc(out, '"');
}

void cnt_put_typed(struct sbuf *out, const struct cnt_row *row, const struct cnt_val *v)
{
	sbuf_putz(out, row->tags);
	sbuf_putc(out, ':');
	sbuf_putz(out, types[v->type]);
	sbuf_putc(out, ':');
	cnt_put_value(out, v);
}

static void put_json_value(struct sbuf *out, const struct cnt_val *v)
{
	sbuf_printf(out, "{\"type\":\"%s\",\"value\":", types[v->type]);
	if (v->type == CNT_STR)
		json_quote(out, v->s);
	else
		cnt_put_value(out, v);
	sbuf_putc(out, '}');
}

void cnt_put_json(struct sbuf *out, const struct cnt_row *row, int pos, struct str before, const struct cnt_val *v)
{
	sbuf_putc(out, '{');
	sbuf_puts(out, before);
	sbuf_printf(out, "\"field\":{\"pos\":%d,\"name\":\"%s\"},\"processNum\":1,", pos, row->name);
	sbuf_printf(out, "\"tags\":{\"origin\":\"%s\",\"nature\":\"%s\",\"scope\":\"%s\"},\"value\":",
	            name_of(origins, row->tags[0]), name_of(natures, row->tags[1]), name_of(scopes, row->tags[2]));
	put_json_value(out, v);
	sbuf_putc(out, '}');
}

static size_t count_rows(const struct cnt_row *rows)
{
	size_t n = 0;

	while (rows[n].name)
		n++;
	return n;
}

static struct cnt_row *find_row(struct cnt_row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

struct cnt_row *cnt_merge(const struct cnt_row *base, const struct cnt_row *const *more, size_t *n)
{
	size_t most = count_rows(base), have = most;
	struct cnt_row *all;

	for (const struct cnt_row *const *m = more; *m; m++)
		most += count_rows(*m);
	all = mem_zalloc((most + 1) * sizeof(*all));
	memcpy(all, base, have * sizeof(*all));
	for (const struct cnt_row *const *m = more; *m; m++) {
		for (const struct cnt_row *row = *m; row->name; row++) {
			struct cnt_row *known = find_row(all, have, row->name);

			if (known) {
				known->get = row->get;
				known->priv = row->priv;
			} else {
				all[have++] = *row;
			}
		}
	}
	*n = have;
	return all;
}
