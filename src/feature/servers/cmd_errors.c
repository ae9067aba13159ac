/* show errors: the last malformed message of each proxy, byte by byte. */
#include <ctype.h>

#include "servers_priv.h"
#include "weir/base/date.h"
#include "weir/base/num.h"

#define LINE_MAX_COLS 80

/* One byte as it stands in a dump. */
static int spell(unsigned char c, char out[5])
{
	static const char special[] = "\tt\nn\rr\033e\\\\";
	const char *p;

	if (isprint(c) && c < 127 && c != '\\')
		return out[0] = (char)c, 1;
	for (p = special; *p; p += 2)
		if ((unsigned char)*p == c) {
			out[0] = '\\';
			out[1] = p[1];
			return 2;
		}
	return snprintf(out, 5, "\\x%02X", c);
}

/* A line ends behind a line feed or where it is full; what goes on is marked by a plus sign. */
static void put_dump(struct sbuf *out, const unsigned char *p, uint32_t n)
{
	bool begins = true;

	for (uint32_t at = 0; at < n;) {
		char line[LINE_MAX_COLS + 8], c[5];
		int len = snprintf(line, sizeof(line), "  %05u%c ", at, begins ? ' ' : '+'), k;

		begins = false;
		while (at < n && !begins) {
			k = spell(p[at], c);
			if (len + k > LINE_MAX_COLS - 1)
				break;
			memcpy(line + len, c, (size_t)k);
			len += k;
			begins = p[at++] == '\n';
		}
		sbuf_printf(out, "%.*s\n", len, line);
	}
}

static void put_date(struct sbuf *out, struct wall w)
{
	struct date_second second = { 0 };
	char text[DATE_LOG_LEN + 1];

	date_second_set(&second, w.s, false);
	date_log(&second, w.us / 1000, text);
	sbuf_printf(out, "[%.*s]", DATE_LOG_LEN, text);
}

static void put_error(struct ctl_req *r, const struct px_live *px, bool response, const struct px_error *e)
{
	unsigned size = live_get()->conf->global.tune.bufsize;

	sbuf_putz(r->out, " \n");
	put_date(r->out, e->when);
	if (response)
		sbuf_printf(r->out, " backend %.*s (#%d): invalid response\n  frontend %s (#%d)", STR_ARG(px->name),
			    px->id, e->other, e->other_id);
	else
		sbuf_printf(r->out, " frontend %.*s (#%d): invalid request\n  backend %s (#%d)", STR_ARG(px->name),
			    px->id, e->other, e->other_id);
	sbuf_printf(r->out,
		    ", server %s (#%d), event #%u, src %s\n"
		    "  buffer starts at 0 (including 0 out), %u free,\n"
		    "  len %u, wraps at %u, error at position %u\n"
		    "  reason %s\n  \n",
		    e->server, e->server_id, e->id, e->src, size > e->n ? size - e->n : 0, e->n, size, e->pos,
		    e->reason ? e->reason : "-");
	put_dump(r->out, e->text, e->n);
}

struct wanted { struct str proxy; bool request, response; };

static bool wanted(const struct wanted *w, const struct px_live *px)
{
	int64_t id;

	if (!w->proxy.n)
		return true;
	return str_eq(px->name, w->proxy) || (num_i64(w->proxy, &id) && (id == px->id || id == -1));
}

static enum ctl_result cmd_errors(struct ctl_req *r)
{
	struct wanted w = { .request = true, .response = true };
	struct px_live *px;
	struct px_error e;

	for (int i = r->at; i < r->n; i++) {
		if (str_eqz(r->w[i], "request"))
			w.response = false;
		else if (str_eqz(r->w[i], "response"))
			w.request = false;
		else
			w.proxy = r->w[i];
	}
	sbuf_putz(r->out, "Total events captured on ");
	put_date(r->out, loop_wall());
	sbuf_printf(r->out, " : %u\n", atom_get(&live_get()->nerrors));
	list_each(px, &live_get()->proxies, link) {
		if (!wanted(&w, px))
			continue;
		if (w.request && px_error_copy(px, false, &e, r->mem))
			put_error(r, px, false, &e);
		if (w.response && px_error_copy(px, true, &e, r->mem))
			put_error(r, px, true, &e);
	}
	return CTL_DONE;
}

/* --- set rate-limit --- */

static enum ctl_result set_rate(struct ctl_req *r, uint32_t *to)
{
	uint64_t n;

	if (r->n - r->at < 1)
		return ctl_fail(r, "Expects an integer value.");
	if (!num_u64(r->w[r->at], &n) || n > INT32_MAX)
		return ctl_fail(r, "Value out of range.");
	atom_set(to, (uint32_t)n);
	return CTL_DONE;
}

static enum ctl_result cmd_conn_rate(struct ctl_req *r)
{
	return set_rate(r, &live_get()->max_conn_rate);
}

static enum ctl_result cmd_sess_rate(struct ctl_req *r)
{
	return set_rate(r, &live_get()->max_sess_rate);
}

static enum ctl_result cmd_tls_rate(struct ctl_req *r)
{
	return set_rate(r, &live_get()->max_tls_rate);
}

static enum ctl_result cmd_comp_rate(struct ctl_req *r)
{
	return set_rate(r, &live_get()->max_comp_rate);
}

const struct ctl_row error_rows[] = {
	{ "show errors", CTL_OPERATOR, cmd_errors, "[<proxy>] [request|response]",
	  "the last malformed request and answer of each proxy" },
	{ "set rate-limit connections global", CTL_ADMIN, cmd_conn_rate, "<n>", "connections a second, 0: any number" },
	{ "set rate-limit http-compression global", CTL_ADMIN, cmd_comp_rate, "<n>",
	  "kB a second that may be compressed, 0: any number" },
	{ "set rate-limit sessions global", CTL_ADMIN, cmd_sess_rate, "<n>", "sessions a second, 0: any number" },
	{ "set rate-limit ssl-sessions global", CTL_ADMIN, cmd_tls_rate, "<n>",
	  "TLS sessions a second, 0: any number" },
	{ NULL },
};
