/* Servers that come and go: add server, del server, wait. A server is deleted in four strides: is that allowed; does
 * any thread still need it; out of its backend, while nobody else runs; each thread forgets it. */
#include <stdlib.h>

#include "servers_priv.h"
#include "weir/base/num.h"
#include "weir/base/pool.h"
#include "weir/loop/exclusive.h"
#include "weir/live/stats.h"
#include "weir/model/dynamic.h"

/* ---- add server <backend>/<server> <address> <word>... ---- */

/* The server that the words name for `track`. NULL: said why not. */
static struct srv *tracked(struct sbuf *said, struct px_live *p, struct str track)
{
	struct str name = track, backend = str_cut(&name, '/');
	struct srv *t;
	const struct srv *end;

	if (!name.p)
		name = backend;
	else
		p = live_backend(backend);
	if (!p) {
		sbuf_printf(said, "unable to find required proxy '" STR_FMT "' for tracking.", STR_ARG(backend));
		return NULL;
	}
	t = live_server(p, name);
	if (!t) {
		sbuf_printf(said, "unable to find required server '" STR_FMT "' for tracking.", STR_ARG(name));
		return NULL;
	}
	end = srv_checked(t);
	if (end->check || end->agent)
		return t;
	sbuf_printf(said, "unable to use " STR_FMT "/" STR_FMT " for tracking as it does not have any check nor agent "
			  "enabled.", STR_ARG(p->name), STR_ARG(name));
	return NULL;
}

static bool number_free(struct sbuf *said, const struct px_live *p, int id)
{
	const struct srv *s;

	list_each(s, &p->servers, link)
		if (id && s->id == id) {
			sbuf_printf(said, "'id' : custom id %d already used ('server " STR_FMT "').", id,
				    STR_ARG(s->name));
			return false;
		}
	return true;
}

static bool said_enabled(const struct ctl_req *r)
{
	bool enabled = false;

	for (int i = 1; word(r, i).n; i++)
		if (str_eq(word(r, i), STR("enabled")) || str_eq(word(r, i), STR("disabled")))
			enabled = str_eq(word(r, i), STR("enabled"));
	return enabled;
}

static bool guid_taken(struct str guid)
{
	struct stat_iter it = { .types = 0 };

	while (stat_next(&it))
		if (str_eq(stat_guid(&it), guid))
			return true;
	return false;
}

static bool add(struct ctl_req *r, struct px_live *p, struct str name, struct sbuf *said)
{
	struct srv *follows = NULL;
	struct server_line *l;

	l = server_line_add(p->px, name, r->w + r->at + 1, r->n - r->at - 1, said);
	if (!l)
		return false;
	if (l->guid.n && guid_taken(l->guid)) {
		sbuf_printf(said, "'guid': duplicate entry '" STR_FMT "'", STR_ARG(l->guid));
		server_line_free(l);
		return false;
	}
	if (live_server(p, name)) {
		sbuf_putz(said, "Already exists a server with the same name in backend.");
		server_line_free(l);
		return false;
	}
	if ((l->track.n && !(follows = tracked(said, p, l->track))) || !number_free(said, p, l->id)) {
		server_line_free(l);
		return false;
	}
	if (follows && l->flags & (SRV_CHECK | SRV_AGENT)) {
		sbuf_putz(said, "unable to enable checks and tracking at the same time!");
		server_line_free(l);
		return false;
	}
	srv_track(srv_add(p, l, said_enabled(r)), follows);
	return true;
}

static void add_server(struct ctl_req *r)
{
	struct str server = word(r, 0), backend = str_cut(&server, '/');
	char mem[1024];
	struct sbuf said = sbuf_fixed(mem, sizeof(mem));
	struct px_live *p;

	if (!server.n) {
		ctl_fail(r, "Require 'backend/server'.");
		return;
	}
	p = find_backend(backend);
	if (!p)
		ctl_fail(r, "No such backend.");
	else if (!p->lb_algo || !lb_dynamic(p))
		ctl_fail(r, "Backend must use a dynamic load balancing to support dynamic servers.");
	else if (!add(r, p, server, &said))
		ctl_fail(r, STR_FMT, STR_ARG(sbuf_str(&said)));
	else
		ctl_say(r, CTL_INFO, "New server registered.");
}

