/* The statistics page, written piece by piece: head, one table for each proxy, end. */
#include "page.h"

#include <stdio.h>
#include <unistd.h>

#include "html.h"
#include "weir/base/version.h"

/* ---- texts ---- */

static void put_html(struct sbuf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '&')
			sbuf_putz(out, "&amp;");
		else if (c == '<')
			sbuf_putz(out, "&lt;");
		else if (c == '>')
			sbuf_putz(out, "&gt;");
		else if (c == '"')
			sbuf_putz(out, "&quot;");
		else
			sbuf_putc(out, c);
	}
}

/* "3d4h", "12m5s", "7s". */
static void put_duration(struct sbuf *out, uint64_t s)
{
	if (s >= 86400)
		sbuf_printf(out, "%llud%lluh", (unsigned long long)(s / 86400), (unsigned long long)(s / 3600 % 24));
	else if (s >= 3600)
		sbuf_printf(out, "%lluh%llum", (unsigned long long)(s / 3600), (unsigned long long)(s / 60 % 60));
	else if (s >= 60)
		sbuf_printf(out, "%llum%llus", (unsigned long long)(s / 60), (unsigned long long)(s % 60));
	else
		sbuf_printf(out, "%llus", (unsigned long long)s);
}

/* ---- fields ---- */

static const struct cnt_row *row_named(const char *field)
{
	size_t n;
	const struct cnt_row *rows = stat_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].name, field))
			return &rows[i];
	return NULL;
}

static bool get(struct stats_page *pg, const char *field, struct cnt_val *v)
{
	const struct cnt_row *row = row_named(field);

	return row && stat_get(row, pg->it.obj, pg->it.kind, v, &pg->tmp);
}

static struct str text(struct stats_page *pg, const char *field)
{
	struct cnt_val v;

	return get(pg, field, &v) && v.type == CNT_STR ? v.s : STR_NONE;
}

/* ---- links ---- */

/* A link to this page with one option more or less. */
static void put_link(struct sbuf *out, const struct stats_page *pg, const char *label, unsigned flags, const char *more)
{
	sbuf_putz(out, "<a href=\"");
	put_html(out, pg->words->uri);
	if (flags & PAGE_UP)
		sbuf_putz(out, ";up");
	if (flags & PAGE_NO_MAINT)
		sbuf_putz(out, ";no-maint");
	if (flags & PAGE_NO_REFRESH)
		sbuf_putz(out, ";norefresh");
	sbuf_putz(out, more);
	if (pg->scope.n) {
		sbuf_putz(out, ";scope=");
		put_html(out, pg->scope);
	}
	sbuf_printf(out, "\">%s</a>", label);
}

static void put_links(struct sbuf *out, const struct stats_page *pg)
{
	unsigned f = pg->flags;

	sbuf_putz(out, "<nav>");
	put_link(out, pg, f & PAGE_UP ? "Show all servers" : "Hide servers that are down", f ^ PAGE_UP, "");
	put_link(out, pg, f & PAGE_NO_MAINT ? "Show servers in maintenance" : "Hide servers in maintenance",
	         f ^ PAGE_NO_MAINT, "");
	if (pg->words->refresh)
		put_link(out, pg, f & PAGE_NO_REFRESH ? "Enable refresh" : "Disable refresh", f ^ PAGE_NO_REFRESH, "");
	put_link(out, pg, "Refresh now", f, "");
	put_link(out, pg, "CSV", f & ~PAGE_NO_REFRESH, ";csv;norefresh");
	put_link(out, pg, "JSON", f & ~PAGE_NO_REFRESH, ";json;norefresh");
	put_link(out, pg, "Schema", 0, ";json-schema");
	sbuf_putz(out, "</nav>\n");
}

/* ---- head ---- */

static void put_info(struct sbuf *out, struct stats_page *pg, const char *label, const char *field)
{
	size_t n;
	const struct cnt_row *rows = info_rows(&n);
	struct cnt_val v;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].name, field) || !stat_get(&rows[i], live_get(), CNT_PROCESS, &v, &pg->tmp))
			continue;
		if (v.type == CNT_FLT)
			cnt_u32(&v, (uint64_t)v.f);
		sbuf_printf(out, "<div><dt>%s</dt><dd>", label);
		cnt_put_value(out, &v);
		sbuf_putz(out, "</dd></div>");
	}
}

