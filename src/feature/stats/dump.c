/* Counters as tools read them: CSV, typed lines, JSON. */
#include "stats_priv.h"

static bool visible(const struct cnt_row *row, unsigned flags)
{
	return !(row->flags & CNT_F_DETAIL) || flags & STATS_DETAIL;
}

/* ---- one object ---- */

static struct cnt_row row_for(const struct cnt_row *row, enum cnt_kind kind)
{
	struct cnt_row r = *row;

	if (r.flags & CNT_F_PLAIN && kind == CNT_BACKEND)
		r.tags = "MGP";
	return r;
}

static void put_csv(const struct stat_iter *it, unsigned flags, struct sbuf *out, struct arena *mem)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);
	struct cnt_val v;

	for (size_t i = 0; i < n; i++) {
		if (stat_is_bar(&rows[i]))
			sbuf_putc(out, '-');
		else if (visible(&rows[i], flags) && stat_get(&rows[i], it->obj, it->kind, &v, mem))
			cnt_put_csv(out, &v);
		sbuf_putc(out, ',');
	}
	sbuf_putc(out, '\n');
}

static void put_typed(const struct stat_iter *it, unsigned flags, struct sbuf *out, struct arena *mem)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);
	struct cnt_row row;
	struct cnt_val v;

	for (size_t i = 0; i < n; i++) {
		if (!visible(&rows[i], flags) || !stat_get(&rows[i], it->obj, it->kind, &v, mem))
			continue;
		row = row_for(&rows[i], it->kind);
		sbuf_printf(out, "%c.%d.%d.%zu.%s.1:", it->kind, it->px->id, it->id, i, rows[i].name);
		cnt_put_typed(out, &row, &v);
		if (flags & STATS_DESC)
			sbuf_printf(out, ":\"%s\"", rows[i].help);
		sbuf_putc(out, '\n');
	}
}

static const char *kind_name(enum cnt_kind kind)
{
	if (kind == CNT_FRONTEND || kind == CNT_BACKEND)
		return kind == CNT_FRONTEND ? "Frontend" : "Backend";
	return kind == CNT_SERVER ? "Server" : "Listener";
}

static void put_json(const struct stat_iter *it, unsigned flags, struct sbuf *out, struct arena *mem)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);
	struct str who = arena_printf(mem, "\"objType\":\"%s\",\"proxyId\":%d,\"id\":%d,", kind_name(it->kind),
	                              it->px->id, it->id);
	struct cnt_row row;
	struct cnt_val v;
	bool any = false;

	sbuf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (!visible(&rows[i], flags) || !stat_get(&rows[i], it->obj, it->kind, &v, mem))
			continue;
		if (any)
			sbuf_putc(out, ',');
		any = true;
		row = row_for(&rows[i], it->kind);
		cnt_put_json(out, &row, (int)i, who, &v);
	}
	sbuf_putc(out, ']');
}

/* ---- all of them ---- */

static void put_begin(const struct stats_dump *d, struct sbuf *out)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);

	if (d->flags & STATS_JSON) {
		sbuf_putc(out, '[');
	} else if (!(d->flags & STATS_TYPED)) {
		sbuf_putz(out, "# ");
		for (size_t i = 0; i < n; i++)
			sbuf_printf(out, "%s,", rows[i].name);
		sbuf_putc(out, '\n');
	}
}

static void put_object(struct stats_dump *d, struct sbuf *out, struct arena *mem)
{
	if (d->flags & STATS_JSON) {
		if (d->any)
			sbuf_putc(out, ',');
		put_json(&d->it, d->flags, out, mem);
	} else if (d->flags & STATS_TYPED) {
		put_typed(&d->it, d->flags, out, mem);
	} else {
		put_csv(&d->it, d->flags, out, mem);
	}
	d->any = true;
}

bool stats_dump(struct stats_dump *d, struct sbuf *out, size_t piece)
{
	size_t limit = out->n + piece;
	struct arena tmp;
	bool over = false;

	if (!d->begun)
		put_begin(d, out);
	d->begun = true;
	d->it.flags = (d->flags & STATS_UP ? STAT_UP : 0) | (d->flags & STATS_NO_MAINT ? STAT_NO_MAINT : 0);
	arena_init(&tmp, 2048);
	while (out->n < limit && !(over = d->none || !stat_next(&d->it))) {
		if (!d->wanted || d->wanted(d->it.px, d->wanted_arg))
			put_object(d, out, &tmp);
		arena_fini(&tmp);
	}
	if (over && d->flags & STATS_JSON)
		sbuf_putz(out, "]\n");
	return over;
}

/* ---- the process ---- */

