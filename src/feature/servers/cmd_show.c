/* show backend, show servers state, show servers conn, get weight. */
#include "servers_priv.h"
#include "weir/live/srv_field.h"
#include "weir/live/stats.h"

#define PIECE (16 * 1024)

/* ---- walking over backends and their servers ---- */

struct walk {
	struct stat_iter it;
	bool begun;
};

/* The walk of a command that takes an optional backend. NULL: it was said that there is none of that name. */
static struct walk *walk_of(struct ctl_req *r)
{
	struct walk *w = r->state;
	const struct px_live *p;

	if (w)
		return w;
	w = arena_new(r->mem, struct walk);
	w->it.types = STAT_SRV;
	w->it.iid = -1;
	if (word(r, 0).n) {
		p = find_backend(word(r, 0));
		if (!p) {
			ctl_fail(r, "Can't find backend.");
			return NULL;
		}
		w->it.iid = p->id;
	}
	r->state = w;
	return w;
}

static enum ctl_result put_servers(struct ctl_req *r, struct walk *w,
				   void (*put)(struct sbuf *out, const struct srv *s))
{
	size_t limit = r->out->n + PIECE;

	while (r->out->n < limit) {
		if (!stat_next(&w->it))
			return CTL_DONE;
		put(r->out, w->it.obj);
	}
	return CTL_MORE;
}

/* ---- show servers state ---- */

static void view_of(const struct srv *s, struct srv_view *v)
{
	/* HAProxy never takes the mark of a pause from a server that has no check. */
	*v = (struct srv_view){ .check_status = 1, .check_health = (int)atom_get(&s->health),
	                      .check_state = s->line->flags & SRV_DISABLED ? 8 : 0 };
	srv_field_view(s, v);
}

static void put_or_dash(struct sbuf *out, struct str s)
{
	sbuf_puts(out, s.n ? s : STR("-"));
	sbuf_putc(out, ' ');
}

/* The name that its address was looked up by, or empty. */
static struct str name_of(const struct server_line *l)
{
	struct addr ip;

	return !l->host.n || str_eq(l->host, STR("*")) || addr_parse_ip(&ip, l->host) ? STR_NONE : l->host;
}

static bool is_inet(const struct addr *a)
{
	return addr_family(a) == AF_INET || addr_family(a) == AF_INET6;
}

/* That of the address in use, or what the line says: an offset too. */
static unsigned port_of(const struct srv *s)
{
	if (s->line->map_port)
		return (unsigned)s->line->port_offset;
	return is_inet(&s->addr) ? addr_port(&s->addr) : s->line->port;
}

static void put_state(struct sbuf *out, const struct srv *s)
{
	struct srv_view v;
	char addr[ADDR_TEXT_MAX];
	uint64_t now = (uint64_t)loop_wall().s, changed = atom_get(&s->last_change_s);

	view_of(s, &v);
	sbuf_printf(out, "%d " STR_FMT " %d " STR_FMT " ", s->px->id, STR_ARG(s->px->name), s->id, STR_ARG(s->name));
	put_or_dash(out, is_inet(&s->addr) ? addr_ip_text(&s->addr, addr) : STR_NONE);
	sbuf_printf(out, "%d %d %d %d %llu ", s->state, s->admin, s->weight, s->init_weight,
	            (unsigned long long)(now > changed ? now - changed : 0));
	sbuf_printf(out, "%d %d %d %d %d ", v.check_status, v.check_result, v.check_health, v.check_state,
	            v.agent_state);
	sbuf_printf(out, "%d %d ", s->px->px->id_said, s->line->flags & SRV_ID_SAID ? 1 : 0);
	put_or_dash(out, name_of(s->line));
	sbuf_printf(out, "%u - %d %u ", port_of(s), s->ssl_on, v.check_port);
	put_or_dash(out, v.check_addr);
	put_or_dash(out, v.agent_addr);
	sbuf_printf(out, "%u\n", v.agent_port);
}

static enum ctl_result cmd_state(struct ctl_req *r)
{
	struct walk *w = walk_of(r);

	if (!w)
		return CTL_DONE;
	if (!w->begun)
		sbuf_putz(r->out,
		          "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state "
		          "srv_uweight srv_iweight "
		                  "srv_time_since_last_change srv_check_status srv_check_result "
		                  "srv_check_health srv_check_state "
		                  "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord "
		                  "srv_use_ssl "
		                  "srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n");
	w->begun = true;
	return put_servers(r, w, put_state);
}

/* ---- show servers conn ---- */

static void put_conns(struct sbuf *out, const struct srv *s)
{
	uint32_t idle = atom_get(&s->cur_idle), unsafe = MIN(srv_unsafe_idle(s), idle);
	char addr[ADDR_TEXT_MAX];

	sbuf_printf(out, STR_FMT "/" STR_FMT " %d/%d ", STR_ARG(s->px->name), STR_ARG(s->name), s->px->id, s->id);
	put_or_dash(out, addr_isset(&s->addr) ? addr_ip_text(&s->addr, addr) : STR_NONE);
	sbuf_printf(out, "%u - %u %u %u %u %u %u %d %u", addr_port(&s->addr), s->line->pool_purge_delay,
	            atom_get(&s->cur_used), atom_get(&s->used_max), atom_get(&s->need), unsafe, idle - unsafe,
	            s->line->pool_max_conn, idle);
	for (int i = 0; i < thr_count(); i++) {
		const struct srv_thr *t = atom_acquire(&s->thr[i]);

		sbuf_printf(out, " %u", t ? atom_get(&t->nidle) : 0);
	}
	if (atom_get(&s->h2c_refused_ms))
		sbuf_putz(out, " h2c-refused");
	sbuf_putc(out, '\n');
}

static enum ctl_result cmd_conn(struct ctl_req *r)
{
	struct walk *w = walk_of(r);

	if (!w)
		return CTL_DONE;
	if (!w->begun)
		sbuf_printf(r->out,
		            "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est "
		            "unsafe_nb safe_nb "
		                    "idle_lim idle_cur idle_per_thr[%d]\n", thr_count());
	w->begun = true;
	return put_servers(r, w, put_conns);
}

/* ---- show backend, get weight ---- */

static enum ctl_result cmd_backend(struct ctl_req *r)
{
	const struct px_live *p;

	sbuf_putz(r->out, "# name\n");
	list_each(p, &live_get()->proxies, link)
		if (p->caps & PR_BE && !(p->caps & PR_INTERNAL))
			sbuf_printf(r->out, STR_FMT "\n", STR_ARG(p->name));
	return CTL_DONE;
}

static enum ctl_result cmd_get_weight(struct ctl_req *r)
{
	const struct srv *s = take_server(r);

	if (s)
		sbuf_printf(r->out, "%d (initial %d)\n", s->weight, s->init_weight);
	return CTL_DONE;
}

const struct ctl_row server_show_rows[] = {
	{ "show backend", CTL_USER, cmd_backend, NULL, "names of the backends" },
	{ "show servers state", CTL_USER, cmd_state, "[<backend>]",
	  "states of servers, in the form of a server-state file" },
	{ "show servers conn", CTL_USER, cmd_conn, "[<backend>]", "connections of servers" },
	{ "get weight", CTL_USER, cmd_get_weight, "<bk>/<srv>", "a server's weight now and at first" },
	{ NULL },
};
