#include "h2_priv.h"
#include "trace_priv.h"

#include "weir/base/pool.h"

#define TURNS 8	/* in one event, then others get their chance */
#define FLOOD_MAX 500	/* suspicious frames a second, roughly, that end a connection without a threshold of its own */
#define CHATTER_FREE 200	/* frames a second that do nothing, before they are suspicious */

static void on_io(struct conn *conn)
{
	h2_run(conn->arg);
}

static const struct conn_user h2_conn_user = { .on_io = on_io };

static void run_task(struct task *t)
{
	h2_run(container_of(t, struct h2c, task));
}

/* --- memory of nghttp2: the thread's pools; sizes are kept in front --- */

static void *ng_malloc(size_t n, void *arg)
{
	size_t *p = pool_get(n + 16);

	*p = n + 16;
	return p + 2;
}

static void ng_free(void *ptr, void *arg)
{
	size_t *p = ptr;

	if (p)
		pool_put(p - 2, p[-2]);
}

static void *ng_calloc(size_t k, size_t n, void *arg)
{
	return memset(ng_malloc(k * n, arg), 0, k * n);
}

static void *ng_realloc(void *ptr, size_t n, void *arg)
{
	void *to = ng_malloc(n, arg);
	size_t had = ptr ? ((size_t *)ptr)[-2] - 16 : 0;

	if (had)
		memcpy(to, ptr, had < n ? had : n);
	ng_free(ptr, arg);
	return to;
}

static void session_create(struct h2c *c)
{
	nghttp2_mem mem = { NULL, ng_malloc, ng_free, ng_calloc, ng_realloc };	/* is copied */
	nghttp2_session_callbacks *cb = h2_callbacks();
	nghttp2_option *o;
	int err;

	nghttp2_option_new(&o);
	nghttp2_option_set_no_auto_window_update(o, 1);
	nghttp2_option_set_no_http_messaging(o, 1);
	nghttp2_option_set_no_closed_streams(o, 1);
	nghttp2_option_set_max_settings(o, 32);
	nghttp2_option_set_max_outbound_ack(o, 1000);
	/* What has a limit of ours, with an answer that says why, must not meet another one before. */
	nghttp2_option_set_stream_reset_rate_limit(o, 100000, 100000);
	nghttp2_option_set_max_continuations(o, 1000);
	if (c->flags & H2C_BACK)
		err = nghttp2_session_client_new3(&c->ng, cb, c, o, &mem);
	else
		err = nghttp2_session_server_new3(&c->ng, cb, c, o, &mem);
	WASSERT(err == 0);
	nghttp2_option_del(o);
	nghttp2_session_callbacks_del(cb);
}

static unsigned window_of(const struct h2c *c)
{
	return c->lim->h2_window >= 65535 ? c->lim->h2_window : 65535;
}

size_t h2_settings(const struct mux_limits *lim, unsigned conn_flags, nghttp2_settings_entry s[H2_SETTINGS_MAX])
{
	unsigned frame = lim->h2_frame ? lim->h2_frame : 16384;
	bool back = conn_flags & CONN_BACK;
	size_t n = 0;

	if (back)
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_ENABLE_PUSH, conn_flags & CONN_PUSH ? 1 : 0 };
	else
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, lim->h2_streams };
	if (lim->h2_header_table && lim->h2_header_table != 4096)
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, lim->h2_header_table };
	if (lim->h2_window && lim->h2_window != 65535)
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, lim->h2_window };
	if (frame != 16384)
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_MAX_FRAME_SIZE, frame };
	s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
					   lim->bufsize - lim->maxrewrite };
	if (!back && !lim->no_websocket)
		s[n++] = (nghttp2_settings_entry){ NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1 };
	WASSERT(n <= H2_SETTINGS_MAX);
	return n;
}

void h2_send_settings(struct h2c *c)
{
	nghttp2_settings_entry s[H2_SETTINGS_MAX];
	size_t n = h2_settings(c->lim, c->conn->flags, s);

	nghttp2_submit_settings(c->ng, NGHTTP2_FLAG_NONE, s, n);
}

