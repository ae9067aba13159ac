/* Server push (RFC 9113 section 8.4) relayed from a server's connection to a client's. A promise of the server becomes
 * a back gate of its own; the client's mux makes a front exchange out of its request, which runs through rules,
 * counters and log like any other. Only when that stream takes the server's gate is the client told of the promise.
 *
 * What cannot be relayed is refused towards the server: nobody waits for it. */
#include "h2_priv.h"

#define PUSHES_MAX 100	/* unfinished ones on a connection, whatever the peers allow */

static const struct gate_ops *ops_of(const struct h2c *c)
{
	return c->flags & H2C_BACK ? &h2_back_ops : &h2_front_ops;
}

/* --- the server's side --- */

static void refuse(struct h2c *c, int32_t id, uint32_t code)
{
	nghttp2_submit_rst_stream(c->ng, NGHTTP2_FLAG_NONE, id, code);
	h2_later(c);
}

static bool welcome(const struct h2c *c, const struct h2x *parent)
{
	return c->conn->flags & CONN_PUSH && parent && parent->told && !parent->released && parent->g.user &&
	       c->npush <= PUSHES_MAX && !(c->flags & (H2C_DEAD | H2C_DRAIN));
}

struct h2x *h2_promise_begin(struct h2c *c, struct h2x *parent, int32_t id)
{
	struct h2x *x;

	if (!welcome(c, parent)) {
		refuse(c, id, NGHTTP2_REFUSED_STREAM);
		return NULL;
	}
	x = h2x_create(c, 0, ops_of(c), GATE_BACK | GATE_PUSHED | OUT_HEAD | OUT_END | OUT_DONE);
	arena_init(&x->g.own_mem, H2_ARENA);
	x->g.mem = &x->g.own_mem;
	x->g.stream_id = (uint32_t)id;
	x->parent_id = (int32_t)parent->g.stream_id;	/* it may have gone when the head is complete */
	x->told = x->submitted = x->promising = true;
	c->npush++;
	nghttp2_session_set_stream_user_data(c->ng, id, x);
	return x;
}

/* Safe, cacheable, without a body, and for nobody but whom the request was for. */
static bool may_be_promised(struct h2x *x, const struct gate *parent)
{
	const struct msg *m = x->c->block.m;

	if (x->c->block.too_big || !h2_request_done(x, true) || (m->method != METHOD_GET && m->method != METHOD_HEAD))
		return false;
	if (m->flags & MSG_HAS_LENGTH && m->body_len)
		return false;
	return m->form == TARGET_ABSOLUTE && str_ieq(m->authority, parent->host);
}

void h2_promise_done(struct h2x *x)
{
	struct h2x *px = nghttp2_session_get_stream_user_data(x->c->ng, x->parent_id);
	struct gate *parent;

	x->promising = false;
	if (!welcome(x->c, px)) {
		refuse(x->c, (int32_t)x->g.stream_id, NGHTTP2_REFUSED_STREAM);
		x->released = true;
		return;
	}
	parent = &px->g;
	if (!may_be_promised(x, parent)) {
		refuse(x->c, (int32_t)x->g.stream_id, NGHTTP2_PROTOCOL_ERROR);
		h2_glitch(x->c, 1);
		x->released = true;
		return;
	}
	x->head_request = x->c->block.m->method == METHOD_HEAD;
	x->g.in_msg = x->c->block.m;
	x->phase = H2_HEAD_WAIT;
	parent->pushed = &x->g;
	parent->user->wake(parent, parent->arg, GATE_PUSH);
}

/* --- the client's side --- */

bool h2_push_allowed(const struct h2c *c)
{
	return c->flags & (H2C_SETTLED | H2C_UPGRADED) && !(c->flags & (H2C_DEAD | H2C_DRAIN)) &&
	       nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_ENABLE_PUSH) == 1;
}

