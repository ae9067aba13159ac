/* Bytes of a client and bytes of a server, between them the two muxes and the simplest stream there can be: heads,
 * interim answers, bodies, trailers, tunnels and pushes go from gate to gate. The client speaks whatever the input says
 * (HTTP/1, HTTP/2 by prior knowledge or by an upgrade), the server HTTP/1, HTTP/2, or HTTP/1 that is asked to switch.
 * What leaves towards a server of HTTP/1 has to be a legal request again. The input: three bytes of options, two of the
 * length of the client's part, the client's part, the server's. */
#include "mux_peer.h"

#include "weir/http/h1_read.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run;
struct relay {
	struct list link;
	struct run *r;
	struct gate *f, *b;
};

struct run {
	struct peer client, server;
	struct list relays;
	const struct mux *back;
	unsigned pushes;
	bool over;		/* exchanges that still come are given up */
};

static void advance(struct relay *x);

static void relay_free(struct relay *x)
{
	if (x->b)
		x->b->ops->release(x->b);
	if (x->f)
		x->f->ops->release(x->f);
	list_del(&x->link);
	free(x);
}

static void pump(struct gate *from, struct gate *to)
{
	const struct msg *m = from->flags & GATE_TUNNEL ? NULL : from->in_msg;
	size_t n;

	if (to->flags & (OUT_ABORT | OUT_END))
		return;
	n = spanq_move(&to->out, &from->in, to->out.bytes < GATE_OUT_MAX ? GATE_OUT_MAX - to->out.bytes : 0);
	if (from->flags & IN_END && spanq_empty(&from->in))
		to->ops->end(to, m ? m->trailers : NULL, m ? m->ntrailers : 0);
	else if (n)
		to->ops->flush(to, false);
	if (n)
		from->ops->consumed(from, n);
}

static bool asks_tunnel(const struct msg *m)
{
	return m->method == METHOD_CONNECT || (m->flags & MSG_UPGRADE && m->body == BODY_NONE);
}

static void woken_front(struct gate *g, void *arg, unsigned news)
{
	advance(arg);
}

static void woken_back(struct gate *g, void *arg, unsigned news)
{
	struct relay *x = arg;

	WASSERT(x->b == g);
	if (news & GATE_INFO && !(x->f->flags & (OUT_HEAD | OUT_ABORT))) {
		x->f->ops->send_info(x->f, g->in_msg);
		x->f->ops->flush(x->f, false);
	}
	if (news & GATE_PUSH) {
		struct gate *p = g->pushed;

		g->pushed = NULL;
		if (!x->f->ops->push || !x->f->ops->push(x->f, p)) {
			p->ops->reset(p, 7);
			p->ops->release(p);
		}
	}
	advance(x);
}

static const struct gate_user front_gate = { .wake = woken_front };
static const struct gate_user back_gate = { .wake = woken_back };

static bool take_push(struct relay *x)
{
	struct gate *g = x->f->pushed;

	x->f->pushed = NULL;
	x->b = g;
	g->user = &back_gate;
	g->arg = x;
	x->r->pushes++;
	return x->f->ops->promise(x->f);
}

static bool open_back(struct relay *x)
{
	struct gate *f = x->f;
	struct conn *c = x->r->server.conn;

	if (f->flags & GATE_BADREQ)
		return false;
	if (f->pushed)
		return take_push(x);
	x->b = c ? x->r->back->open(c, f->mem, &back_gate, x) : NULL;
	if (!x->b)
		return false;
	x->b->ops->send_head(x->b, f->in_msg, asks_tunnel(f->in_msg) || (f->flags & IN_END && spanq_empty(&f->in) &&
									  !f->in_msg->ntrailers));
	x->b->ops->flush(x->b, false);
	return true;
}

static void answer(struct relay *x)
{
	struct gate *f = x->f, *b = x->b;

	f->ops->send_head(f, b->in_msg, b->flags & IN_END && spanq_empty(&b->in) && !b->in_msg->ntrailers);
	f->ops->flush(f, false);
}

