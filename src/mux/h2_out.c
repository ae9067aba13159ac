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

/* Gives a head to nghttp2. now: it is framed before this returns, so nghttp2 need not copy it. */
static void submit_head(struct h2x *x, const struct msg *m, int status, bool last, bool now)
{
	uint8_t lent = now ? H2_NV_LENT : 0;
	struct h2_nvs nvs;
	char text[3];

	h2_nvs_get(&nvs, m, 1);
	nvs.v[0] = h2_nv(STR(":status"), status_text(status, text), lent);
	h2_fields(&nvs, m, lent);
	if (nghttp2_submit_headers(x->c->ng, last ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE,
				   (int32_t)x->g.stream_id, NULL, nvs.v, nvs.n, NULL) == 0)
		x->heads++;
	if (now)
		h2_frame(x);
	h2_nvs_put(&nvs);
}

static void front_send_info(struct gate *g, struct msg *m)
{
	struct h2x *x = h2x_of(g);

	if (x->closed || g->flags & (OUT_ABORT | OUT_HEAD) || (x->upgraded && m->status == 100))
		return;
	hop_response(m);
	submit_head(x, m, m->status, false, false);
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

	WASSERT(!(g->flags & OUT_HEAD));
	h2c_answered(x->c);
	g->flags |= OUT_HEAD | (end ? OUT_END : 0);
	if (x->closed || g->flags & OUT_ABORT)
		return;
	hop_response(m);
	if (tunnel) {
		g->flags |= GATE_TUNNEL;
		g->flags &= ~(uint32_t)(OUT_END | OUT_DONE | IN_END);
	}
	x->drop = !tunnel && bodyless(x, m);
	last = !tunnel && (end || x->drop);
	x->submitted = true;
	/* Who is still to give a body that is dropped must not find the stream closed. */
	submit_head(x, m, tunnel && x->connect ? 200 : m->status, last, last == end && h2_may_frame(x->c));
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

static struct str path_of(const struct msg *m)
{
	if (m->path.n)
		return m->path;
	return m->method == METHOD_OPTIONS ? STR("*") : STR("/");	/* RFC 9113 section 8.3.1 */
}

static void request_fields(struct h2_nvs *nvs, const struct h2x *x, const struct msg *m, uint8_t lent)
{
	bool connect = m->method == METHOD_CONNECT;
	struct str host = msg_host(m);
	nghttp2_nv *v;

	h2_nvs_get(nvs, m, 1 + x->connect + 2 * !connect + (host.n > 0));
	v = nvs->v;
	*v++ = h2_nv(STR(":method"), x->connect ? STR("CONNECT") : m->method_text, lent);
	if (x->connect)
		*v++ = h2_nv(STR(":protocol"), m->protocol, lent);
	if (!connect) {
		*v++ = h2_nv(STR(":scheme"), scheme_of(&x->g, m), lent);
		*v++ = h2_nv(STR(":path"), path_of(m), lent);
	}
	if (host.n)
		*v++ = h2_nv(STR(":authority"), connect ? m->authority : host, lent);
	WASSERT(v == nvs->v + nvs->n);
	h2_fields(nvs, m, lent);
}

/* Will nghttp2 frame a request at once? It queues what is beyond the server's limit of streams. */
static bool may_begin(const struct h2c *c)
{
	return h2_may_frame(c) && c->nstreams - c->npush <=
		nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

static void submit(struct h2x *x, const struct msg *m, bool end)
{
	struct h2c *c = x->c;
	nghttp2_data_provider prov = h2_provider(x);
	bool now = may_begin(c);
	struct h2_nvs nvs;
	int32_t id;

	x->has_data = !end || x->connect || x->tunnel_asked;
	request_fields(&nvs, x, m, now ? H2_NV_LENT : 0);
	id = nghttp2_submit_request(c->ng, NULL, nvs.v, nvs.n, x->has_data ? &prov : NULL, x);
	if (id > 0) {
		x->g.stream_id = (uint32_t)id;
		x->submitted = true;
		x->heads++;
		if (now)
			h2_frame(x);
		h2_later(c);
	} else {
		h2_break(x, NGHTTP2_REFUSED_STREAM);
		x->g.flags |= GATE_REFUSED;
		x->closed = true;
	}
	h2_nvs_put(&nvs);
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