struct h2c *h2c_create(struct conn *conn, const struct mux_limits *lim, unsigned flags)
{
	struct h2c *c = pool_zget(sizeof(*c));

	c->magic = H2C_MAGIC;
	c->flags = flags;
	c->conn = conn;
	c->lim = lim;
	c->tx_high = H2_TX_HIGH;
	list_init(&c->streams);
	list_init(&c->news);
	task_init(&c->task, run_task, TASK_NORMAL);
	c->since_us = loop_us();
	conn->user = &h2_conn_user;
	conn->arg = c;
	conn->mux = &mux_h2;
	if (trace_on(TRACE_H2))
		mux_tell(conn, TRACE_H2, H2E_NEW, TRL_STATE, "connection%s", flags & H2C_UPGRADED ? ", upgraded" : "");
	session_create(c);
	if (!(flags & H2C_UPGRADED))
		h2_send_settings(c);
	return c;
}

void h2_open_window(struct h2c *c)
{
	unsigned n = c->lim->h2_rxbuf ? c->lim->h2_rxbuf : MAX(window_of(c) * 16U, 1048576U);

	nghttp2_session_set_local_window_size(c->ng, NGHTTP2_FLAG_NONE, 0, (int32_t)MIN(MAX(n, 65535U), INT32_MAX));
}

static void say_gone(struct h2c *c)
{
	if (c->flags & H2C_GONE)
		return;
	c->flags |= H2C_GONE;
	if (c->flags & H2C_BACK)
		((const struct mux_back_user *)c->user)->gone(c->conn, c->owner);
	else
		((const struct mux_front_user *)c->user)->gone(c->conn, c->owner);
}

static void h2c_destroy(struct h2c *c)
{
	struct conn *conn = c->conn;

	WASSERT(list_empty(&c->streams));
	if (trace_on(TRACE_H2))
		mux_tell(conn, TRACE_H2, H2E_END, TRL_STATE, "connection ends after %u streams%s%s", c->served,
			 c->close_reason ? " : " : "", c->close_reason ? c->close_reason : "");
	say_gone(c);
	h2c_body_drop(c);
	nghttp2_session_del(c->ng);
	spanq_fini(&c->tx);
	chunk_unref(c->rx);
	chunk_unref(c->held);
	task_cancel(&c->task);
	OBJ_WIPE(c);
	conn->arg = NULL;
	pool_put(c, sizeof(*c));
	conn_close(conn, false);
}

/* --- exchanges --- */

/* Many exchanges whose client does not read must not hold much: each has its share of what the connection may queue. */
static uint32_t share_of(const struct h2c *c)
{
	return MAX(MIN(H2_OUT_SHARED / (c->nstreams + 1), (uint32_t)GATE_OUT_MAX), (uint32_t)H2_OUT_MIN);
}

struct h2x *h2x_create(struct h2c *c, int32_t id, const struct gate_ops *ops, unsigned gate_flags)
{
	struct h2x *x = pool_zget(sizeof(*x));

	x->g.magic = GATE_MAGIC;
	x->g.flags = gate_flags;
	x->g.ops = ops;
	x->g.conn = c->conn;
	x->size = sizeof(*x);
	if (!(c->flags & H2C_BACK)) {
		arena_init(&x->g.own_mem, H2_ARENA);
		x->g.mem = &x->g.own_mem;
		x->g.out_max = share_of(c);
	}
	h2x_join(c, x, (uint32_t)id);
	if (!(c->flags & H2C_PREFACE))
		timer_stop(&c->conn->timer);	/* h2_run() begins to wait for the rest of its head */
	return x;
}

void h2x_join(struct h2c *c, struct h2x *x, uint32_t id)
{
	x->c = c;
	x->g.stream_id = id;
	x->want = UINT64_MAX;
	list_init(&x->news_link);
	list_push(&c->streams, &x->link);
	c->nstreams++;
	if (!(x->g.flags & GATE_PUSHED))
		c->served++;
	if (trace_on(TRACE_H2))
		mux_tell(c->conn, TRACE_H2, H2E_S_NEW, TRL_STATE, "[%u] stream%s", id,
			 x->g.flags & GATE_PUSHED ? ", pushed" : "");
}

