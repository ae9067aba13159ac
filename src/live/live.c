/* The registry of what is running, and its life: adopting a generation, opening listeners, stopping. */
#include "weir/live/live.h"
#include "weir/base/pool.h"
#include "live_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct live the_live = {
	.proxies = LIST_INIT(the_live.proxies),
	.state_lock = PTHREAD_MUTEX_INITIALIZER,
};

struct live *live_get(void)
{
	return &the_live;
}

void live_px_log(struct px_live *p, enum log_level level, struct str line)
{
	log_send(&p->px->logs, &p->px->conf->global.logs, level, STR_NONE, line);
}

struct conf *live_take_conf(void)
{
	struct conf *c = atom_acquire(&the_live.conf);

	conf_ref(c);
	return c;
}

static struct px_live *live_find(struct str name, unsigned caps)
{
	struct px_live *p;

	list_each(p, &the_live.proxies, link)
		if (p->caps & caps && str_eq(p->name, name))
			return p;
	return NULL;
}

struct px_live *live_backend(struct str name)
{
	return live_find(name, PR_BE);
}

struct px_live *live_frontend(struct str name)
{
	return live_find(name, PR_FE);
}

struct px_live *live_proxy_by_id(int id)
{
	struct px_live *p;

	list_each(p, &the_live.proxies, link)
		if (p->id == id)
			return p;
	return NULL;
}

struct srv *live_server(struct px_live *p, struct str name)
{
	return hmap_get(&p->by_name, name);
}

struct str live_own_str(struct str s)
{
	char *p = mem_alloc(s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = 0;
	return str_make(p, s.n);
}

static void grace_visit(void *arg)
{
	(void)arg;	/* being run at all says that this thread holds nothing old */
}

void live_after_grace(void (*fn)(void *arg), void *arg)
{
	if (the_live.nbthread <= 0)
		fn(arg);
	else
		mail_broadcast(grace_visit, fn, arg);
}

/* --- adopting --- */

static void srv_init_state(struct srv *s, const struct server_line *l)
{
	s->weight = s->init_weight = l->weight;
	s->eff_weight = s->weight * LB_SCALE;
	s->addr = l->addr;
	s->ssl_on = l->tls.on;
	s->maxconn = l->maxconn;
	s->minconn = l->minconn;
	s->state = SRV_ST_RUNNING;
	s->admin = l->flags & SRV_DISABLED ? SRV_ADM_CMAINT | SRV_ADM_FMAINT : 0;
	if (!addr_isset(&l->addr) && !l->map_port && l->host.n)
		s->admin |= SRV_ADM_RMAINT;
	s->rise = l->check.rise ? (unsigned)l->check.rise : CHECK_RISE;
	s->fall = l->check.fall ? (unsigned)l->check.fall : CHECK_FALL;
	s->health = l->flags & SRV_DISABLED ? 0 : s->rise;
	if (s->admin & SRV_ADM_MAINT)
		s->state = SRV_ST_STOPPED;
	s->last_change_s = (uint64_t)loop_wall().s;
}

static struct srv *srv_make(struct px_live *p, struct server_line *l)
{
	struct srv *s = mem_zalloc_lines(sizeof(*s));

	s->magic = SRV_MAGIC;
	s->px = p;
	s->name = live_own_str(l->name);
	s->line = l;
	s->id = l->id;
	pthread_mutex_init(&s->lock, NULL);
	list_init(&s->queue);
	list_init(&s->conns_wait);
	list_init(&s->tracked_by);
	list_init(&s->track_link);
	srv_warm_init(s);
	srv_init_state(s, l);
	l->live = s;
	return s;
}

struct srv *srv_create(struct px_live *p, struct server_line *l)
{
	struct srv *s = srv_make(p, l);

	list_push(&p->servers, &s->link);
	if (!hmap_has(&p->by_name, s->name))
		hmap_put(&p->by_name, s->name, s);
	p->nservers++;
	return s;
}

static struct px_live *px_create(struct proxy *px)
{
	struct px_live *p = mem_zalloc(sizeof(*p));

