/* Send steps: bytes, and requests of HTTP checks. */
#include "check_priv.h"

#include <unistd.h>
#include "weir/base/enc.h"
#include "weir/live/live.h"

enum step_result chk_flush(struct check *c)
{
	struct iovec iov;
	ssize_t n;

	while (c->sent < c->out.n) {
		iov = (struct iovec){ (char *)c->out.p + c->sent, c->out.n - c->sent };
		n = conn_sendv(c->conn, &iov, 1, false);
		if (n == IO_AGAIN)
			return STEP_WAIT;
		if (n <= 0) {
			chk_end_conn(c, false, CERR_NONE, 0);
			return STEP_OVER;
		}
		c->sent += (size_t)n;
	}
	c->out = STR_NONE;
	return STEP_NEXT;
}

static enum step_result send_failed(struct check *c, const struct chk_step *s, const char *what)
{
	chk_end(c, CHK_L7RSP, arena_printf(&c->mem, "tcp-check send : failed to build %s at step %d", what, s->number));
	return STEP_OVER;
}

/* --- tcp-check send --- */

static bool from_hex(struct check *c, struct str *s)
{
	struct sbuf b = sbuf_grow();
	bool ok = hex_dec(&b, *s);

	if (ok)
		*s = arena_str(&c->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return ok;
}

enum step_result chk_step_send(struct check *c, const struct chk_step *s)
{
	if (c->out.p)
		return chk_flush(c);
	chk_forget_input(c);
	c->code = 0;
	c->out = chk_text(c, &s->send.text);
	if (s->send.hex && !from_hex(c, &c->out))
		return send_failed(c, s, "log-format string");
	c->sent = 0;
	return c->out.n ? chk_flush(c) : STEP_NEXT;
}

/* --- http-check send --- */

/* A weight in the units of the configuration. */
static int shown(int weight)
{
	return (weight + LB_SCALE - 1) / LB_SCALE;
}

/* "UP 1/3; address=...": for servers that want to know how they are seen. */
static struct str state_text(struct check *c)
{
	const struct srv *s = c->srv;
	const struct px_live *p = s->px;
	char ip[ADDR_TEXT_MAX], up[64];
	const char *state = srv_state_text(s, up);
	struct str node = s->line->proxy->conf->global.node;
	char host[256];

	if (!node.n && gethostname(host, sizeof(host)) == 0)
		node = str_c(host);

	return arena_printf(&c->mem,
			    "%s; address=%s; port=%u; name=" STR_FMT "/" STR_FMT "; node=" STR_FMT "; weight=%d/%d; "
			    "scur=%u/%u; qcur=%u",
			    state, addr_ip_text(&s->addr, ip).p, addr_port(&s->addr), STR_ARG(p->name),
			    STR_ARG(s->name), STR_ARG(node), shown(atom_get(&s->eff_weight)),
			    shown((int)atom_get(&p->total_weight)),
			    (unsigned)atom_get(&s->cnt.cur), (unsigned)atom_get(&p->be.cur), atom_get(&p->queued));
}

static void add_fields(struct check *c, const struct chk_request *r, struct msg *m)
{
	for (const struct chk_field *f = r->fields; f; f = f->next) {
		struct str v = chk_text(c, &f->value);

		if (v.n)
			msg_add(m, f->name, v);
	}
	if (c->words->send_state || (c->srv->line->check.section && c->srv->line->proxy->check &&
				     ((struct chk_words *)c->srv->line->proxy->check)->send_state))
		msg_add(m, STR("x-haproxy-server-state"), state_text(c));
}

bool chk_request_minor(const struct chk_request *r)
{
	return r->version.n == 8 && (r->version.p[5] > '1' || r->version.p[7] > '0');
}

static void build_msg(struct check *c, const struct chk_request *r, struct str body, struct msg *m)
{
	struct str uri = chk_text(c, &r->uri), tls = STR_NONE;
	struct str method = r->method.n ? r->method : STR("OPTIONS");

	msg_init(m, false, &c->mem);
	m->major = 1;
	m->minor = chk_request_minor(r);
	m->method = method_find(method);
	m->method_text = method;
	m->path = uri.n ? uri : STR("/");
	m->form = str_eqz(m->path, "*") ? TARGET_ASTERISK : TARGET_ORIGIN;
	m->scheme = conn_ask(c->conn, ASK_TLS, &tls) && tls.n ? STR("https") : STR("http");
	add_fields(c, r, m);
	if (body.n)
		msg_add(m, STR("content-length"), arena_printf(&c->mem, "%zu", body.n));
	m->body = body.n ? BODY_LENGTH : BODY_NONE;
	m->body_len = body.n;
}

/* Connection is ours: close, unless the check upgrades. */
static void settle_connection(struct msg *m)
{
	bool upgrade = msg_has_token(m, FIELD_CONNECTION, STR("upgrade"));
	bool keep = msg_has_token(m, FIELD_CONNECTION, STR("keep-alive"));

	if (upgrade)
		return;
	msg_del_id(m, FIELD_CONNECTION);
	if (m->minor && !keep)
		msg_add_id(m, FIELD_CONNECTION, STR("close"));
	if (!m->minor && keep)
		msg_add_id(m, FIELD_CONNECTION, STR("keep-alive"));
}

static bool write_request(struct check *c, const struct msg *m, struct str body)
{
	struct sbuf b = sbuf_grow();

	sbuf_printf(&b, STR_FMT " " STR_FMT " HTTP/1.%d\r\n", STR_ARG(m->method_text), STR_ARG(m->path), m->minor);
	for (int i = 0; i < m->nf; i++)
		if (!(m->f[i].flags & FIELD_F_DELETED))
			sbuf_printf(&b, STR_FMT ": " STR_FMT "\r\n", STR_ARG(field_name_str(&m->f[i])),
				    STR_ARG(field_value_str(&m->f[i])));
	sbuf_putz(&b, "\r\n");
	sbuf_puts(&b, body);
	c->out = arena_str(&c->mem, sbuf_str(&b));
	sbuf_fini(&b);
	return true;
}

static bool uri_ok(struct str uri)
{
	for (size_t i = 0; i < uri.n; i++)
		if ((unsigned char)uri.p[i] <= ' ' || uri.p[i] == 127)
			return false;
	return uri.n > 0;
}

enum step_result chk_step_request(struct check *c, const struct chk_step *s)
{
	struct str body, upgrade = STR_NONE;
	struct msg m;
	int i;

	if (c->out.p)
		return chk_flush(c);
	chk_forget_input(c);
	c->code = 0;
	c->sent = 0;
	body = chk_text(c, &s->request.body);
	build_msg(c, &s->request, body, &m);
	if (!uri_ok(m.path))
		return send_failed(c, s, "HTTP request");
	if (c->exchange)
		return chk_exchange_send(c, &m, body);
	settle_connection(&m);
	i = msg_find_id(&m, FIELD_UPGRADE, 0);
	if (i >= 0)
		upgrade = arena_str(&c->mem, field_value_str(&m.f[i]));
	write_request(c, &m, body);
	chk_answer_begin(c, m.method, upgrade);
	return chk_flush(c);
}
