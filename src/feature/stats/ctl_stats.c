/* Commands: show stat, show info, show schema json, clear counters. */
#include "stats_priv.h"

#include "weir/base/num.h"
#include "weir/feature/stats/stats.h"

static struct str word(const struct ctl_req *r, int i)
{
	return r->at + i < r->n ? r->w[r->at + i] : STR_NONE;
}

/* The flags that stand anywhere behind the positional words. */
static unsigned take_options(const struct ctl_req *r, int from)
{
	static const struct { const char *name; unsigned bit; } options[] = {
		{ "typed", STATS_TYPED }, { "json", STATS_JSON }, { "desc", STATS_DESC }, { "float", STATS_FLOAT },
		{ "up", STATS_UP }, { "no-maint", STATS_NO_MAINT },
	};
	unsigned bits = r->level >= CTL_OPERATOR ? STATS_DETAIL : 0;

	for (int i = r->at + from; i < r->n; i++)
		for (size_t j = 0; j < ARRAY_LEN(options); j++)
			if (str_eqz(r->w[i], options[j].name))
				bits |= options[j].bit;
	return bits;
}

/* ---- show stat ---- */

static int number(struct str s)
{
	int64_t n;

	return num_i64(s, &n) && n >= INT32_MIN && n <= INT32_MAX ? (int)n : 0;
}

static int proxy_number(struct str name)
{
	const struct px_live *p;

	if (number(name))
		return number(name);
	list_each(p, &live_get()->proxies, link)
		if (str_eq(p->name, name))
			return p->id;
	return 0;
}

static bool begin_stat(struct ctl_req *r, struct stats_dump *d)
{
	int from = 0;

	if (str_eq(word(r, 0), STR("domain"))) {
		if (!str_eq(word(r, 1), STR("proxy"))) {
			ctl_fail(r, "Invalid statistics domain.");
			return false;
		}
		from = 2;
	}
	if (word(r, from + 2).n) {
		d->it.iid = proxy_number(word(r, from));
		if (!d->it.iid) {
			ctl_fail(r, "No such proxy.");
			return false;
		}
		d->it.types = (unsigned)number(word(r, from + 1)) & 15;
		d->none = !d->it.types;
		d->it.sid = number(word(r, from + 2));
	}
	d->flags = take_options(r, from);
	return true;
}

static enum ctl_result cmd_show_stat(struct ctl_req *r)
{
	struct stats_dump *d = r->state;

	if (!d) {
		r->state = d = arena_new(r->mem, struct stats_dump);
		if (!begin_stat(r, d))
			return CTL_DONE;
	}
	return stats_dump(d, r->out, STATS_PIECE) ? CTL_DONE : CTL_MORE;
}

/* ---- show info ---- */

static enum ctl_result cmd_show_info(struct ctl_req *r)
{
	stats_info(r->out, take_options(r, 0), r->mem);
	return CTL_DONE;
}

static enum ctl_result cmd_schema(struct ctl_req *r)
{
	sbuf_putz(r->out, stats_schema);
	sbuf_putc(r->out, '\n');
	return CTL_DONE;
}

/* ---- clear counters ---- */

static void clear_set(struct cntset *cs, uint32_t *queued_max, const uint32_t *queued, bool all)
{
	cnt_clear(cs, all);
	if (queued)
		atom_set(queued_max, atom_get(queued));
}

static void clear_server(struct srv *s, bool all)
{
	clear_set(&s->cnt, &s->queued_max, &s->queued, all);
}

static void clear_proxy(struct px_live *p, bool all)
{
	struct lstn *l;
	struct srv *s;

	clear_set(&p->fe, NULL, NULL, all);
	clear_set(&p->be, &p->queued_max, &p->queued, all);
	list_each(l, &p->listeners, link)
		clear_set(&l->cnt, NULL, NULL, all);
	list_each(s, &p->servers, link)
		clear_server(s, all);
}

static enum ctl_result cmd_clear(struct ctl_req *r)
{
	bool all = str_eq(word(r, 0), STR("all"));
	struct px_live *p;

	if (!ctl_need(r, all ? CTL_ADMIN : CTL_OPERATOR))
		return CTL_DONE;
	list_each(p, &live_get()->proxies, link)
		clear_proxy(p, all);
	clear_set(&live_get()->total, NULL, NULL, false);
	return CTL_DONE;
}

static enum ctl_result cmd_clear_server(struct ctl_req *r)
{
	struct str srv = word(r, 0), px = str_cut(&srv, '/');
	struct px_live *p;
	struct srv *s;

	if (!px.n || !srv.n)
		return ctl_fail(r, "Require 'backend/server'.");
	p = live_backend(px);
	if (!p)
		return ctl_fail(r, "No such backend.");
	s = live_server(p, srv);
	if (!s)
		return ctl_fail(r, "No such server.");
	clear_server(s, true);
	return CTL_DONE;
}

const struct ctl_row stats_rows[] = {
	{ "show stat", CTL_USER, cmd_show_stat, "[desc|json|no-maint|typed|up]*", "counters of proxies and servers" },
	{ "show info", CTL_USER, cmd_show_info, "[desc|json|typed|float]*", "figures of the process" },
	{ "show schema json", CTL_USER, cmd_schema, NULL, "schema of the JSON that show stat and show info write" },
	{ "dump stats-file", CTL_OPERATOR, stats_dump_file, NULL, "counters of all that has a guid, for stats-file" },
	{ "clear counters", CTL_OPERATOR, cmd_clear, "[all]",
	  "clear maxima (all: every counter of proxies and servers)" },
	{ "clear counters server", CTL_ADMIN, cmd_clear_server, "<bk>/<srv> [force]",
	  "clear the counters of one server" },
	{ NULL },
};
