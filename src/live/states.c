/* What signals ask of all proxies: to rest for a while (SIGTTOU, SIGTTIN), to say how they are (SIGHUP). Lines in
 * HAProxy's words, to the `log` lines of the proxy and on standard error. */
#include "weir/live/live.h"
#include "live_priv.h"

static void say(struct px_live *p, enum log_level level, struct sbuf *line)
{
	live_px_log(p, level, sbuf_str(line));
	if (live_get()->say)
		live_get()->say(LOGL_WARNING, sbuf_str(line));
}

/* ---- resting ---- */

static void say_rest(struct px_live *p, const char *what)
{
	char mem[256];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));

	sbuf_printf(&line, "%s %s " STR_FMT ".", what, p->caps & PR_BE ? "proxy" : "frontend", STR_ARG(p->name));
	say(p, LOGL_WARNING, &line);
}

void live_pause_proxy(struct px_live *p)
{
	struct lstn *l;

	list_each(l, &p->listeners, link)
		if (l->li)
			listener_pause(l->li);
	say_rest(p, "Paused");
}

bool live_resume_proxy(struct px_live *p)
{
	struct lstn *l;
	bool ok = true;

	list_each(l, &p->listeners, link)
		ok = (!l->li || listener_resume(l->li)) && ok;
	if (ok)
		say_rest(p, "Resumed");
	return ok;
}

/* A master has the sockets too: merely closed here they would go on taking clients for whom nobody looks. */
void live_shut_proxy(struct px_live *p)
{
	char mem[256];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));
	struct lstn *l;

	list_each(l, &p->listeners, link)
		if (l->li)
			listener_pause(l->li);
	live_stop_proxy(p);
	sbuf_printf(&line, "Proxy " STR_FMT " stopped (cumulated conns: FE: %llu, BE: %llu).", STR_ARG(p->name),
		    (unsigned long long)cnt_sum(&p->fe, C_CONN), (unsigned long long)cnt_sum(&p->be, C_SESS));
	say(p, LOGL_WARNING, &line);
}

void live_pause(bool pause)
{
	struct px_live *p;

	list_each(p, &live_get()->proxies, link) {
		if (list_empty(&p->listeners) || atom_get(&p->stopped))
			continue;
		if (pause)
			live_pause_proxy(p);
		else
			live_resume_proxy(p);
	}
}

/* ---- how it is going ---- */

static void say_server(struct srv *s)
{
	char mem[256];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));

	sbuf_printf(&line, "SIGHUP: Server " STR_FMT "/" STR_FMT " is %s. Conn: %u act, %u pend, %llu tot.",
		    STR_ARG(s->px->name), STR_ARG(s->name), s->state == SRV_ST_STOPPED ? "DOWN" : "UP",
		    atom_get(&s->cnt.cur), atom_get(&s->queued), (unsigned long long)cnt_sum(&s->cnt, C_SESS));
	say(s->px, LOGL_NOTICE, &line);
}

static unsigned waiting(const struct px_live *p)
{
	unsigned n = atom_get(&p->queued);
	const struct srv *s;

	list_each(s, &p->servers, link)
		n += atom_get(&s->queued);
	return n;
}

static void say_proxy(struct px_live *p)
{
	char mem[384];
	struct sbuf line = sbuf_fixed(mem, sizeof(mem));

	sbuf_printf(&line, "SIGHUP: Proxy " STR_FMT " ", STR_ARG(p->name));
	if (list_empty(&p->servers))
		sbuf_putz(&line, "has no servers.");
	else if (!p->nact)
		sbuf_putz(&line, p->nbck ? "is running on backup servers !" : "has no server available !");
	else
		sbuf_printf(&line, "has %u active servers and %u backup servers available.", p->nact, p->nbck);
	sbuf_printf(&line, " Conn: act(FE+BE): %u+%u, %u pend (%u unass), tot(FE+BE): %llu+%llu.",
		    atom_get(&p->fe.cur), atom_get(&p->be.cur), waiting(p), atom_get(&p->queued),
		    (unsigned long long)cnt_sum(&p->fe, C_CONN), (unsigned long long)cnt_sum(&p->be, C_SESS));
	say(p, LOGL_NOTICE, &line);
}

void live_log_states(void)
{
	struct px_live *p;
	struct srv *s;

	list_each(p, &live_get()->proxies, link) {
		list_each(s, &p->servers, link)
			say_server(s);
		say_proxy(p);
	}
}
