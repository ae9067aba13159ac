/* Bytes from a server into HTTP/1: what the stream is told must be in order, ends clean only when the framing says
 * so, and the connection is kept only when nothing is left over. The first three bytes: options, where the input is
 * cut, and what was asked for. */
#include "mux_peer.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	struct peer p;
	struct gate *g;
	struct arena mem;
	bool head, idle;
	uint64_t body;
	int answers;
	uint8_t asked;
};

static void ask(struct run *r);

static void finish(struct run *r)
{
	struct gate *g = r->g;

	r->g = NULL;
	r->answers++;
	g->ops->release(g);
}

static void woken(struct gate *g, void *arg, unsigned news)
{
	struct run *r = arg;
	size_t n = g->in.bytes;

	WASSERT(r->g == g && news);
	if (news & GATE_INFO)
		WASSERT(!r->head && g->in_msg->status / 100 == 1 && g->in_msg->status != 101);
	if (news & GATE_HEAD)
		WASSERT(!r->head && (g->in_msg->status >= 200 || g->flags & GATE_TUNNEL));
	r->head |= (news & GATE_HEAD) != 0;
	WASSERT(!n || r->head);
	r->body += n;
	spanq_drop(&g->in, n);
	if (n)
		g->ops->consumed(g, n);
	WASSERT((g->flags & (IN_END | IN_ABORT)) != (IN_END | IN_ABORT));
	if (g->flags & IN_END && !(g->flags & GATE_TUNNEL) && g->in_msg->body == BODY_LENGTH)
		WASSERT(r->body == g->in_msg->body_len);
	if (g->flags & IN_ABORT)
		WASSERT(g->bad_reason);
	if (g->flags & (IN_END | IN_ABORT))
		finish(r);
}
static const struct gate_user user = { .wake = woken };

static void idle(struct conn *c, void *owner)
{
	struct run *r = owner;

	WASSERT(c == r->p.conn && !r->g);
	r->idle = true;
}

static void gone(struct conn *c, void *owner)
{
	struct run *r = owner;

	WASSERT(c == r->p.conn && !r->g);
	r->p.conn = NULL;
}
static const struct mux_back_user back = { .idle = idle, .gone = gone };

static void ask(struct run *r)
{
	static const struct str methods[] = { STR_INIT("GET"), STR_INIT("HEAD"), STR_INIT("POST"),
					      STR_INIT("CONNECT") };
	const struct mux *mux = r->p.conn->mux;
	struct msg *m = arena_new(&r->mem, struct msg);

	r->head = r->idle = false;
	r->body = 0;
	r->g = mux->open(r->p.conn, &r->mem, &user, r);
	WASSERT(r->g);
	msg_init(m, false, &r->mem);
	m->major = m->minor = 1;
	msg_set_method(m, methods[r->asked & 3]);
	m->path = STR("/");
	if (m->method == METHOD_CONNECT) {
		m->form = TARGET_AUTHORITY;
		m->authority = STR("a:1");
	} else if (r->asked & 4) {
		m->flags |= MSG_UPGRADE | MSG_WEBSOCKET;
		m->protocol = STR("websocket");
	}
	r->g->ops->send_head(r->g, m, true);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return loop_enter() ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *r;
	const struct mux *mux = mux_find(STR("h1"), MUX_BACK);

	if (size < 3)
		return 0;
	r = mem_zalloc(sizeof(*r));
	arena_init(&r->mem, 4096);
	peer_init(&r->p, data[0], data[1]);
	r->asked = data[2];
	r->p.conn->flags |= CONN_BACK;
	mux->back(r->p.conn, &r->p.lim, &back, r);
	peer_turn();
	ask(r);
	peer_feed(&r->p, data + 3, size - 3);
	/* A kept connection takes the next request; what it leads to is cut by the end. */
	if (r->p.conn && r->idle && mux->avail(r->p.conn))
		ask(r);
	shutdown(r->p.fd, SHUT_WR);
	peer_turn();
	peer_turn();
	if (r->g)
		finish(r);
	peer_turn();
	peer_fini(&r->p);
	arena_fini(&r->mem);
	free(r);
	return 0;
}