static void put_process(struct sbuf *out, struct stats_page *pg)
{
	static const struct { const char *label, *field; } figures[] = {
		{ "Process", "Pid" }, { "Threads", "Nbthread" }, { "Uptime",
		                                                   "Uptime" }, { "Open files, at most", "Ulimit-n" },
		{ "Connections, at most", "Maxconn" }, { "Connections", "CurrConns" }, { "Connections so far",
		            "CumConns" },
		{ "Connections a second", "ConnRate" }, { "Requests so far", "CumReq" }, { "Sessions a second",
		            "SessRate" },
		{ "TLS connections", "CurrSslConns" }, { "Tasks", "Tasks" }, { "Run queue",
		                                                               "Run_queue" }, { "Idle, %", "Idle_pct" },
		{ "Bytes sent", "TotalBytesOut" }, { "Log lines lost", "DroppedLogs" },
	};

	sbuf_putz(out, "<dl>");
	for (size_t i = 0; i < ARRAY_LEN(figures); i++)
		put_info(out, pg, figures[i].label, figures[i].field);
	sbuf_putz(out, "</dl>\n");
}

static void put_outcome(struct sbuf *out, const struct stats_page *pg)
{
	if (pg->outcome) {
		sbuf_printf(out, "<p class=\"note\">%s ", pg->outcome);
		put_link(out, pg, "Dismiss", pg->flags, "");
		sbuf_putz(out, "</p>\n");
	}
}

static void put_head(struct sbuf *out, struct stats_page *pg)
{
	const struct stats_words *w = pg->words;

	sbuf_putz(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><link "
	               "rel=\"icon\" href=\"data:,\">");
	if (w->refresh && !(pg->flags & PAGE_NO_REFRESH))
		sbuf_printf(out, "<meta http-equiv=\"refresh\" content=\"%u\">", w->refresh);
	sbuf_putz(out, "<title>Statistics Report for weir");
	if (w->show_node) {
		sbuf_putz(out, " on ");
		put_html(out, pg->node);
	}
	sbuf_printf(out, "</title><style>%s</style></head><body>\n<h1>weir <small>", html_style);
	if (!w->hide_version)
		sbuf_putz(out, "version " WEIR_VERSION " ");
	if (w->show_node) {
		sbuf_putz(out, "on ");
		put_html(out, pg->node);
	}
	sbuf_putz(out, "</small></h1>\n");
	if (w->show_desc) {
		sbuf_putz(out, "<p>");
		put_html(out, w->desc);
		sbuf_putz(out, "</p>\n");
	}
	put_outcome(out, pg);
	put_process(out, pg);
	put_links(out, pg);
}

/* ---- tables ---- */

static void put_groups(struct sbuf *out)
{
	const struct html_column *c = html_columns;

	while (c->title) {
		const char *group = c->group;
		int span = 0;

		for (; c->title && c->group == group; c++)
			span++;
		sbuf_printf(out, "<th colspan=\"%d\">%s</th>", span, group);
	}
}

static void put_table_head(struct sbuf *out, struct stats_page *pg)
{
	const struct px_live *p = pg->it.px;
	bool admin = pg->admin && p->caps & PR_BE && p->nservers;

	sbuf_putz(out, "<h2 id=\"");
	put_html(out, p->name);
	sbuf_putz(out, "\"><a href=\"#");
	put_html(out, p->name);
	sbuf_putz(out, "\">");
	put_html(out, p->name);
	sbuf_putz(out, "</a> <small>");
	put_html(out, p->px->description);
	sbuf_putz(out, "</small></h2>\n");
	if (admin) {
		sbuf_putz(out, "<form method=\"post\" action=\"");
		put_html(out, pg->words->uri);
		sbuf_printf(out, "\"><input type=\"hidden\" name=\"b\" value=\"#%d\">\n", p->id);
	}
	sbuf_printf(out, "<div class=\"scroll\"><table><thead><tr>%s<th rowspan=\"2\">Name</th>",
	            admin ? "<th rowspan=\"2\"></th>" : "");
	put_groups(out);
	sbuf_putz(out, "</tr><tr>");
	for (const struct html_column *c = html_columns; c->title; c++)
		sbuf_printf(out, "<th>%s</th>", c->title);
	sbuf_putz(out, "</tr></thead><tbody>\n");
	pg->form_open = admin;
}

static void put_actions(struct sbuf *out)
{
	static const struct { const char *word, *label; } actions[] = {
		{ "ready", "Set state to READY" }, { "drain", "Set state to DRAIN" }, { "maint", "Set state to MAINT" },
		{ "hrunn", "Health: force UP" }, { "hnolb", "Health: force NOLB" }, { "hdown", "Health: force DOWN" },
	};

	sbuf_putz(out, "<p class=\"act\">Checked servers: <select name=\"action\"><option value=\"\"></option>");
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		sbuf_printf(out, "<option value=\"%s\">%s</option>", actions[i].word, actions[i].label);
	sbuf_putz(out, "</select> <input type=\"submit\" value=\"Apply\"></p></form>\n");
}