void h2x_destroy(struct h2x *x)
{
	struct h2c *c = x->c;

	WASSERT(x->released || !x->told);
	if (trace_on(TRACE_H2))
		mux_tell(c->conn, TRACE_H2, H2E_S_END, TRL_STATE, "[%u] stream : %llu bytes in, %llu out",
			 x->g.stream_id, (unsigned long long)x->g.wire_in, (unsigned long long)x->g.wire_out);
	if (!x->closed && x->g.stream_id)
		nghttp2_session_set_stream_user_data(c->ng, (int32_t)x->g.stream_id, NULL);
	if (c->block.x == x)
		c->block.x = NULL;
	if (c->last == x)
		c->last = NULL;
	if (c->telling == x)
		c->telling = NULL;
	list_del(&x->link);
	list_del(&x->news_link);
	c->nstreams--;
	if (x->g.flags & GATE_PUSHED)
		c->npush--;
	spanq_fini(&x->g.in);
	spanq_fini(&x->g.out);
	chunk_unref(x->head);
	if (x->g.mem == &x->g.own_mem)
		arena_fini(&x->g.own_mem);
	OBJ_WIPE(&x->g);
	pool_put(x, x->size);
	c->flags |= H2C_SWEPT;
}

/* Where many exchanges are open others will have something to say within moments, and it can share a send. */
static bool in_company(const struct h2c *c)
{
	return c->nstreams >= H2_COMPANY;
}

void h2_later(struct h2c *c)
{
	if (c->flags & H2C_RUNNING) {
		c->flags |= H2C_AGAIN;
	} else if (!list_linked(&c->task.link)) {
		c->task.klass = in_company(c) ? TASK_LATE : TASK_NORMAL;
		task_wake(&c->task);
	}
}

void h2_soon(struct h2c *c)
{
	if (c->task.klass == TASK_LATE)
		task_cancel(&c->task);
	c->task.klass = TASK_NORMAL;
	if (c->flags & H2C_RUNNING)
		c->flags |= H2C_AGAIN;
	else
		task_wake(&c->task);
}

void h2_say(struct h2x *x, unsigned news)
{
	x->news |= (uint16_t)news;
	if (!list_linked(&x->news_link))
		list_push(&x->c->news, &x->news_link);
	h2_later(x->c);
}

void h2_break(struct h2x *x, uint32_t code)
{
	struct gate *g = &x->g;

	if (!(g->flags & IN_END))
		g->flags |= IN_ABORT;
	if (!(g->flags & OUT_DONE))
		g->flags |= OUT_ABORT;
	g->reset_code = code;
	if (trace_on(TRACE_H2))
		mux_tell(x->c->conn, TRACE_H2, H2E_S_ERR, TRL_ERROR, "[%u] %s%s%s", g->stream_id,
			 nghttp2_http2_strerror(code), g->bad_reason ? " : " : "", g->bad_reason ? g->bad_reason : "");
	h2_say(x, GATE_ABORT);
}

void h2_close(struct h2c *c, const char *reason)
{
	struct h2x *x, *tmp;

	if (c->flags & H2C_DEAD)
		return;
	c->flags |= H2C_DEAD;
	if (!c->close_reason)
		c->close_reason = reason;
	if (trace_on(TRACE_H2))
		mux_tell(c->conn, TRACE_H2, H2E_ERR, TRL_ERROR, "%s", c->close_reason ? c->close_reason : "closed");
	list_each_safe(x, tmp, &c->streams, link) {
		if (x->promising)
			x->released = true;	/* half a promise: nobody has heard of it */
		h2_break(x, NGHTTP2_NO_ERROR);	/* the peer said nothing about it */
	}
	h2_later(c);
}

/* Halves once a second. */
static void rate_add(struct h2_rate *r, unsigned weight)
{
	uint64_t now = loop_ms();

	for (; now - r->since_ms > 1000 && r->n; r->since_ms += 1000)
		r->n /= 2;
	if (!r->n)
		r->since_ms = now;
	r->n += weight;
}

