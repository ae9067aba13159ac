/* Heads between HTTP/2 and the message: what is refused is decided here, once (RFC 9113 section 8, RFC 8441). */
#include "h2_priv.h"

#include "weir/base/pool.h"
#include "weir/http/chars.h"
#include "weir/http/framing.h"
#include "weir/http/hop.h"
#include "weir/http/host.h"
#include "weir/http/uri.h"

/* --- fields in --- */

static inline bool is(struct str name, const char *text)
{
	return str_same_short(name.p, text, name.n);
}

/* Lengths first: there are few of a length. */
static struct str *pseudo_slot(struct h2_block *b, struct str name)
{
	bool response = b->m->is_response;

	switch (name.n) {
	case 5:
		return !response && is(name, ":path") ? &b->path : NULL;
	case 7:
		if (response)
			return is(name, ":status") ? &b->status : NULL;
		return is(name, ":method") ? &b->method : is(name, ":scheme") ? &b->scheme : NULL;
	case 9:
		return !response && is(name, ":protocol") ? &b->protocol : NULL;
	case 10:
		return !response && is(name, ":authority") ? &b->authority : NULL;
	}
	return NULL;
}

static void pseudo(struct h2x *x, struct str name, struct str value)
{
	struct h2_block *b = &x->c->block;
	struct str *slot = pseudo_slot(b, name);

	if (!slot || slot->p || b->m->nf || x->phase == H2_TRAILERS) {
		b->bad = true;
		return;
	}
	*slot = arena_str(x->g.mem, value);
}

static bool value_ok(struct str v)
{
	if (v.n && (http_is_ows(v.p[0]) || http_is_ows(v.p[v.n - 1])))
		return false;
	return http_value_ok(v);
}

static bool name_ok(struct str n)
{
	for (size_t i = 0; i < n.n; i++)
		if (http_lower[(unsigned char)n.p[i]] != (unsigned char)n.p[i] || !n.p[i])
			return false;
	return n.n > 0 && n.n < UINT16_MAX;
}

/* Crumbs become one field again (RFC 9113 section 8.2.3). */
static void crumb(struct h2x *x, struct str value)
{
	struct msg *m = x->c->block.m;
	int i = msg_find_id(m, FIELD_COOKIE, 0);

	if (i < 0)
		msg_add_id(m, FIELD_COOKIE, arena_str(m->mem, value));
	else
		msg_set_value(m, i,
			      arena_printf(m->mem, "%.*s; %.*s", STR_ARG(field_value_str(&m->f[i])), STR_ARG(value)));
}

static void length(struct h2x *x, struct str value)
{
	uint64_t n;

	if (!framing_length(value, &n) || (x->want != UINT64_MAX && x->want != n)) {
		x->c->block.bad = true;
		return;
	}
	if (x->want == UINT64_MAX)
		msg_add_id(x->c->block.m, FIELD_CONTENT_LENGTH, arena_str(x->g.mem, value));
	x->want = n;
}

void h2_field(struct h2x *x, struct str name, struct str value)
{
	struct h2_block *b = &x->c->block;
	enum field_id id;

	if (b->bad)
		return;
	if (name.n && name.p[0] == ':') {
		pseudo(x, name, value);
		return;
	}
	id = field_id(name);
	if ((id == FIELD_OTHER && !name_ok(name)) || !value_ok(value)) {
		b->bad = true;
		return;
	}
	switch (id) {
	case FIELD_CONNECTION:
	case FIELD_KEEP_ALIVE:
	case FIELD_PROXY_CONNECTION:
	case FIELD_TRANSFER_ENCODING:
	case FIELD_UPGRADE:
		b->bad = true;
		return;
	case FIELD_TE:
		if (!str_ieq(value, STR("trailers")))
			b->bad = true;
		break;
	case FIELD_CONTENT_LENGTH:
		if (x->phase != H2_TRAILERS)
			length(x, value);
		return;
	case FIELD_COOKIE:
		if (!b->m->is_response) {
			crumb(x, value);
			return;
		}
		break;
	default:
		break;
	}
	msg_add_read(b->m, id, name, value);
}

/* --- requests in --- */

