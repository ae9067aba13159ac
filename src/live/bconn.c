/* Server connections and their pools: per server and per thread. An idle connection is the most recently used first, so
 * that what is not needed ages and is purged. Reuse asks for the same key (SNI, destination, PROXY source). */
#include "weir/live/live.h"
#include "weir/base/hash.h"
#include "weir/base/pool.h"
#include "weir/mux/mux.h"
#include "weir/tls/info.h"
#include "live_priv.h"

#include <stdlib.h>

struct srv_thr *srv_own_make(struct srv *s)
{
	struct srv_thr *t = mem_zalloc_lines(sizeof(*t));

	list_init(&t->idle);
	list_init(&t->avail);
	list_init(&t->resting);
	list_init(&t->opening);
	shortage_init(t);
	guests_init(t);
	t->srv = s;
	atom_release(&s->thr[thr_id()], t);
	return t;
}

/* In the next turn: the descriptor is closed, so there may be another one. */
static void place_deliver(struct mail *m)
{
	struct bconn *b = container_of(m, struct bconn, mail);

	srv_conn_put(b->srv);
	pool_put(b, sizeof(*b));
}

/* One idle connection more or less that anybody may take. */
static void count_shared(const struct bconn *b, unsigned more)
{
	struct srv_thr *t = b->srv->thr[thr_id()];

	atom_own_add(&t->nidle, more);
	if (b->served < 2)
		atom_own_add(&t->nunsafe, more);
}

static void bconn_free(struct bconn *b)
{
	guests_tell(b);
	shortage_eases(b->srv);
	list_del(&b->link);
	list_del(&b->sess_link);
	atom_sub(b->is_idle ? &b->srv->cur_idle : &b->srv->cur_used, 1);
	if (b->is_idle && !b->session)
		count_shared(b, -1u);
	conf_unref(b->conf);
	if (b->counted) {
		b->mail.deliver = place_deliver;
		mail_send(thr_id(), &b->mail);
	} else {
		pool_put(b, sizeof(*b));
	}
}

static void bconn_kill(struct bconn *b)
{
	((const struct mux *)b->conn->mux)->kill(b->conn);
}

static void bconn_set_idle(struct bconn *b, bool idle)
{
	list_del(&b->link);
	guests_tell(b);
	if (b->is_idle == idle)
		return;
	b->is_idle = idle;
	if (idle)
		atom_add(&b->srv->cur_idle, 1);
	else
		srv_need_one_more(b->srv);
	atom_sub(idle ? &b->srv->cur_used : &b->srv->cur_idle, 1);
	if (b->session)
		return;
	count_shared(b, idle ? 1 : -1u);
}

/* --- what the mux tells --- */

static void bconn_purge(struct timer *tm)
{
	struct srv_thr *t = container_of(tm, struct srv_thr, purge);
	unsigned n = srv_need_purge(t->srv, t->nidle, loop_ms());

	while (n-- && !list_empty(&t->idle))	/* the oldest ones */
		bconn_kill(list_last(&t->idle, struct bconn, link));
	if (t->nidle)
		timer_set(&t->purge, MAX(t->srv->line->pool_purge_delay, 1u));
}

/* Are more than ratio - 1 per cent of the descriptors in use? */
static bool descriptors_over(const struct conf *c, unsigned ratio)
{
	const uint64_t max = c->global.maxsock;

	return ratio && max && (uint64_t)loop_fds() * 100 >= max * (ratio - 1);
}

/* May this server keep one more idle connection? pool-max-conn counts all threads. */
static bool bconn_keep(const struct bconn *b)
{
	const struct server_line *l = b->srv->line;

	if (bconn_leaves(b) || atom_get(&live_get()->stopping) || b->conf != atom_acquire(&live_get()->conf) ||
	    !srv_usable(b->srv))
		return false;
	if (l->max_reuse >= 0 && b->served > (uint32_t)l->max_reuse)
		return false;
	if (!l->pool_purge_delay || !srv_need_allows(b->srv, srv_own(b->srv)->nidle))
		return false;
	if (descriptors_over(b->conf, b->conf->global.tune.pool_low_fd))
		return false;
	return l->pool_max_conn < 0 || atom_get(&b->srv->cur_idle) < (uint32_t)l->pool_max_conn;
}

