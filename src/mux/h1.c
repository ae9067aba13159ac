#include "h1_priv.h"

#include "trace_priv.h"
#include "weir/sys/sock.h"
#include "weir/base/pool.h"

#define TURNS 8 /* in one event, then others get their chance */
#define ARENA_BLOCK 4096

WSTATIC(sizeof(struct h1c) <= 128); /* what an idle connection costs */

static void on_io(struct conn *conn)
{
	h1_run(conn->arg);
}

static const struct conn_user h1_conn_user = { .on_io = on_io };

static void run_task(struct task *t)
{
	h1_run(container_of(t, struct h1c, task));
}

struct h1c *h1c_create(struct conn *conn, const struct mux *mux, const struct mux_limits *lim,
		       const struct h1_side *side, unsigned flags)
{
	struct h1c *c = pool_zget(sizeof(*c));

	WASSERT(lim->bufsize > 2 * lim->maxrewrite);
	c->magic = H1C_MAGIC;
	c->flags = (uint16_t)flags;
	c->burst = 1;
	c->conn = conn;
	c->lim = lim;
	c->side = side;
	c->opts = (struct h1_opts){
		.max_head = lim->bufsize - lim->maxrewrite,
		.max_fields =
			(uint16_t)(MIN(lim->maxhdr, (unsigned)UINT16_MAX) - 1), /* maxhdr counts the start line */
		.accept_unsafe = lim->accept_unsafe,
	};
	task_init(&c->task, run_task, TASK_NORMAL);
	c->since_us = loop_us();
	conn->user = &h1_conn_user;
	conn->arg = c;
	conn->mux = mux;
	if (mux_traced(conn))
		mux_tell(conn, mux_trace_id(conn), H1E_NEW, TRL_STATE, "connection");
	return c;
}

void h1c_free(struct h1c *c)
{
	if (c->x)
		h1x_destroy(c->x);
	chunk_unref(c->rx);
	task_cancel(&c->task);
	OBJ_WIPE(c);
	pool_put(c, sizeof(*c));
}

static void say_gone(struct h1c *c)
{
	if (!(c->flags & H1C_GONE))
		c->side->gone(c);
	c->flags |= H1C_GONE;
}

static void h1c_destroy(struct h1c *c)
{
	struct conn *conn = c->conn;
	bool reset = c->flags & H1C_RESET;

	if (mux_traced(conn))
		mux_tell(conn, mux_trace_id(conn), H1E_END, TRL_STATE, "connection ends%s after %u exchanges%s%s",
			 reset ? " with a reset" : "", c->served, conn->err ? ", " : "",
			 conn->err ? conn_err_text((enum conn_err)conn->err) : "");
	say_gone(c);
	conn->arg = NULL;
	h1c_free(c);
	conn_close(conn, reset);
}

struct h1x *h1x_create(struct h1c *c, const struct gate_ops *ops, unsigned gate_flags)
{
	struct h1x *x = pool_zget(sizeof(*x));

	WASSERT(!c->x);
	x->g.magic = GATE_MAGIC;
	x->g.flags = gate_flags;
	x->g.ops = ops;
	x->g.conn = c->conn;
	x->c = c;
	if (!(c->flags & H1C_BACK)) {
		arena_init(&x->g.own_mem, ARENA_BLOCK);
		x->g.mem = &x->g.own_mem;
	}
	c->x = x;
	c->served++;
	if (mux_traced(c->conn))
		mux_tell(c->conn, mux_trace_id(c->conn), H1E_X_NEW, TRL_STATE, "exchange %u", c->served);
	return x;
}

void h1x_destroy(struct h1x *x)
{
	struct h1c *c = x->c;

	WASSERT(c->x == x && (x->released || !x->told));
	if (mux_traced(c->conn))
		mux_tell(c->conn, mux_trace_id(c->conn), H1E_X_END, TRL_STATE, "exchange %u : %llu bytes in, %llu out",
			 c->served, (unsigned long long)x->g.wire_in, (unsigned long long)x->g.wire_out);
	c->x = NULL;
	spanq_fini(&x->g.in);
	spanq_fini(&x->g.out);
	spanq_fini(&x->tx);
	chunk_unref(x->head);
	if (x->g.mem == &x->g.own_mem)
		arena_fini(&x->g.own_mem);
	OBJ_WIPE(&x->g);
	pool_put(x, sizeof(*x));
}

