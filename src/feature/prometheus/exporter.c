/* Metric by metric, and within a metric object by object, as the format wants it. */
#include "exporter.h"

#include <math.h>

#include "weir/base/enc.h"
#include "weir/base/obj.h"

/* ---- what is exported ---- */

static const struct part { unsigned scope; enum cnt_kind kind; unsigned types; const char *prefix; } parts[] = {
	{ PROM_GLOBAL, CNT_PROCESS, 0, "process" }, { PROM_FRONTEND, CNT_FRONTEND, STAT_FE, "frontend" },
	{ PROM_LISTENER, CNT_LISTENER, STAT_LI, "listener" }, { PROM_BACKEND, CNT_BACKEND, STAT_BE, "backend" },
	{ PROM_SERVER, CNT_SERVER, STAT_SRV, "server" },
};

static bool exported(const struct cnt_row *row, const struct part *part)
{
	if (!row->metric)
		return false;
	if (part->kind == CNT_PROCESS)
		return true;
	if (part->kind == CNT_SERVER && str_ends(str_c(row->metric), STR("_servers")))
		return false;		/* of a server they only say what it is */
	return row->priv & cnt_kind_bit(part->kind);
}

static bool is_counter(const struct cnt_row *row)
{
	return row->tags[1] == 'C' || row->flags & CNT_F_COUNTER || str_ends(str_c(row->metric), STR("_total"));
}

/* What only HTTP has: nothing is said about it where there is none. */
static bool concerns(const struct cnt_row *row, const struct part *part, const struct stat_iter *it)
{
	bool http = str_starts(str_c(row->metric), STR("http_")) || !strcmp(row->name, "intercepted");

	if (part->kind == CNT_BACKEND && str_starts(str_c(row->name), STR("agg_")))
		return !list_empty(&it->px->servers);
	return !http || it->px->px->mode == MODE_HTTP;
}

/* A result of the last check: servers without one are left out; other empty fields show NaN. */
static bool left_out_when_empty(const struct cnt_row *row)
{
	return row->tags[1] == 'O' || row->tags[1] == 'D';
}

/* ---- writing ---- */

static void put_label(struct sbuf *out, const char *name, struct str value)
{
	sbuf_printf(out, "%s=\"", name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\n') {
			sbuf_putz(out, "\\n");
			continue;
		}
		if (value.p[i] == '"' || value.p[i] == '\\')
			sbuf_putc(out, '\\');
		sbuf_putc(out, value.p[i]);
	}
	sbuf_putc(out, '"');
}

static void put_head(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row)
{
	if (p->head_done)
		return;
	p->head_done = true;
	sbuf_printf(out, "# HELP haproxy_%s_%s %s\n", part->prefix, row->metric, row->help);
	sbuf_printf(out, "# TYPE haproxy_%s_%s %s\n", part->prefix, row->metric, is_counter(row) ? "counter" : "gauge");
}

/* "haproxy_server_weight{proxy="be",server="s1",more="x"} "; more may be NULL. */
static void put_name(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row,
		     const char *more,
		     struct str value)
{
	struct cnt_val v;

	put_head(p, out, part, row);
	sbuf_printf(out, "haproxy_%s_%s", part->prefix, row->metric);
	if (part->kind == CNT_PROCESS && !more) {
		sbuf_putc(out, ' ');
		return;
	}
	sbuf_putc(out, '{');
	if (part->kind != CNT_PROCESS)
		put_label(out, "proxy", p->it.px->name);
	if (part->kind == CNT_SERVER || part->kind == CNT_LISTENER) {
		size_t n;

		stat_get(&stat_rows(&n)[1], p->it.obj, p->it.kind, &v, &p->tmp);	/* svname */
		sbuf_putc(out, ',');
		put_label(out, part->prefix, v.s);
	}
	if (more) {
		if (part->kind != CNT_PROCESS)
			sbuf_putc(out, ',');
		put_label(out, more, value);
	}
	sbuf_putz(out, "} ");
}