static bool room_for_push(const struct h2c *c)
{
	return c->npush < MIN(nghttp2_session_get_remote_settings(c->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
			      (unsigned)PUSHES_MAX);
}

/* A request as it was promised, in other memory, for the name that the client asked for. */
static struct msg *request_copy(const struct msg *from, struct str host, struct str scheme, struct arena *mem)
{
	struct msg *m = arena_new(mem, struct msg);

	msg_init(m, false, mem);
	m->major = 2;
	m->minor = 0;
	m->method = from->method;
	m->method_text = arena_str(mem, from->method_text);
	m->form = TARGET_ABSOLUTE;
	m->scheme = scheme;
	m->authority = arena_str(mem, host);
	m->path = arena_str(mem, from->path);
	m->flags = MSG_KEEP_ALIVE;
	m->body = BODY_NONE;
	msg_add_id(m, FIELD_HOST, m->authority);
	for (int i = 0; i < from->nf; i++)
		if (!(from->f[i].flags & FIELD_F_DELETED) && from->f[i].id != FIELD_HOST &&
		    from->f[i].id != FIELD_CONTENT_LENGTH)
			msg_add_copy(m, field_name_str(&from->f[i]), field_value_str(&from->f[i]));
	msg_count_bytes(m);
	return m;
}

/* What the client is told, whatever rules make of the request meanwhile. */
static void prepare_promise(struct h2x *x, const struct msg *m)
{
	struct h2_nvs nvs;

	h2_nvs_get(&nvs, m, 4);
	nvs.v[0] = h2_nv(STR(":method"), m->method_text, 0);
	nvs.v[1] = h2_nv(STR(":scheme"), m->scheme, 0);
	nvs.v[2] = h2_nv(STR(":authority"), m->authority, 0);
	nvs.v[3] = h2_nv(STR(":path"), m->path, 0);
	h2_fields(&nvs, m, 0);
	x->npromise = (uint32_t)nvs.n;
	x->promise = arena_array(x->g.mem, nghttp2_nv, nvs.n);
	memcpy(x->promise, nvs.v, nvs.n * sizeof(*nvs.v));
	h2_nvs_put(&nvs);
}

bool h2_op_push(struct gate *parent, struct gate *promised)
{
	struct h2x *px = h2x_of(parent), *x;
	struct h2c *c = px->c;
	struct msg *m;

	if (px->closed || parent->flags & (OUT_DONE | OUT_ABORT) || !h2_push_allowed(c) || !room_for_push(c))
		return false;
	x = h2x_create(c, 0, &h2_front_ops, IN_HEAD | IN_END | GATE_PUSHED);
	c->npush++;
	x->parent_id = (int32_t)parent->stream_id;
	m = request_copy(promised->in_msg, parent->host, c->conn->flags & CONN_TLS ? STR("https") : STR("http"),
			 x->g.mem);
	prepare_promise(x, m);
	x->g.in_msg = m;
	x->g.host = m->authority;
	x->phase = H2_HEAD_DONE;
	x->head_request = m->method == METHOD_HEAD;
	x->g.t_first_us = x->g.t_head_us = loop_us();
	/* From here on the server's gate lives in the new exchange's memory. */
	promised->in_msg = NULL;
	arena_fini(&promised->own_mem);
	promised->mem = x->g.mem;
	x->g.pushed = promised;
	x->told = true;
	((const struct mux_front_user *)c->user)->exchange(&x->g, c->owner);
	return true;
}

bool h2_op_promise(struct gate *g)
{
	struct h2x *x = h2x_of(g), *parent = nghttp2_session_get_stream_user_data(x->c->ng, x->parent_id);
	int32_t id;

	if (!parent || parent->closed || parent->g.flags & (OUT_DONE | OUT_ABORT) || !h2_push_allowed(x->c))
		return false;
	id = nghttp2_submit_push_promise(x->c->ng, NGHTTP2_FLAG_NONE, x->parent_id, x->promise, x->npromise, x);
	if (id < 0)
		return false;
	g->stream_id = (uint32_t)id;
	h2_later(x->c);
	return true;
}