void h1_later(struct h1c *c)
{
	if (!c->depth)
		task_wake(&c->task);
}

void h1_close(struct h1c *c, bool reset)
{
	c->flags |= H1C_DEAD | (reset ? H1C_RESET : 0);
	h1_later(c);
}

void h1_linger(struct h1c *c, unsigned ms)
{
	WASSERT(!c->x);
	chunk_unref(c->rx);
	c->rx = NULL;
	conn_shut(c->conn);
	c->flags |= H1C_LINGER;
	c->since_us = 0;
	timer_set(&c->conn->timer, ms);
	if (conn_readable(c->conn))
		h1_later(c);
}

void h1_say(struct h1x *x, unsigned news)
{
	x->news |= news;
	h1_later(x->c);
}

void h1_break(struct h1x *x, const char *reason)
{
	struct gate *g = &x->g;

	if (!(g->flags & IN_END))
		g->flags |= IN_ABORT;
	if (!(g->flags & OUT_DONE))
		g->flags |= OUT_ABORT;
	if (!g->bad_reason)
		g->bad_reason = reason;
	if (mux_traced(x->c->conn))
		mux_tell(x->c->conn, mux_trace_id(x->c->conn), H1E_X_ERR, TRL_ERROR, "%s", g->bad_reason);
	x->phase = H1_OVER;
	x->close = true;
	h1_say(x, GATE_ABORT);
}

/* Hands the news to the stream; the first ones of a front exchange are the exchange itself. */
static bool tell(struct h1x *x)
{
	struct h1c *c = x->c;
	unsigned news = x->news;

	if (!news || x->released)
		return false;
	x->news = 0;
	if (x->told) {
		x->g.user->wake(&x->g, x->g.arg, news);
	} else {
		x->told = true;
		((const struct mux_front_user *)c->user)->exchange(&x->g, c->owner);
		WASSERT(x->released || x->g.user);
	}
	return true;
}

/* One turn of everything. False: nothing moved, so there is nothing to do until the next event. */
static bool turn(struct h1c *c)
{
	bool moved = false;

	if ((c->flags & H1C_DEAD) && !c->x)
		return false;
	if (c->x && c->x->blocked && conn_writable(c->conn))
		moved = h1_tx_resume(c->x);
	moved |= h1_rx(c);
	if (c->x)
		moved |= tell(c->x);
	if (c->x && c->x->released) {
		c->side->settle(c->x);
		moved |= !c->x;
	}
	return moved;
}

void h1_run(struct h1c *c)
{
	bool moved;
	int turns = TURNS;

	OBJ_CHECK(c, H1C_MAGIC);
	WASSERT(!c->depth);
	c->depth = 1;
	do
		moved = turn(c);
	while (moved && --turns);
	c->depth = 0;
	if (c->x && c->x->owes_shut && !(c->flags & (H1C_DEAD | H1C_LEFT)))
		conn_shut(c->conn);
	if (c->flags & H1C_LEFT) {
		c->side->leave(c);
		return;
	}
	if ((c->flags & H1C_DEAD) && (!c->x || c->x->released)) {
		h1c_destroy(c);
		return;
	}
	h1_rx_trim(c);
	if (moved)
		task_wake(&c->task);
}

unsigned h1_busy(const struct conn *conn)
{
	const struct h1c *c = conn->arg;

	return c->x ? 1 : 0;
}

void h1_drain(struct conn *conn)
{
	struct h1c *c = conn->arg;

	OBJ_CHECK(c, H1C_MAGIC);
	c->flags |= H1C_DRAIN;
	if (c->x || (c->flags & H1C_LINGER))
		return;
	/* A client that has not asked anything yet is still served, and one whose next request is here already. */
	if ((c->served && !c->lim->idle_close && !sock_has_bytes(conn->ev.fd)) || (c->flags & H1C_BACK))
		h1_close(c, false);
}

void h1_kill(struct conn *conn)
{
	struct h1c *c = conn->arg;

	OBJ_CHECK(c, H1C_MAGIC);
	h1_close(c, false);
	if (c->x && !c->x->released) {
		h1_break(c->x, "killed");
		return;
	}
	say_gone(c);
	if (!c->depth)
		h1_run(c);
}