static void put_number(struct sbuf *out, const struct cnt_row *row, const struct cnt_val *v)
{
	if (v->type == CNT_EMPTY || (v->type == CNT_FLT && isnan(v->f)))
		sbuf_putz(out, "NaN");
	else if (row->flags & CNT_F_MS)
		sbuf_printf(out, "%.6f", (double)v->u / 1000);
	else if (v->type == CNT_FLT)
		sbuf_putu(out, (uint64_t)v->f);
	else
		cnt_put_value(out, v);
	sbuf_putc(out, '\n');
}

/* ---- states: one line each, 1 for the one it is in ---- */

static const char *const front_states[] = { "DOWN", "UP", NULL };
static const char *const listener_states[] = { "WAITING", "OPEN", "FULL", NULL };
static const char *const server_states[] = { "DOWN", "UP", "MAINT", "DRAIN", "NOLB", NULL };
static const char *const check_states[] = {
	"HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP", "L7OK", "L7OKC",
	"L7STS", "PROCERR", "PROCTOUT", "PROCOK", NULL,
};

static const char *state_of_server(const struct srv *s)
{
	if (s->admin & SRV_ADM_MAINT)
		return "MAINT";
	if (s->state == SRV_ST_STOPPED)
		return "DOWN";
	if (s->admin & SRV_ADM_DRAIN)
		return "DRAIN";
	return s->state == SRV_ST_STOPPING ? "NOLB" : "UP";
}

static const char *const *states_of(enum cnt_kind kind)
{
	return kind == CNT_LISTENER ? listener_states : kind == CNT_SERVER ? server_states : front_states;
}

static const char *state_of(const struct prom *p, struct str status)
{
	if (p->it.kind == CNT_SERVER)
		return state_of_server(p->it.obj);
	if (p->it.kind == CNT_LISTENER)
		return str_eq(status, STR("FULL")) ? "FULL" : str_eq(status, STR("OPEN")) ? "OPEN" : "WAITING";
	return str_eq(status, STR("STOP")) || str_eq(status, STR("DOWN")) ? "DOWN" : "UP";
}

static void put_states(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row,
		       const char *const *states, const char *now)
{
	for (; *states; states++) {
		put_name(p, out, part, row, "state", str_c(*states));
		sbuf_putz(out, strcmp(*states, now) ? "0\n" : "1\n");
	}
}

/* "* L4OK" while another check runs. */
static void put_check(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row,
		      struct str status)
{
	char now[16];

	if (str_starts(status, STR("* ")))
		status = str_skip(status, 2);
	if (status.n)
		put_states(p, out, part, row, check_states, str_z(status, now, sizeof(now)));
}

/* Of a backend: how many servers are in each state. */
static void put_counts(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row)
{
	const struct px_live *px = p->it.obj;
	const struct srv *s;

	for (const char *const *state = server_states; *state; state++) {
		unsigned n = 0;

		list_each(s, &px->servers, link)
			n += !strcmp(state_of_server(s), *state);
		put_name(p, out, part, row, "state", str_c(*state));
		sbuf_printf(out, "%u\n", n);
	}
}

static const struct cnt_row *row_named(const char *name)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static bool check_is(const struct srv *s, const struct cnt_row *field, const char *state, struct arena *mem)
{
	struct cnt_val v;

	if (!stat_get(field, s, CNT_SERVER, &v, mem))
		return false;
	if (str_starts(v.s, STR("* ")))
		v.s = str_skip(v.s, 2);
	return str_eqz(v.s, state);
}

static void put_check_counts(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row)
{
	const struct cnt_row *field = row_named("check_status");
	const struct px_live *px = p->it.obj;
	const struct srv *s;

	for (const char *const *state = check_states; *state; state++) {
		unsigned n = 0;

		list_each(s, &px->servers, link)
			n += check_is(s, field, *state, &p->tmp);
		put_name(p, out, part, row, "state", str_c(*state));
		sbuf_printf(out, "%u\n", n);
	}
}

/* ---- one field of one object ---- */