static enum ctl_result cmd_add(struct ctl_req *r)
{
	return exclusively(r, add_server);
}

/* ---- may it go? ---- */

static const char *forbidden(const struct srv *s)
{
	if (s->line->flags & SRV_NAMED || !list_empty(&s->tracked_by))
		return "This server cannot be removed at runtime due to other configuration elements pointing to it.";
	if (!(s->admin & SRV_ADM_MAINT))
		return "Only servers in maintenance mode can be deleted.";
	return NULL;
}

static const char still[] = "Server still has connections attached to it, cannot remove it.";

static bool busy(const struct srv *s, uint32_t needed)
{
	return needed || atom_get(&s->served) || atom_get(&s->queued) || atom_get(&s->cur_used) ||
	       atom_get(&s->cur_idle) || atom_get(&s->conns) || atom_get(&s->conns_visits);
}

/* One walk through the strides, by itself when the asker has gone. */
struct farewell {
	struct ctl_req *r;		/* NULL: the connection is gone */
	struct px_live *p;
	struct str server;		/* by name: in between others may delete it */
	char name[256];
	struct srv *s;
	uint32_t needed;
	const char *wrong;
	bool only_ask;			/* srv-removable */
	bool over;
};

static void finish(struct farewell *f)
{
	f->over = true;
	if (f->r)
		ctl_wake(f->r);
	else
		free(f);
}

static void forget_here(void *arg)
{
	srv_leave_here(((struct farewell *)arg)->s);
}

static void all_forgot(void *arg)
{
	struct farewell *f = arg;

	srv_free(f->s);
	finish(f);
}

/* Alone: nothing can have changed its mind since, or it is refused. */
static void take_out(void *arg)
{
	struct farewell *f = arg;

	f->wrong = live_server(f->p, f->server) != f->s ? "No such server." : forbidden(f->s);
	if (!f->wrong && busy(f->s, 0))
		f->wrong = still;
	if (!f->wrong)
		srv_unlink(f->s);
}

static void taken_out(void *arg)
{
	struct farewell *f = arg;

	if (f->wrong)
		finish(f);
	else
		mail_broadcast(forget_here, all_forgot, f);
}

static void ask_here(void *arg)
{
	struct farewell *f = arg;

	atom_add(&f->needed, srv_busy_here(f->s));
}

static void all_asked(void *arg)
{
	struct farewell *f = arg;

	if (live_server(f->p, f->server) != f->s)
		f->wrong = "No such server.";
	else if (busy(f->s, f->needed))
		f->wrong = still;
	if (f->wrong || f->only_ask)
		finish(f);
	else
		loop_exclusive(take_out, taken_out, f);
}

/* Alone, so that it is still there when the threads are asked: each of them takes its mail before it could be freed. */
static void begin(void *arg)
{
	struct farewell *f = arg;

	f->s = live_server(f->p, f->server);
	f->wrong = f->s ? forbidden(f->s) : "No such server.";
}

static void begun(void *arg)
{
	struct farewell *f = arg;

	if (f->wrong)
		finish(f);
	else
		mail_broadcast(ask_here, all_asked, f);
}

static void drop(struct ctl_req *r)
{
	struct farewell *f = r->state;

	f->r = NULL;
	if (f->over)
		free(f);
}

static struct farewell *farewell_begin(struct ctl_req *r, struct srv *s, bool only_ask)
{
	struct farewell *f = mem_zalloc(sizeof(*f));

	f->r = r;
	f->p = s->px;
	f->only_ask = only_ask;
	f->server = str_make(f->name, MIN(s->name.n, sizeof(f->name)));
	memcpy(f->name, s->name.p, f->server.n);
	r->state = f;
	r->drop = drop;
	r->wait_ms = 0;
	loop_exclusive(begin, begun, f);
	return f;
}