static void bconn_idle(struct conn *c, void *owner)
{
	struct bconn *b = owner;
	struct srv_thr *t = srv_own(b->srv);

	if ((!bconn_keep(b) && !(b->session && !bconn_leaves(b))) || atom_get(&b->srv->conns_wanted)) {
		bconn_kill(b);
		return;
	}
	if (c->flags & CONN_PRIVATE && !b->session)
		b->session = b->last_session;
	if (c->flags & CONN_PRIVATE && !b->session) {
		bconn_kill(b);
		return;
	}
	bconn_set_idle(b, true);
	if (b->session) {
		if (!list_linked(&b->sess_link))
			list_push_front(b->sess_list, &b->sess_link);
		list_push_front(&t->resting, &b->link);
		return;
	}
	list_push_front(&t->idle, &b->link);
	shortage_eases(b->srv);
	if (!timer_armed(&t->purge)) {
		timer_init(&t->purge, bconn_purge);
		timer_set(&t->purge, b->srv->line->pool_purge_delay);
	}
}

static void bconn_room(struct conn *c, void *owner)
{
	struct bconn *b = owner;

	(void)c;
	if (!b->is_idle && !b->session && !list_linked(&b->link) && !bconn_leaves(b))
		list_push_front(&srv_own(b->srv)->avail, &b->link);
}

static void bconn_gone(struct conn *c, void *owner)
{
	struct bconn *b = owner;
	unsigned n = mux_glitches(c);

	if (n) {
		cnt_add(&b->srv->cnt, C_GLITCHES, n);
		cnt_add(&b->srv->px->be, C_GLITCHES, n);
	}
	bconn_free(owner);
}

void srv_answered_h2c(struct srv *s, bool yes)
{
	atom_set(&s->h2c_refused_ms, yes ? 0 : loop_ms());
}

bool srv_asks_h2c(const struct srv *s, const struct server_line *l)
{
	/* What a server that is down said before counts no more: it may come back as something else. */
	uint64_t refused = s->state == SRV_ST_STOPPED ? 0 : atom_get(&s->h2c_refused_ms);

	return l->mux.upgrade_h2c && (!refused || loop_ms() - refused >= l->mux.upgrade_retry);
}

static void bconn_upgraded(struct conn *c, void *owner, bool yes)
{
	struct bconn *b = owner;
	enum cnt what = yes ? C_H2C_UPGRADE : C_H2C_REFUSED;

	(void)c;
	srv_answered_h2c(b->srv, yes);
	list_del(&b->link);
	guests_tell(b);
	cnt_add(&b->srv->cnt, what, 1);
	cnt_add(&b->srv->px->be, what, 1);
}

static const struct mux_back_user bconn_mux_user = {
	.idle = bconn_idle, .room = bconn_room, .gone = bconn_gone, .upgraded = bconn_upgraded,
};

static bool may_ask_h2c(const struct bconn *b)
{
	return b->http && b->ws == WS_AS_IS && srv_asks_h2c(b->srv, b->line);
}

/* --- reuse --- */

uint64_t bconn_key_add(uint64_t key, struct str bytes)
{
	return bytes.n ? hash_xxh3(bytes, key) : key;
}

static bool bconn_fits(const struct bconn *b, const struct bconn_req *r)
{
	const struct mux *m = b->conn->mux;

	if (b->key != r->key || b->conf != r->conf || b->line != r->line || bconn_leaves(b))
		return false;
	if (r->line->max_reuse >= 0 && b->served > (uint32_t)r->line->max_reuse)
		return false;
	return m->avail(b->conn) > 0 && (r->ws != WS_EITHER || mux_takes_websocket(b->conn));
}

static struct bconn *bconn_take(struct bconn *b)
{
	bconn_set_idle(b, false);
	b->conn->flags |= CONN_REUSED;
	return b;
}

static struct bconn *bconn_reuse_private(const struct bconn_req *r)
{
	struct bconn *b;

	list_each(b, r->priv, sess_link)
		if (b->srv == r->srv && bconn_fits(b, r))
			return bconn_take(b);
	return NULL;
}

struct bconn *bconn_reuse(const struct bconn_req *r)
{
	struct srv_thr *t = srv_own(r->srv);
	uint8_t policy = r->be->reuse;
	struct bconn *b;