	p->magic = PX_LIVE_MAGIC;
	p->name = live_own_str(px->name);
	p->caps = px->caps;
	p->id = px->id;
	list_init(&p->listeners);
	list_init(&p->servers);
	list_init(&p->queue);
	pthread_mutex_init(&p->lock, NULL);
	px_errors_init(&p->errors);
	p->last_change_s = (uint64_t)loop_wall().s;
	list_push(&the_live.proxies, &p->link);
	return p;
}

static void px_adopt_listeners(struct px_live *p, struct proxy *px)
{
	struct bind *b;

	list_each(b, &px->binds, link) {
		struct lstn *l = mem_zalloc(sizeof(*l));

		l->px = p;
		l->bind = b;
		l->name = live_own_str(b->name);
		l->id = b->id;
		list_push(&p->listeners, &l->link);
		b->live = l;
	}
}

static void px_adopt_servers(struct px_live *p, struct proxy *px)
{
	struct server_line *sl;

	list_each(sl, &px->servers, link) {
		struct srv *s = live_server(p, sl->name);

		if (s) {
			s->line = sl;
			sl->live = s;
		} else {
			srv_create(p, sl);
		}
	}
}

static void px_adopt_direct(struct px_live *p, struct proxy *px)
{
	if (!px->direct) {
		p->direct = NULL;
	} else if (p->direct) {
		p->direct->line = px->direct;
		px->direct->live = p->direct;
	} else {
		p->direct = srv_make(p, px->direct);
	}
}

static void px_adopt(struct proxy *px)
{
	struct px_live *p = live_find(px->name, px->caps);

	if (!p)
		p = px_create(px);
	p->px = px;
	atom_set(&p->maxconn, px->maxconn);
	px->live = p;
	p->disabled = px->disabled;
	px_adopt_listeners(p, px);
	px_adopt_servers(p, px);
	px_adopt_direct(p, px);
	if (px->caps & PR_BE) {
		p->dyn_cookies = px->cookie.flags & CK_DYNAMIC;
		px_set_cookie_key(p, px->cookie.dyn_key);
		p->lb_algo = px->lb.algo ? px->lb.algo : lb_rows[0];
		lb_rebuild(p);
	}
}

/* Those who track others take their maintenance over. */
void srv_inherit_admin(struct srv *s)
{
	struct srv *t;

	list_each(t, &s->tracked_by, track_link) {
		if (s->admin & SRV_ADM_MAINT) {
			t->admin |= SRV_ADM_IMAINT;
			t->state = SRV_ST_STOPPED;
		}
		srv_inherit_admin(t);
	}
}

static void adopt_tracking(struct conf *c)
{
	struct server_line *sl;
	struct proxy *px;

	list_each(px, &c->proxies, link)
		list_each(sl, &px->servers, link)
			srv_track(sl->live, sl->tracks ? sl->tracks->live : NULL);
	list_each(px, &c->proxies, link) {
		list_each(sl, &px->servers, link)
			if (!sl->tracks)
				srv_inherit_admin(sl->live);
		if (px->caps & PR_BE)
			lb_rebuild(px->live);
	}
}

bool live_adopt(struct conf *c, struct diag *d)
{
	struct proxy *px;

	(void)d;
	if (!the_live.started_us) {
		struct wall w = loop_wall();

		the_live.started_us = (uint64_t)w.s * 1000000 + w.us;
		the_live.start_ms = loop_ms();
	}
	list_each(px, &c->proxies, link)
		px_adopt(px);
	adopt_tracking(c);
	atom_set(&the_live.maxconn, c->global.maxconn);
	atom_set(&the_live.max_conn_rate, c->global.maxconnrate);
	atom_set(&the_live.max_sess_rate, c->global.maxsessrate);
	atom_set(&the_live.max_tls_rate, c->global.maxsslrate);
	atom_set(&the_live.max_comp_rate, c->global.maxcomprate);
	live_settle_fullconn(c, the_live.maxconn);
	conf_ref(c);
	atom_release(&the_live.conf, c);
	return true;
}

/* --- listeners --- */

static void lstn_say(const struct lstn *l, struct diag *d, enum diag_level level, struct str why)
{
	char at[ADDR_TEXT_MAX];

	diag_say(d, level, "Binding [%s:%d] for %s %.*s: protocol %s: %.*s for [%.*s].", l->bind->file, l->bind->line,
		 l->px->caps & PR_BE ? "proxy" : "frontend", STR_ARG(l->px->name),
		 l->bind->net.addr.sa.sa_family == AF_UNIX    ? "unix_stream"
		 : l->bind->net.addr.sa.sa_family == AF_INET6 ? "tcpv6"
							      : "tcpv4",
		 STR_ARG(why), STR_ARG(addr_text(&l->bind->net.addr, at)));
}

void live_inherit(const int *fds, int n)
{
	the_live.heir_fds = mem_realloc(the_live.heir_fds, sizeof(int) * (size_t)(n + 1));
	memcpy(the_live.heir_fds, fds, sizeof(int) * (size_t)n);
	the_live.nheirs = n;
}

static void heirs_offer(struct listener *li)
{
	for (int i = 0; i < the_live.nheirs; i++)
		if (the_live.heir_fds[i] >= 0 && listener_adopt_fd(li, the_live.heir_fds[i]))
			the_live.heir_fds[i] = -1;
}

/* What nobody wanted. */
static void heirs_end(void)
{
	for (int i = 0; i < the_live.nheirs; i++)
		if (the_live.heir_fds[i] >= 0)
			close(the_live.heir_fds[i]);
	free(the_live.heir_fds);
	the_live.heir_fds = NULL;
	the_live.nheirs = 0;
}

int live_listener_fds(int *fds, int max)
{
	struct px_live *p;
	struct lstn *l;
	int n = 0, fd;

	list_each(p, &the_live.proxies, link)
		list_each(l, &p->listeners, link)
			for (int i = 0; l->li && (fd = listener_fd(l->li, i)) >= 0; i++, n++)
				if (n < max)
					fds[n] = fd;
	return n;
}

static bool lstn_open(struct lstn *l, struct diag *d, listener_accept_f accept)
{
	struct str why = STR_NONE;
	char buf[256];
	bool ok;

	l->li = listener_create(&l->bind->net, accept, l);
	listener_set_door(l->li, &live_door);
	heirs_offer(l->li);
	ok = listener_open(l->li, &why, buf);
	if (!ok || why.n)
		lstn_say(l, d, ok ? DIAG_WARNING : DIAG_ALERT, why);
	return ok;
}

/* Unix sockets take their places only when everything could be opened. */
static bool lstn_publish(struct lstn *l, struct diag *d)
{
	struct str why;
	char buf[256];

	if (!l->li || listener_publish(l->li, &why, buf))
		return true;
	lstn_say(l, d, DIAG_ALERT, why);
	return false;
}

bool live_open_listeners(struct diag *d, listener_accept_f accept)
{
	struct px_live *p;
	struct lstn *l;
	bool ok = true;

	list_each(p, &the_live.proxies, link) {
		if (p->disabled)
			continue;
		list_each(l, &p->listeners, link)
			ok = lstn_open(l, d, accept) && ok;
	}
	list_each(p, &the_live.proxies, link)
		list_each(l, &p->listeners, link)
			ok = ok && lstn_publish(l, d);
	heirs_end();
	return ok;
}

void live_join_thread(int thread)
{
	struct px_live *p;
	struct lstn *l;

	list_each(p, &the_live.proxies, link)
		list_each(l, &p->listeners, link)
			if (l->li)
				listener_join(l->li, thread);
}

/* --- stopping --- */

void live_close_idle_here(void)
{
	struct px_live *p;
	struct srv *s;

	list_each(p, &the_live.proxies, link) {
		list_each(s, &p->servers, link)
			bconn_close_idle_here(s);
		if (p->direct)
			bconn_close_idle_here(p->direct);
	}
}

static void close_idle(void *arg)
{
	(void)arg;
	live_close_idle_here();
}

void live_stop_proxy(struct px_live *p)
{
	struct lstn *l;

	if (atom_get(&p->stopped))
		return;
	list_each(l, &p->listeners, link)
		if (l->li)
			listener_stop(l->li);
	atom_set(&p->stopped, true);
}

bool live_is_closing(void)
{
	return atom_get(&the_live.stopping) && loop_ms() >= atom_get(&the_live.spread_end);
}

void live_soft_stop(void)
{
	unsigned spread = the_live.conf ? the_live.conf->global.close_spread : 0;
	struct px_live *p;

	if (spread)
		atom_set(&the_live.spread_end, spread == UINT32_MAX ? UINT64_MAX : loop_ms() + spread);
	atom_set(&the_live.stopping, true);
	list_each(p, &the_live.proxies, link)
		live_stop_proxy(p);
	mail_broadcast(close_idle, NULL, NULL);
}

int live_listeners(void)
{
	struct px_live *p;
	struct lstn *l;
	int n = 0;

	list_each(p, &the_live.proxies, link)
		list_each(l, &p->listeners, link)
			n += l->li != NULL;
	return n;
}

uint32_t live_streams(void)
{
	uint32_t n = 0;

	for (int i = 0; i < thr_count(); i++)
		n += atom_get(&the_live.thr[i].streams);
	return n;
}

bool live_quiet(void)
{
	return atom_get(&the_live.cur_conns) == 0 && live_streams() == 0;
}