/* Its result; the request has no state any more. */
static const char *farewell_end(struct ctl_req *r)
{
	struct farewell *f = r->state;
	const char *wrong = f->wrong;

	r->drop = NULL;
	r->state = NULL;
	free(f);
	return wrong;
}

static enum ctl_result cmd_del(struct ctl_req *r)
{
	struct farewell *f = r->state;
	const char *wrong;
	struct srv *s;

	if (!f) {
		s = take_server(r);
		if (!s)
			return CTL_DONE;
		farewell_begin(r, s, false);
		return CTL_WAIT;
	}
	if (!f->over)
		return CTL_WAIT;
	wrong = farewell_end(r);
	return wrong ? ctl_fail(r, "%s", wrong) : ctl_say(r, CTL_INFO, "Server deleted.");
}

/* ---- wait <delay> [srv-removable <backend>/<server>] ---- */

#define WAIT_AGAIN_MS 100

static enum ctl_result wait_more(struct ctl_req *r, uint64_t until, bool only_time)
{
	uint64_t now = loop_ms();

	if (now >= until)
		return only_time ? CTL_DONE : ctl_fail(r, "Wait delay expired.");
	r->wait_ms = MIN(until - now, only_time ? until - now : WAIT_AGAIN_MS);
	return CTL_WAIT;
}

static enum ctl_result wait_removable(struct ctl_req *r, uint64_t until)
{
	struct farewell *f = r->state;
	struct ctl_req named = *r;
	const char *wrong;
	struct srv *s;

	if (!f) {
		named.at = r->at + 2;
		s = take_server(&named);
		if (!s) {
			r->severity = named.severity;
			return CTL_DONE;
		}
		farewell_begin(r, s, true);
		return CTL_WAIT;
	}
	if (!f->over)
		return CTL_WAIT;
	wrong = farewell_end(r);
	if (!wrong)
		return ctl_say(r, CTL_INFO, "Done.");
	if (wrong != still)
		return ctl_fail(r, "%s", wrong);
	return wait_more(r, until, false);
}

static enum ctl_result cmd_wait(struct ctl_req *r)
{
	uint64_t ms, *until = NULL;
	const char *bad;

	if (!word(r, 0).n || str_eq(word(r, 0), STR("-h")))
		return ctl_fail(r, "Usage: wait {-h|<duration>} [condition [args...]]\n"
				   "  - '-h' displays this help\n"
				   "  - <duration> is the maximum wait time, optionally suffixed by the unit among\n"
				   "    'us', 'ms', 's', 'm', 'h', and 'd'. ; the default unit is milliseconds.\n"
				   "  - <condition> indicates what to wait for, no longer than the duration.\n"
				   "    Supported conditions are:\n"
				   "    - <none> : by default, just sleep for the specified duration.\n"
				   "    - srv-removable <proxy>/<server> : wait for this server to become removable.");
	if (num_time(word(r, 0), TIME_MS, TIME_MS, &ms, &bad) != NUM_OK)
		return ctl_fail(r, "Invalid duration.");
	until = r->kept;
	if (!until) {
		until = arena_new(r->mem, uint64_t);
		*until = loop_ms() + ms;
		r->kept = until;
	}
	if (!word(r, 1).n)
		return wait_more(r, *until, true);
	if (!str_eq(word(r, 1), STR("srv-removable")))
		return ctl_fail(r, "Unknown condition.");
	if (!word(r, 2).n)
		return ctl_fail(r, "Missing server name (<proxy>/<server>).");
	return wait_removable(r, *until);
}

const struct ctl_row server_dyn_rows[] = {
	{ "add server", CTL_ADMIN, cmd_add, "<bk>/<srv> <addr> [<word>...]", "create a server, in maintenance" },
	{ "del server", CTL_ADMIN, cmd_del, "<bk>/<srv>", "delete a server in maintenance that nothing uses" },
	{ "wait", CTL_USER, cmd_wait, "{-h|<delay>} [srv-removable <bk>/<srv>]",
	  "sleep, or until a server can be deleted" },
	{ NULL },
};
