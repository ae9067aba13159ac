/* Heads out: answers to clients, requests to servers. */
#include "h2_priv.h"

#include "weir/http/hop.h"

static struct str status_text(int status, char buf[3])
{
	buf[0] = (char)('0' + status / 100 % 10);
	buf[1] = (char)('0' + status / 10 % 10);
	buf[2] = (char)('0' + status % 10);
	return str_make(buf, 3);
}

/* --- front --- */

static void front_send_info(struct gate *g, struct msg *m)
{
	struct h2x *x = h2x_of(g);
	char text[3];
	size_t n;
	nghttp2_nv *nv;

	if (x->closed || g->flags & (OUT_ABORT | OUT_HEAD) || (x->upgraded && m->status == 100))
		return;
	hop_response(m);
	nv = h2_fields(m, g->mem, 1, &n);
	nv[0] = h2_nv(STR(":status"), status_text(m->status, text));
	nghttp2_submit_headers(x->c->ng, NGHTTP2_FLAG_NONE, (int32_t)g->stream_id, NULL, nv, n, NULL);
	x->info_queued = true;
}

static bool bodyless(const struct h2x *x, const struct msg *m)
{
	return x->head_request || m->status == 204 || m->status == 304 || m->status == 205;
}

static bool opens_tunnel(const struct h2x *x, const struct msg *m)
{
	if (x->g.flags & GATE_BADREQ)
		return false;
	if (x->connect)
		return m->status == 101;
	return x->g.in_msg->method == METHOD_CONNECT && m->status / 100 == 2;
}

static void front_send_head(struct gate *g, struct msg *m, bool end)
{
	struct h2x *x = h2x_of(g);
	bool tunnel = opens_tunnel(x, m), last;
	nghttp2_data_provider prov = h2_provider(x);
	char text[3];
	nghttp2_nv *nv;
	size_t n;

	WASSERT(!(g->flags & OUT_HEAD));
	h2c_answered(x->c);
	g->flags |= OUT_HEAD | (end ? OUT_END : 0);
	if (x->closed || g->flags & OUT_ABORT)
		return;
	hop_response(m);
	nv = h2_fields(m, g->mem, 1, &n);
	nv[0] = h2_nv(STR(":status"), status_text(tunnel && x->connect ? 200 : m->status, text));
	if (tunnel) {
		g->flags |= GATE_TUNNEL;
		g->flags &= ~(uint32_t)(OUT_END | OUT_DONE | IN_END);
	}
	x->drop = !tunnel && bodyless(x, m);
	last = !tunnel && (end || x->drop);
	x->submitted = true;
	nghttp2_submit_response(x->c->ng, (int32_t)g->stream_id, nv, n, last ? NULL : &prov);
	h2_later(x->c);
}

const struct gate_ops h2_front_ops = {
	.name = "H2",
	.send_head = front_send_head,
	.send_info = front_send_info,
	.flush = h2_op_flush,
	.end = h2_op_end,
	.consumed = h2_op_consumed,
	.reset = h2_op_reset,
	.release = h2_op_release,
	.push = h2_op_push,
	.promise = h2_op_promise,
};

/* --- back --- */

static struct str scheme_of(const struct gate *g, const struct msg *m)
{
	if (m->scheme.n)
		return m->scheme;
	return g->conn->flags & CONN_TLS ? STR("https") : STR("http");
}

static nghttp2_nv *request_fields(struct h2x *x, const struct msg *m, size_t *n)
{
	struct gate *g = &x->g;
	bool connect = m->method == METHOD_CONNECT;
	struct str host = msg_host(m);
	nghttp2_nv all[5], *nv;
	int k = 0;

	all[k++] = h2_nv(STR(":method"), x->connect ? STR("CONNECT") : m->method_text);
	if (x->connect)
		all[k++] = h2_nv(STR(":protocol"), m->protocol);
	if (!connect) {
		all[k++] = h2_nv(STR(":scheme"), scheme_of(g, m));
		all[k++] = h2_nv(STR(":path"), m->path.n ? m->path : STR("/"));
	}
	if (host.n)
		all[k++] = h2_nv(STR(":authority"), connect ? m->authority : host);
	nv = h2_fields(m, g->mem, k, n);
	memcpy(nv, all, sizeof(all[0]) * (size_t)k);
	return nv;
}

static void submit(struct h2x *x, const struct msg *m, bool end)
{
	struct h2c *c = x->c;
	nghttp2_data_provider prov = h2_provider(x);
	bool tunnel = x->connect || x->tunnel_asked;
	size_t n;
	nghttp2_nv *nv = request_fields(x, m, &n);
	int32_t id = nghttp2_submit_request(c->ng, NULL, nv, n, end && !tunnel ? NULL : &prov, x);

	if (id < 0) {
		h2_break(x, NGHTTP2_REFUSED_STREAM);
		x->g.flags |= GATE_REFUSED;
		x->closed = true;
		return;
	}
	x->g.stream_id = (uint32_t)id;
	x->submitted = true;
	h2_later(c);
}

/* A websocket for a server that does not speak RFC 8441. */
static void no_websocket(struct h2x *x)
{
	x->g.bad_status = 502;
	x->g.bad_reason = "h2-server-without-websocket";
	x->closed = true;
	h2_break(x, NGHTTP2_REFUSED_STREAM);
}

void h2_back_settled(struct h2c *c)
{
	struct h2x *x, *tmp;

	list_each_safe(x, tmp, &c->streams, link) {
		if (x->submitted || !x->waiting)
			continue;
		if (c->flags & H2C_CONNECT_OK)
			submit(x, x->waiting, true);
		else
			no_websocket(x);
		x->waiting = NULL;
	}
}

static void back_send_head(struct gate *g, struct msg *m, bool end)
{
	struct h2x *x = h2x_of(g);
	struct h2c *c = x->c;

	WASSERT(!(g->flags & OUT_HEAD));
	g->flags |= OUT_HEAD | (end ? OUT_END : 0);
	if (x->closed || c->flags & H2C_DEAD) {
		h2_break(x, NGHTTP2_REFUSED_STREAM);
		return;
	}
	hop_request(m);
	g->host = msg_host(m);
	x->head_request = m->method == METHOD_HEAD;
	x->connect = m->flags & MSG_UPGRADE;
	x->tunnel_asked = m->method == METHOD_CONNECT;
	if (x->connect && !(c->flags & H2C_SETTLED)) {
		x->waiting = m;	/* whether it may be asked is in the server's SETTINGS */
		h2_later(c);
	} else if (x->connect && !(c->flags & H2C_CONNECT_OK)) {
		no_websocket(x);
	} else {
		submit(x, m, end);
	}
}

static void back_send_info(struct gate *g, struct msg *m)
{
	WASSERT(!"send_info on a server's gate");
}

const struct gate_ops h2_back_ops = {
	.name = "H2",
	.send_head = back_send_head,
	.send_info = back_send_info,
	.flush = h2_op_flush,
	.end = h2_op_end,
	.consumed = h2_op_consumed,
	.reset = h2_op_reset,
	.release = h2_op_release,
};