static void put_table_end(struct sbuf *out, struct stats_page *pg)
{
	sbuf_putz(out, "</tbody></table></div>\n");
	if (pg->form_open)
		put_actions(out);
	pg->form_open = false;
}

/* ---- rows ---- */

static const char *row_class(const struct stats_page *pg, struct str status)
{
	if (pg->it.kind == CNT_FRONTEND)
		return str_eq(status, STR("OPEN")) ? "frontend up" : "frontend down";
	if (pg->it.kind == CNT_BACKEND)
		return str_eq(status, STR("UP")) ? "backend up" : "backend down";
	if (pg->it.kind == CNT_LISTENER)
		return "listener";
	if (str_starts(status, STR("UP")))
		return str_eq(status, STR("UP")) ? "server up" : "server turning";
	if (str_starts(status, STR("DOWN")))
		return str_eq(status, STR("DOWN")) ? "server down" : "server turning";
	if (str_starts(status, STR("DRAIN")) || str_starts(status, STR("NOLB")))
		return "server drain";
	return "server";
}

static void put_tip(struct sbuf *out, struct stats_page *pg, const char *label, const char *field)
{
	struct cnt_val v;

	if (!get(pg, field, &v))
		return;
	sbuf_printf(out, "%s: ", label);
	if (v.type == CNT_STR)
		put_html(out, v.s);
	else
		cnt_put_value(out, &v);
	sbuf_putz(out, "&#10;");
}

struct tip { const char *label, *field; };
static void put_tips(struct sbuf *out, struct stats_page *pg, const struct tip *tips)
{
	size_t before = out->n, begun;

	sbuf_putz(out, " title=\"");
	begun = out->n;
	for (; tips->label; tips++)
		put_tip(out, pg, tips->label, tips->field);
	if (out->n == begun)
		out->n = before;
	else
		sbuf_putc(out, '"');
}

static const struct tip session_tips[] = {
	{ "Connections", "conn_tot" }, { "New connections", "connect" }, { "Reused connections", "reuse" },
	{ "Requests", "req_tot" }, { "1xx", "hrsp_1xx" }, { "2xx", "hrsp_2xx" }, { "3xx", "hrsp_3xx" }, { "4xx",
	            "hrsp_4xx" },
	{ "5xx", "hrsp_5xx" }, { "other", "hrsp_other" }, { "Compressed", "comp_rsp" }, { "Cache lookups",
	            "cache_lookups" },
	{ "Cache hits", "cache_hits" }, { "Answered here", "intercepted" }, { "HTTP/1 requests", "h1req" },
	{ "HTTP/2 requests", "h2req" }, { "h2c upgrades", "h2c_upgrades" }, { "Failed rewrites", "wrew" },
	{ "Internal errors", "eint" }, { "Queue time, ms", "qtime" }, { "Connect time, ms", "ctime" },
	{ "Response time, ms", "rtime" }, { "Total time, ms", "ttime" }, { NULL, NULL },
};
static const struct tip current_tips[] = {
	{ "Used connections", "used_conn_cur" }, { "Idle connections", "srv_icur" }, { "Idle limit",
	            "src_ilim" }, { NULL, NULL },
};
static const struct tip rate_tips[] = {
	{ "Connections a second", "conn_rate" }, { "at most", "conn_rate_max" }, { "Requests a second", "req_rate" },
	{ "at most", "req_rate_max" }, { NULL, NULL },
};
static const struct tip byte_tips[] = {
	{ "Compressor in", "comp_in" }, { "Compressor out", "comp_out" }, { "Bypassed", "comp_byp" }, { NULL, NULL },
};
static const struct tip denied_tips[] = {
	{ "Connections", "dcon" }, { "Sessions", "dses" }, { NULL, NULL },
};
static const struct tip error_tips[] = { { "Cut by clients", "cli_abrt" }, { "Cut by servers", "srv_abrt" },
					 { NULL, NULL } };
static const struct tip check_tips[] = {
	{ "Check", "check_desc" }, { "Code", "check_code" }, { "Duration, ms", "check_duration" }, { "Said",
	            "last_chk" },
	{ "Agent", "agent_desc" }, { "Agent said", "last_agt" }, { "Health", "check_health" }, { "Rise", "check_rise" },
	{ "Fall", "check_fall" }, { NULL, NULL },
};
static const struct { const char *field; const struct tip *tips; } tips_of[] = {
	{ "stot", session_tips }, { "scur", current_tips }, { "rate", rate_tips },
	{ "bout", byte_tips }, { "dreq", denied_tips },
	{ "eresp", error_tips }, { "check_status", check_tips },
};