static void advance(struct relay *x)
{
	struct gate *f = x->f, *b;

	WASSERT((f->flags & (IN_END | IN_ABORT)) != (IN_END | IN_ABORT));
	if (!x->b && !open_back(x)) {
		f->ops->reset(f, 7);
		relay_free(x);
		return;
	}
	b = x->b;
	if (!asks_tunnel(f->in_msg) || b->flags & GATE_TUNNEL)
		pump(f, b);
	if (b->flags & IN_HEAD && !(f->flags & (OUT_HEAD | OUT_ABORT)))
		answer(x);
	if (f->flags & OUT_HEAD)
		pump(b, f);
	if (f->flags & (OUT_ABORT | IN_ABORT) || (f->flags & OUT_DONE && !(f->flags & GATE_TUNNEL)) ||
	    (b->flags & IN_ABORT && spanq_empty(&b->in)) || (b->flags & OUT_ABORT && !(b->flags & IN_HEAD))) {
		if (!(f->flags & OUT_DONE))
			f->ops->reset(f, b->reset_code ? b->reset_code : 2);
		relay_free(x);
	}
}

static void exchange(struct gate *g, void *sess)
{
	struct run *r = sess;
	struct relay *x = mem_zalloc(sizeof(*x));

	WASSERT(g->flags & (IN_HEAD | GATE_BADREQ));
	x->r = r;
	x->f = g;
	list_push(&r->relays, &x->link);
	g->user = &front_gate;
	g->arg = x;
	if (r->over)
		relay_free(x);
	else
		advance(x);
}

static void client_gone(struct conn *c, void *sess)
{
	((struct run *)sess)->client.conn = NULL;
}
static const struct mux_front_user front = { .exchange = exchange, .gone = client_gone };

static void server_idle(struct conn *c, void *owner)
{
}
static void server_gone(struct conn *c, void *owner)
{
	((struct run *)owner)->server.conn = NULL;
}
static void server_upgraded(struct conn *c, void *owner, bool yes)
{
	if (yes)
		((struct run *)owner)->back = c->mux;
}
static const struct mux_back_user back = {
	.idle = server_idle, .room = server_idle, .gone = server_gone, .upgraded = server_upgraded,
};

/* Everything that a server of HTTP/1 was sent begins with a head that can be read again. */
static void check_request(struct run *r)
{
	struct h1_opts o = { .max_head = 65535, .max_fields = 500, .accept_unsafe = true };
	struct h1_head h = { 0 };
	struct fault f = { 0 };
	struct arena mem;
	struct msg m;
	size_t used;

	if (!r->server.got.n)
		return;
	arena_init(&mem, 4096);
	msg_init(&m, false, &mem);
	WASSERT(h1_read_head(&h, r->server.got.p, r->server.got.n, &o, &m, &used, &f) != H1_ERROR);
	arena_fini(&mem);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return loop_enter() ? 0 : 1;
}

static void start(struct run *r, uint8_t options, uint8_t more, uint8_t seed)
{
	struct mux_words w = { .upgrade_h2c = true };

	list_init(&r->relays);
	peer_init(&r->server, options, seed);
	r->server.lim.h2_streams = 100;
	r->back = mux_find(more & 1 ? STR("h2") : STR("h1"), MUX_BACK);
	r->server.conn->flags |= CONN_BACK | (more & 2 ? CONN_ASK_H2C : 0) | (more & 4 ? CONN_PUSH : 0);
	r->back->back(r->server.conn, &r->server.lim, &back, r);
	peer_init(&r->client, options, seed);
	r->client.lim.h2_streams = 16;
	mux_pick_front(r->client.conn, &w, &r->client.lim, &front, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *r;
	size_t n;

	if (size < 5)
		return 0;
	n = MIN((size_t)(data[3] << 8 | data[4]), size - 5);
	r = mem_zalloc(sizeof(*r));
	start(r, data[0], data[1], data[2]);
	if (data[1] & 8 && r->server.conn)	/* a server that talks first */
		peer_feed(&r->server, data + 5 + n, size - 5 - n);
	peer_feed(&r->client, data + 5, n);
	peer_turn();
	peer_read(&r->server);
	if (!(data[1] & 8))
		peer_feed(&r->server, data + 5 + n, size - 5 - n);
	peer_turn();
	peer_read(&r->client);
	peer_read(&r->server);
	if (!(data[1] & 1))
		check_request(r);
	shutdown(r->server.fd, SHUT_WR);
	peer_turn();
	shutdown(r->client.fd, SHUT_WR);
	peer_turn();
	r->over = true;
	while (!list_empty(&r->relays))
		relay_free(list_first(&r->relays, struct relay, link));
	peer_turn();
	peer_fini(&r->client);
	peer_fini(&r->server);
	free(r);
	return 0;
}