static bool refuse(struct h2x *x, int status, const char *reason)
{
	x->c->block.bad_status = (uint16_t)status;
	x->g.bad_reason = reason;
	return false;
}

/* One Host for the rules: the authority's, which beats the field. */
static void host_from_authority(struct msg *m)
{
	int i = msg_find_id(m, FIELD_HOST, 0);

	if (!m->authority.n) {
		if (i >= 0)
			m->authority = field_value_str(&m->f[i]);
		return;
	}
	if (i < 0) {
		msg_add_id(m, FIELD_HOST, m->authority);
		return;
	}
	msg_set_value(m, i, m->authority);
	while ((i = msg_find_id(m, FIELD_HOST, i + 1)) >= 0)
		msg_del_at(m, i);
}

static bool connect_request(const struct h2_block *b, struct msg *m)
{
	struct authority a;

	if (b->scheme.p || b->path.p || !authority_split(b->authority, &a) || !a.port.n)
		return false;
	m->form = TARGET_AUTHORITY;
	m->authority = b->authority;
	return true;
}

/* Extended CONNECT is what Upgrade is in HTTP/1: rules see the GET that it stands for. */
static bool extended_connect(struct h2x *x, struct msg *m)
{
	const struct h2_block *b = &x->c->block;

	if (!str_ieq(b->protocol, STR("websocket")))
		return false;
	x->connect = true;
	m->method = METHOD_GET;
	m->method_text = STR("GET");
	m->protocol = b->protocol;
	m->flags |= MSG_UPGRADE | MSG_WEBSOCKET;
	return true;
}

static bool path_ok(struct str path, const struct msg *m)
{
	if (str_eq(path, STR("*")))
		return m->method == METHOD_OPTIONS;
	return path.n && path.p[0] == '/' && http_all(path, CH_TARGET);
}

static bool authority_ok(struct str a)
{
	struct authority parts;

	return !a.n || (authority_split(a, &parts) && !parts.has_at);
}

static bool plain_target(const struct h2_block *b, struct msg *m)
{
	if (!b->path.p || !b->scheme.p || !path_ok(b->path, m) || !authority_ok(b->authority))
		return false;
	m->form = str_eq(b->path, STR("*")) ? TARGET_ASTERISK : TARGET_ABSOLUTE;
	m->scheme = b->scheme;
	m->authority = b->authority;
	m->path = b->path;
	return true;
}

bool h2_request_done(struct h2x *x, bool end)
{
	struct h2_block *b = &x->c->block;
	struct msg *m = b->m;

	if (b->bad || !b->method.p)
		return false;
	if (!http_all_token(b->method))
		return refuse(x, 400, "h2-bad-method");
	if (str_eq(b->method, STR("PRI")))
		return refuse(x, 400, "h2-pri-method");
	if (b->scheme.p &&
	    !(b->scheme.n && http_is_alpha((unsigned char)b->scheme.p[0]) && http_all(b->scheme, CH_SCHEME)))
		return refuse(x, 400, "h2-bad-scheme");
	m->method = (uint8_t)method_find(b->method);
	m->method_text = b->method;
	if (b->protocol.p && (m->method != METHOD_CONNECT || !extended_connect(x, m)))
		return false;
	if (m->method == METHOD_CONNECT ? !connect_request(b, m) : !plain_target(b, m))
		return false;
	host_from_authority(m);
	if (m->form == TARGET_ABSOLUTE && !m->authority.n)
		m->form = TARGET_ORIGIN;
	m->flags |= MSG_KEEP_ALIVE;
	m->body = end || x->connect || m->method == METHOD_CONNECT ? BODY_NONE
		  : x->want != UINT64_MAX                          ? BODY_LENGTH
								   : BODY_CHUNKED;
	if (x->want != UINT64_MAX) {
		m->flags |= MSG_HAS_LENGTH;
		m->body_len = x->want;
	}
	if (msg_has_token(m, FIELD_EXPECT, STR("100-continue")))
		m->flags |= MSG_EXPECT_100;
	msg_count_bytes(m);
	hop_request(m);
	return true;
}

/* --- responses in --- */

