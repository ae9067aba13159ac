/* Bytes from a client into HTTP/2, by prior knowledge, by an upgrade from HTTP/1, or not at all; several exchanges at a
 * time, answered by a stream that echoes, late or never. Nothing is checked but the rules of the gate: the assertions
 * of the muxes, order of news, memory. The first two bytes are options and where the input is cut. */
#include "mux_peer.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GATES_MAX 64

struct run {
	struct peer p;
	uint8_t options;
	int seen;
	struct gate *g[GATES_MAX];
};

static int index_of(struct run *r, const struct gate *g)
{
	for (int i = 0; i < GATES_MAX; i++)
		if (r->g[i] == g)
			return i;
	WASSERT(!"a gate that nobody opened");
	return -1;
}

static void release(struct run *r, int i)
{
	struct gate *g = r->g[i];

	r->g[i] = NULL;
	g->ops->release(g);
}

static void answer(struct run *r, struct gate *g)
{
	struct msg *m = arena_new(g->mem, struct msg);
	bool bad = g->flags & GATE_BADREQ;

	msg_init(m, true, g->mem);
	m->major = m->minor = 1;
	msg_set_status(m, bad ? g->bad_status : 200, STR_NONE);
	m->body = r->options & 16 ? BODY_CHUNKED : BODY_LENGTH;
	m->body_len = g->in.bytes;
	g->ops->send_head(g, m, false);
	if (!bad) {
		size_t n = spanq_move(&g->out, &g->in, g->in.bytes);

		g->ops->consumed(g, n);
	}
	if (!(g->flags & OUT_END))
		g->ops->end(g, NULL, 0);
}

static void advance(struct run *r, struct gate *g)
{
	int i = index_of(r, g);

	WASSERT((g->flags & (IN_END | IN_ABORT)) != (IN_END | IN_ABORT));
	/* Some exchanges are left alone, some are given up. */
	if (r->options & 32 && i % 4 == 1)
		return;
	if (r->options & 64 && i % 4 == 2) {
		release(r, i);
		return;
	}
	if (g->flags & GATE_TUNNEL)
		spanq_drop(&g->in, g->in.bytes);
	else if (g->flags & (IN_END | GATE_BADREQ) && !(g->flags & (OUT_HEAD | OUT_ABORT)))
		answer(r, g);
	if (g->flags & (OUT_DONE | OUT_ABORT | IN_ABORT))
		release(r, i);
}

static void woken(struct gate *g, void *arg, unsigned news)
{
	advance(arg, g);
}
static const struct gate_user user = { .wake = woken };

static void exchange(struct gate *g, void *sess)
{
	struct run *r = sess;
	int i = index_of(r, NULL);

	WASSERT(g->flags & (IN_HEAD | GATE_BADREQ));
	r->seen++;
	r->g[i] = g;
	g->user = &user;
	g->arg = r;
	advance(r, g);
}

static void gone(struct conn *c, void *sess)
{
	struct run *r = sess;

	WASSERT(r->p.conn == c);
	r->p.conn = NULL;
}
static const struct mux_front_user front = { .exchange = exchange, .gone = gone };

static void release_all(struct run *r)
{
	for (int i = 0; i < GATES_MAX; i++)
		if (r->g[i])
			release(r, i);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return loop_enter() ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_words w = { .upgrade_h2c = true };
	struct run *r;

	if (size < 2)
		return 0;
	r = mem_zalloc(sizeof(*r));
	r->options = data[0];
	peer_init(&r->p, data[0], data[1]);
	r->p.lim.h2_streams = GATES_MAX / 2;
	r->p.lim.h2_glitches = data[0] & 128 ? 10 : 0;
	mux_pick_front(r->p.conn, &w, &r->p.lim, &front, r);
	peer_feed(&r->p, data + 2, size - 2);
	peer_turn();
	peer_read(&r->p);
	shutdown(r->p.fd, SHUT_WR);
	peer_turn();
	release_all(r);
	peer_turn();
	peer_fini(&r->p);
	free(r);
	return 0;
}