static void put_status(struct sbuf *out, struct stats_page *pg)
{
	struct cnt_val v;

	sbuf_putz(out, "<td class=\"t st\">");
	if (get(pg, "lastchg", &v)) {
		put_duration(out, v.u);
		sbuf_putc(out, ' ');
	}
	put_html(out, text(pg, "status"));
	if (text(pg, "tracked").n) {
		sbuf_putz(out, " via ");
		put_html(out, text(pg, "tracked"));
	}
	sbuf_putz(out, "</td>");
}

static void put_cell(struct sbuf *out, struct stats_page *pg, const struct html_column *c)
{
	struct cnt_val v;

	if (!c->field) {
		put_status(out, pg);
		return;
	}
	sbuf_putz(out, "<td");
	if (!get(pg, c->field, &v)) {
		sbuf_putz(out, "></td>");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(tips_of); i++)
		if (!strcmp(tips_of[i].field, c->field))
			put_tips(out, pg, tips_of[i].tips);
	sbuf_putc(out, '>');
	if (c->unit && v.type == CNT_S32 && v.i < 0)
		sbuf_putz(out, "never");
	else if (c->unit)
		put_duration(out, v.u);
	else if (v.type == CNT_STR)
		put_html(out, v.s);
	else
		cnt_put_value(out, &v);
	sbuf_putz(out, "</td>");
}

static void put_name(struct sbuf *out, struct stats_page *pg)
{
	static const struct tip legend[] = {
		{ "Address", "addr" }, { "Number", "sid" }, { "Cookie", "cookie" }, { "Mode",
		                                                                      "mode" }, { "Balancing", "algo" },
		{ "Protocol", "proto" }, { NULL, NULL },
	};

	sbuf_putz(out, "<th");
	if (pg->words->legends)
		put_tips(out, pg, legend);
	sbuf_putc(out, '>');
	if (pg->it.kind == CNT_FRONTEND || pg->it.kind == CNT_BACKEND)
		sbuf_putz(out, pg->it.kind == CNT_FRONTEND ? "Frontend" : "Backend");
	else
		put_html(out, text(pg, "svname"));
	sbuf_putz(out, "</th>");
}

static void put_row(struct sbuf *out, struct stats_page *pg)
{
	sbuf_printf(out, "<tr class=\"%s\">", row_class(pg, text(pg, "status")));
	if (pg->form_open && pg->it.kind == CNT_SERVER) {
		sbuf_putz(out, "<td><input type=\"checkbox\" name=\"s\" value=\"");
		put_html(out, text(pg, "svname"));
		sbuf_putz(out, "\"></td>");
	} else if (pg->form_open) {
		sbuf_putz(out, "<td></td>");
	}
	put_name(out, pg);
	for (const struct html_column *c = html_columns; c->title; c++)
		put_cell(out, pg, c);
	sbuf_putz(out, "</tr>\n");
}

/* ---- the whole ---- */

static bool scope_has(const struct stats_page *pg, const struct px_live *p)
{
	const struct stats_scope *s = pg->words->scopes;

	if (pg->scope.n && str_ifind(p->name, pg->scope) == (size_t)-1)
		return false;
	for (; s; s = s->next)
		if (str_eq(s->name, p->name) || (str_eq(s->name, STR(".")) && str_eq(pg->self, p->name)))
			return true;
	return !pg->words->scopes;
}

bool stats_page_shows(const struct px_live *p, void *page)
{
	return scope_has(page, p);
}

static void put_object(struct sbuf *out, struct stats_page *pg)
{
	if (!scope_has(pg, pg->it.px))
		return;
	if (pg->table != pg->it.px) {
		if (pg->table)
			put_table_end(out, pg);
		pg->table = pg->it.px;
		put_table_head(out, pg);
	}
	put_row(out, pg);
}

static bool write_page(struct stats_page *pg, struct sbuf *out, size_t piece)
{
	size_t limit = out->n + piece;

	if (!pg->begun)
		put_head(out, pg);
	pg->begun = true;
	pg->it.flags = (pg->flags & PAGE_UP ? STAT_UP : 0) | (pg->flags & PAGE_NO_MAINT ? STAT_NO_MAINT : 0);
	while (out->n < limit) {
		if (!stat_next(&pg->it)) {
			if (pg->table)
				put_table_end(out, pg);
			sbuf_putz(out, "<footer>weir speaks the language of HAProxy 3.5</footer></body></html>\n");
			return true;
		}
		put_object(out, pg);
		arena_fini(&pg->tmp);
	}
	return false;
}

bool stats_page_write(struct stats_page *pg, struct sbuf *out, size_t piece)
{
	char host[256] = "";
	bool over;

	if (!pg->node.n) {
		gethostname(host, sizeof(host) - 1);
		pg->node = str_c(host);
	}
	arena_init(&pg->tmp, 4096);
	over = write_page(pg, out, piece);
	arena_fini(&pg->tmp);
	if (pg->node.p == host)
		pg->node = STR_NONE;
	return over;
}