static bool status_value(struct str s, int *status)
{
	if (s.n != 3 || !http_is_digit((unsigned char)s.p[0]) || !http_is_digit((unsigned char)s.p[1]) ||
	    !http_is_digit((unsigned char)s.p[2]))
		return false;
	*status = (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + s.p[2] - '0';
	return *status >= 100;
}

bool h2_response_done(struct h2x *x, bool end)
{
	struct msg *m = x->c->block.m;
	int status;

	if (x->c->block.bad || !status_value(x->c->block.status, &status) || status == 101) {
		x->g.bad_reason = "h2-bad-response-head";
		return false;
	}
	m->status = (uint16_t)status;
	m->reason = status_reason(status);
	msg_count_bytes(m);
	m->flags |= MSG_KEEP_ALIVE;
	if (x->connect && status / 100 == 2 && !end) {
		m->status = 101;
		m->reason = status_reason(101);
		m->protocol = STR("websocket");
		m->flags |= MSG_UPGRADE | MSG_WEBSOCKET;
		m->body = BODY_TUNNEL;
		x->g.flags |= GATE_TUNNEL;
		x->g.flags &= ~(uint32_t)(OUT_END | OUT_DONE);
		return true;
	}
	if (x->tunnel_asked && status / 100 == 2) {
		m->body = BODY_TUNNEL;
		x->g.flags |= GATE_TUNNEL;
		x->g.flags &= ~(uint32_t)(OUT_END | OUT_DONE);
		return true;
	}
	m->body = end || x->head_request ? BODY_NONE : x->want != UINT64_MAX ? BODY_LENGTH : BODY_CHUNKED;
	if (x->want != UINT64_MAX) {
		m->flags |= MSG_HAS_LENGTH;
		m->body_len = x->want;
	}
	if (status < 200)
		x->want = UINT64_MAX;
	hop_response(m);
	return true;
}

bool h2_trailers_done(struct h2x *x)
{
	struct msg *to = x->g.in_msg, *t = x->c->block.m;
	int n = 0;

	if (x->c->block.bad || !to)
		return false;
	to->trailers = arena_array(x->g.mem, struct field, (size_t)t->nf + 1);
	for (int i = 0; i < t->nf; i++)
		if (framing_trailer_ok(&t->f[i]))
			to->trailers[n++] = t->f[i];
	to->ntrailers = (uint16_t)n;
	return true;
}

/* --- fields out --- */

nghttp2_nv h2_nv(struct str name, struct str value, uint8_t flags)
{
	return (nghttp2_nv){ (uint8_t *)name.p, (uint8_t *)value.p, name.n, value.n, flags };
}

static bool leaves(const struct field *f, const struct msg *m)
{
	if (f->flags & FIELD_F_DELETED)
		return false;
	switch (f->id) {
	case FIELD_CONNECTION:
	case FIELD_KEEP_ALIVE:
	case FIELD_PROXY_CONNECTION:
	case FIELD_TRANSFER_ENCODING:
	case FIELD_UPGRADE:
	case FIELD_HTTP2_SETTINGS:
		return false;
	case FIELD_HOST:
		return m->is_response;
	case FIELD_TE:
		return str_ieq(field_value_str(f), STR("trailers"));
	case FIELD_SEC_WEBSOCKET_KEY:
	case FIELD_SEC_WEBSOCKET_ACCEPT:
		return !(m->flags & MSG_WEBSOCKET) && m->status != 101;
	default:
		return true;
	}
}

void h2_nvs_get(struct h2_nvs *nvs, const struct msg *m, size_t n)
{
	nvs->n = n;
	nvs->cap = n + m->nf;
	nvs->v = nvs->cap <= ARRAY_LEN(nvs->few) ? nvs->few : pool_get(nvs->cap * sizeof(*nvs->v));
}

void h2_nvs_put(struct h2_nvs *nvs)
{
	if (nvs->v != nvs->few)
		pool_put(nvs->v, nvs->cap * sizeof(*nvs->v));
}

void h2_fields(struct h2_nvs *nvs, const struct msg *m, uint8_t flags)
{
	for (int i = 0; i < m->nf; i++)
		if (leaves(&m->f[i], m))
			nvs->v[nvs->n++] = h2_nv(field_name_str(&m->f[i]), field_value_str(&m->f[i]), flags);
}