/* tune.glitches.kill.cpu-usage: a thread that has time bears with odd clients. */
static bool is_busy(unsigned percent)
{
	struct loop_stat st;

	if (!percent)
		return true;
	loop_stats(thr_id(), &st);
	return 100 - st.idle_pct >= percent;
}

void h2_glitch(struct h2c *c, unsigned weight)
{
	unsigned limit = c->lim->h2_glitches;

	c->glitches += weight;
	if (trace_on(TRACE_H2) && weight)
		mux_tell(c->conn, TRACE_H2, H2E_GLITCH, TRL_PROTO, "glitches now %u", c->glitches);
	rate_add(&c->flood, weight);
	if (((limit && c->glitches >= limit && is_busy(c->lim->h2_glitch_cpu)) || c->flood.n > FLOOD_MAX) &&
	    !(c->flags & H2C_CALM)) {
		c->flags |= H2C_CALM;
		nghttp2_session_terminate_session(c->ng, NGHTTP2_ENHANCE_YOUR_CALM);
		c->close_reason = "h2-glitches";
	}
}

void h2_chatter(struct h2c *c, unsigned weight)
{
	rate_add(&c->chatter, weight);
	if (c->chatter.n > CHATTER_FREE)
		h2_glitch(c, weight);
}

/* --- turns --- */

static void tell_one(struct h2c *c, struct h2x *x)
{
	unsigned news = x->news;

	x->news = 0;
	if (!news || x->released)
		return;
	if (!x->g.user && x->g.flags & GATE_PUSHED)	/* nobody has taken it yet; whoever does will look */
		return;
	if (x->told) {
		x->g.user->wake(&x->g, x->g.arg, news);
		return;
	}
	if (!(x->g.flags & (IN_HEAD | GATE_BADREQ))) {	/* nothing the pipeline should hear of */
		x->released = true;
		return;
	}
	x->told = true;
	((const struct mux_front_user *)c->user)->exchange(&x->g, c->owner);
	WASSERT(x->g.user);
}

/* The wire has nothing more for it: it is closed there; or its answer is out, and the peer, who still owed the end of a
 * body, has gone. */
static bool off_wire(const struct h2x *x)
{
	uint32_t flags = x->c->flags;

	return x->closed || flags & H2C_DEAD || (flags & H2C_EOF && x->g.flags & OUT_DONE);
}

/* Neither the stream nor the wire needs it any more. */
static bool gone(const struct h2x *x)
{
	const struct h2c *c = x->c;

	return (x->released || !x->told) && off_wire(x) && !list_linked(&x->news_link) &&
	       (!h2c_body_of(c, x) || c->flags & (H2C_DEAD | H2C_EOF));
}

/* Are there no exchanges but those whose streams have gone, or whose heads are not complete? What comes of these is up
 * to the peer. */
static bool nobody_runs(const struct h2c *c)
{
	const struct h2x *x;

	list_each(x, &c->streams, link)
		if (!x->released && !h2x_begins(x))
			return false;
	return true;
}

/* Tells x's news and gives back what its stream consumed. */
static void look_at(struct h2c *c, struct h2x *x)
{
	list_del(&x->news_link);
	c->telling = x;
	tell_one(c, x);
	c->telling = NULL;
	h2_give_window(x);
}

void h2_tell_now(struct h2x *x)
{
	struct h2c *c = x->c;

	if (c->flags & H2C_RUNNING && !c->telling && x->news)
		look_at(c, x);
}

static void tell(struct h2c *c)
{
	while (!list_empty(&c->news)) {
		struct h2x *x = list_first(&c->news, struct h2x, news_link);

		look_at(c, x);
		if (gone(x))
			h2x_destroy(x);
	}
}

/* On a connection that is over all exchanges go that their streams have left. */
static void sweep(struct h2c *c)
{
	struct h2x *x, *tmp;

	if (!(c->flags & (H2C_DEAD | H2C_EOF)))
		return;
	list_each_safe(x, tmp, &c->streams, link)
		if (gone(x))
			h2x_destroy(x);
}