	if (r->want_new)
		return NULL;
	if (r->priv && (b = bconn_reuse_private(r)))
		return b;
	if (policy == REUSE_NEVER && r->http)
		return NULL;
	/* A client's first request takes a shared connection only when nothing can be lost by it. */
	if (r->first_req && policy == REUSE_SAFE && (r->be->reuse_said || !r->replayable))
		return NULL;
	/* One that carries others already comes first: what many exchanges say shares its system calls, and what is not
	 * needed ages. */
	list_each(b, &t->avail, link)
		if (bconn_fits(b, r))
			return b;
	list_each(b, &t->idle, link) {
		if (r->first_req && policy == REUSE_AGGRESSIVE && b->served < 2)
			continue;
		if (bconn_fits(b, r))
			return bconn_take(b);
	}
	return NULL;
}

/* --- opening --- */

static void bconn_on_open(struct conn *c)
{
	struct bconn *b = c->owner;
	struct str alpn = STR_NONE;
	struct list guests;
	const struct mux *m;
	int64_t resumed;

	timer_stop(&c->timer);
	list_del(&b->link);	/* no longer opening */
	list_init(&guests);
	if (tls_number(c, TLS_N_RESUMED, &resumed) && !resumed)
		cnt_rate(&live_get()->total, RATE_TLS_BACK_KEY);
	conn_ask(c, ASK_ALPN, &alpn);
	m = b->ws == WS_H1 ? mux_find(STR("h1"), MUX_BACK) :
	    b->ws == WS_H2 ? mux_find(STR("h2"), MUX_BACK) : mux_pick_back(&b->line->mux, b->http, alpn);
	if (alpn.n)
		atom_set(&b->srv->no_h2, !str_eqz(alpn, "h2"));
	if (may_ask_h2c(b))
		c->flags |= CONN_ASK_H2C;	/* what it is tells the answer */
	else
		guests_take(b, &guests);
	m->back(c, &b->line->lim, &bconn_mux_user, b);
	if (b->opener) {
		b->opener->open(b, b->opener_arg);
	} else if (m->avail(c) > 0 && !conn_readable(c) && !b->session) {
		bconn_idle(c, b);	/* whoever opened it has gone; the next one may use it */
	} else {
		bconn_kill(b);
	}
	guests_open(&guests);
}

static void bconn_on_fail(struct conn *c)
{
	enum conn_err err = c->err ? c->err : CERR_SOCK;
	struct bconn *b = c->owner;
	struct list guests;

	list_del(&b->link);
	guests_take(b, &guests);
	if (b->opener)
		b->opener->fail(b, b->opener_arg);
	timer_stop(&c->timer);
	conn_close(c, false);
	bconn_free(b);
	guests_fail(&guests, err);
}

static const struct conn_user bconn_conn_user = { .on_open = bconn_on_open, .on_io = NULL, .on_fail = bconn_on_fail };

static void connect_opts_fill(struct connect_opts *o, const struct bconn_req *r)
{
	const struct server_net *n = &r->line->net;
	const struct source_net *from = r->source ? r->source : &n->source;

	*o = (struct connect_opts){ .ns = n->ns,
				    .port_low = from->port_low,
				    .port_high = from->port_high,
				    .to = r->dst ? r->dst : &r->srv->addr,
				    .from = r->src,
				    .interface = from->interface,
				    .tfo = n->tfo,
				    .nodelay = true,
				    .keepalive = r->be->options & PO_SRVTCPKA,
				    .ka_cnt = r->be->srvtcpka.cnt,
				    .ka_idle = r->be->srvtcpka.idle,
				    .ka_intvl = r->be->srvtcpka.intvl,
				    .delay_ack = r->be->options & PO_SMART_CONNECT,
				    .rcvbuf = (int)r->be->conf->global.tune.rcvbuf_server,
				    .sndbuf = (int)r->be->conf->global.tune.sndbuf_server,
				    .notsent_lowat = r->be->conf->global.tune.notsent_server,
				    .tcp_ut = n->tcp_ut,
				    .cc = n->cc,
				    .md5sig = n->tcp_md5sig,
				    .mark = -1,
				    .tos = -1 };
	o->transparent = r->transparent;
	o->sockpair = n->sockpair;
	o->pair_fd = n->pair_fd;
	if (addr_isset(&n->socks4))
		o->to = &n->socks4;
}

struct bconn *bconn_connect(const struct bconn_req *r, const struct bconn_user *u, void *arg, enum conn_err *err)
{
	struct connect_opts o;
	struct conn *c;
	struct bconn *b;

