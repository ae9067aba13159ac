/* Bytes from a client into HTTP/1, answered by a stream that echoes. What leaves must be answers that parse, one for
 * each exchange, with the bodies that were given. The first two bytes are options and where the input is cut. */
#include "mux_peer.h"
#include "weir/http/framing.h"
#include "weir/http/h1_read.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASKED_MAX 4096

struct run {
	struct peer p;
	bool chunked;		/* answer so */
	uint8_t method[ASKED_MAX];
	int n;			/* answers given */
	struct sbuf bodies;	/* that the client has to find */
	struct gate *g;
	struct sbuf body;
	bool tunnel, cut;
};

static void answer(struct run *r)
{
	struct gate *g = r->g;
	bool bad = g->flags & GATE_BADREQ;
	bool ws = !bad && g->in_msg->flags & MSG_UPGRADE, connect = !bad && g->in_msg->method == METHOD_CONNECT;
	struct msg *m = arena_new(g->mem, struct msg);

	msg_init(m, true, g->mem);
	m->major = m->minor = 1;
	msg_set_status(m, bad ? g->bad_status : ws ? 101 : 200, STR_NONE);
	m->flags |= MSG_LOCAL;
	WASSERT(r->n < ASKED_MAX);
	r->method[r->n++] = bad ? METHOD_GET : g->in_msg->method;
	r->tunnel = ws || connect;
	m->body = r->tunnel ? BODY_TUNNEL : r->chunked ? BODY_CHUNKED : BODY_LENGTH;
	m->body_len = r->body.n;
	g->ops->send_head(g, m, false);
	if (r->tunnel)
		return;
	if (bad || g->in_msg->method != METHOD_HEAD)
		sbuf_puts(&r->bodies, sbuf_str(&r->body));
	spanq_push_copy(&g->out, r->body.p, r->body.n);
	g->ops->end(g, NULL, 0);
}

static void take(struct run *r)
{
	struct gate *g = r->g;
	size_t n = g->in.bytes;

	if (!n)
		return;
	spanq_copy(&g->in, 0, sbuf_room(&r->body, n), n);
	sbuf_commit(&r->body, n);
	spanq_drop(&g->in, n);
	g->ops->consumed(g, n);
}

static void advance(struct run *r)
{
	struct gate *g = r->g;

	take(r);
	if (g->flags & (IN_END | GATE_BADREQ) && !(g->flags & (OUT_HEAD | OUT_ABORT)))
		answer(r);
	if (r->tunnel && g->flags & IN_END && !(g->flags & (OUT_END | OUT_ABORT)))
		g->ops->end(g, NULL, 0);
	if (!(g->flags & (OUT_DONE | OUT_ABORT | IN_ABORT)))
		return;
	r->cut |= !(g->flags & OUT_DONE);
	sbuf_clear(&r->body);
	r->g = NULL;
	g->ops->release(g);
}

static void woken(struct gate *g, void *arg, unsigned news)
{
	struct run *r = arg;

	WASSERT(r->g == g && news);
	advance(r);
}
static const struct gate_user user = { .wake = woken };

static void exchange(struct gate *g, void *sess)
{
	struct run *r = sess;

	WASSERT(!r->g && !r->tunnel);	/* one at a time, and none behind a tunnel */
	r->g = g;
	g->user = &user;
	g->arg = r;
	if (g->flags & GATE_BADREQ)
		WASSERT(g->bad_status >= 400 && g->bad_status < 600 && g->bad_reason);
	advance(r);
}

static void gone(struct conn *c, void *sess)
{
	struct run *r = sess;

	WASSERT(r->p.conn == c && !r->g);
	r->p.conn = NULL;
}
static const struct mux_front_user front = { .exchange = exchange, .gone = gone };

/* One answer at p; returns what it is long. */
static size_t parse(char *p, size_t n, uint8_t method, struct sbuf *body, bool *tunnel)
{
	static const struct h1_opts opts = { .max_head = 16384, .max_fields = 100 };
	struct framing_asked asked = { .method = method, .upgrade = STR_NONE };
	struct arena mem;
	struct msg m;
	struct h1_head h = { 0 };
	struct h1_body b;
	struct fault f;
	size_t used, at;
	struct h1_run run;
	enum h1_body_result r;

	arena_init(&mem, 1024);
	msg_init(&m, true, &mem);
	WASSERT(h1_read_head(&h, p, n, &opts, &m, &at, &f) == H1_DONE);
	*tunnel = m.status == 101;
	if (!*tunnel) {
		WASSERT(framing_response(&m, &asked, &f));
		h1_body_init(&b, &m, &opts);
		*tunnel = m.body == BODY_TUNNEL;
		while (!*tunnel && (r = h1_read_body(&b, p + at, n - at, &used, &run, &f)) != H1_BODY_END) {
			WASSERT(r == H1_BODY_DATA || (r == H1_BODY_MORE && m.body == BODY_CLOSE));
			if (r == H1_BODY_DATA)
				sbuf_put(body, p + at + run.off, run.len);
			at += used;
			if (r == H1_BODY_MORE)
				break;
		}
		at += r == H1_BODY_END && !*tunnel ? used : 0;
	}
	arena_fini(&mem);
	return at;
}

static void check(struct run *r)
{
	struct sbuf bodies = sbuf_grow();
	size_t at = 0;
	bool tunnel = false;
	int n = 0;

	while (at < r->p.got.n && !tunnel) {
		WASSERT(n < r->n);
		at += parse(r->p.got.p + at, r->p.got.n - at, r->method[n++], &bodies, &tunnel);
	}
	WASSERT(at == r->p.got.n && n == r->n);
	WASSERT(str_eq(sbuf_str(&bodies), sbuf_str(&r->bodies)));
	sbuf_fini(&bodies);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return loop_enter() ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *r;
	struct mux_words w = { .proto = mux_find(STR("h1"), MUX_FRONT) };

	if (size < 2)
		return 0;
	r = mem_zalloc(sizeof(*r));
	r->bodies = sbuf_grow();
	r->body = sbuf_grow();
	r->chunked = data[0] & 16;
	peer_init(&r->p, data[0], data[1]);
	r->p.lim.close_front = data[0] & 32;
	mux_pick_front(r->p.conn, &w, &r->p.lim, &front, r);
	peer_feed(&r->p, data + 2, size - 2);
	shutdown(r->p.fd, SHUT_WR);
	peer_turn();
	peer_read(&r->p);
	if (!r->cut)
		check(r);
	if (r->g) {
		r->g->ops->release(r->g);
		r->g = NULL;
	}
	peer_fini(&r->p);
	sbuf_fini(&r->bodies);
	sbuf_fini(&r->body);
	free(r);
	return 0;
}