static void put_object(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row)
{
	const void *obj = part->kind == CNT_PROCESS ? live_get() : p->it.obj;
	struct cnt_val v;
	bool there = stat_get(row, obj, part->kind, &v, &p->tmp);

	if (!strcmp(row->name, "status")) {
		put_states(p, out, part, row, states_of(part->kind), state_of(p, v.s));
	} else if (!strcmp(row->name, "check_status") || !strcmp(row->name, "agent_status")) {
		put_check(p, out, part, row, there ? v.s : STR_NONE);
	} else if (!strcmp(row->name, "agg_check_status")) {
		put_check_counts(p, out, part, row);
	} else if (str_starts(str_c(row->name), STR("agg_"))) {
		put_counts(p, out, part, row);
	} else if (!strcmp(row->name, "Build info")) {
		put_name(p, out, part, row, "version", v.s);
		sbuf_putz(out, "1\n");
	} else if (there || !left_out_when_empty(row)) {
		bool code = str_starts(str_c(row->name), STR("hrsp_"));

		put_name(p, out, part, row, code ? "code" : NULL, code ? str_c(row->name + 5) : STR_NONE);
		put_number(out, row, &v);
	}
}

/* ---- the walk ---- */

static const struct cnt_row *rows_of(const struct part *part, size_t *n)
{
	return part->kind == CNT_PROCESS ? info_rows(n) : stat_rows(n);
}

/* The objects of one row; false: the piece is full. */
static bool put_row(struct prom *p, struct sbuf *out, const struct part *part, const struct cnt_row *row, size_t limit)
{
	if (part->kind == CNT_PROCESS) {
		put_object(p, out, part, row);
		return true;
	}
	if (!p->walking)
		p->it = (struct stat_iter){ .types = part->types, .flags = p->no_maint ? STAT_NO_MAINT : 0 };
	p->walking = true;
	while (stat_next(&p->it)) {
		if (concerns(row, part, &p->it))
			put_object(p, out, part, row);
		arena_fini(&p->tmp);
		if (out->n >= limit)
			return false;
	}
	return true;
}

static void next_row(struct prom *p, const struct cnt_row *rows, size_t n)
{
	const char *metric = rows[p->row].metric;

	p->row++;
	p->walking = false;
	if (p->row >= n || !metric || !rows[p->row].metric || strcmp(metric, rows[p->row].metric))
		p->head_done = false;
}

static bool write_part(struct prom *p, struct sbuf *out, const struct part *part, size_t limit)
{
	size_t n;
	const struct cnt_row *rows = rows_of(part, &n);

	while (p->row < n) {
		if (exported(&rows[p->row], part) && !put_row(p, out, part, &rows[p->row], limit))
			return false;
		next_row(p, rows, n);
		if (out->n >= limit)
			return false;
	}
	return true;
}

bool prom_write(struct prom *p, struct sbuf *out, size_t piece)
{
	size_t limit = out->n + piece;
	bool over = true;

	arena_init(&p->tmp, 2048);
	for (; over && p->part < ARRAY_LEN(parts); p->part += over, p->row = over ? 0 : p->row)
		if (p->scopes & parts[p->part].scope)
			over = write_part(p, out, &parts[p->part], limit);
	arena_fini(&p->tmp);
	return over;
}

/* ---- the question ---- */

static bool add_scope(struct prom *p, struct str name, unsigned *scopes)
{
	static const struct { const char *name; unsigned bits; } names[] = {
		{ "global", PROM_GLOBAL }, { "frontend", PROM_FRONTEND }, { "listener", PROM_LISTENER },
		{ "backend", PROM_BACKEND }, { "server", PROM_SERVER }, { "sticktable", PROM_STICKTABLE },
		{ "resolver", PROM_RESOLVER }, { "*", PROM_ALL },
	};

	if (!name.n) {
		*scopes = 0;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqz(name, names[i].name)) {
			*scopes |= names[i].bits;
			return true;
		}
	return false;
}

bool prom_query(struct prom *p, struct str query)
{
	unsigned scopes = 0;
	bool asked = false;
	char mem[256];

	while (query.p) {
		struct str value = str_cut(&query, '&'), key = str_cut(&value, '=');
		struct sbuf b = sbuf_fixed(mem, sizeof(mem));

		if (str_eq(key, STR("no-maint")))
			p->no_maint = true;
		if (!str_eq(key, STR("scope")))
			continue;
		asked = true;
		if (!value.p || !pct_dec(&b, value, PCT_PLUS_SPACE) || !add_scope(p, sbuf_str(&b), &scopes))
			return false;
	}
	p->scopes = asked ? scopes : PROM_ALL;
	return true;
}