/* Exchanges have gone: the owner of a server's connection may have others. */
static void say_room(struct h2c *c)
{
	bool any = c->flags & H2C_SWEPT;

	c->flags &= ~(uint32_t)H2C_SWEPT;
	if (!any || !(c->flags & H2C_BACK) || c->flags & (H2C_DEAD | H2C_DRAIN | H2C_PEER_AWAY))
		return;
	c->since_us = loop_us();
	if (list_empty(&c->streams))
		((const struct mux_back_user *)c->user)->idle(c->conn, c->owner);
	else
		((const struct mux_back_user *)c->user)->room(c->conn, c->owner);
}

static unsigned idle_ms(const struct h2c *c)
{
	const struct mux_limits *l = c->lim;

	if (c->last && h2x_begins(c->last) && l->t_request)
		return l->t_request;
	if (c->served && l->t_keepalive)
		return l->t_keepalive;
	return c->served ? l->t_client : l->t_request ? l->t_request : l->t_client;
}

static bool over(const struct h2c *c)
{
	if (c->flags & H2C_DEAD)
		return list_empty(&c->streams);
	if (!list_empty(&c->streams) || !spanq_empty(&c->tx))
		return false;
	return c->flags & (H2C_DRAIN | H2C_PEER_AWAY | H2C_EOF) ||
	       (!nghttp2_session_want_read(c->ng) && !nghttp2_session_want_write(c->ng));
}

/* An error of the connection: the peer was told and nothing is read or written any more (RFC 9113 section 5.4.1), so
 * what runs cannot be finished. */
static bool terminated(const struct h2c *c)
{
	const struct h2x *x;

	if (c->flags & H2C_DEAD || !spanq_empty(&c->tx) || nghttp2_session_want_read(c->ng) ||
	    nghttp2_session_want_write(c->ng))
		return false;
	list_each(x, &c->streams, link)
		if (!x->closed)
			return true;
	return false;
}

void h2_run(struct h2c *c)
{
	int turns = TURNS;

	OBJ_CHECK(c, H2C_MAGIC);
	WASSERT(!(c->flags & H2C_RUNNING));
	c->flags |= H2C_RUNNING;
	if (!(c->flags & H2C_DEAD))
		h2_rx(c);
	do {
		c->flags &= ~H2C_AGAIN;
		tell(c);
		h2_give_windows(c);
		h2_tx(c);
		if (terminated(c))
			h2_close(c, "h2-protocol-error");
	} while (c->flags & H2C_AGAIN && --turns);
	sweep(c);
	say_room(c);
	c->flags &= ~H2C_RUNNING;
	if (over(c)) {
		h2c_destroy(c);
		return;
	}
	/* Reading stops when too much is queued; no event tells when that has left within this very turn. */
	if (c->flags & H2C_AGAIN || h2_more(c))
		h2_soon(c);
	if (!(c->flags & H2C_BACK) && !timer_armed(&c->conn->timer) && idle_ms(c) && nobody_runs(c))
		timer_set(&c->conn->timer, idle_ms(c));
}

/* Whoever was too slow to say what it wants is not waited for. */
static void drop_heads(struct h2c *c)
{
	struct h2x *x;

	list_each(x, &c->streams, link)
		if (h2x_begins(x))
			nghttp2_submit_rst_stream(c->ng, NGHTTP2_FLAG_NONE, (int32_t)x->g.stream_id, NGHTTP2_CANCEL);
}

void h2_idle_timeout(struct timer *t)
{
	struct conn *conn = container_of(t, struct conn, timer);
	struct h2c *c = conn->arg;

	if (!nobody_runs(c) && !(c->flags & H2C_PREFACE))
		return;
	if (c->flags & H2C_PREFACE) {
		h2_close(c, "h2c-no-preface");
	} else if (c->flags & H2C_DRAIN) {
		h2_close(c, "h2-idle");
	} else {
		drop_heads(c);
		h2_drain(conn);
		timer_set(t, H2_LINGER_MS);
	}
	h2_run(c);
}

/* --- mux ops --- */

static void h2_front(struct conn *conn, const struct mux_limits *lim, const struct mux_front_user *user, void *sess,
		     struct chunk *pre)
{
	struct h2c *c = h2c_create(conn, lim, 0);