/* Seconds with their fraction are whole ones unless `float` asks for it. */
static bool info_value(const struct cnt_row *row, unsigned flags, struct cnt_val *v, struct arena *mem)
{
	if (!stat_get(row, live_get(), CNT_PROCESS, v, mem))
		return false;
	if (v->type == CNT_FLT && !(flags & STATS_FLOAT))
		cnt_u32(v, (uint64_t)v->f);
	return true;
}

static void put_info(struct sbuf *out, const struct cnt_row *row, size_t pos, const struct cnt_val *v, unsigned flags)
{
	if (flags & STATS_TYPED) {
		sbuf_printf(out, "%zu.%s.1:", pos, row->name);
		cnt_put_typed(out, row, v);
	} else {
		sbuf_printf(out, "%s: ", row->name);
		cnt_put_value(out, v);
	}
	if (flags & STATS_DESC)
		sbuf_printf(out, ":\"%s\"", row->help);
	sbuf_putc(out, '\n');
}

void stats_info(struct sbuf *out, unsigned flags, struct arena *mem)
{
	size_t n;
	const struct cnt_row *rows = info_rows(&n);
	struct cnt_val v;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!info_value(&rows[i], flags, &v, mem))
			continue;
		if (flags & STATS_JSON) {
			sbuf_putc(out, any ? ',' : '[');
			cnt_put_json(out, &rows[i], (int)i, STR_NONE, &v);
		} else {
			put_info(out, &rows[i], i, &v, flags);
		}
		any = true;
	}
	if (flags & STATS_JSON)
		sbuf_putz(out, "]\n");
}

const char stats_schema[] =
	"{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"oneOf\":["
	"{\"title\":\"Info\",\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/infoItem\"}},"
	"{\"title\":\"Stat\",\"type\":\"array\",\"items\":"
	"{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/statItem\"}}}],"
	"\"definitions\":{"
	"\"field\":{\"type\":\"object\",\"properties\":{\"pos\":{\"type\":\"integer\",\"minimum\":0},"
	"\"name\":{\"type\":\"string\"}},\"required\":[\"pos\",\"name\"]},"
	"\"processNum\":{\"type\":\"integer\",\"minimum\":1},"
	"\"tags\":{\"type\":\"object\",\"properties\":{"
	"\"origin\":{\"type\":\"string\",\"enum\":[\"Metric\",\"Status\",\"Key\",\"Config\",\"Product\",\"Unknown\"]},"
	"\"nature\":{\"type\":\"string\",\"enum\":[\"Gauge\",\"Limit\",\"Min\",\"Max\",\"Rate\","
	"\"Counter\",\"Duration\",\"Age\",\"Time\","
	"\"Name\",\"Output\",\"Avg\",\"Unknown\"]},"
	"\"scope\":{\"type\":\"string\",\"enum\":[\"Cluster\",\"Process\",\"Service\",\"System\",\"Unknown\"]}},"
	"\"required\":[\"origin\",\"nature\",\"scope\"]},"
	"\"value\":{\"oneOf\":["
	"{\"type\":\"object\",\"properties\":{\"type\":"
	"{\"type\":\"string\",\"enum\":[\"s32\",\"s64\",\"u32\",\"u64\"]},"
	"\"value\":{\"type\":\"integer\"}},\"required\":[\"type\",\"value\"]},"
	"{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\",\"enum\":[\"flt\"]},"
	"\"value\":{\"type\":\"number\"}},\"required\":[\"type\",\"value\"]},"
	"{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\",\"enum\":[\"str\"]},"
	"\"value\":{\"type\":\"string\"}},\"required\":[\"type\",\"value\"]}]},"
	"\"infoItem\":{\"type\":\"object\",\"properties\":{\"field\":{\"$ref\":\"#/definitions/field\"},"
	"\"processNum\":{\"$ref\":\"#/definitions/processNum\"},\"tags\":{\"$ref\":\"#/definitions/tags\"},"
	"\"value\":{\"$ref\":\"#/definitions/value\"}},\"required\":[\"field\",\"processNum\",\"tags\",\"value\"]},"
	"\"statItem\":{\"type\":\"object\",\"properties\":{"
	"\"objType\":{\"type\":\"string\",\"enum\":[\"Frontend\",\"Backend\",\"Listener\",\"Server\",\"Unknown\"]},"
	"\"proxyId\":{\"type\":\"integer\",\"minimum\":0},\"id\":{\"type\":\"integer\",\"minimum\":0},"
	"\"field\":{\"$ref\":\"#/definitions/field\"},\"processNum\":{\"$ref\":\"#/definitions/processNum\"},"
	"\"tags\":{\"$ref\":\"#/definitions/tags\"},\"value\":{\"$ref\":\"#/definitions/value\"}},"
	"\"required\":[\"objType\",\"proxyId\",\"id\",\"field\",\"processNum\",\"tags\",\"value\"]}}}";