	connect_opts_fill(&o, r);
	if (descriptors_over(r->conf, r->conf->global.tune.pool_high_fd) && !list_empty(&srv_own(r->srv)->idle))
		bconn_kill(list_last(&srv_own(r->srv)->idle, struct bconn, link));
	c = conn_connect(&o, &bconn_conn_user, NULL, err);
	if (!c) {
		if (r->counted)
			srv_conn_put(r->srv);
		return NULL;
	}
	c->flags |= r->be->options & PO_NOLINGER ? CONN_NOLINGER : 0;
	b = pool_zget(sizeof(*b));
	list_init(&b->link);
	list_init(&b->sess_link);
	list_init(&b->guests);
	b->conn = c;
	b->srv = r->srv;
	b->line = r->line;
	b->key = r->key;
	b->addr_turn = atom_get(&r->srv->addr_turn);
	b->http = r->http;
	b->ws = r->ws;
	b->conf = r->conf;
	conf_ref(r->conf);
	b->opener = u;
	b->opener_arg = arg;
	b->counted = r->counted;
	b->sess_list = r->priv;
	b->last_session = r->session;
	if (r->priv && r->be->reuse == REUSE_NEVER)
		b->session = r->session;
	c->owner = b;
	c->line = r->line;
	c->flags |= CONN_BACK | (r->push ? CONN_PUSH : 0);
	srv_need_one_more(r->srv);
	if (!live_push_back_transports(c, r)) {
		*err = CERR_SOCK;
		conn_close(c, false);
		bconn_free(b);
		return NULL;
	}
	b->hopeful = r->hopeful && !b->session;
	if (!b->session && (r->hopeful || bconn_for_many(r)))
		list_push(&srv_own(r->srv)->opening, &b->link);
	return b;
}

void bconn_start(struct bconn *b)
{
	conn_advance(b->conn);
}

void bconn_abandon(struct bconn *b)
{
	b->opener = NULL;
	if (!(b->conn->flags & CONN_OPEN)) {
		if (guests_inherit(b))
			return;
		timer_stop(&b->conn->timer);
		conn_close(b->conn, true);
		bconn_free(b);
	} else if (b->conn->mux) {
		bconn_discard(b);
	}
}

void bconn_discard(struct bconn *b)
{
	b->opener = NULL;
	b->close_when_idle = true;
	list_del(&b->link);
	guests_tell(b);
	((const struct mux *)b->conn->mux)->drain(b->conn);
}

struct gate *bconn_open_gate(struct bconn *b, struct arena *mem, const struct gate_user *u, void *arg)
{
	const struct mux *m = b->conn->mux;
	struct gate *g = m->open(b->conn, mem, u, arg);

	if (!g)
		return NULL;
	b->opener = NULL;
	if (b->served)
		g->flags |= GATE_REUSED;
	if (m->avail(b->conn) == 0)
		list_del(&b->link);
	else if (!b->session && !list_linked(&b->link))
		list_push_front(&srv_own(b->srv)->avail, &b->link);
	if (!b->served++ && b->hopeful && b->conn->flags & CONN_ASK_H2C && !list_linked(&b->link))
		list_push(&srv_own(b->srv)->opening, &b->link);	/* until the answer comes */
	return g;
}

void bconn_set_session(struct bconn *b, void *session, struct list *priv)
{
	b->last_session = session;
	b->sess_list = priv;
}

/* --- closing --- */

void bconn_close_idle_here(struct srv *s)
{
	struct srv_thr *t = s->thr[thr_id()];
	struct bconn *b;

	if (!t)
		return;
	list_each(b, &t->avail, link)
		b->close_when_idle = true;
	while (!list_empty(&t->idle)) {
		b = list_first(&t->idle, struct bconn, link);
		bconn_kill(b);
	}
	timer_stop(&t->purge);
}

bool bconn_close_one_here(struct srv *s)
{
	struct srv_thr *t = s->thr[thr_id()];
	struct list *from;

	if (!t || (list_empty(&t->idle) && list_empty(&t->resting)))
		return false;
	from = list_empty(&t->idle) ? &t->resting : &t->idle;
	bconn_kill(list_last(from, struct bconn, link));
	return true;
}

static void close_idle_visit(void *arg)
{
	bconn_close_idle_here(arg);
}

void srv_close_idle(struct srv *s)
{
	if (live_get()->nbthread > 0)
		mail_broadcast(close_idle_visit, NULL, s);
}

void bconn_session_end(struct list *priv)
{
	while (!list_empty(priv)) {
		struct bconn *b = list_first(priv, struct bconn, sess_link);

		bconn_kill(b);
	}
}