	c->user = user;
	c->owner = sess;
	conn->timer.fire = h2_idle_timeout;
	if (idle_ms(c))
		timer_set(&conn->timer, idle_ms(c));
	if (pre) {
		c->flags |= H2C_RUNNING;
		h2_feed(c, pre, 0, pre->fill);
		c->flags &= ~H2C_RUNNING;
		chunk_unref(pre);
	}
	h2_run(c);
}

static void h2_back(struct conn *conn, const struct mux_limits *lim, const struct mux_back_user *user, void *owner)
{
	struct h2c *c = h2c_create(conn, lim, H2C_BACK);

	c->user = user;
	c->owner = owner;
}

static unsigned h2_avail(const struct conn *conn)
{
	const struct h2c *c = conn->arg;
	unsigned limit = nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

	if (c->flags & (H2C_DEAD | H2C_DRAIN | H2C_PEER_AWAY | H2C_EOF | H2C_CALM | H2C_MUTE) ||
	    conn->flags & (CONN_ERROR | CONN_RD_EOF))
		return 0;
	if (c->lim->max_requests && c->served >= c->lim->max_requests)
		return 0;
	if (limit > c->lim->h2_streams)
		limit = c->lim->h2_streams;
	return c->nstreams - c->npush < limit ? limit - (c->nstreams - c->npush) : 0;
}

static struct gate *h2_open(struct conn *conn, struct arena *mem, const struct gate_user *user, void *arg)
{
	struct h2c *c = conn->arg;
	struct h2x *x;

	OBJ_CHECK(c, H2C_MAGIC);
	/* The last question is nghttp2's: are there stream ids, has it given up? */
	if (!h2_avail(conn) || !nghttp2_session_check_request_allowed(c->ng))
		return NULL;
	x = h2x_create(c, 0, &h2_back_ops, GATE_BACK | GATE_CAN_REFUSE | (c->served ? GATE_REUSED : 0));
	x->g.mem = mem;
	x->g.user = user;
	x->g.arg = arg;
	x->told = true;
	return &x->g;
}

unsigned h2_busy(const struct conn *conn)
{
	const struct h2c *c = conn->arg;

	return c->nstreams;
}

void h2_drain(struct conn *conn)
{
	struct h2c *c = conn->arg;

	if (c->flags & (H2C_DRAIN | H2C_DEAD))
		return;
	c->flags |= H2C_DRAIN;
	nghttp2_submit_goaway(c->ng, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(c->ng),
			      NGHTTP2_NO_ERROR, NULL, 0);
	h2_later(c);
}

void h2_kill(struct conn *conn)
{
	struct h2c *c = conn->arg;

	if (list_empty(
		    &c->streams)) /* else when the last one was given back: their owners still know the connection */
		say_gone(c);
	h2_close(c, "killed");
	if (!(c->flags & H2C_RUNNING))
		h2_run(c);
}

const struct mux mux_h2 = {
	.name = "H2",
	.proto = "h2",
	.sides = MUX_FRONT | MUX_BACK,
	.http = true,
	.flags = "HTX|HOL_RISK",
	.help = "HTTP/2, many exchanges at once",
	.front = h2_front,
	.back = h2_back,
	.open = h2_open,
	.avail = h2_avail,
	.busy = h2_busy,
	.drain = h2_drain,
	.kill = h2_kill,
};

bool mux_takes_websocket(const struct conn *conn)
{
	const struct h2c *c = conn->arg;

	return conn->mux != &mux_h2 || (c && c->flags & H2C_CONNECT_OK);
}

unsigned mux_glitches(const struct conn *conn)
{
	const struct h2c *c = conn->arg;

	return conn->mux == &mux_h2 && c ? c->glitches : 0;
}

unsigned mux_streams_limit(const struct conn *conn)
{
	const struct h2c *c = conn->arg;
	unsigned limit;

	if (conn->mux != &mux_h2 || !c)
		return 1;
	if (!(conn->flags & CONN_BACK))
		return c->lim->h2_streams;
	limit = nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
	return MIN(limit, c->lim->h2_streams);
}
